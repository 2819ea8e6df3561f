#ifndef RENDER_TEXT_RUBY_H
#define RENDER_TEXT_RUBY_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "render/text.h"

/* Readings, between text.h and text_run.h: lines that have some are measured and drawn here. */

/* Takes @block's readings out of what is written: sets text and readings. */
MUST_USE bool text_ruby_take(struct text_block *block, struct err *err);

/* Advance of bytes @start to @end of @block's text, as a line of its own. */
MUST_USE bool text_ruby_measure(struct font_set *fonts, const struct text_block *block,
				size_t start, size_t end, double *out_width,
				struct err *err);

/* Says where each reading is, once lines are placed. */
MUST_USE bool text_ruby_place(struct font_set *fonts, struct text_block *block,
			      struct err *err);

/* Draws a line with the block's top left corner at (@x, @y). */
MUST_USE bool text_ruby_draw(struct canvas *canvas, struct font_set *fonts,
			     const struct text_block *block, size_t line, double x,
			     double y, struct err *err);

/* How text of @style is set, and readings above it. */
struct text_cut text_ruby_cut(const struct text_style *style, bool reading);

#endif /* RENDER_TEXT_RUBY_H */
