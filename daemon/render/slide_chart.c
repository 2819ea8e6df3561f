/* Fiscal years from left to right: as an axis with 「いま」, or with bars of results. */
#include <math.h>

#include "render/slide_parts.h"
#include "render/wording.h"

#define AXIS_LINE 14
#define AXIS_DOT  19

/* The years' own row below the line, and the row of 「いま」 above it. */
static double row_height(const struct painter *p)
{
	return paint_em(p, TYPE_CAPTION) * 1.5;
}

double axis_height(const struct painter *p)
{
	return 2 * row_height(p) + 2 * AXIS_DOT + 8;
}

static size_t axis_years(const struct axis *axis)
{
	return (size_t)(axis->last - axis->first + 1);
}

/* @x is the middle of the year, @room what its label may take; @flush: ends lie flush. */
struct spot {
	double x, room;
	bool flush;
};

/*
 * The first year with its era, the last as "10年度"; the numbers between stand alone. Where
 * "令和5年度" is too wide the first is "令和5".
 */
static void axis_label(struct painter *p, struct box row, const struct axis *axis,
		       int year, const struct spot *spot)
{
	char label[WORDING_SIZE];
	struct paint_text text = {
		.text = label,
		.place = "years",
		.size = TYPE_CAPTION,
		.role = year == axis->now ? FONT_BOLD : FONT_TEXT,
		.colour = p->theme->ink,
		.align = TEXT_CENTRE,
	};
	double room = spot->room;

	/* An end that lies flush reaches towards the label in the middle of the next year. */
	wording_fiscal_year_number(p->words, year, label);
	if (spot->flush)
		room -= paint_line_width(p, &text) / 2 - AXIS_DOT;
	if (year == axis->first)
		wording_fiscal_year(p->words, year, label);
	else if (year == axis->last)
		wording_fiscal_year_short(p->words, year, label);
	row.width = paint_line_width(p, &text) + 2;
	if (year == axis->first && row.width > room) {
		wording_fiscal_year_era(p->words, year, label);
		row.width = paint_line_width(p, &text) + 2;
	}
	if (year == axis->last && row.width > room) {
		wording_fiscal_year_number(p->words, year, label);
		row.width = paint_line_width(p, &text) + 2;
	}
	if (row.width > spot->room)
		paint_overflow(p, "years");
	row.x = spot->x - row.width / 2;
	if (!spot->flush)
		text.valign = PAINT_MIDDLE;
	if (spot->flush && year == axis->first) {
		row.x = spot->x - AXIS_DOT;
		text.align = TEXT_LEFT;
	} else if (spot->flush && year == axis->last) {
		row.x = spot->x + AXIS_DOT - row.width;
		text.align = TEXT_RIGHT;
	}
	paint_text(p, row, &text);
}

/* What stands above a year: 「いま」 in a pill, 「目標」 as a word. */
static void axis_flag(struct painter *p, struct box row, const struct axis *axis,
		      int year, const struct spot *spot)
{
	const char *place = "axis";
	struct paint_text target = {
		.text = wording_in(p->words, WORDING_TARGET),
		.place = place,
		.size = TYPE_CAPTION,
		.colour = p->theme->soft,
		.valign = PAINT_MIDDLE,
	};
	enum text_align align = TEXT_CENTRE;
	double x = spot->x, width;

	if (spot->flush && year == axis->first) {
		align = TEXT_LEFT;
		x -= AXIS_DOT;
	} else if (spot->flush && year == axis->last) {
		align = TEXT_RIGHT;
		x += AXIS_DOT;
	}
	if (year == axis->now) {
		paint_pill(p, wording_in(p->words, WORDING_NOW), TYPE_CAPTION, x,
			   row.y + row.height / 2, align, place);
		return;
	}
	if (year != axis->target)
		return;
	width = paint_line_width(p, &target) + 2;
	row.width = width;
	row.x = align == TEXT_LEFT ? x : align == TEXT_RIGHT ? x - width : x - width / 2;
	paint_text(p, row, &target);
}

void axis_draw(struct painter *p, struct box box, const struct axis *axis)
{
	size_t years = axis_years(axis);
	struct box flags = box_cut_top(&box, row_height(p), 4);
	struct box line = box_cut_top(&box, 2 * AXIS_DOT, 4);
	double y = line.y + line.height / 2, left = line.x + AXIS_DOT;
	double right = box_right(line) - AXIS_DOT;
	double step = years > 1 ? (right - left) / (double)(years - 1) : 0;
	int now = axis->now > axis->last ? axis->last : axis->now;

	paint_line(p, left, y, right, y, AXIS_LINE, p->theme->line);
	if (now > axis->first)
		paint_line(p, left, y, left + step * (now - axis->first), y, AXIS_LINE,
			   axis->accent);
	box.y += row_height(p) * 0.15;
	for (int year = axis->first; year <= axis->last; year++) {
		double x = left + step * (year - axis->first);
		const struct spot spot = {x, step - 12, true};

		if (year == axis->target) {
			paint_dot(p, x, y, AXIS_DOT, p->theme->paper);
			paint_ring(p, x, y, AXIS_DOT, 8, p->theme->ink);
		} else if (year == axis->from) {
			paint_dot(p, x, y, AXIS_DOT, p->theme->ink);
		} else {
			paint_dot(p, x, y, 7, p->theme->ink);
		}
		if (year == axis->now) {
			paint_dot(p, x, y, AXIS_DOT + 5, p->theme->paper);
			paint_dot(p, x, y, AXIS_DOT, axis->accent);
			if (year == axis->target)
				paint_ring(p, x, y, AXIS_DOT + 5, 6, p->theme->ink);
		}
		axis_flag(p, flags, axis, year, &spot);
		axis_label(p, box, axis, year, &spot);
	}
}

/* --- Results --- */

double chart_height_least(const struct painter *p, const struct axis *axis)
{
	/* Upright, each year has a row of its own. */
	if (p->portrait)
		return (double)axis_years(axis) * row_height(p);
	return 2 * row_height(p) + 84;
}

/* The figure known for @year, by its kind; false when there is none. */
static bool figure_of(const struct plan_series *series, int year, int64_t *out_value,
		      bool *out_target)
{
	*out_target = false;
	for (size_t i = 0; i < series->result_count; i++) {
		if (series->results[i].fiscal_year == year) {
			*out_value = series->results[i].value;
			return true;
		}
	}
	if (series->baseline.fiscal_year == year) {
		*out_value = series->baseline.value;
		return true;
	}
	*out_target = series->target.fiscal_year == year;
	*out_value = series->target.value;
	return *out_target;
}

#define COLUMN_GAP 12

static struct paint_text column_figure(const struct painter *p, const char *number,
				       bool target)
{
	return (struct paint_text){
		.text = number,
		.place = "indicator.results",
		.size = TYPE_CAPTION,
		.role = target ? FONT_TEXT : FONT_BOLD,
		.colour = p->theme->ink,
		.align = TEXT_CENTRE,
		.valign = PAINT_BOTTOM,
		.max_lines = 1,
	};
}

double chart_width_least(struct painter *p, const struct plan_series *series,
			 const struct axis *axis)
{
	double widest = 0;

	for (int year = axis->first; year <= axis->last; year++) {
		char number[WORDING_SIZE] = "";
		struct paint_text figure = column_figure(p, number, false);
		bool target;
		int64_t value;

		if (!figure_of(series, year, &value, &target))
			continue;
		wording_number(value, number);
		widest = fmax(widest, paint_line_width(p, &figure));
	}
	return (double)axis_years(axis) * (widest + COLUMN_GAP);
}

static int64_t chart_top(const struct plan_series *series)
{
	int64_t top = series->baseline.value;

	if (series->target.value > top)
		top = series->target.value;
	for (size_t i = 0; i < series->result_count; i++)
		if (series->results[i].value > top)
			top = series->results[i].value;
	return top > 0 ? top : 1;
}

/* A target is hollow, and says so where the word fits. */
static void target_bar(struct painter *p, struct box bar)
{
	struct paint_text word = {
		.text = wording_in(p->words, WORDING_TARGET),
		.place = "indicator.results",
		.size = TYPE_CAPTION,
		.colour = p->theme->ink,
		.align = TEXT_CENTRE,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	double em = paint_em(p, TYPE_CAPTION);

	paint_outline(p, bar, 8, 5, p->theme->ink);
	if (bar.width >= paint_line_width(p, &word) + em * 0.4 && bar.height >= 1.2 * em)
		paint_text(p, bar, &word);
}

static void chart_bar(struct painter *p, struct box column, int64_t value, int64_t top,
		      bool target, struct colour accent)
{
	char number[WORDING_SIZE] = "";
	struct paint_text text = column_figure(p, number, target);
	struct box head = box_cut_top(&column, row_height(p), 4);
	double height = fmax(column.height * (double)value / (double)top, 6);
	struct box bar = column;

	bar.width = fmin(column.width * 0.6, 130);
	bar.x += (column.width - bar.width) / 2;
	bar.y = box_bottom(column) - height;
	bar.height = height;
	if (target)
		target_bar(p, bar);
	else
		paint_panel(p, bar, 8, accent);
	head.y = bar.y - head.height - 8;
	wording_number(value, number);
	paint_text(p, head, &text);
}

/* "8 いま" below the running year's bar, or "2026" alone where that is too wide. */
static double this_year(struct painter *p, struct box row, int year,
			const struct spot *spot)
{
	char now[WORDING_SIZE];
	struct paint_text word = {
		.text = now,
		.place = "years",
		.size = TYPE_CAPTION,
		.role = FONT_BOLD,
	};

	wording_fiscal_year_now(p->words, year, now);
	if (paint_line_width(p, &word) + paint_em(p, TYPE_CAPTION) > spot->room)
		wording_fiscal_year_number(p->words, year, now);
	return paint_pill(p, now, TYPE_CAPTION, spot->x, row.y + row.height / 2,
			  TEXT_CENTRE, "years");
}

static void columns_draw(struct painter *p, struct box box,
			 const struct plan_series *series, const struct axis *axis)
{
	size_t years = axis_years(axis);
	int64_t top = chart_top(series);
	struct box labels = box_cut_bottom(&box, row_height(p), 14);

	if (box.height < row_height(p) + 30)
		paint_overflow(p, "indicator.results");
	paint_rect(p, (struct box){box.x, box_bottom(box), box.width, 3}, p->theme->line);
	for (int year = axis->first; year <= axis->last; year++) {
		struct box column =
			box_column(box, (size_t)(year - axis->first), years, COLUMN_GAP);
		const struct spot spot = {column.x + column.width / 2, column.width,
					  false};
		bool target = false;
		int64_t value = 0;

		if (figure_of(series, year, &value, &target))
			chart_bar(p, column, value, top, target, axis->accent);
		if (year == axis->now) {
			if (this_year(p, labels, year, &spot) > spot.room)
				paint_overflow(p, "years");
		} else {
			axis_label(p, labels, axis, year, &spot);
		}
	}
}

/* A year as a row: its name, a bar to the right, and the figure behind the bar. */
static void row_draw(struct painter *p, struct box row, const struct plan_series *series,
		     const struct axis *axis, int year)
{
	char label[WORDING_SIZE], number[WORDING_SIZE] = "";
	struct paint_text name = {
		.text = label,
		.place = "years",
		.size = TYPE_CAPTION,
		.colour = p->theme->ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	struct paint_text figure = name;
	struct box head = box_cut_left(&row,
				       paint_em(p, TYPE_CAPTION) *
					       (wording_is_wide(p->words) ? 5.4 : 7.3),
				       0),
		   bar;
	bool target = false;
	int64_t value = 0;
	double room;

	if (year == axis->now) {
		wording_fiscal_year_now(p->words, year, label);
		paint_pill(p, label, TYPE_CAPTION, head.x, head.y + head.height / 2,
			   TEXT_LEFT, "years");
	} else {
		if (year == axis->first)
			wording_fiscal_year(p->words, year, label);
		else
			wording_fiscal_year_short(p->words, year, label);
		paint_text(p, head, &name);
	}
	if (!figure_of(series, year, &value, &target))
		return;
	wording_number(value, number);
	figure.text = number;
	figure.place = "indicator.results";
	figure.role = target ? FONT_TEXT : FONT_BOLD;
	/* The widest figure keeps its room at the end, whatever the bar's length. */
	room = row.width - paint_em(p, TYPE_CAPTION) * 7.6;
	if (room < 40)
		paint_overflow(p, "indicator.results");
	bar = (struct box){row.x, row.y + row.height * 0.15,
			   fmax(room * (double)value / (double)chart_top(series), 6),
			   row.height * 0.7};
	if (target)
		target_bar(p, bar);
	else
		paint_panel(p, bar, 8, axis->accent);
	box_cut_left(&row, bar.width, paint_em(p, TYPE_CAPTION) * 0.5);
	paint_text(p, row, &figure);
}

void chart_draw(struct painter *p, struct box box, const struct plan_series *series,
		const struct axis *axis)
{
	if (!p->portrait) {
		columns_draw(p, box, series, axis);
		return;
	}
	if (chart_height_least(p, axis) > box.height + 0.5)
		paint_overflow(p, "indicator.results");
	for (int year = axis->first; year <= axis->last; year++)
		row_draw(p,
			 box_row(box, (size_t)(year - axis->first), axis_years(axis), 0),
			 series, axis, year);
}
