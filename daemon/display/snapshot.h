#ifndef DISPLAY_SNAPSHOT_H
#define DISPLAY_SNAPSHOT_H

#include <stdbool.h>

#include "core/attr.h"

struct canvas;
struct err;
struct snapshot;

/*
 * Writes what was presented to PNG files, on a thread of its own because encoding takes
 * longer than a frame. "%d" in the path becomes 1, 2, …; a path without it is replaced each
 * time. NULL on failure.
 */
MUST_USE struct snapshot *snapshot_new(const char *path, struct err *err);
/* Finishes what is being written. NULL is fine; returns NULL. */
struct snapshot *snapshot_free(struct snapshot *snapshot);

/*
 * Takes @canvas, a copy of a presented frame that shows @slide_id. Never waits: a picture
 * that comes while the one before is still being written replaces one that waits.
 */
void snapshot_post(struct snapshot *snapshot, TAKES struct canvas *canvas,
		   const char *slide_id);

#endif /* DISPLAY_SNAPSHOT_H */
