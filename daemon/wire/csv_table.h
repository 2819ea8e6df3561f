#ifndef WIRE_CSV_TABLE_H
#define WIRE_CSV_TABLE_H

#include <stddef.h>

#include "core/attr.h"

struct err;

#define CSV_TABLE_MAX   ((size_t)1024 * 1024) /* bytes */
#define CSV_ROWS_MAX    5000
#define CSV_COLUMNS_MAX 100

/* Rows are numbered as a spreadsheet numbers them: from 1, empty ones included. */
struct csv_row {
	int line;
	const char **cells;
	size_t count;
};

/* A file of comma-separated values (RFC 4180); all is borrowed until csv_table_free(). */
struct csv_table {
	char *text;
	const char **cells;
	struct csv_row *rows; /* without those whose cells are all empty */
	size_t count;
};

/*
 * Reads what spreadsheets save: UTF-8 with or without a byte order mark, or Shift_JIS as
 * Windows has it (CP932); lines that end in CRLF, LF or CR; quotes where they are needed. An
 * apostrophe that keeps a cell from being a formula ("'=…", as city/csv.h writes it) is taken
 * off. Errors name file, line and remedy. NULL on failure.
 */
MUST_USE struct csv_table *csv_table_read(const char *name, const void *bytes, size_t len,
					  struct err *err);
struct csv_table *csv_table_free(struct csv_table *table); /* NULL is fine */

#endif /* WIRE_CSV_TABLE_H */
