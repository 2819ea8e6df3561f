#ifndef CORE_DWELL_H
#define CORE_DWELL_H

#include <stddef.h>

#include "core/time.h"

struct loop_policy;

/*
 * How long a slide of @readable_characters stays: 3 s to find it, then the policy's
 * reading speed, at least the policy's minimum, at most 120 s. Whole milliseconds.
 */
struct span_ms dwell_for(size_t readable_characters, const struct loop_policy *policy);

#endif /* CORE_DWELL_H */
