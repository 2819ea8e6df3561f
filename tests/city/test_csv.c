#include "city/csv.h"

#include "city/buffer.h"
#include "support/test.h"

static char *row_of(const char *first, const char *second)
{
	struct buffer buffer;
	struct csv csv;
	struct err err = {0};
	char *text;
	size_t len;

	buffer_init(&buffer, 4096);
	csv_begin(&csv, &buffer);
	csv_text(&csv, first);
	csv_text(&csv, second);
	csv_end_row(&csv);
	assert_ok(buffer_take(&buffer, &text, &len, &err), err);
	assert_int_equal(len, strlen(text));
	return text;
}

static void assert_row(const char *first, const char *second, const char *expected)
{
	char *row = row_of(first, second);

	assert_string_equal(row, expected);
	free(row);
}

static void plain_cells_stand_as_they_are(void **state)
{
	(void)state;
	assert_row("年度", "タ",
		   "\xef\xbb\xbf"
		   "年度,タ\r\n");
}

static void separators_and_quotes_are_quoted(void **state)
{
	(void)state;
	assert_row("a,b", "say \"no\"",
		   "\xef\xbb\xbf"
		   "\"a,b\",\"say \"\"no\"\"\"\r\n");
	assert_row("two\nlines", "cr\rhere",
		   "\xef\xbb\xbf"
		   "\"two\nlines\",\"cr\rhere\"\r\n");
}

static void empty_cells_keep_their_place(void **state)
{
	(void)state;
	assert_row("", "",
		   "\xef\xbb\xbf"
		   ",\r\n");
}

static void formulas_become_text(void **state)
{
	(void)state;
	assert_row("=1+1", "@SUM(A1)",
		   "\xef\xbb\xbf"
		   "'=1+1,'@SUM(A1)\r\n");
	assert_row("-2", "+cmd|' /C calc'!A0,",
		   "\xef\xbb\xbf"
		   "'-2,\"'+cmd|' /C calc'!A0,\"\r\n");
}

static void numbers_are_digits_only(void **state)
{
	struct buffer buffer;
	struct csv csv;

	(void)state;
	buffer_init(&buffer, 100);
	csv_begin(&csv, &buffer);
	csv_number(&csv, INT64_MIN);
	csv_number(&csv, 1234567);
	csv_end_row(&csv);
	assert_string_equal(buffer.bytes, "\xef\xbb\xbf"
					  "-9223372036854775808,1234567\r\n");
	buffer_done(&buffer);
}

static void text_over_the_ceiling_is_an_error(void **state)
{
	struct buffer buffer;
	struct err err = {0};
	char *text;
	size_t len;

	(void)state;
	buffer_init(&buffer, 10);
	buffer_add(&buffer, "12345");
	buffer_add(&buffer, "678901");
	assert_fails(buffer_take(&buffer, &text, &len, &err), err, ERR_TOO_LARGE, "10");
	buffer_done(&buffer);
}

static void json_strings_are_escaped(void **state)
{
	struct buffer buffer;

	(void)state;
	buffer_init(&buffer, 100);
	buffer_json(&buffer, "駅\"\\\n\x01前");
	assert_string_equal(buffer.bytes, "\"駅\\\"\\\\\\n\\u0001前\"");
	buffer_done(&buffer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_cells_stand_as_they_are),
		cmocka_unit_test(separators_and_quotes_are_quoted),
		cmocka_unit_test(empty_cells_keep_their_place),
		cmocka_unit_test(formulas_become_text),
		cmocka_unit_test(numbers_are_digits_only),
		cmocka_unit_test(text_over_the_ceiling_is_an_error),
		cmocka_unit_test(json_strings_are_escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
