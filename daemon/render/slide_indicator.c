/*
 * Indicators: what is counted, the figure before and the target, large, and the fiscal years
 * between them. The direction is neutral: a target may be lower than the figure before it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "render/slide_parts.h"
#include "render/wording.h"

char *indicator_title(struct painter *p, const struct plan_indicator *indicator)
{
	const bool wide = wording_is_wide(p->words);
	char *text = NULL;

	if (asprintf(&text, "%s%s%s%s", indicator->name, wide ? "（" : " (",
		     indicator->measure_text, wide ? "）" : ")") < 0) {
		p->failed = true;
		err_set(p->err, ERR_NO_MEMORY, "slide: out of memory");
		return NULL;
	}
	return text;
}

#define ARROW_LEAST 84
#define ARROW_MOST  150
#define ARROW_GAP   44
#define LABEL_GAP   0.6 /* ems between a label and its figure */

/* The two figures of a series as texts, at one of the allowed pairs of sizes. */
struct pair {
	char baseline_label[WORDING_SIZE], target_label[WORDING_SIZE];
	char baseline[WORDING_SIZE], target[WORDING_SIZE];
	struct paint_figure before, after;
	double arrow; /* length of an arrow that points down */
	double gap;   /* above and below it */
	bool compact; /* in a card: labels of two lines, a short arrow */
};

static void pair_init(const struct painter *p, struct pair *pair,
		      const struct plan_series *series, bool compact)
{
	const enum wording what =
		series->baseline_is_estimate ? WORDING_ACTUAL_ESTIMATE : WORDING_ACTUAL;

	*pair = (struct pair){.compact = compact, .gap = ARROW_GAP};
	if (compact) {
		wording_fiscal_year_over(p->words, series->baseline.fiscal_year, what,
					 pair->baseline_label);
		wording_fiscal_year_over(p->words, series->target.fiscal_year,
					 WORDING_TARGET, pair->target_label);
	} else {
		wording_fiscal_year_of(p->words, series->baseline.fiscal_year, what,
				       pair->baseline_label);
		wording_fiscal_year_of(p->words, series->target.fiscal_year,
				       WORDING_TARGET, pair->target_label);
	}
	wording_number(series->baseline.value, pair->baseline);
	wording_number(series->target.value, pair->target);
	pair->before = (struct paint_figure){
		.figure = pair->baseline,
		.unit = series->unit,
		.place = "indicator.baseline",
		.colour = p->theme->ink,
	};
	pair->after = (struct paint_figure){
		.figure = pair->target,
		.unit = series->unit,
		.place = "indicator.target",
		.bold = true,
		.colour = p->theme->ink,
	};
}

/* Ems of target and baseline, from the largest. */
struct pair_size {
	double after, before;
};

static const struct pair_size wide[] = {
	{220, 136}, {200, 124}, {176, 112}, {152, 100}, {132, 88}, {112, 76},
};
static const struct pair_size tall[] = {
	{260, 170}, {220, 150}, {190, 136}, {160, 116}, {132, 100}, {112, 84},
};
static const struct pair_size small[] = {
	{176, 112}, {152, 100}, {132, 88}, {112, 76}, {92, 66}, {76, 58},
};
#define PAIR_SIZES 6

/*
 * The @step-th way to set a pair, the best first; false behind the last. Figures look alike
 * on all slides, so narrow digits come only after all sizes of the usual ones.
 */
static bool pair_set(struct pair *pair, const struct pair_size sizes[PAIR_SIZES],
		     size_t step)
{
	if (step >= (size_t)2 * PAIR_SIZES)
		return false;
	pair->after.em = sizes[step % PAIR_SIZES].after;
	pair->before.em = sizes[step % PAIR_SIZES].before;
	pair->after.narrow = pair->before.narrow = step >= PAIR_SIZES;
	return true;
}

/* Whether the @step-th way is the last before narrow digits, which save width alone. */
static bool pair_is_last_wide(size_t step)
{
	return step == PAIR_SIZES - 1;
}

static struct paint_text pair_label(const struct painter *p, const struct pair *pair,
				    const char *text, const char *place)
{
	return (struct paint_text){
		.text = text,
		.place = place,
		.size = pair->compact ? TYPE_CAPTION : TYPE_LABEL,
		.least = TYPE_CAPTION,
		.colour = p->theme->soft,
		.max_lines = 2,
	};
}

/* Where things of a pair side by side lie. */
struct pair_row {
	double before_width, after_width;
	double arrow_x, arrow_width, after_x;
	double label_height, height;
};

static bool pair_row_measure(struct painter *p, struct pair *pair, double width,
			     double column, struct pair_row *out)
{
	struct paint_text before = pair_label(p, pair, pair->baseline_label, "");
	struct paint_text after = pair_label(p, pair, pair->target_label, "");
	double gap = ARROW_GAP, least, free;

	out->before_width = fmax(paint_figure_width(p, &pair->before),
				 paint_line_width(p, &before) + 2);
	out->after_width = fmax(paint_figure_width(p, &pair->after),
				paint_line_width(p, &after) + 2);
	/* Targets of all slides start at the same column where the figures allow it. */
	least = out->before_width + ARROW_LEAST + 2 * gap;
	out->after_x = fmax(column, least);
	if (out->after_x + out->after_width > width)
		out->after_x = fmax(width - out->after_width, least);
	free = out->after_x - out->before_width - 2 * gap;
	out->arrow_width = fmin(free, pair->compact ? ARROW_LEAST : ARROW_MOST);
	out->arrow_x = out->before_width + gap + (free - out->arrow_width) / 2;
	out->label_height = fmax(paint_measure(p, -1, 0, &before).height,
				 paint_measure(p, -1, 0, &after).height) +
			    1;
	out->height = out->label_height + paint_em(p, TYPE_LABEL) * LABEL_GAP +
		      paint_figure_height(p, &pair->after);
	return out->after_x + out->after_width <= width;
}

static void pair_row_draw(struct painter *p, struct box box, struct pair *pair,
			  const struct pair_row *row)
{
	double baseline = box.y + row->height;
	double digits = paint_figure_height(p, &pair->before);
	struct paint_text before =
		pair_label(p, pair, pair->baseline_label, "indicator.baseline");
	struct paint_text after =
		pair_label(p, pair, pair->target_label, "indicator.target");
	double label_y = baseline - digits - paint_em(p, TYPE_LABEL) * LABEL_GAP -
			 row->label_height;

	paint_text(p, (struct box){box.x, label_y, row->before_width, row->label_height},
		   &before);
	paint_figure(p, &pair->before, box.x, baseline, row->before_width);
	paint_arrow(p, box.x + row->arrow_x, baseline - digits / 2,
		    box.x + row->arrow_x + row->arrow_width, baseline - digits / 2,
		    p->theme->ink);
	paint_text(p,
		   (struct box){box.x + row->after_x, box.y, box.width - row->after_x,
				row->label_height},
		   &after);
	paint_figure(p, &pair->after, box.x + row->after_x, baseline,
		     box.width - row->after_x);
	if (row->height > box.height + 0.5)
		paint_overflow(p, "indicator.target");
}

/* One below the other, with the arrow between them. */
static double pair_column_height(struct painter *p, const struct pair *pair)
{
	double label = paint_em(p, TYPE_LABEL) * 1.55;

	return 2 * label + paint_figure_height(p, &pair->before) +
	       paint_figure_height(p, &pair->after) + pair->arrow + 2 * pair->gap;
}

static void pair_column_draw(struct painter *p, struct box box, struct pair *pair)
{
	double label = paint_em(p, TYPE_LABEL) * 1.55;
	double before = paint_figure_height(p, &pair->before);
	double after = paint_figure_height(p, &pair->after);
	struct paint_text upper =
		pair_label(p, pair, pair->baseline_label, "indicator.baseline");
	struct paint_text lower =
		pair_label(p, pair, pair->target_label, "indicator.target");
	double x = box.x + 40;

	if (pair_column_height(p, pair) > box.height + 0.5)
		paint_overflow(p, "indicator.target");
	paint_text(p, box_cut_top(&box, label, 0), &upper);
	paint_figure(p, &pair->before, box.x, box.y + before, box.width);
	box_cut_top(&box, before + pair->gap, 0);
	paint_arrow(p, x, box.y, x, box.y + pair->arrow, p->theme->ink);
	box_cut_top(&box, pair->arrow + pair->gap, 0);
	paint_text(p, box_cut_top(&box, label, 0), &lower);
	paint_figure(p, &pair->after, box.x, box.y + after, box.width);
}

static struct axis axis_of(const struct painter *p, const struct slide_source *source,
			   const struct initiative *initiative,
			   const struct plan_series *series)
{
	struct axis axis = {
		.first = series->baseline.fiscal_year,
		.last = source->plan->last_fiscal_year,
		.now = frame_fiscal_year(source),
		.target = series->target.fiscal_year,
		.from = series->baseline.fiscal_year,
		.accent = p->theme->accent[initiative_accent(initiative)],
	};

	if (series->target.fiscal_year > axis.last)
		axis.last = series->target.fiscal_year;
	for (size_t i = 0; i < series->result_count; i++)
		if (series->results[i].fiscal_year > axis.last)
			axis.last = series->results[i].fiscal_year;
	return axis;
}

/* --- One series: the figures as large as they go --- */

static double years_height(struct painter *p, const struct plan_series *series,
			   const struct axis *axis)
{
	return series->result_count > 0 ? chart_height_least(p, axis) : axis_height(p);
}

static void years_draw(struct painter *p, struct box box,
		       const struct plan_series *series, const struct axis *axis)
{
	if (series->result_count > 0)
		chart_draw(p, box, series, axis);
	else
		axis_draw(p, box, axis);
}

/*
 * Figures left and bars right, which are as high as the slide allows; false, with nothing
 * drawn, when long figures leave no room for that.
 */
static bool chart_beside(struct painter *p, struct box body,
			 const struct plan_series *series, const struct axis *axis)
{
	struct box left = box_cut_left(&body, body.width * 0.36, 48);
	struct pair pair;
	double height;

	pair_init(p, &pair, series, false);
	pair.arrow = 60;
	pair.gap = 26;
	for (size_t i = 0;; i++) {
		/* Not with narrow digits: those are for figures that fit nowhere else. */
		if (i == PAIR_SIZES || !pair_set(&pair, tall, i))
			return false;
		height = pair_column_height(p, &pair);
		if (height <= left.height &&
		    paint_figure_width(p, &pair.before) <= left.width &&
		    paint_figure_width(p, &pair.after) <= left.width)
			break;
	}
	if (chart_width_least(p, series, axis) > body.width)
		return false;
	box_cut_top(&left, (left.height - height) / 2, 0);
	pair_column_draw(p, left, &pair);
	chart_draw(p, body, series, axis);
	return true;
}

static void single_landscape(struct painter *p, struct box body,
			     const struct plan_series *series, const struct axis *axis)
{
	const double least = years_height(p, series, axis);
	double years = least;
	bool chart = series->result_count > 0;
	const double gap = chart ? 28 : 40;
	struct pair_row row = {0};
	struct pair pair;

	/* Bars that are hardly higher than their figures tell nothing. */
	if (chart) {
		box_cut_bottom(&body, 12, 0);
		if (chart_beside(p, body, series, axis))
			return;
		years = fmax(least, body.height * 0.62);
	}
	pair_init(p, &pair, series, false);
	for (size_t i = 0; pair_set(&pair, wide, i); i++)
		if (pair_row_measure(p, &pair, body.width, body.width * 0.44, &row) &&
		    (row.height + gap + years <= body.height || pair_is_last_wide(i)))
			break;
	years = fmax(fmin(years, body.height - gap - row.height), least);
	{
		struct layout_part parts[] = {
			{.height = row.height},
			{.height = years, .grow = chart ? 1 : 0, .grow_max = 420},
		};

		layout_stack(body, parts, ARRAY_LEN(parts), gap - 1, chart ? 48 : 96,
			     true);
		parts[0].box.height += 1;
		pair_row_draw(p, parts[0].box, &pair, &row);
		if (box_bottom(parts[1].box) > box_bottom(body) + 0.5)
			paint_overflow(p, "years");
		years_draw(p, parts[1].box, series, axis);
	}
}

static void single_portrait(struct painter *p, struct box body,
			    const struct plan_series *series, const struct axis *axis)
{
	double years = years_height(p, series, axis);
	bool chart = series->result_count > 0;
	struct pair pair;

	pair_init(p, &pair, series, false);
	for (size_t i = 0; pair_set(&pair, tall, i); i++) {
		double room = body.height - 48 - years * (chart ? 1.1 : 1);

		/* A short arrow is better than small figures. */
		pair.arrow = ARROW_MOST;
		if (chart || pair_column_height(p, &pair) > room)
			pair.arrow = ARROW_LEAST;
		if (paint_figure_width(p, &pair.before) <= body.width &&
		    paint_figure_width(p, &pair.after) <= body.width &&
		    (pair_column_height(p, &pair) <= room || pair_is_last_wide(i)))
			break;
	}
	{
		struct layout_part parts[] = {
			{.height = pair_column_height(p, &pair)},
			{.height = years, .grow = chart ? 1 : 0, .grow_max = 560},
		};

		layout_stack(body, parts, ARRAY_LEN(parts), 48, 180, false);
		parts[0].box.height += 1;
		pair_column_draw(p, parts[0].box, &pair);
		if (box_bottom(parts[1].box) > box_bottom(body) + 0.5)
			paint_overflow(p, "years");
		years_draw(p, parts[1].box, series, axis);
	}
}

/* --- Several series: a card for each --- */

/* "令和7年度　目標　15件" at the right end of a card's head, which keeps the rest. */
static void card_target(struct painter *p, struct box *head,
			const struct plan_series *series)
{
	char text[WORDING_SIZE];
	struct paint_text target = {
		.text = text,
		.place = "indicator.target",
		.size = TYPE_LABEL,
		.least = TYPE_CAPTION,
		.colour = p->theme->ink,
		.align = TEXT_RIGHT,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};

	wording_target(p->words, series->target.fiscal_year, series->target.value,
		       series->unit, text);
	paint_text(p, box_cut_right(head, paint_line_width(p, &target) + 2, 24), &target);
}

static void card_draw(struct painter *p, struct box card,
		      const struct plan_series *series, struct axis *axis)
{
	struct paint_text label = {
		.text = series->label,
		.place = "indicator.label",
		.size = TYPE_LARGE,
		.least = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.max_lines = 1,
	};
	struct pair_row row = {0};
	struct box head = card;
	struct pair pair;

	paint_card(p, card, PAINT_BAR_TOP, 24, 14, p->theme->panel, &axis->accent, 1);
	card = box_inset(card, 44, 44);
	pair_init(p, &pair, series, true);
	if (series->label || series->result_count > 0)
		head = box_cut_top(&card, paint_em(p, TYPE_LARGE), 12);
	if (series->result_count > 0) {
		/* The bars tell the figures; the target keeps its words. */
		card_target(p, &head, series);
		axis->last = series->target.fiscal_year;
		for (size_t i = 0; i < series->result_count; i++)
			if (series->results[i].fiscal_year > axis->last)
				axis->last = series->results[i].fiscal_year;
		chart_draw(p, card, series, axis);
	}
	if (series->label)
		paint_text(p, head, &label);
	if (series->result_count > 0)
		return;
	for (size_t i = 0; pair_set(&pair, small, i); i++)
		if (pair_row_measure(p, &pair, card.width, card.width * 0.48, &row) &&
		    (row.height <= card.height || pair_is_last_wide(i)))
			break;
	box_cut_top(&card, fmax(card.height - row.height, 0) / 2, 0);
	pair_row_draw(p, card, &pair, &row);
}

static void several(struct painter *p, struct box body, const struct slide_source *source,
		    const struct initiative *initiative)
{
	const struct plan_indicator *indicator = initiative->indicator;
	size_t count = indicator->series_count;

	for (size_t i = 0; i < count; i++) {
		struct box card = p->portrait ? box_row(body, i, count, 40)
					      : box_column(body, i, count, 40);
		struct axis axis = axis_of(p, source, initiative, &indicator->series[i]);

		card_draw(p, card, &indicator->series[i], &axis);
	}
}

/* The note while the first result is still to come. */
static const char *results_note(const struct painter *p,
				const struct plan_indicator *indicator,
				char out[static WORDING_SIZE])
{
	for (size_t i = 0; i < indicator->series_count; i++)
		if (indicator->series[i].result_count > 0)
			return NULL;
	wording_results_later(p->words, indicator->series[0].baseline.fiscal_year + 1,
			      out);
	return out;
}

/*
 * What the city has counted of this very indicator in the running year. It is no result, so
 * it stands apart from the figures, and says of which moment it is.
 */
static const char *so_far_note(const struct painter *p, const struct slide_source *source,
			       const struct initiative *initiative,
			       char out[static WORDING_SIZE])
{
	const struct programme_count *count = count_so_far(source);

	/* Without a year of its own, as that is where the axis says 「いま」. */
	if (initiative->number != SLIDE_SELF_COUNT_INITIATIVE || !count ||
	    frame_fiscal_year(source) == 0)
		return NULL;
	wording_so_far(p->words, count->notices, initiative->indicator->series[0].unit,
		       count->as_of, out);
	return out;
}

void slide_indicator(struct painter *p, const struct slide_source *source,
		     const struct initiative *initiative)
{
	const struct plan_indicator *indicator = initiative->indicator;
	char note[WORDING_SIZE];
	const char *so_far = so_far_note(p, source, initiative, note);
	struct box body =
		frame_plan(p, source, initiative_accent(initiative),
			   wording_in(p->words, WORDING_INITIATIVES),
			   so_far ? so_far : results_note(p, indicator, note),
			   so_far ? NULL : wording_in(p->words, WORDING_RESULTS_LATER));
	char *title;
	struct paint_text name = {
		.place = "indicator.name",
		.size = TYPE_BODY,
		.least = TYPE_LABEL,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.35,
		.balance = true,
		.max_lines = p->portrait ? 3 : 1,
	};
	struct axis axis;

	initiative_head(p, &body, initiative);
	title = indicator_title(p, indicator);
	if (!title)
		return;
	name.text = title;
	/* A second line would cost the figures more than a size costs the name. */
	if (!p->portrait && !paint_measure(p, body.width, 0, &name).fits)
		name.max_lines = 2;
	paint_text(p,
		   box_cut_top(&body, paint_measure(p, body.width, 0, &name).height + 1,
			       p->portrait ? 56 : 36),
		   &name);
	free(title);
	if (indicator->series_count > 1) {
		several(p, body, source, initiative);
		return;
	}
	axis = axis_of(p, source, initiative, &indicator->series[0]);
	if (p->portrait)
		single_portrait(p, body, &indicator->series[0], &axis);
	else
		single_landscape(p, body, &indicator->series[0], &axis);
}
