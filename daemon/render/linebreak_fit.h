#ifndef RENDER_LINEBREAK_FIT_H
#define RENDER_LINEBREAK_FIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * Marks with 1 each byte of @text at which a character as readers see it begins (UAX #29
 * grapheme clusters), 0 elsewhere; strlen(@text) + 1 entries. @text is within
 * LINEBREAK_BYTES_MAX.
 */
MUST_USE bool linebreak_characters(const char *text, uint8_t *places, struct err *err);

#endif /* RENDER_LINEBREAK_FIT_H */
