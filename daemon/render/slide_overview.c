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

static void step_draw(struct painter *p, struct box card, enum stage stage)
{
	double em = paint_em(p, TYPE_LARGE), mark = em * 0.8;
	struct paint_text name = {
		.text = wording_stage(stage),
		.place = "stage",
		.size = p->portrait ? TYPE_LARGE : TYPE_TITLE,
		.least = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};

	paint_card(p, card, 24, 22, p->theme->panel, paint_stage_colour(p, stage));
	card = box_inset(card, p->portrait ? 28 : 44, 0);
	box_cut_top(&card, 64, 0);
	if (p->portrait) {
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
		.text = together ? wording(WORDING_TOGETHER) : NULL,
		.place = "stage count",
		.size = TYPE_LARGE,
		.role = FONT_TEXT,
		.colour = p->theme->ink,
		.valign = PAINT_BOTTOM,
	};
	struct paint_figure figure = {
		.figure = number,
		.unit = wording(WORDING_COUNT_UNIT),
		.place = "stage count",
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
		paint_overflow(p, "stage count");
	paint_figure(p, &figure, x, baseline, box_right(span) - x);
}

void slide_stages(struct painter *p, const struct slide_source *source, int page)
{
	const struct plan *plan = source->plan;
	const struct plan_text *progress = &plan->progress;
	struct box body =
		frame_plan(p, source, THEME_NEUTRAL, wording(WORDING_PROGRESS), NULL);
	char title[WORDING_SIZE];
	struct paint_text lead = {
		.text = progress->paragraph_count > 0 ? progress->paragraphs[0] : "",
		.place = "sentence",
		.size = TYPE_BODY,
		.least = TYPE_LABEL,
		.colour = p->theme->ink,
		.leading = 1.5,
		.balance = true,
	};
	const double gap = p->portrait ? 28 : 36, figures = p->portrait ? 190 : 185;
	struct box counts, first, second;

	p->report->pages = 1;
	if (page != 1)
		return;
	wording_stages(plan->initiative_count, title);
	frame_title(p, &body, title, 1, 1);
	paint_text(p,
		   box_cut_top(&body, paint_measure(p, body.width, 0, &lead).height + 1,
			       p->portrait ? 80 : 40),
		   &lead);
	counts = box_cut_bottom(&body, figures, 24);
	/* A step that is too low for its name and mark is no step. */
	if (body.height < (p->portrait ? 500 : 280))
		paint_overflow(p, "stages");
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct box card = box_column(body, i, ARRAY_LEN(steps), gap);
		double height = body.height * (0.46 + 0.27 * (double)i);

		card.y = box_bottom(card) - height;
		card.height = height;
		step_draw(p, card, steps[i]);
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

#define LIST_COLUMNS 2 /* in each group */

/* What is left of the list on a page: groups in order, each from its n-th initiative. */
struct list {
	enum plan_group group;
	size_t first, count; /* of the group's initiatives on this page */
};

static double list_pitch(const struct painter *p)
{
	return paint_em(p, TYPE_LABEL) * (p->portrait ? 1.95 : 1.72);
}

static double list_head_height(const struct painter *p)
{
	return paint_em(p, TYPE_LABEL) * 1.4;
}

static size_t rows_for(size_t count)
{
	return (count + LIST_COLUMNS - 1) / LIST_COLUMNS;
}

static const struct initiative *in_group(const struct plan *plan, enum plan_group group,
					 size_t index)
{
	for (size_t i = 0; i < plan->initiative_count; i++)
		if (plan->initiatives[i].group == group && index-- == 0)
			return &plan->initiatives[i];
	return NULL;
}

static void list_item(struct painter *p, struct box row,
		      const struct initiative *initiative)
{
	char number[16];
	struct paint_text digits = {
		.text = number,
		.place = "overview",
		.size = TYPE_LABEL,
		.role = FONT_FIGURE_BOLD,
		.colour = p->theme->ink,
		.align = TEXT_RIGHT,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	struct paint_text title = {
		.text = initiative->short_title ? initiative->short_title
						: initiative->title,
		.place = "overview",
		.size = TYPE_LABEL,
		.least = TYPE_CAPTION,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	double em = paint_em(p, TYPE_LABEL);

	snprintf(number, sizeof(number), "%d", initiative->number);
	paint_text(p, box_cut_left(&row, em * 1.15, em * 0.45), &digits);
	paint_text(p, row, &title);
}

static void list_draw(struct painter *p, struct box box, const struct plan *plan,
		      const struct list *list)
{
	bool execution = list->group == PLAN_GROUP_IMPLEMENTATION;
	double em = paint_em(p, TYPE_LABEL), mark = em * 0.72, pitch = list_pitch(p);
	struct box head = box_cut_top(&box, list_head_height(p), em * 0.5);
	size_t rows = rows_for(list->count), total = plan_count_group(plan, list->group);
	char number[WORDING_SIZE];
	struct paint_text name = {
		.text = wording_group(list->group),
		.place = "overview",
		.size = TYPE_LABEL,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	struct paint_figure figure = {
		.figure = number,
		.unit = wording(WORDING_COUNT_UNIT),
		.place = "overview",
		.em = em * 1.2,
		.bold = true,
		.colour = p->theme->ink,
	};
	double bar = 10, x = head.x + mark * 0.6, width;

	wording_number((int64_t)total, number);
	if (execution) {
		paint_mark(p, STAGE_IMPLEMENTATION, x, head.y + head.height / 2, mark);
		box_cut_left(&head, mark * 1.2, em * 0.35);
	} else {
		paint_mark(p, STAGE_CONSIDERATION, x, head.y + head.height / 2, mark);
		paint_mark(p, STAGE_RESEARCH, x + mark * 1.4, head.y + head.height / 2,
			   mark);
		box_cut_left(&head, mark * 2.6, em * 0.35);
	}
	width = paint_figure_width(p, &figure);
	paint_figure(p, &figure, box_right(head) - width,
		     head.y + head.height / 2 + paint_figure_height(p, &figure) / 2,
		     head.width);
	head.width -= width + em * 0.3;
	paint_text(p, head, &name);
	if (execution) {
		paint_rect(p, (struct box){box.x, box.y - em * 0.3, box.width, bar},
			   p->theme->accent[THEME_IMPLEMENTATION]);
	} else {
		paint_rect(p, (struct box){box.x, box.y - em * 0.3, box.width / 2, bar},
			   p->theme->accent[THEME_CONSIDERATION]);
		paint_rect(p,
			   (struct box){box.x + box.width / 2, box.y - em * 0.3,
					box.width / 2, bar},
			   p->theme->accent[THEME_RESEARCH]);
	}
	box_cut_top(&box, em * 0.45, 0);
	if ((double)rows * pitch > box.height + 0.5)
		paint_overflow(p, "overview");
	for (size_t i = 0; i < list->count; i++) {
		struct box column = box_column(box, i / rows, LIST_COLUMNS, em * 0.4);
		const struct initiative *initiative =
			in_group(plan, list->group, list->first + i);

		column.y += (double)(i % rows) * pitch;
		column.height = pitch;
		if (initiative)
			list_item(p, column, initiative);
	}
}

static double list_height(const struct painter *p, size_t count)
{
	double em = paint_em(p, TYPE_LABEL);

	return list_head_height(p) + em * 0.95 + (double)rows_for(count) * list_pitch(p);
}

/* The two groups side by side (or below each other), when both fit. */
static bool overview_whole(struct painter *p, struct box body, const struct plan *plan,
			   bool draw)
{
	const struct list groups[] = {
		{PLAN_GROUP_IMPLEMENTATION, 0,
		 plan_count_group(plan, PLAN_GROUP_IMPLEMENTATION)},
		{PLAN_GROUP_CONSIDERATION_AND_RESEARCH, 0,
		 plan_count_group(plan, PLAN_GROUP_CONSIDERATION_AND_RESEARCH)},
	};
	double upper = list_height(p, groups[0].count);
	double lower = list_height(p, groups[1].count);

	if (p->portrait) {
		struct layout_part parts[] = {{.height = upper}, {.height = lower}};

		if (!layout_stack(body, parts, 2, 36, 96, false))
			return false;
		if (draw) {
			list_draw(p, parts[0].box, plan, &groups[0]);
			list_draw(p, parts[1].box, plan, &groups[1]);
		}
		return true;
	}
	/* A name must fit in a quarter of the width, at the size that the list has. */
	if (fmax(upper, lower) > body.height ||
	    paint_em(p, TYPE_LABEL) * 10 > body.width / 4)
		return false;
	if (draw) {
		list_draw(p, box_column(body, 0, 2, 72), plan, &groups[0]);
		list_draw(p, box_column(body, 1, 2, 72), plan, &groups[1]);
	}
	return true;
}

/* One group a page, in as many pages as its rows need. */
static int overview_pages(struct painter *p, struct box body, const struct plan *plan,
			  int page)
{
	static const enum plan_group groups[] = {PLAN_GROUP_IMPLEMENTATION,
						 PLAN_GROUP_CONSIDERATION_AND_RESEARCH};
	double rows = floor((body.height - list_height(p, 0)) / list_pitch(p));
	size_t room = rows < 1 ? LIST_COLUMNS : (size_t)rows * LIST_COLUMNS;
	int pages = 0;

	if (rows < 1)
		paint_overflow(p, "overview");
	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		size_t count = plan_count_group(plan, groups[i]);
		size_t parts = (count + room - 1) / room;

		for (size_t part = 0; part < parts; part++) {
			/* Evenly filled pages look intended, a last one of one item doesn't. */
			size_t each = (count + parts - 1) / parts;
			struct list list = {groups[i], part * each, each};

			if (list.first + list.count > count)
				list.count = count - list.first;
			if (++pages == page)
				list_draw(p, body, plan, &list);
		}
	}
	return pages;
}

void slide_overview(struct painter *p, const struct slide_source *source, int page)
{
	const struct plan *plan = source->plan;
	struct box body = frame_plan(p, source, THEME_NEUTRAL, NULL, NULL), rest = body;
	char title[WORDING_SIZE];
	struct slide_report ignored = {0};
	struct painter dry = *p;

	wording_overview(plan->initiative_count, title);
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
