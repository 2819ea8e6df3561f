/*
 * Notices: what it is, for whom, when, where; the text flows to as many pages as it needs.
 * Each page stands for itself: title, department, until when, and the code for telephones.
 * After the Japanese pages come those in the notice's other languages.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/attr.h"
#include "core/err.h"
#include "render/canvas.h"
#include "render/picture.h"
#include "render/slide_notice.h"
#include "render/slide_parts.h"

#define QR_SIZE            300
#define QR_SIZE_BY_PICTURE 230
#define PICTURE_RADIUS     28
#define PICTURE_GAP        64
#define PICTURE_GROWTH     2 /* units a pixel of a picture may take: more looks coarse */

/* 黄 of the Color Universal Design set and the light theme's ink, day and night. */
static const struct colour warning_ground = {0xfff100};
static const struct colour warning_ink = {0x14171a};

/* --- Head: banner, badges, title --- */

static double badge_draw(struct painter *p, struct box row, double x, const char *word,
			 bool filled)
{
	double em = paint_em(p, TYPE_LABEL);
	struct paint_text text = {
		.text = word,
		.place = "badge",
		.size = TYPE_LABEL,
		.role = FONT_BOLD,
		.colour = filled ? p->theme->paper : p->theme->ink,
		.align = TEXT_CENTRE,
		.valign = PAINT_MIDDLE,
	};
	struct box badge = {x, row.y, paint_line_width(p, &text) + em * 1.2, row.height};

	if (box_right(badge) > box_right(row) + 0.5)
		paint_overflow(p, "badge");
	if (filled)
		paint_panel(p, badge, 14, p->theme->ink);
	else
		paint_outline(p, badge, 14, 5, p->theme->ink);
	paint_text(p, badge, &text);
	return box_right(badge) + em * 0.4;
}

static void banner_draw(struct painter *p, struct box banner,
			enum wording_language language)
{
	struct paint_text text = {
		.text = wording_in(language, WORDING_URGENT),
		.place = "urgent",
		.size = TYPE_TITLE,
		.least = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = warning_ink,
		.valign = PAINT_MIDDLE,
		.max_lines = 1,
	};
	double size = banner.height * 0.62;

	paint_panel(p, banner, 20, warning_ground);
	paint_warning(p, banner.x + 36 + size / 2, banner.y + banner.height / 2, size,
		      warning_ink, warning_ground);
	box_cut_left(&banner, 36 + size + 32, 0);
	paint_text(p, banner, &text);
}

static void badges_draw(struct painter *p, struct box *body,
			const struct edition *edition, int page, int pages)
{
	const struct notice *notice = edition->notice;
	double em = paint_em(p, TYPE_LABEL), x = body->x;
	char mark[WORDING_SIZE];
	struct paint_text number = {
		.text = mark,
		.place = "page",
		.size = TYPE_LABEL,
		.colour = p->theme->soft,
		.align = TEXT_RIGHT,
		.valign = PAINT_MIDDLE,
	};
	struct box row;

	if (notice->urgent)
		banner_draw(p, box_cut_top(body, em * 2.8, 28), edition->language);
	/* The row's room is the same on all pages, so that pages can be planned. */
	row = box_cut_top(body, em * 1.5, p->portrait ? 52 : 40);
	if (pages > 1) {
		wording_page(page, pages, mark);
		paint_text(p, row, &number);
	}
	/* A reader looks for the language first; what has none of its own is left out. */
	if (edition->language != WORDING_JA)
		x = badge_draw(p, row, x, wording_language_name(edition->language), true);
	else if (notice->category)
		x = badge_draw(p, row, x, notice->category, true);
	if (notice->sample)
		badge_draw(p, row, x, wording_in(edition->language, WORDING_SAMPLE),
			   false);
}

static struct paint_text title_text(const struct painter *p,
				    const struct edition *edition, bool first)
{
	return (struct paint_text){
		.text = edition->title,
		.place = "title",
		.size = first ? TYPE_DISPLAY : TYPE_LARGE,
		.least = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.32,
		.balance = true,
	};
}

static void title_draw(struct painter *p, struct box *body, const struct edition *edition,
		       bool first)
{
	struct paint_text title = title_text(p, edition, first);
	/* A title may not crowd out what it is the title of. */
	double most = body->height * (first ? 0.45 : 0.4);
	double height = paint_measure(p, body->width, most, &title).height;

	if (height > most)
		paint_overflow(p, "title");
	paint_text(p, box_cut_top(body, height + 1, p->portrait ? 64 : 44), &title);
}

static struct paint_text code_caption(const struct painter *p,
				      const struct edition *edition)
{
	return (struct paint_text){
		.text = wording_in(edition->language, WORDING_MORE),
		.place = "QR code",
		.size = TYPE_CAPTION,
		.colour = p->theme->ink,
		.align = p->portrait ? TEXT_RIGHT : TEXT_CENTRE,
		.valign = PAINT_MIDDLE,
		.balance = true,
	};
}

static void code_paint(struct painter *p, const struct edition *edition, struct box code)
{
	if (!paint_qr(p, edition->notice->url, code))
		paint_overflow(p, "QR code");
}

/* The code with its caption below it, in a column of its own. */
static void code_column(struct painter *p, struct box *body,
			const struct edition *edition)
{
	struct paint_text caption = code_caption(p, edition);
	double em = paint_em(p, TYPE_CAPTION);
	double words = paint_line_width(p, &caption) + 2;
	struct box column = box_cut_right(body, fmax(QR_SIZE, words), 72);
	struct box code = box_cut_bottom(&column, QR_SIZE + em * 1.5, 0);

	caption.valign = PAINT_TOP;
	paint_text(p, (struct box){code.x, code.y + QR_SIZE + em * 0.4, code.width, em},
		   &caption);
	code.height = QR_SIZE;
	code.x += (code.width - QR_SIZE) / 2;
	code.width = QR_SIZE;
	code_paint(p, edition, code);
}

/* The code with its caption before it, or behind it where it stands below a picture. */
static void code_row(struct painter *p, struct box row, const struct edition *edition)
{
	struct paint_text caption = code_caption(p, edition);
	struct box code;

	if (p->portrait) {
		code = box_cut_right(&row, row.height, 36);
	} else {
		code = box_cut_left(&row, row.height, 36);
		caption.align = TEXT_LEFT;
	}
	code_paint(p, edition, code);
	paint_text(p, row, &caption);
}

/* --- Picture --- */

/* The largest size, whole and in its own shape, within @width × @height. */
static struct box picture_fit(const struct notice_picture *picture, double width,
			      double height)
{
	double scale = fmin(fmin(width / picture->width, height / picture->height),
			    PICTURE_GROWTH);

	return (struct box){0, 0, picture->width * scale, picture->height * scale};
}

static void picture_draw(struct painter *p, const struct slide_source *source,
			 const struct notice_picture *picture, struct box box,
			 double radius)
{
	const void *bytes = NULL;
	struct canvas *canvas;
	size_t len = 0;

	if (!p->canvas || p->failed)
		return;
	if (!source->media ||
	    !source->media(source->media_context, picture->sha256, &bytes, &len)) {
		p->failed = true;
		err_set(p->err, ERR_NOT_FOUND, "the picture \"%.100s\" is not there",
			picture->alt);
		return;
	}
	canvas = picture_read(picture, bytes, len, p->err);
	if (!canvas)
		p->failed = true;
	else
		paint_picture(p, canvas, box, radius);
	canvas_free(canvas);
}

/* @picture as large as the place allows, in the middle of it. */
static void picture_place(struct painter *p, const struct slide_source *source,
			  const struct notice_picture *picture, struct box place)
{
	struct box box = picture_fit(picture, place.width, place.height);

	box.x = place.x + (place.width - box.width) / 2;
	box.y = place.y;
	place.height = box.height;
	paint_panel(p, place, PICTURE_RADIUS, p->theme->panel);
	picture_draw(p, source, picture, box,
		     box.width < place.width - 1 ? 0 : PICTURE_RADIUS);
	/* A white picture on white paper still has an edge. */
	paint_outline(p, place, PICTURE_RADIUS, 2, p->theme->line);
}

/* Upright: the picture over the text, the code below it. */
static void aside_portrait(struct painter *p, const struct slide_source *source,
			   struct box *body, const struct edition *edition, double share)
{
	const struct notice_picture *picture = edition->notice->picture;
	bool shown = picture && share > 0;

	if (edition->notice->url)
		code_row(p,
			 box_cut_bottom(body, shown ? QR_SIZE_BY_PICTURE : QR_SIZE, 48),
			 edition);
	if (shown) {
		double height =
			picture_fit(picture, body->width, body->height * share).height;

		picture_place(p, source, picture, box_cut_top(body, height, PICTURE_GAP));
	}
}

/* A column beside the text: the picture, and below it the code. */
static void aside_landscape(struct painter *p, const struct slide_source *source,
			    struct box *body, const struct edition *edition, double share)
{
	struct paint_text caption = code_caption(p, edition);
	const struct notice_picture *picture = edition->notice->picture;
	bool code = edition->notice->url;
	double below = code ? QR_SIZE_BY_PICTURE + 40 : 0, width;
	struct box column;

	if (!picture || share <= 0) {
		if (code)
			code_column(p, body, edition);
		return;
	}
	width = picture_fit(picture, body->width * share, fmax(body->height - below, 1))
			.width;
	if (code)
		width = fmax(width,
			     QR_SIZE_BY_PICTURE + 36 + paint_line_width(p, &caption) + 2);
	column = box_cut_right(body, width, 72);
	if (code)
		code_row(p, box_cut_bottom(&column, QR_SIZE_BY_PICTURE, 40), edition);
	picture_place(p, source, picture, column);
}

/* --- The slide --- */

static void note_text(const struct edition *edition, char out[static 2 * WORDING_SIZE])
{
	const char *contact = edition->notice->contact;

	snprintf(out, (size_t)2 * WORDING_SIZE, "%s%s%s", edition->department,
		 contact ? "　" : "", contact ? contact : "");
}

static struct box notice_frame(struct painter *p, const struct slide_source *source,
			       const struct edition *edition)
{
	const struct notice *notice = edition->notice;
	char from[WORDING_SIZE], note[2 * WORDING_SIZE], until[WORDING_SIZE];
	const char *organisation = frame_organisation(p, source);
	struct frame frame = {
		.accent = THEME_NOTICE,
		.section = wording_in(edition->language, WORDING_NOTICE),
		.from = from,
		.note = note,
		.note_short = edition->department,
		.note_rest = notice->contact,
		.origin = until,
		.urgent = notice->urgent,
	};

	if (organisation)
		wording_notice_from_in(edition->language, organisation, from);
	else
		snprintf(from, sizeof(from), "%s", frame.section);
	note_text(edition, note);
	wording_until_in(edition->language, notice->until, source->now, until);
	return frame_draw(p, source, &frame);
}

/* An edition laid out: its pages, and how. */
struct layout {
	struct edition edition;
	struct cursor cursor;
	double share; /* of the first page's body that the picture may take */
	int pages;
	struct slide_report report; /* of its pages: what finds no room */
};

/* The room of the content on the first or a later page; draws what is around it. */
static struct box page_head(struct painter *p, const struct slide_source *source,
			    const struct layout *layout, struct box body, int page,
			    int pages)
{
	const struct edition *edition = &layout->edition;

	badges_draw(p, &body, edition, page, pages);
	if (p->portrait)
		aside_portrait(p, source, &body, edition, page == 1 ? layout->share : 0);
	else
		aside_landscape(p, source, &body, edition, page == 1 ? layout->share : 0);
	title_draw(p, &body, edition, page == 1);
	return body;
}

/* Whether one page is enough with letters of some size; sets the largest such. */
static bool layout_single(const struct painter *p, struct layout *layout)
{
	static const enum type_size sizes[] = {TYPE_TITLE, TYPE_LARGE, TYPE_BODY,
					       TYPE_LABEL};
	/* Only what is short, or urgent, is set that large. */
	size_t first = p->portrait || layout->edition.notice->urgent ? 0 : 1;
	struct cursor *cursor = &layout->cursor;
	struct slide_report walked;
	int pages = 0;

	cursor->walk->report = &walked;
	cursor->single = true;
	for (size_t i = first; i < ARRAY_LEN(sizes) && pages != 1; i++) {
		walked = (struct slide_report){0};
		cursor->size = sizes[i];
		pages = notice_flow(cursor, &layout->edition);
		if (walked.overflow)
			pages = 0;
	}
	cursor->single = false;
	return pages == 1;
}

/* The rooms of the first page and of later ones, with @share for the picture. */
static void layout_heads(struct layout *layout, const struct slide_source *source,
			 struct box body, double share, struct slide_report *heads)
{
	struct cursor *cursor = &layout->cursor;

	cursor->walk->report = heads;
	layout->share = share;
	cursor->first = page_head(cursor->walk, source, layout, body, 1, 9);
	cursor->other = page_head(cursor->walk, source, layout, body, 2, 9);
}

/*
 * The picture gives way where that leaves room for the title, or saves all further pages;
 * else it is as large as may be.
 */
static bool layout_picture(const struct painter *p, struct layout *layout,
			   const struct slide_source *source, struct box body,
			   struct slide_report *heads)
{
	static const double shares[] = {0.44, 0.36, 0.28, 0.2};
	const struct slide_report outside = *heads;
	double largest = 0;

	for (size_t i = 0; i < ARRAY_LEN(shares); i++) {
		*heads = outside;
		layout_heads(layout, source, body, shares[i], heads);
		if (heads->overflow)
			continue;
		if (layout_single(p, layout))
			return true;
		largest = fmax(largest, shares[i]);
	}
	*heads = outside;
	layout_heads(layout, source, body,
		     largest > 0 ? largest : shares[ARRAY_LEN(shares) - 1], heads);
	return false;
}

static void layout_edition(struct painter *p, const struct slide_source *source,
			   struct layout *layout)
{
	struct cursor *cursor = &layout->cursor;
	struct slide_report heads = {0}, walked = {0};
	struct painter walk = *p;
	struct box body;
	bool single;

	walk.canvas = NULL;
	walk.report = &heads;
	cursor->walk = &walk;
	body = notice_frame(&walk, source, &layout->edition);
	/* Smaller letters only where they save all further pages. */
	if (layout->edition.notice->picture) {
		single = layout_picture(p, layout, source, body, &heads);
	} else {
		layout_heads(layout, source, body, 0, &heads);
		single = layout_single(p, layout);
	}
	if (single)
		/* A short notice doesn't stick to its title. */
		box_cut_top(&cursor->first,
			    fmin(cursor->room.height * 0.4, p->portrait ? 120 : 60), 0);
	else
		cursor->size = TYPE_BODY;
	walk.report = &walked;
	layout->pages = notice_flow(cursor, &layout->edition);
	layout->report = heads.overflow ? heads : walked;
	cursor->walk = NULL;
	p->failed = p->failed || walk.failed;
}

static void layout_draw(struct painter *p, const struct slide_source *source,
			struct layout *layout, int page)
{
	struct box body = notice_frame(p, source, &layout->edition);
	struct slide_report ignored = {0};
	struct painter walk = *p;

	walk.canvas = NULL;
	walk.report = &ignored;
	layout->cursor.draw = p;
	layout->cursor.walk = &walk;
	layout->cursor.drawn = page;
	notice_flow(&layout->cursor, &layout->edition);
	page_head(p, source, layout, body, page, layout->pages);
	p->failed = p->failed || walk.failed;
}

static struct edition japanese(const struct notice *notice)
{
	return (struct edition){
		.notice = notice,
		.language = WORDING_JA,
		.title = notice->title,
		.body = notice->body,
		.department = notice->department,
		.facts = notice->facts,
		.fact_count = notice->fact_count,
	};
}

static struct edition translated(const struct notice *notice,
				 enum notice_language language)
{
	const struct notice_translation *translation = notice->translations[language];

	return (struct edition){
		.notice = notice,
		.language = wording_language_of(language),
		.title = translation->title,
		.body = translation->body,
		.department = translation->department ? translation->department
						      : notice->department,
		.facts = translation->facts,
		.fact_count = translation->fact_count,
	};
}

static size_t editions_of(const struct notice *notice,
			  struct layout layouts[static NOTICE_LANGUAGES + 1])
{
	size_t count = 0;

	layouts[count++].edition = japanese(notice);
	for (int i = 0; i < NOTICE_LANGUAGES; i++)
		if (notice->translations[i])
			layouts[count++].edition =
				translated(notice, (enum notice_language)i);
	return count;
}

void slide_notice(struct painter *p, const struct slide_source *source,
		  const struct notice *notice, int page)
{
	struct layout layouts[NOTICE_LANGUAGES + 1] = {0};
	size_t count = editions_of(notice, layouts);
	int pages = 0;

	for (size_t i = 0; i < count && !p->failed; i++) {
		struct layout *layout = &layouts[i];

		paint_language(p, layout->edition.language);
		layout_edition(p, source, layout);
		if (page > pages && page <= pages + layout->pages)
			layout_draw(p, source, layout, page - pages);
		pages += layout->pages;
		paint_language(p, WORDING_JA);
	}
	p->report->pages = pages;
	/* What finds no room on any page of the notice is told on each. */
	for (size_t i = 0; i < count; i++)
		if (layouts[i].report.overflow)
			paint_overflow(p, layouts[i].report.overflow_place);
}
