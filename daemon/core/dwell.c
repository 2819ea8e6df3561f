#include "core/dwell.h"

#include "core/programme.h"

/* Time to notice that something new is there, and to find where it begins. */
#define FIND_MS INT64_C(3000)

#define DWELL_MAX_MS INT64_C(120000)

struct span_ms dwell_for(size_t readable_characters, const struct loop_policy *policy)
{
	int64_t min = policy->dwell_min_s * 1000;
	int64_t speed = policy->characters_per_s > 0 ? policy->characters_per_s : 1;
	int64_t dwell = DWELL_MAX_MS;

	/* Any longer text is over the maximum already: at 20 characters a second, too. */
	if (readable_characters < 1000 * 1000)
		dwell = FIND_MS +
			((int64_t)readable_characters * 1000 + speed - 1) / speed;
	if (dwell < min)
		dwell = min;
	return (struct span_ms){dwell < DWELL_MAX_MS ? dwell : DWELL_MAX_MS};
}
