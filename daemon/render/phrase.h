#ifndef RENDER_PHRASE_H
#define RENDER_PHRASE_H

#include <stddef.h>
#include <stdint.h>

/*
 * How natural it is for a reader of Japanese to go to the next line between two
 * characters. From PHRASE_COST_PARTED on the break parts a word, below PHRASE_COST_WORD it
 * lies between phrases (文節), between the two it lies between words of one phrase.
 */

#define PHRASE_COST_WORD   55
#define PHRASE_COST_PARTED 90

/*
 * Cost 0–100 of a break before @text[@at], 0 < @at < @count, where a break is legal. @text
 * are code points, and @words[i] is not 0 where a dictionary sees a word begin at i. The
 * model looks around as far as it likes.
 */
uint8_t phrase_cost(const uint32_t *text, const uint8_t *words, size_t count, size_t at);

#endif /* RENDER_PHRASE_H */
