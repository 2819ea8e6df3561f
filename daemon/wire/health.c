#include "wire/health.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"
#include "wire/canonical.h"
#include "wire/envelope.h"
#include "wire/json.h"
#include "wire/json_member.h"

#define HEALTH_FORMAT  "ekimae.health/1"
#define REQUEST_FORMAT "ekimae.request/1"
#define INTEGER_MAX    INT64_C(9007199254740991)

static void json_release(json_t **value)
{
	json_decref(*value);
}

static void doc_release(struct json_doc **doc)
{
	json_doc_free(*doc);
}

/* Its numbers; health_check() knows their ranges. */
static const struct number {
	const char *key;
	size_t value; /* offset of the int64_t */
	size_t known; /* … of the flag that says whether there is one; 0: always */
} numbers[] = {
	{"run", offsetof(struct health, run), 0},
	{"number", offsetof(struct health, number), 0},
	{"every_ms", offsetof(struct health, every.ms), 0},
	{"at_ms", offsetof(struct health, at.ms), 0},
	{"uptime_ms", offsetof(struct health, uptime.ms), 0},
	{"running_ms", offsetof(struct health, running.ms), 0},
	{"programme", offsetof(struct health, programme_version), 0},
	{"timestamp", offsetof(struct health, timestamp_version), 0},
	{"set_age_ms", offsetof(struct health, set_age.ms), 0},
	{"expires_ms", offsetof(struct health, expires.ms), 0},
	{"frame_age_ms", offsetof(struct health, frame_age.ms),
	 offsetof(struct health, has_frame)},
	{"disk_free", offsetof(struct health, disk_free), 0},
	{"disk_total", offsetof(struct health, disk_total), 0},
	{"millidegrees", offsetof(struct health, millidegrees),
	 offsetof(struct health, has_temperature)},
	{"plays_waiting", offsetof(struct health, plays_waiting), 0},
	{"plays_lost", offsetof(struct health, plays_lost), 0},
	{"error_age_ms", offsetof(struct health, error_age.ms), 0},
};

static bool is_known(const struct health *health, const struct number *number)
{
	return number->known == 0 ||
	       *(const bool *)((const char *)health + number->known);
}

/* --- writing ------------------------------------------------------------------------- */

/* "" stands for none: the key is left out. */
static bool put_text(json_t *object, const char *key, const char *text)
{
	return json_put_text(object, key, text[0] ? text : NULL);
}

static bool put_numbers(json_t *object, const struct health *health)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const struct number *number = &numbers[i];

		if (is_known(health, number) &&
		    !json_put_int(
			    object, number->key,
			    *(const int64_t *)((const char *)health + number->value)))
			return false;
	}
	return true;
}

static bool put_health(json_t *object, const struct health *health)
{
	return json_put_text(object, "_type", "health") &&
	       json_put_text(object, "format", HEALTH_FORMAT) &&
	       json_put_text(object, "screen", health->screen_id) &&
	       put_numbers(object, health) &&
	       json_put(object, "synchronised", json_boolean(health->synchronised)) &&
	       json_put(object, "expired", json_boolean(health->expired)) &&
	       json_put_text(object, "output", play_output_name(health->output)) &&
	       put_text(object, "software", health->software) &&
	       put_text(object, "panel", health->panel) &&
	       put_text(object, "slide", health->slide_id) &&
	       put_text(object, "error", health->error);
}

char *health_to_json(const struct health *health, const struct signer *signer,
		     size_t *out_len, struct err *err)
{
	json_t *content = json_object();
	size_t len;
	char *text;

	if (!health_check(health, err)) {
		json_decref(content);
		return NULL;
	}
	if (content && !put_health(content, health)) {
		json_decref(content);
		content = NULL;
	}
	text = envelope_seal(content, signer, &len, err);
	if (text && len > HEALTH_MAX) {
		err_set(err, ERR_TOO_LARGE, "health: the report has %zu bytes", len);
		free(text);
		return NULL;
	}
	if (text)
		*out_len = len;
	return text;
}

static json_t *courier_to_json(const struct health_courier *courier)
{
	json_t *object = json_object();

	if (json_put_text(object, "software", courier->software) &&
	    json_put_int(object, "running_ms", courier->running.ms) &&
	    json_put_int(object, "requests", courier->requests) &&
	    json_put_int(object, "received_bytes", courier->received_bytes) &&
	    json_put_int(object, "sent_bytes", courier->sent_bytes) &&
	    json_put_int(object, "failures", courier->failures) &&
	    put_text(object, "failure", courier->failure))
		return object;
	json_decref(object);
	return NULL;
}

char *health_upload_to_json(const void *report, size_t len,
			    const struct health_courier *courier, size_t *out_len,
			    struct err *err)
{
	CLEANUP(doc_release)
	struct json_doc *doc = json_parse("health", report, len, HEALTH_MAX, err);
	CLEANUP(json_release) json_t *upload = NULL;
	struct json_node root;

	if (!doc || !json_root(doc, &root, err))
		return NULL;
	upload = json_pack("{s:o, s:O}", "courier", courier_to_json(courier), "report",
			   root.value);
	if (!upload) {
		err_set(err, ERR_NO_MEMORY, "health: out of memory");
		return NULL;
	}
	return canonical_json(upload, out_len, err);
}

char *health_request_to_json(int64_t snapshot, size_t *out_len, struct err *err)
{
	CLEANUP(json_release)
	json_t *request = json_pack("{s:s, s:I}", "format", REQUEST_FORMAT, "snapshot",
				    (json_int_t)snapshot);

	if (!request) {
		err_set(err, ERR_NO_MEMORY, "request: out of memory");
		return NULL;
	}
	return canonical_json(request, out_len, err);
}

/* --- reading ------------------------------------------------------------------------- */

/* Consumes an optional text into @out, cleaned as health_text() does. */
static bool get_text(struct json_node *object, const char *key, char *out, size_t size,
		     struct err *err)
{
	const char *text;

	out[0] = '\0';
	if (!json_has(object, key))
		return true;
	if (!json_get_string(object, key, size - 1, &text, err))
		return false;
	if (strlen(text) >= size)
		return json_fail(object, key, err, "more than %zu bytes", size - 1);
	health_text(out, size, text);
	return true;
}

static bool get_output(struct json_node *content, enum play_output *out, struct err *err)
{
	const char *name;

	if (!json_get_string(content, "output", 16, &name, err))
		return false;
	return play_output_parse(name, out) ||
	       json_fail(content, "output", err, "not a state of an output");
}

static bool read_numbers(struct json_node *content, struct health *out, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const struct number *number = &numbers[i];

		if (number->known)
			*(bool *)((char *)out + number->known) =
				json_has(content, number->key);
		if (is_known(out, number) &&
		    !json_get_int(content, number->key, -INTEGER_MAX, INTEGER_MAX,
				  (int64_t *)((char *)out + number->value), err))
			return false;
	}
	return true;
}

bool health_read(struct json_node *content, struct health *out, struct err *err)
{
	struct health health = {0};

	if (!envelope_type(content, "health", HEALTH_FORMAT, err) ||
	    !envelope_screen(content, health.screen_id, err) ||
	    !read_numbers(content, &health, err) ||
	    !json_get_bool(content, "synchronised", &health.synchronised, err) ||
	    !json_get_bool(content, "expired", &health.expired, err) ||
	    !get_output(content, &health.output, err) ||
	    !get_text(content, "software", health.software, sizeof(health.software),
		      err) ||
	    !get_text(content, "panel", health.panel, sizeof(health.panel), err) ||
	    !get_text(content, "slide", health.slide_id, sizeof(health.slide_id), err) ||
	    !get_text(content, "error", health.error, sizeof(health.error), err) ||
	    !json_done(content, err))
		return false;
	if (!health_check(&health, err))
		return err_prefix(err, "health");
	*out = health;
	return true;
}

bool health_courier_read(struct json_node *object, struct health_courier *out,
			 struct err *err)
{
	struct health_courier courier = {0};

	if (!get_text(object, "software", courier.software, sizeof(courier.software),
		      err) ||
	    !json_get_int(object, "running_ms", 0, INTEGER_MAX, &courier.running.ms,
			  err) ||
	    !json_get_int(object, "requests", 0, INTEGER_MAX, &courier.requests, err) ||
	    !json_get_int(object, "received_bytes", 0, INTEGER_MAX,
			  &courier.received_bytes, err) ||
	    !json_get_int(object, "sent_bytes", 0, INTEGER_MAX, &courier.sent_bytes,
			  err) ||
	    !json_get_int(object, "failures", 0, INTEGER_MAX, &courier.failures, err) ||
	    !get_text(object, "failure", courier.failure, sizeof(courier.failure), err) ||
	    !json_done(object, err))
		return false;
	*out = courier;
	return true;
}

/* The two parts of an upload. */
static bool open_upload(const struct json_doc *doc, struct json_node *out_courier,
			struct json_node *out_report, struct err *err)
{
	struct json_node root;

	return json_root(doc, &root, err) &&
	       json_get_object(&root, "courier", out_courier, err) &&
	       json_get_object(&root, "report", out_report, err) && json_done(&root, err);
}

bool health_upload_screen(const void *bytes, size_t len,
			  char out[static SCREEN_ID_MAX + 1], struct err *err)
{
	CLEANUP(doc_release)
	struct json_doc *doc = json_parse("health", bytes, len, HEALTH_UPLOAD_MAX, err);
	struct json_node courier, report, content;

	return doc && open_upload(doc, &courier, &report, err) &&
	       envelope_open(&report, NULL, NULL, &content, err) &&
	       envelope_screen(&content, out, err);
}

bool health_upload_from_json(const void *bytes, size_t len,
			     const uint8_t public_key[static 32],
			     struct health_upload *out, struct err *err)
{
	CLEANUP(doc_release)
	struct json_doc *doc = json_parse("health", bytes, len, HEALTH_UPLOAD_MAX, err);
	CLEANUP(health_upload_done) struct health_upload upload = {0};
	struct json_node courier, report, content;
	struct health_courier said;
	size_t text_len;

	if (!doc || !open_upload(doc, &courier, &report, err) ||
	    !envelope_open(&report, envelope_by_key, public_key, &content, err) ||
	    !health_read(&content, &upload.health, err) ||
	    !health_courier_read(&courier, &said, err))
		return false;
	upload.report = canonical_json(content.value, &text_len, err);
	upload.courier = canonical_json(courier.value, &text_len, err);
	if (!upload.report || !upload.courier)
		return false;
	*out = upload;
	upload = (struct health_upload){0};
	return true;
}

void health_upload_done(struct health_upload *upload)
{
	free(upload->report);
	free(upload->courier);
	*upload = (struct health_upload){0};
}

bool health_request_from_json(const void *bytes, size_t len, int64_t *out_snapshot,
			      struct err *err)
{
	CLEANUP(doc_release)
	struct json_doc *doc = json_parse("request", bytes, len, HEALTH_REQUEST_MAX, err);
	struct json_node root;
	int64_t snapshot;

	if (!doc || !json_root(doc, &root, err) ||
	    !json_format(&root, REQUEST_FORMAT, err) ||
	    !json_get_int(&root, "snapshot", 0, INTEGER_MAX, &snapshot, err) ||
	    !json_done(&root, err))
		return false;
	*out_snapshot = snapshot;
	return true;
}
