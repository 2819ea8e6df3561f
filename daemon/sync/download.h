#ifndef SYNC_DOWNLOAD_H
#define SYNC_DOWNLOAD_H

#include <stdbool.h>

#include "core/attr.h"
#include "wire/tuf.h"

struct err;
struct repository;

#define DOWNLOAD_PART_SUFFIX ".part"

/*
 * Fetches a large target file to @path. What came before the line was cut stays in
 * "@path.part", and the next try goes on from there (Range). The file gets its name when it
 * has the length and the hashes of @target, and is on disk; until then nobody reads it. What
 * turns out to be something else is removed: ERR_UNTRUSTED.
 */
MUST_USE bool download_target(struct repository *repository,
			      const struct tuf_trust *trust,
			      const struct tuf_target *target, const char *path,
			      struct err *err);

#endif /* SYNC_DOWNLOAD_H */
