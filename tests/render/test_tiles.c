#include "render/canvas.h"
#include "render/shape.h"
#include "support/test.h"

/* No multiple of the tile's sides. */
#define WIDTH  203
#define HEIGHT 77

static const struct colour paper = {0xfbfaf7}, ink = {0x14171a};

static struct canvas *sheet(void)
{
	struct err err;
	struct canvas *canvas = canvas_new(WIDTH, HEIGHT, paper, &err);

	assert_ok(canvas != NULL, err);
	return canvas;
}

static uint32_t pixel(const struct canvas *canvas, int x, int y)
{
	return canvas->pixels[y * WIDTH + x];
}

static int known(const struct canvas *canvas, struct colour colour)
{
	int count = 0;

	for (int row = 0; row < canvas->tiles.rows; row++)
		for (int column = 0; column < canvas->tiles.columns; column++)
			count += tiles_at(&canvas->tiles, column, row) == colour.rgb;
	return count;
}

static void a_new_sheet_is_paper_to_its_last_tile(void **state)
{
	struct canvas *canvas = sheet();

	(void)state;
	assert_int_equal(canvas->tiles.columns, 4);
	assert_int_equal(canvas->tiles.rows, 5);
	assert_int_equal(known(canvas, paper), 4 * 5);
	assert_true(canvas_tiles_hold(canvas));
	canvas_free(canvas);
}

static void a_rectangle_is_known_where_it_covers_tiles_wholly(void **state)
{
	struct canvas *canvas = sheet();

	(void)state;
	/* One tile and a bit of its neighbours. */
	shape_rect(canvas, 60, 16, 70, 16, ink);
	assert_int_equal(known(canvas, ink), 1);
	assert_int_equal(known(canvas, paper), 4 * 5 - 3);
	/* To the edges, beyond which there is nothing to cover. */
	shape_rect(canvas, 192, 64, 1000, 1000, ink);
	assert_int_equal(known(canvas, ink), 2);
	assert_true(canvas_tiles_hold(canvas));
	canvas_free(canvas);
}

static void edges_between_pixels_and_veils_make_tiles_mixed(void **state)
{
	struct canvas *canvas = sheet();

	(void)state;
	shape_rect(canvas, 64.5, 16, 63.5, 16, ink);
	assert_int_equal(tiles_at(&canvas->tiles, 1, 1), TILE_MIXED);
	shape_veil(canvas, 0, 32, 64, 16, ink, 0.5);
	assert_int_equal(tiles_at(&canvas->tiles, 0, 2), TILE_MIXED);
	/* Inside, whole tiles stay known whatever the edge is like. */
	shape_rect(canvas, 63.5, 47.5, 65, 17, ink);
	assert_int_equal(tiles_at(&canvas->tiles, 1, 3), ink.rgb);
	assert_int_equal(tiles_at(&canvas->tiles, 0, 3), TILE_MIXED);
	assert_int_equal(tiles_at(&canvas->tiles, 1, 2), TILE_MIXED);
	assert_int_equal(tiles_at(&canvas->tiles, 1, 4), TILE_MIXED);
	assert_true(canvas_tiles_hold(canvas));
	canvas_free(canvas);
}

static void what_has_its_colour_already_is_not_written_again(void **state)
{
	struct canvas *canvas = sheet();

	(void)state;
	/* Behind the tile's back: a pixel that is written again would lose it. */
	canvas->pixels[WIDTH * 20 + 100] = 1;
	shape_rect(canvas, 0, 0, 64, 16, ink);
	assert_false(canvas_tiles_hold(canvas));
	shape_fill(canvas, paper);
	assert_int_equal(pixel(canvas, 100, 20), 1);
	assert_int_equal(pixel(canvas, 0, 0), paper.rgb);
	/* Said, it is. */
	canvas_touch(canvas, (int[4]){100, 20, 1, 1});
	assert_true(canvas_tiles_hold(canvas));
	shape_fill(canvas, paper);
	assert_int_equal(pixel(canvas, 100, 20), paper.rgb);
	assert_int_equal(known(canvas, paper), 4 * 5);
	canvas_free(canvas);
}

static void touching_beyond_the_sheet_harms_nothing(void **state)
{
	static const int rects[][4] = {
		{-10, -10, 5, 5},   {-10, -10, 10, 10},   {WIDTH + 60, 0, 5, 5},
		{0, 80, 10, 10},    {5, 5, 0, 10},        {5, 5, -3, 10},
		{256, 0, 100, 100}, {INT32_MAX, 0, 1, 1}, {INT32_MIN, 0, 1, 1},
	};
	struct canvas *canvas = sheet();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rects); i++) {
		canvas_touch(canvas, rects[i]);
		assert_int_equal(known(canvas, paper), 4 * 5);
	}
	canvas_touch(canvas, (int[4]){-10, -10, 11, 11});
	assert_int_equal(known(canvas, paper), 4 * 5 - 1);
	canvas_touch(canvas, (int[4]){-10, -10, INT32_MAX, INT32_MAX});
	assert_int_equal(known(canvas, paper), 0);
	canvas_free(canvas);
}

/* Of any rectangles each pixel has the last colour, and what is known is true. */
static void fills_are_right_to_the_pixel(void **state)
{
	static uint32_t expected[WIDTH * HEIGHT];
	struct canvas *canvas = sheet();
	uint32_t random = 2026;

	(void)state;
	for (int i = 0; i < WIDTH * HEIGHT; i++)
		expected[i] = paper.rgb;
	for (int i = 0; i < 2000; i++) {
		int rect[4];
		struct colour colour;

		for (size_t side = 0; side < ARRAY_LEN(rect); side++) {
			random = random * 1664525u + 1013904223u;
			rect[side] = (int)(random >> 8) % 240 - 20;
		}
		colour.rgb = random >> 30 ? paper.rgb : random >> 27 & 1 ? ink.rgb : 7;
		canvas_fill(canvas, rect, colour);
		for (int y = 0; y < HEIGHT; y++)
			for (int x = 0; x < WIDTH; x++)
				if (x >= rect[0] && x < rect[0] + rect[2] &&
				    y >= rect[1] && y < rect[1] + rect[3])
					expected[y * WIDTH + x] = colour.rgb;
		assert_memory_equal(canvas->pixels, expected, sizeof(expected));
		assert_true(canvas_tiles_hold(canvas));
	}
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_sheet_is_paper_to_its_last_tile),
		cmocka_unit_test(a_rectangle_is_known_where_it_covers_tiles_wholly),
		cmocka_unit_test(edges_between_pixels_and_veils_make_tiles_mixed),
		cmocka_unit_test(what_has_its_colour_already_is_not_written_again),
		cmocka_unit_test(touching_beyond_the_sheet_harms_nothing),
		cmocka_unit_test(fills_are_right_to_the_pixel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
