/* The count of a fiscal year, for programs (JSON) and for people who use Excel (CSV). */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/csv.h"
#include "core/err.h"
#include "store/ledger.h"

#define REPORT_MAX (32 * 1024 * 1024)
/* The range of years that documents may hold (core/time.h). */
#define YEAR_MIN 2000
#define YEAR_MAX 2198

/* "?fiscal_year=2026"; the running one when it is left out. */
static bool wanted_year(const struct request *request, int *out, struct err *err)
{
	char *end;
	long year;

	if (request->fiscal_year[0] == '\0') {
		*out = fiscal_year_of(request->now.wall);
		return true;
	}
	errno = 0;
	year = strtol(request->fiscal_year, &end, 10);
	if (errno != 0 || *end != '\0' || year < YEAR_MIN || year > YEAR_MAX)
		return err_set(err, ERR_INVALID,
			       "fiscal_year: expected a year %d–%d, got \"%s\"", YEAR_MIN,
			       YEAR_MAX, request->fiscal_year);
	*out = (int)year;
	return true;
}

/* "令和8年度"; the first year of an era is 元年度. */
static void era_text(int fiscal_year, char *out, size_t size)
{
	struct era_year era = era_of_fiscal_year(fiscal_year);

	if (era.year == 1)
		snprintf(out, size, "%s元年度", era.name_ja);
	else
		snprintf(out, size, "%s%d年度", era.name_ja, era.year);
}

/* A time that may be missing: a notice may have partial plays only. */
static void jst_text(struct wall_ms at, char out[static WALL_TEXT_SIZE])
{
	out[0] = '\0';
	if (at.ms != 0)
		wall_format_jst(at, out);
}

struct json_lines {
	struct buffer *out;
	size_t count;
};

static void add_jst(struct buffer *out, const char *key, struct wall_ms at)
{
	char text[WALL_TEXT_SIZE];

	jst_text(at, text);
	if (text[0])
		buffer_printf(out, ",\"%s\":\"%s\"", key, text);
	else
		buffer_printf(out, ",\"%s\":null", key);
}

static bool add_json_line(void *context, const struct ledger_line *line, struct err *err)
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
		      ",\"shown_ms\":%" PRId64 "}",
		      line->complete, line->partial, line->shown_ms);
	return true;
}

static void add_summary(struct buffer *out, const struct city *city,
			const struct ledger_summary *summary)
{
	char era[32], from[WALL_TEXT_SIZE], until[WALL_TEXT_SIZE];

	era_text(summary->fiscal_year, era, sizeof(era));
	wall_format_jst(fiscal_year_start(summary->fiscal_year), from);
	wall_format_jst(fiscal_year_start(summary->fiscal_year + 1), until);
	buffer_add(out, "{\"format\":\"ekimae.report/1\",\"municipal_code\":");
	buffer_json(out, city->municipal_code);
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
	CLEANUP(buffer_done) struct buffer notices;
	CLEANUP(buffer_done) struct buffer out;
	struct json_lines lines = {.out = &notices};
	struct ledger_summary summary;
	char *text;
	size_t len;
	int year;

	buffer_init(&notices, REPORT_MAX);
	buffer_init(&out, 2 * REPORT_MAX);
	if (!wanted_year(request, &year, err) ||
	    !ledger_report(city->ledger, year, &summary, add_json_line, &lines, err) ||
	    !buffer_take(&notices, &text, &len, err))
		return false;
	add_summary(&out, city, &summary);
	buffer_add(&out, ",\"notices\":[");
	buffer_add_bytes(&out, text, len);
	buffer_add(&out, "]}");
	free(text);
	return reply_take(reply, &out, err);
}

struct csv_lines {
	struct csv csv;
	const struct city *city;
	int fiscal_year;
	char era[32];
};

static bool add_csv_line(void *context, const struct ledger_line *line, struct err *err)
{
	struct csv_lines *lines = context;
	struct csv *csv = &lines->csv;
	char first[WALL_TEXT_SIZE], last[WALL_TEXT_SIZE];

	(void)err;
	jst_text(line->first, first);
	jst_text(line->last, last);
	csv_text(csv, lines->city->municipal_code);
	csv_number(csv, lines->fiscal_year);
	csv_text(csv, lines->era);
	csv_text(csv, line->notice_id);
	csv_text(csv, line->title);
	csv_text(csv, line->department);
	csv_text(csv, first);
	csv_text(csv, last);
	csv_number(csv, line->complete);
	csv_number(csv, line->partial);
	csv_number(csv, line->shown_ms / 1000);
	csv_end_row(csv);
	return true;
}

bool api_report_csv(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	static const char *const columns[] = {
		"全国地方公共団体コード",
		"年度（西暦）",
		"年度（和暦）",
		"お知らせID",
		"件名",
		"所管課",
		"初回放映日時",
		"最終放映日時",
		"完了放映回数",
		"部分放映回数",
		"放映秒数",
	};
	CLEANUP(buffer_done) struct buffer out;
	struct csv_lines lines = {.city = city};
	struct ledger_summary summary;

	buffer_init(&out, REPORT_MAX);
	if (!wanted_year(request, &lines.fiscal_year, err))
		return false;
	era_text(lines.fiscal_year, lines.era, sizeof(lines.era));
	csv_begin(&lines.csv, &out);
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		csv_text(&lines.csv, columns[i]);
	csv_end_row(&lines.csv);
	if (!ledger_report(city->ledger, lines.fiscal_year, &summary, add_csv_line,
			   &lines, err))
		return false;
	reply->type = REPLY_CSV;
	snprintf(reply->disposition, sizeof(reply->disposition),
		 "attachment; filename=\"ekimae-%d.csv\"", lines.fiscal_year);
	return reply_take(reply, &out, err);
}
