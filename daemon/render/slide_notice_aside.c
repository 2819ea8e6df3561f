/* What stands beside a notice's text, or above and below it: picture and code for telephones. */
#include <math.h>

#include "core/err.h"
#include "render/canvas.h"
#include "render/picture.h"
#include "render/slide_notice.h"

#define QR_SIZE            300
#define QR_SIZE_BY_PICTURE 230
#define CODE_GAP           72 /* to what stands beside code or picture */
#define PICTURE_RADIUS     28
#define PICTURE_GAP        64
#define PICTURE_GROWTH     2 /* units a pixel of a picture may take: more looks coarse */

/* --- The code for telephones --- */

static struct paint_text code_caption(const struct painter *p,
				      const struct edition *edition)
{
	return (struct paint_text){
		.text = wording_in(edition->language, WORDING_MORE),
		.place = "url",
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
		paint_overflow(p, "url");
}

/* The width of code and caption, one above the other. */
static double code_width(struct painter *p, const struct edition *edition)
{
	struct paint_text caption = code_caption(p, edition);

	return fmax(QR_SIZE, paint_line_width(p, &caption) + 2);
}

/* The code with its caption below it, in a column of its own. */
static void code_column(struct painter *p, struct box *body,
			const struct edition *edition)
{
	struct paint_text caption = code_caption(p, edition);
	double em = paint_em(p, TYPE_CAPTION);
	struct box column = box_cut_right(body, code_width(p, edition), CODE_GAP);
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

/* --- The picture --- */

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

/* @picture as large as the place allows, in its upper left corner; returns where. */
static struct box picture_place(struct painter *p, const struct slide_source *source,
				const struct notice_picture *picture, struct box place)
{
	struct box box = picture_fit(picture, place.width, place.height);

	box.x = place.x;
	box.y = place.y;
	picture_draw(p, source, picture, box, PICTURE_RADIUS);
	/* A white picture on white paper still has an edge. */
	paint_outline(p, box, PICTURE_RADIUS, 2, p->theme->line);
	return box;
}

bool notice_picture_is_tall(const struct notice_picture *picture)
{
	return picture->height > picture->width;
}

/* Upright: the picture over the text, the code below it, or beside a narrow picture. */
static void aside_portrait(struct painter *p, const struct slide_source *source,
			   struct box *body, const struct edition *edition, double share)
{
	const struct notice_picture *picture = edition->notice->picture;
	bool code = edition->notice->url;
	struct box fit = {0}, row;

	if (picture && share > 0) {
		fit = picture_fit(picture, body->width, body->height * share);
		row = box_cut_top(body, fit.height, PICTURE_GAP);
		if (code && fit.height >= QR_SIZE + 2 * paint_em(p, TYPE_CAPTION) &&
		    row.width - fit.width >= code_width(p, edition) + CODE_GAP) {
			code_column(p, &row, edition);
			code = false;
		}
		picture_place(p, source, picture, row);
	}
	if (code)
		code_row(p,
			 box_cut_bottom(
				 body, fit.height > 0 ? QR_SIZE_BY_PICTURE : QR_SIZE, 48),
			 edition);
}

/*
 * A column beside the text: the picture, and below it the code. A tall picture has the
 * column for itself, and the code stands below the text.
 */
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
	if (notice_picture_is_tall(picture)) {
		width = picture_fit(picture, body->width * share, body->height).width;
		picture_place(p, source, picture, box_cut_right(body, width, CODE_GAP));
		if (code)
			code_row(p, box_cut_bottom(body, QR_SIZE_BY_PICTURE, 40),
				 edition);
		return;
	}
	width = picture_fit(picture, body->width * share, fmax(body->height - below, 1))
			.width;
	if (code)
		width = fmax(width,
			     QR_SIZE_BY_PICTURE + 36 + paint_line_width(p, &caption) + 2);
	column = box_cut_right(body, width, CODE_GAP);
	if (code)
		code_row(p, box_cut_bottom(&column, QR_SIZE_BY_PICTURE, 40), edition);
	picture_place(p, source, picture, column);
}

/* --- Both --- */

void notice_aside(struct painter *p, const struct slide_source *source, struct box *body,
		  const struct edition *edition, double share)
{
	if (p->portrait)
		aside_portrait(p, source, body, edition, share);
	else
		aside_landscape(p, source, body, edition, share);
}
