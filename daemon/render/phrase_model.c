#include "render/phrase_model.h"

#include <stdbool.h>
#include <string.h>

#include "core/attr.h"
#include "render/phrase_table.h"

static int compare(const uint16_t *a, const uint16_t *b)
{
	for (size_t i = 0; i < PHRASE_KEY_LENGTH; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

static int weight_of(const struct phrase_feature *feature, const uint16_t *key)
{
	size_t low = 0, high = feature->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(feature->weights[middle].key, key);
		if (order == 0)
			return feature->weights[middle].weight;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* The key of @feature at the boundary; false where the text does not reach that far. */
static bool key_of(const struct phrase_feature *feature, const uint32_t *text,
		   size_t count, size_t at, uint16_t key[static PHRASE_KEY_LENGTH])
{
	ptrdiff_t start = (ptrdiff_t)at + feature->first;

	memset(key, 0, PHRASE_KEY_LENGTH * sizeof(*key));
	if (start < 0 || (size_t)start + feature->length > count)
		return false;
	for (size_t i = 0; i < feature->length; i++) {
		uint32_t c = text[(size_t)start + i];
		if (c > UINT16_MAX)
			return false; /* the model knows the basic plane only */
		key[i] = (uint16_t)c;
	}
	return true;
}

int phrase_model_score(const uint32_t *text, size_t count, size_t at)
{
	uint16_t key[PHRASE_KEY_LENGTH];
	int sum = 0;

	for (size_t i = 0; i < ARRAY_LEN(phrase_table.features); i++) {
		const struct phrase_feature *feature = &phrase_table.features[i];
		if (key_of(feature, text, count, at, key))
			sum += weight_of(feature, key);
	}
	/* A boundary is as likely as not when half of all weights are met. */
	return sum + phrase_table.base / 2;
}
