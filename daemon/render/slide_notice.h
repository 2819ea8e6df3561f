#ifndef RENDER_SLIDE_NOTICE_H
#define RENDER_SLIDE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/notice.h"
#include "render/slide_paint.h"
#include "render/wording_notice.h"

/* Between slide_notice.c and slide_notice_flow.c. */

/* A notice in one language. */
struct edition {
	const struct notice *notice;
	enum wording_language language;
	const char *title, *body, *department; /* body: NULL for none */
	const struct notice_fact *facts;
	size_t fact_count;
};

/* Where the next thing goes. Pages other than @drawn are walked through, not drawn. */
struct cursor {
	struct painter *draw;          /* of the page that is drawn */
	struct painter *walk;          /* measures only */
	struct box first, other, room; /* on page 1, on later pages, what is left */
	int page, drawn;
	bool fresh;  /* nothing is on this page yet */
	bool single; /* only asked whether one page is enough */
	enum type_size size;
};

/* Walks through all pages, and draws page @c->drawn (0: none); returns how many there are. */
int notice_flow(struct cursor *c, const struct edition *edition);

#endif /* RENDER_SLIDE_NOTICE_H */
