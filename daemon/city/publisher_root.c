/*
 * A new root, and with it perhaps new online keys and a targets.json under new keys. Clients
 * must find them all or none, and they are several files: so they go into a journal first,
 * rotation.json, in one step. Once that is on disk the change is decided, and is written
 * from there as often as it takes. The files come in the order in which each does least harm
 * while the next is missing; the instant between root and timestamp is one in which clients
 * refuse the timestamp, keep what they have, and ask again.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "city/buffer.h"
#include "city/metadata.h"
#include "city/online_key.h"
#include "city/publisher_parts.h"
#include "core/err.h"
#include "wire/json.h"
#include "wire/key.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

#define JOURNAL        "rotation.json"
#define JOURNAL_FORMAT "ekimae.rotation/1"
/* Documents as JSON strings, in which quotes double. */
#define JOURNAL_MAX (2 * (TUF_ROOT_MAX + TUF_TARGETS_MAX + TUF_SNAPSHOT_MAX) + 65536)

static void free_json_doc(struct json_doc **doc)
{
	json_doc_free(*doc);
}

static void free_signer(struct signer **signer)
{
	signer_free(*signer);
}

/* ---- Proposing ---- */

/* What a client that has everything published now will make of the new root. */
static struct tuf_trust *trust_new_root(const struct publisher *publisher,
					const struct document *root, struct wall_ms now,
					struct err *err)
{
	struct tuf_trust *trust = publisher_trust_roots(publisher, now, true, err);

	if (!trust)
		return NULL;
	if (!publisher_trust_current(publisher, trust, now, err) ||
	    !tuf_update_root(trust, root->bytes, root->len, err) ||
	    !tuf_root_finish(trust, now, err))
		return tuf_trust_free(trust);
	if (!tuf_consistent_snapshot(trust)) {
		err_set(err, ERR_INVALID,
			"root.json: consistent_snapshot is false, but the files of this "
			"repository are named with their versions");
		return tuf_trust_free(trust);
	}
	return trust;
}

/* Targets past their end do not hold up a root that nothing else is wrong with. */
static bool sign_under_root(const struct publisher *publisher, struct proposal *proposal,
			    struct wall_ms now, struct err *err)
{
	CLEANUP(free_signer) struct signer *snapshot_key = NULL;
	CLEANUP(free_signer) struct signer *timestamp_key = NULL;
	CLEANUP(blob_free) struct blob kept = {0};
	struct blob targets = {proposal->targets.bytes, proposal->targets.len};
	bool accept_expired = !targets.bytes;
	struct online_signers signers;
	int64_t version;

	snapshot_key =
		online_key_open(publisher->state, "snapshot", proposal->trust, err);
	if (!snapshot_key)
		return false;
	timestamp_key =
		online_key_open(publisher->state, "timestamp", proposal->trust, err);
	if (!timestamp_key)
		return false;
	if (!targets.bytes) {
		if (!metadata_read(publisher->metadata, publisher->targets_version,
				   "targets", TUF_TARGETS_MAX, &kept, err))
			return false;
		targets = kept;
	}
	signers = (struct online_signers){snapshot_key, timestamp_key};
	return publisher_sign(publisher, proposal, &signers, &targets, NULL, now, err) &&
	       tuf_update_timestamp(proposal->trust, proposal->timestamp.bytes,
				    proposal->timestamp.len, now, false, err) &&
	       tuf_update_snapshot(proposal->trust, proposal->snapshot.bytes,
				   proposal->snapshot.len, now, false, err) &&
	       tuf_update_targets(proposal->trust, targets.bytes, targets.len, now,
				  accept_expired, err) &&
	       tuf_check(proposal->trust, now, accept_expired, err) &&
	       publisher_follow(publisher, proposal->trust, NULL, now, true, &version,
				err);
}

/* A new root moves no content: that is what publishing is for. */
bool publisher_same_targets(const struct tuf_trust *before, const struct tuf_trust *after)
{
	if (tuf_target_count(before) != tuf_target_count(after))
		return false;
	for (size_t i = 0; i < tuf_target_count(before); i++) {
		const struct tuf_target *old = tuf_target_at(before, i);
		const struct tuf_target *new = tuf_target_at(after, i);

		if (strcmp(old->path, new->path) != 0 || old->length != new->length ||
		    old->has_sha256 != new->has_sha256 ||
		    memcmp(old->sha256, new->sha256, SHA256_SIZE) != 0)
			return false;
	}
	return true;
}

static bool check_targets(const struct publisher *publisher,
			  const struct proposal *proposal, struct err *err)
{
	int64_t next = publisher->targets_version + 1;

	if (!proposal->targets.bytes)
		return true;
	if (proposal->targets.version != next)
		return err_set(err, ERR_CONFLICT,
			       "targets.json: is version %" PRId64
			       ", the next one is %" PRId64,
			       proposal->targets.version, next);
	if (!publisher_same_targets(publisher->trust, proposal->trust))
		return err_set(
			err, ERR_INVALID,
			"targets.json: names other targets than what is published now; "
			"change the root first, and publish then");
	return publisher_keeps_delegations(publisher, &proposal->targets, err);
}

struct proposal *publisher_propose_root(const struct publisher *publisher,
					const void *root, size_t root_len,
					const void *targets, size_t targets_len,
					struct wall_ms now, struct err *err)
{
	struct proposal *proposal = calloc(1, sizeof(*proposal));

	if (!proposal) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	if (publisher->unsettled) {
		err_set(err, ERR_RETRY, "another root is being taken over: try again");
		return proposal_free(proposal);
	}
	if (!document_copy(&proposal->root, "root.json", root, root_len, TUF_ROOT_MAX,
			   err) ||
	    (targets && !document_copy(&proposal->targets, "targets.json", targets,
				       targets_len, TUF_TARGETS_MAX, err)))
		return proposal_free(proposal);
	proposal->trust = trust_new_root(publisher, &proposal->root, now, err);
	if (!proposal->trust || !sign_under_root(publisher, proposal, now, err) ||
	    !check_targets(publisher, proposal, err))
		return proposal_free(proposal);
	return proposal;
}

/* ---- The journal ---- */

static void add_document(struct buffer *buffer, const char *key,
			 const struct document *document)
{
	if (!document->bytes)
		return;
	buffer_printf(buffer, ",\"%s\":", key);
	buffer_json(buffer, document->bytes);
}

static bool write_journal(const struct publisher *publisher,
			  const struct proposal *proposal, struct err *err)
{
	CLEANUP(buffer_done) struct buffer buffer;
	char path[PATH_MAX];
	char *bytes;
	size_t len;
	bool ok;

	buffer_init(&buffer, JOURNAL_MAX);
	buffer_add(&buffer, "{\"format\":\"" JOURNAL_FORMAT "\"");
	add_document(&buffer, "root", &proposal->root);
	add_document(&buffer, "targets", &proposal->targets);
	add_document(&buffer, "snapshot", &proposal->snapshot);
	add_document(&buffer, "timestamp", &proposal->timestamp);
	buffer_add(&buffer, "}\n");
	if (!path_join(path, sizeof(path), publisher->state, JOURNAL, err) ||
	    !buffer_take(&buffer, &bytes, &len, err))
		return false;
	ok = file_write_atomic(path, bytes, len, 0600, err);
	free(bytes);
	return ok;
}

/* One document of the journal, borrowed from it. */
struct entry {
	const char *bytes; /* NULL: not there */
	size_t len;
	int64_t version;
};

static bool read_entry(struct json_node *root, const char *key, size_t max,
		       struct entry *out, struct err *err)
{
	struct wall_ms expires;

	if (!json_get_string(root, key, max, &out->bytes, err))
		return false;
	out->len = strlen(out->bytes);
	return tuf_peek(out->bytes, out->len, &out->version, &expires, err);
}

struct journal {
	struct entry root, targets, snapshot, timestamp;
};

static bool read_journal(struct json_doc *doc, struct journal *out, struct err *err)
{
	struct json_node root;

	return json_root(doc, &root, err) && json_format(&root, JOURNAL_FORMAT, err) &&
	       read_entry(&root, "root", TUF_ROOT_MAX, &out->root, err) &&
	       (!json_has(&root, "targets") ||
		read_entry(&root, "targets", TUF_TARGETS_MAX, &out->targets, err)) &&
	       read_entry(&root, "snapshot", TUF_SNAPSHOT_MAX, &out->snapshot, err) &&
	       read_entry(&root, "timestamp", TUF_TIMESTAMP_MAX, &out->timestamp, err) &&
	       json_done(&root, err);
}

/* The last file that is written is timestamp.json: whether all of it was done before. */
static bool is_done(const struct publisher *publisher, const struct journal *journal)
{
	CLEANUP(blob_free) struct blob timestamp = {0};
	struct wall_ms expires;
	int64_t version;
	struct err err;

	return metadata_read(publisher->metadata, 0, "timestamp", TUF_TIMESTAMP_MAX,
			     &timestamp, &err) &&
	       tuf_peek(timestamp.bytes, timestamp.len, &version, &expires, &err) &&
	       version >= journal->timestamp.version;
}

static bool write_entry(const struct publisher *publisher, const struct entry *entry,
			const char *role, struct err *err)
{
	return !entry->bytes || metadata_write(publisher->metadata, entry->version, role,
					       entry->bytes, entry->len, err);
}

static bool write_files(struct publisher *publisher, const struct journal *journal,
			struct err *err)
{
	if (!write_entry(publisher, &journal->targets, "targets", err) ||
	    !write_entry(publisher, &journal->snapshot, "snapshot", err) ||
	    !write_entry(publisher, &journal->root, "root", err))
		return false;
	/* Versioned files may be asked for as soon as timestamp.json leads to them. */
	if (journal->targets.bytes)
		publisher->targets_version = journal->targets.version;
	publisher->snapshot_version = journal->snapshot.version;
	return metadata_write(publisher->metadata, 0, "timestamp",
			      journal->timestamp.bytes, journal->timestamp.len, err);
}

bool publisher_redo(struct publisher *publisher, struct err *err)
{
	CLEANUP(free_json_doc) struct json_doc *doc = NULL;
	CLEANUP(blob_free) struct blob blob = {0};
	struct journal journal = {0};
	char path[PATH_MAX];

	if (!path_join(path, sizeof(path), publisher->state, JOURNAL, err))
		return false;
	if (!file_exists(path))
		return true;
	if (!file_read(path, JOURNAL_MAX, &blob, err))
		return false;
	doc = json_parse(path, blob.bytes, blob.len, JOURNAL_MAX, err);
	if (!doc || !read_journal(doc, &journal, err))
		return false;
	/* It may outlive a power cut after it was removed: then there is nothing to do. */
	if (!is_done(publisher, &journal) && !write_files(publisher, &journal, err))
		return false;
	if (unlink(path) < 0)
		return err_set_errno(err, "%s", path);
	return true;
}

bool publisher_commit_root(struct publisher *publisher, const struct proposal *proposal,
			   struct wall_ms now, struct err *err)
{
	if (!write_journal(publisher, proposal, err))
		return false;
	publisher->unsettled = true;
	if (!publisher_redo(publisher, err) || !publisher_load(publisher, now, err))
		return false;
	publisher->unsettled = false;
	return true;
}
