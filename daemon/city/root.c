/* Keys of the online roles, and new roots that were signed elsewhere. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "city/api.h"
#include "city/city.h"
#include "city/online_key.h"
#include "city/publish.h"
#include "city/publisher.h"
#include "city/settings.h"
#include "city/waiting.h"
#include "core/err.h"
#include "store/citydb.h"
#include "wire/json.h"
#include "wire/tuf.h"

#define BODY_MAX (16 * 1024)

static const char *const online_roles[] = {"snapshot", "timestamp"};

static void free_document(struct json_doc **doc)
{
	json_doc_free(*doc);
}

static void free_proposal(struct proposal **proposal)
{
	proposal_free(*proposal);
}

static bool note(struct city *city, const struct request *request, const char *action,
		 const char *object, const char *detail, struct err *err)
{
	bool ok;

	if (!db_begin(city->db, err))
		return false;
	ok = audit_append(city->db, request->staff.name, action, object, detail,
			  request->now.wall, err);
	return db_end(city->db, ok, err);
}

bool api_online_key(struct city *city, struct request *request, struct reply *reply,
		    struct err *err)
{
	CLEANUP(free_document)
	struct json_doc *doc = json_parse("key", request->body ? request->body : "",
					  request->body_len, BODY_MAX, err);
	uint8_t key[ED25519_PUBLIC_SIZE];
	char hex[2 * ED25519_PUBLIC_SIZE + 1], answer[160];
	struct json_node root;
	int role;

	if (!doc || !json_root(doc, &root, err) ||
	    !json_get_enum(&root, "role", online_roles, ARRAY_LEN(online_roles), &role,
			   err) ||
	    !json_done(&root, err) ||
	    !online_key_offer(city->settings->state, online_roles[role], key, err))
		return false;
	hex_encode(key, sizeof(key), hex);
	if (!note(city, request, "offer key", online_roles[role], hex, err))
		return false;
	snprintf(answer, sizeof(answer), "{\"role\":\"%s\",\"key\":\"%s\"}",
		 online_roles[role], hex);
	return reply_text(reply, answer, err);
}

bool api_root(struct city *city, struct request *request, struct reply *reply,
	      struct err *err)
{
	CLEANUP(free_document)
	struct json_doc *doc = json_parse("root", request->body ? request->body : "",
					  request->body_len, PUBLISH_BODY_MAX, err);
	CLEANUP(free_proposal) struct proposal *proposal = NULL;
	const char *root = NULL, *targets = NULL;
	char object[64], answer[96];
	struct json_node body;
	int64_t version;

	if (!doc || !json_root(doc, &body, err) ||
	    !json_get_string(&body, "root", TUF_ROOT_MAX, &root, err) ||
	    (json_has(&body, "targets") &&
	     !json_get_string(&body, "targets", TUF_TARGETS_MAX, &targets, err)) ||
	    !json_done(&body, err))
		return false;
	proposal = publisher_propose_root(city->publisher, root, strlen(root), targets,
					  targets ? strlen(targets) : 0,
					  request->now.wall, err);
	if (!proposal)
		return false;
	version = tuf_root_version(proposal_trust(proposal));
	snprintf(object, sizeof(object), "root %" PRId64, version);
	if (!note(city, request, "root", object, targets ? "with targets" : "", err) ||
	    !publisher_commit_root(city->publisher, proposal, request->now.wall, err))
		return false;
	waiting_announce(city->waiting, publisher_timestamp_version(city->publisher));
	snprintf(answer, sizeof(answer),
		 "{\"root\":%" PRId64 ",\"timestamp\":%" PRId64 "}", version,
		 publisher_timestamp_version(city->publisher));
	return reply_text(reply, answer, err);
}
