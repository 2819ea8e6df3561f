#include "render/run_mask.h"

#include "render/font_face.h"
#include "render/open_fonts.h"
#include "support/test.h"

#define ROOM ((size_t)200 << 10)

static struct run_mask mask_of(const char *text, size_t characters, int size)
{
	struct run_letters letters = {
		.text = text, .characters = characters, .size = size};
	struct run_mask mask;
	struct err err;

	assert_ok(font_face_choose(fonts, FONT_TEXT, FONT_JAPANESE, 0x5E02 /* 市 */,
				   &letters.face, &err),
		  err);
	assert_ok(run_mask(fonts, &letters, ROOM, &mask, &err), err);
	return mask;
}

/* Owned. */
static uint8_t *copy_of(const struct run_mask *mask)
{
	size_t bytes = (size_t)mask->width * (size_t)mask->height;
	uint8_t *copy = malloc(bytes);

	assert_non_null(copy);
	memcpy(copy, mask->pixels, bytes);
	return copy;
}

static void ink_reaches_its_mask_s_first_and_last_row_and_is_full_inside(void **state)
{
	struct run_mask mask = mask_of("市", 1, 100);
	int fullest = 0, first = 0, last = 0;

	(void)state;
	assert_in_range(mask.width, 90, 110);
	assert_in_range(mask.height, 80, 110);
	assert_in_range(-mask.top, 70, 100);
	for (int x = 0; x < mask.width; x++) {
		first |= mask.pixels[x];
		last |= mask.pixels[(mask.height - 1) * mask.width + x];
		for (int y = 0; y < mask.height; y++)
			if (mask.pixels[y * mask.width + x] > fullest)
				fullest = mask.pixels[y * mask.width + x];
	}
	assert_int_not_equal(first, 0);
	assert_int_not_equal(last, 0);
	assert_int_equal(fullest, 255);
}

static void empty_run_has_no_rows(void **state)
{
	struct run_mask mask = mask_of("　", 1, 40);

	(void)state;
	assert_int_equal(mask.height, 0);
}

static void run_that_comes_again_is_remembered_at_its_own_size_only(void **state)
{
	size_t bytes, before;
	const uint8_t *pixels;

	(void)state;
	pixels = mask_of("地域情報化基本方針", 9, 36).pixels;
	before = run_masks_count(font_face_masks(fonts), &bytes);
	assert_ptr_equal(mask_of("地域情報化基本方針", 9, 36).pixels, pixels);
	assert_int_equal(run_masks_count(font_face_masks(fonts), &bytes), before);
	assert_ptr_not_equal(mask_of("地域情報化基本方針", 9, 37).pixels, pixels);
	assert_int_equal(run_masks_count(font_face_masks(fonts), &bytes), before + 1);
	assert_ptr_equal(mask_of("地域情報化基本方針", 9, 36).pixels, pixels);
}

static void run_that_was_forgotten_is_drawn_the_same_again(void **state)
{
	struct run_mask mask = mask_of("出典", 2, 36);
	uint8_t *before = copy_of(&mask);
	size_t bytes;
	char text[32];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int len = snprintf(text, sizeof(text), "%d年度", i);

		(void)mask_of(text, (size_t)len - 4, 36);
		assert_true(run_masks_count(font_face_masks(fonts), &bytes) <= 96);
		assert_true(bytes <= ROOM);
	}
	mask = mask_of("出典", 2, 36);
	assert_memory_equal(mask.pixels, before,
			    (size_t)mask.width * (size_t)mask.height);
	free(before);
}

static void title_pushes_nothing_out(void **state)
{
	size_t bytes, more_bytes, before;
	const uint8_t *label;
	struct run_mask title;

	(void)state;
	label = mask_of("目標", 2, 36).pixels;
	before = run_masks_count(font_face_masks(fonts), &bytes);
	title = mask_of("人にやさしいデジタル化", 11, 150);
	assert_true((size_t)title.width * (size_t)title.height > ROOM / 16);
	assert_int_equal(run_masks_count(font_face_masks(fonts), &more_bytes), before);
	assert_int_equal(more_bytes, bytes);
	assert_ptr_equal(mask_of("目標", 2, 36).pixels, label);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			ink_reaches_its_mask_s_first_and_last_row_and_is_full_inside),
		cmocka_unit_test(empty_run_has_no_rows),
		cmocka_unit_test(run_that_comes_again_is_remembered_at_its_own_size_only),
		cmocka_unit_test(run_that_was_forgotten_is_drawn_the_same_again),
		cmocka_unit_test(title_pushes_nothing_out),
	};

	return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
