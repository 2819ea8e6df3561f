/* The count of a fiscal year, for people who use Excel: open data, without login. */
#include <stdio.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/csv.h"
#include "city/report.h"
#include "core/err.h"
#include "core/plan.h"

#define HEAD_MAX 12

struct csv_lines {
	struct csv csv;
	const struct city *city;
	struct report_query query;
	char era[FISCAL_YEAR_TEXT_SIZE];
};

static void add_year(struct csv_lines *lines)
{
	csv_text(&lines->csv, lines->city->plan->municipal_code);
	csv_number(&lines->csv, lines->query.fiscal_year);
	csv_text(&lines->csv, lines->era);
}

/* A time that may be missing: a notice may have partial plays only. */
static void add_time(struct csv *csv, struct wall_ms at)
{
	char text[WALL_TEXT_SIZE] = "";

	if (at.ms != 0)
		wall_format_jst(at, text);
	csv_text(csv, text);
}

static bool add_line(void *context, const struct ledger_line *line, struct err *err)
{
	struct csv_lines *lines = context;
	struct csv *csv = &lines->csv;

	(void)err;
	add_year(lines);
	csv_text(csv, line->notice_id);
	csv_text(csv, line->title);
	csv_text(csv, line->department);
	add_time(csv, line->first);
	add_time(csv, line->last);
	csv_number(csv, line->complete);
	csv_number(csv, line->partial);
	csv_number(csv, line->shown_ms / 1000);
	csv_number(csv, line->late);
	csv_end_row(csv);
	return true;
}

static bool add_group(void *context, const struct ledger_group *group, struct err *err)
{
	struct csv_lines *lines = context;
	struct csv *csv = &lines->csv;

	(void)err;
	add_year(lines);
	csv_text(csv, group->key);
	if (lines->query.by == REPORT_BY_SCREEN)
		csv_text(csv, group->name);
	csv_number(csv, group->notices);
	csv_number(csv, group->fresh);
	csv_number(csv, group->complete);
	csv_number(csv, group->partial);
	csv_number(csv, group->shown_ms / 1000);
	csv_number(csv, group->late);
	csv_end_row(csv);
	return true;
}

static void add_head(struct csv_lines *lines)
{
	static const char *const year[] = {"全国地方公共団体コード", "年度（西暦）",
					   "年度（和暦）", NULL};
	static const char *const what[][HEAD_MAX] = {
		[REPORT_BY_NOTICE] = {"お知らせID", "件名", "所管課", "初回放映日時",
				      "最終放映日時"},
		[REPORT_BY_SCREEN] = {"画面ID", "設置場所", "お知らせ件数",
				      "うち初回放映件数"},
		[REPORT_BY_MONTH] = {"年月", "お知らせ件数", "うち初回放映件数"},
		[REPORT_BY_DEPARTMENT] = {"所管課", "お知らせ件数", "うち初回放映件数"},
	};
	static const char *const plays[] = {"完了放映回数", "部分放映回数", "放映秒数",
					    "年度後受信回数", NULL};
	const char *const *const parts[] = {year, what[lines->query.by], plays};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		for (const char *const *cell = parts[i]; *cell; cell++)
			csv_text(&lines->csv, *cell);
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
	bool done;

	buffer_init(&out, REPORT_MAX);
	if (!report_query_read(request, &lines.query, err))
		return false;
	fiscal_year_format(query->fiscal_year, lines.era);
	csv_begin(&lines.csv, &out);
	add_head(&lines);
	if (query->by == REPORT_BY_NOTICE)
		done = ledger_report(city->ledger, query->fiscal_year, &summary, add_line,
				     &lines, err);
	else
		done = ledger_report_groups(city->ledger, query->fiscal_year,
					    report_groups_of(query->by), add_group,
					    &lines, err);
	if (!done)
		return false;
	reply->type = REPLY_CSV;
	snprintf(reply->disposition, sizeof(reply->disposition),
		 "attachment; filename=\"ekimae-%d%s.csv\"", query->fiscal_year,
		 suffixes[query->by]);
	return reply_take(reply, &out, err);
}
