#include "wire/plan_results.h"

#include "core/plan.h"
#include "core/result.h"
#include "support/test.h"
#include "support/tmp.h"
#include "wire/plan_json.h"

#define PLAN_FILE EKIMAE_SOURCE_DIR "/assets/plan/plan.json"

static char *text;
static size_t text_len;

static int setup(void **state)
{
	(void)state;
	text = tmp_read(PLAN_FILE, &text_len);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(text);
	return 0;
}

static const struct result entered[] = {
	{.initiative = 1,
	 .series = "",
	 .fiscal_year = 2024,
	 .value = 171000,
	 .source = "甲"},
	{.initiative = 1,
	 .series = "",
	 .fiscal_year = 2025,
	 .value = 182000,
	 .source = "乙"},
	{.initiative = 15,
	 .series = "RPA",
	 .fiscal_year = 2024,
	 .value = 9,
	 .source = "丙"},
};

/* Replaces the results of @bytes; owned. */
static char *replaced(const char *bytes, size_t len, const struct result *results,
		      size_t count)
{
	struct err err = {0};
	size_t out_len = 0;
	char *out = plan_results_replace(bytes, len, results, count, &out_len, &err);

	assert_ok(out, err);
	assert_int_equal(out_len, strlen(out));
	return out;
}

static void results_come_to_their_series(void **state)
{
	char *out = replaced(text, text_len, entered, ARRAY_LEN(entered));
	struct err err = {0};
	struct plan *plan = plan_from_json("out", out, strlen(out), &err);
	const struct plan_series *series;

	(void)state;
	assert_ok(plan, err);
	series = &plan_initiative(plan, 1)->indicator->series[0];
	assert_int_equal(series->result_count, 2);
	assert_int_equal(series->results[1].fiscal_year, 2025);
	assert_int_equal(series->results[1].value, 182000);
	assert_string_equal(series->results[1].source, "乙");
	series = plan_initiative(plan, 15)->indicator->series;
	assert_int_equal(series[0].result_count, 0);
	assert_int_equal(series[1].result_count, 1);
	assert_int_equal(series[1].results[0].value, 9);
	assert_int_equal(plan_initiative(plan, 2)->indicator->series[0].result_count, 0);
	plan_free(plan);
	free(out);
}

static void what_was_there_goes_and_all_else_stays(void **state)
{
	char *with = replaced(text, text_len, entered, ARRAY_LEN(entered));
	char *without = replaced(with, strlen(with), NULL, 0);
	char *never = replaced(text, text_len, NULL, 0);
	char *fewer = replaced(with, strlen(with), entered + 2, 1);

	(void)state;
	assert_string_equal(without, never);
	assert_null(strstr(never, "\"results\""));
	assert_null(strstr(fewer, "171000"));
	assert_non_null(strstr(fewer, "丙"));
	free(with);
	free(without);
	free(never);
	free(fewer);
}

static void assert_refused(const struct result *results, size_t count, const char *part)
{
	struct err err = {0};
	size_t len = 7;

	assert_fails(plan_results_replace(text, text_len, results, count, &len, &err),
		     err, ERR_INVALID, part);
	assert_int_equal(len, 7);
}

static void result_without_a_place_is_named(void **state)
{
	struct result result = entered[0];
	const struct result unordered[] = {entered[1], entered[0]};

	(void)state;
	result.initiative = 17;
	assert_refused(
		&result, 1,
		"result of 2024: initiative 17 has no figure; the plan says: 随時対応");
	result.initiative = 15;
	assert_refused(&result, 1, "name one of AI-OCR, RPA");
	assert_refused(unordered, 2, "is not after 2025");
}

static void plan_that_can_not_be_read_is_refused(void **state)
{
	struct err err = {0};
	size_t len;

	(void)state;
	assert_fails(plan_results_replace("{}", 2, NULL, 0, &len, &err), err, ERR_INVALID,
		     "plan.json");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(results_come_to_their_series),
		TEST(what_was_there_goes_and_all_else_stays),
		TEST(result_without_a_place_is_named),
		TEST(plan_that_can_not_be_read_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
