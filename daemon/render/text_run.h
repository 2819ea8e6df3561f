#ifndef RENDER_TEXT_RUN_H
#define RENDER_TEXT_RUN_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "render/text.h"

/* Pieces of one line that one font draws: between text.h and SDL_ttf. */

/* How a piece of text is set; what measuring and drawing need of a style or span. */
struct text_cut {
	int size;
	enum font_role role;
	enum font_language language;
};

/* Which letters a text has, and which of its characters no font has. */
struct text_letters {
	bool japanese; /* kana, Chinese characters, Hangul */
	bool latin;    /* letters and figures */
	struct text_missing missing;
};

/* Advance of @text's bytes @start to @end, in pixels. */
MUST_USE bool text_run_measure(struct font_set *fonts, const char *text, size_t start,
			       size_t end, const struct text_cut *cut, double *out_width,
			       struct err *err);

MUST_USE bool text_run_draw(struct canvas *canvas, struct font_set *fonts,
			    const char *text, size_t start, size_t end,
			    const struct text_cut *cut, struct colour colour, double x,
			    double baseline, struct err *err);

/* Adds what @text's bytes @start to @end hold to @letters, places by bytes of @text. */
MUST_USE bool text_run_letters(struct font_set *fonts, const char *text, size_t start,
			       size_t end, const struct text_cut *cut,
			       struct text_letters *letters, struct err *err);

void text_missing_add(struct text_missing *to, const struct text_missing *more);

#endif /* RENDER_TEXT_RUN_H */
