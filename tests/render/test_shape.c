#include "render/shape.h"

#include <math.h>

#include "render/slide_paint.h"
#include "render/theme.h"
#include "support/test.h"

static const struct colour white = {0xFFFFFF};
static const struct colour black = {0x000000};

static struct canvas *new_canvas(int width, int height)
{
	struct err err;
	struct canvas *canvas = canvas_new(width, height, white, &err);

	assert_ok(canvas != NULL, err);
	return canvas;
}

static uint32_t pixel(const struct canvas *canvas, int x, int y)
{
	return canvas->pixels[y * canvas->width + x];
}

/* How much of the canvas is covered with black, in pixels. */
static double covered(const struct canvas *canvas)
{
	double sum = 0;

	for (int i = 0; i < canvas->width * canvas->height; i++)
		sum += 1 - (double)(canvas->pixels[i] & 255) / 255;
	return sum;
}

static void rectangle_at_whole_pixels_is_crisp(void **state)
{
	struct canvas *canvas = new_canvas(10, 10);

	(void)state;
	shape_rect(canvas, 2, 3, 4, 5, black);
	for (int y = 0; y < 10; y++)
		for (int x = 0; x < 10; x++) {
			bool inside = x >= 2 && x < 6 && y >= 3 && y < 8;
			assert_int_equal(pixel(canvas, x, y), inside ? 0 : 0xFFFFFF);
		}
	canvas_free(canvas);
}

static void rectangle_between_pixels_keeps_its_area(void **state)
{
	struct canvas *canvas = new_canvas(20, 20);

	(void)state;
	shape_rect(canvas, 2.25, 3.5, 10.5, 0.5, black);
	assert_float_equal(covered(canvas), 5.25, 0.05);
	shape_fill(canvas, white);
	shape_rect(canvas, 4.2, 4.2, 0.3, 0.4, black); /* inside one pixel */
	assert_float_equal(covered(canvas), 0.12, 0.01);
	canvas_free(canvas);
}

static void shapes_have_the_area_that_geometry_says(void **state)
{
	struct canvas *canvas = new_canvas(200, 200);
	const struct shape_point triangle[] = {{20, 20}, {120, 30}, {40, 140}};

	(void)state;
	shape_circle(canvas, 100.3, 99.6, 60, black);
	assert_float_equal(covered(canvas), M_PI * 3600, 25);

	shape_fill(canvas, white);
	shape_ring(canvas, 100, 100, 60, 10, black);
	assert_float_equal(covered(canvas), M_PI * (3600 - 2500), 20);

	shape_fill(canvas, white);
	shape_polygon(canvas, triangle, 3, black);
	assert_float_equal(covered(canvas), (100 * 120 - 10 * 20) / 2.0, 2);

	shape_fill(canvas, white);
	shape_round_rect(canvas, 10, 10, 100, 80, 20, black);
	assert_float_equal(covered(canvas), (float)(8000 - (4 - M_PI) * 400), 8);

	shape_fill(canvas, white);
	shape_round_rect_outline(canvas, 10, 10, 100, 80, 0, 2, black);
	assert_float_equal(covered(canvas), 100 * 80 - 96 * 76, 0.01);

	shape_fill(canvas, white);
	shape_line(canvas, 30, 30, 130, 30, 8, black);
	assert_float_equal(covered(canvas), (float)(800 + M_PI * 16), 4);
	canvas_free(canvas);
}

static void part_of_opposite_direction_is_a_hole(void **state)
{
	struct canvas *canvas = new_canvas(40, 40);
	struct shape_path path;

	(void)state;
	shape_path_init(&path);
	shape_path_move(&path, 5, 5);
	shape_path_line(&path, 35, 5);
	shape_path_line(&path, 35, 35);
	shape_path_line(&path, 5, 35);
	shape_path_move(&path, 10, 10);
	shape_path_line(&path, 10, 30);
	shape_path_line(&path, 30, 30);
	shape_path_line(&path, 30, 10);
	shape_path_fill(canvas, &path, black, 1);
	assert_float_equal(covered(canvas), 900 - 400, 0.01);
	assert_int_equal(pixel(canvas, 20, 20), 0xFFFFFF);
	assert_int_equal(pixel(canvas, 7, 7), 0);
	canvas_free(canvas);
}

static void overlapping_strokes_show_no_seam(void **state)
{
	struct canvas *canvas = new_canvas(60, 60);
	const struct shape_point corner[] = {{10, 50}, {10, 10}, {50, 10}};
	struct shape_path path;

	(void)state;
	shape_path_init(&path);
	for (int i = 0; i < 3; i++)
		shape_path_line(&path, corner[i].x, corner[i].y);
	shape_path_stroke(canvas, &path, 8, black, 0.5);
	/* Where the two segments overlap it is no darker than elsewhere. */
	assert_int_equal(pixel(canvas, 10, 10), pixel(canvas, 30, 10));
	canvas_free(canvas);
}

static void veil_lets_the_ground_through(void **state)
{
	struct canvas *canvas = new_canvas(4, 4);

	(void)state;
	shape_veil(canvas, 0, 0, 2, 4, black, 0.5);
	assert_in_range(pixel(canvas, 0, 0) & 255, 127, 128);
	assert_int_equal(pixel(canvas, 2, 0), 0xFFFFFF);
	canvas_free(canvas);
}

static void shapes_beyond_the_canvas_are_clipped(void **state)
{
	struct canvas *canvas = new_canvas(16, 16);

	(void)state;
	shape_rect(canvas, -100, -100, 1000, 1000, black);
	assert_float_equal(covered(canvas), 256, 0.01);
	shape_fill(canvas, white);
	shape_circle(canvas, 0, 0, 1e5, black);
	assert_float_equal(covered(canvas), 256, 0.5);
	shape_fill(canvas, white);
	shape_line(canvas, -50, 8, 70, 8, 2, black);
	assert_float_equal(covered(canvas), 32, 0.01);
	shape_fill(canvas, white);
	shape_circle(canvas, -40, 8, 20, black);
	shape_line(canvas, 30, 0, 40, 16, 4, black);
	shape_rect(canvas, 16, 0, 5, 5, black);
	assert_float_equal(covered(canvas), 0, 0.01);
	canvas_free(canvas);
}

static void absurd_numbers_draw_nothing_and_do_no_harm(void **state)
{
	static const double absurd[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300, 0, -5};
	struct canvas *canvas = new_canvas(8, 8);
	const size_t count = sizeof(absurd) / sizeof(absurd[0]);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			double a = absurd[i];
			double b = absurd[k];
			shape_rect(canvas, a, b, a, b, black);
			shape_rect(canvas, 0, 0, a, b, black);
			shape_round_rect(canvas, a, b, b, a, a, black);
			shape_round_rect_outline(canvas, 0, 0, a, b, a, b, black);
			shape_circle(canvas, a, 2, b, black);
			shape_ring(canvas, 2, a, b, a, black);
			shape_line(canvas, a, b, b, a, a, black);
			shape_arc(canvas, a, 1, b, a, b, 1, black);
			shape_arrow(canvas, a, b, 1, 1, 2, a, black);
			shape_dashed_line(canvas, 0, 0, a, b, 1, a, b, black);
		}
	canvas_free(canvas);
}

static void path_of_too_many_points_is_cut_off(void **state)
{
	static struct shape_path path;
	struct canvas *canvas = new_canvas(8, 8);

	(void)state;
	shape_path_init(&path);
	for (int i = 0; i < 3 * SHAPE_PATH_POINTS_MAX; i++) {
		if (i % 20 == 0)
			shape_path_move(&path, i % 8, i % 7);
		shape_path_cubic(&path, 1, 2, 3, 4, i % 5, i % 3);
	}
	assert_true(path.count <= SHAPE_PATH_POINTS_MAX);
	assert_true(path.parts <= SHAPE_PATH_PARTS_MAX);
	shape_path_fill(canvas, &path, black, 1);
	shape_path_stroke(canvas, &path, 2, black, 1);
	canvas_free(canvas);
}

/* The bar's colour has no business at the corners across: it shone through their edges. */
static void card_shows_its_bar_on_its_own_side_only(void **state)
{
	const struct colour bars[] = {{0xFF0000}, {0xFF0000}};
	const struct colour panel = {0x808080};
	const int far = 50; /* what round corners need */

	(void)state;
	for (int side = PAINT_BAR_TOP; side <= PAINT_BAR_LEFT; side++)
		for (size_t count = 1; count <= ARRAY_LEN(bars); count++) {
			struct canvas *canvas = new_canvas(200, 200);
			struct painter p = {.canvas = canvas, .unit = 1};
			int red = 0, grey = 0, wrong = 0;

			paint_card(&p, (struct box){10, 10, 180, 180},
				   (enum paint_side)side, 24, 16, panel, bars, count);
			for (int y = 0; y < 200; y++)
				for (int x = 0; x < 200; x++) {
					uint32_t at = pixel(canvas, x, y);
					int across = side == PAINT_BAR_TOP ? y : x;
					bool is_grey = at >> 16 == (at & 255);

					red += at == 0xFF0000;
					grey += at == panel.rgb;
					wrong += across > 10 + far && !is_grey;
				}
			assert_int_equal(wrong, 0);
			/* Outside a corner of 24, inside one of half of that. */
			assert_int_equal(pixel(canvas, 15, 15), white.rgb);
			assert_in_range(red, 170 * 15, 180 * 16);
			assert_in_range(grey, 180 * 164 - 2 * 160, 180 * 164);
			canvas_free(canvas);
		}
}

static void contrast_follows_wcag(void **state)
{
	(void)state;
	assert_float_equal(theme_contrast(black, white), 21, 0.001);
	assert_float_equal(theme_contrast(white, white), 1, 0.001);
	/* #767676 on white is the well-known 4.54. */
	assert_float_equal(theme_contrast((struct colour){0x767676}, white), 4.54, 0.01);
}

static void text_colours_of_both_themes_reach_seven_to_one(void **state)
{
	(void)state;
	for (int dark = 0; dark < 2; dark++) {
		const struct theme *theme = theme_get(dark != 0);
		assert_int_equal(theme->dark, dark);
		assert_true(theme_contrast(theme->ink, theme->paper) >= 7);
		assert_true(theme_contrast(theme->ink, theme->panel) >= 7);
		assert_true(theme_contrast(theme->soft, theme->paper) >= 7);
		assert_true(theme_contrast(theme->soft, theme->panel) >= 7);
		assert_int_equal(theme_text_on(theme, theme->paper).rgb, theme->ink.rgb);
		assert_int_equal(theme_text_on(theme, theme->ink).rgb, theme->paper.rgb);
	}
	assert_int_equal(theme_mix(black, white, 0.5).rgb, 0x808080);
	assert_int_equal(theme_mix(black, white, NAN).rgb, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rectangle_at_whole_pixels_is_crisp),
		cmocka_unit_test(rectangle_between_pixels_keeps_its_area),
		cmocka_unit_test(shapes_have_the_area_that_geometry_says),
		cmocka_unit_test(part_of_opposite_direction_is_a_hole),
		cmocka_unit_test(overlapping_strokes_show_no_seam),
		cmocka_unit_test(veil_lets_the_ground_through),
		cmocka_unit_test(shapes_beyond_the_canvas_are_clipped),
		cmocka_unit_test(absurd_numbers_draw_nothing_and_do_no_harm),
		cmocka_unit_test(path_of_too_many_points_is_cut_off),
		cmocka_unit_test(card_shows_its_bar_on_its_own_side_only),
		cmocka_unit_test(contrast_follows_wcag),
		cmocka_unit_test(text_colours_of_both_themes_reach_seven_to_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
