#include "wire/csv_table.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"

#define SAVE_AS "save it as 「CSV UTF-8（コンマ区切り）」"

/* ---- From bytes to UTF-8 ---- */

static char *copy(const char *bytes, size_t len)
{
	char *text = malloc(len + 1);

	if (!text)
		return NULL;
	memcpy(text, bytes, len);
	text[len] = '\0';
	return text;
}

/* What Japanese Excel saves as plain "CSV". NULL when it is none. */
static char *from_shift_jis(const char *bytes, size_t len)
{
	iconv_t converter = iconv_open("UTF-8", "CP932");
	/* A byte becomes at most three: half-width kana. */
	size_t room = 3 * len, left = len;
	char *text = converter == (iconv_t)-1 ? NULL : malloc(room + 1);
	/* iconv() reads through it only. */
	char *from = (char *)(uintptr_t)bytes, *to = text;
	bool fine = text && iconv(converter, &from, &left, &to, &room) != (size_t)-1;

	if (converter != (iconv_t)-1)
		iconv_close(converter);
	if (!fine) {
		free(text);
		return NULL;
	}
	*to = '\0';
	return text;
}

static char *decode(const char *name, const char *bytes, size_t len, struct err *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	bool marked = len >= 3 && memcmp(bytes, mark, 3) == 0;
	char *text;

	if (len > CSV_TABLE_MAX) {
		err_set(err, ERR_TOO_LARGE, "%s: has %zu bytes, at most %zu are accepted",
			name, len, CSV_TABLE_MAX);
		return NULL;
	}
	if (memchr(bytes, '\0', len)) {
		err_set(err, ERR_INVALID,
			"%s: is no CSV (UTF-16, or a workbook?): " SAVE_AS, name);
		return NULL;
	}
	text = copy(bytes + (marked ? 3 : 0), len - (marked ? 3 : 0));
	if (text && utf8_is_valid(text))
		return text;
	if (text && !marked) {
		free(text);
		text = from_shift_jis(bytes, len);
		if (text)
			return text;
	}
	free(text);
	err_set(err, ERR_INVALID, "%s: is neither UTF-8 nor Shift_JIS: " SAVE_AS, name);
	return NULL;
}

/* ---- Rows and cells, in place ---- */

struct reader {
	const char *name;
	char *at;
	int line;
	size_t cells; /* taken of table->cells */
};

/* "'=1" is how text that begins like a formula is written. */
static char *unmask(char *cell)
{
	return cell[0] == '\'' && cell[1] != '\0' && strchr("=+-@\t\r", cell[1])
		       ? cell + 1
		       : cell;
}

/* A cell in quotes; its text moves over the quotes that were doubled. NULL on failure. */
static char *take_quoted(struct reader *reader, struct err *err)
{
	char *cell = reader->at + 1, *from = cell, *to = cell;

	for (; *from; from++) {
		if (*from == '"') {
			if (from[1] != '"')
				break;
			from++;
		}
		*to++ = *from;
	}
	if (*from == '\0' || (from[1] != '\0' && !strchr(",\r\n", from[1]))) {
		err_set(err, ERR_INVALID,
			"%s: line %d: a cell that begins with a quote does not end with "
			"one: double the quotes within it",
			reader->name, reader->line);
		return NULL;
	}
	reader->at = from + 1;
	/* At most the closing quote is overwritten. */
	*to = '\0';
	return cell;
}

/* The cell at the cursor, which moves to what ended it: comma, line end or NUL. */
static bool take_cell(struct reader *reader, const char **out, char *out_end,
		      struct err *err)
{
	char *cell = reader->at;

	if (*cell == '"') {
		cell = take_quoted(reader, err);
		if (!cell)
			return false;
	} else {
		reader->at += strcspn(reader->at, ",\r\n");
	}
	*out_end = *reader->at;
	*reader->at = '\0';
	*out = unmask(cell);
	return true;
}

static bool take_row(struct reader *reader, struct csv_table *table, struct err *err)
{
	struct csv_row row = {.line = reader->line,
			      .cells = table->cells + reader->cells};
	bool empty = true;
	char end;

	do {
		if (row.count == CSV_COLUMNS_MAX)
			return err_set(err, ERR_TOO_LARGE,
				       "%s: line %d: has over %d columns", reader->name,
				       reader->line, CSV_COLUMNS_MAX);
		if (!take_cell(reader, &row.cells[row.count], &end, err))
			return false;
		empty = empty && row.cells[row.count][0] == '\0';
		row.count++;
		if (end != '\0')
			reader->at++;
	} while (end == ',');
	if (end == '\r' && *reader->at == '\n')
		reader->at++;
	reader->line++;
	if (empty)
		return true;
	if (table->count == CSV_ROWS_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: has over %d lines", reader->name,
			       CSV_ROWS_MAX);
	reader->cells += row.count;
	table->rows[table->count++] = row;
	return true;
}

/* Every cell ends in a comma, a line end or the end; every row in one of the last two. */
static bool make_room(struct csv_table *table, struct err *err)
{
	size_t lines = 1, cells = 1;

	for (const char *at = table->text; *at; at++) {
		lines += *at == '\r' || *at == '\n';
		cells += *at == '\r' || *at == '\n' || *at == ',';
	}
	table->rows =
		calloc(lines < CSV_ROWS_MAX ? lines : CSV_ROWS_MAX, sizeof(*table->rows));
	table->cells = calloc(cells, sizeof(*table->cells));
	return (table->rows && table->cells) ||
	       err_set(err, ERR_NO_MEMORY, "out of memory");
}

struct csv_table *csv_table_read(const char *name, const void *bytes, size_t len,
				 struct err *err)
{
	struct csv_table *table = calloc(1, sizeof(*table));
	struct reader reader = {.name = name, .line = 1};

	if (!table) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	table->text = decode(name, bytes, len, err);
	if (!table->text || !make_room(table, err))
		return csv_table_free(table);
	reader.at = table->text;
	while (*reader.at)
		if (!take_row(&reader, table, err))
			return csv_table_free(table);
	return table;
}

struct csv_table *csv_table_free(struct csv_table *table)
{
	if (table) {
		free(table->rows);
		free(table->cells);
		free(table->text);
		free(table);
	}
	return NULL;
}
