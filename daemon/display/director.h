#ifndef DISPLAY_DIRECTOR_H
#define DISPLAY_DIRECTOR_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"

struct canvas;
struct director;
struct err;
struct set;
struct show;
struct worker;

/*
 * Decides what is on screen and what comes next, and keeps the next slide drawn ahead. It
 * knows neither window nor play log: the loop asks it what to present, presents it, and
 * tells it so. All functions take the loop's one reading of the clocks.
 */
enum director_theme { DIRECTOR_THEME_HOURS, DIRECTOR_THEME_LIGHT, DIRECTOR_THEME_DARK };

struct director_options {
	const char *screen_id;  /* "" when not enrolled */
	double panel_height_mm; /* as in struct slide_view */
	double distance_m;
	enum director_theme theme;
	struct span_ms dwell; /* of every slide; 0: from its text */
	struct span_ms fade;  /* below 0: as the programme's policy says */
};

/*
 * So long a slide stays at least, once it is there whole, whatever interrupts it: alarms that
 * come and go, a withdrawal, a person at the keyboard. Fades included there is less than one
 * change in a second then, and so no flashing (WCAG 2.3.1: three flashes, six changes).
 */
#define DIRECTOR_HOLD_MS 1000

/* @worker is borrowed until director_free(). NULL on failure. */
MUST_USE struct director *director_new(const struct director_options *options,
				       struct worker *worker, struct err *err);
struct director *director_free(struct director *director); /* NULL is fine */

/* The content in effect from now on; keeps a reference. On failure the old one stays. */
MUST_USE bool director_use(struct director *director, struct set *set, struct now now,
			   struct err *err);

/* The window has this size from now on. */
void director_resize(struct director *director, int width, int height);

/*
 * Whether the output itself holds the picture of the slide on screen, so that its canvas
 * is free for the next one.
 */
void director_lend(struct director *director, bool held);

/* Takes results of the worker, looks at what has come due, posts new work. */
void director_update(struct director *director, struct now now);

/* Why and how to go on to the next slide. */
struct director_cue {
	enum play_outcome
		cause;       /* for the play that ends; PLAY_COMPLETE: its time is up */
	struct span_ms fade; /* 0: a cut */
	const struct show *next;
};

/*
 * Whether it is time to leave the slide on screen, with the next one ready. Before the
 * first slide, as soon as there is one.
 */
bool director_cue(struct director *director, struct now now, struct director_cue *out);

/* An operator wants the next slide at once. */
void director_skip(struct director *director);

/* The slide on screen; NULL before the first. Borrowed until the next advance. */
const struct show *director_current(const struct director *director);

/* The next slide was presented at full opacity: it is the current one now. */
void director_advance(struct director *director, struct now now);

/* The slide on screen could not be seen for a while: its time begins again. */
void director_resume(struct director *director, struct now now);

/* How the picture of the slide on screen is to change, without being another slide. */
enum director_touch {
	DIRECTOR_TOUCH_NONE,
	DIRECTOR_TOUCH_CLOCK,   /* a new minute */
	DIRECTOR_TOUCH_REFRESH, /* another theme or size: drawn anew */
};

/*
 * A new picture of the current slide, if there is one. Sets @out_picture, borrowed until the
 * next turn: all of it, or for DIRECTOR_TOUCH_CLOCK the part of it that holds @out_rect.
 */
enum director_touch director_touch(struct director *director,
				   const struct canvas **out_picture,
				   int out_rect[static 4]);

/* Milliseconds from @now until something comes due that no descriptor tells of. */
struct span_ms director_wait(const struct director *director, struct now now);

/* Whether the worker is drawing something for it. */
bool director_is_busy(const struct director *director);

/* Whether the slide on screen should have gone long ago: something is stuck. */
bool director_is_stuck(const struct director *director, struct now now);

#endif /* DISPLAY_DIRECTOR_H */
