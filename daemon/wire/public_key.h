#ifndef WIRE_PUBLIC_KEY_H
#define WIRE_PUBLIC_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;
struct json_t;

/*
 * A key of TUF metadata, to verify with (specification 1.0.34 §4.2): ed25519,
 * ecdsa-sha2-nistp256 and rsassa-pss-sha256.
 */
struct public_key;

#define PUBLIC_KEY_PEM_MAX       8192 /* bytes */
#define PUBLIC_KEY_SIGNATURE_MAX 1024 /* bytes: RSA of 8192 bits */

/*
 * From a KEY object. NULL with ERR_INVALID when type, scheme or value is not one that
 * this client can use: such a key simply never verifies anything.
 */
MUST_USE struct public_key *public_key_from_json(const struct json_t *object,
						 struct err *err);
struct public_key *public_key_free(struct public_key *key); /* NULL is fine */

/* Whether both are the same key, whatever they are called. */
bool public_key_equal(const struct public_key *left, const struct public_key *right);

/* Whether @signature over the bytes is by @key. */
bool public_key_verify(const struct public_key *key, const void *bytes, size_t len,
		       const uint8_t *signature, size_t signature_len);

#endif /* WIRE_PUBLIC_KEY_H */
