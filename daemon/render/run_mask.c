#include "render/run_mask.h"

#include <SDL_ttf.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/hash.h"
#include "render/font_face.h"

#define KEPT_MAX 96

/* A title comes once, and pushes out what comes each time if it may. */
#define PARTS 16 /* of the room: nothing larger than one of them is kept */

struct kept {
	uint32_t hash;
	int face, size;
	struct run_mask mask;
	size_t bytes; /* all of it */
	char text[];  /* with its NUL; the mask's pixels follow */
};

struct run_masks {
	struct kept *kept[KEPT_MAX]; /* the last to be used first */
	size_t count;
	size_t bytes, room;
	struct kept *passing; /* too large to be kept beyond the next call */
};

struct run_masks *run_masks_new(void)
{
	return calloc(1, sizeof(struct run_masks));
}

struct run_masks *run_masks_free(struct run_masks *masks)
{
	if (masks == NULL)
		return NULL;
	for (size_t i = 0; i < masks->count; i++)
		free(masks->kept[i]);
	free(masks->passing);
	free(masks);
	return NULL;
}

size_t run_masks_count(const struct run_masks *masks, size_t *out_bytes)
{
	*out_bytes = masks->bytes;
	return masks->count;
}

/* Puts @kept first, where the first @others were before. */
static void put_first(struct run_masks *masks, struct kept *kept, size_t others)
{
	memmove(masks->kept + 1, masks->kept, others * sizeof(*masks->kept));
	masks->kept[0] = kept;
}

static const struct kept *find(struct run_masks *masks, const struct run_letters *letters,
			       uint32_t hash)
{
	for (size_t i = 0; i < masks->count; i++) {
		struct kept *kept = masks->kept[i];

		if (kept->hash != hash || kept->face != letters->face ||
		    kept->size != letters->size || strcmp(kept->text, letters->text) != 0)
			continue;
		put_first(masks, kept, i);
		return kept;
	}
	return NULL;
}

static void keep(struct run_masks *masks, struct kept *drawn)
{
	free(masks->passing);
	masks->passing = NULL;
	if (drawn->bytes > masks->room / PARTS) {
		masks->passing = drawn;
		return;
	}
	while (masks->count == KEPT_MAX || masks->bytes + drawn->bytes > masks->room) {
		struct kept *last = masks->kept[--masks->count];

		masks->bytes -= last->bytes;
		free(last);
	}
	put_first(masks, drawn, masks->count++);
	masks->bytes += drawn->bytes;
}

static bool is_empty(const uint8_t *row, int width)
{
	return row[0] == 0 && memcmp(row, row + 1, (size_t)width - 1) == 0;
}

/* Copies the rows of @surface that have ink. NULL without memory. */
static struct kept *copy_ink(const SDL_Surface *surface, int ascent,
			     const struct run_letters *letters, uint32_t hash)
{
	const uint8_t *rows = surface->pixels;
	size_t pitch = (size_t)surface->pitch, width = (size_t)surface->w;
	size_t len = strlen(letters->text) + 1, bytes;
	int first = 0, end = surface->h;
	struct kept *kept;
	uint8_t *pixels;

	while (end > 0 && is_empty(rows + (size_t)(end - 1) * pitch, surface->w))
		end--;
	while (first < end && is_empty(rows + (size_t)first * pitch, surface->w))
		first++;
	bytes = sizeof(*kept) + len + width * (size_t)(end - first);
	kept = malloc(bytes);
	if (kept == NULL)
		return NULL;
	pixels = (uint8_t *)kept->text + len;
	*kept = (struct kept){
		.hash = hash,
		.face = letters->face,
		.size = letters->size,
		.mask = {first - ascent, surface->w, end - first, pixels},
		.bytes = bytes,
	};
	memcpy(kept->text, letters->text, len);
	for (int y = first; y < end; y++, pixels += width)
		memcpy(pixels, rows + (size_t)y * pitch, width);
	return kept;
}

static struct kept *draw(struct font_set *set, const struct run_letters *letters,
			 uint32_t hash, struct err *err)
{
	const SDL_Color white = {255, 255, 255, 255}, black = {0, 0, 0, 255};
	TTF_Font *font = font_face_open(set, letters->face, letters->size,
					letters->characters, err);
	SDL_Surface *surface;
	struct kept *kept;

	if (font == NULL)
		return NULL;
	/* Which of the 256 shades a pixel has is how much of it is covered. */
	surface = TTF_RenderUTF8_Shaded(font, letters->text, white, black);
	if (surface == NULL) {
		err_set(err, ERR_NO_MEMORY, "text can't be drawn: %s", TTF_GetError());
		return NULL;
	}
	kept = copy_ink(surface, TTF_FontAscent(font), letters, hash);
	if (kept == NULL)
		err_set(err, ERR_NO_MEMORY, "text: out of memory");
	SDL_FreeSurface(surface);
	return kept;
}

bool run_mask(struct font_set *set, const struct run_letters *letters, size_t room,
	      struct run_mask *out, struct err *err)
{
	struct run_masks *masks = font_face_masks(set);
	uint32_t hash = hash_text(HASH_START, letters->text);
	const struct kept *found = find(masks, letters, hash);

	if (room > masks->room)
		masks->room = room;
	if (found == NULL) {
		struct kept *drawn = draw(set, letters, hash, err);

		if (drawn == NULL)
			return false;
		keep(masks, drawn);
		found = drawn;
	}
	*out = found->mask;
	return true;
}
