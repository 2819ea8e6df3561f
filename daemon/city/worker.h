#ifndef CITY_WORKER_H
#define CITY_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct err;

/*
 * A thread that does jobs in their order. The thread that talks to the network hands over
 * whatever touches the disk or hashes a password, and never waits itself.
 */
struct job {
	void (*run)(void *context);
	void *context;
	struct job *next; /* of the queue that it is in */
};

struct worker;

/* At most @queue_max jobs may wait. NULL on failure. */
MUST_USE struct worker *worker_new(size_t queue_max, struct err *err);

/* @job must live until it has run. False when too many wait, or after worker_stop(). */
MUST_USE bool worker_add(struct worker *worker, struct job *job);

/* Takes no more jobs; returns when all that were taken have run. NULL is fine. */
void worker_stop(struct worker *worker);
struct worker *worker_free(struct worker *worker); /* NULL is fine; stops it before */

#endif /* CITY_WORKER_H */
