#include "wire/alarms_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "core/alarm.h"
#include "core/arena.h"
#include "core/err.h"
#include "wire/json.h"
#include "wire/json_member.h"
#include "wire/notice_json.h"

#define FORMAT "ekimae.alarms/1"
/* Each piece of an arena is rounded up: small strings take several times their size. */
#define ARENA_MAX (8 * (size_t)ALARMS_JSON_MAX)

struct alarms *alarms_new(struct wall_ms published, struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct alarms *alarms = arena ? arena_alloc(arena, sizeof(*alarms)) : NULL;
	struct notice *notices =
		alarms ? arena_array(arena, ALARMS_MAX, sizeof(*notices)) : NULL;

	if (!notices) {
		arena_free(arena);
		err_set(err, ERR_NO_MEMORY, "alarms: out of memory");
		return NULL;
	}
	*alarms = (struct alarms){
		.arena = arena, .published = published, .notices = notices};
	return alarms;
}

static bool read_alarms(struct json_node *root, struct alarms *alarms, struct err *err)
{
	struct json_node array, node;
	size_t count = 0;

	if (!json_format(root, FORMAT, err) ||
	    !json_get_time(root, "published", &alarms->published, err) ||
	    !json_get_array(root, "notices", ALARMS_MAX, &array, &count, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!json_item_object(&array, i, &node, err) ||
		    !notice_json_read(&node, alarms->arena, &alarms->notices[i], err))
			return false;
	alarms->notice_count = count;
	return json_done(root, err);
}

struct alarms *alarms_from_json(const char *name, const void *bytes, size_t len,
				struct err *err)
{
	struct json_doc *doc = json_parse(name, bytes, len, ALARMS_JSON_MAX, err);
	struct alarms *alarms = doc ? alarms_new((struct wall_ms){0}, err) : NULL;
	struct json_node root;

	if (alarms && (!json_root(doc, &root, err) || !read_alarms(&root, alarms, err)))
		alarms = alarms_free(alarms);
	if (alarms && !alarms_check(alarms, err)) {
		err_prefix(err, "%s", name);
		alarms = alarms_free(alarms);
	}
	json_doc_free(doc);
	return alarms;
}

static json_t *notices_json(const struct alarms *alarms)
{
	json_t *array = json_array();

	for (size_t i = 0; i < alarms->notice_count; i++)
		if (json_array_append_new(
			    array, notice_json_write(&alarms->notices[i], NULL)) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

char *alarms_to_json(const struct alarms *alarms, size_t *out_len, struct err *err)
{
	json_t *object;

	if (!alarms_check(alarms, err)) {
		err_prefix(err, "alarms");
		return NULL;
	}
	object = json_object();
	if (!json_put_text(object, "format", FORMAT) ||
	    !json_put_time(object, "published", alarms->published) ||
	    !json_put(object, "notices", notices_json(alarms))) {
		json_decref(object);
		object = NULL;
	}
	return json_document(object, "alarms.json", ALARMS_JSON_MAX, out_len, err);
}
