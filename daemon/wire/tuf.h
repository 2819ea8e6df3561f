#ifndef WIRE_TUF_H
#define WIRE_TUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"
#include "wire/digest.h"

struct err;

/*
 * The client side of The Update Framework (specification 1.0.34, §5 "Detailed client
 * workflow"), as bytes in and verdict out: no clock, no file, no network. The courier
 * drives it over HTTP (sync/repository.h), the display over its inbox
 * (display/activation.h); both must accept exactly the same metadata.
 *
 * Call order: tuf_trust_new() with a root that is already trusted, tuf_update_root() for
 * each newer root in turn, then timestamp, snapshot, targets. Metadata trusted earlier and
 * kept by the caller is fed first (§5.3.1, 5.5.1): it sets the versions below which
 * nothing is accepted. A failed update leaves the trust as it was.
 */
#define TUF_ROOT_MAX           (512 * 1024) /* bytes */
#define TUF_TIMESTAMP_MAX      (16 * 1024)
#define TUF_SNAPSHOT_MAX       (2 * 1024 * 1024) /* when the timestamp gives no length */
#define TUF_TARGETS_MAX        (5 * 1024 * 1024) /* when the snapshot gives no length */
#define TUF_ROOT_ROTATIONS_MAX 256               /* in one update (§5.3.3) */
#define TUF_TARGET_PATH_MAX    512               /* bytes with NUL */
#define TUF_TARGET_FILE_MAX    (TUF_TARGET_PATH_MAX + 129) /* with "<sha512>." in it */

#define TUF_ROLE_NAME_MAX    128 /* of a delegated role, bytes with NUL */
#define TUF_SEARCH_ROLES_MAX 32  /* delegated roles visited in one search (§5.6.7.1) */

struct tuf_trust;

/* What one metadata file says of another (METAFILES, §4.4). 0 and false: not given. */
struct tuf_meta {
	int64_t version;
	int64_t length;
	bool has_sha256, has_sha512;
	uint8_t sha256[SHA256_SIZE];
	uint8_t sha512[SHA512_SIZE];
};

/*
 * A target file (§4.5) with at least one of the hashes. The path is any text that the
 * repository chose: whoever makes a file name of it has to check it first.
 */
struct tuf_target {
	char path[TUF_TARGET_PATH_MAX];
	int64_t length;
	bool has_sha256, has_sha512;
	uint8_t sha256[SHA256_SIZE];
	uint8_t sha512[SHA512_SIZE];
};

/* @root is trusted as it is (§5.2), its own signatures are checked all the same. */
MUST_USE struct tuf_trust *tuf_trust_new(const void *root, size_t len, struct err *err);
struct tuf_trust *tuf_trust_free(
	struct tuf_trust *trust); /* NULL is fine; returns NULL */

/* §5.3.3–5.3.5: version N+1, signed by the thresholds of both old and new root. */
MUST_USE bool tuf_update_root(struct tuf_trust *trust, const void *bytes, size_t len,
			      struct err *err);
/*
 * §5.3.10: ends the root updates. ERR_EXPIRED when the root is past its end at @now. When
 * timestamp or snapshot lost keys meanwhile, the metadata trusted before is dropped
 * (§5.3.11, recovery from fast-forward); when targets did, targets are.
 */
MUST_USE bool tuf_root_finish(struct tuf_trust *trust, struct wall_ms now,
			      struct err *err);
/*
 * How many root updates took keys away from timestamp or snapshot. A caller that
 * feeds kept metadata only after the roots drops it when this has grown (§5.3.11).
 */
int tuf_key_rotations(const struct tuf_trust *trust);

/*
 * §5.4–5.6. An expired file is ERR_EXPIRED; with @accept_expired it is taken all the same
 * (for metadata that was trusted before: a screen keeps its last good programme).
 *
 * A timestamp of the version trusted already changes nothing and is no error (§5.4.3.1). A
 * snapshot other than the one that the timestamp names is refused; with @accept_expired an
 * older one is kept as the floor for the next (§5.5.5), and no targets are accepted on it.
 */
MUST_USE bool tuf_update_timestamp(struct tuf_trust *trust, const void *bytes, size_t len,
				   struct wall_ms now, bool accept_expired,
				   struct err *err);
MUST_USE bool tuf_update_snapshot(struct tuf_trust *trust, const void *bytes, size_t len,
				  struct wall_ms now, bool accept_expired,
				  struct err *err);
MUST_USE bool tuf_update_targets(struct tuf_trust *trust, const void *bytes, size_t len,
				 struct wall_ms now, bool accept_expired,
				 struct err *err);

/*
 * Whether the trust is whole: the snapshot is the one that the timestamp names, the targets
 * are the ones that the snapshot names (ERR_UNTRUSTED), and none is past its end
 * (ERR_EXPIRED, unless @accept_expired). An update that found nothing new ends here.
 */
MUST_USE bool tuf_check(const struct tuf_trust *trust, struct wall_ms now,
			bool accept_expired, struct err *err);

/* Versions trusted now; 0 when none. */
int64_t tuf_root_version(const struct tuf_trust *trust);
int64_t tuf_timestamp_version(const struct tuf_trust *trust);
int64_t tuf_snapshot_version(const struct tuf_trust *trust);
int64_t tuf_targets_version(const struct tuf_trust *trust);
bool tuf_consistent_snapshot(const struct tuf_trust *trust);
/* The soonest end of the metadata trusted now. */
struct wall_ms tuf_expires(const struct tuf_trust *trust);

/*
 * What the timestamp says of the snapshot; what the snapshot says of targets.json. False
 * when that is not trusted yet, or the snapshot is not the one that the timestamp names.
 */
MUST_USE bool tuf_snapshot_meta(const struct tuf_trust *trust, struct tuf_meta *out);
MUST_USE bool tuf_targets_meta(const struct tuf_trust *trust, struct tuf_meta *out);

/*
 * Whether the snapshot trusted is the one that the timestamp names, and the targets the one
 * that the snapshot names: where they are, nothing has to be fetched.
 */
bool tuf_has_snapshot(const struct tuf_trust *trust);
bool tuf_has_targets(const struct tuf_trust *trust);

/* Targets of the trusted targets role, in order of path. */
size_t tuf_target_count(const struct tuf_trust *trust);
/* Borrowed until the next update. @index below the count. */
const struct tuf_target *tuf_target_at(const struct tuf_trust *trust, size_t index);
/* NULL when there is none. */
const struct tuf_target *tuf_target_find(const struct tuf_trust *trust, const char *path);

/*
 * The search for a target through the delegations (§5.6.7): the top-level targets role
 * first, then those that it and they delegate the path to, each once, in pre-order, at most
 * TUF_SEARCH_ROLES_MAX of them. Loop: while the state is TUF_SEARCH_NEEDS_ROLE, get that
 * role's file and feed it.
 */
struct tuf_search;

enum tuf_search_state {
	TUF_SEARCH_NEEDS_ROLE,
	TUF_SEARCH_FOUND,
	TUF_SEARCH_ABSENT, /* nobody who is asked has it */
};

/*
 * @trust must be whole (tuf_check()), outlive the search, and not be updated meanwhile.
 * With a NULL @path the search finds nothing but visits every role there is, whatever the
 * paths, except hash bins: tuf_search_listed() then tells what they have.
 */
MUST_USE struct tuf_search *tuf_search_new(const struct tuf_trust *trust,
					   const char *path, struct err *err);
struct tuf_search *tuf_search_free(
	struct tuf_search *search); /* NULL is fine; returns NULL */
enum tuf_search_state tuf_search_state(const struct tuf_search *search);

/*
 * Which role is needed: its name, which is any text, borrowed until the next feed; and what
 * the snapshot says of its file. ERR_UNTRUSTED when the snapshot does not list it.
 */
MUST_USE bool tuf_search_needs(const struct tuf_search *search, const char **out_role,
			       struct tuf_meta *out_meta, struct err *err);
/*
 * That role's file, verified with the keys of who delegates to it (§5.6.2–5.6.5). A failure
 * leaves the search as it was, so that another copy can be tried. ERR_EXPIRED for one past
 * its end, unless @accept_expired.
 */
MUST_USE bool tuf_search_feed(struct tuf_search *search, const void *bytes, size_t len,
			      struct wall_ms now, bool accept_expired, struct err *err);

/* In TUF_SEARCH_FOUND; borrowed until the search is freed or the trust updated. */
const struct tuf_target *tuf_search_target(const struct tuf_search *search);
/* The targets of all delegated roles fed so far, as they list them. NULL past the last. */
const struct tuf_target *tuf_search_listed(const struct tuf_search *search, size_t index);

/* §5.7.3: exact length, and all hashes that are given. */
MUST_USE bool tuf_target_check(const struct tuf_target *target, const void *bytes,
			       size_t len, struct err *err);

/*
 * Where a target lies below the target base, with consistent snapshots (§6.2):
 * "media/<sha256>.name.png" (the sha512 where there is no sha256).
 */
void tuf_target_file(const struct tuf_trust *trust, const struct tuf_target *target,
		     char out[static TUF_TARGET_FILE_MAX]);

/*
 * The same as it stands in a URL: what a URL's path may not hold is percent-encoded, for a
 * target path is any text.
 */
#define TUF_URL_MAX (3 * TUF_TARGET_FILE_MAX)
void tuf_target_url(const struct tuf_trust *trust, const struct tuf_target *target,
		    char out[static TUF_URL_MAX]);

/*
 * The name of a role's metadata file below the metadata base (§5.5.1, 5.6.1), percent-
 * encoded: "7.emergency.json", without the version where snapshots are not consistent.
 */
void tuf_role_url(const struct tuf_trust *trust, const char *role, int64_t version,
		  char out[static TUF_URL_MAX]);

/*
 * Names to keep files under in one folder, of any role and any target path: percent-encoded,
 * so that there is no "/" in them, and cut with a hash where they would be too long. Those
 * of roles have their dots encoded, too: a role "2.root" is no root.
 */
#define TUF_FILE_NAME_MAX 256 /* with NUL */
void tuf_role_file(const char *role, char out[static TUF_FILE_NAME_MAX]);
void tuf_target_local(const char *path, char out[static TUF_FILE_NAME_MAX]);

/*
 * Whether @signature is by a key of @role ("timestamp") in the trusted root, over @bytes:
 * for documents of ours that an online role signs (play_batch.h).
 */
bool tuf_role_signed(const struct tuf_trust *trust, const char *role, const void *bytes,
		     size_t len, const char *key_id, const uint8_t *signature,
		     size_t signature_len);

#endif /* WIRE_TUF_H */
