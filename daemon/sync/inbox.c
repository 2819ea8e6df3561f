#include "sync/inbox.h"

#include <dirent.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "os/file.h"
#include "sync/difference.h"
#include "sync/download.h"
#include "sync/repository.h"
#include "wire/health.h"
#include "wire/tuf.h"
#include "wire/tuf_metadata.h"

#define SET_NAME_MAX  65
#define SET_FILES_MAX (TUF_ROOT_ROTATIONS_MAX + 3 + TUF_SEARCH_ROLES_MAX)
#define DIR_MODE      0750
#define FILE_MODE     0640
/* From here on a file goes to disk as it comes, so that a cut costs no more than the rest. */
#define PART_ABOVE (256 * 1024)

struct inbox {
	char path[PATH_MAX];
	struct blob root;
	struct repository_files files; /* of the current set */
	char current[SET_NAME_MAX];    /* "" when there is none */
	int64_t timestamp_version;
};

static bool join(const struct inbox *inbox, const char *folder, const char *name,
		 char out[static PATH_MAX], struct err *err)
{
	char inner[NAME_MAX * 2];

	snprintf(inner, sizeof(inner), "%s/%s", folder, name);
	return path_join(out, PATH_MAX, inbox->path, inner, err);
}

static bool load_file(struct inbox *inbox, const char *dir, const char *name,
		      struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	char path[PATH_MAX];

	return path_join(path, sizeof(path), dir, name, err) &&
	       file_read(path, TUF_TARGETS_MAX, &blob, err) &&
	       repository_file_put(&inbox->files, name, blob.bytes, blob.len, err);
}

/*
 * What an earlier run left. The courier trusts none of it: repository_refresh() verifies
 * every file again and drops what fails, so an unreadable set is only an empty start.
 */
static void load_current(struct inbox *inbox)
{
	CLEANUP(blob_free) struct blob name = {0};
	struct err ignored = {0};
	char path[PATH_MAX];
	struct dirent *entry;
	size_t files = 0;
	DIR *dir;

	if (!path_join(path, sizeof(path), inbox->path, "current", &ignored) ||
	    !file_read(path, SET_NAME_MAX - 1, &name, &ignored))
		return;
	name.bytes[strcspn(name.bytes, "\n")] = '\0';
	if (strspn(name.bytes, "0123456789abcdef-") != strlen(name.bytes) ||
	    !join(inbox, "sets", name.bytes, path, &ignored))
		return;
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL && files++ < SET_FILES_MAX)
		if (entry->d_name[0] != '.')
			(void)!load_file(inbox, path, entry->d_name, &ignored);
	closedir(dir);
	snprintf(inbox->current, sizeof(inbox->current), "%s", name.bytes);
}

static bool make_folder(const struct inbox *inbox, const char *name, struct err *err)
{
	char path[PATH_MAX];

	return path_join(path, sizeof(path), inbox->path, name, err) &&
	       dir_make(path, DIR_MODE, err);
}

struct inbox *inbox_new(const char *path, const char *root_path, struct err *err)
{
	struct inbox *inbox = calloc(1, sizeof(*inbox));

	if (!inbox) {
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
		return NULL;
	}
	if (snprintf(inbox->path, sizeof(inbox->path), "%s", path) >= PATH_MAX) {
		err_set(err, ERR_CONFIG, "the path of the inbox is too long");
		goto fail;
	}
	if (!make_folder(inbox, "objects", err) || !make_folder(inbox, "sets", err))
		goto fail;
	if (!file_read(root_path, TUF_ROOT_MAX, &inbox->root, err)) {
		err_prefix(err, "root of trust (is this box enrolled? see "
				"ekimaectl screen enrol)");
		goto fail;
	}
	load_current(inbox);
	return inbox;
fail:
	return inbox_free(inbox);
}

struct inbox *inbox_free(struct inbox *inbox)
{
	if (!inbox)
		return NULL;
	blob_free(&inbox->root);
	repository_files_done(&inbox->files);
	free(inbox);
	return NULL;
}

int64_t inbox_timestamp_version(const struct inbox *inbox)
{
	return inbox->timestamp_version;
}

/* Whether the object is there whole: its length tells, since it was written atomically. */
static bool have_object(const char *path, const struct tuf_target *target)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct err ignored = {0};

	return file_read(path, (size_t)target->length, &blob, &ignored) &&
	       tuf_target_check(target, blob.bytes, blob.len, &ignored);
}

/* What an update makes of the targets: fetched here, and their objects kept afterwards. */
struct update {
	struct inbox *inbox;
	struct repository *repository;
	const struct tuf_trust *trust;
	struct tuf_targets *before; /* what the current set lists, unverified; or NULL */
	char (*objects)[SHA256_HEX_SIZE]; /* names in the new set; owned */
	size_t object_count;
};

static void update_done(struct update *update)
{
	free(update->objects);
	tuf_targets_free(update->before);
}

/*
 * What the box had before, to ask for the changes in it only. Nothing hangs on it being
 * genuine: what is made of it has to have the hash of the new file.
 */
static struct tuf_targets *read_targets(const struct inbox *inbox)
{
	const struct repository_file *kept =
		repository_file_find(&inbox->files, "targets.json");
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct err ignored = {0};

	if (!kept || !tuf_file_read(&file, kept->name, TUF_ROLE_TARGETS, kept->bytes,
				    kept->len, TUF_TARGETS_MAX, &ignored))
		return NULL;
	return tuf_targets_read(&file, &ignored);
}

/* @target out of the object that was at its path before; NULL: not that way. */
static char *fetch_changes(const struct update *update, const struct tuf_target *target)
{
	CLEANUP(blob_free) struct blob base = {0};
	const struct tuf_target *before =
		update->before ? tuf_targets_find(update->before, target->path) : NULL;
	char path[PATH_MAX], hex[SHA256_HEX_SIZE];
	struct err ignored = {0};

	if (!before || !before->has_sha256 || target->length < DIFFERENCE_ABOVE ||
	    (uint64_t)target->length > REPOSITORY_TARGET_MAX)
		return NULL;
	hex_encode(before->sha256, SHA256_SIZE, hex);
	if (!join(update->inbox, "objects", hex, path, &ignored) ||
	    !file_read(path, REPOSITORY_TARGET_MAX, &base, &ignored))
		return NULL;
	return difference_fetch(update->repository, base.bytes, base.len, target->sha256,
				(size_t)target->length, &ignored);
}

/* Brings @target to @path, by the cheapest way there is. */
static bool bring(const struct update *update, const struct tuf_target *target,
		  const char *path, struct err *err)
{
	char *bytes = fetch_changes(update, target);
	bool fine = bytes != NULL;

	if (!fine && target->length > PART_ABOVE)
		return download_target(update->repository, update->trust, target, path,
				       err);
	fine = fine || repository_download(update->repository, update->trust, target,
					   &bytes, err);
	fine = fine && tuf_target_check(target, bytes, (size_t)target->length, err) &&
	       file_write_atomic(path, bytes, (size_t)target->length, FILE_MODE, err);
	free(bytes);
	return fine;
}

static bool fetch_object(void *context, const struct tuf_target *target, struct err *err)
{
	struct update *update = context;
	char path[PATH_MAX], hex[SHA256_HEX_SIZE];
	char(*objects)[SHA256_HEX_SIZE];

	if (!target->has_sha256)
		return err_set(err, ERR_INVALID,
			       "%s: has no SHA-256, by which objects are named",
			       target->path);
	hex_encode(target->sha256, SHA256_SIZE, hex);
	objects = realloc(update->objects, (update->object_count + 1) * sizeof(*objects));
	if (!objects)
		return err_set(err, ERR_NO_MEMORY, "inbox: out of memory");
	update->objects = objects;
	memcpy(objects[update->object_count++], hex, sizeof(hex));

	if (!join(update->inbox, "objects", hex, path, err))
		return false;
	return have_object(path, target) || bring(update, target, path, err);
}

/* All targets: those of the top-level role, and those of the roles it delegates to. */
static bool fetch_objects(struct update *update, struct repository_files *files,
			  struct wall_ms now, struct err *err)
{
	for (size_t i = 0; i < tuf_target_count(update->trust); i++) {
		if (!fetch_object(update, tuf_target_at(update->trust, i), err))
			return false;
	}
	return repository_delegated(update->repository, update->trust, files, now,
				    fetch_object, update, err);
}

static bool write_set(const struct inbox *inbox, const struct repository_files *files,
		      const char *name, struct err *err)
{
	char dir[PATH_MAX];

	if (!join(inbox, "sets", name, dir, err) || !dir_make(dir, DIR_MODE, err))
		return false;
	for (size_t i = 0; i < files->count; i++) {
		char path[PATH_MAX];

		if (!path_join(path, sizeof(path), dir, files->files[i].name, err) ||
		    !file_write_atomic(path, files->files[i].bytes, files->files[i].len,
				       FILE_MODE, err))
			return false;
	}
	return true;
}

/* Removes what neither the new set nor the one before it needs: a display may still read
 * the latter. What can't be removed now goes at the next switch. */
static void remove_old_sets(const struct inbox *inbox, const char *keep,
			    const char *keep2)
{
	struct err ignored = {0};
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (!path_join(path, sizeof(path), inbox->path, "sets", &ignored) ||
	    !(dir = opendir(path)))
		return;
	while ((entry = readdir(dir)) != NULL) {
		char old[PATH_MAX];

		if (entry->d_name[0] == '.' || strcmp(entry->d_name, keep) == 0 ||
		    strcmp(entry->d_name, keep2) == 0)
			continue;
		if (path_join(old, sizeof(old), path, entry->d_name, &ignored))
			(void)!dir_remove(old, &ignored);
	}
	closedir(dir);
}

static bool is_named(const struct update *update, const char *hex)
{
	for (size_t i = 0; i < update->object_count; i++) {
		if (strcmp(update->objects[i], hex) == 0)
			return true;
	}
	return false;
}

/*
 * Objects that the new set does not name. A display that is still reading the set before
 * may miss one: it then keeps what it shows, and reads the new set, of which it was told.
 */
static void remove_old_objects(const struct inbox *inbox, const struct update *update)
{
	struct err ignored = {0};
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (!path_join(path, sizeof(path), inbox->path, "objects", &ignored) ||
	    !(dir = opendir(path)))
		return;
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.' && !is_named(update, entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

/* The switch itself: `current` is replaced last, when all that it names is on disk. */
static bool switch_to(struct inbox *inbox, const struct repository_files *files,
		      const struct update *update, struct err *err)
{
	char path[PATH_MAX], name[SET_NAME_MAX];
	uint8_t random[8];
	char hex[sizeof(random) * 2 + 1];

	random_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), hex);
	snprintf(name, sizeof(name), "%" PRId64 "-%s",
		 tuf_timestamp_version(update->trust), hex);
	if (!write_set(inbox, files, name, err) ||
	    !path_join(path, sizeof(path), inbox->path, "current", err) ||
	    !file_write_atomic(path, name, strlen(name), FILE_MODE, err))
		return false;
	remove_old_sets(inbox, name, inbox->current);
	remove_old_objects(inbox, update);
	snprintf(inbox->current, sizeof(inbox->current), "%s", name);
	return true;
}

static bool same_files(const struct repository_files *a, const struct repository_files *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct repository_file *other =
			repository_file_find(b, a->files[i].name);

		if (!other || other->len != a->files[i].len ||
		    memcmp(other->bytes, a->files[i].bytes, other->len) != 0)
			return false;
	}
	return true;
}

bool inbox_update(struct inbox *inbox, struct repository *repository, struct wall_ms now,
		  bool *out_changed, struct err *err)
{
	CLEANUP(repository_files_done) struct repository_files files = {0};
	CLEANUP(update_done)
	struct update update = {.inbox = inbox, .repository = repository};
	struct repository_files previous;
	struct tuf_trust *trust;
	bool changed, fine;

	if (!repository_files_copy(&inbox->files, &files, err))
		return false;
	trust = repository_refresh(repository, inbox->root.bytes, inbox->root.len, &files,
				   now, err);
	if (!trust)
		return false;
	update.trust = trust;
	update.before = read_targets(inbox);
	/* Objects are looked at even without news: somebody may have emptied the folder. */
	fine = fetch_objects(&update, &files, now, err);
	changed = !inbox->current[0] || !same_files(&files, &inbox->files);
	fine = fine && (!changed || switch_to(inbox, &files, &update, err));
	if (fine) {
		inbox->timestamp_version = tuf_timestamp_version(trust);
		previous = inbox->files;
		inbox->files = files;
		files = previous;
		*out_changed = changed;
	}
	tuf_trust_free(trust);
	return fine;
}

bool inbox_put_ack(struct inbox *inbox, const void *bytes, size_t len, struct err *err)
{
	char path[PATH_MAX];

	return path_join(path, sizeof(path), inbox->path, "ack.json", err) &&
	       file_write_atomic(path, bytes, len, FILE_MODE, err);
}

bool inbox_put_request(struct inbox *inbox, const void *bytes, size_t len,
		       struct err *err)
{
	CLEANUP(blob_free) struct blob there = {0};
	char path[PATH_MAX];
	struct err ignored = {0};
	int64_t snapshot;

	if (!health_request_from_json(bytes, len, &snapshot, err) ||
	    !path_join(path, sizeof(path), inbox->path, "request.json", err))
		return false;
	/* The display wakes for each file that is written, and a card wears. */
	if (file_read(path, HEALTH_REQUEST_MAX, &there, &ignored) && there.len == len &&
	    memcmp(there.bytes, bytes, len) == 0)
		return true;
	return file_write_atomic(path, bytes, len, FILE_MODE, err);
}
