#ifndef DISPLAY_SHRINK_H
#define DISPLAY_SHRINK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct blob;
struct canvas;
struct err;

/*
 * @canvas as a PNG whose longer side is @side_max pixels, or fewer where it would have more
 * than @bytes_max bytes: photographs pack worse than text. Owned by the caller.
 */
MUST_USE bool shrink_to_png(const struct canvas *canvas, int side_max, size_t bytes_max,
			    struct blob *out, struct err *err);

#endif /* DISPLAY_SHRINK_H */
