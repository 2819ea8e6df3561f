#ifndef DISPLAY_WORKER_H
#define DISPLAY_WORKER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/err.h"
#include "core/time.h"
#include "render/slide.h"

struct canvas;
struct renderer;
struct set;
struct worker;

/*
 * Draws slides ahead of time on a thread of its own, the only one that touches the fonts.
 * There is one place per kind of work: posting replaces what is not begun yet, so the
 * thread never works through things that nobody wants any more.
 */
enum worker_kind {
	WORKER_NEXT,    /* the slide that comes next */
	WORKER_REFRESH, /* the slide on screen once more: other theme or size */
	WORKER_CLOCK,   /* the clock of the slide on screen */
};
#define WORKER_KINDS 3

struct worker_job {
	enum worker_kind kind;
	uint64_t ticket; /* the caller's, to tell results apart */
	struct set *set; /* a reference of the job's own */
	struct slide_view view;
	char slide_id[SLIDE_ID_MAX];
	struct wall_ms wall; /* for the clock and 「いま」 */
	bool synchronised;   /* whether a clock is shown */
	struct canvas
		*canvas; /* to draw into, of the view's size, owned; NULL: a new one */
	enum wording_language language; /* WORKER_CLOCK: of the slide */
};

struct worker_result {
	enum worker_kind kind;
	uint64_t ticket;
	struct canvas *canvas; /* owned by who takes it; NULL: failed, see err */
	struct slide_view view;
	struct slide_report report;
	int rect[4]; /* WORKER_CLOCK: see slide_draw_clock() */
	struct wall_ms wall;
	struct err err;
};

/*
 * @renderer is borrowed and the worker's alone until worker_free(); @organisation (NULL:
 * the plan's city) is borrowed, too; @plan_languages: as in struct slide_source. NULL on
 * failure.
 */
MUST_USE struct worker *worker_new(struct renderer *renderer, const char *organisation,
				   unsigned plan_languages, struct err *err);
struct worker *worker_free(struct worker *worker); /* NULL is fine; returns NULL */

/* For poll(2): readable when there are results. */
int worker_fd(const struct worker *worker);

/* Takes the set reference and the canvas of @job. Never waits. */
void worker_post(struct worker *worker, TAKES const struct worker_job *job);

/* A result, if there is one. Never waits. */
bool worker_take(struct worker *worker, struct worker_result *out);

#endif /* DISPLAY_WORKER_H */
