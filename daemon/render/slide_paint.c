#include "render/slide_paint.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"
#include "render/canvas.h"
#include "render/pictogram.h"
#include "render/qr.h"
#include "render/shape.h"

/*
 * Ems in units, and how much of a raised minimum each size keeps above it, so that a slide
 * seen from far away still has its order of sizes.
 */
static const struct {
	double em;
	double above;
} sizes[TYPE_SIZES] = {
	[TYPE_NONE] = {36, 1},      [TYPE_CAPTION] = {36, 1},  [TYPE_LABEL] = {40, 1},
	[TYPE_BODY] = {46, 1},      [TYPE_LARGE] = {58, 1.15}, [TYPE_TITLE] = {76, 1.3},
	[TYPE_DISPLAY] = {96, 1.5}, [TYPE_HERO] = {128, 1.8},  [TYPE_HUGE] = {150, 2},
};

double paint_em(const struct painter *p, enum type_size size)
{
	return fmax(sizes[size].em, p->least * sizes[size].above);
}

/* --- What is reported --- */

void paint_overflow(struct painter *p, const char *place)
{
	if (p->report->overflow)
		return;
	p->report->overflow = true;
	snprintf(p->report->overflow_place, sizeof(p->report->overflow_place), "%s",
		 place);
}

bool paint_fits(const struct painter *p)
{
	return !p->report->overflow;
}

static void report_missing(struct painter *p, const struct text_missing *missing,
			   const char *place)
{
	struct slide_report *report = p->report;
	size_t listed = report->missing_count < SLIDE_MISSING_MAX ? report->missing_count
								  : SLIDE_MISSING_MAX;

	for (size_t i = 0; i < missing->listed && listed < SLIDE_MISSING_MAX; i++) {
		report->missing[listed].code_point = missing->code_points[i];
		snprintf(report->missing[listed].place,
			 sizeof(report->missing[listed].place), "%s", place);
		listed++;
	}
	/* The list is full or holds one entry a character: repeated ones are not counted. */
	report->missing_count += missing->listed;
}

static void report_letters(struct painter *p, double japanese, double latin)
{
	if (japanese > 0 && (p->japanese_px <= 0 || japanese < p->japanese_px))
		p->japanese_px = japanese;
	if (latin > 0 && (p->latin_px <= 0 || latin < p->latin_px))
		p->latin_px = latin;
}

#define CONTRAST_SAMPLES 5

/* The contrast of @colour with what lies under it before it is drawn, in pixels. */
static void report_contrast(struct painter *p, struct colour colour, double x, double y,
			    double width, double height)
{
	const struct canvas *canvas = p->canvas;

	if (!canvas || width <= 0 || height <= 0)
		return;
	for (int row = 0; row < CONTRAST_SAMPLES; row++) {
		for (int column = 0; column < CONTRAST_SAMPLES; column++) {
			double px = x + width * (column + 0.5) / CONTRAST_SAMPLES;
			double py = y + height * (row + 0.5) / CONTRAST_SAMPLES;
			struct colour ground;
			double contrast;

			if (px < 0 || py < 0 || px >= canvas->width ||
			    py >= canvas->height)
				continue;
			ground.rgb = canvas->pixels[(size_t)py * (size_t)canvas->width +
						    (size_t)px] &
				     0xffffff;
			contrast = theme_contrast(colour, ground);
			if (p->report->lowest_contrast <= 0 ||
			    contrast < p->report->lowest_contrast)
				p->report->lowest_contrast = contrast;
		}
	}
}

/* Counts what is read of the first @bytes of @text. */
static void report_characters(struct painter *p, const char *text, size_t bytes)
{
	char *part;

	if (p->quiet)
		return;
	if (bytes >= strlen(text)) {
		p->report->characters += utf8_count_readable(text);
		return;
	}
	part = strndup(text, bytes);
	if (!part) {
		p->failed = true;
		err_set(p->err, ERR_NO_MEMORY, "slide: out of memory");
		return;
	}
	p->report->characters += utf8_count_readable(part);
	free(part);
}

/* --- Text --- */

static int em_pixels(const struct painter *p, double em)
{
	double pixels = round(em * p->unit);

	return (int)fmin(fmax(pixels, FONT_SIZE_MIN), FONT_SIZE_MAX);
}

static struct text_block *lay_out(struct painter *p, double width,
				  const struct paint_text *text, enum type_size size)
{
	struct text_style style = {
		.size = em_pixels(p, paint_em(p, size)),
		.role = text->role,
		.colour = text->colour,
		.line_height = text->leading,
		.max_width = fmax(width * p->unit, 0),
		.max_lines = text->max_lines,
		.align = text->align,
		.balance = text->balance,
	};
	struct text_block *block;

	/* A width of zero would mean "no limit" to text_layout(). */
	if (width >= 0 && style.max_width < 1)
		style.max_width = 1;
	else if (width < 0)
		style.max_width = 0;
	block = text_layout(p->fonts, text->text, &style, p->err);
	if (!block)
		p->failed = true;
	return block;
}

/* Half a pixel is rounding, not overflow. */
static bool block_fits(const struct painter *p, const struct text_block *block,
		       double width, double height, bool flow)
{
	if (height > 0 && block->height > height * p->unit + 0.5)
		return false;
	if (width >= 0 && block->width > width * p->unit + 0.5)
		return false;
	return !block->overflow || (flow && block->consumed > 0);
}

/* The block at the largest size that fits, else at the smallest. Owned. */
static struct text_block *choose(struct painter *p, double width, double height,
				 const struct paint_text *text, enum type_size *out_size)
{
	enum type_size least = text->least == TYPE_NONE ? text->size : text->least;
	enum type_size size = text->size;

	for (;; size--) {
		struct text_block *block = lay_out(p, width, text, size);

		*out_size = size;
		if (!block || size <= least || size <= TYPE_CAPTION ||
		    block_fits(p, block, width, height, text->flow))
			return block;
		text_block_free(block);
	}
}

static struct paint_extent extent_of(const struct painter *p,
				     const struct text_block *block, double width,
				     double height, bool flow, enum type_size size)
{
	return (struct paint_extent){
		.width = block->width / p->unit,
		.height = block->height / p->unit,
		.lines = block->line_count,
		.consumed = block->consumed,
		.fits = block_fits(p, block, width, height, flow),
		.size = size,
	};
}

struct paint_extent paint_measure(struct painter *p, double width, double height,
				  const struct paint_text *text)
{
	struct paint_extent extent = {.fits = true, .size = text->size};
	CLEANUP(text_block_cleanup) struct text_block *block = NULL;
	enum type_size size;

	if (p->failed || !text->text || !text->text[0])
		return extent;
	block = choose(p, width, height, text, &size);
	if (!block)
		return extent;
	return extent_of(p, block, width, height, text->flow, size);
}

double paint_line_width(struct painter *p, const struct paint_text *text)
{
	return paint_measure(p, -1, 0, text).width;
}

int paint_lines_in(struct painter *p, const struct paint_text *text, double height)
{
	double size = em_pixels(p, paint_em(p, text->size));
	double step = size * (text->leading > 0 ? text->leading : 1.4);
	struct font_metrics metrics;
	double room;

	if (p->failed)
		return 1;
	if (!font_measure(p->fonts, text->role, FONT_JAPANESE, (int)size, &metrics,
			  p->err)) {
		p->failed = true;
		return 1;
	}
	room = height * p->unit - metrics.kanji_height + 0.5;
	if (room < 0)
		return 0;
	return (int)fmin(floor(room / step) + 1, TEXT_LINES_MAX);
}

struct paint_extent paint_text(struct painter *p, struct box box,
			       const struct paint_text *text)
{
	struct paint_extent extent = {.fits = true, .size = text->size};
	CLEANUP(text_block_cleanup) struct text_block *block = NULL;
	enum type_size size;
	double x, y, left = 0;

	if (p->failed || !text->text || !text->text[0])
		return extent;
	block = choose(p, box.width, box.height, text, &size);
	if (!block)
		return extent;
	extent = extent_of(p, block, box.width, box.height, text->flow, size);
	if (!extent.fits || box.height <= 0)
		paint_overflow(p, text->place);
	report_missing(p, &block->missing, text->place);
	report_letters(p, block->letter_japanese, block->letter_latin);
	report_characters(p, text->text, block->consumed);

	x = box.x * p->unit;
	y = box.y * p->unit;
	if (text->valign == PAINT_MIDDLE)
		y += (box.height * p->unit - block->height) / 2;
	else if (text->valign == PAINT_BOTTOM)
		y += box.height * p->unit - block->height;
	if (!p->canvas)
		return extent;
	/* Whole pixels keep strokes crisp and 4K exactly twice 1080p's places. */
	x = round(x);
	y = round(y);
	if (block->line_count > 0)
		left = block->lines[0].x;
	report_contrast(p, text->colour, x + left, y, block->width - left, block->height);
	if (!text_draw(p->canvas, p->fonts, block, x, y, p->err))
		p->failed = true;
	return extent;
}

/* --- Figures --- */

#define FIGURE_SPANS 2

static size_t figure_spans(const struct painter *p, const struct paint_figure *figure,
			   struct text_span spans[static FIGURE_SPANS])
{
	double unit_em = fmax(figure->em * 0.44, p->least);

	spans[0] = (struct text_span){
		.text = figure->figure,
		.size = em_pixels(p, figure->em),
		.role = figure->bold ? FONT_BOLD : FONT_TEXT,
		.colour = figure->colour,
	};
	if (figure->narrow)
		spans[0].role = figure->bold ? FONT_FIGURE_BOLD : FONT_FIGURE;
	if (!figure->unit || !figure->unit[0])
		return 1;
	spans[1] = (struct text_span){
		.text = figure->unit,
		.size = em_pixels(p, unit_em),
		.role = figure->bold ? FONT_BOLD : FONT_TEXT,
		.colour = figure->colour,
		.gap = figure->em * 0.09 * p->unit,
	};
	return 2;
}

static bool figure_extent(struct painter *p, const struct paint_figure *figure,
			  struct text_extent *out)
{
	struct text_span spans[FIGURE_SPANS];
	size_t count = figure_spans(p, figure, spans);

	*out = (struct text_extent){0};
	if (p->failed)
		return false;
	if (!text_spans_measure(p->fonts, spans, count, out, p->err))
		p->failed = true;
	return !p->failed;
}

double paint_figure_width(struct painter *p, const struct paint_figure *figure)
{
	struct text_extent extent;

	return figure_extent(p, figure, &extent) ? extent.width / p->unit : 0;
}

double paint_figure_height(struct painter *p, const struct paint_figure *figure)
{
	struct text_extent extent;

	return figure_extent(p, figure, &extent) ? extent.ascent / p->unit : 0;
}

void paint_figure(struct painter *p, const struct paint_figure *figure, double x,
		  double baseline, double max_width)
{
	struct text_span spans[FIGURE_SPANS];
	size_t count = figure_spans(p, figure, spans);
	struct text_extent extent;
	double left = round(x * p->unit), bottom = round(baseline * p->unit);

	if (!figure_extent(p, figure, &extent))
		return;
	if (extent.width > max_width * p->unit + 0.5)
		paint_overflow(p, figure->place);
	report_missing(p, &extent.missing, figure->place);
	report_letters(p, extent.letter_japanese, extent.letter_latin);
	for (size_t i = 0; i < count; i++)
		report_characters(p, spans[i].text, strlen(spans[i].text));
	if (!p->canvas)
		return;
	report_contrast(p, figure->colour, left, bottom - extent.ascent, extent.width,
			extent.ascent);
	if (!text_spans_draw(p->canvas, p->fonts, spans, count, TEXT_LEFT, left, bottom,
			     p->err))
		p->failed = true;
}

/* --- Shapes --- */

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

	if (!p->canvas || count == 0)
		return;
	shape_round_rect(p->canvas, at.x, at.y, at.width, at.height, corner, colours[0]);
	for (size_t i = 1; i < count; i++) {
		struct box part = at;
		bool last = i + 1 == count;
		double end = last ? corner : 0;

		if (side == PAINT_BAR_TOP) {
			part.x += round(at.width * (double)i / (double)count);
			part.width = box_right(at) - part.x;
			shape_round_rect_corners(p->canvas, part.x, part.y, part.width,
						 part.height, (double[4]){0, end, end, 0},
						 colours[i]);
		} else {
			part.y += round(at.height * (double)i / (double)count);
			part.height = box_bottom(at) - part.y;
			shape_round_rect_corners(p->canvas, part.x, part.y, part.width,
						 part.height, (double[4]){0, 0, end, end},
						 colours[i]);
		}
	}
	if (side == PAINT_BAR_TOP) {
		box_cut_top(&inner, line_pixels(p, bar), 0);
		shape_round_rect_corners(p->canvas, inner.x, inner.y, inner.width,
					 inner.height, (double[4]){0, 0, corner, corner},
					 panel);
	} else {
		box_cut_left(&inner, line_pixels(p, bar), 0);
		shape_round_rect_corners(p->canvas, inner.x, inner.y, inner.width,
					 inner.height, (double[4]){0, corner, corner, 0},
					 panel);
	}
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
