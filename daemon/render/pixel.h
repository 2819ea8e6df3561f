#ifndef RENDER_PIXEL_H
#define RENDER_PIXEL_H

#include <stddef.h>
#include <stdint.h>

#include "render/canvas.h"

/* What shapes, text and pictures share: mixing one pixel into another. */

/* @value / 255, rounded, for values up to 255 * 255. */
static inline uint32_t pixel_div_255(uint32_t value)
{
	value += 128;
	return (value + (value >> 8)) >> 8;
}

/* @under covered by @over to @alpha, 0–255. */
static inline uint32_t pixel_blend(uint32_t under, uint32_t over, uint32_t alpha)
{
	uint32_t rest = 255 - alpha;
	uint32_t red = (over >> 16 & 255) * alpha + (under >> 16 & 255) * rest;
	uint32_t green = (over >> 8 & 255) * alpha + (under >> 8 & 255) * rest;
	uint32_t blue = (over & 255) * alpha + (under & 255) * rest;

	return pixel_div_255(red) << 16 | pixel_div_255(green) << 8 | pixel_div_255(blue);
}

/* Whoever writes there tells canvas_touch(). */
static inline uint32_t *pixel_row(struct canvas *canvas, int y)
{
	return canvas->pixels + (size_t)y * (size_t)canvas->width;
}

#endif /* RENDER_PIXEL_H */
