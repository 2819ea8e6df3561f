#ifndef WIRE_TUF_METADATA_H
#define WIRE_TUF_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"
#include "wire/digest.h"
#include "wire/tuf.h"

struct arena;
struct err;
struct json_t;
struct public_key;

/*
 * The documents of The Update Framework (specification 1.0.34 §4), read but not yet
 * trusted: tuf_trust.c decides about that. Fields that the specification does not name
 * are tolerated and covered by the signatures (§4).
 */
enum tuf_role_type {
	TUF_ROLE_ROOT,
	TUF_ROLE_TARGETS,
	TUF_ROLE_SNAPSHOT,
	TUF_ROLE_TIMESTAMP,
};

#define TUF_ROLE_COUNT     4
#define TUF_KEYS_MAX       1024 /* in one key list */
#define TUF_ROLE_IDS_MAX   256  /* key ids of one role */
#define TUF_SIGNATURES_MAX 256  /* of one file */
#define TUF_DEPTH_MAX      32   /* levels of JSON */

const char *tuf_role_text(enum tuf_role_type type); /* "root", … */

/*
 * Bytes of @text to show in an error ("%.*s"): at most 64, and whole characters, for an
 * error is UTF-8 whatever a hostile document calls its keys.
 */
int tuf_shown(const char *text);

/* What stands in every role's metadata, and which bytes it came as. */
struct tuf_header {
	int64_t version; /* 1 and up */
	struct wall_ms expires;
	int64_t length; /* of the file, bytes */
	uint8_t sha256[SHA256_SIZE];
	uint8_t sha512[SHA512_SIZE];
};

/* One file, parsed as far as all roles have it in common. */
struct tuf_file {
	const char *name;    /* "timestamp.json", for errors; borrowed */
	struct json_t *json; /* owned */
	/* These two belong to @json. */
	const struct json_t *content; /* "signed" */
	const struct json_t *signatures;
	char *canonical; /* what the signatures are over; owned */
	size_t canonical_len;
	struct tuf_header header;
};

/*
 * Parses a file of @type: form, specification version, version, end, and that no key id
 * signs twice. Nothing in it is verified yet.
 */
MUST_USE bool tuf_file_read(struct tuf_file *file, const char *name,
			    enum tuf_role_type type, const void *bytes, size_t len,
			    size_t max_bytes, struct err *err);
/* As tuf_file_read(), of a file of any type. */
MUST_USE bool tuf_file_read_any(struct tuf_file *file, const char *name,
				const void *bytes, size_t len, size_t max_bytes,
				struct err *err);
void tuf_file_done(struct tuf_file *file); /* for CLEANUP() */

/* The keys that a root (or a delegation) lists. */
struct tuf_keyring {
	struct tuf_key {
		const char *id;         /* opaque, unique in the keyring */
		struct public_key *key; /* NULL: of a kind that this client can't use */
	} * keys;
	size_t count;
};

/* Who speaks for a role. An id without a key counts for nothing. */
struct tuf_role {
	const char **key_ids; /* unique */
	size_t count;
	int64_t threshold; /* 1 and up */
};

bool tuf_role_has(const struct tuf_role *role, const char *key_id);
/* NULL when the key is not there, or of a kind that this client can't use. */
const struct public_key *tuf_keyring_find(const struct tuf_keyring *keyring,
					  const char *key_id);

/*
 * §5.3.4, 5.4.2, 5.5.3, 5.6.3: whether @role's threshold of keys has signed. A key counts
 * once, under however many ids it is listed. ERR_UNTRUSTED; @role_text says whose keys.
 */
MUST_USE bool tuf_file_verify(const struct tuf_file *file,
			      const struct tuf_keyring *keyring,
			      const struct tuf_role *role, const char *role_text,
			      struct err *err);

/*
 * Keys and roles come the same way in root metadata and in delegations; what they say is
 * kept in @arena. @place names the list in errors ("signed.keys").
 */
MUST_USE bool tuf_keyring_read(const struct tuf_file *file, const char *place,
			       const struct json_t *keys, struct arena *arena,
			       struct tuf_keyring *out, struct err *err);
void tuf_keyring_done(
	struct tuf_keyring *keyring); /* the keys; the rest is the arena's */
MUST_USE bool tuf_role_read(const struct tuf_file *file, const char *place,
			    const struct json_t *object, struct arena *arena,
			    struct tuf_role *out, struct err *err);

/* §4.3 */
struct tuf_root {
	struct tuf_header header;
	bool consistent_snapshot;
	struct tuf_keyring keyring;
	struct tuf_role roles[TUF_ROLE_COUNT];
	struct arena *arena;
};

MUST_USE struct tuf_root *tuf_root_read(const struct tuf_file *file, struct err *err);
struct tuf_root *tuf_root_free(struct tuf_root *root); /* NULL is fine */

/* §4.6 */
struct tuf_timestamp {
	struct tuf_header header;
	struct tuf_meta snapshot;
};

MUST_USE struct tuf_timestamp *tuf_timestamp_read(const struct tuf_file *file,
						  struct err *err);
struct tuf_timestamp *tuf_timestamp_free(struct tuf_timestamp *timestamp);

/* §4.4 */
struct tuf_snapshot {
	struct tuf_header header;
	struct tuf_snapshot_entry {
		const char *name; /* "targets.json" */
		struct tuf_meta meta;
	} * entries; /* in order of name; "targets.json" is among them */
	size_t count;
	struct arena *arena;
};

MUST_USE struct tuf_snapshot *tuf_snapshot_read(const struct tuf_file *file,
						struct err *err);
struct tuf_snapshot *tuf_snapshot_free(struct tuf_snapshot *snapshot);
/* NULL when there is none. */
const struct tuf_meta *tuf_snapshot_find(const struct tuf_snapshot *snapshot,
					 const char *name);

/* One delegation (§4.5): to whom, and for which paths. */
struct tuf_delegation {
	const char *name;     /* of the delegated role; never that of a top-level one */
	struct tuf_role role; /* its keys are in the keyring of the list */
	bool terminating;     /* what it does not have, no role after it may have */
	/* One of these is given. */
	const char **paths; /* patterns */
	size_t path_count;
	const char **hash_prefixes; /* of the path's SHA-256, lower-case hexadecimal */
	size_t hash_prefix_count;
};

/*
 * Those to whom a targets role delegates, in order of priority. With hash bins (TAP 15,
 * "succinct_roles") there is one entry, whose name is the prefix of the bins' names.
 */
struct tuf_delegations {
	struct tuf_keyring keyring;
	struct tuf_delegation *list;
	size_t count;
	int bin_bits; /* 1–32: hash bins, as many as 2^bin_bits; 0: none */
	struct arena *arena;
};

#define TUF_DELEGATION_LIST_MAX 16384 /* roles in one list */
#define TUF_BIN_BITS_MAX        32

/* @object is the value of "delegations". */
MUST_USE struct tuf_delegations *tuf_delegations_read(const struct tuf_file *file,
						      const struct json_t *object,
						      struct err *err);
struct tuf_delegations *tuf_delegations_free(
	struct tuf_delegations *delegations); /* NULL is fine; returns NULL */

/*
 * Whether @delegation of @delegations is trusted with @path. For hash bins always: each
 * path has its bin.
 */
bool tuf_delegation_covers(const struct tuf_delegations *delegations,
			   const struct tuf_delegation *delegation, const char *path);
/* The name of the role for @path: the delegation's own, or that of the bin. */
void tuf_delegation_name(const struct tuf_delegations *delegations,
			 const struct tuf_delegation *delegation, const char *path,
			 char out[static TUF_ROLE_NAME_MAX]);

/*
 * PATHPATTERN (§4.5): `*`, `?` and `[…]` as a shell has them, none of which stands for a
 * "/"; a backslash is a character like others. Characters are those of UTF-8.
 */
bool tuf_pattern_matches(const char *pattern, const char *path);

/* §4.5: of the top-level role, or of a delegated one. */
struct tuf_targets {
	struct tuf_header header;
	struct tuf_target *targets; /* in order of path */
	size_t count;
	struct tuf_delegations *delegations; /* NULL when it delegates nothing */
};

MUST_USE struct tuf_targets *tuf_targets_read(const struct tuf_file *file,
					      struct err *err);
struct tuf_targets *tuf_targets_free(struct tuf_targets *targets);
const struct tuf_target *tuf_targets_find(const struct tuf_targets *targets,
					  const char *path);

#endif /* WIRE_TUF_METADATA_H */
