#include "wire/delta.h"

#include "support/test.h"

/* A document of @count notices, of which number @changed differs from what it was. */
static char *document(int count, int changed, size_t *out_len)
{
	char *bytes = NULL;
	FILE *file = open_memstream(&bytes, out_len);

	assert_non_null(file);
	fprintf(file, "{\"version\":%d,\"notices\":[", changed + 2);
	for (int i = 0; i < count; i++)
		fprintf(file,
			"%s{\"id\":\"notice-%d\",\"title\":\"第%d回の%s\",\"body\":"
			"\"予防接種をはじめます。場所は田無庁舎です。\",\"weight\":1}",
			i > 0 ? "," : "", i, i * 7919 % 1000,
			i == changed ? "変更" : "お知らせ");
	fprintf(file, "]}");
	assert_int_equal(fclose(file), 0);
	return bytes;
}

/* Makes the difference, applies it, and returns its size. */
static size_t must_come_back(const char *old, size_t old_len, const char *new,
			     size_t new_len)
{
	struct err err = {0};
	size_t delta_len = 0;
	char *delta = delta_make(old, old_len, new, new_len, &delta_len, &err);
	char *made;

	assert_ok(delta != NULL, err);
	made = delta_apply(old, old_len, delta, delta_len, new_len, &err);
	assert_ok(made != NULL, err);
	assert_memory_equal(made, new, new_len);
	free(made);
	free(delta);
	return delta_len;
}

static void one_changed_notice_of_thousands_is_a_few_bytes(void **state)
{
	size_t old_len, new_len;
	char *old = document(3000, -1, &old_len), *new = document(3000, 1500, &new_len);

	(void)state;
	assert_true(new_len > 400000);
	assert_true(must_come_back(old, old_len, new, new_len) < 200);
	free(old);
	free(new);
}

static void growth_and_shrinking_come_back_whole(void **state)
{
	size_t small_len, large_len;
	char *small = document(3, 1, &small_len), *large = document(40, 20, &large_len);

	(void)state;
	must_come_back(small, small_len, large, large_len);
	assert_true(must_come_back(large, large_len, small, small_len) < small_len);
	free(small);
	free(large);
}

static void versions_with_nothing_in_common_come_back_whole(void **state)
{
	(void)state;
	must_come_back("", 0, "new", 3);
	must_come_back("old", 3, "", 0);
	must_come_back("old", 3, "something else that is longer than a block of it", 48);
}

/* As RFC 3284 has it, section by section, so that other programs read it. */
static void form_is_that_of_the_standard(void **state)
{
	static const char old[] = "0123456789abcdef0123456789ABCDEF-end";
	static const char new[] = "new0123456789abcdef0123456789ABCDEF-end";
	static const unsigned char expected[] = {
		0xd6, 0xc3, 0xc4, 0, 0, /* magic, version, no secondary packing */
		1,    36,   0,          /* source: all of the old version */
		13,                     /* length of the rest */
		39,   0,    3,    4, 1, /* target; sections: data, codes, addresses */
		'n',  'e',  'w',  1, 3, 19, 36, /* ADD 3, COPY 36 … */
		0,                              /* … from 0 */
	};
	struct err err = {0};
	size_t len = 0;
	char *delta = delta_make(old, 36, new, 39, &len, &err);

	(void)state;
	assert_ok(delta != NULL, err);
	assert_int_equal(len, sizeof(expected));
	assert_memory_equal(delta, expected, len);
	free(delta);
}

static void every_damaged_byte_is_refused_or_harmless(void **state)
{
	size_t old_len, new_len, len = 0;
	char *old = document(20, -1, &old_len), *new = document(20, 3, &new_len);
	struct err err = {0};
	char *delta = delta_make(old, old_len, new, new_len, &len, &err);
	size_t refused = 0;

	(void)state;
	assert_ok(delta != NULL, err);
	for (size_t i = 0; i < len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			char *made;

			delta[i] ^= (char)(1 << bit);
			made = delta_apply(old, old_len, delta, len, new_len, &err);
			refused += made == NULL;
			free(made);
			delta[i] ^= (char)(1 << bit);
		}
		assert_null(delta_apply(old, old_len, delta, i, new_len, &err));
	}
	assert_true(refused > len);
	free(delta);
	free(old);
	free(new);
}

static void difference_from_another_version_is_refused(void **state)
{
	struct err err = {0};
	size_t len = 0;
	char *delta = delta_make("abc", 3, "abcd", 4, &len, &err);

	(void)state;
	assert_ok(delta != NULL, err);
	assert_fails(delta_apply("ab", 2, delta, len, 4, &err) != NULL, err, ERR_INVALID,
		     "between these versions");
	assert_fails(delta_apply("abc", 3, delta, len, 5, &err) != NULL, err, ERR_INVALID,
		     "between these versions");
	free(delta);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_changed_notice_of_thousands_is_a_few_bytes),
		cmocka_unit_test(growth_and_shrinking_come_back_whole),
		cmocka_unit_test(versions_with_nothing_in_common_come_back_whole),
		cmocka_unit_test(form_is_that_of_the_standard),
		cmocka_unit_test(every_damaged_byte_is_refused_or_harmless),
		cmocka_unit_test(difference_from_another_version_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
