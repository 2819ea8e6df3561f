#ifndef CITY_PEOPLE_H
#define CITY_PEOPLE_H

#include <stdbool.h>

#include "core/attr.h"

struct city;
struct err;
struct programme;

/*
 * Whether @name may put @programme on the screens: with [staff].own_notices = refused nobody
 * publishes what they wrote themselves (ERR_DENIED). What is published already, or is not
 * known to the database, holds nothing up.
 */
MUST_USE bool people_may_publish(const struct city *city, const char *name,
				 const struct programme *programme, struct err *err);

#endif /* CITY_PEOPLE_H */
