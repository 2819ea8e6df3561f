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

/*
 * Within the tiles, only the blocks that differ are touched: most of a line of text is
 * paper. Where one colour becomes another, as panels and bands do, the mix is worked out
 * once and only written. A block is as wide as the widest register.
 */
#define BLOCK 8

/* Neighbouring blocks of one row and one kind. CANVAS_SIDE_MAX fits. */
struct run {
	uint16_t x, y, len; /* pixels */
	bool flat;
	uint32_t from, to; /* the colours when it is flat */
};

struct fade {
	const uint32_t *from; /* while it is being made */
	size_t from_stride;   /* pixels */
	const struct canvas *to;
	uint32_t
		*kept; /* what was there before, of the runs that are not flat, in turn */
	struct fade_rect *rects;
	size_t rect_count;
	struct run *runs;
	size_t run_count, run_room;
};

static int min_int(int a, int b)
{
	return a < b ? a : b;
}

static const uint32_t *from_at(const struct fade *fade, int x, int y)
{
	return fade->from + (size_t)y * fade->from_stride + (size_t)x;
}

static const uint32_t *to_at(const struct fade *fade, int x, int y)
{
	return fade->to->pixels + (size_t)y * (size_t)fade->to->width + (size_t)x;
}

static bool tile_differs(const struct fade *fade, int x, int y)
{
	int width = min_int(TILE_WIDTH, fade->to->width - x);
	int bottom = min_int(y + TILE_HEIGHT, fade->to->height);

	for (int row = y; row < bottom; row++)
		if (memcmp(from_at(fade, x, row), to_at(fade, x, row),
			   (size_t)width * sizeof(uint32_t)) != 0)
			return true;
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
	int width = fade->to->width;
	int height = fade->to->height;

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

static uint32_t differences(const uint32_t *from, const uint32_t *to, size_t len)
{
	uint32_t all = 0;

	for (size_t i = 0; i < len; i++)
		all |= from[i] ^ to[i];
	return all;
}

static bool is_flat(const uint32_t *pixels, size_t len)
{
	uint32_t others = 0;

	for (size_t i = 1; i < len; i++)
		others |= pixels[i] ^ pixels[0];
	return others == 0;
}

/* Adds a block that differs; one that continues the last run just grows it. */
static bool add_block(struct fade *fade, int x, int y, int len, bool flat)
{
	struct run *last = fade->run_count > 0 ? &fade->runs[fade->run_count - 1] : NULL;
	struct run block = {
		.x = (uint16_t)x,
		.y = (uint16_t)y,
		.len = (uint16_t)len,
		.flat = flat,
		.from = *from_at(fade, x, y),
		.to = *to_at(fade, x, y),
	};

	if (last && last->y == y && last->x + last->len == x && last->flat == flat &&
	    (!flat || (last->from == block.from && last->to == block.to))) {
		last->len = (uint16_t)(last->len + len);
		return true;
	}
	if (fade->run_count == fade->run_room) {
		size_t room = fade->run_room * 2 + 1024;
		struct run *grown = realloc(fade->runs, room * sizeof(*grown));

		if (!grown)
			return false;
		fade->runs = grown;
		fade->run_room = room;
	}
	fade->runs[fade->run_count++] = block;
	return true;
}

/* The runs of row @y from @x to before @end. */
static bool find_runs_in_row(struct fade *fade, int x, int y, int end)
{
	const uint32_t *from = from_at(fade, 0, y);
	const uint32_t *to = to_at(fade, 0, y);

	for (; x + BLOCK <= end; x += BLOCK)
		if (differences(from + x, to + x, BLOCK) != 0 &&
		    !add_block(fade, x, y, BLOCK,
			       is_flat(from + x, BLOCK) && is_flat(to + x, BLOCK)))
			return false;
	/* What is left of a width that is no multiple. */
	return x == end || differences(from + x, to + x, (size_t)(end - x)) == 0 ||
	       add_block(fade, x, y, end - x, false);
}

static bool find_runs(struct fade *fade)
{
	for (size_t i = 0; i < fade->rect_count; i++) {
		const struct fade_rect *rect = &fade->rects[i];

		for (int y = rect->y; y < rect->y + rect->height; y++)
			if (!find_runs_in_row(fade, rect->x, y, rect->x + rect->width))
				return false;
	}
	return true;
}

static bool keep_from(struct fade *fade)
{
	size_t count = 0;

	for (size_t i = 0; i < fade->run_count; i++)
		if (!fade->runs[i].flat)
			count += fade->runs[i].len;
	if (count == 0)
		return true;
	fade->kept = malloc(count * sizeof(*fade->kept));
	if (!fade->kept)
		return false;
	count = 0;
	for (size_t i = 0; i < fade->run_count; i++) {
		const struct run *run = &fade->runs[i];

		if (run->flat)
			continue;
		memcpy(fade->kept + count, from_at(fade, run->x, run->y),
		       run->len * sizeof(*fade->kept));
		count += run->len;
	}
	return true;
}

struct fade *fade_new(const uint32_t *from, size_t pitch, const struct canvas *to,
		      struct err *err)
{
	struct fade *fade = calloc(1, sizeof(*fade));
	size_t columns, rows;

	if (!fade)
		goto fail;
	fade->from = from;
	fade->from_stride = pitch / sizeof(*from);
	fade->to = to;
	/* Runs are separated by a tile that is the same: at most half of the tiles. */
	columns = ((size_t)to->width + TILE_WIDTH - 1) / TILE_WIDTH;
	rows = ((size_t)to->height + TILE_HEIGHT - 1) / TILE_HEIGHT;
	fade->rects = calloc((columns + 1) / 2 * rows + 1, sizeof(*fade->rects));
	if (!fade->rects)
		goto fail;
	find_differences(fade);
	if (!find_runs(fade) || !keep_from(fade))
		goto fail;
	fade->from = NULL;
	return fade;

fail:
	err_set(err, ERR_NO_MEMORY, "fade: out of memory");
	return fade_free(fade);
}

struct fade *fade_free(struct fade *fade)
{
	if (!fade)
		return NULL;
	free(fade->rects);
	free(fade->runs);
	free(fade->kept);
	free(fade);
	return NULL;
}

const struct fade_rect *fade_rects(const struct fade *fade, size_t *out_count)
{
	*out_count = fade->rect_count;
	return fade->rects;
}

/*
 * Byte by byte in 16 bits, so that a compiler can use lanes of that width. The product may
 * wrap, as the difference may be negative; the sum, 255 * 256 + 128 at most, is right again.
 * The unused fourth byte is 0 on both sides and stays so.
 */
static inline void mix(uint8_t *restrict out, const uint8_t *restrict from,
		       const uint8_t *restrict to, size_t len, uint32_t opacity)
{
	for (size_t i = 0; i < len; i++) {
		uint16_t difference = (uint16_t)(to[i] - from[i]);
		uint16_t sum = (uint16_t)(from[i] * 256u + difference * opacity + 128u);

		out[i] = (uint8_t)(sum >> 8);
	}
}

/* For every kind of processor the same code, compiled for each. */
__attribute__((always_inline)) static inline void blend(const struct fade *fade,
							uint32_t opacity, uint8_t *out,
							size_t pitch)
{
	const uint32_t *from = fade->kept;

	for (size_t i = 0; i < fade->run_count; i++) {
		const struct run *run = &fade->runs[i];
		uint32_t *pixels = (uint32_t *)(void *)(out + run->y * pitch) + run->x;

		if (!run->flat) {
			mix((uint8_t *)pixels, (const uint8_t *)from,
			    (const uint8_t *)to_at(fade, run->x, run->y),
			    run->len * sizeof(uint32_t), opacity);
			from += run->len;
			continue;
		}
		uint32_t mixed;

		mix((uint8_t *)&mixed, (const uint8_t *)&run->from,
		    (const uint8_t *)&run->to, sizeof(mixed), opacity);
		for (uint32_t j = 0; j < run->len; j++)
			pixels[j] = mixed;
	}
}

static void blend_anywhere(const struct fade *fade, uint32_t opacity, uint8_t *out,
			   size_t pitch)
{
	blend(fade, opacity, out, pitch);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void blend_avx2(const struct fade *fade,
						       uint32_t opacity, uint8_t *out,
						       size_t pitch)
{
	blend(fade, opacity, out, pitch);
}
#endif

void fade_blend(const struct fade *fade, int opacity, uint32_t *pixels, size_t pitch)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx2")) {
		blend_avx2(fade, (uint32_t)opacity, (uint8_t *)pixels, pitch);
		return;
	}
#endif
	blend_anywhere(fade, (uint32_t)opacity, (uint8_t *)pixels, pitch);
}
