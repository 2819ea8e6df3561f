#ifndef CITY_PRUNE_H
#define CITY_PRUNE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/time.h"

struct err;
struct publisher;

/*
 * Removes what no screen can need any more from the repository, and from the objects the
 * programmes and plans that were published with it:
 *
 * - a version of targets or snapshot that was superseded more than @keep_days ago, but
 *   never the current one nor the one before it;
 * - target files that no remaining version of targets names, and that have lain there for
 *   as long.
 *
 * All roots stay: a box starts from the first. Counts the files removed. What can't be read
 * stops it before anything is removed. The caller holds the lock under which publishing
 * happens.
 */
MUST_USE bool prune_repository(const struct publisher *publisher, const char *state_dir,
			       struct wall_ms now, int keep_days, size_t *out_removed,
			       struct err *err);

#endif /* CITY_PRUNE_H */
