/* The table of the report, by whatever it is told, for all forms that it has. */
#include "city/report.h"

#include "core/err.h"

#define PLAYS                                                                            \
	{REPORT_NUMBER, "complete", "完了放映回数", "最後まで"},                         \
		{REPORT_NUMBER, "partial", "部分放映回数", "途中"},                      \
		{REPORT_SPAN, "shown_ms", "放映秒数", "秒"},                             \
	{                                                                                \
		REPORT_NUMBER, "late", "年度後受信回数", "年度後"                     \
	}
#define NOTICES                                                                          \
	{REPORT_NUMBER, "notices", "お知らせ件数", "件数"},                              \
	{                                                                                \
		REPORT_NUMBER, "first_shown", "うち初回放映件数", "うち初回"         \
	}

static const struct report_column by_notice[] = {
	{REPORT_TEXT, "id", "お知らせID", NULL},
	{REPORT_TEXT, "title", "件名", "件名"},
	{REPORT_TEXT, "department", "所管課", "所管課"},
	{REPORT_TIME, "first", "初回放映日時", "初回"},
	{REPORT_TIME, "last", "最終放映日時", "最終"},
	PLAYS,
};
static const struct report_column by_screen[] = {
	{REPORT_TEXT, "id", "画面ID", "画面"},
	{REPORT_TEXT, "place", "設置場所", "設置場所"},
	NOTICES,
	PLAYS,
};
static const struct report_column by_month[] = {
	{REPORT_TEXT, "month", "年月", "年月"},
	NOTICES,
	PLAYS,
};
static const struct report_column by_department[] = {
	{REPORT_TEXT, "department", "所管課", "所管課"},
	NOTICES,
	PLAYS,
};

const struct report_column *report_columns(enum report_by by, size_t *out_count)
{
	switch (by) {
	case REPORT_BY_NOTICE:
		*out_count = ARRAY_LEN(by_notice);
		return by_notice;
	case REPORT_BY_SCREEN:
		*out_count = ARRAY_LEN(by_screen);
		return by_screen;
	case REPORT_BY_DEPARTMENT:
		*out_count = ARRAY_LEN(by_department);
		return by_department;
	case REPORT_BY_MONTH:
		break;
	}
	*out_count = ARRAY_LEN(by_month);
	return by_month;
}

struct rows {
	report_row_fn *each;
	void *context;
	enum report_by by;
};

static bool take_line(void *context, const struct ledger_line *line, struct err *err)
{
	const struct rows *rows = context;
	const struct report_cell cells[ARRAY_LEN(by_notice)] = {
		{.text = line->notice_id},  {.text = line->title},
		{.text = line->department}, {.at = line->first},
		{.at = line->last},         {.number = line->complete},
		{.number = line->partial},  {.number = line->shown_ms},
		{.number = line->late},
	};

	(void)err;
	rows->each(rows->context, cells);
	return true;
}

static bool take_group(void *context, const struct ledger_group *group, struct err *err)
{
	const struct rows *rows = context;
	struct report_cell cells[REPORT_COLUMNS_MAX] = {{.text = group->key}};
	const int64_t numbers[] = {group->notices, group->fresh,    group->complete,
				   group->partial, group->shown_ms, group->late};
	size_t count = 1;

	(void)err;
	if (rows->by == REPORT_BY_SCREEN)
		cells[count++].text = group->name;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		cells[count++].number = numbers[i];
	rows->each(rows->context, cells);
	return true;
}

/* Anything but by notice. */
static enum ledger_by groups_of(enum report_by by)
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

bool report_rows(struct ledger *ledger, const struct report_query *query,
		 struct ledger_summary *out, report_row_fn *each, void *context,
		 struct err *err)
{
	struct rows rows = {each, context, query->by};

	if (query->by == REPORT_BY_NOTICE)
		return ledger_report(ledger, query->fiscal_year, out, take_line, &rows,
				     err);
	return ledger_report(ledger, query->fiscal_year, out, NULL, NULL, err) &&
	       ledger_report_groups(ledger, query->fiscal_year, groups_of(query->by),
				    take_group, &rows, err);
}
