/*
 * Differences of files (VCDIFF). An input is a byte that says how long the old version is,
 * that version, and then the rest: as a hostile difference, and as a new version, of which
 * the way through delta_make() and back must make the same.
 */
#include <string.h>

#include "core/err.h"
#include "fuzz/fuzz.h"
#include "wire/delta.h"

#define NEW_MAX 300 /* a version that a hostile difference claims to make */

static void apply(const uint8_t *old, size_t old_len, const uint8_t *delta, size_t len)
{
	/* What the signed metadata say of the length: a difference has to fit it. */
	for (size_t new_len = 0; new_len <= NEW_MAX; new_len++) {
		struct err err = {0};
		char *made = delta_apply(old, old_len, delta, len, new_len, &err);

		must_hold(made || err.code == ERR_INVALID);
		must_hold(!made || made[new_len] == '\0');
		free(made);
	}
}

static void make_and_apply(const uint8_t *old, size_t old_len, const uint8_t *new,
			   size_t new_len)
{
	struct err err = {0};
	size_t len = 0;
	char *delta = delta_make(old, old_len, new, new_len, &len, &err);
	char *made;

	must_hold(delta || err.code == ERR_TOO_LARGE);
	if (!delta)
		return;
	made = delta_apply(old, old_len, delta, len, new_len, &err);
	must_hold(made && (new_len == 0 || memcmp(made, new, new_len) == 0));
	free(made);
	free(delta);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t old_len;

	if (size == 0)
		return 0;
	old_len = data[0] < size ? data[0] : size - 1;
	apply(data + 1, old_len, data + 1 + old_len, size - 1 - old_len);
	make_and_apply(data + 1, old_len, data + 1 + old_len, size - 1 - old_len);
	make_and_apply(data + 1 + old_len, size - 1 - old_len, data + 1, old_len);
	return 0;
}
