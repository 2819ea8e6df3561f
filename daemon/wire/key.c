#include "wire/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "core/err.h"
#include "wire/digest.h"

struct signer {
	EVP_PKEY *key;
	uint8_t public_key[ED25519_PUBLIC_SIZE];
	char key_id[KEY_ID_SIZE];
};

static void free_bio(BIO **bio)
{
	BIO_free_all(*bio);
}

static void free_context(EVP_MD_CTX **context)
{
	EVP_MD_CTX_free(*context);
}

static void free_pkey(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
}

/*
 * Sets @err with libcrypto's reason and empties its queue, which would otherwise show up
 * in the next failure of this thread, TLS included.
 */
static bool fail_crypto(struct err *err, enum err_code code, const char *what)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	ERR_clear_error();
	return err_set(err, code, "%s: %s", what,
		       reason ? reason : "libcrypto gave no reason");
}

static struct signer *signer_adopt(TAKES EVP_PKEY *key, struct err *err)
{
	struct signer *signer = calloc(1, sizeof(*signer));
	size_t len = sizeof(signer->public_key);

	if (!signer) {
		EVP_PKEY_free(key);
		err_set(err, ERR_NO_MEMORY, "key: out of memory");
		return NULL;
	}
	signer->key = key;
	if (EVP_PKEY_get_raw_public_key(key, signer->public_key, &len) != 1 ||
	    len != sizeof(signer->public_key)) {
		fail_crypto(err, ERR_INTERNAL, "key: no public key");
		return signer_free(signer);
	}
	ed25519_key_id(signer->public_key, signer->key_id);
	return signer;
}

struct signer *signer_generate(struct err *err)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	if (!key) {
		fail_crypto(err, ERR_INTERNAL, "key: cannot generate");
		return NULL;
	}
	return signer_adopt(key, err);
}

/* Without it libcrypto would ask for a passphrase on the terminal of whoever calls. */
static int no_passphrase(char *buffer, int size, int writing, void *unused)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)unused;
	return -1;
}

struct signer *signer_from_pem(const char *pem, size_t len, struct err *err)
{
	CLEANUP(free_bio) BIO *bio = NULL;
	EVP_PKEY *key;

	if (len > KEY_PEM_MAX) {
		err_set(err, ERR_TOO_LARGE,
			"key: %zu bytes are over the %d of a key file", len, KEY_PEM_MAX);
		return NULL;
	}
	bio = BIO_new_mem_buf(pem, (int)len);
	if (!bio) {
		fail_crypto(err, ERR_NO_MEMORY, "key");
		return NULL;
	}
	key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	if (!key) {
		fail_crypto(err, ERR_INVALID,
			    "key: not an unencrypted PKCS #8 private key in PEM");
		return NULL;
	}
	if (EVP_PKEY_get_id(key) != EVP_PKEY_ED25519) {
		EVP_PKEY_free(key);
		err_set(err, ERR_INVALID,
			"key: not an ed25519 key; make one with \"ekimaectl key\"");
		return NULL;
	}
	return signer_adopt(key, err);
}

struct signer *signer_free(struct signer *signer)
{
	if (!signer)
		return NULL;
	EVP_PKEY_free(signer->key); /* wipes the private key */
	free(signer);
	return NULL;
}

char *signer_to_pem(const struct signer *signer, struct err *err)
{
	/* The memory of a secmem BIO is wiped when it is freed. */
	CLEANUP(free_bio) BIO *bio = BIO_new(BIO_s_secmem());
	char *text = NULL;
	char *pem;
	long len;

	if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, signer->key, NULL, NULL, 0, NULL,
						  NULL) != 1) {
		fail_crypto(err, ERR_INTERNAL, "key: cannot write PEM");
		return NULL;
	}
	len = BIO_get_mem_data(bio, &text);
	pem = len > 0 ? calloc(1, (size_t)len + 1) : NULL;
	if (!pem) {
		err_set(err, ERR_NO_MEMORY, "key: out of memory");
		return NULL;
	}
	memcpy(pem, text, (size_t)len);
	return pem;
}

void signer_pem_free(char *pem)
{
	if (!pem)
		return;
	OPENSSL_cleanse(pem, strlen(pem));
	free(pem);
}

void signer_public(const struct signer *signer, uint8_t out[static ED25519_PUBLIC_SIZE])
{
	memcpy(out, signer->public_key, ED25519_PUBLIC_SIZE);
}

const char *signer_key_id(const struct signer *signer)
{
	return signer->key_id;
}

bool signer_sign(const struct signer *signer, const void *bytes, size_t len,
		 uint8_t out[static ED25519_SIGNATURE_SIZE], struct err *err)
{
	CLEANUP(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	size_t signature_len = sizeof(signature);

	if (!context || EVP_DigestSignInit(context, NULL, NULL, NULL, signer->key) != 1 ||
	    EVP_DigestSign(context, signature, &signature_len, bytes, len) != 1 ||
	    signature_len != sizeof(signature))
		return fail_crypto(err, ERR_INTERNAL, "key: cannot sign");
	memcpy(out, signature, sizeof(signature));
	return true;
}

bool ed25519_verify(const uint8_t public_key[static ED25519_PUBLIC_SIZE],
		    const void *bytes, size_t len,
		    const uint8_t signature[static ED25519_SIGNATURE_SIZE])
{
	CLEANUP(free_pkey)
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key,
						    ED25519_PUBLIC_SIZE);
	CLEANUP(free_context) EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good;

	good = key && context &&
	       EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
	       EVP_DigestVerify(context, signature, ED25519_SIGNATURE_SIZE, bytes, len) ==
		       1;
	ERR_clear_error();
	return good;
}

void ed25519_key_id(const uint8_t public_key[static ED25519_PUBLIC_SIZE],
		    char out[static KEY_ID_SIZE])
{
	char public_hex[2 * ED25519_PUBLIC_SIZE + 1];
	char object[160];
	uint8_t hash[SHA256_SIZE];
	int len;

	/* Canonical as it stands: keys in order, no white space. */
	hex_encode(public_key, ED25519_PUBLIC_SIZE, public_hex);
	len = snprintf(object, sizeof(object),
		       "{\"keytype\":\"ed25519\",\"keyval\":{\"public\":\"%s\"},"
		       "\"scheme\":\"ed25519\"}",
		       public_hex);
	sha256(object, (size_t)len, hash);
	hex_encode(hash, sizeof(hash), out);
}
