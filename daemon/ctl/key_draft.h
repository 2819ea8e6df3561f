#ifndef CTL_KEY_DRAFT_H
#define CTL_KEY_DRAFT_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "wire/tuf_draft.h"

struct ctl;
struct err;
struct signer;

/*
 * The next root as a file that goes from hand to hand: made where the server can be
 * reached, signed where the root keys are, sent from where the server can be reached. The
 * verbs get what stands behind their name.
 */
MUST_USE bool key_new(struct ctl *ctl, int argc, char **argv, struct err *err);
MUST_USE bool key_rotate(struct ctl *ctl, int argc, char **argv, struct err *err);
MUST_USE bool key_sign(struct ctl *ctl, int argc, char **argv, struct err *err);
MUST_USE bool key_send(struct ctl *ctl, int argc, char **argv, struct err *err);

/*
 * Prints version, end, and keys by role; against @before (NULL: nothing) with "+" and "-".
 * @root (NULL: not signed) tells which root keys have signed.
 */
MUST_USE bool key_draft_print(const struct tuf_draft *draft,
			      const struct tuf_draft *before, const char *root,
			      size_t root_len, struct err *err);

#endif /* CTL_KEY_DRAFT_H */
