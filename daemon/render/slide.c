#include "render/slide.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/notice.h"
#include "core/plan.h"
#include "core/programme.h"
#include "render/canvas.h"
#include "render/shape.h"
#include "render/slide_parts.h"
#include "render/text_memo.h"
#include "render/wording_notice.h"

struct renderer {
	struct font_set *fonts;
	struct text_memo *memo;
};

struct renderer *renderer_new(const char *font_dir, struct err *err)
{
	struct renderer *renderer = calloc(1, sizeof(*renderer));

	if (!renderer) {
		err_set(err, ERR_NO_MEMORY, "renderer: out of memory");
		return NULL;
	}
	renderer->memo = text_memo_new();
	if (!renderer->memo) {
		err_set(err, ERR_NO_MEMORY, "renderer: out of memory");
		return renderer_free(renderer);
	}
	renderer->fonts = font_set_new(font_dir, err);
	if (!renderer->fonts)
		return renderer_free(renderer);
	return renderer;
}

struct renderer *renderer_free(struct renderer *renderer)
{
	if (renderer) {
		text_memo_free(renderer->memo);
		font_set_free(renderer->fonts);
		free(renderer);
	}
	return NULL;
}

void renderer_rest(struct renderer *renderer)
{
	font_set_rest(renderer->fonts);
}

/* --- Items and their ids --- */

typedef void page_fn(struct painter *p, const struct slide_source *source, int page);

static bool has_self_count(const struct plan *plan)
{
	const struct initiative *initiative =
		plan_initiative(plan, SLIDE_SELF_COUNT_INITIATIVE);

	return initiative && initiative->kind == INITIATIVE_INDICATOR &&
	       initiative->indicator && initiative->indicator->series_count > 0;
}

static bool has_fields(const struct plan *plan)
{
	return plan->field_count > 0;
}

/* Slides of the plan itself, in the order in which they are told. */
static const struct {
	const char *id;
	page_fn *draw;
	bool (*exists)(const struct plan *plan); /* NULL: in every plan */
} plan_items[] = {
	{"plan/position", slide_position, NULL},
	{"plan/principle", slide_principle, NULL},
	{"plan/fields", slide_fields, has_fields},
	{"plan/stages", slide_stages, NULL},
	{"plan/pdca", slide_pdca, NULL},
	{"plan/overview", slide_overview, NULL},
	{"plan/self-count", slide_self_count, has_self_count},
};

bool slide_items(const struct slide_source *source, slide_item_fn *each, void *context,
		 struct err *err)
{
	const struct plan *plan = source->plan;
	const struct programme *programme = source->programme;
	char id[SLIDE_ID_MAX];

	for (size_t i = 0; plan && i < ARRAY_LEN(plan_items); i++) {
		if (plan_items[i].exists && !plan_items[i].exists(plan))
			continue;
		if (!each(context, plan_items[i].id, err))
			return false;
	}
	for (size_t i = 0; plan && i < plan->initiative_count; i++) {
		snprintf(id, sizeof(id), "initiative/%d", plan->initiatives[i].number);
		if (!each(context, id, err))
			return false;
	}
	for (size_t i = 0; programme && i < programme->notice_count; i++) {
		snprintf(id, sizeof(id), "notice/%s", programme->notices[i].id);
		if (!each(context, id, err))
			return false;
	}
	return true;
}

#define PAGE_DIGITS_MAX 4

/* A number as ids write it: decimal, no leading zero. 0 when it is none. */
static int number_of(const char *text)
{
	size_t length = strlen(text);
	int number = 0;

	if (length < 1 || length > PAGE_DIGITS_MAX || text[0] == '0')
		return 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		number = number * 10 + (text[i] - '0');
	}
	return number;
}

/* What an id names. */
struct target {
	page_fn *draw;  /* of a plan slide, or … */
	int initiative; /* … its number, or … */
	const struct notice *notice;
	int page;
};

/*
 * Splits "/pN" off @id. Only a third part is a page: "notice/p2" is the notice "p2". Page
 * 1 has no suffix, so "/p1" is no page.
 */
static int split_page(char *id)
{
	char *first = strchr(id, '/'), *last = strrchr(id, '/');
	int page;

	if (!last || last == first || last[1] != 'p')
		return 1;
	page = number_of(last + 2);
	if (page < 2)
		return 0;
	*last = '\0';
	return page;
}

static bool find(const struct slide_source *source, const char *slide_id,
		 struct target *out, struct err *err)
{
	struct target target = {0};
	char id[SLIDE_ID_MAX];
	int length = snprintf(id, sizeof(id), "%s", slide_id);

	target.page = length < SLIDE_ID_MAX ? split_page(id) : 0;
	if (target.page > 0 && source->plan) {
		int number = 0;

		for (size_t i = 0; i < ARRAY_LEN(plan_items); i++)
			if (strcmp(id, plan_items[i].id) == 0 &&
			    (!plan_items[i].exists || plan_items[i].exists(source->plan)))
				target.draw = plan_items[i].draw;
		if (strncmp(id, "initiative/", strlen("initiative/")) == 0)
			number = number_of(id + strlen("initiative/"));
		if (plan_initiative(source->plan, number))
			target.initiative = number;
	}
	if (target.page > 0 && source->programme &&
	    strncmp(id, "notice/", strlen("notice/")) == 0)
		target.notice =
			programme_notice(source->programme, id + strlen("notice/"));
	if (!target.draw && !target.initiative && !target.notice)
		return err_set(err, ERR_NOT_FOUND,
			       "slide \"%.100s\": is neither in the plan nor in the "
			       "programme; --list shows all ids",
			       slide_id);
	*out = target;
	return true;
}

static void draw_page(struct painter *p, const struct slide_source *source,
		      const struct target *target, int page)
{
	if (target->draw)
		target->draw(p, source, page);
	else if (target->initiative)
		slide_initiative(p, source,
				 plan_initiative(source->plan, target->initiative), page);
	else
		slide_notice(p, source, target->notice, page);
}

/* --- In which languages --- */

/* What the pages of an item in one language are made from. */
struct edition {
	struct slide_source source;
	enum wording_language language;
	char place[32]; /* in the plan's document, for the report */
};
#define EDITIONS_MAX (1 + NOTICE_LANGUAGES)

/* A notice sees to its languages itself. */
static size_t editions_of(const struct slide_source *source, const struct target *target,
			  struct edition out[static EDITIONS_MAX])
{
	size_t count = 0;

	out[count++] = (struct edition){.source = *source, .language = WORDING_JA};
	for (int i = 0; !target->notice && i < NOTICE_LANGUAGES; i++) {
		const struct plan *plan = source->plan->translations[i];
		struct edition *edition = &out[count];

		if (!plan || !(source->plan_languages & (1U << i)))
			continue;
		*edition = (struct edition){
			.source = *source,
			.language = wording_language_of((enum notice_language)i),
		};
		snprintf(edition->place, sizeof(edition->place), "translations.%s.",
			 notice_language_name((enum notice_language)i));
		edition->source.plan = plan;
		/* The plan's own city has a name in that language, too. */
		if (source->organisation &&
		    strcmp(source->organisation, source->plan->city) == 0)
			edition->source.organisation = NULL;
		count++;
	}
	return count;
}

/* --- How large --- */

#define REFERENCE_LONG  1920.0
#define REFERENCE_SHORT 1080.0
#define EM_LEAST        36.0  /* the smallest type, units */
#define LATIN_SCALE     0.92  /* its E is 3/4 as tall as 木: the guideline's ratio */
#define EM_MOST         220.0 /* larger letters can't be set on a slide anyhow */
#define EM_STEPS        6

static double mm_per_pixel(const struct slide_view *view)
{
	return view->panel_height_mm / view->height;
}

static double required_mm(const struct slide_view *view)
{
	return view->distance_m * 1000 / 250;
}

static bool painter_init(struct painter *p, struct renderer *renderer,
			 const struct slide_view *view, struct slide_report *report,
			 double *out_wanted, struct err *err)
{
	bool upright = view->height > view->width;
	int size;

	if (!(view->panel_height_mm > 0) || !(view->distance_m > 0))
		return err_set(err, ERR_INVALID,
			       "view: panel height and viewing distance must be above 0");
	*p = (struct painter){
		.fonts = renderer->fonts,
		.memo = renderer->memo,
		.theme = theme_get(view->dark),
		.scale = 1,
		.edition = "",
		.portrait = upright,
		.report = report,
		.err = err,
	};
	p->unit = upright ? fmin(view->width / REFERENCE_SHORT,
				 view->height / REFERENCE_LONG)
			  : fmin(view->width / REFERENCE_LONG,
				 view->height / REFERENCE_SHORT);
	p->width = view->width / p->unit;
	p->height = view->height / p->unit;
	if (!font_size_for_height(
		    p->fonts, FONT_TEXT, FONT_JAPANESE, true,
		    fmin(required_mm(view) / mm_per_pixel(view), EM_MOST * p->unit),
		    &size, err))
		return false;
	*out_wanted = fmin(fmax(size / p->unit, EM_LEAST), EM_MOST);
	p->header_em = frame_em(p, *out_wanted);
	return true;
}

/* Whether all pages of the item fit with letters of at least @least. */
static bool fits_at(const struct painter *p, const struct slide_source *source,
		    const struct target *target, double least, bool *out_failed)
{
	struct slide_report report = {.pages = 1};
	struct painter dry = *p;

	dry.canvas = NULL;
	dry.report = &report;
	dry.least = least;
	for (int page = 1; page <= report.pages && !report.overflow && !dry.failed;
	     page++) {
		draw_page(&dry, source, target, page);
		/* A notice looks at all its pages for each of them. */
		if (target->notice)
			break;
	}
	*out_failed = dry.failed;
	return !report.overflow;
}

/*
 * The largest smallest letter, from what the distance asks for downwards, with which the
 * item fits; the same for all its pages.
 */
static bool choose_least(struct painter *p, const struct slide_source *source,
			 const struct target *target, double wanted)
{
	const double least = EM_LEAST * p->scale;
	bool failed = false;

	for (int step = 0; step < EM_STEPS; step++) {
		double part = 1 - (double)step / EM_STEPS;

		p->least = least * pow(wanted / EM_LEAST, part);
		/* At the design's own sizes there is nothing to choose. */
		if (p->least <= least)
			break;
		if (fits_at(p, source, target, p->least, &failed) || failed)
			return !failed;
	}
	p->least = least;
	return true;
}

/* The letter that is the smallest for its kind: Latin ones may be 3/4 of Japanese ones. */
static void report_letters(const struct painter *p, const struct slide_view *view,
			   struct slide_report *report)
{
	const double latin = 0.75;

	report->smallest_px = p->japanese_px;
	report->required_mm = required_mm(view);
	if (p->latin_px > 0 &&
	    (p->japanese_px <= 0 || p->latin_px / latin < p->japanese_px)) {
		report->smallest_px = p->latin_px;
		report->required_mm *= latin;
	}
	report->smallest_mm = report->smallest_px * mm_per_pixel(view);
	report->smallest_reading_px = p->reading_px;
	report->smallest_reading_mm = p->reading_px * mm_per_pixel(view);
}

/* How many pages the item has in the language that @p is set to. */
static int count_pages(const struct painter *p, const struct slide_source *source,
		       const struct target *target)
{
	struct slide_report report = {0};
	struct painter dry = *p;

	dry.canvas = NULL;
	dry.report = &report;
	draw_page(&dry, source, target, INT_MAX);
	return report.pages;
}

/*
 * Draws the page with letters as large as its own language allows, and sets the report's
 * `pages` to those in all languages.
 */
static bool draw_target(struct painter *p, const struct slide_source *source,
			const struct target *target, double wanted, struct canvas *canvas)
{
	struct edition editions[EDITIONS_MAX];
	size_t count = editions_of(source, target, editions);
	int before = 0;

	for (size_t i = 0; i < count; i++) {
		const struct edition *edition = &editions[i];
		int page = target->page - before, pages;

		paint_language(p, edition->language);
		p->plan = edition->source.plan;
		p->edition = edition->place;
		p->scope[0] = '\0';
		p->scale = edition->language == WORDING_EN ? LATIN_SCALE : 1;
		if (!choose_least(p, &edition->source, target, wanted))
			return false;
		/* Where there is but one language the page itself tells. */
		pages = count > 1 ? count_pages(p, &edition->source, target) : page;
		if (page >= 1 && page <= pages) {
			p->canvas = canvas;
			draw_page(p, &edition->source, target, page);
			p->canvas = NULL;
			pages = p->report->pages;
		}
		before += pages;
	}
	p->report->pages = before;
	return !p->failed;
}

bool slide_draw_on(struct renderer *renderer, const struct slide_source *source,
		   const struct slide_view *view, const char *slide_id,
		   struct canvas *canvas, struct slide_report *report, struct err *err)
{
	struct slide_report filled = {0};
	struct target target;
	struct painter p;
	double wanted;

	if (canvas->width != view->width || canvas->height != view->height)
		return err_set(err, ERR_INVALID,
			       "slide: the canvas is %d×%d, the view %d×%d",
			       canvas->width, canvas->height, view->width, view->height);
	if (!find(source, slide_id, &target, err) ||
	    !painter_init(&p, renderer, view, &filled, &wanted, err))
		return false;
	shape_fill(canvas, p.theme->paper);
	if (!draw_target(&p, source, &target, wanted, canvas))
		return false;
	if (target.page > filled.pages)
		return err_set(err, ERR_NOT_FOUND,
			       "slide \"%.100s\": has only %d page%s at this size",
			       slide_id, filled.pages, filled.pages == 1 ? "" : "s");
	report_letters(&p, view, &filled);
	if (report)
		*report = filled;
	return true;
}

struct canvas *slide_draw(struct renderer *renderer, const struct slide_source *source,
			  const struct slide_view *view, const char *slide_id,
			  struct slide_report *report, struct err *err)
{
	struct canvas *canvas =
		canvas_new(view->width, view->height, theme_get(view->dark)->paper, err);

	if (canvas &&
	    !slide_draw_on(renderer, source, view, slide_id, canvas, report, err))
		canvas = canvas_free(canvas);
	return canvas;
}

struct canvas *slide_draw_clock(struct renderer *renderer,
				const struct slide_source *source,
				const struct slide_view *view,
				enum wording_language language, int out_rect[static 4],
				struct err *err)
{
	struct slide_report ignored = {0};
	struct canvas *canvas;
	struct painter p;
	struct box clock;
	double wanted;
	int right, bottom;

	if (!painter_init(&p, renderer, view, &ignored, &wanted, err))
		return NULL;
	paint_language(&p, language);
	p.least = EM_LEAST;
	clock = frame_clock_pixels(&p);
	right = (int)fmin(box_right(clock), view->width);
	bottom = (int)fmin(box_bottom(clock), view->height);
	canvas = canvas_new(view->width, bottom, p.theme->paper, err);
	if (!canvas)
		return NULL;
	p.canvas = canvas;
	frame_clock(&p, source);
	if (p.failed)
		return canvas_free(canvas);
	out_rect[0] = (int)fmax(clock.x, 0);
	out_rect[1] = (int)fmax(clock.y, 0);
	out_rect[2] = right - out_rect[0];
	out_rect[3] = bottom - out_rect[1];
	return canvas;
}
