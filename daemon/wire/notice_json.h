#ifndef WIRE_NOTICE_JSON_H
#define WIRE_NOTICE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "core/attr.h"

struct arena;
struct err;
struct json_node;
struct notice;

/* A notice as a member of other documents: between programme_json.h and jansson. */

/*
 * All members of @object but "format", into @notice with its strings in @arena. Relations,
 * and what remains of the ranges, are notice_check()'s.
 */
MUST_USE bool notice_json_read(struct json_node *object, struct arena *arena,
			       struct notice *notice, struct err *err);

/*
 * @format may be NULL. What is at its default and optional is left out. Owned; NULL when
 * memory is short.
 */
MUST_USE json_t *notice_json_write(const struct notice *notice, const char *format);

#endif /* WIRE_NOTICE_JSON_H */
