#include "render/shape.h"

#include <math.h>
#include <stdint.h>

#include "render/pixel.h"

/*
 * Filling adds up, for each row, the signed area that every edge leaves to its right; the
 * running sum is the exact coverage of each pixel. Stroking takes the distance from each
 * pixel's middle to the nearest segment, which gives round caps and joins for nothing and
 * lets segments overlap without seams.
 */

/* Beyond this nothing can touch a canvas, and numbers stay exact. */
#define FAR 1e6

void shape_path_init(struct shape_path *path)
{
	path->count = 0;
	path->parts = 0;
}

static void add_point(struct shape_path *path, double x, double y)
{
	if (path->count == SHAPE_PATH_POINTS_MAX || !isfinite(x) || !isfinite(y))
		return;
	path->points[path->count++] =
		(struct shape_point){fmin(fmax(x, -FAR), FAR), fmin(fmax(y, -FAR), FAR)};
}

void shape_path_move(struct shape_path *path, double x, double y)
{
	if (path->parts == SHAPE_PATH_PARTS_MAX || path->count == SHAPE_PATH_POINTS_MAX)
		return;
	path->start[path->parts] = path->count;
	path->closed[path->parts] = false;
	path->parts++;
	add_point(path, x, y);
}

void shape_path_line(struct shape_path *path, double x, double y)
{
	if (path->parts == 0)
		shape_path_move(path, x, y);
	else
		add_point(path, x, y);
}

#define PIECES_MAX 256

/* Enough pieces that a curve of @length pixels shows no corners. */
static int cubic_pieces(double length)
{
	return length > 0 ? (int)fmin(4 + 1.5 * sqrt(length), PIECES_MAX) : 1;
}

/* Enough that no chord lies more than a twelfth of a pixel inside the circle. */
static int arc_pieces(double angle, double radius)
{
	double pieces = fabs(angle) * sqrt(fmax(radius, 0)) * 1.25;

	return pieces > 0 ? (int)fmin(3 + pieces, PIECES_MAX) : 1;
}

void shape_path_cubic(struct shape_path *path, double x1, double y1, double x2, double y2,
		      double x, double y)
{
	if (path->count == 0)
		shape_path_move(path, x1, y1);
	if (path->count == 0)
		return;

	struct shape_point from = path->points[path->count - 1];
	int pieces = cubic_pieces(hypot(x1 - from.x, y1 - from.y) +
				  hypot(x2 - x1, y2 - y1) + hypot(x - x2, y - y2));
	for (int i = 1; i <= pieces; i++) {
		double t = (double)i / pieces;
		double s = 1 - t;
		double a = s * s * s;
		double b = 3 * s * s * t;
		double c = 3 * s * t * t;
		double d = t * t * t;
		add_point(path, a * from.x + b * x1 + c * x2 + d * x,
			  a * from.y + b * y1 + c * y2 + d * y);
	}
}

void shape_path_arc(struct shape_path *path, double x, double y, double radius_x,
		    double radius_y, double from, double to)
{
	int pieces = arc_pieces(to - from, fmax(radius_x, radius_y));

	for (int i = 0; i <= pieces; i++) {
		double angle = from + (to - from) * i / pieces;
		shape_path_line(path, x + radius_x * cos(angle),
				y + radius_y * sin(angle));
	}
}

void shape_path_round_rect(struct shape_path *path, double x, double y, double width,
			   double height, const double radii[static 4])
{
	double half = fmin(width, height) / 2;
	double radius[4];
	const double right = x + width;
	const double bottom = y + height;

	for (int i = 0; i < 4; i++)
		radius[i] = fmin(fmax(radii[i], 0), half);
	shape_path_move(path, x, y + radius[0]);
	shape_path_arc(path, x + radius[0], y + radius[0], radius[0], radius[0], M_PI,
		       1.5 * M_PI);
	shape_path_arc(path, right - radius[1], y + radius[1], radius[1], radius[1],
		       1.5 * M_PI, 2 * M_PI);
	shape_path_arc(path, right - radius[2], bottom - radius[2], radius[2], radius[2],
		       0, 0.5 * M_PI);
	shape_path_arc(path, x + radius[3], bottom - radius[3], radius[3], radius[3],
		       0.5 * M_PI, M_PI);
	shape_path_close(path);
}

void shape_path_close(struct shape_path *path)
{
	if (path->parts > 0)
		path->closed[path->parts - 1] = true;
}

static size_t part_end(const struct shape_path *path, size_t part)
{
	return part + 1 < path->parts ? path->start[part + 1] : path->count;
}

/* Pixels of the canvas that a drawing may touch: columns and rows, ends exclusive. */
struct bounds {
	int left, top, right, bottom;
};

static struct bounds path_bounds(const struct canvas *canvas,
				 const struct shape_path *path, double margin)
{
	double left = FAR;
	double top = FAR;
	double right = -FAR;
	double bottom = -FAR;

	for (size_t i = 0; i < path->count; i++) {
		left = fmin(left, path->points[i].x);
		top = fmin(top, path->points[i].y);
		right = fmax(right, path->points[i].x);
		bottom = fmax(bottom, path->points[i].y);
	}
	return (struct bounds){
		.left = (int)fmin(fmax(floor(left - margin), 0), canvas->width),
		.top = (int)fmin(fmax(floor(top - margin), 0), canvas->height),
		.right = (int)fmax(fmin(ceil(right + margin), canvas->width), 0),
		.bottom = (int)fmax(fmin(ceil(bottom + margin), canvas->height), 0),
	};
}

static void touch(struct canvas *canvas, const struct bounds *bounds)
{
	canvas_touch(canvas,
		     (int[4]){bounds->left, bounds->top, bounds->right - bounds->left,
			      bounds->bottom - bounds->top});
}

/* Adds to @row the area right of an edge from (@x0, 0) to (@x1, @rise) in one pixel row. */
static void add_edge(float *row, double x0, double x1, double rise)
{
	double low = fmin(x0, x1);
	double high = fmax(x0, x1);
	int first = (int)low;
	int last = (int)high;

	if (first == last) {
		double middle = (low + high) / 2 - first;
		row[first] += (float)(rise * (1 - middle));
		row[first + 1] += (float)(rise * middle);
		return;
	}
	/* The edge crosses several columns: each takes its share of the rise. */
	double slope = rise / (high - low);
	double x = low;
	for (int column = first; column <= last; column++) {
		double next = fmin(high, column + 1);
		double share = (next - x) * slope;
		double middle = (x + next) / 2 - column;
		row[column] += (float)(share * (1 - middle));
		row[column + 1] += (float)(share * middle);
		x = next;
	}
}

/* The part of edge @a–@b inside pixel row @y, clipped to the columns of @bounds. */
static void add_edge_in_row(float *row, struct shape_point a, struct shape_point b, int y,
			    const struct bounds *bounds)
{
	double sign = 1;

	if (a.y > b.y) {
		struct shape_point swap = a;
		a = b;
		b = swap;
		sign = -1;
	}
	double top = fmax(a.y, y);
	double bottom = fmin(b.y, y + 1);
	if (bottom <= top)
		return;

	double slope = (b.x - a.x) / (b.y - a.y);
	double width = bounds->right - bounds->left;
	double x0 = a.x + (top - a.y) * slope - bounds->left;
	double x1 = a.x + (bottom - a.y) * slope - bounds->left;
	add_edge(row, fmin(fmax(x0, 0), width), fmin(fmax(x1, 0), width),
		 sign * (bottom - top));
}

static void add_row(float *row, const struct shape_path *path, int y,
		    const struct bounds *bounds)
{
	for (size_t part = 0; part < path->parts; part++) {
		size_t end = part_end(path, part);
		size_t previous = end - 1;
		for (size_t i = path->start[part]; i < end; i++) {
			add_edge_in_row(row, path->points[previous], path->points[i], y,
					bounds);
			previous = i;
		}
	}
}

void shape_path_fill(struct canvas *canvas, const struct shape_path *path,
		     struct colour colour, double opacity)
{
	shape_path_fill_rows(canvas, path, colour, opacity, 0, canvas->height);
}

void shape_path_fill_rows(struct canvas *canvas, const struct shape_path *path,
			  struct colour colour, double opacity, int top, int bottom)
{
	if (path->count < 3 || !(opacity > 0))
		return;

	float row[CANVAS_SIDE_MAX + 2];
	float scale = (float)fmin(opacity, 1) * 255;
	struct bounds bounds = path_bounds(canvas, path, 0);
	if (bounds.left >= bounds.right)
		return;
	if (top > bounds.top)
		bounds.top = top;
	if (bottom < bounds.bottom)
		bounds.bottom = bottom;

	touch(canvas, &bounds);
	for (int y = bounds.top; y < bounds.bottom; y++) {
		for (int x = 0; x <= bounds.right - bounds.left + 1; x++)
			row[x] = 0;
		add_row(row, path, y, &bounds);

		uint32_t *pixels = pixel_row(canvas, y) + bounds.left;
		float sum = 0;
		for (int x = 0; x < bounds.right - bounds.left; x++) {
			sum += row[x];
			float cover = sum < 0 ? -sum : sum;
			uint32_t alpha =
				(uint32_t)((cover > 1 ? 1 : cover) * scale + 0.5F);
			if (alpha == 255)
				pixels[x] = colour.rgb;
			else if (alpha > 0)
				pixels[x] = pixel_blend(pixels[x], colour.rgb, alpha);
		}
	}
}

/* Raises @row to the coverage of a stroke along @a–@b of half width @radius in row @y. */
static void stroke_segment(float *row, struct shape_point a, struct shape_point b,
			   double radius, int y, const struct bounds *bounds)
{
	double middle = y + 0.5;
	double reach = radius + 0.5;

	if (fmin(a.y, b.y) - reach > middle || fmax(a.y, b.y) + reach < middle)
		return;

	/* Only the part of the segment within reach of this row can colour it. */
	double dx = b.x - a.x;
	double dy = b.y - a.y;
	double from = 0;
	double to = 1;
	if (fabs(dy) > 1e-9) {
		double at_top = (middle - reach - a.y) / dy;
		double at_bottom = (middle + reach - a.y) / dy;
		from = fmax(0, fmin(at_top, at_bottom));
		to = fmin(1, fmax(at_top, at_bottom));
	}
	double left = fmin(a.x + dx * from, a.x + dx * to) - reach - bounds->left;
	double right = fmax(a.x + dx * from, a.x + dx * to) + reach - bounds->left;
	double width = bounds->right - bounds->left;
	int first = (int)fmin(fmax(floor(left), 0), width);
	int last = (int)fmax(fmin(ceil(right), width), 0);

	double length = dx * dx + dy * dy;
	double thin = fmin(2 * radius, 1);
	for (int x = first; x < last; x++) {
		double px = x + 0.5 + bounds->left - a.x;
		double py = middle - a.y;
		double t = length > 0 ? (px * dx + py * dy) / length : 0;
		t = t < 0 ? 0 : (t > 1 ? 1 : t);
		double ex = px - t * dx;
		double ey = py - t * dy;
		double square = ex * ex + ey * ey;
		if (square >= reach * reach)
			continue;
		double cover = fmin(reach - sqrt(square), 1) * thin;
		if (cover > (double)row[x])
			row[x] = (float)cover;
	}
}

static void stroke_row(float *row, const struct shape_path *path, double radius, int y,
		       const struct bounds *bounds)
{
	for (size_t part = 0; part < path->parts; part++) {
		size_t start = path->start[part];
		size_t end = part_end(path, part);
		if (start == end)
			continue;
		if (end - start == 1)
			stroke_segment(row, path->points[start], path->points[start],
				       radius, y, bounds);
		for (size_t i = start + 1; i < end; i++)
			stroke_segment(row, path->points[i - 1], path->points[i], radius,
				       y, bounds);
		if (path->closed[part])
			stroke_segment(row, path->points[end - 1], path->points[start],
				       radius, y, bounds);
	}
}

void shape_path_stroke(struct canvas *canvas, const struct shape_path *path, double line,
		       struct colour colour, double opacity)
{
	if (path->count == 0 || !(line > 0) || !(line < FAR) || !(opacity > 0))
		return;

	float row[CANVAS_SIDE_MAX];
	float scale = (float)fmin(opacity, 1) * 255;
	struct bounds bounds = path_bounds(canvas, path, line / 2 + 1);
	if (bounds.left >= bounds.right)
		return;

	touch(canvas, &bounds);
	for (int y = bounds.top; y < bounds.bottom; y++) {
		for (int x = 0; x < bounds.right - bounds.left; x++)
			row[x] = 0;
		stroke_row(row, path, line / 2, y, &bounds);

		uint32_t *pixels = pixel_row(canvas, y) + bounds.left;
		for (int x = 0; x < bounds.right - bounds.left; x++) {
			uint32_t alpha = (uint32_t)(row[x] * scale + 0.5F);
			if (alpha == 255)
				pixels[x] = colour.rgb;
			else if (alpha > 0)
				pixels[x] = pixel_blend(pixels[x], colour.rgb, alpha);
		}
	}
}
