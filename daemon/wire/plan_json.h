#ifndef WIRE_PLAN_JSON_H
#define WIRE_PLAN_JSON_H

#include <stddef.h>

#include "core/attr.h"

struct err;
struct plan;

#define PLAN_JSON_MAX (1024 * 1024) /* bytes */

/*
 * Reads "ekimae.plan/1" strictly (docs/protocol.md) and runs plan_check(). @name is the
 * document's name in errors. NULL on failure.
 */
MUST_USE struct plan *plan_from_json(const char *name, const void *bytes, size_t len,
				     struct err *err);

#endif /* WIRE_PLAN_JSON_H */
