#include "wire/digest.h"

#include <stdlib.h>

#include <openssl/evp.h>

static void digest(const EVP_MD *algorithm, const void *bytes, size_t len, uint8_t *out)
{
	if (EVP_Digest(bytes, len, out, NULL, algorithm, NULL) != 1)
		abort();
}

void sha256(const void *bytes, size_t len, uint8_t out[static SHA256_SIZE])
{
	digest(EVP_sha256(), bytes, len, out);
}

void sha512(const void *bytes, size_t len, uint8_t out[static SHA512_SIZE])
{
	digest(EVP_sha512(), bytes, len, out);
}

void hex_encode(const uint8_t *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 0x0f];
	}
	out[2 * len] = '\0';
}

/* -1 for anything that is no hexadecimal digit, the terminating NUL included. */
static int hex_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	if (digit >= 'a' && digit <= 'f')
		return digit - 'a' + 10;
	if (digit >= 'A' && digit <= 'F')
		return digit - 'A' + 10;
	return -1;
}

/* Checked as a whole first, so that a bad text leaves @out untouched. */
bool hex_decode(const char *text, uint8_t *out, size_t len)
{
	for (size_t i = 0; i < 2 * len; i++) {
		if (hex_value(text[i]) < 0)
			return false;
	}
	if (text[2 * len] != '\0')
		return false;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(hex_value(text[2 * i]) * 16 +
				   hex_value(text[2 * i + 1]));
	return true;
}
