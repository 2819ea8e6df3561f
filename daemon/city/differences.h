#ifndef CITY_DIFFERENCES_H
#define CITY_DIFFERENCES_H

#include <stdbool.h>

#include "core/attr.h"

struct err;
struct proposal;
struct publisher;

/* Publications back from which a screen gets differences rather than whole files. */
#define DIFFERENCES_BACK 6

/*
 * Writes what has changed in the large files of a staged proposal since the last
 * publications, as repository/differences/OLD-NEW.vcdiff (docs/protocol.md section 1), and
 * removes what nobody asks for any more. Screens do without them when they are missing, so a
 * failure is no reason not to publish.
 */
MUST_USE bool differences_write(const struct publisher *publisher,
				const struct proposal *proposal, struct err *err);

#endif /* CITY_DIFFERENCES_H */
