/* The plan's own sentences: its position, its principle, the fields it looks at, PDCA. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/attr.h"
#include "render/slide_parts.h"
#include "render/wording.h"

#define PARAGRAPHS_MAX 24
#define PARAGRAPH_GAP  40

/* --- Sentences in as few pages as they need, as large as that allows --- */

struct flow {
	const char **paragraphs;
	size_t count;
	double heights[PARAGRAPHS_MAX];
	double picture; /* height of what follows the last paragraph; 0: none */
	enum type_size size;
	int pages;
	bool fits;
	size_t first[PARAGRAPHS_MAX + 1]; /* paragraph that begins each page */
};

static struct paint_text sentence(const struct painter *p, const char *text,
				  enum type_size size)
{
	return (struct paint_text){
		.text = text,
		.place = "sentence",
		.size = size,
		.colour = p->theme->ink,
		.leading = 1.5,
		.balance = true,
	};
}

/* Fills pages of at most @limit in order; the picture goes with the last paragraph. */
static void flow_at(struct painter *p, struct flow *flow, struct box body, double limit,
		    enum type_size size)
{
	double used = 0;

	flow->size = size;
	flow->pages = 1;
	flow->fits = true;
	flow->first[0] = 0;
	for (size_t i = 0; i < flow->count; i++) {
		struct paint_text text = sentence(p, flow->paragraphs[i], size);
		struct paint_extent extent = paint_measure(p, body.width, 0, &text);
		double tail = i + 1 == flow->count ? flow->picture : 0;

		flow->heights[i] = extent.height;
		flow->fits = flow->fits && extent.fits && extent.height + tail <= limit;
		if (used > 0 && used + extent.height + tail > limit) {
			flow->first[flow->pages++] = i;
			used = 0;
		}
		used += extent.height + PARAGRAPH_GAP;
	}
	flow->first[flow->pages] = flow->count;
}

static void flow_plan(struct painter *p, struct flow *flow, struct box body)
{
	static const enum type_size sizes[] = {TYPE_TITLE, TYPE_LARGE, TYPE_BODY,
					       TYPE_LABEL};
	struct flow best = {0};

	if (flow->count > PARAGRAPHS_MAX)
		flow->count = PARAGRAPHS_MAX;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		flow_at(p, flow, body, body.height, sizes[i]);
		/* Smaller letters only where they save a page. */
		if (i == 0 || (flow->fits && !best.fits) ||
		    (flow->fits == best.fits && flow->pages < best.pages))
			best = *flow;
	}
	*flow = best;
	/* As many pages, but filled evenly: the lowest limit that needs no more of them. */
	for (double limit = body.height; limit > 0 && best.fits; limit -= 20) {
		flow_at(p, flow, body, limit, best.size);
		if (!flow->fits || flow->pages > best.pages)
			break;
		best = *flow;
	}
	*flow = best;
}

static void flow_draw(struct painter *p, const struct flow *flow, struct box body,
		      int page)
{
	struct layout_part parts[PARAGRAPHS_MAX];
	size_t first = flow->first[page - 1], count = flow->first[page] - first;

	for (size_t i = 0; i < count; i++)
		parts[i] = (struct layout_part){.height = flow->heights[first + i] + 1};
	if (!layout_stack(body, parts, count, PARAGRAPH_GAP - 1, 72, true))
		paint_overflow(p, "sentence");
	for (size_t i = 0; i < count; i++) {
		struct paint_text text =
			sentence(p, flow->paragraphs[first + i], flow->size);

		paint_text(p, parts[i].box, &text);
	}
}

/* --- Position: with the period as an axis on the last page --- */

static void period_draw(struct painter *p, struct box box,
			const struct slide_source *source)
{
	const struct plan *plan = source->plan;
	char years[WORDING_SIZE];
	struct paint_text label = {
		.text = wording_in(p->words, WORDING_PERIOD),
		.place = "period",
		.size = TYPE_LABEL,
		.colour = p->theme->soft,
		.valign = PAINT_MIDDLE,
	};
	struct paint_text text = label;
	const struct axis axis = {
		.first = plan->first_fiscal_year,
		.last = plan->last_fiscal_year,
		.now = frame_fiscal_year(source),
		.accent = p->theme->soft,
	};
	double em = paint_em(p, TYPE_LABEL);
	struct box head = box_cut_top(&box, em, em * 0.4);

	wording_fiscal_years(p->words, axis.first, axis.last, years);
	text.text = years;
	text.role = FONT_BOLD;
	text.colour = p->theme->ink;
	paint_text(p, box_cut_left(&head, paint_line_width(p, &label) + 2, em * 0.8),
		   &label);
	paint_text(p, head, &text);
	axis_draw(p, box, &axis);
}

void slide_position(struct painter *p, const struct slide_source *source, int page)
{
	const struct plan_text *position = &source->plan->position;
	struct box body = frame_plan(p, source, THEME_NEUTRAL, NULL, NULL, NULL),
		   rest = body;
	double gap = p->portrait ? 64 : 40;
	struct flow flow = {
		.paragraphs = position->paragraphs,
		.count = position->paragraph_count,
		.picture = axis_height(p) + paint_em(p, TYPE_LABEL) * 1.4 + gap,
	};

	/* The title's strip is the same with and without a page mark; plan on the smaller. */
	{
		struct painter dry = *p;
		struct slide_report ignored = {0};

		dry.canvas = NULL;
		dry.report = &ignored;
		frame_title(&dry, &rest, position->title, 1, 9);
		p->failed = dry.failed;
	}
	flow_plan(p, &flow, rest);
	p->report->pages = flow.pages;
	if (page > flow.pages)
		return;
	frame_title(p, &body, position->title, page, flow.pages);
	body = (struct box){body.x, rest.y, body.width, rest.height};
	if (page == flow.pages)
		period_draw(p, box_cut_bottom(&body, flow.picture - gap, gap), source);
	flow_draw(p, &flow, body, page);
}

/* --- Principle: the words, as large as they go; then what it means for the city --- */

static void principle_words(struct painter *p, const struct slide_source *source)
{
	const struct plan *plan = source->plan;
	struct box body = frame_plan(p, source, THEME_NEUTRAL, NULL, NULL, NULL);
	struct paint_text words = {
		.text = plan->principle,
		.place = "principle",
		.size = TYPE_HUGE,
		.least = TYPE_TITLE,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.3,
		.balance = true,
		.max_lines = p->portrait ? 3 : 2,
	};
	struct paint_text text = {
		.text = plan->principle_text.paragraph_count > 0
				? plan->principle_text.paragraphs[0]
				: "",
		.place = "sentence",
		.size = TYPE_LARGE,
		.least = TYPE_BODY,
		.colour = p->theme->ink,
		.leading = 1.55,
		.balance = true,
	};
	struct layout_part parts[3];

	frame_title(p, &body, plan->principle_text.title, 1, 2);
	parts[0] = (struct layout_part){
		.height = paint_measure(p, body.width, 0, &words).height + 1};
	parts[1] = (struct layout_part){.height = 14};
	parts[2] = (struct layout_part){
		.height = paint_measure(p, body.width, 0, &text).height + 1};
	if (!layout_stack(body, parts, ARRAY_LEN(parts), 40, p->portrait ? 110 : 80,
			  true))
		paint_overflow(p, "principle");
	paint_text(p, parts[0].box, &words);
	parts[1].box.width = 240;
	paint_rect(p, parts[1].box, p->theme->ink);
	paint_text(p, parts[2].box, &text);
}

static void principle_local(struct painter *p, const struct slide_source *source)
{
	const struct plan_text *local = &source->plan->local;
	struct box body = frame_plan(p, source, THEME_NEUTRAL, NULL, NULL, NULL);
	struct flow flow = {
		.paragraphs = local->paragraphs,
		.count = local->paragraph_count,
	};

	frame_title(p, &body, local->title, 2, 2);
	flow_plan(p, &flow, body);
	if (flow.pages > 1)
		paint_overflow(p, "sentence");
	flow_draw(p, &flow, body, 1);
}

void slide_principle(struct painter *p, const struct slide_source *source, int page)
{
	p->report->pages = 2;
	if (page == 1)
		principle_words(p, source);
	else if (page == 2)
		principle_local(p, source);
}

/* --- Three fields --- */

static const char *field_pictogram(size_t index)
{
	static const char *const ids[] = {"compass", "bulb", "pin"};

	return ids[index % ARRAY_LEN(ids)];
}

/*
 * One field with its sentence at @size, or on its own (TYPE_NONE); returns the height it
 * takes and draws it when @draw.
 */
static double field_card(struct painter *p, struct box card,
			 const struct plan_text *field, size_t index, enum type_size size,
			 bool draw)
{
	const bool single = size == TYPE_NONE;
	const double pad = 36, picture = p->portrait || single ? 150 : 84;
	struct paint_text title = {
		.text = field->title,
		.place = "field",
		.size = single ? TYPE_TITLE : TYPE_LARGE,
		.least = TYPE_BODY,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.3,
		.balance = true,
		.max_lines = 2,
	};
	struct paint_text text = {
		.text = field->paragraph_count > 0 ? field->paragraphs[0] : "",
		.place = "field",
		.size = single ? TYPE_LARGE : size,
		.colour = p->theme->ink,
		.leading = 1.5,
	};
	struct box inside = box_inset(card, pad, pad), strip = inside;
	bool beside = p->portrait || single;
	double head, body;

	if (beside)
		box_cut_left(&inside, picture, 48);
	head = paint_measure(p, inside.width, 0, &title).height + 1;
	body = paint_measure(p, inside.width, 0, &text).height + 1;
	if (draw) {
		paint_panel(p, card, 24, p->theme->panel);
		if (beside) {
			struct layout_part parts[] = {{.height = head}, {.height = body}};

			paint_pictogram(p, field_pictogram(index),
					box_cut_left(&strip, picture, 0), p->theme->ink);
			if (!layout_stack(inside, parts, 2, 28, 44, true))
				paint_overflow(p, "field");
			paint_text(p, parts[0].box, &title);
			paint_text(p, parts[1].box, &text);
		} else {
			struct box top = box_cut_top(&inside, picture, 28);

			top.width = picture;
			paint_pictogram(p, field_pictogram(index), top, p->theme->ink);
			paint_text(p, box_cut_top(&inside, head, 28), &title);
			paint_text(p, inside, &text);
		}
	}
	if (beside)
		return fmax(head + 28 + body, picture) + 2 * pad;
	return picture + 28 + head + 28 + body + 2 * pad;
}

static struct box field_box(const struct painter *p, struct box body, size_t index,
			    size_t count)
{
	return p->portrait ? box_row(body, index, count, 40)
			   : box_column(body, index, count, 36);
}

/* The largest size at which all fields fit on one page; TYPE_NONE when there is none. */
static enum type_size fields_size(struct painter *p, struct box cards,
				  const struct plan *plan)
{
	for (enum type_size size = TYPE_LARGE; size >= TYPE_CAPTION; size--) {
		bool fit = true;

		for (size_t i = 0; i < plan->field_count && fit; i++) {
			struct box card = field_box(p, cards, i, plan->field_count);

			fit = field_card(p, card, &plan->fields[i], i, size, false) <=
			      card.height;
		}
		if (fit)
			return size;
	}
	return TYPE_NONE;
}

void slide_fields(struct painter *p, const struct slide_source *source, int page)
{
	const struct plan *plan = source->plan;
	const struct plan_text *approach = &plan->approach;
	struct box body = frame_plan(p, source, THEME_NEUTRAL, NULL, NULL, NULL);
	struct paint_text lead = {
		.text = approach->paragraph_count > 0 ? approach->paragraphs[0] : "",
		.place = "sentence",
		.size = TYPE_BODY,
		.least = TYPE_LABEL,
		.colour = p->theme->ink,
		.leading = 1.5,
		.max_lines = p->portrait ? 0 : 1,
		.balance = p->portrait,
	};
	struct box cards = body;
	enum type_size size;
	bool together;
	int pages;

	{
		struct painter dry = *p;
		struct slide_report ignored = {0};

		dry.canvas = NULL;
		dry.report = &ignored;
		frame_title(&dry, &cards, approach->title, 1, 1);
		p->failed = dry.failed;
	}
	if (!paint_measure(p, body.width, 0, &lead).fits)
		lead.max_lines = 0;
	box_cut_top(&cards, paint_measure(p, body.width, 0, &lead).height + 1, 44);
	size = fields_size(p, cards, plan);
	together = size != TYPE_NONE;
	pages = together ? 1 : (int)plan->field_count;
	p->report->pages = pages > 0 ? pages : 1;
	if (page > p->report->pages)
		return;
	frame_title(p, &body, approach->title, page, pages);
	paint_text(
		p,
		box_cut_top(&body, paint_measure(p, body.width, 0, &lead).height + 1, 44),
		&lead);
	for (size_t i = 0; together && i < plan->field_count; i++)
		field_card(p, field_box(p, body, i, plan->field_count), &plan->fields[i],
			   i, size, true);
	if (!together && field_card(p, body, &plan->fields[page - 1], (size_t)page - 1,
				    TYPE_NONE, true) > body.height + 0.5)
		paint_overflow(p, "field");
}

/* --- PDCA --- */

#define PDCA_STEPS 4

static void pdca_step(struct painter *p, double x, double y, double radius,
		      const char *letter, const char *word)
{
	struct paint_text upper = {
		.text = letter,
		.place = "PDCA",
		.size = TYPE_DISPLAY,
		.least = TYPE_LARGE,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.align = TEXT_CENTRE,
		.valign = PAINT_BOTTOM,
	};
	struct paint_text lower = {
		.text = word,
		.place = "PDCA",
		.size = TYPE_LABEL,
		.least = TYPE_CAPTION,
		.colour = p->theme->ink,
		.align = TEXT_CENTRE,
	};
	double half = radius * 0.66;

	paint_dot(p, x, y, radius, p->theme->panel);
	paint_ring(p, x, y, radius, 8, p->theme->ink);
	paint_text(p, (struct box){x - half, y - radius * 0.74, 2 * half, radius * 0.82},
		   &upper);
	paint_text(p, (struct box){x - half, y + radius * 0.22, 2 * half, radius * 0.52},
		   &lower);
}

static void pdca_draw(struct painter *p, struct box box)
{
	static const char *const letters[PDCA_STEPS] = {"P", "D", "C", "A"};
	static const enum wording words[PDCA_STEPS] = {WORDING_PLAN, WORDING_DO,
						       WORDING_CHECK, WORDING_ACT};
	const double quarter = acos(0), pi = 2 * quarter;
	double size = fmin(box.width, box.height), x = box.x + box.width / 2;
	double y = box.y + box.height / 2, radius = size * 0.17;
	double orbit = size / 2 - radius - 4;
	/* The arrows leave the steps alone by this angle, seen from the middle. */
	double away = 2 * asin(fmin(radius / (2 * orbit), 1)) + 0.14;

	for (int i = 0; i < PDCA_STEPS; i++) {
		double angle = -quarter + quarter * i;

		pdca_step(p, x + orbit * cos(angle), y + orbit * sin(angle), radius,
			  letters[i], wording_in(p->words, words[i]));
		paint_arc_arrow(p, x, y, orbit, angle + away, angle + pi / 2 - away,
				p->theme->soft);
	}
}

void slide_pdca(struct painter *p, const struct slide_source *source, int page)
{
	const struct plan_text *progress = &source->plan->progress;
	size_t last = progress->paragraph_count;
	struct box body = frame_plan(p, source, THEME_NEUTRAL,
				     wording_in(p->words, WORDING_PROGRESS), NULL, NULL);
	struct paint_text text = {
		.text = last > 0 ? progress->paragraphs[last - 1] : "",
		.place = "sentence",
		.size = TYPE_LARGE,
		.least = TYPE_LABEL,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.leading = 1.6,
		.balance = true,
	};

	p->report->pages = 1;
	if (page != 1)
		return;
	frame_title(p, &body, wording_in(p->words, WORDING_PDCA), 1, 1);
	if (p->portrait) {
		struct layout_part parts[] = {
			{.height = 780},
			{.height = paint_measure(p, body.width, 0, &text).height + 1},
		};

		if (!layout_stack(body, parts, 2, 48, 110, true))
			paint_overflow(p, "sentence");
		pdca_draw(p, parts[0].box);
		paint_text(p, parts[1].box, &text);
	} else {
		struct box picture = box_cut_left(&body, body.height, 110);

		pdca_draw(p, picture);
		paint_text(p, body, &text);
	}
}
