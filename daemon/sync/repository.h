#ifndef SYNC_REPOSITORY_H
#define SYNC_REPOSITORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"
#include "wire/tuf.h"

struct err;
struct http;

#define REPOSITORY_URL_MAX    (1024 + TUF_URL_MAX)
#define REPOSITORY_TARGET_MAX ((size_t)64 * 1024 * 1024) /* bytes of one target file */

#define REPOSITORY_DELEGATED_MAX 1000 /* targets of all delegated roles together */

/*
 * Called with each metadata file the moment it is trusted, to be kept for good ("Persist …
 * metadata", §5.3.8, 5.4.5, 5.5.7, 5.6.6), and with NULL for one to be deleted (§5.3.11).
 * Names are those of struct repository_file. False, with @err set, ends the update.
 */
typedef bool repository_keep_fn(void *context, const char *name, const void *bytes,
				size_t len, struct err *err);

/*
 * The TUF client workflow (specification 1.0.34 §5) driven over HTTP, with the trusted
 * metadata of earlier runs in a folder: what the courier does with its inbox
 * (sync/inbox.h) and the operator's command with its own.
 */
struct repository {
	const char *metadata_url;    /* "https://…/repository/metadata", borrowed */
	const char *targets_url;     /* "https://…/repository/targets" */
	const char *differences_url; /* "https://…/repository/differences"; NULL: none */
	struct http *http;
	struct span_ms timeout;   /* of one file; 0: that of http_send() */
	repository_keep_fn *keep; /* NULL: the caller keeps what a whole update leaves */
	void *keep_context;
	int64_t requests, received_bytes; /* counted over its life */

	/* The ETag of the timestamp that has this hash, to ask for a newer one only. */
	char timestamp_etag[128];
	uint8_t timestamp_hash[SHA256_SIZE];
};

/* Metadata files as they were received, to be kept beside the trust made of them. */
struct repository_files {
	struct repository_file {
		/* "2.root.json", "timestamp.json"; else that of tuf_role_file() */
		char name[TUF_FILE_NAME_MAX];
		char *bytes; /* owned */
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

/*
 * Looks for a target through the delegations (§5.6.7), fetching the metadata of the roles
 * that are asked into @files. True with @*out_found telling whether @out was set. False when
 * a role on the way can't be had or trusted: then nobody behind it is asked.
 */
MUST_USE bool repository_find(struct repository *repository,
			      const struct tuf_trust *trust,
			      struct repository_files *files, const char *path,
			      struct wall_ms now, struct tuf_target *out, bool *out_found,
			      struct err *err);

/* What repository_delegated() does with each target. False ends it. */
typedef bool repository_target_fn(void *context, const struct tuf_target *target,
				  struct err *err);

/*
 * Fetches the metadata of all delegated roles into @files, drops that of roles which are
 * none any more, and calls @each for every target of theirs that repository_find() finds.
 * What a role past its end lists is left out; any other fault of one is a fault of the whole.
 */
MUST_USE bool repository_delegated(struct repository *repository,
				   const struct tuf_trust *trust,
				   struct repository_files *files, struct wall_ms now,
				   repository_target_fn *each, void *context,
				   struct err *err);

/* Downloads and checks one target; @*out is owned, NUL-terminated. */
MUST_USE bool repository_download(struct repository *repository,
				  const struct tuf_trust *trust,
				  const struct tuf_target *target, char **out,
				  struct err *err);

#endif /* SYNC_REPOSITORY_H */
