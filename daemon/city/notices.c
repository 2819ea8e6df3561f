/* Notices that staff write, and the objects that a publication will hold. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/objects.h"
#include "city/settings.h"
#include "core/alarm.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/notice.h"
#include "os/file.h"
#include "store/citydb.h"
#include "wire/digest.h"
#include "wire/programme_json.h"

#define LIST_MAX         (64 * 1024 * 1024)
#define NOTICE_ARENA_MAX (1024 * 1024)

static const char *const state_names[] = {"draft", "published", "withdrawn"};

struct list {
	struct buffer *out;
	size_t count;
};

static bool add_notice(void *context, const struct notice_row *row, struct err *err)
{
	struct list *list = context;
	struct buffer *out = list->out;
	char changed[WALL_TEXT_SIZE];

	(void)err;
	wall_format_utc(row->changed, changed);
	if (list->count++ > 0)
		buffer_add(out, ",");
	buffer_add(out, "{\"id\":");
	buffer_json(out, row->id);
	buffer_printf(out, ",\"revision\":%" PRId64 ",\"state\":\"%s\",\"author\":",
		      row->revision, state_names[row->state]);
	buffer_json(out, row->author);
	buffer_printf(out, ",\"changed\":\"%s\",\"notice\":", changed);
	buffer_add_bytes(out, row->json, row->json_len);
	buffer_add(out, "}");
	return true;
}

bool api_notices(struct city *city, struct request *request, struct reply *reply,
		 struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;
	struct list list = {.out = &out};

	(void)request;
	buffer_init(&out, LIST_MAX);
	buffer_add(&out, "{\"notices\":[");
	if (!notice_each(city->db, add_notice, &list, err))
		return false;
	buffer_add(&out, "]}");
	return reply_take(reply, &out, err);
}

bool api_notice(struct city *city, struct request *request, struct reply *reply,
		struct err *err)
{
	CLEANUP(buffer_done) struct buffer out;
	struct list list = {.out = &out};

	buffer_init(&out, LIST_MAX);
	return notice_get(city->db, request->argument, add_notice, &list, err) &&
	       reply_take(reply, &out, err);
}

/* Stores what was understood, not what was sent: one form of each notice. */
static bool store_notice(struct city *city, const struct request *request,
			 const struct notice *notice, struct err *err)
{
	char detail[32];
	size_t len;
	char *json = notice_to_json(notice, &len, err);
	bool ok;

	if (!json)
		return false;
	snprintf(detail, sizeof(detail), "revision %" PRId64, notice->revision);
	ok = db_begin(city->db, err);
	if (ok) {
		ok = notice_put(city->db, notice->id, notice->revision, json, len,
				request->staff.name, request->now.wall, err) &&
		     audit_append(city->db, request->staff.name, "write", notice->id,
				  detail, request->now.wall, err);
		ok = db_end(city->db, ok, err);
	}
	free(json);
	return ok;
}

bool api_notice_put(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	struct arena *arena = arena_new(NOTICE_ARENA_MAX);
	const struct notice *notice;
	char answer[NOTICE_ID_MAX + 64];
	bool ok = false;

	if (!arena)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	notice = notice_from_json("notice", request->body ? request->body : "",
				  request->body_len, arena, err);
	if (notice && strcmp(notice->id, request->argument) != 0)
		err_set(err, ERR_INVALID,
			"notice: id: is \"%s\", the address says \"%s\"", notice->id,
			request->argument);
	else if (notice && alarm_id_is_valid(notice->id))
		err_set(err, ERR_INVALID,
			"notice: id: ids of alarms begin with \"" ALARM_ID_PREFIX
			"\"; they are published with \"ekimaectl emergency\"");
	else if (notice && notice->picture && notice->picture->file)
		/* What nobody has checked stays where it was written. */
		err_set(err, ERR_INVALID,
			"notice: picture.file: the picture itself comes as an object; "
			"here goes its hash");
	else if (notice)
		ok = store_notice(city, request, notice, err);
	if (ok) {
		snprintf(answer, sizeof(answer),
			 "{\"id\":\"%s\",\"revision\":%" PRId64 "}", notice->id,
			 notice->revision);
		ok = reply_text(reply, answer, err);
	}
	arena_free(arena);
	return ok;
}

static bool object_name(const struct request *request, uint8_t *out, struct err *err)
{
	return hex_decode(request->argument, out, SHA256_SIZE) ||
	       err_set(err, ERR_INVALID,
		       "objects: an address ends in a SHA-256, 64 hex digits");
}

bool api_object(struct city *city, struct request *request, struct reply *reply,
		struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	struct blob blob = {0};

	if (!object_name(request, hash, err) ||
	    !object_get(city->settings->state, hash, &blob, err))
		return false;
	reply->type = "application/octet-stream";
	reply->body = blob.bytes;
	reply->len = blob.len;
	return true;
}

bool api_object_put(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	uint8_t hash[SHA256_SIZE];

	return object_name(request, hash, err) &&
	       object_put(city->settings->state, hash, request->body, request->body_len,
			  err) &&
	       reply_text(reply, "{}", err);
}
