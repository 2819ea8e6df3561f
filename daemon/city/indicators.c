/*
 * The plan's indicators as open data, without login: baseline, target and results of each,
 * from the plan that was signed and that the screens show.
 */
#include <inttypes.h>
#include <stdio.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/csv.h"
#include "city/results.h"
#include "core/err.h"
#include "core/plan.h"

#define FILE_MAX    ((size_t)16 * 1024 * 1024)
#define FIGURES_MAX (PLAN_RESULTS_MAX + 2)

enum figure_kind { FIGURE_ESTIMATE, FIGURE_RESULT, FIGURE_TARGET };

/* A figure of a series; a year may have both a result and a target. */
struct figure {
	enum figure_kind kind;
	int fiscal_year;
	int64_t value;
	const char *source; /* of a result that was entered; else the plan's own */
};

/* All figures of @series: baseline, results by year, target. */
static size_t figures_of(const struct plan *plan, const struct plan_series *series,
			 struct figure out[static FIGURES_MAX])
{
	size_t count = 0;

	out[count++] = (struct figure){
		series->baseline_is_estimate ? FIGURE_ESTIMATE : FIGURE_RESULT,
		series->baseline.fiscal_year, series->baseline.value, plan->source};
	for (size_t i = 0; i < series->result_count; i++)
		out[count++] = (struct figure){
			FIGURE_RESULT, series->results[i].fiscal_year,
			series->results[i].value, series->results[i].source};
	out[count++] = (struct figure){FIGURE_TARGET, series->target.fiscal_year,
				       series->target.value, plan->source};
	return count;
}

/* ---- CSV: one line for each figure ---- */

static void add_line(struct csv *csv, const struct plan *plan,
		     const struct initiative *initiative,
		     const struct plan_series *series, const struct figure *figure)
{
	static const char *const kinds[] = {[FIGURE_ESTIMATE] = "実績（見込）",
					    [FIGURE_RESULT] = "実績",
					    [FIGURE_TARGET] = "目標"};
	char title[RESULTS_TITLE_SIZE], era[FISCAL_YEAR_TEXT_SIZE];

	results_title(initiative, title);
	fiscal_year_format(figure->fiscal_year, era);
	csv_text(csv, plan->municipal_code);
	csv_number(csv, initiative->number);
	csv_text(csv, title);
	csv_text(csv, initiative->indicator->name);
	csv_text(csv, initiative->indicator->measure_text);
	csv_text(csv, series->label ? series->label : "");
	csv_number(csv, figure->fiscal_year);
	csv_text(csv, era);
	csv_text(csv, kinds[figure->kind]);
	csv_number(csv, figure->value);
	csv_text(csv, series->unit);
	csv_text(csv, figure->source);
	csv_end_row(csv);
}

bool api_indicators_csv(struct city *city, struct request *request, struct reply *reply,
			struct err *err)
{
	static const char *const head[] = {
		"全国地方公共団体コード",
		"重点取組番号",
		"重点取組名",
		"成果指標",
		"集計",
		"系列",
		"年度（西暦）",
		"年度（和暦）",
		"区分",
		"値",
		"単位",
		"出典",
	};
	const struct plan *plan = city->plan;
	CLEANUP(buffer_done) struct buffer out;
	struct figure figures[FIGURES_MAX];
	struct csv csv;

	(void)request;
	buffer_init(&out, FILE_MAX);
	csv_begin(&csv, &out);
	for (size_t i = 0; i < ARRAY_LEN(head); i++)
		csv_text(&csv, head[i]);
	csv_end_row(&csv);
	for (size_t i = 0; i < plan->initiative_count; i++) {
		const struct plan_indicator *indicator = plan->initiatives[i].indicator;

		for (size_t k = 0; indicator && k < indicator->series_count; k++) {
			const struct plan_series *series = &indicator->series[k];
			size_t count = figures_of(plan, series, figures);

			for (size_t n = 0; n < count; n++)
				add_line(&csv, plan, &plan->initiatives[i], series,
					 &figures[n]);
		}
	}
	reply->type = REPLY_CSV;
	snprintf(reply->disposition, sizeof(reply->disposition),
		 "attachment; filename=\"ekimae-indicators.csv\"");
	return reply_take(reply, &out, err);
}

/* ---- JSON ---- */

static void add_text(struct buffer *out, const char *key, const char *text)
{
	buffer_printf(out, "\"%s\":", key);
	buffer_json(out, text);
	buffer_add(out, ",");
}

static void add_figures(struct buffer *out, const struct plan *plan,
			const struct plan_series *series)
{
	static const char *const kinds[] = {[FIGURE_ESTIMATE] = "estimate",
					    [FIGURE_RESULT] = "result",
					    [FIGURE_TARGET] = "target"};
	struct figure figures[FIGURES_MAX];
	size_t count = figures_of(plan, series, figures);

	for (size_t i = 0; i < count; i++) {
		const struct figure *figure = &figures[i];
		char era[FISCAL_YEAR_TEXT_SIZE];

		fiscal_year_format(figure->fiscal_year, era);
		buffer_printf(out, "%s{\"fiscal_year\":%d,", i ? "," : "",
			      figure->fiscal_year);
		add_text(out, "era", era);
		buffer_printf(out, "\"kind\":\"%s\",\"value\":%" PRId64 ",\"source\":",
			      kinds[figure->kind], figure->value);
		buffer_json(out, figure->source);
		buffer_add(out, "}");
	}
}

static void add_indicator(struct buffer *out, const struct plan *plan,
			  const struct initiative *initiative)
{
	const struct plan_indicator *indicator = initiative->indicator;

	buffer_printf(out, "{\"initiative\":%d,", initiative->number);
	add_text(out, "title", initiative->title);
	if (initiative->subtitle)
		add_text(out, "subtitle", initiative->subtitle);
	add_text(out, "indicator", indicator->name);
	add_text(out, "measure",
		 indicator->measure == MEASURE_ANNUAL ? "annual" : "cumulative");
	buffer_add(out, "\"series\":[");
	for (size_t i = 0; i < indicator->series_count; i++) {
		const struct plan_series *series = &indicator->series[i];

		buffer_add(out, i ? ",{" : "{");
		if (series->label)
			add_text(out, "label", series->label);
		add_text(out, "unit", series->unit);
		buffer_add(out, "\"figures\":[");
		add_figures(out, plan, series);
		buffer_add(out, "]}");
	}
	buffer_add(out, "]}");
}

bool api_indicators(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	const struct plan *plan = city->plan;
	CLEANUP(buffer_done) struct buffer out;
	size_t count = 0;

	(void)request;
	buffer_init(&out, FILE_MAX);
	buffer_add(&out, "{");
	add_text(&out, "format", "ekimae.indicators/1");
	add_text(&out, "municipal_code", plan->municipal_code);
	add_text(&out, "city", plan->city);
	add_text(&out, "plan", plan->title);
	buffer_add(&out, "\"indicators\":[");
	for (size_t i = 0; i < plan->initiative_count; i++) {
		if (!plan->initiatives[i].indicator)
			continue;
		buffer_add(&out, count++ ? "," : "");
		add_indicator(&out, plan, &plan->initiatives[i]);
	}
	buffer_add(&out, "]}");
	return reply_take(reply, &out, err);
}
