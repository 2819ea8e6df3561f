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
 * paper. A block is as wide as the widest register, and what it was and will be lie side
 * by side, so that mixing runs through memory from front to end without a branch.
 */
#define BLOCK 8

/* What a fade of two slides of text takes at 1080p is half of this. */
#define KEPT_MAX ((size_t)6 << 20)

struct block {
	uint16_t x, y; /* pixels; CANVAS_SIDE_MAX fits */
};

/*
 * Where one colour becomes another, as panels and bands do, the mix is worked out once and
 * only written: neighbouring blocks of one row and one pair of colours.
 */
struct run {
	uint16_t x, y, len; /* pixels */
	uint32_t from, to;
};

struct fade {
	const uint32_t *from; /* while it is being made */
	size_t from_stride;   /* pixels */
	const struct canvas *to;
	struct fade_rect *rects;
	size_t rect_count, rect_room;
	struct block *blocks;
	uint32_t (*pairs)[2][BLOCK]; /* of each block what it was, and what it will be */
	size_t block_count, block_room;
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

static bool add_block(struct fade *fade, int x, int y)
{
	size_t i = fade->block_count;

	if (i == fade->block_room) {
		size_t room = fade->block_room * 2 + 1024;
		struct block *blocks = realloc(fade->blocks, room * sizeof(*blocks));
		uint32_t(*pairs)[2][BLOCK] = NULL;

		if (blocks) {
			fade->blocks = blocks;
			pairs = realloc(fade->pairs, room * sizeof(*pairs));
		}
		if (!pairs)
			return false;
		fade->pairs = pairs;
		fade->block_room = room;
	}
	fade->blocks[i] = (struct block){(uint16_t)x, (uint16_t)y};
	memcpy(fade->pairs[i][0], from_at(fade, x, y), sizeof(fade->pairs[i][0]));
	memcpy(fade->pairs[i][1], to_at(fade, x, y), sizeof(fade->pairs[i][1]));
	fade->block_count++;
	return true;
}

/* Adds pixels of one colour; those that continue the last run just lengthen it. */
static bool add_flat(struct fade *fade, int x, int y, int len)
{
	struct run *last = fade->run_count > 0 ? &fade->runs[fade->run_count - 1] : NULL;
	struct run run = {
		.x = (uint16_t)x,
		.y = (uint16_t)y,
		.len = (uint16_t)len,
		.from = *from_at(fade, x, y),
		.to = *to_at(fade, x, y),
	};

	if (last && last->y == y && last->x + last->len == x && last->from == run.from &&
	    last->to == run.to) {
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
	fade->runs[fade->run_count++] = run;
	return true;
}

/* What differs in row @y from @x to before @end. */
static bool look_at_row(struct fade *fade, int x, int y, int end)
{
	for (; x + BLOCK <= end; x += BLOCK) {
		const uint32_t *from = from_at(fade, x, y), *to = to_at(fade, x, y);
		bool flat;

		if (differences(from, to, BLOCK) == 0)
			continue;
		flat = is_flat(from, BLOCK) && is_flat(to, BLOCK);
		if (!(flat ? add_flat(fade, x, y, BLOCK) : add_block(fade, x, y)))
			return false;
	}
	/* What is left of a width that is no multiple, pixel by pixel. */
	for (; x < end; x++)
		if (*from_at(fade, x, y) != *to_at(fade, x, y) &&
		    !add_flat(fade, x, y, 1))
			return false;
	return true;
}

static bool look_closer(struct fade *fade)
{
	for (size_t i = 0; i < fade->rect_count; i++) {
		const struct fade_rect *rect = &fade->rects[i];

		for (int y = rect->y; y < rect->y + rect->height; y++)
			if (!look_at_row(fade, rect->x, y, rect->x + rect->width))
				return false;
	}
	return true;
}

/* Runs of tiles are separated by a tile that is the same: at most half of the tiles. */
static bool make_room_for_rects(struct fade *fade)
{
	size_t columns = ((size_t)fade->to->width + TILE_WIDTH - 1) / TILE_WIDTH;
	size_t rows = ((size_t)fade->to->height + TILE_HEIGHT - 1) / TILE_HEIGHT;
	size_t room = (columns + 1) / 2 * rows + 1;

	if (room <= fade->rect_room)
		return true;
	free(fade->rects);
	fade->rects = calloc(room, sizeof(*fade->rects));
	fade->rect_room = fade->rects ? room : 0;
	return fade->rects != NULL;
}

struct fade *fade_renew(struct fade *over, const uint32_t *from, size_t pitch,
			const struct canvas *to, struct err *err)
{
	struct fade *fade = over ? over : calloc(1, sizeof(*fade));

	if (!fade)
		goto fail;
	fade->from = from;
	fade->from_stride = pitch / sizeof(*from);
	fade->to = to;
	fade->rect_count = 0;
	fade->block_count = 0;
	fade->run_count = 0;
	if (!make_room_for_rects(fade))
		goto fail;
	find_differences(fade);
	if (!look_closer(fade))
		goto fail;
	fade->from = NULL;
	return fade;

fail:
	err_set(err, ERR_NO_MEMORY, "fade: out of memory");
	return fade_free(fade);
}

struct fade *fade_new(const uint32_t *from, size_t pitch, const struct canvas *to,
		      struct err *err)
{
	return fade_renew(NULL, from, pitch, to, err);
}

struct fade *fade_rest(struct fade *fade)
{
	if (fade && fade->block_room * sizeof(*fade->pairs) > KEPT_MAX)
		return fade_free(fade);
	return fade;
}

struct fade *fade_free(struct fade *fade)
{
	if (!fade)
		return NULL;
	free(fade->rects);
	free(fade->blocks);
	free(fade->pairs);
	free(fade->runs);
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

static uint32_t mix_pixel(uint32_t from, uint32_t to, uint32_t opacity)
{
	uint32_t mixed;

	mix((uint8_t *)&mixed, (const uint8_t *)&from, (const uint8_t *)&to,
	    sizeof(mixed), opacity);
	return mixed;
}

/* For every kind of processor the same code, compiled for each. */
__attribute__((always_inline)) static inline void blend(const struct fade *fade,
							uint32_t opacity, uint8_t *out,
							size_t pitch)
{
	for (size_t i = 0; i < fade->block_count; i++) {
		const struct block *block = &fade->blocks[i];
		uint8_t *at = out + block->y * pitch + block->x * sizeof(uint32_t);

		mix(at, (const uint8_t *)fade->pairs[i][0],
		    (const uint8_t *)fade->pairs[i][1], sizeof(fade->pairs[i][0]),
		    opacity);
	}
	for (size_t i = 0; i < fade->run_count; i++) {
		const struct run *run = &fade->runs[i];
		uint32_t *at = (uint32_t *)(void *)(out + run->y * pitch) + run->x;
		uint32_t mixed = mix_pixel(run->from, run->to, opacity);

		for (uint32_t j = 0; j < run->len; j++)
			at[j] = mixed;
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
