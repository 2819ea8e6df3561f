#ifndef RENDER_TILES_H
#define RENDER_TILES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

/* Wide and low, as a line of text is; a row of pixels of one is four cache lines. */
#define TILE_WIDTH  64
#define TILE_HEIGHT 16

#define TILE_MIXED UINT32_MAX /* may have several colours; no 0x00RRGGBB */

/*
 * Which parts of a picture are known to be of one colour. Most of a slide is paper: it need
 * not be written where it lies already, nor compared with the paper of another slide.
 */
struct tiles {
	int columns, rows;
	uint32_t *colours; /* row by row: 0x00RRGGBB, or TILE_MIXED */
};

/*
 * For a picture of @width × @height pixels, nothing known; as they are when they have that
 * size already. @tiles is all zero, or of a size before. False: out of memory.
 */
MUST_USE bool tiles_resize(struct tiles *tiles, int width, int height);
void tiles_free(struct tiles *tiles);

/* Nothing is known any more. */
void tiles_forget(struct tiles *tiles);

/* What is known of @from, of a picture of the same size. */
void tiles_copy(struct tiles *to, const struct tiles *from);

/* The colour of one, or TILE_MIXED; each from 0. */
uint32_t tiles_at(const struct tiles *tiles, int column, int row);
void tiles_set(struct tiles *tiles, int column, int row, uint32_t colour);

/*
 * The tiles that rectangle @rect (x, y, width, height; pixels) touches may have several
 * colours from now on. It may reach beyond the picture.
 */
void tiles_touch(struct tiles *tiles, const int rect[static 4]);

#endif /* RENDER_TILES_H */
