#ifndef RENDER_CANVAS_H
#define RENDER_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "render/tiles.h"

struct blob;
struct err;

/* 0xRRGGBB */
struct colour {
	uint32_t rgb;
};

#define CANVAS_SIDE_MAX 8192 /* pixels */

/*
 * Pixels of one slide: rows of 32-bit 0x00RRGGBB in host order (SDL_PIXELFORMAT_XRGB8888),
 * without padding. Owned by whoever made it.
 */
struct canvas {
	int width, height;
	uint32_t *pixels;   /* width * height */
	struct tiles tiles; /* true of the pixels at all times: see canvas_touch() */
};

/* Filled with @background. NULL when a side is out of range or memory is short. */
MUST_USE struct canvas *canvas_new(int width, int height, struct colour background,
				   struct err *err);
struct canvas *canvas_free(struct canvas *canvas); /* NULL is fine; returns NULL */

/*
 * To be called by whoever writes pixels other than by the functions below, for the rectangle
 * @rect (x, y, width, height), which may reach beyond the canvas.
 */
void canvas_touch(struct canvas *canvas, const int rect[static 4]);

/* Makes rectangle @rect, as far as it lies within, of one colour. */
void canvas_fill(struct canvas *canvas, const int rect[static 4], struct colour colour);

/* Whether what is known of the tiles is true; compares each pixel, for tests. */
bool canvas_tiles_hold(const struct canvas *canvas);

/* Copies rectangle @rect (x, y, width, height), which lies within both, to the same place. */
void canvas_copy(struct canvas *to, const struct canvas *from, const int rect[static 4]);

/* As a PNG (8-bit RGB), or a JPEG of @quality 1–100; owned by the caller. */
MUST_USE bool canvas_encode_png(const struct canvas *canvas, struct blob *out,
				struct err *err);
MUST_USE bool canvas_encode_jpeg(const struct canvas *canvas, int quality,
				 struct blob *out, struct err *err);

/* Writes a PNG (8-bit RGB), replacing the file at once. */
MUST_USE bool canvas_save_png(const struct canvas *canvas, const char *path,
			      struct err *err);

#endif /* RENDER_CANVAS_H */
