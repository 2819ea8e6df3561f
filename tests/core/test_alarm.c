#include "support/test.h"

#include "core/alarm.h"

#define HOUR_MS INT64_C(3600000)

static const struct wall_ms noon = {INT64_C(1795329000000)}; /* 2026-11-22T06:30:00Z */

static struct notice alarm_of(const char *id)
{
	return (struct notice){
		.id = id,
		.revision = 1,
		.title = "大雨のため避難所を開きます",
		.department = "危機管理課",
		.from = noon,
		.until = {noon.ms + 24 * HOUR_MS},
		.hours = {0x7f, 0, 1440},
		.weight = 1,
		.urgent = true,
		.counts = true,
	};
}

static void alarm_of_three_days_is_fine(void **state)
{
	struct notice notice = alarm_of("emergency-flood");
	struct err err = {0};

	(void)state;
	notice.until.ms = noon.ms + ALARM_MAX_HOURS * HOUR_MS;
	assert_ok(alarm_check(&notice, noon, &err), err);
	notice.until.ms++;
	assert_fails(alarm_check(&notice, noon, &err), err, ERR_INVALID, "until");
	/* Signed again, it may go on. */
	assert_ok(alarm_check(&notice, (struct wall_ms){noon.ms + 1}, &err), err);
}

static void what_is_no_alarm_is_refused_with_the_place(void **state)
{
	static const struct notice_picture picture = {.format = NOTICE_PICTURE_PNG,
						      .width = 64,
						      .height = 64,
						      .bytes = 9,
						      .alt = "x"};
	struct err err = {0};

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct notice notice = alarm_of(i == 0 ? "flood" : "emergency-flood");
		static const char *const parts[] = {"id",    "urgent", "picture",
						    "hours", "hours",  "title"};

		notice.urgent = i != 1;
		notice.picture = i == 2 ? &picture : NULL;
		notice.hours.weekdays = i == 3 ? 0x3e : 0x7f;
		notice.hours.from_minute = i == 4 ? 540 : 0;
		notice.title = i == 5 ? "" : notice.title;
		assert_fails(alarm_check(&notice, noon, &err), err, ERR_INVALID,
			     parts[i]);
	}
}

static void ids_of_alarms_begin_alike(void **state)
{
	(void)state;
	assert_true(alarm_id_is_valid("emergency-flood-2"));
	assert_false(alarm_id_is_valid("emergency"));
	assert_false(alarm_id_is_valid("emergency-"));
	assert_false(alarm_id_is_valid("flood"));
	assert_false(alarm_id_is_valid("emergency-Flood"));
}

static void alarms_are_few_and_differ(void **state)
{
	struct notice notices[ALARMS_MAX + 1];
	char ids[ALARMS_MAX + 1][24];
	struct alarms alarms = {.published = noon, .notices = notices};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i <= ALARMS_MAX; i++) {
		snprintf(ids[i], sizeof(ids[i]), "emergency-%zu", i);
		notices[i] = alarm_of(ids[i]);
	}
	assert_ok(alarms_check(&alarms, &err), err);
	alarms.notice_count = ALARMS_MAX;
	assert_ok(alarms_check(&alarms, &err), err);
	assert_ptr_equal(alarms_find(&alarms, "emergency-3"), &notices[3]);
	assert_null(alarms_find(&alarms, "emergency-8"));
	alarms.notice_count = ALARMS_MAX + 1;
	assert_fails(alarms_check(&alarms, &err), err, ERR_INVALID, "at most 8");
	alarms.notice_count = 2;
	notices[1].id = notices[0].id;
	assert_fails(alarms_check(&alarms, &err), err, ERR_INVALID, "two have the id");
	notices[1] = alarm_of("flood");
	assert_fails(alarms_check(&alarms, &err), err, ERR_INVALID, "notices[1].id");
	alarms.published.ms = 0;
	assert_fails(alarms_check(&alarms, &err), err, ERR_INVALID, "published");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alarm_of_three_days_is_fine),
		cmocka_unit_test(what_is_no_alarm_is_refused_with_the_place),
		cmocka_unit_test(ids_of_alarms_begin_alike),
		cmocka_unit_test(alarms_are_few_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
