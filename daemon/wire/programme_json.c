#include "wire/programme_json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/programme.h"
#include "wire/canonical.h"
#include "wire/json.h"

/* Each piece of an arena is rounded up: small strings take several times their size. */
#define ARENA_MAX   (8 * (size_t)PROGRAMME_JSON_MAX)
#define EVERY_DAY   0x7fU
#define DAY_MINUTES 1440
#define INTEGER_MAX (INT64_C(1) << 53) /* what every JSON reader holds exactly */

static const char *const weekday_names[] = {"sun", "mon", "tue", "wed",
					    "thu", "fri", "sat"};

/* --- Reading ------------------------------------------------------------------------------ */

static bool no_memory(const struct json_node *node, struct err *err)
{
	json_fail(node, NULL, err, "out of memory");
	err->code = ERR_NO_MEMORY;
	return false;
}

/* As json_get_text(), but a missing key leaves @out NULL. */
static bool optional_text(struct json_node *object, const char *key, size_t max_chars,
			  struct arena *arena, const char **out, struct err *err)
{
	return !json_has(object, key) ||
	       json_get_text(object, key, max_chars, arena, out, err);
}

static bool optional_bool(struct json_node *object, const char *key, bool *out,
			  struct err *err)
{
	return !json_has(object, key) || json_get_bool(object, key, out, err);
}

static bool get_int(struct json_node *object, const char *key, int min, int max, int *out,
		    struct err *err)
{
	int64_t value;

	if (!json_get_int(object, key, min, max, &value, err))
		return false;
	*out = (int)value;
	return true;
}

/* Leaves @out as it is when @key is missing. */
static bool optional_int(struct json_node *object, const char *key, int min, int max,
			 int *out, struct err *err)
{
	return !json_has(object, key) || get_int(object, key, min, max, out, err);
}

/* "HH:MM". */
static bool get_minutes(struct json_node *object, const char *key, int *out,
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

static bool read_facts(struct json_node *object, struct arena *arena,
		       struct notice *notice, struct err *err)
{
	struct json_node array, node;

	if (!json_has(object, "facts"))
		return true;
	if (!json_get_array(object, "facts", NOTICE_FACTS_MAX, &array,
			    &notice->fact_count, err))
		return false;
	for (size_t i = 0; i < notice->fact_count; i++) {
		struct notice_fact *fact = &notice->facts[i];

		if (!json_item_object(&array, i, &node, err) ||
		    !json_get_text(&node, "label", NOTICE_LABEL_MAX, arena, &fact->label,
				   err) ||
		    !json_get_text(&node, "value", NOTICE_VALUE_MAX, arena, &fact->value,
				   err) ||
		    !json_done(&node, err))
			return false;
	}
	return true;
}

static bool read_weekdays(struct json_node *hours, unsigned *out, struct err *err)
{
	struct json_node array;
	unsigned weekdays = 0;
	size_t count;

	if (!json_has(hours, "weekdays")) {
		*out = EVERY_DAY;
		return true;
	}
	if (!json_get_array(hours, "weekdays", ARRAY_LEN(weekday_names), &array, &count,
			    err))
		return false;
	for (size_t i = 0; i < count; i++) {
		int weekday;

		if (!json_item_enum(&array, i, weekday_names, ARRAY_LEN(weekday_names),
				    &weekday, err))
			return false;
		if (weekdays & 1U << weekday)
			return json_fail(&array, NULL, err, "names \"%s\" twice",
					 weekday_names[weekday]);
		weekdays |= 1U << weekday;
	}
	if (weekdays == 0)
		return json_fail(&array, NULL, err,
				 "is empty; leave the key out for every day");
	*out = weekdays;
	return true;
}

static bool read_hours(struct json_node *object, struct notice_hours *hours,
		       struct err *err)
{
	struct json_node node;

	*hours = (struct notice_hours){EVERY_DAY, 0, DAY_MINUTES};
	if (!json_has(object, "hours"))
		return true;
	return json_get_object(object, "hours", &node, err) &&
	       read_weekdays(&node, &hours->weekdays, err) &&
	       (!json_has(&node, "from") ||
		get_minutes(&node, "from", &hours->from_minute, err)) &&
	       (!json_has(&node, "until") ||
		get_minutes(&node, "until", &hours->until_minute, err)) &&
	       json_done(&node, err);
}

static bool read_screens(struct json_node *object, struct arena *arena,
			 struct notice *notice, struct err *err)
{
	struct json_node array;

	if (!json_has(object, "screens"))
		return true;
	if (!json_get_array(object, "screens", NOTICE_SCREENS_MAX, &array,
			    &notice->screen_count, err))
		return false;
	notice->screens =
		arena_array(arena, notice->screen_count, sizeof(*notice->screens));
	if (!notice->screens)
		return no_memory(&array, err);
	for (size_t i = 0; i < notice->screen_count; i++) {
		const char *id;

		if (!json_item_string(&array, i, SCREEN_ID_MAX, &id, err))
			return false;
		notice->screens[i] = arena_strdup(arena, id);
		if (!notice->screens[i])
			return no_memory(&array, err);
	}
	return true;
}

/* All members but "format". Relations and what remains are notice_check()'s. */
static bool read_notice(struct json_node *object, struct arena *arena,
			struct notice *notice, struct err *err)
{
	notice->revision = 1;
	notice->weight = 1;
	if (!json_get_text(object, "id", NOTICE_ID_MAX, arena, &notice->id, err) ||
	    (json_has(object, "revision") &&
	     !json_get_int(object, "revision", 1, INTEGER_MAX, &notice->revision, err)) ||
	    !json_get_text(object, "title", NOTICE_TITLE_MAX, arena, &notice->title,
			   err) ||
	    !optional_text(object, "body", NOTICE_BODY_MAX, arena, &notice->body, err) ||
	    !json_get_text(object, "department", NOTICE_DEPARTMENT_MAX, arena,
			   &notice->department, err) ||
	    !optional_text(object, "category", NOTICE_CATEGORY_MAX, arena,
			   &notice->category, err) ||
	    !optional_text(object, "contact", NOTICE_CONTACT_MAX, arena, &notice->contact,
			   err) ||
	    !optional_text(object, "url", NOTICE_URL_MAX, arena, &notice->url, err) ||
	    !read_facts(object, arena, notice, err) ||
	    !json_get_time(object, "from", &notice->from, err) ||
	    !json_get_time(object, "until", &notice->until, err) ||
	    !read_hours(object, &notice->hours, err) ||
	    !optional_int(object, "weight", 1, NOTICE_WEIGHT_MAX, &notice->weight, err) ||
	    !optional_int(object, "dwell_s", 0, NOTICE_DWELL_MAX_S, &notice->dwell_s,
			  err) ||
	    !optional_bool(object, "urgent", &notice->urgent, err) ||
	    !optional_bool(object, "sample", &notice->sample, err))
		return false;
	/* A notice counts unless it says otherwise; a sample never does. */
	notice->counts = !notice->sample;
	return optional_bool(object, "counts", &notice->counts, err) &&
	       read_screens(object, arena, notice, err) && json_done(object, err);
}

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
		   !read_notice(&root, arena, notice, err)) {
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
	       get_int(&node, "notice_weight", 1, 100, &policy->notice_weight, err) &&
	       get_int(&node, "plan_weight", 1, 100, &policy->plan_weight, err) &&
	       json_get_int(&node, "longest_wait_s", 1, 86400, &policy->longest_wait_s,
			    err) &&
	       json_get_int(&node, "fade_ms", 0, 2000, &policy->fade_ms, err) &&
	       json_get_int(&node, "dwell_min_s", 5, 120, &policy->dwell_min_s, err) &&
	       get_int(&node, "characters_per_s", 1, 20, &policy->characters_per_s,
		       err) &&
	       json_get_object(&node, "theme", &theme, err) &&
	       get_minutes(&theme, "dark_from", &policy->theme.dark_from_minute, err) &&
	       get_minutes(&theme, "dark_until", &policy->theme.dark_until_minute, err) &&
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
	       get_int(&node, "fiscal_year", 2000, 2199, &count->fiscal_year, err) &&
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
		return no_memory(&array, err);
	for (size_t i = 0; i < programme->notice_count; i++)
		if (!json_item_object(&array, i, &node, err) ||
		    !read_notice(&node, programme->arena, &programme->notices[i], err))
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

/*
 * Jansson's setters take the value, accept NULL for "could not be made" and answer -1 then,
 * so a writer only adds up whether all went well. Keys appear in the order of writing.
 */
static bool put(json_t *object, const char *key, TAKES json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

static bool put_text(json_t *object, const char *key, const char *text)
{
	return !text || put(object, key, json_string(text));
}

static bool put_int(json_t *object, const char *key, int64_t value)
{
	return put(object, key, json_integer(value));
}

/* Staff read Japan time; fractions of a second occur only in documents for machines. */
static bool put_time(json_t *object, const char *key, struct wall_ms wall)
{
	char text[WALL_TEXT_SIZE];

	if (wall.ms % 1000 == 0)
		wall_format_jst(wall, text);
	else
		wall_format_utc_ms(wall, text);
	return put(object, key, json_string(text));
}

static bool put_minutes(json_t *object, const char *key, int minutes)
{
	return put(object, key, json_sprintf("%02d:%02d", minutes / 60, minutes % 60));
}

static json_t *facts_json(const struct notice *notice)
{
	json_t *array = json_array();

	for (size_t i = 0; i < notice->fact_count; i++)
		if (json_array_append_new(array,
					  json_pack("{s:s, s:s}", "label",
						    notice->facts[i].label, "value",
						    notice->facts[i].value)) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *screens_json(const struct notice *notice)
{
	json_t *array = json_array();

	for (size_t i = 0; i < notice->screen_count; i++)
		if (json_array_append_new(array, json_string(notice->screens[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *weekdays_json(unsigned weekdays)
{
	json_t *array = json_array();

	for (unsigned i = 0; i < ARRAY_LEN(weekday_names); i++)
		if (weekdays & 1U << i &&
		    json_array_append_new(array, json_string(weekday_names[i])) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static bool put_hours(json_t *object, const struct notice_hours *hours)
{
	json_t *node;
	bool ok = true;

	if (hours->weekdays == EVERY_DAY && hours->from_minute == 0 &&
	    hours->until_minute == DAY_MINUTES)
		return true;
	node = json_object();
	if (hours->weekdays != EVERY_DAY)
		ok = put(node, "weekdays", weekdays_json(hours->weekdays));
	ok = ok && put_minutes(node, "from", hours->from_minute) &&
	     put_minutes(node, "until", hours->until_minute);
	if (!ok) {
		json_decref(node);
		return false;
	}
	return put(object, "hours", node);
}

/* @format may be NULL. What is at its default and optional is left out. */
static json_t *notice_json(const struct notice *notice, const char *format)
{
	json_t *object = json_object();

	if (put_text(object, "format", format) && put_text(object, "id", notice->id) &&
	    put_int(object, "revision", notice->revision) &&
	    put_text(object, "title", notice->title) &&
	    put_text(object, "body", notice->body) &&
	    put_text(object, "department", notice->department) &&
	    put_text(object, "category", notice->category) &&
	    put_text(object, "contact", notice->contact) &&
	    put_text(object, "url", notice->url) &&
	    (notice->fact_count == 0 || put(object, "facts", facts_json(notice))) &&
	    put_time(object, "from", notice->from) &&
	    put_time(object, "until", notice->until) &&
	    put_hours(object, &notice->hours) &&
	    put_int(object, "weight", notice->weight) &&
	    put_int(object, "dwell_s", notice->dwell_s) &&
	    put(object, "urgent", json_boolean(notice->urgent)) &&
	    put(object, "sample", json_boolean(notice->sample)) &&
	    put(object, "counts", json_boolean(notice->counts)) &&
	    (!notice->screens || put(object, "screens", screens_json(notice))))
		return object;
	json_decref(object);
	return NULL;
}

/* Ends in a line feed. Over @max bytes nobody would read it back: ERR_TOO_LARGE. */
static char *dump(TAKES json_t *object, const char *name, size_t max, size_t *out_len,
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

char *notice_to_json(const struct notice *notice, size_t *out_len, struct err *err)
{
	if (!notice_check(notice, err)) {
		err_prefix(err, "notice");
		return NULL;
	}
	return dump(notice_json(notice, "ekimae.notice/1"), notice->id, NOTICE_JSON_MAX,
		    out_len, err);
}

bool notice_content_hash(const struct notice *notice, uint8_t out[static SHA256_SIZE],
			 struct err *err)
{
	json_t *object = notice_json(notice, NULL);
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

	if (put_minutes(theme, "dark_from", policy->theme.dark_from_minute) &&
	    put_minutes(theme, "dark_until", policy->theme.dark_until_minute) &&
	    put_int(object, "notice_weight", policy->notice_weight) &&
	    put_int(object, "plan_weight", policy->plan_weight) &&
	    put_int(object, "longest_wait_s", policy->longest_wait_s) &&
	    put_int(object, "fade_ms", policy->fade_ms) &&
	    put_int(object, "dwell_min_s", policy->dwell_min_s) &&
	    put_int(object, "characters_per_s", policy->characters_per_s) &&
	    put(object, "theme", json_incref(theme))) {
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
	if (!put_int(node, "fiscal_year", count->fiscal_year) ||
	    !put_int(node, "notices", count->notices) ||
	    !put_time(node, "as_of", count->as_of)) {
		json_decref(node);
		return false;
	}
	return put(object, "count", node);
}

static json_t *notices_json(const struct programme *programme)
{
	json_t *array = json_array();

	for (size_t i = 0; i < programme->notice_count; i++)
		if (json_array_append_new(
			    array, notice_json(&programme->notices[i], NULL)) != 0) {
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
	if (!put_text(object, "format", "ekimae.programme/1") ||
	    !put_int(object, "version", programme->version) ||
	    !put_time(object, "published", programme->published) ||
	    !put(object, "policy", policy_json(&programme->policy)) ||
	    !put_count(object, &programme->count) ||
	    !put(object, "notices", notices_json(programme))) {
		json_decref(object);
		object = NULL;
	}
	return dump(object, "programme.json", PROGRAMME_JSON_MAX, out_len, err);
}
