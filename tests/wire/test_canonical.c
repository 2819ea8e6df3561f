#include "wire/canonical.h"

#include "support/test.h"

#include <jansson.h>

/* Fails the test unless @source becomes @expected. */
static void assert_canonical(const char *source, const char *expected)
{
	struct err err = {0};
	size_t len = 0;
	json_error_t error;
	json_t *value =
		json_loads(source, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &error);
	char *text;

	assert_non_null(value);
	text = canonical_json(value, &len, &err);
	assert_ok(text != NULL, err);
	assert_string_equal(text, expected);
	assert_int_equal(len, strlen(expected));
	free(text);
	json_decref(value);
}

static void white_space_goes_away(void **state)
{
	(void)state;
	assert_canonical(" { \"a\" : [ 1 , 2 ] ,\n\t\"b\" : { } } ",
			 "{\"a\":[1,2],\"b\":{}}");
	assert_canonical("[]", "[]");
}

static void constants_and_integers_stay(void **state)
{
	(void)state;
	assert_canonical(
		"[true,false,null,0,-1,9223372036854775807,-9223372036854775808]",
		"[true,false,null,0,-1,9223372036854775807,"
		"-9223372036854775808]");
	assert_canonical("-0", "0");
}

static void keys_are_sorted_by_code_point(void **state)
{
	(void)state;
	/* U+FF5E before U+1F6C9, though UTF-16 would have it the other way round. */
	assert_canonical("{\"\\ud83d\\udec9\":1,\"\\uff5e\":2,\"b\":3,\"B\":4,\"aa\":5,"
			 "\"a\":6,\"\":7,\"\\u00e9\":8}",
			 "{\"\":7,\"B\":4,\"a\":6,\"aa\":5,\"b\":3,\"é\":8,\"～\":2,"
			 "\"🛉\":1}");
}

static void only_quote_and_backslash_are_escaped(void **state)
{
	(void)state;
	assert_canonical("\"\\\"\\\\\\/\"", "\"\\\"\\\\/\"");
	/* Control characters stand for themselves, which plain JSON would not allow. */
	assert_canonical("\"\\n\\t\\u0001\\u007f\"", "\"\n\t\x01\x7f\"");
	assert_canonical("\"駅\\u524d\"", "\"駅前\"");
	assert_canonical("{\"a\\\"b\":\"\\\\\\\\\"}", "{\"a\\\"b\":\"\\\\\\\\\"}");
}

/* The key object of a TUF key, whose SHA-256 is its id. */
static void key_object_matches_known_form(void **state)
{
	(void)state;
	assert_canonical("{\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"00\"},"
			 "\"keytype\":\"ed25519\"}",
			 "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"00\"},"
			 "\"scheme\":\"ed25519\"}");
}

static void fractions_are_refused(void **state)
{
	struct err err = {0};
	size_t len = 77;
	json_t *value = json_loads("{\"a\":[1.5]}", 0, NULL);

	(void)state;
	assert_non_null(value);
	assert_fails(canonical_json(value, &len, &err) != NULL, err, ERR_INVALID,
		     "no integer");
	assert_int_equal(len, 77);
	json_decref(value);
}

static void endless_depth_is_refused(void **state)
{
	struct err err = {0};
	size_t len;
	json_t *value = json_array();

	(void)state;
	for (int i = 0; i < 100; i++) {
		json_t *outer = json_array();

		json_array_append_new(outer, value);
		value = outer;
	}
	assert_fails(canonical_json(value, &len, &err) != NULL, err, ERR_INVALID,
		     "deeper");
	json_decref(value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(white_space_goes_away),
		cmocka_unit_test(constants_and_integers_stay),
		cmocka_unit_test(keys_are_sorted_by_code_point),
		cmocka_unit_test(only_quote_and_backslash_are_escaped),
		cmocka_unit_test(key_object_matches_known_form),
		cmocka_unit_test(fractions_are_refused),
		cmocka_unit_test(endless_depth_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
