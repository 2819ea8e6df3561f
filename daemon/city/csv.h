#ifndef CITY_CSV_H
#define CITY_CSV_H

#include <stdbool.h>
#include <stdint.h>

struct buffer;

/*
 * CSV as RFC 4180 has it, for people who open it in Excel: UTF-8 with a byte order mark,
 * CRLF, quotes where they are needed.
 */
struct csv {
	struct buffer *out; /* borrowed */
	bool in_row;        /* the row has a cell already */
};

void csv_begin(struct csv *csv, struct buffer *out); /* writes the byte order mark */

/*
 * A cell of text. A text that a spreadsheet would take for a formula (it starts with = + -
 * @, tab or carriage return) gets an apostrophe in front, as spreadsheets themselves mark
 * text: the open data must not be a way into the machine of who opens it.
 */
void csv_text(struct csv *csv, const char *text);
void csv_number(struct csv *csv, int64_t number);
void csv_end_row(struct csv *csv);

#endif /* CITY_CSV_H */
