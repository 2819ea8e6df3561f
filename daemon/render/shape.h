#ifndef RENDER_SHAPE_H
#define RENDER_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

#include "render/canvas.h"

/*
 * Anti-aliased shapes. Coordinates are pixels from the top left corner, so that (0, 0) is
 * a corner of the first pixel and (0.5, 0.5) its middle; y grows downwards. Whatever lies
 * outside the canvas is clipped; sizes of zero or less, NaN and infinity draw nothing.
 * Rectangles at whole coordinates are crisp. No function allocates memory.
 */

struct shape_point {
	double x, y;
};

/* --- Plain shapes --- */

void shape_fill(struct canvas *canvas, struct colour colour); /* all of it */
void shape_rect(struct canvas *canvas, double x, double y, double width, double height,
		struct colour colour);
/* A rectangle through which the ground is seen; @opacity 0–1. */
void shape_veil(struct canvas *canvas, double x, double y, double width, double height,
		struct colour colour, double opacity);
/* @radius is cut to half of the shorter side. */
void shape_round_rect(struct canvas *canvas, double x, double y, double width,
		      double height, double radius, struct colour colour);
/* Radii of the corners: top left, top right, bottom right, bottom left. */
void shape_round_rect_corners(struct canvas *canvas, double x, double y, double width,
			      double height, const double radii[static 4],
			      struct colour colour);
/* A line of @line pixels wholly inside the rectangle. */
void shape_round_rect_outline(struct canvas *canvas, double x, double y, double width,
			      double height, double radius, double line,
			      struct colour colour);
void shape_circle(struct canvas *canvas, double x, double y, double radius,
		  struct colour colour);
/* A ring whose outer edge has @radius and which is @line pixels thick inwards. */
void shape_ring(struct canvas *canvas, double x, double y, double radius, double line,
		struct colour colour);
void shape_ellipse(struct canvas *canvas, double x, double y, double radius_x,
		   double radius_y, struct colour colour);
void shape_polygon(struct canvas *canvas, const struct shape_point *points, size_t count,
		   struct colour colour);

/* --- Strokes: round caps and joins, @line pixels wide --- */

void shape_line(struct canvas *canvas, double x0, double y0, double x1, double y1,
		double line, struct colour colour);
void shape_polyline(struct canvas *canvas, const struct shape_point *points, size_t count,
		    double line, struct colour colour);
/* Dashes @dash long, round ends included, with gaps of @gap pixels; dots when short. */
void shape_dashed_line(struct canvas *canvas, double x0, double y0, double x1, double y1,
		       double line, double dash, double gap, struct colour colour);
/*
 * Part of a circle through its middle line, from angle @from to @to in radians, 0 at three
 * o'clock and growing clockwise.
 */
void shape_arc(struct canvas *canvas, double x, double y, double radius, double from,
	       double to, double line, struct colour colour);
/* An open arrow head of two strokes @head pixels long, whose tip is at the end. */
void shape_arrow(struct canvas *canvas, double x0, double y0, double x1, double y1,
		 double line, double head, struct colour colour);

/* --- Paths --- */

#define SHAPE_PATH_POINTS_MAX 2048 /* after curves became lines; more are left out */
#define SHAPE_PATH_PARTS_MAX  64

/*
 * An outline of straight and curved pieces in one or more parts; a plain value (33 KB),
 * started by shape_path_init(). Filling follows the non-zero rule, so that a part of the
 * opposite direction makes a hole. Parts are closed for filling; for stroking only those
 * that shape_path_close() closed.
 */
struct shape_path {
	size_t count, parts;
	struct shape_point points[SHAPE_PATH_POINTS_MAX];
	size_t start[SHAPE_PATH_PARTS_MAX]; /* index of each part's first point */
	bool closed[SHAPE_PATH_PARTS_MAX];
};

void shape_path_init(struct shape_path *path);
void shape_path_move(struct shape_path *path, double x, double y); /* begins a part */
void shape_path_line(struct shape_path *path, double x, double y);
void shape_path_cubic(struct shape_path *path, double x1, double y1, double x2, double y2,
		      double x, double y);
/* Part of an ellipse, joined by a line to what the part has so far. Angles as shape_arc(). */
void shape_path_arc(struct shape_path *path, double x, double y, double radius_x,
		    double radius_y, double from, double to);
void shape_path_round_rect(struct shape_path *path, double x, double y, double width,
			   double height, const double radii[static 4]);
void shape_path_close(struct shape_path *path);

void shape_path_fill(struct canvas *canvas, const struct shape_path *path,
		     struct colour colour, double opacity);
/* The same from row @top to before row @bottom only. */
void shape_path_fill_rows(struct canvas *canvas, const struct shape_path *path,
			  struct colour colour, double opacity, int top, int bottom);
void shape_path_stroke(struct canvas *canvas, const struct shape_path *path, double line,
		       struct colour colour, double opacity);

#endif /* RENDER_SHAPE_H */
