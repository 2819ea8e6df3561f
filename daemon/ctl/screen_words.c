/* What the city tells of a screen, read and put into the words of staff. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "ctl/screen.h"
#include "wire/json.h"

#define PLACE_MAX     200
#define STATE_LEN_MAX 16
#define ALARMS_MAX    64 /* a newer city may know more of them */
#define NAME_MAX_LEN  40
#define SECOND_MS     INT64_C(1000)
#define MINUTE_MS     (60 * SECOND_MS)
#define HOUR_MS       (60 * MINUTE_MS)
#define DAY_MS        (24 * HOUR_MS)
#define NONE          "–"

/* --- reading ------------------------------------------------------------------------- */

/* Consumes a time that may be null or missing. */
static bool get_time(struct json_node *object, const char *key, struct wall_ms *out,
		     struct err *err)
{
	out->ms = 0;
	return !json_is_string(json_object_get(object->value, key)) ||
	       json_get_time(object, key, out, err);
}

static bool read_alarms(struct json_node *object, unsigned *out, struct err *err)
{
	struct json_node alarms;
	const char *name;
	size_t count;

	*out = 0;
	if (!json_get_array(object, "alarms", ALARMS_MAX, &alarms, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!json_item_string(&alarms, i, NAME_MAX_LEN, &name, err))
			return false;
		for (unsigned k = 0; k < HEALTH_ALARMS; k++)
			if (strcmp(name, health_alarm_name((enum health_alarm)k)) == 0)
				*out |= 1U << k;
	}
	return true;
}

static bool read_health(struct json_node *object, struct screen_view *out,
			struct err *err)
{
	struct json_node health, report, courier;

	out->reported = json_is_object(json_object_get(object->value, "health"));
	return !out->reported ||
	       (json_get_object(object, "health", &health, err) &&
		json_get_time(&health, "received", &out->received, err) &&
		json_get_time(&health, "heard", &out->heard, err) &&
		json_get_object(&health, "report", &report, err) &&
		health_read(&report, &out->health, err) &&
		json_get_object(&health, "courier", &courier, err) &&
		health_courier_read(&courier, &out->courier, err));
}

bool screen_view_read(struct json_node *object, int64_t timestamp,
		      struct screen_view *out, struct err *err)
{
	struct screen_view view = {.timestamp = timestamp};

	if (!json_get_string(object, "id", SCREEN_ID_MAX, &view.id, err) ||
	    !json_get_string(object, "place", PLACE_MAX, &view.place, err) ||
	    !json_get_string(object, "state", STATE_LEN_MAX, &view.state, err) ||
	    !json_get_bool(object, "counts", &view.counts, err) ||
	    !get_time(object, "enrolled", &view.enrolled, err) ||
	    !get_time(object, "last_upload", &view.last_upload, err) ||
	    !json_get_int(object, "missing", 0, INT64_MAX, &view.missing, err) ||
	    !json_get_int(object, "quarantined", 0, INT64_MAX, &view.quarantined, err) ||
	    !read_alarms(object, &view.alarms, err) || !read_health(object, &view, err))
		return false;
	*out = view;
	return true;
}

/* --- words --------------------------------------------------------------------------- */

const char *screen_state_words(const char *state)
{
	if (strcmp(state, "expected") == 0)
		return "登録待ち";
	if (strcmp(state, "enrolled") == 0)
		return "登録済み";
	if (strcmp(state, "revoked") == 0)
		return "失効";
	return state;
}

const char *screen_output_words(enum play_output output)
{
	switch (output) {
	case PLAY_OUTPUT_ON:
		return "点灯";
	case PLAY_OUTPUT_OFF:
		return "消灯";
	case PLAY_OUTPUT_UNKNOWN:
		return "不明";
	case PLAY_OUTPUT_BLACK:
		return "真っ黒";
	}
	return NONE;
}

void screen_moment_words(struct wall_ms at, char out[static SCREEN_WORDS])
{
	struct civil civil;

	snprintf(out, SCREEN_WORDS, NONE);
	if (at.ms < WALL_MS_MIN || at.ms > WALL_MS_MAX)
		return;
	civil = civil_from_wall_jst(at);
	snprintf(out, SCREEN_WORDS, "%04d-%02d-%02d %02d:%02d", civil.year, civil.month,
		 civil.day, civil.hour, civil.minute);
}

void screen_span_words(struct span_ms span, char out[static SCREEN_WORDS])
{
	int64_t ms = span.ms;

	if (ms < MINUTE_MS)
		snprintf(out, SCREEN_WORDS, "%" PRId64 "秒", ms / SECOND_MS);
	else if (ms < HOUR_MS)
		snprintf(out, SCREEN_WORDS, "%" PRId64 "分", ms / MINUTE_MS);
	else if (ms < 2 * DAY_MS)
		snprintf(out, SCREEN_WORDS, "%" PRId64 "時間%" PRId64 "分", ms / HOUR_MS,
			 ms % HOUR_MS / MINUTE_MS);
	else
		snprintf(out, SCREEN_WORDS, "%" PRId64 "日", ms / DAY_MS);
}

void screen_set_words(const struct screen_view *view, char out[static SCREEN_WORDS])
{
	const struct health *health = &view->health;
	char age[SCREEN_WORDS];

	screen_span_words(health->set_age, age);
	if (health->timestamp_version == 0)
		snprintf(out, SCREEN_WORDS, "未受信");
	else if (health->expired)
		snprintf(out, SCREEN_WORDS, "期限切れ（%.60s前）", age);
	else if (health->timestamp_version >= view->timestamp)
		snprintf(out, SCREEN_WORDS, "最新");
	else
		snprintf(out, SCREEN_WORDS, "%" PRId64 "版前（%.60s前）",
			 view->timestamp - health->timestamp_version, age);
}

void screen_clock_words(const struct screen_view *view, char out[static SCREEN_WORDS])
{
	const struct health *health = &view->health;
	int64_t off = health->at.ms - view->received.ms;
	char span[SCREEN_WORDS];

	if (!health->synchronised) {
		snprintf(out, SCREEN_WORDS, "未同期");
	} else if (health_alarms(health, view->received) & (1U << HEALTH_CLOCK)) {
		screen_span_words((struct span_ms){off < 0 ? -off : off}, span);
		snprintf(out, SCREEN_WORDS, "%.60s%s", span, off < 0 ? "遅れ" : "進み");
	} else {
		snprintf(out, SCREEN_WORDS, "正常");
	}
}

void screen_disk_words(const struct health *health, char out[static SCREEN_WORDS])
{
	if (health->disk_total == 0)
		snprintf(out, SCREEN_WORDS, NONE);
	else
		snprintf(out, SCREEN_WORDS, "%.1fGB（%.0f%%）",
			 (double)health->disk_free / 1e9,
			 (double)health->disk_free * 100 / (double)health->disk_total);
}

void screen_heat_words(const struct health *health, char out[static SCREEN_WORDS])
{
	if (health->has_temperature)
		snprintf(out, SCREEN_WORDS, "%.0f℃", (double)health->millidegrees / 1000);
	else
		snprintf(out, SCREEN_WORDS, NONE);
}

void screen_frame_words(const struct screen_view *view, char out[static SCREEN_WORDS])
{
	struct wall_ms at = {view->received.ms - view->health.frame_age.ms};

	if (view->health.has_frame)
		screen_moment_words(at, out);
	else
		snprintf(out, SCREEN_WORDS, "なし");
}

void screen_contact_words(const struct screen_view *view, char out[static SCREEN_WORDS])
{
	char since[SCREEN_WORDS], heard[SCREEN_WORDS];

	screen_moment_words(view->reported ? view->received : view->enrolled, since);
	if (!(view->alarms & (1U << HEALTH_SILENT))) {
		snprintf(out, SCREEN_WORDS, "%.60s", view->reported ? since : NONE);
		return;
	}
	screen_moment_words(view->heard, heard);
	/* The courier still runs: it is the display that does not report. */
	if (view->reported &&
	    !health_is_silent(view->received, view->health.every, view->heard))
		snprintf(out, SCREEN_WORDS, "連絡なし（%.60sから）", since);
	else if (view->reported)
		snprintf(out, SCREEN_WORDS, "表示の報告なし（%.60sから、通信は%.60s）",
			 since, heard);
	else
		snprintf(out, SCREEN_WORDS, "連絡なし（登録した%.60sから）", since);
}

void screen_upload_words(const struct screen_view *view, char out[static SCREEN_WORDS])
{
	char moment[SCREEN_WORDS];
	char wrong[64] = "";

	screen_moment_words(view->last_upload, moment);
	if (view->missing > 0 || view->quarantined > 0)
		snprintf(wrong, sizeof(wrong), "（未着 %" PRId64 "、検疫 %" PRId64 "）",
			 view->missing, view->quarantined);
	snprintf(out, SCREEN_WORDS, "%.100s%s", moment, wrong);
}

void screen_alarm_words(unsigned alarms, char out[static SCREEN_WORDS])
{
	static const char *const words[HEALTH_ALARMS] = {
		[HEALTH_SILENT] = "連絡なし",      [HEALTH_EXPIRED] = "期限切れ",
		[HEALTH_STALE] = "設定が古い",     [HEALTH_CLOCK] = "時計",
		[HEALTH_OUTPUT] = "消灯",          [HEALTH_STILL] = "描画が止まった",
		[HEALTH_DISK] = "空き容量",        [HEALTH_TEMPERATURE] = "高温",
		[HEALTH_PLAYS] = "放映記録の欠落",
	};
	size_t len = 0;

	snprintf(out, SCREEN_WORDS, "なし");
	for (unsigned i = 0; i < HEALTH_ALARMS; i++) {
		if (!(alarms & (1U << i)))
			continue;
		len += (size_t)snprintf(out + len, SCREEN_WORDS - len, "%s%s",
					len > 0 ? "、" : "", words[i]);
	}
}
