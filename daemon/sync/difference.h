#ifndef SYNC_DIFFERENCE_H
#define SYNC_DIFFERENCE_H

#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "wire/digest.h"

struct err;
struct repository;

/* Below this a difference saves less than asking for one may cost. */
#define DIFFERENCE_ABOVE 4096

/*
 * The file of @len bytes with hash @sha256, made out of @base, which the box has, and the
 * difference between the two that the repository may have (docs/protocol.md section 1). It
 * is what its hash says, whoever sent the difference. Owned, NUL-terminated; NULL when it
 * can't be had that way: then the whole has to be fetched.
 */
MUST_USE char *difference_fetch(struct repository *repository, const void *base,
				size_t base_len, const uint8_t sha256[static SHA256_SIZE],
				size_t len, struct err *err);

#endif /* SYNC_DIFFERENCE_H */
