#ifndef CITY_SCREENS_H
#define CITY_SCREENS_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/time.h"

struct buffer;
struct city;
struct err;
struct screen;

/* What the calls about screens have alike. The caller holds the city's lock. */

/*
 * Screen @id, which must be enrolled: anything else is ERR_DENIED, in a sentence that
 * @what ("plays") starts.
 */
MUST_USE bool screens_enrolled(struct city *city, const char *what, const char *id,
			       struct screen *out, struct err *err);

/* `,"alarms":[…],"health":{…}` of @screen at @now; null when it never reported. */
MUST_USE bool screens_add_health(struct city *city, const struct screen *screen,
				 struct wall_ms now, struct buffer *out, struct err *err);

#endif /* CITY_SCREENS_H */
