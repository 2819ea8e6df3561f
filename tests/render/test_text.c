#include "render/text.h"

#include <iconv.h>
#include <math.h>

#include "core/utf8.h"
#include "render/linebreak.h"
#include "support/test.h"
#include "support/tmp.h"

static struct font_set *fonts;

static int open_fonts(void **state)
{
	struct err err;

	(void)state;
	fonts = font_set_new(NULL, &err);
	if (fonts == NULL)
		fprintf(stderr, "%s\n", err.text);
	return fonts != NULL ? 0 : -1;
}

static int close_fonts(void **state)
{
	(void)state;
	fonts = font_set_free(fonts);
	return 0;
}

static void assert_near(double found, double expected, double within)
{
	if (!(fabs(found - expected) <= within))
		fail_msg("%g is not within %g of %g", found, within, expected);
}

static struct text_block *layout(const char *text, const struct text_style *style)
{
	struct err err;
	struct text_block *block = text_layout(fonts, text, style, &err);

	assert_ok(block != NULL, err);
	return block;
}

static bool covers(uint32_t code_point)
{
	bool found = false;
	struct err err;

	assert_ok(font_covers(fonts, code_point, &found, &err), err);
	return found;
}

/* --- Fonts --- */

static void missing_font_names_the_file_and_its_package(void **state)
{
	char *dir = tmp_dir();
	struct err err;

	(void)state;
	assert_fails(font_set_new(dir, &err) != NULL, err, ERR_NOT_FOUND,
		     "fonts-morisawa-bizud-gothic");
	assert_non_null(strstr(err.text, "BIZUDPGothic-Regular.ttf"));
	tmp_remove(dir);
}

static void fonts_cover_what_a_city_writes(void **state)
{
	static const char samples[] =
		"西東京市地域情報化基本方針髙﨑𩸽㈱①々〆ヶ𠮷令和年度…〜－％℃㎡→「」【】・"
		"ABCxyz0123456789한국어안내简体中文繁體說讓";

	(void)state;
	for (const char *cursor = samples; *cursor != '\0';) {
		uint32_t c = utf8_next(&cursor);
		if (!covers(c))
			fail_msg("no font has U+%04X", (unsigned)c);
	}
	assert_false(covers(0x10FFFD)); /* private use */
	assert_false(covers(0x1F600));  /* emoji */
}

/*
 * Every character of a Japanese character set, by row and cell. JIS X 0213 plane 1 has all
 * of JIS X 0208 and the kanji for personal names (人名用漢字).
 */
static size_t assert_set_is_covered(const char *encoding)
{
	iconv_t convert = iconv_open("UTF-8", encoding);
	size_t seen = 0;

	if (convert == (iconv_t)-1) {
		print_message("iconv has no %s here\n", encoding);
		skip();
	}
	for (int row = 0xA1; row <= 0xFE; row++)
		for (int cell = 0xA1; cell <= 0xFE; cell++) {
			char in[2] = {(char)row, (char)cell};
			char out[16] = {0};
			char *from = in, *to = out;
			size_t in_left = 2, out_left = sizeof(out) - 1;
			iconv(convert, NULL, NULL, NULL, NULL);
			if (iconv(convert, &from, &in_left, &to, &out_left) ==
				    (size_t)-1 ||
			    iconv(convert, NULL, NULL, &to, &out_left) == (size_t)-1)
				continue;
			seen++;
			for (const char *cursor = out; *cursor != '\0';) {
				uint32_t c = utf8_next(&cursor);
				if (!covers(c))
					fail_msg("%s %02X%02X: no font has U+%04X",
						 encoding, (unsigned)row, (unsigned)cell,
						 (unsigned)c);
			}
		}
	iconv_close(convert);
	return seen;
}

static void fonts_cover_the_japanese_character_sets(void **state)
{
	(void)state;
	assert_in_range(assert_set_is_covered("EUC-JP"), 6879, 8836);
	assert_in_range(assert_set_is_covered("EUC-JISX0213"), 8000, 8836);
}

static void letter_height_gives_the_size_that_reaches_it(void **state)
{
	struct font_metrics metrics;
	struct err err;
	int size = 0;

	(void)state;
	for (int wanted = 20; wanted < 200; wanted += 7)
		for (int japanese = 0; japanese < 2; japanese++) {
			assert_ok(font_size_for_height(fonts, FONT_BOLD, FONT_JAPANESE,
						       japanese != 0, wanted, &size,
						       &err),
				  err);
			for (int step = -1; step <= 0; step++) {
				assert_ok(font_measure(fonts, FONT_BOLD, FONT_JAPANESE,
						       size + step, &metrics, &err),
					  err);
				double height = japanese != 0 ? metrics.kanji_height
							      : metrics.capital_height;
				assert_int_equal(height >= wanted - 1e-6, step == 0);
			}
		}
}

static void open_fonts_stay_below_their_bound(void **state)
{
	struct canvas *canvas = NULL;
	struct err err;

	(void)state;
	canvas = canvas_new(300, 100, (struct colour){0xFFFFFF}, &err);
	assert_ok(canvas != NULL, err);
	for (int size = 10; size < 130; size++) {
		struct text_block *block =
			layout("市Aあ한", &(struct text_style){.size = size});
		assert_ok(text_draw(canvas, fonts, block, 0, 0, &err), err);
		text_block_free(block);
		assert_true(font_open_count(fonts) <= FONT_OPEN_MAX);
	}
	canvas_free(canvas);
}

/* --- Layout --- */

static void digits_of_the_figure_role_are_equally_wide(void **state)
{
	(void)state;
	for (int role = FONT_FIGURE; role <= FONT_FIGURE_BOLD; role++) {
		struct text_style style = {.size = 100, .role = (enum font_role)role};
		struct text_block *ones = layout("1111", &style);
		struct text_block *eights = layout("8888", &style);
		struct text_block *grouped = layout("8,888", &style);
		assert_near(ones->width, eights->width, 0.01);
		/* The comma is no digit: it stays narrow. */
		assert_true(grouped->width - eights->width < 40);
		text_block_free(ones);
		text_block_free(eights);
		text_block_free(grouped);
	}
}

static void layout_keeps_its_proportions_at_every_size(void **state)
{
	const char *text = "情報発信力の強化【ホームページ】AI-OCR 3,500件";
	struct text_block *large = layout(text, &(struct text_style){.size = 400});

	(void)state;
	for (int size = 20; size <= 200; size += 36) {
		struct text_block *block =
			layout(text, &(struct text_style){.size = size});
		assert_near(block->width, large->width * size / 400, 0.01);
		assert_near(block->height, large->height * size / 400, 0.01);
		text_block_free(block);
	}
	text_block_free(large);
}

static void lines_keep_to_the_width_and_say_where_they_are(void **state)
{
	const char *text = "マイナンバーカードの普及促進・利用の推進";
	struct text_block *block = layout(text, &(struct text_style){.size = 76,
								     .role = FONT_BOLD,
								     .max_width = 900,
								     .line_height = 1.5,
								     .balance = true});

	(void)state;
	assert_int_equal(block->line_count, 2);
	assert_memory_equal(text + block->lines[1].start, "普及", strlen("普及"));
	assert_near(block->lines[1].baseline - block->lines[0].baseline, 114, 0.01);
	assert_true(block->width <= 900);
	assert_false(block->overflow);
	assert_int_equal(block->consumed, strlen(text));
	/* Nine and a half tenths of an em, for this font. */
	assert_true(block->letter_japanese > 68 && block->letter_japanese < 76);
	assert_near(block->letter_latin, 0, 0);
	assert_true(block->worst_break < 90);
	text_block_free(block);
}

static void alignment_moves_lines_within_the_width(void **state)
{
	struct text_style style = {.size = 40, .max_width = 500};
	struct text_block *left = layout("一行目\nもっと長い二行目", &style);
	style.align = TEXT_CENTRE;
	struct text_block *centre = layout("一行目\nもっと長い二行目", &style);
	style.align = TEXT_RIGHT;
	struct text_block *right = layout("一行目\nもっと長い二行目", &style);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		double spare = 500 - left->lines[i].width;
		assert_near(left->lines[i].x, 0, 0.01);
		assert_near(centre->lines[i].x, spare / 2, 0.01);
		assert_near(right->lines[i].x, spare, 0.01);
	}
	text_block_free(left);
	text_block_free(centre);
	text_block_free(right);
}

static void too_little_room_is_reported(void **state)
{
	const char *text = "各取組について、PDCAサイクルに基づき毎年度の到達状況を確認";
	struct text_block *cut = layout(
		text, &(struct text_style){.size = 40, .max_width = 400, .max_lines = 2});
	struct text_block *wide = layout("nishitokyo", &(struct text_style){
							       .size = 40,
							       .max_width = 100,
						       });

	(void)state;
	assert_true(cut->overflow);
	assert_int_equal(cut->line_count, 2);
	assert_true(cut->consumed < strlen(text));
	/* The next page goes on there and both together are the whole. */
	struct text_block *rest = layout(
		text + cut->consumed, &(struct text_style){.size = 40, .max_width = 400});
	assert_false(rest->overflow);
	assert_true(wide->overflow);
	text_block_free(rest);
	text_block_free(cut);
	text_block_free(wide);
}

static void characters_without_a_font_are_listed_once_and_counted(void **state)
{
	struct text_block *block = layout("市\xF0\x9F\x98\x80の\xF0\x9F\x98\x80\xFF案内",
					  &(struct text_style){.size = 30});

	(void)state;
	assert_int_equal(block->missing.count, 3);
	assert_int_equal(block->missing.listed, 2);
	assert_int_equal(block->missing.code_points[0], 0x1F600);
	assert_int_equal(block->missing.code_points[1], 0xFFFD);
	text_block_free(block);

	/* Joined to the character before: not missing. */
	block = layout("か\u3099葛\U000E0100", &(struct text_style){.size = 30});
	assert_int_equal(block->missing.count, 0);
	text_block_free(block);
}

static void control_characters_take_no_room(void **state)
{
	struct text_style style = {.size = 30};
	struct text_block *plain = layout("案内", &style);
	struct text_block *controls = layout("\u202E案\t\a内\u200B\xC2\x85", &style);

	(void)state;
	assert_near(plain->width, controls->lines[0].width, 0.01);
	assert_int_equal(controls->missing.count, 0);
	text_block_free(plain);
	text_block_free(controls);
}

static void largest_fitting_size_fits_and_one_more_does_not(void **state)
{
	const char *text = "デジタル技術を活用したスポーツ活動の推進";
	struct text_style style = {.role = FONT_BOLD, .balance = true, .max_lines = 2};
	struct err err;
	bool fits = false;
	int size = 0;

	(void)state;
	assert_ok(text_fit(fonts, text, &style, 20, 200, 800, 300, &size, &fits, &err),
		  err);
	assert_true(fits);
	assert_in_range(size, 60, 90);
	style.max_width = 800;
	for (int step = 0; step < 2; step++) {
		style.size = size + step;
		struct text_block *block = layout(text, &style);
		assert_int_equal(block->overflow || block->height > 300.5 ||
					 block->worst_break >= 90,
				 step);
		text_block_free(block);
	}

	assert_ok(text_fit(fonts, text, &style, 90, 200, 200, 90, &size, &fits, &err),
		  err);
	assert_false(fits);
	assert_int_equal(size, 90);
}

static void absurd_styles_and_overlong_text_are_refused(void **state)
{
	static char overlong[TEXT_BYTES_MAX + 2];
	struct err err;

	(void)state;
	assert_fails(text_layout(fonts, "市", &(struct text_style){.size = 0}, &err) !=
			     NULL,
		     err, ERR_INVALID, "size");
	assert_fails(text_layout(fonts, "市",
				 &(struct text_style){.size = FONT_SIZE_MAX + 1},
				 &err) != NULL,
		     err, ERR_INVALID, "size");
	memset(overlong, 'x', sizeof(overlong) - 1);
	assert_fails(text_layout(fonts, overlong, &(struct text_style){.size = 20},
				 &err) != NULL,
		     err, ERR_TOO_LARGE, "longer");
}

/* --- Pixels --- */

struct ink {
	int left, top, right, bottom; /* ends exclusive; left = width: none */
};

static struct ink ink_of(const struct canvas *canvas)
{
	struct ink ink = {canvas->width, canvas->height, 0, 0};

	for (int y = 0; y < canvas->height; y++)
		for (int x = 0; x < canvas->width; x++) {
			if ((canvas->pixels[y * canvas->width + x] & 255) > 200)
				continue;
			ink.left = x < ink.left ? x : ink.left;
			ink.right = x >= ink.right ? x + 1 : ink.right;
			ink.top = y < ink.top ? y : ink.top;
			ink.bottom = y >= ink.bottom ? y + 1 : ink.bottom;
		}
	return ink;
}

static void drawn_letters_are_as_tall_and_lie_where_layout_says(void **state)
{
	struct err err;
	struct canvas *canvas = canvas_new(400, 300, (struct colour){0xFFFFFF}, &err);
	struct text_block *block =
		layout("木", &(struct text_style){.size = 150, .role = FONT_BOLD});

	(void)state;
	assert_ok(canvas != NULL, err);
	assert_ok(text_draw(canvas, fonts, block, 50, 40, &err), err);
	struct ink ink = ink_of(canvas);
	assert_near(ink.top, 40, 2);
	assert_near(ink.bottom, 40 + block->height, 2);
	assert_near(ink.bottom - ink.top, block->letter_japanese, 2);
	assert_true(ink.left >= 50 && ink.right <= 50 + block->width + 1);
	text_block_free(block);
	canvas_free(canvas);
}

static void text_at_the_edge_is_clipped(void **state)
{
	struct err err;
	struct canvas *canvas = canvas_new(40, 40, (struct colour){0xFFFFFF}, &err);
	struct text_block *block =
		layout("西東京市西東京市西東京市", &(struct text_style){.size = 60});

	(void)state;
	assert_ok(canvas != NULL, err);
	for (int x = -400; x <= 80; x += 60)
		for (int y = -100; y <= 80; y += 30)
			assert_ok(text_draw(canvas, fonts, block, x, y, &err), err);
	assert_ok(text_draw(canvas, fonts, block, NAN, INFINITY, &err), err);
	assert_ok(text_draw(canvas, fonts, block, 1e30, -1e30, &err), err);
	text_block_free(block);
	canvas_free(canvas);
}

static void figure_and_unit_share_a_baseline(void **state)
{
	const struct text_span spans[] = {
		{.text = "29", .size = 200, .role = FONT_BOLD},
		{.text = "E", .size = 80, .role = FONT_BOLD, .gap = 16},
	};
	struct text_extent both, figure;
	struct err err;
	struct canvas *canvas = canvas_new(800, 300, (struct colour){0xFFFFFF}, &err);

	(void)state;
	assert_ok(canvas != NULL, err);
	assert_ok(text_spans_measure(fonts, spans, 2, &both, &err), err);
	assert_ok(text_spans_measure(fonts, spans, 1, &figure, &err), err);
	assert_ok(text_spans_draw(canvas, fonts, spans, 2, TEXT_RIGHT, 780, 250, &err),
		  err);
	struct ink ink = ink_of(canvas);
	assert_true(ink.right <= 780);
	assert_near(ink.left, 780 - both.width, 20);
	assert_near(ink.top, 250 - both.ascent, 4);
	/* Figures of this font reach a twentieth below the baseline, letters stand on it. */
	assert_near(ink.bottom, 250, 12);
	assert_true(both.width > figure.width + 16);
	assert_near(both.descent, 0, 0);
	assert_true(both.letter_latin < figure.letter_latin);
	assert_near(both.letter_japanese, 0, 0);
	canvas_free(canvas);
}

static void too_many_spans_are_refused(void **state)
{
	static struct text_span spans[TEXT_SPANS_MAX + 1];
	struct text_extent extent;
	struct err err;

	(void)state;
	assert_fails(text_spans_measure(fonts, spans, TEXT_SPANS_MAX + 1, &extent, &err),
		     err, ERR_TOO_LARGE, "spans");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(missing_font_names_the_file_and_its_package),
		cmocka_unit_test(fonts_cover_what_a_city_writes),
		cmocka_unit_test(fonts_cover_the_japanese_character_sets),
		cmocka_unit_test(letter_height_gives_the_size_that_reaches_it),
		cmocka_unit_test(open_fonts_stay_below_their_bound),
		cmocka_unit_test(digits_of_the_figure_role_are_equally_wide),
		cmocka_unit_test(layout_keeps_its_proportions_at_every_size),
		cmocka_unit_test(lines_keep_to_the_width_and_say_where_they_are),
		cmocka_unit_test(alignment_moves_lines_within_the_width),
		cmocka_unit_test(too_little_room_is_reported),
		cmocka_unit_test(characters_without_a_font_are_listed_once_and_counted),
		cmocka_unit_test(control_characters_take_no_room),
		cmocka_unit_test(largest_fitting_size_fits_and_one_more_does_not),
		cmocka_unit_test(absurd_styles_and_overlong_text_are_refused),
		cmocka_unit_test(drawn_letters_are_as_tall_and_lie_where_layout_says),
		cmocka_unit_test(text_at_the_edge_is_clipped),
		cmocka_unit_test(figure_and_unit_share_a_baseline),
		cmocka_unit_test(too_many_spans_are_refused),
	};

	return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
