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
		.place = "paragraphs",
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
		paint_overflow(p, "paragraphs");
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
		.place = "years",
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

	p->report->pages = 0;
	if (flow.count == 0)
		return;
	paint_scope(p, "position.");
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

static int principle_pages(const struct plan *plan)
{
	return plan->local.paragraph_count > 0 ? 2 : 1;
}

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
		.place = "paragraphs",
		.size = TYPE_LARGE,
		.least = TYPE_BODY,
		.colour = p->theme->ink,
		.leading = 1.55,
		.balance = true,
	};
	struct layout_part parts[3];

	paint_scope(p, "principle_text.");
	frame_title(p, &body, plan->principle_text.title, 1, principle_pages(plan));
	parts[0] = (struct layout_part){
		.height = paint_measure(p, body.width, 0, &words).height + 1};
	parts[1] = (struct layout_part){.height = 14};
	parts[2] = (struct layout_part){
		.height = paint_measure(p, body.width, 0, &text).height + 1};
	/* A translation has no sentence below. */
	if (!layout_stack(body, parts, text.text[0] ? 3 : 2, 40, p->portrait ? 110 : 80,
			  true))
		paint_overflow(p, "principle");
	paint_scope(p, "%s", "");
	paint_text(p, parts[0].box, &words);
	paint_scope(p, "principle_text.");
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

	paint_scope(p, "local.");
	frame_title(p, &body, local->title, 2, 2);
	flow_plan(p, &flow, body);
	if (flow.pages > 1)
		paint_overflow(p, "paragraphs");
	flow_draw(p, &flow, body, 1);
}

void slide_principle(struct painter *p, const struct slide_source *source, int page)
{
	p->report->pages = principle_pages(source->plan);
	if (page > p->report->pages)
		return;
	if (page == 1)
		principle_words(p, source);
	else
		principle_local(p, source);
}

/* --- Three fields --- */

static const char *field_pictogram(size_t index)
{
	static const char *const ids[] = {"compass", "bulb", "pin"};

	return ids[index % ARRAY_LEN(ids)];
}

#define FIELD_PAD 24
#define FIELD_GAP 48

/*
 * One field: its pictogram, and beside it its title over its sentence, or, on a wide screen,
 * before it.
 */
struct field {
	struct paint_text title, text;
	double titles; /* width of the column of titles; 0: they stand over the sentences */
	double picture, head, body, height; /* height: of the whole card, at least */
};

/* The widest title of all fields, of which the sentences stand in one line. */
static double fields_titles(struct painter *p, const struct plan *plan)
{
	double widest = 0;

	for (size_t i = 0; i < plan->field_count; i++) {
		const struct plan_text *field = &plan->fields[i];
		struct paint_text title = {
			.text = field->title, .size = TYPE_BODY, .role = FONT_BOLD};

		if (field->paragraph_count > 0)
			widest = fmax(widest, paint_line_width(p, &title) + 2);
	}
	return widest;
}

/* @size is that of the sentence, or TYPE_NONE: on a page of its own. */
static struct field field_measure(struct painter *p, double width,
				  const struct plan_text *text, double titles,
				  enum type_size size)
{
	const bool single = size == TYPE_NONE;
	struct field field = {
		.title = {.text = text->title,
			  .place = "title",
			  .size = single       ? TYPE_TITLE
				  : titles > 0 ? TYPE_BODY
					       : TYPE_LARGE,
			  .least = TYPE_BODY,
			  .role = FONT_BOLD,
			  .colour = p->theme->ink,
			  .leading = 1.3,
			  .balance = true,
			  .max_lines = 2},
		.text = {.text = text->paragraph_count > 0 ? text->paragraphs[0] : "",
			 .place = "paragraphs",
			 .size = single ? TYPE_LARGE : size,
			 .colour = p->theme->ink,
			 .leading = 1.5,
			 .balance = true},
		.titles = titles,
		.picture = p->portrait || single ? 150 : 96,
	};
	double content;

	width -= 2 * FIELD_PAD + field.picture + FIELD_GAP;
	field.head =
		paint_measure(p, titles > 0 ? titles : width, 0, &field.title).height + 1;
	if (titles > 0)
		width -= titles + FIELD_GAP;
	if (field.text.text[0])
		field.body = paint_measure(p, width, 0, &field.text).height + 1;
	content = field.body > 0 ? field.head + 22 + field.body : field.head;
	if (titles > 0)
		content = fmax(field.head, field.body);
	field.height = fmax(content, field.picture) + 2 * FIELD_PAD;
	return field;
}

static void field_draw(struct painter *p, struct box card, const struct field *field,
		       size_t index)
{
	struct layout_part parts[] = {{.height = field->head}, {.height = field->body}};
	struct box inside = box_inset(card, FIELD_PAD, FIELD_PAD), strip;

	paint_scope(p, "fields[%zu].", index);
	paint_panel(p, card, 24, p->theme->panel);
	strip = box_cut_left(&inside, field->picture, FIELD_GAP);
	strip.y += (strip.height - field->picture) / 2;
	strip.height = field->picture;
	paint_pictogram(p, field_pictogram(index), strip, p->theme->ink);
	if (field->titles > 0) {
		struct paint_text title = field->title, text = field->text;

		title.valign = text.valign = PAINT_MIDDLE;
		paint_text(p, box_cut_left(&inside, field->titles, FIELD_GAP), &title);
		paint_text(p, inside, &text);
		return;
	}
	if (!layout_stack(inside, parts, field->body > 0 ? 2 : 1, 22, 44, true))
		paint_overflow(p, "paragraphs");
	paint_text(p, parts[0].box, &field->title);
	if (field->body > 0)
		paint_text(p, parts[1].box, &field->text);
}

/* All fields below each other with sentences of @size; false when there is no room. */
static bool fields_draw(struct painter *p, struct box body, const struct plan *plan,
			enum type_size size, bool draw)
{
	struct layout_part parts[PLAN_FIELDS_MAX];
	struct field fields[PLAN_FIELDS_MAX];
	double titles = p->portrait ? 0 : fields_titles(p, plan);

	for (size_t i = 0; i < plan->field_count; i++) {
		fields[i] = field_measure(p, body.width, &plan->fields[i], titles, size);
		parts[i] = (struct layout_part){.height = fields[i].height,
						.grow = 1,
						.grow_max = fields[i].height + 120};
	}
	if (!layout_stack(body, parts, plan->field_count, p->portrait ? 32 : 20, 36,
			  true))
		return false;
	for (size_t i = 0; draw && i < plan->field_count; i++)
		field_draw(p, parts[i].box, &fields[i], i);
	return true;
}

/* The largest size at which all fields fit on one page; TYPE_NONE when there is none. */
static enum type_size fields_size(struct painter *p, struct box cards,
				  const struct plan *plan)
{
	for (enum type_size size = TYPE_LARGE; size >= TYPE_CAPTION; size--)
		if (fields_draw(p, cards, plan, size, false))
			return size;
	return TYPE_NONE;
}

void slide_fields(struct painter *p, const struct slide_source *source, int page)
{
	const struct plan *plan = source->plan;
	const struct plan_text *approach = &plan->approach;
	struct box body = frame_plan(p, source, THEME_NEUTRAL, NULL, NULL, NULL);
	struct paint_text lead = {
		.text = approach->paragraph_count > 0 ? approach->paragraphs[0] : "",
		.place = "paragraphs",
		.size = TYPE_BODY,
		.least = TYPE_LABEL,
		.colour = p->theme->ink,
		.leading = 1.5,
		.max_lines = p->portrait ? 0 : 1,
		.balance = p->portrait,
	};
	struct box cards = body;
	enum type_size size;
	double height;
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
	height = lead.text[0] ? paint_measure(p, body.width, 0, &lead).height + 1 : 0;
	box_cut_top(&cards, height, height > 0 ? 40 : 0);
	size = fields_size(p, cards, plan);
	pages = size != TYPE_NONE ? 1 : (int)plan->field_count;
	p->report->pages = pages;
	if (page > pages)
		return;
	paint_scope(p, "approach.");
	frame_title(p, &body, approach->title, page, pages);
	paint_text(p, box_cut_top(&body, height, height > 0 ? 40 : 0), &lead);
	if (size != TYPE_NONE) {
		fields_draw(p, body, plan, size, true);
	} else {
		struct field field = field_measure(p, body.width, &plan->fields[page - 1],
						   0, TYPE_NONE);

		if (field.height > body.height + 0.5)
			paint_overflow(p, "paragraphs");
		field_draw(p, body, &field, (size_t)page - 1);
	}
}

/* --- PDCA --- */

#define PDCA_STEPS 4

static void pdca_step(struct painter *p, double x, double y, double radius,
		      const char *letter, const char *word)
{
	struct paint_text upper = {
		.text = letter,
		.place = "cycle",
		.size = TYPE_DISPLAY,
		.least = TYPE_LARGE,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.align = TEXT_CENTRE,
		.valign = PAINT_BOTTOM,
	};
	struct paint_text lower = {
		.text = word,
		.place = "cycle",
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
		.place = "paragraphs",
		.size = TYPE_LARGE,
		.least = TYPE_LABEL,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.leading = 1.6,
		.balance = true,
	};

	p->report->pages = last > 0 ? 1 : 0;
	if (page > p->report->pages)
		return;
	paint_scope(p, "progress.");
	frame_title(p, &body, wording_in(p->words, WORDING_PDCA), 1, 1);
	if (p->portrait) {
		struct layout_part parts[] = {
			{.height = 780},
			{.height = paint_measure(p, body.width, 0, &text).height + 1},
		};

		if (!layout_stack(body, parts, 2, 48, 110, true))
			paint_overflow(p, "paragraphs");
		pdca_draw(p, parts[0].box);
		paint_text(p, parts[1].box, &text);
	} else {
		struct box picture = box_cut_left(&body, body.height, 110);

		pdca_draw(p, picture);
		paint_text(p, body, &text);
	}
}
