/* What the publisher itself trusts of what lies on its disk. */
#include <inttypes.h>
#include <string.h>

#include "city/metadata.h"
#include "city/online_key.h"
#include "city/publisher_parts.h"
#include "core/err.h"
#include "wire/key.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

struct tuf_trust *publisher_trust_roots(const struct publisher *publisher,
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

bool publisher_trust_current(const struct publisher *publisher, struct tuf_trust *trust,
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

/* What publisher_load() takes over, or frees. */
struct loaded {
	struct tuf_trust *trust;
	struct signer *snapshot_key, *timestamp_key;
	struct wall_ms snapshot_expires, timestamp_expires;
};

static void loaded_done(struct loaded *loaded)
{
	tuf_trust_free(loaded->trust);
	signer_free(loaded->snapshot_key);
	signer_free(loaded->timestamp_key);
}

/* The ends of snapshot and timestamp on disk, by which their renewal is timed. */
static bool read_ends(const struct publisher *publisher, struct loaded *loaded,
		      struct err *err)
{
	CLEANUP(blob_free) struct blob timestamp = {0};
	CLEANUP(blob_free) struct blob snapshot = {0};
	int64_t version;

	return metadata_read(publisher->metadata, 0, "timestamp", TUF_TIMESTAMP_MAX,
			     &timestamp, err) &&
	       tuf_peek(timestamp.bytes, timestamp.len, &version,
			&loaded->timestamp_expires, err) &&
	       metadata_read(publisher->metadata, tuf_snapshot_version(loaded->trust),
			     "snapshot", TUF_SNAPSHOT_MAX, &snapshot, err) &&
	       tuf_peek(snapshot.bytes, snapshot.len, &version, &loaded->snapshot_expires,
			err);
}

static bool load_keys(const struct publisher *publisher, struct loaded *loaded,
		      struct err *err)
{
	loaded->snapshot_key =
		online_key_open(publisher->state, "snapshot", loaded->trust, err);
	if (!loaded->snapshot_key)
		return false;
	loaded->timestamp_key =
		online_key_open(publisher->state, "timestamp", loaded->trust, err);
	return loaded->timestamp_key &&
	       online_key_settle(publisher->state, "snapshot", loaded->trust, err) &&
	       online_key_settle(publisher->state, "timestamp", loaded->trust, err);
}

static void swap_trust(struct publisher *publisher, struct loaded *loaded)
{
	struct loaded before = {.trust = publisher->trust,
				.snapshot_key = publisher->snapshot_key,
				.timestamp_key = publisher->timestamp_key};

	publisher->trust = loaded->trust;
	publisher->snapshot_key = loaded->snapshot_key;
	publisher->timestamp_key = loaded->timestamp_key;
	publisher->snapshot_expires = loaded->snapshot_expires;
	publisher->timestamp_expires = loaded->timestamp_expires;
	*loaded = before;
}

bool publisher_load(struct publisher *publisher, struct wall_ms now, struct err *err)
{
	CLEANUP(loaded_done) struct loaded loaded = {0};
	int64_t emergency = 0;

	loaded.trust = publisher_trust_roots(publisher, now, true, err);
	if (!loaded.trust || !load_keys(publisher, &loaded, err))
		return false;
	if (!publisher_trust_current(publisher, loaded.trust, now, err) ||
	    !publisher_follow(publisher, loaded.trust, NULL, now, true, &emergency, err))
		return err_prefix(err, "%s", publisher->folder);
	if (!read_ends(publisher, &loaded, err))
		return false;
	publisher->targets_version = tuf_targets_version(loaded.trust);
	publisher->snapshot_version = tuf_snapshot_version(loaded.trust);
	publisher->timestamp_version = tuf_timestamp_version(loaded.trust);
	publisher->emergency_version = emergency;
	swap_trust(publisher, &loaded);
	return true;
}
