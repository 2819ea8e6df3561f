#include "wire/digest.h"

#include "support/test.h"

static void assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
	char text[2 * SHA512_SIZE + 1];

	hex_encode(bytes, len, text);
	assert_string_equal(text, expected);
}

/* FIPS 180-4 examples (NIST CSRC): "abc", the empty message, and two blocks. */
static void sha256_examples_match(void **state)
{
	static const char two_blocks[] =
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t hash[SHA256_SIZE];

	(void)state;
	sha256("abc", 3, hash);
	assert_hex(hash, sizeof(hash),
		   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	sha256("", 0, hash);
	assert_hex(hash, sizeof(hash),
		   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	sha256(two_blocks, strlen(two_blocks), hash);
	assert_hex(hash, sizeof(hash),
		   "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void sha512_example_matches(void **state)
{
	uint8_t hash[SHA512_SIZE];

	(void)state;
	sha512("abc", 3, hash);
	assert_hex(hash, sizeof(hash),
		   "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		   "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

static void sha256_million_letters_match(void **state)
{
	size_t len = 1000 * 1000;
	uint8_t hash[SHA256_SIZE];
	char *text = malloc(len);

	(void)state;
	assert_non_null(text);
	memset(text, 'a', len);
	sha256(text, len, hash);
	free(text);
	assert_hex(hash, sizeof(hash),
		   "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void hex_both_cases_are_read(void **state)
{
	uint8_t bytes[4];

	(void)state;
	assert_true(hex_decode("00aFfF7e", bytes, sizeof(bytes)));
	assert_hex(bytes, sizeof(bytes), "00afff7e");
	assert_true(hex_decode("", bytes, 0));
}

static void hex_of_other_length_or_letters_is_refused(void **state)
{
	static const char *const bad[] = {"",     "00",       "0011223",  "001122334",
					  "0011", "0011223g", "00 12233", "-0112233"};
	uint8_t bytes[4] = {1, 2, 3, 4};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_false(hex_decode(bad[i], bytes, sizeof(bytes)));
		/* Untouched, too. */
		assert_hex(bytes, sizeof(bytes), "01020304");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_examples_match),
		cmocka_unit_test(sha512_example_matches),
		cmocka_unit_test(sha256_million_letters_match),
		cmocka_unit_test(hex_both_cases_are_read),
		cmocka_unit_test(hex_of_other_length_or_letters_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
