#ifndef SYNC_REPOSITORY_H
#define SYNC_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;
struct http;
struct tuf_target;
struct tuf_trust;

#define REPOSITORY_URL_MAX    1024
#define REPOSITORY_TARGET_MAX ((size_t)64 * 1024 * 1024) /* bytes of one target file */

/*
 * The TUF client workflow (specification 1.0.34 §5) driven over HTTP, with the trusted
 * metadata of earlier runs in a folder: what the courier does with its inbox
 * (sync/inbox.h) and the operator's command with its own.
 */
struct repository {
	const char *metadata_url; /* "https://…/repository/metadata", borrowed */
	const char *targets_url;  /* "https://…/repository/targets" */
	struct http *http;
	int64_t requests, received_bytes; /* counted over its life */
};

/* Metadata files as they were received, to be kept beside the trust made of them. */
struct repository_files {
	struct repository_file {
		char name[32]; /* "2.root.json", "timestamp.json" */
		char *bytes;   /* owned */
		size_t len;
	} * files;
	size_t count;
};

void repository_files_done(struct repository_files *files); /* for CLEANUP() */

/* Borrowed; NULL when there is no such file. */
const struct repository_file *repository_file_find(const struct repository_files *files,
						   const char *name);
/* Replaces or adds a copy of @bytes. */
MUST_USE bool repository_file_put(struct repository_files *files, const char *name,
				  const void *bytes, size_t len, struct err *err);
/* Adds copies of all of @from to @to. */
MUST_USE bool repository_files_copy(const struct repository_files *from,
				    struct repository_files *to, struct err *err);

/*
 * Brings @files up to date from the server and returns the trust that they make, owned;
 * NULL on failure, with @files as they were. @root is the root that the caller trusts
 * from the start; @files hold what earlier refreshes left, and may be empty. Metadata of
 * earlier runs that no longer verifies (keys were rotated) is dropped.
 */
MUST_USE struct tuf_trust *repository_refresh(struct repository *repository,
					      const void *root, size_t root_len,
					      struct repository_files *files,
					      struct wall_ms now, struct err *err);

/* Downloads and checks one target; @*out is owned, NUL-terminated. */
MUST_USE bool repository_download(struct repository *repository,
				  const struct tuf_trust *trust,
				  const struct tuf_target *target, char **out,
				  struct err *err);

#endif /* SYNC_REPOSITORY_H */
