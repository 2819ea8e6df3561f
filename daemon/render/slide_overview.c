/* All initiatives at once: as steps with their numbers, and as a list by stage. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/attr.h"
#include "render/slide_parts.h"
#include "render/wording.h"

/* --- Three steps --- */

static const enum stage steps[] = {
	STAGE_RESEARCH,
	STAGE_CONSIDERATION,
	STAGE_IMPLEMENTATION,
};

static double step_mark(const struct painter *p)
{
	return paint_em(p, TYPE_LARGE) * 0.8;
}

/* What a step keeps free on the left and right. */
static double step_inset(const struct painter *p)
{
	return p->portrait ? 28 : 44;
}

/* Upright, words of an alphabet are too long to stand in a step: they stand on it. */
static bool names_above(const struct painter *p)
{
	return p->portrait && !wording_is_wide(p->words);
}

/* Else they stand beside the step's mark, or below it where they are too long for that. */
static bool names_beside(const struct painter *p)
{
	return !p->portrait && wording_is_wide(p->words);
}

static struct paint_text step_name(const struct painter *p, enum stage stage,
				   enum type_size size, enum font_role role)
{
	return (struct paint_text){
		.text = stage_name(p, stage),
		.place = "stages",
		.size = size,
		.role = role,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
}

/* Whether the names of all steps have room in @size and @role. */
static bool step_fits(struct painter *p, double room, enum type_size size,
		      enum font_role role)
{
	double widest = 0;

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct paint_text name = step_name(p, steps[i], size, role);

		widest = fmax(widest, paint_line_width(p, &name));
	}
	return widest <= room;
}

/* One size for the names of all steps, the largest that each has room for. */
static enum type_size step_size(struct painter *p, double width, enum font_role *out_role)
{
	double room = names_above(p) ? width : width - 2 * step_inset(p);
	enum type_size size = p->portrait ? TYPE_LARGE : TYPE_TITLE;

	if (names_beside(p))
		room -= step_mark(p) * 1.2 + 28;
	*out_role = FONT_BOLD;
	while (size > TYPE_CAPTION && !step_fits(p, room, size, FONT_BOLD))
		size--;
	if (!step_fits(p, room, size, FONT_BOLD))
		*out_role = FONT_TEXT; /* a little narrower */
	return size;
}

static void step_draw(struct painter *p, struct box card, enum stage stage,
		      enum type_size size, enum font_role role)
{
	double em = paint_em(p, TYPE_LARGE), mark = step_mark(p);
	struct paint_text name = step_name(p, stage, size, role);
	struct colour colour = paint_stage_colour(p, stage);

	paint_card(p, card, PAINT_BAR_TOP, 24, 22, p->theme->panel, &colour, 1);
	if (names_above(p)) {
		double height = paint_em(p, size);

		paint_text(
			p,
			(struct box){card.x, card.y - height * 1.5, card.width, height},
			&name);
		name.text = NULL;
	}
	card = box_inset(card, step_inset(p), 0);
	box_cut_top(&card, 64, 0);
	if (!names_beside(p)) {
		paint_mark(p, stage, card.x + mark * 0.6, card.y + mark / 2, mark);
		box_cut_top(&card, mark, 28);
		paint_text(p, box_cut_top(&card, em * 1.1, 0), &name);
		return;
	}
	card.height = fmin(card.height, paint_em(p, TYPE_TITLE));
	paint_mark(p, stage, card.x + mark * 0.6, card.y + card.height / 2, mark);
	box_cut_left(&card, mark * 1.2, 28);
	paint_text(p, card, &name);
}

/* "合わせて13取組" under a bracket that spans the steps it is about. */
static void bracket_draw(struct painter *p, struct box span, size_t count, bool together)
{
	const double tick = 26, line = 5;
	double em = paint_em(p, TYPE_LARGE), y = span.y + tick, width, x;
	char number[WORDING_SIZE];
	struct paint_text word = {
		.text = together ? wording_in(p->words, WORDING_TOGETHER) : NULL,
		.place = "stages",
		.size = TYPE_LARGE,
		.role = FONT_TEXT,
		.colour = p->theme->ink,
		.valign = PAINT_BOTTOM,
	};
	struct paint_figure figure = {
		.figure = number,
		.unit = wording_in(p->words, WORDING_COUNT_UNIT),
		.place = "stages",
		.em = 150,
		.bold = true,
		.colour = p->theme->ink,
	};
	double baseline;

	if (p->portrait) {
		word.size = TYPE_BODY;
		em = paint_em(p, TYPE_BODY);
		figure.em = 120;
	}
	wording_number((int64_t)count, number);
	paint_rect(p, (struct box){span.x, span.y, line, tick}, p->theme->ink);
	paint_rect(p, (struct box){box_right(span) - line, span.y, line, tick},
		   p->theme->ink);
	paint_rect(p, (struct box){span.x, y, span.width, line}, p->theme->ink);
	baseline = y + 36 + paint_figure_height(p, &figure);
	width = paint_figure_width(p, &figure);
	x = span.x + (span.width - width) / 2;
	if (word.text) {
		double words = paint_line_width(p, &word) + 2, gap = em * 0.4;

		x = span.x + (span.width - width - words - gap) / 2;
		paint_text(p, (struct box){x, baseline - em + em * 0.06, words, em},
			   &word);
		x += words + gap;
	}
	if (baseline > box_bottom(span) + 0.5)
		paint_overflow(p, "stages");
	paint_figure(p, &figure, x, baseline, box_right(span) - x);
}

void slide_stages(struct painter *p, const struct slide_source *source, int page)
{
	const struct plan *plan = source->plan;
	const struct plan_text *progress = &plan->progress;
	struct box body = frame_plan(p, source, THEME_NEUTRAL,
				     wording_in(p->words, WORDING_PROGRESS), NULL, NULL);
	char title[WORDING_SIZE];
	struct paint_text lead = {
		.text = progress->paragraph_count > 0 ? progress->paragraphs[0] : "",
		.place = "paragraphs",
		.size = TYPE_BODY,
		.least = TYPE_LABEL,
		.colour = p->theme->ink,
		.leading = 1.5,
		.balance = true,
	};
	const double figures = p->portrait ? 190 : 200;
	const double gap = !p->portrait ? 36 : wording_is_wide(p->words) ? 28 : 14;
	struct box counts, first, second;
	enum type_size size;
	enum font_role role;

	p->report->pages = 1;
	if (page != 1)
		return;
	paint_scope(p, "progress.");
	wording_stages(p->words, plan->initiative_count, title);
	frame_title(p, &body, title, 1, 1);
	paint_text(p,
		   box_cut_top(&body, paint_measure(p, body.width, 0, &lead).height + 1,
			       p->portrait ? 80 : 40),
		   &lead);
	counts = box_cut_bottom(&body, figures, 24);
	size = step_size(p, box_column(body, 0, ARRAY_LEN(steps), gap).width, &role);
	if (names_above(p))
		box_cut_top(&body, paint_em(p, size) * 1.5, 0);
	/* A step that is too low for its name and mark is no step. */
	if (body.height < (p->portrait ? 500 : 280))
		paint_overflow(p, "stages");
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct box card = box_column(body, i, ARRAY_LEN(steps), gap);
		double height = body.height * (0.5 + 0.25 * (double)i);

		card.y = box_bottom(card) - height;
		card.height = height;
		step_draw(p, card, steps[i], size, role);
	}
	/* The source counts the first two stages together: so does the bracket. */
	first = box_column(counts, 0, ARRAY_LEN(steps), gap);
	second = box_column(counts, 1, ARRAY_LEN(steps), gap);
	first.width = box_right(second) - first.x;
	bracket_draw(p, first,
		     plan_count_group(plan, PLAN_GROUP_CONSIDERATION_AND_RESEARCH), true);
	bracket_draw(p, box_column(counts, 2, ARRAY_LEN(steps), gap),
		     plan_count_group(plan, PLAN_GROUP_IMPLEMENTATION), false);
}

/* --- All initiatives as a list --- */

#define LIST_COLUMNS 2  /* in each group, at most */
#define LIST_GAP     56 /* between the groups */

static const enum plan_group groups[] = {PLAN_GROUP_IMPLEMENTATION,
					 PLAN_GROUP_CONSIDERATION_AND_RESEARCH};
#define GROUPS ARRAY_LEN(groups)

/* How the names of a page are set. */
struct list_style {
	enum type_size size;
	size_t columns;
	double stretch; /* of what is between rows; 1: none */
};

/* Part of a group: its initiatives from the @first on. */
struct list {
	enum plan_group group;
	size_t first, count;
	struct list_style style; /* of all names of the page */
};

/* Small names stand as far apart as larger ones: a list is looked through by rows. */
static double list_em(const struct painter *p, struct list_style style)
{
	return paint_em(p, style.size > TYPE_LABEL ? style.size : TYPE_LABEL);
}

static double list_pitch(const struct painter *p, struct list_style style)
{
	return list_em(p, style) * (p->portrait ? 1.9 : 1.58) * style.stretch;
}

static double list_head_height(const struct painter *p)
{
	return paint_em(p, TYPE_LABEL) * 1.4;
}

static size_t rows_for(size_t count, struct list_style style)
{
	return (count + style.columns - 1) / style.columns;
}

static double list_height(const struct painter *p, size_t count, struct list_style style)
{
	return list_head_height(p) + paint_em(p, TYPE_LABEL) * 0.95 +
	       (double)rows_for(count, style) * list_pitch(p, style);
}

/* Rows of a group with @count names drift apart, a little, in @height that is left over. */
static double list_stretch(const struct painter *p, double height, size_t count,
			   struct list_style style)
{
	double rows = (double)rows_for(count, style) * list_pitch(p, style);
	double head = list_height(p, 0, style);

	return rows > 0 ? fmin((height - head) / rows, 1.3) : 1;
}

static const struct initiative *in_group(const struct plan *plan, enum plan_group group,
					 size_t index)
{
	for (size_t i = 0; i < plan->initiative_count; i++)
		if (plan->initiatives[i].group == group && index-- == 0)
			return &plan->initiatives[i];
	return NULL;
}

static struct paint_text item_text(const struct painter *p,
				   const struct initiative *initiative,
				   enum type_size size)
{
	return (struct paint_text){
		.text = initiative->short_title ? initiative->short_title
						: initiative->title,
		.place = "short_title",
		.size = size,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
}

static double number_width(const struct painter *p, enum type_size size)
{
	return paint_em(p, size) * 1.56;
}

/* What each column of @list needs: number, gap, and its widest name; returns the sum. */
static double list_need(struct painter *p, const struct plan *plan,
			const struct list *list, double out_columns[static LIST_COLUMNS])
{
	enum type_size size = list->style.size;
	size_t rows = rows_for(list->count, list->style);
	double sum = 0;

	for (size_t column = 0; column < list->style.columns; column++) {
		double widest = 0;

		for (size_t i = column * rows; i < list->count && i < (column + 1) * rows;
		     i++) {
			const struct initiative *initiative =
				in_group(plan, list->group, list->first + i);
			struct paint_text text;

			if (!initiative)
				continue;
			text = item_text(p, initiative, size);
			widest = fmax(widest, paint_line_width(p, &text));
		}
		out_columns[column] =
			number_width(p, size) + paint_em(p, size) * 0.8 + widest + 4;
		sum += out_columns[column];
	}
	return sum;
}

static void list_item(struct painter *p, struct box row,
		      const struct initiative *initiative, enum type_size size)
{
	char number[16];
	struct paint_text title = item_text(p, initiative, size), digits = title;

	digits.text = number;
	digits.role = FONT_BOLD;
	digits.align = TEXT_RIGHT;
	snprintf(number, sizeof(number), "%d", initiative->number);
	paint_scope(p, "initiatives[%d].", initiative->number - 1);
	paint_text(p, box_cut_left(&row, number_width(p, size), paint_em(p, size) * 0.4),
		   &digits);
	paint_text(p, row, &title);
	paint_scope(p, "%s", "");
}

/* The group's marks, name and number of initiatives over a rule in its colours. */
static void list_head(struct painter *p, struct box head, const struct plan *plan,
		      enum plan_group group)
{
	bool execution = group == PLAN_GROUP_IMPLEMENTATION;
	double em = paint_em(p, TYPE_LABEL), mark = em * 0.72;
	double x = head.x + mark * 0.6, y = head.y + head.height / 2, width;
	struct box rule = {head.x, box_bottom(head) + em * 0.2, head.width, 10};
	char number[WORDING_SIZE], words[WORDING_SIZE];
	struct paint_text name = {
		.text = words,
		.place = "overview",
		.size = TYPE_LABEL,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	struct paint_figure figure = {
		.figure = number,
		.unit = wording_in(p->words, WORDING_COUNT_UNIT),
		.place = "overview",
		.em = em * 1.3,
		.bold = true,
		.colour = p->theme->ink,
	};

	if (execution) {
		paint_mark(p, STAGE_IMPLEMENTATION, x, y, mark);
		paint_rect(p, rule, p->theme->accent[THEME_IMPLEMENTATION]);
		box_cut_left(&head, mark * 1.2, em * 0.35);
	} else {
		paint_mark(p, STAGE_CONSIDERATION, x, y, mark);
		paint_mark(p, STAGE_RESEARCH, x + mark * 1.4, y, mark);
		paint_rect(p, box_column(rule, 0, 2, 0),
			   p->theme->accent[THEME_CONSIDERATION]);
		paint_rect(p, box_column(rule, 1, 2, 0),
			   p->theme->accent[THEME_RESEARCH]);
		box_cut_left(&head, mark * 2.6, em * 0.35);
	}
	initiative_group_name(p, group, words);
	wording_number((int64_t)plan_count_group(plan, group), number);
	width = paint_figure_width(p, &figure);
	paint_figure(p, &figure, box_right(head) - width,
		     y + paint_figure_height(p, &figure) / 2, head.width);
	box_cut_right(&head, width, em * 0.3);
	paint_text(p, head, &name);
}

static void list_draw(struct painter *p, struct box box, const struct plan *plan,
		      const struct list *list)
{
	double em = paint_em(p, TYPE_LABEL), pitch = list_pitch(p, list->style);
	double columns[LIST_COLUMNS], spare;
	size_t rows = rows_for(list->count, list->style);

	/* Columns are as wide as their names ask for; what is left they share. */
	spare = fmax(box.width - list_need(p, plan, list, columns), 0) /
		(double)list->style.columns;
	list_head(p, box_cut_top(&box, list_head_height(p), em * 0.95), plan,
		  list->group);
	if ((double)rows * pitch > box.height + 0.5)
		paint_overflow(p, "overview");
	for (size_t column = 0; column < list->style.columns; column++) {
		struct box strip = box_cut_left(&box, columns[column] + spare, 0);

		for (size_t row = 0; row < rows && column * rows + row < list->count;
		     row++) {
			const struct initiative *initiative = in_group(
				plan, list->group, list->first + column * rows + row);

			if (initiative)
				list_item(p, box_cut_top(&strip, pitch, 0), initiative,
					  list->style.size);
		}
	}
}

/* Both groups below each other, when they fit. */
static bool whole_portrait(struct painter *p, struct box body, const struct plan *plan,
			   struct list lists[static GROUPS], bool draw)
{
	struct layout_part parts[GROUPS] = {0};
	double columns[LIST_COLUMNS];

	for (size_t i = 0; i < GROUPS; i++)
		parts[i].height = list_height(p, lists[i].count, lists[i].style);

	if (!layout_stack(body, parts, GROUPS, 36, 110, false))
		return false;
	for (size_t i = 0; i < GROUPS; i++)
		if (list_need(p, plan, &lists[i], columns) > body.width)
			return false;
	for (size_t i = 0; draw && i < GROUPS; i++)
		list_draw(p, parts[i].box, plan, &lists[i]);
	return true;
}

/* Side by side, each as wide as its names ask for. */
static bool whole_landscape(struct painter *p, struct box body, const struct plan *plan,
			    struct list lists[static GROUPS], bool draw)
{
	double need[GROUPS], columns[LIST_COLUMNS], spare = body.width - LIST_GAP;
	size_t most = 0;

	for (size_t i = 0; i < GROUPS; i++) {
		need[i] = list_need(p, plan, &lists[i], columns);
		spare -= need[i];
		most = lists[i].count > most ? lists[i].count : most;
		if (list_height(p, lists[i].count, lists[i].style) > body.height)
			return false;
	}
	/* Rows side by side stay in line. */
	for (size_t i = 0; i < GROUPS; i++)
		lists[i].style.stretch =
			list_stretch(p, body.height, most, lists[i].style);
	for (size_t i = 0; draw && spare >= 0 && i < GROUPS; i++)
		list_draw(p, box_cut_left(&body, need[i] + spare / GROUPS, LIST_GAP),
			  plan, &lists[i]);
	return spare >= 0;
}

/* All on one page, at the largest size that allows it. */
static bool overview_whole(struct painter *p, struct box body, const struct plan *plan,
			   bool draw)
{
	for (enum type_size size = TYPE_LABEL; size >= TYPE_CAPTION; size--) {
		struct list lists[GROUPS];

		for (size_t i = 0; i < GROUPS; i++)
			lists[i] = (struct list){groups[i],
						 0,
						 plan_count_group(plan, groups[i]),
						 {size, LIST_COLUMNS, 1}};
		if (p->portrait ? whole_portrait(p, body, plan, lists, draw)
				: whole_landscape(p, body, plan, lists, draw))
			return true;
	}
	return false;
}

/* Whether each group has room on a page of its own. */
static bool group_pages_fit(struct painter *p, struct box body, const struct plan *plan,
			    struct list_style style)
{
	for (size_t i = 0; i < GROUPS; i++) {
		struct list list = {groups[i], 0, plan_count_group(plan, groups[i]),
				    style};
		double columns[LIST_COLUMNS];

		if (list_height(p, list.count, style) > body.height ||
		    list_need(p, plan, &list, columns) > body.width)
			return false;
	}
	return true;
}

/*
 * The largest names with which a group has room on a page, in one column or more; labels,
 * on more pages, where there are none.
 */
static struct list_style group_pages_style(struct painter *p, struct box body,
					   const struct plan *plan)
{
	struct list_style style = {.stretch = 1};

	for (style.size = TYPE_TITLE; style.size >= TYPE_CAPTION; style.size--)
		for (style.columns = LIST_COLUMNS; style.columns > 0; style.columns--)
			if (group_pages_fit(p, body, plan, style))
				return style;
	return (struct list_style){TYPE_LABEL, LIST_COLUMNS, 1};
}

/* One group a page, in as many pages as its rows need. */
static int overview_pages(struct painter *p, struct box body, const struct plan *plan,
			  int page)
{
	struct list_style style = group_pages_style(p, body, plan);
	double rows = floor((body.height - list_height(p, 0, style) + 0.01) /
			    list_pitch(p, style));
	size_t room = rows < 1 ? style.columns : (size_t)rows * style.columns;
	double columns[LIST_COLUMNS];
	int pages = 0;

	if (rows < 1)
		paint_overflow(p, "overview");
	for (size_t i = 0; i < GROUPS; i++) {
		size_t count = plan_count_group(plan, groups[i]);
		size_t parts = (count + room - 1) / room;

		for (size_t part = 0; part < parts; part++) {
			/* Evenly filled pages look meant, a last one of one item doesn't. */
			size_t each = (count + parts - 1) / parts;
			struct list list = {groups[i], part * each, each, style};

			if (list.first + list.count > count)
				list.count = count - list.first;
			if (list_need(p, plan, &list, columns) > body.width)
				list.style.size = TYPE_CAPTION;
			list.style.stretch =
				list_stretch(p, body.height, list.count, list.style);
			if (++pages == page)
				list_draw(p, body, plan, &list);
		}
	}
	return pages;
}

static void overview(struct painter *p, const struct slide_source *source, int page)
{
	const struct plan *plan = source->plan;
	struct box body = frame_plan(p, source, THEME_NEUTRAL, NULL, NULL, NULL),
		   rest = body;
	char title[WORDING_SIZE];
	struct slide_report ignored = {0};
	struct painter dry = *p;

	wording_overview(p->words, plan->initiative_count, title);
	dry.canvas = NULL;
	dry.report = &ignored;
	frame_title(&dry, &rest, title, 1, 9);
	if (overview_whole(&dry, rest, plan, false)) {
		p->report->pages = 1;
		if (page != 1)
			return;
		frame_title(p, &body, title, 1, 1);
		overview_whole(p, rest, plan, true);
		return;
	}
	p->report->pages = overview_pages(&dry, rest, plan, 0);
	p->failed = dry.failed;
	if (page > p->report->pages)
		return;
	frame_title(p, &body, title, page, p->report->pages);
	overview_pages(p, rest, plan, page);
}

void slide_overview(struct painter *p, const struct slide_source *source, int page)
{
	p->listed = true;
	overview(p, source, page);
	p->listed = false;
}
