#ifndef CITY_EMERGENCY_H
#define CITY_EMERGENCY_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/time.h"

struct city;
struct err;

/* The body of POST emergency: emergency.json as a JSON string, in which quotes double. */
#define EMERGENCY_BODY_MAX (256 * 1024)

/* As publish_reconcile(), for the alarms that are published. */
MUST_USE bool emergency_reconcile(struct city *city, struct wall_ms now, struct err *err);

#endif /* CITY_EMERGENCY_H */
