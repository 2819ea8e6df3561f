#ifndef WIRE_DIGEST_H
#define WIRE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

#define SHA256_SIZE     32
#define SHA256_HEX_SIZE 65 /* with NUL */
#define SHA512_SIZE     64

/* FIPS 180-4, through libcrypto. They can't fail but by lack of memory, which aborts. */
void sha256(const void *bytes, size_t len, uint8_t out[static SHA256_SIZE]);
void sha512(const void *bytes, size_t len, uint8_t out[static SHA512_SIZE]);

/* Lower-case hexadecimal with NUL; @out holds 2 * @len + 1. */
void hex_encode(const uint8_t *bytes, size_t len, char *out);
/* Exactly @len bytes from 2 * @len hex digits of either case and nothing else. */
MUST_USE bool hex_decode(const char *text, uint8_t *out, size_t len);

#endif /* WIRE_DIGEST_H */
