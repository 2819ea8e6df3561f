#include "support/test.h"

#include "core/arena.h"
#include "core/utf8.h"
#include "wire/json.h"

/* Parses a literal, or fails the test. */
static struct json_doc *parse(const char *text, struct json_node *root)
{
	struct err err = {0};
	struct json_doc *doc = json_parse("doc.json", text, strlen(text), 1000000, &err);

	assert_ok(doc, err);
	assert_ok(json_root(doc, root, &err), err);
	return doc;
}

static void assert_syntax_error(const char *text, size_t len, const char *sentence)
{
	struct err err = {0};

	assert_fails(json_parse("doc.json", text, len, 1000000, &err), err, ERR_INVALID,
		     sentence);
	assert_true(utf8_is_valid(err.text));
	assert_false(utf8_has_control(err.text));
	assert_null(strchr(err.text, '\n'));
}

#define assert_syntax(text, sentence)                                                    \
	assert_syntax_error((text), sizeof(text) - 1, (sentence))

/* --- Parsing ---------------------------------------------------------------------------- */

static void syntax_errors_name_line_and_column(void **state)
{
	(void)state;
	assert_syntax("", "doc.json: line 1, column 1: is empty");
	assert_syntax("{\n  \"a\": 1,\n", "doc.json: line 3, column ");
	assert_syntax("{\"a\": tru}", "doc.json: line 1, column ");
	assert_syntax("{} {}", "doc.json: line 1, column ");
	assert_syntax("{\"a\": 01}", "doc.json: line 1, column ");
	assert_syntax("\xef\xbb\xbf{}", "byte order mark");
}

static void duplicate_key_is_refused(void **state)
{
	(void)state;
	assert_syntax("{\"a\": 1, \"a\": 2}", "duplicate");
	assert_syntax("{\"b\": {\"a\": 1, \"\\u0061\": 2}}", "duplicate");
}

static void nul_is_refused(void **state)
{
	(void)state;
	assert_syntax("{\"a\": \"x\\u0000y\"}", "line 1, column ");
	assert_syntax("{\"a\\u0000b\": 1}", "line 1, column ");
	assert_syntax("{\"a\": \"x\0y\"}", "line 1, column ");
	assert_syntax("{}\0", "line 1, column ");
}

static void bytes_that_are_no_utf8_are_refused(void **state)
{
	(void)state;
	assert_syntax("{\"a\": \"\xff\"}", "line 1, column ");
	assert_syntax("{\"a\": \"\xc0\xaf\"}", "line 1, column ");
	assert_syntax("{\"a\": \"\xed\xa0\x80\"}", "line 1, column ");
	assert_syntax("{\"a\": \"\xe3\x81\"}", "line 1, column ");
	assert_syntax("{\"a\": \"\\ud800\"}", "line 1, column ");
	assert_syntax("\x1b[31m", "line 1, column ");
}

static void nesting_deeper_than_32_is_refused(void **state)
{
	char text[32 * 6 + 32 + 8];
	struct json_node root;
	char *deep;
	char *end = text;

	(void)state;
	for (int i = 0; i < 32; i++)
		end += snprintf(end, 6, "{\"a\":");
	*end++ = '1';
	memset(end, '}', 32);
	end[32] = '\0';
	json_doc_free(parse(text, &root));

	/* One more level, and a million: the parser must not recurse into it. */
	memmove(text + 1, text, strlen(text) + 1);
	text[0] = '[';
	strncat(text, "]", sizeof(text) - strlen(text) - 1);
	assert_syntax_error(text, strlen(text),
			    "doc.json: line 1, column 157: nested deeper than 32");
	deep = malloc(1000000);
	assert_non_null(deep);
	memset(deep, '[', 1000000);
	assert_syntax_error(deep, 1000000,
			    "doc.json: line 1, column 33: nested deeper than 32");
	free(deep);
}

static void brackets_in_strings_do_not_count_as_nesting(void **state)
{
	struct json_node root;
	struct json_doc *doc =
		parse("{\"a\": \"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\", "
		      "\"b\": \"\\\"{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{\\\\\"}",
		      &root);

	(void)state;
	json_doc_free(doc);
}

static void document_over_its_maximum_is_too_large(void **state)
{
	struct err err = {0};

	(void)state;
	assert_fails(json_parse("doc.json", "{\"a\": 1}", 8, 7, &err), err, ERR_TOO_LARGE,
		     "doc.json: has 8 bytes, at most 7 are accepted");
}

static void top_that_is_no_object_is_refused(void **state)
{
	struct err err = {0};
	struct json_node root;
	struct json_doc *doc = json_parse("doc.json", "[1]", 3, 100, &err);

	(void)state;
	assert_ok(doc, err);
	assert_fails(json_root(doc, &root, &err), err, ERR_INVALID,
		     "doc.json: expected an object, got an array");
	json_doc_free(doc);
}

/* --- Reading ---------------------------------------------------------------------------- */

static void every_reader_returns_what_is_there(void **state)
{
	static const char *const colours[] = {"red", "green"};
	struct json_node root, object, array, item;
	struct json_doc *doc = parse(
		"{\"format\": \"x/1\", \"o\": {\"n\": -5}, \"a\": [\"い\", {}], "
		"\"b\": true, \"s\": \"一\\n二\", \"c\": \"green\", \"h\": \"00fFa0\", "
		"\"t\": \"2026-11-22T15:29:00+09:00\", \"m\": 9007199254740993}",
		&root);
	struct arena *arena = arena_new(1000);
	const char *text = NULL;
	struct wall_ms wall = {0};
	struct err err = {0};
	uint8_t bytes[3] = {0};
	int64_t number = 0;
	size_t count = 0;
	bool flag = false;
	int choice = -1;

	(void)state;
	assert_non_null(arena);
	assert_ok(json_format(&root, "x/1", &err), err);
	assert_ok(json_get_object(&root, "o", &object, &err), err);
	assert_string_equal(object.path, "o");
	assert_ok(json_get_int(&object, "n", -5, 0, &number, &err), err);
	assert_int_equal(number, -5);
	assert_ok(json_done(&object, &err), err);
	assert_ok(json_get_array(&root, "a", 2, &array, &count, &err), err);
	assert_int_equal(count, 2);
	assert_ok(json_item_string(&array, 0, 1, &text, &err), err);
	assert_string_equal(text, "い");
	assert_ok(json_item_object(&array, 1, &item, &err), err);
	assert_string_equal(item.path, "a[1]");
	assert_ok(json_get_bool(&root, "b", &flag, &err), err);
	assert_true(flag);
	assert_ok(json_get_text(&root, "s", 3, arena, &text, &err), err);
	assert_ok(json_get_enum(&root, "c", colours, 2, &choice, &err), err);
	assert_int_equal(choice, 1);
	assert_ok(json_get_hex(&root, "h", bytes, 3, &err), err);
	assert_memory_equal(bytes, "\x00\xff\xa0", 3);
	assert_ok(json_get_time(&root, "t", &wall, &err), err);
	assert_int_equal(wall.ms, INT64_C(1795328940000));
	assert_ok(json_get_int(&root, "m", 0, INT64_MAX, &number, &err), err);
	assert_int_equal(number, INT64_C(9007199254740993));
	assert_ok(json_done(&root, &err), err);
	json_doc_free(doc);
	/* Copied text outlives the document. */
	assert_string_equal(text, "一\n二");
	arena_free(arena);
}

static void wrong_types_say_what_was_expected_and_found(void **state)
{
	static const char *const names[] = {"x"};
	struct json_node root, out;
	struct json_doc *doc =
		parse("{\"o\": {\"k\": null}, \"s\": \"x\", \"f\": 1.0}", &root);
	struct wall_ms wall;
	struct err err = {0};
	const char *text;
	int64_t number;
	uint8_t byte;
	size_t count;
	int choice;
	bool flag;

	(void)state;
	assert_ok(json_get_object(&root, "o", &out, &err), err);
	assert_fails(json_get_string(&out, "k", 9, &text, &err), err, ERR_INVALID,
		     "doc.json: o.k: expected a string, got null");
	assert_fails(json_get_int(&out, "k", 1, 3, &number, &err), err, ERR_INVALID,
		     "doc.json: o.k: expected an integer 1–3, got null");
	assert_fails(
		json_get_int(&root, "f", 1, 3, &number, &err), err, ERR_INVALID,
		"doc.json: f: expected an integer 1–3, got a number with a fraction");
	assert_fails(json_get_array(&root, "s", 9, &out, &count, &err), err, ERR_INVALID,
		     "doc.json: s: expected an array, got a string");
	assert_fails(json_get_object(&root, "s", &out, &err), err, ERR_INVALID,
		     "doc.json: s: expected an object, got a string");
	assert_fails(json_get_bool(&root, "s", &flag, &err), err, ERR_INVALID,
		     "doc.json: s: expected true or false, got a string");
	assert_fails(json_get_time(&root, "s", &wall, &err), err, ERR_INVALID,
		     "doc.json: s: ");
	assert_fails(json_get_hex(&root, "s", &byte, 1, &err), err, ERR_INVALID,
		     "doc.json: s: expected 2 hexadecimal digits");
	assert_fails(json_get_enum(&root, "o", names, 1, &choice, &err), err, ERR_INVALID,
		     "doc.json: o: expected a string, got an object");
	json_doc_free(doc);
}

static void missing_key_is_named_with_its_place(void **state)
{
	struct json_node root, array, item;
	struct json_doc *doc = parse("{\"a\": [{}, {\"b\": 1}]}", &root);
	struct err err = {0};
	int64_t number;
	size_t count;

	(void)state;
	assert_false(json_has(&root, "b"));
	assert_true(json_has(&root, "a"));
	assert_ok(json_get_array(&root, "a", 2, &array, &count, &err), err);
	assert_ok(json_item_object(&array, 0, &item, &err), err);
	assert_fails(json_get_int(&item, "b", 0, 1, &number, &err), err, ERR_INVALID,
		     "doc.json: a[0].b: is missing");
	json_doc_free(doc);
}

static void keys_that_nobody_consumed_fail(void **state)
{
	struct json_node root;
	struct json_doc *doc = parse("{\"a\": 1, \"b\\u001b\": 2}", &root);
	struct err err = {0};
	int64_t number;

	(void)state;
	assert_ok(json_get_int(&root, "a", 0, 1, &number, &err), err);
	assert_fails(json_done(&root, &err), err, ERR_INVALID,
		     "doc.json: unknown key \"b?\"");
	json_doc_free(doc);
}

static void object_with_more_keys_than_can_be_tracked_fails(void **state)
{
	char text[2000] = "{";
	struct json_node root;
	struct json_doc *doc;
	struct err err = {0};
	size_t used = 1;
	int64_t number;
	char key[8];

	(void)state;
	for (int i = 0; i < 65; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
					 "%s\"k%d\": %d", i > 0 ? ", " : "", i, i);
	snprintf(text + used, sizeof(text) - used, "}");
	doc = parse(text, &root);
	for (int i = 0; i < 64; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		assert_ok(json_get_int(&root, key, i, i, &number, &err), err);
	}
	assert_fails(json_done(&root, &err), err, ERR_INVALID, "has more than 64 keys");
	json_doc_free(doc);
}

static void lengths_over_their_maximum_do_not_repeat_the_text(void **state)
{
	struct json_node root, array;
	struct json_doc *doc =
		parse("{\"s\": \"あいうえお\", \"e\": \"\", \"a\": [1, 2, 3]}", &root);
	struct err err = {0};
	const char *text;
	size_t count;

	(void)state;
	assert_ok(json_get_string(&root, "s", 5, &text, &err), err);
	assert_fails(json_get_string(&root, "s", 4, &text, &err), err, ERR_INVALID,
		     "doc.json: s: has 5 characters, at most 4 fit");
	assert_null(strstr(err.text, "あ"));
	assert_fails(json_get_string(&root, "e", 4, &text, &err), err, ERR_INVALID,
		     "doc.json: e: is empty");
	assert_fails(json_get_array(&root, "a", 2, &array, &count, &err), err,
		     ERR_INVALID, "doc.json: a: has 3 items, at most 2 fit");
	json_doc_free(doc);
}

static void control_characters_in_strings_are_refused(void **state)
{
	struct json_node root;
	struct json_doc *doc =
		parse("{\"t\": \"a\\tb\", \"r\": \"a\\rb\", \"d\": \"\\u007f\", "
		      "\"c\": \"\\u0085\", \"bidi\": \"a\\u202eb\"}",
		      &root);
	static const char *const keys[] = {"t", "r", "d", "c", "bidi"};
	struct err err = {0};
	const char *text;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		assert_fails(json_get_string(&root, keys[i], 9, &text, &err), err,
			     ERR_INVALID, "holds a control character");
	json_doc_free(doc);
}

static void integers_outside_their_range_are_refused(void **state)
{
	struct json_node root;
	struct json_doc *doc = parse("{\"n\": 9999999999999}", &root);
	struct err err = {0};
	int64_t number = 7;

	(void)state;
	assert_fails(json_get_int(&root, "n", 5, 120, &number, &err), err, ERR_INVALID,
		     "doc.json: n: expected an integer 5–120, got 9999999999999");
	assert_int_equal(number, 7);
	json_doc_free(doc);
	assert_syntax("{\"n\": 99999999999999999999}", "line 1, column ");
	assert_syntax("{\"n\": 1e999}", "line 1, column ");
}

static void map_is_walked_in_document_order(void **state)
{
	struct json_node root, value;
	struct json_doc *doc = parse("{\"z\": {\"n\": 1}, \"a\": 2, \"m\": {}}", &root);
	struct err err = {0};
	void *cursor = NULL;
	char keys[8] = "";
	const char *key;
	int64_t number;

	(void)state;
	while (json_next_member(&root, &cursor, &key, &value)) {
		strncat(keys, key, sizeof(keys) - strlen(keys) - 1);
		assert_string_equal(value.path, key);
		if (*key == 'a')
			assert_fails(json_get_int(&value, "n", 0, 9, &number, &err), err,
				     ERR_INVALID,
				     "doc.json: a: expected an object, got an integer");
	}
	assert_string_equal(keys, "zam");
	json_doc_free(doc);
}

static void long_paths_and_keys_are_cut_not_overrun(void **state)
{
	char text[3000] = "{\"", *end = text + 2;
	struct json_node root, node, next;
	struct json_doc *doc;
	struct err err = {0};
	void *cursor = NULL;
	const char *key;
	int64_t number;

	(void)state;
	for (int i = 0; i < 300; i++) {
		memcpy(end, "駅", 3);
		end += 3;
	}
	strncat(text,
		"\": {\"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\": {}}}",
		sizeof(text) - strlen(text) - 1);
	doc = parse(text, &root);
	assert_true(json_next_member(&root, &cursor, &key, &node));
	cursor = NULL;
	assert_true(json_next_member(&node, &cursor, &key, &next));
	assert_fails(json_get_int(&next, "n", 0, 1, &number, &err), err, ERR_INVALID,
		     "doc.json: 駅");
	assert_true(utf8_is_valid(err.text));
	json_doc_free(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(syntax_errors_name_line_and_column),
		cmocka_unit_test(duplicate_key_is_refused),
		cmocka_unit_test(nul_is_refused),
		cmocka_unit_test(bytes_that_are_no_utf8_are_refused),
		cmocka_unit_test(nesting_deeper_than_32_is_refused),
		cmocka_unit_test(brackets_in_strings_do_not_count_as_nesting),
		cmocka_unit_test(document_over_its_maximum_is_too_large),
		cmocka_unit_test(top_that_is_no_object_is_refused),
		cmocka_unit_test(every_reader_returns_what_is_there),
		cmocka_unit_test(wrong_types_say_what_was_expected_and_found),
		cmocka_unit_test(missing_key_is_named_with_its_place),
		cmocka_unit_test(keys_that_nobody_consumed_fail),
		cmocka_unit_test(object_with_more_keys_than_can_be_tracked_fails),
		cmocka_unit_test(lengths_over_their_maximum_do_not_repeat_the_text),
		cmocka_unit_test(control_characters_in_strings_are_refused),
		cmocka_unit_test(integers_outside_their_range_are_refused),
		cmocka_unit_test(map_is_walked_in_document_order),
		cmocka_unit_test(long_paths_and_keys_are_cut_not_overrun),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
