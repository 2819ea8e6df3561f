#ifndef RENDER_OPEN_FONTS_H
#define RENDER_OPEN_FONTS_H

#include "render/font.h"
#include "support/test.h"

/* The fonts that a group of tests draws with, between its setup and its teardown. */
static struct font_set *fonts;

static inline int open_fonts(void **state)
{
	struct err err;

	(void)state;
	fonts = font_set_new(NULL, &err);
	if (fonts == NULL)
		fprintf(stderr, "%s\n", err.text);
	return fonts != NULL ? 0 : -1;
}

static inline int close_fonts(void **state)
{
	(void)state;
	fonts = font_set_free(fonts);
	return 0;
}

#endif /* RENDER_OPEN_FONTS_H */
