#include "wire/canonical.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"

/* Documents are parsed to a depth of 32; a value that was built by us stays below, too. */
#define DEPTH_MAX 64

static bool write_value(FILE *out, const json_t *value, int depth, struct err *err);

/* Write errors of a memory stream stick, and are asked for once at the end. */
static void write_string(FILE *out, const char *text, size_t len)
{
	size_t start = 0;

	fputc('"', out);
	for (size_t i = 0; i < len; i++) {
		if (text[i] != '"' && text[i] != '\\')
			continue;
		fwrite(text + start, 1, i - start, out);
		fputc('\\', out);
		start = i;
	}
	fwrite(text + start, 1, len - start, out);
	fputc('"', out);
}

/* The order of UTF-8 bytes is the order of code points. */
static int compare_keys(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void free_keys(const char ***keys)
{
	free(*keys);
}

static bool write_object(FILE *out, const json_t *object, int depth, struct err *err)
{
	/* jansson's iterators take no const, though they change nothing. */
	json_t *walked = (json_t *)(uintptr_t)object;
	size_t count = json_object_size(object);
	size_t at = 0;
	CLEANUP(free_keys) const char **keys = calloc(count + 1, sizeof(*keys));

	if (!keys)
		return err_set(err, ERR_NO_MEMORY, "canonical JSON: out of memory");
	for (void *iter = json_object_iter(walked); iter;
	     iter = json_object_iter_next(walked, iter))
		keys[at++] = json_object_iter_key(iter);
	qsort(keys, count, sizeof(*keys), compare_keys);

	fputc('{', out);
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			fputc(',', out);
		write_string(out, keys[i], strlen(keys[i]));
		fputc(':', out);
		if (!write_value(out, json_object_get(object, keys[i]), depth + 1, err))
			return false;
	}
	fputc('}', out);
	return true;
}

static bool write_array(FILE *out, const json_t *array, int depth, struct err *err)
{
	fputc('[', out);
	for (size_t i = 0; i < json_array_size(array); i++) {
		if (i > 0)
			fputc(',', out);
		if (!write_value(out, json_array_get(array, i), depth + 1, err))
			return false;
	}
	fputc(']', out);
	return true;
}

static bool write_value(FILE *out, const json_t *value, int depth, struct err *err)
{
	if (depth > DEPTH_MAX)
		return err_set(err, ERR_INVALID,
			       "canonical JSON: nested deeper than %d levels", DEPTH_MAX);

	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return write_object(out, value, depth, err);
	case JSON_ARRAY:
		return write_array(out, value, depth, err);
	case JSON_STRING:
		write_string(out, json_string_value(value), json_string_length(value));
		return true;
	case JSON_INTEGER:
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		return true;
	case JSON_REAL:
		return err_set(err, ERR_INVALID,
			       "canonical JSON: %g is no integer; canonical JSON has no "
			       "other numbers",
			       json_real_value(value));
	case JSON_TRUE:
		fputs("true", out);
		return true;
	case JSON_FALSE:
		fputs("false", out);
		return true;
	case JSON_NULL:
		fputs("null", out);
		return true;
	}
	return err_set(err, ERR_INTERNAL, "canonical JSON: unknown type of value");
}

char *canonical_json(const struct json_t *value, size_t *out_len, struct err *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool complete;
	bool written;

	if (!out) {
		err_set(err, ERR_NO_MEMORY, "canonical JSON: out of memory");
		return NULL;
	}
	complete = write_value(out, value, 0, err);
	written = !ferror(out);
	if (fclose(out) != 0 || !written) {
		err_set(err, ERR_NO_MEMORY, "canonical JSON: out of memory");
		complete = false;
	}
	if (!complete) {
		free(text);
		return NULL;
	}
	*out_len = len;
	return text;
}
