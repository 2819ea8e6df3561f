#ifndef RENDER_RUN_MASK_H
#define RENDER_RUN_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;
struct font_set;
struct run_masks;

/* A run of letters of one face and size. */
struct run_letters {
	const char *text;  /* UTF-8, not empty */
	size_t characters; /* in it */
	int face;          /* of the set */
	int size;          /* pixels per em */
};

/* How much of each pixel the ink of a run covers. */
struct run_mask {
	int top;               /* of its first row, from the baseline downwards */
	int width, height;     /* pixels; the left edge is where the run starts */
	const uint8_t *pixels; /* row by row, 0: nothing, 255: all of it */
};

/*
 * Draws @letters. Runs that were drawn lately are remembered: header, footer and labels are
 * the same on slide after slide, and to shape, hint and fill their letters is what a slide
 * costs most. They take at most @room bytes, or what was the most room before. The mask is
 * borrowed until the next call.
 */
MUST_USE bool run_mask(struct font_set *set, const struct run_letters *letters,
		       size_t room, struct run_mask *out, struct err *err);

/* What is remembered, for one set of fonts. NULL without memory. */
MUST_USE struct run_masks *run_masks_new(void);
struct run_masks *run_masks_free(
	struct run_masks *masks); /* NULL is fine; returns NULL */

/* How many runs are remembered, and what they take. */
size_t run_masks_count(const struct run_masks *masks, size_t *out_bytes);

#endif /* RENDER_RUN_MASK_H */
