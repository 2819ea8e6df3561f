#ifndef OS_WATCH_H
#define OS_WATCH_H

#include <stdbool.h>

#include "core/attr.h"

struct err;
struct watch;

/*
 * Tells when a file appears or is replaced in a directory (inotify(7)): IN_MOVED_TO and
 * IN_CLOSE_WRITE. NULL on failure.
 */
MUST_USE struct watch *watch_new(const char *directory, struct err *err);
struct watch *watch_free(struct watch *watch); /* NULL is fine; returns NULL */

int watch_fd(const struct watch *watch); /* for poll(2): readable when there is news */

/*
 * Drains the events; whether one of them was about @name (any file when NULL). An overflow
 * of the queue counts as news.
 */
bool watch_drain(struct watch *watch, const char *name);

#endif /* OS_WATCH_H */
