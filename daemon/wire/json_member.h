#ifndef WIRE_JSON_MEMBER_H
#define WIRE_JSON_MEMBER_H

#include <jansson.h>

#include "wire/json.h"

/* Members that several documents have alike, read and written. */

/* --- Reading; errors as json.h has them --- */

/* Sets ERR_NO_MEMORY at @node and returns false. */
bool json_no_memory(const struct json_node *node, struct err *err);
/* As json_get_text(), but a missing key leaves @out as it is; so do the next two. */
MUST_USE bool json_optional_text(struct json_node *object, const char *key,
				 size_t max_chars, struct arena *arena, const char **out,
				 struct err *err);
MUST_USE bool json_optional_bool(struct json_node *object, const char *key, bool *out,
				 struct err *err);
MUST_USE bool json_optional_int(struct json_node *object, const char *key, int min,
				int max, int *out, struct err *err);
/* As json_get_int(), into an int. */
MUST_USE bool json_get_small(struct json_node *object, const char *key, int min, int max,
			     int *out, struct err *err);
/* "HH:MM". */
MUST_USE bool json_get_minutes(struct json_node *object, const char *key, int *out,
			       struct err *err);

/* --- Writing --- */

/*
 * Jansson's setters take the value, accept NULL for "could not be made" and answer -1 then,
 * so a writer only adds up whether all went well. Keys appear in the order of writing.
 */
MUST_USE bool json_put(json_t *object, const char *key, TAKES json_t *value);
/* Nothing for NULL. */
MUST_USE bool json_put_text(json_t *object, const char *key, const char *text);
MUST_USE bool json_put_int(json_t *object, const char *key, int64_t value);
/* Staff read Japan time; fractions of a second occur only in documents for machines. */
MUST_USE bool json_put_time(json_t *object, const char *key, struct wall_ms wall);
MUST_USE bool json_put_minutes(json_t *object, const char *key, int minutes);

/*
 * @object (TAKES; NULL: could not be made) as a file for people, ending in a line feed;
 * NUL-terminated, owned. Over @max bytes nobody would read it back: ERR_TOO_LARGE, which
 * names it @name. NULL on failure.
 */
MUST_USE char *json_document(TAKES json_t *object, const char *name, size_t max,
			     size_t *out_len, struct err *err);

#endif /* WIRE_JSON_MEMBER_H */
