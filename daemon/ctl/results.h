#ifndef CTL_RESULTS_H
#define CTL_RESULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct ctl;
struct err;

/* `ekimaectl plan result …` but for "publish", which is plan.c's; @argv[0] is "result". */
MUST_USE bool results_command(struct ctl *ctl, int argc, char **argv, struct err *err);

/*
 * plan.json @plan with the results that the city holds in place of any that it has; owned, NULL
 * on failure. They are the server's word: whoever signs must be shown them (plan_changes.h).
 */
MUST_USE char *results_merge(struct ctl *ctl, const char *plan, size_t len,
			     size_t *out_len, struct err *err);

#endif /* CTL_RESULTS_H */
