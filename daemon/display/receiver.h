#ifndef DISPLAY_RECEIVER_H
#define DISPLAY_RECEIVER_H

#include "core/attr.h"

struct activation;
struct err;
struct receiver;
struct recorder;
struct reporter;
struct set;

/*
 * Watches the inbox on a thread of its own: verifying signatures and reading a programme of
 * megabytes must not hold up a frame. New content goes to the frame loop through
 * receiver_take(), the city's answers go to the recorder, its requests to the reporter.
 */

/*
 * @activation, @recorder and @reporter (NULL: none) are borrowed until receiver_free(), and
 * @activation is the thread's alone meanwhile. NULL on failure.
 */
MUST_USE struct receiver *receiver_new(struct activation *activation,
				       struct recorder *recorder,
				       struct reporter *reporter, const char *inbox,
				       struct err *err);
struct receiver *receiver_free(struct receiver *receiver); /* NULL is fine */

/* For poll(2): readable when there is new content. */
int receiver_fd(const struct receiver *receiver);

/* The newest content since the last call, owned; NULL when there is none. Never waits. */
MUST_USE struct set *receiver_take(struct receiver *receiver);

#endif /* DISPLAY_RECEIVER_H */
