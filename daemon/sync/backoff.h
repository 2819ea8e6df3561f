#ifndef SYNC_BACKOFF_H
#define SYNC_BACKOFF_H

#include <stdint.h>

#include "core/time.h"

/*
 * How long to wait before the next try: doubling from 1 s to 60 s, each time a random
 * share between half of it and all of it, so that a thousand screens which lost the city
 * at the same moment don't come back at the same moment.
 */
struct backoff {
	int failures; /* in a row; 0 after a success */
};

/* The wait after one more failure. @random is any uniform number. */
struct span_ms backoff_next(struct backoff *backoff, uint32_t random);

#endif /* SYNC_BACKOFF_H */
