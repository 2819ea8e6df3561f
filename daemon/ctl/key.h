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
struct tuf_trust;

#define KEY_ENDS_MAX 80

/* When a signed file ends. */
struct key_end {
	char name[TUF_FILE_NAME_MAX];
	int64_t version;
	struct wall_ms expires;
	int64_t days_left; /* negative: it has ended */
};

MUST_USE bool key_ends(const struct ctl *ctl, const struct repository_files *files,
		       struct key_end *out, size_t *count, size_t max, struct err *err);

/* Adds the root that the operator trusts from the start to those that were fetched. */
MUST_USE bool key_add_first_root(const struct ctl *ctl, struct repository_files *files,
				 struct err *err);

/* Whether the private key in file @path belongs to the targets role. */
MUST_USE bool key_is_of_targets(const struct tuf_trust *trust, const char *path,
				bool *out, char out_id[static KEY_ID_SIZE],
				struct err *err);

#endif /* CTL_KEY_H */
