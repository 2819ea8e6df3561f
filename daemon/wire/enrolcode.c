#include "wire/enrolcode.h"

#include <stddef.h>
#include <string.h>

#include "core/err.h"

#define CHARACTERS 32
#define GROUP      4

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void enrolcode_make(const uint8_t random[static ENROLCODE_RANDOM],
		    const uint8_t root_sha256[static SHA256_SIZE],
		    uint8_t out[static ENROLCODE_SIZE])
{
	memcpy(out, random, ENROLCODE_RANDOM);
	memcpy(out + ENROLCODE_RANDOM, root_sha256, ENROLCODE_SIZE - ENROLCODE_RANDOM);
}

bool enrolcode_fits_root(const uint8_t code[static ENROLCODE_SIZE],
			 const uint8_t root_sha256[static SHA256_SIZE])
{
	return memcmp(code + ENROLCODE_RANDOM, root_sha256,
		      ENROLCODE_SIZE - ENROLCODE_RANDOM) == 0;
}

void enrolcode_format(const uint8_t code[static ENROLCODE_SIZE],
		      char out[static ENROLCODE_TEXT_SIZE])
{
	size_t len = 0;

	for (size_t i = 0; i < CHARACTERS; i++) {
		/* Five bits that start at bit 5i, from the two bytes that may hold them. */
		size_t byte = i * 5 / 8, shift = i * 5 % 8;
		unsigned pair = (unsigned)code[byte] << 8;

		if (byte + 1 < ENROLCODE_SIZE)
			pair |= code[byte + 1];
		if (i > 0 && i % GROUP == 0)
			out[len++] = '-';
		out[len++] = alphabet[pair >> (11 - shift) & 31];
	}
	out[len] = '\0';
}

/* The value of a character as Crockford reads it; -1 for one that is not of the alphabet. */
static int value_of(char character)
{
	const char *found;

	if (character >= 'a' && character <= 'z')
		character = (char)(character - 'a' + 'A');
	if (character == 'O')
		character = '0';
	if (character == 'I' || character == 'L')
		character = '1';
	if (character == '\0')
		return -1;
	found = strchr(alphabet, character);
	return found ? (int)(found - alphabet) : -1;
}

bool enrolcode_parse(const char *text, uint8_t out[static ENROLCODE_SIZE],
		     struct err *err)
{
	uint8_t code[ENROLCODE_SIZE] = {0};
	size_t count = 0;

	for (const char *at = text; *at; at++) {
		int value;

		if (*at == '-' || *at == ' ')
			continue;
		value = value_of(*at);
		if (value < 0)
			return err_set(err, ERR_INVALID,
				       "code: character %zu is none of the digits and "
				       "letters that codes are made of",
				       (size_t)(at - text) + 1);
		if (count < CHARACTERS) {
			for (size_t bit = 0; bit < 5; bit++) {
				size_t place = count * 5 + bit;

				if (value >> (4 - bit) & 1)
					code[place / 8] |= (uint8_t)(0x80 >> place % 8);
			}
		}
		count++;
	}
	if (count != CHARACTERS)
		return err_set(err, ERR_INVALID,
			       "code: has %zu characters, a code has %d", count,
			       CHARACTERS);
	memcpy(out, code, sizeof(code));
	return true;
}
