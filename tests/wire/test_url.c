#include "wire/url.h"

#include "support/test.h"

static void quoted_text_is_of_unreserved_characters(void **state)
{
	static const struct {
		const char *text, *also, *expected;
	} cases[] = {
		{"", "", ""},
		{"aZ09-._~", "", "aZ09-._~"},
		{"a/b", "", "a%2Fb"},
		{"a/b", "/", "a/b"},
		{"../x", "", "..%2Fx"},
		{"?#%&=+ ", "", "%3F%23%25%26%3D%2B%20"},
		{"駅", "", "%E9%A7%85"},
		{"\x01\x7f\xff", "", "%01%7F%FF"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[64];

		assert_true(url_quote(cases[i].text, cases[i].also, out, sizeof(out)));
		assert_string_equal(out, cases[i].expected);
	}
}

static void path_of_a_url_is_left_as_it_is(void **state)
{
	static const struct {
		const char *path, *expected;
	} cases[] = {
		{"a/b//c/", "a/b//c/"},
		{"!$&'()*+,;=:@-._~", "!$&'()*+,;=:@-._~"},
		{"already%20quoted%2f", "already%20quoted%2f"},
		{"100%", "100%25"},
		{"%zz%2", "%25zz%252"},
		{"a b?c#d", "a%20b%3Fc%23d"},
		{"駅/前", "%E9%A7%85/%E5%89%8D"},
		{"line\r\nHost: x", "line%0D%0AHost:%20x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char out[64];

		assert_true(url_path_quote(cases[i].path, out, sizeof(out)));
		assert_string_equal(out, cases[i].expected);
	}
}

static void what_does_not_fit_is_refused(void **state)
{
	char out[8];

	(void)state;
	assert_true(url_quote("1234567", "", out, sizeof(out)));
	assert_false(url_quote("12345678", "", out, sizeof(out)));
	assert_string_equal(out, "");
	assert_true(url_quote("1234/", "", out, sizeof(out)));
	assert_string_equal(out, "1234%2F");
	assert_false(url_quote("12345/", "", out, sizeof(out)));
	assert_true(url_path_quote("1234 ", out, sizeof(out)));
	assert_false(url_path_quote("12345 ", out, sizeof(out)));
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quoted_text_is_of_unreserved_characters),
		cmocka_unit_test(path_of_a_url_is_left_as_it_is),
		cmocka_unit_test(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
