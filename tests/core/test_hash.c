#include "core/hash.h"

#include "support/test.h"

/* From the authors' list of test vectors for FNV-1a, 32 bits. */
static void known_texts_have_their_known_hashes(void **state)
{
	(void)state;
	assert_int_equal(hash_text(HASH_START, ""), 0x811c9dc5);
	assert_int_equal(hash_text(HASH_START, "a"), 0xe40c292c);
	assert_int_equal(hash_text(HASH_START, "foobar"), 0xbf9cf968);
}

static void going_on_is_the_same_as_all_at_once(void **state)
{
	(void)state;
	assert_int_equal(hash_bytes(hash_text(HASH_START, "foo"), "bar", 3),
			 hash_text(HASH_START, "foobar"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_texts_have_their_known_hashes),
		cmocka_unit_test(going_on_is_the_same_as_all_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
