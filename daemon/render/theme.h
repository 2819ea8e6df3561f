#ifndef RENDER_THEME_H
#define RENDER_THEME_H

#include <stdbool.h>

#include "render/canvas.h"

/* What an accent stands for. Shape and word always go with it. */
enum theme_accent {
	THEME_NEUTRAL,        /* ink */
	THEME_IMPLEMENTATION, /* 導入実行, with a dot */
	THEME_CONSIDERATION,  /* 適用検討, with a diamond */
	THEME_RESEARCH,       /* 調査研究, with a triangle */
	THEME_NOTICE,         /* お知らせ */
};
#define THEME_ACCENTS 5

struct theme {
	bool dark;
	struct colour paper; /* ground */
	struct colour ink;   /* text */
	struct colour soft;  /* lesser text; 7:1 on paper and panel as well */
	struct colour line;  /* hairlines; never text */
	struct colour panel; /* calm areas on the paper */
	/* Color Universal Design colours, by enum theme_accent: for shapes, not text. */
	struct colour accent[THEME_ACCENTS];
};

/* The light theme for daylight, the dark one for the night. */
const struct theme *theme_get(bool dark);

/* Contrast of two colours, 1–21 (WCAG 2.2, "contrast ratio" and "relative luminance"). */
double theme_contrast(struct colour a, struct colour b);

/* What lies at @part (0–1) of the way from @from to @to. */
struct colour theme_mix(struct colour from, struct colour to, double part);

/* The theme's ink or paper, whichever reads better on @ground. */
struct colour theme_text_on(const struct theme *theme, struct colour ground);

#endif /* RENDER_THEME_H */
