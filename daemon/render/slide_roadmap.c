/*
 * Roadmaps: what is done in which fiscal years. A year of which the source says nothing
 * stays blank. Years run to the right, or, on an upright screen, downwards.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "render/slide_parts.h"
#include "render/wording.h"

#define LINE 3

/* The bar of a phase's card, and of the one that today's year is in. */
#define BAR         18
#define BAR_CURRENT 32

static size_t year_count(const struct plan *plan)
{
	return (size_t)(plan->last_fiscal_year - plan->first_fiscal_year + 1);
}

/* The place of a fiscal year among those of the plan, from 0. */
static size_t year_index(const struct plan *plan, int fiscal_year)
{
	return (size_t)(fiscal_year - plan->first_fiscal_year);
}

static bool has_blank_years(const struct plan *plan, const struct initiative *initiative)
{
	for (int year = plan->first_fiscal_year; year <= plan->last_fiscal_year; year++)
		if (!initiative_phase(initiative, year))
			return true;
	return false;
}

/* --- One phase --- */

static size_t stages_of(const struct plan_phase *phase, enum stage out[static 3])
{
	static const enum stage order[] = {
		STAGE_RESEARCH,
		STAGE_CONSIDERATION,
		STAGE_IMPLEMENTATION,
	};
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (phase->stages & (1U << order[i]))
			out[count++] = order[i];
	return count;
}

/* The phase's lines with '\n' between them; owned. */
static char *phase_text(struct painter *p, const struct plan_phase *phase)
{
	size_t size = 1, used = 0;
	char *text;

	for (size_t i = 0; i < phase->line_count; i++)
		size += strlen(phase->lines[i]) + 1;
	text = malloc(size);
	if (!text) {
		p->failed = true;
		err_set(p->err, ERR_NO_MEMORY, "slide: out of memory");
		return NULL;
	}
	for (size_t i = 0; i < phase->line_count; i++) {
		size_t length = strlen(phase->lines[i]);

		if (i > 0)
			text[used++] = '\n';
		memcpy(text + used, phase->lines[i], length);
		used += length;
	}
	text[used] = '\0';
	return text;
}

/* Panel with a bar in the colours of the stages that the words name; grey when none. */
static void phase_card(struct painter *p, struct box card, const enum stage *stages,
		       size_t count, bool current)
{
	struct colour colours[3] = {p->theme->soft};

	for (size_t i = 0; i < count; i++)
		colours[i] = paint_stage_colour(p, stages[i]);
	paint_card(p, card, p->portrait ? PAINT_BAR_LEFT : PAINT_BAR_TOP, 20,
		   current ? BAR_CURRENT : BAR, p->theme->panel, colours,
		   count > 0 ? count : 1);
}

/* The widest of the words between spaces, each of which stays whole. */
static double widest_word(struct painter *p, const struct paint_text *text)
{
	const char *rest = text->text;
	double widest = 0;

	while (*rest) {
		size_t length = strcspn(rest, " \n");
		char word[WORDING_SIZE];
		struct paint_text one = *text;

		wording_put(word, "%.*s", (int)length, rest);
		one.text = word;
		widest = fmax(widest, paint_line_width(p, &one));
		rest += length;
		rest += strspn(rest, " \n");
	}
	return widest;
}

/*
 * Whether @text fits @inside; chooses how: in the source's own lines where a size allows
 * that, else wrapped. A line alone is wrapped rather than more than one size smaller; of
 * several, wrapped ones would read as more.
 */
static bool phase_fits(struct painter *p, struct box inside,
		       const struct plan_phase *phase, struct paint_text *text)
{
	struct paint_text own = *text;
	bool fits;

	own.max_lines = (int)phase->line_count;
	if (phase->line_count == 1 && text->size - 1 > text->least)
		own.least = text->size - 1;
	if (paint_measure(p, inside.width, inside.height, &own).fits) {
		*text = own;
		return true;
	}
	text->max_lines = 0;
	/* An alphabet has words that may not be parted. */
	while (!wording_is_wide(p->words) && text->size > text->least &&
	       widest_word(p, text) > inside.width)
		text->size--;
	fits = paint_measure(p, inside.width, inside.height, text).fits;
	return fits &&
	       (wording_is_wide(p->words) || widest_word(p, text) <= inside.width);
}

/* --- Several lines, each wrapped by itself --- */

/* Between lines of the source, in ems beside what there is between lines of text. */
#define LINES_APART 1.15

static struct paint_text phase_line(const struct plan_phase *phase, size_t i,
				    const struct paint_text *text, enum type_size size)
{
	struct paint_text line = *text;

	line.text = phase->lines[i];
	line.size = line.least = size;
	line.max_lines = 0;
	line.valign = PAINT_TOP;
	return line;
}

/* The height of the phase's lines at @size; negative: a word is wider than @width. */
static double stack_height(struct painter *p, double width,
			   const struct plan_phase *phase, const struct paint_text *text,
			   enum type_size size)
{
	double height = LINES_APART * paint_em(p, size) * (double)(phase->line_count - 1);

	for (size_t i = 0; i < phase->line_count; i++) {
		struct paint_text line = phase_line(phase, i, text, size);
		struct paint_extent extent = paint_measure(p, width, 0, &line);

		if (extent.parted || widest_word(p, &line) > width)
			return -1;
		height += extent.height;
	}
	return height;
}

/* The largest size above @least at which the phase's lines fit; else TYPE_NONE. */
static enum type_size stack_size(struct painter *p, struct box inside,
				 const struct plan_phase *phase,
				 const struct paint_text *text, enum type_size least)
{
	for (enum type_size size = text->size; size > least; size--) {
		double height = stack_height(p, inside.width, phase, text, size);

		if (height >= 0 && height <= inside.height)
			return size;
	}
	return TYPE_NONE;
}

static void stack_draw(struct painter *p, struct box inside,
		       const struct plan_phase *phase, const struct paint_text *text,
		       enum type_size size)
{
	double height = stack_height(p, inside.width, phase, text, size);

	box_cut_top(&inside, fmax(inside.height - height, 0) / 2, 0);
	for (size_t i = 0; i < phase->line_count; i++) {
		struct paint_text line = phase_line(phase, i, text, size);
		struct paint_extent extent = paint_text(p, inside, &line);

		box_cut_top(&inside, extent.height, LINES_APART * paint_em(p, size));
	}
}

/*
 * The words in the source's own lines; where several would be small like that, or wrapped
 * like one, each wrapped by itself with room between them.
 */
static void phase_lines(struct painter *p, struct box inside,
			const struct plan_phase *phase, const struct paint_text *wanted,
			const struct paint_text *own)
{
	struct box clear = p->portrait ? inside : box_inset(inside, 0, BAR_CURRENT);
	enum type_size size = TYPE_NONE;

	if (phase->line_count > 1) {
		struct paint_extent flat =
			paint_measure(p, inside.width, inside.height, own);

		size = stack_size(p, clear, phase, wanted,
				  flat.lines > phase->line_count ? TYPE_NONE : flat.size);
	}
	if (size != TYPE_NONE)
		stack_draw(p, clear, phase, wanted, size);
	else
		paint_text(p, inside, own);
}

/* --- Marks and words --- */

/* The phase's marks from the left end of @row on. */
static void phase_marks(struct painter *p, struct box row, const enum stage *stages,
			size_t count, double mark)
{
	for (size_t i = 0; i < count; i++)
		paint_mark(p, stages[i], row.x + mark / 2 + mark * 1.4 * (double)i,
			   row.y + row.height / 2, mark);
}

/* The words with the marks before them, or above them where there is no room beside. */
static void phase_words(struct painter *p, struct box inside,
			const struct plan_phase *phase, const enum stage *stages,
			size_t count, struct paint_text *text)
{
	double mark = paint_em(p, TYPE_LARGE) * 0.62, height;
	struct paint_text beside = *text;
	struct box rest = inside, marks;

	if (count > 0)
		marks = box_cut_left(&rest, mark * 1.4 * (double)(count - 1) + mark, 26);
	else
		marks = (struct box){0};
	if (phase_fits(p, rest, phase, &beside) || count == 0) {
		phase_marks(p, marks, stages, count, mark);
		phase_lines(p, rest, phase, text, &beside);
		return;
	}
	phase_fits(p, inside, phase, text);
	height = paint_measure(p, inside.width, 0, text).height;
	box_cut_top(&inside, fmax(inside.height - height - mark - 26, 0) / 2, 0);
	phase_marks(p, box_cut_top(&inside, mark, 26), stages, count, mark);
	text->valign = PAINT_TOP;
	paint_text(p, inside, text);
}

/* The phase that covers @now, the fiscal year of today, stands out. */
static void phase_draw(struct painter *p, struct box card, const struct plan_phase *phase,
		       int now)
{
	bool current = now >= phase->first_fiscal_year && now <= phase->last_fiscal_year;
	enum stage stages[PLAN_STAGES];
	size_t count = stages_of(phase, stages);
	char *words = phase_text(p, phase);
	struct paint_text text = {
		.text = words,
		.place = "phases",
		.size = current ? TYPE_TITLE : TYPE_LARGE,
		.least = TYPE_CAPTION,
		.role = current ? FONT_BOLD : FONT_TEXT,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.leading = 1.4,
		.balance = true,
	};
	struct box inside = box_inset(card, 24, 24);

	if (!words)
		return;
	phase_card(p, card, stages, count, current);
	box_cut_left(&inside, p->portrait ? 42 : 8, 0);
	phase_words(p, inside, phase, stages, count, &text);
	free(words);
}

/* --- Years --- */

static void year_label(struct painter *p, struct box box, const struct plan *plan,
		       int year, int now)
{
	char label[WORDING_SIZE];
	struct paint_text text = {
		.text = label,
		.place = "years",
		.size = TYPE_LABEL,
		.least = TYPE_CAPTION,
		.role = year == now ? FONT_BOLD : FONT_TEXT,
		.colour = year == now ? p->theme->ink : p->theme->soft,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	double em = paint_em(p, TYPE_LABEL), width, pill;

	if (year == plan->first_fiscal_year)
		wording_fiscal_year(p->words, year, label);
	else
		wording_fiscal_year_short(p->words, year, label);
	width = paint_line_width(p, &text);
	if (p->portrait && year == now) {
		struct box upper = box_cut_top(&box, em, em * 0.4);

		paint_text(p, upper, &text);
		paint_pill(p, wording_in(p->words, WORDING_NOW), TYPE_CAPTION, box.x,
			   box.y + em * 0.65, TEXT_LEFT, "years");
		return;
	}
	if (p->portrait)
		box.height = em;
	paint_text(p, box, &text);
	if (year != now)
		return;
	pill = paint_pill(p, wording_in(p->words, WORDING_NOW), TYPE_CAPTION,
			  box.x + width + em * 0.5, box.y + box.height / 2, TEXT_LEFT,
			  "years");
	if (width + em * 0.5 + pill > box.width)
		paint_overflow(p, "years");
}

static void landscape(struct painter *p, struct box body, const struct plan *plan,
		      const struct initiative *initiative, int now)
{
	size_t years = year_count(plan);
	double em = paint_em(p, TYPE_LABEL);
	struct box grid = body, heads = box_cut_top(&body, em * 1.5, em * 0.5);

	box_cut_bottom(&body, 20, 0);
	for (size_t i = 0; i < years; i++) {
		int year = plan->first_fiscal_year + (int)i;
		struct box head = box_column(heads, i, years, 0);
		struct box column = box_column(grid, i, years, 0);

		paint_rect(p, (struct box){column.x, column.y, LINE, column.height},
			   year == now ? p->theme->ink : p->theme->line);
		box_cut_left(&head, 22, 0);
		year_label(p, head, plan, year, now);
	}
	for (size_t i = 0; i < initiative->phase_count; i++) {
		const struct plan_phase *phase = &initiative->phases[i];
		struct box from = box_column(
			body, year_index(plan, phase->first_fiscal_year), years, 0);
		struct box to = box_column(
			body, year_index(plan, phase->last_fiscal_year), years, 0);
		struct box card = {from.x + 14, body.y, box_right(to) - from.x - 22,
				   body.height};

		phase_draw(p, card, phase, now);
	}
}

static void portrait(struct painter *p, struct box body, const struct plan *plan,
		     const struct initiative *initiative, int now)
{
	size_t years = year_count(plan);
	struct box grid = body;
	struct box heads = box_cut_left(&body, paint_em(p, TYPE_LABEL) * 4.9, 20);

	for (size_t i = 0; i < years; i++) {
		int year = plan->first_fiscal_year + (int)i;
		struct box head = box_row(heads, i, years, 0);
		struct box row = box_row(grid, i, years, 0);

		paint_rect(p, (struct box){row.x, row.y, row.width, LINE},
			   year == now ? p->theme->ink : p->theme->line);
		box_cut_top(&head, 28, 0);
		year_label(p, head, plan, year, now);
	}
	for (size_t i = 0; i < initiative->phase_count; i++) {
		const struct plan_phase *phase = &initiative->phases[i];
		struct box from = box_row(
			body, year_index(plan, phase->first_fiscal_year), years, 0);
		struct box to = box_row(body, year_index(plan, phase->last_fiscal_year),
					years, 0);
		struct box card = {body.x, from.y + 14, body.width,
				   box_bottom(to) - from.y - 22};

		phase_draw(p, card, phase, now);
	}
}

void slide_roadmap(struct painter *p, const struct slide_source *source,
		   const struct initiative *initiative)
{
	const struct plan *plan = source->plan;
	const char *note = has_blank_years(plan, initiative)
				   ? wording_in(p->words, WORDING_BLANK_YEARS)
				   : NULL;
	struct box body =
		frame_plan(p, source, initiative_accent(initiative),
			   wording_in(p->words, WORDING_INITIATIVES), note, NULL);
	int now = frame_fiscal_year(source);

	initiative_head(p, &body, initiative);
	if (p->portrait)
		portrait(p, body, plan, initiative, now);
	else
		landscape(p, body, plan, initiative, now);
}
