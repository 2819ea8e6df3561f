/* What staff read of a screen, from the city's answer. */
#include "ctl/screen.h"

#include "support/test.h"
#include "wire/json.h"

#define AT   INT64_C(1795328940000) /* 2026-11-22 15:29 in Japan */
#define HOUR INT64_C(3600000)

static struct screen_view sample(void)
{
	return (struct screen_view){
		.id = "tanashi-1",
		.place = "田無駅前",
		.state = "enrolled",
		.counts = true,
		.enrolled = {AT - 24 * HOUR},
		.timestamp = 9,
		.reported = true,
		.received = {AT},
		.heard = {AT},
		.health =
			{
				.every = {60000},
				.at = {AT},
				.synchronised = true,
				.timestamp_version = 9,
				.set_age = {3 * HOUR + 300000},
				.has_frame = true,
				.disk_free = INT64_C(8000000000),
				.disk_total = INT64_C(32000000000),
			},
	};
}

#define assert_words(function, argument, expected)                                       \
	do {                                                                             \
		char words[SCREEN_WORDS];                                                \
                                                                                         \
		function(argument, words);                                               \
		assert_string_equal(words, expected);                                    \
	} while (0)

static void set_is_newest_behind_or_past_its_end(void **state)
{
	struct screen_view view = sample();

	(void)state;
	assert_words(screen_set_words, &view, "最新");
	view.timestamp = 11;
	assert_words(screen_set_words, &view, "2版前（3時間5分前）");
	view.health.expired = true;
	assert_words(screen_set_words, &view, "期限切れ（3時間5分前）");
	view.health.timestamp_version = 0;
	assert_words(screen_set_words, &view, "未受信");
}

static void clock_is_right_off_or_unset(void **state)
{
	struct screen_view view = sample();

	(void)state;
	assert_words(screen_clock_words, &view, "正常");
	view.health.at.ms = AT - 2 * HOUR;
	assert_words(screen_clock_words, &view, "2時間0分遅れ");
	view.health.at.ms = AT + 600000;
	assert_words(screen_clock_words, &view, "10分進み");
	view.health.synchronised = false;
	assert_words(screen_clock_words, &view, "未同期");
}

static void silence_is_told_with_its_beginning(void **state)
{
	struct screen_view view = sample();

	(void)state;
	assert_words(screen_contact_words, &view, "2026-11-22 15:29");
	view.alarms = 1U << HEALTH_SILENT;
	assert_words(screen_contact_words, &view, "連絡なし（2026-11-22 15:29から）");
	/* The courier was heard an hour later: it is the display that is silent. */
	view.heard.ms = AT + HOUR;
	assert_words(screen_contact_words, &view,
		     "表示の報告なし（2026-11-22 15:29から、通信は2026-11-22 16:29）");
	view.reported = false;
	assert_words(screen_contact_words, &view,
		     "連絡なし（登録した2026-11-21 15:29から）");
	view.alarms = 0;
	assert_words(screen_contact_words, &view, "–");
}

static void figures_have_units_and_what_is_unknown_a_dash(void **state)
{
	struct health health = sample().health;

	(void)state;
	assert_words(screen_disk_words, &health, "8.0GB（25%）");
	assert_words(screen_heat_words, &health, "–");
	health.disk_total = 0;
	assert_words(screen_disk_words, &health, "–");
	health.has_temperature = true;
	health.millidegrees = 61400;
	assert_words(screen_heat_words, &health, "61℃");
	assert_words(screen_span_words, ((struct span_ms){59999}), "59秒");
	assert_words(screen_span_words, ((struct span_ms){49 * HOUR}), "2日");
	assert_words(screen_moment_words, ((struct wall_ms){0}), "–");
}

static void alarms_are_all_named(void **state)
{
	(void)state;
	assert_words(screen_alarm_words, 0, "なし");
	assert_words(screen_alarm_words, 1U << HEALTH_DISK | 1U << HEALTH_CLOCK,
		     "時計、空き容量");
	assert_words(
		screen_alarm_words, (1U << HEALTH_ALARMS) - 1,
		"連絡なし、期限切れ、設定が古い、時計、消灯、描画が止まった、空き容量、"
		"高温、放映記録の欠落");
}

static bool read_text(const char *text, struct screen_view *out, struct err *err)
{
	struct json_doc *doc = json_parse("screen", text, strlen(text), 4096, err);
	struct json_node root;
	bool fine =
		doc && json_root(doc, &root, err) && screen_view_read(&root, 9, out, err);

	json_doc_free(doc);
	return fine;
}

#define SCREEN                                                                           \
	"{\"id\":\"a\",\"place\":\"b\",\"state\":\"enrolled\",\"counts\":true,"          \
	"\"last_upload\":null,\"missing\":3,\"quarantined\":1,"

static void plays_that_are_missing_or_in_quarantine_are_told_with_the_upload(void **state)
{
	struct screen_view view;
	char words[SCREEN_WORDS];
	struct err err = {0};

	(void)state;
	assert_ok(read_text(SCREEN "\"alarms\":[],\"health\":null}", &view, &err), err);
	screen_upload_words(&view, words);
	assert_non_null(strstr(words, "（未着 3、検疫 1）"));
	view.missing = view.quarantined = 0;
	screen_upload_words(&view, words);
	assert_null(strstr(words, "未着"));
}

static void answer_of_a_hijacked_server_is_read_with_care(void **state)
{
	struct screen_view view;
	struct err err = {0};

	(void)state;
	assert_ok(read_text(SCREEN "\"alarms\":[\"disk\",\"newer\"],\"health\":null}",
			    &view, &err),
		  err);
	assert_int_equal(view.alarms, 1U << HEALTH_DISK);
	assert_false(view.reported);
	assert_fails(read_text(SCREEN "\"alarms\":7,\"health\":null}", &view, &err), err,
		     ERR_INVALID, "alarms");
	assert_fails(read_text(SCREEN "\"alarms\":[],\"health\":{\"received\":\"now\"}}",
			       &view, &err),
		     err, ERR_INVALID, "health.received");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_is_newest_behind_or_past_its_end),
		cmocka_unit_test(clock_is_right_off_or_unset),
		cmocka_unit_test(silence_is_told_with_its_beginning),
		cmocka_unit_test(figures_have_units_and_what_is_unknown_a_dash),
		cmocka_unit_test(alarms_are_all_named),
		cmocka_unit_test(
			plays_that_are_missing_or_in_quarantine_are_told_with_the_upload),
		cmocka_unit_test(answer_of_a_hijacked_server_is_read_with_care),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
