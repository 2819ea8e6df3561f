#include "sync/answer.h"

#include "support/test.h"

static void assert_header(const char *line, const char *name, const char *expected)
{
	size_t len = 0;
	const char *value = answer_header(line, strlen(line), name, &len);

	if (!expected) {
		assert_null(value);
		return;
	}
	assert_non_null(value);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(value, expected, len);
}

static void header_is_known_in_either_case_and_without_its_spaces(void **state)
{
	(void)state;
	assert_header("ETag: \"abc\"\r\n", "etag:", "\"abc\"");
	assert_header("etag:\t\"abc\" \r\n", "etag:", "\"abc\"");
	assert_header("ETag:\r\n", "etag:", "");
	assert_header("ETag", "etag:", NULL);
	assert_header("X-ETag: \"abc\"", "etag:", NULL);
}

static const char *etag_after(const char *value, char out[static ANSWER_ETAG_SIZE])
{
	memcpy(out, "before", sizeof("before"));
	answer_etag(value, strlen(value), out);
	return out;
}

static void etag_is_kept_with_its_quotes(void **state)
{
	char etag[ANSWER_ETAG_SIZE];

	(void)state;
	assert_string_equal(etag_after("\"abc\"", etag), "\"abc\"");
	assert_string_equal(etag_after("W/\"abc\"", etag), "W/\"abc\"");
}

static void etag_that_would_end_a_line_of_the_request_is_dropped(void **state)
{
	char etag[ANSWER_ETAG_SIZE], text[ANSWER_ETAG_SIZE + 1];

	(void)state;
	assert_string_equal(etag_after("\"a\"\rX-Evil: 1", etag), "before");
	assert_string_equal(etag_after("\"a\x01\"", etag), "before");
	memset(text, 'a', sizeof(text));
	text[ANSWER_ETAG_SIZE - 1] = '\0';
	assert_string_equal(etag_after(text, etag), text);
	text[ANSWER_ETAG_SIZE - 1] = 'a';
	text[ANSWER_ETAG_SIZE] = '\0';
	assert_string_equal(etag_after(text, etag), "before");
}

static void range_is_told_only_where_it_can_be(void **state)
{
	static const struct {
		const char *value;
		int64_t from;
	} cases[] = {
		{"bytes 100-199/200", 100},
		{"Bytes 0-1/*", 0},
		{"bytes */200", -1},
		{"bytes -5-9/10", -1},
		{"bytes  5-9/10", -1},
		{"bytes 5", -1},
		{"bytes ", -1},
		{"", -1},
		{"pages 1-2/3", -1},
		{"bytes 99999999999999999999-1/2", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(
			answer_range_start(cases[i].value, strlen(cases[i].value)),
			cases[i].from);
}

static void assert_sentence(const char *body, const char *expected)
{
	char sentence[ANSWER_SENTENCE_SIZE];

	answer_sentence(body, strlen(body), sentence);
	assert_string_equal(sentence, expected);
}

static void sentence_is_found_or_there_is_none(void **state)
{
	(void)state;
	assert_sentence("{\"error\": \"失効しています\"}", "失効しています");
	assert_sentence("{\"error\": 7}", "");
	assert_sentence("{}", "");
	assert_sentence("<html>502</html>", "");
	assert_sentence("", "");
}

static void news_are_a_number_or_an_error(void **state)
{
	const char *good = "{\"timestamp\": 7, \"later\": true}",
		   *bad = "{\"timestamp\": -1}";
	struct err err = {0};
	int64_t version = 0;

	(void)state;
	assert_ok(answer_news(good, strlen(good), &version, &err), err);
	assert_int_equal(version, 7);
	assert_fails(answer_news(bad, strlen(bad), &version, &err), err, ERR_INVALID,
		     "timestamp");
	assert_fails(answer_news("", 0, &version, &err), err, ERR_INVALID, "news");
	assert_int_equal(version, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_is_known_in_either_case_and_without_its_spaces),
		cmocka_unit_test(etag_is_kept_with_its_quotes),
		cmocka_unit_test(etag_that_would_end_a_line_of_the_request_is_dropped),
		cmocka_unit_test(range_is_told_only_where_it_can_be),
		cmocka_unit_test(sentence_is_found_or_there_is_none),
		cmocka_unit_test(news_are_a_number_or_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
