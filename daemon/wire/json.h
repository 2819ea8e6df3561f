#ifndef WIRE_JSON_H
#define WIRE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct arena;
struct err;
struct json_t; /* jansson's */

/*
 * A strict reader over jansson: each read consumes a key and checks its type and range;
 * json_done() fails on keys that nobody consumed. Every error names document and place:
 * "programme.json: notices[3].from: not a date-time". Duplicate keys, bytes that are no
 * UTF-8, NUL in strings, and nesting deeper than 32 are refused when parsing.
 */
struct json_doc;

/*
 * Parses @len bytes; @name is the document's name in errors (copied). Over @max_bytes:
 * ERR_TOO_LARGE. Syntax errors name line and column. NULL on failure.
 */
MUST_USE struct json_doc *json_parse(const char *name, const void *bytes, size_t len,
				     size_t max_bytes, struct err *err);
struct json_doc *json_doc_free(struct json_doc *doc); /* NULL is fine; returns NULL */

#define JSON_PATH_MAX        160
#define JSON_OBJECT_KEYS_MAX 64 /* of objects read by key; maps have their own maximum */

/* A place in a document, on the caller's stack; borrowed from its json_doc. */
struct json_node {
	const struct json_doc *doc;
	const struct json_t *value;
	uint64_t seen; /* keys consumed, by position */
	char path[JSON_PATH_MAX];
};

/* The top of the document, which must be an object. */
MUST_USE bool json_root(const struct json_doc *doc, struct json_node *out,
			struct err *err);

/* Consumes "format", which must be @format ("ekimae.plan/1"). */
MUST_USE bool json_format(struct json_node *object, const char *format, struct err *err);

/* Whether @key is there (a null counts as there, and is a wrong type for all readers). */
bool json_has(const struct json_node *object, const char *key);

/* All of these require @key; ask json_has() first where it is optional. */
MUST_USE bool json_get_object(struct json_node *object, const char *key,
			      struct json_node *out, struct err *err);
MUST_USE bool json_get_array(struct json_node *object, const char *key, size_t max_items,
			     struct json_node *out, size_t *out_count, struct err *err);
MUST_USE bool json_get_int(struct json_node *object, const char *key, int64_t min,
			   int64_t max, int64_t *out, struct err *err);
MUST_USE bool json_get_bool(struct json_node *object, const char *key, bool *out,
			    struct err *err);
/* 1–@max_chars characters, no control characters but '\n'. Borrowed from the document. */
MUST_USE bool json_get_string(struct json_node *object, const char *key, size_t max_chars,
			      const char **out, struct err *err);
/* As json_get_string(), copied into @arena. */
MUST_USE bool json_get_text(struct json_node *object, const char *key, size_t max_chars,
			    struct arena *arena, const char **out, struct err *err);
/* As json_get_string(), copied with its NUL into @out, which takes @size bytes. */
MUST_USE bool json_get_chars(struct json_node *object, const char *key, char *out,
			     size_t size, struct err *err);
/* As wall_parse(). */
MUST_USE bool json_get_time(struct json_node *object, const char *key,
			    struct wall_ms *out, struct err *err);
/* Exactly @len bytes written as hex digits. */
MUST_USE bool json_get_hex(struct json_node *object, const char *key, uint8_t *out,
			   size_t len, struct err *err);
/* One of @names[0…count-1]: its index. The error lists them. */
MUST_USE bool json_get_enum(struct json_node *object, const char *key,
			    const char *const *names, size_t count, int *out,
			    struct err *err);

/* Item @index of an array, as an object / as a string. */
MUST_USE bool json_item_object(const struct json_node *array, size_t index,
			       struct json_node *out, struct err *err);
MUST_USE bool json_item_string(const struct json_node *array, size_t index,
			       size_t max_chars, const char **out, struct err *err);
/* As json_get_enum(). */
MUST_USE bool json_item_enum(const struct json_node *array, size_t index,
			     const char *const *names, size_t count, int *out,
			     struct err *err);

/* Fails with the name of the first key that was not consumed. */
MUST_USE bool json_done(const struct json_node *object, struct err *err);

/* For objects used as maps: walks keys in document order. Start with *@cursor = NULL. */
bool json_next_member(const struct json_node *object, void **cursor, const char **out_key,
		      struct json_node *out_value);

/* Sets "doc: path.key: …" (@key may be NULL) and returns false, for checks of the caller. */
bool json_fail(const struct json_node *node, const char *key, struct err *err,
	       const char *format, ...) PRINTF_LIKE(4, 5);

#endif /* WIRE_JSON_H */
