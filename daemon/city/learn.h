#ifndef CITY_LEARN_H
#define CITY_LEARN_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/time.h"

struct city;
struct err;

/*
 * Tells the ledger every notice of every programme that lies in the repository and is newer
 * than what the ledger knows: a database restored from a backup lacks those that were
 * published since, and may have been withdrawn since, too, while screens have shown them.
 * What can't be read is left out, and logged.
 */
MUST_USE bool learn_published(struct city *city, struct wall_ms now, struct err *err);

#endif /* CITY_LEARN_H */
