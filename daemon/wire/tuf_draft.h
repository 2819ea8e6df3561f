#ifndef WIRE_TUF_DRAFT_H
#define WIRE_TUF_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"
#include "wire/key.h"
#include "wire/tuf_build.h"
#include "wire/tuf_metadata.h"

struct err;

/*
 * The next root while people work on it: read from the root in force, changed, written
 * without signatures, then signed by one key after another, each on a machine of its own.
 * Only roots whose keys are all ed25519 can be changed here.
 */
struct tuf_draft_role {
	uint8_t keys[TUF_ROLE_KEYS_MAX][ED25519_PUBLIC_SIZE];
	size_t count;
	int threshold;
};

struct tuf_draft {
	int64_t version;
	struct wall_ms expires;
	bool consistent_snapshot;
	struct tuf_draft_role roles[TUF_ROLE_COUNT]; /* by enum tuf_role_type */
};

/* From a root.json; its signatures are not looked at. */
MUST_USE bool tuf_draft_read(struct tuf_draft *draft, const void *root, size_t len,
			     struct err *err);
/* A root.json without signatures, owned. NULL when a threshold can't be met. */
MUST_USE char *tuf_draft_write(const struct tuf_draft *draft, size_t *out_len,
			       struct err *err);

/*
 * What a targets.json delegates; its signatures are not looked at. @*out_text is that member
 * as canonical JSON, owned, for tuf_build_role() to hand on; NULL where there is none.
 */
MUST_USE bool tuf_delegations_text(const void *targets, size_t len, char **out_text,
				   struct err *err);
/* The keys of delegated role @name. ERR_NOT_FOUND when there is no such role. */
MUST_USE bool tuf_delegated_keys(const void *targets, size_t len, const char *name,
				 struct tuf_draft_role *out, struct err *err);

bool tuf_draft_role_has(const struct tuf_draft_role *role,
			const uint8_t key[static ED25519_PUBLIC_SIZE]);
/* ERR_CONFLICT when it is there already, ERR_TOO_LARGE when there are too many. */
MUST_USE bool tuf_draft_role_add(struct tuf_draft_role *role,
				 const uint8_t key[static ED25519_PUBLIC_SIZE],
				 struct err *err);
/*
 * By its key id, or the first 8 or more digits of it: ERR_NOT_FOUND when there is none,
 * ERR_CONFLICT when there are several.
 */
MUST_USE bool tuf_draft_role_remove(struct tuf_draft_role *role, const char *key_id,
				    struct err *err);

/*
 * Which keys of @role have signed the metadata file @bytes: out_signed[i] is about
 * role->keys[i]. Sets how many they are.
 */
MUST_USE bool tuf_signatures_of(const void *bytes, size_t len,
				const struct tuf_draft_role *role,
				bool out_signed[static TUF_ROLE_KEYS_MAX],
				size_t *out_count, struct err *err);

/*
 * The metadata file @bytes with the signature of @signer added, owned; one that this key
 * made before is replaced.
 */
MUST_USE char *tuf_add_signature(const void *bytes, size_t len,
				 const struct signer *signer, size_t *out_len,
				 struct err *err);

#endif /* WIRE_TUF_DRAFT_H */
