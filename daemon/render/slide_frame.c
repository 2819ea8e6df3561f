/*
 * What every slide has: the ground, the stripe in the slide's accent, a quiet header with
 * whose screen it is and the date, and a footer with a note and the source.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "render/canvas.h"
#include "render/slide_parts.h"
#include "render/wording.h"
#include "render/wording_notice.h"

#define EDGE       44 /* header and footer from the screen's edge */
#define STRIPE     28
#define CLOCK_EMS  14.5 /* more than the widest date and clock take */
#define CLOCK_MOST 56   /* em beyond which it would crowd out the slide */
#define ROW_GAP    0.45 /* ems between rows of the header */
#define BODY_GAP   44
#define FOOTER_GAP 30

static struct box content_of(const struct painter *p)
{
	double left = p->portrait ? 88 : 112, right = p->portrait ? 60 : 88;

	return (struct box){left, EDGE, p->width - left - right, p->height - 2 * EDGE};
}

int frame_fiscal_year(const struct slide_source *source)
{
	return source->synchronised ? fiscal_year_of(source->now) : 0;
}

double frame_em(struct painter *p, double wanted)
{
	return fmin(fmin(wanted, CLOCK_MOST), content_of(p).width / CLOCK_EMS);
}

/*
 * Header and footer are not counted as what is read. The clock has a size of the view's
 * own, whatever the slide chose, so that it can be redrawn on any slide. May be nested.
 */
struct quiet {
	double least;
	bool quiet;
};

static struct quiet quiet_begin(struct painter *p, double least)
{
	struct quiet before = {p->least, p->quiet};

	p->least = least;
	p->quiet = true;
	return before;
}

static void quiet_end(struct painter *p, struct quiet before)
{
	p->least = before.least;
	p->quiet = before.quiet;
}

static struct paint_text quiet_text(const struct painter *p, const char *text,
				    const char *place)
{
	return (struct paint_text){
		.text = text,
		.place = place,
		.size = TYPE_CAPTION,
		.colour = p->theme->soft,
	};
}

/* --- Date and clock --- */

/* The same on every slide of a language, whatever its size. */
static struct quiet clock_begin(struct painter *p)
{
	struct quiet before = quiet_begin(p, p->header_em);

	return before;
}

static struct box clock_box(struct painter *p)
{
	struct box content = content_of(p);
	struct quiet before = clock_begin(p);
	double em = paint_em(p, TYPE_CAPTION);
	struct paint_text widest =
		quiet_text(p, wording_clock_widest(p->words), "header");
	double width;

	widest.role = FONT_BOLD;
	width = paint_line_width(p, &widest);
	quiet_end(p, before);
	return (struct box){box_right(content) - width, content.y, width, em};
}

struct box frame_clock_pixels(struct painter *p)
{
	struct box clock = clock_box(p);
	/* Descenders and brackets reach a little out of the letters' box. */
	double margin = clock.height * 0.25;
	double left = floor((clock.x - margin) * p->unit);
	double top = floor((clock.y - margin) * p->unit);

	return (struct box){left, top, ceil((box_right(clock) + margin) * p->unit) - left,
			    ceil((box_bottom(clock) + margin) * p->unit) - top};
}

void frame_clock(struct painter *p, const struct slide_source *source)
{
	struct box clock = clock_box(p);
	struct box ground = frame_clock_pixels(p);
	struct quiet before = clock_begin(p);
	char text[WORDING_SIZE];
	struct paint_text date = quiet_text(p, text, "header: date and clock");

	date.role = FONT_BOLD;
	date.colour = p->theme->ink;
	date.align = TEXT_RIGHT;
	paint_rect(p,
		   (struct box){ground.x / p->unit, ground.y / p->unit,
				ground.width / p->unit, ground.height / p->unit},
		   p->theme->paper);
	if (source->synchronised) {
		wording_clock(p->words, source->now, text);
		paint_text(p, clock, &date);
	}
	quiet_end(p, before);
}

/* --- Header --- */

/* The plan as a page in @words tells it; NULL when it is not translated. */
static const struct plan *plan_in(const struct plan *plan, enum wording_language words)
{
	for (int i = 0; i < NOTICE_LANGUAGES; i++)
		if (wording_language_of((enum notice_language)i) == words)
			return plan->translations[i];
	return NULL;
}

const char *frame_organisation(const struct painter *p, const struct slide_source *source)
{
	const struct plan *plan = source->plan, *translation;

	/* A name that only the configuration has, has no translation. */
	if (!plan ||
	    (source->organisation && strcmp(source->organisation, plan->city) != 0))
		return source->organisation;
	translation = plan_in(plan, p->words);
	return translation ? translation->city : plan->city;
}

/* "西東京市　重点取組", without what there is not. */
static void join(const struct painter *p, const char *before, const char *behind,
		 char out[static WORDING_SIZE])
{
	bool both = before && before[0] && behind && behind[0];

	wording_put(out, "%s%s%s", before ? before : "",
		    both ? wording_gap(p->words) : "", behind ? behind : "");
}

/* One row beside the clock; false when @text is too long for it. */
static bool header_row(struct painter *p, struct box content, const char *text)
{
	struct box clock = clock_box(p);
	double em = paint_em(p, TYPE_CAPTION);
	struct paint_text line = quiet_text(p, text, "header");
	struct box row = {content.x, content.y, clock.x - content.x - em * 0.6,
			  fmax(em, clock.height)};

	line.valign = PAINT_MIDDLE;
	line.max_lines = 1;
	if (!text || !paint_measure(p, row.width, 0, &line).fits)
		return false;
	paint_text(p, row, &line);
	return true;
}

/*
 * Whose screen, and where in the plan: in one row beside the clock, in fewer words where
 * that makes it one, else with a second row below.
 */
static double header_draw(struct painter *p, struct box content,
			  const struct slide_source *source, const struct frame *frame)
{
	const char *organisation = frame_organisation(p, source);
	const char *title = source->plan && !frame->from ? source->plan->title : NULL;
	const char *section =
		frame->section ? frame->section : wording_in(p->words, WORDING_POLICY);
	double em = paint_em(p, TYPE_CAPTION);
	double first = fmax(em, clock_box(p).height);
	char where[WORDING_SIZE], all[WORDING_SIZE], brief[WORDING_SIZE];
	struct paint_text text = quiet_text(p, where, "header");
	struct box row = {content.x, content.y + first + em * ROW_GAP, content.width, em};

	join(p, title, frame->section, where);
	join(p, organisation, where, all);
	join(p, organisation, section, brief);
	if (header_row(p, content, frame->from ? frame->from : all) ||
	    header_row(p, content, brief))
		return first;
	/* The organisation stays beside the clock when it fits there. */
	if (!header_row(p, content, organisation))
		text.text = brief;
	else if (!paint_measure(p, row.width, em, &text).fits)
		text.text = section;
	text.max_lines = 2;
	row.height = fmax(paint_measure(p, row.width, 0, &text).height, em);
	paint_text(p, row, &text);
	return box_bottom(row) - content.y;
}

/* --- Footer --- */

static bool footer_fits(struct painter *p, double width, const char *left,
			const char *right)
{
	struct paint_text note = quiet_text(p, left, "");
	struct paint_text origin = quiet_text(p, right, "");
	double gap = left && right ? 2 * paint_em(p, TYPE_CAPTION) : 0;

	return paint_line_width(p, &note) + gap + paint_line_width(p, &origin) <= width;
}

/* @text above what stands at @bottom, in as many lines as it takes; returns its top. */
static double footer_text(struct painter *p, struct box content, double bottom,
			  const char *text, const char *place, enum text_align align)
{
	struct paint_text line = quiet_text(p, text, place);
	struct box row = content;

	if (!text)
		return bottom;
	line.align = align;
	line.balance = true;
	row.height = fmax(paint_measure(p, row.width, 0, &line).height,
			  paint_em(p, TYPE_CAPTION));
	row.y = bottom - row.height;
	line.valign = PAINT_MIDDLE;
	paint_text(p, row, &line);
	return row.y;
}

/*
 * Note left, origin right, below a line. A note that doesn't fit beside the origin stands
 * above the line, with the content that it is about, so that the line stays where it is.
 */
static double footer_draw(struct painter *p, struct box content,
			  const struct frame *frame)
{
	const char *note = frame->note, *rest = NULL, *above = NULL;
	const double gap = paint_em(p, TYPE_CAPTION) * 0.6;
	double top = box_bottom(content), origin;

	if (note && !footer_fits(p, content.width, note, frame->origin)) {
		above = note;
		note = NULL;
		if (footer_fits(p, content.width, frame->note_short, frame->origin)) {
			note = frame->note_short;
			rest = frame->note_rest;
			above = note ? NULL : above;
		}
	}
	if (rest)
		top = footer_text(p, content, top, rest, "footer: rest", TEXT_LEFT) - gap;
	/* Upright all stands on the left edge, but what has a neighbour there. */
	origin = footer_text(p, content, top, frame->origin, "footer: source",
			     note || !p->portrait ? TEXT_RIGHT : TEXT_LEFT);
	top = fmin(footer_text(p, content, top, note, "footer: note", TEXT_LEFT),
		   origin) -
	      FOOTER_GAP;
	paint_rect(p, (struct box){content.x, top, content.width, 2}, p->theme->line);
	if (above)
		top = footer_text(p, content, top - gap, above, "footer: note",
				  TEXT_LEFT);
	return box_bottom(content) - top;
}

static void stripe_draw(struct painter *p, const struct frame *frame)
{
	/* 赤 of the Color Universal Design set: only for what is urgent, with its word. */
	const struct colour red = {0xff4b00};
	double width = frame->urgent ? 2 * STRIPE : STRIPE;

	paint_rect(p, (struct box){0, 0, width, p->height},
		   frame->urgent ? red : p->theme->accent[frame->accent]);
}

struct box frame_draw(struct painter *p, const struct slide_source *source,
		      const struct frame *frame)
{
	struct box content = content_of(p), body = content;
	struct quiet before;

	p->report->language = p->words;
	stripe_draw(p, frame);
	frame_clock(p, source);
	before = quiet_begin(p, p->least);
	box_cut_top(&body, header_draw(p, content, source, frame), BODY_GAP);
	box_cut_bottom(&body, footer_draw(p, content, frame), FOOTER_GAP);
	quiet_end(p, before);
	return body;
}

struct box frame_plan(struct painter *p, const struct slide_source *source,
		      enum theme_accent accent, const char *section, const char *note,
		      const char *note_short)
{
	const struct plan *plan = source->plan;
	char origin[WORDING_SIZE], whole[WORDING_SIZE];
	struct frame frame = {
		.accent = accent,
		.section = section,
		.note = note,
		.note_short = note_short,
		.origin = whole,
	};

	const char *provisional = wording_in(p->words, WORDING_PROVISIONAL);

	wording_source(p->words, plan->source, origin);
	join(p, origin, plan->provisional ? provisional : NULL, whole);
	if (plan->provisional && !footer_fits(p, content_of(p).width, NULL, whole))
		wording_put(whole, "%s\n%s", origin, provisional);
	return frame_draw(p, source, &frame);
}

void frame_title(struct painter *p, struct box *body, const char *title, int page,
		 int pages)
{
	struct paint_text text = {
		.text = title,
		.place = "title",
		.size = TYPE_TITLE,
		.least = TYPE_LARGE,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.3,
		.balance = true,
		.max_lines = p->portrait ? 3 : 2,
	};
	char mark[WORDING_SIZE];
	struct paint_text number = {
		.text = mark,
		.place = "page",
		.size = TYPE_LABEL,
		.colour = p->theme->soft,
		.align = TEXT_RIGHT,
	};
	struct box strip = *body;

	if (pages > 1) {
		wording_page(page, pages, mark);
		strip.width -= paint_line_width(p, &number) + paint_em(p, TYPE_LABEL);
	}
	strip.height = paint_measure(p, strip.width, 0, &text).height;
	if (pages > 1) {
		struct box corner = *body;

		corner.height = fmin(strip.height, paint_em(p, TYPE_TITLE));
		number.valign = PAINT_MIDDLE;
		paint_text(p, corner, &number);
	}
	if (strip.height > body->height)
		paint_overflow(p, "title");
	paint_text(p, strip, &text);
	box_cut_top(body, strip.height, p->portrait ? 64 : 48);
}
