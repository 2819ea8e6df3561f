#include "city/differences.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "city/metadata.h"
#include "city/publisher.h"
#include "core/err.h"
#include "os/file.h"
#include "wire/delta.h"
#include "wire/digest.h"
#include "wire/tuf.h"
#include "wire/tuf_metadata.h"

/* A file below this, or a difference above half of it, saves nothing. */
#define SMALL     4096
#define SUFFIX    ".vcdiff"
#define NAME_SIZE (2 * SHA256_HEX_SIZE + sizeof(SUFFIX))
#define KINDS     3 /* targets.json, and … */

static const char *const changing[KINDS - 1] = {"programme.json", "plan.json"};

/* The files of one publication that change from one to the next. */
struct edition {
	struct blob files[KINDS]; /* empty: not there, or not read */
	char hashes[KINDS][SHA256_HEX_SIZE];
};

static void edition_done(struct edition *edition)
{
	for (size_t i = 0; i < KINDS; i++)
		blob_free(&edition->files[i]);
}

static void name_file(struct edition *edition, size_t kind)
{
	uint8_t hash[SHA256_SIZE];

	sha256(edition->files[kind].bytes, edition->files[kind].len, hash);
	hex_encode(hash, sizeof(hash), edition->hashes[kind]);
}

static void read_target(const struct publisher *publisher, const struct tuf_trust *trust,
			const struct tuf_targets *targets, size_t kind,
			struct edition *out)
{
	const struct tuf_target *target = tuf_targets_find(targets, changing[kind - 1]);
	char name[sizeof("targets/") + TUF_TARGET_FILE_MAX] = "targets/";
	char path[PATH_MAX];
	struct err ignored = {0};

	if (!target || !target->has_sha256)
		return;
	tuf_target_file(trust, target, name + strlen(name));
	if (path_join(path, sizeof(path), publisher_folder(publisher), name, &ignored) &&
	    file_read(path, DELTA_FILE_MAX, &out->files[kind], &ignored))
		name_file(out, kind);
}

/* What version @version holds, as far as it is still there. */
static bool read_edition(const struct publisher *publisher, const struct tuf_trust *trust,
			 int64_t version, struct edition *out, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct tuf_targets *targets;
	char folder[PATH_MAX];

	if (!path_join(folder, sizeof(folder), publisher_folder(publisher), "metadata",
		       err) ||
	    !metadata_read(folder, version, "targets", TUF_TARGETS_MAX, &out->files[0],
			   err) ||
	    !tuf_file_read(&file, "targets.json", TUF_ROLE_TARGETS, out->files[0].bytes,
			   out->files[0].len, TUF_TARGETS_MAX, err))
		return false;
	targets = tuf_targets_read(&file, err);
	if (!targets)
		return false;
	name_file(out, 0);
	for (size_t kind = 1; kind < KINDS; kind++)
		read_target(publisher, trust, targets, kind, out);
	tuf_targets_free(targets);
	return true;
}

static bool write_one(const char *folder, const struct edition *old,
		      const struct edition *new, size_t kind, struct err *err)
{
	const struct blob *from = &old->files[kind], *to = &new->files[kind];
	char name[NAME_SIZE], path[PATH_MAX];
	struct err too_large = {0};
	size_t len = 0;
	char *delta;
	bool fine;

	if (from->len == 0 || to->len < SMALL ||
	    strcmp(old->hashes[kind], new->hashes[kind]) == 0)
		return true;
	snprintf(name, sizeof(name), "%s-%s" SUFFIX, old->hashes[kind],
		 new->hashes[kind]);
	if (!path_join(path, sizeof(path), folder, name, err))
		return false;
	if (file_exists(path))
		return true;
	delta = delta_make(from->bytes, from->len, to->bytes, to->len, &len, &too_large);
	fine = !delta || len > to->len / 2 ||
	       file_write_atomic(path, delta, len, 0644, err);
	free(delta);
	return fine;
}

/* Differences that lead elsewhere than to the newest publication and the one before it. */
static bool is_outdated(const char *name, const struct edition *newest,
			const struct edition *before)
{
	const char *to = strchr(name, '-');

	if (name[0] == '.')
		return strncmp(name, ".tmp-", 5) == 0;
	for (size_t kind = 0; to && kind < KINDS; kind++)
		if (strncmp(to + 1, newest->hashes[kind], SHA256_HEX_SIZE - 1) == 0 ||
		    strncmp(to + 1, before->hashes[kind], SHA256_HEX_SIZE - 1) == 0)
			return false;
	return true;
}

static void sweep(const char *folder, const struct edition *newest,
		  const struct edition *before)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir)
		return;
	while ((entry = readdir(dir)))
		if (is_outdated(entry->d_name, newest, before))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

bool differences_write(const struct publisher *publisher, const struct proposal *proposal,
		       struct err *err)
{
	const struct tuf_trust *trust = proposal_trust(proposal);
	int64_t version = tuf_targets_version(trust);
	CLEANUP(edition_done) struct edition newest = {0};
	char folder[PATH_MAX];

	if (!path_join(folder, sizeof(folder), publisher_folder(publisher), "differences",
		       err) ||
	    !dir_make(folder, 0755, err) ||
	    !read_edition(publisher, trust, version, &newest, err))
		return false;
	for (int64_t back = 1; back <= DIFFERENCES_BACK && back < version; back++) {
		CLEANUP(edition_done) struct edition old = {0};
		struct err gone = {0};

		/* What has been cleared away is asked for by nobody. */
		if (!read_edition(publisher, trust, version - back, &old, &gone))
			break;
		for (size_t kind = 0; kind < KINDS; kind++)
			if (!write_one(folder, &old, &newest, kind, err))
				return false;
		if (back == 1)
			sweep(folder, &newest, &old);
	}
	return true;
}
