#include "render/picture.h"

#include <SDL.h>
#include <SDL_image.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "core/err.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/picture_header.h"
#include "render/picture_scale.h"
#include "render/pixel.h"

#define WHITE       0xffffff
#define OUTPUT_MAX  ((rlim_t)64 << 20) /* bytes of any file that the process writes */
#define TURNED_FROM 5                  /* EXIF orientations from here on swap the sides */

static bool limit(int what, rlim_t most, struct err *err)
{
	const struct rlimit value = {most, most};

	return setrlimit((__rlimit_resource_t)what, &value) == 0 ||
	       err_set_errno(err, "picture: the process can't be limited");
}

bool picture_limit(struct err *err)
{
	if (!limit(RLIMIT_CPU, PICTURE_SECONDS, err) ||
	    !limit(RLIMIT_FSIZE, OUTPUT_MAX, err) || !limit(RLIMIT_CORE, 0, err))
		return false;
#ifndef EKIMAE_SANITIZED
	if (!limit(RLIMIT_AS, PICTURE_MEMORY_MAX, err))
		return false;
#endif
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return err_set_errno(err, "picture: the process can't be limited");
	return true;
}

/* --- Decoding --- */

static void free_surface(SDL_Surface **surface)
{
	SDL_FreeSurface(*surface);
}

static SDL_Surface *load(const char *name, const struct picture_header *header,
			 const void *bytes, size_t len, struct err *err)
{
	SDL_RWops *ops = SDL_RWFromConstMem(bytes, (int)len);
	SDL_Surface *surface = NULL;

	/* By kind, not by trial: no other decoder gets to see these bytes. */
	if (ops) {
		switch (header->kind) {
		case PICTURE_PNG:
			surface = IMG_LoadPNG_RW(ops);
			break;
		case PICTURE_JPEG:
			surface = IMG_LoadJPG_RW(ops);
			break;
		case PICTURE_WEBP:
			surface = IMG_LoadWEBP_RW(ops);
			break;
		}
		SDL_RWclose(ops);
	}
	if (!surface) {
		err_set(err, ERR_INVALID, "%s: can't be read as a picture: %s", name,
			IMG_GetError());
		return NULL;
	}
	if (surface->w != header->width || surface->h != header->height) {
		err_set(err, ERR_INVALID,
			"%s: has %d×%d pixels, but its header says %d×%d", name,
			surface->w, surface->h, header->width, header->height);
		SDL_FreeSurface(surface);
		return NULL;
	}
	return surface;
}

/* Rows of a surface of any kind, on white. */
struct rows {
	SDL_Surface *from, *row;
};

static const uint32_t *surface_row(void *context, int y)
{
	struct rows *rows = context;
	SDL_Rect part = {0, y, rows->from->w, 1};

	SDL_FillRect(rows->row, NULL, WHITE);
	SDL_BlitSurface(rows->from, &part, rows->row, NULL);
	return rows->row->pixels;
}

static struct canvas *flatten(const char *name, SDL_Surface *surface, int width,
			      int height, struct err *err)
{
	CLEANUP(free_surface)
	SDL_Surface *row = SDL_CreateRGBSurfaceWithFormat(0, surface->w, 1, 32,
							  SDL_PIXELFORMAT_XRGB8888);
	struct rows rows = {surface, row};
	struct canvas *canvas;

	if (!row) {
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", name);
		return NULL;
	}
	canvas = canvas_new(width, height, (struct colour){WHITE}, err);
	if (canvas &&
	    !picture_scale_rows(surface_row, &rows, surface->w, surface->h, canvas, err))
		canvas = canvas_free(canvas);
	return canvas;
}

/* Where pixel (x, y) of the upright picture lies in the stored one (Exif 3.0 §4.6.5). */
static uint32_t stored_pixel(const struct canvas *stored, int orientation, int x, int y)
{
	int right = stored->width - 1, bottom = stored->height - 1;
	int from_x = x, from_y = y;

	if (orientation >= TURNED_FROM) {
		from_x = y;
		from_y = x;
	}
	if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8)
		from_x = right - from_x;
	if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7)
		from_y = bottom - from_y;
	return stored->pixels[(size_t)from_y * (size_t)stored->width + (size_t)from_x];
}

/* TAKES @stored. */
static struct canvas *turn_upright(struct canvas *stored, int orientation,
				   struct err *err)
{
	bool swapped = orientation >= TURNED_FROM;
	struct canvas *upright;

	if (orientation == 1)
		return stored;
	upright = canvas_new(swapped ? stored->height : stored->width,
			     swapped ? stored->width : stored->height,
			     (struct colour){WHITE}, err);
	for (int y = 0; upright && y < upright->height; y++) {
		canvas_touch(upright, (int[4]){0, y, upright->width, 1});
		for (int x = 0; x < upright->width; x++)
			pixel_row(upright, y)[x] =
				stored_pixel(stored, orientation, x, y);
	}
	canvas_free(stored);
	return upright;
}

static struct canvas *decode(const char *name, const struct picture_header *header,
			     const void *bytes, size_t len, int side_max, struct err *err)
{
	CLEANUP(free_surface)
	SDL_Surface *surface = load(name, header, bytes, len, err);
	double part =
		fmin((double)side_max / header->width, (double)side_max / header->height);
	int width = header->width, height = header->height;
	struct canvas *canvas;

	if (!surface)
		return NULL;
	if (part < 1) {
		width = (int)fmax(round(width * part), 1);
		height = (int)fmax(round(height * part), 1);
	}
	canvas = flatten(name, surface, width, height, err);
	return canvas ? turn_upright(canvas, header->orientation, err) : NULL;
}

struct canvas *picture_decode(const char *name, const void *bytes, size_t len,
			      int side_max, struct err *err)
{
	struct picture_header header;

	if (!picture_header_read(name, bytes, len, &header, err))
		return NULL;
	return decode(name, &header, bytes, len, side_max, err);
}

/* --- For screens --- */

static const int qualities[] = {90, 82, 74};
#define SHRINK 0.75 /* when even the last quality has too many bytes */

/* Encodes @canvas in as many bytes as a notice may have; @out stays empty when it can't. */
static bool encode(const struct canvas *canvas, bool jpeg,
		   enum notice_picture_format *out_format, struct blob *out,
		   struct err *err)
{
	if (!jpeg) {
		*out_format = NOTICE_PICTURE_PNG;
		if (!canvas_encode_png(canvas, out, err))
			return false;
		if (out->len <= NOTICE_PICTURE_BYTES_MAX)
			return true;
		blob_free(out);
	}
	*out_format = NOTICE_PICTURE_JPEG;
	for (size_t i = 0; i < ARRAY_LEN(qualities); i++) {
		if (!canvas_encode_jpeg(canvas, qualities[i], out, err))
			return false;
		if (out->len <= NOTICE_PICTURE_BYTES_MAX)
			return true;
		blob_free(out);
	}
	return true;
}

bool picture_prepare(const char *name, const void *bytes, size_t len,
		     struct notice_picture *picture, struct blob *out, struct err *err)
{
	struct picture_header header;
	struct canvas *canvas = NULL;
	struct blob encoded = {0};
	enum notice_picture_format format = NOTICE_PICTURE_PNG;
	int side = NOTICE_PICTURE_SIDE_MAX;
	bool ok = picture_header_read(name, bytes, len, &header, err);

	while (ok && encoded.len == 0) {
		canvas_free(canvas);
		canvas = decode(name, &header, bytes, len, side, err);
		ok = canvas &&
		     encode(canvas, header.kind == PICTURE_JPEG, &format, &encoded, err);
		if (ok && (canvas->width < NOTICE_PICTURE_SIDE_MIN ||
			   canvas->height < NOTICE_PICTURE_SIDE_MIN))
			ok = err_set(err, ERR_INVALID,
				     "%s: is too small or too narrow: %d×%d pixels of at "
				     "least %d on a side would be shown",
				     name, canvas->width, canvas->height,
				     NOTICE_PICTURE_SIDE_MIN);
		side = (int)(side * SHRINK);
	}
	if (ok) {
		picture->format = format;
		picture->width = canvas->width;
		picture->height = canvas->height;
		picture->bytes = (int64_t)encoded.len;
		*out = encoded;
	} else {
		blob_free(&encoded);
	}
	canvas_free(canvas);
	return ok;
}

struct canvas *picture_read(const struct notice_picture *picture, const void *bytes,
			    size_t len, struct err *err)
{
	char name[NOTICE_MEDIA_PATH_SIZE];
	struct picture_header header;

	notice_media_path(picture, name);
	if (!picture_header_read(name, bytes, len, &header, err))
		return NULL;
	if (header.width != picture->width || header.height != picture->height ||
	    header.orientation != 1 ||
	    (header.kind == PICTURE_PNG) != (picture->format == NOTICE_PICTURE_PNG) ||
	    header.kind == PICTURE_WEBP) {
		err_set(err, ERR_UNTRUSTED, "%s: is not what the notice says of it",
			name);
		return NULL;
	}
	return decode(name, &header, bytes, len, NOTICE_PICTURE_SIDE_MAX, err);
}

static const uint32_t *canvas_row(void *context, int y)
{
	return pixel_row(context, y);
}

struct canvas *picture_scale(const struct canvas *canvas, int width, int height,
			     struct err *err)
{
	struct canvas *out = canvas_new(width, height, (struct colour){WHITE}, err);

	if (out && !picture_scale_rows(canvas_row, (void *)(uintptr_t)canvas,
				       canvas->width, canvas->height, out, err))
		out = canvas_free(out);
	return out;
}
