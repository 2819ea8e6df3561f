#ifndef WIRE_DELTA_H
#define WIRE_DELTA_H

#include <stddef.h>

#include "core/attr.h"

struct err;

/*
 * The difference between two versions of a file, so that a programme of thousands of notices
 * need not travel again for one of them. The form is VCDIFF (RFC 3284): one window, the
 * default code table, and of its instructions only ADD and COPY from the old version, both
 * with their size behind them (codes 1 and 19).
 *
 * A difference is never signed and never trusted: what it makes has to pass
 * tuf_target_check().
 */
#define DELTA_MAX      ((size_t)1024 * 1024)      /* bytes of a difference */
#define DELTA_FILE_MAX ((size_t)16 * 1024 * 1024) /* bytes of a version */

/* Owned. NULL when the difference would be over DELTA_MAX: ERR_TOO_LARGE. */
MUST_USE char *delta_make(const void *old, size_t old_len, const void *new,
			  size_t new_len, size_t *out_len, struct err *err);

/*
 * The new version, owned and NUL-terminated, which must come to exactly @new_len bytes.
 * ERR_INVALID for what is no such difference, or not one from a version of @old_len bytes.
 */
MUST_USE char *delta_apply(const void *old, size_t old_len, const void *delta,
			   size_t delta_len, size_t new_len, struct err *err);

#endif /* WIRE_DELTA_H */
