#ifndef RENDER_PHRASE_MODEL_H
#define RENDER_PHRASE_MODEL_H

#include <stddef.h>
#include <stdint.h>

/*
 * Where phrases (文節) of Japanese begin, by BudouX: one to three characters around a
 * boundary are features, each with a weight that was learned from a corpus, and the sum
 * decides. The weights are in phrase_table.c, their origin is told in assets/phrase.
 */

/* About as far as the score of a boundary gets from zero. */
#define PHRASE_SCORE_USUAL 6000

/*
 * The score of a phrase that begins at @text[@at], 0 < @at < @count; @text are code points.
 * Positive: the model takes it for the beginning of one. Allocates nothing.
 */
int phrase_model_score(const uint32_t *text, size_t count, size_t at);

#endif /* RENDER_PHRASE_MODEL_H */
