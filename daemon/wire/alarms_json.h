#ifndef WIRE_ALARMS_JSON_H
#define WIRE_ALARMS_JSON_H

#include <stddef.h>

#include "core/attr.h"
#include "core/time.h"

struct alarms;
struct err;

#define ALARMS_JSON_MAX (512 * 1024) /* bytes */

/* No alarms yet, published at @published. NULL when memory is short. */
MUST_USE struct alarms *alarms_new(struct wall_ms published, struct err *err);

/* Reads "ekimae.alarms/1" strictly and runs alarms_check(). NULL on failure. */
MUST_USE struct alarms *alarms_from_json(const char *name, const void *bytes, size_t len,
					 struct err *err);
/* The document, NUL-terminated, owned (free()). NULL on failure. */
MUST_USE char *alarms_to_json(const struct alarms *alarms, size_t *out_len,
			      struct err *err);

#endif /* WIRE_ALARMS_JSON_H */
