#ifndef RENDER_SLIDE_NOTICE_H
#define RENDER_SLIDE_NOTICE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/notice.h"
#include "render/slide_paint.h"
#include "render/wording_notice.h"

/* Between slide_notice.c, slide_notice_aside.c and slide_notice_flow.c. */

/* A notice in one language. */
struct edition {
	const struct notice *notice;
	enum wording_language language;
	const char *fields; /* before the names of its fields: "translations.en." */
	bool ruby;          /* its texts may have readings */
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
	bool parted; /* a word is parted between two lines */
	enum type_size size;
};

#define FIELD_SIZE 64

/* Where staff find a text: "title", "translations.en.body". */
void edition_field(const struct edition *edition, const char *name,
		   char out[static FIELD_SIZE]);

bool notice_picture_is_tall(const struct notice_picture *picture);

/*
 * Draws code and picture and cuts them off @body; the picture may take @share of it, 0: there
 * is none on this page.
 */
void notice_aside(struct painter *p, const struct slide_source *source, struct box *body,
		  const struct edition *edition, double share);

/* Walks through all pages, and draws page @c->drawn (0: none); returns how many there are. */
int notice_flow(struct cursor *c, const struct edition *edition);

#endif /* RENDER_SLIDE_NOTICE_H */
