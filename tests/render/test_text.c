#include "render/text.h"

#include <iconv.h>
#include <math.h>

#include "core/ruby.h"
#include "core/utf8.h"
#include "render/font_face.h"
#include "render/linebreak.h"
#include "render/open_fonts.h"
#include "render/phrase.h"
#include "support/test.h"
#include "support/tmp.h"

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

static int choose_face(uint32_t c, int role, int language)
{
	struct err err;
	int face;

	assert_ok(font_face_choose(fonts, (enum font_role)role,
				   (enum font_language)language, c, &face, &err),
		  err);
	return face;
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

/* A face is remembered by character, role and language: none may stand for another. */
static void character_keeps_its_face_whatever_was_asked_before(void **state)
{
	const uint32_t apart = 512; /* half of what is remembered, and all of it */

	(void)state;
	for (uint32_t c = 0x20; c < 0x9FFF; c += 37) {
		int once[FONT_ROLES][FONT_LANGUAGES];

		for (int turn = 0; turn < 2; turn++)
			for (int role = 0; role < FONT_ROLES; role++)
				for (int language = 0; language < FONT_LANGUAGES;
				     language++) {
					int face = choose_face(c, role, language);

					if (turn == 0)
						once[role][language] = face;
					assert_int_equal(face, once[role][language]);
					(void)choose_face(c + apart, role, language);
					(void)choose_face(c + 2 * apart, role, language);
				}
		if (once[FONT_TEXT][FONT_JAPANESE] != FONT_FACE_NONE)
			assert_int_not_equal(once[FONT_TEXT][FONT_JAPANESE],
					     once[FONT_BOLD][FONT_JAPANESE]);
	}
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

/* --- Readings --- */

static struct text_block *layout_ruby(const char *text, double width)
{
	return layout(text,
		      &(struct text_style){.size = 80, .max_width = width, .ruby = true});
}

static double middle_of_base(const struct text_block *block, size_t index)
{
	const struct text_reading *reading = &block->readings[index];
	struct text_block *base = NULL;
	char letters[64];
	size_t count;
	double middle;

	snprintf(letters, sizeof(letters), "%.*s", (int)(reading->end - reading->start),
		 block->text + reading->start);
	base = layout(letters, &(struct text_style){.size = 80});
	count = utf8_count(letters);
	middle = reading->base_x +
		 (base->width + reading->base_gap * (double)(count - 1)) / 2;
	text_block_free(base);
	return middle;
}

static void reading_and_base_have_one_middle(void **state)
{
	static const char *const texts[] = {
		"駅《えき》",         "東京都《とうきょうと》",
		"志《こころざし》",   "の志《こころざし》",
		"志《こころざし》の", "の志《こころざし》の",
		"｜AI《エーアイ》",   "人工知能《エーアイ》",
		"市《CITY》",         "の東京《ひがしのみやこ》案",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct text_block *block = layout_ruby(texts[i], 0);
		const struct text_reading *reading = block->readings;

		assert_int_equal(block->reading_count, 1);
		assert_int_equal(reading->line, 0);
		assert_near(reading->x + reading->width / 2, middle_of_base(block, 0),
			    0.01);
		/* Both lie within the line. */
		assert_true(reading->x >= -0.01 && reading->base_x >= -0.01);
		assert_true(reading->x + reading->width <= block->width + 0.01);
		text_block_free(block);
	}
}

static void wide_reading_spreads_its_base_and_reaches_over_kana_only(void **state)
{
	struct text_block *alone = layout_ruby("志《こころざし》", 0);
	struct text_block *kana = layout_ruby("の志《こころざし》の", 0);
	struct text_block *kanji = layout_ruby("市｜志《こころざし》市", 0);
	struct text_block *side = layout_ruby("市｜志《こころざし》の", 0);
	const struct text_reading *reading = alone->readings;

	(void)state;
	assert_near(reading->extent, reading->width, 0.01);
	/* Half a letter of the reading, a quarter of the base's, on either side. */
	assert_near(kana->readings->extent, reading->width - 2 * 20, 0.01);
	assert_near(kanji->readings->extent, reading->width, 0.01);
	assert_near(side->readings->extent, reading->width - 20, 0.01);
	assert_near(kana->readings->place - kana->readings->x, 20, 0.01);
	text_block_free(alone);
	text_block_free(kana);
	text_block_free(kanji);
	text_block_free(side);

	/* Two letters: the gap between them is twice that at the ends. */
	alone = layout_ruby("東京《ひがしのみやこ》", 0);
	reading = alone->readings;
	assert_true(reading->base_gap > 20);
	assert_near(reading->base_x, reading->base_gap / 2, 0.01);
	text_block_free(alone);
	/* Letters of one Latin word stay together. */
	alone = layout_ruby("｜AI《じんこうちのう》", 0);
	assert_near(alone->readings->base_gap, 0, 0);
	text_block_free(alone);
}

static void narrow_reading_is_spread_over_its_base(void **state)
{
	struct text_block *block = layout_ruby("東京都《みやこ》", 0);
	const struct text_reading *reading = block->readings;

	(void)state;
	assert_near(reading->base_gap, 0, 0);
	assert_true(reading->gap > 20);
	assert_near(reading->x, reading->gap / 2, 0.01);
	assert_near(block->width, reading->extent, 0.01);
	text_block_free(block);
}

static void lines_with_readings_have_room_for_them(void **state)
{
	static const char plain[] = "東京の市役所から市民の皆さんへ";
	static const char late[] = "東京の市役所から市民《しみん》の皆さんへ";
	static const char early[] = "東京《とうきょう》の市役所から市民の皆さんへ";
	struct text_block *none = layout_ruby(plain, 700);
	struct text_block *second = layout_ruby(late, 700);
	struct text_block *first = layout_ruby(early, 700);
	struct font_metrics metrics;
	double room;
	struct err err;

	(void)state;
	assert_ok(font_measure(fonts, FONT_TEXT, FONT_JAPANESE, 80, &metrics, &err), err);
	room = text_reading_room(&metrics);
	assert_int_equal(none->line_count, 2);
	assert_int_equal(second->readings->line, 1);
	assert_int_equal(first->readings->line, 0);
	/* One distance between all lines of a block that has a reading anywhere. */
	assert_near(none->lines[1].baseline - none->lines[0].baseline, 80 * 1.4, 0.01);
	for (int i = 0; i < 2; i++) {
		const struct text_block *block = i == 0 ? first : second;

		assert_near(block->lines[1].baseline - block->lines[0].baseline,
			    80 * TEXT_PITCH_READINGS, 0.01);
		/* Between a reading's foot and the line above it. */
		assert_true(80 * TEXT_PITCH_READINGS - metrics.kanji_height - room > 15);
	}
	/* Above the first line only what stands there. */
	assert_near(second->lines[0].baseline, none->lines[0].baseline, 0.01);
	assert_near(first->lines[0].baseline - none->lines[0].baseline, room, 0.01);
	assert_near(first->top, room, 0.01);
	assert_near(first->letter_reading, first->letter_japanese / 2, 0.01);
	assert_near(none->letter_reading, 0, 0);
	text_block_free(none);
	text_block_free(second);
	text_block_free(first);
}

static void no_line_ends_within_what_has_one_reading(void **state)
{
	const char *text =
		"西東京市役所《にしとうきょうしやくしょ》の田無庁舎《たなしちょうしゃ》に"
		"障害者総合支援《しょうがいしゃそうごうしえん》の窓口《まどぐち》が"
		"あります。";

	(void)state;
	for (double width = 700; width < 2500; width += 31) {
		struct text_block *block = layout_ruby(text, width);

		assert_int_equal(block->consumed, strlen(text));
		assert_false(block->overflow);
		for (size_t i = 0; i < block->reading_count; i++) {
			const struct text_reading *reading = &block->readings[i];
			const struct text_line *line = &block->lines[reading->line];

			assert_true(line->start <= reading->start);
			assert_true(line->end >= reading->end);
			/* Never over the edges of its line. */
			assert_true(reading->x >= line->x - 0.01);
			assert_true(reading->x + reading->width <=
				    line->x + line->width + 0.01);
		}
		for (size_t i = 0; i < block->line_count; i++)
			assert_true(block->lines[i].width <= width + 0.01);
		text_block_free(block);
	}
	/* What is wider than the line sticks out as a whole, and that is told. */
	struct text_block *block = layout_ruby("障害者総合支援《しえん》", 300);
	assert_int_equal(block->line_count, 1);
	assert_true(block->overflow);
	text_block_free(block);
}

static void text_with_readings_goes_on_where_it_was_left(void **state)
{
	const char *text =
		"市役所《しやくしょ》の案内《あんない》を広報紙《こうほうし》で"
		"お知《し》らせします。";
	struct text_style style = {
		.size = 40, .max_width = 300, .max_lines = 1, .ruby = true};
	char shown[200] = "";
	size_t at = 0, used = 0;
	char *plain = ruby_plain(text);

	(void)state;
	for (int i = 0; i < 20 && text[at] != '\0'; i++) {
		struct text_block *block = layout(text + at, &style);

		assert_true(block->consumed > 0);
		used += (size_t)snprintf(shown + used, sizeof(shown) - used, "%.*s",
					 (int)block->laid_out, block->text);
		at += block->consumed;
		text_block_free(block);
	}
	assert_string_equal(shown, plain);
	free(plain);
}

static void brackets_are_brackets_where_nothing_has_readings(void **state)
{
	struct text_style style = {.size = 40, .language = FONT_CHINESE_SIMPLIFIED};
	struct text_block *block = layout("阅读《红楼梦》", &style);

	(void)state;
	assert_int_equal(block->reading_count, 0);
	assert_string_equal(block->text, "阅读《红楼梦》");
	text_block_free(block);
}

static void missing_letters_of_a_reading_are_listed_where_they_are_written(void **state)
{
	struct text_block *block =
		layout_ruby("外《そと》字《\xee\x80\x80》\xee\x80\x81", 0);

	(void)state;
	assert_int_equal(block->missing.listed, 2);
	assert_int_equal(block->missing.code_points[0], 0xe001);
	assert_int_equal(block->missing.at[0], strlen("外《そと》字《   》"));
	assert_int_equal(block->missing.code_points[1], 0xe000);
	assert_int_equal(block->missing.at[1], strlen("外《そと》字《"));
	text_block_free(block);
}

/* --- Marks that hang --- */

static bool ends_with_mark(const struct text_block *block, const struct text_line *line)
{
	return line->end >= 3 && (memcmp(block->text + line->end - 3, "、", 3) == 0 ||
				  memcmp(block->text + line->end - 3, "。", 3) == 0);
}

static void marks_hang_only_where_a_line_is_full(void **state)
{
	const char *text =
		"点や丸は、行に入りきらないときだけ、行の右に少し出ます。文字の並びが"
		"そろい、一行に一つ多く入ります。「丸」も、行の頭には来ません。";
	size_t hanging = 0, fewer = 0;

	(void)state;
	for (double width = 300; width < 1500; width += 7) {
		struct text_style style = {.size = 50, .max_width = width};
		struct text_block *usual = layout(text, &style);
		style.hang = true;
		struct text_block *hung = layout(text, &style);

		for (size_t i = 0; i < hung->line_count; i++) {
			const struct text_line *line = &hung->lines[i];

			assert_true(line->width <= width + 0.5);
			if (line->hang <= 0)
				continue;
			hanging++;
			assert_true(ends_with_mark(hung, line));
			assert_true(line->width + line->hang > width);
			assert_true(line->hang < 50);
		}
		assert_true(hung->width <= width + 0.5);
		assert_true(hung->line_count <= usual->line_count);
		assert_false(hung->overflow);
		fewer += hung->line_count < usual->line_count;
		text_block_free(usual);
		text_block_free(hung);
	}
	assert_true(hanging > 20);
	assert_true(fewer > 5);
}

static void marks_do_not_hang_in_centred_text_or_other_languages(void **state)
{
	const char *text = "市民の皆さんへ、お知らせします。";
	struct text_style style = {.size = 50, .hang = true};
	struct text_block *whole = layout(text, &style);
	struct text_block *mark = layout("。", &(struct text_style){.size = 50});

	(void)state;
	/* Room for all but half of the last mark. */
	style.max_width = whole->width - mark->width / 2;
	for (int i = 0; i < 3; i++) {
		style.align = i == 1 ? TEXT_CENTRE : TEXT_LEFT;
		style.language = i == 2 ? FONT_CHINESE_SIMPLIFIED : FONT_JAPANESE;
		struct text_block *block = layout(text, &style);

		assert_int_equal(block->line_count == 1, i == 0);
		for (size_t line = 0; line < block->line_count; line++)
			assert_int_equal(block->lines[line].hang > 0, i == 0);
		text_block_free(block);
	}
	text_block_free(whole);
	text_block_free(mark);
}

/* --- Pages --- */

static void text_that_may_go_on_does_rather_than_part_a_word(void **state)
{
	const char *text =
		"お知らせの題名、本文、所管課が、画面でどのように見えるかを示します。";
	struct text_style style = {.size = 46, .max_width = 760, .max_lines = 2};
	size_t parted = 0;

	(void)state;
	for (style.max_width = 500; style.max_width < 900; style.max_width += 5) {
		style.turn = false;
		struct text_block *forced = layout(text, &style);
		style.turn = true;
		struct text_block *free_to = layout(text, &style);

		parted += forced->worst_break >= PHRASE_COST_PARTED;
		assert_true(free_to->worst_break < PHRASE_COST_PARTED);
		assert_true(free_to->consumed <= forced->consumed);
		text_block_free(forced);
		text_block_free(free_to);
	}
	assert_true(parted > 0);
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

static void readings_are_drawn_above_their_base(void **state)
{
	struct err err;
	struct canvas *canvas = canvas_new(400, 300, (struct colour){0xFFFFFF}, &err);
	struct text_block *block = layout_ruby("木《木》", 0);
	struct ink ink;
	int blank = 0;

	(void)state;
	assert_ok(canvas != NULL, err);
	assert_ok(text_draw(canvas, fonts, block, 50, 40, &err), err);
	ink = ink_of(canvas);
	assert_near(ink.top, 40, 2);
	assert_near(ink.bottom, 40 + block->height, 2);
	/* One gap of a few rows without ink lies between the two. */
	for (int y = ink.top; y < ink.bottom; y++) {
		bool row = false;

		for (int x = 0; x < canvas->width; x++)
			row |= (canvas->pixels[y * canvas->width + x] & 255) < 200;
		if (row)
			continue;
		blank++;
		assert_near(y, 40 + block->letter_reading, 6);
	}
	assert_in_range(blank, 2, 8);
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
		cmocka_unit_test(reading_and_base_have_one_middle),
		cmocka_unit_test(
			wide_reading_spreads_its_base_and_reaches_over_kana_only),
		cmocka_unit_test(narrow_reading_is_spread_over_its_base),
		cmocka_unit_test(lines_with_readings_have_room_for_them),
		cmocka_unit_test(no_line_ends_within_what_has_one_reading),
		cmocka_unit_test(text_with_readings_goes_on_where_it_was_left),
		cmocka_unit_test(brackets_are_brackets_where_nothing_has_readings),
		cmocka_unit_test(
			missing_letters_of_a_reading_are_listed_where_they_are_written),
		cmocka_unit_test(marks_hang_only_where_a_line_is_full),
		cmocka_unit_test(marks_do_not_hang_in_centred_text_or_other_languages),
		cmocka_unit_test(text_that_may_go_on_does_rather_than_part_a_word),
		cmocka_unit_test(readings_are_drawn_above_their_base),
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
		cmocka_unit_test(character_keeps_its_face_whatever_was_asked_before),
		cmocka_unit_test(absurd_styles_and_overlong_text_are_refused),
		cmocka_unit_test(drawn_letters_are_as_tall_and_lie_where_layout_says),
		cmocka_unit_test(text_at_the_edge_is_clipped),
		cmocka_unit_test(figure_and_unit_share_a_baseline),
		cmocka_unit_test(too_many_spans_are_refused),
	};

	return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
