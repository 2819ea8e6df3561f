#include "display/run_number.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "os/file.h"

/* Digits of a number that every reader of JSON keeps exactly. */
#define DIGITS_MAX 15

/* What the file says; 0 when it says nothing that makes sense. */
static int64_t parse(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	int64_t value = 0;

	if (digits < 1 || digits > DIGITS_MAX || strcmp(text + digits, "\n") != 0)
		return 0;
	for (size_t i = 0; i < digits; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

bool run_number_next(const char *state, struct wall_ms now, int64_t *out, struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	char path[PATH_MAX], text[DIGITS_MAX + 8];
	struct err ignored = {0};
	int64_t run = 1;

	*out = now.ms / 1000;
	if (!path_join(path, sizeof(path), state, "run", err))
		return false;
	if (file_read(path, sizeof(text), &blob, &ignored))
		run = parse(blob.bytes) + 1;
	if (run < now.ms / 1000)
		run = now.ms / 1000;
	snprintf(text, sizeof(text), "%" PRId64 "\n", run);
	*out = run;
	return file_write_atomic(path, text, strlen(text), 0600, err);
}
