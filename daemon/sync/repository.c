#include "sync/repository.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "sync/http.h"
#include "wire/tuf.h"

void repository_files_done(struct repository_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free(files->files[i].bytes);
	free(files->files);
	*files = (struct repository_files){0};
}

static struct repository_file *find(const struct repository_files *files,
				    const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->files[i].name, name) == 0)
			return &files->files[i];
	return NULL;
}

const struct repository_file *repository_file_find(const struct repository_files *files,
						   const char *name)
{
	return find(files, name);
}

bool repository_file_put(struct repository_files *files, const char *name,
			 const void *bytes, size_t len, struct err *err)
{
	struct repository_file *file = find(files, name);
	char *copy = malloc(len + 1);

	if (!copy)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", name);
	if (!file) {
		struct repository_file *grown = realloc(
			files->files, (files->count + 1) * sizeof(files->files[0]));

		if (!grown) {
			free(copy);
			return err_set(err, ERR_NO_MEMORY, "%s: out of memory", name);
		}
		files->files = grown;
		file = &files->files[files->count++];
		*file = (struct repository_file){0};
		snprintf(file->name, sizeof(file->name), "%s", name);
	}
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	free(file->bytes);
	file->bytes = copy;
	file->len = len;
	return true;
}

static void forget(struct repository_files *files, const char *name)
{
	struct repository_file *file = find(files, name);

	if (!file)
		return;
	free(file->bytes);
	*file = files->files[--files->count];
}

bool repository_files_copy(const struct repository_files *from,
			   struct repository_files *to, struct err *err)
{
	for (size_t i = 0; i < from->count; i++)
		if (!repository_file_put(to, from->files[i].name, from->files[i].bytes,
					 from->files[i].len, err))
			return false;
	return true;
}

/* GETs @base/@name; *@out_found tells whether the server has it. */
static bool fetch(struct repository *repository, const char *base, const char *name,
		  size_t max_bytes, struct http_response *out, bool *out_found,
		  struct err *err)
{
	char url[REPOSITORY_URL_MAX];
	struct http_request request = {
		.method = "GET", .url = url, .max_bytes = max_bytes};
	struct http_response response = {0};

	if (snprintf(url, sizeof(url), "%s/%s", base, name) >= (int)sizeof(url))
		return err_set(err, ERR_INVALID, "%s: the URL is too long", name);
	repository->requests++;
	if (!http_send(repository->http, &request, &response, err))
		return false;
	repository->received_bytes += response.received_bytes;
	/* A web server may answer 403 for a file that is not there, as object stores do. */
	*out_found = response.status == 200;
	if (response.status != 200 && response.status != 404 && response.status != 403) {
		http_fail(&request, &response, err);
		http_response_done(&response);
		return false;
	}
	*out = response;
	return true;
}

/* As fetch(), of a file that has to be there. */
static bool fetch_present(struct repository *repository, const char *base,
			  const char *name, size_t max_bytes, struct http_response *out,
			  struct err *err)
{
	bool found = false;

	if (!fetch(repository, base, name, max_bytes, out, &found, err))
		return false;
	if (found)
		return true;
	http_response_done(out);
	return err_set(err, ERR_NOT_FOUND, "%s/%s: the server does not have it", base,
		       name);
}

static void root_name(int64_t version, char out[static 32])
{
	snprintf(out, 32, "%" PRId64 ".root.json", version);
}

/* §5.3: the chain of roots, first those kept, then those that the server has. */
static bool update_roots(struct repository *repository, struct tuf_trust *trust,
			 struct repository_files *files, struct wall_ms now,
			 struct err *err)
{
	for (int rotations = 0; rotations < TUF_ROOT_ROTATIONS_MAX; rotations++) {
		CLEANUP(http_response_done) struct http_response response = {0};
		const struct repository_file *kept;
		int key_rotations;
		char name[32];
		bool found = false;

		root_name(tuf_root_version(trust) + 1, name);
		kept = find(files, name);
		if (kept && tuf_update_root(trust, kept->bytes, kept->len, err))
			continue;
		if (!fetch(repository, repository->metadata_url, name, TUF_ROOT_MAX,
			   &response, &found, err))
			return false;
		if (!found)
			break;
		key_rotations = tuf_key_rotations(trust);
		if (!tuf_update_root(trust, response.body, response.body_len, err) ||
		    !repository_file_put(files, name, response.body, response.body_len,
					 err))
			return false;
		/* §5.3.11: what was kept under the old keys is no floor any more. */
		if (tuf_key_rotations(trust) > key_rotations) {
			forget(files, "timestamp.json");
			forget(files, "snapshot.json");
		}
	}
	return tuf_root_finish(trust, now, err);
}

typedef bool update_fn(struct tuf_trust *trust, const void *bytes, size_t len,
		       struct wall_ms now, bool accept_expired, struct err *err);

/*
 * Feeds a file that was trusted before, so that its version is the floor for what comes.
 * One that does not verify any more is dropped, with those that hang on it.
 */
static bool feed_kept(struct tuf_trust *trust, struct repository_files *files,
		      const char *name, update_fn *update, struct wall_ms now)
{
	const struct repository_file *kept = find(files, name);
	struct err ignored = {0};

	if (!kept)
		return false;
	if (update(trust, kept->bytes, kept->len, now, true, &ignored))
		return true;
	forget(files, name);
	return false;
}

/* Fetches a role's file under @remote and trusts it; kept as @local. */
static bool update_role(struct repository *repository, struct tuf_trust *trust,
			struct repository_files *files, const char *remote,
			const char *local, size_t max_bytes, update_fn *update,
			struct wall_ms now, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};

	return fetch_present(repository, repository->metadata_url, remote, max_bytes,
			     &response, err) &&
	       update(trust, response.body, response.body_len, now, false, err) &&
	       repository_file_put(files, local, response.body, response.body_len, err);
}

static void role_name(const struct tuf_trust *trust, const char *role, int64_t version,
		      char out[static 48])
{
	if (tuf_consistent_snapshot(trust))
		snprintf(out, 48, "%" PRId64 ".%s.json", version, role);
	else
		snprintf(out, 48, "%s.json", role);
}

static size_t ceiling(const struct tuf_meta *meta, size_t otherwise)
{
	if (meta->length > 0 && (uint64_t)meta->length < otherwise)
		return (size_t)meta->length;
	return otherwise;
}

/* §5.4–5.6. */
static bool update_rest(struct repository *repository, struct tuf_trust *trust,
			struct repository_files *files, struct wall_ms now,
			struct err *err)
{
	struct tuf_meta meta = {0};
	char name[48];

	if (feed_kept(trust, files, "timestamp.json", tuf_update_timestamp, now) &&
	    feed_kept(trust, files, "snapshot.json", tuf_update_snapshot, now))
		(void)feed_kept(trust, files, "targets.json", tuf_update_targets, now);

	if (!update_role(repository, trust, files, "timestamp.json", "timestamp.json",
			 TUF_TIMESTAMP_MAX, tuf_update_timestamp, now, err))
		return false;

	if (!tuf_snapshot_meta(trust, &meta))
		return err_set(err, ERR_UNTRUSTED, "timestamp.json names no snapshot");
	if (tuf_snapshot_version(trust) != meta.version) {
		role_name(trust, "snapshot", meta.version, name);
		if (!update_role(repository, trust, files, name, "snapshot.json",
				 ceiling(&meta, TUF_SNAPSHOT_MAX), tuf_update_snapshot,
				 now, err))
			return false;
	}

	if (!tuf_targets_meta(trust, &meta))
		return err_set(err, ERR_UNTRUSTED, "snapshot.json names no targets.json");
	if (tuf_targets_version(trust) != meta.version) {
		role_name(trust, "targets", meta.version, name);
		if (!update_role(repository, trust, files, name, "targets.json",
				 ceiling(&meta, TUF_TARGETS_MAX), tuf_update_targets, now,
				 err))
			return false;
	}
	/* Files that were kept, and did not have to be fetched, may have ended meanwhile. */
	return tuf_check(trust, now, false, err);
}

struct tuf_trust *repository_refresh(struct repository *repository, const void *root,
				     size_t root_len, struct repository_files *files,
				     struct wall_ms now, struct err *err)
{
	CLEANUP(repository_files_done) struct repository_files next = {0};
	struct repository_files previous;
	struct tuf_trust *trust;

	if (!repository_files_copy(files, &next, err))
		return NULL;
	trust = tuf_trust_new(root, root_len, err);
	if (!trust)
		return NULL;
	if (!update_roots(repository, trust, &next, now, err) ||
	    !update_rest(repository, trust, &next, now, err))
		return tuf_trust_free(trust);

	previous = *files; /* freed with `next`, whose place it takes */
	*files = next;
	next = previous;
	return trust;
}

bool repository_download(struct repository *repository, const struct tuf_trust *trust,
			 const struct tuf_target *target, char **out, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char file[TUF_TARGET_FILE_MAX];

	if (target->length < 0 || (uint64_t)target->length > REPOSITORY_TARGET_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: over %zu bytes", target->path,
			       REPOSITORY_TARGET_MAX);
	tuf_target_file(trust, target, file);
	if (!fetch_present(repository, repository->targets_url, file,
			   (size_t)target->length, &response, err) ||
	    !tuf_target_check(target, response.body, response.body_len, err))
		return false;
	*out = response.body;
	response.body = NULL;
	return true;
}
