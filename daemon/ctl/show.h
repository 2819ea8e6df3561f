#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <stdbool.h>

#include "core/attr.h"

struct ctl;
struct err;
struct http_response;
struct notice;
struct tuf_target;

/*
 * What a person goes by who is about to sign: not what a file says of itself, but what the
 * signatures will cover.
 */

/* The object that @target describes, by its hash, which is checked. */
MUST_USE bool show_fetch(struct ctl *ctl, const struct tuf_target *target,
			 struct http_response *out, struct err *err);

/* Prints all of @notice, behind "+", "~", "-" or " ". */
void show_notice(char mark, const struct notice *notice);

/* Whether both have the same content, whatever their revisions say. */
MUST_USE bool show_same(const struct notice *left, const struct notice *right, bool *out,
			struct err *err);

#endif /* CTL_SHOW_H */
