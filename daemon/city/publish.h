#ifndef CITY_PUBLISH_H
#define CITY_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/time.h"

struct blob;
struct city;
struct err;
struct notice;
struct tuf_target;

/* The body of POST publish: targets.json as a JSON string, in which quotes double. */
#define PUBLISH_BODY_MAX (12 * 1024 * 1024)

/*
 * Brings the database in line with what is published: each notice of the programme is known
 * to the ledger and marked published, others that were are marked withdrawn. Needed after a
 * kill between the two; changes nothing otherwise.
 */
MUST_USE bool publish_reconcile(struct city *city, struct wall_ms now, struct err *err);

/* The bytes of @target, from the objects: ERR_INVALID when they are not there. */
MUST_USE bool publish_read_object(const struct city *city,
				  const struct tuf_target *target, struct blob *out,
				  struct err *err);

/*
 * The ledger freezes what each notice is called before any screen can show it. Within a
 * transaction.
 */
MUST_USE bool publish_know_notices(struct city *city, const struct notice *notices,
				   size_t count, struct wall_ms at, struct err *err);

#endif /* CITY_PUBLISH_H */
