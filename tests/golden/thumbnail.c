#include "golden/thumbnail.h"

#include <SDL.h>
#include <SDL_image.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "render/canvas.h"

#define COLOURS       ((size_t)1 << 24)
#define PALETTE_MAX   256
#define PALETTE_EXACT 96 /* the rest are means */

static int channel(uint32_t rgb, int index)
{
	return (int)(rgb >> (16 - 8 * index) & 255);
}

/* --- Making them small --- */

static uint32_t mean_of(const struct canvas *full, int left, int top, int factor)
{
	int right = left + factor < full->width ? left + factor : full->width;
	int bottom = top + factor < full->height ? top + factor : full->height;
	uint32_t count = (uint32_t)((right - left) * (bottom - top));
	uint32_t sum[3] = {count / 2, count / 2, count / 2};

	for (int y = top; y < bottom; y++) {
		const uint32_t *row = full->pixels + (size_t)y * (size_t)full->width;

		for (int x = left; x < right; x++) {
			sum[0] += row[x] >> 16 & 255;
			sum[1] += row[x] >> 8 & 255;
			sum[2] += row[x] & 255;
		}
	}
	return sum[0] / count << 16 | sum[1] / count << 8 | sum[2] / count;
}

struct canvas *thumbnail_reduce(const struct canvas *full, int factor, struct err *err)
{
	struct canvas *small =
		canvas_new((full->width + factor - 1) / factor,
			   (full->height + factor - 1) / factor, (struct colour){0}, err);

	if (!small)
		return NULL;
	for (int y = 0; y < small->height; y++)
		for (int x = 0; x < small->width; x++)
			small->pixels[(size_t)y * (size_t)small->width + (size_t)x] =
				mean_of(full, x * factor, y * factor, factor);
	return small;
}

int thumbnail_factor(const struct canvas *full, int side_max)
{
	int side = full->width > full->height ? full->width : full->height;

	return (side + side_max - 1) / side_max;
}

/* --- Few colours --- */

struct tint {
	uint32_t rgb;
	uint32_t count;
};

struct palette {
	SDL_Color colours[PALETTE_MAX];
	int count;
	uint8_t *index; /* of each of COLOURS that the picture has */
};

static int by_count(const void *a, const void *b)
{
	const struct tint *x = a, *y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return x->rgb < y->rgb ? -1 : x->rgb > y->rgb;
}

/* All colours of a picture, the most frequent first. NULL when memory is short. */
static struct tint *tints_of(const struct canvas *picture, size_t *out_count)
{
	size_t pixels = (size_t)picture->width * (size_t)picture->height, count = 0;
	uint32_t *times = calloc(COLOURS, sizeof(*times));
	struct tint *tints = NULL;

	for (size_t i = 0; times && i < pixels; i++)
		count += times[picture->pixels[i] & 0xFFFFFF]++ == 0;
	if (times)
		tints = calloc(count, sizeof(*tints));
	for (size_t rgb = 0, at = 0; tints && rgb < COLOURS; rgb++)
		if (times[rgb] > 0)
			tints[at++] = (struct tint){(uint32_t)rgb, times[rgb]};
	free(times);
	if (!tints)
		return NULL;
	qsort(tints, count, sizeof(*tints), by_count);
	*out_count = count;
	return tints;
}

static size_t bucket_of(uint32_t rgb, int bits)
{
	int drop = 8 - bits;

	return (size_t)(channel(rgb, 0) >> drop) << 2 * bits |
	       (size_t)(channel(rgb, 1) >> drop) << bits |
	       (size_t)(channel(rgb, 2) >> drop);
}

struct bucket {
	uint64_t sum[3], count;
};

static uint8_t bucket_mean(const struct bucket *bucket, int i)
{
	return (uint8_t)((bucket->sum[i] + bucket->count / 2) / bucket->count);
}

/* Puts @tints into buckets of @bits a channel; false when those are too many. */
static bool palette_add_means(struct palette *palette, const struct tint *tints,
			      size_t count, int bits, struct bucket *buckets)
{
	size_t all = (size_t)1 << 3 * bits;
	int at = palette->count;

	memset(buckets, 0, all * sizeof(*buckets));
	for (size_t i = 0; i < count; i++) {
		struct bucket *bucket = &buckets[bucket_of(tints[i].rgb, bits)];

		for (int c = 0; c < 3; c++)
			bucket->sum[c] +=
				(uint64_t)channel(tints[i].rgb, c) * tints[i].count;
		bucket->count += tints[i].count;
	}
	for (size_t i = 0; i < all; i++) {
		if (buckets[i].count == 0)
			continue;
		if (at == PALETTE_MAX)
			return false;
		palette->colours[at++] = (SDL_Color){bucket_mean(&buckets[i], 0),
						     bucket_mean(&buckets[i], 1),
						     bucket_mean(&buckets[i], 2), 255};
	}
	palette->count = at;
	return true;
}

/* The entry whose worst channel is nearest. */
static uint8_t palette_nearest(const struct palette *palette, uint32_t rgb)
{
	int best = 0, best_apart = 256;

	for (int i = 0; i < palette->count; i++) {
		SDL_Color colour = palette->colours[i];
		int red = abs(channel(rgb, 0) - colour.r);
		int green = abs(channel(rgb, 1) - colour.g);
		int blue = abs(channel(rgb, 2) - colour.b);
		int apart = red > green ? red : green;

		apart = blue > apart ? blue : apart;
		if (apart < best_apart) {
			best = i;
			best_apart = apart;
		}
	}
	return (uint8_t)best;
}

static void palette_begin(struct palette *palette, const struct tint *tints, size_t exact)
{
	for (size_t i = 0; i < exact; i++)
		palette->colours[i] = (SDL_Color){(uint8_t)channel(tints[i].rgb, 0),
						  (uint8_t)channel(tints[i].rgb, 1),
						  (uint8_t)channel(tints[i].rgb, 2), 255};
	palette->count = (int)exact;
}

/* As fine as it gets: a picture of many colours has fewer of them exactly. */
static bool palette_add_all_means(struct palette *palette, const struct tint *tints,
				  size_t count, struct bucket *buckets)
{
	for (int bits = 5; bits > 0; bits--)
		for (size_t exact = PALETTE_EXACT; exact >= PALETTE_EXACT / 8;
		     exact /= 2) {
			palette_begin(palette, tints, exact);
			if (palette_add_means(palette, tints + exact, count - exact, bits,
					      buckets))
				return true;
		}
	return false;
}

static bool palette_fill(struct palette *palette, const struct tint *tints, size_t count)
{
	struct bucket *buckets = calloc((size_t)1 << 15, sizeof(*buckets));
	bool filled = buckets != NULL;

	if (count <= PALETTE_MAX)
		palette_begin(palette, tints, count);
	else if (
		filled) /* at 2 bits there are 64 buckets, for which there always is room */
		filled = palette_add_all_means(palette, tints, count, buckets);
	free(buckets);
	for (size_t i = 0; filled && i < count; i++)
		palette->index[tints[i].rgb] = palette_nearest(palette, tints[i].rgb);
	return filled;
}

static SDL_Surface *indexed(const struct canvas *picture, const struct palette *palette)
{
	SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormat(
		0, picture->width, picture->height, 8, SDL_PIXELFORMAT_INDEX8);

	if (!surface)
		return NULL;
	SDL_SetPaletteColors(surface->format->palette, palette->colours, 0,
			     palette->count);
	for (int y = 0; y < picture->height; y++) {
		const uint32_t *from =
			picture->pixels + (size_t)y * (size_t)picture->width;
		uint8_t *to =
			(uint8_t *)surface->pixels + (size_t)y * (size_t)surface->pitch;

		for (int x = 0; x < picture->width; x++)
			to[x] = palette->index[from[x] & 0xFFFFFF];
	}
	return surface;
}

bool thumbnail_save(const struct canvas *picture, const char *path, struct err *err)
{
	struct palette palette = {.index = calloc(COLOURS, 1)};
	size_t count = 0;
	struct tint *tints = tints_of(picture, &count);
	SDL_Surface *surface = NULL;
	bool saved = false;

	if (tints && palette.index && palette_fill(&palette, tints, count))
		surface = indexed(picture, &palette);
	if (!surface)
		err_set(err, ERR_NO_MEMORY, "%s: no memory for a picture of few colours",
			path);
	else if (IMG_SavePNG(surface, path) != 0)
		err_set(err, ERR_IO, "%s: %s", path, IMG_GetError());
	else
		saved = true;
	SDL_FreeSurface(surface);
	free(tints);
	free(palette.index);
	return saved;
}

struct canvas *thumbnail_load(const char *path, struct err *err)
{
	SDL_Surface *file = IMG_Load(path);
	SDL_Surface *surface = NULL;
	struct canvas *picture = NULL;

	if (!file) {
		err_set(err, ERR_NOT_FOUND, "%s: %s", path, IMG_GetError());
		return NULL;
	}
	surface = SDL_ConvertSurfaceFormat(file, SDL_PIXELFORMAT_XRGB8888, 0);
	SDL_FreeSurface(file);
	if (!surface) {
		err_set(err, ERR_NO_MEMORY, "%s: %s", path, SDL_GetError());
		return NULL;
	}
	picture = canvas_new(surface->w, surface->h, (struct colour){0}, err);
	for (int y = 0; picture && y < surface->h; y++) {
		const uint8_t *from = (const uint8_t *)surface->pixels +
				      (size_t)y * (size_t)surface->pitch;
		uint32_t *to = picture->pixels + (size_t)y * (size_t)picture->width;

		memcpy(to, from, (size_t)surface->w * sizeof(*to));
		for (int x = 0; x < surface->w; x++)
			to[x] &= 0xFFFFFF;
	}
	SDL_FreeSurface(surface);
	return picture;
}

/* --- Comparing --- */

static uint32_t cell_at(const struct canvas *picture, int x, int y)
{
	return picture->pixels[(size_t)y * (size_t)picture->width + (size_t)x];
}

static int cell_difference(uint32_t a, uint32_t b)
{
	int worst = 0;

	for (int i = 0; i < 3; i++) {
		int apart = abs(channel(a, i) - channel(b, i));

		worst = apart > worst ? apart : worst;
	}
	return worst;
}

static double area_difference(const struct canvas *a, const struct canvas *b, int left,
			      int top)
{
	int right = left + THUMBNAIL_AREA_SIDE < a->width ? left + THUMBNAIL_AREA_SIDE
							  : a->width;
	int bottom = top + THUMBNAIL_AREA_SIDE < a->height ? top + THUMBNAIL_AREA_SIDE
							   : a->height;
	int sum[3] = {0}, worst = 0;

	for (int y = top; y < bottom; y++)
		for (int x = left; x < right; x++)
			for (int i = 0; i < 3; i++)
				sum[i] += channel(cell_at(a, x, y), i) -
					  channel(cell_at(b, x, y), i);
	for (int i = 0; i < 3; i++)
		worst = abs(sum[i]) > worst ? abs(sum[i]) : worst;
	return (double)worst / ((right - left) * (bottom - top));
}

bool thumbnail_same(const struct canvas *expected, const struct canvas *actual,
		    struct thumbnail_difference *out)
{
	struct thumbnail_difference found = {0};

	if (expected->width != actual->width || expected->height != actual->height) {
		*out = (struct thumbnail_difference){
			.cell = 255, .cells = 1, .area = 255};
		return false;
	}
	for (int y = 0; y < expected->height; y++)
		for (int x = 0; x < expected->width; x++) {
			int apart = cell_difference(cell_at(expected, x, y),
						    cell_at(actual, x, y));

			found.cells += apart > THUMBNAIL_CELL_LEVELS;
			if (apart <= found.cell)
				continue;
			found.cell = apart;
			found.cell_x = x;
			found.cell_y = y;
		}
	for (int y = 0; y < expected->height; y += THUMBNAIL_AREA_SIDE)
		for (int x = 0; x < expected->width; x += THUMBNAIL_AREA_SIDE) {
			double apart = area_difference(expected, actual, x, y);

			if (apart <= found.area)
				continue;
			found.area = apart;
			found.area_x = x;
			found.area_y = y;
		}
	*out = found;
	return found.cells == 0 && found.area <= THUMBNAIL_AREA_LEVELS;
}

/* Whether both can be read and are alike enough for the file at @path to stay. */
static bool is_current(const char *path, const char *fresh)
{
	struct thumbnail_difference found = {0};
	struct err none;
	struct canvas *kept = thumbnail_load(path, &none);
	struct canvas *drawn = thumbnail_load(fresh, &none);
	bool same = kept && drawn && thumbnail_same(kept, drawn, &found);

	canvas_free(drawn);
	canvas_free(kept);
	return same && found.cell <= THUMBNAIL_RENEW_LEVELS;
}

bool thumbnail_renew(const char *path, const char *fresh, bool *out_changed,
		     struct err *err)
{
	*out_changed = !is_current(path, fresh);
	if (*out_changed)
		return rename(fresh, path) == 0 || err_set_errno(err, "%s", path);
	return unlink(fresh) == 0 || err_set_errno(err, "%s", fresh);
}

struct canvas *thumbnail_show_difference(const struct canvas *expected,
					 const struct canvas *actual, struct err *err)
{
	struct canvas *shown = canvas_new(expected->width, expected->height,
					  (struct colour){0xFF0000}, err);

	if (!shown || expected->width != actual->width ||
	    expected->height != actual->height)
		return shown;
	for (int y = 0; y < shown->height; y++)
		for (int x = 0; x < shown->width; x++) {
			uint32_t a = cell_at(expected, x, y), b = cell_at(actual, x, y);
			uint32_t grey = (uint32_t)(channel(b, 0) + 2 * channel(b, 1) +
						   channel(b, 2)) /
					4;
			uint32_t *to = &shown->pixels[(size_t)y * (size_t)shown->width +
						      (size_t)x];

			grey = grey / 2 + 96;
			*to = grey << 16 | grey << 8 | grey;
			if (cell_difference(a, b) > THUMBNAIL_CELL_LEVELS / 2)
				*to = 0xFF0000;
		}
	for (int y = 0; y < shown->height; y += THUMBNAIL_AREA_SIDE)
		for (int x = 0; x < shown->width; x += THUMBNAIL_AREA_SIDE) {
			/* A dot where only the mean tells. */
			if (area_difference(expected, actual, x, y) >
			    THUMBNAIL_AREA_LEVELS)
				shown->pixels[(size_t)y * (size_t)shown->width +
					      (size_t)x] = 0xFF0000;
		}
	return shown;
}
