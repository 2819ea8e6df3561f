#ifndef CITY_REPORT_H
#define CITY_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/time.h"
#include "store/ledger.h"

struct err;
struct request;

/*
 * What the three forms of the report (JSON, CSV, page) have in common. None of them holds the
 * time at which it was made: the same year gives the same bytes.
 */
#define REPORT_MAX ((size_t)32 * 1024 * 1024) /* bytes */

enum report_by {
	REPORT_BY_NOTICE,
	REPORT_BY_SCREEN,
	REPORT_BY_MONTH,
	REPORT_BY_DEPARTMENT
};

struct report_query {
	int fiscal_year;
	enum report_by by;
};

/*
 * "?fiscal_year=2026&by=month"; the running year, and by notice, when they are left out.
 */
MUST_USE bool report_query_read(const struct request *request, struct report_query *out,
				struct err *err);

/* What is in a column: text, a time, a number, a length of time. */
enum report_kind { REPORT_TEXT, REPORT_TIME, REPORT_NUMBER, REPORT_SPAN };

/* A column of the table that all three forms hold. */
struct report_column {
	enum report_kind kind;
	const char *json, *csv;
	const char *html; /* NULL: not on paper */
};

#define REPORT_COLUMNS_MAX 9

/* Static; @*out_count of them. */
const struct report_column *report_columns(enum report_by by, size_t *out_count);

/* A cell of it, by its column's kind. */
struct report_cell {
	const char *text;  /* borrowed for the call */
	struct wall_ms at; /* 0: none, as a notice may have partial plays only */
	int64_t number;    /* of a length of time: milliseconds */
};

typedef void report_row_fn(void *context, const struct report_cell *cells);

/* Calls @each for every line of the table, and fills @out. */
MUST_USE bool report_rows(struct ledger *ledger, const struct report_query *query,
			  struct ledger_summary *out, report_row_fn *each, void *context,
			  struct err *err);

#endif /* CITY_REPORT_H */
