/* The text of a notice: facts, then the body, over as many pages as they need. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"
#include "render/slide_notice.h"

#define PAGES_MAX 99

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

static void facts_place(struct cursor *c, const struct edition *edition)
{
	double labels = 0;

	for (size_t i = 0; i < edition->fact_count; i++) {
		struct paint_text label = {
			.text = edition->facts[i].label,
			.place = "facts",
			.size = c->size,
			.colour = c->walk->theme->soft,
		};

		labels = fmax(labels, paint_line_width(c->walk, &label) + 2);
	}
	for (size_t i = 0; i < edition->fact_count; i++)
		fact_place(c, &edition->facts[i], fmin(labels, c->room.width * 0.4));
	if (edition->fact_count > 0 && edition->body && edition->body[0])
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

int notice_flow(struct cursor *c, const struct edition *edition)
{
	c->page = 1;
	c->room = c->first;
	c->fresh = true;
	facts_place(c, edition);
	if (edition->body)
		body_place(c, edition->body);
	return c->page;
}
