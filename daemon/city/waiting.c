#include "city/waiting.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <time.h>

#include "core/err.h"

struct waiting {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* an earlier deadline, or closed */
	int64_t version;
	bool closed;
	struct waiter *first;
	struct mono_ms slept_until; /* the deadline that waiting_tend() sleeps for */
};

struct waiting *waiting_new(int64_t version, struct err *err)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));
	pthread_condattr_t attributes;

	if (!waiting) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	waiting->version = version;
	pthread_mutex_init(&waiting->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&waiting->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return waiting;
}

struct waiting *waiting_free(struct waiting *waiting)
{
	if (!waiting)
		return NULL;
	pthread_cond_destroy(&waiting->changed);
	pthread_mutex_destroy(&waiting->lock);
	free(waiting);
	return NULL;
}

int64_t waiting_version(struct waiting *waiting)
{
	int64_t version;

	pthread_mutex_lock(&waiting->lock);
	version = waiting->version;
	pthread_mutex_unlock(&waiting->lock);
	return version;
}

bool waiting_is_empty(struct waiting *waiting)
{
	bool empty;

	pthread_mutex_lock(&waiting->lock);
	empty = !waiting->first;
	pthread_mutex_unlock(&waiting->lock);
	return empty;
}

bool waiting_add(struct waiting *waiting, struct waiter *waiter)
{
	bool added = false;

	pthread_mutex_lock(&waiting->lock);
	if (!waiting->closed && waiting->version <= waiter->after) {
		waiter->previous = NULL;
		waiter->next = waiting->first;
		if (waiter->next)
			waiter->next->previous = waiter;
		waiting->first = waiter;
		if (waiter->until.ms < waiting->slept_until.ms)
			pthread_cond_signal(&waiting->changed);
		added = true;
	}
	pthread_mutex_unlock(&waiting->lock);
	return added;
}

/* Takes @waiter from the list before waking it: it may be gone right after. */
static void wake(struct waiting *waiting, struct waiter *waiter)
{
	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		waiting->first = waiter->next;
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	waiter->wake(waiter->context);
}

void waiting_announce(struct waiting *waiting, int64_t version)
{
	struct waiter *next;

	pthread_mutex_lock(&waiting->lock);
	waiting->version = version;
	for (struct waiter *waiter = waiting->first; waiter; waiter = next) {
		next = waiter->next;
		if (version > waiter->after)
			wake(waiting, waiter);
	}
	pthread_mutex_unlock(&waiting->lock);
}

void waiting_close(struct waiting *waiting)
{
	pthread_mutex_lock(&waiting->lock);
	waiting->closed = true;
	while (waiting->first)
		wake(waiting, waiting->first);
	pthread_cond_signal(&waiting->changed);
	pthread_mutex_unlock(&waiting->lock);
}

void waiting_tend(struct waiting *waiting, struct mono_ms now, struct span_ms longest)
{
	struct mono_ms until = {now.ms + longest.ms};
	struct waiter *next;
	struct timespec deadline;

	pthread_mutex_lock(&waiting->lock);
	for (struct waiter *waiter = waiting->first; waiter; waiter = next) {
		next = waiter->next;
		if (waiter->until.ms <= now.ms)
			wake(waiting, waiter);
		else if (waiter->until.ms < until.ms)
			until = waiter->until;
	}
	if (!waiting->closed) {
		/* A wake-up too many does no harm: the caller comes back at once. */
		waiting->slept_until = until;
		deadline = (struct timespec){.tv_sec = (time_t)(until.ms / 1000),
					     .tv_nsec = until.ms % 1000 * 1000000};
		pthread_cond_timedwait(&waiting->changed, &waiting->lock, &deadline);
		waiting->slept_until = (struct mono_ms){0};
	}
	pthread_mutex_unlock(&waiting->lock);
}
