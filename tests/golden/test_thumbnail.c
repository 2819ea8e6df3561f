/* What the comparison of slides must notice, on real slides, and what it must not. */
#include "support/test.h"

#include "core/time.h"
#include "golden/scene.h"
#include "golden/thumbnail.h"
#include "render/canvas.h"
#include "render/font.h"
#include "render/shape.h"
#include "render/text.h"
#include "support/tmp.h"

static const struct scene_size *const size = &scene_sizes[0]; /* 1920x1080 */

static struct scene *scene;

static int open_scene(void **state)
{
	struct err err;

	(void)state;
	scene = scene_new(&err);
	if (!scene)
		fprintf(stderr, "%s\n", err.text);
	return scene ? 0 : -1;
}

static int close_scene(void **state)
{
	(void)state;
	scene = scene_free(scene);
	return 0;
}

static struct canvas *slide(const char *id, bool dark)
{
	struct err err;
	struct canvas *canvas = scene_draw(scene, size, dark, id, NULL, &err);

	assert_ok(canvas, err);
	return canvas;
}

static struct canvas *reduced(const struct canvas *full)
{
	struct err err;
	struct canvas *small =
		thumbnail_reduce(full, thumbnail_factor(full, THUMBNAIL_SIDE_MAX), &err);

	assert_ok(small, err);
	return small;
}

/* What a reference is: reduced, in few colours, from a file. */
static struct canvas *reference(const struct canvas *full)
{
	char *dir = tmp_dir(), *path = tmp_path(dir, "reference.png");
	struct canvas *small = reduced(full), *read;
	struct err err;

	assert_ok(thumbnail_save(small, path, &err), err);
	read = thumbnail_load(path, &err);
	assert_ok(read, err);
	canvas_free(small);
	free(path);
	tmp_remove(dir);
	return read;
}

/* Whether @after counts as the slide that @before was accepted as. */
static bool same(const struct canvas *before, const struct canvas *after,
		 struct thumbnail_difference *out)
{
	struct canvas *expected = reference(before), *actual = reduced(after);
	bool result = thumbnail_same(expected, actual, out);

	canvas_free(expected);
	canvas_free(actual);
	return result;
}

static void assert_noticed(const char *what, const struct canvas *before,
			   const struct canvas *after)
{
	struct thumbnail_difference found;

	if (same(before, after, &found))
		fail_msg("%s: not noticed (a cell differs by %d, an area by %.2f)", what,
			 found.cell, found.area);
}

static const char *const samples[] = {
	"plan/position", "initiative/1", "initiative/15", "initiative/22", "notice/long",
};

static void a_slide_is_the_same_as_itself_in_few_colours(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(samples); i++) {
		struct canvas *canvas = slide(samples[i / 2], i % 2);
		struct thumbnail_difference found;

		if (!same(canvas, canvas, &found))
			fail_msg("%s: a cell differs by %d, an area by %.2f",
				 samples[i / 2], found.cell, found.area);
		/* There is room for what rasterisers disagree about. */
		assert_in_range(found.cell, 0, THUMBNAIL_CELL_LEVELS - 5);
		assert_true(found.area < THUMBNAIL_AREA_LEVELS - 1);
		canvas_free(canvas);
	}
}

/* Each channel of each pixel by -1, 0 or 1, the same on every run. */
static void add_noise(struct canvas *canvas)
{
	size_t count = (size_t)canvas->width * (size_t)canvas->height;
	uint32_t seed = 1;

	for (size_t i = 0; i < count; i++) {
		uint32_t pixel = 0;

		for (int shift = 0; shift < 24; shift += 8) {
			int level = (int)(canvas->pixels[i] >> shift & 255);

			seed = seed * 1664525u + 1013904223u;
			level += (int)(seed >> 24) % 3 - 1;
			level = level < 0 ? 0 : level > 255 ? 255 : level;
			pixel |= (uint32_t)level << shift;
		}
		canvas->pixels[i] = pixel;
	}
}

static void noise_of_one_level_is_not_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(samples); i++) {
		struct canvas *before = slide(samples[i / 2], i % 2);
		struct canvas *after = slide(samples[i / 2], i % 2);
		struct thumbnail_difference found;

		add_noise(after);
		assert_memory_not_equal(before->pixels, after->pixels, 4096);
		if (!same(before, after, &found))
			fail_msg("%s: a cell differs by %d, an area by %.2f",
				 samples[i / 2], found.cell, found.area);
		canvas_free(before);
		canvas_free(after);
	}
}

/* Rows @top to @bottom, @by pixels to the right. */
static void shift_right(struct canvas *canvas, int top, int bottom, int by)
{
	for (int y = top; y < bottom; y++) {
		uint32_t *row = canvas->pixels + (size_t)y * (size_t)canvas->width;

		memmove(row + by, row, (size_t)(canvas->width - by) * sizeof(*row));
	}
}

static void shift_down(struct canvas *canvas, int top, int bottom, int by)
{
	size_t row = (size_t)canvas->width;

	memmove(canvas->pixels + (size_t)(top + by) * row,
		canvas->pixels + (size_t)top * row,
		(size_t)(bottom - top) * row * sizeof(*canvas->pixels));
}

/* The title of an initiative stands between 120 and 330 at 1080p. */
static void a_title_three_pixels_off_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(samples); i++) {
		struct canvas *before = slide(samples[i / 2], i % 2);
		struct canvas *right = slide(samples[i / 2], i % 2);
		struct canvas *down = slide(samples[i / 2], i % 2);

		shift_right(right, 120, 330, 3);
		assert_noticed("a title to the right", before, right);
		shift_down(down, 120, 330, 3);
		assert_noticed("a title further down", before, down);
		canvas_free(before);
		canvas_free(right);
		canvas_free(down);
	}
}

/* In an empty place of the slide, as small as text on slides is. */
static void write_text(struct canvas *canvas, const char *text, int text_size,
		       uint32_t rgb)
{
	struct err err;
	struct font_set *fonts = font_set_new(NULL, &err);
	const struct text_style style = {.size = text_size, .colour = {rgb}};
	struct text_block *block;

	assert_ok(fonts, err);
	block = text_layout(fonts, text, &style, &err);
	assert_ok(block, err);
	assert_ok(text_draw(canvas, fonts, block, 302.5, 401, &err), err);
	text_block_free(block);
	font_set_free(fonts);
}

static void a_changed_digit_is_noticed(void **state)
{
	static const char *const others[] = {"令和9年度　1,284件", "令和8年度　1,294件",
					     "令和8年度　1,234件", "令和8年度　1,264件",
					     "令和8年度　1284件"};

	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_LEN(others); i++) {
		uint32_t paper = i % 2 ? 0x0E1420 : 0xFBFAF6;
		uint32_t ink = i % 2 ? 0xF5F6F8 : 0x14171A;
		struct canvas *before = slide("initiative/1", i % 2);
		struct canvas *after = slide("initiative/1", i % 2);

		shape_rect(before, 200, 360, 900, 120, (struct colour){paper});
		shape_rect(after, 200, 360, 900, 120, (struct colour){paper});
		write_text(before, "令和8年度　1,284件", 32, ink);
		write_text(after, others[i / 2], 32, ink);
		assert_noticed(others[i / 2], before, after);
		canvas_free(before);
		canvas_free(after);
	}
}

static void replace_colour(struct canvas *canvas, uint32_t from, uint32_t to)
{
	size_t count = (size_t)canvas->width * (size_t)canvas->height, replaced = 0;

	for (size_t i = 0; i < count; i++)
		if (canvas->pixels[i] == from) {
			canvas->pixels[i] = to;
			replaced++;
		}
	/* Else this test would test nothing. */
	assert_true(replaced > 1000);
}

static void a_changed_colour_is_noticed(void **state)
{
	struct canvas *before = slide("initiative/1", false);
	struct canvas *accent = slide("initiative/1", false);
	struct canvas *tint = slide("initiative/1", false);
	uint32_t stripe = before->pixels[(size_t)(before->width * 540 + 5)];

	(void)state;
	/* The stripe at the edge in another accent, and in one of the same lightness. */
	replace_colour(accent, stripe, 0x03AF7A);
	assert_noticed("another accent", before, accent);
	canvas_free(accent);
	accent = slide("initiative/1", false);
	replace_colour(accent, stripe, stripe ^ 0x00000C);
	assert_noticed("an accent twelve levels bluer", before, accent);
	/* The paper six levels darker: no cell changes much, but all do. */
	replace_colour(tint, 0xFBFAF6, 0xF5F4F0);
	assert_noticed("another tint of the paper", before, tint);
	canvas_free(before);
	canvas_free(accent);
	canvas_free(tint);
}

static void a_missing_line_is_noticed(void **state)
{
	struct canvas *before = slide("initiative/22", false);
	struct canvas *text = slide("notice/long", false);
	struct canvas *without = slide("notice/long", false);
	struct canvas *hairline = slide("initiative/22", false);

	(void)state;
	/* A last line of text, short and small, that no longer is there. */
	shape_rect(text, 300, 380, 400, 80, (struct colour){0xFBFAF6});
	shape_rect(without, 300, 380, 400, 80, (struct colour){0xFBFAF6});
	write_text(text, "す。", 32, 0x4A4F55);
	assert_noticed("a last line", text, without);
	/* A hairline of two pixels in the theme's faintest colour. */
	shape_rect(hairline, 600, 541, 200, 2, (struct colour){0xD9D5C9});
	assert_noticed("a hairline", before, hairline);
	canvas_free(before);
	canvas_free(text);
	canvas_free(without);
	canvas_free(hairline);
}

static void another_size_is_noticed(void **state)
{
	struct err err;
	struct canvas *wide = canvas_new(480, 270, (struct colour){0xFFFFFF}, &err);
	struct canvas *tall = canvas_new(270, 480, (struct colour){0xFFFFFF}, &err);
	struct thumbnail_difference found;

	(void)state;
	assert_non_null(wide);
	assert_non_null(tall);
	assert_false(thumbnail_same(wide, tall, &found));
	assert_true(thumbnail_same(wide, wide, &found));
	canvas_free(wide);
	canvas_free(tall);
}

static void save_reduced(const struct canvas *full, const char *path)
{
	struct canvas *small = reduced(full);
	struct err err;

	assert_ok(thumbnail_save(small, path, &err), err);
	canvas_free(small);
}

/* Else one such change after the other would use the tolerance up. */
static void a_tolerated_change_is_renewed_and_no_change_is_not(void **state)
{
	char *dir = tmp_dir(), *path = tmp_path(dir, "reference.png");
	char *fresh = tmp_path(dir, "reference.png.new");
	struct canvas *before = slide("initiative/1", false);
	struct canvas *after = slide("initiative/1", false);
	struct thumbnail_difference found;
	struct err err;
	bool changed;

	(void)state;
	shape_rect(after, 800, 540, 4, 4, (struct colour){0xF1F0EC});
	assert_true(same(before, after, &found));
	save_reduced(before, path);
	save_reduced(before, fresh);
	assert_ok(thumbnail_renew(path, fresh, &changed, &err), err);
	assert_false(changed);
	save_reduced(after, fresh);
	assert_ok(thumbnail_renew(path, fresh, &changed, &err), err);
	assert_true(changed);
	save_reduced(after, fresh);
	assert_ok(thumbnail_renew(path, fresh, &changed, &err), err);
	assert_false(changed);
	canvas_free(before);
	canvas_free(after);
	free(fresh);
	free(path);
	tmp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slide_is_the_same_as_itself_in_few_colours),
		cmocka_unit_test(noise_of_one_level_is_not_noticed),
		cmocka_unit_test(a_title_three_pixels_off_is_noticed),
		cmocka_unit_test(a_changed_digit_is_noticed),
		cmocka_unit_test(a_changed_colour_is_noticed),
		cmocka_unit_test(a_missing_line_is_noticed),
		cmocka_unit_test(another_size_is_noticed),
		cmocka_unit_test(a_tolerated_change_is_renewed_and_no_change_is_not),
	};

	return cmocka_run_group_tests(tests, open_scene, close_scene);
}
