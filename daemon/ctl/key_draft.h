#ifndef CTL_KEY_DRAFT_H
#define CTL_KEY_DRAFT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

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

/*
 * One role; against @before (NULL: nothing). @signed_by (NULL: nothing is known) tells of
 * each key whether it has signed.
 */
void key_print_role(const char *name, const struct tuf_draft_role *role,
		    const struct tuf_draft_role *before, const bool *signed_by);

/* "--add KEY.pub", "--remove ID" or "--threshold N"; *@used is how many words it took. */
MUST_USE bool key_change_role(struct tuf_draft_role *role, char **words, int *used,
			      const char *usage, struct err *err);

/* A new file; ERR_CONFLICT when it is there already. */
MUST_USE bool key_write_new(const char *path, const char *bytes, mode_t mode,
			    struct err *err);

#endif /* CTL_KEY_DRAFT_H */
