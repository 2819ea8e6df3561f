/*
 * Self-count: initiative 4 is measured by what these screens publish, and the city's server
 * counts it. The slide shows this fiscal year's count once the city has published one.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/attr.h"
#include "core/programme.h"
#include "render/slide_parts.h"
#include "render/wording.h"

/* Label and figure above each other, as a column of its own. */
struct fact {
	char label[WORDING_SIZE];
	char number[WORDING_SIZE];
	struct paint_figure figure;
};

static void fact_init(const struct painter *p, struct fact *fact, int fiscal_year,
		      enum wording what, int64_t value, const char *unit)
{
	/* Two columns upright are narrow for words of an alphabet. */
	if (p->portrait && !wording_is_wide(p->words))
		wording_fiscal_year_over(p->words, fiscal_year, what, fact->label);
	else
		wording_fiscal_year_of(p->words, fiscal_year, what, fact->label);
	wording_number(value, fact->number);
	fact->figure = (struct paint_figure){
		.figure = fact->number,
		.unit = unit,
		.place = "indicator.target",
		.em = p->portrait ? 130 : 112,
		.colour = p->theme->ink,
	};
}

static struct paint_text fact_label(const struct painter *p, const struct fact *fact)
{
	return (struct paint_text){
		.text = fact->label,
		.place = "indicator.target",
		.size = TYPE_LABEL,
		.least = TYPE_CAPTION,
		.colour = p->theme->soft,
		.max_lines = strchr(fact->label, '\n') ? 2 : 1,
	};
}

static double fact_height(struct painter *p, const struct fact *fact)
{
	struct paint_text label = fact_label(p, fact);

	return paint_measure(p, -1, 0, &label).height + paint_em(p, TYPE_LABEL) * 0.6 +
	       paint_figure_height(p, &fact->figure);
}

static void fact_draw(struct painter *p, struct box box, const struct fact *fact)
{
	struct paint_text label = fact_label(p, fact);
	double height = fact_height(p, fact);

	if (height > box.height + 0.5)
		paint_overflow(p, "indicator.target");
	paint_text(p,
		   (struct box){box.x, box.y, box.width,
				paint_measure(p, -1, 0, &label).height + 1},
		   &label);
	paint_figure(p, &fact->figure, box.x, box.y + height, box.width);
}

const struct programme_count *count_so_far(const struct slide_source *source)
{
	const struct programme *programme = source->programme;
	const struct programme_count *count = programme ? &programme->count : NULL;
	int now = frame_fiscal_year(source);
	bool known = count && count->known && (now == 0 || count->fiscal_year == now);

	return known ? count : NULL;
}

/* This fiscal year's count, or that it comes later. */
static void count_draw(struct painter *p, struct box card,
		       const struct slide_source *source, const char *unit)
{
	const struct programme_count *count = count_so_far(source);
	int now = frame_fiscal_year(source);
	bool known = count != NULL;
	char year[WORDING_SIZE] = "", number[WORDING_SIZE], as_of[WORDING_SIZE];
	struct paint_text label = {
		.text = year,
		.place = "count",
		.size = TYPE_LARGE,
		.least = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.max_lines = 1,
	};
	struct paint_text later = {
		.text = known ? as_of : wording_in(p->words, WORDING_COUNT_LATER),
		.place = "count",
		.size = known ? TYPE_LABEL : TYPE_LARGE,
		.least = TYPE_CAPTION,
		.colour = known ? p->theme->soft : p->theme->ink,
		.valign = known ? PAINT_BOTTOM : PAINT_MIDDLE,
		.leading = 1.5,
		.balance = true,
	};
	struct paint_figure figure = {
		.figure = number,
		.unit = unit,
		.place = "count",
		.em = p->portrait ? 300 : 260,
		.bold = true,
		.colour = p->theme->ink,
	};

	paint_card(p, card, PAINT_BAR_TOP, 24, 16, p->theme->panel,
		   &p->theme->accent[THEME_IMPLEMENTATION], 1);
	card = box_inset(card, 56, 52);
	if (known)
		wording_fiscal_year_of(p->words, count->fiscal_year, WORDING_SO_FAR,
				       year);
	else if (now != 0)
		wording_fiscal_year(p->words, now, year);
	paint_text(p, box_cut_top(&card, paint_em(p, TYPE_LARGE), 24), &label);
	if (!known) {
		paint_text(p, card, &later);
		return;
	}
	wording_number(count->notices, number);
	wording_as_of(p->words, count->as_of, as_of);
	paint_text(p, box_cut_bottom(&card, paint_em(p, TYPE_LABEL), 24), &later);
	while (figure.em > 80 && (paint_figure_width(p, &figure) > card.width ||
				  paint_figure_height(p, &figure) > card.height * 0.8))
		figure.em -= 20;
	if (paint_figure_height(p, &figure) > card.height)
		paint_overflow(p, "count");
	paint_figure(p, &figure, card.x,
		     card.y + (card.height + paint_figure_height(p, &figure)) / 2,
		     card.width);
}

void slide_self_count(struct painter *p, const struct slide_source *source, int page)
{
	const struct initiative *initiative =
		plan_initiative(source->plan, SLIDE_SELF_COUNT_INITIATIVE);
	const struct plan_series *series = &initiative->indicator->series[0];
	struct box body;
	struct fact before, after;
	struct paint_text name = {
		.place = "indicator.name",
		.size = TYPE_BODY,
		.least = TYPE_LABEL,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.35,
		.balance = true,
	};
	char *title;

	p->report->pages = 1;
	if (page != 1)
		return;
	paint_scope(p, "initiatives[%d].", initiative->number - 1);
	body = frame_plan(p, source, initiative_accent(initiative),
			  wording_in(p->words, WORDING_INITIATIVES), NULL, NULL);
	initiative_head(p, &body, initiative);
	title = indicator_title(p, initiative->indicator);
	if (!title)
		return;
	name.text = title;
	paint_text(p,
		   box_cut_top(&body, paint_measure(p, body.width, 0, &name).height + 1,
			       p->portrait ? 56 : 36),
		   &name);
	free(title);
	fact_init(p, &before, series->baseline.fiscal_year,
		  series->baseline_is_estimate ? WORDING_ACTUAL_ESTIMATE : WORDING_ACTUAL,
		  series->baseline.value, series->unit);
	fact_init(p, &after, series->target.fiscal_year, WORDING_TARGET,
		  series->target.value, series->unit);
	if (p->portrait) {
		struct layout_part parts[] = {
			{.height = 380, .grow = 1, .grow_max = 560},
			{.height = fact_height(p, &before) + 1},
		};

		/* Large figures need more than text does between them and the footer. */
		box_cut_bottom(&body, 36, 0);
		if (!layout_stack(body, parts, 2, 48, 88, true))
			paint_overflow(p, "indicator.target");
		count_draw(p, parts[0].box, source, series->unit);
		fact_draw(p, box_column(parts[1].box, 0, 2, 48), &before);
		fact_draw(p, box_column(parts[1].box, 1, 2, 48), &after);
	} else {
		struct box facts = box_cut_right(&body, 520, 80);
		struct layout_part parts[] = {{.height = fact_height(p, &before)},
					      {.height = fact_height(p, &after)}};

		if (!layout_stack(facts, parts, 2, 24, 72, true))
			paint_overflow(p, "indicator.target");
		count_draw(p, body, source, series->unit);
		fact_draw(p, parts[0].box, &before);
		fact_draw(p, parts[1].box, &after);
	}
}
