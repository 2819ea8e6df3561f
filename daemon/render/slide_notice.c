/*
 * Notices: what it is, for whom, when, where; the text flows to as many pages as it needs.
 * Each page stands for itself: title, department, until when, and the code for telephones.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/attr.h"
#include "core/err.h"
#include "core/utf8.h"
#include "render/slide_parts.h"
#include "render/wording.h"

#define PAGES_MAX 99
#define QR_SIZE   300

/* 黄 of the Color Universal Design set and the light theme's ink, day and night. */
static const struct colour warning_ground = {0xfff100};
static const struct colour warning_ink = {0x14171a};

/* --- Head: banner, badges, title --- */

static double badge_draw(struct painter *p, struct box row, double x, const char *word,
			 bool filled)
{
	double em = paint_em(p, TYPE_LABEL);
	struct paint_text text = {
		.text = word,
		.place = "badge",
		.size = TYPE_LABEL,
		.role = FONT_BOLD,
		.colour = filled ? p->theme->paper : p->theme->ink,
		.align = TEXT_CENTRE,
		.valign = PAINT_MIDDLE,
	};
	struct box badge = {x, row.y, paint_line_width(p, &text) + em * 1.2, row.height};

	if (box_right(badge) > box_right(row) + 0.5)
		paint_overflow(p, "badge");
	if (filled)
		paint_panel(p, badge, 14, p->theme->ink);
	else
		paint_outline(p, badge, 14, 5, p->theme->ink);
	paint_text(p, badge, &text);
	return box_right(badge) + em * 0.4;
}

static void banner_draw(struct painter *p, struct box banner)
{
	struct paint_text text = {
		.text = wording(WORDING_URGENT),
		.place = "urgent",
		.size = TYPE_TITLE,
		.least = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = warning_ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	double size = banner.height * 0.62;

	paint_panel(p, banner, 20, warning_ground);
	paint_warning(p, banner.x + 36 + size / 2, banner.y + banner.height / 2, size,
		      warning_ink, warning_ground);
	box_cut_left(&banner, 36 + size + 32, 0);
	paint_text(p, banner, &text);
}

static void badges_draw(struct painter *p, struct box *body, const struct notice *notice,
			int page, int pages)
{
	double em = paint_em(p, TYPE_LABEL), x = body->x;
	char mark[WORDING_SIZE];
	struct paint_text number = {
		.text = mark,
		.place = "page",
		.size = TYPE_LABEL,
		.colour = p->theme->soft,
		.align = TEXT_RIGHT,
		.valign = PAINT_MIDDLE,
	};
	struct box row;

	if (notice->urgent)
		banner_draw(p, box_cut_top(body, em * 2.8, 28));
	/* The row's room is the same on all pages, so that pages can be planned. */
	row = box_cut_top(body, em * 1.5, p->portrait ? 52 : 40);
	if (pages > 1) {
		wording_page(page, pages, mark);
		paint_text(p, row, &number);
	}
	if (notice->category)
		x = badge_draw(p, row, x, notice->category, true);
	if (notice->sample)
		badge_draw(p, row, x, wording(WORDING_SAMPLE), false);
}

static struct paint_text title_text(const struct painter *p, const struct notice *notice,
				    bool first)
{
	return (struct paint_text){
		.text = notice->title,
		.place = "title",
		.size = first ? TYPE_DISPLAY : TYPE_LARGE,
		.least = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.32,
		.balance = true,
	};
}

static void title_draw(struct painter *p, struct box *body, const struct notice *notice,
		       bool first)
{
	struct paint_text title = title_text(p, notice, first);
	/* A title may not crowd out what it is the title of. */
	double most = body->height * (first ? 0.45 : 0.4);
	double height = paint_measure(p, body->width, most, &title).height;

	if (height > most)
		paint_overflow(p, "title");
	paint_text(p, box_cut_top(body, height + 1, p->portrait ? 64 : 44), &title);
}

/* The code in a column of its own, or, upright, in a strip at the bottom. */
static void code_draw(struct painter *p, struct box *body, const char *url)
{
	struct paint_text caption = {
		.text = wording(WORDING_MORE),
		.place = "QR code",
		.size = TYPE_CAPTION,
		.colour = p->theme->ink,
		.align = p->portrait ? TEXT_RIGHT : TEXT_CENTRE,
		.valign = PAINT_MIDDLE,
		.balance = true,
	};
	double em = paint_em(p, TYPE_CAPTION);
	struct box strip, code;

	if (p->portrait) {
		strip = box_cut_bottom(body, QR_SIZE, 48);
		code = box_cut_right(&strip, QR_SIZE, 36);
	} else {
		double words = paint_line_width(p, &caption) + 2;

		strip = box_cut_right(body, fmax(QR_SIZE, words), 72);
		caption.valign = PAINT_TOP;
		code = box_cut_bottom(&strip, QR_SIZE + em * 1.5, 0);
		strip = (struct box){code.x, code.y + QR_SIZE + em * 0.4, code.width, em};
		code.height = QR_SIZE;
		code.x += (code.width - QR_SIZE) / 2;
		code.width = QR_SIZE;
	}
	if (!paint_qr(p, url, code)) {
		paint_overflow(p, "QR code");
		return;
	}
	paint_text(p, strip, &caption);
}

/* --- Content: facts, then the text --- */

/* Where the next thing goes. Pages other than @drawn are walked through, not drawn. */
struct cursor {
	struct painter *draw;          /* of the page that is drawn */
	struct painter *walk;          /* measures only */
	struct box first, other, room; /* on page 1, on later pages, what is left */
	int page, drawn;
	bool fresh;  /* nothing is on this page yet */
	bool single; /* only asked whether one page is enough */
	enum type_size size;
};

static void next_page(struct cursor *c)
{
	c->page++;
	c->room = c->other;
	c->fresh = true;
}

static void fact_place(struct cursor *c, const struct notice_fact *fact, double labels)
{
	struct painter *p = c->walk;
	double em = paint_em(p, c->size), height;
	struct paint_text label = {
		.text = fact->label,
		.place = "facts",
		.size = c->size,
		.least = TYPE_LABEL,
		.colour = p->theme->soft,
	};
	struct paint_text value = label;
	struct box row, left;

	value.text = fact->value;
	value.colour = p->theme->ink;
	value.leading = 1.4;
	height = fmax(paint_measure(p, c->room.width - labels - em, 0, &value).height,
		      paint_measure(p, labels, 0, &label).height) +
		 1;
	if (height > c->room.height && !c->fresh)
		next_page(c);
	if (height > c->room.height)
		paint_overflow(p, "facts");
	row = box_cut_top(&c->room, height, em * 0.55);
	c->fresh = false;
	if (c->page != c->drawn)
		return;
	left = box_cut_left(&row, labels, em);
	left.height = row.height = height;
	paint_text(c->draw, left, &label);
	paint_text(c->draw, row, &value);
}

static void facts_place(struct cursor *c, const struct notice *notice)
{
	double labels = 0;

	for (size_t i = 0; i < notice->fact_count; i++) {
		struct paint_text label = {
			.text = notice->facts[i].label,
			.place = "facts",
			.size = c->size,
			.colour = c->walk->theme->soft,
		};

		labels = fmax(labels, paint_line_width(c->walk, &label) + 2);
	}
	for (size_t i = 0; i < notice->fact_count; i++)
		fact_place(c, &notice->facts[i], fmin(labels, c->room.width * 0.4));
	if (notice->fact_count > 0 && notice->body && notice->body[0])
		box_cut_top(&c->room, paint_em(c->walk, c->size) * 0.6, 0);
}

#define LINES_TOGETHER 2 /* a page doesn't begin or end with a single line of many */

/*
 * Bytes of @text, of the @fitting ones, after which to turn the page: behind the last
 * sentence or paragraph that ends there, unless that would leave much of the page blank.
 */
static size_t page_end(const char *text, size_t fitting)
{
	static const char stop[] = "。";
	const size_t width = sizeof(stop) - 1;

	if (text[fitting] == '\0')
		return fitting;
	for (size_t end = fitting; end > fitting * 2 / 3; end--) {
		if (text[end - 1] == '\n')
			return end;
		if (end >= width && memcmp(text + end - width, stop, width) == 0)
			return end;
	}
	return fitting;
}

/*
 * The beginning of @text that is worth laying out for @lines: characters are hardly ever
 * narrower than half an em on average, and then the page is a little less full. Owned.
 */
static char *page_text(struct painter *p, const char *text, double width, double em,
		       int lines)
{
	size_t most = (size_t)(width / em * 2 * lines) + 1;
	const char *end = text;
	char *copy;

	for (size_t i = 0; i < most && *end; i++)
		utf8_next(&end);
	copy = strndup(text, (size_t)(end - text));
	if (!copy) {
		p->failed = true;
		err_set(p->err, ERR_NO_MEMORY, "slide: out of memory");
	}
	return copy;
}

/* One page's share of @text; returns its bytes, 0 when nothing fits at all. */
static size_t share_place(struct cursor *c, const char *text, struct paint_text *part)
{
	struct painter *p = c->walk;
	struct paint_extent extent;
	size_t end = 0;
	char *share =
		page_text(p, text, c->room.width, paint_em(p, c->size), part->max_lines);

	if (!share)
		return 0;
	part->text = share;
	extent = paint_measure(p, c->room.width, 0, part);
	if (extent.fits && extent.consumed > 0) {
		end = page_end(text, extent.consumed);
		share[end] = '\0';
		if (c->page == c->drawn)
			paint_text(c->draw, c->room, part);
		box_cut_top(&c->room, extent.height, 0);
		c->fresh = false;
	}
	free(share);
	return end;
}

static void body_place(struct cursor *c, const char *text)
{
	struct painter *p = c->walk;

	while (*text && !p->failed && !(c->single && c->page > 1)) {
		struct paint_text part = {
			.place = "body",
			.size = c->size,
			.colour = p->theme->ink,
			.leading = 1.55,
			.flow = true,
		};
		size_t end = 0;

		part.max_lines = paint_lines_in(p, &part, c->room.height);
		if (part.max_lines < LINES_TOGETHER && !c->fresh) {
			next_page(c);
			continue;
		}
		if (part.max_lines > 0 && c->page <= PAGES_MAX)
			end = share_place(c, text, &part);
		if (end == 0) {
			paint_overflow(p, "body");
			return;
		}
		text += end;
		while (*text == '\n' || *text == ' ')
			text++;
		if (*text)
			next_page(c);
	}
}

/* Walks through all pages, and draws page @drawn (0: none); returns how many there are. */
static int content_walk(struct cursor *c, const struct notice *notice)
{
	c->page = 1;
	c->room = c->first;
	c->fresh = true;
	facts_place(c, notice);
	if (notice->body)
		body_place(c, notice->body);
	return c->page;
}

/* --- The slide --- */

static void note_text(const struct notice *notice, char out[static 2 * WORDING_SIZE])
{
	snprintf(out, (size_t)2 * WORDING_SIZE, "%s%s%s", notice->department,
		 notice->contact ? "　" : "", notice->contact ? notice->contact : "");
}

static struct box notice_frame(struct painter *p, const struct slide_source *source,
			       const struct notice *notice)
{
	char from[WORDING_SIZE], note[2 * WORDING_SIZE], until[WORDING_SIZE];
	const char *organisation = source->organisation;
	struct frame frame = {
		.accent = THEME_NOTICE,
		.from = from,
		.note = note,
		.origin = until,
		.urgent = notice->urgent,
	};

	if (!organisation && source->plan)
		organisation = source->plan->city;
	if (organisation)
		wording_notice_from(organisation, from);
	else
		snprintf(from, sizeof(from), "%s", wording(WORDING_NOTICE));
	note_text(notice, note);
	wording_until(notice->until, source->now, until);
	return frame_draw(p, source, &frame);
}

/* The room of the content on the first or a later page; draws what is around it. */
static struct box page_head(struct painter *p, struct box body,
			    const struct notice *notice, bool first, int page, int pages)
{
	badges_draw(p, &body, notice, page, pages);
	if (notice->url)
		code_draw(p, &body, notice->url);
	title_draw(p, &body, notice, first);
	return body;
}

void slide_notice(struct painter *p, const struct slide_source *source,
		  const struct notice *notice, int page)
{
	static const enum type_size sizes[] = {TYPE_TITLE, TYPE_LARGE, TYPE_BODY,
					       TYPE_LABEL};
	/* Only what is short, or urgent, is set that large. */
	size_t first = p->portrait || notice->urgent ? 0 : 1;
	struct box body = notice_frame(p, source, notice);
	struct slide_report walked = {0}, heads;
	struct painter walk = *p;
	struct cursor cursor = {.draw = p, .walk = &walk};
	int pages = 0;

	walk.canvas = NULL;
	walk.report = &walked;
	cursor.first = page_head(&walk, body, notice, true, 1, 9);
	cursor.other = page_head(&walk, body, notice, false, 2, 9);
	heads = walked;
	/* Smaller letters only where they save all further pages. */
	cursor.single = true;
	for (size_t i = first; i < ARRAY_LEN(sizes) && pages != 1; i++) {
		walked = (struct slide_report){0};
		cursor.size = sizes[i];
		pages = content_walk(&cursor, notice);
		if (walked.overflow)
			pages = 0;
	}
	cursor.single = false;
	if (pages == 1)
		/* A short notice doesn't stick to its title. */
		box_cut_top(&cursor.first,
			    fmin(cursor.room.height * 0.4, p->portrait ? 120 : 60), 0);
	else
		cursor.size = TYPE_BODY;
	walked = (struct slide_report){0};
	cursor.drawn = page;
	pages = content_walk(&cursor, notice);
	p->report->pages = pages;
	if (page <= pages)
		page_head(p, body, notice, page == 1, page, pages);
	/* What finds no room on any page of the notice is told on each. */
	if (heads.overflow)
		paint_overflow(p, heads.overflow_place);
	if (walked.overflow)
		paint_overflow(p, walked.overflow_place);
	p->failed = p->failed || walk.failed;
}
