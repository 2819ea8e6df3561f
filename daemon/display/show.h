#ifndef DISPLAY_SHOW_H
#define DISPLAY_SHOW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/time.h"
#include "render/slide.h"

struct canvas;
struct set;

/* One slide, drawn and ready, or on screen. */
struct show {
	char item_id[SLIDE_ID_MAX];
	char slide_id[SLIDE_ID_MAX];
	int page, pages; /* of the item, from 1 */
	bool urgent;
	struct set *set; /* a reference of its own */
	struct slide_view view;
	enum wording_language language;
	struct canvas *canvas; /* owned; NULL once another slide is drawn into it */
	struct span_ms planned;
	struct wall_ms clock; /* the time that its clock says */
	bool synchronised;    /* whether it has one */
	bool has_end;
	struct wall_ms end; /* the instant from which it may not be on screen */
	struct mono_ms began;
};

struct show *show_free(struct show *show); /* NULL is fine; returns NULL */

/* The notice shown; NULL for the plan's slides. Borrowed from its set. */
const struct notice *show_notice(const struct show *show);

#endif /* DISPLAY_SHOW_H */
