#ifndef RENDER_QR_H
#define RENDER_QR_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct canvas;
struct err;

/*
 * QR codes (ISO/IEC 18004), error correction level M, at most version 10, so that modules
 * stay large enough for a telephone across a concourse.
 */
#define QR_BYTES_MAX   213 /* of version 10-M in byte mode */
#define QR_MODULES_MAX 57  /* a side of version 10 */
#define QR_QUIET       4   /* light modules on each side that the standard asks for */

struct qr {
	int modules; /* on a side, without the quiet zone */
	uint8_t dark[QR_MODULES_MAX * QR_MODULES_MAX]; /* by row; 1 is dark */
};

/* ERR_INVALID for empty text, ERR_TOO_LARGE when it needs more than version 10. */
MUST_USE bool qr_encode(const char *text, struct qr *out, struct err *err);

/* Whole pixels per module with which code and quiet zone fit @size; 0 when too small. */
int qr_module_pixels(const struct qr *qr, int size);

/*
 * Draws a white square of @size pixels at (@x, @y) with the code in black in its middle,
 * modules of whole pixels, quiet zone included. ERR_INVALID when it would be less than two
 * pixels a module.
 */
MUST_USE bool qr_draw(struct canvas *canvas, const struct qr *qr, int x, int y, int size,
		      struct err *err);

#endif /* RENDER_QR_H */
