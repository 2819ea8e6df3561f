#include "wire/tuf_draft.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"
#include "wire/canonical.h"
#include "wire/digest.h"

#define KEY_ID_DIGITS_MIN 8

static bool read_key(const struct tuf_file *file, const json_t *keys, const char *id,
		     uint8_t out[static ED25519_PUBLIC_SIZE], struct err *err)
{
	const json_t *key = json_object_get(keys, id);
	const char *type = json_string_value(json_object_get(key, "keytype"));
	const char *value = json_string_value(
		json_object_get(json_object_get(key, "keyval"), "public"));

	if (type && strcmp(type, "ed25519") == 0 && value &&
	    strlen(value) == 2 * ED25519_PUBLIC_SIZE &&
	    hex_decode(value, out, ED25519_PUBLIC_SIZE))
		return true;
	return err_set(
		err, ERR_INVALID,
		"%s: key %.*s is not ed25519: this file was made with other tools, and "
		"has to be changed with them",
		file->name, tuf_shown(id), id);
}

static bool read_role(const struct tuf_file *file, const json_t *keys,
		      const struct tuf_role *role, const char *name,
		      struct tuf_draft_role *out, struct err *err)
{
	if (role->count > TUF_ROLE_KEYS_MAX || role->threshold > TUF_ROLE_KEYS_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: role %s has more than %d keys",
			       file->name, name, TUF_ROLE_KEYS_MAX);
	for (size_t i = 0; i < role->count; i++)
		if (!read_key(file, keys, role->key_ids[i], out->keys[i], err))
			return false;
	out->count = role->count;
	out->threshold = (int)role->threshold;
	return true;
}

bool tuf_draft_read(struct tuf_draft *draft, const void *root, size_t len,
		    struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct tuf_root *read;
	bool fine = true;

	if (!tuf_file_read(&file, "root.json", TUF_ROLE_ROOT, root, len, TUF_ROOT_MAX,
			   err))
		return false;
	read = tuf_root_read(&file, err);
	if (!read)
		return false;
	*draft = (struct tuf_draft){
		.version = read->header.version,
		.expires = read->header.expires,
		.consistent_snapshot = read->consistent_snapshot,
	};
	for (int type = 0; fine && type < TUF_ROLE_COUNT; type++)
		fine = read_role(&file, json_object_get(file.content, "keys"),
				 &read->roles[type],
				 tuf_role_text((enum tuf_role_type)type),
				 &draft->roles[type], err);
	tuf_root_free(read);
	return fine;
}

bool tuf_delegations_text(const void *targets, size_t len, char **out_text,
			  struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	const json_t *delegations;
	size_t text_len = 0;

	*out_text = NULL;
	if (!tuf_file_read(&file, "targets.json", TUF_ROLE_TARGETS, targets, len,
			   TUF_TARGETS_MAX, err))
		return false;
	delegations = json_object_get(file.content, "delegations");
	if (!delegations)
		return true;
	*out_text = canonical_json(delegations, &text_len, err);
	return *out_text != NULL;
}

bool tuf_delegated_keys(const void *targets, size_t len, const char *name,
			struct tuf_draft_role *out, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	struct tuf_delegations *delegations;
	const json_t *object;
	bool fine = false;

	if (!tuf_file_read(&file, "targets.json", TUF_ROLE_TARGETS, targets, len,
			   TUF_TARGETS_MAX, err))
		return false;
	object = json_object_get(file.content, "delegations");
	if (!object)
		return err_set(err, ERR_NOT_FOUND, "targets.json: delegates nothing");
	delegations = tuf_delegations_read(&file, object, err);
	if (!delegations)
		return false;
	err_set(err, ERR_NOT_FOUND, "targets.json: delegates nothing to %s", name);
	for (size_t i = 0; !fine && i < delegations->count; i++)
		if (strcmp(delegations->list[i].name, name) == 0)
			fine = read_role(&file, json_object_get(object, "keys"),
					 &delegations->list[i].role, name, out, err);
	tuf_delegations_free(delegations);
	return fine;
}

static struct tuf_role_keys role_keys(const struct tuf_draft_role *role)
{
	return (struct tuf_role_keys){role->keys, role->count, role->threshold};
}

char *tuf_draft_write(const struct tuf_draft *draft, size_t *out_len, struct err *err)
{
	const struct tuf_root_content content = {
		.version = draft->version,
		.expires = draft->expires,
		.consistent_snapshot = draft->consistent_snapshot,
		.root = role_keys(&draft->roles[TUF_ROLE_ROOT]),
		.targets = role_keys(&draft->roles[TUF_ROLE_TARGETS]),
		.snapshot = role_keys(&draft->roles[TUF_ROLE_SNAPSHOT]),
		.timestamp = role_keys(&draft->roles[TUF_ROLE_TIMESTAMP]),
	};

	return tuf_build_root(&content, NULL, 0, out_len, err);
}

bool tuf_draft_role_has(const struct tuf_draft_role *role,
			const uint8_t key[static ED25519_PUBLIC_SIZE])
{
	for (size_t i = 0; i < role->count; i++)
		if (memcmp(role->keys[i], key, ED25519_PUBLIC_SIZE) == 0)
			return true;
	return false;
}

bool tuf_draft_role_add(struct tuf_draft_role *role,
			const uint8_t key[static ED25519_PUBLIC_SIZE], struct err *err)
{
	char id[KEY_ID_SIZE];

	ed25519_key_id(key, id);
	if (tuf_draft_role_has(role, key))
		return err_set(err, ERR_CONFLICT, "key %.16s… is in the role already",
			       id);
	if (role->count == TUF_ROLE_KEYS_MAX)
		return err_set(err, ERR_TOO_LARGE, "a role has at most %d keys",
			       TUF_ROLE_KEYS_MAX);
	memcpy(role->keys[role->count++], key, ED25519_PUBLIC_SIZE);
	return true;
}

bool tuf_draft_role_remove(struct tuf_draft_role *role, const char *key_id,
			   struct err *err)
{
	size_t digits = strlen(key_id), found = role->count, matches = 0;

	for (size_t i = 0; digits >= KEY_ID_DIGITS_MIN && i < role->count; i++) {
		char id[KEY_ID_SIZE];

		ed25519_key_id(role->keys[i], id);
		if (strncmp(id, key_id, digits) == 0) {
			found = i;
			matches++;
		}
	}
	if (matches > 1)
		return err_set(err, ERR_CONFLICT, "%.64s: several keys begin so", key_id);
	if (matches == 0)
		return err_set(
			err, ERR_NOT_FOUND,
			"%.64s: no key of the role begins so; \"ekimaectl key show\" "
			"lists them (%d digits are enough)",
			key_id, KEY_ID_DIGITS_MIN);
	role->count--;
	memmove(role->keys[found], role->keys[found + 1],
		(role->count - found) * sizeof(role->keys[0]));
	return true;
}

/* Whether the file holds a good signature by @key. */
static bool has_signed(const struct tuf_file *file,
		       const uint8_t key[static ED25519_PUBLIC_SIZE])
{
	char id[KEY_ID_SIZE];

	ed25519_key_id(key, id);
	for (size_t i = 0; i < json_array_size(file->signatures); i++) {
		const json_t *entry = json_array_get(file->signatures, i);
		const char *by = json_string_value(json_object_get(entry, "keyid"));
		const char *hex = json_string_value(json_object_get(entry, "sig"));
		uint8_t signature[ED25519_SIGNATURE_SIZE];

		if (by && hex && strcmp(by, id) == 0 &&
		    strlen(hex) == 2 * ED25519_SIGNATURE_SIZE &&
		    hex_decode(hex, signature, sizeof(signature)))
			return ed25519_verify(key, file->canonical, file->canonical_len,
					      signature);
	}
	return false;
}

bool tuf_signatures_of(const void *bytes, size_t len, const struct tuf_draft_role *role,
		       bool out_signed[static TUF_ROLE_KEYS_MAX], size_t *out_count,
		       struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};

	if (!tuf_file_read_any(&file, "metadata", bytes, len, TUF_TARGETS_MAX, err))
		return false;
	*out_count = 0;
	for (size_t i = 0; i < role->count; i++) {
		out_signed[i] = has_signed(&file, role->keys[i]);
		*out_count += out_signed[i];
	}
	return true;
}

static bool append_signature(json_t *signatures, const char *id,
			     const uint8_t signature[static ED25519_SIGNATURE_SIZE])
{
	char hex[2 * ED25519_SIGNATURE_SIZE + 1];

	for (size_t i = json_array_size(signatures); i-- > 0;) {
		const json_t *entry = json_array_get(signatures, i);
		const char *by = json_string_value(json_object_get(entry, "keyid"));

		if (by && strcmp(by, id) == 0)
			json_array_remove(signatures, i);
	}
	hex_encode(signature, ED25519_SIGNATURE_SIZE, hex);
	return json_array_append_new(
		       signatures, json_pack("{s:s, s:s}", "keyid", id, "sig", hex)) == 0;
}

char *tuf_add_signature(const void *bytes, size_t len, const struct signer *signer,
			size_t *out_len, struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	json_t *signatures;
	char *text = NULL;

	if (!tuf_file_read_any(&file, "metadata", bytes, len, TUF_TARGETS_MAX, err) ||
	    !signer_sign(signer, file.canonical, file.canonical_len, signature, err))
		return NULL;
	signatures = json_object_get(file.json, "signatures");
	if (append_signature(signatures, signer_key_id(signer), signature))
		text = json_dumps(file.json, JSON_COMPACT | JSON_SORT_KEYS);
	if (!text) {
		err_set(err, ERR_NO_MEMORY, "metadata: out of memory");
		return NULL;
	}
	*out_len = strlen(text);
	return text;
}
