/* What each role says (§4.3–4.6). */
#include "wire/tuf_metadata.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/arena.h"
#include "core/err.h"
#include "wire/public_key.h"

/* Names take no more than the file did; lists have their structs on top. */
#define ROOT_ARENA_MAX     ((size_t)4 * 1024 * 1024)
#define SNAPSHOT_ARENA_MAX ((size_t)32 * 1024 * 1024)

#define KEY_ID_CHARS_MAX 256
#define PLACE_SIZE       96 /* "signed.targets[…]" with what tuf_shown() shows */

static bool fail_memory(const struct tuf_file *file, struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s: out of memory", file->name);
}

/* jansson's iterators take no const, though they change nothing. */
static json_t *walkable(const json_t *object)
{
	return (json_t *)(uintptr_t)object;
}

/* Reads one digest of a HASHES object where it is given. */
static bool read_hash(const struct tuf_file *file, const char *place,
		      const json_t *hashes, const char *algorithm, uint8_t *out,
		      size_t len, bool *out_given, struct err *err)
{
	const json_t *value = json_object_get(hashes, algorithm);

	*out_given = value != NULL;
	if (value &&
	    (!json_is_string(value) || !hex_decode(json_string_value(value), out, len)))
		return err_set(err, ERR_INVALID,
			       "%s: %s.hashes.%s: not %zu hexadecimal digits", file->name,
			       place, algorithm, 2 * len);
	return true;
}

/*
 * HASHES (§4.4): at least one that this client can compute, or it would compare nothing
 * where the repository meant it to.
 */
static bool read_hashes(const struct tuf_file *file, const char *place,
			const json_t *hashes, struct tuf_meta *out, struct err *err)
{
	if (!json_is_object(hashes))
		return err_set(err, ERR_INVALID, "%s: %s.hashes: not an object",
			       file->name, place);
	if (!read_hash(file, place, hashes, "sha256", out->sha256, sizeof(out->sha256),
		       &out->has_sha256, err) ||
	    !read_hash(file, place, hashes, "sha512", out->sha512, sizeof(out->sha512),
		       &out->has_sha512, err))
		return false;
	if (!out->has_sha256 && !out->has_sha512)
		return err_set(err, ERR_INVALID,
			       "%s: %s.hashes: neither sha256 nor sha512", file->name,
			       place);
	return true;
}

/* §4.4 */
static bool read_meta(const struct tuf_file *file, const char *place,
		      const json_t *object, struct tuf_meta *out, struct err *err)
{
	const json_t *version = json_object_get(object, "version");
	const json_t *length = json_object_get(object, "length");
	const json_t *hashes = json_object_get(object, "hashes");
	struct tuf_meta meta = {0};

	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return err_set(err, ERR_INVALID, "%s: %s.version: not an integer above 0",
			       file->name, place);
	if (length && (!json_is_integer(length) || json_integer_value(length) < 1))
		return err_set(err, ERR_INVALID, "%s: %s.length: not an integer above 0",
			       file->name, place);
	if (hashes && !read_hashes(file, place, hashes, &meta, err))
		return false;
	meta.version = json_integer_value(version);
	meta.length = length ? json_integer_value(length) : 0;
	*out = meta;
	return true;
}

bool tuf_keyring_read(const struct tuf_file *file, const char *place, const json_t *keys,
		      struct arena *arena, struct tuf_keyring *out, struct err *err)
{
	json_t *members = walkable(keys);

	if (!json_is_object(members) || json_object_size(members) > TUF_KEYS_MAX)
		return err_set(err, ERR_INVALID,
			       "%s: %s: not an object of at most %d keys", file->name,
			       place, TUF_KEYS_MAX);
	out->keys = arena_array(arena, json_object_size(members), sizeof(*out->keys));
	if (!out->keys)
		return fail_memory(file, err);

	for (void *iter = json_object_iter(members); iter;
	     iter = json_object_iter_next(members, iter)) {
		struct tuf_key *key = &out->keys[out->count];
		struct err unusable = {0};

		key->id = arena_strdup(arena, json_object_iter_key(iter));
		if (!key->id)
			return fail_memory(file, err);
		/*
		 * A key of a kind that is unknown here may be another client's: it
		 * counts for nothing, but does not make the file unreadable.
		 */
		key->key = public_key_from_json(json_object_iter_value(iter), &unusable);
		out->count++;
		if (!key->key && unusable.code == ERR_NO_MEMORY)
			return fail_memory(file, err);
	}
	return true;
}

void tuf_keyring_done(struct tuf_keyring *keyring)
{
	for (size_t i = 0; i < keyring->count; i++)
		public_key_free(keyring->keys[i].key);
	*keyring = (struct tuf_keyring){0};
}

bool tuf_role_read(const struct tuf_file *file, const char *place, const json_t *object,
		   struct arena *arena, struct tuf_role *out, struct err *err)
{
	const json_t *ids = json_object_get(object, "keyids");
	const json_t *threshold = json_object_get(object, "threshold");

	if (!json_is_array(ids) || json_array_size(ids) > TUF_ROLE_IDS_MAX)
		return err_set(err, ERR_INVALID,
			       "%s: %s.keyids: not an array of at most %d", file->name,
			       place, TUF_ROLE_IDS_MAX);
	if (!json_is_integer(threshold) || json_integer_value(threshold) < 1)
		return err_set(err, ERR_INVALID,
			       "%s: %s.threshold: not an integer above 0", file->name,
			       place);
	out->threshold = json_integer_value(threshold);
	out->key_ids = arena_array(arena, json_array_size(ids), sizeof(*out->key_ids));
	if (!out->key_ids)
		return fail_memory(file, err);

	for (size_t i = 0; i < json_array_size(ids); i++) {
		const char *id = json_string_value(json_array_get(ids, i));

		if (!id || strlen(id) > KEY_ID_CHARS_MAX)
			return err_set(err, ERR_INVALID,
				       "%s: %s.keyids[%zu]: not a key id", file->name,
				       place, i);
		if (tuf_role_has(out, id))
			return err_set(err, ERR_INVALID,
				       "%s: %s.keyids[%zu]: is listed twice", file->name,
				       place, i);
		out->key_ids[i] = arena_strdup(arena, id);
		if (!out->key_ids[i])
			return fail_memory(file, err);
		out->count++;
	}
	return true;
}

static bool read_root_role(const struct tuf_file *file, struct tuf_root *root,
			   enum tuf_role_type type, struct err *err)
{
	const json_t *roles = json_object_get(file->content, "roles");
	char place[PLACE_SIZE];

	snprintf(place, sizeof(place), "signed.roles.%s", tuf_role_text(type));
	return tuf_role_read(file, place, json_object_get(roles, tuf_role_text(type)),
			     root->arena, &root->roles[type], err);
}

struct tuf_root *tuf_root_read(const struct tuf_file *file, struct err *err)
{
	const json_t *consistent = json_object_get(file->content, "consistent_snapshot");
	struct tuf_root *root = calloc(1, sizeof(*root));

	if (!root || !(root->arena = arena_new(ROOT_ARENA_MAX))) {
		fail_memory(file, err);
		goto fail;
	}
	root->header = file->header;
	if (consistent && !json_is_boolean(consistent)) {
		err_set(err, ERR_INVALID,
			"%s: signed.consistent_snapshot: not true or false", file->name);
		goto fail;
	}
	root->consistent_snapshot = json_is_true(consistent);
	if (!tuf_keyring_read(file, "signed.keys", json_object_get(file->content, "keys"),
			      root->arena, &root->keyring, err))
		goto fail;
	for (int type = 0; type < TUF_ROLE_COUNT; type++) {
		if (!read_root_role(file, root, (enum tuf_role_type)type, err))
			goto fail;
	}
	return root;
fail:
	return tuf_root_free(root);
}

struct tuf_root *tuf_root_free(struct tuf_root *root)
{
	if (!root)
		return NULL;
	tuf_keyring_done(&root->keyring);
	arena_free(root->arena);
	free(root);
	return NULL;
}

struct tuf_timestamp *tuf_timestamp_read(const struct tuf_file *file, struct err *err)
{
	const json_t *meta =
		json_object_get(json_object_get(file->content, "meta"), "snapshot.json");
	struct tuf_timestamp *timestamp = calloc(1, sizeof(*timestamp));

	if (!timestamp) {
		fail_memory(file, err);
		return NULL;
	}
	timestamp->header = file->header;
	if (!read_meta(file, "signed.meta[snapshot.json]", meta, &timestamp->snapshot,
		       err))
		return tuf_timestamp_free(timestamp);
	return timestamp;
}

struct tuf_timestamp *tuf_timestamp_free(struct tuf_timestamp *timestamp)
{
	free(timestamp);
	return NULL;
}

static int compare_entries(const void *left, const void *right)
{
	const struct tuf_snapshot_entry *a = left;
	const struct tuf_snapshot_entry *b = right;

	return strcmp(a->name, b->name);
}

static bool read_entries(const struct tuf_file *file, struct tuf_snapshot *snapshot,
			 struct err *err)
{
	json_t *meta = walkable(json_object_get(file->content, "meta"));

	if (!json_is_object(meta))
		return err_set(err, ERR_INVALID, "%s: signed.meta: not an object",
			       file->name);
	snapshot->entries = arena_array(snapshot->arena, json_object_size(meta),
					sizeof(*snapshot->entries));
	if (!snapshot->entries)
		return fail_memory(file, err);

	for (void *iter = json_object_iter(meta); iter;
	     iter = json_object_iter_next(meta, iter)) {
		struct tuf_snapshot_entry *entry = &snapshot->entries[snapshot->count];
		char place[PLACE_SIZE];

		entry->name = arena_strdup(snapshot->arena, json_object_iter_key(iter));
		if (!entry->name)
			return fail_memory(file, err);
		snprintf(place, sizeof(place), "signed.meta[%.*s]",
			 tuf_shown(entry->name), entry->name);
		if (!read_meta(file, place, json_object_iter_value(iter), &entry->meta,
			       err))
			return false;
		snapshot->count++;
	}
	qsort(snapshot->entries, snapshot->count, sizeof(*snapshot->entries),
	      compare_entries);
	if (!tuf_snapshot_find(snapshot, "targets.json"))
		return err_set(err, ERR_INVALID,
			       "%s: signed.meta: does not list targets.json", file->name);
	return true;
}

struct tuf_snapshot *tuf_snapshot_read(const struct tuf_file *file, struct err *err)
{
	struct tuf_snapshot *snapshot = calloc(1, sizeof(*snapshot));

	if (!snapshot || !(snapshot->arena = arena_new(SNAPSHOT_ARENA_MAX))) {
		fail_memory(file, err);
		return tuf_snapshot_free(snapshot);
	}
	snapshot->header = file->header;
	if (!read_entries(file, snapshot, err))
		return tuf_snapshot_free(snapshot);
	return snapshot;
}

struct tuf_snapshot *tuf_snapshot_free(struct tuf_snapshot *snapshot)
{
	if (!snapshot)
		return NULL;
	arena_free(snapshot->arena);
	free(snapshot);
	return NULL;
}

const struct tuf_meta *tuf_snapshot_find(const struct tuf_snapshot *snapshot,
					 const char *name)
{
	const struct tuf_snapshot_entry wanted = {.name = name};
	const struct tuf_snapshot_entry *entry;

	entry = bsearch(&wanted, snapshot->entries, snapshot->count,
			sizeof(*snapshot->entries), compare_entries);
	return entry ? &entry->meta : NULL;
}

static bool read_target(const struct tuf_file *file, const char *path,
			const json_t *object, struct tuf_target *out, struct err *err)
{
	const json_t *length = json_object_get(object, "length");
	struct tuf_meta hashes = {0};
	char place[PLACE_SIZE];

	if (path[0] == '\0' || strlen(path) >= sizeof(out->path))
		return err_set(err, ERR_INVALID,
			       "%s: signed.targets[%.*s]: a path has 1 to %zu bytes",
			       file->name, tuf_shown(path), path, sizeof(out->path) - 1);
	snprintf(place, sizeof(place), "signed.targets[%.*s]", tuf_shown(path), path);
	if (!json_is_integer(length) || json_integer_value(length) < 0)
		return err_set(err, ERR_INVALID,
			       "%s: %s.length: not an integer of 0 or more", file->name,
			       place);
	if (!read_hashes(file, place, json_object_get(object, "hashes"), &hashes, err))
		return false;

	memcpy(out->path, path, strlen(path) + 1);
	out->length = json_integer_value(length);
	out->has_sha256 = hashes.has_sha256;
	out->has_sha512 = hashes.has_sha512;
	memcpy(out->sha256, hashes.sha256, sizeof(out->sha256));
	memcpy(out->sha512, hashes.sha512, sizeof(out->sha512));
	return true;
}

static int compare_targets(const void *left, const void *right)
{
	const struct tuf_target *a = left;
	const struct tuf_target *b = right;

	return strcmp(a->path, b->path);
}

struct tuf_targets *tuf_targets_read(const struct tuf_file *file, struct err *err)
{
	json_t *list = walkable(json_object_get(file->content, "targets"));
	const json_t *delegations = json_object_get(file->content, "delegations");
	struct tuf_targets *targets = calloc(1, sizeof(*targets));

	if (!targets) {
		fail_memory(file, err);
		return NULL;
	}
	targets->header = file->header;
	if (!json_is_object(list)) {
		err_set(err, ERR_INVALID, "%s: signed.targets: not an object",
			file->name);
		return tuf_targets_free(targets);
	}
	targets->targets = calloc(json_object_size(list) + 1, sizeof(*targets->targets));
	if (!targets->targets) {
		fail_memory(file, err);
		return tuf_targets_free(targets);
	}
	for (void *iter = json_object_iter(list); iter;
	     iter = json_object_iter_next(list, iter)) {
		if (!read_target(file, json_object_iter_key(iter),
				 json_object_iter_value(iter),
				 &targets->targets[targets->count], err))
			return tuf_targets_free(targets);
		targets->count++;
	}
	qsort(targets->targets, targets->count, sizeof(*targets->targets),
	      compare_targets);
	if (delegations &&
	    !(targets->delegations = tuf_delegations_read(file, delegations, err)))
		return tuf_targets_free(targets);
	return targets;
}

struct tuf_targets *tuf_targets_free(struct tuf_targets *targets)
{
	if (!targets)
		return NULL;
	tuf_delegations_free(targets->delegations);
	free(targets->targets);
	free(targets);
	return NULL;
}

const struct tuf_target *tuf_targets_find(const struct tuf_targets *targets,
					  const char *path)
{
	struct tuf_target wanted = {0};

	if (strlen(path) >= sizeof(wanted.path))
		return NULL;
	memcpy(wanted.path, path, strlen(path));
	return bsearch(&wanted, targets->targets, targets->count,
		       sizeof(*targets->targets), compare_targets);
}
