/* Screens: expected, enrolled with a one-time code, heard, revoked. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/publisher.h"
#include "city/screens.h"
#include "core/err.h"
#include "core/notice.h"
#include "os/file.h"
#include "store/citydb.h"
#include "store/ledger.h"
#include "wire/enrolcode.h"
#include "wire/json.h"
#include "wire/tuf.h"

#define BODY_MAX     (16 * 1024)
#define LIST_MAX     (16 * 1024 * 1024)
#define ANSWER_MAX   4096
#define CODE_LIFE_MS (INT64_C(24) * 60 * 60 * 1000)

static const char *const state_names[] = {"expected", "enrolled", "revoked"};

static void free_document(struct json_doc **doc)
{
	json_doc_free(*doc);
}

static struct json_doc *parse_body(const char *name, const struct request *request,
				   struct json_node *root, struct err *err)
{
	struct json_doc *doc = json_parse(name, request->body ? request->body : "",
					  request->body_len, BODY_MAX, err);

	if (doc && !json_root(doc, root, err))
		return json_doc_free(doc);
	return doc;
}

struct list {
	struct city *city;
	struct wall_ms now;
	struct buffer *out;
	size_t count;
};

static void add_time(struct buffer *out, const char *key, struct wall_ms at)
{
	char text[WALL_TEXT_SIZE];

	if (at.ms == 0) {
		buffer_printf(out, ",\"%s\":null", key);
		return;
	}
	wall_format_utc(at, text);
	buffer_printf(out, ",\"%s\":\"%s\"", key, text);
}

static bool add_screen(void *context, const struct screen *screen, struct err *err)
{
	struct list *list = context;
	struct buffer *out = list->out;
	struct ledger_screen_state plays;

	if (!ledger_screen_state(list->city->ledger, screen->id, &plays, err))
		return false;
	if (list->count++ > 0)
		buffer_add(out, ",");
	buffer_add(out, "{\"id\":");
	buffer_json(out, screen->id);
	buffer_add(out, ",\"place\":");
	buffer_json(out, screen->place);
	buffer_printf(out, ",\"state\":\"%s\",\"counts\":%s", state_names[screen->state],
		      screen->counts ? "true" : "false");
	add_time(out, "created", screen->created);
	add_time(out, "enrolled", screen->enrolled);
	add_time(out, "last_upload", screen->last_upload);
	buffer_printf(out,
		      ",\"durable_seq\":%" PRId64 ",\"missing\":%" PRId64
		      ",\"quarantined\":%" PRId64,
		      screen->durable_seq, plays.missing, plays.quarantined);
	if (!screens_add_health(list->city, screen, list->now, out, err))
		return false;
	buffer_add(out, "}");
	return true;
}

bool api_screens(struct city *city, struct request *request, struct reply *reply,
		 struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;
	struct list list = {.city = city, .now = request->now.wall, .out = &out};

	buffer_init(&out, LIST_MAX);
	buffer_printf(&out, "{\"timestamp\":%" PRId64 ",\"screens\":[",
		      publisher_timestamp_version(city->publisher));
	if (!screen_each(city->db, add_screen, &list, err))
		return false;
	buffer_add(&out, "]}");
	return reply_take(reply, &out, err);
}

/* A new code, and the hash under which it is kept. */
static void make_code(const struct city *city, uint8_t hash[static SHA256_SIZE],
		      char text[static ENROLCODE_TEXT_SIZE])
{
	const struct blob *root = publisher_first_root(city->publisher);
	uint8_t random[ENROLCODE_RANDOM], root_hash[SHA256_SIZE], code[ENROLCODE_SIZE];

	sha256(root->bytes, root->len, root_hash);
	random_bytes(random, sizeof(random));
	enrolcode_make(random, root_hash, code);
	enrolcode_format(code, text);
	sha256(code, sizeof(code), hash);
}

bool api_screen_add(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	struct wall_ms now = request->now.wall;
	struct wall_ms until = {now.ms + CODE_LIFE_MS};
	char code[ENROLCODE_TEXT_SIZE], until_text[WALL_TEXT_SIZE], answer[160];
	uint8_t hash[SHA256_SIZE];
	struct json_node root;
	CLEANUP(free_document)
	struct json_doc *doc = parse_body("screen", request, &root, err);
	const char *id, *place;
	bool counts, ok;

	if (!doc || !json_get_string(&root, "id", SCREEN_ID_MAX, &id, err) ||
	    !json_get_string(&root, "place", SCREEN_PLACE_MAX, &place, err) ||
	    !json_get_bool(&root, "counts", &counts, err) || !json_done(&root, err))
		return false;
	if (!notice_id_is_valid(id))
		return json_fail(&root, "id", err,
				 "expected a–z, 0–9 and inner hyphens, got \"%s\"", id);
	if (strlen(place) > SCREEN_PLACE_MAX)
		return json_fail(&root, "place", err, "expected at most %d bytes",
				 SCREEN_PLACE_MAX);
	make_code(city, hash, code);
	if (!db_begin(city->db, err))
		return false;
	ok = screen_add(city->db, id, place, counts, hash, until, now, err) &&
	     audit_append(city->db, request->staff.name, "expect", id, place, now, err);
	if (!db_end(city->db, ok, err))
		return false;
	wall_format_utc(until, until_text);
	snprintf(answer, sizeof(answer), "{\"code\":\"%s\",\"until\":\"%s\"}", code,
		 until_text);
	return reply_text(reply, answer, err);
}

bool api_screen_revoke(struct city *city, struct request *request, struct reply *reply,
		       struct err *err)
{
	bool ok;

	if (!db_begin(city->db, err))
		return false;
	ok = screen_revoke(city->db, request->argument, err) &&
	     audit_append(city->db, request->staff.name, "revoke", request->argument, "",
			  request->now.wall, err);
	if (!db_end(city->db, ok, err))
		return false;
	return reply_text(reply, "{}", err);
}

static bool answer_enrolled(const struct city *city, const struct screen *screen,
			    struct reply *reply, struct err *err)
{
	const struct blob *first_root = publisher_first_root(city->publisher);
	CLEANUP(buffer_done) struct buffer out;

	buffer_init(&out, 2 * TUF_ROOT_MAX);
	buffer_add(&out, "{\"screen\":");
	buffer_json(&out, screen->id);
	buffer_add(&out, ",\"place\":");
	buffer_json(&out, screen->place);
	buffer_add(&out, ",\"root\":");
	buffer_json(&out, first_root->bytes);
	buffer_add(&out, "}");
	return reply_take(reply, &out, err);
}

bool api_enrol(struct city *city, struct request *request, struct reply *reply,
	       struct err *err)
{
	struct json_node root;
	CLEANUP(free_document)
	struct json_doc *doc = parse_body("enrol", request, &root, err);
	uint8_t code[ENROLCODE_SIZE], hash[SHA256_SIZE], key[32];
	char key_hex[2 * sizeof(key) + 1];
	struct screen screen;
	const char *text;
	bool ok;

	if (!doc || !json_get_string(&root, "code", 100, &text, err) ||
	    !json_get_hex(&root, "public_key", key, sizeof(key), err) ||
	    !json_done(&root, err) || !enrolcode_parse(text, code, err))
		return false;
	sha256(code, sizeof(code), hash);
	hex_encode(key, sizeof(key), key_hex);
	if (!db_begin(city->db, err))
		return false;
	ok = screen_enrol(city->db, hash, key, request->now.wall, &screen, err) &&
	     audit_append(city->db, screen.id, "enrol", screen.id, key_hex,
			  request->now.wall, err);
	if (!db_end(city->db, ok, err))
		return false;
	return answer_enrolled(city, &screen, reply, err);
}

bool screens_enrolled(struct city *city, const char *what, const char *id,
		      struct screen *out, struct err *err)
{
	struct screen screen;

	if (!screen_find(city->db, id, &screen, err)) {
		if (err->code == ERR_NOT_FOUND)
			err->code = ERR_DENIED;
		return false;
	}
	if (screen.state != SCREEN_ENROLLED)
		return err_set(err, ERR_DENIED, "%s: screen %s is %s", what, id,
			       state_names[screen.state]);
	*out = screen;
	return true;
}
