#include "render/slide_paint.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/ruby.h"
#include "core/utf8.h"
#include "render/canvas.h"
#include "render/phrase.h"
#include "render/text_memo.h"

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

void paint_language(struct painter *p, enum wording_language language)
{
	static const enum font_language fonts[WORDING_LANGUAGES] = {
		[WORDING_JA] = FONT_JAPANESE, [WORDING_JA_EASY] = FONT_JAPANESE,
		[WORDING_EN] = FONT_JAPANESE, [WORDING_ZH] = FONT_CHINESE_SIMPLIFIED,
		[WORDING_KO] = FONT_KOREAN,
	};

	p->words = language;
	p->language = fonts[language];
}

double paint_em(const struct painter *p, enum type_size size)
{
	return fmax(sizes[size].em * p->scale, p->least * sizes[size].above);
}

/* --- What is reported --- */

void paint_scope(struct painter *p, const char *format, ...)
{
	size_t used = (size_t)snprintf(p->scope, sizeof(p->scope), "%s", p->edition);
	va_list arguments;

	if (used >= sizeof(p->scope))
		return;
	va_start(arguments, format);
	vsnprintf(p->scope + used, sizeof(p->scope) - used, format, arguments);
	va_end(arguments);
}

/* Header and footer are not the plan's. */
static void put_place(const struct painter *p, const char *place, char *out, size_t size)
{
	snprintf(out, size, "%s%s", p->quiet ? "" : p->scope, place);
}

void paint_overflow(struct painter *p, const char *place)
{
	if (p->report->overflow)
		return;
	p->report->overflow = true;
	put_place(p, place, p->report->overflow_place, sizeof(p->report->overflow_place));
}

bool paint_fits(const struct painter *p)
{
	return !p->report->overflow;
}

/* The number, from 1, of the character at byte @at. */
static size_t character_at(const char *text, size_t at)
{
	const char *cursor = text;
	size_t number = 1;

	while (cursor < text + at && utf8_next(&cursor) != 0)
		number++;
	return number;
}

static void report_missing(struct painter *p, const struct text_missing *missing,
			   const char *text, const char *place, size_t before)
{
	struct slide_report *report = p->report;
	size_t listed = report->missing_count < SLIDE_MISSING_MAX ? report->missing_count
								  : SLIDE_MISSING_MAX;

	for (size_t i = 0; i < missing->listed && listed < SLIDE_MISSING_MAX; i++) {
		report->missing[listed].code_point = missing->code_points[i];
		report->missing[listed].character =
			before + character_at(text, missing->at[i]);
		put_place(p, place, report->missing[listed].place,
			  sizeof(report->missing[listed].place));
		listed++;
	}
	/* The list is full or holds one entry a character: repeated ones are not counted. */
	report->missing_count += missing->listed;
}

static void report_letters(struct painter *p, double japanese, double latin)
{
	p->japanese_px = text_smaller(p->japanese_px, japanese);
	p->latin_px = text_smaller(p->latin_px, latin);
}

#define CONTRAST_SAMPLES 5

/* The contrast of @colour with what lies under it before it is drawn, in pixels. */
static void report_contrast(struct painter *p, struct colour colour, double x, double y,
			    double width, double height)
{
	const struct canvas *canvas = p->canvas;
	uint32_t known = UINT32_MAX;

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
			/* Nearly all of it is one colour. */
			if (ground.rgb == known)
				continue;
			known = ground.rgb;
			contrast = theme_contrast(colour, ground);
			if (p->report->lowest_contrast <= 0 ||
			    contrast < p->report->lowest_contrast)
				p->report->lowest_contrast = contrast;
		}
	}
}

/*
 * Reading speed is that of Japanese characters. Three letters of an alphabet are read as fast
 * as one of those, and of a list a reader takes in the heads and what they look for.
 */
#define LETTERS_PER_CHARACTER 3
#define LIST_PART             3

static size_t read_of(const struct painter *p, const char *text)
{
	size_t part = p->listed ? LIST_PART : 1;

	if (p->words == WORDING_EN)
		part *= LETTERS_PER_CHARACTER;
	return (utf8_count_readable(text) + part - 1) / part;
}

/* Counts what is read of the first @bytes of @text. */
static void report_characters(struct painter *p, const char *text, size_t bytes)
{
	char *part;

	if (p->quiet)
		return;
	if (bytes >= strlen(text)) {
		p->report->characters += read_of(p, text);
		return;
	}
	part = strndup(text, bytes);
	if (!part) {
		p->failed = true;
		err_set(p->err, ERR_NO_MEMORY, "slide: out of memory");
		return;
	}
	p->report->characters += read_of(p, part);
	free(part);
}

/* --- Text --- */

static int em_pixels(const struct painter *p, double em)
{
	double pixels = round(em * p->unit);

	return (int)fmin(fmax(pixels, FONT_SIZE_MIN), FONT_SIZE_MAX);
}

/* 「木」 is that much smaller in Noto Sans CJK than in BIZ UD, and must not be. */
#define NOTO_GROWTH 1.035

static int text_pixels(const struct painter *p, enum type_size size)
{
	double em = paint_em(p, size);

	return em_pixels(p, p->language == FONT_JAPANESE ? em : em * NOTO_GROWTH);
}

static const struct text_block *lay_out(struct painter *p, double width,
					const struct paint_text *text,
					enum type_size size)
{
	struct text_style style = {
		.size = text_pixels(p, size),
		.role = text->role,
		.language = p->language,
		.colour = text->colour,
		.line_height = text->leading,
		.max_width = fmax(width * p->unit, 0),
		.max_lines = text->max_lines,
		.align = text->align,
		.balance = text->balance,
		.ruby = text->ruby,
		.hang = text->hang,
		.turn = text->flow,
	};
	const struct text_block *block;

	/* A width of zero would mean "no limit" to text_layout(). */
	if (width >= 0 && style.max_width < 1)
		style.max_width = 1;
	else if (width < 0)
		style.max_width = 0;
	block = text_memo_layout(p->memo, p->fonts, text->text, &style, p->err);
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

static bool is_parted(const struct text_block *block)
{
	return block->worst_break >= PHRASE_COST_PARTED;
}

/*
 * The block at the largest size that fits, else at the smallest. Borrowed until the next
 * layout.
 */
static const struct text_block *choose(struct painter *p, double width, double height,
				       const struct paint_text *text,
				       enum type_size *out_size)
{
	enum type_size least = text->least == TYPE_NONE ? text->size : text->least;
	enum type_size size = text->size;

	for (;; size--) {
		const struct text_block *block = lay_out(p, width, text, size);

		*out_size = size;
		if (!block || size <= least || size <= TYPE_CAPTION ||
		    (block_fits(p, block, width, height, text->flow) &&
		     !(text->words && is_parted(block))))
			return block;
	}
}

static struct paint_extent extent_of(const struct painter *p,
				     const struct text_block *block, double width,
				     double height, bool flow, enum type_size size)
{
	return (struct paint_extent){
		.width = block->width / p->unit,
		.height = block->height / p->unit,
		.top = block->top / p->unit,
		.lines = block->line_count,
		.last = block->line_count > 0
				? block->lines[block->line_count - 1].width / p->unit
				: 0,
		.consumed = block->consumed,
		.fits = block_fits(p, block, width, height, flow),
		.parted = is_parted(block),
		.size = size,
	};
}

struct paint_extent paint_measure(struct painter *p, double width, double height,
				  const struct paint_text *text)
{
	struct paint_extent extent = {.fits = true, .size = text->size};
	const struct text_block *block;
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
	double size = text_pixels(p, text->size);
	double step = size * (text->leading > 0 ? text->leading : 1.4);
	struct font_metrics metrics;
	double room;

	if (p->failed)
		return 1;
	if (!font_measure(p->fonts, text->role, p->language, (int)size, &metrics,
			  p->err)) {
		p->failed = true;
		return 1;
	}
	room = height * p->unit - metrics.kanji_height + 0.5;
	if (text->ruby && ruby_is_in(text->text)) {
		step = fmax(step, size * TEXT_PITCH_READINGS);
		room -= text_reading_room(&metrics);
	}
	if (room < 0)
		return 0;
	return (int)fmin(floor(room / step) + 1, TEXT_LINES_MAX);
}

struct paint_extent paint_text(struct painter *p, struct box box,
			       const struct paint_text *text)
{
	struct paint_extent extent = {.fits = true, .size = text->size};
	const struct text_block *block;
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
	report_missing(p, &block->missing, text->text, text->place, text->before);
	report_letters(p, block->letter_japanese, block->letter_latin);
	p->reading_px = text_smaller(p->reading_px, block->letter_reading);
	/* A reading says again what stands below it. */
	report_characters(p, block->text, block->laid_out);

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
	report_missing(p, &extent.missing, figure->figure, figure->place, 0);
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
