#include "display/director.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/dwell.h"
#include "core/err.h"
#include "core/notice.h"
#include "core/programme.h"
#include "display/picker.h"
#include "display/set.h"
#include "display/show.h"
#include "display/worker.h"
#include "os/log.h"
#include "render/canvas.h"

#define SHORT_FADE_MS 150   /* for what can't wait: an alarm, a withdrawal */
#define STUCK_MS      30000 /* behind its time */
/*
 * So long before it is due a slide is chosen and drawn: far longer than the slowest box
 * takes, and short enough that two slides are seldom held in memory, and that what was
 * chosen seldom has to be thrown away for news.
 */
#define AHEAD_MS  3000
#define MINUTE_MS 60000

struct director {
	struct director_options options;
	char screen_id[SCREEN_ID_MAX + 1];
	struct worker *worker;
	struct picker *picker;
	struct set *set;
	int width, height;
	uint64_t last_ticket;

	struct show *current; /* on screen */
	struct show *next;    /* drawn and waiting, or being drawn: then without canvas */
	uint64_t next_ticket;
	bool held;            /* see director_lend() */
	struct canvas *spare; /* one that nobody needs, for the next slide; may be NULL */
	struct mono_ms started; /* the first look, to notice that nothing ever came */

	uint64_t touch_ticket; /* of the redraw of current that is under way; 0: none */
	struct worker_result touched; /* its result, while the loop has not taken it */
	bool has_touched;
	bool skip;
	bool has_change;
	struct wall_ms change; /* the next instant at which what is due changes */
};

struct director *director_new(const struct director_options *options,
			      struct worker *worker, struct err *err)
{
	struct director *director = calloc(1, sizeof(*director));

	if (!director) {
		err_set(err, ERR_NO_MEMORY, "director: out of memory");
		return NULL;
	}
	director->options = *options;
	snprintf(director->screen_id, sizeof(director->screen_id), "%s",
		 options->screen_id);
	director->options.screen_id = director->screen_id;
	director->worker = worker;
	director->picker = picker_new(director->screen_id, err);
	if (!director->picker)
		return director_free(director);
	return director;
}

struct director *director_free(struct director *director)
{
	if (!director)
		return NULL;
	canvas_free(director->touched.canvas);
	canvas_free(director->spare);
	show_free(director->next);
	show_free(director->current);
	picker_free(director->picker);
	set_unref(director->set);
	free(director);
	return NULL;
}

const struct show *director_current(const struct director *director)
{
	return director->current;
}

void director_skip(struct director *director)
{
	director->skip = true;
}

void director_resize(struct director *director, int width, int height)
{
	director->width = width;
	director->height = height;
}

void director_lend(struct director *director, bool held)
{
	director->held = held;
}

/*
 * Canvases go round: memory that is given back is cleared by the system each time it is
 * taken again, which costs as much as drawing half a slide.
 */
static void put_by(struct director *director, TAKES struct canvas *canvas)
{
	if (!canvas)
		return;
	canvas_free(director->spare);
	director->spare = canvas;
}

/* A canvas for a slide of @view, owned; NULL: there is none, the worker makes one. */
static struct canvas *free_canvas(struct director *director,
				  const struct slide_view *view)
{
	struct canvas *canvas = director->spare;

	director->spare = NULL;
	if (!canvas && director->held && director->current) {
		canvas = director->current->canvas;
		director->current->canvas = NULL;
	}
	if (canvas && (canvas->width != view->width || canvas->height != view->height))
		canvas = canvas_free(canvas);
	return canvas;
}

static struct wall_ms trusted(const struct director *director, struct wall_ms wall)
{
	return director->set ? set_showing_wall(director->set, wall) : wall;
}

/* --- the current slide's time -------------------------------------------------------- */

static struct span_ms usual_fade(const struct director *director)
{
	if (director->options.fade.ms >= 0)
		return director->options.fade;
	return (struct span_ms){set_policy(director->set)->fade_ms};
}

/* Whether the item on screen is no longer what the programme says. */
static bool is_withdrawn(const struct director *director, const struct show *show)
{
	return show->set != director->set &&
	       !set_item_same(show->set, director->set, show->item_id);
}

static int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * How long the current slide stays from now. A notice's end is an instant of the wall
 * clock; the fade is over by then, not only begun.
 */
static struct span_ms remaining(const struct director *director, struct now now)
{
	const struct show *show = director->current;
	struct wall_ms wall = trusted(director, now.wall);
	int64_t left = show->began.ms + show->planned.ms - now.mono.ms;

	if (show->has_end)
		left = min64(left, show->end.ms - usual_fade(director).ms - wall.ms);
	return (struct span_ms){left > 0 ? left : 0};
}

/* When the notice on screen must be gone, from what is due now on this screen. */
static void set_end(const struct director *director, struct show *show, struct now now)
{
	const struct notice *notice = show_notice(show);
	struct wall_ms wall = trusted(director, now.wall);

	show->has_end = false;
	if (!notice)
		return;
	show->has_end = true;
	show->end = wall;
	if (notice_is_due(notice, director->screen_id, wall))
		show->has_end =
			notice_next_change(notice, director->screen_id, wall, &show->end);
}

/* --- the next slide ------------------------------------------------------------------ */

static bool is_dark(const struct director *director, struct wall_ms wall)
{
	switch (director->options.theme) {
	case DIRECTOR_THEME_HOURS:
		return theme_is_dark(&set_policy(director->set)->theme, wall);
	case DIRECTOR_THEME_LIGHT:
		return false;
	case DIRECTOR_THEME_DARK:
		return true;
	}
	return false;
}

static struct slide_view view_at(const struct director *director, struct wall_ms wall)
{
	return (struct slide_view){
		.width = director->width,
		.height = director->height,
		.panel_height_mm = director->options.panel_height_mm,
		.distance_m = director->options.distance_m,
		.dark = is_dark(director, wall),
	};
}

static bool same_view(const struct slide_view *a, const struct slide_view *b)
{
	return a->width == b->width && a->height == b->height && a->dark == b->dark;
}

static void drop_next(struct director *director)
{
	if (director->next) {
		put_by(director, director->next->canvas);
		director->next->canvas = NULL;
	}
	director->next = show_free(director->next);
	director->next_ticket = 0;
}

/* The page after the one on screen, if its item has one and may stay. */
static bool continues(const struct director *director, struct wall_ms wall,
		      struct mono_ms mono)
{
	const struct show *show = director->current;

	return show && show->page < show->pages && !is_withdrawn(director, show) &&
	       picker_is_due(director->picker, show->item_id, wall) &&
	       (show->urgent || !picker_has_urgent(director->picker, wall, mono));
}

static void name_slide(struct show *show)
{
	int len;

	if (show->page == 1)
		len = snprintf(show->slide_id, SLIDE_ID_MAX, "%s", show->item_id);
	else
		len = snprintf(show->slide_id, SLIDE_ID_MAX, "%s/p%d", show->item_id,
			       show->page);
	(void)len; /* ids are far shorter than SLIDE_ID_MAX */
}

/* What follows, without its picture; NULL when nothing is due. */
static struct show *choose(const struct director *director, struct wall_ms wall,
			   struct mono_ms mono)
{
	bool same_item = continues(director, wall, mono);
	const char *item_id = same_item ? director->current->item_id
					: picker_choose(director->picker, wall, mono);
	struct show *show;

	if (!item_id)
		return NULL;
	show = calloc(1, sizeof(*show));
	if (!show)
		return NULL;
	snprintf(show->item_id, sizeof(show->item_id), "%s", item_id);
	show->page = same_item ? director->current->page + 1 : 1;
	show->urgent = picker_is_urgent(director->picker, item_id);
	show->set = set_ref(director->set);
	name_slide(show);
	return show;
}

/* Chooses what comes after @from_now and has it drawn. */
static void want_next(struct director *director, struct now now, struct span_ms from_now)
{
	struct wall_ms wall = {trusted(director, now.wall).ms + from_now.ms};
	struct mono_ms mono = {now.mono.ms + from_now.ms};
	struct worker_job job = {.kind = WORKER_NEXT, .wall = wall};
	struct show *show = choose(director, wall, mono);

	if (!show)
		return;
	show->view = view_at(director, wall);
	show->clock = wall;
	show->synchronised = now.synchronised;
	job.ticket = ++director->last_ticket;
	job.set = set_ref(director->set);
	job.view = show->view;
	job.synchronised = now.synchronised;
	job.canvas = free_canvas(director, &job.view);
	memcpy(job.slide_id, show->slide_id, sizeof(job.slide_id));
	director->next = show;
	director->next_ticket = job.ticket;
	worker_post(director->worker, &job);
}

static struct span_ms dwell_of(const struct director *director, const struct show *show,
			       const struct slide_report *report)
{
	const struct notice *notice = show_notice(show);

	if (director->options.dwell.ms > 0)
		return director->options.dwell;
	if (notice && notice->dwell_s > 0)
		return (struct span_ms){(int64_t)notice->dwell_s * 1000};
	return dwell_for(report->characters, set_policy(show->set));
}

static void take_next(struct director *director, struct worker_result *result,
		      struct now now)
{
	struct show *show = director->next;

	if (!show || result->ticket != director->next_ticket) {
		put_by(director, result->canvas);
		return;
	}
	if (!result->canvas) {
		log_warning("slide %s can't be drawn and is left out for now: %s",
			    show->slide_id, result->err.text);
		picker_failed(director->picker, show->item_id, now.mono);
		if (show->page > 1 && director->current)
			director->current->pages = director->current->page;
		drop_next(director);
		return;
	}
	if (result->report.overflow || result->report.missing_count > 0)
		log_warning(
			"slide %s: %s%s, %zu characters without a glyph", show->slide_id,
			result->report.overflow ? "does not fit at " : "fits everywhere",
			result->report.overflow ? result->report.overflow_place : "",
			result->report.missing_count);
	show->canvas = result->canvas;
	show->pages = result->report.pages;
	show->language = result->report.language;
	show->planned = dwell_of(director, show, &result->report);
}

/* Whether what is prepared may still come next. */
static bool next_holds(const struct director *director, struct now now)
{
	const struct show *show = director->next;
	struct wall_ms wall = trusted(director, now.wall);
	struct slide_view view = view_at(director, show->clock);

	if (is_withdrawn(director, show) || !same_view(&show->view, &view))
		return false;
	/* What begins later is not due yet, but what is ready has to be due by now. */
	if (!picker_is_due(director->picker, show->item_id,
			   show->clock.ms > wall.ms ? show->clock : wall))
		return false;
	if (show->urgent)
		return true;
	/* While an alarm is shown, what counts is whether one is left when it goes. */
	if (director->current && director->current->urgent && show->clock.ms > wall.ms)
		wall = show->clock;
	return !picker_has_urgent(director->picker, wall, now.mono);
}

/* --- the picture of the current slide ------------------------------------------------ */

static void take_touched(struct director *director, struct worker_result *result)
{
	if (result->ticket != director->touch_ticket || !director->current) {
		canvas_free(result->canvas);
		return;
	}
	director->touch_ticket = 0;
	if (!result->canvas) {
		log_warning("slide %s can't be drawn anew: %s",
			    director->current->slide_id, result->err.text);
		/* Not again for this minute and this view. */
		director->current->clock = result->wall;
		director->current->view = result->view;
		return;
	}
	canvas_free(director->touched.canvas);
	director->touched = *result;
	director->has_touched = true;
}

/* Has the current slide drawn anew when the theme, the size or the minute is another. */
static void want_touch(struct director *director, struct now now)
{
	struct show *show = director->current;
	struct wall_ms wall = trusted(director, now.wall);
	struct slide_view view = view_at(director, wall);
	bool refresh = !same_view(&show->view, &view);
	bool tick =
		now.synchronised != show->synchronised ||
		(now.synchronised && wall.ms / MINUTE_MS != show->clock.ms / MINUTE_MS);
	struct worker_job job = {
		.kind = refresh ? WORKER_REFRESH : WORKER_CLOCK,
		.view = view,
		.wall = wall,
		.synchronised = now.synchronised,
		.language = show->language,
	};

	if (director->touch_ticket != 0 || director->has_touched || !(refresh || tick))
		return;
	show->synchronised = now.synchronised;
	job.set = set_ref(show->set);
	memcpy(job.slide_id, show->slide_id, sizeof(job.slide_id));
	job.ticket = ++director->last_ticket;
	director->touch_ticket = job.ticket;
	worker_post(director->worker, &job);
}

enum director_touch director_touch(struct director *director,
				   const struct canvas **out_picture,
				   int out_rect[static 4])
{
	struct show *show = director->current;
	struct worker_result *touched = &director->touched;

	if (!director->has_touched)
		return DIRECTOR_TOUCH_NONE;
	director->has_touched = false;
	show->clock = touched->wall;
	show->view = touched->view;
	if (touched->kind == WORKER_CLOCK) {
		memcpy(out_rect, touched->rect, sizeof(touched->rect));
		if (show->canvas)
			canvas_copy(show->canvas, touched->canvas, out_rect);
		*out_picture = touched->canvas;
		return DIRECTOR_TOUCH_CLOCK;
	}
	canvas_free(show->canvas);
	show->canvas = touched->canvas;
	touched->canvas = NULL;
	*out_picture = show->canvas;
	return DIRECTOR_TOUCH_REFRESH;
}

/* --- turns --------------------------------------------------------------------------- */

bool director_use(struct director *director, struct set *set, struct now now,
		  struct err *err)
{
	if (!picker_use(director->picker, set, err))
		return false;
	set_unref(director->set);
	director->set = set_ref(set);
	director->has_change = picker_next_change(
		director->picker, trusted(director, now.wall), &director->change);
	/* What is prepared was chosen without the news, which go first. */
	if (director->next && director->next->page == 1)
		drop_next(director);
	/* The same notice may have got another end; another revision is withdrawn. */
	if (director->current && !is_withdrawn(director, director->current))
		set_end(director, director->current, now);
	return true;
}

static void take_results(struct director *director, struct now now)
{
	struct worker_result result;

	while (worker_take(director->worker, &result)) {
		switch (result.kind) {
		case WORKER_NEXT:
			take_next(director, &result, now);
			break;
		case WORKER_REFRESH:
		case WORKER_CLOCK:
			take_touched(director, &result);
			break;
		}
	}
}

void director_update(struct director *director, struct now now)
{
	struct wall_ms wall = trusted(director, now.wall);

	if (director->started.ms == 0)
		director->started = now.mono;
	take_results(director, now);
	if (director->has_change && wall.ms >= director->change.ms)
		director->has_change =
			picker_next_change(director->picker, wall, &director->change);
	if (director->next && !next_holds(director, now))
		drop_next(director);
	if (!director->next) {
		bool hurry = !director->current || director->skip ||
			     is_withdrawn(director, director->current) ||
			     (!director->current->urgent &&
			      picker_has_urgent(director->picker, wall, now.mono));
		struct span_ms left =
			hurry ? (struct span_ms){0} : remaining(director, now);

		if (left.ms <= AHEAD_MS)
			want_next(director, now, left);
	}
	if (director->current)
		want_touch(director, now);
}

/* Why the current slide can't wait for its time; PLAY_COMPLETE when it can. */
static enum play_outcome interruption(const struct director *director, struct now now)
{
	const struct show *show = director->current;
	const struct show *next = director->next;

	if (director->skip)
		return PLAY_OPERATOR;
	if (is_withdrawn(director, show))
		return PLAY_CONTENT;
	/* An alarm may be prepared before it begins. */
	if (next->urgent && !show->urgent &&
	    picker_is_due(director->picker, next->item_id, trusted(director, now.wall)))
		return PLAY_EMERGENCY;
	return PLAY_COMPLETE;
}

/* What is left of the time in which nothing may interrupt the slide on screen. */
static struct span_ms held(const struct director *director, struct now now)
{
	int64_t left = director->current->began.ms + DIRECTOR_HOLD_MS - now.mono.ms;

	return (struct span_ms){left > 0 ? left : 0};
}

bool director_cue(struct director *director, struct now now, struct director_cue *out)
{
	const struct show *show = director->current;
	struct wall_ms wall = trusted(director, now.wall);
	struct director_cue cue = {.next = director->next};
	bool past_end;

	if (!director->next || !director->next->canvas)
		return false;
	if (show) {
		past_end = show->has_end && wall.ms >= show->end.ms;
		cue.cause = interruption(director, now);
		cue.fade = usual_fade(director);
		if (cue.cause == PLAY_COMPLETE && remaining(director, now).ms > 0)
			return false;
		if (cue.cause != PLAY_COMPLETE && held(director, now).ms > 0)
			return false;
		if (cue.cause != PLAY_COMPLETE)
			cue.fade.ms = min64(cue.fade.ms, SHORT_FADE_MS);
		/* Nothing of it may be seen any more. */
		if (past_end)
			cue.fade.ms = 0;
	}
	/* It was chosen for later than now, or the clock was set: another is chosen. */
	if (!picker_is_due(director->picker, director->next->item_id, wall)) {
		drop_next(director);
		want_next(director, now, (struct span_ms){0});
		return false;
	}
	*out = cue;
	return true;
}

void director_advance(struct director *director, struct now now)
{
	struct show *before = director->current;
	struct wall_ms wall = trusted(director, now.wall);

	/* Where the output holds nothing, both slides need theirs. */
	if (before && !director->held) {
		put_by(director, before->canvas);
		before->canvas = NULL;
	}
	show_free(before);
	director->current = director->next;
	director->next = NULL;
	director->next_ticket = 0;
	director->skip = false;
	director->touch_ticket = 0;
	director->has_touched = false;
	director->current->began = now.mono;
	set_end(director, director->current, now);
	if (director->current->page == 1)
		picker_shown(director->picker, director->current->item_id, wall,
			     now.mono);
}

void director_resume(struct director *director, struct now now)
{
	if (director->current)
		director->current->began = now.mono;
}

struct span_ms director_wait(const struct director *director, struct now now)
{
	struct wall_ms wall = trusted(director, now.wall);
	int64_t wait = MINUTE_MS - wall.ms % MINUTE_MS;

	if (director->has_change)
		wait = min64(wait, director->change.ms - wall.ms);
	if (director->current) {
		int64_t left = remaining(director, now).ms;

		/* While it is drawn there is nothing to do: the worker tells. */
		if (director->next && director->next->canvas &&
		    interruption(director, now) != PLAY_COMPLETE)
			left = held(director, now).ms;
		if (director->next && director->next->canvas)
			wait = min64(wait, left);
		else if (!director->next && left > AHEAD_MS)
			wait = min64(wait, left - AHEAD_MS);
	}
	return (struct span_ms){wait > 0 ? wait : 0};
}

bool director_is_busy(const struct director *director)
{
	return director->touch_ticket != 0 || (director->next && !director->next->canvas);
}

bool director_is_stuck(const struct director *director, struct now now)
{
	const struct show *show = director->current;

	if (!show)
		return director->started.ms > 0 &&
		       now.mono.ms > director->started.ms + STUCK_MS;
	return now.mono.ms > show->began.ms + show->planned.ms + STUCK_MS;
}
