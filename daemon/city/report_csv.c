/* The count of a fiscal year, for people who use Excel: open data, without login. */
#include <stdio.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/csv.h"
#include "city/report.h"
#include "core/err.h"
#include "core/plan.h"

struct csv_lines {
	struct csv csv;
	const struct city *city;
	struct report_query query;
	char era[FISCAL_YEAR_TEXT_SIZE];
	const struct report_column *columns;
	size_t column_count;
};

static void add_cell(struct csv *csv, const struct report_column *column,
		     const struct report_cell *cell)
{
	char text[WALL_TEXT_SIZE] = "";

	switch (column->kind) {
	case REPORT_TEXT:
		csv_text(csv, cell->text);
		return;
	case REPORT_TIME:
		if (cell->at.ms != 0)
			wall_format_jst(cell->at, text);
		csv_text(csv, text);
		return;
	case REPORT_NUMBER:
		csv_number(csv, cell->number);
		return;
	case REPORT_SPAN:
		csv_number(csv, cell->number / 1000);
		return;
	}
}

static void add_row(void *context, const struct report_cell *cells)
{
	struct csv_lines *lines = context;

	csv_text(&lines->csv, lines->city->plan->municipal_code);
	csv_number(&lines->csv, lines->query.fiscal_year);
	csv_text(&lines->csv, lines->era);
	for (size_t i = 0; i < lines->column_count; i++)
		add_cell(&lines->csv, &lines->columns[i], &cells[i]);
	csv_end_row(&lines->csv);
}

static void add_head(struct csv_lines *lines)
{
	static const char *const year[] = {"全国地方公共団体コード", "年度（西暦）",
					   "年度（和暦）"};

	for (size_t i = 0; i < ARRAY_LEN(year); i++)
		csv_text(&lines->csv, year[i]);
	for (size_t i = 0; i < lines->column_count; i++)
		csv_text(&lines->csv, lines->columns[i].csv);
	csv_end_row(&lines->csv);
}

bool api_report_csv(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	static const char *const suffixes[] = {
		[REPORT_BY_NOTICE] = "",
		[REPORT_BY_SCREEN] = "-screen",
		[REPORT_BY_MONTH] = "-month",
		[REPORT_BY_DEPARTMENT] = "-department",
	};
	CLEANUP(buffer_done) struct buffer out;
	struct csv_lines lines = {.city = city};
	const struct report_query *query = &lines.query;
	struct ledger_summary summary;

	buffer_init(&out, REPORT_MAX);
	if (!report_query_read(request, &lines.query, err))
		return false;
	fiscal_year_format(query->fiscal_year, lines.era);
	lines.columns = report_columns(query->by, &lines.column_count);
	csv_begin(&lines.csv, &out);
	add_head(&lines);
	if (!report_rows(city->ledger, query, &summary, add_row, &lines, err))
		return false;
	reply->type = REPLY_CSV;
	snprintf(reply->disposition, sizeof(reply->disposition),
		 "attachment; filename=\"ekimae-%d%s.csv\"", query->fiscal_year,
		 suffixes[query->by]);
	return reply_take(reply, &out, err);
}
