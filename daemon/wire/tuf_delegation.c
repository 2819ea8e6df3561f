/* Delegations of a targets role (§4.5): what they say, and for which paths. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "core/arena.h"
#include "core/err.h"
#include "wire/tuf_metadata.h"

#define ARENA_MAX       ((size_t)32 * 1024 * 1024)
#define PLACE_SIZE      64    /* "signed.delegations.roles[16383]" */
#define PATHS_MAX       65536 /* patterns or prefixes of one delegation */
#define BIN_SUFFIX_SIZE 10    /* "-" and at most 8 digits */

static bool fail_memory(const struct tuf_file *file, struct err *err)
{
	return err_set(err, ERR_NO_MEMORY, "%s: out of memory", file->name);
}

/* A list of texts, @key of a delegation; *@out stays NULL where it is not given. */
static bool read_texts(const struct tuf_file *file, const char *place,
		       const json_t *object, const char *key, struct arena *arena,
		       const char ***out, size_t *out_count, struct err *err)
{
	const json_t *list = json_object_get(object, key);
	size_t count = json_array_size(list);

	if (!list)
		return true;
	if (!json_is_array(list) || count > PATHS_MAX)
		return err_set(err, ERR_INVALID, "%s: %s.%s: not an array of at most %d",
			       file->name, place, key, PATHS_MAX);
	*out = arena_array(arena, count, sizeof(**out));
	if (!*out)
		return fail_memory(file, err);
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (!text)
			return err_set(err, ERR_INVALID, "%s: %s.%s[%zu]: not a text",
				       file->name, place, key, i);
		(*out)[i] = arena_strdup(arena, text);
		if (!(*out)[i])
			return fail_memory(file, err);
	}
	*out_count = count;
	return true;
}

/*
 * A delegated role by the name of a top-level one would be kept in that one's place, and
 * looked up as it in the snapshot.
 */
static bool read_name(const struct tuf_file *file, const char *place, const char *key,
		      const json_t *object, size_t max, struct arena *arena,
		      const char **out, struct err *err)
{
	const char *name = json_string_value(json_object_get(object, key));

	if (!name || name[0] == '\0' || strlen(name) >= max)
		return err_set(err, ERR_INVALID,
			       "%s: %s.%s: not a text of 1 to %zu bytes", file->name,
			       place, key, max - 1);
	for (int type = 0; type < TUF_ROLE_COUNT; type++) {
		if (strcmp(name, tuf_role_text((enum tuf_role_type)type)) == 0)
			return err_set(err, ERR_INVALID,
				       "%s: %s.%s: \"%s\" is a top-level role",
				       file->name, place, key, name);
	}
	*out = arena_strdup(arena, name);
	return *out || fail_memory(file, err);
}

static bool read_delegation(const struct tuf_file *file, const char *place,
			    const json_t *object, struct arena *arena,
			    struct tuf_delegation *out, struct err *err)
{
	const json_t *terminating = json_object_get(object, "terminating");

	if (!read_name(file, place, "name", object, TUF_ROLE_NAME_MAX, arena, &out->name,
		       err) ||
	    !tuf_role_read(file, place, object, arena, &out->role, err) ||
	    !read_texts(file, place, object, "paths", arena, &out->paths,
			&out->path_count, err) ||
	    !read_texts(file, place, object, "path_hash_prefixes", arena,
			&out->hash_prefixes, &out->hash_prefix_count, err))
		return false;
	if (!out->paths == !out->hash_prefixes)
		return err_set(err, ERR_INVALID,
			       "%s: %s: needs either paths or path_hash_prefixes",
			       file->name, place);
	if (terminating && !json_is_boolean(terminating))
		return err_set(err, ERR_INVALID, "%s: %s.terminating: not true or false",
			       file->name, place);
	out->terminating = json_is_true(terminating);
	return true;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Names are unique, or it would depend on the reader whose keys count. */
static bool check_names(const struct tuf_file *file,
			const struct tuf_delegations *delegations, struct err *err)
{
	const char **names =
		arena_array(delegations->arena, delegations->count, sizeof(*names));

	if (!names)
		return fail_memory(file, err);
	for (size_t i = 0; i < delegations->count; i++)
		names[i] = delegations->list[i].name;
	qsort(names, delegations->count, sizeof(*names), compare_names);
	for (size_t i = 1; i < delegations->count; i++) {
		if (strcmp(names[i - 1], names[i]) == 0)
			return err_set(err, ERR_INVALID,
				       "%s: signed.delegations.roles: %.*s is there "
				       "twice",
				       file->name, tuf_shown(names[i]), names[i]);
	}
	return true;
}

static bool read_list(const struct tuf_file *file, const json_t *roles,
		      struct tuf_delegations *out, struct err *err)
{
	size_t count = json_array_size(roles);

	if (!json_is_array(roles) || count > TUF_DELEGATION_LIST_MAX)
		return err_set(err, ERR_INVALID,
			       "%s: signed.delegations.roles: not an array of at most %d",
			       file->name, TUF_DELEGATION_LIST_MAX);
	out->list = arena_array(out->arena, count, sizeof(*out->list));
	if (!out->list)
		return fail_memory(file, err);
	for (size_t i = 0; i < count; i++) {
		char place[PLACE_SIZE];

		snprintf(place, sizeof(place), "signed.delegations.roles[%zu]", i);
		if (!read_delegation(file, place, json_array_get(roles, i), out->arena,
				     &out->list[i], err))
			return false;
		out->count++;
	}
	return check_names(file, out, err);
}

/* TAP 15 */
static bool read_bins(const struct tuf_file *file, const json_t *object,
		      struct tuf_delegations *out, struct err *err)
{
	static const char place[] = "signed.delegations.succinct_roles";
	const json_t *bits = json_object_get(object, "bit_length");

	out->list = arena_array(out->arena, 1, sizeof(*out->list));
	if (!out->list)
		return fail_memory(file, err);
	if (!json_is_integer(bits) || json_integer_value(bits) < 1 ||
	    json_integer_value(bits) > TUF_BIN_BITS_MAX)
		return err_set(err, ERR_INVALID,
			       "%s: %s.bit_length: not an integer of 1 to %d", file->name,
			       place, TUF_BIN_BITS_MAX);
	out->bin_bits = (int)json_integer_value(bits);
	/* Each path has one bin, so nobody after it has anything to say. */
	out->list[0].terminating = true;
	out->count = 1;
	return read_name(file, place, "name_prefix", object,
			 TUF_ROLE_NAME_MAX - BIN_SUFFIX_SIZE, out->arena,
			 &out->list[0].name, err) &&
	       tuf_role_read(file, place, object, out->arena, &out->list[0].role, err);
}

struct tuf_delegations *tuf_delegations_read(const struct tuf_file *file,
					     const json_t *object, struct err *err)
{
	const json_t *roles = json_object_get(object, "roles");
	const json_t *bins = json_object_get(object, "succinct_roles");
	struct tuf_delegations *out = calloc(1, sizeof(*out));
	bool fine;

	if (!out || !(out->arena = arena_new(ARENA_MAX))) {
		fail_memory(file, err);
		return tuf_delegations_free(out);
	}
	if (!roles == !bins)
		fine = err_set(err, ERR_INVALID,
			       "%s: signed.delegations: needs either roles or "
			       "succinct_roles",
			       file->name);
	else
		fine = tuf_keyring_read(file, "signed.delegations.keys",
					json_object_get(object, "keys"), out->arena,
					&out->keyring, err) &&
		       (roles ? read_list(file, roles, out, err)
			      : read_bins(file, bins, out, err));
	return fine ? out : tuf_delegations_free(out);
}

struct tuf_delegations *tuf_delegations_free(struct tuf_delegations *delegations)
{
	if (!delegations)
		return NULL;
	tuf_keyring_done(&delegations->keyring);
	arena_free(delegations->arena);
	free(delegations);
	return NULL;
}

bool tuf_delegation_covers(const struct tuf_delegations *delegations,
			   const struct tuf_delegation *delegation, const char *path)
{
	uint8_t hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	if (delegations->bin_bits > 0)
		return true;
	for (size_t i = 0; i < delegation->path_count; i++) {
		if (tuf_pattern_matches(delegation->paths[i], path))
			return true;
	}
	if (delegation->hash_prefix_count == 0)
		return false;
	sha256(path, strlen(path), hash);
	hex_encode(hash, sizeof(hash), hex);
	for (size_t i = 0; i < delegation->hash_prefix_count; i++) {
		const char *prefix = delegation->hash_prefixes[i];

		if (strncasecmp(hex, prefix, strlen(prefix)) == 0)
			return true;
	}
	return false;
}

void tuf_delegation_name(const struct tuf_delegations *delegations,
			 const struct tuf_delegation *delegation, const char *path,
			 char out[static TUF_ROLE_NAME_MAX])
{
	uint8_t hash[SHA256_SIZE];
	uint32_t bin = 0;

	if (delegations->bin_bits == 0) {
		snprintf(out, TUF_ROLE_NAME_MAX, "%s", delegation->name);
		return;
	}
	/* The first bits of the hash, as wide as the last bin's number in hexadecimal. */
	sha256(path, strlen(path), hash);
	for (int i = 0; i < 4; i++)
		bin = bin << 8 | hash[i];
	bin >>= 32 - delegations->bin_bits;
	snprintf(out, TUF_ROLE_NAME_MAX, "%s-%0*x", delegation->name,
		 (delegations->bin_bits + 3) / 4, (unsigned)bin);
}
