#ifndef CITY_METADATA_H
#define CITY_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct blob;
struct err;

/*
 * Files of repository/metadata: "N.role.json", or "role.json" for version 0. @folder is its
 * path.
 */
MUST_USE bool metadata_read(const char *folder, int64_t version, const char *role,
			    size_t max_bytes, struct blob *out, struct err *err);
/* Durable when this returns true. */
MUST_USE bool metadata_write(const char *folder, int64_t version, const char *role,
			     const void *bytes, size_t len, struct err *err);

/*
 * Removes what an interrupted publication left: temporary files, and versions of targets,
 * emergency and snapshot above those that are published. They are unseen as yet, and must not be
 * served under a name that a later publication gives to other bytes.
 */
MUST_USE bool metadata_sweep(const char *folder, int64_t targets_version,
			     int64_t emergency_version, int64_t snapshot_version,
			     struct err *err);

#endif /* CITY_METADATA_H */
