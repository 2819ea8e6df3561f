/*
 * In two passes: first all metadata that stays is read, and the names of its target files are
 * gathered; then what is on none of the lists goes, files before the metadata that names
 * them, so that a kill in between leaves nothing that a later run would not find.
 */
#include "city/prune.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "city/publisher.h"
#include "core/alarm.h"
#include "core/err.h"
#include "os/file.h"
#include "wire/tuf.h"
#include "wire/tuf_metadata.h"

#define ROLE_MAX   128
#define FOLDER_MAX 8 /* levels of folders below targets/ */

/* "N.role.json" */
struct version {
	int64_t number;
	char role[ROLE_MAX];
	struct wall_ms written;
	bool goes;
};

/* Names of target files ("media/<sha256>.a.png"), sorted once they are complete. */
struct names {
	char **list;
	size_t count, capacity;
};

struct prune {
	const struct publisher *publisher;
	char metadata[PATH_MAX], targets[PATH_MAX], objects[PATH_MAX];
	int64_t keep_until_ms; /* what was superseded before may go */
	struct version *versions;
	size_t count, capacity;
	struct names stay;       /* target files that are needed */
	struct names objects_go; /* hashes of programmes and plans, hexadecimal */
	struct names objects_stay;
	size_t removed;
};

static void names_done(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
}

static void prune_done(struct prune *prune)
{
	names_done(&prune->stay);
	names_done(&prune->objects_go);
	names_done(&prune->objects_stay);
	free(prune->versions);
}

static bool names_add(struct names *names, const char *name, struct err *err)
{
	if (names->count == names->capacity) {
		size_t capacity = names->capacity ? 2 * names->capacity : 256;
		char **list = reallocarray(names->list, capacity, sizeof(*list));

		if (!list)
			return err_set(err, ERR_NO_MEMORY, "out of memory");
		names->list = list;
		names->capacity = capacity;
	}
	names->list[names->count] = strdup(name);
	if (!names->list[names->count])
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	names->count++;
	return true;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static void names_sort(struct names *names)
{
	if (names->count > 0)
		qsort(names->list, names->count, sizeof(*names->list), compare_names);
}

static bool names_have(const struct names *names, const char *name)
{
	return names->count > 0 && bsearch(&name, names->list, names->count,
					   sizeof(*names->list), compare_names);
}

static struct wall_ms modified(const struct stat *status)
{
	return (struct wall_ms){status->st_mtim.tv_sec * INT64_C(1000) +
				status->st_mtim.tv_nsec / 1000000};
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* ---- Which versions go ---- */

/* "N.role.json" but for roots; false for anything else, which is left alone. */
static bool parse_name(const char *name, struct version *out)
{
	char *end;
	size_t len;

	if (name[0] < '1' || name[0] > '9')
		return false;
	errno = 0;
	out->number = strtoll(name, &end, 10);
	len = strlen(end);
	if (errno != 0 || len < sizeof(".x.json") - 1 || len - 6 >= ROLE_MAX ||
	    end[0] != '.' || strcmp(end + len - 5, ".json") != 0)
		return false;
	memcpy(out->role, end + 1, len - 6);
	out->role[len - 6] = '\0';
	return strcmp(out->role, "root") != 0;
}

static bool add_version(struct prune *prune, const struct version *version,
			struct err *err)
{
	if (prune->count == prune->capacity) {
		size_t capacity = prune->capacity ? 2 * prune->capacity : 256;
		struct version *versions =
			reallocarray(prune->versions, capacity, sizeof(*versions));

		if (!versions)
			return err_set(err, ERR_NO_MEMORY, "out of memory");
		prune->versions = versions;
		prune->capacity = capacity;
	}
	prune->versions[prune->count++] = *version;
	return true;
}

static int compare_versions(const void *left, const void *right)
{
	const struct version *a = left, *b = right;
	int roles = strcmp(a->role, b->role);

	return roles != 0 ? roles : (a->number > b->number) - (a->number < b->number);
}

static bool list_versions(struct prune *prune, struct err *err)
{
	CLEANUP(close_dir) DIR *dir = opendir(prune->metadata);
	const struct dirent *entry;

	if (!dir)
		return err_set_errno(err, "%s", prune->metadata);
	while ((entry = readdir(dir))) {
		struct version version = {0};
		struct stat status;

		if (!parse_name(entry->d_name, &version))
			continue;
		if (fstatat(dirfd(dir), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			return err_set_errno(err, "%s/%s", prune->metadata,
					     entry->d_name);
		version.written = modified(&status);
		if (!add_version(prune, &version, err))
			return false;
	}
	if (prune->count > 0)
		qsort(prune->versions, prune->count, sizeof(*prune->versions),
		      compare_versions);
	return true;
}

/*
 * A version was superseded when the next one was written: from then on no screen was led to
 * it. The last two of each role stay whatever their age.
 */
static void choose_versions(struct prune *prune)
{
	for (size_t i = 0; i + 2 < prune->count; i++) {
		struct version *version = &prune->versions[i];
		const struct version *next = version + 1, *after = version + 2;

		version->goes = strcmp(version->role, after->role) == 0 &&
				next->written.ms < prune->keep_until_ms;
	}
}

/* ---- Which target files stay ---- */

static void version_path(const struct prune *prune, const struct version *version,
			 char out[static PATH_MAX + 192])
{
	snprintf(out, PATH_MAX + 192, "%s/%" PRId64 ".%s.json", prune->metadata,
		 version->number, version->role);
}

static bool is_document(const char *path)
{
	return strcmp(path, "plan.json") == 0 || strcmp(path, "programme.json") == 0 ||
	       strcmp(path, ALARM_PATH) == 0;
}

static bool note_target(struct prune *prune, const struct version *version,
			const struct tuf_target *target, struct err *err)
{
	char file[TUF_TARGET_FILE_MAX], hex[SHA256_HEX_SIZE];

	tuf_target_file(publisher_trust(prune->publisher), target, file);
	if (!version->goes && !names_add(&prune->stay, file, err))
		return false;
	if (!target->has_sha256 || !is_document(target->path))
		return true;
	hex_encode(target->sha256, SHA256_SIZE, hex);
	return names_add(version->goes ? &prune->objects_go : &prune->objects_stay, hex,
			 err);
}

static bool read_version(struct prune *prune, const struct version *version,
			 struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	CLEANUP(blob_free) struct blob blob = {0};
	char path[PATH_MAX + 192];
	struct tuf_targets *targets;
	bool ok = true;

	version_path(prune, version, path);
	if (!file_read(path, TUF_TARGETS_MAX, &blob, err) ||
	    !tuf_file_read(&file, path, TUF_ROLE_TARGETS, blob.bytes, blob.len,
			   TUF_TARGETS_MAX, err))
		return false;
	targets = tuf_targets_read(&file, err);
	if (!targets)
		return false;
	for (size_t i = 0; ok && i < targets->count; i++)
		ok = note_target(prune, version, &targets->targets[i], err);
	tuf_targets_free(targets);
	return ok;
}

static bool read_versions(struct prune *prune, struct err *err)
{
	for (size_t i = 0; i < prune->count; i++) {
		const struct version *version = &prune->versions[i];

		if (strcmp(version->role, "snapshot") != 0 &&
		    !read_version(prune, version, err))
			return false;
	}
	names_sort(&prune->stay);
	names_sort(&prune->objects_stay);
	return true;
}

/* ---- Removing ---- */

static bool remove_objects(struct prune *prune, struct err *err)
{
	for (size_t i = 0; i < prune->objects_go.count; i++) {
		const char *name = prune->objects_go.list[i];
		char path[PATH_MAX];

		if (names_have(&prune->objects_stay, name))
			continue;
		if (!path_join(path, sizeof(path), prune->objects, name, err))
			return false;
		if (unlink(path) == 0)
			prune->removed++;
		else if (errno != ENOENT)
			return err_set_errno(err, "%s", path);
	}
	return true;
}

static bool remove_targets(struct prune *prune, int dir_fd, const char *below, int depth,
			   struct err *err);

/* @name in the folder open as @dir_fd, which is @below the targets. */
static bool remove_target(struct prune *prune, int dir_fd, const char *below,
			  const char *name, int depth, struct err *err)
{
	char path[TUF_TARGET_FILE_MAX];
	struct stat status;

	/* A name that is too long is of no target of ours. */
	if (snprintf(path, sizeof(path), "%s%s%s", below, below[0] ? "/" : "", name) >=
	    (int)sizeof(path))
		return true;
	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return err_set_errno(err, "%s/%s", prune->targets, path);
	if (S_ISDIR(status.st_mode)) {
		int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return err_set_errno(err, "%s/%s", prune->targets, path);
		return depth >= FOLDER_MAX
			       ? close(fd) == 0
			       : remove_targets(prune, fd, path, depth + 1, err);
	}
	if (names_have(&prune->stay, path) ||
	    modified(&status).ms >= prune->keep_until_ms)
		return true;
	if (unlinkat(dir_fd, name, 0) < 0)
		return err_set_errno(err, "%s/%s", prune->targets, path);
	prune->removed++;
	return true;
}

/* Takes @dir_fd. */
static bool remove_targets(struct prune *prune, int dir_fd, const char *below, int depth,
			   struct err *err)
{
	CLEANUP(close_dir) DIR *dir = fdopendir(dir_fd);
	const struct dirent *entry;

	if (!dir) {
		close(dir_fd);
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    !remove_target(prune, dirfd(dir), below, entry->d_name, depth, err))
			return false;
	return true;
}

static bool remove_versions(struct prune *prune, struct err *err)
{
	for (size_t i = 0; i < prune->count; i++) {
		char path[PATH_MAX + 192];

		if (!prune->versions[i].goes)
			continue;
		version_path(prune, &prune->versions[i], path);
		if (unlink(path) < 0)
			return err_set_errno(err, "%s", path);
		prune->removed++;
	}
	return true;
}

bool prune_repository(const struct publisher *publisher, const char *state_dir,
		      struct wall_ms now, int keep_days, size_t *out_removed,
		      struct err *err)
{
	CLEANUP(prune_done)
	struct prune prune = {
		.publisher = publisher,
		.keep_until_ms = now.ms - keep_days * DAY_MS,
	};
	const char *folder = publisher_folder(publisher);
	bool ok;
	int fd;

	if (!path_join(prune.metadata, PATH_MAX, folder, "metadata", err) ||
	    !path_join(prune.targets, PATH_MAX, folder, "targets", err) ||
	    !path_join(prune.objects, PATH_MAX, state_dir, "objects", err) ||
	    !list_versions(&prune, err))
		return false;
	choose_versions(&prune);
	if (!read_versions(&prune, err))
		return false;
	fd = open(prune.targets, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_set_errno(err, "%s", prune.targets);
	ok = remove_targets(&prune, fd, "", 0, err) && remove_objects(&prune, err) &&
	     remove_versions(&prune, err);
	*out_removed = prune.removed;
	return ok;
}
