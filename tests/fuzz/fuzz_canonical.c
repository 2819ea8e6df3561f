/* Canonical form is a fixed point: written, read and written again, it stays the same. */
#include <jansson.h>
#include <string.h>

#include "core/err.h"
#include "fuzz/fuzz.h"
#include "wire/canonical.h"

/* Canonical JSON leaves control characters as they are, and JSON does not take them. */
static int has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if ((unsigned char)text[i] < 0x20)
			return 1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *value = json_loadb((const char *)data, size,
				   JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
	struct err err = {0};
	size_t len = 0;
	char *text;

	if (!value)
		return 0;
	text = canonical_json(value, &len, &err);
	must_hold(text ? strlen(text) == len : err.code == ERR_INVALID);
	if (text && !has_control(text, len)) {
		json_t *again = json_loadb(text, len, JSON_DECODE_ANY, NULL);
		size_t again_len = 0;
		char *again_text;

		must_hold(again != NULL && json_equal(value, again));
		again_text = canonical_json(again, &again_len, &err);
		must_hold(again_text && again_len == len &&
			  memcmp(again_text, text, len) == 0);
		free(again_text);
		json_decref(again);
	}
	free(text);
	json_decref(value);
	return 0;
}
