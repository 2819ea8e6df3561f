#include "display/fade.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
/* FADE_PLAIN: as on any other processor, which a test holds to the same on this one. */
#if defined(__x86_64__) && !defined(FADE_PLAIN)
#define FADE_AVX2
#include <emmintrin.h>
#endif

#include "core/err.h"
#include "render/canvas.h"
#include "render/tiles.h"

/*
 * Within the tiles, only the blocks that differ are touched: most of a line of text is
 * paper. A block is a line of the processor's caches, so that such lines of the frame are
 * written whole or not at all.
 */
#define LINE  64 /* bytes */
#define BLOCK 16 /* pixels */

#define TILES_ACROSS ((CANVAS_SIDE_MAX + TILE_WIDTH - 1) / TILE_WIDTH)

/* Rows of tiles that are asked of memory before they are compared. */
#define FETCHED 8

/* Some times the colours that slides have areas of. */
#define FLATS_BITS 6
#define FLATS      (1 << FLATS_BITS)

/* What a fade of two slides of text fills at 1080p is less than half of this. */
#define KEPT_MAX ((size_t)6 << 20)

struct block {
	uint32_t pixels[BLOCK];
};

_Static_assert(sizeof(struct block) == LINE, "a block is a line");

/*
 * Blocks of a row side by side of which each was and will be the same, as in panels and
 * bands: they are mixed once.
 */
struct strip {
	uint16_t x;        /* pixels; CANVAS_SIDE_MAX fits */
	uint16_t len;      /* blocks; 0: one that the frame's right edge cuts off */
	uint32_t from, to; /* which of the blocks that are kept */
};

/*
 * Between two frames all of this leaves the processor's caches, so that its size is what a
 * frame costs, next to that of the places written. Strips and blocks lie in the order of the
 * frame's pixels, and mixing runs through all three from front to end.
 */
struct fade {
	const uint32_t *from;      /* while it is being made */
	size_t from_stride;        /* pixels */
	const struct tiles *known; /* of it */
	const struct canvas *to;
	int width, height;
	struct fade_rect *rects;
	size_t rect_count, rect_room;
	struct strip *strips;
	size_t strip_count, strip_room;
	size_t *row_ends; /* of each row the strip after its last */
	size_t row_room;
	struct block *blocks;
	size_t block_count, block_room;
	uint32_t flats
		[FLATS]; /* by colour: a block of it, unless another took the place */
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

/* Adds the tiles of the row at @y that are marked. */
static void add_tiles(struct fade *fade, const bool *marked, int y)
{
	struct fade_rect run = {.y = y, .height = min_int(TILE_HEIGHT, fade->height - y)};

	for (int x = 0; x < fade->width; x += TILE_WIDTH) {
		if (marked[x / TILE_WIDTH]) {
			if (run.width == 0)
				run.x = x;
			run.width = min_int(x + TILE_WIDTH, fade->width) - run.x;
			continue;
		}
		if (run.width > 0)
			add_run(fade, &run);
		run.width = 0;
	}
	if (run.width > 0)
		add_run(fade, &run);
}

static bool blocks_differ(const uint32_t *from, const uint32_t *to)
{
	uint32_t all = 0;

	for (size_t i = 0; i < BLOCK; i++)
		all |= from[i] ^ to[i];
	return all != 0;
}

static bool is_flat(const uint32_t *pixels)
{
	uint32_t others = 0;

	for (size_t i = 0; i < BLOCK; i++)
		others |= pixels[i] ^ pixels[0];
	return others == 0;
}

/*
 * Keeps a block. Those of one colour are kept once for the whole frame: most of what text
 * fades from and to is paper, and only the text is then read anew for each frame.
 */
static uint32_t keep(struct fade *fade, const uint32_t *pixels)
{
	if (is_flat(pixels)) {
		/* Fibonacci hashing; a colour that finds its place taken takes it over. */
		uint32_t *known =
			&fade->flats[pixels[0] * 2654435769u >> (32 - FLATS_BITS)];

		if (fade->blocks[*known].pixels[0] == pixels[0])
			return *known;
		*known = (uint32_t)fade->block_count;
	}
	memcpy(&fade->blocks[fade->block_count], pixels, sizeof(*fade->blocks));
	return (uint32_t)fade->block_count++;
}

/* Adds the block at @x of row @y; one like that on its left just lengthens the strip. */
static void add_block(struct fade *fade, int x, int y, const uint32_t *from,
		      const uint32_t *to)
{
	size_t first = y > 0 ? fade->row_ends[y - 1] : 0;
	struct strip strip = {
		.x = (uint16_t)x,
		.len = x + BLOCK <= fade->width,
		.from = keep(fade, from),
		.to = keep(fade, to),
	};

	if (fade->strip_count > first && strip.len == 1) {
		struct strip *last = &fade->strips[fade->strip_count - 1];

		if (last->from == strip.from && last->to == strip.to &&
		    last->x + last->len * BLOCK == x) {
			last->len++;
			return;
		}
	}
	fade->strips[fade->strip_count++] = strip;
}

/* What differs in row @y from @x to before @end. */
static void look_at_row(struct fade *fade, int x, int y, int end)
{
	const uint32_t *from = from_at(fade, x, y), *to = to_at(fade, x, y);

	for (; x + BLOCK <= end; x += BLOCK, from += BLOCK, to += BLOCK)
		if (blocks_differ(from, to))
			add_block(fade, x, y, from, to);
	if (x < end) {
		struct block was = {{0}}, will_be = {{0}};
		size_t size = (size_t)(end - x) * sizeof(*from);

		memcpy(was.pixels, from, size);
		memcpy(will_be.pixels, to, size);
		if (blocks_differ(was.pixels, will_be.pixels))
			add_block(fade, x, y, was.pixels, will_be.pixels);
	}
}

/* For whatever a row can add. */
static bool make_room_for_row(struct fade *fade)
{
	size_t most = (size_t)fade->width / BLOCK + 1;

	if (fade->strip_room - fade->strip_count < most) {
		size_t room = fade->strip_room * 2 + most * TILE_HEIGHT;
		struct strip *strips = realloc(fade->strips, room * sizeof(*strips));

		if (!strips)
			return false;
		fade->strips = strips;
		fade->strip_room = room;
	}
	if (fade->block_room - fade->block_count < most * 2) {
		size_t room = fade->block_room * 2 + most * TILE_HEIGHT;
		struct block *blocks = realloc(fade->blocks, room * sizeof(*blocks));

		if (!blocks)
			return false;
		fade->blocks = blocks;
		fade->block_room = room;
	}
	return true;
}

/* Whether both pictures are known to have the same one colour there. */
static bool is_same(const struct fade *fade, int column, int row)
{
	uint32_t colour = tiles_at(fade->known, column, row);

	return colour != TILE_MIXED && colour == tiles_at(&fade->to->tiles, column, row);
}

/* Tiles of a row that have to be compared, and how far that has come. */
struct comparison {
	int columns[TILES_ACROSS];
	int count;
	int ahead, ahead_y; /* what is asked for: the tile's place, the row of pixels */
};

/*
 * Asks memory for what is compared a little later: neither picture is in the caches, and the
 * processor looks ahead by itself only to the end of a page, which is half a row.
 */
static void fetch_ahead(const struct fade *fade, struct comparison *comparison)
{
	int x = comparison->columns[comparison->ahead] * TILE_WIDTH;
	/* At the end beyond the pictures, which does no harm. */
	uintptr_t y = (uintptr_t)comparison->ahead_y * sizeof(*fade->from);
	uintptr_t from = (uintptr_t)from_at(fade, x, 0) + y * fade->from_stride;
	uintptr_t to = (uintptr_t)to_at(fade, x, 0) + y * (uintptr_t)fade->width;

	for (uintptr_t at = 0; at < TILE_WIDTH * sizeof(*fade->from); at += LINE) {
		__builtin_prefetch((const void *)(from + at));
		__builtin_prefetch((const void *)(to + at));
	}
	if (++comparison->ahead == comparison->count) {
		comparison->ahead = 0;
		comparison->ahead_y++;
	}
}

static void compare_row(struct fade *fade, struct comparison *comparison, bool *marked,
			int y)
{
	for (int i = 0; i < comparison->count; i++) {
		int column = comparison->columns[i];
		int x = column * TILE_WIDTH;
		int end = min_int(x + TILE_WIDTH, fade->width);

		fetch_ahead(fade, comparison);
		if (memcmp(from_at(fade, x, y), to_at(fade, x, y),
			   (size_t)(end - x) * sizeof(uint32_t)) == 0)
			continue;
		marked[column] = true;
		look_at_row(fade, x, y, end);
	}
}

/* Compares the tiles of @row. */
static bool compare_tiles(struct fade *fade, int row)
{
	struct comparison comparison = {.ahead_y = row * TILE_HEIGHT};
	bool marked[TILES_ACROSS] = {false};
	int top = row * TILE_HEIGHT, bottom = min_int(top + TILE_HEIGHT, fade->height);

	for (int column = 0; column < fade->known->columns; column++)
		if (!is_same(fade, column, row))
			comparison.columns[comparison.count++] = column;
	for (int i = 0; i < min_int(comparison.count, FETCHED); i++)
		fetch_ahead(fade, &comparison);
	for (int y = top; y < bottom; y++) {
		if (!make_room_for_row(fade))
			return false;
		compare_row(fade, &comparison, marked, y);
		fade->row_ends[y] = fade->strip_count;
	}
	add_tiles(fade, marked, top);
	return true;
}

static bool find_differences(struct fade *fade)
{
	for (int row = 0; row < fade->known->rows; row++)
		if (!compare_tiles(fade, row))
			return false;
	return true;
}

/* Runs of tiles are separated by a tile that is the same: at most half of the tiles. */
static bool make_room_for_rects(struct fade *fade)
{
	size_t columns = ((size_t)fade->width + TILE_WIDTH - 1) / TILE_WIDTH;
	size_t rows = ((size_t)fade->height + TILE_HEIGHT - 1) / TILE_HEIGHT;
	size_t room = (columns + 1) / 2 * rows + 1;

	if (room <= fade->rect_room)
		return true;
	free(fade->rects);
	fade->rects = calloc(room, sizeof(*fade->rects));
	fade->rect_room = fade->rects ? room : 0;
	return fade->rects != NULL;
}

static bool make_room_for_rows(struct fade *fade)
{
	size_t room = (size_t)fade->height;

	if (room <= fade->row_room)
		return true;
	free(fade->row_ends);
	fade->row_ends = calloc(room, sizeof(*fade->row_ends));
	fade->row_room = fade->row_ends ? room : 0;
	return fade->row_ends != NULL;
}

/* Black is the first block, and what a place of the table leads to before it is taken. */
static bool begin_blocks(struct fade *fade)
{
	memset(fade->flats, 0, sizeof(fade->flats));
	fade->block_count = 0;
	fade->strip_count = 0;
	if (!make_room_for_row(fade))
		return false;
	fade->blocks[fade->block_count++] = (struct block){{0}};
	return true;
}

struct fade *fade_renew(struct fade *over, const struct fade_from *from,
			const struct canvas *to, struct err *err)
{
	struct fade *fade = over ? over : calloc(1, sizeof(*fade));

	if (!fade)
		goto fail;
	fade->from = from->pixels;
	fade->from_stride = from->pitch / sizeof(*from->pixels);
	fade->known = from->tiles;
	fade->to = to;
	fade->width = to->width;
	fade->height = to->height;
	fade->rect_count = 0;
	if (!make_room_for_rects(fade) || !make_room_for_rows(fade) ||
	    !begin_blocks(fade) || !find_differences(fade))
		goto fail;
	fade->from = NULL;
	fade->known = NULL;
	return fade;

fail:
	err_set(err, ERR_NO_MEMORY, "fade: out of memory");
	return fade_free(fade);
}

struct fade *fade_new(const struct fade_from *from, const struct canvas *to,
		      struct err *err)
{
	return fade_renew(NULL, from, to, err);
}

struct fade *fade_rest(struct fade *fade)
{
	size_t kept = fade ? fade->block_room * sizeof(*fade->blocks) +
				      fade->strip_room * sizeof(*fade->strips)
			   : 0;

	return kept > KEPT_MAX ? fade_free(fade) : fade;
}

struct fade *fade_free(struct fade *fade)
{
	if (!fade)
		return NULL;
	free(fade->rects);
	free(fade->blocks);
	free(fade->strips);
	free(fade->row_ends);
	free(fade);
	return NULL;
}

const struct fade_rect *fade_rects(const struct fade *fade, size_t *out_count)
{
	*out_count = fade->rect_count;
	return fade->rects;
}

/* Half a pixel: two of its bytes. */
typedef uint16_t lane __attribute__((may_alias));

/*
 * Even and odd bytes apart, each in the 16 bits that the sum, 255 * 256 + 128 at most, needs,
 * so that a compiler can use lanes of that width. The unused fourth byte is 0 on both sides
 * and stays so.
 */
static inline void mix(lane *restrict out, const lane *restrict from,
		       const lane *restrict to, int opacity)
{
	const uint16_t after = (uint16_t)opacity;
	const uint16_t before = (uint16_t)(FADE_FULL - opacity);

	for (size_t i = 0; i < sizeof(struct block) / sizeof(*out); i++) {
		uint16_t even = (uint16_t)((from[i] & 0xff) * before +
					   (to[i] & 0xff) * after + FADE_FULL / 2);
		uint16_t odd = (uint16_t)((from[i] >> 8) * before + (to[i] >> 8) * after +
					  FADE_FULL / 2);

		out[i] = (uint16_t)(even >> 8 | (odd & 0xff00));
	}
}

/*
 * Past the caches, if @around: a line that is written whole then is not fetched before, and
 * nobody reads it here.
 */
__attribute__((always_inline)) static inline void put(struct block *at,
						      const struct block *mixed,
						      bool around)
{
#ifdef FADE_AVX2
	if (around) {
		const __m128i *from = (const __m128i *)mixed;
		__m128i *to = (__m128i *)at;

		for (size_t i = 0; i < LINE / sizeof(*to); i++)
			_mm_stream_si128(to + i, _mm_loadu_si128(from + i));
		return;
	}
#else
	(void)around;
#endif
	*at = *mixed;
}

/* Into @row of the frame; what the right edge leaves of a block has @cut_size bytes. */
__attribute__((always_inline)) static inline void blend_strip(const struct strip *strip,
							      const struct block *blocks,
							      int opacity, uint32_t *row,
							      size_t cut_size,
							      bool around)
{
	struct block *at = (struct block *)(void *)&row[strip->x];
	struct block mixed;

	mix((lane *)mixed.pixels, (const lane *)blocks[strip->from].pixels,
	    (const lane *)blocks[strip->to].pixels, opacity);
	if (strip->len == 0)
		memcpy(at, &mixed, cut_size);
	for (unsigned i = 0; i < strip->len; i++)
		put(at + i, &mixed, around);
}

/* For every kind of processor the same code, compiled for each. */
__attribute__((always_inline)) static inline void blend(const struct fade *fade,
							int opacity, uint8_t *out,
							size_t pitch, bool around)
{
	const struct block *blocks = fade->blocks;
	const struct strip *strip = fade->strips;
	size_t cut_size = (size_t)(fade->width % BLOCK) * sizeof(uint32_t);

	for (int y = 0; y < fade->height; y++) {
		const struct strip *end = fade->strips + fade->row_ends[y];

		for (; strip < end; strip++)
			blend_strip(strip, blocks, opacity, (void *)out, cut_size,
				    around);
		out += pitch;
	}
}

static void blend_anywhere(const struct fade *fade, int opacity, uint8_t *out,
			   size_t pitch)
{
	blend(fade, opacity, out, pitch, false);
}

#ifdef FADE_AVX2
__attribute__((target("avx2"))) static void blend_avx2(const struct fade *fade,
						       int opacity, uint8_t *out,
						       size_t pitch)
{
	/* Parts of lines are dearer past the caches than through them. */
	if ((uintptr_t)out % LINE != 0 || pitch % LINE != 0) {
		blend(fade, opacity, out, pitch, false);
		return;
	}
	blend(fade, opacity, out, pitch, true);
	_mm_sfence(); /* before anyone is told that the frame is there */
}
#endif

void fade_blend(const struct fade *fade, int opacity, uint32_t *pixels, size_t pitch)
{
#ifdef FADE_AVX2
	if (__builtin_cpu_supports("avx2")) {
		blend_avx2(fade, opacity, (uint8_t *)pixels, pitch);
		return;
	}
#endif
	blend_anywhere(fade, opacity, (uint8_t *)pixels, pitch);
}
