#ifndef WIRE_PLAN_TRANSLATION_H
#define WIRE_PLAN_TRANSLATION_H

#include <stdbool.h>

#include "core/attr.h"

struct err;
struct json_node;
struct plan;

/*
 * Reads "translations" of the plan @root, when it is there, into @plan, of which all else
 * is read and checked already.
 */
MUST_USE bool plan_translations_read(struct json_node *root, struct plan *plan,
				     struct err *err);

#endif /* WIRE_PLAN_TRANSLATION_H */
