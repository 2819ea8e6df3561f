#ifndef RENDER_SLIDE_PARTS_H
#define RENDER_SLIDE_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/notice.h"
#include "core/plan.h"
#include "core/programme.h"
#include "render/slide.h"
#include "render/slide_paint.h"

/*
 * Parts that slides share, and the slides themselves. A slide draws page @page (from 1) of
 * its item and sets the report's `pages`; a page behind the last draws nothing.
 */

/* --- The frame: ground, stripe, header, footer (slide_frame.c) --- */

struct frame {
	enum theme_accent accent;
	const char *section; /* header, behind the plan's title; NULL: of the plan */
	const char *from;    /* header instead of organisation and plan: a notice's */
	const char *note;    /* footer, left; NULL: none */
	const char
		*note_short;   /* where the note doesn't fit beside the origin; or NULL */
	const char *note_rest; /* what the short note leaves out, for a row of its own */
	const char *origin;    /* footer, right; NULL: none */
	bool urgent;
};

/* Whose screen it is, in the page's language where that is known; NULL: not said. */
const char *frame_organisation(const struct painter *p,
			       const struct slide_source *source);

/* Draws it and returns the room for the slide's own content. */
struct box frame_draw(struct painter *p, const struct slide_source *source,
		      const struct frame *frame);
/* The frame of a plan slide: its origin is the plan's source. */
struct box frame_plan(struct painter *p, const struct slide_source *source,
		      enum theme_accent accent, const char *section, const char *note,
		      const char *note_short);
/* Where the clock is, in pixels, ground included. */
struct box frame_clock_pixels(struct painter *p);
/* Draws date and clock on a clean ground; nothing but ground when there is none. */
void frame_clock(struct painter *p, const struct slide_source *source);
/* The em of date and clock for this view, given the em that the distance asks for. */
double frame_em(struct painter *p, double wanted);

/* Cuts the title's strip off @body and draws @title; "2／3" at its end when paged. */
void frame_title(struct painter *p, struct box *body, const char *title, int page,
		 int pages);

/* The fiscal year of 「いま」; 0 when the clock can't be relied on. */
int frame_fiscal_year(const struct slide_source *source);

/* --- Fiscal years as an axis or a chart (slide_chart.c) --- */

struct axis {
	int first, last; /* fiscal years */
	int now;         /* marked 「いま」; 0: none */
	int target;      /* ringed; 0: none */
	int from;        /* dotted: the first known figure; 0: none */
	struct colour accent;
};

double axis_height(const struct painter *p);
void axis_draw(struct painter *p, struct box box, const struct axis *axis);

/* Results by year of @series, with its baseline and target: bars, upright as rows. */
double chart_height_least(const struct painter *p, const struct axis *axis);
/* The width at which no figure reaches over its year's column; not upright. */
double chart_width_least(struct painter *p, const struct plan_series *series,
			 const struct axis *axis);
void chart_draw(struct painter *p, struct box box, const struct plan_series *series,
		const struct axis *axis);

/*
 * This fiscal year's count of initiative 4 as it was published; NULL when there is none, or
 * only that of another year. (slide_count.c)
 */
const struct programme_count *count_so_far(const struct slide_source *source);

/* --- Parts of an initiative (slide_initiative.c) --- */

/* Tile, title, pictogram, stage and departments; cuts them off @body. */
void initiative_head(struct painter *p, struct box *body,
		     const struct initiative *initiative);
enum theme_accent initiative_accent(const struct initiative *initiative);
/* "導入実行" */
const char *stage_name(const struct painter *p, enum stage stage);
/* "導入実行", "適用検討・調査研究" */
void initiative_group_name(const struct painter *p, enum plan_group group,
			   char out[static WORDING_SIZE]);
/* Name and measure: "マイナンバーカード交付枚数（累計）"; owned by the caller, NULL on failure. */
char *indicator_title(struct painter *p, const struct plan_indicator *indicator);

/* --- Slides --- */

#define SLIDE_SELF_COUNT_INITIATIVE 4

void slide_position(struct painter *p, const struct slide_source *source, int page);
void slide_principle(struct painter *p, const struct slide_source *source, int page);
void slide_fields(struct painter *p, const struct slide_source *source, int page);
void slide_stages(struct painter *p, const struct slide_source *source, int page);
void slide_pdca(struct painter *p, const struct slide_source *source, int page);
void slide_overview(struct painter *p, const struct slide_source *source, int page);
void slide_self_count(struct painter *p, const struct slide_source *source, int page);
void slide_initiative(struct painter *p, const struct slide_source *source,
		      const struct initiative *initiative, int page);
void slide_indicator(struct painter *p, const struct slide_source *source,
		     const struct initiative *initiative);
void slide_roadmap(struct painter *p, const struct slide_source *source,
		   const struct initiative *initiative);
void slide_notice(struct painter *p, const struct slide_source *source,
		  const struct notice *notice, int page);

#endif /* RENDER_SLIDE_PARTS_H */
