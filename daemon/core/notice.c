#include "core/notice.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/ruby.h"
#include "core/utf8.h"

#define MINUTE_MS       INT64_C(60000)
#define DAY_MINUTES     1440
#define DAY_MS          (DAY_MINUTES * MINUTE_MS)
#define JST_MS          (9 * 60 * MINUTE_MS)
#define EVERY_DAY       0x7fU
#define WEEK_DAYS       7
#define THURSDAY        4 /* 1970-01-01 */
#define REVISION_MAX    INT64_C(1000000000)
#define WALL_IS_OUTSIDE "expected a time in the years 2000 to 2199"

const char *notice_language_name(enum notice_language language)
{
	switch (language) {
	case NOTICE_JA_EASY:
		return "ja-easy";
	case NOTICE_EN:
		return "en";
	case NOTICE_ZH:
		return "zh";
	case NOTICE_KO:
		return "ko";
	}
	return "";
}

bool notice_language_has_ruby(enum notice_language language)
{
	return language == NOTICE_JA_EASY;
}

void notice_media_path(const struct notice_picture *picture,
		       char out[static NOTICE_MEDIA_PATH_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	char hex[2 * NOTICE_HASH_SIZE + 1] = "";

	for (size_t i = 0; i < NOTICE_HASH_SIZE; i++) {
		hex[2 * i] = digits[picture->sha256[i] >> 4];
		hex[2 * i + 1] = digits[picture->sha256[i] & 15];
	}
	snprintf(out, NOTICE_MEDIA_PATH_SIZE, "media/%s%s", hex,
		 picture->format == NOTICE_PICTURE_PNG ? ".png" : ".jpg");
}

/* --- Checks ------------------------------------------------------------------------------ */

bool notice_id_is_valid(const char *id)
{
	size_t len = strlen(id);

	if (len == 0 || len > NOTICE_ID_MAX || id[0] == '-' || id[len - 1] == '-')
		return false;
	return strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

/* A text of 1–@max characters that shows something; @lines: may have more than one. */
static bool check_text(const char *field, const char *text, size_t max, bool lines,
		       struct err *err)
{
	size_t count;

	if (!text)
		return err_set(err, ERR_INVALID, "%s: is missing", field);
	if (!utf8_is_valid(text))
		return err_set(err, ERR_INVALID, "%s: is not valid UTF-8", field);
	count = utf8_count(text);
	if (count > max)
		return err_set(err, ERR_INVALID,
			       "%s: has %zu characters, at most %zu fit", field, count,
			       max);
	if (utf8_count_readable(text) == 0)
		return err_set(err, ERR_INVALID, "%s: is blank", field);
	if (utf8_has_control(text))
		return err_set(err, ERR_INVALID, "%s: holds a control character", field);
	if (!lines && strchr(text, '\n'))
		return err_set(err, ERR_INVALID, "%s: must be a single line", field);
	return true;
}

static bool check_optional(const char *field, const char *text, size_t max, bool lines,
			   struct err *err)
{
	return !text || check_text(field, text, max, lines, err);
}

/*
 * As check_text(), where @ruby may give readings; what they take when written is not held
 * against the text.
 */
static bool check_ruby(const char *field, const char *text, size_t max, bool lines,
		       bool ruby, struct err *err)
{
	char *plain;
	bool ok;

	if (!ruby || !text)
		return check_text(field, text, max, lines, err);
	if (!check_text(field, text, NOTICE_WRITTEN(max), lines, err))
		return false;
	if (!ruby_check(text, err))
		return err_prefix(err, "%s", field);
	plain = ruby_plain(text);
	if (!plain)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", field);
	ok = check_text(field, plain, max, lines, err);
	free(plain);
	return ok;
}

static bool check_texts(const struct notice *notice, struct err *err)
{
	return check_ruby("title", notice->title, NOTICE_TITLE_MAX, false, true, err) &&
	       (!notice->body ||
		check_ruby("body", notice->body, NOTICE_BODY_MAX, true, true, err)) &&
	       check_text("department", notice->department, NOTICE_DEPARTMENT_MAX, false,
			  err) &&
	       check_optional("category", notice->category, NOTICE_CATEGORY_MAX, false,
			      err) &&
	       check_optional("contact", notice->contact, NOTICE_CONTACT_MAX, false, err);
}

/* RFC 3986: only these ASCII characters stand in a URI; others are percent-encoded. */
static bool check_url(const char *url, struct err *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789-._~:/?#[]@!$&'()*+,;=%";
	static const char scheme[] = "https://";

	if (!url)
		return true;
	if (strlen(url) > NOTICE_URL_MAX)
		return err_set(err, ERR_INVALID,
			       "url: has %zu characters, at most %d fit", strlen(url),
			       NOTICE_URL_MAX);
	if (strncmp(url, scheme, strlen(scheme)) != 0)
		return err_set(err, ERR_INVALID, "url: must start with \"%s\"", scheme);
	if (strspn(url, allowed) != strlen(url))
		return err_set(err, ERR_INVALID,
			       "url: holds a character that must be percent-encoded");
	if (strcspn(url + strlen(scheme), "/?#") == 0)
		return err_set(err, ERR_INVALID, "url: names no host");
	return true;
}

static bool check_facts(const struct notice_fact *facts, size_t count, size_t label_max,
			size_t value_max, bool ruby, struct err *err)
{
	if (count > NOTICE_FACTS_MAX)
		return err_set(err, ERR_INVALID, "facts: has %zu rows, at most %d fit",
			       count, NOTICE_FACTS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (!check_ruby("label", facts[i].label, label_max, false, ruby, err) ||
		    !check_ruby("value", facts[i].value, value_max, false, ruby, err))
			return err_within(err, "facts[%zu]", i);
	}
	return true;
}

/* A path that stays beside the notice's file: a picture is no way to read other folders. */
static bool check_file(const char *file, struct err *err)
{
	if (strlen(file) > NOTICE_FILE_MAX)
		return err_set(err, ERR_INVALID, "file: has %zu bytes, at most %d fit",
			       strlen(file), NOTICE_FILE_MAX);
	if (!check_text("file", file, NOTICE_FILE_MAX, false, err))
		return false;
	if (strchr(file, '/') || file[0] == '.')
		return err_set(err, ERR_INVALID,
			       "file: expected the name of a file beside this one");
	return true;
}

static bool check_picture_side(const char *name, int side, struct err *err)
{
	if (side >= NOTICE_PICTURE_SIDE_MIN && side <= NOTICE_PICTURE_SIDE_MAX)
		return true;
	return err_set(err, ERR_INVALID, "%s: expected %d–%d, got %d", name,
		       NOTICE_PICTURE_SIDE_MIN, NOTICE_PICTURE_SIDE_MAX, side);
}

static bool check_picture(const struct notice_picture *picture, struct err *err)
{
	if (!picture)
		return true;
	if (!check_text("alt", picture->alt, NOTICE_ALT_MAX, false, err))
		return err_within(err, "picture");
	if (picture->file)
		return check_file(picture->file, err) || err_within(err, "picture");
	if (!check_picture_side("width", picture->width, err) ||
	    !check_picture_side("height", picture->height, err))
		return err_within(err, "picture");
	if (picture->bytes < 1 || picture->bytes > NOTICE_PICTURE_BYTES_MAX)
		return err_set(err, ERR_INVALID,
			       "picture.bytes: expected 1–%d, got %" PRId64,
			       NOTICE_PICTURE_BYTES_MAX, picture->bytes);
	return true;
}

static bool check_translation(const struct notice_translation *translation, bool ruby,
			      struct err *err)
{
	return check_ruby("title", translation->title, NOTICE_TRANSLATED_TITLE_MAX, false,
			  ruby, err) &&
	       (!translation->body ||
		check_ruby("body", translation->body, NOTICE_TRANSLATED_BODY_MAX, true,
			   ruby, err)) &&
	       check_optional("department", translation->department,
			      NOTICE_TRANSLATED_DEPARTMENT_MAX, false, err) &&
	       check_facts(translation->facts, translation->fact_count,
			   NOTICE_TRANSLATED_LABEL_MAX, NOTICE_TRANSLATED_VALUE_MAX, ruby,
			   err);
}

static bool check_translations(const struct notice *notice, struct err *err)
{
	for (int i = 0; i < NOTICE_LANGUAGES; i++) {
		enum notice_language language = (enum notice_language)i;

		if (notice->translations[i] &&
		    !check_translation(notice->translations[i],
				       notice_language_has_ruby(language), err))
			return err_within(err, "translations.%s",
					  notice_language_name(language));
	}
	return true;
}

static bool is_wall(struct wall_ms wall)
{
	return wall.ms >= WALL_MS_MIN && wall.ms <= WALL_MS_MAX;
}

static bool check_validity(const struct notice *notice, struct err *err)
{
	char from[WALL_TEXT_SIZE];

	if (!is_wall(notice->from))
		return err_set(err, ERR_INVALID, "from: " WALL_IS_OUTSIDE);
	if (!is_wall(notice->until))
		return err_set(err, ERR_INVALID, "until: " WALL_IS_OUTSIDE);
	wall_format_jst(notice->from, from);
	if (notice->until.ms == notice->from.ms)
		return err_set(err, ERR_INVALID,
			       "until: is the same instant as from (%s), so the notice "
			       "would never show",
			       from);
	if (notice->until.ms < notice->from.ms)
		return err_set(err, ERR_INVALID, "until: is before from (%s)", from);
	if (notice->until.ms - notice->from.ms > NOTICE_SPAN_MAX_DAYS * DAY_MS)
		return err_set(err, ERR_INVALID,
			       "until: is more than %d days after from (%s)",
			       NOTICE_SPAN_MAX_DAYS, from);
	return true;
}

static bool check_hours(const struct notice_hours *hours, struct err *err)
{
	if (hours->weekdays == 0 || hours->weekdays > EVERY_DAY)
		return err_set(err, ERR_INVALID,
			       "hours.weekdays: names no day of the week");
	if (hours->from_minute < 0 || hours->from_minute >= DAY_MINUTES)
		return err_set(err, ERR_INVALID, "hours.from: expected 00:00–23:59");
	if (hours->until_minute < 1 || hours->until_minute > DAY_MINUTES)
		return err_set(
			err, ERR_INVALID,
			"hours.until: expected 00:01–24:00; midnight is 24:00 here");
	return true;
}

static bool check_screens(const struct notice *notice, struct err *err)
{
	if (!notice->screens)
		return true;
	if (notice->screen_count == 0 || notice->screen_count > NOTICE_SCREENS_MAX)
		return err_set(err, ERR_INVALID,
			       "screens: expected 1–%d, got %zu; leave it out for all",
			       NOTICE_SCREENS_MAX, notice->screen_count);
	for (size_t i = 0; i < notice->screen_count; i++) {
		if (!notice_id_is_valid(notice->screens[i]))
			return err_set(
				err, ERR_INVALID,
				"screens[%zu]: expected 1–%d of a–z, 0–9 and inner "
				"hyphens",
				i, SCREEN_ID_MAX);
		for (size_t j = 0; j < i; j++)
			if (strcmp(notice->screens[i], notice->screens[j]) == 0)
				return err_set(err, ERR_INVALID,
					       "screens[%zu]: is that of screens[%zu]", i,
					       j);
	}
	return true;
}

static bool check_numbers(const struct notice *notice, struct err *err)
{
	if (notice->revision < 1 || notice->revision > REVISION_MAX)
		return err_set(err, ERR_INVALID,
			       "revision: expected 1–%" PRId64 ", got %" PRId64,
			       REVISION_MAX, notice->revision);
	if (notice->weight < 1 || notice->weight > NOTICE_WEIGHT_MAX)
		return err_set(err, ERR_INVALID, "weight: expected 1–%d, got %d",
			       NOTICE_WEIGHT_MAX, notice->weight);
	if (notice->dwell_s != 0 && (notice->dwell_s < NOTICE_DWELL_MIN_S ||
				     notice->dwell_s > NOTICE_DWELL_MAX_S))
		return err_set(
			err, ERR_INVALID,
			"dwell_s: expected %d–%d, or 0 for the text's own time, got %d",
			NOTICE_DWELL_MIN_S, NOTICE_DWELL_MAX_S, notice->dwell_s);
	if (notice->sample && notice->counts)
		return err_set(err, ERR_INVALID,
			       "counts: a sample never counts; leave out one of the two");
	return true;
}

bool notice_check(const struct notice *notice, struct err *err)
{
	if (!notice->id || !notice_id_is_valid(notice->id))
		return err_set(err, ERR_INVALID,
			       "id: expected 1–%d of a–z, 0–9 and inner hyphens",
			       NOTICE_ID_MAX);
	return check_texts(notice, err) && check_url(notice->url, err) &&
	       check_facts(notice->facts, notice->fact_count, NOTICE_LABEL_MAX,
			   NOTICE_VALUE_MAX, true, err) &&
	       check_picture(notice->picture, err) && check_translations(notice, err) &&
	       check_validity(notice, err) && check_hours(&notice->hours, err) &&
	       check_numbers(notice, err) && check_screens(notice, err);
}

/* --- When it may be shown ---------------------------------------------------------------- */

/* Days since 1970-01-01 in Japan time. */
static int64_t day_of(struct wall_ms wall)
{
	int64_t local = wall.ms + JST_MS;
	int64_t day = local / DAY_MS;

	return local % DAY_MS < 0 ? day - 1 : day;
}

static struct wall_ms day_start(int64_t day)
{
	return (struct wall_ms){day * DAY_MS - JST_MS};
}

static bool has_weekday(const struct notice_hours *hours, int64_t day)
{
	int64_t weekday = ((day + THURSDAY) % WEEK_DAYS + WEEK_DAYS) % WEEK_DAYS;

	return hours->weekdays & 1U << weekday;
}

/* The window that starts on @day; it may end on the next. */
static void window_of(const struct notice_hours *hours, int64_t day,
		      struct wall_ms *out_start, struct wall_ms *out_end)
{
	int64_t start = day_start(day).ms;
	int until = hours->until_minute;

	if (until <= hours->from_minute)
		until += DAY_MINUTES;
	out_start->ms = start + hours->from_minute * MINUTE_MS;
	out_end->ms = start + until * MINUTE_MS;
}

static bool is_within_hours(const struct notice_hours *hours, struct wall_ms wall)
{
	int64_t today = day_of(wall);

	/* Yesterday's window may reach past midnight. */
	for (int64_t day = today - 1; day <= today; day++) {
		struct wall_ms start, end;

		window_of(hours, day, &start, &end);
		if (has_weekday(hours, day) && wall.ms >= start.ms && wall.ms < end.ms)
			return true;
	}
	return false;
}

static bool is_for_screen(const struct notice *notice, const char *screen_id)
{
	if (!notice->screens)
		return true;
	for (size_t i = 0; i < notice->screen_count; i++)
		if (strcmp(notice->screens[i], screen_id) == 0)
			return true;
	return false;
}

bool notice_is_due(const struct notice *notice, const char *screen_id,
		   struct wall_ms wall)
{
	return wall.ms >= notice->from.ms && wall.ms < notice->until.ms &&
	       is_for_screen(notice, screen_id) && is_within_hours(&notice->hours, wall);
}

bool notice_next_change(const struct notice *notice, const char *screen_id,
			struct wall_ms wall, struct wall_ms *out)
{
	bool due = notice_is_due(notice, screen_id, wall);
	/* From here on hours matter: before, the notice is not due anyway. */
	struct wall_ms start = wall.ms > notice->from.ms ? wall : notice->from;
	int64_t today = day_of(start);
	struct wall_ms earliest = notice->until;

	if (wall.ms >= notice->until.ms || !is_for_screen(notice, screen_id))
		return false;
	if (!due && wall.ms < notice->from.ms &&
	    notice_is_due(notice, screen_id, notice->from)) {
		*out = notice->from;
		return true;
	}

	/*
	 * Due changes only at the edge of a window, and windows repeat weekly: an edge that
	 * does not come within eight days (one for a window past midnight) never comes.
	 */
	for (int64_t day = today - 1; day <= today + WEEK_DAYS + 1; day++) {
		struct wall_ms edges[2];

		if (!has_weekday(&notice->hours, day))
			continue;
		window_of(&notice->hours, day, &edges[0], &edges[1]);
		for (int i = 0; i < 2; i++)
			if (edges[i].ms > start.ms && edges[i].ms < earliest.ms &&
			    notice_is_due(notice, screen_id, edges[i]) != due)
				earliest = edges[i];
	}
	/* A notice that is not due and gets no window before its end stays so. */
	if (!due && earliest.ms == notice->until.ms)
		return false;
	*out = earliest;
	return true;
}
