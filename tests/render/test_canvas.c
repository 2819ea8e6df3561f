#include "render/canvas.h"

#include "os/file.h"
#include "render/shape.h"
#include "support/test.h"
#include "support/tmp.h"

static uint32_t big_endian(const char *bytes)
{
	const unsigned char *b = (const unsigned char *)bytes;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void new_canvas_has_its_background_everywhere(void **state)
{
	struct err err;
	struct canvas *canvas = canvas_new(7, 5, (struct colour){0x123456}, &err);

	(void)state;
	assert_ok(canvas != NULL, err);
	for (int i = 0; i < 35; i++)
		assert_int_equal(canvas->pixels[i], 0x123456);
	assert_null(canvas_free(canvas));
	assert_null(canvas_free(NULL));
}

static void sides_out_of_range_are_refused(void **state)
{
	static const int sides[][2] = {
		{0, 10}, {10, 0}, {-1, 10}, {CANVAS_SIDE_MAX + 1, 1}, {1, 1 << 30}};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		assert_fails(canvas_new(sides[i][0], sides[i][1], (struct colour){0},
					&err) != NULL,
			     err, ERR_INVALID, "1–8192");
}

static void saved_picture_is_a_png_of_eight_bit_rgb(void **state)
{
	char *dir = tmp_dir();
	char *path = tmp_path(dir, "slide.png");
	struct err err;
	struct canvas *canvas = canvas_new(64, 32, (struct colour){0xFBFAF6}, &err);
	size_t len = 0;

	(void)state;
	assert_ok(canvas != NULL, err);
	shape_rect(canvas, 8, 8, 16, 16, (struct colour){0x005AFF});
	assert_ok(canvas_save_png(canvas, path, &err), err);

	char *png = tmp_read(path, &len);
	assert_true(len > 50);
	assert_memory_equal(png, "\x89PNG\r\n\x1a\n", 8);
	assert_memory_equal(png + 12, "IHDR", 4);
	assert_int_equal(big_endian(png + 16), 64);
	assert_int_equal(big_endian(png + 20), 32);
	assert_int_equal(png[24], 8); /* bits */
	assert_int_equal(png[25], 2); /* true colour without alpha */

	/* The same picture again gives the same bytes, in place of the old file. */
	char *again = NULL;
	size_t again_len = 0;
	assert_ok(canvas_save_png(canvas, path, &err), err);
	again = tmp_read(path, &again_len);
	assert_int_equal(again_len, len);
	assert_memory_equal(again, png, len);

	free(again);
	free(png);
	canvas_free(canvas);
	free(path);
	tmp_remove(dir);
}

static void saving_where_nothing_can_be_written_fails(void **state)
{
	char *dir = tmp_dir();
	char *path = tmp_path(dir, "missing/slide.png");
	struct err err;
	struct canvas *canvas = canvas_new(4, 4, (struct colour){0}, &err);

	(void)state;
	assert_ok(canvas != NULL, err);
	assert_false(canvas_save_png(canvas, path, &err));
	assert_non_null(strstr(err.text, "missing"));
	assert_false(file_exists(path));

	canvas_free(canvas);
	free(path);
	tmp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_canvas_has_its_background_everywhere),
		cmocka_unit_test(sides_out_of_range_are_refused),
		cmocka_unit_test(saved_picture_is_a_png_of_eight_bit_rgb),
		cmocka_unit_test(saving_where_nothing_can_be_written_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
