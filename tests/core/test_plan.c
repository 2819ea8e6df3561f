#include "support/test.h"

#include "core/plan.h"

/*
 * A small plan, whole and right, of which each test breaks one thing. It holds one
 * initiative of each kind.
 */
static struct {
	struct plan plan;
	struct initiative initiatives[4];
	struct plan_indicator indicator;
	struct plan_series series[2];
	struct plan_result results[2];
	struct plan_phase phases[2];
	struct plan_text field;
	const char *line[1], *department[1], *paragraph[1];
} sample;

static void set_heading(struct plan_text *heading, const char *id)
{
	*heading = (struct plan_text){id, "題", sample.paragraph, 1};
}

static void set_initiative(int index, enum initiative_kind kind)
{
	sample.initiatives[index] = (struct initiative){
		.number = index + 1,
		.title = "取組",
		.short_title = "取",
		.pictogram = "card",
		.departments = sample.department,
		.department_count = 1,
		.group = index < 2 ? PLAN_GROUP_IMPLEMENTATION
				   : PLAN_GROUP_CONSIDERATION_AND_RESEARCH,
		.kind = kind,
	};
}

static int setup(void **state)
{
	(void)state;
	memset(&sample, 0, sizeof(sample));
	sample.line[0] = "適用検討";
	sample.department[0] = "企画政策課";
	sample.paragraph[0] = "文。";
	sample.results[0] = (struct plan_result){2024, 11, "出典"};
	sample.results[1] = (struct plan_result){2026, 12, "出典"};
	sample.series[0] = (struct plan_series){.unit = "件",
						.baseline = {2023, 10},
						.target = {2028, 8},
						.results = sample.results,
						.result_count = 2};
	sample.series[1] = (struct plan_series){
		.label = "RPA", .unit = "件", .baseline = {2023, 1}, .target = {2025, 2}};
	sample.indicator = (struct plan_indicator){.name = "件数",
						   .measure_text = "累計",
						   .series = sample.series,
						   .series_count = 1};
	sample.phases[0] = (struct plan_phase){2024, 2025, sample.line, 1, 0};
	sample.phases[1] = (struct plan_phase){2027, 2028, sample.line, 1, 7};
	set_initiative(0, INITIATIVE_INDICATOR);
	sample.initiatives[0].indicator = &sample.indicator;
	set_initiative(1, INITIATIVE_ON_DEMAND);
	sample.initiatives[1].status = "随時対応";
	set_initiative(2, INITIATIVE_ROADMAP);
	sample.initiatives[2].phases = sample.phases;
	sample.initiatives[2].phase_count = 2;
	set_initiative(3, INITIATIVE_ELSEWHERE);
	sample.initiatives[3].status = "他で管理";
	sample.plan = (struct plan){.city = "市",
				    .municipal_code = "132292",
				    .title = "方針",
				    .source = "概要版",
				    .principle = "理念",
				    .first_fiscal_year = 2024,
				    .last_fiscal_year = 2028,
				    .fields = &sample.field,
				    .field_count = 1,
				    .initiatives = sample.initiatives,
				    .initiative_count = 4};
	set_heading(&sample.plan.position, "position");
	set_heading(&sample.plan.principle_text, "principle");
	set_heading(&sample.plan.local, "local");
	set_heading(&sample.plan.approach, "approach");
	set_heading(&sample.plan.progress, "progress");
	set_heading(&sample.field, "field");
	return 0;
}

static void assert_refused(const char *sentence)
{
	struct err err = {0};

	assert_fails(plan_check(&sample.plan, &err), err, ERR_INVALID, sentence);
	setup(NULL);
}

static void whole_plan_is_right(void **state)
{
	struct err err = {0};

	(void)state;
	assert_ok(plan_check(&sample.plan, &err), err);
	sample.series[0].label = "AI-OCR";
	sample.indicator.series_count = 2;
	assert_ok(plan_check(&sample.plan, &err), err);
}

static void numbers_must_go_up_without_gaps(void **state)
{
	(void)state;
	sample.initiatives[2].number = 4;
	assert_refused("initiatives[2].number: expected 3");
	sample.initiatives[0].number = 0;
	assert_refused("initiatives[0].number: expected 1");
	sample.plan.initiative_count = 0;
	assert_refused("initiatives: expected 1–100, got 0");
}

static void phases_must_be_ascending_disjoint_and_within_the_plan(void **state)
{
	(void)state;
	sample.phases[1].first_fiscal_year = 2025;
	assert_refused(
		"initiatives[2].phases[1].first_fiscal_year: 2025 is not after 2025");
	sample.phases[0].first_fiscal_year = 2023;
	assert_refused(
		"initiatives[2].phases[0].first_fiscal_year: 2023–2025 is not within");
	sample.phases[1].last_fiscal_year = 2029;
	assert_refused(
		"initiatives[2].phases[1].first_fiscal_year: 2027–2029 is not within");
	sample.phases[1].last_fiscal_year = 2026;
	assert_refused("initiatives[2].phases[1].last_fiscal_year: 2026 is before");
	sample.phases[0].line_count = 0;
	assert_refused("initiatives[2].phases[0].lines: expected 1–6, got 0");
	sample.phases[0].stages = 8;
	assert_refused("initiatives[2].phases[0].stages: ");
	sample.initiatives[2].phase_count = 0;
	assert_refused("initiatives[2].phases: expected 1–10, got 0");
}

static void what_an_initiative_has_must_fit_its_kind(void **state)
{
	(void)state;
	sample.initiatives[0].indicator = NULL;
	assert_refused("initiatives[0].indicator: is missing");
	sample.initiatives[1].indicator = &sample.indicator;
	assert_refused("initiatives[1].indicator: does not go with this kind");
	sample.initiatives[1].status = NULL;
	assert_refused("initiatives[1].status: is missing");
	sample.initiatives[2].status = "随時対応";
	assert_refused("initiatives[2].status: does not go with this kind");
	sample.initiatives[3].phases = sample.phases;
	sample.initiatives[3].phase_count = 1;
	assert_refused("initiatives[3].phases: do not go with this kind");
	sample.initiatives[3].department_count = 0;
	assert_refused("initiatives[3].departments: expected 1–8, got 0");
}

static void labels_tell_several_series_apart(void **state)
{
	(void)state;
	sample.series[0].label = "AI-OCR";
	assert_refused("initiatives[0].indicator.series[0].label: only one");
	sample.indicator.series_count = 2;
	assert_refused("initiatives[0].indicator.series[0].label: is missing");
	sample.indicator.series_count = 2;
	sample.series[0].label = "RPA";
	assert_refused("initiatives[0].indicator.series[1].label: is that of series[0]");
}

static void results_must_come_after_the_baseline_in_order(void **state)
{
	(void)state;
	sample.results[0].fiscal_year = 2023;
	assert_refused(
		"initiatives[0].indicator.series[0].results[0].fiscal_year: 2023 is "
		"not after 2023");
	sample.results[1].fiscal_year = 2024;
	assert_refused("series[0].results[1].fiscal_year: 2024 is not after 2024");
	sample.results[1].value = -1;
	assert_refused("series[0].results[1].value: is below 0");
	sample.results[1].source = "出典\n+ result 2";
	assert_refused("series[0].results[1].source: must be a single line");
	sample.series[0].target.fiscal_year = 2023;
	assert_refused("series[0].target.fiscal_year: 2023 is not after the baseline's");
}

static void target_below_its_baseline_is_a_target(void **state)
{
	struct err err = {0};

	(void)state;
	sample.series[0].target.value = 0;
	assert_ok(plan_check(&sample.plan, &err), err);
}

static void years_of_the_plan_must_be_in_order_and_few(void **state)
{
	(void)state;
	sample.plan.last_fiscal_year = 2023;
	assert_refused("last_fiscal_year: ");
	sample.plan.last_fiscal_year = 2044;
	assert_refused("last_fiscal_year: ");
	sample.plan.position.paragraph_count = 0;
	assert_refused("position.paragraphs: expected 1–6, got 0");
	sample.field.title = NULL;
	assert_refused("fields[0].title: ");
}

static void phase_of_a_year_is_found_or_blank(void **state)
{
	const struct initiative *initiative = plan_initiative(&sample.plan, 3);

	(void)state;
	assert_ptr_equal(initiative, &sample.initiatives[2]);
	assert_null(initiative_phase(initiative, 2023));
	assert_ptr_equal(initiative_phase(initiative, 2024), &sample.phases[0]);
	assert_ptr_equal(initiative_phase(initiative, 2025), &sample.phases[0]);
	assert_null(initiative_phase(initiative, 2026));
	assert_ptr_equal(initiative_phase(initiative, 2028), &sample.phases[1]);
	assert_null(initiative_phase(initiative, 2029));
}

static void initiatives_are_found_and_counted(void **state)
{
	(void)state;
	assert_null(plan_initiative(&sample.plan, 0));
	assert_null(plan_initiative(&sample.plan, 5));
	assert_int_equal(plan_count_group(&sample.plan, PLAN_GROUP_IMPLEMENTATION), 2);
	assert_int_equal(
		plan_count_group(&sample.plan, PLAN_GROUP_CONSIDERATION_AND_RESEARCH), 2);
	assert_null(plan_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(whole_plan_is_right, setup),
		cmocka_unit_test_setup(numbers_must_go_up_without_gaps, setup),
		cmocka_unit_test_setup(
			phases_must_be_ascending_disjoint_and_within_the_plan, setup),
		cmocka_unit_test_setup(what_an_initiative_has_must_fit_its_kind, setup),
		cmocka_unit_test_setup(labels_tell_several_series_apart, setup),
		cmocka_unit_test_setup(results_must_come_after_the_baseline_in_order,
				       setup),
		cmocka_unit_test_setup(target_below_its_baseline_is_a_target, setup),
		cmocka_unit_test_setup(years_of_the_plan_must_be_in_order_and_few, setup),
		cmocka_unit_test_setup(phase_of_a_year_is_found_or_blank, setup),
		cmocka_unit_test_setup(initiatives_are_found_and_counted, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
