#ifndef CTL_PICTURE_H
#define CTL_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct arena;
struct blob;
struct ctl;
struct err;
struct notice;
struct notice_picture;

/*
 * Pictures on the signing side. Decoders are where hostile pictures do harm, so ekimaectl,
 * which holds keys, never runs one: ekimae-render does, as a process of its own that gives
 * up memory and time first.
 */

/*
 * Has the picture that @notice names beside @notice_path checked and re-encoded, and puts
 * what came out in place of the name, in @arena. @out: its bytes, owned; empty when the
 * notice names no file.
 */
MUST_USE bool picture_take(const char *notice_path, struct notice *notice,
			   struct arena *arena, struct blob *out, struct err *err);

/*
 * Fetches a picture that a notice of the server names by its hash, and has it checked: what
 * is signed is what was looked at here, whoever holds the server.
 */
MUST_USE bool picture_verify(struct ctl *ctl, const struct notice_picture *picture,
			     struct err *err);

/*
 * Has a picture that a server sent, called @name in errors, checked and re-encoded: what
 * comes out, owned, was made here.
 */
MUST_USE bool picture_clean(const char *name, const void *bytes, size_t len,
			    struct blob *out, struct err *err);

#endif /* CTL_PICTURE_H */
