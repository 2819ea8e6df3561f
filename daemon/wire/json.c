#include "wire/json.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/utf8.h"
#include "wire/digest.h"

#define DEPTH_MAX    32
#define DOC_NAME_MAX 200
#define QUOTE_MAX    40 /* characters of the document that an error repeats */
/* Room for QUOTE_MAX characters of four bytes, an ellipsis and NUL. */
#define QUOTE_SIZE    (QUOTE_MAX * 4 + 4)
#define TIME_TEXT_MAX 40

struct json_doc {
	char name[DOC_NAME_MAX + 1];
	json_t *root;
};

/*
 * Copies what an error repeats of a document: short, valid and without control characters,
 * since it goes to logs and terminals.
 */
static const char *quote(const char *text, char out[static QUOTE_SIZE])
{
	size_t used = 0;

	for (int i = 0; *text; i++) {
		char one[5] = {0};
		uint32_t code_point;

		if (i == QUOTE_MAX) {
			memcpy(out + used, "…", strlen("…"));
			used += strlen("…");
			break;
		}
		code_point = utf8_next(&text);
		utf8_encode(code_point, one);
		if (code_point == '\n' || utf8_has_control(one))
			one[0] = '?', one[1] = '\0';
		memcpy(out + used, one, strlen(one));
		used += strlen(one);
	}
	out[used] = '\0';
	return out;
}

/* --- Parsing --------------------------------------------------------------------------- */

/*
 * Jansson's own depth limit is in the thousands and its parser recurses, so nesting is
 * counted first. Whether the brackets match is the parser's business.
 */
static bool check_depth(const char *name, const char *bytes, size_t len, struct err *err)
{
	size_t depth = 0, line = 1, column = 0;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		column++;
		if (bytes[i] == '\n') {
			line++;
			column = 0;
		}
		if (in_string) {
			if (bytes[i] == '\\')
				i++, column++;
			else if (bytes[i] == '"')
				in_string = false;
		} else if (bytes[i] == '"') {
			in_string = true;
		} else if (bytes[i] == '{' || bytes[i] == '[') {
			if (++depth > DEPTH_MAX)
				return err_set(
					err, ERR_INVALID,
					"%s: line %zu, column %zu: nested deeper than %d",
					name, line, column, DEPTH_MAX);
		} else if ((bytes[i] == '}' || bytes[i] == ']') && depth > 0) {
			depth--;
		}
	}
	return true;
}

static bool parse(struct json_doc *doc, const char *bytes, size_t len, struct err *err)
{
	char text[QUOTE_SIZE * 4];
	json_error_t error;
	size_t used = 0;

	if (len == 0)
		return err_set(err, ERR_INVALID, "%s: line 1, column 1: is empty",
			       doc->name);
	if (len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
		return err_set(err, ERR_INVALID,
			       "%s: line 1, column 1: starts with a byte order mark; "
			       "save it as UTF-8 without one",
			       doc->name);
	if (!check_depth(doc->name, bytes, len, err))
		return false;
	doc->root = json_loadb(bytes, len, JSON_REJECT_DUPLICATES, &error);
	if (doc->root)
		return true;
	if (json_error_code(&error) == json_error_out_of_memory)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", doc->name);

	/* The parser's sentence may repeat bytes of the document: make them harmless. */
	for (const char *cursor = error.text; *cursor && used + 5 < sizeof(text);) {
		char one[5] = {0};
		uint32_t code_point = utf8_next(&cursor);

		utf8_encode(code_point, one);
		if (code_point == '\n' || utf8_has_control(one))
			one[0] = '?', one[1] = '\0';
		memcpy(text + used, one, strlen(one));
		used += strlen(one);
	}
	text[used] = '\0';
	return err_set(err, ERR_INVALID, "%s: line %d, column %d: %s", doc->name,
		       error.line, error.column, text);
}

struct json_doc *json_parse(const char *name, const void *bytes, size_t len,
			    size_t max_bytes, struct err *err)
{
	struct json_doc *doc;

	if (len > max_bytes) {
		err_set(err, ERR_TOO_LARGE, "%s: has %zu bytes, at most %zu are accepted",
			name, len, max_bytes);
		return NULL;
	}
	doc = calloc(1, sizeof(*doc));
	if (!doc) {
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", name);
		return NULL;
	}
	snprintf(doc->name, sizeof(doc->name), "%s", name);
	if (!parse(doc, bytes, len, err))
		return json_doc_free(doc);
	return doc;
}

struct json_doc *json_doc_free(struct json_doc *doc)
{
	if (!doc)
		return NULL;
	json_decref(doc->root);
	free(doc);
	return NULL;
}

/* --- Places and errors ------------------------------------------------------------------ */

/* A path that is too long ends early; it still names the place well enough. */
static void set_path(char out[static JSON_PATH_MAX], const char *parent, const char *key)
{
	char quoted[QUOTE_SIZE];

	snprintf(out, JSON_PATH_MAX, "%s%s%s", parent, *parent ? "." : "",
		 quote(key, quoted));
}

static void set_item_path(char out[static JSON_PATH_MAX], const char *parent,
			  size_t index)
{
	snprintf(out, JSON_PATH_MAX, "%s[%zu]", parent, index);
}

static struct json_node child(const struct json_node *parent, const json_t *value)
{
	return (struct json_node){.doc = parent->doc, .value = value};
}

/* "programme.json: notices[3].from", or just the document's name at its top. */
static void describe_place(const struct json_node *node, const char *key, char *out,
			   size_t size)
{
	char path[JSON_PATH_MAX];

	if (key)
		set_path(path, node->path, key);
	else
		snprintf(path, sizeof(path), "%s", node->path);
	snprintf(out, size, "%s%s%s", node->doc->name, *path ? ": " : "", path);
}

bool json_fail(const struct json_node *node, const char *key, struct err *err,
	       const char *format, ...)
{
	char place[DOC_NAME_MAX + JSON_PATH_MAX + 3];
	char sentence[ERR_TEXT_MAX];
	va_list args;

	describe_place(node, key, place, sizeof(place));
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	return err_set(err, ERR_INVALID, "%s: %s", place, sentence);
}

static const char *type_name(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		return "an object";
	case JSON_ARRAY:
		return "an array";
	case JSON_STRING:
		return "a string";
	case JSON_INTEGER:
		return "an integer";
	case JSON_REAL:
		return "a number with a fraction or exponent";
	case JSON_TRUE:
		return "true";
	case JSON_FALSE:
		return "false";
	case JSON_NULL:
		return "null";
	}
	return "something unknown";
}

/* --- Keys -------------------------------------------------------------------------------- */

/* Jansson takes objects that it only reads as not const. */
static json_t *mutable(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

/* Members of a map come unchecked, so every read by key asks first. */
static bool check_object(const struct json_node *node, struct err *err)
{
	if (!json_is_object(node->value))
		return json_fail(node, NULL, err, "expected an object, got %s",
				 type_name(node->value));
	return true;
}

/* Finds and consumes @key; fails when it is missing. */
static const json_t *take(struct json_node *object, const char *key, struct err *err)
{
	void *iter = json_object_iter(mutable(object->value));

	if (!check_object(object, err))
		return NULL;
	for (int i = 0; iter && i < JSON_OBJECT_KEYS_MAX; i++) {
		if (strcmp(json_object_iter_key(iter), key) == 0) {
			object->seen |= UINT64_C(1) << i;
			return json_object_iter_value(iter);
		}
		iter = json_object_iter_next(mutable(object->value), iter);
	}
	json_fail(object, key, err, "is missing");
	return NULL;
}

bool json_has(const struct json_node *object, const char *key)
{
	return json_object_get(object->value, key) != NULL;
}

bool json_done(const struct json_node *object, struct err *err)
{
	void *iter = json_object_iter(mutable(object->value));
	char quoted[QUOTE_SIZE];

	for (int i = 0; iter; i++) {
		if (i == JSON_OBJECT_KEYS_MAX)
			return json_fail(object, NULL, err, "has more than %d keys",
					 JSON_OBJECT_KEYS_MAX);
		if (!(object->seen & UINT64_C(1) << i))
			return json_fail(object, NULL, err, "unknown key \"%s\"",
					 quote(json_object_iter_key(iter), quoted));
		iter = json_object_iter_next(mutable(object->value), iter);
	}
	return true;
}

bool json_next_member(const struct json_node *object, void **cursor, const char **out_key,
		      struct json_node *out_value)
{
	void *iter = *cursor ? json_object_iter_next(mutable(object->value), *cursor)
			     : json_object_iter(mutable(object->value));

	if (!iter)
		return false;
	*cursor = iter;
	*out_key = json_object_iter_key(iter);
	*out_value = child(object, json_object_iter_value(iter));
	set_path(out_value->path, object->path, *out_key);
	return true;
}

/* --- Checks of one value, whether of a key or an item ------------------------------------ */

static bool check_string(const struct json_node *node, size_t max_chars, const char **out,
			 struct err *err)
{
	const char *text = json_string_value(node->value);
	size_t count;

	if (!text)
		return json_fail(node, NULL, err, "expected a string, got %s",
				 type_name(node->value));
	count = utf8_count(text);
	if (count == 0)
		return json_fail(node, NULL, err, "is empty; leave the key out instead");
	if (count > max_chars)
		return json_fail(node, NULL, err, "has %zu characters, at most %zu fit",
				 count, max_chars);
	if (utf8_has_control(text))
		return json_fail(
			node, NULL, err,
			"holds a control character; only line feeds may be in it");
	*out = text;
	return true;
}

/* Consumes @key into a place of its own, for the checks above. */
static bool take_node(struct json_node *object, const char *key, struct json_node *out,
		      struct err *err)
{
	const json_t *value = take(object, key, err);

	if (!value)
		return false;
	*out = child(object, value);
	set_path(out->path, object->path, key);
	return true;
}

/* --- Readers ------------------------------------------------------------------------------ */

bool json_root(const struct json_doc *doc, struct json_node *out, struct err *err)
{
	struct json_node root = {.doc = doc, .value = doc->root};

	if (!check_object(&root, err))
		return false;
	*out = root;
	return true;
}

bool json_format(struct json_node *object, const char *format, struct err *err)
{
	char quoted[QUOTE_SIZE];
	struct json_node node;
	const char *text;

	if (!take_node(object, "format", &node, err) ||
	    !check_string(&node, SIZE_MAX, &text, err))
		return false;
	if (strcmp(text, format) != 0)
		return json_fail(&node, NULL, err, "expected \"%s\", got \"%s\"", format,
				 quote(text, quoted));
	return true;
}

bool json_get_object(struct json_node *object, const char *key, struct json_node *out,
		     struct err *err)
{
	struct json_node node;

	if (!take_node(object, key, &node, err) || !check_object(&node, err))
		return false;
	*out = node;
	return true;
}

bool json_get_array(struct json_node *object, const char *key, size_t max_items,
		    struct json_node *out, size_t *out_count, struct err *err)
{
	struct json_node node;

	if (!take_node(object, key, &node, err))
		return false;
	if (!json_is_array(node.value))
		return json_fail(&node, NULL, err, "expected an array, got %s",
				 type_name(node.value));
	if (json_array_size(node.value) > max_items)
		return json_fail(&node, NULL, err, "has %zu items, at most %zu fit",
				 json_array_size(node.value), max_items);
	*out_count = json_array_size(node.value);
	*out = node;
	return true;
}

bool json_get_int(struct json_node *object, const char *key, int64_t min, int64_t max,
		  int64_t *out, struct err *err)
{
	struct json_node node;
	json_int_t value;

	if (!take_node(object, key, &node, err))
		return false;
	if (!json_is_integer(node.value))
		return json_fail(&node, NULL, err,
				 "expected an integer %" PRId64 "–%" PRId64 ", got %s",
				 min, max, type_name(node.value));
	value = json_integer_value(node.value);
	if (value < min || value > max)
		return json_fail(&node, NULL, err,
				 "expected an integer %" PRId64 "–%" PRId64
				 ", got %" PRId64,
				 min, max, (int64_t)value);
	*out = value;
	return true;
}

bool json_get_bool(struct json_node *object, const char *key, bool *out, struct err *err)
{
	struct json_node node;

	if (!take_node(object, key, &node, err))
		return false;
	if (!json_is_boolean(node.value))
		return json_fail(&node, NULL, err, "expected true or false, got %s",
				 type_name(node.value));
	*out = json_is_true(node.value);
	return true;
}

bool json_get_string(struct json_node *object, const char *key, size_t max_chars,
		     const char **out, struct err *err)
{
	struct json_node node;

	return take_node(object, key, &node, err) &&
	       check_string(&node, max_chars, out, err);
}

bool json_get_text(struct json_node *object, const char *key, size_t max_chars,
		   struct arena *arena, const char **out, struct err *err)
{
	const char *text, *copy;

	if (!json_get_string(object, key, max_chars, &text, err))
		return false;
	copy = arena_strdup(arena, text);
	if (!copy)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory",
			       object->doc->name);
	*out = copy;
	return true;
}

bool json_get_chars(struct json_node *object, const char *key, char *out, size_t size,
		    struct err *err)
{
	const char *text;

	if (!json_get_string(object, key, size - 1, &text, err))
		return false;
	if (strlen(text) >= size)
		return json_fail(object, key, err, "more than %zu bytes", size - 1);
	memcpy(out, text, strlen(text) + 1);
	return true;
}

bool json_get_time(struct json_node *object, const char *key, struct wall_ms *out,
		   struct err *err)
{
	char place[DOC_NAME_MAX + JSON_PATH_MAX + 3];
	struct json_node node;
	const char *text;

	if (!take_node(object, key, &node, err) ||
	    !check_string(&node, TIME_TEXT_MAX, &text, err))
		return false;
	if (!wall_parse(text, out, err)) {
		describe_place(&node, NULL, place, sizeof(place));
		return err_prefix(err, "%s", place);
	}
	return true;
}

bool json_get_hex(struct json_node *object, const char *key, uint8_t *out, size_t len,
		  struct err *err)
{
	struct json_node node;
	const char *text;

	if (!take_node(object, key, &node, err) ||
	    !check_string(&node, SIZE_MAX, &text, err))
		return false;
	if (strlen(text) != 2 * len || !hex_decode(text, out, len))
		return json_fail(&node, NULL, err, "expected %zu hexadecimal digits",
				 2 * len);
	return true;
}

/* `"annual", "cumulative"`, cut when there are many. */
static void list_names(const char *const *names, size_t count, char *out, size_t size)
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count && used < size; i++)
		used += (size_t)snprintf(out + used, size - used, "%s\"%s\"",
					 i > 0 ? ", " : "", names[i]);
}

static bool check_enum(const struct json_node *node, const char *const *names,
		       size_t count, int *out, struct err *err)
{
	char list[200], quoted[QUOTE_SIZE];
	const char *text;

	if (!check_string(node, SIZE_MAX, &text, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (strcmp(text, names[i]) == 0) {
			*out = (int)i;
			return true;
		}
	}
	list_names(names, count, list, sizeof(list));
	return json_fail(node, NULL, err, "expected one of %s, got \"%s\"", list,
			 quote(text, quoted));
}

bool json_get_enum(struct json_node *object, const char *key, const char *const *names,
		   size_t count, int *out, struct err *err)
{
	struct json_node node;

	return take_node(object, key, &node, err) &&
	       check_enum(&node, names, count, out, err);
}

/* --- Items -------------------------------------------------------------------------------- */

static bool item_node(const struct json_node *array, size_t index, struct json_node *out,
		      struct err *err)
{
	const json_t *value = json_array_get(array->value, index);

	if (!value)
		return json_fail(array, NULL, err, "has no item %zu", index);
	*out = child(array, value);
	set_item_path(out->path, array->path, index);
	return true;
}

bool json_item_object(const struct json_node *array, size_t index, struct json_node *out,
		      struct err *err)
{
	struct json_node node;

	if (!item_node(array, index, &node, err) || !check_object(&node, err))
		return false;
	*out = node;
	return true;
}

bool json_item_string(const struct json_node *array, size_t index, size_t max_chars,
		      const char **out, struct err *err)
{
	struct json_node node;

	return item_node(array, index, &node, err) &&
	       check_string(&node, max_chars, out, err);
}

bool json_item_enum(const struct json_node *array, size_t index, const char *const *names,
		    size_t count, int *out, struct err *err)
{
	struct json_node node;

	return item_node(array, index, &node, err) &&
	       check_enum(&node, names, count, out, err);
}
