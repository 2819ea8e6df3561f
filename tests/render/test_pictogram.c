#include "render/pictogram.h"

#include <math.h>

#include "support/test.h"

#define SIDE   240
#define MARGIN 40 /* around the pictogram, which must stay clean */
#define SIZE   (SIDE - 2 * MARGIN)

static const struct colour white = {0xFFFFFF};
static const struct colour black = {0x000000};

static const char *const required[] = {
	"card",      "globe",     "message", "screen",   "wifi",   "counter",
	"form",      "video",     "child",   "cashless", "sports", "shop",
	"procedure", "opendata",  "scan",    "telework", "shield", "servers",
	"stamp",     "runner",    "ai",      "calendar", "people", "bridge",
	"textbook",  "checklist", "chart",   "flow",     "flask",  "bulb",
	"bell",      "cycle",     "steps",   "compass",  "pin",    "count",
};

static struct canvas *drawn(const char *id)
{
	struct err err;
	struct canvas *canvas = canvas_new(SIDE, SIDE, white, &err);

	assert_ok(canvas != NULL, err);
	pictogram_draw(canvas, id, MARGIN, MARGIN, SIZE, black);
	return canvas;
}

static void every_initiative_and_plan_slide_has_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		assert_true(pictogram_exists(required[i]));
		assert_string_equal(pictogram_id(i), required[i]);
	}
	assert_null(pictogram_id(sizeof(required) / sizeof(required[0])));
	assert_false(pictogram_exists(""));
	assert_false(pictogram_exists("cards"));
}

static void each_fills_its_square_and_stays_inside(void **state)
{
	(void)state;
	for (size_t i = 0; pictogram_id(i) != NULL; i++) {
		struct canvas *canvas = drawn(pictogram_id(i));
		int left = SIDE, right = 0, top = SIDE, bottom = 0;
		double ink = 0;
		for (int y = 0; y < SIDE; y++)
			for (int x = 0; x < SIDE; x++) {
				uint32_t value = canvas->pixels[y * SIDE + x] & 255;
				ink += (255 - value) / 255.0;
				if (value == 255)
					continue;
				left = x < left ? x : left;
				right = x > right ? x : right;
				top = y < top ? y : top;
				bottom = y > bottom ? y : bottom;
			}
		if (left < MARGIN || top < MARGIN || right >= MARGIN + SIZE ||
		    bottom >= MARGIN + SIZE)
			fail_msg("%s leaves its square", pictogram_id(i));
		/* One family: alike in extent and weight. */
		if (right - left < SIZE * 6 / 10 || bottom - top < SIZE / 2)
			fail_msg("%s is small in its square", pictogram_id(i));
		if (ink < SIZE * SIZE * 0.14 || ink > SIZE * SIZE * 0.45)
			fail_msg("%s has %.0f %% ink", pictogram_id(i),
				 100 * ink / SIZE / SIZE);
		canvas_free(canvas);
	}
}

static void no_two_are_alike(void **state)
{
	(void)state;
	for (size_t i = 0; pictogram_id(i) != NULL; i++) {
		struct canvas *one = drawn(pictogram_id(i));
		for (size_t k = 0; k < i; k++) {
			struct canvas *other = drawn(pictogram_id(k));
			double apart = 0;
			for (int p = 0; p < SIDE * SIDE; p++)
				apart += fabs((double)(one->pixels[p] & 255) -
					      (double)(other->pixels[p] & 255));
			if (apart / 255 < SIZE * SIZE * 0.08)
				fail_msg("%s looks like %s", pictogram_id(i),
					 pictogram_id(k));
			canvas_free(other);
		}
		canvas_free(one);
	}
}

static void unknown_ids_and_absurd_sizes_draw_nothing(void **state)
{
	struct canvas *canvas = drawn("no-such-drawing");

	(void)state;
	pictogram_draw(canvas, "card", 0, 0, NAN, black);
	pictogram_draw(canvas, "card", 0, 0, -4, black);
	pictogram_draw(canvas, "card", 0, 0, 1e30, black);
	pictogram_draw(canvas, "card", NAN, INFINITY, 100, black);
	pictogram_draw(canvas, "card", 1e7, 0, 100, black);
	for (int p = 0; p < SIDE * SIDE; p++)
		assert_int_equal(canvas->pixels[p], 0xFFFFFF);
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_initiative_and_plan_slide_has_one),
		cmocka_unit_test(each_fills_its_square_and_stays_inside),
		cmocka_unit_test(no_two_are_alike),
		cmocka_unit_test(unknown_ids_and_absurd_sizes_draw_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
