#include "render/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/ruby.h"
#include "render/linebreak.h"
#include "render/text_ruby.h"
#include "render/text_run.h"

#define LINE_HEIGHT_USUAL 1.4

struct text_block *text_block_free(struct text_block *block)
{
	if (block == NULL)
		return NULL;
	free(block->text);
	free(block->written);
	free(block->lines);
	free(block->readings);
	free(block);
	return NULL;
}

void text_block_cleanup(struct text_block **block)
{
	*block = text_block_free(*block);
}

/* What the width function of line breaking, which can't fail, notes of failures. */
struct measuring {
	struct font_set *fonts;
	const struct text_block *block;
	bool failed;
	struct err err;
};

static double measure(void *context, const char *text, size_t start, size_t end)
{
	struct measuring *measuring = context;
	double width = 0;

	(void)text; /* the block's own */
	if (measuring->failed)
		return 0;
	if (!text_ruby_measure(measuring->fonts, measuring->block, start, end, &width,
			       &measuring->err))
		measuring->failed = true;
	return width;
}

static bool check_style(const struct text_style *style, struct err *err)
{
	if (style->size < FONT_SIZE_MIN || style->size > FONT_SIZE_MAX)
		return err_set(err, ERR_INVALID,
			       "text: size %d is not within %d–%d pixels", style->size,
			       FONT_SIZE_MIN, FONT_SIZE_MAX);
	return true;
}

static size_t line_limit(const struct text_style *style)
{
	return style->max_lines > 0 && style->max_lines < TEXT_LINES_MAX
		       ? (size_t)style->max_lines
		       : TEXT_LINES_MAX;
}

static enum linebreak_language breaks_of(enum font_language language)
{
	switch (language) {
	case FONT_JAPANESE:
		return LINEBREAK_JAPANESE;
	case FONT_CHINESE_SIMPLIFIED:
	case FONT_CHINESE_TRADITIONAL:
		return LINEBREAK_CHINESE;
	case FONT_KOREAN:
		return LINEBREAK_KOREAN;
	}
	return LINEBREAK_JAPANESE;
}

/* Chooses lines; @groups has room for one for each reading. */
static bool choose_lines(struct font_set *fonts, struct text_block *block,
			 struct linebreak_group *groups, struct linebreak_line *lines,
			 size_t *out_count, struct err *err)
{
	const struct text_style *style = &block->style;
	struct measuring measuring = {.fonts = fonts, .block = block};
	const struct linebreak_options options = {
		.max_width = style->max_width,
		.em = style->size,
		.balance = style->balance,
		.hang = style->hang && style->align != TEXT_CENTRE &&
			style->language == FONT_JAPANESE,
		.turn = style->turn,
		.groups = groups,
		.group_count = block->reading_count,
		.language = breaks_of(style->language),
	};

	for (size_t i = 0; i < block->reading_count; i++)
		groups[i] = (struct linebreak_group){block->readings[i].start,
						     block->readings[i].end};
	if (!linebreak_choose(block->text, &options, measure, &measuring, lines,
			      line_limit(style), out_count, err))
		return false;
	if (measuring.failed)
		*err = measuring.err;
	return !measuring.failed;
}

/* Exact widths, where line breaking added up those of words. */
static bool measure_line(struct font_set *fonts, struct text_block *block,
			 struct text_line *line, bool hung, struct err *err)
{
	const size_t mark = strlen("。");
	struct text_cut cut = text_ruby_cut(&block->style, false);

	if (!text_ruby_measure(fonts, block, line->start, line->end, &line->width, err))
		return false;
	if (hung && line->width > block->style.max_width) {
		if (!text_run_measure(fonts, block->text, line->end - mark, line->end,
				      &cut, &line->hang, err))
			return false;
		line->width -= line->hang;
	}
	block->width = fmax(block->width, line->width);
	return true;
}

static bool break_lines(struct font_set *fonts, struct text_block *block, struct err *err)
{
	struct linebreak_line lines[TEXT_LINES_MAX];
	struct linebreak_group *groups =
		calloc(block->reading_count + 1, sizeof(*groups));
	size_t count = 0;
	bool chosen;

	if (!groups)
		return err_set(err, ERR_NO_MEMORY, "text: out of memory");
	chosen = choose_lines(fonts, block, groups, lines, &count, err);
	free(groups);
	if (!chosen)
		return false;
	block->lines = calloc(count + 1, sizeof(*block->lines));
	if (block->lines == NULL)
		return err_set(err, ERR_NO_MEMORY, "text: out of memory");
	for (size_t i = 0; i < count; i++) {
		struct text_line *line = &block->lines[block->line_count++];
		*line = (struct text_line){.start = lines[i].start, .end = lines[i].end};
		block->overflow |= lines[i].too_wide;
		if (lines[i].cost > block->worst_break)
			block->worst_break = lines[i].cost;
		block->laid_out = lines[i].next;
		if (!measure_line(fonts, block, line, lines[i].hung, err))
			return false;
	}
	block->overflow |= block->text[block->laid_out] != '\0';
	block->consumed = block->style.ruby
				  ? ruby_written(block->written, block->laid_out)
				  : block->laid_out;
	return true;
}

static void place_lines(struct text_block *block, const struct font_metrics *metrics)
{
	const struct text_style *style = &block->style;
	double factor = style->line_height > 0 ? style->line_height : LINE_HEIGHT_USUAL;
	double ascent = metrics->kanji_height - metrics->kanji_descent;
	double room = text_reading_room(metrics), top = ascent;

	/* One pitch for the whole block; above its first line only what is there. */
	if (block->reading_count > 0)
		factor = fmax(factor, TEXT_PITCH_READINGS);
	if (block->line_count > 0 && block->reading_count > 0 &&
	    block->readings[0].start < block->lines[0].end)
		block->top = room;
	top += block->top;
	block->reading_rise =
		ascent + room - metrics->kanji_height / 2 + metrics->kanji_descent / 2;
	if (style->align != TEXT_LEFT && style->max_width > 0)
		block->width = style->max_width;
	for (size_t i = 0; i < block->line_count; i++) {
		struct text_line *line = &block->lines[i];
		double spare = block->width - line->width;
		line->baseline = top + (double)i * style->size * factor;
		if (style->align == TEXT_CENTRE)
			line->x = spare / 2;
		else if (style->align == TEXT_RIGHT)
			line->x = spare;
		block->height = line->baseline + metrics->kanji_descent;
	}
}

/* Which of its characters no font has, and how tall letters are. */
static bool note_letters(struct font_set *fonts, struct text_block *block,
			 const struct font_metrics *metrics, struct err *err)
{
	struct text_cut cut = text_ruby_cut(&block->style, false);
	struct text_cut small = text_ruby_cut(&block->style, true);
	struct text_letters letters = {0};

	if (!text_run_letters(fonts, block->text, 0, block->laid_out, &cut, &letters,
			      err))
		return false;
	block->letter_japanese = letters.japanese ? metrics->kanji_height : 0;
	block->letter_latin = letters.latin ? metrics->capital_height : 0;
	if (block->style.ruby)
		for (size_t i = 0; i < letters.missing.listed; i++)
			letters.missing.at[i] =
				ruby_written(block->written, letters.missing.at[i]);
	for (size_t i = 0; i < block->reading_count; i++) {
		const struct text_reading *reading = &block->readings[i];
		size_t at = (size_t)(reading->text - block->written);

		if (reading->line == block->line_count)
			break;
		block->letter_reading = metrics->kanji_height / 2;
		if (!text_run_letters(fonts, block->written, at, at + reading->len,
				      &small, &letters, err))
			return false;
	}
	block->missing = letters.missing;
	return true;
}

struct text_block *text_layout(struct font_set *fonts, const char *text,
			       const struct text_style *style, struct err *err)
{
	struct font_metrics metrics;
	struct text_block *block = NULL;

	size_t len = strlen(text);
	if (len > TEXT_BYTES_MAX) {
		err_set(err, ERR_TOO_LARGE, "text: longer than %d bytes", TEXT_BYTES_MAX);
		return NULL;
	}
	if (!check_style(style, err) || !font_measure(fonts, style->role, style->language,
						      style->size, &metrics, err))
		return NULL;

	block = calloc(1, sizeof(*block));
	if (block == NULL || (block->written = strndup(text, len)) == NULL) {
		err_set(err, ERR_NO_MEMORY, "text: out of memory");
		return text_block_free(block);
	}
	block->style = *style;
	if (!text_ruby_take(block, err) || !break_lines(fonts, block, err))
		return text_block_free(block);
	place_lines(block, &metrics);
	if (!text_ruby_place(fonts, block, err) ||
	    !note_letters(fonts, block, &metrics, err))
		return text_block_free(block);
	return block;
}

bool text_draw(struct canvas *canvas, struct font_set *fonts,
	       const struct text_block *block, double x, double y, struct err *err)
{
	for (size_t i = 0; i < block->line_count; i++)
		if (!text_ruby_draw(canvas, fonts, block, i, x, y, err))
			return false;
	return true;
}
