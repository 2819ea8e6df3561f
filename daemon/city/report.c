/* The count of a fiscal year, for programs. */
#include "city/report.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "core/err.h"
#include "core/plan.h"

static const struct {
	const char *name, *list; /* of the query; of JSON: the array */
} forms[] = {
	[REPORT_BY_NOTICE] = {"notice", "notices"},
	[REPORT_BY_SCREEN] = {"screen", "screens"},
	[REPORT_BY_MONTH] = {"month", "months"},
	[REPORT_BY_DEPARTMENT] = {"department", "departments"},
};

static bool wanted_year(const struct request *request, int *out, struct err *err)
{
	if (request->fiscal_year[0] == '\0') {
		*out = fiscal_year_of(request->now.wall);
		return true;
	}
	return fiscal_year_parse(request->fiscal_year, out, err) ||
	       err_prefix(err, "fiscal_year");
}

bool report_query_read(const struct request *request, struct report_query *out,
		       struct err *err)
{
	struct report_query query = {.by = REPORT_BY_NOTICE};

	if (!wanted_year(request, &query.fiscal_year, err))
		return false;
	for (size_t i = 0; request->by[0] && i <= ARRAY_LEN(forms); i++) {
		if (i == ARRAY_LEN(forms))
			return err_set(err, ERR_INVALID,
				       "by: expected notice, screen, month or "
				       "department, got \"%s\"",
				       request->by);
		if (strcmp(request->by, forms[i].name) == 0) {
			query.by = (enum report_by)i;
			break;
		}
	}
	*out = query;
	return true;
}

/* --- JSON ------------------------------------------------------------------------------ */

struct json_lines {
	struct buffer *out;
	const struct report_column *columns;
	size_t column_count, count;
};

static void add_cell(struct buffer *out, const struct report_column *column,
		     const struct report_cell *cell)
{
	char text[WALL_TEXT_SIZE];

	buffer_printf(out, "\"%s\":", column->json);
	switch (column->kind) {
	case REPORT_TEXT:
		buffer_json(out, cell->text);
		return;
	case REPORT_TIME:
		wall_format_jst(cell->at, text);
		if (cell->at.ms != 0)
			buffer_printf(out, "\"%s\"", text);
		else
			buffer_add(out, "null");
		return;
	case REPORT_NUMBER:
	case REPORT_SPAN:
		buffer_printf(out, "%" PRId64, cell->number);
		return;
	}
}

static void add_row(void *context, const struct report_cell *cells)
{
	struct json_lines *lines = context;

	buffer_add(lines->out, lines->count++ > 0 ? ",{" : "{");
	for (size_t i = 0; i < lines->column_count; i++) {
		buffer_add(lines->out, i ? "," : "");
		add_cell(lines->out, &lines->columns[i], &cells[i]);
	}
	buffer_add(lines->out, "}");
}

static void add_summary(struct buffer *out, const struct city *city,
			const struct ledger_summary *summary)
{
	char era[FISCAL_YEAR_TEXT_SIZE], from[WALL_TEXT_SIZE], until[WALL_TEXT_SIZE];

	fiscal_year_format(summary->fiscal_year, era);
	wall_format_jst(fiscal_year_start(summary->fiscal_year), from);
	wall_format_jst(fiscal_year_start(summary->fiscal_year + 1), until);
	buffer_add(out, "{\"format\":\"ekimae.report/1\",\"municipal_code\":");
	buffer_json(out, city->plan->municipal_code);
	buffer_printf(
		out,
		",\"fiscal_year\":%d,\"era\":\"%s\",\"from\":\"%s\",\"until\":\"%s\""
		",\"count\":%" PRId64 ",\"complete\":%" PRId64 ",\"partial\":%" PRId64
		",\"shown_ms\":%" PRId64 ",\"undated\":%" PRId64 ",\"late\":%" PRId64
		",\"folded\":%" PRId64 ",\"quarantined\":%" PRId64,
		summary->fiscal_year, era, from, until, summary->notices,
		summary->complete, summary->partial, summary->shown_ms, summary->undated,
		summary->late, summary->folded, summary->quarantined);
}

bool api_report(struct city *city, struct request *request, struct reply *reply,
		struct err *err)
{
	CLEANUP(buffer_done) struct buffer list;
	CLEANUP(buffer_done) struct buffer out;
	struct json_lines lines = {.out = &list};
	struct ledger_summary summary;
	struct report_query query;
	char *text;
	size_t len;

	buffer_init(&list, REPORT_MAX);
	buffer_init(&out, 2 * REPORT_MAX);
	if (!report_query_read(request, &query, err))
		return false;
	lines.columns = report_columns(query.by, &lines.column_count);
	if (!report_rows(city->ledger, &query, &summary, add_row, &lines, err))
		return false;
	if (!buffer_take(&list, &text, &len, err))
		return false;
	add_summary(&out, city, &summary);
	buffer_printf(&out, ",\"%s\":[", forms[query.by].list);
	buffer_add_bytes(&out, text, len);
	buffer_add(&out, "]}");
	free(text);
	return reply_take(reply, &out, err);
}
