#ifndef DISPLAY_FADE_H
#define DISPLAY_FADE_H

#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct canvas;
struct err;
struct fade;
struct tiles;

/* Opacity of the new slide: 0 shows only the old one, FADE_FULL only the new one. */
#define FADE_FULL 256

struct fade_rect {
	int x, y, width, height;
};

/* What is on screen before. */
struct fade_from {
	const uint32_t *pixels; /* 0x00RRGGBB */
	size_t pitch;           /* bytes from row to row */
	const struct tiles *tiles;
};

/*
 * A cross-fade from @from to @to, borrowed until fade_free(), of the same size. The places
 * where they differ are found once, here, and what @from has there is kept: the frames may be
 * written over it. Slides share paper, header and footer, so most of a frame need not be
 * touched. NULL on failure.
 */
MUST_USE struct fade *fade_new(const struct fade_from *from, const struct canvas *to,
			       struct err *err);
struct fade *fade_free(struct fade *fade); /* NULL is fine; returns NULL */

/*
 * As fade_new(), in the memory of @over, a fade that is over; NULL is fine. Whatever
 * happens, @over is gone.
 */
MUST_USE struct fade *fade_renew(TAKES struct fade *over, const struct fade_from *from,
				 const struct canvas *to, struct err *err);

/*
 * It is over: keeps its memory for fade_renew(), as the system would clear it each time
 * anew, unless that is more than slides of text need: then frees it and returns NULL.
 */
MUST_USE struct fade *fade_rest(struct fade *fade);

/* Rectangles, disjoint, that cover every difference; borrowed. */
const struct fade_rect *fade_rects(const struct fade *fade, size_t *out_count);

/*
 * Writes the mix at @opacity into the rectangles of @pixels, whose rows are @pitch bytes
 * apart, and nothing elsewhere; not even there where both pictures are the same, which
 * @pixels must hold already. Exact at both ends, monotone between for each channel.
 */
void fade_blend(const struct fade *fade, int opacity, uint32_t *pixels, size_t pitch);

#endif /* DISPLAY_FADE_H */
