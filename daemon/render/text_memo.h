#ifndef RENDER_TEXT_MEMO_H
#define RENDER_TEXT_MEMO_H

#include "core/attr.h"

struct err;
struct font_set;
struct text_block;
struct text_memo;
struct text_style;

/*
 * Layouts that were made lately. A page is laid out to see how many there are and again to
 * be drawn, in each language, and a text at several sizes until one fits; and header and
 * footer are the same on all pages.
 */
MUST_USE struct text_memo *text_memo_new(void);           /* NULL without memory */
struct text_memo *text_memo_free(struct text_memo *memo); /* NULL is fine; returns NULL */

/*
 * As text_layout(), of the same fonts each time. Borrowed until the next call. NULL on
 * failure.
 */
MUST_USE const struct text_block *text_memo_layout(struct text_memo *memo,
						   struct font_set *fonts,
						   const char *text,
						   const struct text_style *style,
						   struct err *err);

#endif /* RENDER_TEXT_MEMO_H */
