#ifndef WIRE_ENROLCODE_H
#define WIRE_ENROLCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "wire/digest.h"

struct err;

/*
 * The one-time code that an installer types into a new box (docs/protocol.md section 3):
 * 10 random bytes, then the first 10 bytes of the SHA-256 of the repository's first
 * root.json, as 32 characters of Crockford's base 32 in groups of four. 80 random bits
 * can't be guessed in the day that a code lives; the other 80 bind the box to our root.
 */
#define ENROLCODE_SIZE      20 /* bytes */
#define ENROLCODE_RANDOM    10
#define ENROLCODE_TEXT_SIZE 40 /* 8 groups of 4, 7 hyphens, NUL */

/* The code of these random bytes for the repository whose first root has this hash. */
void enrolcode_make(const uint8_t random[static ENROLCODE_RANDOM],
		    const uint8_t root_sha256[static SHA256_SIZE],
		    uint8_t out[static ENROLCODE_SIZE]);

/* Whether a root.json with this hash is the one that the code was made for. */
bool enrolcode_fits_root(const uint8_t code[static ENROLCODE_SIZE],
			 const uint8_t root_sha256[static SHA256_SIZE]);

/* "7QZK-…": upper case, hyphens between the groups. */
void enrolcode_format(const uint8_t code[static ENROLCODE_SIZE],
		      char out[static ENROLCODE_TEXT_SIZE]);

/*
 * Reads a code as people type it: case, hyphens and spaces do not matter; O is 0, I and L
 * are 1.
 */
MUST_USE bool enrolcode_parse(const char *text, uint8_t out[static ENROLCODE_SIZE],
			      struct err *err);

#endif /* WIRE_ENROLCODE_H */
