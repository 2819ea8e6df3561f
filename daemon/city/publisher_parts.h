#ifndef CITY_PUBLISHER_PARTS_H
#define CITY_PUBLISHER_PARTS_H

/* What the publisher's own files share; everybody else includes city/publisher.h. */

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "city/publisher.h"
#include "core/attr.h"
#include "core/time.h"
#include "os/file.h"

struct tuf_target;

struct publisher {
	char state[PATH_MAX];
	char folder[PATH_MAX];   /* …/repository */
	char metadata[PATH_MAX]; /* …/repository/metadata */
	struct signer *snapshot_key, *timestamp_key;
	struct blob first_root;
	struct tuf_trust *trust; /* what is published; NULL before the first */
	struct wall_ms snapshot_expires, timestamp_expires;
	bool unsettled; /* a new root was decided on, but writing it failed midway */
	/* Read by the threads that serve files; written by the one that publishes. */
	_Atomic int64_t targets_version, snapshot_version, timestamp_version;
	_Atomic int64_t emergency_version; /* 0: there is no such role */
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
	struct document root; /* bytes NULL: no new one */
	/* Bytes NULL: stays as it is on disk. */
	struct document targets, emergency, snapshot;
	struct document timestamp;
};

/* A copy of @bytes, with version and end as they say themselves. */
MUST_USE bool document_copy(struct document *out, const char *name, const void *bytes,
			    size_t len, size_t max_bytes, struct err *err);

/* What signs a proposal online. Borrowed. */
struct online_signers {
	const struct signer *snapshot, *timestamp;
};

/*
 * Signs a snapshot of @targets and of the emergency role, where there is one, and a
 * timestamp over it; with NULL @targets a timestamp over @kept_snapshot.
 */
MUST_USE bool publisher_sign(const struct publisher *publisher, struct proposal *proposal,
			     const struct online_signers *signers,
			     const struct blob *targets, const struct blob *kept_snapshot,
			     struct wall_ms now, struct err *err);

/* The file of @target, which is published now, its hash checked. */
MUST_USE bool publisher_read_file(const struct publisher *publisher,
				  const struct tuf_target *target, size_t max_bytes,
				  struct blob *out, struct err *err);

/* ---- publisher_trust.c ---- */

/*
 * The chain of roots on disk. With @accept_expired a root past its end is taken as of its
 * last instant: see publisher_open().
 */
MUST_USE struct tuf_trust *publisher_trust_roots(const struct publisher *publisher,
						 struct wall_ms now, bool accept_expired,
						 struct err *err);
/* Feeds what is on disk, from timestamp.json down, expired or not. */
MUST_USE bool publisher_trust_current(const struct publisher *publisher,
				      struct tuf_trust *trust, struct wall_ms now,
				      struct err *err);
/*
 * Takes over what is on disk: trust, the keys that fit it, versions and ends. A failure
 * leaves the publisher as it was.
 */
MUST_USE bool publisher_load(struct publisher *publisher, struct wall_ms now,
			     struct err *err);

/* ---- publisher_emergency.c ---- */

#define EMERGENCY_MAX (64 * 1024) /* bytes of emergency.json */

/* The role's file as it is on disk; empty where there is no such role. */
MUST_USE bool publisher_read_emergency(const struct publisher *publisher,
				       struct blob *out, struct err *err);
/*
 * Verifies what @trust delegates: to nobody, or to the emergency role alone, whose file is
 * @fresh (NULL or empty: the one on disk). Sets its version, 0 for nobody.
 */
MUST_USE bool publisher_follow(const struct publisher *publisher,
			       const struct tuf_trust *trust,
			       const struct document *fresh, struct wall_ms now,
			       bool accept_expired, int64_t *out_version,
			       struct err *err);
/* ERR_DENIED where @targets delegates otherwise than what is published now. */
MUST_USE bool publisher_keeps_delegations(const struct publisher *publisher,
					  const struct document *targets,
					  struct err *err);

/* ---- publisher_root.c ---- */

/* Does what the journal of a new root says, if there is one, and removes it. */
MUST_USE bool publisher_redo(struct publisher *publisher, struct err *err);

/* Whether both name the same targets, each with the same content. */
bool publisher_same_targets(const struct tuf_trust *before,
			    const struct tuf_trust *after);

#endif /* CITY_PUBLISHER_PARTS_H */
