/* What all slides of initiatives share, and those without figures or years (17, 19, 26). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "render/slide_parts.h"
#include "render/wording.h"

#define TILE      150
#define PICTOGRAM 190

enum theme_accent initiative_accent(const struct initiative *initiative)
{
	unsigned stages = 0;

	if (initiative->group == PLAN_GROUP_IMPLEMENTATION)
		return THEME_IMPLEMENTATION;
	for (size_t i = 0; i < initiative->phase_count; i++)
		stages |= initiative->phases[i].stages;
	return stages == 1U << STAGE_RESEARCH ? THEME_RESEARCH : THEME_CONSIDERATION;
}

/* --- Stage and departments --- */

static size_t group_stages(enum plan_group group, enum stage stages[static 2])
{
	if (group == PLAN_GROUP_IMPLEMENTATION) {
		stages[0] = STAGE_IMPLEMENTATION;
		return 1;
	}
	stages[0] = STAGE_CONSIDERATION;
	stages[1] = STAGE_RESEARCH;
	return 2;
}

const char *stage_name(const struct painter *p, enum stage stage)
{
	if (p->plan && p->plan->stages[stage])
		return p->plan->stages[stage];
	return wording_stage(p->words, stage);
}

void initiative_group_name(const struct painter *p, enum plan_group group,
			   char out[static WORDING_SIZE])
{
	enum stage stages[2];
	size_t count = group_stages(group, stages);

	if (count == 1)
		wording_put(out, "%s", stage_name(p, stages[0]));
	else
		wording_put(out, "%s%s%s", stage_name(p, stages[0]),
			    wording_is_wide(p->words) ? "・" : " / ",
			    stage_name(p, stages[1]));
}

/* The stage's mark and word in a line of its colour; returns the chip's width. */
static double chip_draw(struct painter *p, struct box row,
			const struct initiative *initiative)
{
	enum stage stages[2];
	size_t count = group_stages(initiative->group, stages);
	char name[WORDING_SIZE];
	struct paint_text word = {
		.text = name,
		.place = "group",
		.size = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
	};
	double em = paint_em(p, TYPE_CAPTION), mark = em * 0.72, text;
	double x = row.x + em * 0.75, marks = (double)count * mark * 1.4;
	struct box chip = row;

	initiative_group_name(p, initiative->group, name);
	text = paint_line_width(p, &word) + 2;
	chip.width = em * 1.5 + marks + em * 0.2 + text;
	if (chip.width > row.width)
		paint_overflow(p, "group");
	paint_outline(p, chip, chip.height / 2, 4,
		      p->theme->accent[initiative_accent(initiative)]);
	for (size_t i = 0; i < count; i++, x += mark * 1.4)
		paint_mark(p, stages[i], x + mark / 2, row.y + row.height / 2, mark);
	x += em * 0.2;
	paint_text(p, (struct box){x, row.y, text, row.height}, &word);
	return chip.width;
}

/* "市民課・情報推進課"; owned. */
static char *departments_of(struct painter *p, const struct initiative *initiative)
{
	size_t size = 1;
	char *text;

	for (size_t i = 0; i < initiative->department_count; i++)
		size += strlen(initiative->departments[i]) + sizeof("・");
	text = calloc(size, 1);
	if (!text) {
		p->failed = true;
		err_set(p->err, ERR_NO_MEMORY, "slide: out of memory");
		return NULL;
	}
	for (size_t i = 0; i < initiative->department_count; i++) {
		size_t used = strlen(text);

		snprintf(text + used, size - used, "%s%s", i > 0 ? "・" : "",
			 initiative->departments[i]);
	}
	return text;
}

static void stage_row(struct painter *p, struct box *body,
		      const struct initiative *initiative)
{
	double em = paint_em(p, TYPE_CAPTION), gap = em * 0.8, chip;
	char *departments = departments_of(p, initiative);
	struct paint_text text = {
		.text = departments,
		.place = "departments",
		.size = TYPE_LABEL,
		.least = TYPE_CAPTION,
		.colour = p->theme->soft,
		.valign = PAINT_MIDDLE,
	};
	struct box row = box_cut_top(body, em * 1.75, 0);

	if (!departments)
		return;
	chip = chip_draw(p, row, initiative);
	if (paint_line_width(p, &text) + 2 <= row.width - chip - gap) {
		box_cut_left(&row, chip, gap);
		paint_text(p, row, &text);
	} else {
		double height = paint_measure(p, body->width, 0, &text).height;

		box_cut_top(body, em * 0.6, 0);
		paint_text(p, box_cut_top(body, height, 0), &text);
	}
	free(departments);
}

/* --- Tile and title --- */

static void tile_draw(struct painter *p, struct box tile, int number)
{
	char digits[16];
	struct paint_text text = {
		.text = digits,
		.place = "number",
		.size = TYPE_DISPLAY,
		.least = TYPE_LARGE,
		.role = FONT_BOLD,
		.colour = p->theme->paper,
		.align = TEXT_CENTRE,
		.valign = PAINT_MIDDLE,
	};

	snprintf(digits, sizeof(digits), "%d", number);
	paint_panel(p, tile, 28, p->theme->ink);
	paint_text(p, box_inset(tile, 6, 0), &text);
}

/* Title and 【subtitle】, in the middle of @box or from its top; returns their height. */
static double title_draw(struct painter *p, struct box box,
			 const struct initiative *initiative, bool draw)
{
	const bool wide = wording_is_wide(p->words);
	const int lines = p->portrait ? 3 : 2;
	char subtitle[WORDING_SIZE];
	struct paint_text title = {
		.text = initiative->title,
		.place = "title",
		.size = TYPE_TITLE,
		.least = wide ? TYPE_LARGE : TYPE_BODY,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.28,
		.balance = true,
		.words = true,
		.max_lines = lines,
	};
	struct paint_text lower;
	double height, gap = 0;
	struct paint_extent upper, under = {0};

	/* Upright, words of an alphabet take more lines, which the figures need. */
	if (p->portrait && !wide)
		title.size = TYPE_LARGE;
	/* Else there is room for two lines beside the tile: a subtitle is one of them. */
	if (initiative->subtitle && !(p->portrait && wide))
		title.max_lines = 1;
	if (!paint_measure(p, box.width, 0, &title).fits)
		title.max_lines = lines;
	upper = paint_measure(p, box.width, 0, &title);

	if (initiative->subtitle) {
		wording_put(subtitle, wide ? "【%s】" : "%s", initiative->subtitle);
		lower = title;
		lower.text = subtitle;
		lower.place = "subtitle";
		lower.size = wide ? TYPE_LARGE : TYPE_BODY;
		lower.least = TYPE_LABEL;
		lower.role = wide ? FONT_BOLD : FONT_TEXT;
		lower.max_lines = 2;
		under = paint_measure(p, box.width, 0, &lower);
		gap = paint_em(p, TYPE_LARGE) * 0.5;
	}
	height = upper.height + gap + under.height;
	if (!draw)
		return height;
	if (height > box.height + 0.5)
		paint_overflow(p, "title");
	box.y += (box.height - height) / 2;
	box.height = upper.height + 1;
	paint_text(p, box, &title);
	if (initiative->subtitle) {
		box.y += upper.height + gap;
		box.height = under.height + 1;
		paint_text(p, box, &lower);
	}
	return height;
}

static void head_landscape(struct painter *p, struct box *body,
			   const struct initiative *initiative)
{
	struct box text = *body, strip, tile;

	box_cut_left(&text, TILE, 40);
	box_cut_right(&text, PICTOGRAM, 56);
	text.height = title_draw(p, text, initiative, false);
	if (text.height > body->height)
		paint_overflow(p, "title");
	strip = box_cut_top(body, fmax(text.height, PICTOGRAM - 20), 36);
	tile = (struct box){strip.x, strip.y + (strip.height - TILE) / 2, TILE, TILE};
	text.height = strip.height;
	tile_draw(p, tile, initiative->number);
	title_draw(p, text, initiative, true);
	paint_pictogram(p, initiative->pictogram,
			(struct box){box_right(strip) - PICTOGRAM,
				     strip.y + (strip.height - PICTOGRAM) / 2, PICTOGRAM,
				     PICTOGRAM},
			p->theme->accent[initiative_accent(initiative)]);
}

static void head_portrait(struct painter *p, struct box *body,
			  const struct initiative *initiative)
{
	const double size = 220;
	struct box strip = box_cut_top(body, size, 56), text = *body;

	tile_draw(p, (struct box){strip.x, strip.y + (size - TILE) / 2, TILE, TILE},
		  initiative->number);
	paint_pictogram(p, initiative->pictogram, box_cut_right(&strip, size, 0),
			p->theme->accent[initiative_accent(initiative)]);
	text.height = title_draw(p, text, initiative, false);
	if (text.height > body->height)
		paint_overflow(p, "title");
	title_draw(p, box_cut_top(body, text.height + 1, 48), initiative, true);
}

void initiative_head(struct painter *p, struct box *body,
		     const struct initiative *initiative)
{
	if (p->portrait)
		head_portrait(p, body, initiative);
	else
		head_landscape(p, body, initiative);
	stage_row(p, body, initiative);
	box_cut_top(body, p->portrait ? 72 : 48, 0);
}

/* --- 随時対応, and what another plan manages --- */

static void slide_status(struct painter *p, const struct slide_source *source,
			 const struct initiative *initiative)
{
	enum theme_accent accent = initiative_accent(initiative);
	struct box body = frame_plan(
		p, source, accent, wording_in(p->words, WORDING_INITIATIVES), NULL, NULL);
	bool on_demand = initiative->kind == INITIATIVE_ON_DEMAND;
	struct paint_text label = {
		.text = on_demand ? wording_in(p->words, WORDING_INDICATOR) : NULL,
		.place = "indicator",
		.size = TYPE_LABEL,
		.colour = p->theme->soft,
	};
	struct paint_text status = {
		.text = initiative->status,
		.place = "status",
		.size = on_demand ? TYPE_HUGE : TYPE_DISPLAY,
		.least = TYPE_BODY,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.leading = 1.4,
		.balance = true,
	};
	struct box panel;

	initiative_head(p, &body, initiative);
	panel = body;
	paint_card(p, panel, PAINT_BAR_LEFT, 24, 20, p->theme->panel,
		   &p->theme->accent[accent], 1);
	panel = box_inset(panel, 72, 48);
	if (label.text) {
		double height = paint_measure(p, panel.width, 0, &label).height;

		paint_text(p, box_cut_top(&panel, height, 0), &label);
		box_cut_bottom(&panel, height, 0);
	}
	paint_text(p, panel, &status);
}

void slide_initiative(struct painter *p, const struct slide_source *source,
		      const struct initiative *initiative, int page)
{
	p->report->pages = 1;
	if (page != 1)
		return;
	paint_scope(p, "initiatives[%d].", initiative->number - 1);
	switch (initiative->kind) {
	case INITIATIVE_INDICATOR:
		slide_indicator(p, source, initiative);
		return;
	case INITIATIVE_ROADMAP:
		slide_roadmap(p, source, initiative);
		return;
	case INITIATIVE_ON_DEMAND:
	case INITIATIVE_ELSEWHERE:
		slide_status(p, source, initiative);
		return;
	}
}
