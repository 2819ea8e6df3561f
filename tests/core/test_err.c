#include "support/test.h"

#include <errno.h>
#include <sysexits.h>

static void setting_an_error_keeps_code_and_sentence_and_is_false(void **state)
{
	struct err err = {0};

	(void)state;
	assert_false(err_set(&err, ERR_EXPIRED, "%s: %d days ago", "root.json", 3));
	assert_int_equal(err.code, ERR_EXPIRED);
	assert_string_equal(err.text, "root.json: 3 days ago");
}

static void a_system_error_ends_with_its_sentence(void **state)
{
	struct err err = {0};

	(void)state;
	errno = ENOSPC;
	assert_false(err_set_errno(&err, "%s: write", "plays.db"));
	assert_int_equal(err.code, ERR_IO);
	assert_string_equal(err.text, "plays.db: write: No space left on device");
}

static void a_prefix_goes_before_and_the_code_stays(void **state)
{
	struct err err = {0};

	(void)state;
	err_set(&err, ERR_TOO_LARGE, "title: over 100 characters");
	assert_false(err_prefix(&err, "notices[%d]", 3));
	assert_int_equal(err.code, ERR_TOO_LARGE);
	assert_string_equal(err.text, "notices[3]: title: over 100 characters");
}

static void a_prefix_may_quote_the_error_itself(void **state)
{
	struct err err = {0};

	(void)state;
	err_set(&err, ERR_INVALID, "b");
	err_prefix(&err, "a");
	err_prefix(&err, "%s", "x");
	assert_string_equal(err.text, "x: a: b");
}

static void a_long_sentence_is_cut_at_a_whole_character(void **state)
{
	char text[ERR_TEXT_MAX * 2];
	struct err err = {0};

	(void)state;
	/* Three bytes a character, at each of the three ways the end can fall. */
	for (size_t lead = 0; lead < 3; lead++) {
		size_t len = lead;

		memset(text, 'a', lead);
		while (len + 3 < sizeof(text)) {
			memcpy(text + len, "駅", 3);
			len += 3;
		}
		text[len] = '\0';
		err_set(&err, ERR_INVALID, "%s", text);
		len = strlen(err.text);
		assert_true(len > ERR_TEXT_MAX - 4 && len < ERR_TEXT_MAX);
		assert_int_equal((len - lead) % 3, 0);
		assert_memory_equal(err.text, text, len);
	}
}

static void a_sentence_of_exactly_the_maximum_is_whole(void **state)
{
	char text[ERR_TEXT_MAX];
	struct err err = {0};

	(void)state;
	memset(text, 'a', sizeof(text));
	memcpy(text + sizeof(text) - 4, "駅", 4);
	err_set(&err, ERR_INVALID, "%s", text);
	assert_string_equal(err.text, text);
}

static void each_code_has_the_exit_status_of_sysexits(void **state)
{
	static const struct {
		enum err_code code;
		int status;
	} expected[] = {
		{ERR_NONE, EX_OK},
		{ERR_INVALID, EX_DATAERR},
		{ERR_USAGE, EX_USAGE},
		{ERR_CONFIG, EX_CONFIG},
		{ERR_NOT_FOUND, EX_NOINPUT},
		{ERR_TOO_LARGE, EX_DATAERR},
		{ERR_CONFLICT, EX_CANTCREAT},
		{ERR_DENIED, EX_NOPERM},
		{ERR_UNTRUSTED, EX_DATAERR},
		{ERR_EXPIRED, EX_DATAERR},
		{ERR_RETRY, EX_TEMPFAIL},
		{ERR_IO, EX_IOERR},
		{ERR_NO_MEMORY, EX_OSERR},
		{ERR_INTERNAL, EX_SOFTWARE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		assert_int_equal(err_exit_code(expected[i].code), expected[i].status);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(setting_an_error_keeps_code_and_sentence_and_is_false),
		cmocka_unit_test(a_system_error_ends_with_its_sentence),
		cmocka_unit_test(a_prefix_goes_before_and_the_code_stays),
		cmocka_unit_test(a_prefix_may_quote_the_error_itself),
		cmocka_unit_test(a_long_sentence_is_cut_at_a_whole_character),
		cmocka_unit_test(a_sentence_of_exactly_the_maximum_is_whole),
		cmocka_unit_test(each_code_has_the_exit_status_of_sysexits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
