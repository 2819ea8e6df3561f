#include "sync/repository.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "sync/difference.h"
#include "sync/http.h"

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

/*
 * GETs @base/@name; *@out_found tells whether the server has it. With @etag, status 304 for
 * a file that still is the one that had it counts as found.
 */
static bool fetch_newer(struct repository *repository, const char *base, const char *name,
			const char *etag, size_t max_bytes, struct http_response *out,
			bool *out_found, struct err *err)
{
	char url[REPOSITORY_URL_MAX];
	struct http_request request = {
		.method = "GET",
		.url = url,
		.max_bytes = max_bytes,
		.etag = etag,
		.timeout = repository->timeout,
	};
	struct http_response response = {0};

	if (snprintf(url, sizeof(url), "%s/%s", base, name) >= (int)sizeof(url))
		return err_set(err, ERR_INVALID, "%s: the URL is too long", name);
	repository->requests++;
	if (!http_send(repository->http, &request, &response, err))
		return false;
	repository->received_bytes += response.received_bytes;
	/* A web server may answer 403 for a file that is not there, as object stores do. */
	*out_found = response.status == 200 || (etag && response.status == 304);
	if (!*out_found && response.status != 404 && response.status != 403) {
		http_fail(&request, &response, err);
		http_response_done(&response);
		return false;
	}
	*out = response;
	return true;
}

static bool fetch(struct repository *repository, const char *base, const char *name,
		  size_t max_bytes, struct http_response *out, bool *out_found,
		  struct err *err)
{
	return fetch_newer(repository, base, name, NULL, max_bytes, out, out_found, err);
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

/* A file that is trusted now is kept in memory, and by the caller where it wants to. */
static bool keep(struct repository *repository, struct repository_files *files,
		 const char *name, const void *bytes, size_t len, struct err *err)
{
	return repository_file_put(files, name, bytes, len, err) &&
	       (!repository->keep ||
		repository->keep(repository->keep_context, name, bytes, len, err));
}

static bool drop(struct repository *repository, struct repository_files *files,
		 const char *name, struct err *err)
{
	forget(files, name);
	return !repository->keep ||
	       repository->keep(repository->keep_context, name, NULL, 0, err);
}

static void root_name(int64_t version, char out[static 32])
{
	snprintf(out, 32, "%" PRId64 ".root.json", version);
}

/* One new root, and what has to go with it. */
static bool take_root(struct repository *repository, struct tuf_trust *trust,
		      struct repository_files *files, const char *name,
		      const struct http_response *response, struct err *err)
{
	int key_rotations = tuf_key_rotations(trust);

	if (!tuf_update_root(trust, response->body, response->body_len, err))
		return false;
	/*
	 * §5.3.11: what was kept under the old keys is no floor any more. It goes before
	 * the root is kept: after a power cut in between, nobody would know that it must.
	 */
	if (tuf_key_rotations(trust) > key_rotations &&
	    (!drop(repository, files, "timestamp.json", err) ||
	     !drop(repository, files, "snapshot.json", err)))
		return false;
	return keep(repository, files, name, response->body, response->body_len, err);
}

/* §5.3: the chain of roots, first those kept, then those that the server has. */
static bool update_roots(struct repository *repository, struct tuf_trust *trust,
			 struct repository_files *files, struct wall_ms now,
			 struct err *err)
{
	for (int rotations = 0; rotations < TUF_ROOT_ROTATIONS_MAX; rotations++) {
		CLEANUP(http_response_done) struct http_response response = {0};
		const struct repository_file *kept;
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
		if (!take_root(repository, trust, files, name, &response, err))
			return false;
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

/* The ETag to ask with; NULL when what is kept is not what the server gave it for. */
static const char *timestamp_etag(const struct repository *repository,
				  const struct repository_files *files)
{
	const struct repository_file *kept =
		repository_file_find(files, "timestamp.json");
	uint8_t hash[SHA256_SIZE];

	if (!kept || repository->timestamp_etag[0] == '\0')
		return NULL;
	sha256(kept->bytes, kept->len, hash);
	if (memcmp(hash, repository->timestamp_hash, sizeof(hash)) != 0)
		return NULL;
	return repository->timestamp_etag;
}

/* §5.4. One of the version trusted already is not taken, whatever it says. */
static bool update_timestamp(struct repository *repository, struct tuf_trust *trust,
			     struct repository_files *files, struct wall_ms now,
			     struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	int64_t before = tuf_timestamp_version(trust);
	const char *etag = before > 0 ? timestamp_etag(repository, files) : NULL;
	bool found = false;

	if (!fetch_newer(repository, repository->metadata_url, "timestamp.json", etag,
			 TUF_TIMESTAMP_MAX, &response, &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_NOT_FOUND,
			       "%s/timestamp.json: the server does not have it",
			       repository->metadata_url);
	if (response.status == 304)
		return true; /* what is kept, which was fed already */
	if (!tuf_update_timestamp(trust, response.body, response.body_len, now, false,
				  err) ||
	    (tuf_timestamp_version(trust) != before &&
	     !keep(repository, files, "timestamp.json", response.body, response.body_len,
		   err)))
		return false;
	snprintf(repository->timestamp_etag, sizeof(repository->timestamp_etag), "%s",
		 response.etag);
	sha256(response.body, response.body_len, repository->timestamp_hash);
	return true;
}

static size_t ceiling(const struct tuf_meta *meta, size_t otherwise)
{
	if (meta->length > 0 && (uint64_t)meta->length < otherwise)
		return (size_t)meta->length;
	return otherwise;
}

/* A large file of which there is an older version may come as what has changed in it. */
static bool fetch_changes(struct repository *repository,
			  const struct repository_files *files, const char *name,
			  const struct tuf_meta *meta, struct http_response *out)
{
	const struct repository_file *kept = repository_file_find(files, name);
	struct err ignored = {0};

	if (!kept || !meta->has_sha256 || meta->length < DIFFERENCE_ABOVE ||
	    meta->length > TUF_TARGETS_MAX)
		return false;
	out->body = difference_fetch(repository, kept->bytes, kept->len, meta->sha256,
				     (size_t)meta->length, &ignored);
	out->body_len = (size_t)meta->length;
	return out->body != NULL;
}

/* §5.5, 5.6: fetches the file that @meta names and trusts it; kept as "ROLE.json". */
static bool update_role(struct repository *repository, struct tuf_trust *trust,
			struct repository_files *files, const char *role,
			const struct tuf_meta *meta, size_t max_bytes, update_fn *update,
			struct wall_ms now, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char url[TUF_URL_MAX], name[TUF_FILE_NAME_MAX];

	tuf_role_url(trust, role, meta->version, url);
	tuf_role_file(role, name);
	return (fetch_changes(repository, files, name, meta, &response) ||
		fetch_present(repository, repository->metadata_url, url,
			      ceiling(meta, max_bytes), &response, err)) &&
	       update(trust, response.body, response.body_len, now, false, err) &&
	       keep(repository, files, name, response.body, response.body_len, err);
}

/* §5.4–5.6. */
static bool update_rest(struct repository *repository, struct tuf_trust *trust,
			struct repository_files *files, struct wall_ms now,
			struct err *err)
{
	struct tuf_meta meta = {0};

	if (feed_kept(trust, files, "timestamp.json", tuf_update_timestamp, now) &&
	    feed_kept(trust, files, "snapshot.json", tuf_update_snapshot, now))
		(void)feed_kept(trust, files, "targets.json", tuf_update_targets, now);

	if (!update_timestamp(repository, trust, files, now, err))
		return false;
	if (!tuf_snapshot_meta(trust, &meta))
		return err_set(err, ERR_UNTRUSTED, "timestamp.json names no snapshot");
	if (!tuf_has_snapshot(trust) &&
	    !update_role(repository, trust, files, "snapshot", &meta, TUF_SNAPSHOT_MAX,
			 tuf_update_snapshot, now, err))
		return false;
	if (!tuf_targets_meta(trust, &meta))
		return err_set(err, ERR_UNTRUSTED, "snapshot.json names no targets.json");
	if (!tuf_has_targets(trust) &&
	    !update_role(repository, trust, files, "targets", &meta, TUF_TARGETS_MAX,
			 tuf_update_targets, now, err))
		return false;
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

/*
 * --- delegations -----------------------------------------------------------------------
 */

static void free_search(struct tuf_search **search)
{
	tuf_search_free(*search);
}

/* Feeds the role that a search needs: as it was kept, or else as the server has it. */
static bool feed_search(struct repository *repository, const struct tuf_trust *trust,
			struct repository_files *files, struct tuf_search *search,
			struct wall_ms now, bool accept_expired, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char url[TUF_URL_MAX], name[TUF_FILE_NAME_MAX];
	const struct repository_file *kept;
	struct tuf_meta meta = {0};
	const char *role = NULL;
	struct err outdated = {0};

	if (!tuf_search_needs(search, &role, &meta, err))
		return false;
	tuf_role_url(trust, role, meta.version, url);
	tuf_role_file(role, name);
	kept = find(files, name);
	if (kept && tuf_search_feed(search, kept->bytes, kept->len, now, accept_expired,
				    &outdated))
		return true;
	return fetch_present(repository, repository->metadata_url, url,
			     ceiling(&meta, TUF_TARGETS_MAX), &response, err) &&
	       tuf_search_feed(search, response.body, response.body_len, now,
			       accept_expired, err) &&
	       keep(repository, files, name, response.body, response.body_len, err);
}

bool repository_find(struct repository *repository, const struct tuf_trust *trust,
		     struct repository_files *files, const char *path, struct wall_ms now,
		     struct tuf_target *out, bool *out_found, struct err *err)
{
	CLEANUP(free_search)
	struct tuf_search *search = tuf_search_new(trust, path, err);

	if (!search)
		return false;
	while (tuf_search_state(search) == TUF_SEARCH_NEEDS_ROLE) {
		if (!feed_search(repository, trust, files, search, now, false, err))
			return false;
	}
	*out_found = tuf_search_state(search) == TUF_SEARCH_FOUND;
	if (*out_found)
		*out = *tuf_search_target(search);
	return true;
}

/* Root files have two dots in their names, delegated roles' one: theirs are encoded. */
static bool is_delegated_file(const char *name)
{
	return strcmp(name, "timestamp.json") != 0 &&
	       strcmp(name, "snapshot.json") != 0 && strcmp(name, "targets.json") != 0 &&
	       strchr(name, '.') == strrchr(name, '.');
}

/*
 * Visits every role; @names becomes the list of their files. Those past their end come
 * along: whoever gets the files shall see that for himself.
 */
static bool visit_roles(struct repository *repository, const struct tuf_trust *trust,
			struct repository_files *files, struct tuf_search *search,
			struct wall_ms now, char (*names)[TUF_FILE_NAME_MAX],
			size_t *out_count, struct err *err)
{
	size_t count = 0;

	while (tuf_search_state(search) == TUF_SEARCH_NEEDS_ROLE) {
		struct tuf_meta meta = {0};
		const char *role = NULL;

		if (!tuf_search_needs(search, &role, &meta, err))
			return false;
		tuf_role_file(role, names[count++]);
		if (!feed_search(repository, trust, files, search, now, true, err))
			return false;
	}
	*out_count = count;
	return true;
}

static void forget_other_roles(struct repository_files *files,
			       char (*names)[TUF_FILE_NAME_MAX], size_t count)
{
	for (size_t i = files->count; i-- > 0;) {
		const char *name = files->files[i].name;
		bool in_force = !is_delegated_file(name);

		for (size_t j = 0; j < count && !in_force; j++)
			in_force = strcmp(name, names[j]) == 0;
		if (!in_force)
			forget(files, name);
	}
}

bool repository_delegated(struct repository *repository, const struct tuf_trust *trust,
			  struct repository_files *files, struct wall_ms now,
			  repository_target_fn *each, void *context, struct err *err)
{
	CLEANUP(free_search)
	struct tuf_search *search = tuf_search_new(trust, NULL, err);
	char names[TUF_SEARCH_ROLES_MAX][TUF_FILE_NAME_MAX];
	const struct tuf_target *listed;
	size_t count = 0;

	if (!search ||
	    !visit_roles(repository, trust, files, search, now, names, &count, err))
		return false;
	forget_other_roles(files, names, count);
	for (size_t i = 0; (listed = tuf_search_listed(search, i)) != NULL; i++) {
		struct tuf_target target = {0};
		bool found = false;

		if (i >= REPOSITORY_DELEGATED_MAX)
			return err_set(err, ERR_TOO_LARGE,
				       "delegated roles list more than %d targets",
				       REPOSITORY_DELEGATED_MAX);
		/* What a role lists, and what it may say something about, are two things. */
		if (!repository_find(repository, trust, files, listed->path, now, &target,
				     &found, err) &&
		    err->code != ERR_EXPIRED)
			return false;
		if (found && !each(context, &target, err))
			return false;
	}
	return true;
}

bool repository_download(struct repository *repository, const struct tuf_trust *trust,
			 const struct tuf_target *target, char **out, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char url[TUF_URL_MAX];

	if (target->length < 0 || (uint64_t)target->length > REPOSITORY_TARGET_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: over %zu bytes", target->path,
			       REPOSITORY_TARGET_MAX);
	tuf_target_url(trust, target, url);
	if (!fetch_present(repository, repository->targets_url, url,
			   (size_t)target->length, &response, err) ||
	    !tuf_target_check(target, response.body, response.body_len, err))
		return false;
	*out = response.body;
	response.body = NULL;
	return true;
}
