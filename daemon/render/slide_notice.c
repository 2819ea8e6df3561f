/*
 * Notices: what it is, for whom, when, where; the text flows to as many pages as it needs.
 * Each page stands for itself: title, department, until when, and the code for telephones.
 * After the Japanese pages come those in the notice's other languages.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/attr.h"
#include "core/ruby.h"
#include "core/utf8.h"
#include "render/slide_notice.h"
#include "render/slide_parts.h"

#define ABOVE 0.4 /* of the room that a short notice leaves blank */

/* 黄 of the Color Universal Design set and the light theme's ink, day and night. */
static const struct colour warning_ground = {0xfff100};
static const struct colour warning_ink = {0x14171a};

/* --- Head: banner, badges, title --- */

static double badge_draw(struct painter *p, struct box row, double x, const char *word,
			 const char *field, bool filled)
{
	double em = paint_em(p, TYPE_LABEL);
	struct paint_text text = {
		.text = word,
		.place = field,
		.size = TYPE_LABEL,
		.role = FONT_BOLD,
		.colour = filled ? p->theme->paper : p->theme->ink,
		.align = TEXT_CENTRE,
		.valign = PAINT_MIDDLE,
	};
	struct box badge = {x, row.y, paint_line_width(p, &text) + em * 1.2, row.height};

	if (box_right(badge) > box_right(row) + 0.5)
		paint_overflow(p, field);
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

	/* The row's room is the same on all pages, so that pages can be planned. */
	row = box_cut_top(body, em * 1.5, p->portrait ? 52 : 40);
	if (pages > 1) {
		wording_page(page, pages, mark);
		paint_text(p, row, &number);
	}
	/* A reader looks for the language first; what has none of its own is left out. */
	if (edition->language != WORDING_JA)
		x = badge_draw(p, row, x, wording_language_name(edition->language),
			       "translations", true);
	else if (notice->category)
		x = badge_draw(p, row, x, notice->category, "category", true);
	if (notice->sample)
		badge_draw(p, row, x, wording_in(edition->language, WORDING_SAMPLE),
			   "sample", false);
}

static struct paint_text title_text(const struct painter *p,
				    const struct edition *edition, enum type_size size)
{
	return (struct paint_text){
		.text = edition->title,
		.size = size,
		.least = TYPE_CAPTION,
		.role = FONT_BOLD,
		.colour = p->theme->ink,
		.leading = 1.32,
		.balance = true,
		.words = true,
		.ruby = edition->ruby,
	};
}

/* A title may not crowd out what it is the title of. */
#define TITLE_MOST_FIRST 0.45
#define TITLE_MOST_OTHER 0.4

static void title_draw(struct painter *p, struct box *body, const struct edition *edition,
		       enum type_size size, double most)
{
	struct paint_text title = title_text(p, edition, size);
	double height = paint_measure(p, body->width, most, &title).height;
	char field[FIELD_SIZE];

	edition_field(edition, "title", field);
	title.place = field;
	if (height > most)
		paint_overflow(p, field);
	paint_text(p,
		   box_cut_top(body, height + 1,
			       fmax(paint_em(p, size) * 0.5, p->portrait ? 64 : 44)),
		   &title);
}

/* --- The slide --- */

static void note_text(const struct edition *edition, char out[static 2 * WORDING_SIZE])
{
	const char *contact = edition->notice->contact;

	snprintf(out, (size_t)2 * WORDING_SIZE, "%s%s%s", edition->department,
		 contact ? "　" : "", contact ? contact : "");
}

/* The footer's note is made of two fields: what it reports is said of the field. */
static void name_note_fields(struct slide_report *report, const struct edition *edition)
{
	size_t department = utf8_count(edition->department);
	char field[FIELD_SIZE] = "department";

	if (edition->department != edition->notice->department)
		edition_field(edition, "department", field);
	for (size_t i = 0; i < report->missing_count && i < SLIDE_MISSING_MAX; i++) {
		char *place = report->missing[i].place;
		size_t *character = &report->missing[i].character;
		bool note = strcmp(place, "footer: note") == 0;

		if (note && *character <= department) {
			memcpy(place, field, sizeof(field));
		} else if (note || strcmp(place, "footer: rest") == 0) {
			*character -= note ? department + 1 : 0;
			memcpy(place, "contact", sizeof("contact"));
		}
	}
}

static struct box notice_frame(struct painter *p, const struct slide_source *source,
			       const struct edition *edition)
{
	const struct notice *notice = edition->notice;
	char from[WORDING_SIZE], note[2 * WORDING_SIZE], until[WORDING_SIZE];
	const char *organisation = frame_organisation(p, source);
	struct box body;
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
	body = frame_draw(p, source, &frame);
	name_note_fields(p->report, edition);
	return body;
}

/* An edition laid out: its pages, and how. */
struct layout {
	struct edition edition;
	struct cursor cursor;
	enum type_size title; /* on the first page */
	double share;         /* of the first page's body that the picture may take */
	double above, gap;    /* blank room above a short notice, and below its title */
	int pages;
	struct slide_report report; /* of its pages: what finds no room */
};

/* The room of the content on the first or a later page; draws what is around it. */
static struct box page_head(struct painter *p, const struct slide_source *source,
			    const struct layout *layout, struct box body, int page,
			    int pages)
{
	const struct edition *edition = &layout->edition;
	bool first = page == 1;
	double share = first ? layout->share : 0;
	double most;

	if (edition->notice->urgent)
		banner_draw(p, box_cut_top(&body, paint_em(p, TYPE_LABEL) * 2.8, 28),
			    edition->language);
	if (first)
		box_cut_top(&body, layout->above, 0);
	badges_draw(p, &body, edition, page, pages);
	notice_aside(p, source, &body, edition, share);
	most = first ? (body.height + layout->above) * TITLE_MOST_FIRST
		     : body.height * TITLE_MOST_OTHER;
	title_draw(p, &body, edition, first ? layout->title : TYPE_LARGE, most);
	return body;
}

/* The room of the first page, with @share for the picture. */
static void layout_first(struct layout *layout, const struct slide_source *source,
			 struct box body, double share, struct slide_report *heads)
{
	struct cursor *cursor = &layout->cursor;

	cursor->walk->report = heads;
	layout->share = share;
	cursor->first = page_head(cursor->walk, source, layout, body, 1, 9);
}

/* The same and the room of later pages. */
static void layout_heads(struct layout *layout, const struct slide_source *source,
			 struct box body, double share, struct slide_report *heads)
{
	struct cursor *cursor = &layout->cursor;

	layout_first(layout, source, body, share, heads);
	cursor->other = page_head(cursor->walk, source, layout, body, 2, 9);
}

/* Whether a title of more than the usual size is a poster's: of few whole lines. */
static bool title_stands(struct layout *layout)
{
	struct painter *p = layout->cursor.walk;
	struct paint_text title = title_text(p, &layout->edition, layout->title);
	struct paint_extent extent;

	if (layout->title <= TYPE_DISPLAY)
		return true;
	title.least = title.size;
	extent = paint_measure(p, layout->cursor.first.width, 0, &title);
	return extent.fits && !extent.parted && extent.lines <= (p->portrait ? 3 : 2) &&
	       extent.last >= extent.width / 2;
}

/*
 * Whether a text needs more than its room whatever its lines: that is soon known, and spares
 * laying it out. Ems are those of its narrowest usual letters.
 */
static bool is_hopeless(const struct layout *layout, struct box room)
{
	const struct cursor *cursor = &layout->cursor;
	const char *body = layout->edition.body;
	double em = paint_em(cursor->walk, cursor->size), ems = 0;
	/* Half of what is written or more may be readings. */
	double wide = body && ruby_is_in(body) ? 0.3 : 0.8;

	while (body && *body)
		ems += utf8_next(&body) < 0x2e80 ? 0.25 : wide;
	return ems * em * em * 1.5 > room.width * (room.height + em);
}

/* Whether all is on one page with the sizes at hand, and all words are whole. */
static bool layout_is_single(struct layout *layout)
{
	struct cursor *cursor = &layout->cursor;
	struct slide_report walked = {0};
	int pages;

	if (is_hopeless(layout, cursor->first))
		return false;
	cursor->walk->report = &walked;
	cursor->single = true;
	pages = notice_flow(cursor, &layout->edition);
	cursor->single = false;
	return pages == 1 && !walked.overflow && !cursor->parted;
}

/* The sizes of title and text, the largest first. */
static const struct scale {
	enum type_size title, text;
	bool short_only; /* for a notice without picture */
} scales[] = {
	{TYPE_HUGE, TYPE_TITLE, true},    {TYPE_HERO, TYPE_TITLE, true},
	{TYPE_DISPLAY, TYPE_TITLE, true}, {TYPE_DISPLAY, TYPE_LARGE, false},
	{TYPE_TITLE, TYPE_LARGE, false},  {TYPE_DISPLAY, TYPE_BODY, false},
	{TYPE_TITLE, TYPE_BODY, false},   {TYPE_DISPLAY, TYPE_LABEL, false},
};

/*
 * Whether one page is enough with letters of some size from @most to @least; sets the
 * largest such. Then what is left of the page is shared out, a little more of it below.
 */
static bool layout_single(struct layout *layout, const struct slide_source *source,
			  struct box body, double share, enum type_size most,
			  enum type_size least, struct slide_report *heads)
{
	const struct painter *p = layout->cursor.walk;
	const struct notice *notice = layout->edition.notice;
	const struct slide_report outside = *heads;
	double left;

	for (size_t i = 0; i < ARRAY_LEN(scales) && !p->failed; i++) {
		if (scales[i].short_only && notice->picture && !p->portrait)
			continue;
		if (scales[i].title > TYPE_DISPLAY && notice->picture)
			continue;
		if (scales[i].text > most || scales[i].text < least)
			continue;
		*heads = outside;
		layout->title = scales[i].title;
		layout->cursor.size = scales[i].text;
		if (is_hopeless(layout, body))
			continue;
		layout_first(layout, source, body, share, heads);
		if (heads->overflow || !title_stands(layout) || !layout_is_single(layout))
			continue;
		left = layout->cursor.room.height;
		layout->gap = fmin(left * 0.25, p->portrait ? 80 : 40);
		if (!notice->picture)
			layout->above = (left - layout->gap) * ABOVE;
		layout_heads(layout, source, body, share, heads);
		return true;
	}
	*heads = outside;
	layout->title = TYPE_DISPLAY;
	layout_heads(layout, source, body, share, heads);
	return false;
}

/*
 * The picture gives way where that leaves room for the title, or for larger letters, or saves
 * all further pages; else it is as large as may be.
 */
static bool layout_picture(struct layout *layout, const struct slide_source *source,
			   struct box body, struct slide_report *heads)
{
	static const double shares[] = {0.5, 0.44, 0.36, 0.28, 0.2};
	static const enum type_size steps[][2] = {
		{TYPE_TITLE, TYPE_LARGE},
		{TYPE_BODY, TYPE_BODY},
		{TYPE_LABEL, TYPE_LABEL},
	};
	const struct slide_report outside = *heads;
	/* Only what is narrow may take half of an upright page. */
	size_t first =
		layout->cursor.walk->portrait &&
				notice_picture_is_tall(layout->edition.notice->picture)
			? 0
			: 1;
	double largest = shares[ARRAY_LEN(shares) - 1];

	for (size_t size = 0; size < ARRAY_LEN(steps); size++)
		for (size_t i = first; i < ARRAY_LEN(shares); i++) {
			*heads = outside;
			if (layout_single(layout, source, body, shares[i], steps[size][0],
					  steps[size][1], heads))
				return true;
			if (!heads->overflow)
				largest = fmax(largest, shares[i]);
		}
	*heads = outside;
	layout_heads(layout, source, body, largest, heads);
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

	layout->title = TYPE_DISPLAY;
	walk.canvas = NULL;
	walk.report = &heads;
	cursor->walk = &walk;
	body = notice_frame(&walk, source, &layout->edition);
	/* Smaller letters only where they save all further pages. */
	if (layout->edition.notice->picture)
		single = layout_picture(layout, source, body, &heads);
	else
		single = layout_single(layout, source, body, 0, TYPE_TITLE, TYPE_LABEL,
				       &heads);
	if (single)
		box_cut_top(&cursor->first, layout->gap, 0);
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
		.fields = "",
		.ruby = true,
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
	static const char *const fields[NOTICE_LANGUAGES] = {
		[NOTICE_JA_EASY] = "translations.ja-easy.",
		[NOTICE_EN] = "translations.en.",
		[NOTICE_ZH] = "translations.zh.",
		[NOTICE_KO] = "translations.ko.",
	};
	const struct notice_translation *translation = notice->translations[language];

	return (struct edition){
		.notice = notice,
		.language = wording_language_of(language),
		.fields = fields[language],
		.ruby = notice_language_has_ruby(language),
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
