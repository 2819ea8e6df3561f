#ifndef WIRE_PLAN_RESULTS_H
#define WIRE_PLAN_RESULTS_H

#include <stddef.h>

#include "core/attr.h"

struct err;
struct result;

/*
 * plan.json again, with @results in place of those that it holds, and nothing else changed.
 * @results are in the order of years, and not withdrawn. One that has no place in the plan is
 * ERR_INVALID: the sentence names it. NUL-terminated, owned; NULL on failure.
 */
MUST_USE char *plan_results_replace(const void *bytes, size_t len,
				    const struct result *results, size_t count,
				    size_t *out_len, struct err *err);

#endif /* WIRE_PLAN_RESULTS_H */
