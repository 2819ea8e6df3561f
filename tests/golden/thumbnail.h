#ifndef GOLDEN_THUMBNAIL_H
#define GOLDEN_THUMBNAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct canvas;
struct err;

/*
 * Pictures of slides: reduced so far that hundreds can be kept, not so far that a change of
 * a digit could hide in them.
 */

#define THUMBNAIL_SIDE_MAX                                                               \
	480 /* pixels; a cell of a 1080p slide is then 4×4 of its pixels */

/*
 * Each cell of the result is the mean of @factor × @factor pixels of @full (fewer at the
 * right and bottom edge). Owned by the caller; NULL on failure.
 */
MUST_USE struct canvas *thumbnail_reduce(const struct canvas *full, int factor,
					 struct err *err);

/* The smallest factor that brings both sides to at most @side_max. */
int thumbnail_factor(const struct canvas *full, int side_max);

/*
 * Writes a PNG of at most 256 colours: the most frequent ones exactly, the others as the
 * mean of those near them.
 */
MUST_USE bool thumbnail_save(const struct canvas *picture, const char *path,
			     struct err *err);
MUST_USE struct canvas *thumbnail_load(const char *path, struct err *err);

/*
 * Puts the picture at @fresh in the place of that at @path, both of few colours. One that
 * stays the same but for what rasterisers disagree about stays the same file, and @fresh is
 * removed; what differs by more is replaced though it is within the tolerance, or changes
 * that nobody sees would use the tolerance up one after the other.
 */
MUST_USE bool thumbnail_renew(const char *path, const char *fresh, bool *out_changed,
			      struct err *err);

/*
 * What may differ, in levels of 0–255 of a channel. A cell: what 256 colours cost
 * (about 12 at worst) and what rasterisers disagree about. An area of 8×8 cells: its mean;
 * there both nearly cancel out, so that a slightly other tint of a ground is noticed.
 */
#define THUMBNAIL_CELL_LEVELS 18
#define THUMBNAIL_AREA_LEVELS 3.0
#define THUMBNAIL_AREA_SIDE   8

/* A cell, between two pictures of which both are in 256 colours. */
#define THUMBNAIL_RENEW_LEVELS 4

struct thumbnail_difference {
	int cell; /* levels by which the worst cell differs */
	int cell_x, cell_y;
	size_t cells;       /* over THUMBNAIL_CELL_LEVELS */
	double area;        /* levels by which the mean of the worst area differs */
	int area_x, area_y; /* its top left cell */
};

/* Whether both are the same within the tolerance; @out says how far they are apart. */
bool thumbnail_same(const struct canvas *expected, const struct canvas *actual,
		    struct thumbnail_difference *out);

/* @actual in grey, what differs in red. Of the same size as @expected. NULL on failure. */
MUST_USE struct canvas *thumbnail_show_difference(const struct canvas *expected,
						  const struct canvas *actual,
						  struct err *err);

#endif /* GOLDEN_THUMBNAIL_H */
