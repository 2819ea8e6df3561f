#include "wire/csv_table.h"

#include "support/test.h"

/* "1:年度|値 2:a|b ": the rows of @text, or fails. */
static const char *joined(const char *text)
{
	static char out[2000];
	struct err err = {0};
	struct csv_table *table = csv_table_read("t.csv", text, strlen(text), &err);
	size_t len = 0;

	assert_ok(table, err);
	out[0] = '\0';
	for (size_t i = 0; i < table->count; i++) {
		len += (size_t)snprintf(out + len, sizeof(out) - len,
					"%d:", table->rows[i].line);
		for (size_t j = 0; j < table->rows[i].count; j++)
			len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%s",
						j ? "|" : "", table->rows[i].cells[j]);
		len += (size_t)snprintf(out + len, sizeof(out) - len, " ");
	}
	csv_table_free(table);
	return out;
}

static void assert_refused(const void *bytes, size_t len, enum err_code code,
			   const char *part)
{
	struct err err = {0};

	assert_fails(csv_table_read("t.csv", bytes, len, &err), err, code, part);
}

static void rows_end_in_any_way_that_spreadsheets_write(void **state)
{
	(void)state;
	assert_string_equal(joined("年度,値\r\n2024,1\r\n"), "1:年度|値 2:2024|1 ");
	assert_string_equal(joined("年度,値\n2024,1"), "1:年度|値 2:2024|1 ");
	assert_string_equal(joined("年度,値\r2024,1\r"), "1:年度|値 2:2024|1 ");
	assert_string_equal(joined("\xef\xbb\xbf"
				   "年度,値\r\n"),
			    "1:年度|値 ");
	assert_string_equal(joined(""), "");
	assert_string_equal(joined("\xef\xbb\xbf"), "");
}

static void empty_rows_count_but_are_left_out(void **state)
{
	(void)state;
	assert_string_equal(joined("a,b\r\n\r\n,\r\n1,\r\n,2"), "1:a|b 4:1| 5:|2 ");
}

static void quotes_hold_separators_lines_and_quotes(void **state)
{
	(void)state;
	assert_string_equal(joined("\"a,b\",\"c\"\"d\"\r\n\"\",x"), "1:a,b|c\"d 2:|x ");
	assert_string_equal(joined("\"a\r\nb\",c\n1,2"), "1:a\r\nb|c 2:1|2 ");
	assert_string_equal(joined("a\"b,c"), "1:a\"b|c ");
	assert_refused("a\n\"b", 4, ERR_INVALID, "t.csv: line 2: a cell that begins");
	assert_refused("\"b\"c", 4, ERR_INVALID, "line 1: a cell that begins");
	assert_refused("\"", 1, ERR_INVALID, "line 1");
}

static void apostrophe_before_a_formula_is_taken_off(void **state)
{
	(void)state;
	assert_string_equal(joined("'=1,\"'@a,b\",'n,',''"), "1:=1|@a,b|'n|'|'' ");
}

static void shift_jis_is_understood(void **state)
{
	/* 年度,値 and 表 (whose second byte is a backslash), a half-width ｱ and ① of Windows. */
	static const char text[] =
		"\x94\x4e\x93\x78,\x92\x6c\r\n\x95\x5c,\xb1\x87\x40\r\n";

	(void)state;
	assert_string_equal(joined(text), "1:年度|値 2:表|ｱ① ");
}

static void other_encodings_are_refused_with_a_remedy(void **state)
{
	static const char utf16[] = "\xff\xfe\x74\x5e\xa6\x5e,\0";

	(void)state;
	assert_refused(utf16, sizeof(utf16), ERR_INVALID, "save it as 「CSV UTF-8");
	assert_refused("PK\x03\x04\0\0", 6, ERR_INVALID, "a workbook?");
	assert_refused("\xff\xff", 2, ERR_INVALID, "neither UTF-8 nor Shift_JIS");
	/* What says that it is UTF-8 is not tried as anything else. */
	assert_refused("\xef\xbb\xbf\x94\x4e", 5, ERR_INVALID, "neither UTF-8");
}

static void each_maximum_is_held(void **state)
{
	size_t len = CSV_TABLE_MAX + 1;
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, 'x', len);
	assert_refused(text, len, ERR_TOO_LARGE, "at most 1048576");
	memset(text, ',', CSV_COLUMNS_MAX);
	assert_refused(text, CSV_COLUMNS_MAX, ERR_TOO_LARGE, "line 1: has over 100");
	for (size_t i = 0; i < 2 * (CSV_ROWS_MAX + 1); i += 2)
		memcpy(text + i, "1\n", 2);
	assert_refused(text, 2 * (size_t)(CSV_ROWS_MAX + 1), ERR_TOO_LARGE,
		       "over 5000 lines");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_end_in_any_way_that_spreadsheets_write),
		cmocka_unit_test(empty_rows_count_but_are_left_out),
		cmocka_unit_test(quotes_hold_separators_lines_and_quotes),
		cmocka_unit_test(apostrophe_before_a_formula_is_taken_off),
		cmocka_unit_test(shift_jis_is_understood),
		cmocka_unit_test(other_encodings_are_refused_with_a_remedy),
		cmocka_unit_test(each_maximum_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
