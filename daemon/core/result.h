#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;
struct plan;
struct plan_series;

#define RESULT_NOTE_MAX 200 /* characters */

/*
 * What staff say of one figure of the plan for one fiscal year (PDCA): its result, or that
 * the result told before is withdrawn. Strings are borrowed.
 */
struct result {
	int initiative;
	const char *series; /* its label; "" where the indicator has only one */
	int fiscal_year;
	bool withdrawn;
	int64_t value;      /* 0 when withdrawn */
	const char *source; /* where the city published it; "" when withdrawn */
	const char *note;   /* "" when there is none; why, when withdrawn */
};

/* Whether both are of the same figure and year. */
bool result_same_place(const struct result *left, const struct result *right);

/*
 * The figure of @plan that @result is of. NULL when the initiative has none, and the
 * sentence says why: 随時対応, managed elsewhere, a roadmap, several figures.
 */
MUST_USE const struct plan_series *result_series(const struct plan *plan,
						 const struct result *result,
						 struct err *err);

/* The parts of a result, so that whoever shows an error can name the place by its own words. */
enum result_part {
	RESULT_INITIATIVE,
	RESULT_SERIES,
	RESULT_FISCAL_YEAR,
	RESULT_VALUE,
	RESULT_SOURCE,
	RESULT_NOTE
};

/* As documents and messages have it: "fiscal_year". */
const char *result_part_name(enum result_part part);

/*
 * Whether @result may be entered at @now: it has a place in the plan, its year lies behind
 * the baseline's and has ended, and value and texts are right by themselves. On failure
 * *@out_part is what is wrong.
 */
MUST_USE bool result_check(const struct plan *plan, const struct result *result,
			   struct wall_ms now, enum result_part *out_part,
			   struct err *err);

/* The last of these alone: of a withdrawal, whose place the plan may no longer have. */
MUST_USE bool result_check_itself(const struct result *result, enum result_part *out_part,
				  struct err *err);

#endif /* CORE_RESULT_H */
