#include "city/publisher.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "city/metadata.h"
#include "city/online_key.h"
#include "city/publisher_parts.h"
#include "core/alarm.h"
#include "core/err.h"
#include "os/file.h"
#include "wire/key.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

static struct wall_ms days_after(struct wall_ms now, int days)
{
	return (struct wall_ms){now.ms + days * DAY_MS};
}

/* ---- Files ---- */

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

/* ---- Opening ---- */

static struct publisher *open_folder(const char *state_dir, struct err *err)
{
	struct publisher *publisher = calloc(1, sizeof(*publisher));

	if (!publisher) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	snprintf(publisher->state, sizeof(publisher->state), "%s", state_dir);
	if (path_join(publisher->folder, sizeof(publisher->folder), state_dir,
		      "repository", err) &&
	    path_join(publisher->metadata, sizeof(publisher->metadata), publisher->folder,
		      "metadata", err) &&
	    metadata_read(publisher->metadata, 1, "root", TUF_ROOT_MAX,
			  &publisher->first_root, err))
		return publisher;
	return publisher_free(publisher);
}

struct publisher *publisher_open_empty(const char *state_dir, struct err *err)
{
	struct publisher *publisher = open_folder(state_dir, err);

	if (!publisher)
		return NULL;
	publisher->snapshot_key = online_key_open_present(state_dir, "snapshot", err);
	if (!publisher->snapshot_key)
		return publisher_free(publisher);
	publisher->timestamp_key = online_key_open_present(state_dir, "timestamp", err);
	return publisher->timestamp_key ? publisher : publisher_free(publisher);
}

struct publisher *publisher_open(const char *state_dir, struct wall_ms now,
				 struct err *err)
{
	struct publisher *publisher = open_folder(state_dir, err);

	if (!publisher)
		return NULL;
	if (publisher_redo(publisher, err) && publisher_load(publisher, now, err) &&
	    metadata_sweep(publisher->metadata, publisher->targets_version,
			   publisher->emergency_version, publisher->snapshot_version,
			   err))
		return publisher;
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

int64_t publisher_emergency_version(const struct publisher *publisher)
{
	return publisher->emergency_version;
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

bool publisher_read_file(const struct publisher *publisher,
			 const struct tuf_target *target, size_t max_bytes,
			 struct blob *out, struct err *err)
{
	char file[PATH_MAX];
	struct blob blob = {0};

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

bool publisher_read_target(const struct publisher *publisher, const char *path,
			   size_t max_bytes, struct blob *out, struct err *err)
{
	const struct tuf_target *target =
		publisher->trust ? tuf_target_find(publisher->trust, path) : NULL;

	if (!target)
		return err_set(err, ERR_NOT_FOUND, "the repository holds no %s", path);
	return publisher_read_file(publisher, target, max_bytes, out, err);
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
	free(proposal->root.bytes);
	free(proposal->targets.bytes);
	free(proposal->emergency.bytes);
	free(proposal->snapshot.bytes);
	free(proposal->timestamp.bytes);
	free(proposal);
	return NULL;
}

const struct tuf_trust *proposal_trust(const struct proposal *proposal)
{
	return proposal->trust;
}

bool document_copy(struct document *out, const char *name, const void *bytes, size_t len,
		   size_t max_bytes, struct err *err)
{
	struct document copy = {.len = len};

	if (len > max_bytes)
		return err_set(err, ERR_TOO_LARGE, "%s: %zu bytes, at most %zu", name,
			       len, max_bytes);
	if (!tuf_peek(bytes, len, &copy.version, &copy.expires, err))
		return err_prefix(err, "%s", name);
	copy.bytes = malloc(len + 1);
	if (!copy.bytes)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	memcpy(copy.bytes, bytes, len);
	copy.bytes[len] = '\0';
	*out = copy;
	return true;
}

static bool sign_snapshot(const struct publisher *publisher, struct proposal *proposal,
			  const struct signer *signer, const struct blob *targets,
			  struct wall_ms now, struct err *err)
{
	CLEANUP(blob_free) struct blob kept = {0};
	const struct document *fresh = &proposal->emergency;
	struct document *snapshot = &proposal->snapshot;
	struct tuf_named_file files[2] = {{"targets.json", targets->bytes, targets->len}};
	size_t count = 1;

	if (!fresh->bytes && !publisher_read_emergency(publisher, &kept, err))
		return false;
	if (fresh->bytes || kept.len > 0)
		files[count++] = (struct tuf_named_file){
			ALARM_ROLE ".json", fresh->bytes ? fresh->bytes : kept.bytes,
			fresh->bytes ? fresh->len : kept.len};
	snapshot->version = publisher->snapshot_version + 1;
	snapshot->expires = days_after(now, SNAPSHOT_LIFE_DAYS);
	snapshot->bytes =
		tuf_build_snapshot_of(snapshot->version, snapshot->expires, files, count,
				      signer, &snapshot->len, err);
	return snapshot->bytes != NULL;
}

bool publisher_sign(const struct publisher *publisher, struct proposal *proposal,
		    const struct online_signers *signers, const struct blob *targets,
		    const struct blob *kept_snapshot, struct wall_ms now, struct err *err)
{
	struct document *snapshot = &proposal->snapshot;
	struct document *timestamp = &proposal->timestamp;

	if (targets &&
	    !sign_snapshot(publisher, proposal, signers->snapshot, targets, now, err))
		return false;
	timestamp->version = publisher->timestamp_version + 1;
	timestamp->expires = days_after(now, TIMESTAMP_LIFE_DAYS);
	timestamp->bytes =
		tuf_build_timestamp(timestamp->version, timestamp->expires,
				    targets ? snapshot->bytes : kept_snapshot->bytes,
				    targets ? snapshot->len : kept_snapshot->len,
				    signers->timestamp, &timestamp->len, err);
	return timestamp->bytes != NULL;
}

static struct online_signers own_signers(const struct publisher *publisher)
{
	return (struct online_signers){publisher->snapshot_key, publisher->timestamp_key};
}

/*
 * What every client will do with the proposal, after what is published now. A renewal goes
 * on under a root or targets past their end: it is not what has to be signed anew there.
 */
static bool verify_proposal(const struct publisher *publisher, struct proposal *proposal,
			    const struct blob *targets, const struct blob *snapshot,
			    bool renewal, struct wall_ms now, struct err *err)
{
	struct tuf_trust *trust = publisher_trust_roots(publisher, now, renewal, err);
	int64_t version;

	if (!trust)
		return false;
	proposal->trust = trust;
	if (publisher->trust && !publisher_trust_current(publisher, trust, now, err))
		return false;
	return tuf_update_timestamp(trust, proposal->timestamp.bytes,
				    proposal->timestamp.len, now, renewal, err) &&
	       tuf_update_snapshot(trust, snapshot->bytes, snapshot->len, now, renewal,
				   err) &&
	       tuf_update_targets(trust, targets->bytes, targets->len, now, renewal,
				  err) &&
	       tuf_check(trust, now, renewal, err) &&
	       /* Alarms past their end hold up nothing else. */
	       publisher_follow(publisher, trust, &proposal->emergency, now,
				!proposal->emergency.bytes, &version, err);
}

static bool check_next(const char *name, int64_t version, int64_t current,
		       struct err *err)
{
	return version == current + 1 ||
	       err_set(err, ERR_CONFLICT,
		       "%s: is version %" PRId64 ", the next one is %" PRId64
		       ": fetch what is published now and sign anew",
		       name, version, current + 1);
}

/* Takes over what was signed elsewhere; NULL is what stays. */
static struct proposal *propose_files(const struct publisher *publisher,
				      const char *targets, size_t targets_len,
				      const char *emergency, struct err *err)
{
	struct proposal *proposal = calloc(1, sizeof(*proposal));

	if (!proposal) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	if (publisher->unsettled) {
		err_set(err, ERR_RETRY, "a new root is being taken over: try again");
		return proposal_free(proposal);
	}
	if (targets && (!document_copy(&proposal->targets, "targets.json", targets,
				       targets_len, TUF_TARGETS_MAX, err) ||
			!check_next("targets.json", proposal->targets.version,
				    publisher->targets_version, err)))
		return proposal_free(proposal);
	if (emergency &&
	    (!document_copy(&proposal->emergency, ALARM_ROLE ".json", emergency,
			    strlen(emergency), EMERGENCY_MAX, err) ||
	     !check_next(ALARM_ROLE ".json", proposal->emergency.version,
			 publisher->emergency_version, err)))
		return proposal_free(proposal);
	return proposal;
}

/* Signs online what is to be published, and looks at it as clients will. */
static bool complete(const struct publisher *publisher, struct proposal *proposal,
		     struct wall_ms now, struct err *err)
{
	struct online_signers signers = own_signers(publisher);
	CLEANUP(blob_free) struct blob kept = {0};
	struct blob targets = {proposal->targets.bytes, proposal->targets.len}, snapshot;

	if (!targets.bytes) {
		if (!metadata_read(publisher->metadata, publisher->targets_version,
				   "targets", TUF_TARGETS_MAX, &kept, err))
			return false;
		targets = kept;
	}
	if (!publisher_sign(publisher, proposal, &signers, &targets, NULL, now, err))
		return false;
	snapshot = (struct blob){proposal->snapshot.bytes, proposal->snapshot.len};
	return verify_proposal(publisher, proposal, &targets, &snapshot, false, now, err);
}

struct proposal *publisher_propose(const struct publisher *publisher, const void *targets,
				   size_t len, struct wall_ms now, struct err *err)
{
	struct proposal *proposal = propose_files(publisher, targets, len, NULL, err);

	if (proposal &&
	    (!publisher_keeps_delegations(publisher, &proposal->targets, err) ||
	     !complete(publisher, proposal, now, err)))
		return proposal_free(proposal);
	return proposal;
}

struct proposal *publisher_propose_emergency(const struct publisher *publisher,
					     const char *targets, const char *emergency,
					     struct wall_ms now, struct err *err)
{
	struct proposal *proposal = propose_files(
		publisher, targets, targets ? strlen(targets) : 0, emergency, err);

	if (!proposal)
		return NULL;
	if (!complete(publisher, proposal, now, err))
		return proposal_free(proposal);
	if (targets && publisher->trust &&
	    !publisher_same_targets(publisher->trust, proposal->trust)) {
		err_set(err, ERR_INVALID,
			"targets.json: names other targets than what is published now; "
			"change the keys of alarms first, and publish then");
		return proposal_free(proposal);
	}
	return proposal;
}

bool publisher_stage(const struct publisher *publisher, const struct proposal *proposal,
		     struct err *err)
{
	const struct {
		const char *role;
		const struct document *document;
	} files[] = {{"targets", &proposal->targets},
		     {ALARM_ROLE, &proposal->emergency},
		     {"snapshot", &proposal->snapshot}};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const struct document *document = files[i].document;

		if (document->bytes &&
		    !metadata_write(publisher->metadata, document->version, files[i].role,
				    document->bytes, document->len, err))
			return false;
	}
	return true;
}

bool publisher_commit(struct publisher *publisher, struct proposal *proposal,
		      struct err *err)
{
	int64_t targets_before = publisher->targets_version;
	int64_t snapshot_before = publisher->snapshot_version;
	int64_t emergency_before = publisher->emergency_version;

	/* Versioned files may be asked for as soon as timestamp.json leads to them. */
	publisher->targets_version = tuf_targets_version(proposal->trust);
	publisher->snapshot_version = tuf_snapshot_version(proposal->trust);
	if (proposal->emergency.bytes)
		publisher->emergency_version = proposal->emergency.version;
	if (!metadata_write(publisher->metadata, 0, "timestamp",
			    proposal->timestamp.bytes, proposal->timestamp.len, err)) {
		publisher->targets_version = targets_before;
		publisher->snapshot_version = snapshot_before;
		publisher->emergency_version = emergency_before;
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

/* Makes up for a new root that could not be written to its end. */
static bool settle(struct publisher *publisher, struct wall_ms now, bool *out_changed,
		   struct err *err)
{
	*out_changed = publisher->unsettled;
	if (!publisher->unsettled)
		return true;
	if (!publisher_redo(publisher, err) || !publisher_load(publisher, now, err))
		return false;
	publisher->unsettled = false;
	return true;
}

bool publisher_renew(struct publisher *publisher, struct wall_ms now, bool *out_renewed,
		     struct err *err)
{
	CLEANUP(blob_free) struct blob targets = {0};
	CLEANUP(blob_free) struct blob snapshot = {0};
	struct online_signers signers;
	struct proposal *proposal;
	struct blob new_snapshot;
	bool renew_snapshot, ok;

	if (!settle(publisher, now, out_renewed, err))
		return false;
	signers = own_signers(publisher);
	renew_snapshot =
		now.ms >= half_life(publisher->snapshot_expires, SNAPSHOT_LIFE_DAYS).ms;
	if (now.ms < publisher_renewal_due(publisher).ms)
		return true;
	if (!metadata_read(publisher->metadata, publisher->targets_version, "targets",
			   TUF_TARGETS_MAX, &targets, err) ||
	    !metadata_read(publisher->metadata, publisher->snapshot_version, "snapshot",
			   TUF_SNAPSHOT_MAX, &snapshot, err))
		return false;
	proposal = calloc(1, sizeof(*proposal));
	if (!proposal)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	ok = publisher_sign(publisher, proposal, &signers,
			    renew_snapshot ? &targets : NULL, &snapshot, now, err);
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
