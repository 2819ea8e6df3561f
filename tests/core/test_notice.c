#include "support/test.h"

#include "core/notice.h"

#define MINUTE_MS INT64_C(60000)
#define EVERY_DAY 0x7fU

enum { SUN = 1, MON = 2, TUE = 4, WED = 8, THU = 16, FRI = 32, SAT = 64 };

static struct wall_ms at(const char *text)
{
	struct wall_ms wall = {0};
	struct err err = {0};

	assert_ok(wall_parse(text, &wall, &err), err);
	return wall;
}

static struct notice sample(void)
{
	return (struct notice){
		.id = "sample",
		.revision = 1,
		.title = "題名",
		.department = "企画政策課",
		.from = at("2026-11-20T00:00:00+09:00"),
		.until = at("2026-12-20T00:00:00+09:00"),
		.hours = {EVERY_DAY, 0, 1440},
		.weight = 1,
		.counts = true,
	};
}

static struct notice with_hours(unsigned weekdays, int from, int until)
{
	struct notice notice = sample();

	notice.hours = (struct notice_hours){weekdays, from, until};
	return notice;
}

static bool is_due(const struct notice *notice, const char *when)
{
	return notice_is_due(notice, "tanashi", at(when));
}

static void assert_next(const struct notice *notice, const char *when,
			const char *expected)
{
	struct wall_ms next = {-1};
	char text[WALL_TEXT_SIZE];

	if (!expected) {
		assert_false(notice_next_change(notice, "tanashi", at(when), &next));
		assert_int_equal(next.ms, -1);
		return;
	}
	assert_true(notice_next_change(notice, "tanashi", at(when), &next));
	wall_format_jst(next, text);
	assert_string_equal(text, expected);
}

static void assert_refused(const struct notice *notice, const char *sentence)
{
	struct err err = {0};

	assert_fails(notice_check(notice, &err), err, ERR_INVALID, sentence);
	assert_memory_equal(err.text, sentence, strlen(sentence));
}

/* Repeats a character; owned. */
static char *repeat(const char *character, size_t count)
{
	char *text = calloc(count + 1, strlen(character));

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * strlen(character), character, strlen(character));
	return text;
}

/* --- When it is due --------------------------------------------------------------------- */

static void validity_begins_with_from_and_ends_before_until(void **state)
{
	struct notice notice = sample();

	(void)state;
	assert_false(is_due(&notice, "2026-11-19T23:59:59.999+09:00"));
	assert_true(is_due(&notice, "2026-11-20T00:00:00+09:00"));
	assert_true(is_due(&notice, "2026-12-19T23:59:59.999+09:00"));
	assert_false(is_due(&notice, "2026-12-20T00:00:00+09:00"));
}

static void hours_are_japan_time_and_end_exclusive(void **state)
{
	struct notice notice = with_hours(EVERY_DAY, 9 * 60, 17 * 60 + 30);

	(void)state;
	assert_false(is_due(&notice, "2026-11-24T08:59:59.999+09:00"));
	assert_true(is_due(&notice, "2026-11-24T09:00:00+09:00"));
	assert_true(is_due(&notice, "2026-11-24T00:00:00Z"));
	assert_true(is_due(&notice, "2026-11-24T17:29:59.999+09:00"));
	assert_false(is_due(&notice, "2026-11-24T17:30:00+09:00"));
}

static void weekday_is_that_of_japan(void **state)
{
	/* 2026-11-23 is a Monday; in UTC it begins nine hours later. */
	struct notice notice = with_hours(MON, 0, 1440);

	(void)state;
	assert_false(is_due(&notice, "2026-11-22T14:59:59.999Z"));
	assert_true(is_due(&notice, "2026-11-22T15:00:00Z"));
	assert_true(is_due(&notice, "2026-11-23T14:59:59.999Z"));
	assert_false(is_due(&notice, "2026-11-23T15:00:00Z"));
}

static void window_past_midnight_belongs_to_the_day_it_starts_on(void **state)
{
	/* Friday 22:00 to Saturday 02:00; 2026-11-27 is a Friday. */
	struct notice notice = with_hours(FRI, 22 * 60, 2 * 60);

	(void)state;
	assert_false(is_due(&notice, "2026-11-27T01:00:00+09:00"));
	assert_false(is_due(&notice, "2026-11-27T21:59:59+09:00"));
	assert_true(is_due(&notice, "2026-11-27T22:00:00+09:00"));
	assert_true(is_due(&notice, "2026-11-28T01:59:59.999+09:00"));
	assert_false(is_due(&notice, "2026-11-28T02:00:00+09:00"));
	assert_false(is_due(&notice, "2026-11-28T23:00:00+09:00"));
}

static void equal_hours_last_a_day(void **state)
{
	struct notice notice = with_hours(SAT, 9 * 60, 9 * 60);

	(void)state;
	assert_false(is_due(&notice, "2026-11-28T08:59:59+09:00"));
	assert_true(is_due(&notice, "2026-11-28T09:00:00+09:00"));
	assert_true(is_due(&notice, "2026-11-29T08:59:59+09:00"));
	assert_false(is_due(&notice, "2026-11-29T09:00:00+09:00"));
}

static void window_reaches_across_the_end_of_a_year(void **state)
{
	/* 2026-12-31 is a Thursday. */
	struct notice notice = with_hours(THU, 23 * 60, 60);

	(void)state;
	notice.until = at("2027-03-01T00:00:00+09:00");
	assert_true(is_due(&notice, "2026-12-31T23:59:59+09:00"));
	assert_true(is_due(&notice, "2027-01-01T00:00:00+09:00"));
	assert_true(is_due(&notice, "2027-01-01T00:59:59+09:00"));
	assert_false(is_due(&notice, "2027-01-01T01:00:00+09:00"));
	assert_next(&notice, "2026-12-31T23:30:00+09:00", "2027-01-01T01:00:00+09:00");
	assert_next(&notice, "2027-01-01T01:00:00+09:00", "2027-01-07T23:00:00+09:00");
}

static void leap_day_is_a_day_like_any_other(void **state)
{
	/* 2028-02-29 is a Tuesday. */
	struct notice notice = with_hours(TUE, 0, 1440);

	(void)state;
	notice.from = at("2028-02-01T00:00:00+09:00");
	notice.until = at("2028-04-01T00:00:00+09:00");
	assert_true(is_due(&notice, "2028-02-29T12:00:00+09:00"));
	assert_false(is_due(&notice, "2028-03-01T00:00:00+09:00"));
}

static void target_screens_are_the_only_ones(void **state)
{
	struct notice notice = sample();
	const char *screens[] = {"hibarigaoka", "tanashi"};
	struct wall_ms when = at("2026-11-24T12:00:00+09:00"), next;

	(void)state;
	notice.screens = screens;
	notice.screen_count = 2;
	assert_true(notice_is_due(&notice, "tanashi", when));
	assert_false(notice_is_due(&notice, "tanash", when));
	assert_false(notice_is_due(&notice, "hoya", when));
	assert_true(notice_next_change(&notice, "tanashi", when, &next));
	assert_false(notice_next_change(&notice, "hoya", when, &next));
}

/* --- When that changes ------------------------------------------------------------------ */

static void next_change_without_hours_is_from_then_until_then_never(void **state)
{
	struct notice notice = sample();

	(void)state;
	assert_next(&notice, "2020-01-01T00:00:00+09:00", "2026-11-20T00:00:00+09:00");
	assert_next(&notice, "2026-11-20T00:00:00+09:00", "2026-12-20T00:00:00+09:00");
	assert_next(&notice, "2026-12-19T23:59:59.999+09:00",
		    "2026-12-20T00:00:00+09:00");
	assert_next(&notice, "2026-12-20T00:00:00+09:00", NULL);
	assert_next(&notice, "2100-01-01T00:00:00+09:00", NULL);
}

static void next_change_before_from_is_the_first_window(void **state)
{
	struct notice notice = with_hours(WED, 9 * 60, 17 * 60);

	(void)state;
	/* from is Friday 2026-11-20 00:00. */
	assert_next(&notice, "2026-01-01T00:00:00+09:00", "2026-11-25T09:00:00+09:00");
	notice.from = at("2026-11-25T12:00:00+09:00");
	assert_next(&notice, "2026-01-01T00:00:00+09:00", "2026-11-25T12:00:00+09:00");
	assert_next(&notice, "2026-11-25T12:00:00+09:00", "2026-11-25T17:00:00+09:00");
	assert_next(&notice, "2026-11-25T17:00:00+09:00", "2026-12-02T09:00:00+09:00");
}

static void notice_without_a_window_before_its_end_never_changes(void **state)
{
	struct notice notice = with_hours(SUN, 9 * 60, 17 * 60);

	(void)state;
	notice.from = at("2026-11-23T00:00:00+09:00");
	notice.until = at("2026-11-29T09:00:00+09:00");
	assert_next(&notice, "2026-11-01T00:00:00+09:00", NULL);
	assert_next(&notice, "2026-11-24T00:00:00+09:00", NULL);
	notice.until = at("2026-11-29T09:00:01+09:00");
	assert_next(&notice, "2026-11-24T00:00:00+09:00", "2026-11-29T09:00:00+09:00");
	assert_next(&notice, "2026-11-29T09:00:00+09:00", "2026-11-29T09:00:01+09:00");
}

static void windows_that_touch_are_one(void **state)
{
	struct notice notice = with_hours(SAT | SUN, 0, 1440);

	(void)state;
	assert_next(&notice, "2026-11-28T10:00:00+09:00", "2026-11-30T00:00:00+09:00");
	notice = with_hours(EVERY_DAY, 540, 540);
	assert_next(&notice, "2026-11-28T10:00:00+09:00", "2026-12-20T00:00:00+09:00");
}

/* Weekday and minute of Japan time by the calendar, one minute at a time. */
static bool is_due_by_calendar(const struct notice *notice, struct wall_ms wall)
{
	struct civil now = civil_from_wall_jst(wall);
	int minute = now.hour * 60 + now.minute;
	unsigned today = 1U << now.weekday, yesterday = 1U << (now.weekday + 6) % 7;
	int from = notice->hours.from_minute, until = notice->hours.until_minute;

	if (wall.ms < notice->from.ms || wall.ms >= notice->until.ms)
		return false;
	if (until > from)
		return notice->hours.weekdays & today && minute >= from && minute < until;
	return (notice->hours.weekdays & today && minute >= from) ||
	       (notice->hours.weekdays & yesterday && minute < until);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

/* Walks 24 days backwards minute by minute, remembering the change that comes next. */
static void assert_changes(const struct notice *notice)
{
	const int64_t first = notice->from.ms - 5 * 1440 * MINUTE_MS;
	int64_t last = first + INT64_C(24) * 1440 * MINUTE_MS;
	int64_t expected = -1;
	bool later = false;

	for (int64_t ms = last; ms >= first; ms -= MINUTE_MS) {
		struct wall_ms wall = {ms}, next = {-1};
		bool due = notice_is_due(notice, "tanashi", wall);

		if (due != is_due_by_calendar(notice, wall))
			fail_msg("at %lld: due is %d", (long long)ms, due);
		if (ms < last && due != later)
			expected = ms + MINUTE_MS;
		later = due;
		if (ms % (7 * MINUTE_MS) != 0)
			continue;
		if (notice_next_change(notice, "tanashi", wall, &next) !=
			    (expected >= 0) ||
		    next.ms != expected)
			fail_msg("at %lld: next change %lld, expected %lld",
				 (long long)ms, (long long)next.ms, (long long)expected);
	}
}

static void changes_agree_with_the_calendar_minute_by_minute(void **state)
{
	uint64_t seed = 20261122;

	(void)state;
	for (int i = 0; i < 60; i++) {
		struct notice notice = sample();

		notice.hours.weekdays = 1 + (unsigned)(next_random(&seed) % EVERY_DAY);
		notice.hours.from_minute = (int)(next_random(&seed) % 1440);
		notice.hours.until_minute = 1 + (int)(next_random(&seed) % 1440);
		notice.from.ms += (int64_t)(next_random(&seed) % 2880) * MINUTE_MS;
		notice.until.ms = notice.from.ms +
				  (1 + (int64_t)(next_random(&seed) % 20000)) * MINUTE_MS;
		assert_changes(&notice);
	}
}

/* --- Checks ----------------------------------------------------------------------------- */

static void whole_notice_is_right(void **state)
{
	const char *screens[] = {"tanashi", "hoya-2"};
	struct notice notice = sample();
	struct err err = {0};

	(void)state;
	assert_ok(notice_check(&notice, &err), err);
	notice.body = "一\n\n二";
	notice.category = "子育て";
	notice.contact = "電話は市役所へ";
	notice.url = "https://example.jp/a?b=c#d%E9";
	notice.facts[0] = (struct notice_fact){"対象", "どなたでも"};
	notice.fact_count = 1;
	notice.screens = screens;
	notice.screen_count = 2;
	notice.dwell_s = 120;
	notice.weight = 10;
	assert_ok(notice_check(&notice, &err), err);
}

static void ids_are_lower_case_with_inner_hyphens(void **state)
{
	static const char *const good[] = {"a", "0", "a-b", "2026-11-22-notice", "a--b"};
	static const char *const bad[] = {"",    "-",   "-a", "a-", "A",
					  "a_b", "a/b", "..", "駅"};
	char *longest = repeat("a", 64), *over = repeat("a", 65);
	struct notice notice = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(notice_id_is_valid(good[i]));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_false(notice_id_is_valid(bad[i]));
	assert_true(notice_id_is_valid(longest));
	assert_false(notice_id_is_valid(over));
	notice.id = "../etc";
	assert_refused(&notice, "id: expected");
	notice.id = NULL;
	assert_refused(&notice, "id: expected");
	free(longest);
	free(over);
}

static void until_must_come_after_from_within_three_years(void **state)
{
	struct notice notice = sample();
	struct err err = {0};

	(void)state;
	notice.until = at("2026-11-19T23:59:59+09:00");
	assert_refused(&notice, "until: is before from (2026-11-20T00:00:00+09:00)");
	notice.until = notice.from;
	assert_refused(&notice, "until: is the same instant as from");
	notice.until.ms = notice.from.ms + INT64_C(1100) * 86400000;
	assert_ok(notice_check(&notice, &err), err);
	notice.until.ms++;
	assert_refused(&notice, "until: is more than 1100 days after from");
	notice.until.ms = INT64_MAX;
	assert_refused(&notice, "until: expected a time in the years");
	notice.from.ms = INT64_MIN;
	assert_refused(&notice, "from: expected a time in the years");
}

static void texts_have_a_maximum_and_no_controls(void **state)
{
	char *title = repeat("駅", 101), *body = repeat("𠮷", 2001);
	struct notice notice = sample();
	struct err err = {0};

	(void)state;
	notice.title = title;
	assert_refused(&notice, "title: has 101 characters, at most 100 fit");
	notice.title = title + 3;
	notice.body = body;
	assert_refused(&notice, "body: has 2001 characters, at most 2000 fit");
	notice.body = body + 4;
	assert_ok(notice_check(&notice, &err), err);
	notice.title = "a\nb";
	assert_refused(&notice, "title: must be a single line");
	notice.title = "a\u202eb";
	assert_refused(&notice, "title: holds a control character");
	notice.title = " \u3000 ";
	assert_refused(&notice, "title: is blank");
	notice.title = "\xff";
	assert_refused(&notice, "title: is not valid UTF-8");
	notice.title = NULL;
	assert_refused(&notice, "title: is missing");
	notice = sample();
	notice.department = NULL;
	assert_refused(&notice, "department: is missing");
	notice = sample();
	notice.category = "";
	assert_refused(&notice, "category: is blank");
	free(title);
	free(body);
}

/* 《》 in Chinese are the brackets of titles; elsewhere they hold a reading. */
static void readings_are_checked_where_they_may_stand(void **state)
{
	static const struct notice_translation easy = {.title =
							       "本《ほん》を 読《よ》む"};
	static const struct notice_translation wrong = {.title = "読《よむ"};
	static const struct notice_translation chinese = {.title = "阅读《红楼梦"};
	struct notice notice = sample();
	char *fits = repeat("駅《えき》", 60), *too_long = repeat("駅《えき》", 101);
	struct err err;

	(void)state;
	/* What counts is the title without them. */
	notice.title = fits;
	notice.body = "図書館《としょかん》\n｜《閉館》";
	notice.facts[0] = (struct notice_fact){"日時《にちじ》", "明日《あす》"};
	notice.fact_count = 1;
	notice.translations[NOTICE_JA_EASY] = &easy;
	notice.translations[NOTICE_ZH] = &chinese;
	assert_ok(notice_check(&notice, &err), err);

	notice.title = too_long;
	assert_refused(&notice, "title: has 505 characters, at most 300 fit");
	notice.title = "駅《》";
	assert_refused(&notice, "title: character 2: there is no reading");
	notice.title = "駅";
	notice.body = "《閉館》";
	assert_refused(&notice, "body: character 1: no kanji stands before 《");
	notice.body = NULL;
	notice.facts[0].value = "明日《あす";
	assert_refused(&notice, "facts[0].value: character 3: 《 begins a reading");
	notice.facts[0].value = "明日";
	notice.translations[NOTICE_JA_EASY] = &wrong;
	assert_refused(&notice, "translations.ja-easy.title: character 2: 《 begins");
	free(fits);
	free(too_long);
}

static void facts_are_few_and_named(void **state)
{
	struct notice notice = sample();

	(void)state;
	notice.fact_count = 2;
	notice.facts[0] = (struct notice_fact){"対象", "どなたでも"};
	notice.facts[1] = (struct notice_fact){"九文字は入りません", "x"};
	assert_refused(&notice, "facts[1].label: has 9 characters, at most 8 fit");
	notice.facts[1] = (struct notice_fact){"場所", NULL};
	assert_refused(&notice, "facts[1].value: is missing");
	notice.fact_count = 7;
	assert_refused(&notice, "facts: has 7 rows, at most 6 fit");
}

static void url_must_be_https_and_ascii(void **state)
{
	static const char *const bad[] = {
		"http://example.jp/",
		"https://",
		"https:///x",
		"HTTPS://example.jp",
		"javascript:alert(1)",
		"https://例え.jp/",
		"https://a b",
		"https://a\"b",
		"",
	};
	char *longest = repeat("a", 400);
	struct notice notice = sample();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		notice.url = bad[i];
		assert_refused(&notice, "url: ");
	}
	notice.url = longest;
	assert_refused(&notice, "url: has 400 characters, at most 300 fit");
	free(longest);
}

static void numbers_outside_their_range_are_refused(void **state)
{
	struct notice notice = sample();

	(void)state;
	notice.revision = 0;
	assert_refused(&notice, "revision: expected 1–");
	notice = sample();
	notice.weight = 11;
	assert_refused(&notice, "weight: expected 1–10, got 11");
	notice.weight = 0;
	assert_refused(&notice, "weight: expected 1–10, got 0");
	notice = sample();
	notice.dwell_s = 4;
	assert_refused(&notice, "dwell_s: expected 5–120, or 0");
	notice.dwell_s = 121;
	assert_refused(&notice, "dwell_s: expected 5–120, or 0");
	notice = sample();
	notice.sample = true;
	assert_refused(&notice, "counts: a sample never counts");
}

static void hours_outside_a_day_are_refused(void **state)
{
	struct notice notice = with_hours(0, 0, 1440);

	(void)state;
	assert_refused(&notice, "hours.weekdays: ");
	notice = with_hours(0x80, 0, 1440);
	assert_refused(&notice, "hours.weekdays: ");
	notice = with_hours(EVERY_DAY, 1440, 60);
	assert_refused(&notice, "hours.from: ");
	notice = with_hours(EVERY_DAY, -1, 60);
	assert_refused(&notice, "hours.from: ");
	notice = with_hours(EVERY_DAY, 0, 0);
	assert_refused(&notice, "hours.until: ");
	notice = with_hours(EVERY_DAY, 0, 1441);
	assert_refused(&notice, "hours.until: ");
}

static void screens_must_be_ids_that_differ(void **state)
{
	const char *screens[] = {"tanashi", "tanashi"};
	struct notice notice = sample();

	(void)state;
	notice.screens = screens;
	assert_refused(&notice, "screens: expected 1–200, got 0");
	notice.screen_count = 2;
	assert_refused(&notice, "screens[1]: is that of screens[0]");
	screens[1] = "Hoya";
	assert_refused(&notice, "screens[1]: expected 1–64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readings_are_checked_where_they_may_stand),
		cmocka_unit_test(validity_begins_with_from_and_ends_before_until),
		cmocka_unit_test(hours_are_japan_time_and_end_exclusive),
		cmocka_unit_test(weekday_is_that_of_japan),
		cmocka_unit_test(window_past_midnight_belongs_to_the_day_it_starts_on),
		cmocka_unit_test(equal_hours_last_a_day),
		cmocka_unit_test(window_reaches_across_the_end_of_a_year),
		cmocka_unit_test(leap_day_is_a_day_like_any_other),
		cmocka_unit_test(target_screens_are_the_only_ones),
		cmocka_unit_test(next_change_without_hours_is_from_then_until_then_never),
		cmocka_unit_test(next_change_before_from_is_the_first_window),
		cmocka_unit_test(notice_without_a_window_before_its_end_never_changes),
		cmocka_unit_test(windows_that_touch_are_one),
		cmocka_unit_test(changes_agree_with_the_calendar_minute_by_minute),
		cmocka_unit_test(whole_notice_is_right),
		cmocka_unit_test(ids_are_lower_case_with_inner_hyphens),
		cmocka_unit_test(until_must_come_after_from_within_three_years),
		cmocka_unit_test(texts_have_a_maximum_and_no_controls),
		cmocka_unit_test(facts_are_few_and_named),
		cmocka_unit_test(url_must_be_https_and_ascii),
		cmocka_unit_test(numbers_outside_their_range_are_refused),
		cmocka_unit_test(hours_outside_a_day_are_refused),
		cmocka_unit_test(screens_must_be_ids_that_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
