/* Results by fiscal year: entering, listing, files for Excel, and for a plan to publish. */
#include "ctl/results.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/plan.h"
#include "core/result.h"
#include "ctl/ctl.h"
#include "os/file.h"
#include "sync/http.h"
#include "wire/csv_table.h"
#include "wire/json.h"
#include "wire/plan_results.h"

#define RESULTS_MAX     100000
#define ERRORS_MAX      100
#define INITIATIVES_MAX 1000000
#define NAME_CHARS      64
#define SENTENCE_CHARS  600
#define CELL_BYTES      40
#define URL_MAX         160

static const char usage[] =
	"usage: plan result set N --fiscal-year YEAR --value V --source TEXT"
	" [--series NAME] [--note TEXT]\n"
	"       plan result withdraw N --fiscal-year YEAR --note TEXT [--series NAME]\n"
	"       plan result list [--fiscal-year YEAR] [--initiative N] [--history]"
	" [--format table|csv|json]\n"
	"       plan result export [--fiscal-year YEAR] [--initiative N] [--history]\n"
	"       plan result import FILE.csv [--dry-run]\n"
	"       plan result publish   (YEAR: 2024, R6 or 令和6)";

struct arguments {
	const char *operand; /* the initiative's number, or the file */
	const char *initiative, *series, *year_text, *value, *source, *note, *format;
	int fiscal_year; /* 0: not given */
	bool history, dry_run;
};

static bool usage_error(struct err *err)
{
	return err_set(err, ERR_USAGE, "%s", usage);
}

static bool read_arguments(int argc, char **argv, struct arguments *out, struct err *err)
{
	const struct {
		const char *name;
		const char **value;
	} valued[] = {
		{"--initiative", &out->initiative}, {"--series", &out->series},
		{"--fiscal-year", &out->year_text}, {"--value", &out->value},
		{"--source", &out->source},         {"--note", &out->note},
		{"--format", &out->format},
	};

	for (int i = 2; i < argc; i++) {
		const char **value = NULL;

		for (size_t k = 0; k < ARRAY_LEN(valued); k++)
			if (strcmp(argv[i], valued[k].name) == 0)
				value = valued[k].value;
		if (value && i + 1 < argc)
			*value = argv[++i];
		else if (strcmp(argv[i], "--history") == 0)
			out->history = true;
		else if (strcmp(argv[i], "--dry-run") == 0)
			out->dry_run = true;
		else if (!value && !out->operand && argv[i][0] != '-')
			out->operand = argv[i];
		else
			return usage_error(err);
	}
	return !out->year_text || ctl_fiscal_year(out->year_text, &out->fiscal_year, err);
}

/* A whole number in digits. */
static bool read_number(const char *what, const char *text, int64_t max, int64_t *out,
			struct err *err)
{
	char *end;

	if (text[0] && strlen(text) <= 15 && strspn(text, "0123456789") == strlen(text)) {
		*out = strtoll(text, &end, 10);
		if (*out <= max)
			return true;
	}
	return err_set(err, ERR_USAGE,
		       "%s: expected a whole number up to %" PRId64 ", got \"%.40s\"",
		       what, max, text);
}

/* ---- Reading the city's answers ---- */

/* A row of "results" or "changes". Strings are borrowed from the document. */
struct row {
	struct result result;
	int64_t line, before; /* of a change */
	bool has_before;
	const char *who;
	struct wall_ms at;
	const char *published; /* in words; empty where the city does not say */
};

static bool optional_string(struct json_node *node, const char *key, size_t max,
			    const char **out, struct err *err)
{
	*out = "";
	return !json_has(node, key) || json_get_string(node, key, max, out, err);
}

/* A number, or null: there is none. */
static bool optional_value(struct json_node *node, const char *key, int64_t *out,
			   bool *out_there, struct err *err)
{
	const json_t *value = json_object_get(node->value, key);

	*out_there = !json_is_null(value);
	*out = 0;
	return !*out_there || json_get_int(node, key, 0, PLAN_VALUE_MAX, out, err);
}

static bool read_result(struct json_node *node, struct result *out, struct err *err)
{
	int64_t initiative, year;
	bool there;

	if (!json_get_int(node, "initiative", 1, INITIATIVES_MAX, &initiative, err) ||
	    !optional_string(node, "series", PLAN_SOURCE_MAX, &out->series, err) ||
	    !json_get_int(node, "fiscal_year", FISCAL_YEAR_MIN, FISCAL_YEAR_MAX, &year,
			  err) ||
	    !optional_value(node, "value", &out->value, &there, err) ||
	    !optional_string(node, "source", PLAN_SOURCE_MAX, &out->source, err) ||
	    !optional_string(node, "note", RESULT_NOTE_MAX, &out->note, err))
		return false;
	out->initiative = (int)initiative;
	out->fiscal_year = (int)year;
	out->withdrawn = !there;
	return true;
}

typedef bool row_fn(struct json_node *node, struct row *out, struct err *err);

static bool read_entered(struct json_node *node, struct row *out, struct err *err)
{
	bool published = false;

	if (json_has(node, "published") &&
	    !json_get_bool(node, "published", &published, err))
		return false;
	out->published = !json_has(node, "published") ? "" : published ? "公開" : "–";
	return read_result(node, &out->result, err) &&
	       json_get_string(node, "who", NAME_CHARS, &out->who, err) &&
	       json_get_time(node, "at", &out->at, err);
}

static bool read_change(struct json_node *node, struct row *out, struct err *err)
{
	return read_result(node, &out->result, err) &&
	       json_get_int(node, "line", 1, CSV_TABLE_MAX, &out->line, err) &&
	       optional_value(node, "before", &out->before, &out->has_before, err);
}

/* Rows under @key; owned (free()). */
static bool read_rows(struct json_node *root, const char *key, row_fn *read,
		      struct row **out, size_t *out_count, struct err *err)
{
	struct json_node array, node;
	struct row *rows;

	if (!json_get_array(root, key, RESULTS_MAX, &array, out_count, err))
		return false;
	rows = calloc(*out_count + 1, sizeof(*rows));
	if (!rows)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	for (size_t i = 0; i < *out_count; i++) {
		if (!json_item_object(&array, i, &node, err) ||
		    !read(&node, &rows[i], err)) {
			free(rows);
			return false;
		}
	}
	*out = rows;
	return true;
}

/* ---- Entering and withdrawing ---- */

static void print_value(bool there, int64_t value)
{
	if (there)
		printf("%" PRId64, value);
	else
		fputs("–", stdout);
}

static bool tell(struct json_node *root, struct err *err)
{
	struct result result;
	char era[FISCAL_YEAR_TEXT_SIZE];
	int64_t before;
	bool held;

	if (!read_result(root, &result, err) ||
	    !optional_value(root, "before", &before, &held, err))
		return false;
	fiscal_year_format(result.fiscal_year, era);
	printf("%d%s%s %s (%d): ", result.initiative, result.series[0] ? " " : "",
	       result.series, era, result.fiscal_year);
	print_value(held, before);
	fputs(" → ", stdout);
	print_value(!result.withdrawn, result.value);
	puts("\nthe screens follow with \"ekimaectl plan result publish\"");
	return true;
}

static bool put_text(json_t *body, const char *key, const char *text, struct err *err)
{
	return !text || json_object_set_new(body, key, json_string(text)) == 0 ||
	       err_set(err, ERR_INVALID, "--%s: is not UTF-8", key);
}

static bool change(struct ctl *ctl, const struct arguments *arguments, bool withdraw,
		   struct err *err)
{
	int64_t initiative, value = 0;
	struct json_doc *answer;
	struct json_node root;
	json_t *body;
	bool fine;

	if (!arguments->operand || arguments->fiscal_year == 0 ||
	    (withdraw ? !arguments->note || arguments->value || arguments->source
		      : !arguments->value || !arguments->source))
		return usage_error(err);
	if (!read_number("initiative", arguments->operand, INITIATIVES_MAX, &initiative,
			 err) ||
	    (!withdraw &&
	     !read_number("--value", arguments->value, PLAN_VALUE_MAX, &value, err)))
		return false;
	body = json_pack("{s:I, s:i}", "initiative", (json_int_t)initiative,
			 "fiscal_year", arguments->fiscal_year);
	if (body && !withdraw)
		json_object_set_new(body, "value", json_integer(value));
	if (!put_text(body, "series", arguments->series, err) ||
	    !put_text(body, "source", arguments->source, err) ||
	    !put_text(body, "note", arguments->note, err)) {
		json_decref(body);
		return false;
	}
	answer = ctl_call(ctl, "POST", withdraw ? "results/withdraw" : "results", body,
			  err);
	fine = answer && json_root(answer, &root, err) && tell(&root, err);
	json_doc_free(answer);
	return fine;
}

/* ---- Listing ---- */

static bool list_url(const struct arguments *arguments, const char *suffix,
		     char out[static URL_MAX], struct err *err)
{
	char year[32] = "", initiative[48] = "";
	int64_t number;

	if (arguments->operand || arguments->dry_run)
		return usage_error(err);
	if (arguments->fiscal_year)
		snprintf(year, sizeof(year), "&fiscal_year=%d", arguments->fiscal_year);
	if (arguments->initiative) {
		if (!read_number("--initiative", arguments->initiative, INITIATIVES_MAX,
				 &number, err))
			return false;
		snprintf(initiative, sizeof(initiative), "&initiative=%" PRId64, number);
	}
	snprintf(out, URL_MAX, "results%s?%s%s%s", suffix,
		 arguments->history ? "history=true" : "", year, initiative);
	return true;
}

static bool print_answer(struct ctl *ctl, const struct arguments *arguments,
			 const char *suffix, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char url[URL_MAX];

	if (!list_url(arguments, suffix, url, err) ||
	    !ctl_send(ctl, "GET", url, NULL, 0, &response, err))
		return false;
	fwrite(response.body, 1, response.body_len, stdout);
	if (response.body_len > 0 && response.body[response.body_len - 1] != '\n')
		putchar('\n');
	return true;
}

static const char *format(struct arena *arena, const char *text, int64_t value)
{
	char cell[CELL_BYTES];

	if (!text) {
		snprintf(cell, sizeof(cell), "%" PRId64, value);
		text = cell;
	}
	return arena_strdup(arena, text);
}

static const char *format_time(struct arena *arena, struct wall_ms at)
{
	struct civil day = civil_from_wall_jst(at);
	char cell[CELL_BYTES];

	snprintf(cell, sizeof(cell), "%04d-%02d-%02d %02d:%02d", day.year, day.month,
		 day.day, day.hour, day.minute);
	return arena_strdup(arena, cell);
}

/* Every cell is in @arena or static; a NULL among them is noticed by the caller. */
typedef void cells_fn(const struct row *row, struct arena *arena, const char **cells);

static void place_cells(const struct row *row, struct arena *arena, const char **cells)
{
	char era[FISCAL_YEAR_TEXT_SIZE];

	fiscal_year_format(row->result.fiscal_year, era);
	cells[0] = format(arena, NULL, row->result.initiative);
	cells[1] = row->result.series;
	cells[2] = format(arena, era, 0);
}

#define ENTERED_COLUMNS 9
static void entered_cells(const struct row *row, struct arena *arena, const char **cells)
{
	place_cells(row, arena, cells);
	cells[3] =
		row->result.withdrawn ? "取下げ" : format(arena, NULL, row->result.value);
	cells[4] = row->published;
	cells[5] = row->who;
	cells[6] = format_time(arena, row->at);
	cells[7] = row->result.source;
	cells[8] = row->result.note;
}

#define CHANGE_COLUMNS 7
static void change_cells(const struct row *row, struct arena *arena, const char **cells)
{
	place_cells(row, arena, cells + 1);
	cells[0] = format(arena, NULL, row->line);
	cells[4] = row->has_before ? format(arena, NULL, row->before) : "–";
	cells[5] = format(arena, NULL, row->result.value);
	cells[6] = row->result.source;
}

static bool print_rows(const struct row *rows, size_t count, const char *const *head,
		       size_t columns, cells_fn *fill, struct err *err)
{
	struct arena *arena =
		arena_new((count + 2) * columns * (sizeof(char *) + 2 * CELL_BYTES));
	const char **cells =
		arena ? arena_array(arena, (count + 1) * columns, sizeof(*cells)) : NULL;
	bool fine = cells != NULL;

	if (fine)
		memcpy(cells, head, columns * sizeof(*cells));
	for (size_t i = 0; fine && i < count; i++)
		fill(&rows[i], arena, cells + (i + 1) * columns);
	for (size_t i = 0; fine && i < (count + 1) * columns; i++)
		fine = cells[i] != NULL;
	if (fine)
		ctl_print_table(cells, count + 1, columns);
	arena_free(arena);
	return fine || err_set(err, ERR_NO_MEMORY, "out of memory");
}

static bool print_table(struct ctl *ctl, const struct arguments *arguments,
			struct err *err)
{
	static const char *const head[ENTERED_COLUMNS] = {"取組",     "系列", "年度",
							  "実績",     "画面", "入力者",
							  "入力日時", "出典", "備考"};
	struct json_doc *doc;
	struct json_node root;
	struct row *rows = NULL;
	size_t count = 0;
	char url[URL_MAX];
	bool fine;

	if (!list_url(arguments, "", url, err))
		return false;
	doc = ctl_call(ctl, "GET", url, NULL, err);
	fine = doc && json_root(doc, &root, err) &&
	       read_rows(&root, "results", read_entered, &rows, &count, err) &&
	       print_rows(rows, count, head, ENTERED_COLUMNS, entered_cells, err);
	free(rows);
	json_doc_free(doc);
	return fine;
}

static bool list(struct ctl *ctl, const struct arguments *arguments, struct err *err)
{
	const char *wanted = arguments->format ? arguments->format
			     : ctl->json       ? "json"
					       : "table";

	if (strcmp(wanted, "table") == 0)
		return print_table(ctl, arguments, err);
	if (strcmp(wanted, "json") == 0)
		return print_answer(ctl, arguments, "", err);
	if (strcmp(wanted, "csv") == 0)
		return print_answer(ctl, arguments, ".csv", err);
	return err_set(err, ERR_USAGE,
		       "--format: expected table, csv or json, got \"%s\"", wanted);
}

/* ---- Files ---- */

static bool print_errors(struct json_node *root, const char *path, struct err *err)
{
	struct json_node array;
	size_t count;

	if (!json_get_array(root, "errors", ERRORS_MAX, &array, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *sentence;

		if (!json_item_string(&array, i, SENTENCE_CHARS, &sentence, err))
			return false;
		fprintf(stderr, "%s: %s\n", path, sentence);
	}
	return count == 0 || err_set(err, ERR_INVALID,
				     "%s: %zu errors: nothing was entered", path, count);
}

/* Shows what the file would do; *@out_count changes, entered after row *@out_newest. */
static bool preview(struct ctl *ctl, const char *path, const struct blob *file,
		    size_t *out_count, int64_t *out_newest, struct err *err)
{
	static const char *const head[CHANGE_COLUMNS] = {
		"行", "取組", "系列", "年度", "これまで", "新しい値", "出典"};
	CLEANUP(http_response_done) struct http_response response = {0};
	struct json_doc *doc;
	struct json_node root;
	struct row *rows = NULL;
	int64_t unchanged = 0;
	bool fine;

	if (!ctl_send(ctl, "POST", "results/import?dry_run=true", file->bytes, file->len,
		      &response, err))
		return err_prefix(err, "%s", path);
	doc = json_parse("import", response.body, response.body_len, CTL_ANSWER_MAX, err);
	fine = doc && json_root(doc, &root, err) && print_errors(&root, path, err) &&
	       json_get_int(&root, "newest", 0, INT64_MAX, out_newest, err) &&
	       json_get_int(&root, "unchanged", 0, RESULTS_MAX, &unchanged, err) &&
	       read_rows(&root, "changes", read_change, &rows, out_count, err) &&
	       (*out_count == 0 ||
		print_rows(rows, *out_count, head, CHANGE_COLUMNS, change_cells, err));
	if (fine)
		printf("%zu to enter, %" PRId64 " as before\n", *out_count, unchanged);
	free(rows);
	json_doc_free(doc);
	return fine;
}

static bool import(struct ctl *ctl, const struct arguments *arguments, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	CLEANUP(blob_free) struct blob file = {0};
	const char *path = arguments->operand;
	char url[64], question[64];
	int64_t newest = 0;
	size_t count = 0;

	if (!path || arguments->history || arguments->format)
		return usage_error(err);
	if (!file_read(path, CSV_TABLE_MAX, &file, err) ||
	    !preview(ctl, path, &file, &count, &newest, err))
		return false;
	if (arguments->dry_run || count == 0)
		return true;
	snprintf(question, sizeof(question), "Enter these %zu results?", count);
	snprintf(url, sizeof(url), "results/import?after=%" PRId64, newest);
	if (!ctl_confirm(ctl, question, err) ||
	    !ctl_send(ctl, "POST", url, file.bytes, file.len, &response, err))
		return false;
	printf("entered %zu results; the screens follow with \"ekimaectl plan result "
	       "publish\"\n",
	       count);
	return true;
}

/* ---- For a publication ---- */

char *results_merge(struct ctl *ctl, const char *plan, size_t len, size_t *out_len,
		    struct err *err)
{
	struct json_doc *doc = ctl_call(ctl, "GET", "results", NULL, err);
	struct result *results = NULL;
	struct row *rows = NULL;
	struct json_node root;
	size_t count = 0;
	char *merged = NULL;

	if (doc && json_root(doc, &root, err) &&
	    read_rows(&root, "results", read_entered, &rows, &count, err)) {
		results = calloc(count + 1, sizeof(*results));
		for (size_t i = 0; results && i < count; i++)
			results[i] = rows[i].result;
		if (results)
			merged = plan_results_replace(plan, len, results, count, out_len,
						      err);
		else
			err_set(err, ERR_NO_MEMORY, "out of memory");
	}
	free(results);
	free(rows);
	json_doc_free(doc);
	return merged;
}

bool results_command(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	struct arguments arguments = {0};
	const char *what = argc > 1 ? argv[1] : "";

	if (!read_arguments(argc, argv, &arguments, err))
		return false;
	if (strcmp(what, "set") == 0)
		return change(ctl, &arguments, false, err);
	if (strcmp(what, "withdraw") == 0)
		return change(ctl, &arguments, true, err);
	if (strcmp(what, "list") == 0)
		return list(ctl, &arguments, err);
	if (strcmp(what, "export") == 0)
		return print_answer(ctl, &arguments, ".csv", err);
	if (strcmp(what, "import") == 0)
		return import(ctl, &arguments, err);
	return usage_error(err);
}
