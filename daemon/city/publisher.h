#ifndef CITY_PUBLISHER_H
#define CITY_PUBLISHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct blob;
struct err;
struct signer;
struct tuf_target;
struct tuf_trust;

/*
 * The repository on the city's disk, and the two online keys (snapshot, timestamp). The
 * targets role is signed elsewhere: whoever holds this server can withhold, but not show
 * anything new on a screen.
 *
 *   repository/metadata/   N.root.json N.targets.json N.emergency.json N.snapshot.json
 *                          timestamp.json
 *   repository/targets/    <dir>/<sha256>.<name>
 *   keys/                  snapshot.pem timestamp.pem (see city/online_key.h)
 *
 * timestamp.json is the switch: everything it leads to is on disk before it is replaced,
 * so the repository is whole after a kill or a power cut at any instant. Nothing is
 * published that our own TUF client does not accept after what is published now.
 * One thread at a time, but for the functions that say otherwise.
 */
struct publisher;

#define ROOT_LIFE_DAYS      730
#define TARGETS_LIFE_DAYS   365
#define EMERGENCY_LIFE_DAYS 730
#define SNAPSHOT_LIFE_DAYS  30
#define TIMESTAMP_LIFE_DAYS 3

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

/* Makes the folders of a state: keys/ (0700), objects/, repository/. */
MUST_USE bool publisher_make_folders(const char *state_dir, struct err *err);

/*
 * Opens what lies below @state_dir, verifies it, and removes what an interrupted
 * publication left beyond the current versions. Expired metadata is no error: it is the
 * screens that decide about it, and the server must run to renew it.
 */
MUST_USE struct publisher *publisher_open(const char *state_dir, struct wall_ms now,
					  struct err *err);
/* As publisher_open() on a state that holds keys and roots only: nothing published yet. */
MUST_USE struct publisher *publisher_open_empty(const char *state_dir, struct err *err);
struct publisher *publisher_free(struct publisher *publisher); /* NULL is fine */

/* The repository's folder; and its versions now. From any thread. */
const char *publisher_folder(const struct publisher *publisher);
int64_t publisher_timestamp_version(const struct publisher *publisher);
int64_t publisher_snapshot_version(const struct publisher *publisher);
int64_t publisher_targets_version(const struct publisher *publisher);
/* Of the role that signs alarms; 0 where there is none. */
int64_t publisher_emergency_version(const struct publisher *publisher);

/* Version 1 of root.json, to which enrolment codes are bound. Borrowed, never changes. */
const struct blob *publisher_first_root(const struct publisher *publisher);
const struct signer *publisher_timestamp_signer(const struct publisher *publisher);
/* What the repository holds now; NULL when nothing is published. Until the next commit. */
const struct tuf_trust *publisher_trust(const struct publisher *publisher);

/* Reads target @path ("programme.json") of what is published now, its hash checked. */
MUST_USE bool publisher_read_target(const struct publisher *publisher, const char *path,
				    size_t max_bytes, struct blob *out, struct err *err);
/* As publisher_read_target(), of the alarms; @out stays empty when there are none. */
MUST_USE bool publisher_read_alarms(const struct publisher *publisher, struct wall_ms now,
				    struct blob *out, struct err *err);

/*
 * A new state of the repository: signed and verified in memory, nothing written yet.
 * @targets is a signed targets.json whose version must be the current + 1, else
 * ERR_CONFLICT, and that delegates as the current one does, else ERR_DENIED. NULL on failure.
 */
struct proposal;
MUST_USE struct proposal *publisher_propose(const struct publisher *publisher,
					    const void *targets, size_t len,
					    struct wall_ms now, struct err *err);
/*
 * The same with the file of the emergency role, its next version. @targets NULL: stays as it
 * is; else its delegations may change, and nothing else once something is published.
 */
MUST_USE struct proposal *publisher_propose_emergency(const struct publisher *publisher,
						      const char *targets,
						      const char *emergency,
						      struct wall_ms now,
						      struct err *err);
struct proposal *proposal_free(struct proposal *proposal); /* NULL is fine */
const struct tuf_trust *proposal_trust(const struct proposal *proposal);

/* Whether target @target lies in the repository already, with its length. */
bool publisher_has_target(const struct publisher *publisher,
			  const struct proposal *proposal,
			  const struct tuf_target *target);
/* Writes a target file of @proposal, after checking it; nobody sees it before commit. */
MUST_USE bool publisher_add_target(const struct publisher *publisher,
				   const struct proposal *proposal,
				   const struct tuf_target *target, const void *bytes,
				   size_t len, struct err *err);

/* Writes targets and snapshot: still unseen. Then publisher_commit() alone is left. */
MUST_USE bool publisher_stage(const struct publisher *publisher,
			      const struct proposal *proposal, struct err *err);
/* Replaces timestamp.json, durably: from here on the proposal is what is published. */
MUST_USE bool publisher_commit(struct publisher *publisher, struct proposal *proposal,
			       struct err *err);

/*
 * A new root, which the root in force must lead to for a client, with snapshot and timestamp
 * signed anew by the online keys that it names. @targets is the published targets.json under
 * the keys of the new root, with the next version and the same content; NULL where the one
 * published now stays good. Nothing is written. NULL on failure.
 */
MUST_USE struct proposal *publisher_propose_root(const struct publisher *publisher,
						 const void *root, size_t root_len,
						 const void *targets, size_t targets_len,
						 struct wall_ms now, struct err *err);
/*
 * Takes the root over, at once and for good: once this has begun to write, a failure or a
 * kill leaves it to publisher_renew() and publisher_open() to bring it to its end.
 */
MUST_USE bool publisher_commit_root(struct publisher *publisher,
				    const struct proposal *proposal, struct wall_ms now,
				    struct err *err);

/* When snapshot or timestamp should be signed anew: half of their life is over. */
struct wall_ms publisher_renewal_due(const struct publisher *publisher);
/* Signs anew what is due by then; @*out_renewed tells whether there was any. */
MUST_USE bool publisher_renew(struct publisher *publisher, struct wall_ms now,
			      bool *out_renewed, struct err *err);

#endif /* CITY_PUBLISHER_H */
