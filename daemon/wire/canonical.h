#ifndef WIRE_CANONICAL_H
#define WIRE_CANONICAL_H

#include <stddef.h>

#include "core/attr.h"

struct err;
struct json_t;

/*
 * Canonical JSON as TUF signs it (specification 1.0.34 §4.2; OLPC canonical JSON): no
 * white space, keys sorted by code point, strings with only '"' and '\\' escaped, integers
 * only. Returns @*out_len bytes plus NUL, owned (free()); NULL with @err set when @value
 * holds a number that is no integer.
 */
MUST_USE char *canonical_json(const struct json_t *value, size_t *out_len,
			      struct err *err);

#endif /* WIRE_CANONICAL_H */
