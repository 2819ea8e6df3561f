#ifndef CTL_PLAN_CHANGES_H
#define CTL_PLAN_CHANGES_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct err;
struct programme_count;

/*
 * What somebody is about to sign is told here, from the bytes that the signature will cover:
 * each result by year that comes (+), changes (~) or goes (-), and whether anything else of
 * the plan differs. Adds to *@changes.
 */
MUST_USE bool plan_changes_show(const char *before, size_t before_len, const char *after,
				size_t after_len, size_t *changes, struct err *err);

/* The count of initiative 4 that goes out with a programme, beside the one before. */
void plan_changes_show_count(const struct programme_count *before,
			     const struct programme_count *after);

#endif /* CTL_PLAN_CHANGES_H */
