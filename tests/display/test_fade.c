#include "display/fade.h"

#include "render/canvas.h"
#include "support/test.h"

/* No multiple of the tile's sides. */
#define WIDTH  203
#define HEIGHT 77

static struct canvas *filled(uint32_t rgb)
{
	struct err err = {0};
	struct canvas *canvas = canvas_new(WIDTH, HEIGHT, (struct colour){rgb}, &err);

	assert_ok(canvas != NULL, err);
	return canvas;
}

/* After its pixels were written without a word. */
static void touch_all(struct canvas *canvas)
{
	canvas_touch(canvas, (int[4]){0, 0, canvas->width, canvas->height});
}

/* Pseudo-random pixels, the same on every run. */
static struct canvas *noise(uint32_t seed)
{
	struct canvas *canvas = filled(0);

	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		seed = seed * 1664525u + 1013904223u;
		canvas->pixels[i] = seed >> 8;
	}
	touch_all(canvas);
	return canvas;
}

static struct fade *fade_of(const struct canvas *from, const struct canvas *to)
{
	struct err err = {0};
	struct fade *fade = fade_new(
		&(struct fade_from){from->pixels, WIDTH * sizeof(uint32_t), &from->tiles},
		to, &err);

	assert_ok(fade != NULL, err);
	return fade;
}

static void both_ends_are_exact(void **state)
{
	struct canvas *from = noise(1), *to = noise(2), *out = filled(0x123456);
	struct fade *fade = fade_of(from, to);
	size_t size = WIDTH * HEIGHT * sizeof(uint32_t);

	(void)state;
	fade_blend(fade, 0, out->pixels, WIDTH * 4);
	assert_memory_equal(out->pixels, from->pixels, size);
	fade_blend(fade, FADE_FULL, out->pixels, WIDTH * 4);
	assert_memory_equal(out->pixels, to->pixels, size);
	fade_free(fade);
	canvas_free(out);
	canvas_free(to);
	canvas_free(from);
}

static void every_channel_moves_one_way(void **state)
{
	struct canvas *from = noise(3), *to = noise(4), *out = filled(0);
	struct canvas *before = noise(3);
	struct fade *fade = fade_of(from, to);

	(void)state;
	for (int opacity = 1; opacity <= FADE_FULL; opacity++) {
		fade_blend(fade, opacity, out->pixels, WIDTH * 4);
		for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
			for (int shift = 0; shift < 24; shift += 8) {
				int a = (int)(before->pixels[i] >> shift & 0xff);
				int b = (int)(out->pixels[i] >> shift & 0xff);
				int goal = (int)(to->pixels[i] >> shift & 0xff);

				if (goal >= a ? b < a || b > goal : b > a || b < goal)
					fail_msg("pixel %zu goes from %d to %d on its "
						 "way to %d",
						 i, a, b, goal);
			}
		}
		memcpy(before->pixels, out->pixels, WIDTH * HEIGHT * sizeof(uint32_t));
	}
	fade_free(fade);
	canvas_free(before);
	canvas_free(out);
	canvas_free(to);
	canvas_free(from);
}

static void half_way_is_the_middle(void **state)
{
	struct canvas *from = filled(0x000000), *to = filled(0xff8040);
	struct canvas *out = filled(0);
	struct fade *fade = fade_of(from, to);

	(void)state;
	fade_blend(fade, FADE_FULL / 2, out->pixels, WIDTH * 4);
	assert_int_equal(out->pixels[0], 0x804020);
	fade_free(fade);
	canvas_free(out);
	canvas_free(to);
	canvas_free(from);
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void paint(struct canvas *canvas, uint32_t *random)
{
	int x = (int)(next_random(random) % (uint32_t)canvas->width);
	int y = (int)(next_random(random) % (uint32_t)canvas->height);
	int right = x + 1 + (int)(next_random(random) % (uint32_t)(canvas->width - x));
	int bottom = y + 1 + (int)(next_random(random) % (uint32_t)(canvas->height - y));
	uint32_t colour = next_random(random) % 3 * 0x3264c8; /* black, or one of two */
	bool is_picture = next_random(random) % 3 == 0;
	const int rect[4] = {x, y, right - x, bottom - y};

	if (!is_picture) {
		canvas_fill(canvas, rect, (struct colour){colour});
		return;
	}
	canvas_touch(canvas, rect);
	for (int row = y; row < bottom; row++)
		for (int i = x; i < right; i++)
			canvas->pixels[row * canvas->width + i] = next_random(random);
}

static uint32_t mixed(uint32_t from, uint32_t to, int opacity)
{
	uint32_t sum = 0;

	for (int shift = 0; shift < 24; shift += 8) {
		uint32_t a = from >> shift & 0xff, b = to >> shift & 0xff;
		uint32_t after = (uint32_t)opacity, before = (uint32_t)FADE_FULL - after;

		sum |= (a * before + b * after + FADE_FULL / 2) / FADE_FULL << shift;
	}
	return sum;
}

/* Whether every pixel of a fade, written over a window with rows of @stride, is right. */
static void check_fade_on(const struct canvas *from, const struct canvas *to, int opacity,
			  size_t stride)
{
	const uint32_t beside = 0xdeadbeef;
	size_t size = stride * (size_t)from->height * sizeof(uint32_t);
	uint32_t *window = aligned_alloc(64, (size + 63) / 64 * 64);
	struct err err = {0};
	struct fade *fade;

	assert_non_null(window);
	for (int y = 0; y < from->height; y++)
		for (size_t x = 0; x < stride; x++)
			window[(size_t)y * stride + x] =
				x < (size_t)from->width
					? from->pixels[(size_t)(y * from->width) + x]
					: beside;
	fade = fade_new(
		&(struct fade_from){window, stride * sizeof(*window), &from->tiles}, to,
		&err);
	assert_ok(fade != NULL, err);
	fade_blend(fade, opacity, window, stride * sizeof(*window));
	for (int y = 0; y < from->height; y++) {
		for (int x = 0; x < (int)stride; x++) {
			size_t i = (size_t)(y * from->width + x);
			uint32_t is = window[(size_t)y * stride + (size_t)x];
			uint32_t expected =
				x < from->width
					? mixed(from->pixels[i], to->pixels[i], opacity)
					: beside;

			if (is != expected)
				fail_msg("%dx%d/%zu at %d: pixel %d, %d is %06x, not "
					 "%06x",
					 from->width, from->height, stride, opacity, x, y,
					 is, expected);
		}
	}
	fade_free(fade);
	free(window);
}

/* Rows that begin anywhere, and such that begin with a line of the caches. */
static void check_fade(const struct canvas *from, const struct canvas *to, int opacity)
{
	check_fade_on(from, to, opacity, (size_t)from->width + 3);
	check_fade_on(from, to, opacity, ((size_t)from->width / 16 + 1) * 16);
}

/* Areas of one colour and pictures, on either side and cut off by the edge or not. */
static void every_pixel_of_any_pictures_follows_one_formula(void **state)
{
	uint32_t random = 2026;

	(void)state;
	for (int i = 0; i < 300; i++) {
		int width = 1 + (int)(next_random(&random) % 250);
		int height = 1 + (int)(next_random(&random) % 40);
		int opacity = (int)(next_random(&random) % (FADE_FULL + 1));
		struct err err = {0};
		struct canvas *from =
			canvas_new(width, height, (struct colour){0xfbfaf7}, &err);
		struct canvas *to =
			canvas_new(width, height, (struct colour){0xfbfaf7}, &err);

		assert_ok(from && to, err);
		for (uint32_t n = next_random(&random) % 12; n > 0; n--)
			paint(n % 2 ? from : to, &random);
		assert_true(canvas_tiles_hold(from) && canvas_tiles_hold(to));
		check_fade(from, to, opacity);
		canvas_free(to);
		canvas_free(from);
	}
}

/* More colours, each an area of its own, than a fade can tell apart by its table. */
static void areas_of_many_colours_keep_their_own(void **state)
{
	struct canvas *from = filled(0), *to = filled(0xffffff);

	(void)state;
	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		uint32_t area = (uint32_t)(i / WIDTH / 4 * 26 + i % WIDTH / 8);

		from->pixels[i] = area * 0x10305 & 0xffffff;
		if (i / WIDTH % 2)
			to->pixels[i] = area * 0x70b0d & 0xffffff;
	}
	touch_all(from);
	touch_all(to);
	check_fade(from, to, 100);
	check_fade(from, to, FADE_FULL);
	canvas_free(to);
	canvas_free(from);
}

/* Stairs, where one row ends and the next begins with the same, and stripes below them. */
static void like_areas_that_are_apart_stay_apart(void **state)
{
	struct canvas *from = filled(0xfbfaf7), *to = filled(0xfbfaf7);

	(void)state;
	for (int y = 0; y < HEIGHT; y++)
		for (int x = 0; x < WIDTH; x++)
			if (y < 40 ? x / 8 == y % (WIDTH / 8) : x / 8 % 2 == 0)
				to->pixels[y * WIDTH + x] = 0x3264c8;
	touch_all(to);
	check_fade(from, to, 100);
	check_fade(to, from, FADE_FULL);
	canvas_free(to);
	canvas_free(from);
}

/* Text comes to paper, and leaves it: only one side of each block is a picture. */
static void paper_and_picture_fade_into_each_other(void **state)
{
	struct canvas *paper = filled(0xfbfaf7), *picture = noise(12);

	(void)state;
	for (int opacity = 0; opacity <= FADE_FULL; opacity += 32) {
		check_fade(paper, picture, opacity);
		check_fade(picture, paper, opacity);
	}
	canvas_free(picture);
	canvas_free(paper);
}

/* What is known to be the same paper on both sides is not even looked at. */
static void tiles_known_to_be_the_same_are_passed_over(void **state)
{
	struct canvas *from = filled(0xfbfaf7), *to = filled(0xfbfaf7);
	struct fade *fade;
	size_t count;

	(void)state;
	canvas_fill(to, (int[4]){0, 0, 1, 1}, (struct colour){0});
	/* Behind the tile's back, which nothing of ours does. */
	to->pixels[TILE_WIDTH] = 0;
	fade = fade_of(from, to);
	const struct fade_rect *rects = fade_rects(fade, &count);
	assert_int_equal(count, 1);
	assert_int_equal(rects[0].x + rects[0].width, TILE_WIDTH);
	fade_free(fade);
	canvas_free(to);
	canvas_free(from);
}

static void equal_slides_need_no_pixel(void **state)
{
	struct canvas *from = noise(5), *to = noise(5);
	struct fade *fade = fade_of(from, to);
	size_t count = 99;

	(void)state;
	(void)fade_rects(fade, &count);
	assert_int_equal(count, 0);
	fade_free(fade);
	canvas_free(to);
	canvas_free(from);
}

static void only_places_that_differ_are_written(void **state)
{
	const uint32_t untouched = 0xdeadbeef;
	struct canvas *from = noise(6), *to = noise(6), *out = filled(0);
	struct fade *fade;
	size_t written = 0, count;

	(void)state;
	/* The last pixel of all, in a tile that is cut off on both sides, and one amid. */
	to->pixels[WIDTH * HEIGHT - 1] ^= 1;
	to->pixels[WIDTH * 20 + 70] ^= 0xff0000;
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		out->pixels[i] = untouched;
	fade = fade_of(from, to);
	(void)fade_rects(fade, &count);
	assert_int_equal(count, 2);
	fade_blend(fade, FADE_FULL, out->pixels, WIDTH * 4);
	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		if (from->pixels[i] != to->pixels[i])
			assert_int_equal(out->pixels[i], to->pixels[i]);
		written += out->pixels[i] != untouched;
	}
	/* A block of 16 in a row, and the 11 pixels that the edge leaves of the last one. */
	assert_int_equal(written, 16 + WIDTH % 16);
	fade_free(fade);
	canvas_free(out);
	canvas_free(to);
	canvas_free(from);
}

static void rectangles_are_disjoint_and_cover_all(void **state)
{
	struct canvas *from = noise(7), *to = noise(7);
	static unsigned char covered[WIDTH * HEIGHT];
	const struct fade_rect *rects;
	struct fade *fade;
	size_t count;

	(void)state;
	for (size_t i = 0; i < WIDTH * HEIGHT; i += 1009)
		to->pixels[i] ^= 0x10101;
	fade = fade_of(from, to);
	rects = fade_rects(fade, &count);
	memset(covered, 0, sizeof(covered));
	for (size_t i = 0; i < count; i++)
		for (int y = rects[i].y; y < rects[i].y + rects[i].height; y++)
			for (int x = rects[i].x; x < rects[i].x + rects[i].width; x++)
				assert_int_equal(covered[y * WIDTH + x]++, 0);
	for (size_t i = 0; i < WIDTH * HEIGHT; i++)
		if (from->pixels[i] != to->pixels[i])
			assert_int_equal(covered[i], 1);
	fade_free(fade);
	canvas_free(to);
	canvas_free(from);
}

/* One memory for fade after fade, whatever the one before was like. */
static void memory_of_a_fade_that_is_over_serves_the_next(void **state)
{
	struct canvas *from = noise(10), *to = noise(11), *out = filled(0x123456);
	struct fade *fade = fade_of(from, to);
	struct err err = {0};

	(void)state;
	for (uint32_t seed = 20; seed < 24; seed++) {
		struct canvas *next = seed % 2 ? noise(seed) : filled(seed);

		fade_blend(fade, FADE_FULL, out->pixels, WIDTH * 4);
		assert_memory_equal(out->pixels, to->pixels, WIDTH * HEIGHT * 4);
		fade = fade_rest(fade);
		assert_non_null(fade);
		fade = fade_renew(
			fade, &(struct fade_from){out->pixels, WIDTH * 4, &out->tiles},
			next, &err);
		assert_ok(fade != NULL, err);
		canvas_free(to);
		to = next;
	}
	fade_free(fade);
	canvas_free(out);
	canvas_free(to);
	canvas_free(from);
}

/* As on the window's own pixels, over which the frames go. */
static void frames_may_be_written_over_the_old_slide(void **state)
{
	struct canvas *from = noise(8), *apart = noise(8), *to = noise(9);
	struct canvas *out = filled(0);
	struct fade *fade = fade_of(from, to);

	(void)state;
	for (int opacity = 32; opacity <= FADE_FULL; opacity += 32) {
		fade_blend(fade, opacity, from->pixels, WIDTH * 4);
		fade_blend(fade, opacity, out->pixels, WIDTH * 4);
		assert_memory_equal(from->pixels, out->pixels, WIDTH * HEIGHT * 4);
		if (opacity < FADE_FULL)
			assert_memory_not_equal(from->pixels, apart->pixels,
						WIDTH * HEIGHT * 4);
	}
	assert_memory_equal(from->pixels, to->pixels, WIDTH * HEIGHT * 4);
	fade_free(fade);
	canvas_free(out);
	canvas_free(to);
	canvas_free(apart);
	canvas_free(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_are_exact),
		cmocka_unit_test(every_channel_moves_one_way),
		cmocka_unit_test(half_way_is_the_middle),
		cmocka_unit_test(every_pixel_of_any_pictures_follows_one_formula),
		cmocka_unit_test(areas_of_many_colours_keep_their_own),
		cmocka_unit_test(like_areas_that_are_apart_stay_apart),
		cmocka_unit_test(paper_and_picture_fade_into_each_other),
		cmocka_unit_test(tiles_known_to_be_the_same_are_passed_over),
		cmocka_unit_test(equal_slides_need_no_pixel),
		cmocka_unit_test(only_places_that_differ_are_written),
		cmocka_unit_test(rectangles_are_disjoint_and_cover_all),
		cmocka_unit_test(memory_of_a_fade_that_is_over_serves_the_next),
		cmocka_unit_test(frames_may_be_written_over_the_old_slide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
