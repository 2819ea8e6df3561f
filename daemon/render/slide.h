#ifndef RENDER_SLIDE_H
#define RENDER_SLIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/time.h"
#include "render/wording.h"

struct canvas;
struct err;
struct plan;
struct programme;

/*
 * Slides: full screens of content made from the plan or from a notice.
 *
 * An item is what the rotation chooses; it has one or more slides, its pages, shown in
 * order: those in Japanese, then those in other languages. Item ids: "plan/position",
 * "plan/principle", "plan/fields", "plan/stages", "plan/pdca", "plan/overview",
 * "plan/self-count", "initiative/1" … "initiative/30", "notice/<id>". The slide id of page
 * 1 is the item's id, of page n it is "<item>/p<n>".
 */
#define SLIDE_ID_MAX 160

/* How the picture will be seen. */
struct slide_view {
	int width, height;      /* pixels */
	double panel_height_mm; /* of the whole panel, physical */
	double distance_m;      /* from which it must be legible */
	bool dark;              /* theme */
};

/*
 * Where pictures come from: sets the bytes of the one with this SHA-256, borrowed for as
 * long as the source; false when there are none.
 */
typedef bool slide_media_fn(const void *context,
			    const uint8_t sha256[static NOTICE_HASH_SIZE],
			    const void **out_bytes, size_t *out_len);

/* What a slide is made from; all borrowed. */
struct slide_source {
	const struct plan *plan;
	const struct programme *programme; /* NULL: no notices, no count */
	const char *organisation; /* header: "西東京市"; NULL: the plan's city */
	struct wall_ms now;       /* for 「いま」 and the clock */
	bool synchronised;        /* when false, no clock is shown */
	/* Beside Japanese, where the plan has them: bits (1 << enum notice_language). */
	unsigned plan_languages;
	slide_media_fn *media; /* NULL: there are no pictures */
	const void *media_context;
};

#define SLIDE_LANGUAGES_ALL ((1U << NOTICE_LANGUAGES) - 1)

#define SLIDE_MISSING_MAX 8

/* What was found out while drawing. */
struct slide_report {
	int pages;                      /* of the item */
	enum wording_language language; /* of this page */
	size_t characters;  /* that a reader reads, as Japanese ones; for dwell */
	double smallest_px; /* height of the smallest letter drawn (「木」 or "E") */
	double smallest_mm;
	double required_mm; /* 1/250 of the distance (Japanese), 3/4 of that for Latin */
	double smallest_reading_px; /* of readings (ふりがな), which may be smaller; 0: none */
	double smallest_reading_mm;
	double lowest_contrast; /* of any text, WCAG 2 ratio, from the colours drawn */
	bool overflow;          /* something did not fit its place */
	/* A notice's fields as its file has them: "facts[0].value", "translations.en.title". */
	char overflow_place[64];
	size_t missing_count; /* characters that no font has */
	struct {
		uint32_t code_point;
		size_t character; /* of the place's text, from 1 */
		char place[64];
	} missing[SLIDE_MISSING_MAX];
};

/* Fonts and caches; used by one thread at a time (SDL_ttf's rule). */
struct renderer;

/*
 * Opens the fonts of fonts/README.md. @font_dir: where Debian's packages put them, NULL
 * for /usr/share/fonts. NULL on failure: the error names the missing file and package.
 */
MUST_USE struct renderer *renderer_new(const char *font_dir, struct err *err);
struct renderer *renderer_free(
	struct renderer *renderer); /* NULL is fine; returns NULL */

/*
 * Gives back the memory that drawing left behind, caches and all: between two slides of a
 * screen there are many seconds. Drawing after it takes a few milliseconds longer.
 */
void renderer_rest(struct renderer *renderer);

/* Calls @each with the id of every item of @source, plan first, in the plan's order. */
typedef bool slide_item_fn(void *context, const char *item_id, struct err *err);
MUST_USE bool slide_items(const struct slide_source *source, slide_item_fn *each,
			  void *context, struct err *err);

/*
 * Draws slide @slide_id into a new canvas of the view's size. ERR_NOT_FOUND for an id or
 * page that @source does not have, and for a picture without bytes: no slide is shown
 * without its picture. @report may be NULL.
 */
MUST_USE struct canvas *slide_draw(struct renderer *renderer,
				   const struct slide_source *source,
				   const struct slide_view *view, const char *slide_id,
				   struct slide_report *report, struct err *err);

/*
 * The same over @canvas, which has the view's size and is painted over whole. When it
 * fails, anything may be on it.
 */
MUST_USE bool slide_draw_on(struct renderer *renderer, const struct slide_source *source,
			    const struct slide_view *view, const char *slide_id,
			    struct canvas *canvas, struct slide_report *report,
			    struct err *err);

/*
 * Draws the clock anew, for a slide that slide_draw() made with the same @view and said to
 * be in @language. The canvas is the slide's top down to the clock, as wide as the slide:
 * only @out_rect (x, y, width, height) of it is the slide's. NULL on failure.
 */
MUST_USE struct canvas *slide_draw_clock(struct renderer *renderer,
					 const struct slide_source *source,
					 const struct slide_view *view,
					 enum wording_language language,
					 int out_rect[static 4], struct err *err);

#endif /* RENDER_SLIDE_H */
