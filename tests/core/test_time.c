#include "core/time.h"
#include "support/test.h"

#include <time.h>

static struct wall_ms jst(int year, int month, int day, int hour, int minute, int second)
{
	return wall_from_civil_jst(&(struct civil){.year = year,
						   .month = month,
						   .day = day,
						   .hour = hour,
						   .minute = minute,
						   .second = second});
}

static struct wall_ms parsed(const char *text)
{
	struct wall_ms wall = {0};
	struct err err = {0};

	assert_ok(wall_parse(text, &wall, &err), err);
	return wall;
}

static void known_instants_have_their_calendar_fields(void **state)
{
	static const struct {
		int64_t ms;
		struct civil utc;
	} known[] = {
		{0, {1970, 1, 1, 0, 0, 0, 0, 4}},
		{-1, {1969, 12, 31, 23, 59, 59, 999, 3}},
		{951782400000, {2000, 2, 29, 0, 0, 0, 0, 2}},
		{951868799999, {2000, 2, 29, 23, 59, 59, 999, 2}},
		{1795332540000, {2026, 11, 22, 7, 29, 0, 0, 0}},
		{WALL_MS_MIN, {2000, 1, 1, 0, 0, 0, 0, 6}},
		{WALL_MS_MAX, {2199, 12, 31, 23, 59, 59, 999, 2}},
		{-62135596800000, {1, 1, 1, 0, 0, 0, 0, 1}},
		{4107542400000, {2100, 3, 1, 0, 0, 0, 0, 1}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct wall_ms wall = {known[i].ms};
		struct civil civil = civil_from_wall_utc(wall);

		assert_memory_equal(&civil, &known[i].utc, sizeof(civil));
		assert_int_equal(wall_from_civil_utc(&civil).ms, wall.ms);
	}
}

/* Our algorithm against the C library's, which is told to work in UTC. */
static void every_day_agrees_with_the_c_library(void **state)
{
	(void)state;
	for (int64_t ms = WALL_MS_MIN; ms <= WALL_MS_MAX; ms += 86400000) {
		struct civil ours = civil_from_wall_utc((struct wall_ms){ms});
		time_t seconds = (time_t)(ms / 1000);
		struct tm theirs;

		assert_non_null(gmtime_r(&seconds, &theirs));
		assert_int_equal(ours.year, theirs.tm_year + 1900);
		assert_int_equal(ours.month, theirs.tm_mon + 1);
		assert_int_equal(ours.day, theirs.tm_mday);
		assert_int_equal(ours.weekday, theirs.tm_wday);
		assert_int_equal(wall_from_civil_utc(&ours).ms, ms);
		assert_true(civil_is_valid(&ours));
	}
}

static void japan_time_is_nine_hours_ahead(void **state)
{
	struct civil civil = civil_from_wall_jst(parsed("2026-12-31T15:00:00.250Z"));

	(void)state;
	assert_int_equal(civil.year, 2027);
	assert_int_equal(civil.month, 1);
	assert_int_equal(civil.day, 1);
	assert_int_equal(civil.hour, 0);
	assert_int_equal(civil.millisecond, 250);
	assert_int_equal(civil.weekday, 5);
	assert_int_equal(wall_from_civil_jst(&civil).ms,
			 parsed("2026-12-31T15:00:00.250Z").ms);
}

static void the_extreme_instants_have_fields_and_text(void **state)
{
	static const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, -1, INT64_MAX - 1,
					   INT64_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(extremes); i++) {
		struct wall_ms wall = {extremes[i]};
		struct civil civil = civil_from_wall_jst(wall);
		char text[WALL_TEXT_SIZE];

		assert_in_range(civil.month, 1, 12);
		assert_in_range(civil.day, 1, 31);
		assert_in_range(civil.weekday, 0, 6);
		wall_format_utc_ms(wall, text);
		assert_int_equal(text[strlen(text) - 1], 'Z');
		wall_format_jst(wall, text);
		assert_non_null(strstr(text, "+09:00"));
	}
}

static void the_zone_of_the_process_plays_no_part(void **state)
{
	static const char *const zones[] = {"America/St_Johns", "XYZ-13:37", "Asia/Tokyo",
					    "Pacific/Apia"};
	const struct wall_ms wall = {1774969199999};
	char text[WALL_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(zones); i++) {
		setenv("TZ", zones[i], 1);
		tzset();
		wall_format_jst(wall, text);
		assert_string_equal(text, "2026-03-31T23:59:59+09:00");
		assert_int_equal(fiscal_year_of(wall), 2025);
		assert_int_equal(jst(2026, 4, 1, 0, 0, 0).ms, wall.ms + 1);
		assert_int_equal(parsed("2026-04-01T00:00:00+09:00").ms, wall.ms + 1);
	}
	unsetenv("TZ");
	tzset();
}

static void fields_out_of_range_are_not_valid(void **state)
{
	static const struct civil wrong[] = {
		{.year = 2026, .month = 0, .day = 1},
		{.year = 2026, .month = 13, .day = 1},
		{.year = 2026, .month = 4, .day = 31},
		{.year = 2026, .month = 2, .day = 29},
		{.year = 2100, .month = 2, .day = 29},
		{.year = 2026, .month = 1, .day = 0},
		{.year = 0, .month = 1, .day = 1},
		{.year = 10000, .month = 1, .day = 1},
		{.year = 2026, .month = 1, .day = 1, .hour = 24},
		{.year = 2026, .month = 1, .day = 1, .minute = 60},
		{.year = 2026, .month = 1, .day = 1, .second = 60},
		{.year = 2026, .month = 1, .day = 1, .millisecond = 1000},
		{.year = 2026, .month = 1, .day = 1, .hour = -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_false(civil_is_valid(&wrong[i]));
	assert_true(civil_is_valid(&(struct civil){.year = 2028, .month = 2, .day = 29}));
	assert_true(civil_is_valid(&(struct civil){.year = 2000, .month = 2, .day = 29}));
}

static void a_fiscal_year_runs_from_april_to_march(void **state)
{
	(void)state;
	assert_int_equal(fiscal_year_of(parsed("2026-03-31T23:59:59.999+09:00")), 2025);
	assert_int_equal(fiscal_year_of(parsed("2026-04-01T00:00:00+09:00")), 2026);
	assert_int_equal(fiscal_year_of(parsed("2026-03-31T14:59:59.999Z")), 2025);
	assert_int_equal(fiscal_year_of(parsed("2026-03-31T15:00:00Z")), 2026);
	assert_int_equal(fiscal_year_of(parsed("2026-12-31T23:59:59+09:00")), 2026);
	assert_int_equal(fiscal_year_of(parsed("2027-01-01T00:00:00+09:00")), 2026);
	assert_int_equal(fiscal_year_of(parsed("2028-02-29T12:00:00+09:00")), 2027);
}

static void each_fiscal_year_starts_where_the_last_one_ended(void **state)
{
	(void)state;
	for (int year = 2000; year < 2199; year++) {
		struct wall_ms start = fiscal_year_start(year);

		assert_int_equal(fiscal_year_of(start), year);
		assert_int_equal(fiscal_year_of((struct wall_ms){start.ms - 1}),
				 year - 1);
	}
	/* FY2027 holds 29 February 2028. */
	assert_int_equal((fiscal_year_start(2028).ms - fiscal_year_start(2027).ms) /
				 86400000,
			 366);
	assert_int_equal((fiscal_year_start(2027).ms - fiscal_year_start(2026).ms) /
				 86400000,
			 365);
}

static void an_absurd_fiscal_year_stays_at_the_edge(void **state)
{
	(void)state;
	assert_int_equal(fiscal_year_start(INT32_MAX).ms, fiscal_year_start(9999).ms);
	assert_int_equal(fiscal_year_start(INT32_MIN).ms, fiscal_year_start(1).ms);
}

static void eras_change_on_their_days(void **state)
{
	static const struct {
		int year, month, day;
		const char *name_ja, *name_en;
		char letter;
		int era_year;
	} known[] = {
		{1988, 12, 31, "昭和", "Showa", 'S', 63},
		{1989, 1, 7, "昭和", "Showa", 'S', 64},
		{1989, 1, 8, "平成", "Heisei", 'H', 1},
		{2019, 4, 30, "平成", "Heisei", 'H', 31},
		{2019, 5, 1, "令和", "Reiwa", 'R', 1},
		{2019, 12, 31, "令和", "Reiwa", 'R', 1},
		{2020, 1, 1, "令和", "Reiwa", 'R', 2},
		{2026, 11, 22, "令和", "Reiwa", 'R', 8},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct era_year era =
			era_of_date(known[i].year, known[i].month, known[i].day);

		assert_string_equal(era.name_ja, known[i].name_ja);
		assert_string_equal(era.name_en, known[i].name_en);
		assert_int_equal(era.letter, known[i].letter);
		assert_int_equal(era.year, known[i].era_year);
	}
}

static void fiscal_years_have_the_names_in_official_use(void **state)
{
	static const struct {
		int fiscal_year;
		const char *name_ja;
		int era_year;
	} known[] = {
		{2018, "平成", 30},
		{2019, "令和", 1},
		{2023, "令和", 5},
		{2026, "令和", 8},
		{2028, "令和", 10},
		{2017, "平成", 29},
		{1989, "平成", 1},
		/* It ended in 平成元年, but there never was a 平成0年度. */
		{1988, "昭和", 63},
		{1987, "昭和", 62},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct era_year era = era_of_fiscal_year(known[i].fiscal_year);

		assert_string_equal(era.name_ja, known[i].name_ja);
		assert_int_equal(era.year, known[i].era_year);
	}
}

static void fiscal_years_are_understood_by_each_of_their_names(void **state)
{
	static const struct {
		const char *text;
		int year;
	} known[] = {
		{"2026", 2026},     {"R8", 2026},        {"令和8", 2026},
		{"2024年度", 2024}, {"令和6年度", 2024}, {"令和元年度", 2019},
		{"令和1", 2019},    {"R1", 2019},        {"平成30", 2018},
		{"H12年度", 2000},  {"2198", 2198},
	};
	static const char *const wrong[] = {
		"",       "年度",     "R",   "R0",     "26",     "1999",
		"2199",   "令和",     "R8 ", "r8",     "平成31", "08",
		"令和08", "２０２６", "-元", "2026年", "平成元",
	};
	struct err err = {0};
	int year = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		assert_ok(fiscal_year_parse(known[i].text, &year, &err), err);
		assert_int_equal(year, known[i].year);
	}
	year = 7;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_fails(fiscal_year_parse(wrong[i], &year, &err), err, ERR_INVALID,
			     "expected a fiscal year such as 2026, R8 or 令和8");
	assert_int_equal(year, 7);
}

static void fiscal_year_is_written_and_read_back(void **state)
{
	char text[FISCAL_YEAR_TEXT_SIZE];
	struct err err = {0};

	(void)state;
	for (int year = FISCAL_YEAR_MIN; year <= FISCAL_YEAR_MAX; year++) {
		int back = 0;

		fiscal_year_format(year, text);
		assert_ok(fiscal_year_parse(text, &back, &err), err);
		assert_int_equal(back, year);
	}
	fiscal_year_format(2019, text);
	assert_string_equal(text, "令和元年度");
}

static void every_form_of_rfc_3339_is_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} known[] = {
		{"2026-11-22T06:29:00Z", 1795328940000},
		{"2026-11-22T15:29:00+09:00", 1795328940000},
		{"2026-11-22t06:29:00z", 1795328940000},
		{"2026-11-22T06:29:00.1Z", 1795328940100},
		{"2026-11-22T06:29:00.12Z", 1795328940120},
		{"2026-11-22T06:29:00.123Z", 1795328940123},
		{"2026-11-22T06:29:00.007+00:00", 1795328940007},
		{"2026-11-22T06:29:00-00:00", 1795328940000},
		{"2026-11-21T20:59:00-09:30", 1795328940000},
		{"2000-02-29T00:00:00Z", 951782400000},
		{"2000-01-01T00:00:00Z", WALL_MS_MIN},
		{"2000-01-01T09:00:00+09:00", WALL_MS_MIN},
		{"2199-12-31T23:59:59.999Z", WALL_MS_MAX},
		{"2200-01-01T00:00:00+09:00", WALL_MS_MAX + 1 - 9 * 3600 * 1000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_int_equal(parsed(known[i].text).ms, known[i].ms);
}

static void what_is_not_rfc_3339_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		"now",
		"2026-11-22",
		"2026-11-22T06:29:00",
		"2026-11-22 06:29:00Z",
		"2026-11-22T06:29Z",
		"2026-11-22T06:29:00Zx",
		"2026-11-22T06:29:00Z ",
		" 2026-11-22T06:29:00Z",
		"2026-11-22T06:29:00+0900",
		"2026-11-22T06:29:00+09",
		"2026-11-22T06:29:00+24:00",
		"2026-11-22T06:29:00+09:60",
		"2026-11-22T06:29:00.Z",
		"2026-11-22T06:29:00.1234Z",
		"2026-11-22T06:29:00,5Z",
		"2026-1-22T06:29:00Z",
		"26-11-22T06:29:00Z",
		"+026-11-22T06:29:00Z",
		"2026-11-22T-6:29:00Z",
		"２０２６-11-22T06:29:00Z",
	};
	struct wall_ms wall = {42};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_fails(wall_parse(wrong[i], &wall, &err), err, ERR_INVALID,
			     "expected a time like");
	assert_int_equal(wall.ms, 42);
}

static void times_that_do_not_exist_are_refused(void **state)
{
	static const char *const wrong[] = {
		"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
		"2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z", "2026-01-00T00:00:00Z",
		"2026-01-01T24:00:00Z", "2016-12-31T23:59:60Z", "2026-01-01T00:60:00Z",
		"0000-01-01T00:00:00Z",
	};
	struct wall_ms wall = {42};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_fails(wall_parse(wrong[i], &wall, &err), err, ERR_INVALID,
			     "there is no time");
	assert_int_equal(wall.ms, 42);
}

static void times_outside_of_the_documents_range_are_refused(void **state)
{
	static const char *const wrong[] = {
		"1999-12-31T23:59:59.999Z", "2000-01-01T08:59:59+09:00",
		"2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"};
	struct wall_ms wall = {42};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_fails(wall_parse(wrong[i], &wall, &err), err, ERR_INVALID,
			     "outside of the years 2000 to 2199");
	assert_int_equal(wall.ms, 42);
}

static void a_written_time_is_read_back(void **state)
{
	static const int64_t instants[] = {WALL_MS_MIN, WALL_MS_MAX, 1795328940123,
					   951782400000, 1774969199999};
	char text[WALL_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(instants); i++) {
		struct wall_ms wall = {instants[i]};
		int64_t seconds = wall.ms / 1000 * 1000;

		wall_format_utc_ms(wall, text);
		assert_int_equal(parsed(text).ms, wall.ms);
		wall_format_utc(wall, text);
		assert_int_equal(parsed(text).ms, seconds);
		wall_format_jst(wall, text);
		assert_int_equal(parsed(text).ms, seconds);
	}
}

static void times_are_written_in_the_forms_of_the_documents(void **state)
{
	const struct wall_ms wall = {1795328940123};
	char text[WALL_TEXT_SIZE];

	(void)state;
	wall_format_utc(wall, text);
	assert_string_equal(text, "2026-11-22T06:29:00Z");
	wall_format_utc_ms(wall, text);
	assert_string_equal(text, "2026-11-22T06:29:00.123Z");
	wall_format_jst(wall, text);
	assert_string_equal(text, "2026-11-22T15:29:00+09:00");
}

static void a_time_of_day_is_read_as_minutes(void **state)
{
	static const struct {
		const char *text;
		int minutes;
	} known[] = {{"00:00", 0}, {"08:30", 510}, {"23:59", 1439}, {"24:00", 1440}};
	struct err err = {0};
	int minutes;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		assert_ok(minutes_parse(known[i].text, &minutes, &err), err);
		assert_int_equal(minutes, known[i].minutes);
	}
}

static void what_is_no_time_of_day_is_refused(void **state)
{
	static const char *const wrong[] = {"",      "8:30",   "08:60",  "24:01", "25:00",
					    "08-30", "08:30 ", "08:300", "-1:00", "0830"};
	struct err err = {0};
	int minutes = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_fails(minutes_parse(wrong[i], &minutes, &err), err, ERR_INVALID,
			     "00:00 to 24:00");
	assert_int_equal(minutes, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_instants_have_their_calendar_fields),
		cmocka_unit_test(every_day_agrees_with_the_c_library),
		cmocka_unit_test(japan_time_is_nine_hours_ahead),
		cmocka_unit_test(the_extreme_instants_have_fields_and_text),
		cmocka_unit_test(the_zone_of_the_process_plays_no_part),
		cmocka_unit_test(fields_out_of_range_are_not_valid),
		cmocka_unit_test(a_fiscal_year_runs_from_april_to_march),
		cmocka_unit_test(each_fiscal_year_starts_where_the_last_one_ended),
		cmocka_unit_test(an_absurd_fiscal_year_stays_at_the_edge),
		cmocka_unit_test(eras_change_on_their_days),
		cmocka_unit_test(fiscal_years_have_the_names_in_official_use),
		cmocka_unit_test(fiscal_years_are_understood_by_each_of_their_names),
		cmocka_unit_test(fiscal_year_is_written_and_read_back),
		cmocka_unit_test(every_form_of_rfc_3339_is_read),
		cmocka_unit_test(what_is_not_rfc_3339_is_refused),
		cmocka_unit_test(times_that_do_not_exist_are_refused),
		cmocka_unit_test(times_outside_of_the_documents_range_are_refused),
		cmocka_unit_test(a_written_time_is_read_back),
		cmocka_unit_test(times_are_written_in_the_forms_of_the_documents),
		cmocka_unit_test(a_time_of_day_is_read_as_minutes),
		cmocka_unit_test(what_is_no_time_of_day_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
