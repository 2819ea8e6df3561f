#include "support/test.h"

#include "core/programme.h"

static struct notice notices[3];

static struct wall_ms at(const char *text)
{
	struct wall_ms wall = {0};
	struct err err = {0};

	assert_ok(wall_parse(text, &wall, &err), err);
	return wall;
}

static struct programme sample(void)
{
	static const char *const ids[] = {"b", "a", "c"};

	for (size_t i = 0; i < ARRAY_LEN(notices); i++)
		notices[i] = (struct notice){
			.id = ids[i],
			.revision = 1,
			.title = "題名",
			.department = "企画政策課",
			.from = at("2026-11-20T00:00:00+09:00"),
			.until = at("2026-12-20T00:00:00+09:00"),
			.hours = {0x7f, 0, 1440},
			.weight = 1,
		};
	return (struct programme){
		.version = 1,
		.published = at("2026-11-22T15:29:00+09:00"),
		.policy = loop_policy_default,
		.notices = notices,
		.notice_count = ARRAY_LEN(notices),
	};
}

static void assert_refused(const struct programme *programme, const char *sentence)
{
	struct err err = {0};

	assert_fails(programme_check(programme, &err), err, ERR_INVALID, sentence);
	assert_memory_equal(err.text, sentence, strlen(sentence));
}

static void default_policy_is_the_documented_one(void **state)
{
	struct programme programme = sample();
	struct err err = {0};

	(void)state;
	assert_ok(programme_check(&programme, &err), err);
	assert_int_equal(loop_policy_default.notice_weight, 3);
	assert_int_equal(loop_policy_default.plan_weight, 1);
	assert_int_equal(loop_policy_default.longest_wait_s, 1800);
	assert_int_equal(loop_policy_default.fade_ms, 400);
	assert_int_equal(loop_policy_default.dwell_min_s, 8);
	assert_int_equal(loop_policy_default.characters_per_s, 4);
	assert_int_equal(loop_policy_default.theme.dark_from_minute, 19 * 60);
	assert_int_equal(loop_policy_default.theme.dark_until_minute, 6 * 60);
}

static void zeroed_policy_is_refused(void **state)
{
	struct programme programme = sample();

	(void)state;
	programme.policy = (struct loop_policy){0};
	assert_refused(&programme, "policy.notice_weight: expected 1–100, got 0");
}

static void policy_outside_its_ranges_is_refused(void **state)
{
	struct programme programme = sample();

	(void)state;
	programme.policy.plan_weight = 101;
	assert_refused(&programme, "policy.plan_weight: expected 1–100, got 101");
	programme.policy = loop_policy_default;
	programme.policy.longest_wait_s = INT64_C(9999999999999);
	assert_refused(&programme,
		       "policy.longest_wait_s: expected 1–86400, got 9999999999999");
	programme.policy = loop_policy_default;
	programme.policy.fade_ms = -1;
	assert_refused(&programme, "policy.fade_ms: expected 0–2000, got -1");
	programme.policy = loop_policy_default;
	programme.policy.dwell_min_s = 4;
	assert_refused(&programme, "policy.dwell_min_s: expected 5–120, got 4");
	programme.policy = loop_policy_default;
	programme.policy.characters_per_s = 0;
	assert_refused(&programme, "policy.characters_per_s: expected 1–20, got 0");
	programme.policy = loop_policy_default;
	programme.policy.theme.dark_until_minute = 1441;
	assert_refused(&programme, "policy.theme.dark_until: expected 0–1440, got 1441");
}

static void version_and_times_outside_their_ranges_are_refused(void **state)
{
	struct programme programme = sample();

	(void)state;
	programme.version = 0;
	assert_refused(&programme, "version: expected 1–");
	programme = sample();
	programme.published.ms = 0;
	assert_refused(&programme, "published: ");
	programme = sample();
	programme.notice_count = PROGRAMME_NOTICES_MAX + 1;
	assert_refused(&programme, "notices: expected 0–3000, got 3001");
	programme = sample();
	programme.count = (struct programme_count){true, 2026, -1, programme.published};
	assert_refused(&programme, "count.notices: expected 0–");
	/* A count that is not known holds nothing to check. */
	programme.count.known = false;
	assert_true(programme_check(&programme, &(struct err){0}));
}

static void wrong_notice_is_named_with_its_field(void **state)
{
	struct programme programme = sample();

	(void)state;
	notices[2].until = at("2026-11-19T00:00:00+09:00");
	assert_refused(&programme, "notices[2].until: is before from (");
}

static void two_notices_of_one_id_are_refused(void **state)
{
	struct programme programme = sample();

	(void)state;
	notices[2].id = "b";
	assert_refused(&programme, "notices: two have the id \"b\"");
}

static void notices_are_found_by_id(void **state)
{
	struct programme programme = sample();

	(void)state;
	assert_ptr_equal(programme_notice(&programme, "a"), &notices[1]);
	assert_null(programme_notice(&programme, "d"));
	assert_null(programme_free(NULL));
}

static bool is_dark(int from, int until, const char *time_of_day)
{
	const struct theme_hours hours = {from, until};
	char text[WALL_TEXT_SIZE];

	snprintf(text, sizeof(text), "2026-11-22T%s+09:00", time_of_day);
	return theme_is_dark(&hours, at(text));
}

static void theme_is_dark_between_its_hours_in_japan_time(void **state)
{
	(void)state;
	/* Past midnight. */
	assert_false(is_dark(1140, 360, "18:59:59"));
	assert_true(is_dark(1140, 360, "19:00:00"));
	assert_true(is_dark(1140, 360, "00:00:00"));
	assert_true(is_dark(1140, 360, "05:59:59"));
	assert_false(is_dark(1140, 360, "06:00:00"));
	/* Within a day. */
	assert_false(is_dark(60, 120, "00:59:59"));
	assert_true(is_dark(60, 120, "01:00:00"));
	assert_false(is_dark(60, 120, "02:00:00"));
	/* Never, always, and midnight under both its names. */
	assert_false(is_dark(600, 600, "10:00:00"));
	assert_true(is_dark(0, 1440, "23:59:59"));
	assert_true(is_dark(0, 1440, "00:00:00"));
	assert_false(is_dark(1440, 360, "23:59:59"));
	assert_true(is_dark(1440, 360, "00:00:00"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_policy_is_the_documented_one),
		cmocka_unit_test(zeroed_policy_is_refused),
		cmocka_unit_test(policy_outside_its_ranges_is_refused),
		cmocka_unit_test(version_and_times_outside_their_ranges_are_refused),
		cmocka_unit_test(wrong_notice_is_named_with_its_field),
		cmocka_unit_test(two_notices_of_one_id_are_refused),
		cmocka_unit_test(notices_are_found_by_id),
		cmocka_unit_test(theme_is_dark_between_its_hours_in_japan_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
