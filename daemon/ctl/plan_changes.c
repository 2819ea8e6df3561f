#include "ctl/plan_changes.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/plan.h"
#include "core/programme.h"
#include "core/result.h"
#include "wire/plan_json.h"
#include "wire/plan_results.h"

static const struct plan_result *find(const struct plan_series *series, int year)
{
	for (size_t i = 0; series && i < series->result_count; i++)
		if (series->results[i].fiscal_year == year)
			return &series->results[i];
	return NULL;
}

static void print_head(char mark, const struct initiative *initiative,
		       const struct plan_series *series, int year)
{
	char era[FISCAL_YEAR_TEXT_SIZE];

	fiscal_year_format(year, era);
	printf("%c result %d %s%s%s %s (%d): ", mark, initiative->number,
	       initiative->indicator->name, series->label ? " " : "",
	       series->label ? series->label : "", era, year);
}

/* The results of @series that @other does not have alike. Without @other's values: they go. */
static void compare(const struct initiative *initiative, const struct plan_series *series,
		    const struct plan_series *other, bool goes, size_t *changes)
{
	for (size_t i = 0; i < series->result_count; i++) {
		const struct plan_result *result = &series->results[i];
		const struct plan_result *old = find(other, result->fiscal_year);

		if (old && (goes || (old->value == result->value &&
				     strcmp(old->source, result->source) == 0)))
			continue;
		print_head(goes  ? '-'
			   : old ? '~'
				 : '+',
			   initiative, series, result->fiscal_year);
		if (old)
			printf("%" PRId64 " → ", old->value);
		printf("%" PRId64 "%s\n    %s\n", result->value, series->unit,
		       result->source);
		(*changes)++;
	}
}

/* Compares every series of @plan with that of @other. */
static void compare_all(const struct plan *plan, const struct plan *other, bool goes,
			size_t *changes)
{
	struct err ignored;

	for (size_t i = 0; i < plan->initiative_count; i++) {
		const struct initiative *initiative = &plan->initiatives[i];
		const struct plan_indicator *indicator = initiative->indicator;

		for (size_t k = 0; indicator && k < indicator->series_count; k++) {
			const struct plan_series *series = &indicator->series[k];
			const struct result place = {
				.initiative = initiative->number,
				.series = series->label ? series->label : ""};

			compare(initiative, series,
				result_series(other, &place, &ignored), goes, changes);
		}
	}
}

/* Whether the plans are the same but for their results. */
static bool same_words(const char *before, size_t before_len, const char *after,
		       size_t after_len, bool *out, struct err *err)
{
	size_t len;
	char *left = plan_results_replace(before, before_len, NULL, 0, &len, err);
	char *right =
		left ? plan_results_replace(after, after_len, NULL, 0, &len, err) : NULL;

	if (right)
		*out = strcmp(left, right) == 0;
	free(left);
	free(right);
	return right != NULL;
}

bool plan_changes_show(const char *before, size_t before_len, const char *after,
		       size_t after_len, size_t *changes, struct err *err)
{
	struct plan *old = plan_from_json("plan.json", before, before_len, err);
	struct plan *new =
		old ? plan_from_json("plan.json", after, after_len, err) : NULL;
	bool same = false,
	     fine = new &&same_words(before, before_len, after, after_len, &same, err);

	if (fine) {
		compare_all(new, old, false, changes);
		compare_all(old, new, true, changes);
	}
	if (fine && !same) {
		puts("~ THE PLAN (plan.json): its words, figures or years, not only results");
		(*changes)++;
	}
	plan_free(old);
	plan_free(new);
	return fine;
}

static void print_count(const struct programme_count *count)
{
	char era[FISCAL_YEAR_TEXT_SIZE], as_of[WALL_TEXT_SIZE];

	if (!count->known) {
		fputs("none", stdout);
		return;
	}
	fiscal_year_format(count->fiscal_year, era);
	wall_format_jst(count->as_of, as_of);
	printf("%s %" PRId64 "件 (%s)", era, count->notices, as_of);
}

void plan_changes_show_count(const struct programme_count *before,
			     const struct programme_count *after)
{
	fputs("  count of notices shown: ", stdout);
	print_count(before);
	fputs(" → ", stdout);
	print_count(after);
	putchar('\n');
}
