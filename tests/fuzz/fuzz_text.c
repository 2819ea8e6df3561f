/*
 * Any text on a slide: where its lines end in each language, and how it is laid out. Notices
 * are checked before they come so far, but no text may do harm here.
 */
#include <math.h>
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"
#include "fuzz/fuzz.h"
#include "render/linebreak.h"
#include "render/text.h"

#define LINES_MAX 40
#define LAID_MAX  1000 /* bytes that are set in fonts: measuring takes its time */

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

static void check_block(struct font_set *fonts, const char *text,
			enum font_language language)
{
	const struct text_style style = {
		.size = 40,
		.language = language,
		.max_width = 600,
		.max_lines = 12,
		.balance = strlen(text) % 2 == 0,
	};
	struct err err = {0};
	struct text_block *block = text_layout(fonts, text, &style, &err);

	must_hold(block != NULL);
	must_hold(block->line_count <= 12 && block->consumed <= strlen(text));
	must_hold(block->consumed == strlen(text) || block->overflow);
	must_hold(isfinite(block->width) && isfinite(block->height));
	text_block_free(block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct font_set *fonts;
	struct err err = {0};
	char *text = malloc(size + 1);

	must_hold(text != NULL);
	if (!fonts)
		fonts = font_set_new(NULL, &err);
	must_hold(fonts != NULL);
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	for (int language = LINEBREAK_JAPANESE; language <= LINEBREAK_KOREAN; language++)
		for (int balance = 0; balance < 2; balance++)
			check_lines(text,
				    &(struct linebreak_options){
					    .max_width = 12,
					    .em = 1,
					    .balance = balance,
					    .language = (enum linebreak_language)language,
				    });
	if (strlen(text) <= LAID_MAX)
		for (int language = 0; language < FONT_LANGUAGES; language++)
			check_block(fonts, text, (enum font_language)language);
	free(text);
	return 0;
}
