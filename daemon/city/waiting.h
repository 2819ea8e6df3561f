#ifndef CITY_WAITING_H
#define CITY_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;

/*
 * The long polls of /news: who waits for a version of timestamp.json above theirs, and
 * until when. Thread-safe; @wake of a waiter is called at most once, with the lock held.
 */
struct waiter {
	int64_t after;
	struct mono_ms until;
	void (*wake)(void *context);
	void *context;
	struct waiter *previous, *next; /* of the list that it is in */
};

struct waiting;

MUST_USE struct waiting *waiting_new(int64_t version, struct err *err);
struct waiting *waiting_free(struct waiting *waiting); /* NULL is fine; nobody may wait */

int64_t waiting_version(struct waiting *waiting);
bool waiting_is_empty(struct waiting *waiting); /* whether nobody waits now */

/*
 * Adds @waiter, which must live until it is woken. False when there is nothing to wait
 * for: the version is above its own already, or waiting_close() was called; it is not
 * woken then.
 */
MUST_USE bool waiting_add(struct waiting *waiting, struct waiter *waiter);

/* There is version @version now: wakes all who wait for it. */
void waiting_announce(struct waiting *waiting, int64_t version);

/* Wakes all; nobody can wait from now on. */
void waiting_close(struct waiting *waiting);

/*
 * Wakes those whose time is over at @now; then sleeps until the next one's is, or
 * waiting_close() is called, but no longer than @longest.
 */
void waiting_tend(struct waiting *waiting, struct mono_ms now, struct span_ms longest);

#endif /* CITY_WAITING_H */
