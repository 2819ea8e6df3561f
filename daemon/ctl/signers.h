#ifndef CTL_SIGNERS_H
#define CTL_SIGNERS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "ctl/ctl.h"

struct err;
struct signer;

/* The private keys at hand, while something is signed with them. */
struct signers {
	struct signer *list[CTL_SIGNERS_MAX];
	size_t count;
};

void signers_done(struct signers *signers); /* for CLEANUP() */

/* The keys in @count files. */
MUST_USE bool signers_load(struct signers *out, const char (*paths)[PATH_MAX],
			   size_t count, struct err *err);
/* ERR_CONFIG when no key of @role ("targets", "emergency") is set. */
MUST_USE bool signers_needed(const char *role, size_t count, struct err *err);

#endif /* CTL_SIGNERS_H */
