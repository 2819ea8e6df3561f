#include "render/qr.h"

#include "render/canvas.h"
#include "support/test.h"

static const char url[] = "https://www.city.nishitokyo.lg.jp/";

static void code_has_its_finder_patterns(void **state)
{
	struct qr qr;
	struct err err;

	(void)state;
	assert_ok(qr_encode(url, &qr, &err), err);
	assert_true(qr.modules >= 21 && (qr.modules - 21) % 4 == 0);

	/* ISO/IEC 18004: dark ring of 7 with a dark 3×3 inside, in three corners. */
	const int last = qr.modules - 7;
	const int corners[3][2] = {{0, 0}, {last, 0}, {0, last}};
	for (int c = 0; c < 3; c++)
		for (int y = 0; y < 7; y++)
			for (int x = 0; x < 7; x++) {
				int edge = x == 0 || x == 6 || y == 0 || y == 6;
				int core = x >= 2 && x <= 4 && y >= 2 && y <= 4;
				int row = corners[c][1] + y;
				int column = corners[c][0] + x;
				assert_int_equal(qr.dark[row * qr.modules + column],
						 edge || core);
			}
}

static void longest_text_fits_and_one_more_byte_is_refused(void **state)
{
	char text[QR_BYTES_MAX + 2];
	struct qr qr;
	struct err err;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[QR_BYTES_MAX] = '\0';
	assert_ok(qr_encode(text, &qr, &err), err);
	assert_int_equal(qr.modules, QR_MODULES_MAX);

	text[QR_BYTES_MAX] = 'x';
	text[QR_BYTES_MAX + 1] = '\0';
	assert_fails(qr_encode(text, &qr, &err), err, ERR_TOO_LARGE, "shorter address");
	assert_fails(qr_encode("", &qr, &err), err, ERR_INVALID, "no text");
}

static void drawing_is_whole_pixels_in_black_on_white_with_a_quiet_zone(void **state)
{
	struct qr qr;
	struct err err;
	struct canvas *canvas = canvas_new(300, 300, (struct colour){0x0E1420}, &err);
	const int x = 10, y = 20, size = 250;

	(void)state;
	assert_ok(canvas != NULL, err);
	assert_ok(qr_encode(url, &qr, &err), err);
	assert_ok(qr_draw(canvas, &qr, x, y, size, &err), err);

	int module = qr_module_pixels(&qr, size);
	int margin = (size - module * qr.modules) / 2;
	assert_true(module >= 2);
	assert_true(margin >= QR_QUIET * module);
	for (int py = 0; py < size; py++)
		for (int px = 0; px < size; px++) {
			int column = px < margin ? -1 : (px - margin) / module;
			int row = py < margin ? -1 : (py - margin) / module;
			bool inside = column >= 0 && row >= 0 && column < qr.modules &&
				      row < qr.modules;
			bool dark = inside && qr.dark[row * qr.modules + column] != 0;
			uint32_t found = canvas->pixels[(y + py) * 300 + x + px];
			assert_int_equal(found, dark ? 0x000000 : 0xFFFFFF);
		}
	assert_int_equal(canvas->pixels[0], 0x0E1420);
	canvas_free(canvas);
}

static void too_little_room_is_an_error(void **state)
{
	struct qr qr;
	struct err err;
	struct canvas *canvas = canvas_new(60, 60, (struct colour){0xFFFFFF}, &err);

	(void)state;
	assert_ok(canvas != NULL, err);
	assert_ok(qr_encode(url, &qr, &err), err);
	assert_fails(qr_draw(canvas, &qr, 0, 0, 60, &err), err, ERR_INVALID, "more room");
	assert_int_equal(qr_module_pixels(&qr, -5), 0);
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(code_has_its_finder_patterns),
		cmocka_unit_test(longest_text_fits_and_one_more_byte_is_refused),
		cmocka_unit_test(
			drawing_is_whole_pixels_in_black_on_white_with_a_quiet_zone),
		cmocka_unit_test(too_little_room_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
