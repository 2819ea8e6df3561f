#include "wire/programme_json.h"

#include <jansson.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/programme.h"
#include "wire/canonical.h"
#include "wire/json.h"
#include "wire/json_member.h"
#include "wire/notice_json.h"

/* Each piece of an arena is rounded up: small strings take several times their size. */
#define ARENA_MAX   (8 * (size_t)PROGRAMME_JSON_MAX)
#define INTEGER_MAX (INT64_C(1) << 53) /* what every JSON reader holds exactly */

/* --- Reading ------------------------------------------------------------------------------ */

struct notice *notice_from_json(const char *name, const void *bytes, size_t len,
				struct arena *arena, struct err *err)
{
	struct json_doc *doc = json_parse(name, bytes, len, NOTICE_JSON_MAX, err);
	struct notice *notice = NULL;
	struct json_node root;

	if (!doc)
		return NULL;
	notice = arena_alloc(arena, sizeof(*notice));
	if (!notice) {
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", name);
	} else if (!json_root(doc, &root, err) ||
		   !json_format(&root, "ekimae.notice/1", err) ||
		   !notice_json_read(&root, arena, notice, err)) {
		notice = NULL;
	} else if (!notice_check(notice, err)) {
		err_prefix(err, "%s", name);
		notice = NULL;
	}
	json_doc_free(doc);
	return notice;
}

static bool read_policy(struct json_node *root, struct loop_policy *policy,
			struct err *err)
{
	struct json_node node, theme;

	return json_get_object(root, "policy", &node, err) &&
	       json_get_small(&node, "notice_weight", 1, 100, &policy->notice_weight,
			      err) &&
	       json_get_small(&node, "plan_weight", 1, 100, &policy->plan_weight, err) &&
	       json_get_int(&node, "longest_wait_s", 1, 86400, &policy->longest_wait_s,
			    err) &&
	       json_get_int(&node, "fade_ms", 0, 2000, &policy->fade_ms, err) &&
	       json_get_int(&node, "dwell_min_s", 5, 120, &policy->dwell_min_s, err) &&
	       json_get_small(&node, "characters_per_s", 1, 20, &policy->characters_per_s,
			      err) &&
	       json_get_object(&node, "theme", &theme, err) &&
	       json_get_minutes(&theme, "dark_from", &policy->theme.dark_from_minute,
				err) &&
	       json_get_minutes(&theme, "dark_until", &policy->theme.dark_until_minute,
				err) &&
	       json_done(&theme, err) && json_done(&node, err);
}

static bool read_count(struct json_node *root, struct programme_count *count,
		       struct err *err)
{
	struct json_node node;

	if (!json_has(root, "count"))
		return true;
	count->known = true;
	return json_get_object(root, "count", &node, err) &&
	       json_get_small(&node, "fiscal_year", 2000, 2199, &count->fiscal_year,
			      err) &&
	       json_get_int(&node, "notices", 0, INTEGER_MAX, &count->notices, err) &&
	       json_get_time(&node, "as_of", &count->as_of, err) && json_done(&node, err);
}

static bool read_programme(struct json_node *root, struct programme *programme,
			   struct err *err)
{
	struct json_node array, node;

	if (!json_format(root, "ekimae.programme/1", err) ||
	    !json_get_int(root, "version", 1, INTEGER_MAX, &programme->version, err) ||
	    !json_get_time(root, "published", &programme->published, err) ||
	    !read_policy(root, &programme->policy, err) ||
	    !read_count(root, &programme->count, err) ||
	    !json_get_array(root, "notices", PROGRAMME_NOTICES_MAX, &array,
			    &programme->notice_count, err))
		return false;
	programme->notices = arena_array(programme->arena, programme->notice_count,
					 sizeof(*programme->notices));
	if (!programme->notices)
		return json_no_memory(&array, err);
	for (size_t i = 0; i < programme->notice_count; i++)
		if (!json_item_object(&array, i, &node, err) ||
		    !notice_json_read(&node, programme->arena, &programme->notices[i],
				      err))
			return false;
	return json_done(root, err);
}

static struct programme *programme_new(struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);
	struct programme *programme =
		arena ? arena_alloc(arena, sizeof(*programme)) : NULL;

	if (!programme) {
		arena_free(arena);
		err_set(err, ERR_NO_MEMORY, "programme: out of memory");
		return NULL;
	}
	programme->arena = arena;
	return programme;
}

struct programme *programme_from_json(const char *name, const void *bytes, size_t len,
				      struct err *err)
{
	struct json_doc *doc = json_parse(name, bytes, len, PROGRAMME_JSON_MAX, err);
	struct programme *programme = doc ? programme_new(err) : NULL;
	struct json_node root;

	if (programme &&
	    (!json_root(doc, &root, err) || !read_programme(&root, programme, err)))
		programme = programme_free(programme);
	if (programme && !programme_check(programme, err)) {
		err_prefix(err, "%s", name);
		programme = programme_free(programme);
	}
	json_doc_free(doc);
	return programme;
}

/* --- Writing ------------------------------------------------------------------------------ */

char *notice_to_json(const struct notice *notice, size_t *out_len, struct err *err)
{
	if (!notice_check(notice, err)) {
		err_prefix(err, "notice");
		return NULL;
	}
	return json_document(notice_json_write(notice, "ekimae.notice/1"), notice->id,
			     NOTICE_JSON_MAX, out_len, err);
}

bool notice_content_hash(const struct notice *notice, uint8_t out[static SHA256_SIZE],
			 struct err *err)
{
	json_t *object = notice_json_write(notice, NULL);
	char *bytes;
	size_t len = 0;

	if (!object)
		return err_set(err, ERR_NO_MEMORY, "notice: out of memory");
	bytes = canonical_json(object, &len, err);
	json_decref(object);
	if (!bytes)
		return false;
	sha256(bytes, len, out);
	free(bytes);
	return true;
}

static json_t *policy_json(const struct loop_policy *policy)
{
	json_t *object = json_object();
	json_t *theme = json_object();

	if (json_put_minutes(theme, "dark_from", policy->theme.dark_from_minute) &&
	    json_put_minutes(theme, "dark_until", policy->theme.dark_until_minute) &&
	    json_put_int(object, "notice_weight", policy->notice_weight) &&
	    json_put_int(object, "plan_weight", policy->plan_weight) &&
	    json_put_int(object, "longest_wait_s", policy->longest_wait_s) &&
	    json_put_int(object, "fade_ms", policy->fade_ms) &&
	    json_put_int(object, "dwell_min_s", policy->dwell_min_s) &&
	    json_put_int(object, "characters_per_s", policy->characters_per_s) &&
	    json_put(object, "theme", json_incref(theme))) {
		json_decref(theme);
		return object;
	}
	json_decref(theme);
	json_decref(object);
	return NULL;
}

static bool put_count(json_t *object, const struct programme_count *count)
{
	json_t *node;

	if (!count->known)
		return true;
	node = json_object();
	if (!json_put_int(node, "fiscal_year", count->fiscal_year) ||
	    !json_put_int(node, "notices", count->notices) ||
	    !json_put_time(node, "as_of", count->as_of)) {
		json_decref(node);
		return false;
	}
	return json_put(object, "count", node);
}

static json_t *notices_json(const struct programme *programme)
{
	json_t *array = json_array();

	for (size_t i = 0; i < programme->notice_count; i++)
		if (json_array_append_new(array, notice_json_write(&programme->notices[i],
								   NULL)) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

char *programme_to_json(const struct programme *programme, size_t *out_len,
			struct err *err)
{
	json_t *object;

	if (!programme_check(programme, err)) {
		err_prefix(err, "programme");
		return NULL;
	}
	object = json_object();
	if (!json_put_text(object, "format", "ekimae.programme/1") ||
	    !json_put_int(object, "version", programme->version) ||
	    !json_put_time(object, "published", programme->published) ||
	    !json_put(object, "policy", policy_json(&programme->policy)) ||
	    !put_count(object, &programme->count) ||
	    !json_put(object, "notices", notices_json(programme))) {
		json_decref(object);
		object = NULL;
	}
	return json_document(object, "programme.json", PROGRAMME_JSON_MAX, out_len, err);
}
