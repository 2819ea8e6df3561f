#ifndef CITY_PUBLISH_H
#define CITY_PUBLISH_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/time.h"

struct city;
struct err;

/* The body of POST publish: targets.json as a JSON string, in which quotes double. */
#define PUBLISH_BODY_MAX (12 * 1024 * 1024)

/*
 * Brings the database in line with what is published: each notice of the programme is known
 * to the ledger and marked published, others that were are marked withdrawn. Needed after a
 * kill between the two; changes nothing otherwise.
 */
MUST_USE bool publish_reconcile(struct city *city, struct wall_ms now, struct err *err);

#endif /* CITY_PUBLISH_H */
