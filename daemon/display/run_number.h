#ifndef DISPLAY_RUN_NUMBER_H
#define DISPLAY_RUN_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;

/*
 * The number of this start of the display, kept in @state/run: above that of every start
 * before, and no less than the seconds of @now, so that a state folder that came out of a
 * backup goes on above what the city has seen. Durable once this returns true; @*out
 * is set all the same where it can't be kept.
 */
MUST_USE bool run_number_next(const char *state, struct wall_ms now, int64_t *out,
			      struct err *err);

#endif /* DISPLAY_RUN_NUMBER_H */
