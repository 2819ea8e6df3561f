#ifndef CTL_KEY_H
#define CTL_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"
#include "wire/key.h"
#include "wire/tuf.h"

struct ctl;
struct err;
struct repository_files;
struct signer;
struct tuf_draft;
struct tuf_draft_role;
struct tuf_trust;

#define KEY_ENDS_MAX 80

/* When a signed file ends. */
struct key_end {
	char name[TUF_FILE_NAME_MAX];
	int64_t version;
	struct wall_ms expires;
	int64_t days_left; /* negative: it has ended */
};

/* Of what is in force: of several roots, the newest. */
MUST_USE bool key_ends(const struct ctl *ctl, const struct repository_files *files,
		       struct key_end *out, size_t *count, size_t max, struct err *err);

/* Adds the root that the operator trusts from the start, unless a newer one was fetched. */
MUST_USE bool key_add_first_root(const struct ctl *ctl, struct repository_files *files,
				 struct err *err);

/* Roles and keys of the root in force, which @files hold where it is not the first. */
MUST_USE bool key_current_root(const struct ctl *ctl,
			       const struct repository_files *files,
			       struct tuf_draft *out, struct err *err);

/* Whose keys sign alarms, by the targets.json in @files; count 0: nobody's. */
MUST_USE bool key_of_alarms(const struct repository_files *files,
			    struct tuf_draft_role *out, struct err *err);

/* The private key in file @path, owned. NULL on failure. */
MUST_USE struct signer *key_read_signer(const char *path, struct err *err);

/* Whether the private key in file @path belongs to the targets role. */
MUST_USE bool key_is_of_targets(const struct tuf_trust *trust, const char *path,
				bool *out, char out_id[static KEY_ID_SIZE],
				struct err *err);

#endif /* CTL_KEY_H */
