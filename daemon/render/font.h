#ifndef RENDER_FONT_H
#define RENDER_FONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * The fonts of fonts/README.md, opened when first needed and kept in a bounded cache, so
 * that memory stays flat however many slides are drawn. A set is used by one thread at a
 * time; several sets may live in several threads.
 */
struct font_set;

/*
 * What a piece of text is for; decides cut and weight. Figures that change in place or
 * stand in columns (clock, live count, tables) take the tabular roles: digits half an em
 * wide each, all else as text. A single large figure looks better in text's own wide
 * digits, of which only "1" is narrower.
 */
enum font_role {
	FONT_TEXT,        /* BIZ UDPGothic Regular: proportional */
	FONT_BOLD,        /* BIZ UDPGothic Bold */
	FONT_FIGURE,      /* as FONT_TEXT, with the digits of BIZ UDGothic */
	FONT_FIGURE_BOLD, /* as FONT_BOLD, with the digits of BIZ UDGothic */
};
#define FONT_ROLES 4

/* Whose forms the Chinese characters take, and which font comes first. */
enum font_language {
	FONT_JAPANESE, /* also for Latin text: BIZ UD, then Noto Sans CJK JP, KR, SC, TC */
	FONT_CHINESE_SIMPLIFIED,  /* Noto Sans CJK SC first */
	FONT_CHINESE_TRADITIONAL, /* Noto Sans CJK TC first */
	FONT_KOREAN,              /* Noto Sans CJK KR first */
};
#define FONT_LANGUAGES 4

#define FONT_SIZE_MIN 6   /* pixels per em */
#define FONT_SIZE_MAX 800 /* pixels per em */

/*
 * @font_dir: where Debian's packages put fonts, NULL for /usr/share/fonts. NULL on failure:
 * the error names the missing file and the package that has it.
 */
MUST_USE struct font_set *font_set_new(const char *font_dir, struct err *err);
struct font_set *font_set_free(struct font_set *set); /* NULL is fine; returns NULL */

/*
 * Gives back what only makes the next drawing faster: letters at their sizes. For a set that
 * is not needed for some seconds.
 */
void font_set_rest(struct font_set *set);

/* Whether some font of the set has a glyph for @code_point. */
MUST_USE bool font_covers(struct font_set *set, uint32_t code_point, bool *out_covers,
			  struct err *err);

/* Measures of a role at one size, in pixels. */
struct font_metrics {
	double ascent;       /* from baseline to the top of the tallest glyph */
	double descent;      /* from baseline to the bottom; positive */
	double kanji_height; /* of the ink of 「木」: the letter of guideline tables */
	double kanji_descent;  /* how far 「木」 reaches below the baseline */
	double capital_height; /* of the ink of "E" */
	double digit_height;   /* of the ink of "8" */
	double digit_ascent; /* of it above the baseline: figures reach a little below */
};

MUST_USE bool font_measure(struct font_set *set, enum font_role role,
			   enum font_language language, int size,
			   struct font_metrics *out, struct err *err);

/*
 * The smallest size at which the letter (「木」 when @japanese, else "E") is at least
 * @height pixels tall; FONT_SIZE_MAX when none is.
 */
MUST_USE bool font_size_for_height(struct font_set *set, enum font_role role,
				   enum font_language language, bool japanese,
				   double height, int *out_size, struct err *err);

/* Open font files right now; stays below a fixed bound (for tests and health). */
size_t font_open_count(const struct font_set *set);
#define FONT_OPEN_MAX 14

#endif /* RENDER_FONT_H */
