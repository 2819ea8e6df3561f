#include "render/text_run.h"

#include <math.h>
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"
#include "render/font_extent.h"
#include "render/font_face.h"
#include "render/pixel.h"
#include "render/run_mask.h"
#include "render/script.h"

/*
 * A run is drawn as one picture, which may not grow with the text: what is longer goes in
 * several, and what lies beyond the canvas not at all.
 */
#define RUN_CHARACTERS_MAX 64
#define RUN_BYTES_MAX      (RUN_CHARACTERS_MAX * 4)
#define RUN_MARKS_MAX      4 /* marks on one character; more are cut off */

struct run {
	char text[RUN_BYTES_MAX + RUN_MARKS_MAX * 4 + 1];
	size_t len, characters;
	int face;
};

/* Drawn together with the character before, by that one's font. */
static bool is_joined(uint32_t c)
{
	return (c >= 0x0300 && c <= 0x036F) || c == 0x3099 || c == 0x309A ||
	       c == 0x200D || (c >= 0xFE00 && c <= 0xFE0F) ||
	       (c >= 0xE0100 && c <= 0xE01EF);
}

static bool is_invisible(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x200B || c == 0x2060 ||
	       c == 0xFEFF || (c >= 0x200E && c <= 0x200F) ||
	       (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xAD;
}

static bool choose(struct font_set *fonts, const struct text_cut *cut, uint32_t c,
		   int *out_face, struct err *err)
{
	*out_face = FONT_FACE_NONE;
	/* U+FFFD stands for malformed bytes: no one meant to write it. */
	return c == 0xFFFD ||
	       font_face_choose(fonts, cut->role, cut->language, c, out_face, err);
}

static void append(struct run *run, uint32_t c)
{
	char bytes[4];
	size_t len = utf8_encode(c, bytes);

	if (run->len + len >= sizeof(run->text))
		return;
	memcpy(run->text + run->len, bytes, len);
	run->len += len;
	run->text[run->len] = '\0';
	run->characters++;
}

/*
 * Takes the next run from *@cursor, before @end, and leaves it empty at the end. What no
 * font has belongs to no run.
 */
MUST_USE static bool next_run(struct font_set *fonts, const struct text_cut *cut,
			      const char **cursor, const char *end, struct run *run,
			      struct err *err)
{
	*run = (struct run){.face = FONT_FACE_NONE};
	while (*cursor < end && **cursor != '\0') {
		const char *next = *cursor;
		uint32_t c = utf8_next(&next);
		int face = run->face;
		bool skip = is_invisible(c) || (is_joined(c) && run->len == 0);

		if (!skip && !is_joined(c) && !choose(fonts, cut, c, &face, err))
			return false;
		skip |= face == FONT_FACE_NONE;
		bool full = run->characters >= RUN_CHARACTERS_MAX && !is_joined(c);
		if (!skip && run->len > 0 && (face != run->face || full))
			return true;
		*cursor = next;
		if (skip)
			continue;
		run->face = face;
		append(run, c);
	}
	return true;
}

bool text_run_measure(struct font_set *fonts, const char *text, size_t start, size_t end,
		      const struct text_cut *cut, double *out_width, struct err *err)
{
	const char *cursor = text + start;
	struct font_extent extent;
	double total = 0;
	struct run run;

	for (;;) {
		if (!next_run(fonts, cut, &cursor, text + end, &run, err))
			return false;
		if (run.len == 0)
			break;
		if (!font_extent(fonts, run.face, run.text, &extent, err))
			return false;
		total += extent.width;
	}
	*out_width = total * cut->size / FONT_PROBE_SIZE;
	return true;
}

#define BLOCK 8 /* pixels that are looked at together: most of a line is empty */

static bool is_empty(const uint8_t *coverage)
{
	uint64_t all;

	_Static_assert(sizeof(all) == BLOCK, "a block is read as one number");
	memcpy(&all, coverage, sizeof(all));
	return all == 0;
}

/*
 * As pixel_blend() on each pixel of a block, but byte by byte in 16 bits, so that a compiler
 * can use lanes of that width.
 */
static void blend_block(uint32_t *to, const uint8_t *coverage, uint32_t colour)
{
	uint32_t over[BLOCK], alphas[BLOCK];
	const uint8_t *from = (const uint8_t *)over, *alpha = (const uint8_t *)alphas;
	uint8_t *at = (uint8_t *)to;

	for (size_t i = 0; i < BLOCK; i++) {
		over[i] = colour;
		alphas[i] = coverage[i] * 0x01010101u;
	}
	for (size_t i = 0; i < sizeof(over); i++) {
		uint16_t rest = (uint16_t)(255 - alpha[i]);
		uint16_t sum = (uint16_t)(from[i] * alpha[i] + at[i] * rest + 128);

		at[i] = (uint8_t)((uint16_t)(sum + (sum >> 8)) >> 8);
	}
}

static void blend_row(uint32_t *to, const uint8_t *coverage, int width, uint32_t colour)
{
	int x = 0;

	for (; x + BLOCK <= width; x += BLOCK)
		if (!is_empty(coverage + x))
			blend_block(to + x, coverage + x, colour);
	for (; x < width; x++)
		to[x] = pixel_blend(to[x], colour, coverage[x]);
}

/* Lays @mask in @colour onto @canvas, its run's start at (@left, @baseline). */
static void blend(struct canvas *canvas, const struct run_mask *mask, int left,
		  int baseline, struct colour colour)
{
	int top = baseline + mask->top;
	int first = left < 0 ? -left : 0;
	int width = (mask->width < canvas->width - left ? mask->width
							: canvas->width - left) -
		    first;

	if (width <= 0)
		return;
	canvas_touch(canvas, (int[4]){left + first, top, width, mask->height});
	for (int y = top < 0 ? -top : 0; y < mask->height && top + y < canvas->height;
	     y++)
		blend_row(pixel_row(canvas, top + y) + left + first,
			  mask->pixels + (ptrdiff_t)y * mask->width + first, width,
			  colour.rgb);
}

/* What may be remembered of runs: one sixteenth of what the canvas takes. */
static size_t room_beside(const struct canvas *canvas)
{
	return (size_t)canvas->width * (size_t)canvas->height * sizeof(*canvas->pixels) /
	       16;
}

static bool draw_run(struct canvas *canvas, struct font_set *fonts, const struct run *run,
		     int size, struct colour colour, double x, double baseline,
		     struct err *err)
{
	struct run_letters letters = {run->text, run->characters, run->face, size};
	struct run_mask mask;

	if (!run_mask(fonts, &letters, room_beside(canvas), &mask, err))
		return false;
	blend(canvas, &mask, (int)lround(x), (int)lround(baseline), colour);
	return true;
}

bool text_run_draw(struct canvas *canvas, struct font_set *fonts, const char *text,
		   size_t start, size_t end, const struct text_cut *cut,
		   struct colour colour, double x, double baseline, struct err *err)
{
	double scale = (double)cut->size / FONT_PROBE_SIZE;
	const char *cursor = text + start;
	struct font_extent extent;
	struct run run;

	if (!(fabs(x) < 1e6) || !(fabs(baseline) < 1e6))
		return true; /* nowhere near the canvas */
	for (;;) {
		double width = 0;
		if (!next_run(fonts, cut, &cursor, text + end, &run, err))
			return false;
		if (run.len == 0)
			return true;
		if (!font_extent(fonts, run.face, run.text, &extent, err))
			return false;
		width = extent.width * scale;
		/* Half an em on either side covers ink that sticks out. */
		bool seen = x + width > -cut->size && x < canvas->width + cut->size &&
			    baseline > -cut->size &&
			    baseline < canvas->height + 2 * cut->size;
		if (seen && !draw_run(canvas, fonts, &run, cut->size, colour,
				      x - extent.left * scale,
				      baseline - extent.above * scale, err))
			return false;
		x += width;
	}
}

static bool is_listed(const struct text_missing *missing, uint32_t c)
{
	for (size_t i = 0; i < missing->listed; i++)
		if (missing->code_points[i] == c)
			return true;
	return false;
}

static void list_missing(struct text_missing *missing, uint32_t c, size_t at)
{
	if (missing->listed == TEXT_MISSING_MAX || is_listed(missing, c))
		return;
	missing->at[missing->listed] = at;
	missing->code_points[missing->listed++] = c;
}

void text_missing_add(struct text_missing *to, const struct text_missing *more)
{
	to->count += more->count;
	for (size_t i = 0; i < more->listed; i++)
		list_missing(to, more->code_points[i], more->at[i]);
}

bool text_run_letters(struct font_set *fonts, const char *text, size_t start, size_t end,
		      const struct text_cut *cut, struct text_letters *letters,
		      struct err *err)
{
	for (const char *cursor = text + start; cursor < text + end && *cursor != '\0';) {
		size_t at = (size_t)(cursor - text);
		uint32_t c = utf8_next(&cursor);
		if (is_invisible(c) || is_joined(c))
			continue;

		int face = FONT_FACE_NONE;
		if (!choose(fonts, cut, c, &face, err))
			return false;
		if (face == FONT_FACE_NONE) {
			letters->missing.count++;
			list_missing(&letters->missing, c, at);
			continue;
		}
		enum script script = script_of(c);
		letters->japanese |= script == SCRIPT_HIRAGANA ||
				     script == SCRIPT_KATAKANA ||
				     script == SCRIPT_KANJI || script == SCRIPT_HANGUL;
		letters->latin |= script == SCRIPT_LATIN || script == SCRIPT_DIGIT;
	}
	return true;
}
