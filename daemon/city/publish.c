/*
 * Publishing: what was signed elsewhere becomes what the screens fetch. In this order, so
 * that a kill at any instant leaves a whole repository and a ledger that knows every notice
 * a screen may show: check everything; write target files; write targets and snapshot;
 * tell ledger and audit log; replace timestamp.json; mark the notices. What comes after
 * timestamp.json is made up for at the next start by publish_reconcile().
 */
#include "city/publish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/differences.h"
#include "city/objects.h"
#include "city/people.h"
#include "city/publisher.h"
#include "city/settings.h"
#include "city/waiting.h"
#include "core/alarm.h"
#include "core/err.h"
#include "core/plan.h"
#include "core/programme.h"
#include "os/file.h"
#include "os/log.h"
#include "store/citydb.h"
#include "store/ledger.h"
#include "wire/json.h"
#include "wire/plan_json.h"
#include "wire/programme_json.h"
#include "wire/tuf.h"

#define PLAN_PATH         "plan.json"
#define PROGRAMME_PATH    "programme.json"
#define TARGETS_COUNT_MAX 5000
#define PATH_PARTS_MAX    4
#define PATH_PART_MAX     120

static void free_document(struct json_doc **doc)
{
	json_doc_free(*doc);
}

static void free_proposal(struct proposal **proposal)
{
	proposal_free(*proposal);
}

/* ---- What may be published ---- */

/* A target's path becomes a file below repository/targets: plain names only. */
static bool path_is_plain(const char *path)
{
	size_t parts = 0, len;

	for (;; path += len + 1) {
		len = strcspn(path, "/");
		if (len == 0 || len > PATH_PART_MAX || path[0] == '.' ||
		    ++parts > PATH_PARTS_MAX)
			return false;
		for (size_t i = 0; i < len; i++) {
			char c = path[i];

			if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
			    !(c >= '0' && c <= '9') && !strchr("._-", c))
				return false;
		}
		if (path[len] == '\0')
			return true;
	}
}

/* What a publication holds, read as a screen will read it. */
struct content {
	struct programme *programme;
	struct plan *plan;
};

static void content_done(struct content *content)
{
	content->programme = programme_free(content->programme);
	content->plan = plan_free(content->plan);
}

static bool read_plan(struct content *content, const struct blob *blob, struct err *err)
{
	plan_free(content->plan);
	content->plan = plan_from_json(PLAN_PATH, blob->bytes, blob->len, err);
	return content->plan != NULL;
}

static bool read_programme(struct content *content, const struct blob *blob,
			   struct err *err)
{
	programme_free(content->programme);
	content->programme =
		programme_from_json(PROGRAMME_PATH, blob->bytes, blob->len, err);
	return content->programme != NULL;
}

/* A screen tells programmes apart by their version: another programme, a higher one. */
static bool check_version(const struct city *city, const struct proposal *proposal,
			  const struct programme *programme, struct err *err)
{
	const struct tuf_target *before =
		tuf_target_find(publisher_trust(city->publisher), PROGRAMME_PATH);
	const struct tuf_target *after =
		tuf_target_find(proposal_trust(proposal), PROGRAMME_PATH);
	CLEANUP(content_done) struct content current = {0};
	CLEANUP(blob_free) struct blob blob = {0};

	if (!before || memcmp(before->sha256, after->sha256, SHA256_SIZE) == 0)
		return true;
	if (!publisher_read_target(city->publisher, PROGRAMME_PATH, PROGRAMME_JSON_MAX,
				   &blob, err) ||
	    !read_programme(&current, &blob, err))
		return false;
	if (programme->version > current.programme->version)
		return true;
	return err_set(err, ERR_CONFLICT,
		       PROGRAMME_PATH ": version: %" PRId64 " is not above %" PRId64
				      ", which is published now",
		       programme->version, current.programme->version);
}

bool publish_read_object(const struct city *city, const struct tuf_target *target,
			 struct blob *out, struct err *err)
{
	if (object_get(city->settings->state, target->sha256, out, err) &&
	    tuf_target_check(target, out->bytes, out->len, err))
		return true;
	/* It is the publication that is wrong, not the address of the request. */
	if (err->code == ERR_NOT_FOUND)
		err->code = ERR_INVALID;
	return err_prefix(err, "target %s", target->path);
}

static bool check_target(const struct city *city, const struct proposal *proposal,
			 const struct tuf_target *target, struct content *content,
			 struct err *err)
{
	bool is_plan = strcmp(target->path, PLAN_PATH) == 0;
	bool is_programme = strcmp(target->path, PROGRAMME_PATH) == 0;
	CLEANUP(blob_free) struct blob blob = {0};

	if (!path_is_plain(target->path))
		return err_set(err, ERR_INVALID,
			       "targets.json: target \"%.100s\": is not a plain path",
			       target->path);
	if (strncmp(target->path, ALARM_ROLE "/", sizeof(ALARM_ROLE)) == 0)
		return err_set(err, ERR_INVALID,
			       "targets.json: target %s: only the role " ALARM_ROLE
			       " speaks for it",
			       target->path);
	if (!target->has_sha256)
		return err_set(err, ERR_INVALID, "targets.json: target %s: has no sha256",
			       target->path);
	if (!is_plan && !is_programme &&
	    publisher_has_target(city->publisher, proposal, target))
		return true;
	if (!publish_read_object(city, target, &blob, err))
		return false;
	return (!is_plan || read_plan(content, &blob, err)) &&
	       (!is_programme || read_programme(content, &blob, err));
}

/* A screen takes no programme of which a picture is missing. */
static bool check_media(const struct tuf_trust *trust, const struct programme *programme,
			struct err *err)
{
	char path[NOTICE_MEDIA_PATH_SIZE];

	for (size_t i = 0; i < programme->notice_count; i++) {
		const struct notice_picture *picture = programme->notices[i].picture;
		const struct tuf_target *target;

		if (!picture)
			continue;
		notice_media_path(picture, path);
		target = tuf_target_find(trust, path);
		if (!target || target->length != picture->bytes ||
		    memcmp(target->sha256, picture->sha256, SHA256_SIZE) != 0)
			return err_set(err, ERR_INVALID,
				       PROGRAMME_PATH
				       ": notices[%zu].picture: targets.json does not "
				       "name it as %s",
				       i, path);
	}
	return true;
}

/*
 * Every target must be there as an object, with its length and hash; plan and programme
 * must be ones that a screen can read.
 */
static bool check_targets(const struct city *city, const struct proposal *proposal,
			  struct content *content, struct err *err)
{
	const struct tuf_trust *trust = proposal_trust(proposal);

	if (tuf_target_count(trust) > TARGETS_COUNT_MAX)
		return err_set(err, ERR_TOO_LARGE, "targets.json: over %d targets",
			       TARGETS_COUNT_MAX);
	if (!tuf_target_find(trust, PLAN_PATH) || !tuf_target_find(trust, PROGRAMME_PATH))
		return err_set(err, ERR_INVALID,
			       "targets.json: needs both " PLAN_PATH
			       " and " PROGRAMME_PATH);
	for (size_t i = 0; i < tuf_target_count(trust); i++)
		if (!check_target(city, proposal, tuf_target_at(trust, i), content, err))
			return false;
	return check_media(trust, content->programme, err) &&
	       check_version(city, proposal, content->programme, err);
}

/* What the caller says of its publication must be what the programme holds. */
static bool check_published(struct json_node *root, const struct programme *programme,
			    struct buffer *detail, struct err *err)
{
	struct json_node array, item;
	size_t count;

	if (!json_get_array(root, "published", PROGRAMME_NOTICES_MAX, &array, &count,
			    err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const struct notice *notice;
		const char *id;
		int64_t revision;

		if (!json_item_object(&array, i, &item, err) ||
		    !json_get_string(&item, "id", NOTICE_ID_MAX, &id, err) ||
		    !json_get_int(&item, "revision", 1, INT64_MAX, &revision, err) ||
		    !json_done(&item, err))
			return false;
		notice = programme_notice(programme, id);
		if (!notice || notice->revision != revision)
			return json_fail(&item, "id", err,
					 "the programme does not hold revision %" PRId64
					 " of \"%s\"",
					 revision, id);
		buffer_printf(detail, " +%s/%" PRId64, id, revision);
	}
	return true;
}

static bool check_withdrawn(struct json_node *root, const struct programme *programme,
			    struct buffer *detail, struct err *err)
{
	struct json_node array;
	size_t count;

	if (!json_get_array(root, "withdrawn", PROGRAMME_NOTICES_MAX, &array, &count,
			    err))
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *id;

		if (!json_item_string(&array, i, NOTICE_ID_MAX, &id, err))
			return false;
		if (programme_notice(programme, id))
			return json_fail(&array, NULL, err,
					 "the programme still holds \"%s\"", id);
		buffer_printf(detail, " -%s", id);
	}
	return true;
}

/* ---- Making it so ---- */

static bool add_targets(struct city *city, const struct proposal *proposal,
			struct err *err)
{
	const struct tuf_trust *trust = proposal_trust(proposal);

	for (size_t i = 0; i < tuf_target_count(trust); i++) {
		const struct tuf_target *target = tuf_target_at(trust, i);
		CLEANUP(blob_free) struct blob blob = {0};

		if (publisher_has_target(city->publisher, proposal, target))
			continue;
		if (!publish_read_object(city, target, &blob, err) ||
		    !publisher_add_target(city->publisher, proposal, target, blob.bytes,
					  blob.len, err))
			return false;
	}
	return true;
}

bool publish_know_notices(struct city *city, const struct notice *notices, size_t count,
			  struct wall_ms at, struct err *err)
{
	uint8_t hash[SHA256_SIZE];

	for (size_t i = 0; i < count; i++)
		if (!notice_content_hash(&notices[i], hash, err) ||
		    !ledger_know_notice(city->ledger, &notices[i], hash, at, err))
			return false;
	return true;
}

static bool tell_database(struct city *city, const struct programme *programme,
			  const struct request *request, int64_t version,
			  const char *detail, struct err *err)
{
	char object[64];
	bool ok;

	snprintf(object, sizeof(object), "targets %" PRId64, version);
	if (!db_begin(city->db, err))
		return false;
	ok = publish_know_notices(city, programme->notices, programme->notice_count,
				  request->now.wall, err) &&
	     audit_append(city->db, request->staff.name, "publish", object, detail,
			  request->now.wall, err);
	return db_end(city->db, ok, err);
}

/* Newest revisions whose state does not fit the programme, collected before any change. */
struct changes {
	const struct programme *programme;
	struct change {
		char id[NOTICE_ID_MAX + 1];
		int64_t revision;
		enum notice_state state;
	} * items;
	size_t count, capacity;
};

static bool add_change(struct changes *changes, const struct notice_row *row,
		       enum notice_state state, struct err *err)
{
	struct change *change;

	if (changes->count == changes->capacity) {
		size_t capacity = changes->capacity ? 2 * changes->capacity : 64;
		struct change *items =
			reallocarray(changes->items, capacity, sizeof(*items));

		if (!items)
			return err_set(err, ERR_NO_MEMORY, "out of memory");
		changes->items = items;
		changes->capacity = capacity;
	}
	change = &changes->items[changes->count++];
	memcpy(change->id, row->id, sizeof(change->id));
	change->revision = row->revision;
	change->state = state;
	return true;
}

static bool compare_state(void *context, const struct notice_row *row, struct err *err)
{
	struct changes *changes = context;
	const struct notice *notice = programme_notice(changes->programme, row->id);
	bool shown = notice && notice->revision == row->revision;

	if (shown && row->state != NOTICE_PUBLISHED)
		return add_change(changes, row, NOTICE_PUBLISHED, err);
	if (!shown && row->state == NOTICE_PUBLISHED)
		return add_change(changes, row, NOTICE_WITHDRAWN, err);
	return true;
}

static bool apply_changes(struct city *city, const struct changes *changes,
			  struct wall_ms now, struct err *err)
{
	bool ok = true;

	if (!db_begin(city->db, err))
		return false;
	for (size_t i = 0; ok && i < changes->count; i++) {
		const struct change *change = &changes->items[i];

		ok = notice_set_state(city->db, change->id, change->revision,
				      change->state, now, err);
	}
	return db_end(city->db, ok, err);
}

static bool mark_notices(struct city *city, const struct programme *programme,
			 struct wall_ms now, struct err *err)
{
	struct changes changes = {.programme = programme};
	bool ok = notice_each(city->db, compare_state, &changes, err) &&
		  (changes.count == 0 || apply_changes(city, &changes, now, err));

	free(changes.items);
	return ok;
}

/* The plan in force: what the city's own pages and files are made from. */
static void take_plan(struct city *city, struct content *content)
{
	plan_free(city->plan);
	city->plan = content->plan;
	content->plan = NULL;
}

bool publish_reconcile(struct city *city, struct wall_ms now, struct err *err)
{
	CLEANUP(content_done) struct content content = {0};
	CLEANUP(blob_free) struct blob plan = {0};
	CLEANUP(blob_free) struct blob programme = {0};
	bool ok;

	if (!publisher_read_target(city->publisher, PLAN_PATH, PLAN_JSON_MAX, &plan,
				   err) ||
	    !read_plan(&content, &plan, err) ||
	    !publisher_read_target(city->publisher, PROGRAMME_PATH, PROGRAMME_JSON_MAX,
				   &programme, err) ||
	    !read_programme(&content, &programme, err) || !db_begin(city->db, err))
		return false;
	ok = publish_know_notices(city, content.programme->notices,
				  content.programme->notice_count, now, err);
	if (!db_end(city->db, ok, err))
		return false;
	take_plan(city, &content);
	return mark_notices(city, content.programme, now, err);
}

static bool publish(struct city *city, struct proposal *proposal, struct content *content,
		    const struct request *request, const char *detail, struct err *err)
{
	struct err marking, larger;

	if (!add_targets(city, proposal, err) ||
	    !publisher_stage(city->publisher, proposal, err))
		return false;
	if (!differences_write(city->publisher, proposal, &larger))
		log_warning("screens will fetch whole files: %s", larger.text);
	if (!tell_database(city, content->programme, request,
			   tuf_targets_version(proposal_trust(proposal)), detail, err) ||
	    !publisher_commit(city->publisher, proposal, err))
		return false;
	waiting_announce(city->waiting, publisher_timestamp_version(city->publisher));
	take_plan(city, content);
	/* It is published whatever comes now; the next start makes up for this. */
	if (!mark_notices(city, content->programme, request->now.wall, &marking))
		log_warning("published, but its notices are not marked: %s",
			    marking.text);
	return true;
}

bool api_publish(struct city *city, struct request *request, struct reply *reply,
		 struct err *err)
{
	CLEANUP(free_document)
	struct json_doc *doc = json_parse("publish", request->body ? request->body : "",
					  request->body_len, PUBLISH_BODY_MAX, err);
	CLEANUP(free_proposal) struct proposal *proposal = NULL;
	CLEANUP(content_done) struct content content = {0};
	CLEANUP(buffer_done) struct buffer detail;
	struct json_node root;
	const char *targets;
	char answer[96];

	buffer_init(&detail, AUDIT_TEXT_MAX);
	if (!doc || !json_root(doc, &root, err) ||
	    !json_get_string(&root, "targets", TUF_TARGETS_MAX, &targets, err))
		return false;
	proposal = publisher_propose(city->publisher, targets, strlen(targets),
				     request->now.wall, err);
	if (!proposal || !check_targets(city, proposal, &content, err) ||
	    !check_published(&root, content.programme, &detail, err) ||
	    !check_withdrawn(&root, content.programme, &detail, err) ||
	    !json_done(&root, err) ||
	    !people_may_publish(city, request->staff.name, content.programme, err))
		return false;
	/* A list that is too long for the log is cut where it no longer fits. */
	if (!publish(city, proposal, &content, request,
		     detail.bytes ? detail.bytes + 1 : "", err))
		return false;
	snprintf(answer, sizeof(answer),
		 "{\"version\":%" PRId64 ",\"timestamp\":%" PRId64 "}",
		 publisher_targets_version(city->publisher),
		 publisher_timestamp_version(city->publisher));
	return reply_text(reply, answer, err);
}

bool api_health(struct city *city, struct request *request, struct reply *reply,
		struct err *err)
{
	char answer[128];

	(void)request;
	snprintf(answer, sizeof(answer),
		 "{\"status\":\"ok\",\"version\":%" PRId64 ",\"timestamp\":%" PRId64 "}",
		 publisher_targets_version(city->publisher),
		 publisher_timestamp_version(city->publisher));
	return reply_text(reply, answer, err);
}
