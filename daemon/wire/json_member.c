#include "wire/json_member.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/err.h"

bool json_no_memory(const struct json_node *node, struct err *err)
{
	json_fail(node, NULL, err, "out of memory");
	err->code = ERR_NO_MEMORY;
	return false;
}

bool json_optional_text(struct json_node *object, const char *key, size_t max_chars,
			struct arena *arena, const char **out, struct err *err)
{
	return !json_has(object, key) ||
	       json_get_text(object, key, max_chars, arena, out, err);
}

bool json_optional_bool(struct json_node *object, const char *key, bool *out,
			struct err *err)
{
	return !json_has(object, key) || json_get_bool(object, key, out, err);
}

bool json_get_small(struct json_node *object, const char *key, int min, int max, int *out,
		    struct err *err)
{
	int64_t value;

	if (!json_get_int(object, key, min, max, &value, err))
		return false;
	*out = (int)value;
	return true;
}

bool json_optional_int(struct json_node *object, const char *key, int min, int max,
		       int *out, struct err *err)
{
	return !json_has(object, key) || json_get_small(object, key, min, max, out, err);
}

bool json_get_minutes(struct json_node *object, const char *key, int *out,
		      struct err *err)
{
	struct err why = {0};
	const char *text;

	if (!json_get_string(object, key, sizeof("24:00"), &text, err))
		return false;
	if (!minutes_parse(text, out, &why))
		return json_fail(object, key, err, "%s", why.text);
	return true;
}

bool json_put(json_t *object, const char *key, TAKES json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

bool json_put_text(json_t *object, const char *key, const char *text)
{
	return !text || json_put(object, key, json_string(text));
}

bool json_put_int(json_t *object, const char *key, int64_t value)
{
	return json_put(object, key, json_integer(value));
}

bool json_put_time(json_t *object, const char *key, struct wall_ms wall)
{
	char text[WALL_TEXT_SIZE];

	if (wall.ms % 1000 == 0)
		wall_format_jst(wall, text);
	else
		wall_format_utc_ms(wall, text);
	return json_put(object, key, json_string(text));
}

bool json_put_minutes(json_t *object, const char *key, int minutes)
{
	return json_put(object, key,
			json_sprintf("%02d:%02d", minutes / 60, minutes % 60));
}

char *json_document(TAKES json_t *object, const char *name, size_t max, size_t *out_len,
		    struct err *err)
{
	char *text = object ? json_dumps(object, JSON_INDENT(2)) : NULL;
	char *bytes = NULL;
	int len;

	json_decref(object);
	len = text ? asprintf(&bytes, "%s\n", text) : -1;
	free(text);
	if (len < 0) {
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", name);
		return NULL;
	}
	if ((size_t)len > max) {
		err_set(err, ERR_TOO_LARGE, "%s: has %d bytes, at most %zu are accepted",
			name, len, max);
		free(bytes);
		return NULL;
	}
	*out_len = (size_t)len;
	return bytes;
}
