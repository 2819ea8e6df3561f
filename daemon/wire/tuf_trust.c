/*
 * The client workflow of The Update Framework (§5). What is trusted changes at one place
 * per role, its last step, so that a failed update leaves everything as it was.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "wire/public_key.h"
#include "wire/tuf.h"
#include "wire/tuf_check.h"
#include "wire/tuf_metadata.h"

struct tuf_trust {
	struct tuf_root *root;
	/* NULL until the first is trusted. */
	struct tuf_timestamp *timestamp;
	struct tuf_snapshot *snapshot;
	struct tuf_targets *targets;

	int key_rotations; /* of timestamp or snapshot, by roots since tuf_trust_new() */
	bool drop_online;  /* at tuf_root_finish(): timestamp, snapshot and targets */
	bool drop_targets;
};

static struct wall_ms earlier(struct wall_ms left, struct wall_ms right)
{
	return left.ms < right.ms ? left : right;
}

static void forget_targets(struct tuf_trust *trust)
{
	trust->targets = tuf_targets_free(trust->targets);
}

static void forget_online(struct tuf_trust *trust)
{
	trust->timestamp = tuf_timestamp_free(trust->timestamp);
	trust->snapshot = tuf_snapshot_free(trust->snapshot);
	/* Nothing vouches any more for targets that only hung on that snapshot. */
	forget_targets(trust);
}

static bool verify_role(const struct tuf_trust *trust, const struct tuf_file *file,
			enum tuf_role_type type, struct err *err)
{
	return tuf_file_verify(file, &trust->root->keyring, &trust->root->roles[type],
			       tuf_role_text(type), err);
}

/* Whether metadata that is trusted already is the one that @meta names. */
static bool is_named(const struct tuf_header *header, const struct tuf_meta *meta)
{
	return header->version == meta->version &&
	       (meta->length == 0 || meta->length == header->length) &&
	       (!meta->has_sha256 ||
		memcmp(meta->sha256, header->sha256, SHA256_SIZE) == 0) &&
	       (!meta->has_sha512 ||
		memcmp(meta->sha512, header->sha512, SHA512_SIZE) == 0);
}

/* Whether the snapshot is the timestamp's; one kept as a floor only is not. */
static bool has_snapshot(const struct tuf_trust *trust)
{
	return trust->timestamp && trust->snapshot &&
	       is_named(&trust->snapshot->header, &trust->timestamp->snapshot);
}

/*
 * §5.3.11: whether a key that could sign for a role can't any more. What such a key signed
 * may be a thief's; a key that only came in addition takes nothing back.
 */
static bool has_lost_keys(const struct tuf_root *before, const struct tuf_root *after,
			  enum tuf_role_type type)
{
	const struct tuf_role *old_role = &before->roles[type];
	const struct tuf_role *new_role = &after->roles[type];

	for (size_t i = 0; i < old_role->count; i++) {
		const char *id = old_role->key_ids[i];
		const struct public_key *old_key = tuf_keyring_find(&before->keyring, id);
		const struct public_key *new_key = tuf_keyring_find(&after->keyring, id);

		if (!tuf_role_has(new_role, id) || !old_key != !new_key)
			return true;
		if (old_key && !public_key_equal(old_key, new_key))
			return true;
	}
	return false;
}

struct tuf_trust *tuf_trust_new(const void *root, size_t len, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct tuf_trust *trust = calloc(1, sizeof(*trust));

	if (!trust) {
		err_set(err, ERR_NO_MEMORY, "root.json: out of memory");
		return NULL;
	}
	if (!tuf_file_read(&file, "root.json", TUF_ROLE_ROOT, root, len, TUF_ROOT_MAX,
			   err))
		return tuf_trust_free(trust);
	trust->root = tuf_root_read(&file, err);
	if (!trust->root || !verify_role(trust, &file, TUF_ROLE_ROOT, err))
		return tuf_trust_free(trust);
	return trust;
}

struct tuf_trust *tuf_trust_free(struct tuf_trust *trust)
{
	if (!trust)
		return NULL;
	forget_online(trust);
	tuf_root_free(trust->root);
	free(trust);
	return NULL;
}

bool tuf_update_root(struct tuf_trust *trust, const void *bytes, size_t len,
		     struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct tuf_root *root;

	if (!tuf_file_read(&file, "root.json", TUF_ROLE_ROOT, bytes, len, TUF_ROOT_MAX,
			   err) ||
	    !verify_role(trust, &file, TUF_ROLE_ROOT, err))
		return false;
	root = tuf_root_read(&file, err);
	if (!root)
		return false;
	if (!tuf_file_verify(&file, &root->keyring, &root->roles[TUF_ROLE_ROOT],
			     "root, as the file itself has it,", err) ||
	    !tuf_check_version("root.json", root->header.version,
			       trust->root->header.version + 1, err)) {
		tuf_root_free(root);
		return false;
	}

	if (has_lost_keys(trust->root, root, TUF_ROLE_TIMESTAMP) ||
	    has_lost_keys(trust->root, root, TUF_ROLE_SNAPSHOT)) {
		trust->key_rotations++;
		trust->drop_online = true;
	}
	if (has_lost_keys(trust->root, root, TUF_ROLE_TARGETS))
		trust->drop_targets = true;
	tuf_root_free(trust->root);
	trust->root = root;
	return true;
}

bool tuf_root_finish(struct tuf_trust *trust, struct wall_ms now, struct err *err)
{
	if (!tuf_check_end("root.json", &trust->root->header, now, false, err))
		return false;
	if (trust->drop_online)
		forget_online(trust);
	if (trust->drop_targets)
		forget_targets(trust);
	trust->drop_online = false;
	trust->drop_targets = false;
	return true;
}

int tuf_key_rotations(const struct tuf_trust *trust)
{
	return trust->key_rotations;
}

/* §5.4.3; false with @err set for a rollback. */
static bool check_timestamp_rollback(const struct tuf_trust *trust,
				     const struct tuf_timestamp *timestamp,
				     struct err *err)
{
	if (timestamp->header.version < trust->timestamp->header.version)
		return err_set(err, ERR_UNTRUSTED,
			       "timestamp.json: version %" PRId64
			       " is older than version %" PRId64
			       ", which was trusted before (rollback)",
			       timestamp->header.version,
			       trust->timestamp->header.version);
	/* A timestamp of the same version is not taken, whatever it says. */
	if (timestamp->header.version > trust->timestamp->header.version &&
	    timestamp->snapshot.version < trust->timestamp->snapshot.version)
		return err_set(
			err, ERR_UNTRUSTED,
			"timestamp.json: names snapshot %" PRId64 ", older than %" PRId64
			", which was named before (rollback)",
			timestamp->snapshot.version, trust->timestamp->snapshot.version);
	return true;
}

bool tuf_update_timestamp(struct tuf_trust *trust, const void *bytes, size_t len,
			  struct wall_ms now, bool accept_expired, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct tuf_timestamp *timestamp;
	bool is_news;

	if (!tuf_check_end("root.json", &trust->root->header, now, accept_expired, err) ||
	    !tuf_file_read(&file, "timestamp.json", TUF_ROLE_TIMESTAMP, bytes, len,
			   TUF_TIMESTAMP_MAX, err) ||
	    !verify_role(trust, &file, TUF_ROLE_TIMESTAMP, err))
		return false;
	timestamp = tuf_timestamp_read(&file, err);
	if (!timestamp)
		return false;
	if (trust->timestamp && !check_timestamp_rollback(trust, timestamp, err)) {
		tuf_timestamp_free(timestamp);
		return false;
	}

	is_news = !trust->timestamp ||
		  timestamp->header.version > trust->timestamp->header.version;
	if (!tuf_check_end("timestamp.json",
			   is_news ? &timestamp->header : &trust->timestamp->header, now,
			   accept_expired, err)) {
		tuf_timestamp_free(timestamp);
		return false;
	}
	if (!is_news) {
		tuf_timestamp_free(timestamp);
		return true;
	}
	tuf_timestamp_free(trust->timestamp);
	trust->timestamp = timestamp;
	return true;
}

/* §5.5.5: no targets metadata goes back, and none goes away. */
static bool check_snapshot_rollback(const struct tuf_trust *trust,
				    const struct tuf_snapshot *snapshot, struct err *err)
{
	if (!trust->snapshot)
		return true;
	/* The timestamp's own check holds back all but snapshots kept as a floor. */
	if (snapshot->header.version < trust->snapshot->header.version)
		return err_set(err, ERR_UNTRUSTED,
			       "snapshot.json: version %" PRId64
			       " is older than version %" PRId64
			       ", which was trusted before (rollback)",
			       snapshot->header.version, trust->snapshot->header.version);
	for (size_t i = 0; i < trust->snapshot->count; i++) {
		const struct tuf_snapshot_entry *before = &trust->snapshot->entries[i];
		const struct tuf_meta *after = tuf_snapshot_find(snapshot, before->name);

		if (!after)
			return err_set(err, ERR_UNTRUSTED,
				       "snapshot.json: does not list %.*s any more "
				       "(rollback)",
				       tuf_shown(before->name), before->name);
		if (after->version < before->meta.version)
			return err_set(err, ERR_UNTRUSTED,
				       "snapshot.json: lists %.*s as version %" PRId64
				       ", older than %" PRId64
				       ", which was trusted before (rollback)",
				       tuf_shown(before->name), before->name,
				       after->version, before->meta.version);
	}
	return true;
}

/* The last of §5.5: @snapshot is taken over when this returns true. */
static bool accept_snapshot(struct tuf_trust *trust, struct tuf_snapshot *snapshot,
			    struct wall_ms now, bool accept_expired, struct err *err)
{
	const struct tuf_meta *named = &trust->timestamp->snapshot;
	bool is_floor = accept_expired && snapshot->header.version < named->version;

	if (!is_floor && !tuf_check_version("snapshot.json", snapshot->header.version,
					    named->version, err))
		return false;
	if (!check_snapshot_rollback(trust, snapshot, err) ||
	    !tuf_check_end("snapshot.json", &snapshot->header, now, accept_expired, err))
		return false;
	tuf_snapshot_free(trust->snapshot);
	trust->snapshot = snapshot;
	return true;
}

bool tuf_update_snapshot(struct tuf_trust *trust, const void *bytes, size_t len,
			 struct wall_ms now, bool accept_expired, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct tuf_snapshot *snapshot;
	struct err mismatch = {0};
	bool is_same;

	if (!trust->timestamp)
		return err_set(err, ERR_UNTRUSTED,
			       "snapshot.json: no timestamp is trusted that names it");
	if (!tuf_check_end("timestamp.json", &trust->timestamp->header, now,
			   accept_expired, err))
		return false;
	is_same = tuf_check_bytes("snapshot.json", &trust->timestamp->snapshot, bytes,
				  len, &mismatch);
	/* Metadata kept from before may be older than a timestamp that came after it. */
	if (!is_same && !accept_expired) {
		*err = mismatch;
		return false;
	}
	if (!tuf_file_read(&file, "snapshot.json", TUF_ROLE_SNAPSHOT, bytes, len,
			   TUF_SNAPSHOT_MAX, err) ||
	    !verify_role(trust, &file, TUF_ROLE_SNAPSHOT, err))
		return false;
	if (!is_same && file.header.version >= trust->timestamp->snapshot.version) {
		*err = mismatch;
		return false;
	}
	snapshot = tuf_snapshot_read(&file, err);
	if (!snapshot)
		return false;
	if (!accept_snapshot(trust, snapshot, now, accept_expired, err)) {
		tuf_snapshot_free(snapshot);
		return false;
	}
	return true;
}

bool tuf_update_targets(struct tuf_trust *trust, const void *bytes, size_t len,
			struct wall_ms now, bool accept_expired, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct tuf_targets *targets;
	struct tuf_meta named = {0};

	if (!tuf_targets_meta(trust, &named))
		return err_set(err, ERR_UNTRUSTED,
			       "targets.json: no snapshot is trusted that names it");
	if (!tuf_check_end("snapshot.json", &trust->snapshot->header, now, accept_expired,
			   err) ||
	    !tuf_check_bytes("targets.json", &named, bytes, len, err) ||
	    !tuf_file_read(&file, "targets.json", TUF_ROLE_TARGETS, bytes, len,
			   TUF_TARGETS_MAX, err) ||
	    !verify_role(trust, &file, TUF_ROLE_TARGETS, err) ||
	    !tuf_check_version("targets.json", file.header.version, named.version, err) ||
	    !tuf_check_end("targets.json", &file.header, now, accept_expired, err))
		return false;
	targets = tuf_targets_read(&file, err);
	if (!targets)
		return false;
	forget_targets(trust);
	trust->targets = targets;
	return true;
}

bool tuf_check(const struct tuf_trust *trust, struct wall_ms now, bool accept_expired,
	       struct err *err)
{
	if (!trust->timestamp)
		return err_set(err, ERR_UNTRUSTED, "timestamp.json: none is trusted");
	if (!has_snapshot(trust))
		return err_set(err, ERR_UNTRUSTED,
			       "snapshot.json: the one that the timestamp names is not "
			       "there");
	if (!tuf_has_targets(trust))
		return err_set(
			err, ERR_UNTRUSTED,
			"targets.json: the one that the snapshot names is not there");
	return tuf_check_end("root.json", &trust->root->header, now, accept_expired,
			     err) &&
	       tuf_check_end("timestamp.json", &trust->timestamp->header, now,
			     accept_expired, err) &&
	       tuf_check_end("snapshot.json", &trust->snapshot->header, now,
			     accept_expired, err) &&
	       tuf_check_end("targets.json", &trust->targets->header, now, accept_expired,
			     err);
}

int64_t tuf_root_version(const struct tuf_trust *trust)
{
	return trust->root->header.version;
}

int64_t tuf_timestamp_version(const struct tuf_trust *trust)
{
	return trust->timestamp ? trust->timestamp->header.version : 0;
}

int64_t tuf_snapshot_version(const struct tuf_trust *trust)
{
	return trust->snapshot ? trust->snapshot->header.version : 0;
}

int64_t tuf_targets_version(const struct tuf_trust *trust)
{
	return trust->targets ? trust->targets->header.version : 0;
}

bool tuf_consistent_snapshot(const struct tuf_trust *trust)
{
	return trust->root->consistent_snapshot;
}

struct wall_ms tuf_expires(const struct tuf_trust *trust)
{
	struct wall_ms end = trust->root->header.expires;

	if (trust->timestamp)
		end = earlier(end, trust->timestamp->header.expires);
	if (trust->snapshot)
		end = earlier(end, trust->snapshot->header.expires);
	if (trust->targets)
		end = earlier(end, trust->targets->header.expires);
	return end;
}

bool tuf_snapshot_meta(const struct tuf_trust *trust, struct tuf_meta *out)
{
	if (!trust->timestamp)
		return false;
	*out = trust->timestamp->snapshot;
	return true;
}

bool tuf_targets_meta(const struct tuf_trust *trust, struct tuf_meta *out)
{
	if (!has_snapshot(trust))
		return false;
	*out = *tuf_snapshot_find(trust->snapshot, "targets.json");
	return true;
}

bool tuf_has_snapshot(const struct tuf_trust *trust)
{
	return has_snapshot(trust);
}

bool tuf_has_targets(const struct tuf_trust *trust)
{
	struct tuf_meta named = {0};

	return trust->targets && tuf_targets_meta(trust, &named) &&
	       is_named(&trust->targets->header, &named);
}

const struct tuf_snapshot *tuf_trusted_snapshot(const struct tuf_trust *trust)
{
	return trust->snapshot;
}

const struct tuf_targets *tuf_trusted_targets(const struct tuf_trust *trust)
{
	return trust->targets;
}

size_t tuf_target_count(const struct tuf_trust *trust)
{
	return trust->targets ? trust->targets->count : 0;
}

const struct tuf_target *tuf_target_at(const struct tuf_trust *trust, size_t index)
{
	return &trust->targets->targets[index];
}

const struct tuf_target *tuf_target_find(const struct tuf_trust *trust, const char *path)
{
	return trust->targets ? tuf_targets_find(trust->targets, path) : NULL;
}

bool tuf_target_check(const struct tuf_target *target, const void *bytes, size_t len,
		      struct err *err)
{
	struct tuf_meta meta = {
		.length = target->length,
		.has_sha256 = target->has_sha256,
		.has_sha512 = target->has_sha512,
	};
	char name[TUF_TARGET_PATH_MAX];

	snprintf(name, sizeof(name), "%.*s", tuf_shown(target->path), target->path);
	/* Without a length META gives none; an empty target does have one, 0. */
	if (target->length == 0 && len != 0)
		return err_set(err, ERR_UNTRUSTED,
			       "%s: has %zu bytes where none were signed for", name, len);
	memcpy(meta.sha256, target->sha256, sizeof(meta.sha256));
	memcpy(meta.sha512, target->sha512, sizeof(meta.sha512));
	return tuf_check_bytes(name, &meta, bytes, len, err);
}

void tuf_target_file(const struct tuf_trust *trust, const struct tuf_target *target,
		     char out[static TUF_TARGET_FILE_MAX])
{
	const char *slash = strrchr(target->path, '/');
	size_t folder = slash ? (size_t)(slash - target->path) + 1 : 0;
	char hash[2 * SHA512_SIZE + 1];

	if (!tuf_consistent_snapshot(trust)) {
		snprintf(out, TUF_TARGET_FILE_MAX, "%s", target->path);
		return;
	}
	if (target->has_sha256)
		hex_encode(target->sha256, SHA256_SIZE, hash);
	else
		hex_encode(target->sha512, SHA512_SIZE, hash);
	snprintf(out, TUF_TARGET_FILE_MAX, "%.*s%s.%s", (int)folder, target->path, hash,
		 target->path + folder);
}

bool tuf_role_signed(const struct tuf_trust *trust, const char *role, const void *bytes,
		     size_t len, const char *key_id, const uint8_t *signature,
		     size_t signature_len)
{
	for (int type = 0; type < TUF_ROLE_COUNT; type++) {
		const struct public_key *key;

		if (strcmp(role, tuf_role_text((enum tuf_role_type)type)) != 0 ||
		    !tuf_role_has(&trust->root->roles[type], key_id))
			continue;
		key = tuf_keyring_find(&trust->root->keyring, key_id);
		return key &&
		       public_key_verify(key, bytes, len, signature, signature_len);
	}
	return false;
}
