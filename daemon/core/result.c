#include "core/result.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "core/plan.h"
#include "core/utf8.h"

bool result_same_place(const struct result *left, const struct result *right)
{
	return left->initiative == right->initiative &&
	       left->fiscal_year == right->fiscal_year &&
	       strcmp(left->series, right->series) == 0;
}

/* Results belong to indicators; of the others the plan itself says what they have. */
static bool has_figures(const struct initiative *initiative, struct err *err)
{
	switch (initiative->kind) {
	case INITIATIVE_INDICATOR:
		return true;
	case INITIATIVE_ON_DEMAND:
	case INITIATIVE_ELSEWHERE:
		return err_set(err, ERR_INVALID,
			       "initiative %d has no figure; the plan says: %s. Enter "
			       "nothing for it",
			       initiative->number, initiative->status);
	case INITIATIVE_ROADMAP:
		return err_set(err, ERR_INVALID,
			       "initiative %d has no figure but a roadmap by year. Enter "
			       "nothing for it",
			       initiative->number);
	}
	return false;
}

static void list_labels(const struct plan_indicator *indicator, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < indicator->series_count && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? ", " : "",
					indicator->series[i].label);
}

const struct plan_series *result_series(const struct plan *plan,
					const struct result *result, struct err *err)
{
	const struct initiative *initiative = plan_initiative(plan, result->initiative);
	const struct plan_indicator *indicator;
	char labels[200];

	if (!initiative) {
		err_set(err, ERR_INVALID, "there is no initiative %d: they are 1 to %zu",
			result->initiative, plan->initiative_count);
		return NULL;
	}
	if (!has_figures(initiative, err))
		return NULL;
	indicator = initiative->indicator;
	for (size_t i = 0; i < indicator->series_count; i++) {
		const char *label = indicator->series[i].label;

		if (strcmp(label ? label : "", result->series) == 0)
			return &indicator->series[i];
	}
	if (indicator->series_count == 1) {
		err_set(err, ERR_INVALID,
			"initiative %d has only one figure: leave \"%.40s\" out",
			initiative->number, result->series);
		return NULL;
	}
	list_labels(indicator, labels, sizeof(labels));
	err_set(err, ERR_INVALID,
		"initiative %d has several figures: name one of %s, not \"%.40s\"",
		initiative->number, labels, result->series);
	return NULL;
}

static bool check_year(const struct plan_series *series, int year, struct wall_ms now,
		       struct err *err)
{
	int first = series->baseline.fiscal_year + 1;
	char name[FISCAL_YEAR_TEXT_SIZE], first_name[FISCAL_YEAR_TEXT_SIZE];

	if (year < FISCAL_YEAR_MIN || year > FISCAL_YEAR_MAX)
		return err_set(err, ERR_INVALID, "there is no fiscal year %d here", year);
	fiscal_year_format(year, name);
	fiscal_year_format(first, first_name);
	if (year < first)
		return err_set(err, ERR_INVALID,
			       "%s (%d) is not after the figure that the plan starts "
			       "from: results begin with %s (%d)",
			       name, year, first_name, first);
	if (year >= first + PLAN_RESULTS_MAX)
		return err_set(err, ERR_INVALID,
			       "%s (%d) is over %d years after the plan's first figure",
			       name, year, PLAN_RESULTS_MAX);
	if (year >= fiscal_year_of(now))
		return err_set(err, ERR_INVALID,
			       "%s (%d) has not ended: its result can be entered from "
			       "%d-04-01 on",
			       name, year, year + 1);
	return true;
}

static bool check_text(const char *text, size_t max, struct err *err)
{
	size_t count;

	if (!utf8_is_valid(text))
		return err_set(err, ERR_INVALID, "is no UTF-8");
	if (utf8_has_control(text) || strchr(text, '\n'))
		return err_set(err, ERR_INVALID,
			       "holds a line break or control character: write it in one "
			       "line");
	count = utf8_count(text);
	if (count > max)
		return err_set(err, ERR_INVALID,
			       "has %zu characters, at most %zu fit: shorten it", count,
			       max);
	return true;
}

static bool check_value(const struct result *result, struct err *err)
{
	if (result->value >= 0 && result->value <= PLAN_VALUE_MAX)
		return true;
	return err_set(err, ERR_INVALID, "expected 0 to %" PRId64 ", got %" PRId64,
		       PLAN_VALUE_MAX, result->value);
}

static bool check_source(const struct result *result, struct err *err)
{
	if (!result->withdrawn && result->source[0] == '\0')
		return err_set(err, ERR_INVALID,
			       "is missing: say where the city published the figure");
	return check_text(result->source, PLAN_SOURCE_MAX, err);
}

static bool check_note(const struct result *result, struct err *err)
{
	if (result->withdrawn && result->note[0] == '\0')
		return err_set(err, ERR_INVALID,
			       "is missing: say why the result is withdrawn");
	return check_text(result->note, RESULT_NOTE_MAX, err);
}

bool result_check_itself(const struct result *result, enum result_part *out_part,
			 struct err *err)
{
	if (!check_value(result, err))
		*out_part = RESULT_VALUE;
	else if (!check_source(result, err))
		*out_part = RESULT_SOURCE;
	else if (!check_note(result, err))
		*out_part = RESULT_NOTE;
	else
		return true;
	return false;
}

bool result_check(const struct plan *plan, const struct result *result,
		  struct wall_ms now, enum result_part *out_part, struct err *err)
{
	const struct plan_series *series = result_series(plan, result, err);
	const struct initiative *initiative = plan_initiative(plan, result->initiative);

	if (!series)
		*out_part = initiative && initiative->indicator ? RESULT_SERIES
								: RESULT_INITIATIVE;
	else if (!check_year(series, result->fiscal_year, now, err))
		*out_part = RESULT_FISCAL_YEAR;
	else
		return result_check_itself(result, out_part, err);
	return false;
}

const char *result_part_name(enum result_part part)
{
	switch (part) {
	case RESULT_INITIATIVE:
		return "initiative";
	case RESULT_SERIES:
		return "series";
	case RESULT_FISCAL_YEAR:
		return "fiscal_year";
	case RESULT_VALUE:
		return "value";
	case RESULT_SOURCE:
		return "source";
	case RESULT_NOTE:
		return "note";
	}
	return "";
}
