#ifndef RENDER_LAYOUT_H
#define RENDER_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Places of a slide, in units: 1 unit is a pixel of a 1920×1080 (or, upright, 1080×1920)
 * screen, so that a slide looks the same at every size and 4K is exactly twice 1080p.
 */
struct box {
	double x, y, width, height;
};

static inline double box_right(struct box box)
{
	return box.x + box.width;
}

static inline double box_bottom(struct box box)
{
	return box.y + box.height;
}

/*
 * Cuts a strip off one side of @box and returns it; @box keeps the rest, less @gap. A box
 * that is too small gives what it has: whoever draws into the strip finds the overflow.
 */
struct box box_cut_top(struct box *box, double height, double gap);
struct box box_cut_bottom(struct box *box, double height, double gap);
struct box box_cut_left(struct box *box, double width, double gap);
struct box box_cut_right(struct box *box, double width, double gap);

/* The box less @x on the left and right and @y above and below. */
struct box box_inset(struct box box, double x, double y);

/* Part @index of @count equal columns (rows) with @gap between them. */
struct box box_column(struct box box, size_t index, size_t count, double gap);
struct box box_row(struct box box, size_t index, size_t count, double gap);

/* A part of a stack: its height, and how much of the room left over it may take. */
struct layout_part {
	double height;
	double grow;     /* share of what the gaps leave, 0 for none */
	double grow_max; /* the height at which it stops growing */
	struct box box;  /* set by layout_stack() */
};

/*
 * Stacks @parts from the top of @box. What is left over goes to the gaps first, from
 * @gap_min up to @gap_max each, then to the parts that grow, then equally above and
 * below the stack (@centred) or below it. Returns false when even @gap_min is too much: the
 * last parts then reach out of @box.
 */
bool layout_stack(struct box box, struct layout_part *parts, size_t count, double gap_min,
		  double gap_max, bool centred);

#endif /* RENDER_LAYOUT_H */
