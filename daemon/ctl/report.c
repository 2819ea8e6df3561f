#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/err.h"
#include "ctl/ctl.h"
#include "sync/http.h"
#include "wire/json.h"

#define LINES_MAX   100000
#define COLUMNS_MAX 9 /* NULL included, as below */
#define TEXTS_MAX   3
#define TIMES_MAX   3
#define NUMBERS_MAX 7
#define CELL_BYTES  32
#define TEXT_MAX    200 /* characters */

static const char usage[] =
	"usage: report --fiscal-year N [--by notice|screen|month|department]"
	" [--format table|csv|json|html]  (N: 2026, R8 or 令和8)";

/* The table of each --by. */
struct form {
	const char *by, *list;            /* as the API has it */
	const char *head[COLUMNS_MAX];    /* NULL-terminated */
	const char *texts[TEXTS_MAX];     /* keys of the first columns */
	const char *times[TIMES_MAX];     /* … of the next */
	const char *numbers[NUMBERS_MAX]; /* … of the rest; "shown_ms" in seconds */
};

static const struct form forms[] = {
	{"notice",
	 "notices",
	 {"題名", "所管課", "最初の放映", "最後の放映", "完全", "途中", "秒", "年度後"},
	 {"title", "department"},
	 {"first", "last"},
	 {"complete", "partial", "shown_ms", "late"}},
	{"screen",
	 "screens",
	 {"画面", "設置場所", "件数", "うち初回", "完全", "途中", "秒", "年度後"},
	 {"id", "place"},
	 {NULL},
	 {"notices", "first_shown", "complete", "partial", "shown_ms", "late"}},
	{"month",
	 "months",
	 {"年月", "件数", "うち初回", "完全", "途中", "秒", "年度後"},
	 {"month"},
	 {NULL},
	 {"notices", "first_shown", "complete", "partial", "shown_ms", "late"}},
	{"department",
	 "departments",
	 {"所管課", "件数", "うち初回", "完全", "途中", "秒", "年度後"},
	 {"department"},
	 {NULL},
	 {"notices", "first_shown", "complete", "partial", "shown_ms", "late"}},
};

static bool print_answer(struct ctl *ctl, const char *path, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};

	if (!ctl_send(ctl, "GET", path, NULL, 0, &response, err))
		return false;
	fwrite(response.body, 1, response.body_len, stdout);
	if (response.body_len > 0 && response.body[response.body_len - 1] != '\n')
		putchar('\n');
	return true;
}

/* Day and minute of "2026-11-22T15:29:00+09:00"; "–" for null. */
static bool read_moment(struct json_node *line, const char *key, struct arena *arena,
			const char **out, struct err *err)
{
	struct wall_ms at;
	struct civil civil;
	char text[CELL_BYTES];

	*out = "–";
	if (json_get_time(line, key, &at, &(struct err){0})) {
		civil = civil_from_wall_jst(at);
		snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d", civil.year,
			 civil.month, civil.day, civil.hour, civil.minute);
		*out = arena_strdup(arena, text);
	}
	return *out || err_set(err, ERR_NO_MEMORY, "report: out of memory");
}

static bool read_number(struct json_node *line, const char *key, int64_t divisor,
			struct arena *arena, const char **out, struct err *err)
{
	char text[CELL_BYTES];
	int64_t number;

	if (!json_get_int(line, key, 0, INT64_MAX, &number, err))
		return false;
	snprintf(text, sizeof(text), "%" PRId64, number / divisor);
	*out = arena_strdup(arena, text);
	return *out || err_set(err, ERR_NO_MEMORY, "report: out of memory");
}

static bool fill_row(const struct form *form, const struct json_node *lines, size_t index,
		     struct arena *arena, const char **row, struct err *err)
{
	struct json_node line;

	if (!json_item_object(lines, index, &line, err))
		return false;
	for (const char *const *key = form->texts; *key; key++)
		if (!json_get_string(&line, *key, TEXT_MAX, row++, err))
			return false;
	for (const char *const *key = form->times; *key; key++)
		if (!read_moment(&line, *key, arena, row++, err))
			return false;
	for (const char *const *key = form->numbers; *key; key++)
		if (!read_number(&line, *key, strcmp(*key, "shown_ms") == 0 ? 1000 : 1,
				 arena, row++, err))
			return false;
	return true;
}

static bool print_lines(const struct form *form, const struct json_node *lines,
			size_t count, struct err *err)
{
	size_t row_bytes = COLUMNS_MAX * (sizeof(char *) + 2 * CELL_BYTES);
	struct arena *arena = arena_new((count + 2) * row_bytes);
	const char **cells;
	size_t columns = 0;
	bool fine;

	while (form->head[columns])
		columns++;
	cells = arena ? arena_array(arena, (count + 1) * columns, sizeof(*cells)) : NULL;
	fine = cells || err_set(err, ERR_NO_MEMORY, "report: out of memory");
	if (fine)
		memcpy(cells, form->head, columns * sizeof(*cells));
	for (size_t i = 0; fine && i < count; i++)
		fine = fill_row(form, lines, i, arena, cells + (i + 1) * columns, err);
	if (fine)
		ctl_print_table(cells, count + 1, columns);
	arena_free(arena);
	return fine;
}

static bool print_summary(struct json_node *root, int fiscal_year, struct err *err)
{
	const char *era = NULL;
	int64_t count, complete, partial, undated, late, folded, quarantined;

	if (!json_get_string(root, "era", 32, &era, err) ||
	    !json_get_int(root, "count", 0, INT64_MAX, &count, err) ||
	    !json_get_int(root, "complete", 0, INT64_MAX, &complete, err) ||
	    !json_get_int(root, "partial", 0, INT64_MAX, &partial, err) ||
	    !json_get_int(root, "undated", 0, INT64_MAX, &undated, err) ||
	    !json_get_int(root, "folded", 0, INT64_MAX, &folded, err) ||
	    !json_get_int(root, "late", 0, INT64_MAX, &late, err) ||
	    !json_get_int(root, "quarantined", 0, INT64_MAX, &quarantined, err))
		return false;
	printf("%s（%d） 行政情報の発信数: %" PRId64 "件\n"
	       "放映 完全 %" PRId64 "回、途中 %" PRId64 "回",
	       era, fiscal_year, count, complete, partial);
	if (folded > 0)
		printf("、うち時間ごとの合計で届いた放映 %" PRId64 "回", folded);
	if (undated > 0)
		printf("、時刻未確定 %" PRId64 "回", undated);
	if (late > 0)
		printf("、年度後に届いたもの %" PRId64 "回", late);
	if (quarantined > 0)
		printf("、検疫 %" PRId64 "行", quarantined);
	puts("\n");
	return true;
}

static bool print_table(struct ctl *ctl, const char *path, const struct form *form,
			int fiscal_year, struct err *err)
{
	struct json_doc *doc = ctl_call(ctl, "GET", path, NULL, err);
	struct json_node root, lines;
	size_t count = 0;
	bool fine = doc && json_root(doc, &root, err) &&
		    print_summary(&root, fiscal_year, err) &&
		    json_get_array(&root, form->list, LINES_MAX, &lines, &count, err) &&
		    (count == 0 || print_lines(form, &lines, count, err));

	json_doc_free(doc);
	return fine;
}

struct wish {
	int fiscal_year;
	const struct form *form;
	const char *format;
};

static bool parse_by(const char *text, const struct form **out, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		if (strcmp(text, forms[i].by) == 0) {
			*out = &forms[i];
			return true;
		}
	}
	return err_set(err, ERR_USAGE,
		       "--by: expected notice, screen, month or department, got \"%s\"",
		       text);
}

static bool parse_wish(int argc, char **argv, struct wish *out, struct err *err)
{
	for (int i = 1; i < argc; i += 2) {
		bool fine = true;

		if (i + 1 == argc)
			return err_set(err, ERR_USAGE, "%s", usage);
		if (strcmp(argv[i], "--fiscal-year") == 0)
			fine = ctl_fiscal_year(argv[i + 1], &out->fiscal_year, err);
		else if (strcmp(argv[i], "--by") == 0)
			fine = parse_by(argv[i + 1], &out->form, err);
		else if (strcmp(argv[i], "--format") == 0)
			out->format = argv[i + 1];
		else
			return err_set(err, ERR_USAGE, "%s", usage);
		if (!fine)
			return false;
	}
	return true;
}

bool verb_report(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	static const struct {
		const char *name, *suffix;
	} formats[] = {{"table", ""}, {"json", ""}, {"csv", ".csv"}, {"html", ".html"}};
	struct wish wish = {
		.fiscal_year = fiscal_year_of(ctl->now.wall),
		.form = &forms[0],
		.format = ctl->json ? "json" : "table",
	};
	char path[96];

	if (!parse_wish(argc, argv, &wish, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (strcmp(wish.format, formats[i].name) != 0)
			continue;
		snprintf(path, sizeof(path), "report%s?fiscal_year=%d&by=%s",
			 formats[i].suffix, wish.fiscal_year, wish.form->by);
		return i == 0 ? print_table(ctl, path, wish.form, wish.fiscal_year, err)
			      : print_answer(ctl, path, err);
	}
	return err_set(err, ERR_USAGE,
		       "--format: expected table, csv, json or html, got \"%s\"",
		       wish.format);
}
