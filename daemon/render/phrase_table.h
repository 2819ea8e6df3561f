#ifndef RENDER_PHRASE_TABLE_H
#define RENDER_PHRASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* The weights of the phrase model, as assets/phrase/generate.sh writes them. */

#define PHRASE_FEATURES   13
#define PHRASE_KEY_LENGTH 3

/* One to three characters, the rest zero. */
struct phrase_weight {
	uint16_t key[PHRASE_KEY_LENGTH];
	int16_t weight;
};

/* Weights of the @length characters from @first on, counted from the boundary. */
struct phrase_feature {
	const struct phrase_weight *weights; /* by ascending key */
	uint16_t count;
	int8_t first;
	uint8_t length;
};

struct phrase_table {
	int base; /* twice the score of a boundary of which no feature is known */
	struct phrase_feature features[PHRASE_FEATURES];
};

extern const struct phrase_table phrase_table;

#endif /* RENDER_PHRASE_TABLE_H */
