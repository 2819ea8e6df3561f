#ifndef WIRE_KEY_H
#define WIRE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;
struct json_t;

/*
 * ed25519 keys (RFC 8032), through libcrypto's EVP. A struct signer holds a private key;
 * public keys and signatures travel as bytes or as TUF key objects.
 */
#define ED25519_PUBLIC_SIZE    32
#define ED25519_SIGNATURE_SIZE 64
#define KEY_ID_SIZE            65 /* hex digits of SHA-256 and NUL */
#define KEY_PEM_MAX            4096

struct signer;

MUST_USE struct signer *signer_generate(struct err *err);
/* From unencrypted PKCS #8 PEM (RFC 5958, 8410). NULL on failure. */
MUST_USE struct signer *signer_from_pem(const char *pem, size_t len, struct err *err);
struct signer *signer_free(struct signer *signer); /* NULL is fine; wipes; returns NULL */

/* PKCS #8 PEM, NUL-terminated, owned: wipe and free with signer_pem_free(). */
MUST_USE char *signer_to_pem(const struct signer *signer, struct err *err);
void signer_pem_free(char *pem);

void signer_public(const struct signer *signer, uint8_t out[static ED25519_PUBLIC_SIZE]);
/* TUF key id of the public key: SHA-256 of its canonical key object (§4.2). */
const char *signer_key_id(const struct signer *signer);

MUST_USE bool signer_sign(const struct signer *signer, const void *bytes, size_t len,
			  uint8_t out[static ED25519_SIGNATURE_SIZE], struct err *err);

/* Whether @signature over the bytes is by @public_key. */
bool ed25519_verify(const uint8_t public_key[static ED25519_PUBLIC_SIZE],
		    const void *bytes, size_t len,
		    const uint8_t signature[static ED25519_SIGNATURE_SIZE]);

/* TUF key id of a raw ed25519 public key. */
void ed25519_key_id(const uint8_t public_key[static ED25519_PUBLIC_SIZE],
		    char out[static KEY_ID_SIZE]);

#endif /* WIRE_KEY_H */
