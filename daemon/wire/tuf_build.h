#ifndef WIRE_TUF_BUILD_H
#define WIRE_TUF_BUILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"
#include "wire/tuf.h"

struct err;
struct signer;

/*
 * The repository side of TUF: metadata files as signed bytes. Each returns an owned,
 * NUL-terminated document (free()) of @*out_len bytes, or NULL with @err set.
 */

#define TUF_ROLE_KEYS_MAX 16

struct tuf_role_keys {
	const uint8_t (*public_keys)[32]; /* ed25519 */
	size_t count;                     /* 1–TUF_ROLE_KEYS_MAX */
	int threshold;                    /* 1–count */
};

struct tuf_root_content {
	int64_t version;
	struct wall_ms expires;
	bool consistent_snapshot;
	struct tuf_role_keys root, targets, snapshot, timestamp;
};

MUST_USE char *tuf_build_root(const struct tuf_root_content *content,
			      const struct signer *const *signers, size_t signer_count,
			      size_t *out_len, struct err *err);

struct tuf_targets_content {
	int64_t version;
	struct wall_ms expires;
	const struct tuf_target *targets;
	size_t count;
	const char *delegations; /* JSON text of that member; NULL: delegates nothing */
};

/*
 * The file of the top-level targets role, or of one that it delegates to. The sha256 of each
 * target is written always, its sha512 where it is given.
 */
MUST_USE char *tuf_build_role(const struct tuf_targets_content *content,
			      const struct signer *const *signers, size_t signer_count,
			      size_t *out_len, struct err *err);
/* As tuf_build_role(), without delegations. */
MUST_USE char *tuf_build_targets(int64_t version, struct wall_ms expires,
				 const struct tuf_target *targets, size_t count,
				 const struct signer *const *signers, size_t signer_count,
				 size_t *out_len, struct err *err);

/*
 * The "delegations" of a targets role (§4.5) to one terminating role @name, for paths that
 * fit @pattern: JSON text, owned. NULL on failure.
 */
MUST_USE char *tuf_build_delegations(const char *name, const char *pattern,
				     const struct tuf_role_keys *keys, struct err *err);

/* A signed file that a snapshot names by version, length and hash. */
struct tuf_named_file {
	const char *name; /* "targets.json", "emergency.json" */
	const void *bytes;
	size_t len;
};

/* @files: targets.json, and the file of each role that it delegates to. */
MUST_USE char *tuf_build_snapshot_of(int64_t version, struct wall_ms expires,
				     const struct tuf_named_file *files, size_t count,
				     const struct signer *signer, size_t *out_len,
				     struct err *err);
/* As tuf_build_snapshot_of(), of the signed targets.json alone. */
MUST_USE char *tuf_build_snapshot(int64_t version, struct wall_ms expires,
				  const void *targets, size_t targets_len,
				  const struct signer *signer, size_t *out_len,
				  struct err *err);

/* @snapshot is the signed snapshot.json. */
MUST_USE char *tuf_build_timestamp(int64_t version, struct wall_ms expires,
				   const void *snapshot, size_t snapshot_len,
				   const struct signer *signer, size_t *out_len,
				   struct err *err);

/* "signed.version" and "signed.expires" of any metadata file, without any trust in it. */
MUST_USE bool tuf_peek(const void *bytes, size_t len, int64_t *out_version,
		       struct wall_ms *out_expires, struct err *err);

#endif /* WIRE_TUF_BUILD_H */
