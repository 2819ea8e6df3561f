#include "wire/key.h"

#include "support/test.h"

#include "wire/digest.h"

/* RFC 8410 §10.3: PKCS #8 v1, which is RFC 8032 §7.1 with another key. */
static const char rfc8410_pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	"-----END PRIVATE KEY-----\n";
static const char rfc8410_public[] =
	"19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";

/* RFC 8032 §7.1 TEST 1–3: secret key, public key, message, signature. */
static const struct {
	const char *secret, *public_key, *message, *signature;
} vectors[] = {
	{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
	 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	 "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
	{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
	 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
	 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
	{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
	 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
	 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	 "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
};

static size_t base64(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t at = 0;

	/* Only for lengths that need no padding. */
	for (size_t i = 0; i + 2 < len; i += 3) {
		unsigned triple = (unsigned)bytes[i] << 16 | (unsigned)bytes[i + 1] << 8 |
				  bytes[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			out[at++] = digits[triple >> shift & 63];
	}
	return at;
}

/* PKCS #8 around a raw secret key (RFC 8410 §7). */
static struct signer *signer_of(const char *secret_hex)
{
	uint8_t der[48] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
			   0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
	char text[80] = "", pem[200];
	struct err err = {0};
	struct signer *signer;

	assert_true(hex_decode(secret_hex, der + 16, 32));
	text[base64(der, sizeof(der), text)] = '\0';
	snprintf(pem, sizeof(pem),
		 "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n", text);
	signer = signer_from_pem(pem, strlen(pem), &err);
	assert_ok(signer != NULL, err);
	return signer;
}

static void rfc8032_vectors_sign_and_verify(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		struct signer *signer = signer_of(vectors[i].secret);
		size_t len = strlen(vectors[i].message) / 2;
		uint8_t message[8], public_key[ED25519_PUBLIC_SIZE];
		uint8_t signature[ED25519_SIGNATURE_SIZE];
		char hex[2 * ED25519_SIGNATURE_SIZE + 1];
		struct err err = {0};

		assert_true(hex_decode(vectors[i].message, message, len));
		signer_public(signer, public_key);
		hex_encode(public_key, sizeof(public_key), hex);
		assert_string_equal(hex, vectors[i].public_key);

		assert_ok(signer_sign(signer, message, len, signature, &err), err);
		hex_encode(signature, sizeof(signature), hex);
		assert_string_equal(hex, vectors[i].signature);
		assert_true(ed25519_verify(public_key, message, len, signature));
		signer_free(signer);
	}
}

static void any_changed_bit_fails_to_verify(void **state)
{
	struct err err = {0};
	struct signer *signer = signer_generate(&err);
	uint8_t public_key[ED25519_PUBLIC_SIZE], signature[ED25519_SIGNATURE_SIZE];
	uint8_t text[] = "emergency";

	(void)state;
	assert_ok(signer != NULL, err);
	signer_public(signer, public_key);
	assert_ok(signer_sign(signer, text, sizeof(text), signature, &err), err);
	assert_true(ed25519_verify(public_key, text, sizeof(text), signature));
	assert_false(ed25519_verify(public_key, text, sizeof(text) - 1, signature));
	for (size_t bit = 0; bit < 8 * sizeof(signature); bit++) {
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(ed25519_verify(public_key, text, sizeof(text), signature));
		signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	for (size_t bit = 0; bit < 8 * sizeof(text); bit++) {
		text[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_false(ed25519_verify(public_key, text, sizeof(text), signature));
		text[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	signer_free(signer);
}

static void generated_keys_differ(void **state)
{
	struct err err = {0};
	struct signer *a = signer_generate(&err);
	struct signer *b = signer_generate(&err);

	(void)state;
	assert_true(a && b);
	assert_string_not_equal(signer_key_id(a), signer_key_id(b));
	signer_free(a);
	signer_free(b);
}

static void pem_is_read_and_written(void **state)
{
	struct err err = {0};
	struct signer *signer = signer_from_pem(rfc8410_pem, strlen(rfc8410_pem), &err);
	uint8_t public_key[ED25519_PUBLIC_SIZE];
	char hex[2 * ED25519_PUBLIC_SIZE + 1];
	char *pem;

	(void)state;
	assert_ok(signer != NULL, err);
	signer_public(signer, public_key);
	hex_encode(public_key, sizeof(public_key), hex);
	assert_string_equal(hex, rfc8410_public);
	pem = signer_to_pem(signer, &err);
	assert_ok(pem != NULL, err);
	assert_string_equal(pem, rfc8410_pem);
	signer_pem_free(pem);
	signer_pem_free(NULL);
	signer_free(signer);
}

/* The id is the SHA-256 of the canonical key object (TUF §4.2). */
static void key_id_is_that_of_tuf(void **state)
{
	struct err err = {0};
	struct signer *signer = signer_from_pem(rfc8410_pem, strlen(rfc8410_pem), &err);
	char object[200], id[KEY_ID_SIZE];
	uint8_t hash[SHA256_SIZE];

	(void)state;
	assert_ok(signer != NULL, err);
	snprintf(object, sizeof(object),
		 "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"%s\"},"
		 "\"scheme\":\"ed25519\"}",
		 rfc8410_public);
	sha256(object, strlen(object), hash);
	hex_encode(hash, sizeof(hash), id);
	assert_string_equal(signer_key_id(signer), id);
	signer_free(signer);
}

static void what_is_no_ed25519_key_is_refused(void **state)
{
	/* P-256, from RFC 5915's structure in PKCS #8; encrypted keys ask nobody. */
	static const char p256[] =
		"-----BEGIN PRIVATE KEY-----\n"
		"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAdBPm9c62SRoBaXm\n"
		"hU3DSEwrPLxBK0j/dnvV3KRzz9ChRANCAAR7Coa6kQcsG3LxmEcQDrzB0bxLESRC\n"
		"bCMPSNP92Im70H9ZKNYEcxqDZ8/dzz+ty3W4eX6X/mqsrT5NpKPitAU1\n"
		"-----END PRIVATE KEY-----\n";
	static const char encrypted[] =
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
		"MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiBXZRVt3uHggICCAAw\n"
		"DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFHQVWyVW1YRml2E5jG7nYQEQHgL\n"
		"U3lPqyjqD7qpAj2N33/wiW9fCVlCTBvf5E8UjyM+5I2w2NQxgAS7sJHZ8NzdJS6V\n"
		"TUcsN4BuWeTqcXPrqM0=\n"
		"-----END ENCRYPTED PRIVATE KEY-----\n";
	static const char *const bad[] = {"", "no key", "-----BEGIN PRIVATE KEY-----\n",
					  encrypted};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_fails(signer_from_pem(bad[i], strlen(bad[i]), &err), err,
			     ERR_INVALID, "not an unencrypted PKCS #8");
	assert_fails(signer_from_pem(p256, strlen(p256), &err), err, ERR_INVALID,
		     "not an ed25519 key");
}

static void oversized_pem_is_refused(void **state)
{
	char *pem = calloc(1, KEY_PEM_MAX + 1);
	struct err err = {0};

	(void)state;
	assert_non_null(pem);
	assert_fails(signer_from_pem(pem, KEY_PEM_MAX + 1, &err), err, ERR_TOO_LARGE,
		     "4096");
	free(pem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc8032_vectors_sign_and_verify),
		cmocka_unit_test(any_changed_bit_fails_to_verify),
		cmocka_unit_test(generated_keys_differ),
		cmocka_unit_test(pem_is_read_and_written),
		cmocka_unit_test(key_id_is_that_of_tuf),
		cmocka_unit_test(what_is_no_ed25519_key_is_refused),
		cmocka_unit_test(oversized_pem_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
