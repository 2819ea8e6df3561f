#ifndef WIRE_TUF_CHECK_H
#define WIRE_TUF_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;
struct tuf_header;
struct tuf_meta;
struct tuf_snapshot;
struct tuf_targets;
struct tuf_trust;

/* The checks that all roles have in common, for those who drive the workflow in wire/. */

/* "MUST be higher than the fixed update start time" (§5.3.10, 5.4.4, 5.5.6, 5.6.5). */
MUST_USE bool tuf_check_end(const char *name, const struct tuf_header *header,
			    struct wall_ms now, bool accept_expired, struct err *err);

/*
 * §5.5.2, 5.6.2: hashes and length as another role has signed them. Done on the bytes,
 * before anything parses them: that is all an attacker on the line gets to.
 */
MUST_USE bool tuf_check_bytes(const char *name, const struct tuf_meta *meta,
			      const void *bytes, size_t len, struct err *err);

MUST_USE bool tuf_check_version(const char *name, int64_t version, int64_t named,
				struct err *err);

/* What is trusted now, for the search; borrowed until the next update. NULL: nothing. */
const struct tuf_snapshot *tuf_trusted_snapshot(const struct tuf_trust *trust);
const struct tuf_targets *tuf_trusted_targets(const struct tuf_trust *trust);

#endif /* WIRE_TUF_CHECK_H */
