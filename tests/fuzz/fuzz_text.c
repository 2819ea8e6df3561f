/*
 * Any text on a slide: the readings in it, where its lines end in each language, and how it is
 * laid out. Notices are checked before they come so far, but no text may do harm here.
 */
#include <math.h>
#include <string.h>

#include "core/err.h"
#include "core/ruby.h"
#include "core/utf8.h"
#include "fuzz/fuzz.h"
#include "render/linebreak.h"
#include "render/text.h"

#define LINES_MAX 40
#define LAID_MAX  1000 /* bytes that are set in fonts: measuring takes its time */

/* The pieces are the text without its readings, and nothing of it gets lost. */
static void check_ruby(const char *text)
{
	char *plain = ruby_plain(text);
	const char *cursor = text;
	struct ruby_piece piece;
	size_t len = 0, written = 0;

	must_hold(plain != NULL && strlen(plain) <= strlen(text));
	while (ruby_next(&cursor, &piece)) {
		must_hold(piece.text >= text && piece.text + piece.len <= cursor);
		must_hold(len + piece.len <= strlen(plain));
		must_hold(memcmp(plain + len, piece.text, piece.len) == 0);
		must_hold(!piece.reading || piece.reading + piece.reading_len <= cursor);
		len += piece.len;
	}
	must_hold(len == strlen(plain) && cursor == text + strlen(text));
	for (size_t at = 0; at <= len; at += 1 + len / 100) {
		size_t before = written;

		written = ruby_written(text, at);
		must_hold(written >= before && written <= strlen(text));
	}
	free(plain);
}

/* Full characters an em wide, others half of one. */
static double width(void *context, const char *text, size_t start, size_t end)
{
	const char *at = text + start;
	double sum = 0;

	(void)context;
	while (at < text + end)
		sum += utf8_next(&at) < 0x2000 ? 0.5 : 1;
	return sum;
}

static void check_lines(const char *text, const struct linebreak_options *options)
{
	struct linebreak_line lines[LINES_MAX];
	struct err err = {0};
	size_t count = 0, len = strlen(text), at = 0;

	if (!linebreak_choose(text, options, width, NULL, lines, LINES_MAX, &count,
			      &err)) {
		must_hold(err.code == ERR_TOO_LARGE && len > LINEBREAK_BYTES_MAX);
		return;
	}
	must_hold(count <= LINES_MAX);
	for (size_t i = 0; i < count; i++) {
		must_hold(lines[i].start == at && lines[i].start <= lines[i].end);
		must_hold(lines[i].end <= lines[i].next && lines[i].next <= len);
		must_hold(isfinite(lines[i].width));
		at = lines[i].next;
	}
	must_hold(at == len || count == LINES_MAX);
}

/* Readings and their bases are whole, each in one line. */
static void check_readings(const struct text_block *block)
{
	for (size_t i = 0; i < block->reading_count; i++) {
		const struct text_reading *reading = &block->readings[i];
		const struct text_line *line = &block->lines[reading->line];

		if (reading->line == block->line_count)
			continue;
		must_hold(line->start <= reading->start && reading->end <= line->end);
		must_hold(isfinite(reading->x) && isfinite(reading->base_x));
		must_hold(reading->extent >= 0 && reading->gap >= 0);
	}
}

static void check_block(struct font_set *fonts, const char *text,
			enum font_language language, unsigned manner)
{
	const struct text_style style = {
		.size = 40,
		.language = language,
		.max_width = 600,
		.max_lines = 12,
		.balance = manner & 1,
		.ruby = manner & 2,
		.hang = manner & 4,
		.turn = manner & 8,
	};
	struct err err = {0};
	struct text_block *block = text_layout(fonts, text, &style, &err);

	must_hold(block != NULL);
	must_hold(block->line_count <= 12 && block->consumed <= strlen(text));
	must_hold(block->consumed == strlen(text) || block->overflow);
	must_hold(isfinite(block->width) && isfinite(block->height));
	check_readings(block);
	text_block_free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct font_set *fonts;
	struct err err = {0};
	char *text = malloc(size + 1);
	unsigned sum = 0;

	must_hold(text != NULL);
	if (!fonts)
		fonts = font_set_new(NULL, &err);
	must_hold(fonts != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	check_ruby(text);
	/* Each input in one language and manner: which one is as good as random. */
	for (size_t i = 0; i < size; i++)
		sum = sum * 31 + data[i];
	check_lines(text, &(struct linebreak_options){
				  .max_width = 12,
				  .em = 1,
				  .balance = sum & 1,
				  .hang = sum & 8,
				  .turn = sum & 16,
				  .language = (enum linebreak_language)(sum / 2 % 3),
			  });
	if (strlen(text) <= LAID_MAX)
		check_block(fonts, text, (enum font_language)(sum / 2 % FONT_LANGUAGES),
			    sum / 8);
	free(text);
	return 0;
}
