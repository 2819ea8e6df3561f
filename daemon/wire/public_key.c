#include "wire/public_key.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "core/err.h"
#include "wire/digest.h"
#include "wire/key.h"

#define RSA_BITS_MIN 2048 /* §4.2 */
#define RSA_BITS_MAX 8192 /* more only costs the screen time */

enum scheme {
	SCHEME_ED25519,
	SCHEME_ECDSA_P256,
	SCHEME_RSA_PSS,
};

struct public_key {
	enum scheme scheme;
	EVP_PKEY *key;
};

static void free_bio(BIO **bio)
{
	BIO_free_all(*bio);
}

static void free_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static bool find_scheme(const char *type, const char *name, enum scheme *out)
{
	/* "ecdsa" is what the reference implementation calls the type since 2022. */
	static const struct {
		const char *type, *name;
		enum scheme scheme;
	} known[] = {
		{"ed25519", "ed25519", SCHEME_ED25519},
		{"ecdsa", "ecdsa-sha2-nistp256", SCHEME_ECDSA_P256},
		{"ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256", SCHEME_ECDSA_P256},
		{"rsa", "rsassa-pss-sha256", SCHEME_RSA_PSS},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (strcmp(type, known[i].type) == 0 &&
		    strcmp(name, known[i].name) == 0) {
			*out = known[i].scheme;
			return true;
		}
	}
	return false;
}

static EVP_PKEY *key_from_hex(const char *text)
{
	uint8_t raw[ED25519_PUBLIC_SIZE];

	if (!hex_decode(text, raw, sizeof(raw)))
		return NULL;
	return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, raw, sizeof(raw));
}

static EVP_PKEY *key_from_pem(const char *text)
{
	CLEANUP(free_bio) BIO *bio = NULL;
	size_t len = strlen(text);

	if (len > PUBLIC_KEY_PEM_MAX)
		return NULL;
	bio = BIO_new_mem_buf(text, (int)len);
	return bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
}

static bool is_p256(const EVP_PKEY *key)
{
	char group[32] = "";

	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	       strcmp(group, "prime256v1") == 0;
}

static bool is_usable_rsa(const EVP_PKEY *key)
{
	int bits = EVP_PKEY_get_bits(key);

	return EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && bits >= RSA_BITS_MIN &&
	       bits <= RSA_BITS_MAX;
}

/* NULL when @text is no key of the kind that @scheme needs. */
static EVP_PKEY *read_key(enum scheme scheme, const char *text)
{
	EVP_PKEY *key = NULL;
	bool fits = false;

	switch (scheme) {
	case SCHEME_ED25519:
		key = key_from_hex(text);
		fits = key != NULL;
		break;
	case SCHEME_ECDSA_P256:
		key = key_from_pem(text);
		fits = key && is_p256(key);
		break;
	case SCHEME_RSA_PSS:
		key = key_from_pem(text);
		fits = key && is_usable_rsa(key);
		break;
	}
	ERR_clear_error();
	if (fits)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

struct public_key *public_key_from_json(const struct json_t *object, struct err *err)
{
	const char *type = json_string_value(json_object_get(object, "keytype"));
	const char *name = json_string_value(json_object_get(object, "scheme"));
	const char *text = json_string_value(
		json_object_get(json_object_get(object, "keyval"), "public"));
	struct public_key *key;
	enum scheme scheme;

	if (!type || !name || !text) {
		err_set(err, ERR_INVALID,
			"key: needs the texts keytype, scheme and keyval.public");
		return NULL;
	}
	if (!find_scheme(type, name, &scheme)) {
		err_set(err, ERR_INVALID, "key: type or scheme is unknown");
		return NULL;
	}
	key = calloc(1, sizeof(*key));
	if (!key) {
		err_set(err, ERR_NO_MEMORY, "key: out of memory");
		return NULL;
	}
	key->scheme = scheme;
	key->key = read_key(scheme, text);
	if (!key->key) {
		err_set(err, ERR_INVALID, "key: keyval.public is no %s key", name);
		return public_key_free(key);
	}
	return key;
}

struct public_key *public_key_free(struct public_key *key)
{
	if (!key)
		return NULL;
	EVP_PKEY_free(key->key);
	free(key);
	return NULL;
}

bool public_key_equal(const struct public_key *left, const struct public_key *right)
{
	return left->scheme == right->scheme && EVP_PKEY_eq(left->key, right->key) == 1;
}

static bool begin_verify(const struct public_key *key, EVP_MD_CTX *context)
{
	EVP_PKEY_CTX *parameters = NULL; /* owned by the context */

	switch (key->scheme) {
	case SCHEME_ED25519:
		return EVP_DigestVerifyInit(context, NULL, NULL, NULL, key->key) == 1;
	case SCHEME_ECDSA_P256:
		return EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL,
					    key->key) == 1;
	case SCHEME_RSA_PSS:
		/* Signers differ in the length of the salt; the signature itself tells. */
		return EVP_DigestVerifyInit(context, &parameters, EVP_sha256(), NULL,
					    key->key) == 1 &&
		       EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) ==
			       1 &&
		       EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters,
							RSA_PSS_SALTLEN_AUTO) == 1;
	}
	return false;
}

bool public_key_verify(const struct public_key *key, const void *bytes, size_t len,
		       const uint8_t *signature, size_t signature_len)
{
	CLEANUP(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context && begin_verify(key, context) &&
		    EVP_DigestVerify(context, signature, signature_len, bytes, len) == 1;

	ERR_clear_error();
	return good;
}
