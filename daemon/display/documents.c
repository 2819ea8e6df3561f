#include "display/documents.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alarm.h"
#include "core/err.h"
#include "core/plan.h"
#include "core/programme.h"
#include "display/media.h"
#include "display/set.h"
#include "wire/alarms_json.h"
#include "wire/plan_json.h"
#include "wire/programme_json.h"
#include "wire/tuf.h"

typedef bool update_fn(struct tuf_trust *trust, const void *bytes, size_t len,
		       struct wall_ms now, bool accept_expired, struct err *err);

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void documents_done(struct documents *documents)
{
	blob_free(&documents->root);
	blob_free(&documents->timestamp);
	blob_free(&documents->snapshot);
	blob_free(&documents->targets);
	delegated_done(&documents->delegated);
	blob_free(&documents->plan);
	blob_free(&documents->programme);
	blob_free(&documents->alarms);
	documents->trust = tuf_trust_free(documents->trust);
	documents->set = set_unref(documents->set);
}

static bool copy_blob(const struct blob *from, struct blob *to, struct err *err)
{
	struct blob copy = {.bytes = malloc(from->len + 1), .len = from->len};

	if (!copy.bytes)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	memcpy(copy.bytes, from->bytes, from->len);
	copy.bytes[from->len] = '\0';
	blob_free(to);
	*to = copy;
	return true;
}

/*
 * A folder of the inbox is the courier's to fill: a link in its place could make the
 * display read from anywhere, so none is followed.
 */
static int open_dir(int parent, const char *name, struct err *err)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		err_set(err, ERR_NOT_FOUND, "%s: no such folder", name);
	else if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		err_set(err, ERR_INVALID, "%s: is not a folder", name);
	else if (fd < 0)
		err_set_errno(err, "%s", name);
	return fd;
}

bool documents_current(const char *base, char out[static SET_NAME_MAX + 1],
		       struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	char path[PATH_MAX];
	size_t len;

	if (!path_join(path, sizeof(path), base, "current", err) ||
	    !file_read(path, SET_NAME_MAX + 1, &blob, err))
		return false;
	len = blob.len > 0 && blob.bytes[blob.len - 1] == '\n' ? blob.len - 1 : blob.len;
	if (len == 0 || len > SET_NAME_MAX ||
	    strspn(blob.bytes, "0123456789abcdefghijklmnopqrstuvwxyz-") != len)
		return err_set(err, ERR_INVALID,
			       "%s: expected the name of a set, 1 to %d of 0-9 a-z -",
			       path, SET_NAME_MAX);
	memcpy(out, blob.bytes, len);
	out[len] = '\0';
	return true;
}

/* §5.3: every root that follows on the trusted one. The last becomes @out->root. */
static bool load_roots(int set_fd, struct documents *out, struct wall_ms now,
		       enum documents_age age, struct err *err)
{
	for (int rotations = 0; rotations < TUF_ROOT_ROTATIONS_MAX; rotations++) {
		CLEANUP(blob_free) struct blob next = {0};
		struct err missing = {0};
		char name[40];

		snprintf(name, sizeof(name), "%" PRId64 ".root.json",
			 tuf_root_version(out->trust) + 1);
		if (!file_read_at(set_fd, name, TUF_ROOT_MAX, &next, &missing)) {
			if (missing.code == ERR_NOT_FOUND)
				break;
			*err = missing;
			return false;
		}
		if (!tuf_update_root(out->trust, next.bytes, next.len, err))
			return err_prefix(err, "%s", name);
		blob_free(&out->root);
		out->root = next;
		next = (struct blob){0};
	}
	/* A kept set was in force when it was taken: its root's end does not matter now. */
	if (age == DOCUMENTS_KEPT)
		now = (struct wall_ms){WALL_MS_MIN};
	return tuf_root_finish(out->trust, now, err);
}

/*
 * One role's file. What was trusted @before is fed first and sets the version below which
 * nothing is taken; when it no longer verifies, its keys have changed and it counts for
 * nothing any more.
 */
static bool load_role(int set_fd, const char *name, size_t max_bytes, update_fn *update,
		      const struct blob *before, struct tuf_trust *trust,
		      struct wall_ms now, enum documents_age age, struct blob *out,
		      struct err *err)
{
	struct err forgotten = {0};

	if (before && before->len > 0)
		(void)!update(trust, before->bytes, before->len, now, true, &forgotten);
	return file_read_at(set_fd, name, max_bytes, out, err) &&
	       update(trust, out->bytes, out->len, now, age == DOCUMENTS_KEPT, err);
}

static size_t ceiling(bool known, const struct tuf_meta *meta, size_t otherwise)
{
	if (known && meta->length > 0 && (uint64_t)meta->length < otherwise)
		return (size_t)meta->length;
	return otherwise;
}

/* §5.4–5.6. */
static bool load_roles(int set_fd, const struct documents *before, struct wall_ms now,
		       enum documents_age age, struct documents *out, struct err *err)
{
	struct tuf_meta meta = {0};
	bool known;

	if (!load_role(set_fd, "timestamp.json", TUF_TIMESTAMP_MAX, tuf_update_timestamp,
		       before ? &before->timestamp : NULL, out->trust, now, age,
		       &out->timestamp, err))
		return false;
	known = tuf_snapshot_meta(out->trust, &meta);
	if (!load_role(set_fd, "snapshot.json", ceiling(known, &meta, TUF_SNAPSHOT_MAX),
		       tuf_update_snapshot, before ? &before->snapshot : NULL, out->trust,
		       now, age, &out->snapshot, err))
		return false;
	known = tuf_targets_meta(out->trust, &meta);
	return load_role(set_fd, "targets.json", ceiling(known, &meta, TUF_TARGETS_MAX),
			 tuf_update_targets, before ? &before->targets : NULL, out->trust,
			 now, age, &out->targets, err) &&
	       tuf_check(out->trust, now, age == DOCUMENTS_KEPT, err) &&
	       delegated_load(set_fd, out->trust, now, &out->delegated, err);
}

/* §5.7: a target by its hash. */
static bool read_object(int objects_fd, const struct tuf_target *target, struct blob *out,
			struct err *err)
{
	char name[SHA256_HEX_SIZE];

	hex_encode(target->sha256, SHA256_SIZE, name);
	return (file_read_at(objects_fd, name, (size_t)target->length, out, err) &&
		tuf_target_check(target, out->bytes, out->len, err)) ||
	       err_prefix(err, "%s", target->path);
}

/* What is said of @path; @*out_found tells whether anybody who may says anything. */
static bool find_object(const struct documents *documents, const char *path,
			size_t max_bytes, struct wall_ms now, enum documents_age age,
			struct tuf_target *out, bool *out_found, struct err *err)
{
	if (!delegated_find(&documents->delegated, documents->trust, path, now,
			    age == DOCUMENTS_KEPT, out, out_found, err))
		return false;
	if (!*out_found)
		return true;
	if (!out->has_sha256)
		return err_set(
			err, ERR_INVALID,
			"%s: the targets give no SHA-256, by which objects are named",
			path);
	if (out->length < 0 || (uint64_t)out->length > max_bytes)
		return err_set(err, ERR_TOO_LARGE,
			       "%s: %" PRId64 " bytes, the maximum is %zu", path,
			       out->length, max_bytes);
	return true;
}

/* @out stays empty when nobody who may name @path does. */
static bool load_object(int objects_fd, const struct documents *documents,
			const char *path, size_t max_bytes, struct wall_ms now,
			enum documents_age age, struct blob *out, struct err *err)
{
	struct tuf_target target = {0};
	bool found = false;

	return find_object(documents, path, max_bytes, now, age, &target, &found, err) &&
	       (!found || read_object(objects_fd, &target, out, err));
}

/* See documents_load(). */
static bool load_alarms(int objects_fd, struct documents *out, struct wall_ms now,
			enum documents_age age, struct err *err)
{
	struct tuf_target target = {0};
	uint8_t hash[SHA256_SIZE];
	struct alarms *alarms;
	bool found = false;

	if (tuf_target_find(out->trust, ALARM_PATH))
		return err_set(err, ERR_UNTRUSTED,
			       ALARM_PATH
			       ": targets.json names it, but only the role " ALARM_ROLE
			       " may");
	if (!find_object(out, ALARM_PATH, ALARMS_JSON_MAX, now, age, &target, &found,
			 &out->left_out) ||
	    !found)
		return true;
	if (!read_object(objects_fd, &target, &out->alarms, err))
		return false;
	alarms = alarms_from_json(ALARM_PATH, out->alarms.bytes, out->alarms.len,
				  &out->left_out);
	if (!alarms)
		return true;
	sha256(out->alarms.bytes, out->alarms.len, hash);
	return set_add_alarms(out->set, alarms, hash, err);
}

/* How many pictures the notices name, counted once for each notice. */
static size_t count_pictures(const struct programme *programme)
{
	size_t count = 0;

	for (size_t i = 0; i < programme->notice_count; i++)
		count += programme->notices[i].picture != NULL;
	return count;
}

/* Where the pictures of a set come from, and go to. */
struct pictures {
	int objects_fd;
	struct wall_ms now;
	enum documents_age age;
	const struct documents *documents;
	struct media *media;
};

static bool load_picture(struct pictures *pictures, const struct notice_picture *picture,
			 struct err *err)
{
	CLEANUP(blob_free) struct blob bytes = {0};
	char path[NOTICE_MEDIA_PATH_SIZE];
	uint8_t hash[SHA256_SIZE];
	const void *ignored;
	size_t len;

	if (media_find(pictures->media, picture->sha256, &ignored, &len))
		return true;
	notice_media_path(picture, path);
	if (!load_object(pictures->objects_fd, pictures->documents, path,
			 NOTICE_PICTURE_BYTES_MAX, pictures->now, pictures->age, &bytes,
			 err))
		return false;
	if (bytes.len > 0)
		sha256(bytes.bytes, bytes.len, hash);
	if (bytes.len != (size_t)picture->bytes ||
	    memcmp(hash, picture->sha256, SHA256_SIZE) != 0)
		return err_set(err, ERR_INVALID,
			       "%s: programme.json names it, the targets do not", path);
	media_add(pictures->media, picture->sha256, &bytes);
	return true;
}

/* All pictures of the programme, or none: a slide never waits for its picture. */
static struct media *load_media(struct pictures *pictures,
				const struct programme *programme, struct err *err)
{
	pictures->media = media_new(count_pictures(programme), err);
	for (size_t i = 0; pictures->media && i < programme->notice_count; i++)
		if (programme->notices[i].picture &&
		    !load_picture(pictures, programme->notices[i].picture, err))
			pictures->media = media_free(pictures->media);
	return pictures->media;
}

static bool read_set(struct pictures *pictures, const struct blob *packaged,
		     struct documents *out, struct err *err)
{
	const struct blob *plan_bytes = out->plan.len > 0 ? &out->plan : packaged;
	uint8_t plan_hash[SHA256_SIZE], programme_hash[SHA256_SIZE];
	struct programme *programme = NULL;
	struct media *media = NULL;
	struct plan *plan =
		plan_from_json("plan.json", plan_bytes->bytes, plan_bytes->len, err);

	if (!plan)
		return false;
	sha256(plan_bytes->bytes, plan_bytes->len, plan_hash);
	if (out->programme.len > 0) {
		programme = programme_from_json("programme.json", out->programme.bytes,
						out->programme.len, err);
		if (programme)
			media = load_media(pictures, programme, err);
		if (!media) {
			programme_free(programme);
			plan_free(plan);
			return false;
		}
		sha256(out->programme.bytes, out->programme.len, programme_hash);
	}
	out->set = set_new(plan, plan_hash, programme, programme ? programme_hash : NULL,
			   media, err);
	return out->set != NULL;
}

/* Everything but the root, into @out; @out->trust has its roots already. */
static bool load_content(int base_fd, int set_fd, const struct documents *before,
			 const struct blob *packaged, struct wall_ms now,
			 enum documents_age age, struct documents *out, struct err *err)
{
	CLEANUP(close_fd) int objects_fd = open_dir(base_fd, "objects", err);
	struct pictures pictures = {
		.objects_fd = objects_fd, .now = now, .age = age, .documents = out};

	return objects_fd >= 0 && load_roles(set_fd, before, now, age, out, err) &&
	       load_object(objects_fd, out, "plan.json", PLAN_JSON_MAX, now, age,
			   &out->plan, err) &&
	       load_object(objects_fd, out, "programme.json", PROGRAMME_JSON_MAX, now,
			   age, &out->programme, err) &&
	       read_set(&pictures, packaged, out, err) &&
	       load_alarms(objects_fd, out, now, age, err);
}

bool documents_load(const char *base, const char *name, const struct blob *root,
		    const struct documents *before, const struct blob *packaged,
		    struct wall_ms now, enum documents_age age, struct documents *out,
		    struct err *err)
{
	CLEANUP(documents_done) struct documents documents = {0};
	CLEANUP(close_fd) int base_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(close_fd) int sets_fd = -1;
	CLEANUP(close_fd) int set_fd = -1;
	bool loaded;

	if (base_fd < 0)
		return err_set_errno(err, "%s", base);
	sets_fd = open_dir(base_fd, "sets", err);
	if (sets_fd < 0)
		return err_prefix(err, "%s", base);
	set_fd = open_dir(sets_fd, name, err);
	if (set_fd < 0)
		return err_prefix(err, "%s/sets", base);

	documents.trust = tuf_trust_new(root->bytes, root->len, err);
	if (!documents.trust || !copy_blob(root, &documents.root, err))
		return false;
	loaded = load_roots(set_fd, &documents, now, age, err);
	/* §5.3.11: with new keys, the versions that the old ones signed count no more. */
	documents.rotated = tuf_key_rotations(documents.trust) > 0;
	loaded =
		loaded && load_content(base_fd, set_fd, documents.rotated ? NULL : before,
				       packaged, now, age, &documents, err);
	if (!loaded) {
		out->rotated = documents.rotated;
		err_prefix(err, "%s/sets/%s", base, name);
		out->root = documents.root;
		documents.root = (struct blob){0};
		return false;
	}
	*out = documents;
	documents = (struct documents){0};
	return true;
}

/*
 * --- keeping ---------------------------------------------------------------------------
 */

static bool write_below(const char *base, const char *folder, const char *name,
			const struct blob *blob, struct err *err)
{
	char dir[PATH_MAX], path[PATH_MAX];

	return path_join(dir, sizeof(dir), base, folder, err) &&
	       path_join(path, sizeof(path), dir, name, err) &&
	       file_write_atomic(path, blob->bytes, blob->len, 0600, err);
}

static void object_name(const struct blob *blob, char out[static SHA256_HEX_SIZE])
{
	uint8_t hash[SHA256_SIZE];

	out[0] = '\0';
	if (blob->len == 0)
		return;
	sha256(blob->bytes, blob->len, hash);
	hex_encode(hash, SHA256_SIZE, out);
}

/* Objects are named by their content: one that is there whole need not be written again. */
static bool write_object(const char *base, const struct blob *blob, struct err *err)
{
	CLEANUP(blob_free) struct blob there = {0};
	char name[SHA256_HEX_SIZE], dir[PATH_MAX], path[PATH_MAX];
	struct err missing = {0};

	if (blob->len == 0)
		return true;
	object_name(blob, name);
	if (!path_join(dir, sizeof(dir), base, "objects", err) ||
	    !path_join(path, sizeof(path), dir, name, err))
		return false;
	if (file_read(path, blob->len, &there, &missing) && there.len == blob->len &&
	    memcmp(there.bytes, blob->bytes, blob->len) == 0)
		return true;
	return write_below(base, "objects", name, blob, err);
}

static bool write_media(const char *base, const struct documents *documents,
			struct err *err)
{
	const struct media *media = set_media(documents->set);

	for (size_t i = 0; i < media_count(media); i++)
		if (!write_object(base, media_at(media, i), err))
			return false;
	return true;
}

static bool make_folders(const char *base, const char *set_folder, struct err *err)
{
	char path[PATH_MAX];

	return path_join(path, sizeof(path), base, "objects", err) &&
	       dir_make(path, 0700, err) &&
	       path_join(path, sizeof(path), base, set_folder, err) &&
	       dir_make(path, 0700, err);
}

/* What names a set: its version and its content, so that writing it twice is no harm. */
static void name_set(const struct documents *documents, char out[static SET_NAME_MAX + 1])
{
	uint8_t hash[SHA256_SIZE];
	char text[SHA256_HEX_SIZE];

	sha256(documents->timestamp.bytes, documents->timestamp.len, hash);
	hex_encode(hash, 8, text);
	snprintf(out, SET_NAME_MAX + 1, "%" PRId64 "-%.16s",
		 tuf_timestamp_version(documents->trust), text);
}

/* Whether entry @name of a folder is to stay. */
typedef bool keep_fn(const struct documents *documents, const char *name);

static bool is_set(const struct documents *documents, const char *name)
{
	char current[SET_NAME_MAX + 1];

	name_set(documents, current);
	return strcmp(name, current) == 0;
}

static bool is_object(const struct documents *documents, const char *name)
{
	const struct media *media = set_media(documents->set);
	char of_document[SHA256_HEX_SIZE];
	uint8_t hash[SHA256_SIZE];
	const void *ignored;
	size_t len;

	object_name(&documents->plan, of_document);
	if (strcmp(name, of_document) == 0)
		return true;
	object_name(&documents->programme, of_document);
	if (strcmp(name, of_document) == 0)
		return true;
	object_name(&documents->alarms, of_document);
	if (strcmp(name, of_document) == 0)
		return true;
	return hex_decode(name, hash, SHA256_SIZE) &&
	       media_find(media, hash, &ignored, &len);
}

/* Removes every other entry of "@base/@folder". What can't go now goes next time. */
static void remove_others(const char *base, const char *folder,
			  const struct documents *documents, keep_fn *keep)
{
	char dir_path[PATH_MAX], path[PATH_MAX];
	struct err ignored = {0};
	struct dirent *entry;
	DIR *dir;

	if (!path_join(dir_path, sizeof(dir_path), base, folder, &ignored) ||
	    !(dir = opendir(dir_path)))
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || keep(documents, entry->d_name))
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) < 0 &&
		    path_join(path, sizeof(path), dir_path, entry->d_name, &ignored))
			(void)!dir_remove(path, &ignored);
	}
	closedir(dir);
}

static bool write_delegated(const char *base, const char *folder,
			    const struct delegated *delegated, struct err *err)
{
	for (size_t i = 0; i < delegated->count; i++) {
		const struct delegated_file *file = &delegated->files[i];

		if (!write_below(base, folder, file->name, &file->blob, err))
			return false;
	}
	return true;
}

bool documents_store(const char *base, const struct documents *documents, struct err *err)
{
	char name[SET_NAME_MAX + 1], folder[SET_NAME_MAX + 8], path[PATH_MAX];

	name_set(documents, name);
	snprintf(folder, sizeof(folder), "sets/%s", name);
	if (!make_folders(base, folder, err) ||
	    !write_object(base, &documents->plan, err) ||
	    !write_object(base, &documents->programme, err) ||
	    !write_object(base, &documents->alarms, err) ||
	    !write_media(base, documents, err) ||
	    !write_below(base, folder, "root.json", &documents->root, err) ||
	    !write_below(base, folder, "timestamp.json", &documents->timestamp, err) ||
	    !write_below(base, folder, "snapshot.json", &documents->snapshot, err) ||
	    !write_below(base, folder, "targets.json", &documents->targets, err) ||
	    !write_delegated(base, folder, &documents->delegated, err) ||
	    !path_join(path, sizeof(path), base, "current", err) ||
	    !file_write_atomic(path, name, strlen(name), 0600, err))
		return false;
	remove_others(base, "sets", documents, is_set);
	remove_others(base, "objects", documents, is_object);
	return true;
}
