#include "golden/sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "golden/thumbnail.h"
#include "render/canvas.h"
#include "render/font.h"
#include "render/shape.h"
#include "render/slide.h"
#include "render/text.h"

#define PICTURES_MAX 200
#define WIDTH_MAX    3080 /* of a sheet */
#define GAP          24
#define LABEL        26 /* height of a name's row */
#define LABEL_SIZE   18
#define FRAME        6

struct entry {
	struct canvas *picture;
	char name[SLIDE_ID_MAX];
	bool marked;
};

struct sheet {
	struct entry entries[PICTURES_MAX];
	size_t count;
};

struct sheet *sheet_new(struct err *err)
{
	struct sheet *sheet = calloc(1, sizeof(*sheet));

	if (!sheet)
		err_set(err, ERR_NO_MEMORY, "sheet: out of memory");
	return sheet;
}

struct sheet *sheet_free(struct sheet *sheet)
{
	if (!sheet)
		return NULL;
	for (size_t i = 0; i < sheet->count; i++)
		canvas_free(sheet->entries[i].picture);
	free(sheet);
	return NULL;
}

bool sheet_add(struct sheet *sheet, struct canvas *picture, const char *name, bool marked,
	       struct err *err)
{
	struct entry *entry = &sheet->entries[sheet->count];

	if (sheet->count == PICTURES_MAX) {
		canvas_free(picture);
		return err_set(err, ERR_TOO_LARGE, "sheet: more than %d pictures",
			       PICTURES_MAX);
	}
	sheet->count++;
	entry->picture = picture;
	entry->marked = marked;
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	return true;
}

static void copy(struct canvas *to, const struct canvas *from, int left, int top)
{
	for (int y = 0; y < from->height; y++)
		memcpy(to->pixels + (size_t)(top + y) * (size_t)to->width + (size_t)left,
		       from->pixels + (size_t)y * (size_t)from->width,
		       (size_t)from->width * sizeof(*to->pixels));
}

static bool label(struct canvas *canvas, struct font_set *fonts, const char *name,
		  struct colour colour, int x, int y, struct err *err)
{
	const struct text_style style = {.size = LABEL_SIZE, .colour = colour};
	CLEANUP(text_block_cleanup)
	struct text_block *block = text_layout(fonts, name, &style, err);

	return block && text_draw(canvas, fonts, block, x, y, err);
}

static bool place(struct canvas *canvas, struct font_set *fonts,
		  const struct entry *entry, bool dark, int x, int y, struct err *err)
{
	struct colour ink = {dark ? 0xF5F6F8 : 0x14171A};
	const struct canvas *picture = entry->picture;

	if (entry->marked)
		shape_rect(canvas, x - FRAME, y - FRAME, picture->width + 2 * FRAME,
			   picture->height + 2 * FRAME, (struct colour){0xFF4B00});
	copy(canvas, picture, x, y);
	return label(canvas, fonts, entry->name, ink, x, y + picture->height + 8, err);
}

static bool compose(const struct sheet *sheet, struct canvas *canvas, bool dark,
		    int columns, struct err *err)
{
	struct font_set *fonts = font_set_new(NULL, err);
	bool done = fonts != NULL;

	for (size_t i = 0; done && i < sheet->count; i++) {
		const struct canvas *picture = sheet->entries[i].picture;
		int column = (int)i % columns, row = (int)i / columns;

		done = place(canvas, fonts, &sheet->entries[i], dark,
			     GAP + column * (picture->width + GAP),
			     GAP + row * (picture->height + LABEL + GAP), err);
	}
	font_set_free(fonts);
	return done;
}

bool sheet_save(const struct sheet *sheet, bool dark, const char *path, struct err *err)
{
	const struct canvas *first = sheet->entries[0].picture;
	int count = (int)sheet->count, columns, rows;
	struct canvas *canvas;
	bool saved;

	if (count == 0)
		return err_set(err, ERR_INVALID, "%s: there is nothing on it", path);
	columns = (WIDTH_MAX - GAP) / (first->width + GAP);
	columns = columns > count ? count : columns;
	rows = (count + columns - 1) / columns;
	canvas = canvas_new(GAP + columns * (first->width + GAP),
			    GAP + rows * (first->height + LABEL + GAP),
			    (struct colour){dark ? 0x33394A : 0xB9BCC2}, err);
	if (!canvas)
		return false;
	saved = compose(sheet, canvas, dark, columns, err) &&
		thumbnail_save(canvas, path, err);
	canvas_free(canvas);
	return saved;
}
