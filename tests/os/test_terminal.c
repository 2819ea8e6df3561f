#include "os/terminal.h"
#include "support/test.h"

static void japanese_takes_two_columns_a_character(void **state)
{
	static const struct {
		const char *text;
		size_t columns;
	} known[] = {
		{"", 0},         {"abc", 3},        {"駅前", 4}, {"令和8年度", 9},
		{"カタカナ", 8}, {"ｶﾀｶﾅ", 4},       {"（）", 4}, {"한국어", 6},
		{"Ünïcödé", 7},  {"\U00020bb7", 2}, {"😀", 2},    {"、。ー", 6},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		assert_int_equal(terminal_columns(known[i].text), known[i].columns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(japanese_takes_two_columns_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
