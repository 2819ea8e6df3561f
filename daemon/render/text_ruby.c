#include "render/text_ruby.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/ruby.h"
#include "core/utf8.h"
#include "render/script.h"
#include "render/text_run.h"

/* In ems of the letters below. */
#define READING_GAP  0.05 /* between the ink of both */
#define OVERHANG     0.25 /* half a letter of a reading */
#define READING_SIZE 0.5

double text_reading_room(const struct font_metrics *metrics)
{
	return metrics->kanji_height * (READING_GAP + READING_SIZE);
}

struct text_cut text_ruby_cut(const struct text_style *style, bool reading)
{
	int size = (int)lround(style->size * READING_SIZE);

	return (struct text_cut){
		.size = reading ? (int)fmax(size, FONT_SIZE_MIN) : style->size,
		.role = style->role,
		.language = style->language,
	};
}

/* --- What is written --- */

static size_t count_readings(const char *text)
{
	struct ruby_piece piece;
	size_t count = 0;

	while (ruby_next(&text, &piece))
		count += piece.reading != NULL;
	return count;
}

bool text_ruby_take(struct text_block *block, struct err *err)
{
	const char *cursor = block->written;
	struct ruby_piece piece;
	size_t len = 0;

	if (!block->style.ruby) {
		block->text = strdup(block->written);
		return block->text || err_set(err, ERR_NO_MEMORY, "text: out of memory");
	}
	block->text = ruby_plain(block->written);
	block->readings =
		calloc(count_readings(block->written) + 1, sizeof(*block->readings));
	if (!block->text || !block->readings)
		return err_set(err, ERR_NO_MEMORY, "text: out of memory");
	while (ruby_next(&cursor, &piece)) {
		if (piece.reading)
			block->readings[block->reading_count++] = (struct text_reading){
				.start = len,
				.end = len + piece.len,
				.text = piece.reading,
				.len = piece.reading_len,
			};
		len += piece.len;
	}
	return true;
}

/* --- Where a reading and its base are --- */

static uint32_t last_before(const char *text, size_t at)
{
	const char *cursor;

	do
		at--;
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80);
	cursor = text + at;
	return utf8_next(&cursor);
}

static uint32_t first_behind(const char *text, size_t at)
{
	const char *cursor = text + at;

	return utf8_next(&cursor);
}

static bool is_kana(uint32_t c)
{
	return script_of(c) == SCRIPT_HIRAGANA || script_of(c) == SCRIPT_KATAKANA;
}

/* Whether letters may be spread: those of words in Latin letters belong together. */
static bool is_spread(const char *text, size_t len, size_t *out_count)
{
	const char *cursor = text;

	*out_count = 0;
	while (cursor < text + len) {
		uint32_t c = utf8_next(&cursor);

		if (!is_kana(c) && script_of(c) != SCRIPT_KANJI)
			return false;
		(*out_count)++;
	}
	return true;
}

/*
 * Sets the widths of reading @index on a line from @start to @end, with its place at 0.
 * Where one of the two is narrower, half of each gap goes to its ends (JLREQ 3.3.6).
 */
static bool reading_measure(struct font_set *fonts, const struct text_block *block,
			    size_t index, size_t start, size_t end,
			    struct text_reading *out, struct err *err)
{
	const struct text_reading *reading = &block->readings[index];
	struct text_cut cut = text_ruby_cut(&block->style, false);
	struct text_cut small = text_ruby_cut(&block->style, true);
	double base = 0, over, most = block->style.size * OVERHANG, left, right;
	size_t letters;

	*out = *reading;
	if (!text_run_measure(fonts, block->text, reading->start, reading->end, &cut,
			      &base, err) ||
	    !text_run_measure(fonts, reading->text, 0, reading->len, &small, &out->width,
			      err))
		return false;
	over = out->width - base;
	if (over <= 0) {
		out->extent = base;
		if (is_spread(reading->text, reading->len, &letters))
			out->gap = -over / (double)letters;
		out->width += out->gap * (double)(letters > 0 ? letters - 1 : 0);
		out->x = (base - out->width) / 2;
		return true;
	}
	/* What the base gets on either side, so that the reading has room. */
	left = right = over / 2;
	if (reading->start > start && is_kana(last_before(block->text, reading->start)) &&
	    (index == 0 || reading[-1].end < reading->start))
		left = fmax(left - most, 0);
	if (reading->end < end && is_kana(first_behind(block->text, reading->end)) &&
	    (index + 1 == block->reading_count || reading[1].start > reading->end))
		right = fmax(right - most, 0);
	if (is_spread(block->text + reading->start, reading->end - reading->start,
		      &letters))
		out->base_gap = 2 * fmin(left, right) / (double)letters;
	out->extent = base + left + right;
	out->x = left - over / 2;
	out->base_x = left - out->base_gap * (double)(letters > 0 ? letters - 1 : 0) / 2;
	return true;
}

/* The first reading at or behind byte @at. */
static size_t first_reading(const struct text_block *block, size_t at)
{
	size_t low = 0, high = block->reading_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (block->readings[middle].start < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool text_ruby_measure(struct font_set *fonts, const struct text_block *block,
		       size_t start, size_t end, double *out_width, struct err *err)
{
	struct text_cut cut = text_ruby_cut(&block->style, false);
	double total = 0, width = 0;
	size_t at = start;

	for (size_t i = first_reading(block, start);
	     i < block->reading_count && block->readings[i].end <= end; i++) {
		struct text_reading placed;

		if (!text_run_measure(fonts, block->text, at, block->readings[i].start,
				      &cut, &width, err) ||
		    !reading_measure(fonts, block, i, start, end, &placed, err))
			return false;
		total += width + placed.extent;
		at = placed.end;
	}
	if (!text_run_measure(fonts, block->text, at, end, &cut, &width, err))
		return false;
	*out_width = total + width;
	return true;
}

static bool line_place(struct font_set *fonts, struct text_block *block, size_t index,
		       struct err *err)
{
	const struct text_line *line = &block->lines[index];
	struct text_cut cut = text_ruby_cut(&block->style, false);
	double x = line->x, width = 0;
	size_t at = line->start;

	for (size_t i = first_reading(block, line->start);
	     i < block->reading_count && block->readings[i].end <= line->end; i++) {
		struct text_reading *reading = &block->readings[i];

		if (!text_run_measure(fonts, block->text, at, reading->start, &cut,
				      &width, err) ||
		    !reading_measure(fonts, block, i, line->start, line->end, reading,
				     err))
			return false;
		x += width;
		reading->line = index;
		reading->place = x;
		reading->x += x;
		reading->base_x += x;
		x += reading->extent;
		at = reading->end;
	}
	return true;
}

bool text_ruby_place(struct font_set *fonts, struct text_block *block, struct err *err)
{
	for (size_t i = 0; i < block->reading_count; i++)
		block->readings[i].line = block->line_count;
	for (size_t i = 0; block->reading_count > 0 && i < block->line_count; i++)
		if (!line_place(fonts, block, i, err))
			return false;
	return true;
}

/* --- Drawing --- */

/* Letters from @start to @end with @gap between them. */
static bool draw_spread(struct canvas *canvas, struct font_set *fonts, const char *text,
			size_t start, size_t end, const struct text_cut *cut,
			struct colour colour, double gap, double x, double baseline,
			struct err *err)
{
	if (gap <= 0)
		return text_run_draw(canvas, fonts, text, start, end, cut, colour, x,
				     baseline, err);
	while (start < end) {
		const char *next = text + start;
		double width = 0;
		size_t at;

		utf8_next(&next);
		at = (size_t)(next - text);
		if (!text_run_measure(fonts, text, start, at, cut, &width, err) ||
		    !text_run_draw(canvas, fonts, text, start, at, cut, colour, x,
				   baseline, err))
			return false;
		x += width + gap;
		start = at;
	}
	return true;
}

bool text_ruby_draw(struct canvas *canvas, struct font_set *fonts,
		    const struct text_block *block, size_t index, double x, double y,
		    struct err *err)
{
	const struct text_line *line = &block->lines[index];
	struct text_cut cut = text_ruby_cut(&block->style, false);
	struct text_cut small = text_ruby_cut(&block->style, true);
	struct colour colour = block->style.colour;
	double from = x + line->x, baseline = y + line->baseline;
	size_t at = line->start;

	for (size_t i = first_reading(block, line->start);
	     i < block->reading_count && block->readings[i].end <= line->end; i++) {
		const struct text_reading *reading = &block->readings[i];

		if (!text_run_draw(canvas, fonts, block->text, at, reading->start, &cut,
				   colour, from, baseline, err) ||
		    !draw_spread(canvas, fonts, block->text, reading->start, reading->end,
				 &cut, colour, reading->base_gap, x + reading->base_x,
				 baseline, err) ||
		    !draw_spread(canvas, fonts, reading->text, 0, reading->len, &small,
				 colour, reading->gap, x + reading->x,
				 baseline - block->reading_rise, err))
			return false;
		from = x + reading->place + reading->extent;
		at = reading->end;
	}
	return text_run_draw(canvas, fonts, block->text, at, line->end, &cut, colour,
			     from, baseline, err);
}
