#ifndef CITY_RESULTS_H
#define CITY_RESULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"
#include "store/results.h"

struct arena;
struct buffer;
struct city;
struct err;
struct initiative;
struct plan_indicator;
struct request;

/* What listing, file and import of results have in common. */

/* The columns of the file that goes out for Excel and comes back. */
enum results_column {
	RESULTS_CODE,
	RESULTS_INITIATIVE,
	RESULTS_TITLE,
	RESULTS_INDICATOR,
	RESULTS_SERIES,
	RESULTS_UNIT,
	RESULTS_YEAR,
	RESULTS_ERA,
	RESULTS_VALUE,
	RESULTS_SOURCE,
	RESULTS_NOTE,
	RESULTS_WHO,
	RESULTS_AT,
	RESULTS_COLUMNS
};

extern const char *const results_columns[RESULTS_COLUMNS];

#define RESULTS_TITLE_SIZE 1000 /* bytes */
/* "情報発信力の強化【ホームページ】" */
void results_title(const struct initiative *initiative,
		   char out[static RESULTS_TITLE_SIZE]);
/* "マイナンバーカード交付枚数（累計）" */
void results_indicator(const struct plan_indicator *indicator,
		       char out[static RESULTS_TITLE_SIZE]);

/* All that holds now, in memory. */
struct results_held {
	struct arena *arena;
	struct result_row *rows;
	size_t count, room;
	int64_t newest; /* the number of the newest row of all */
};

MUST_USE bool results_held_read(struct city *city, struct results_held *out,
				struct err *err);
void results_held_done(struct results_held *held); /* for CLEANUP() */
/* The one of the same figure and year; NULL when none holds. */
const struct result_row *results_held_find(const struct results_held *held,
					   const struct result *result);

/* "?fiscal_year=R6&initiative=1&history=true", each of which may be missing. */
MUST_USE bool results_query_read(const struct request *request,
				 struct results_filter *out, struct err *err);

/* Enters @result, which was checked, with a line in the audit log; within a transaction. */
MUST_USE bool results_enter(struct city *city, const struct request *request,
			    const struct result *result, const struct result_row *before,
			    struct err *err);

/* ,"initiative":15,"series":"RPA","fiscal_year":2024 */
void results_add_place(struct buffer *out, const struct result *result);
/* ,"before":9 or ,"before":null; the same with @key for any value. */
void results_add_value(struct buffer *out, const char *key, const struct result *result);
/* ,"source":"…","note":"…", each where there is one. */
void results_add_words(struct buffer *out, const struct result *result);

#endif /* CITY_RESULTS_H */
