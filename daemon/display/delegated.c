#include "display/delegated.h"

#include <string.h>

#include "core/err.h"

static void free_search(struct tuf_search **search)
{
	tuf_search_free(*search);
}

void delegated_done(struct delegated *delegated)
{
	for (size_t i = 0; i < delegated->count; i++)
		blob_free(&delegated->files[i].blob);
	delegated->count = 0;
}

/* Reads the file of the role that @search needs; it becomes the last of @out. */
static bool read_next(int set_fd, const struct tuf_search *search, struct delegated *out,
		      struct err *err)
{
	struct delegated_file *file = &out->files[out->count];
	struct tuf_meta meta = {0};
	const char *role = NULL;
	size_t max = TUF_TARGETS_MAX;

	if (!tuf_search_needs(search, &role, &meta, err))
		return false;
	if (meta.length > 0 && meta.length < TUF_TARGETS_MAX)
		max = (size_t)meta.length;
	tuf_role_file(role, file->name);
	if (!file_read_at(set_fd, file->name, max, &file->blob, err))
		return false;
	out->count++;
	return true;
}

bool delegated_load(int set_fd, const struct tuf_trust *trust, struct wall_ms now,
		    struct delegated *out, struct err *err)
{
	CLEANUP(free_search)
	struct tuf_search *search = tuf_search_new(trust, NULL, err);

	if (!search)
		return false;
	/* Each role is needed once, and no more of them than there is room for. */
	while (tuf_search_state(search) == TUF_SEARCH_NEEDS_ROLE) {
		const struct blob *blob;

		if (!read_next(set_fd, search, out, err))
			return false;
		blob = &out->files[out->count - 1].blob;
		if (!tuf_search_feed(search, blob->bytes, blob->len, now, true, err))
			return false;
	}
	return true;
}

static const struct blob *find_file(const struct delegated *delegated, const char *role)
{
	char name[TUF_FILE_NAME_MAX];

	tuf_role_file(role, name);
	for (size_t i = 0; i < delegated->count; i++) {
		if (strcmp(delegated->files[i].name, name) == 0)
			return &delegated->files[i].blob;
	}
	return NULL;
}

bool delegated_find(const struct delegated *delegated, const struct tuf_trust *trust,
		    const char *path, struct wall_ms now, bool accept_expired,
		    struct tuf_target *out, bool *out_found, struct err *err)
{
	CLEANUP(free_search)
	struct tuf_search *search = tuf_search_new(trust, path, err);

	if (!search)
		return false;
	while (tuf_search_state(search) == TUF_SEARCH_NEEDS_ROLE) {
		struct tuf_meta meta = {0};
		const struct blob *blob;
		const char *role = NULL;

		if (!tuf_search_needs(search, &role, &meta, err))
			return false;
		blob = find_file(delegated, role);
		if (!blob)
			return err_set(err, ERR_NOT_FOUND,
				       "%s: the metadata of a role that has to be asked "
				       "is not there",
				       path);
		if (!tuf_search_feed(search, blob->bytes, blob->len, now, accept_expired,
				     err))
			return false;
	}
	*out_found = tuf_search_state(search) == TUF_SEARCH_FOUND;
	if (*out_found)
		*out = *tuf_search_target(search);
	return true;
}
