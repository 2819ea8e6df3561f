/* The shapes of render/slide_paint.h: units become pixels, edges whole ones. */
#include <math.h>

#include "core/err.h"
#include "render/canvas.h"
#include "render/pictogram.h"
#include "render/picture.h"
#include "render/pixel.h"
#include "render/qr.h"
#include "render/shape.h"
#include "render/slide_paint.h"

/* A box in whole pixels, so that edges are crisp. */
static struct box pixels_of(const struct painter *p, struct box box)
{
	double left = round(box.x * p->unit), top = round(box.y * p->unit);

	return (struct box){left, top, round(box_right(box) * p->unit) - left,
			    round(box_bottom(box) * p->unit) - top};
}

static double line_pixels(const struct painter *p, double line)
{
	return fmax(round(line * p->unit), 1);
}

void paint_panel(struct painter *p, struct box box, double radius, struct colour colour)
{
	struct box at = pixels_of(p, box);

	if (p->canvas)
		shape_round_rect(p->canvas, at.x, at.y, at.width, at.height,
				 radius * p->unit, colour);
}

void paint_outline(struct painter *p, struct box box, double radius, double line,
		   struct colour colour)
{
	struct box at = pixels_of(p, box);

	if (p->canvas)
		shape_round_rect_outline(p->canvas, at.x, at.y, at.width, at.height,
					 radius * p->unit, line_pixels(p, line), colour);
}

void paint_rect(struct painter *p, struct box box, struct colour colour)
{
	struct box at = pixels_of(p, box);

	if (p->canvas)
		shape_rect(p->canvas, at.x, at.y, fmax(at.width, 1), fmax(at.height, 1),
			   colour);
}

void paint_card(struct painter *p, struct box box, enum paint_side side, double radius,
		double bar, struct colour panel, const struct colour *colours,
		size_t count)
{
	struct box at = pixels_of(p, box), inner = at;
	double corner = radius * p->unit;
	bool top = side == PAINT_BAR_TOP;
	/* As deep as round corners need, no deeper: it would shine through those across. */
	double depth = fmin(fmax(line_pixels(p, bar), 2 * ceil(corner)),
			    top ? at.height : at.width);

	if (!p->canvas || count == 0)
		return;
	for (size_t i = 0; i < count; i++) {
		double length = top ? at.width : at.height;
		double from = round(length * (double)i / (double)count);
		double to = round(length * (double)(i + 1) / (double)count);
		double first = i == 0 ? corner : 0, last = i + 1 == count ? corner : 0;

		if (top)
			shape_round_rect_corners(p->canvas, at.x + from, at.y, to - from,
						 depth, (double[4]){first, last, 0, 0},
						 colours[i]);
		else
			shape_round_rect_corners(
				p->canvas, at.x, at.y + from, depth, to - from,
				(double[4]){first, 0, 0, last}, colours[i]);
	}
	if (top)
		box_cut_top(&inner, line_pixels(p, bar), 0);
	else
		box_cut_left(&inner, line_pixels(p, bar), 0);
	shape_round_rect_corners(p->canvas, inner.x, inner.y, inner.width, inner.height,
				 top ? (double[4]){0, 0, corner, corner}
				     : (double[4]){0, corner, corner, 0},
				 panel);
}

void paint_line(struct painter *p, double x0, double y0, double x1, double y1,
		double line, struct colour colour)
{
	if (p->canvas)
		shape_line(p->canvas, x0 * p->unit, y0 * p->unit, x1 * p->unit,
			   y1 * p->unit, line_pixels(p, line), colour);
}

void paint_dot(struct painter *p, double x, double y, double radius, struct colour colour)
{
	if (p->canvas)
		shape_circle(p->canvas, x * p->unit, y * p->unit, radius * p->unit,
			     colour);
}

void paint_ring(struct painter *p, double x, double y, double radius, double line,
		struct colour colour)
{
	if (p->canvas)
		shape_ring(p->canvas, x * p->unit, y * p->unit, radius * p->unit,
			   line_pixels(p, line), colour);
}

void paint_arrow(struct painter *p, double x0, double y0, double x1, double y1,
		 struct colour colour)
{
	double length = hypot(x1 - x0, y1 - y0);

	if (p->canvas)
		shape_arrow(p->canvas, x0 * p->unit, y0 * p->unit, x1 * p->unit,
			    y1 * p->unit, line_pixels(p, fmin(length * 0.09, 10)),
			    fmin(length * 0.4, 40) * p->unit, colour);
}

void paint_arc_arrow(struct painter *p, double x, double y, double radius, double from,
		     double to, struct colour colour)
{
	double line = line_pixels(p, 10), head = 34;
	double tip_x = x + radius * cos(to), tip_y = y + radius * sin(to);
	/* The head follows the chord of its own length, not the tangent at the tip. */
	double back = to + 2 * acos(0) - head / radius / 2 + acos(0);

	if (!p->canvas || to <= from)
		return;
	shape_arc(p->canvas, x * p->unit, y * p->unit, radius * p->unit, from, to, line,
		  colour);
	for (int side = -1; side <= 1; side += 2) {
		double angle = back + side * 0.65;

		shape_line(p->canvas, tip_x * p->unit, tip_y * p->unit,
			   (tip_x + head * cos(angle)) * p->unit,
			   (tip_y + head * sin(angle)) * p->unit, line, colour);
	}
}

void paint_pictogram(struct painter *p, const char *id, struct box box,
		     struct colour colour)
{
	double size = fmin(box.width, box.height);

	if (p->canvas && id)
		pictogram_draw(p->canvas, id,
			       round((box.x + (box.width - size) / 2) * p->unit),
			       round((box.y + (box.height - size) / 2) * p->unit),
			       round(size * p->unit), colour);
}

struct colour paint_stage_colour(const struct painter *p, enum stage stage)
{
	switch (stage) {
	case STAGE_RESEARCH:
		return p->theme->accent[THEME_RESEARCH];
	case STAGE_CONSIDERATION:
		return p->theme->accent[THEME_CONSIDERATION];
	case STAGE_IMPLEMENTATION:
		return p->theme->accent[THEME_IMPLEMENTATION];
	}
	return p->theme->ink;
}

void paint_mark(struct painter *p, enum stage stage, double x, double y, double size)
{
	struct colour colour = paint_stage_colour(p, stage);
	double cx = x * p->unit, cy = y * p->unit, r = size / 2 * p->unit;
	/* The three shapes look equally large when their areas are about equal. */
	const struct shape_point diamond[] = {
		{cx, cy - r * 1.15},
		{cx + r * 1.15, cy},
		{cx, cy + r * 1.15},
		{cx - r * 1.15, cy},
	};
	const struct shape_point triangle[] = {
		{cx, cy - r * 1.1},
		{cx + r * 1.2, cy + r * 0.95},
		{cx - r * 1.2, cy + r * 0.95},
	};

	if (!p->canvas)
		return;
	switch (stage) {
	case STAGE_RESEARCH:
		shape_polygon(p->canvas, triangle, ARRAY_LEN(triangle), colour);
		return;
	case STAGE_CONSIDERATION:
		shape_polygon(p->canvas, diamond, ARRAY_LEN(diamond), colour);
		return;
	case STAGE_IMPLEMENTATION:
		shape_circle(p->canvas, cx, cy, r, colour);
		return;
	}
}

void paint_warning(struct painter *p, double x, double y, double size,
		   struct colour colour, struct colour ground)
{
	double cx = x * p->unit, cy = y * p->unit, h = size * p->unit / 2;
	const struct shape_point triangle[] = {
		{cx, cy - h},
		{cx + h * 1.15, cy + h},
		{cx - h * 1.15, cy + h},
	};

	if (!p->canvas)
		return;
	shape_polygon(p->canvas, triangle, ARRAY_LEN(triangle), colour);
	shape_line(p->canvas, cx, cy - h * 0.3, cx, cy + h * 0.3, h * 0.2, ground);
	shape_circle(p->canvas, cx, cy + h * 0.68, h * 0.13, ground);
}

/* How much of the pixel with this middle lies in a @width × @height box's round corner. */
static double corner_cover(double x, double y, double width, double height, double radius)
{
	double dx = fmax(fmax(radius - x, x - (width - radius)), 0);
	double dy = fmax(fmax(radius - y, y - (height - radius)), 0);

	if (dx <= 0 || dy <= 0)
		return 1;
	return fmin(fmax(radius - hypot(dx, dy) + 0.5, 0), 1);
}

void paint_picture(struct painter *p, const struct canvas *picture, struct box box,
		   double radius)
{
	struct box at = pixels_of(p, box);
	struct canvas *scaled;

	if (!p->canvas || p->failed || at.width < 1 || at.height < 1 || at.x < 0 ||
	    at.y < 0 || box_right(at) > p->canvas->width ||
	    box_bottom(at) > p->canvas->height)
		return;
	scaled = picture_scale(picture, (int)at.width, (int)at.height, p->err);
	if (!scaled) {
		p->failed = true;
		return;
	}
	canvas_touch(p->canvas,
		     (int[4]){(int)at.x, (int)at.y, scaled->width, scaled->height});
	for (int y = 0; y < scaled->height; y++) {
		uint32_t *to = pixel_row(p->canvas, (int)at.y + y) + (int)at.x;
		const uint32_t *from = pixel_row(scaled, y);

		for (int x = 0; x < scaled->width; x++) {
			double cover = corner_cover(x + 0.5, y + 0.5, at.width, at.height,
						    radius * p->unit);

			to[x] = pixel_blend(to[x], from[x], (uint32_t)(cover * 255));
		}
	}
	canvas_free(scaled);
}

bool paint_qr(struct painter *p, const char *url, struct box box)
{
	struct box at = pixels_of(p, box);
	int size = (int)fmin(at.width, at.height);
	struct err ignored;
	struct qr qr;

	/* A code that telephones can't read helps nobody; the address stays in the text. */
	if (p->failed || !qr_encode(url, &qr, &ignored) ||
	    qr_module_pixels(&qr, size) < 2)
		return false;
	if (p->canvas && !qr_draw(p->canvas, &qr, (int)at.x, (int)at.y, size, p->err))
		p->failed = true;
	return true;
}

double paint_pill(struct painter *p, const char *text, enum type_size size, double x,
		  double middle, enum text_align align, const char *place)
{
	struct paint_text word = {
		.text = text,
		.place = place,
		.size = size,
		.role = FONT_BOLD,
		.colour = p->theme->paper,
		.align = TEXT_CENTRE,
		.valign = PAINT_MIDDLE,
	};
	double em = paint_em(p, size);
	double width = paint_line_width(p, &word) + em * 0.8, height = em * 1.3;
	struct box box = {x, middle - height / 2, width, height};

	if (align == TEXT_CENTRE)
		box.x -= width / 2;
	else if (align == TEXT_RIGHT)
		box.x -= width;
	paint_panel(p, box, height / 2, p->theme->ink);
	paint_text(p, box, &word);
	return width;
}
