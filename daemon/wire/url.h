#ifndef WIRE_URL_H
#define WIRE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

/*
 * Percent-encoding (RFC 3986 §2.1): letters, digits, "-._~" and the bytes in @also stay,
 * all others become %XX. False with @out empty when it does not fit into @size.
 */
MUST_USE bool url_quote(const char *text, const char *also, char *out, size_t size);

/*
 * A path that already is a URL's (a path-relative-URL string), made safe to send: what may
 * not stand in a URL's path is encoded, "?" and "#" too; "%XX" stays, and so does "/".
 */
MUST_USE bool url_path_quote(const char *path, char *out, size_t size);

#endif /* WIRE_URL_H */
