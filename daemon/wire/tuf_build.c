#include "wire/tuf_build.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"
#include "wire/canonical.h"
#include "wire/digest.h"
#include "wire/key.h"
#include "wire/tuf_metadata.h"

#define SPEC_VERSION "1.0.34"

static void free_json(json_t **value)
{
	json_decref(*value);
}

static bool fail_memory(enum tuf_role_type type, struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s.json: out of memory", tuf_role_text(type));
}

static json_t *hex_string(const uint8_t *bytes, size_t len)
{
	char text[2 * SHA512_SIZE + 1];

	hex_encode(bytes, len, text);
	return json_string(text);
}

/* What every role's "signed" begins with. NULL when memory is short. */
static json_t *new_content(enum tuf_role_type type, int64_t version,
			   struct wall_ms expires)
{
	char end[WALL_TEXT_SIZE];

	wall_format_utc(expires, end);
	return json_pack("{s:s, s:s, s:I, s:s}", "_type", tuf_role_text(type),
			 "spec_version", SPEC_VERSION, "version", (json_int_t)version,
			 "expires", end);
}

static bool sign(json_t *signatures, const struct signer *signer, const char *canonical,
		 size_t len, enum tuf_role_type type, struct err *err)
{
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	json_t *entry;

	if (!signer_sign(signer, canonical, len, signature, err))
		return err_prefix(err, "%s.json", tuf_role_text(type));
	entry = json_pack("{s:s, s:o}", "keyid", signer_key_id(signer), "sig",
			  hex_string(signature, sizeof(signature)));
	if (!entry || json_array_append_new(signatures, entry) != 0)
		return fail_memory(type, err);
	return true;
}

/* Signs @content and wraps it up. */
static char *finish(enum tuf_role_type type, json_t *content,
		    const struct signer *const *signers, size_t signer_count,
		    size_t *out_len, struct err *err)
{
	CLEANUP(free_json) json_t *signatures = json_array();
	CLEANUP(free_json) json_t *document = NULL;
	size_t len = 0;
	char *canonical = canonical_json(content, &len, err);
	char *text;
	bool done = canonical != NULL;

	for (size_t i = 0; done && i < signer_count; i++)
		done = sign(signatures, signers[i], canonical, len, type, err);
	free(canonical);
	if (!done)
		return NULL;

	document = json_pack("{s:O, s:O}", "signatures", signatures, "signed", content);
	text = document ? json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	if (!text) {
		fail_memory(type, err);
		return NULL;
	}
	*out_len = strlen(text);
	return text;
}

static bool check_version(enum tuf_role_type type, int64_t version, struct err *err)
{
	if (version >= 1)
		return true;
	return err_set(err, ERR_INVALID, "%s.json: versions begin at 1, not %lld",
		       tuf_role_text(type), (long long)version);
}

/* Adds the keys of a role to @keys; its "keyids" and "threshold" are the result, owned. */
static json_t *role_json(json_t *keys, const char *file, const char *name,
			 const struct tuf_role_keys *role, struct err *err)
{
	CLEANUP(free_json) json_t *ids = json_array();
	json_t *object;

	if (role->count < 1 || role->count > TUF_ROLE_KEYS_MAX || role->threshold < 1 ||
	    (size_t)role->threshold > role->count) {
		err_set(err, ERR_INVALID,
			"%s: role %s: %d of %zu keys; needs 1 to %d keys and "
			"a threshold of 1 to their number",
			file, name, role->threshold, role->count, TUF_ROLE_KEYS_MAX);
		return NULL;
	}
	for (size_t i = 0; i < role->count; i++) {
		char id[KEY_ID_SIZE];
		json_t *key;

		for (size_t j = 0; j < i; j++) {
			if (memcmp(role->public_keys[i], role->public_keys[j],
				   ED25519_PUBLIC_SIZE) != 0)
				continue;
			err_set(err, ERR_INVALID, "%s: role %s: the same key twice", file,
				name);
			return NULL;
		}
		ed25519_key_id(role->public_keys[i], id);
		key = json_pack("{s:s, s:s, s:{s:o}}", "keytype", "ed25519", "scheme",
				"ed25519", "keyval", "public",
				hex_string(role->public_keys[i], ED25519_PUBLIC_SIZE));
		if (!key || json_object_set_new(keys, id, key) != 0 ||
		    json_array_append_new(ids, json_string(id)) != 0) {
			err_set(err, ERR_NO_MEMORY, "%s: out of memory", file);
			return NULL;
		}
	}
	object = json_pack("{s:O, s:i}", "keyids", ids, "threshold", role->threshold);
	if (!object)
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", file);
	return object;
}

static bool add_role(json_t *keys, json_t *roles, enum tuf_role_type type,
		     const struct tuf_role_keys *role, struct err *err)
{
	const char *text = tuf_role_text(type);
	json_t *object = role_json(keys, "root.json", text, role, err);

	if (!object)
		return false;
	return json_object_set_new(roles, text, object) == 0 ||
	       fail_memory(TUF_ROLE_ROOT, err);
}

char *tuf_build_root(const struct tuf_root_content *content,
		     const struct signer *const *signers, size_t signer_count,
		     size_t *out_len, struct err *err)
{
	CLEANUP(free_json) json_t *keys = json_object();
	CLEANUP(free_json) json_t *roles = json_object();
	CLEANUP(free_json)
	json_t *document = new_content(TUF_ROLE_ROOT, content->version, content->expires);

	if (!check_version(TUF_ROLE_ROOT, content->version, err) ||
	    !add_role(keys, roles, TUF_ROLE_ROOT, &content->root, err) ||
	    !add_role(keys, roles, TUF_ROLE_TARGETS, &content->targets, err) ||
	    !add_role(keys, roles, TUF_ROLE_SNAPSHOT, &content->snapshot, err) ||
	    !add_role(keys, roles, TUF_ROLE_TIMESTAMP, &content->timestamp, err))
		return NULL;
	if (json_object_set(document, "keys", keys) != 0 ||
	    json_object_set(document, "roles", roles) != 0 ||
	    json_object_set_new(document, "consistent_snapshot",
				json_boolean(content->consistent_snapshot)) != 0) {
		fail_memory(TUF_ROLE_ROOT, err);
		return NULL;
	}
	return finish(TUF_ROLE_ROOT, document, signers, signer_count, out_len, err);
}

static bool add_target(json_t *list, const struct tuf_target *target, struct err *err)
{
	json_t *hashes;

	if (target->path[0] == '\0' || target->length < 0)
		return err_set(err, ERR_INVALID,
			       "targets.json: a target without a path or a length");
	if (json_object_get(list, target->path))
		return err_set(err, ERR_INVALID, "targets.json: %s is listed twice",
			       target->path);
	hashes = json_pack("{s:o}", "sha256", hex_string(target->sha256, SHA256_SIZE));
	if (!hashes)
		return fail_memory(TUF_ROLE_TARGETS, err);
	if ((target->has_sha512 &&
	     json_object_set_new(hashes, "sha512",
				 hex_string(target->sha512, SHA512_SIZE)) != 0) ||
	    json_object_set_new(list, target->path,
				json_pack("{s:I, s:O}", "length",
					  (json_int_t)target->length, "hashes",
					  hashes)) != 0) {
		json_decref(hashes);
		return err_set(
			err, ERR_INVALID,
			"targets.json: the path of a target is no UTF-8, or out of "
			"memory");
	}
	json_decref(hashes);
	return true;
}

static bool add_delegations(json_t *document, const char *text, struct err *err)
{
	json_t *delegations = text ? json_loads(text, 0, NULL) : NULL;

	if (text && !delegations)
		return err_set(err, ERR_INVALID, "targets.json: delegations: no JSON");
	return !text || json_object_set_new(document, "delegations", delegations) == 0 ||
	       fail_memory(TUF_ROLE_TARGETS, err);
}

char *tuf_build_role(const struct tuf_targets_content *content,
		     const struct signer *const *signers, size_t signer_count,
		     size_t *out_len, struct err *err)
{
	CLEANUP(free_json)
	json_t *document =
		new_content(TUF_ROLE_TARGETS, content->version, content->expires);
	CLEANUP(free_json) json_t *list = json_object();

	if (!check_version(TUF_ROLE_TARGETS, content->version, err))
		return NULL;
	for (size_t i = 0; i < content->count; i++) {
		if (!add_target(list, &content->targets[i], err))
			return NULL;
	}
	if (json_object_set(document, "targets", list) != 0) {
		fail_memory(TUF_ROLE_TARGETS, err);
		return NULL;
	}
	if (!add_delegations(document, content->delegations, err))
		return NULL;
	return finish(TUF_ROLE_TARGETS, document, signers, signer_count, out_len, err);
}

char *tuf_build_targets(int64_t version, struct wall_ms expires,
			const struct tuf_target *targets, size_t count,
			const struct signer *const *signers, size_t signer_count,
			size_t *out_len, struct err *err)
{
	const struct tuf_targets_content content = {
		.version = version,
		.expires = expires,
		.targets = targets,
		.count = count,
	};

	return tuf_build_role(&content, signers, signer_count, out_len, err);
}

char *tuf_build_delegations(const char *name, const char *pattern,
			    const struct tuf_role_keys *keys, struct err *err)
{
	CLEANUP(free_json) json_t *list = json_object();
	CLEANUP(free_json) json_t *delegations = NULL;
	json_t *role = role_json(list, "targets.json", name, keys, err);
	char *text = NULL;

	if (!role)
		return NULL;
	json_object_set_new(role, "name", json_string(name));
	json_object_set_new(role, "paths", json_pack("[s]", pattern));
	json_object_set_new(role, "terminating", json_true());
	delegations = json_pack("{s:O, s:[o]}", "keys", list, "roles", role);
	if (delegations)
		text = json_dumps(delegations, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text)
		fail_memory(TUF_ROLE_TARGETS, err);
	return text;
}

static bool add_file(json_t *meta, const struct tuf_named_file *file, struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	struct wall_ms end;
	int64_t version = 0;
	json_t *entry;

	if (!tuf_peek(file->bytes, file->len, &version, &end, err))
		return err_prefix(err, "%s", file->name);
	sha256(file->bytes, file->len, hash);
	entry = json_pack("{s:I, s:I, s:{s:o}}", "version", (json_int_t)version, "length",
			  (json_int_t)file->len, "hashes", "sha256",
			  hex_string(hash, sizeof(hash)));
	return json_object_set_new(meta, file->name, entry) == 0 ||
	       err_set(err, ERR_NO_MEMORY, "%s: out of memory", file->name);
}

/* Snapshot and timestamp: a document that vouches for others. */
static char *build_online(enum tuf_role_type type, int64_t version,
			  struct wall_ms expires, const struct tuf_named_file *files,
			  size_t count, const struct signer *signer, size_t *out_len,
			  struct err *err)
{
	CLEANUP(free_json) json_t *document = new_content(type, version, expires);
	CLEANUP(free_json) json_t *meta = json_object();

	if (!check_version(type, version, err))
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (!add_file(meta, &files[i], err))
			return NULL;
	if (json_object_set(document, "meta", meta) != 0) {
		fail_memory(type, err);
		return NULL;
	}
	return finish(type, document, &signer, 1, out_len, err);
}

char *tuf_build_snapshot_of(int64_t version, struct wall_ms expires,
			    const struct tuf_named_file *files, size_t count,
			    const struct signer *signer, size_t *out_len, struct err *err)
{
	return build_online(TUF_ROLE_SNAPSHOT, version, expires, files, count, signer,
			    out_len, err);
}

char *tuf_build_snapshot(int64_t version, struct wall_ms expires, const void *targets,
			 size_t targets_len, const struct signer *signer, size_t *out_len,
			 struct err *err)
{
	const struct tuf_named_file file = {"targets.json", targets, targets_len};

	return tuf_build_snapshot_of(version, expires, &file, 1, signer, out_len, err);
}

char *tuf_build_timestamp(int64_t version, struct wall_ms expires, const void *snapshot,
			  size_t snapshot_len, const struct signer *signer,
			  size_t *out_len, struct err *err)
{
	const struct tuf_named_file file = {"snapshot.json", snapshot, snapshot_len};

	return build_online(TUF_ROLE_TIMESTAMP, version, expires, &file, 1, signer,
			    out_len, err);
}

bool tuf_peek(const void *bytes, size_t len, int64_t *out_version,
	      struct wall_ms *out_expires, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};

	if (!tuf_file_read_any(&file, "metadata", bytes, len, TUF_TARGETS_MAX, err))
		return false;
	*out_version = file.header.version;
	*out_expires = file.header.expires;
	return true;
}
