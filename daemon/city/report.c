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
	const char *name, *list,
		*key; /* of the query; of JSON: the array, its first key */
} forms[] = {
	[REPORT_BY_NOTICE] = {"notice", "notices", "id"},
	[REPORT_BY_SCREEN] = {"screen", "screens", "id"},
	[REPORT_BY_MONTH] = {"month", "months", "month"},
	[REPORT_BY_DEPARTMENT] = {"department", "departments", "department"},
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

enum ledger_by report_groups_of(enum report_by by)
{
	switch (by) {
	case REPORT_BY_SCREEN:
		return LEDGER_BY_SCREEN;
	case REPORT_BY_DEPARTMENT:
		return LEDGER_BY_DEPARTMENT;
	case REPORT_BY_NOTICE:
	case REPORT_BY_MONTH:
		break;
	}
	return LEDGER_BY_MONTH;
}

/* --- JSON ------------------------------------------------------------------------------ */

struct json_lines {
	struct buffer *out;
	enum report_by by;
	size_t count;
};

/* A time that may be missing: a notice may have partial plays only. */
static void add_jst(struct buffer *out, const char *key, struct wall_ms at)
{
	char text[WALL_TEXT_SIZE];

	if (at.ms == 0) {
		buffer_printf(out, ",\"%s\":null", key);
		return;
	}
	wall_format_jst(at, text);
	buffer_printf(out, ",\"%s\":\"%s\"", key, text);
}

static bool add_line(void *context, const struct ledger_line *line, struct err *err)
{
	struct json_lines *lines = context;
	struct buffer *out = lines->out;

	(void)err;
	if (lines->count++ > 0)
		buffer_add(out, ",");
	buffer_add(out, "{\"id\":");
	buffer_json(out, line->notice_id);
	buffer_add(out, ",\"title\":");
	buffer_json(out, line->title);
	buffer_add(out, ",\"department\":");
	buffer_json(out, line->department);
	add_jst(out, "first", line->first);
	add_jst(out, "last", line->last);
	buffer_printf(out,
		      ",\"complete\":%" PRId64 ",\"partial\":%" PRId64
		      ",\"shown_ms\":%" PRId64 ",\"late\":%" PRId64 "}",
		      line->complete, line->partial, line->shown_ms, line->late);
	return true;
}

static bool add_group(void *context, const struct ledger_group *group, struct err *err)
{
	struct json_lines *lines = context;
	struct buffer *out = lines->out;

	(void)err;
	if (lines->count++ > 0)
		buffer_add(out, ",");
	buffer_printf(out, "{\"%s\":", forms[lines->by].key);
	buffer_json(out, group->key);
	if (lines->by == REPORT_BY_SCREEN) {
		buffer_add(out, ",\"place\":");
		buffer_json(out, group->name);
	}
	buffer_printf(out,
		      ",\"notices\":%" PRId64 ",\"first_shown\":%" PRId64
		      ",\"complete\":%" PRId64 ",\"partial\":%" PRId64
		      ",\"shown_ms\":%" PRId64 ",\"late\":%" PRId64 "}",
		      group->notices, group->fresh, group->complete, group->partial,
		      group->shown_ms, group->late);
	return true;
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
		",\"quarantined\":%" PRId64,
		summary->fiscal_year, era, from, until, summary->notices,
		summary->complete, summary->partial, summary->shown_ms, summary->undated,
		summary->late, summary->quarantined);
}

bool api_report(struct city *city, struct request *request, struct reply *reply,
		struct err *err)
{
	CLEANUP(buffer_done) struct buffer list;
	CLEANUP(buffer_done) struct buffer out;
	struct json_lines lines = {.out = &list};
	struct ledger_summary summary;
	struct report_query query;
	bool by_notice;
	char *text;
	size_t len;

	buffer_init(&list, REPORT_MAX);
	buffer_init(&out, 2 * REPORT_MAX);
	if (!report_query_read(request, &query, err))
		return false;
	by_notice = query.by == REPORT_BY_NOTICE;
	lines.by = query.by;
	if (!ledger_report(city->ledger, query.fiscal_year, &summary,
			   by_notice ? add_line : NULL, &lines, err))
		return false;
	if (!by_notice &&
	    !ledger_report_groups(city->ledger, query.fiscal_year,
				  report_groups_of(query.by), add_group, &lines, err))
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
