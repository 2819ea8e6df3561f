#include "render/shape.h"

#include <math.h>
#include <stdint.h>

#include "render/pixel.h"

void shape_fill(struct canvas *canvas, struct colour colour)
{
	canvas_fill(canvas, (int[4]){0, 0, canvas->width, canvas->height}, colour);
}

void shape_rect(struct canvas *canvas, double x, double y, double width, double height,
		struct colour colour)
{
	shape_veil(canvas, x, y, width, height, colour, 1);
}

/* How much of the pixel from @at to @at + 1 lies between @low and @high. */
static double overlap(double low, double high, int at)
{
	return fmax(fmin(high, at + 1) - fmax(low, at), 0);
}

static void veil_pixel(uint32_t *pixel, uint32_t rgb, double cover)
{
	*pixel = pixel_blend(*pixel, rgb, (uint32_t)(cover * 255 + 0.5));
}

void shape_veil(struct canvas *canvas, double x, double y, double width, double height,
		struct colour colour, double opacity)
{
	if (!isfinite(x) || !isfinite(y) || !(width > 0) || !(height > 0) ||
	    !(opacity > 0))
		return;

	double left = fmin(fmax(x, 0), canvas->width);
	double top = fmin(fmax(y, 0), canvas->height);
	double right = fmax(fmin(x + width, canvas->width), left);
	double bottom = fmax(fmin(y + height, canvas->height), top);
	double full = fmin(opacity, 1);
	int first = (int)ceil(left); /* columns that are covered wholly */
	int last = (int)floor(right);
	int upper = (int)ceil(top); /* and rows */
	int lower = (int)floor(bottom);

	if (full < 1 || left < first || top < upper || right > last || bottom > lower)
		canvas_touch(canvas,
			     (int[4]){(int)left, (int)top, (int)ceil(right) - (int)left,
				      (int)ceil(bottom) - (int)top});
	for (int row = (int)top; row < bottom; row++) {
		uint32_t *pixels = pixel_row(canvas, row);
		double cover = overlap(top, bottom, row) * full;
		if (first > last) { /* thinner than a pixel */
			veil_pixel(&pixels[last], colour.rgb, cover * (right - left));
			continue;
		}
		if (left < first)
			veil_pixel(&pixels[first - 1], colour.rgb,
				   cover * (first - left));
		if (cover < 1)
			for (int column = first; column < last; column++)
				veil_pixel(&pixels[column], colour.rgb, cover);
		if (right > last)
			veil_pixel(&pixels[last], colour.rgb, cover * (right - last));
	}
	if (full >= 1)
		canvas_fill(canvas, (int[4]){first, upper, last - first, lower - upper},
			    colour);
}

void shape_round_rect(struct canvas *canvas, double x, double y, double width,
		      double height, double radius, struct colour colour)
{
	const double radii[4] = {radius, radius, radius, radius};

	shape_round_rect_corners(canvas, x, y, width, height, radii, colour);
}

void shape_round_rect_corners(struct canvas *canvas, double x, double y, double width,
			      double height, const double radii[static 4],
			      struct colour colour)
{
	struct shape_path path;
	double above, below;

	if (!(width > 0) || !(height > 0))
		return;
	shape_path_init(&path);
	shape_path_round_rect(&path, x, y, width, height, radii);
	/* Rows without a corner are a plain rectangle, which costs a tenth. */
	above = ceil(fmin(fmax(y + fmax(radii[0], radii[1]), 0), canvas->height));
	below = floor(
		fmin(fmax(y + height - fmax(radii[2], radii[3]), 0), canvas->height));
	if (!(above < below)) {
		shape_path_fill(canvas, &path, colour, 1);
		return;
	}
	shape_path_fill_rows(canvas, &path, colour, 1, 0, (int)above);
	shape_rect(canvas, x, above, width, below - above, colour);
	shape_path_fill_rows(canvas, &path, colour, 1, (int)below, canvas->height);
}

void shape_round_rect_outline(struct canvas *canvas, double x, double y, double width,
			      double height, double radius, double line,
			      struct colour colour)
{
	struct shape_path path;
	double inner = fmax(radius - line, 0);
	const double outer_radii[4] = {radius, radius, radius, radius};
	const double inner_radii[4] = {inner, inner, inner, inner};

	if (!(width > 0) || !(height > 0) || !(line > 0))
		return;
	if (2 * line >= fmin(width, height)) {
		shape_round_rect(canvas, x, y, width, height, radius, colour);
		return;
	}
	shape_path_init(&path);
	shape_path_round_rect(&path, x, y, width, height, outer_radii);

	/* The inner edge runs the other way round, which makes it a hole. */
	struct shape_path hole;
	shape_path_init(&hole);
	shape_path_round_rect(&hole, x + line, y + line, width - 2 * line,
			      height - 2 * line, inner_radii);
	for (size_t i = hole.count; i > 0; i--) {
		struct shape_point point = hole.points[i - 1];
		if (i == hole.count)
			shape_path_move(&path, point.x, point.y);
		else
			shape_path_line(&path, point.x, point.y);
	}
	shape_path_close(&path);
	shape_path_fill(canvas, &path, colour, 1);
}

void shape_circle(struct canvas *canvas, double x, double y, double radius,
		  struct colour colour)
{
	shape_ellipse(canvas, x, y, radius, radius, colour);
}

void shape_ring(struct canvas *canvas, double x, double y, double radius, double line,
		struct colour colour)
{
	if (!(radius > 0) || !(line > 0))
		return;
	if (line >= radius)
		shape_circle(canvas, x, y, radius, colour);
	else
		shape_arc(canvas, x, y, radius - line / 2, 0, 2 * M_PI, line, colour);
}

void shape_ellipse(struct canvas *canvas, double x, double y, double radius_x,
		   double radius_y, struct colour colour)
{
	struct shape_path path;

	if (!(radius_x > 0) || !(radius_y > 0))
		return;
	shape_path_init(&path);
	shape_path_arc(&path, x, y, radius_x, radius_y, 0, 2 * M_PI);
	shape_path_fill(canvas, &path, colour, 1);
}

static void path_of_points(struct shape_path *path, const struct shape_point *points,
			   size_t count)
{
	shape_path_init(path);
	for (size_t i = 0; i < count; i++)
		shape_path_line(path, points[i].x, points[i].y);
}

void shape_polygon(struct canvas *canvas, const struct shape_point *points, size_t count,
		   struct colour colour)
{
	struct shape_path path;

	path_of_points(&path, points, count);
	shape_path_fill(canvas, &path, colour, 1);
}

void shape_line(struct canvas *canvas, double x0, double y0, double x1, double y1,
		double line, struct colour colour)
{
	const struct shape_point points[2] = {{x0, y0}, {x1, y1}};

	shape_polyline(canvas, points, 2, line, colour);
}

void shape_polyline(struct canvas *canvas, const struct shape_point *points, size_t count,
		    double line, struct colour colour)
{
	struct shape_path path;

	path_of_points(&path, points, count);
	shape_path_stroke(canvas, &path, line, colour, 1);
}

void shape_dashed_line(struct canvas *canvas, double x0, double y0, double x1, double y1,
		       double line, double dash, double gap, struct colour colour)
{
	struct shape_path path;
	double length = hypot(x1 - x0, y1 - y0);

	if (!isfinite(length) || !(length > 0) || !(dash > 0) || !(gap > 0))
		return;
	shape_path_init(&path);
	for (double at = 0; at < length && path.parts < SHAPE_PATH_PARTS_MAX;
	     at += dash + gap) {
		/* The caps reach half a line beyond both ends. */
		double from = fmin(at + line / 2, length) / length;
		double to = fmax(fmin(at + dash - line / 2, length) / length, from);
		shape_path_move(&path, x0 + (x1 - x0) * from, y0 + (y1 - y0) * from);
		shape_path_line(&path, x0 + (x1 - x0) * to, y0 + (y1 - y0) * to);
	}
	shape_path_stroke(canvas, &path, line, colour, 1);
}

void shape_arc(struct canvas *canvas, double x, double y, double radius, double from,
	       double to, double line, struct colour colour)
{
	struct shape_path path;

	if (!(radius > 0))
		return;
	shape_path_init(&path);
	shape_path_arc(&path, x, y, radius, radius, from, to);
	shape_path_stroke(canvas, &path, line, colour, 1);
}

void shape_arrow(struct canvas *canvas, double x0, double y0, double x1, double y1,
		 double line, double head, struct colour colour)
{
	struct shape_path path;
	double angle = atan2(y1 - y0, x1 - x0);
	const double spread = M_PI / 4;

	shape_path_init(&path);
	shape_path_move(&path, x0, y0);
	shape_path_line(&path, x1, y1);
	shape_path_move(&path, x1 - head * cos(angle - spread),
			y1 - head * sin(angle - spread));
	shape_path_line(&path, x1, y1);
	shape_path_line(&path, x1 - head * cos(angle + spread),
			y1 - head * sin(angle + spread));
	shape_path_stroke(canvas, &path, line, colour, 1);
}
