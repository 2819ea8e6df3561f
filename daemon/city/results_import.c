/*
 * Results from a file of a spreadsheet: all of it or nothing. Every error is collected, so
 * that whoever fills the file in need not find them one by one.
 */
#include "city/results.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "core/err.h"
#include "core/plan.h"
#include "store/db.h"
#include "wire/csv_table.h"

#define ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define ERRORS_MAX 50
#define NAME       "the file"

/* A line of the file that says something new. */
struct change {
	int line;
	struct result result;
	const struct result_row *before; /* NULL: none held */
};

struct import {
	struct city *city;
	const struct request *request;
	struct results_held held;
	struct csv_table *table;
	int columns[RESULTS_COLUMNS]; /* where each is in the file; -1: nowhere */
	struct change *changes;
	size_t change_count, unchanged;
	struct change *seen; /* every figure of the file, to find one that stands twice */
	size_t seen_count;
	struct buffer errors; /* JSON strings */
	size_t error_count;
	struct err first;
};

static void import_done(struct import *import)
{
	results_held_done(&import->held);
	csv_table_free(import->table);
	free(import->changes);
	free(import->seen);
	buffer_done(&import->errors);
}

/* ---- The first line ---- */

static int column_of(const char *name)
{
	for (int i = 0; i < RESULTS_COLUMNS; i++)
		if (strcmp(name, results_columns[i]) == 0)
			return i;
	return -1;
}

static bool find_columns(struct import *import, struct err *err)
{
	static const enum results_column needed[] = {RESULTS_INITIATIVE, RESULTS_VALUE,
						     RESULTS_SOURCE};
	const struct csv_row *head =
		import->table->count ? &import->table->rows[0] : NULL;

	memset(import->columns, -1, sizeof(import->columns));
	for (size_t i = 0; head && i < head->count; i++) {
		int column = column_of(head->cells[i]);

		if (head->cells[i][0] == '\0')
			continue;
		if (column < 0)
			return err_set(err, ERR_INVALID,
				       "line %d: there is no column \"%.60s\": keep the "
				       "first line as it was exported",
				       head->line, head->cells[i]);
		if (import->columns[column] >= 0)
			return err_set(err, ERR_INVALID,
				       "line %d: the column %s is there twice",
				       head->line, head->cells[i]);
		import->columns[column] = (int)i;
	}
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (import->columns[needed[i]] < 0)
			return err_set(err, ERR_INVALID,
				       "line 1: the column %s is missing: keep the first "
				       "line as it was exported",
				       results_columns[needed[i]]);
	if (import->columns[RESULTS_YEAR] < 0 && import->columns[RESULTS_ERA] < 0)
		return err_set(err, ERR_INVALID, "line 1: needs the column %s or %s",
			       results_columns[RESULTS_YEAR],
			       results_columns[RESULTS_ERA]);
	return true;
}

/* ---- A line ---- */

static const char *cell(const struct import *import, const struct csv_row *row,
			enum results_column column)
{
	int at = import->columns[column];

	return at >= 0 && (size_t)at < row->count ? row->cells[at] : "";
}

/* "line 3, 実績値: " before the sentence; returns false. */
static bool at_cell(const struct csv_row *row, enum results_column column,
		    struct err *err)
{
	return err_prefix(err, "line %d, %s", row->line, results_columns[column]);
}

static bool read_initiative(const struct import *import, const struct csv_row *row,
			    int *out, struct err *err)
{
	const char *text = cell(import, row, RESULTS_INITIATIVE);
	const char *given = cell(import, row, RESULTS_TITLE);
	const struct initiative *initiative;
	char title[RESULTS_TITLE_SIZE];
	int64_t number;

	if (!request_number("", text, PLAN_INITIATIVES_MAX, &number, err)) {
		err_set(err, ERR_INVALID, "expected a number such as 4, got \"%.40s\"",
			text);
		return at_cell(row, RESULTS_INITIATIVE, err);
	}
	initiative = plan_initiative(import->city->plan, (int)number);
	if (initiative) {
		results_title(initiative, title);
		if (given[0] && strcmp(given, title) != 0) {
			err_set(err, ERR_INVALID,
				"initiative %d is 「%s」, not 「%.120s」: were lines or "
				"columns moved?",
				(int)number, title, given);
			return at_cell(row, RESULTS_TITLE, err);
		}
	}
	*out = (int)number;
	return true;
}

static bool read_year(const struct import *import, const struct csv_row *row, int *out,
		      struct err *err)
{
	const char *western = cell(import, row, RESULTS_YEAR);
	const char *era = cell(import, row, RESULTS_ERA);
	int year = 0, other = 0;

	if (!western[0] && !era[0]) {
		err_set(err, ERR_INVALID, "is empty: write a year such as 2024");
		return at_cell(row, RESULTS_YEAR, err);
	}
	if (western[0] && !fiscal_year_parse(western, &year, err))
		return at_cell(row, RESULTS_YEAR, err);
	if (era[0] && !fiscal_year_parse(era, &other, err))
		return at_cell(row, RESULTS_ERA, err);
	if (western[0] && era[0] && year != other) {
		err_set(err, ERR_INVALID, "%s is not %s: make them the same year", era,
			western);
		return at_cell(row, RESULTS_ERA, err);
	}
	*out = western[0] ? year : other;
	return true;
}

/* "1,234,567" as spreadsheets may write it; commas only between groups of three. */
static bool drop_commas(const char *text, char out[static 24])
{
	size_t len = strlen(text), digits = 0, kept = 0;

	if (len >= 24)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] == ',') {
			if (digits == 0 || digits > 3 || (len - i) % 4 != 0)
				return false;
			digits = 0;
			continue;
		}
		if (!isdigit((unsigned char)text[i]))
			return false;
		digits++;
		out[kept++] = text[i];
	}
	out[kept] = '\0';
	return kept > 0 && (!strchr(text, ',') || digits == 3);
}

static bool read_value(const struct csv_row *row, const char *text, int64_t *out,
		       struct err *err)
{
	char digits[24];

	if (drop_commas(text, digits) &&
	    request_number("", digits, PLAN_VALUE_MAX, out, err))
		return true;
	err_set(err, ERR_INVALID,
		"expected a whole number in half-width digits, without a unit, got "
		"\"%.40s\"",
		text);
	return at_cell(row, RESULTS_VALUE, err);
}

/* A line without a figure says nothing, and must not seem to. */
static bool check_blank(const struct import *import, const struct csv_row *row,
			const struct result_row *before, struct err *err)
{
	if (before)
		err_set(err, ERR_INVALID,
			"is empty, but %" PRId64
			" was entered: write it again, or withdraw it by itself with a "
			"reason",
			before->result.value);
	else if (cell(import, row, RESULTS_SOURCE)[0] ||
		 cell(import, row, RESULTS_NOTE)[0])
		err_set(err, ERR_INVALID,
			"is empty, though %s or %s is filled in: write the figure, or "
			"clear them",
			results_columns[RESULTS_SOURCE], results_columns[RESULTS_NOTE]);
	else
		return true;
	return at_cell(row, RESULTS_VALUE, err);
}

static bool check_code(const struct import *import, const struct csv_row *row,
		       struct err *err)
{
	const char *code = cell(import, row, RESULTS_CODE);
	const char *own = import->city->plan->municipal_code;

	if (!code[0] || strcmp(code, own) == 0)
		return true;
	err_set(err, ERR_INVALID, "is \"%.20s\", ours is %s: is it another city's file?",
		code, own);
	return at_cell(row, RESULTS_CODE, err);
}

static enum results_column column_of_part(enum result_part part)
{
	switch (part) {
	case RESULT_INITIATIVE:
		return RESULTS_INITIATIVE;
	case RESULT_SERIES:
		return RESULTS_SERIES;
	case RESULT_FISCAL_YEAR:
		return RESULTS_YEAR;
	case RESULT_VALUE:
		return RESULTS_VALUE;
	case RESULT_SOURCE:
		return RESULTS_SOURCE;
	case RESULT_NOTE:
		return RESULTS_NOTE;
	}
	return RESULTS_INITIATIVE;
}

static bool check_twice(struct import *import, const struct csv_row *row,
			const struct result *result, struct err *err)
{
	for (size_t i = 0; i < import->seen_count; i++)
		if (result_same_place(&import->seen[i].result, result))
			return err_set(err, ERR_INVALID,
				       "line %d: is of the same figure and year as line "
				       "%d: leave one of them out",
				       row->line, import->seen[i].line);
	import->seen[import->seen_count++] = (struct change){row->line, *result, NULL};
	return true;
}

static bool take_row(struct import *import, const struct csv_row *row, struct err *err)
{
	const char *value = cell(import, row, RESULTS_VALUE);
	struct result result = {.series = cell(import, row, RESULTS_SERIES),
				.source = cell(import, row, RESULTS_SOURCE),
				.note = cell(import, row, RESULTS_NOTE)};
	const struct result_row *before;
	enum result_part part;

	if (!check_code(import, row, err) ||
	    !read_initiative(import, row, &result.initiative, err) ||
	    !read_year(import, row, &result.fiscal_year, err) ||
	    !check_twice(import, row, &result, err))
		return false;
	before = results_held_find(&import->held, &result);
	if (!value[0])
		return check_blank(import, row, before, err);
	if (!read_value(row, value, &result.value, err))
		return false;
	if (!result_check(import->city->plan, &result, import->request->now.wall, &part,
			  err))
		return at_cell(row, column_of_part(part), err);
	if (before && before->result.value == result.value &&
	    strcmp(before->result.source, result.source) == 0 &&
	    strcmp(before->result.note, result.note) == 0)
		import->unchanged++;
	else
		import->changes[import->change_count++] =
			(struct change){row->line, result, before};
	return true;
}

/* ---- The whole ---- */

static void note_error(struct import *import, const struct err *err)
{
	if (import->error_count++ == 0)
		import->first = *err;
	if (import->error_count > ERRORS_MAX)
		return;
	if (import->error_count > 1)
		buffer_add(&import->errors, ",");
	buffer_json(&import->errors, err->text);
}

/* False only when nothing can be said of the lines; what is wrong in them is noted. */
static bool read_file(struct import *import, struct err *err)
{
	const struct request *request = import->request;
	size_t lines;
	struct err wrong;

	buffer_init(&import->errors, ANSWER_MAX);
	import->table = csv_table_read(NAME, request->body ? request->body : "",
				       request->body_len, err);
	if (!import->table || !find_columns(import, err) ||
	    !results_held_read(import->city, &import->held, err))
		return false;
	lines = import->table->count;
	import->changes = calloc(lines, sizeof(*import->changes));
	import->seen = calloc(lines, sizeof(*import->seen));
	if (!import->changes || !import->seen)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	for (size_t i = 1; i < lines; i++)
		if (!take_row(import, &import->table->rows[i], &wrong))
			note_error(import, &wrong);
	return true;
}

static bool answer(struct import *import, struct reply *reply, struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;

	buffer_init(&out, ANSWER_MAX);
	buffer_printf(&out, "{\"newest\":%" PRId64 ",\"unchanged\":%zu,\"changes\":[",
		      import->held.newest, import->unchanged);
	for (size_t i = 0; i < import->change_count; i++) {
		const struct change *change = &import->changes[i];

		buffer_printf(&out, "%s{\"line\":%d", i ? "," : "", change->line);
		results_add_place(&out, &change->result);
		results_add_value(&out, "before",
				  change->before ? &change->before->result : NULL);
		results_add_value(&out, "value", &change->result);
		results_add_words(&out, &change->result);
		buffer_add(&out, "}");
	}
	buffer_printf(&out, "],\"errors\":[%s]}",
		      import->errors.bytes ? import->errors.bytes : "");
	return reply_take(reply, &out, err);
}

static bool enter_all(struct import *import, struct err *err)
{
	struct city *city = import->city;
	bool ok = true;

	if (!db_begin(city->db, err))
		return false;
	for (size_t i = 0; ok && i < import->change_count; i++) {
		const struct change *change = &import->changes[i];

		ok = results_enter(city, import->request, &change->result, change->before,
				   err);
	}
	return db_end(city->db, ok, err);
}

/* What was shown to somebody as a preview must still be what happens. */
static bool check_after(const struct import *import, struct err *err)
{
	int64_t after;

	if (!import->request->after[0])
		return true;
	if (!request_number("after", import->request->after, INT64_MAX, &after, err))
		return false;
	return after == import->held.newest ||
	       err_set(err, ERR_CONFLICT,
		       "somebody entered results meanwhile: look at the changes again");
}

bool api_results_import(struct city *city, struct request *request, struct reply *reply,
			struct err *err)
{
	CLEANUP(import_done)
	struct import import = {.city = city, .request = request};
	bool dry_run = strcmp(request->dry_run, "true") == 0;

	if (request->dry_run[0] && !dry_run)
		return err_set(err, ERR_INVALID, "dry_run: expected true, got \"%s\"",
			       request->dry_run);
	if (!read_file(&import, err))
		return false;
	if (dry_run)
		return answer(&import, reply, err);
	if (import.error_count > 0) {
		*err = import.first;
		return import.error_count > 1 ? err_prefix(err, "%zu errors, the first",
							   import.error_count)
					      : false;
	}
	return check_after(&import, err) && enter_all(&import, err) &&
	       answer(&import, reply, err);
}
