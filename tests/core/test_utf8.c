#include "support/test.h"

#include "core/utf8.h"

static void every_code_point_survives_encoding_and_decoding(void **state)
{
	(void)state;
	for (uint32_t code_point = 1; code_point <= 0x10ffff; code_point++) {
		char text[5] = {0};
		const char *cursor = text;
		size_t len;

		if (code_point >= 0xd800 && code_point <= 0xdfff)
			continue;
		len = utf8_encode(code_point, text);
		if (utf8_next(&cursor) != code_point || cursor != text + len ||
		    !utf8_is_valid(text))
			fail_msg("U+%04X does not survive", (unsigned)code_point);
	}
}

static void malformed_bytes_give_replacements_one_by_one(void **state)
{
	static const char *const malformed[] = {
		"\x80",
		"\xbf",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xe0\x80\xaf",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x80\x80\x80",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"\xe3\x81",
		"\xf0\x9f\x98",
		"\xc3",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(malformed); i++) {
		const char *cursor = malformed[i];

		assert_false(utf8_is_valid(malformed[i]));
		assert_int_equal(utf8_next(&cursor), 0xfffd);
		assert_ptr_equal(cursor, malformed[i] + 1);
		assert_int_equal(utf8_count(malformed[i]), strlen(malformed[i]));
	}
}

static void cursor_stays_at_the_end(void **state)
{
	const char *text = "駅";
	const char *cursor = text;

	(void)state;
	assert_int_equal(utf8_next(&cursor), 0x99c5);
	assert_int_equal(utf8_next(&cursor), 0);
	assert_int_equal(utf8_next(&cursor), 0);
	assert_ptr_equal(cursor, text + 3);
}

static void surrogates_and_numbers_too_large_encode_as_the_replacement(void **state)
{
	char text[4] = {0};

	(void)state;
	assert_int_equal(utf8_encode(0xd800, text), 3);
	assert_memory_equal(text, "\xef\xbf\xbd", 3);
	assert_int_equal(utf8_encode(0x110000, text), 3);
	assert_memory_equal(text, "\xef\xbf\xbd", 3);
}

static void characters_are_counted_not_bytes(void **state)
{
	(void)state;
	assert_int_equal(utf8_count(""), 0);
	assert_int_equal(utf8_count("駅前 A\n"), 5);
	assert_int_equal(utf8_count("𠮷野家"), 3);
}

static void readable_count_leaves_out_what_takes_no_reading(void **state)
{
	(void)state;
	assert_int_equal(utf8_count_readable(""), 0);
	assert_int_equal(utf8_count_readable(" \t\n\u3000\u00a0"), 0);
	assert_int_equal(utf8_count_readable("駅前 情報\n発信　拠点"), 8);
	assert_int_equal(utf8_count_readable("か\u3099き"), 2);
	assert_int_equal(utf8_count_readable("葛\U000e0100飾"), 2);
	assert_int_equal(utf8_count_readable("e\u0301"), 1);
	assert_int_equal(utf8_count_readable("👨\u200d👩"), 2);
	assert_int_equal(utf8_count_readable("☀\ufe0f"), 1);
	assert_int_equal(utf8_count_readable("ー、。「」"), 5);
}

static void controls_are_found_but_line_feeds_may_stay(void **state)
{
	static const char *const with[] = {"a\tb",     "\r",       "\x01",    "\x7f",
					   "\xc2\x80", "\xc2\x9f", "\u202e",  "\u2066",
					   "x\u2069y", "\u200ez",  "\u061cq", "\u202a"};
	static const char *const without[] = {"", "a\nb", "駅前　情報", "\u00a0",
					      "\u200d"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(with); i++)
		assert_true(utf8_has_control(with[i]));
	for (size_t i = 0; i < ARRAY_LEN(without); i++)
		assert_false(utf8_has_control(without[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_survives_encoding_and_decoding),
		cmocka_unit_test(malformed_bytes_give_replacements_one_by_one),
		cmocka_unit_test(cursor_stays_at_the_end),
		cmocka_unit_test(
			surrogates_and_numbers_too_large_encode_as_the_replacement),
		cmocka_unit_test(characters_are_counted_not_bytes),
		cmocka_unit_test(readable_count_leaves_out_what_takes_no_reading),
		cmocka_unit_test(controls_are_found_but_line_feeds_may_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
