/*
 * The count of a fiscal year as a page to print: one file without script, picture or
 * anything from elsewhere, for paper of size A4.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/report.h"
#include "core/err.h"
#include "core/plan.h"

#define MONTHS 12

/* The chart, in its own units. */
#define CHART_WIDTH  720
#define CHART_HEIGHT 250
#define CHART_LEFT   46
#define CHART_RIGHT  8
#define CHART_TOP    26
#define CHART_BOTTOM 28

static const char style[] =
	"@page{size:A4;margin:15mm}"
	"*{box-sizing:border-box}"
	"body{margin:0 auto;max-width:190mm;padding:8mm 4mm;color:#1a1a1a;"
	"background:#fff;font:10.5pt/1.6 'BIZ UDPGothic','Noto Sans CJK JP',"
	"'Hiragino Sans',sans-serif}"
	"@media print{body{padding:0;max-width:none}}"
	"h1{font-size:17pt;margin:0 0 1mm;line-height:1.35}"
	"h2{font-size:12.5pt;margin:7mm 0 2mm;border-left:1.6mm solid #1f5f99;"
	"padding-left:2.4mm;break-after:avoid}"
	"p{margin:1mm 0}"
	".period{color:#444}"
	".figures{display:flex;gap:8mm;align-items:center;margin:5mm 0 0;"
	"border:.4mm solid #1f5f99;border-radius:2mm;padding:4mm 6mm}"
	".count{white-space:nowrap;font-size:13pt}"
	".count b{font-size:40pt;line-height:1;margin-right:1mm}"
	".figures dl{display:grid;grid-template-columns:auto auto;gap:0 6mm;margin:0;"
	"flex:1}"
	".figures dt{color:#444}.figures dd{margin:0;text-align:right}"
	"table{border-collapse:collapse;width:100%;font-size:9pt;line-height:1.4}"
	"thead{display:table-header-group}tr{break-inside:avoid}"
	"th,td{border-bottom:.2mm solid #bbb;padding:1.1mm 1.6mm;text-align:left;"
	"vertical-align:top;overflow-wrap:anywhere}"
	"th{border-bottom:.4mm solid #1a1a1a;font-weight:bold;white-space:nowrap}"
	".n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}"
	".d{white-space:nowrap}"
	"figure{margin:0;break-inside:avoid}svg{display:block;width:100%;height:auto}"
	"footer{margin-top:7mm;font-size:8.5pt;color:#444}";

struct page {
	struct buffer *out;
	const struct city *city;
	struct report_query query;
	int64_t fresh
		[MONTHS]; /* notices shown for the first time in the year, by month */
	size_t months;
	size_t lines;
	const struct report_column *columns;
	size_t column_count;
};

/* --- Text ------------------------------------------------------------------------------ */

static void add_text(struct buffer *out, const char *text)
{
	for (const char *from = text; *from;) {
		size_t len = strcspn(from, "&<>\"'");

		buffer_add_bytes(out, from, len);
		from += len;
		if (*from)
			buffer_printf(out, "&#%d;", *from++);
	}
}

/* "1,234,567" */
static void add_number(struct buffer *out, int64_t number)
{
	char digits[32];
	int len = snprintf(digits, sizeof(digits), "%" PRId64, number);

	for (int i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0 && digits[i - 1] != '-')
			buffer_add(out, ",");
		buffer_add_bytes(out, digits + i, 1);
	}
}

static void add_number_cell(struct buffer *out, int64_t number)
{
	buffer_add(out, "<td class=\"n\">");
	add_number(out, number);
	buffer_add(out, "</td>");
}

static void add_text_cell(struct buffer *out, const char *text)
{
	buffer_add(out, "<td>");
	add_text(out, text);
	buffer_add(out, "</td>");
}

/* The day; its time is in the CSV. */
static void add_day_cell(struct buffer *out, struct wall_ms at)
{
	struct civil civil = civil_from_wall_jst(at);

	buffer_printf(out, "<td class=\"d\">%04d-%02d-%02d</td>", civil.year, civil.month,
		      civil.day);
}

/* "12時間34分" */
static void add_duration(struct buffer *out, int64_t ms)
{
	int64_t minutes = ms / 60000;

	if (minutes < 1) {
		buffer_printf(out, "%" PRId64 "秒", ms / 1000);
		return;
	}
	if (minutes >= 60) {
		add_number(out, minutes / 60);
		buffer_add(out, "時間");
	}
	buffer_printf(out, "%" PRId64 "分", minutes % 60);
}

/* --- Head ------------------------------------------------------------------------------ */

static void add_figure(struct buffer *out, const char *name, int64_t number,
		       const char *unit)
{
	buffer_printf(out, "<dt>%s</dt><dd>", name);
	add_number(out, number);
	buffer_printf(out, "%s</dd>", unit);
}

static void add_head(const struct page *page, const struct ledger_summary *summary)
{
	struct buffer *out = page->out;
	int year = page->query.fiscal_year;
	char era[FISCAL_YEAR_TEXT_SIZE];

	fiscal_year_format(year, era);
	buffer_printf(
		out,
		"<!DOCTYPE html>\n<html lang=\"ja\"><head><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\">"
		"<title>行政情報の発信数 %s（%d年度）</title><style>%s</style>"
		"</head><body><header><h1>ASTA VISIONを活用した行政情報の発信数</h1>"
		"<p class=\"period\">%s（%d年度）　%d年4月1日～%d年3月31日　"
		"全国地方公共団体コード ",
		era, year, style, era, year, year, year + 1);
	add_text(out, page->city->plan->municipal_code);
	buffer_add(out, "</p></header><div class=\"figures\"><div class=\"count\"><b>");
	add_number(out, summary->notices);
	buffer_add(out, "</b>件</div><dl>");
	add_figure(out, "最後まで放映した回数", summary->complete, "回");
	add_figure(out, "途中で終わった回数", summary->partial, "回");
	buffer_add(out, "<dt>放映した時間</dt><dd>");
	add_duration(out, summary->shown_ms);
	buffer_add(out, "</dd>");
	add_figure(out, "うち年度の終了後に届いた放映", summary->late, "回");
	add_figure(out, "うち時間ごとの合計で届いた放映", summary->folded, "回");
	add_figure(out, "時刻未確定（件数に入らない）", summary->undated, "回");
	add_figure(out, "検疫（件数に入らない）", summary->quarantined, "行");
	buffer_add(out, "</dl></div>");
}

/* --- The chart ------------------------------------------------------------------------- */

static bool note_month(void *context, const struct ledger_group *group, struct err *err)
{
	struct page *page = context;

	(void)err;
	if (page->months < MONTHS)
		page->fresh[page->months++] = group->fresh;
	return true;
}

/* A round step that makes at most five lines up to @max. */
static int64_t grid_step(int64_t max)
{
	static const int64_t rounds[] = {1, 2, 5};

	for (int64_t power = 1;; power *= 10)
		for (size_t i = 0; i < ARRAY_LEN(rounds); i++)
			if (max / (rounds[i] * power) < 5 || power > max)
				return rounds[i] * power;
}

static double chart_y(int64_t value, int64_t top)
{
	return CHART_HEIGHT - CHART_BOTTOM -
	       (double)value / (double)top * (CHART_HEIGHT - CHART_BOTTOM - CHART_TOP);
}

static double chart_x(size_t month)
{
	return CHART_LEFT +
	       ((double)month + 0.5) * (CHART_WIDTH - CHART_LEFT - CHART_RIGHT) / MONTHS;
}

static void add_grid(struct buffer *out, int64_t step, int64_t top)
{
	for (int64_t value = 0; value <= top; value += step) {
		double y = chart_y(value, top);

		buffer_printf(out,
			      "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" "
			      "stroke=\"%s\"/><text x=\"%d\" y=\"%.1f\" "
			      "text-anchor=\"end\">",
			      CHART_LEFT, CHART_WIDTH - CHART_RIGHT, y, y,
			      value == 0 ? "#1a1a1a" : "#ddd", CHART_LEFT - 6, y + 4);
		add_number(out, value);
		buffer_add(out, "</text>");
	}
}

static void add_bars(const struct page *page, int64_t top)
{
	struct buffer *out = page->out;

	for (size_t i = 0; i < MONTHS; i++) {
		double x = chart_x(i), y = chart_y(page->fresh[i], top);

		buffer_printf(out,
			      "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d月"
			      "</text>",
			      x, CHART_HEIGHT - 8, (int)(i + 3) % MONTHS + 1);
		if (page->fresh[i] > 0)
			buffer_printf(out,
				      "<rect x=\"%.1f\" y=\"%.1f\" width=\"26\" "
				      "height=\"%.1f\" fill=\"#1f5f99\"/>",
				      x - 13, y, CHART_HEIGHT - CHART_BOTTOM - y);
	}
}

/* The sum so far, with its number where it grows. */
static void add_sum(const struct page *page, int64_t top)
{
	struct buffer *out = page->out;
	int64_t sum = 0;

	buffer_add(out, "<polyline fill=\"none\" stroke=\"#b34700\" stroke-width=\"2\" "
			"points=\"");
	for (size_t i = 0; i < MONTHS; i++) {
		sum += page->fresh[i];
		buffer_printf(out, "%s%.1f,%.1f", i ? " " : "", chart_x(i),
			      chart_y(sum, top));
	}
	buffer_add(out, "\"/>");
	sum = 0;
	for (size_t i = 0; i < MONTHS; i++) {
		double y;

		sum += page->fresh[i];
		y = chart_y(sum, top);
		buffer_printf(out,
			      "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" "
			      "fill=\"#b34700\"/>",
			      chart_x(i), y);
		if (page->fresh[i] == 0 && i + 1 < MONTHS)
			continue;
		buffer_printf(out,
			      "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\" "
			      "fill=\"#8a3600\" font-weight=\"bold\">",
			      chart_x(i), y - 8);
		add_number(out, sum);
		buffer_add(out, "</text>");
	}
}

static void add_chart(const struct page *page)
{
	struct buffer *out = page->out;
	int64_t sum = 0, step, top;

	for (size_t i = 0; i < MONTHS; i++)
		sum += page->fresh[i];
	step = grid_step(sum);
	top = (sum + step - 1) / step * step;
	if (top == 0)
		top = step;
	buffer_printf(out,
		      "<h2>月ごとの件数</h2><figure><svg viewBox=\"0 0 %d %d\" "
		      "role=\"img\" font-size=\"12\" font-family=\"'BIZ UDPGothic',"
		      "'Noto Sans CJK JP',sans-serif\"><title>その月に初めて放映した"
		      "お知らせの件数と、4月からの合計</title>",
		      CHART_WIDTH, CHART_HEIGHT);
	buffer_printf(out,
		      "<rect x=\"%d\" y=\"2\" width=\"12\" height=\"12\" "
		      "fill=\"#1f5f99\"/><text x=\"%d\" y=\"12\">年度に初めて放映した件数"
		      "</text><line x1=\"%d\" x2=\"%d\" y1=\"8\" y2=\"8\" "
		      "stroke=\"#b34700\" stroke-width=\"2\"/><circle cx=\"%d\" cy=\"8\" "
		      "r=\"3.5\" fill=\"#b34700\"/><text x=\"%d\" y=\"12\">4月からの合計"
		      "</text>",
		      CHART_LEFT, CHART_LEFT + 18, CHART_LEFT + 190, CHART_LEFT + 214,
		      CHART_LEFT + 202, CHART_LEFT + 220);
	add_grid(out, step, top);
	add_bars(page, top);
	add_sum(page, top);
	buffer_add(out, "</svg></figure>");
}

/* --- The table ------------------------------------------------------------------------- */

static void begin_table(const struct page *page)
{
	static const char *const titles[] = {
		[REPORT_BY_NOTICE] = "お知らせごと",
		[REPORT_BY_SCREEN] = "画面ごと",
		[REPORT_BY_MONTH] = "月ごと",
		[REPORT_BY_DEPARTMENT] = "所管課ごと",
	};

	buffer_printf(page->out, "<h2>%s</h2><table><thead><tr>", titles[page->query.by]);
	for (size_t i = 0; i < page->column_count; i++) {
		const struct report_column *column = &page->columns[i];

		if (column->html)
			buffer_printf(page->out, "<th%s>%s</th>",
				      column->kind == REPORT_NUMBER ||
						      column->kind == REPORT_SPAN
					      ? " class=\"n\""
					      : "",
				      column->html);
	}
	buffer_add(page->out, "</tr></thead><tbody>\n");
}

static void add_cell(struct buffer *out, const struct report_column *column,
		     const struct report_cell *cell)
{
	switch (column->kind) {
	case REPORT_TEXT:
		add_text_cell(out, cell->text);
		return;
	case REPORT_TIME:
		add_day_cell(out, cell->at);
		return;
	case REPORT_NUMBER:
		add_number_cell(out, cell->number);
		return;
	case REPORT_SPAN:
		add_number_cell(out, cell->number / 1000);
		return;
	}
}

static void add_row(void *context, const struct report_cell *cells)
{
	struct page *page = context;

	page->lines++;
	buffer_add(page->out, "<tr>");
	for (size_t i = 0; i < page->column_count; i++)
		if (page->columns[i].html)
			add_cell(page->out, &page->columns[i], &cells[i]);
	buffer_add(page->out, "</tr>\n");
}

static void end_page(const struct page *page)
{
	buffer_add(page->out, "</tbody></table>");
	if (page->lines == 0)
		buffer_add(page->out, "<p>最後まで放映したお知らせはありません。</p>");
	buffer_add(
		page->out,
		"<footer><p>件数は、年度の間に対象の画面で1回以上、最後まで放映された"
		"お知らせの数（版の違いは1件）です。見本、件数の対象でないお知らせと画面、"
		"誰にも見えなかった放映は入りません。件名と所管課は、年度に初めて放映された"
		"版のものです。</p><p>「うち初回」はその年度の最初の放映がそこであったお知らせ"
		"の数で、合計が件数になります。「年度後」は、年度の終了後に画面から記録が"
		"届いた放映の回数です。</p></footer></body></html>\n");
}

bool api_report_html(struct city *city, struct request *request, struct reply *reply,
		     struct err *err)
{
	CLEANUP(buffer_done) struct buffer table;
	CLEANUP(buffer_done) struct buffer out;
	struct page page = {.out = &table, .city = city};
	struct ledger_summary summary;
	struct ledger *ledger = city->ledger;

	buffer_init(&table, REPORT_MAX);
	buffer_init(&out, 2 * REPORT_MAX);
	if (!report_query_read(request, &page.query, err))
		return false;
	page.columns = report_columns(page.query.by, &page.column_count);
	/* The summary is known after the lines, but stands before them. */
	begin_table(&page);
	if (!report_rows(ledger, &page.query, &summary, add_row, &page, err) ||
	    !ledger_report_groups(ledger, page.query.fiscal_year, LEDGER_BY_MONTH,
				  note_month, &page, err))
		return false;
	end_page(&page);
	page.out = &out;
	add_head(&page, &summary);
	add_chart(&page);
	buffer_add_bytes(&out, table.bytes ? table.bytes : "", table.len);
	out.too_large |= table.too_large;
	out.no_memory |= table.no_memory;
	reply->type = REPLY_HTML;
	reply->styled = true;
	return reply_take(reply, &out, err);
}
