#ifndef RENDER_PHRASE_H
#define RENDER_PHRASE_H

#include <stddef.h>
#include <stdint.h>

/*
 * How natural it is to go to the next line between two characters, for a reader of
 * Japanese: the seam where a better model than character classes can be put.
 */

/*
 * Cost 0–100 of a break before @text[@at], 0 < @at < @count, where a break is legal. @text
 * are code points; the model may look around as far as it likes.
 */
uint8_t phrase_cost(const uint32_t *text, size_t count, size_t at);

#endif /* RENDER_PHRASE_H */
