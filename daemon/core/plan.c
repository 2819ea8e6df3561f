#include "core/plan.h"

#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/err.h"

#define YEAR_MIN  2000
#define YEAR_MAX  2199
#define YEARS_MAX 20 /* that a plan may span */
#define STAGE_BITS                                                                       \
	((1U << STAGE_RESEARCH) | (1U << STAGE_CONSIDERATION) |                          \
	 (1U << STAGE_IMPLEMENTATION))

struct plan *plan_free(struct plan *plan)
{
	/* The plan itself lies in its arena, too. */
	if (plan)
		arena_free(plan->arena);
	return NULL;
}

static bool fail(struct err *err, const char *sentence)
{
	return err_set(err, ERR_INVALID, "%s", sentence);
}

static bool check_figure(const struct plan_figure *figure, struct err *err)
{
	if (figure->fiscal_year < YEAR_MIN || figure->fiscal_year > YEAR_MAX)
		return err_set(err, ERR_INVALID, "fiscal_year: expected %d–%d, got %d",
			       YEAR_MIN, YEAR_MAX, figure->fiscal_year);
	if (figure->value < 0)
		return fail(err, "value: is below 0");
	return true;
}

static bool check_results(const struct plan_series *series, struct err *err)
{
	int last = series->baseline.fiscal_year;

	if (series->result_count > PLAN_RESULTS_MAX)
		return fail(err, "results: are too many");
	for (size_t i = 0; i < series->result_count; i++) {
		const struct plan_result *result = &series->results[i];
		const struct plan_figure figure = {result->fiscal_year, result->value};

		if (!check_figure(&figure, err))
			return err_within(err, "results[%zu]", i);
		if (result->fiscal_year <= last)
			return err_set(
				err, ERR_INVALID,
				"results[%zu].fiscal_year: %d is not after %d, the "
				"year of the figure before it",
				i, result->fiscal_year, last);
		if (!result->source)
			return err_set(err, ERR_INVALID,
				       "results[%zu].source: is missing", i);
		/* It is shown to who signs, line by line. */
		if (strchr(result->source, '\n'))
			return err_set(err, ERR_INVALID,
				       "results[%zu].source: must be a single line", i);
		last = result->fiscal_year;
	}
	return true;
}

static bool check_series(const struct plan_series *series, struct err *err)
{
	if (!series->unit)
		return fail(err, "unit: is missing");
	if (!check_figure(&series->baseline, err))
		return err_within(err, "baseline");
	if (!check_figure(&series->target, err))
		return err_within(err, "target");
	if (series->target.fiscal_year <= series->baseline.fiscal_year)
		return err_set(err, ERR_INVALID,
			       "target.fiscal_year: %d is not after the baseline's %d",
			       series->target.fiscal_year, series->baseline.fiscal_year);
	return check_results(series, err);
}

static bool check_labels(const struct plan_indicator *indicator, struct err *err)
{
	if (indicator->series_count == 1 && indicator->series[0].label)
		return fail(err,
			    "series[0].label: only one of several series has a label");
	if (indicator->series_count == 1)
		return true;
	for (size_t i = 0; i < indicator->series_count; i++) {
		if (!indicator->series[i].label)
			return err_set(err, ERR_INVALID,
				       "series[%zu].label: is missing; each of several "
				       "series needs one",
				       i);
		for (size_t j = 0; j < i; j++)
			if (strcmp(indicator->series[i].label,
				   indicator->series[j].label) == 0)
				return err_set(
					err, ERR_INVALID,
					"series[%zu].label: is that of series[%zu]", i,
					j);
	}
	return true;
}

static bool check_indicator(const struct plan_indicator *indicator, struct err *err)
{
	if (!indicator->name)
		return fail(err, "name: is missing");
	if (!indicator->measure_text)
		return fail(err, "measure_text: is missing");
	if (indicator->series_count == 0 || indicator->series_count > PLAN_SERIES_MAX)
		return err_set(err, ERR_INVALID, "series: expected 1–%d, got %zu",
			       PLAN_SERIES_MAX, indicator->series_count);
	for (size_t i = 0; i < indicator->series_count; i++)
		if (!check_series(&indicator->series[i], err))
			return err_within(err, "series[%zu]", i);
	return check_labels(indicator, err);
}

static bool check_phase(const struct plan *plan, const struct plan_phase *phase,
			struct err *err)
{
	if (phase->first_fiscal_year < plan->first_fiscal_year ||
	    phase->last_fiscal_year > plan->last_fiscal_year)
		return err_set(err, ERR_INVALID,
			       "first_fiscal_year: %d–%d is not within the plan's years "
			       "%d–%d",
			       phase->first_fiscal_year, phase->last_fiscal_year,
			       plan->first_fiscal_year, plan->last_fiscal_year);
	if (phase->last_fiscal_year < phase->first_fiscal_year)
		return err_set(err, ERR_INVALID,
			       "last_fiscal_year: %d is before the first, %d",
			       phase->last_fiscal_year, phase->first_fiscal_year);
	if (phase->line_count == 0 || phase->line_count > PLAN_LINES_MAX)
		return err_set(err, ERR_INVALID, "lines: expected 1–%d, got %zu",
			       PLAN_LINES_MAX, phase->line_count);
	if (phase->stages & ~STAGE_BITS)
		return fail(err, "stages: holds an unknown stage");
	return true;
}

static bool check_phases(const struct plan *plan, const struct initiative *initiative,
			 struct err *err)
{
	if (initiative->phase_count == 0 || initiative->phase_count > PLAN_PHASES_MAX)
		return err_set(err, ERR_INVALID, "phases: expected 1–%d, got %zu",
			       PLAN_PHASES_MAX, initiative->phase_count);
	for (size_t i = 0; i < initiative->phase_count; i++) {
		const struct plan_phase *phase = &initiative->phases[i];

		if (!check_phase(plan, phase, err))
			return err_within(err, "phases[%zu]", i);
		if (i > 0 && phase->first_fiscal_year <= phase[-1].last_fiscal_year)
			return err_set(
				err, ERR_INVALID,
				"phases[%zu].first_fiscal_year: %d is not after %d, "
				"the end of the phase before it",
				i, phase->first_fiscal_year, phase[-1].last_fiscal_year);
	}
	return true;
}

/* What an initiative has follows from its kind, and it has nothing else. */
static bool check_kind(const struct plan *plan, const struct initiative *initiative,
		       struct err *err)
{
	bool wants_indicator = false, wants_status = false, wants_phases = false;

	switch (initiative->kind) {
	case INITIATIVE_INDICATOR:
		wants_indicator = true;
		break;
	case INITIATIVE_ON_DEMAND:
	case INITIATIVE_ELSEWHERE:
		wants_status = true;
		break;
	case INITIATIVE_ROADMAP:
		wants_phases = true;
		break;
	}
	if (wants_indicator != (initiative->indicator != NULL))
		return fail(err, wants_indicator
					 ? "indicator: is missing"
					 : "indicator: does not go with this kind");
	if (wants_status != (initiative->status != NULL))
		return fail(err, wants_status ? "status: is missing"
					      : "status: does not go with this kind");
	if (!wants_phases && initiative->phase_count > 0)
		return fail(err, "phases: do not go with this kind");
	if (wants_phases)
		return check_phases(plan, initiative, err);
	if (wants_indicator && !check_indicator(initiative->indicator, err))
		return err_within(err, "indicator");
	return true;
}

static bool check_initiative(const struct plan *plan, size_t index, struct err *err)
{
	const struct initiative *initiative = &plan->initiatives[index];

	if (initiative->number != (int)index + 1)
		return err_set(
			err, ERR_INVALID,
			"number: expected %zu, since they go up without gaps, got %d",
			index + 1, initiative->number);
	if (!initiative->title)
		return fail(err, "title: is missing");
	if (!initiative->short_title)
		return fail(err, "short_title: is missing");
	if (!initiative->pictogram)
		return fail(err, "pictogram: is missing");
	if (initiative->department_count == 0 ||
	    initiative->department_count > PLAN_DEPARTMENTS_MAX)
		return err_set(err, ERR_INVALID, "departments: expected 1–%d, got %zu",
			       PLAN_DEPARTMENTS_MAX, initiative->department_count);
	return check_kind(plan, initiative, err);
}

static bool check_text(const char *name, const struct plan_text *text, struct err *err)
{
	if (!text->id || !text->title)
		return err_set(err, ERR_INVALID, "%s.title: id and title are needed",
			       name);
	if (text->paragraph_count == 0 || text->paragraph_count > PLAN_LINES_MAX)
		return err_set(err, ERR_INVALID, "%s.paragraphs: expected 1–%d, got %zu",
			       name, PLAN_LINES_MAX, text->paragraph_count);
	return true;
}

static bool check_texts(const struct plan *plan, struct err *err)
{
	if (!check_text("position", &plan->position, err) ||
	    !check_text("principle_text", &plan->principle_text, err) ||
	    !check_text("local", &plan->local, err) ||
	    !check_text("approach", &plan->approach, err) ||
	    !check_text("progress", &plan->progress, err))
		return false;
	if (plan->field_count == 0 || plan->field_count > PLAN_FIELDS_MAX)
		return err_set(err, ERR_INVALID, "fields: expected 1–%d, got %zu",
			       PLAN_FIELDS_MAX, plan->field_count);
	for (size_t i = 0; i < plan->field_count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "fields[%zu]", i);
		if (!check_text(name, &plan->fields[i], err))
			return false;
	}
	return true;
}

bool plan_check(const struct plan *plan, struct err *err)
{
	if (!plan->city || !plan->municipal_code || !plan->title || !plan->source ||
	    !plan->principle)
		return fail(
			err,
			"city, municipal_code, title, source and principle are needed");
	if (plan->first_fiscal_year < YEAR_MIN || plan->last_fiscal_year > YEAR_MAX)
		return err_set(err, ERR_INVALID, "first_fiscal_year: expected %d–%d",
			       YEAR_MIN, YEAR_MAX);
	if (plan->last_fiscal_year < plan->first_fiscal_year ||
	    plan->last_fiscal_year - plan->first_fiscal_year >= YEARS_MAX)
		return err_set(err, ERR_INVALID,
			       "last_fiscal_year: expected 0–%d years after the first",
			       YEARS_MAX - 1);
	if (!check_texts(plan, err))
		return false;
	if (plan->initiative_count == 0 || plan->initiative_count > PLAN_INITIATIVES_MAX)
		return err_set(err, ERR_INVALID, "initiatives: expected 1–%d, got %zu",
			       PLAN_INITIATIVES_MAX, plan->initiative_count);
	for (size_t i = 0; i < plan->initiative_count; i++)
		if (!check_initiative(plan, i, err))
			return err_within(err, "initiatives[%zu]", i);
	return true;
}

const struct initiative *plan_initiative(const struct plan *plan, int number)
{
	for (size_t i = 0; i < plan->initiative_count; i++)
		if (plan->initiatives[i].number == number)
			return &plan->initiatives[i];
	return NULL;
}

const struct plan_phase *initiative_phase(const struct initiative *initiative,
					  int fiscal_year)
{
	for (size_t i = 0; i < initiative->phase_count; i++) {
		const struct plan_phase *phase = &initiative->phases[i];

		if (fiscal_year >= phase->first_fiscal_year &&
		    fiscal_year <= phase->last_fiscal_year)
			return phase;
	}
	return NULL;
}

size_t plan_count_group(const struct plan *plan, enum plan_group group)
{
	size_t count = 0;

	for (size_t i = 0; i < plan->initiative_count; i++)
		if (plan->initiatives[i].group == group)
			count++;
	return count;
}
