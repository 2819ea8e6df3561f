#ifndef RENDER_LINEBREAK_H
#define RENDER_LINEBREAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * Where lines end. Legal places come from ICU (UAX #14 with "ja@lb=strict": JIS X 4051
 * kinsoku), less those that would part a number from its unit or counter; among the rest
 * the phrase model (render/phrase.h) says how welcome a break is, and a dynamic programme
 * picks the breaks whose lines are few, even and between phrases. Nothing here knows
 * fonts: widths come from the caller.
 */

#define LINEBREAK_BYTES_MAX 8192

/* Cost of a break before a byte of the text. 0 is most welcome. */
#define LINEBREAK_COST_MAX 100
#define LINEBREAK_NEVER    254 /* not here, also within a character */
#define LINEBREAK_MUST     255 /* '\n' comes just before */

/*
 * Fills @costs[0 … strlen(@text)] with the cost of a break before each byte. The first
 * entry is NEVER, the last MUST. ERR_TOO_LARGE over LINEBREAK_BYTES_MAX.
 */
MUST_USE bool linebreak_costs(const char *text, uint8_t *costs, struct err *err);

/*
 * Whose rules hold. Chinese breaks between any two characters that kinsoku lets part, best
 * between words of ICU's dictionary; Korean only where there is a space. Latin text follows
 * its own rules in each.
 */
enum linebreak_language {
	LINEBREAK_JAPANESE,
	LINEBREAK_CHINESE,
	LINEBREAK_KOREAN,
};

/* As linebreak_costs(), which is for Japanese. */
MUST_USE bool linebreak_costs_in(enum linebreak_language language, const char *text,
				 uint8_t *costs, struct err *err);

struct linebreak_line {
	size_t start, end; /* bytes; without '\n' and spaces at the line's end */
	size_t next;       /* where the following line starts */
	double width;      /* by the caller's widths */
	uint8_t cost;      /* of the break at its end; 0 for the last line and at '\n' */
	bool too_wide; /* one unbreakable word is wider than the line: cut it or warn */
	bool hung;     /* its last mark hangs out of the line; @width is without it */
};

/* Bytes of a text within which no line ends: what has one reading above it. */
struct linebreak_group {
	size_t start, end;
};

struct linebreak_options {
	double max_width; /* 0: only '\n' ends lines */
	double em;        /* width of one full character: the scale of raggedness */
	bool balance; /* even lines (titles); else full lines (body), still by phrase */
	bool hang; /* 、。，． may stand behind the end of a full line (ぶら下げ, JLREQ 3.8.2) */
	bool turn; /* a further page may follow: leave a line over rather than part a word */
	const struct linebreak_group *groups; /* ascending; NULL: none */
	size_t group_count;
	enum linebreak_language language;
};

/* Width of @text's bytes @start to @end, one or more whole characters. */
typedef double linebreak_width_fn(void *context, const char *text, size_t start,
				  size_t end);

/*
 * Chooses lines for the whole text into @lines (room for @max) and their number into
 * @out_count. A title takes a line more than it needs where that saves a word from being
 * parted, but no more than @max for that. Text that needs more than @max lines: the first
 * @max, so that the last one's `next` is less than the text's length. A word wider than a
 * line is broken at character boundaries rather than left to stick out.
 */
MUST_USE bool linebreak_choose(const char *text, const struct linebreak_options *options,
			       linebreak_width_fn *width, void *context,
			       struct linebreak_line *lines, size_t max,
			       size_t *out_count, struct err *err);

#endif /* RENDER_LINEBREAK_H */
