/* The text of a notice: facts, then the body, over as many pages as they need. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/ruby.h"
#include "core/utf8.h"
#include "render/slide_notice.h"

#define PAGES_MAX 99

#define HANG_MOST 110 /* em up to which a mark has room in the margin */

static bool hangs(const struct cursor *c)
{
	return paint_em(c->walk, c->size) <= HANG_MOST;
}

/* Whether what finds no room here may find it on the next page. */
static bool may_turn(const struct cursor *c)
{
	return !c->fresh || (c->page == 1 && c->other.height > c->room.height);
}

static void next_page(struct cursor *c)
{
	c->page++;
	c->room = c->other;
	c->fresh = true;
}

void edition_field(const struct edition *edition, const char *name,
		   char out[static FIELD_SIZE])
{
	snprintf(out, FIELD_SIZE, "%s%s", edition->fields, name);
}

/* The name of member @member of row @index. */
static void fact_field(const struct edition *edition, size_t index, const char *member,
		       char out[static FIELD_SIZE])
{
	snprintf(out, FIELD_SIZE, "%sfacts[%zu].%s", edition->fields, index, member);
}

static struct paint_text fact_text(const struct cursor *c, const struct edition *edition,
				   const char *text, struct colour colour)
{
	return (struct paint_text){
		.text = text,
		.size = c->size,
		.least = TYPE_LABEL,
		.colour = colour,
		.words = true,
		.ruby = edition->ruby,
	};
}

/* Row @index, its first letters at least @top below its upper edge. */
static void fact_place(struct cursor *c, const struct edition *edition, size_t index,
		       double labels, double top)
{
	const struct notice_fact *fact = &edition->facts[index];
	struct painter *p = c->walk;
	double em = paint_em(p, c->size), height;
	struct paint_text label = fact_text(c, edition, fact->label, p->theme->soft);
	struct paint_text value = fact_text(c, edition, fact->value, p->theme->ink);
	char label_field[FIELD_SIZE], value_field[FIELD_SIZE];
	struct paint_extent left, right;
	struct box row, column;

	fact_field(edition, index, "label", label_field);
	fact_field(edition, index, "value", value_field);
	label.place = label_field;
	value.place = value_field;
	value.hang = hangs(c);
	left = paint_measure(p, labels, 0, &label);
	right = paint_measure(p, c->room.width - labels - em, 0, &value);
	c->parted |= right.parted;
	/* Where only one of the two has readings, their lines still stand level. */
	top = fmax(top, fmax(left.top, right.top));
	height = top + fmax(left.height - left.top, right.height - right.top) + 1;
	if (height > c->room.height && may_turn(c))
		next_page(c);
	if (height > c->room.height)
		paint_overflow(p, value_field);
	row = box_cut_top(&c->room, height, em * 0.55);
	c->fresh = false;
	if (c->page != c->drawn)
		return;
	column = box_cut_left(&row, labels, em);
	column.y += top - left.top;
	row.y += top - right.top;
	column.height = row.height = height;
	paint_text(c->draw, column, &label);
	paint_text(c->draw, row, &value);
}

static void facts_place(struct cursor *c, const struct edition *edition)
{
	double labels = 0, top = 0;

	for (size_t i = 0; i < edition->fact_count; i++) {
		const struct notice_fact *fact = &edition->facts[i];
		struct colour soft = c->walk->theme->soft;
		struct paint_text label = fact_text(c, edition, fact->label, soft);
		struct paint_text value = fact_text(c, edition, fact->value, soft);
		struct paint_extent extent = paint_measure(c->walk, -1, 0, &label);

		labels = fmax(labels, extent.width + 2);
		top = fmax(top, extent.top);
		top = fmax(top, paint_measure(c->walk, -1, 0, &value).top);
	}
	/* Where one row has readings all stand as far apart, but for the first on a page. */
	for (size_t i = 0; i < edition->fact_count; i++)
		fact_place(c, edition, i, fmin(labels, c->room.width * 0.4),
			   c->fresh ? 0 : top);
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
static char *page_text(struct painter *p, const char *text, bool ruby, double width,
		       double em, int lines)
{
	size_t most = (size_t)(width / em * 2 * lines) + 1, count = 0;
	const char *limit = text + TEXT_BYTES_MAX, *end = text, *next = text;
	struct ruby_piece piece;
	char *copy;

	while (count < most && next == end && *next) {
		piece = (struct ruby_piece){.text = next, .len = strlen(next)};
		if (!ruby || !ruby_next(&next, &piece))
			next += piece.len;
		/* A reading stays whole: what ends a page is no part of one. */
		if (piece.reading && next <= limit) {
			end = next;
			count++;
			continue;
		}
		for (const char *at = piece.text;
		     !piece.reading && at < piece.text + piece.len && count < most;
		     count++) {
			utf8_next(&at);
			if (at > limit)
				break;
			end = at;
		}
	}
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
	char *share = page_text(p, text, part->ruby, c->room.width, paint_em(p, c->size),
				part->max_lines);

	if (!share)
		return 0;
	part->text = share;
	extent = paint_measure(p, c->room.width, 0, part);
	if (extent.fits && extent.consumed > 0) {
		end = page_end(text, extent.consumed);
		c->parted |= extent.parted;
		share[end] = '\0';
		if (c->page == c->drawn)
			paint_text(c->draw, c->room, part);
		box_cut_top(&c->room, extent.height, 0);
		c->fresh = false;
	}
	free(share);
	return end;
}

/* Whether all of @part fits its lines. */
static bool is_all(struct painter *p, double width, const struct paint_text *part)
{
	struct paint_text all = *part;

	all.flow = false;
	return part->max_lines > 0 && strlen(part->text) <= TEXT_BYTES_MAX &&
	       paint_measure(p, width, 0, &all).fits;
}

/* Lines with readings stand further apart, on all pages of a text. */
#define LEADING          1.55
#define LEADING_READINGS 1.8

static void body_place(struct cursor *c, const struct edition *edition)
{
	struct painter *p = c->walk;
	const char *text = edition->body;
	bool readings = edition->ruby && ruby_is_in(text);
	size_t before = 0;
	char field[FIELD_SIZE];

	edition_field(edition, "body", field);
	while (*text && !p->failed && !(c->single && c->page > 1)) {
		struct paint_text part = {
			.text = text,
			.place = field,
			.before = before,
			.size = c->size,
			.colour = p->theme->ink,
			.leading = readings ? LEADING_READINGS : LEADING,
			.flow = true,
			.ruby = edition->ruby,
			.hang = hangs(c),
		};
		const char *start = text;
		size_t end = 0;

		part.max_lines = paint_lines_in(p, &part, c->room.height);
		if (part.max_lines < LINES_TOGETHER && may_turn(c) &&
		    !is_all(p, c->room.width, &part)) {
			next_page(c);
			continue;
		}
		if (part.max_lines > 0 && c->page <= PAGES_MAX)
			end = share_place(c, text, &part);
		if (end == 0) {
			paint_overflow(p, field);
			return;
		}
		text += end;
		while (*text == '\n' || *text == ' ')
			text++;
		while (start < text) {
			utf8_next(&start);
			before++;
		}
		if (*text)
			next_page(c);
	}
}

int notice_flow(struct cursor *c, const struct edition *edition)
{
	c->page = 1;
	c->room = c->first;
	c->fresh = true;
	c->parted = false;
	facts_place(c, edition);
	if (edition->body)
		body_place(c, edition);
	return c->page;
}
