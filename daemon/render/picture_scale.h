#ifndef RENDER_PICTURE_SCALE_H
#define RENDER_PICTURE_SCALE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct canvas;
struct err;

/*
 * Scaling by rows, so that a large picture need not be in memory a second time. Each pixel
 * of the result is the average of the area it covers, or, on the way up, of its neighbours.
 */

/* Row @y of the source as XRGB8888. Borrowed until the next call; y never goes back. */
typedef const uint32_t *picture_row_fn(void *context, int y);

/* Fills all of @out from a source of @width × @height pixels. */
MUST_USE bool picture_scale_rows(picture_row_fn *row, void *context, int width,
				 int height, struct canvas *out, struct err *err);

#endif /* RENDER_PICTURE_SCALE_H */
