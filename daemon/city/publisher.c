#include "city/publisher.h"

#include <inttypes.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "city/metadata.h"
#include "core/err.h"
#include "os/file.h"
#include "wire/key.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

struct publisher {
	char folder[PATH_MAX];   /* …/repository */
	char metadata[PATH_MAX]; /* …/repository/metadata */
	struct signer *snapshot_key, *timestamp_key;
	struct blob first_root;
	struct tuf_trust *trust; /* what is published; NULL before the first */
	struct wall_ms snapshot_expires, timestamp_expires;
	/* Read by the threads that serve files; written by the one that publishes. */
	_Atomic int64_t targets_version, snapshot_version, timestamp_version;
};

/* Metadata as bytes, owned by the proposal. */
struct document {
	char *bytes;
	size_t len;
	int64_t version;
	struct wall_ms expires;
};

struct proposal {
	struct tuf_trust *trust;
	struct document targets, snapshot; /* bytes NULL: stays as it is on disk */
	struct document timestamp;
};

static struct wall_ms days_after(struct wall_ms now, int days)
{
	return (struct wall_ms){now.ms + days * DAY_MS};
}

/* ---- Files ---- */

static struct signer *read_signer(const char *state_dir, const char *name,
				  struct err *err)
{
	char path[PATH_MAX];
	struct blob pem = {0};
	struct signer *signer;

	if (!path_join(path, sizeof(path), state_dir, name, err) ||
	    !file_read(path, KEY_PEM_MAX, &pem, err))
		return NULL;
	signer = signer_from_pem(pem.bytes, pem.len, err);
	if (!signer)
		err_prefix(err, "%s", path);
	explicit_bzero(pem.bytes, pem.len);
	blob_free(&pem);
	return signer;
}

bool publisher_make_folders(const char *state_dir, struct err *err)
{
	static const struct {
		const char *name;
		mode_t mode;
	} folders[] = {{"keys", 0700},
		       {"objects", 0750},
		       {"repository/metadata", 0755},
		       {"repository/targets", 0755}};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		if (!path_join(path, sizeof(path), state_dir, folders[i].name, err) ||
		    !dir_make(path, folders[i].mode, err))
			return false;
	}
	return true;
}

/* ---- Trust ---- */

/*
 * The chain of roots. With @accept_expired a root past its end is taken as of its last
 * instant: see publisher_open().
 */
static struct tuf_trust *trust_roots(const struct publisher *publisher,
				     struct wall_ms now, bool accept_expired,
				     struct err *err)
{
	struct tuf_trust *trust = tuf_trust_new(publisher->first_root.bytes,
						publisher->first_root.len, err);
	struct wall_ms expires;
	int64_t version;

	if (!trust || !tuf_peek(publisher->first_root.bytes, publisher->first_root.len,
				&version, &expires, err))
		goto fail;
	for (int64_t next = 2; next < TUF_ROOT_ROTATIONS_MAX; next++) {
		CLEANUP(blob_free) struct blob root = {0};

		if (!metadata_read(publisher->metadata, next, "root", TUF_ROOT_MAX, &root,
				   err)) {
			if (err->code == ERR_NOT_FOUND)
				break;
			goto fail;
		}
		if (!tuf_update_root(trust, root.bytes, root.len, err) ||
		    !tuf_peek(root.bytes, root.len, &version, &expires, err)) {
			err_prefix(err, "%s/%" PRId64 ".root.json", publisher->metadata,
				   next);
			goto fail;
		}
	}
	if (accept_expired && now.ms >= expires.ms)
		now.ms = expires.ms - 1;
	if (!tuf_root_finish(trust, now, err))
		goto fail;
	return trust;
fail:
	return tuf_trust_free(trust);
}

/* Feeds what is on disk, from timestamp.json down, expired or not. */
static bool trust_current(const struct publisher *publisher, struct tuf_trust *trust,
			  struct wall_ms now, struct err *err)
{
	CLEANUP(blob_free) struct blob timestamp = {0};
	CLEANUP(blob_free) struct blob snapshot = {0};
	CLEANUP(blob_free) struct blob targets = {0};
	struct tuf_meta meta;

	if (!metadata_read(publisher->metadata, 0, "timestamp", TUF_TIMESTAMP_MAX,
			   &timestamp, err) ||
	    !tuf_update_timestamp(trust, timestamp.bytes, timestamp.len, now, true, err))
		return false;
	if (!tuf_snapshot_meta(trust, &meta))
		return err_set(err, ERR_INTERNAL, "timestamp.json: names no snapshot");
	if (!metadata_read(publisher->metadata, meta.version, "snapshot",
			   TUF_SNAPSHOT_MAX, &snapshot, err) ||
	    !tuf_update_snapshot(trust, snapshot.bytes, snapshot.len, now, true, err))
		return false;
	if (!tuf_targets_meta(trust, &meta))
		return err_set(err, ERR_INTERNAL, "snapshot.json: names no targets");
	return metadata_read(publisher->metadata, meta.version, "targets",
			     TUF_TARGETS_MAX, &targets, err) &&
	       tuf_update_targets(trust, targets.bytes, targets.len, now, true, err) &&
	       tuf_check(trust, now, true, err);
}

static struct publisher *open_keys(const char *state_dir, struct err *err)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	if (!publisher) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	if (!path_join(publisher->folder, sizeof(publisher->folder), state_dir,
		       "repository", err) ||
	    !path_join(publisher->metadata, sizeof(publisher->metadata),
		       publisher->folder, "metadata", err))
		goto fail;
	publisher->snapshot_key = read_signer(state_dir, "keys/snapshot.pem", err);
	if (!publisher->snapshot_key)
		goto fail;
	publisher->timestamp_key = read_signer(state_dir, "keys/timestamp.pem", err);
	if (!publisher->timestamp_key ||
	    !metadata_read(publisher->metadata, 1, "root", TUF_ROOT_MAX,
			   &publisher->first_root, err))
		goto fail;
	return publisher;
fail:
	return publisher_free(publisher);
}

struct publisher *publisher_open_empty(const char *state_dir, struct err *err)
{
	return open_keys(state_dir, err);
}

/* The ends of snapshot and timestamp on disk, by which their renewal is timed. */
static bool read_ends(struct publisher *publisher, struct err *err)
{
	CLEANUP(blob_free) struct blob timestamp = {0};
	CLEANUP(blob_free) struct blob snapshot = {0};
	int64_t version;

	return metadata_read(publisher->metadata, 0, "timestamp", TUF_TIMESTAMP_MAX,
			     &timestamp, err) &&
	       tuf_peek(timestamp.bytes, timestamp.len, &version,
			&publisher->timestamp_expires, err) &&
	       metadata_read(publisher->metadata, publisher->snapshot_version, "snapshot",
			     TUF_SNAPSHOT_MAX, &snapshot, err) &&
	       tuf_peek(snapshot.bytes, snapshot.len, &version,
			&publisher->snapshot_expires, err);
}

struct publisher *publisher_open(const char *state_dir, struct wall_ms now,
				 struct err *err)
{
	struct publisher *publisher = open_keys(state_dir, err);
	struct tuf_trust *trust;

	if (!publisher)
		return NULL;
	trust = trust_roots(publisher, now, true, err);
	if (!trust)
		goto fail;
	publisher->trust = trust;
	if (!trust_current(publisher, trust, now, err)) {
		err_prefix(err, "%s", publisher->folder);
		goto fail;
	}
	publisher->targets_version = tuf_targets_version(trust);
	publisher->snapshot_version = tuf_snapshot_version(trust);
	publisher->timestamp_version = tuf_timestamp_version(trust);
	if (!read_ends(publisher, err) ||
	    !metadata_sweep(publisher->metadata, publisher->targets_version,
			    publisher->snapshot_version, err))
		goto fail;
	return publisher;
fail:
	return publisher_free(publisher);
}

struct publisher *publisher_free(struct publisher *publisher)
{
	if (!publisher)
		return NULL;
	signer_free(publisher->snapshot_key);
	signer_free(publisher->timestamp_key);
	tuf_trust_free(publisher->trust);
	blob_free(&publisher->first_root);
	free(publisher);
	return NULL;
}

const char *publisher_folder(const struct publisher *publisher)
{
	return publisher->folder;
}

int64_t publisher_timestamp_version(const struct publisher *publisher)
{
	return publisher->timestamp_version;
}

int64_t publisher_snapshot_version(const struct publisher *publisher)
{
	return publisher->snapshot_version;
}

int64_t publisher_targets_version(const struct publisher *publisher)
{
	return publisher->targets_version;
}

const struct blob *publisher_first_root(const struct publisher *publisher)
{
	return &publisher->first_root;
}

const struct signer *publisher_timestamp_signer(const struct publisher *publisher)
{
	return publisher->timestamp_key;
}

const struct tuf_trust *publisher_trust(const struct publisher *publisher)
{
	return publisher->trust;
}

/* ---- Targets ---- */

static bool target_path(const struct publisher *publisher, const struct tuf_trust *trust,
			const struct tuf_target *target, char *out, size_t size,
			struct err *err)
{
	char name[sizeof("targets/") + TUF_TARGET_FILE_MAX] = "targets/";

	tuf_target_file(trust, target, name + strlen(name));
	return path_join(out, size, publisher->folder, name, err);
}

bool publisher_read_target(const struct publisher *publisher, const char *path,
			   size_t max_bytes, struct blob *out, struct err *err)
{
	const struct tuf_target *target =
		publisher->trust ? tuf_target_find(publisher->trust, path) : NULL;
	char file[PATH_MAX];
	struct blob blob = {0};

	if (!target)
		return err_set(err, ERR_NOT_FOUND, "the repository holds no %s", path);
	if (!target_path(publisher, publisher->trust, target, file, sizeof(file), err) ||
	    !file_read(file, max_bytes, &blob, err))
		return false;
	if (!tuf_target_check(target, blob.bytes, blob.len, err)) {
		blob_free(&blob);
		return err_prefix(err, "%s", file);
	}
	*out = blob;
	return true;
}

bool publisher_has_target(const struct publisher *publisher,
			  const struct proposal *proposal,
			  const struct tuf_target *target)
{
	char file[PATH_MAX];
	struct stat status;
	struct err err;

	return target_path(publisher, proposal->trust, target, file, sizeof(file),
			   &err) &&
	       lstat(file, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_size == target->length;
}

bool publisher_add_target(const struct publisher *publisher,
			  const struct proposal *proposal,
			  const struct tuf_target *target, const void *bytes, size_t len,
			  struct err *err)
{
	char file[PATH_MAX], folder[PATH_MAX];
	char *slash;

	if (!tuf_target_check(target, bytes, len, err) ||
	    !target_path(publisher, proposal->trust, target, file, sizeof(file), err))
		return false;
	memcpy(folder, file, sizeof(folder));
	slash = strrchr(folder, '/');
	if (slash)
		*slash = '\0';
	return dir_make(folder, 0755, err) &&
	       file_write_atomic(file, bytes, len, 0644, err);
}

/* ---- Proposals ---- */

struct proposal *proposal_free(struct proposal *proposal)
{
	if (!proposal)
		return NULL;
	tuf_trust_free(proposal->trust);
	free(proposal->targets.bytes);
	free(proposal->snapshot.bytes);
	free(proposal->timestamp.bytes);
	free(proposal);
	return NULL;
}

const struct tuf_trust *proposal_trust(const struct proposal *proposal)
{
	return proposal->trust;
}

/* Signs a snapshot of @targets and, over @snapshot or that one, a timestamp. */
static bool sign_online(const struct publisher *publisher, struct proposal *proposal,
			const struct blob *targets, const struct blob *kept_snapshot,
			struct wall_ms now, struct err *err)
{
	struct document *snapshot = &proposal->snapshot;
	struct document *timestamp = &proposal->timestamp;

	if (targets) {
		snapshot->version = publisher->snapshot_version + 1;
		snapshot->expires = days_after(now, SNAPSHOT_LIFE_DAYS);
		snapshot->bytes = tuf_build_snapshot(
			snapshot->version, snapshot->expires, targets->bytes,
			targets->len, publisher->snapshot_key, &snapshot->len, err);
		if (!snapshot->bytes)
			return false;
	}
	timestamp->version = publisher->timestamp_version + 1;
	timestamp->expires = days_after(now, TIMESTAMP_LIFE_DAYS);
	timestamp->bytes =
		tuf_build_timestamp(timestamp->version, timestamp->expires,
				    targets ? snapshot->bytes : kept_snapshot->bytes,
				    targets ? snapshot->len : kept_snapshot->len,
				    publisher->timestamp_key, &timestamp->len, err);
	return timestamp->bytes != NULL;
}

/*
 * What every client will do with the proposal, after what is published now. A renewal goes
 * on under a root or targets past their end: it is not what has to be signed anew there.
 */
static bool verify_proposal(const struct publisher *publisher, struct proposal *proposal,
			    const struct blob *targets, const struct blob *snapshot,
			    bool renewal, struct wall_ms now, struct err *err)
{
	struct tuf_trust *trust = trust_roots(publisher, now, renewal, err);

	if (!trust)
		return false;
	proposal->trust = trust;
	if (publisher->trust && !trust_current(publisher, trust, now, err))
		return false;
	return tuf_update_timestamp(trust, proposal->timestamp.bytes,
				    proposal->timestamp.len, now, renewal, err) &&
	       tuf_update_snapshot(trust, snapshot->bytes, snapshot->len, now, renewal,
				   err) &&
	       tuf_update_targets(trust, targets->bytes, targets->len, now, renewal,
				  err) &&
	       tuf_check(trust, now, renewal, err);
}

struct proposal *publisher_propose(const struct publisher *publisher, const void *targets,
				   size_t len, struct wall_ms now, struct err *err)
{
	struct proposal *proposal = calloc(1, sizeof(*proposal));
	struct blob signed_targets, snapshot;
	int64_t current = publisher->targets_version;

	if (!proposal) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	if (len > TUF_TARGETS_MAX) {
		err_set(err, ERR_TOO_LARGE, "targets.json: %zu bytes, at most %d", len,
			TUF_TARGETS_MAX);
		goto fail;
	}
	if (!tuf_peek(targets, len, &proposal->targets.version,
		      &proposal->targets.expires, err)) {
		err_prefix(err, "targets.json");
		goto fail;
	}
	if (proposal->targets.version != current + 1) {
		err_set(err, ERR_CONFLICT,
			"targets.json: is version %" PRId64 ", the next one is %" PRId64
			": fetch what is published now and sign anew",
			proposal->targets.version, current + 1);
		goto fail;
	}
	proposal->targets.bytes = malloc(len + 1);
	if (!proposal->targets.bytes) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		goto fail;
	}
	memcpy(proposal->targets.bytes, targets, len);
	proposal->targets.bytes[len] = '\0';
	proposal->targets.len = len;
	signed_targets = (struct blob){proposal->targets.bytes, len};
	if (!sign_online(publisher, proposal, &signed_targets, NULL, now, err))
		goto fail;
	snapshot = (struct blob){proposal->snapshot.bytes, proposal->snapshot.len};
	if (!verify_proposal(publisher, proposal, &signed_targets, &snapshot, false, now,
			     err))
		goto fail;
	return proposal;
fail:
	return proposal_free(proposal);
}

bool publisher_stage(const struct publisher *publisher, const struct proposal *proposal,
		     struct err *err)
{
	const struct document *targets = &proposal->targets;
	const struct document *snapshot = &proposal->snapshot;

	if (targets->bytes &&
	    !metadata_write(publisher->metadata, targets->version, "targets",
			    targets->bytes, targets->len, err))
		return false;
	return !snapshot->bytes ||
	       metadata_write(publisher->metadata, snapshot->version, "snapshot",
			      snapshot->bytes, snapshot->len, err);
}

bool publisher_commit(struct publisher *publisher, struct proposal *proposal,
		      struct err *err)
{
	int64_t targets_before = publisher->targets_version;
	int64_t snapshot_before = publisher->snapshot_version;

	/* Versioned files may be asked for as soon as timestamp.json leads to them. */
	publisher->targets_version = tuf_targets_version(proposal->trust);
	publisher->snapshot_version = tuf_snapshot_version(proposal->trust);
	if (!metadata_write(publisher->metadata, 0, "timestamp",
			    proposal->timestamp.bytes, proposal->timestamp.len, err)) {
		publisher->targets_version = targets_before;
		publisher->snapshot_version = snapshot_before;
		return false;
	}
	publisher->timestamp_version = proposal->timestamp.version;
	publisher->timestamp_expires = proposal->timestamp.expires;
	if (proposal->snapshot.bytes)
		publisher->snapshot_expires = proposal->snapshot.expires;
	tuf_trust_free(publisher->trust);
	publisher->trust = proposal->trust;
	proposal->trust = NULL;
	return true;
}

/* ---- Renewal ---- */

static struct wall_ms half_life(struct wall_ms expires, int days)
{
	return (struct wall_ms){expires.ms - days * DAY_MS / 2};
}

struct wall_ms publisher_renewal_due(const struct publisher *publisher)
{
	struct wall_ms snapshot =
		half_life(publisher->snapshot_expires, SNAPSHOT_LIFE_DAYS);
	struct wall_ms timestamp =
		half_life(publisher->timestamp_expires, TIMESTAMP_LIFE_DAYS);

	return snapshot.ms < timestamp.ms ? snapshot : timestamp;
}

bool publisher_renew(struct publisher *publisher, struct wall_ms now, bool *out_renewed,
		     struct err *err)
{
	CLEANUP(blob_free) struct blob targets = {0};
	CLEANUP(blob_free) struct blob snapshot = {0};
	struct wall_ms snapshot_due =
		half_life(publisher->snapshot_expires, SNAPSHOT_LIFE_DAYS);
	bool renew_snapshot = now.ms >= snapshot_due.ms;
	struct proposal *proposal;
	struct blob new_snapshot;
	bool ok;

	if (now.ms < publisher_renewal_due(publisher).ms) {
		*out_renewed = false;
		return true;
	}
	if (!metadata_read(publisher->metadata, publisher->targets_version, "targets",
			   TUF_TARGETS_MAX, &targets, err) ||
	    !metadata_read(publisher->metadata, publisher->snapshot_version, "snapshot",
			   TUF_SNAPSHOT_MAX, &snapshot, err))
		return false;
	proposal = calloc(1, sizeof(*proposal));
	if (!proposal)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	ok = sign_online(publisher, proposal, renew_snapshot ? &targets : NULL, &snapshot,
			 now, err);
	new_snapshot = renew_snapshot ? (struct blob){proposal->snapshot.bytes,
						      proposal->snapshot.len}
				      : snapshot;
	ok = ok &&
	     verify_proposal(publisher, proposal, &targets, &new_snapshot, true, now,
			     err) &&
	     publisher_stage(publisher, proposal, err) &&
	     publisher_commit(publisher, proposal, err);
	proposal_free(proposal);
	if (ok)
		*out_renewed = true;
	return ok;
}
