#ifndef RENDER_SLIDE_PAINT_H
#define RENDER_SLIDE_PAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/plan.h"
#include "render/font.h"
#include "render/layout.h"
#include "render/slide.h"
#include "render/text.h"
#include "render/theme.h"
#include "render/wording.h"

struct canvas;
struct err;

/*
 * What slides are drawn with: places in units (render/layout.h), sizes by name, and a
 * report that fills while drawing. A painter without a canvas draws nothing but reports
 * the same, which is how a slide finds out what fits. The first failure stays in `err` and
 * turns all that follows into no-ops, so that a slide reads as what it shows.
 */

/* The sizes of type, ascending. A slide uses few. */
enum type_size {
	TYPE_NONE, /* as the text's own size: it doesn't shrink */
	TYPE_CAPTION,
	TYPE_LABEL,
	TYPE_BODY,
	TYPE_LARGE,
	TYPE_TITLE,
	TYPE_DISPLAY,
	TYPE_HERO,
	TYPE_HUGE,
};
#define TYPE_SIZES (TYPE_HUGE + 1)

struct painter {
	struct font_set *fonts;
	struct text_memo *memo;  /* of those fonts */
	const struct plan *plan; /* as it is told now; NULL: there is none */
	const struct theme *theme;
	struct canvas *canvas; /* NULL: only measures and reports */
	double unit;           /* pixels per unit */
	double width, height;  /* of the view, in units */
	bool portrait;
	double scale; /* of all sizes of type: letters of an alphabet may be smaller */
	double least; /* the smallest em in use, units: sizes below are raised to it */
	double header_em; /* of date and clock: the same for every slide of a view */
	enum wording_language words; /* of the page; set by paint_language() … */
	enum font_language language; /* … with its fonts */
	bool quiet;                  /* header and footer: not counted as what is read */
	bool listed; /* a list: looked through for an entry, not read as a whole */
	double japanese_px, latin_px; /* smallest letters so far; 0: none yet */
	const char *edition;          /* "translations.en.", or "" */
	char scope[64];    /* place in the plan of what is painted: "initiatives[3]." */
	double reading_px; /* the same of readings */
	struct slide_report *report;
	struct err *err;
	bool failed;
};

/* What is painted from now on is in @language. */
void paint_language(struct painter *p, enum wording_language language);

/* What is painted from now on is told in the report as of this place in the plan. */
void paint_scope(struct painter *p, const char *format, ...) PRINTF_LIKE(2, 3);

/* The em of @size in units, at least the painter's `least`, graded above it. */
double paint_em(const struct painter *p, enum type_size size);

enum paint_valign { PAINT_TOP, PAINT_MIDDLE, PAINT_BOTTOM };

/* A text and how it may be set. */
struct paint_text {
	const char *text;
	const char *place;   /* for the report: where on the slide, or which field */
	size_t before;       /* characters of that field before @text, on earlier pages */
	enum type_size size; /* wanted */
	enum type_size least; /* may shrink to this to fit; TYPE_NONE: keeps its size */
	enum font_role role;
	struct colour colour;
	enum text_align align;
	enum paint_valign valign;
	double leading; /* baseline to baseline in ems; 0: 1.4 */
	int max_lines;  /* 0: as many as fit */
	bool balance;
	bool flow; /* pages may follow: text left over is no overflow, words stay whole */
	bool words; /* rather smaller than with a word parted */
	bool ruby;  /* with readings, as core/ruby.h has them */
	bool hang;  /* 、 and 。 may stand out on the right, where there is room */
};

/* What a text takes. */
struct paint_extent {
	double width, height; /* units */
	double top;           /* of that, readings above the first line */
	double last;          /* width of the last line */
	size_t lines;
	size_t consumed; /* bytes of the text that fitted in max_lines */
	bool fits;
	bool parted; /* a word goes on in the next line */
	enum type_size size;
};

/* How @text would be set in @width × @height (0: any height). */
struct paint_extent paint_measure(struct painter *p, double width, double height,
				  const struct paint_text *text);
/* Draws @text into @box, and reports it as overflow when it does not fit. */
struct paint_extent paint_text(struct painter *p, struct box box,
			       const struct paint_text *text);
/* The width of one line, without limit. */
double paint_line_width(struct painter *p, const struct paint_text *text);
/* How many lines of @text fit @height. */
int paint_lines_in(struct painter *p, const struct paint_text *text, double height);

/* A figure and its unit on one baseline. */
struct paint_figure {
	const char *figure;
	const char *unit; /* NULL: none */
	const char *place;
	double em; /* of the figure, units; the unit's is less than half of it */
	bool bold;
	bool narrow; /* the tabular cut, for long figures: two thirds as wide */
	struct colour colour;
};

double paint_figure_width(struct painter *p, const struct paint_figure *figure);
/* Height of the digits. */
double paint_figure_height(struct painter *p, const struct paint_figure *figure);
/* @x is the left end; @baseline from the top. */
void paint_figure(struct painter *p, const struct paint_figure *figure, double x,
		  double baseline, double max_width);

/* Something found no room: the report's first such place stays. */
void paint_overflow(struct painter *p, const char *place);
/* Whether nothing has overflowed so far. */
bool paint_fits(const struct painter *p);

/* --- Shapes, in units; nothing is drawn without a canvas --- */

void paint_panel(struct painter *p, struct box box, double radius, struct colour colour);
void paint_outline(struct painter *p, struct box box, double radius, double line,
		   struct colour colour);
void paint_rect(struct painter *p, struct box box, struct colour colour);
/*
 * A panel with a bar of @bar units along its top, or its left side, in one or more colours;
 * corners rounded as one.
 */
enum paint_side { PAINT_BAR_TOP, PAINT_BAR_LEFT };
void paint_card(struct painter *p, struct box box, enum paint_side side, double radius,
		double bar, struct colour panel, const struct colour *colours,
		size_t count);
void paint_line(struct painter *p, double x0, double y0, double x1, double y1,
		double line, struct colour colour);
void paint_dot(struct painter *p, double x, double y, double radius,
	       struct colour colour);
void paint_ring(struct painter *p, double x, double y, double radius, double line,
		struct colour colour);
void paint_arrow(struct painter *p, double x0, double y0, double x1, double y1,
		 struct colour colour);
/* Clockwise along a circle, from angle @from to @to (as shape_arc()), with a head. */
void paint_arc_arrow(struct painter *p, double x, double y, double radius, double from,
		     double to, struct colour colour);
void paint_pictogram(struct painter *p, const char *id, struct box box,
		     struct colour colour);
/* The shape of a stage (dot, diamond, triangle), @size units across, round (@x, @y). */
void paint_mark(struct painter *p, enum stage stage, double x, double y, double size);
/* A warning triangle with "!", @size units tall, round (@x, @y). */
void paint_warning(struct painter *p, double x, double y, double size,
		   struct colour colour, struct colour ground);
/* @picture scaled into @box, with rounded corners of @radius. */
void paint_picture(struct painter *p, const struct canvas *picture, struct box box,
		   double radius);
/* The QR code of @url; draws nothing and returns false when it is too long for one. */
bool paint_qr(struct painter *p, const char *url, struct box box);

/* An inverted pill around a word, its left end at @x; returns its width. */
double paint_pill(struct painter *p, const char *text, enum type_size size, double x,
		  double middle, enum text_align align, const char *place);

struct colour paint_stage_colour(const struct painter *p, enum stage stage);

#endif /* RENDER_SLIDE_PAINT_H */
