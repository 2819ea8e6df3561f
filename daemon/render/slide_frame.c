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
	enum font_language language;
};

static struct quiet quiet_begin(struct painter *p, double least)
{
	struct quiet before = {p->least, p->quiet, p->language};

	p->least = least;
	p->quiet = true;
	return before;
}

static void quiet_end(struct painter *p, struct quiet before)
{
	p->least = before.least;
	p->quiet = before.quiet;
	p->language = before.language;
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

/* The same on every slide, whatever its size and language. */
static struct quiet clock_begin(struct painter *p)
{
	struct quiet before = quiet_begin(p, p->header_em);

	p->language = FONT_JAPANESE;
	return before;
}

static struct box clock_box(struct painter *p)
{
	struct box content = content_of(p);
	struct quiet before = clock_begin(p);
	double em = paint_em(p, TYPE_CAPTION);
	struct paint_text widest = quiet_text(p, wording_clock_widest(), "header");
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
		wording_clock(source->now, text);
		paint_text(p, clock, &date);
	}
	quiet_end(p, before);
}

/* --- Header --- */

/* Whose screen, and where in the plan. One row where it fits beside the clock, else two. */
static double header_draw(struct painter *p, struct box content,
			  const struct slide_source *source, const struct frame *frame)
{
	const char *organisation = source->organisation;
	const char *title = source->plan ? source->plan->title : "";
	double em = paint_em(p, TYPE_CAPTION);
	struct box clock = clock_box(p);
	double beside = clock.x - content.x - em, first = fmax(em, clock.height);
	char where[WORDING_SIZE], all[2 * WORDING_SIZE];
	struct paint_text text = quiet_text(p, all, "header");
	struct box row = {content.x, content.y, beside, first};

	text.valign = PAINT_MIDDLE;
	if (!organisation)
		organisation = source->plan ? source->plan->city : "";
	text.max_lines = 1;
	snprintf(where, sizeof(where), "%s%s%s", title, frame->section ? "　" : "",
		 frame->section ? frame->section : "");
	snprintf(all, sizeof(all), "%s %s", organisation, where);
	if (frame->from)
		snprintf(all, sizeof(all), "%s", frame->from);
	if (paint_measure(p, beside, 0, &text).fits) {
		paint_text(p, row, &text);
		return first;
	}
	row.width = content.width;
	row.y += first + em * ROW_GAP;
	/* The organisation stays beside the clock when it fits there. */
	if (!frame->from) {
		struct paint_text owner = quiet_text(p, organisation, "header");

		owner.max_lines = 1;
		owner.valign = PAINT_MIDDLE;
		if (paint_measure(p, beside, 0, &owner).fits) {
			paint_text(p, (struct box){content.x, content.y, beside, first},
				   &owner);
			text.text = where;
		}
	}
	if (!paint_measure(p, row.width, 0, &text).fits)
		text.text = frame->from ? frame->from : organisation;
	text.max_lines = 2;
	row.height = fmax(paint_measure(p, row.width, 0, &text).height, em);
	paint_text(p, row, &text);
	return box_bottom(row) - content.y;
}

/* --- Footer --- */

/* Note left, origin right; below each other where they do not fit side by side. */
static double footer_draw(struct painter *p, struct box content,
			  const struct frame *frame)
{
	struct paint_text note = quiet_text(p, frame->note, "footer: note");
	struct paint_text origin = quiet_text(p, frame->origin, "footer: source");
	double em = paint_em(p, TYPE_CAPTION), height = em;
	double note_width = frame->note ? paint_line_width(p, &note) : 0;
	double origin_width = frame->origin ? paint_line_width(p, &origin) : 0;
	bool side_by_side = note_width + origin_width + 2 * em <= content.width;

	if (!side_by_side && frame->note_short) {
		note.text = frame->note_short;
		note_width = paint_line_width(p, &note);
		side_by_side = note_width + origin_width + 2 * em <= content.width;
	}
	struct box row = {content.x, 0, content.width, em};

	if (!frame->note && !frame->origin)
		height = 0;
	else if (!side_by_side || !frame->note || !frame->origin) {
		double upper = paint_measure(p, content.width, 0, &note).height;
		double lower = paint_measure(p, content.width, 0, &origin).height;

		height = upper + lower;
		if (upper > 0 && lower > 0)
			height += em * 0.6;
	}
	row.y = box_bottom(content) - height;
	paint_rect(p, (struct box){content.x, row.y - FOOTER_GAP, content.width, 2},
		   p->theme->line);
	if (height <= 0)
		return FOOTER_GAP;
	row.height = height;
	note.valign = PAINT_TOP;
	origin.valign = PAINT_BOTTOM;
	origin.align = frame->note && !side_by_side ? TEXT_LEFT : TEXT_RIGHT;
	if (side_by_side)
		note.valign = origin.valign = PAINT_MIDDLE;
	if (note.text)
		paint_text(p, row, &note);
	if (origin.text)
		paint_text(p, row, &origin);
	return height + FOOTER_GAP;
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
	char origin[WORDING_SIZE];
	struct frame frame = {
		.accent = accent,
		.section = section,
		.note = note,
		.note_short = note_short,
		.origin = origin,
	};

	wording_source(source->plan->source, origin);
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
