/*
 * Alarms: signed elsewhere, by keys that sign nothing else, and published without any other
 * key. The order of steps is that of publish.c.
 */
#include "city/emergency.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "city/api.h"
#include "city/buffer.h"
#include "city/city.h"
#include "city/publish.h"
#include "city/publisher.h"
#include "city/waiting.h"
#include "core/alarm.h"
#include "core/err.h"
#include "os/file.h"
#include "store/citydb.h"
#include "wire/alarms_json.h"
#include "wire/json.h"
#include "wire/tuf.h"
#include "wire/tuf_metadata.h"

/* How far ahead of ours the clock may be of who signs. */
#define CLOCKS_APART_MS INT64_C(600000)

static void free_document(struct json_doc **doc)
{
	json_doc_free(*doc);
}

static void free_proposal(struct proposal **proposal)
{
	proposal_free(*proposal);
}

static void free_targets(struct tuf_targets **targets)
{
	tuf_targets_free(*targets);
}

static void free_alarms(struct alarms **alarms)
{
	alarms_free(*alarms);
}

/* The role's own file, as it came; proposing it verifies it. */
static struct tuf_targets *read_role(const char *text, const char *name, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};

	if (!tuf_file_read(&file, name, TUF_ROLE_TARGETS, text, strlen(text),
			   TUF_TARGETS_MAX, err))
		return NULL;
	return tuf_targets_read(&file, err);
}

/* All that the role may list is the document of the alarms. NULL @out: there are none. */
static bool find_target(const struct tuf_targets *role, const struct tuf_target **out,
			struct err *err)
{
	if (role->delegations)
		return err_set(err, ERR_INVALID,
			       ALARM_ROLE ".json: delegates to others, which it may not");
	for (size_t i = 0; i < role->count; i++)
		if (strcmp(role->targets[i].path, ALARM_PATH) != 0 ||
		    !role->targets[i].has_sha256)
			return err_set(err, ERR_INVALID,
				       ALARM_ROLE
				       ".json: target \"%.100s\": expected " ALARM_PATH
				       " alone, with its sha256",
				       role->targets[i].path);
	*out = role->count > 0 ? &role->targets[0] : NULL;
	return true;
}

/* The alarms as screens will read them. A date ahead would let them last longer. */
static struct alarms *read_alarms(const struct blob *bytes, struct wall_ms now,
				  struct err *err)
{
	struct alarms *alarms =
		alarms_from_json(ALARM_PATH, bytes->bytes, bytes->len, err);

	if (!alarms || alarms->published.ms <= now.ms + CLOCKS_APART_MS)
		return alarms;
	err_set(err, ERR_INVALID,
		ALARM_PATH ": published: is ahead of this server's clock");
	return alarms_free(alarms);
}

bool emergency_reconcile(struct city *city, struct wall_ms now, struct err *err)
{
	CLEANUP(blob_free) struct blob bytes = {0};
	CLEANUP(free_alarms) struct alarms *alarms = NULL;
	bool ok;

	if (!publisher_read_alarms(city->publisher, now, &bytes, err))
		return false;
	if (bytes.len == 0)
		return true;
	alarms = alarms_from_json(ALARM_PATH, bytes.bytes, bytes.len, err);
	if (!alarms || !db_begin(city->db, err))
		return false;
	ok = publish_know_notices(city, alarms->notices, alarms->notice_count, now, err);
	return db_end(city->db, ok, err);
}

/* What is to be published, from the body of a request. */
struct change {
	const char *targets; /* NULL: stays; borrowed, as the next */
	const char *emergency;
	struct tuf_targets *role;
	const struct tuf_target *target; /* NULL: no alarms any more */
	struct blob bytes;
	struct alarms *alarms;
};

static void change_done(struct change *change)
{
	tuf_targets_free(change->role);
	blob_free(&change->bytes);
	alarms_free(change->alarms);
}

static bool read_change(const struct city *city, struct change *change,
			struct wall_ms now, struct err *err)
{
	change->role = read_role(change->emergency, ALARM_ROLE ".json", err);
	if (!change->role || !find_target(change->role, &change->target, err))
		return false;
	if (!change->target)
		return true;
	if (!publish_read_object(city, change->target, &change->bytes, err))
		return err_prefix(err, ALARM_ROLE ".json");
	change->alarms = read_alarms(&change->bytes, now, err);
	return change->alarms != NULL;
}

/* For the audit log: "+emergency-flood/12 …"; "none" when all are withdrawn. */
static void describe(const struct change *change, struct buffer *out)
{
	buffer_add(out, change->targets ? "keys" : "alarms");
	for (size_t i = 0; change->alarms && i < change->alarms->notice_count; i++)
		buffer_printf(out, " %s/%" PRId64, change->alarms->notices[i].id,
			      change->alarms->notices[i].revision);
	if (!change->alarms || change->alarms->notice_count == 0)
		buffer_add(out, " none");
}

static bool tell_database(struct city *city, const struct change *change,
			  const struct request *request, struct err *err)
{
	CLEANUP(buffer_done) struct buffer detail;
	char object[64];
	bool ok = true;

	buffer_init(&detail, AUDIT_TEXT_MAX);
	describe(change, &detail);
	snprintf(object, sizeof(object), ALARM_ROLE " %" PRId64,
		 change->role->header.version);
	if (!db_begin(city->db, err))
		return false;
	if (change->alarms)
		ok = publish_know_notices(city, change->alarms->notices,
					  change->alarms->notice_count, request->now.wall,
					  err);
	ok = ok && audit_append(city->db, request->staff.name, ALARM_ROLE, object,
				detail.bytes, request->now.wall, err);
	return db_end(city->db, ok, err);
}

static bool put_in_force(struct city *city, struct change *change,
			 const struct request *request, struct reply *reply,
			 struct err *err)
{
	CLEANUP(free_proposal) struct proposal *proposal = NULL;
	char answer[96];

	if (!read_change(city, change, request->now.wall, err))
		return false;
	proposal = publisher_propose_emergency(city->publisher, change->targets,
					       change->emergency, request->now.wall, err);
	if (!proposal ||
	    (change->target &&
	     !publisher_add_target(city->publisher, proposal, change->target,
				   change->bytes.bytes, change->bytes.len, err)) ||
	    !publisher_stage(city->publisher, proposal, err) ||
	    !tell_database(city, change, request, err) ||
	    !publisher_commit(city->publisher, proposal, err))
		return false;
	waiting_announce(city->waiting, publisher_timestamp_version(city->publisher));
	snprintf(answer, sizeof(answer),
		 "{\"version\":%" PRId64 ",\"timestamp\":%" PRId64 "}",
		 publisher_emergency_version(city->publisher),
		 publisher_timestamp_version(city->publisher));
	return reply_text(reply, answer, err);
}

bool api_emergency(struct city *city, struct request *request, struct reply *reply,
		   struct err *err)
{
	CLEANUP(free_document)
	struct json_doc *doc = json_parse(ALARM_ROLE, request->body ? request->body : "",
					  request->body_len, EMERGENCY_BODY_MAX, err);
	CLEANUP(change_done) struct change change = {0};
	struct json_node root;

	if (!doc || !json_root(doc, &root, err) ||
	    !json_get_string(&root, "emergency", EMERGENCY_BODY_MAX, &change.emergency,
			     err) ||
	    !json_done(&root, err))
		return false;
	if (publisher_emergency_version(city->publisher) == 0)
		return err_set(err, ERR_NOT_FOUND,
			       "this repository has no keys for alarms yet: \"ekimaectl "
			       "emergency keys\" gives it some");
	return put_in_force(city, &change, request, reply, err);
}

/* Whoever signs alarms signs alarms: one role, for its own paths and no others. */
static bool check_delegation(const char *targets, struct err *err)
{
	CLEANUP(free_targets)
	struct tuf_targets *role = read_role(targets, "targets.json", err);
	const struct tuf_delegations *list = role ? role->delegations : NULL;

	if (!role)
		return false;
	if (list && list->count == 1 && list->bin_bits == 0 &&
	    list->list[0].terminating && strcmp(list->list[0].name, ALARM_ROLE) == 0 &&
	    list->list[0].path_count == 1 &&
	    strcmp(list->list[0].paths[0], ALARM_PATTERN) == 0)
		return true;
	return err_set(err, ERR_INVALID,
		       "targets.json: delegations: expected the role " ALARM_ROLE
		       " alone, terminating, for " ALARM_PATTERN);
}

bool api_emergency_keys(struct city *city, struct request *request, struct reply *reply,
			struct err *err)
{
	CLEANUP(free_document)
	struct json_doc *doc = json_parse(ALARM_ROLE, request->body ? request->body : "",
					  request->body_len, PUBLISH_BODY_MAX, err);
	CLEANUP(change_done) struct change change = {0};
	struct json_node root;

	return doc && json_root(doc, &root, err) &&
	       json_get_string(&root, "targets", TUF_TARGETS_MAX, &change.targets, err) &&
	       json_get_string(&root, "emergency", EMERGENCY_BODY_MAX, &change.emergency,
			       err) &&
	       json_done(&root, err) && check_delegation(change.targets, err) &&
	       put_in_force(city, &change, request, reply, err);
}
