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

/* Pseudo-random pixels, the same on every run. */
static struct canvas *noise(uint32_t seed)
{
	struct canvas *canvas = filled(0);

	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		seed = seed * 1664525u + 1013904223u;
		canvas->pixels[i] = seed >> 8;
	}
	return canvas;
}

static struct fade *fade_of(const struct canvas *from, const struct canvas *to)
{
	struct err err = {0};
	struct fade *fade = fade_new(from->pixels, WIDTH * sizeof(uint32_t), to, &err);

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

/* Areas of one colour and areas of many, on either side, take different paths. */
static void every_pixel_follows_one_formula(void **state)
{
	struct canvas *from = noise(8), *to = noise(9), *out = noise(8);
	struct fade *fade;
	int opacity = 77;

	(void)state;
	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		if (i % WIDTH < 120 && i / WIDTH > 10)
			from->pixels[i] = 0x3264c8;
		if (i % WIDTH > 50 && i / WIDTH < 60)
			to->pixels[i] = i % WIDTH < 100 ? 0xf0e6dc : 0x0a141e;
	}
	fade = fade_of(from, to);
	fade_blend(fade, opacity, out->pixels, WIDTH * 4);
	for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
		for (int shift = 0; shift < 24; shift += 8) {
			int a = (int)(from->pixels[i] >> shift & 0xff);
			int b = (int)(to->pixels[i] >> shift & 0xff);
			int mixed = (int)(out->pixels[i] >> shift & 0xff);

			assert_int_equal(mixed, (a * (FADE_FULL - opacity) + b * opacity +
						 FADE_FULL / 2) /
							FADE_FULL);
		}
	}
	fade_free(fade);
	canvas_free(out);
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
	/* A block of 8 within a row, and the one pixel in what is left of the last row. */
	assert_int_equal(written, 8 + 1);
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
		fade = fade_renew(fade, out->pixels, WIDTH * 4, next, &err);
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
		cmocka_unit_test(every_pixel_follows_one_formula),
		cmocka_unit_test(equal_slides_need_no_pixel),
		cmocka_unit_test(only_places_that_differ_are_written),
		cmocka_unit_test(rectangles_are_disjoint_and_cover_all),
		cmocka_unit_test(memory_of_a_fade_that_is_over_serves_the_next),
		cmocka_unit_test(frames_may_be_written_over_the_old_slide),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
