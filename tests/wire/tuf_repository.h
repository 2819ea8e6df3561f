#ifndef WIRE_TUF_REPOSITORY_H
#define WIRE_TUF_REPOSITORY_H

/*
 * A small TUF repository with real keys, for tests: what the city would publish, and
 * edited and signed again, what an attacker with some of the keys could.
 */
#include "support/test.h"

#include <jansson.h>

#include "core/time.h"
#include "wire/canonical.h"
#include "wire/digest.h"
#include "wire/key.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

#define NOW_MS       INT64_C(1795329000000) /* 2026-11-22T06:30:00Z */
#define DAY_MS       INT64_C(86400000)
#define SIGNERS_MAX  8
#define PLAN_BYTES   "{\"plan\":1}"
#define ROOT_KEYS    3
#define TARGETS_KEYS 2

static const struct wall_ms now = {NOW_MS};

struct bytes {
	char *text; /* owned */
	size_t len;
};

/* A published set; version 0 where one is not there. */
struct published {
	struct bytes root, targets, snapshot, timestamp;
};

struct keys {
	struct signer *root[ROOT_KEYS], *targets[TARGETS_KEYS], *snapshot, *timestamp;
	int root_threshold, targets_threshold;
};

static inline struct signer *new_signer(void)
{
	struct err err = {0};
	struct signer *signer = signer_generate(&err);

	assert_ok(signer != NULL, err);
	return signer;
}

static inline struct keys new_keys(void)
{
	struct keys keys = {.root_threshold = 2, .targets_threshold = 2};

	for (size_t i = 0; i < ROOT_KEYS; i++)
		keys.root[i] = new_signer();
	for (size_t i = 0; i < TARGETS_KEYS; i++)
		keys.targets[i] = new_signer();
	keys.snapshot = new_signer();
	keys.timestamp = new_signer();
	return keys;
}

static inline void free_keys(struct keys *keys)
{
	for (size_t i = 0; i < ROOT_KEYS; i++)
		signer_free(keys->root[i]);
	for (size_t i = 0; i < TARGETS_KEYS; i++)
		signer_free(keys->targets[i]);
	signer_free(keys->snapshot);
	signer_free(keys->timestamp);
}

/* Replaces a key by a fresh one. */
static inline void rotate(struct signer **signer)
{
	signer_free(*signer);
	*signer = new_signer();
}

static inline struct bytes root_bytes(const struct keys *keys, int64_t version,
				      struct wall_ms expires,
				      const struct signer *const *signers, size_t count)
{
	uint8_t root[ROOT_KEYS][ED25519_PUBLIC_SIZE];
	uint8_t targets[TARGETS_KEYS][ED25519_PUBLIC_SIZE];
	uint8_t snapshot[1][ED25519_PUBLIC_SIZE], timestamp[1][ED25519_PUBLIC_SIZE];
	struct tuf_root_content content = {
		.version = version,
		.expires = expires,
		.consistent_snapshot = true,
		.root = {(const uint8_t(*)[32])root, ROOT_KEYS, keys->root_threshold},
		.targets = {(const uint8_t(*)[32])targets, TARGETS_KEYS,
			    keys->targets_threshold},
		.snapshot = {(const uint8_t(*)[32])snapshot, 1, 1},
		.timestamp = {(const uint8_t(*)[32])timestamp, 1, 1},
	};
	struct bytes out = {0};
	struct err err = {0};

	for (size_t i = 0; i < ROOT_KEYS; i++)
		signer_public(keys->root[i], root[i]);
	for (size_t i = 0; i < TARGETS_KEYS; i++)
		signer_public(keys->targets[i], targets[i]);
	signer_public(keys->snapshot, snapshot[0]);
	signer_public(keys->timestamp, timestamp[0]);
	out.text = tuf_build_root(&content, signers, count, &out.len, &err);
	assert_ok(out.text != NULL, err);
	return out;
}

/* Signed by all root keys. */
static inline struct bytes good_root(const struct keys *keys, int64_t version)
{
	return root_bytes(keys, version, (struct wall_ms){NOW_MS + 365 * DAY_MS},
			  (const struct signer *const *)keys->root, ROOT_KEYS);
}

static inline struct bytes good_targets(const struct keys *keys, int64_t version)
{
	struct tuf_target targets[2] = {
		{.path = "programme.json", .length = 2},
		{.path = "plan.json", .length = sizeof(PLAN_BYTES) - 1},
	};
	struct bytes out = {0};
	struct err err = {0};

	sha256("{}", 2, targets[0].sha256);
	sha256(PLAN_BYTES, sizeof(PLAN_BYTES) - 1, targets[1].sha256);
	out.text = tuf_build_targets(version, (struct wall_ms){NOW_MS + 90 * DAY_MS},
				     targets, ARRAY_LEN(targets),
				     (const struct signer *const *)keys->targets,
				     TARGETS_KEYS, &out.len, &err);
	assert_ok(out.text != NULL, err);
	return out;
}

static inline struct bytes snapshot_of(const struct keys *keys, int64_t version,
				       const struct bytes *targets)
{
	struct bytes out = {0};
	struct err err = {0};

	out.text = tuf_build_snapshot(version, (struct wall_ms){NOW_MS + 7 * DAY_MS},
				      targets->text, targets->len, keys->snapshot,
				      &out.len, &err);
	assert_ok(out.text != NULL, err);
	return out;
}

static inline struct bytes timestamp_of(const struct keys *keys, int64_t version,
					const struct bytes *snapshot)
{
	struct bytes out = {0};
	struct err err = {0};

	out.text = tuf_build_timestamp(version, (struct wall_ms){NOW_MS + DAY_MS},
				       snapshot->text, snapshot->len, keys->timestamp,
				       &out.len, &err);
	assert_ok(out.text != NULL, err);
	return out;
}

/* Root 1 and the rest by version. */
static inline struct published publish(const struct keys *keys, int64_t targets,
				       int64_t snapshot, int64_t timestamp)
{
	struct published set = {.root = good_root(keys, 1)};

	set.targets = good_targets(keys, targets);
	set.snapshot = snapshot_of(keys, snapshot, &set.targets);
	set.timestamp = timestamp_of(keys, timestamp, &set.snapshot);
	return set;
}

static inline void free_published(struct published *set)
{
	free(set->root.text);
	free(set->targets.text);
	free(set->snapshot.text);
	free(set->timestamp.text);
}

/* @signed_part signed by these keys, in the envelope of §4.2. */
static inline struct bytes sign_content(const json_t *signed_part,
					struct signer *const *signers, size_t count)
{
	struct bytes out = {0};
	struct err err = {0};
	json_t *signatures = json_array();
	size_t len = 0;
	char *canonical = canonical_json(signed_part, &len, &err);
	json_t *document;

	assert_ok(canonical != NULL, err);
	for (size_t i = 0; i < count; i++) {
		uint8_t signature[ED25519_SIGNATURE_SIZE];
		char hex[2 * ED25519_SIGNATURE_SIZE + 1];

		assert_ok(signer_sign(signers[i], canonical, len, signature, &err), err);
		hex_encode(signature, sizeof(signature), hex);
		json_array_append_new(signatures,
				      json_pack("{s:s, s:s}", "keyid",
						signer_key_id(signers[i]), "sig", hex));
	}
	document =
		json_pack("{s:o, s:O}", "signatures", signatures, "signed", signed_part);
	out.text = json_dumps(document, JSON_COMPACT);
	assert_non_null(out.text);
	out.len = strlen(out.text);
	json_decref(document);
	free(canonical);
	return out;
}

static inline json_t *parse_bytes(const struct bytes *bytes)
{
	json_t *document = json_loadb(bytes->text, bytes->len, 0, NULL);

	assert_non_null(document);
	return document;
}

/*
 * The document with the member at @path ("meta/targets.json/version", below "signed") set
 * to @value, which is taken, or removed when that is NULL; signed again.
 */
static inline struct bytes edited(const struct bytes *bytes, const char *path,
				  json_t *value, struct signer *const *signers,
				  size_t count)
{
	json_t *document = parse_bytes(bytes);
	json_t *signed_part = json_object_get(document, "signed");
	json_t *at = signed_part;
	const char *slash;
	struct bytes out;

	while ((slash = strchr(path, '/')) != NULL) {
		char key[128];

		snprintf(key, sizeof(key), "%.*s", (int)(slash - path), path);
		at = json_is_array(at)
			     ? json_array_get(at, (size_t)strtoul(key, NULL, 10))
			     : json_object_get(at, key);
		assert_non_null(at);
		path = slash + 1;
	}
	if (value && json_is_array(at))
		assert_int_equal(
			json_array_set_new(at, (size_t)strtoul(path, NULL, 10), value),
			0);
	else if (value)
		assert_int_equal(json_object_set_new(at, path, value), 0);
	else
		assert_int_equal(json_object_del(at, path), 0);
	out = sign_content(signed_part, signers, count);
	json_decref(document);
	return out;
}

static inline void replace(struct bytes *bytes, struct bytes with)
{
	free(bytes->text);
	*bytes = with;
}

static inline struct tuf_trust *trust_in(const struct bytes *root)
{
	struct err err = {0};
	struct tuf_trust *trust = tuf_trust_new(root->text, root->len, &err);

	assert_ok(trust != NULL, err);
	return trust;
}

static inline bool feed_timestamp(struct tuf_trust *trust, const struct published *set,
				  struct err *err)
{
	return tuf_update_timestamp(trust, set->timestamp.text, set->timestamp.len, now,
				    false, err);
}

static inline bool feed_snapshot(struct tuf_trust *trust, const struct published *set,
				 struct err *err)
{
	return tuf_update_snapshot(trust, set->snapshot.text, set->snapshot.len, now,
				   false, err);
}

static inline bool feed_targets(struct tuf_trust *trust, const struct published *set,
				struct err *err)
{
	return tuf_update_targets(trust, set->targets.text, set->targets.len, now, false,
				  err);
}

/* The whole of §5.3.10 to §5.6. */
static inline bool feed(struct tuf_trust *trust, const struct published *set,
			struct err *err)
{
	return tuf_root_finish(trust, now, err) && feed_timestamp(trust, set, err) &&
	       feed_snapshot(trust, set, err) && feed_targets(trust, set, err) &&
	       tuf_check(trust, now, false, err);
}

/* A trust that holds the whole set. */
static inline struct tuf_trust *trust_with(const struct published *set)
{
	struct tuf_trust *trust = trust_in(&set->root);
	struct err err = {0};

	assert_ok(feed(trust, set, &err), err);
	return trust;
}

#endif /* WIRE_TUF_REPOSITORY_H */
