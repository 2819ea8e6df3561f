#include "wire/public_key.h"

#include "support/test.h"

#include <jansson.h>

#include "wire/digest.h"

/* Made once with an independent implementation (pyca/cryptography) over `message`. */
static const char message[] = "{\"a\":1}";

static const char ecdsa_pem[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEOtIAHVKMhCpYfEVJdlrE3AspxYeO\n"
	"efwez266+P6Ia2tJ/LxpCNaeD5maGJjXno9HIehuF4AgDbF4nNmuQr7x8w==\n"
	"-----END PUBLIC KEY-----\n";
static const char ecdsa_signature[] =
	"304402205b40e70ba15e0f080c801fb9a7e998e2e349290a67dec79929efaae9"
	"011a98b00220406946bf9557f9d1d3019e9802657ea77384dc50dea2d76b336d"
	"4a90aef9acaa";
static const char p384_pem[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE66/eSxYvb22Cc1cl0bNRXZT8fd1jjFg9\n"
	"diGyCcuN4r62R1gRpCDwjoAnzE5ozSgGZy336lfiaaKk+vq2eh+uvyDcq7FpJ66U\n"
	"0k86U3uQVeShQeR7nxXOtCVVOx/S6+vi\n"
	"-----END PUBLIC KEY-----\n";
static const char rsa_pem[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzg3hr4VC8fvtnkPOI6x7\n"
	"aqyL16YJKVwDt3jTRqLGorxSfwpbFrO/14ePZivK/WVhjAwS8DvL42xz8FwkgsgI\n"
	"N40nBSuiJGuFBsmvt632gmcMzkVEYzQs42l5cqQEN5X1ZlPw3wpZgPDzP84andmD\n"
	"kvTfJo8h38Ifola2S7uAouQdXKcmwIz+ZCrJwtPZ39P2zH5bSoGoT/Fv2zqrT5vL\n"
	"iBTGWecV2TOSu0FmSHsqsedewmwKVhAXU9tuv6E6jfM2e+ZuG7LtNQ6F2u2M+CdU\n"
	"elaSpU1ussRw3lFyxDxCTHxJm/NxUEb+2WNHvocFm5B7qiMtQ/YNdy7ZushFMnxn\n"
	"ywIDAQAB\n"
	"-----END PUBLIC KEY-----\n";
static const char rsa_signature_salt_32[] =
	"674f2696501279e72f390c745f99c31151da43f46106b8ef233704fadfed5897"
	"0dc7cd2309fac0bce95fad4402e826935dae38f782671027fee6eb06844f9937"
	"1e385a65dd06e523e41edf11426956f8242bf21ab200cb749c492572407e3e80"
	"1e345a3e220fbcc70de42fbd5102f98a42865e1a99c7663671d7b68877ab4eda"
	"23da448bbd95012c5fa734d0fd548fab4bcdd65385469036a02e49ddd63cc089"
	"297c271313d6d4d6889ece2c11b23ee6f1122d1968e317bc1b3ca5b3deb3c2c1"
	"b54b553fdec3341f93c60cc6219cd853441f6b478ab513b1126fb0e9e21291bc"
	"bb9494d6f89a5ce0f28dee09f6a1e50d435da92f358a0d71a2ae2fbcdb117f2a";
static const char rsa_signature_salt_max[] =
	"4774d699dbd57b026d701b3a667e8ea218dd83031754efa7e3135bc05b984f18"
	"6fa1d19267eb121fcc5bfff47501e03ca2a743d1f33e71b1c0c666a90ef6d44d"
	"09117500c370a41ee077136a8a4f8a362ad7efa214d9bf2d4698ca983a7e8c2e"
	"b74ae855eeb7b1e12b52a28ed829bd55bb97d6f368b87df91c956c39266b8762"
	"1b7bba3ab1f893bfaab04f74649d1812b690663640fbf04334108b68bb3e2464"
	"9c54ca0fd135ee348650ca18270b2c3eb74b4fbda0d41e2cf4bd83befb43fefd"
	"4ca11deb3fb10fff9749f3f6601cb42f1aecc083b9ed714faeb395a59d93a105"
	"8aaa3d5f83076501cda232ba3676b983a4f0821e2c939c40ffba31dd433b2a93";
static const char rsa_signature_pkcs1[] =
	"44f4556245b54338ff68b8a0786e8a5eb46fe9981f741c0b2a1bb30351a82a58"
	"d2ea99d3e193aef5553f161324a7ebc901e432cf78ad424f8e3bdcc4b10fd0bd"
	"f8b18a24411e29f44800277238421f2fb485c34a8d7037d8bb0b51626093fa1e"
	"83df695b284b520ca59026805c22bdbaf1964ddb20f82faadc890bd1edc7b7ee"
	"92ee354a12b3774aa10a6760b4d8837cf144919f4e1f1b350360f30f749ce391"
	"d264b62a12ee7ebaf417bd4a2b07a15e2a8e6ab47bfccc1a081e000c9f5a1459"
	"328e7fc4e67eefcca59f5ceac9df90df26325799ab9f85e4d90ea089e04a6175"
	"0acd1b5db2aacaedfbf2a041a9ff417cb75345540cf62f1678171177a328350c";
static const char rsa_1024_pem[] =
	"-----BEGIN PUBLIC KEY-----\n"
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDQY1MjDAHRYvKrkhyQoI4ZESAx\n"
	"b7fWJR+oRPUmukdG1cyWCg+YLJ3HgW27GUmTEIjCEHGTS9gf0zsw8Y4NEHP1xohu\n"
	"i96pMm1nbP9wOF/O1/d5cep4Tx/1eRLbQ80s6o8YCm3NxKrRtSq+/aDiREixkZQ9\n"
	"FwT0pvTTN2ESj0/+awIDAQAB\n"
	"-----END PUBLIC KEY-----\n";

static struct public_key *key_of(const char *type, const char *scheme, const char *text,
				 struct err *err)
{
	json_t *object = json_pack("{s:s, s:s, s:{s:s}}", "keytype", type, "scheme",
				   scheme, "keyval", "public", text);
	struct public_key *key = public_key_from_json(object, err);

	json_decref(object);
	return key;
}

static bool verifies(const struct public_key *key, const char *text, const char *hex)
{
	uint8_t signature[PUBLIC_KEY_SIGNATURE_MAX];
	size_t len = strlen(hex) / 2;

	assert_true(hex_decode(hex, signature, len));
	return public_key_verify(key, text, strlen(text), signature, len);
}

/* RFC 8032 §7.1 TEST 3. */
static void ed25519_vector_verifies(void **state)
{
	static const char public_hex[] =
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
	static const char signature_hex[] =
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
		"18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";
	struct err err = {0};
	struct public_key *key = key_of("ed25519", "ed25519", public_hex, &err);

	(void)state;
	assert_ok(key != NULL, err);
	assert_true(verifies(key, "\xaf\x82", signature_hex));
	assert_false(verifies(key, "\xaf\x83", signature_hex));
	assert_false(verifies(key, "\xaf\x82", "00"));
	public_key_free(key);
}

static void ecdsa_signature_verifies_under_both_type_names(void **state)
{
	static const char *const types[] = {"ecdsa", "ecdsa-sha2-nistp256"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct err err = {0};
		struct public_key *key =
			key_of(types[i], "ecdsa-sha2-nistp256", ecdsa_pem, &err);

		assert_ok(key != NULL, err);
		assert_true(verifies(key, message, ecdsa_signature));
		assert_false(verifies(key, "{\"a\":2}", ecdsa_signature));
		public_key_free(key);
	}
}

static void rsa_pss_signature_verifies_with_any_salt(void **state)
{
	struct err err = {0};
	struct public_key *key = key_of("rsa", "rsassa-pss-sha256", rsa_pem, &err);

	(void)state;
	assert_ok(key != NULL, err);
	assert_true(verifies(key, message, rsa_signature_salt_32));
	assert_true(verifies(key, message, rsa_signature_salt_max));
	assert_false(verifies(key, "{\"a\":2}", rsa_signature_salt_32));
	/* The same key, but another scheme than the one that its owner declared. */
	assert_false(verifies(key, message, rsa_signature_pkcs1));
	public_key_free(key);
}

static void unusable_keys_are_refused(void **state)
{
	static const char ed25519_hex[] =
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
	const struct {
		const char *type, *scheme, *text;
	} bad[] = {
		{"ed25519", "ed25519", "00"},
		{"ed25519", "ed25519", rsa_pem},
		{"ed25519", "ed448", ed25519_hex},
		{"rsa", "ed25519", ed25519_hex},
		{"ecdsa", "ecdsa-sha2-nistp256", p384_pem},
		{"ecdsa", "ecdsa-sha2-nistp256", rsa_pem},
		{"ecdsa", "ecdsa-sha2-nistp256", ed25519_hex},
		{"rsa", "rsassa-pss-sha256", ecdsa_pem},
		{"rsa", "rsassa-pss-sha256", rsa_1024_pem},
		{"rsa", "rsassa-pkcs1v15-sha256", rsa_pem},
		{"rsa", "rsassa-pss-sha256", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = {0};

		assert_fails(key_of(bad[i].type, bad[i].scheme, bad[i].text, &err), err,
			     ERR_INVALID, "key: ");
	}
}

static void incomplete_key_object_is_refused(void **state)
{
	static const char *const bad[] = {
		"{}", "[]", "{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\"}",
		"{\"keytype\":\"ed25519\",\"scheme\":\"ed25519\",\"keyval\":7}",
		"{\"keytype\":1,\"scheme\":\"ed25519\",\"keyval\":{\"public\":\"\"}}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		json_t *object = json_loads(bad[i], 0, NULL);
		struct err err = {0};

		assert_non_null(object);
		assert_fails(public_key_from_json(object, &err), err, ERR_INVALID,
			     "keytype");
		json_decref(object);
	}
}

static void keys_are_equal_by_what_they_are(void **state)
{
	struct err err = {0};
	struct public_key *a = key_of("ecdsa", "ecdsa-sha2-nistp256", ecdsa_pem, &err);
	struct public_key *b =
		key_of("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", ecdsa_pem, &err);
	struct public_key *c = key_of("rsa", "rsassa-pss-sha256", rsa_pem, &err);

	(void)state;
	assert_true(a && b && c);
	assert_true(public_key_equal(a, b));
	assert_false(public_key_equal(a, c));
	public_key_free(a);
	public_key_free(b);
	public_key_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ed25519_vector_verifies),
		cmocka_unit_test(ecdsa_signature_verifies_under_both_type_names),
		cmocka_unit_test(rsa_pss_signature_verifies_with_any_salt),
		cmocka_unit_test(unusable_keys_are_refused),
		cmocka_unit_test(incomplete_key_object_is_refused),
		cmocka_unit_test(keys_are_equal_by_what_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
