#include "support/test.h"

#include "core/ruby.h"

#define BASE_12    "一二三四五六七八九十百千"
#define READING_24 "あいうえおかきくけこさしすせそたちつてとなにぬね"

/* The pieces of @text as "base(reading)" and plain text between bars. */
static void assert_pieces(const char *text, const char *expected)
{
	char found[1024] = "";
	size_t len = 0;
	struct ruby_piece piece;

	while (ruby_next(&text, &piece)) {
		len += (size_t)snprintf(found + len, sizeof(found) - len, "%s%.*s",
					len > 0 ? "|" : "", (int)piece.len, piece.text);
		if (piece.reading)
			len += (size_t)snprintf(found + len, sizeof(found) - len,
						"(%.*s)", (int)piece.reading_len,
						piece.reading);
	}
	assert_string_equal(found, expected);
}

static void reading_stands_above_the_kanji_before_it(void **state)
{
	(void)state;
	assert_pieces("お知らせの漢字《かんじ》です", "お知らせの|漢字(かんじ)|です");
	assert_pieces("東《とう》京《きょう》", "東(とう)|京(きょう)");
	assert_pieces("佐々木《ささき》さん", "佐々木(ささき)|さん");
	assert_pieces("市ヶ谷《いちがや》", "市ヶ谷(いちがや)");
	assert_pieces("𠮷野《よしの》", "𠮷野(よしの)");
	assert_pieces("改行\n行《ぎょう》", "改行\n|行(ぎょう)");
}

static void bar_says_where_the_base_begins(void **state)
{
	(void)state;
	assert_pieces("お｜知らせ《しらせ》", "お|知らせ(しらせ)");
	assert_pieces("西東京｜市役所《しやくしょ》", "西東京|市役所(しやくしょ)");
	assert_pieces("｜AI《エーアイ》とOCR", "AI(エーアイ)|とOCR");
	/* The last bar counts; others are separators. */
	assert_pieces("月｜火｜曜《よう》", "月｜火|曜(よう)");
	assert_pieces("月｜火\n曜日《ようび》", "月｜火\n|曜日(ようび)");
}

static void brackets_of_their_own_stay_what_they_are(void **state)
{
	(void)state;
	assert_pieces("読書｜《こころ》の会", "読書|《|こころ》の会");
	assert_pieces("月｜火｜水", "月｜火｜水");
	assert_pieces("〈山〉》", "〈山〉》");
}

/* A screen draws what it gets, and loses nothing of it. */
static void wrong_readings_are_text(void **state)
{
	static const char *const texts[] = {
		"漢字《かんじ",     "漢字《》",         "かな《かな》", "《かんじ》",
		"漢字《かん《じ》", "漢字《か\nんじ》", "漢字《　》",   "\xff《",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char *plain = ruby_plain(texts[i]);

		assert_string_equal(plain, texts[i]);
		free(plain);
	}
}

static void plain_text_has_neither_readings_nor_marks(void **state)
{
	static const char *const texts[][2] = {
		{"", ""},
		{"お知らせ", "お知らせ"},
		{"｜田無《たなし》駅《えき》の｜《掲示板》", "田無駅の《掲示板》"},
		{"月｜火", "月｜火"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		char *plain = ruby_plain(texts[i][0]);

		assert_string_equal(plain, texts[i][1]);
		free(plain);
	}
	assert_true(ruby_is_in("田無《たなし》"));
	assert_false(ruby_is_in("月｜火 ｜《本》"));
}

static void places_of_plain_text_are_found_in_the_written_one(void **state)
{
	const char *text = "市の｜田無駅《たなしえき》で";

	(void)state;
	assert_int_equal(ruby_written(text, 0), 0);
	assert_int_equal(ruby_written(text, strlen("市")), strlen("市"));
	/* Before the base: before its mark; behind it: behind its reading. */
	assert_int_equal(ruby_written(text, strlen("市の")), strlen("市の"));
	assert_int_equal(ruby_written(text, strlen("市の田無駅")),
			 strlen("市の｜田無駅《たなしえき》"));
	assert_int_equal(ruby_written(text, strlen("市の田無駅で")), strlen(text));
	assert_int_equal(ruby_written(text, 999), strlen(text));
}

static void assert_refused(const char *text, const char *sentence)
{
	struct err err = {0};

	assert_fails(ruby_check(text, &err), err, ERR_INVALID, sentence);
}

static void wrong_readings_are_refused_with_place_and_remedy(void **state)
{
	(void)state;
	assert_refused("漢字《かんじ",
		       "character 3: 《 begins a reading that no 》 ends");
	assert_refused("市民《しみん》の\n広《ひろ\n場》", "character 11: 《 begins");
	assert_refused("漢字《かん《じ》", "character 3: 《 begins");
	assert_refused("漢字《》", "character 3: there is no reading");
	assert_refused("漢字《　》", "character 3: there is no reading");
	assert_refused("お知らせ《おしらせ》",
		       "character 5: no kanji stands before 《: put ｜");
	assert_refused("《おしらせ》", "or write ｜《 for the bracket itself");
	assert_refused(BASE_12 "万《まん》",
		       "character 14: the reading is that of more than 12");
	assert_refused("字《" READING_24 "の》",
		       "character 2: the reading has more than 24");
}

static void right_readings_are_accepted(void **state)
{
	static const char *const texts[] = {
		"",     "お知らせ", "漢字《かんじ》",
		"｜《", "月｜火》", BASE_12 "《" READING_24 "》",
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_ok(ruby_check(texts[i], &err), err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_stands_above_the_kanji_before_it),
		cmocka_unit_test(bar_says_where_the_base_begins),
		cmocka_unit_test(brackets_of_their_own_stay_what_they_are),
		cmocka_unit_test(wrong_readings_are_text),
		cmocka_unit_test(plain_text_has_neither_readings_nor_marks),
		cmocka_unit_test(places_of_plain_text_are_found_in_the_written_one),
		cmocka_unit_test(wrong_readings_are_refused_with_place_and_remedy),
		cmocka_unit_test(right_readings_are_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
