#include "wire/notice_json.h"

#include <assert.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/notice.h"
#include "wire/digest.h"
#include "wire/json.h"
#include "wire/json_member.h"

#define EVERY_DAY    0x7fU
#define DAY_MINUTES  1440
#define REVISION_MAX (INT64_C(1) << 53) /* what every JSON reader holds exactly */

static_assert(NOTICE_HASH_SIZE == SHA256_SIZE, "a picture is named by its SHA-256");

static const char *const weekday_names[] = {"sun", "mon", "tue", "wed",
					    "thu", "fri", "sat"};

static const char *const picture_formats[] = {
	[NOTICE_PICTURE_PNG] = "png",
	[NOTICE_PICTURE_JPEG] = "jpeg",
};

/* --- Reading --- */

static bool read_facts(struct json_node *object, size_t label_max, size_t value_max,
		       struct arena *arena, struct notice_fact *facts, size_t *out_count,
		       struct err *err)
{
	struct json_node array, node;
	size_t count;

	if (!json_has(object, "facts"))
		return true;
	if (!json_get_array(object, "facts", NOTICE_FACTS_MAX, &array, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!json_item_object(&array, i, &node, err) ||
		    !json_get_text(&node, "label", NOTICE_WRITTEN(label_max), arena,
				   &facts[i].label, err) ||
		    !json_get_text(&node, "value", NOTICE_WRITTEN(value_max), arena,
				   &facts[i].value, err) ||
		    !json_done(&node, err))
			return false;
	}
	*out_count = count;
	return true;
}

/* Either the "file" that staff name, or what came out of checking it. */
static bool read_picture(struct json_node *object, struct arena *arena,
			 const struct notice_picture **out, struct err *err)
{
	struct notice_picture *picture;
	struct json_node node;
	int format = 0;

	if (!json_has(object, "picture"))
		return true;
	if (!json_get_object(object, "picture", &node, err))
		return false;
	picture = arena_alloc(arena, sizeof(*picture));
	if (!picture)
		return json_no_memory(&node, err);
	if (!json_get_text(&node, "alt", NOTICE_ALT_MAX, arena, &picture->alt, err))
		return false;
	*out = picture;
	if (json_has(&node, "file"))
		return json_get_text(&node, "file", NOTICE_FILE_MAX, arena,
				     &picture->file, err) &&
		       json_done(&node, err);
	if (!json_get_hex(&node, "sha256", picture->sha256, NOTICE_HASH_SIZE, err) ||
	    !json_get_enum(&node, "format", picture_formats, ARRAY_LEN(picture_formats),
			   &format, err) ||
	    !json_get_small(&node, "width", NOTICE_PICTURE_SIDE_MIN,
			    NOTICE_PICTURE_SIDE_MAX, &picture->width, err) ||
	    !json_get_small(&node, "height", NOTICE_PICTURE_SIDE_MIN,
			    NOTICE_PICTURE_SIDE_MAX, &picture->height, err) ||
	    !json_get_int(&node, "bytes", 1, NOTICE_PICTURE_BYTES_MAX, &picture->bytes,
			  err))
		return false;
	picture->format = (enum notice_picture_format)format;
	return json_done(&node, err);
}

static bool read_translation(struct json_node *object, const char *key,
			     struct arena *arena, const struct notice_translation **out,
			     struct err *err)
{
	struct notice_translation *translation;
	struct json_node node;

	if (!json_has(object, key))
		return true;
	if (!json_get_object(object, key, &node, err))
		return false;
	translation = arena_alloc(arena, sizeof(*translation));
	if (!translation)
		return json_no_memory(&node, err);
	*out = translation;
	return json_get_text(&node, "title", NOTICE_WRITTEN(NOTICE_TRANSLATED_TITLE_MAX),
			     arena, &translation->title, err) &&
	       json_optional_text(&node, "body",
				  NOTICE_WRITTEN(NOTICE_TRANSLATED_BODY_MAX), arena,
				  &translation->body, err) &&
	       json_optional_text(&node, "department", NOTICE_TRANSLATED_DEPARTMENT_MAX,
				  arena, &translation->department, err) &&
	       read_facts(&node, NOTICE_TRANSLATED_LABEL_MAX, NOTICE_TRANSLATED_VALUE_MAX,
			  arena, translation->facts, &translation->fact_count, err) &&
	       json_done(&node, err);
}

static bool read_translations(struct json_node *object, struct arena *arena,
			      struct notice *notice, struct err *err)
{
	struct json_node node;

	if (!json_has(object, "translations"))
		return true;
	if (!json_get_object(object, "translations", &node, err))
		return false;
	for (int i = 0; i < NOTICE_LANGUAGES; i++)
		if (!read_translation(&node,
				      notice_language_name((enum notice_language)i),
				      arena, &notice->translations[i], err))
			return false;
	return json_done(&node, err);
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
		json_get_minutes(&node, "from", &hours->from_minute, err)) &&
	       (!json_has(&node, "until") ||
		json_get_minutes(&node, "until", &hours->until_minute, err)) &&
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
		return json_no_memory(&array, err);
	for (size_t i = 0; i < notice->screen_count; i++) {
		const char *id;

		if (!json_item_string(&array, i, SCREEN_ID_MAX, &id, err))
			return false;
		notice->screens[i] = arena_strdup(arena, id);
		if (!notice->screens[i])
			return json_no_memory(&array, err);
	}
	return true;
}

bool notice_json_read(struct json_node *object, struct arena *arena,
		      struct notice *notice, struct err *err)
{
	notice->revision = 1;
	notice->weight = 1;
	if (!json_get_text(object, "id", NOTICE_ID_MAX, arena, &notice->id, err) ||
	    (json_has(object, "revision") &&
	     !json_get_int(object, "revision", 1, REVISION_MAX, &notice->revision,
			   err)) ||
	    !json_get_text(object, "title", NOTICE_WRITTEN(NOTICE_TITLE_MAX), arena,
			   &notice->title, err) ||
	    !json_optional_text(object, "body", NOTICE_WRITTEN(NOTICE_BODY_MAX), arena,
				&notice->body, err) ||
	    !json_get_text(object, "department", NOTICE_DEPARTMENT_MAX, arena,
			   &notice->department, err) ||
	    !json_optional_text(object, "category", NOTICE_CATEGORY_MAX, arena,
				&notice->category, err) ||
	    !json_optional_text(object, "contact", NOTICE_CONTACT_MAX, arena,
				&notice->contact, err) ||
	    !json_optional_text(object, "url", NOTICE_URL_MAX, arena, &notice->url,
				err) ||
	    !read_facts(object, NOTICE_LABEL_MAX, NOTICE_VALUE_MAX, arena, notice->facts,
			&notice->fact_count, err) ||
	    !read_picture(object, arena, &notice->picture, err) ||
	    !read_translations(object, arena, notice, err) ||
	    !json_get_time(object, "from", &notice->from, err) ||
	    !json_get_time(object, "until", &notice->until, err) ||
	    !read_hours(object, &notice->hours, err) ||
	    !json_optional_int(object, "weight", 1, NOTICE_WEIGHT_MAX, &notice->weight,
			       err) ||
	    !json_optional_int(object, "dwell_s", 0, NOTICE_DWELL_MAX_S, &notice->dwell_s,
			       err) ||
	    !json_optional_bool(object, "urgent", &notice->urgent, err) ||
	    !json_optional_bool(object, "sample", &notice->sample, err))
		return false;
	/* A notice counts unless it says otherwise; a sample never does. */
	notice->counts = !notice->sample;
	return json_optional_bool(object, "counts", &notice->counts, err) &&
	       read_screens(object, arena, notice, err) && json_done(object, err);
}

/* --- Writing --- */

static json_t *facts_json(const struct notice_fact *facts, size_t count)
{
	json_t *array = json_array();

	for (size_t i = 0; i < count; i++)
		if (json_array_append_new(array,
					  json_pack("{s:s, s:s}", "label", facts[i].label,
						    "value", facts[i].value)) != 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static bool put_facts(json_t *object, const struct notice_fact *facts, size_t count)
{
	return count == 0 || json_put(object, "facts", facts_json(facts, count));
}

static bool put_picture(json_t *object, const struct notice_picture *picture)
{
	char hex[SHA256_HEX_SIZE];
	json_t *node;
	bool ok;

	if (!picture)
		return true;
	node = json_object();
	if (picture->file) {
		ok = json_put_text(node, "file", picture->file);
	} else {
		hex_encode(picture->sha256, SHA256_SIZE, hex);
		ok = json_put_text(node, "sha256", hex) &&
		     json_put_text(node, "format", picture_formats[picture->format]) &&
		     json_put_int(node, "width", picture->width) &&
		     json_put_int(node, "height", picture->height) &&
		     json_put_int(node, "bytes", picture->bytes);
	}
	if (ok && json_put_text(node, "alt", picture->alt))
		return json_put(object, "picture", node);
	json_decref(node);
	return false;
}

static json_t *translation_json(const struct notice_translation *translation)
{
	json_t *node = json_object();

	if (json_put_text(node, "title", translation->title) &&
	    json_put_text(node, "body", translation->body) &&
	    json_put_text(node, "department", translation->department) &&
	    put_facts(node, translation->facts, translation->fact_count))
		return node;
	json_decref(node);
	return NULL;
}

static bool put_translations(json_t *object, const struct notice *notice)
{
	json_t *node = json_object();

	for (int i = 0; i < NOTICE_LANGUAGES; i++) {
		const char *name = notice_language_name((enum notice_language)i);

		if (notice->translations[i] &&
		    !json_put(node, name, translation_json(notice->translations[i]))) {
			json_decref(node);
			return false;
		}
	}
	if (json_object_size(node) > 0)
		return json_put(object, "translations", node);
	json_decref(node);
	return true;
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
		ok = json_put(node, "weekdays", weekdays_json(hours->weekdays));
	ok = ok && json_put_minutes(node, "from", hours->from_minute) &&
	     json_put_minutes(node, "until", hours->until_minute);
	if (!ok) {
		json_decref(node);
		return false;
	}
	return json_put(object, "hours", node);
}

json_t *notice_json_write(const struct notice *notice, const char *format)
{
	json_t *object = json_object();

	if (json_put_text(object, "format", format) &&
	    json_put_text(object, "id", notice->id) &&
	    json_put_int(object, "revision", notice->revision) &&
	    json_put_text(object, "title", notice->title) &&
	    json_put_text(object, "body", notice->body) &&
	    json_put_text(object, "department", notice->department) &&
	    json_put_text(object, "category", notice->category) &&
	    json_put_text(object, "contact", notice->contact) &&
	    json_put_text(object, "url", notice->url) &&
	    put_facts(object, notice->facts, notice->fact_count) &&
	    put_picture(object, notice->picture) && put_translations(object, notice) &&
	    json_put_time(object, "from", notice->from) &&
	    json_put_time(object, "until", notice->until) &&
	    put_hours(object, &notice->hours) &&
	    json_put_int(object, "weight", notice->weight) &&
	    json_put_int(object, "dwell_s", notice->dwell_s) &&
	    json_put(object, "urgent", json_boolean(notice->urgent)) &&
	    json_put(object, "sample", json_boolean(notice->sample)) &&
	    json_put(object, "counts", json_boolean(notice->counts)) &&
	    (!notice->screens || json_put(object, "screens", screens_json(notice))))
		return object;
	json_decref(object);
	return NULL;
}
