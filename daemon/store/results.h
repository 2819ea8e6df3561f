#ifndef STORE_RESULTS_H
#define STORE_RESULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/result.h"
#include "core/time.h"

struct db;
struct err;

/*
 * The results that staff entered, in the city's database. Nothing is ever changed or
 * removed: a correction is one more row, and so is a withdrawal.
 */
struct result_row {
	int64_t number; /* rises by one with each row */
	struct result result;
	const char *who;
	struct wall_ms at;
};

/* Appends what @who says; @result was checked. May be part of a transaction of the caller. */
MUST_USE bool results_append(struct db *db, const struct result *result, const char *who,
			     struct wall_ms at, struct err *err);

/* The number of the newest row; 0 when there is none. */
MUST_USE bool results_newest(struct db *db, int64_t *out, struct err *err);

struct results_filter {
	int initiative;  /* 0: all */
	int fiscal_year; /* 0: all */
	bool history;    /* every row; else what holds now, without what was withdrawn */
};

/* @row and its strings are borrowed for the call; false with @err set stops the walk. */
typedef bool result_row_fn(void *context, const struct result_row *row, struct err *err);

/* By initiative, series, fiscal year, number. */
MUST_USE bool results_each(struct db *db, const struct results_filter *filter,
			   result_row_fn *each, void *context, struct err *err);

#endif /* STORE_RESULTS_H */
