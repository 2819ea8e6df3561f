#ifndef RENDER_TEXT_H
#define RENDER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "render/canvas.h"
#include "render/font.h"

struct err;

/*
 * Text: laid out into a block once, which tests and layout can look at without pixels,
 * then drawn. Each character is drawn by the first font of its language that has it; what
 * no font has is left out of the picture and listed in the block.
 */

#define TEXT_BYTES_MAX   8192
#define TEXT_LINES_MAX   200
#define TEXT_MISSING_MAX 8

enum text_align { TEXT_LEFT, TEXT_CENTRE, TEXT_RIGHT };

/* Zero is a usual value for all but size. */
struct text_style {
	int size; /* pixels per em, FONT_SIZE_MIN–FONT_SIZE_MAX */
	enum font_role role;
	enum font_language language;
	struct colour colour;
	double line_height; /* baseline to baseline as a multiple of size; 0: 1.4 */
	double max_width;   /* pixels; 0: lines end only at '\n' */
	int max_lines;      /* 0: TEXT_LINES_MAX */
	enum text_align align;
	bool balance; /* lines of about equal length; else filled one by one */
	bool ruby; /* 《よみ》 are readings (core/ruby.h), set above what they are of */
	bool hang; /* a full line's last 、 or 。 may stand right of max_width; not centred */
	bool turn; /* the text may go on elsewhere: it does rather than part a word */
};

struct text_line {
	size_t start,
		end;     /* bytes of the text, without the line's end and outer spaces */
	double x;        /* of the line's left end, from the block's left edge */
	double baseline; /* from the block's top */
	double width;    /* advance, less @hang */
	double hang;     /* advance of a mark that stands out behind the line; 0: none */
};

/*
 * A reading in letters of half the size, and what it stands above. They have one middle
 * (JIS X 4051, group ruby): the narrower of the two is spread, unless it has letters of
 * other scripts. A reading reaches over kana beside its base, at most half a letter of its
 * own on each side, and never out of the line.
 */
struct text_reading {
	size_t start, end;    /* bytes of the block's text that it stands above */
	const char *text;     /* borrowed from the block; not NUL-terminated */
	size_t len;           /* bytes */
	size_t line;          /* of the block's lines; line_count: behind the last */
	double x;             /* of its left end, from the block's left edge */
	double gap;           /* between its letters */
	double width;         /* advance, gaps included */
	double place, extent; /* left end and advance of what the base has of the line */
	double base_x, base_gap; /* of the base's letters */
};

struct text_missing {
	size_t count;                           /* characters, repeated ones too */
	uint32_t code_points[TEXT_MISSING_MAX]; /* the first different ones */
	size_t at[TEXT_MISSING_MAX]; /* byte of the text, as written, of each */
	size_t listed;
};

/* Owned; a copy of the text is inside. */
struct text_block {
	char *text;    /* as readers see it: without readings and their marks */
	char *written; /* as it was given */
	struct text_style style;
	struct text_line *lines;
	size_t line_count;
	struct text_reading *readings; /* in the text's order */
	size_t reading_count;
	double reading_rise; /* of their baseline above the line's */
	double width;        /* of the widest line; with centre or right alignment and a
		       * max_width, that: lines lie within 0–width */
	double height;   /* from the top of the first line's letters to the last line's
			* bottom; letters are centred in it (top of ink of 「木」 to bottom
			* of ink of 「木」), so that a block sits optically in a box */
	double top;      /* of that, readings above the first line's letters */
	size_t laid_out; /* bytes of @text in the lines */
	size_t consumed; /* the same of @written; less than all when max_lines was too
			  * few: where the next page goes on */
	bool overflow;   /* lines left over, or a word wider than max_width */
	int worst_break; /* 0–100, linebreak.h: from about 90 on a word is parted */
	double letter_japanese; /* px height of 「木」 drawn here; 0: no such letters */
	double letter_latin;    /* px height of "E" drawn here; 0: no such letters */
	double letter_reading; /* px height of 「木」 in readings drawn here; 0: none */
	struct text_missing missing;
};

/* A block with readings has at least this from baseline to baseline, in ems. */
#define TEXT_PITCH_READINGS 1.7

/* The room that readings take above the letters of a line, in pixels. */
double text_reading_room(const struct font_metrics *metrics);

/*
 * Lays out @text (UTF-8; malformed bytes count as missing U+FFFD, control characters other
 * than '\n' are left out). ERR_TOO_LARGE over TEXT_BYTES_MAX. Too little room is no error:
 * see `overflow`. Owned by the caller.
 */
MUST_USE struct text_block *text_layout(struct font_set *fonts, const char *text,
					const struct text_style *style, struct err *err);
struct text_block *text_block_free(struct text_block *block); /* NULL is fine; NULL */
void text_block_cleanup(struct text_block **block);           /* for CLEANUP() */

/* Draws with the block's top left corner at (@x, @y), clipped to the canvas. */
MUST_USE bool text_draw(struct canvas *canvas, struct font_set *fonts,
			const struct text_block *block, double x, double y,
			struct err *err);

/* The smaller of two heights of letters, of which 0 stands for none. */
double text_smaller(double a, double b);

/* --- One line of pieces on a common baseline: a figure with its unit --- */

#define TEXT_SPANS_MAX 16

struct text_span {
	const char *text; /* one line; borrowed */
	int size;
	enum font_role role;
	enum font_language language;
	struct colour colour;
	double gap;  /* pixels before it */
	double rise; /* pixels above the common baseline */
};

/* What a row of spans takes, in pixels. */
struct text_extent {
	double width; /* advance, gaps included */
	double ascent; /* ink of the tallest letter above the baseline, from letter heights */
	double descent; /* of 「木」 below the baseline; 0 when there are only figures */
	double letter_japanese; /* smallest 「木」 among spans with such letters, or 0 */
	double letter_latin;    /* smallest "E" among spans with such letters, or 0 */
	struct text_missing missing;
};

MUST_USE bool text_spans_measure(struct font_set *fonts, const struct text_span *spans,
				 size_t count, struct text_extent *out, struct err *err);
/* @align says which end of the row is at @x; @baseline from the canvas's top. */
MUST_USE bool text_spans_draw(struct canvas *canvas, struct font_set *fonts,
			      const struct text_span *spans, size_t count,
			      enum text_align align, double x, double baseline,
			      struct err *err);

#endif /* RENDER_TEXT_H */
