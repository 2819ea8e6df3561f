#include "render/canvas.h"

#include <SDL.h>
#include <SDL_image.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/err.h"
#include "os/file.h"

/* A picture of noise at the largest size stays below this. */
#define PNG_BYTES_MAX ((size_t)320 << 20)

#define HUGE_PAGE ((size_t)2 << 20)

/*
 * In huge pages, where the system has them: a slide is touched from end to end, and its
 * thousands of small pages would cost more than its pixels.
 */
static uint32_t *alloc_pixels(size_t bytes)
{
	void *pixels;

	if (bytes < HUGE_PAGE)
		return malloc(bytes);
	pixels =
		aligned_alloc(HUGE_PAGE, (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
	if (pixels != NULL)
		(void)!madvise(pixels, bytes, MADV_HUGEPAGE); /* only advice */
	return pixels;
}

struct canvas *canvas_new(int width, int height, struct colour background,
			  struct err *err)
{
	if (width < 1 || height < 1 || width > CANVAS_SIDE_MAX ||
	    height > CANVAS_SIDE_MAX) {
		err_set(err, ERR_INVALID,
			"canvas: %d×%d pixels: each side must be 1–%d pixels", width,
			height, CANVAS_SIDE_MAX);
		return NULL;
	}

	struct canvas *canvas = calloc(1, sizeof(*canvas));
	if (canvas == NULL)
		goto fail;
	canvas->width = width;
	canvas->height = height;
	canvas->pixels =
		alloc_pixels((size_t)width * (size_t)height * sizeof(*canvas->pixels));
	if (canvas->pixels == NULL || !tiles_resize(&canvas->tiles, width, height))
		goto fail;

	canvas_fill(canvas, (int[4]){0, 0, width, height}, background);
	return canvas;

fail:
	err_set(err, ERR_NO_MEMORY, "canvas: no memory for %d×%d pixels", width, height);
	return canvas_free(canvas);
}

struct canvas *canvas_free(struct canvas *canvas)
{
	if (canvas == NULL)
		return NULL;
	tiles_free(&canvas->tiles);
	free(canvas->pixels);
	free(canvas);
	return NULL;
}

static int min_int(int a, int b)
{
	return a < b ? a : b;
}

static int max_int(int a, int b)
{
	return a > b ? a : b;
}

void canvas_touch(struct canvas *canvas, const int rect[static 4])
{
	tiles_touch(&canvas->tiles, rect);
}

struct span {
	int left, right, top, bottom; /* without the last two */
};

static void fill_span(struct canvas *canvas, const struct span *span, uint32_t rgb)
{
	for (int y = span->top; y < span->bottom; y++) {
		uint32_t *pixels = canvas->pixels + (size_t)y * (size_t)canvas->width;

		for (int x = span->left; x < span->right; x++)
			pixels[x] = rgb;
	}
}

/* Whether the whole tile, as far as it lies within, is in @part. */
static bool covers(const struct canvas *canvas, const struct span *part, int column,
		   int row)
{
	int x = column * TILE_WIDTH, y = row * TILE_HEIGHT;

	return part->left <= x && part->top <= y &&
	       part->right >= min_int(x + TILE_WIDTH, canvas->width) &&
	       part->bottom >= min_int(y + TILE_HEIGHT, canvas->height);
}

/* @part lies within one row of tiles. Those that have the colour already are passed over. */
static void fill_tiles(struct canvas *canvas, const struct span *part, uint32_t rgb)
{
	int row = part->top / TILE_HEIGHT;
	struct span span = *part;

	for (int column = part->left / TILE_WIDTH; column * TILE_WIDTH < part->right;
	     column++) {
		if (tiles_at(&canvas->tiles, column, row) == rgb) {
			span.right = column * TILE_WIDTH;
			fill_span(canvas, &span, rgb);
			span.left = span.right + TILE_WIDTH;
			continue;
		}
		tiles_set(&canvas->tiles, column, row,
			  covers(canvas, part, column, row) ? rgb : TILE_MIXED);
	}
	span.right = part->right;
	fill_span(canvas, &span, rgb);
}

void canvas_fill(struct canvas *canvas, const int rect[static 4], struct colour colour)
{
	struct span part = {
		.left = max_int(rect[0], 0),
		.right = min_int(rect[0] + rect[2], canvas->width),
	};
	int bottom = min_int(rect[1] + rect[3], canvas->height);

	if (part.left >= part.right)
		return;
	for (int y = max_int(rect[1], 0); y < bottom; y = part.bottom) {
		part.top = y;
		part.bottom = min_int((y / TILE_HEIGHT + 1) * TILE_HEIGHT, bottom);
		fill_tiles(canvas, &part, colour.rgb);
	}
}

bool canvas_tiles_hold(const struct canvas *canvas)
{
	for (int y = 0; y < canvas->height; y++) {
		const uint32_t *pixels =
			canvas->pixels + (size_t)y * (size_t)canvas->width;

		for (int x = 0; x < canvas->width; x++) {
			uint32_t known =
				tiles_at(&canvas->tiles, x / TILE_WIDTH, y / TILE_HEIGHT);

			if (known != TILE_MIXED && known != pixels[x])
				return false;
		}
	}
	return true;
}

void canvas_copy(struct canvas *to, const struct canvas *from, const int rect[static 4])
{
	canvas_touch(to, rect);
	for (int y = rect[1]; y < rect[1] + rect[3]; y++)
		memcpy(to->pixels + (size_t)y * (size_t)to->width + rect[0],
		       from->pixels + (size_t)y * (size_t)from->width + rect[0],
		       (size_t)rect[2] * sizeof(*to->pixels));
}

/* Bytes that SDL_image writes into memory, so that the file appears whole or not at all. */
struct sink {
	char *bytes;
	size_t len, room;
};

static size_t sink_write(SDL_RWops *ops, const void *bytes, size_t size, size_t count)
{
	struct sink *sink = ops->hidden.unknown.data1;
	size_t len = 0;

	if (__builtin_mul_overflow(size, count, &len) || len > PNG_BYTES_MAX - sink->len)
		return 0;
	if (sink->len + len > sink->room) {
		size_t room = (sink->len + len) * 2;
		char *grown = realloc(sink->bytes, room);
		if (grown == NULL)
			return 0;
		sink->bytes = grown;
		sink->room = room;
	}
	memcpy(sink->bytes + sink->len, bytes, len);
	sink->len += len;
	return count;
}

static Sint64 sink_seek(SDL_RWops *ops, Sint64 offset, int whence)
{
	const struct sink *sink = ops->hidden.unknown.data1;

	/* A PNG is written front to back; only "where am I" is ever asked. */
	return offset == 0 && whence == RW_SEEK_CUR ? (Sint64)sink->len : -1;
}

static void sink_free(struct sink *sink)
{
	free(sink->bytes);
}

/* IMG_SavePNG_RW(), or IMG_SaveJPG_RW() with @quality. */
static bool encode(const struct canvas *canvas, bool png, int quality, struct sink *sink,
		   struct err *err)
{
	SDL_Surface *surface = SDL_CreateRGBSurfaceWithFormatFrom(
		canvas->pixels, canvas->width, canvas->height, 32, canvas->width * 4,
		SDL_PIXELFORMAT_XRGB8888);
	SDL_RWops *ops = SDL_AllocRW();
	int failed = -1;

	if (surface == NULL || ops == NULL) {
		SDL_FreeSurface(surface);
		SDL_FreeRW(ops);
		return err_set(err, ERR_NO_MEMORY, "picture: %s", SDL_GetError());
	}
	ops->hidden.unknown.data1 = sink;
	ops->write = sink_write;
	ops->seek = sink_seek;
	failed = png ? IMG_SavePNG_RW(surface, ops, 0)
		     : IMG_SaveJPG_RW(surface, ops, 0, quality);
	SDL_FreeRW(ops);
	SDL_FreeSurface(surface);
	return failed == 0 || err_set(err, ERR_INTERNAL, "picture: can't be encoded: %s",
				      IMG_GetError());
}

static bool encode_into(const struct canvas *canvas, bool png, int quality,
			struct blob *out, struct err *err)
{
	CLEANUP(sink_free) struct sink sink = {0};

	if (!encode(canvas, png, quality, &sink, err))
		return false;
	*out = (struct blob){sink.bytes, sink.len};
	sink.bytes = NULL;
	return true;
}

bool canvas_encode_png(const struct canvas *canvas, struct blob *out, struct err *err)
{
	return encode_into(canvas, true, 0, out, err);
}

bool canvas_encode_jpeg(const struct canvas *canvas, int quality, struct blob *out,
			struct err *err)
{
	return encode_into(canvas, false, quality, out, err);
}

bool canvas_save_png(const struct canvas *canvas, const char *path, struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};

	if (!canvas_encode_png(canvas, &blob, err))
		return err_prefix(err, "%s", path);
	return file_write_atomic(path, blob.bytes, blob.len, 0644, err);
}
