#include "support/test.h"

#include "core/plan.h"
#include "core/result.h"

/* A plan with one initiative of each kind, and one that has two figures. */
static struct plan_series one[] = {
	{.unit = "件", .baseline = {2023, 820}, .target = {2028, 760}}};
static struct plan_series two[] = {
	{.label = "AI-OCR", .unit = "件", .baseline = {2023, 5}, .target = {2025, 15}},
	{.label = "RPA", .unit = "件", .baseline = {2023, 7}, .target = {2025, 13}}};
static struct plan_indicator single = {.series = one, .series_count = 1};
static struct plan_indicator several = {.series = two, .series_count = 2};
static struct initiative initiatives[] = {
	{.number = 1, .kind = INITIATIVE_INDICATOR, .indicator = &single},
	{.number = 2, .kind = INITIATIVE_INDICATOR, .indicator = &several},
	{.number = 3, .kind = INITIATIVE_ON_DEMAND, .status = "随時対応"},
	{.number = 4, .kind = INITIATIVE_ELSEWHERE, .status = "他の計画において管理"},
	{.number = 5, .kind = INITIATIVE_ROADMAP},
};
static const struct plan plan = {.initiatives = initiatives, .initiative_count = 5};

/* A result that is right; each test changes one thing. */
static struct result sample(void)
{
	return (struct result){.initiative = 1,
			       .series = "",
			       .fiscal_year = 2025,
			       .value = 790,
			       .source = "令和7年度 事務報告書",
			       .note = ""};
}

/* The last day of FY2025, and the first after it. */
static struct wall_ms eve(void)
{
	return (struct wall_ms){fiscal_year_start(2026).ms - 1};
}

static void assert_right(const struct result *result)
{
	enum result_part part;
	struct err err = {0};

	assert_ok(result_check(&plan, result, fiscal_year_start(2026), &part, &err), err);
}

static void assert_refused_at(const struct result *result, struct wall_ms now,
			      enum result_part expected, const char *sentence)
{
	enum result_part part = RESULT_INITIATIVE;
	struct err err = {0};

	assert_fails(result_check(&plan, result, now, &part, &err), err, ERR_INVALID,
		     sentence);
	assert_string_equal(result_part_name(part), result_part_name(expected));
}

static void assert_refused(const struct result *result, enum result_part part,
			   const char *sentence)
{
	assert_refused_at(result, fiscal_year_start(2026), part, sentence);
}

static void figure_of_a_year_that_ended_is_right(void **state)
{
	struct result result = sample();

	(void)state;
	assert_right(&result);
	/* Neither a value far from the target nor one beyond it is wrong. */
	result.value = 0;
	assert_right(&result);
	result.value = PLAN_VALUE_MAX;
	assert_right(&result);
	result.fiscal_year = 2024;
	assert_right(&result);
}

static void initiatives_without_a_figure_say_why(void **state)
{
	struct result result = sample();

	(void)state;
	result.initiative = 3;
	assert_refused(&result, RESULT_INITIATIVE,
		       "initiative 3 has no figure; the plan says: 随時対応");
	result.initiative = 4;
	assert_refused(&result, RESULT_INITIATIVE, "the plan says: 他の計画において管理");
	result.initiative = 5;
	assert_refused(&result, RESULT_INITIATIVE,
		       "initiative 5 has no figure but a roadmap by year");
	result.initiative = 6;
	assert_refused(&result, RESULT_INITIATIVE,
		       "there is no initiative 6: they are 1 to 5");
	result.initiative = 0;
	assert_refused(&result, RESULT_INITIATIVE, "there is no initiative 0");
}

static void one_of_several_figures_must_be_named(void **state)
{
	struct result result = sample();

	(void)state;
	result.series = "RPA";
	assert_refused(&result, RESULT_SERIES,
		       "initiative 1 has only one figure: leave \"RPA\" out");
	result.initiative = 2;
	assert_right(&result);
	result.series = "";
	assert_refused(&result, RESULT_SERIES, "name one of AI-OCR, RPA, not \"\"");
	result.series = "rpa";
	assert_refused(&result, RESULT_SERIES, "name one of AI-OCR, RPA, not \"rpa\"");
}

static void year_lies_behind_the_baseline_and_has_ended(void **state)
{
	struct result result = sample();

	(void)state;
	result.fiscal_year = 2023;
	assert_refused(&result, RESULT_FISCAL_YEAR,
		       "results begin with 令和6年度 (2024)");
	result.fiscal_year = 2026;
	assert_refused(&result, RESULT_FISCAL_YEAR,
		       "令和8年度 (2026) has not ended: its result can be entered "
		       "from 2027-04-01 on");
	result.fiscal_year = 2025;
	assert_refused_at(&result, eve(), RESULT_FISCAL_YEAR,
			  "令和7年度 (2025) has not ended");
	result.fiscal_year = 1999;
	assert_refused(&result, RESULT_FISCAL_YEAR, "there is no fiscal year 1999");
	result.fiscal_year = 2044;
	assert_refused_at(&result, fiscal_year_start(2050), RESULT_FISCAL_YEAR,
			  "over 20 years");
}

static void texts_are_lines_that_fit(void **state)
{
	struct result result = sample();
	char text[3 * RESULT_NOTE_MAX + 4] = "";

	(void)state;
	result.source = "";
	assert_refused(&result, RESULT_SOURCE, "is missing");
	result.source = "上\n下";
	assert_refused(&result, RESULT_SOURCE, "holds a line break");
	result.source = "\xff";
	assert_refused(&result, RESULT_SOURCE, "is no UTF-8");
	for (int i = 0; i <= RESULT_NOTE_MAX; i++)
		memcpy(text + 3 * i, "あ", 4);
	result.source = text + (size_t)3 * (RESULT_NOTE_MAX - PLAN_SOURCE_MAX);
	assert_refused(&result, RESULT_SOURCE, "has 81 characters, at most 80 fit");
	result.source += 3;
	assert_right(&result);
	result.note = text;
	assert_refused(&result, RESULT_NOTE, "has 201 characters");
	result.note = text + 3;
	assert_right(&result);
	result.value = -1;
	assert_refused(&result, RESULT_VALUE, "expected 0 to 1000000000000, got -1");
	result.value = PLAN_VALUE_MAX + 1;
	assert_refused(&result, RESULT_VALUE, "expected");
}

static void withdrawal_says_why(void **state)
{
	struct result result = sample();
	enum result_part part;
	struct err err = {0};

	(void)state;
	result.withdrawn = true;
	result.value = 0;
	result.source = "";
	assert_refused(&result, RESULT_NOTE, "is missing: say why");
	result.note = "集計の誤り";
	assert_right(&result);
	/* Where the plan has no place for it any more, it can still be withdrawn. */
	result.initiative = 99;
	assert_true(result_check_itself(&result, &part, &err));
}

static void place_is_figure_and_year(void **state)
{
	struct result left = sample(), right = sample();

	(void)state;
	right.value = 1;
	assert_true(result_same_place(&left, &right));
	right.fiscal_year = 2024;
	assert_false(result_same_place(&left, &right));
	right = sample();
	right.series = "RPA";
	assert_false(result_same_place(&left, &right));
	right = sample();
	right.initiative = 2;
	assert_false(result_same_place(&left, &right));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figure_of_a_year_that_ended_is_right),
		cmocka_unit_test(initiatives_without_a_figure_say_why),
		cmocka_unit_test(one_of_several_figures_must_be_named),
		cmocka_unit_test(year_lies_behind_the_baseline_and_has_ended),
		cmocka_unit_test(texts_are_lines_that_fit),
		cmocka_unit_test(withdrawal_says_why),
		cmocka_unit_test(place_is_figure_and_year),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
