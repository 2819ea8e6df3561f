#include "display/fade.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "render/canvas.h"

/*
 * Tiles are wide and low: a row of one is 256 bytes, four cache lines, and text differs in
 * lines. Comparing is a memcmp() per tile row, far cheaper than mixing it.
 */
#define TILE_WIDTH  64
#define TILE_HEIGHT 16

struct fade {
	const struct canvas *from, *to;
	struct fade_rect *rects;
	size_t rect_count;
};

static int min_int(int a, int b)
{
	return a < b ? a : b;
}

static bool tile_differs(const struct fade *fade, int x, int y)
{
	size_t stride = (size_t)fade->from->width;
	int width = min_int(TILE_WIDTH, fade->from->width - x);
	int bottom = min_int(y + TILE_HEIGHT, fade->from->height);

	for (int row = y; row < bottom; row++) {
		size_t at = (size_t)row * stride + (size_t)x;

		if (memcmp(fade->from->pixels + at, fade->to->pixels + at,
			   (size_t)width * sizeof(uint32_t)) != 0)
			return true;
	}
	return false;
}

/*
 * Adds a run of tiles; one that continues a rectangle right above it just grows it. Only the
 * last few are looked at: a rectangle missed costs nothing but its own place in the list.
 */
static void add_run(struct fade *fade, const struct fade_rect *run)
{
	size_t oldest = fade->rect_count > 128 ? fade->rect_count - 128 : 0;

	for (size_t i = fade->rect_count; i > oldest; i--) {
		struct fade_rect *above = &fade->rects[i - 1];

		if (above->x == run->x && above->width == run->width &&
		    above->y + above->height == run->y) {
			above->height += run->height;
			return;
		}
	}
	fade->rects[fade->rect_count++] = *run;
}

static void find_differences(struct fade *fade)
{
	int width = fade->from->width;
	int height = fade->from->height;

	for (int y = 0; y < height; y += TILE_HEIGHT) {
		struct fade_rect run = {.y = y,
					.height = min_int(TILE_HEIGHT, height - y)};

		for (int x = 0; x < width; x += TILE_WIDTH) {
			if (tile_differs(fade, x, y)) {
				if (run.width == 0)
					run.x = x;
				run.width = min_int(x + TILE_WIDTH, width) - run.x;
				continue;
			}
			if (run.width > 0)
				add_run(fade, &run);
			run.width = 0;
		}
		if (run.width > 0)
			add_run(fade, &run);
	}
}

struct fade *fade_new(const struct canvas *from, const struct canvas *to, struct err *err)
{
	struct fade *fade = NULL;
	size_t columns, rows;

	if (from->width != to->width || from->height != to->height) {
		err_set(err, ERR_INVALID, "fade: %dx%d to %dx%d: the sizes differ",
			from->width, from->height, to->width, to->height);
		return NULL;
	}
	fade = calloc(1, sizeof(*fade));
	if (!fade)
		goto fail;
	fade->from = from;
	fade->to = to;
	/* Runs are separated by a tile that is the same: at most half of the tiles. */
	columns = ((size_t)from->width + TILE_WIDTH - 1) / TILE_WIDTH;
	rows = ((size_t)from->height + TILE_HEIGHT - 1) / TILE_HEIGHT;
	fade->rects = calloc((columns + 1) / 2 * rows + 1, sizeof(*fade->rects));
	if (!fade->rects)
		goto fail;
	find_differences(fade);
	return fade;

fail:
	err_set(err, ERR_NO_MEMORY, "fade: out of memory");
	return fade_free(fade);
}

struct fade *fade_free(struct fade *fade)
{
	if (fade)
		free(fade->rects);
	free(fade);
	return NULL;
}

const struct fade_rect *fade_rects(const struct fade *fade, size_t *out_count)
{
	*out_count = fade->rect_count;
	return fade->rects;
}

const struct canvas *fade_from(const struct fade *fade)
{
	return fade->from;
}

const struct canvas *fade_to(const struct fade *fade)
{
	return fade->to;
}

/*
 * Byte by byte in 16 bits: 255 * 256 + 128 still fits, so a compiler can use lanes of 16
 * bits. The unused fourth byte is 0 on both sides and stays so.
 */
static void mix(uint8_t *restrict out, const uint8_t *restrict from,
		const uint8_t *restrict to, size_t len, uint16_t opacity)
{
	uint16_t rest = (uint16_t)(FADE_FULL - opacity);

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)((uint16_t)(from[i] * rest + to[i] * opacity + 128) >>
				   8);
}

void fade_blend(const struct fade *fade, int opacity, uint32_t *pixels, size_t pitch)
{
	size_t stride = (size_t)fade->from->width;

	for (size_t i = 0; i < fade->rect_count; i++) {
		const struct fade_rect *rect = &fade->rects[i];
		size_t len = (size_t)rect->width * sizeof(uint32_t);

		for (int y = rect->y; y < rect->y + rect->height; y++) {
			size_t at = (size_t)y * stride + (size_t)rect->x;
			uint8_t *out = (uint8_t *)pixels + (size_t)y * pitch +
				       (size_t)rect->x * sizeof(uint32_t);

			mix(out, (const uint8_t *)(fade->from->pixels + at),
			    (const uint8_t *)(fade->to->pixels + at), len,
			    (uint16_t)opacity);
		}
	}
}
