#ifndef RENDER_FONT_EXTENT_H
#define RENDER_FONT_EXTENT_H

#include <stdbool.h>

#include "core/attr.h"

struct err;
struct font_extents;
struct font_set;

/* What a run of text takes in one face, in pixels at FONT_PROBE_SIZE. */
struct font_extent {
	double width; /* from its start to where the next run starts */
	double left;  /* ink left of its start */
	double above; /* ink above the font's ascent */
};

/*
 * Measures @text, remembering words and lines: a layout asks for the same ones again and
 * again while it looks for the best lines and sizes.
 */
MUST_USE bool font_extent(struct font_set *fonts, int face, const char *text,
			  struct font_extent *out, struct err *err);

/* What is remembered, for one set of fonts. NULL without memory. */
MUST_USE struct font_extents *font_extents_new(void);
struct font_extents *font_extents_free(struct font_extents *extents);

#endif /* RENDER_FONT_EXTENT_H */
