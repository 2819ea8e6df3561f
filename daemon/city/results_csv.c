/* Results as a file for Excel: what holds now with lines to fill in, or all that ever held. */
#include "city/results.h"

#include <stdio.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/csv.h"
#include "core/err.h"
#include "core/plan.h"

#define FILE_MAX ((size_t)16 * 1024 * 1024)

const char *const results_columns[RESULTS_COLUMNS] = {
	[RESULTS_CODE] = "全国地方公共団体コード",
	[RESULTS_INITIATIVE] = "重点取組番号",
	[RESULTS_TITLE] = "重点取組名",
	[RESULTS_INDICATOR] = "成果指標",
	[RESULTS_SERIES] = "系列",
	[RESULTS_UNIT] = "単位",
	[RESULTS_YEAR] = "年度（西暦）",
	[RESULTS_ERA] = "年度（和暦）",
	[RESULTS_VALUE] = "実績値",
	[RESULTS_SOURCE] = "出典",
	[RESULTS_NOTE] = "備考",
	[RESULTS_WHO] = "入力者",
	[RESULTS_AT] = "入力日時",
};

void results_title(const struct initiative *initiative,
		   char out[static RESULTS_TITLE_SIZE])
{
	const char *subtitle = initiative->subtitle;

	snprintf(out, RESULTS_TITLE_SIZE, "%s%s%s%s", initiative->title,
		 subtitle ? "【" : "", subtitle ? subtitle : "", subtitle ? "】" : "");
}

void results_indicator(const struct plan_indicator *indicator,
		       char out[static RESULTS_TITLE_SIZE])
{
	snprintf(out, RESULTS_TITLE_SIZE, "%s（%s）", indicator->name,
		 indicator->measure_text);
}

struct lines {
	struct csv csv;
	const struct city *city;
	struct results_filter filter;
};

/* The cells before the figure. @series NULL: the plan no longer has it. */
static void add_place(struct lines *lines, const struct result *result,
		      const struct plan_series *series)
{
	const struct initiative *initiative =
		plan_initiative(lines->city->plan, result->initiative);
	char title[RESULTS_TITLE_SIZE] = "", indicator[RESULTS_TITLE_SIZE] = "";
	char era[FISCAL_YEAR_TEXT_SIZE];
	struct csv *csv = &lines->csv;

	if (initiative)
		results_title(initiative, title);
	if (initiative && initiative->indicator)
		results_indicator(initiative->indicator, indicator);
	fiscal_year_format(result->fiscal_year, era);
	csv_text(csv, lines->city->plan->municipal_code);
	csv_number(csv, result->initiative);
	csv_text(csv, title);
	csv_text(csv, indicator);
	csv_text(csv, result->series);
	csv_text(csv, series ? series->unit : "");
	csv_number(csv, result->fiscal_year);
	csv_text(csv, era);
}

static bool add_row(void *context, const struct result_row *row, struct err *err)
{
	struct lines *lines = context;
	struct csv *csv = &lines->csv;
	const struct result *result = &row->result;
	char at[WALL_TEXT_SIZE];

	add_place(lines, result, result_series(lines->city->plan, result, err));
	if (result->withdrawn)
		csv_text(csv, "");
	else
		csv_number(csv, result->value);
	csv_text(csv, result->source);
	csv_text(csv, result->note);
	csv_text(csv, row->who);
	wall_format_jst(row->at, at);
	csv_text(csv, at);
	csv_end_row(csv);
	return true;
}

/* A line to fill in. */
static void add_blank(struct lines *lines, const struct result *result,
		      const struct plan_series *series)
{
	add_place(lines, result, series);
	for (int i = RESULTS_VALUE; i < RESULTS_COLUMNS; i++)
		csv_text(&lines->csv, "");
	csv_end_row(&lines->csv);
}

static bool wanted(const struct results_filter *filter, const struct result *result)
{
	return (filter->initiative == 0 || filter->initiative == result->initiative) &&
	       (filter->fiscal_year == 0 || filter->fiscal_year == result->fiscal_year);
}

/* Every year of a series that has ended, as far as the plan goes or a result holds. */
static bool add_series(struct lines *lines, const struct results_held *held,
		       int initiative, const struct plan_series *series, int last,
		       struct err *err)
{
	for (int year = series->baseline.fiscal_year + 1; year <= last; year++) {
		const struct result place = {.initiative = initiative,
					     .series = series->label ? series->label : "",
					     .fiscal_year = year};
		const struct result_row *row = results_held_find(held, &place);

		if (!wanted(&lines->filter, &place))
			continue;
		if (row && !add_row(lines, row, err))
			return false;
		if (!row && year <= lines->city->plan->last_fiscal_year)
			add_blank(lines, &place, series);
	}
	return true;
}

static bool add_all(struct lines *lines, const struct results_held *held,
		    struct wall_ms now, struct err *err)
{
	const struct plan *plan = lines->city->plan;

	for (size_t i = 0; i < plan->initiative_count; i++) {
		const struct initiative *initiative = &plan->initiatives[i];

		for (size_t k = 0;
		     initiative->indicator && k < initiative->indicator->series_count;
		     k++)
			if (!add_series(lines, held, initiative->number,
					&initiative->indicator->series[k],
					fiscal_year_of(now) - 1, err))
				return false;
	}
	/* What an earlier plan had a place for is not hidden. */
	for (size_t i = 0; i < held->count; i++) {
		const struct result *result = &held->rows[i].result;

		if (!result_series(plan, result, err) && wanted(&lines->filter, result) &&
		    !add_row(lines, &held->rows[i], err))
			return false;
	}
	return true;
}

bool api_results_csv(struct city *city, struct request *request, struct reply *reply,
		     struct err *err)
{
	CLEANUP(results_held_done) struct results_held held = {0};
	CLEANUP(buffer_done) struct buffer out;
	struct lines lines = {.city = city};
	bool done;

	buffer_init(&out, FILE_MAX);
	if (!results_query_read(request, &lines.filter, err))
		return false;
	csv_begin(&lines.csv, &out);
	for (size_t i = 0; i < RESULTS_COLUMNS; i++)
		csv_text(&lines.csv, results_columns[i]);
	csv_end_row(&lines.csv);
	if (lines.filter.history)
		done = results_each(city->db, &lines.filter, add_row, &lines, err);
	else
		done = results_held_read(city, &held, err) &&
		       add_all(&lines, &held, request->now.wall, err);
	if (!done)
		return false;
	reply->type = REPLY_CSV;
	snprintf(reply->disposition, sizeof(reply->disposition),
		 "attachment; filename=\"ekimae-results%s.csv\"",
		 lines.filter.history ? "-history" : "");
	return reply_take(reply, &out, err);
}
