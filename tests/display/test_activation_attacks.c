/*
 * The attacks of docs/trust.md, written straight into the inbox: a hijacked courier that has
 * everything the city ever signed, and whatever it makes itself, but none of the keys, or one
 * too few. tests/ctl/test_tuf_refresh.c drives the same over HTTP.
 */
#include "display/activation.h"

#include <sys/stat.h>

#include "support/metadata.h"

#include "attack.h"

/* ---- Arbitrary content: whose signatures count ---- */

/* Signs the content of @file anew, by these. */
static void sign_again(const char *file, const struct signer *const *signers,
		       size_t count)
{
	char *text = read_file(box.set_name, file), *content = metadata_content(text);
	char *signed_again = metadata_sign(content, signers, count);

	put(file, signed_again);
	free(text);
	free(content);
	free(signed_again);
}

/*
 * Has the roles above @file name it as it is now, with the online keys: what whoever holds the
 * server can do.
 */
static void name_again(const char *file)
{
	char *below = read_file(box.set_name, file), *above;
	bool is_targets = strcmp(file, "targets.json") == 0;
	struct err err = {0};
	size_t len;

	if (is_targets) {
		above = tuf_build_snapshot(box.version, box.ends, below, strlen(below),
					   box.online, &len, &err);
		assert_ok(above != NULL, err);
		put("snapshot.json", above);
		free(below);
		below = above;
	}
	above = tuf_build_timestamp(box.version, box.ends, below, strlen(below),
				    box.online, &len, &err);
	assert_ok(above != NULL, err);
	put("timestamp.json", above);
	free(below);
	free(above);
}

static void unsigned_and_wrongly_signed_roles_are_refused(void **state)
{
	struct signer *stranger = box_key();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		/* The other roles' keys are no better than a stranger's. */
		const struct signer *wrong[] = {stranger, box.root,
						i == 2 ? box.online : box.targets};

		for (size_t count = 0; count <= ARRAY_LEN(wrong); count++) {
			publish(8);
			sign_again(roles[i], wrong, count);
			if (i > 0)
				name_again(roles[i]);
			check_refuses(ERR_UNTRUSTED, "signed by 0 of the 1 keys");
		}
	}
	publish(8);
	check_takes(8);
	signer_free(stranger);
}

static void signature_that_is_there_twice_is_refused(void **state)
{
	const struct signer *twice[] = {box.online, box.online};

	(void)state;
	publish(8);
	sign_again("timestamp.json", twice, 2);
	check_refuses(ERR_UNTRUSTED, "has signed already");
}

/* @content with a signature by @signer under its own id, and the same under another. */
static char *sign_under_two_ids(const char *content, const struct signer *signer)
{
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	char hex[2 * ED25519_SIGNATURE_SIZE + 1], *file = NULL;
	struct err err = {0};

	assert_ok(signer_sign(signer, content, strlen(content), signature, &err), err);
	hex_encode(signature, sizeof(signature), hex);
	assert_true(asprintf(&file,
			     "{\"signatures\": [{\"keyid\": \"%s\", \"sig\": \"%s\"}, "
			     "{\"keyid\": \"alias\", \"sig\": \"%s\"}], \"signed\": %s}",
			     signer_key_id(signer), hex, hex, content) > 0);
	return file;
}

/* The JSON of a root's key; owned. */
static char *key_json(const char *id, const struct signer *signer)
{
	uint8_t key[ED25519_PUBLIC_SIZE];
	char hex[2 * ED25519_PUBLIC_SIZE + 1], *text = NULL;

	signer_public(signer, key);
	hex_encode(key, sizeof(key), hex);
	assert_true(asprintf(&text,
			     "\"%s\": {\"keytype\": \"ed25519\", \"scheme\": "
			     "\"ed25519\", \"keyval\": {\"public\": \"%s\"}}",
			     id, hex) > 0);
	return text;
}

static void one_key_under_two_ids_counts_once(void **state)
{
	const struct signer *signers[] = {box.root};
	size_t len;
	char *root = box_sign_root(&box, NULL, &len), *content = metadata_content(root);
	char *keys[] = {key_json(signer_key_id(box.root), box.root),
			key_json(signer_key_id(box.targets), box.targets),
			key_json(signer_key_id(box.online), box.online),
			key_json("alias", box.online)};
	char *all = NULL, *roles_text = NULL, *with_keys, *with_roles, *file, *timestamp;

	(void)state;
	assert_true(asprintf(&all, "{%s, %s, %s, %s}", keys[0], keys[1], keys[2],
			     keys[3]) > 0);
	assert_true(asprintf(&roles_text,
			     "{\"root\": {\"keyids\": [\"%s\"], \"threshold\": 1}, "
			     "\"targets\": {\"keyids\": [\"%s\"], \"threshold\": 1}, "
			     "\"snapshot\": {\"keyids\": [\"%s\"], \"threshold\": 1}, "
			     "\"timestamp\": {\"keyids\": [\"%s\", \"alias\"], "
			     "\"threshold\": 2}}",
			     signer_key_id(box.root), signer_key_id(box.targets),
			     signer_key_id(box.online), signer_key_id(box.online)) > 0);
	with_keys = metadata_set(content, "keys", all);
	with_roles = metadata_set(with_keys, "roles", roles_text);
	file = metadata_sign(with_roles, signers, 1);
	publish(8);
	put("2.root.json", file);
	timestamp = read_file(box.set_name, "timestamp.json");
	free(file);
	free(content);
	content = metadata_content(timestamp);
	file = sign_under_two_ids(content, box.online);
	put("timestamp.json", file);
	check_refuses(ERR_UNTRUSTED, "signed by 1 of the 2 keys");
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		free(keys[i]);
	free(root);
	free(content);
	free(all);
	free(roles_text);
	free(with_keys);
	free(with_roles);
	free(file);
	free(timestamp);
}

/* Online key and all, a snapshot is no timestamp. */
static void file_of_another_type_is_refused(void **state)
{
	const struct signer *online[] = {box.online};
	char *text, *content, *other, *file;

	(void)state;
	publish(8);
	text = read_file(box.set_name, "timestamp.json");
	content = metadata_content(text);
	other = metadata_set(content, "_type", "\"snapshot\"");
	file = metadata_sign(other, online, 1);
	put("timestamp.json", file);
	check_refuses(ERR_UNTRUSTED, "_type");
	free(text);
	free(content);
	free(other);
	free(file);
}

/* ---- Rollback, mix and match, freeze ---- */

static void file_of_another_set_is_refused(void **state)
{
	char first[64];

	(void)state;
	publish(8);
	snprintf(first, sizeof(first), "%s", box.set_name);
	/* Each file of the set before among those of the next, and the other way about. */
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		char *old = read_file(first, roles[i]);

		publish(9);
		put(roles[i], old);
		check_refuses(ERR_UNTRUSTED, "");
		free(old);
	}
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		char newer[64], *from_newer;

		publish(9);
		snprintf(newer, sizeof(newer), "%s", box.set_name);
		from_newer = read_file(newer, roles[i]);
		snprintf(box.set_name, sizeof(box.set_name), "%s", first);
		put(roles[i], from_newer);
		box_point(&box, first);
		check_refuses(ERR_UNTRUSTED, "");
		free(from_newer);
	}
	publish(10);
	check_takes(10);
}

static void older_set_is_refused_whole_as_it_is(void **state)
{
	char first[64];
	struct err err = {0};
	int64_t version;

	(void)state;
	snprintf(first, sizeof(first), "%s", box.set_name);
	publish(8);
	check_takes(8);
	box_point(&box, first);
	check_refuses(ERR_UNTRUSTED, "rollback");
	/* Versions that go back are refused, signed as they are, and after a restart, too. */
	version = box.version;
	box.version -= 2;
	publish(8);
	check_refuses(ERR_UNTRUSTED, "rollback");
	activation_free(into);
	into = activation_new(box.inbox, box.state, BOX_PLAN, &err);
	assert_ok(into != NULL, err);
	assert_ok(activation_restore(into, &err), err);
	check_refuses(ERR_UNTRUSTED, "rollback");
	box.version = version;
	publish(9);
	check_takes(9);
}

/* Whoever holds the server names an older file in a newer one, as its keys can. */
static void older_file_that_the_online_keys_name_is_refused(void **state)
{
	char first[64], *old_targets, *old_snapshot;

	(void)state;
	snprintf(first, sizeof(first), "%s", box.set_name);
	old_targets = read_file(first, "targets.json");
	old_snapshot = read_file(first, "snapshot.json");
	publish(8);
	check_takes(8);
	publish(9);
	put("targets.json", old_targets);
	name_again("targets.json");
	check_refuses(ERR_UNTRUSTED, "rollback");
	publish(9);
	put("snapshot.json", old_snapshot);
	name_again("snapshot.json");
	check_refuses(ERR_UNTRUSTED, "rollback");
	publish(9);
	check_takes(9);
	free(old_targets);
	free(old_snapshot);
}

/* A set that is brought again and again is taken until its end, and not at it. */
static void frozen_set_is_refused_from_its_end_on(void **state)
{
	struct err err = {0};
	bool changed = false;

	(void)state;
	publish(8);
	assert_fails(activation_check(into, box.ends, &changed, &err), err, ERR_EXPIRED,
		     "timestamp.json");
	assert_int_equal(version_of(into), 7);
	assert_ok(
		activation_check(into, (struct wall_ms){box.ends.ms - 1}, &changed, &err),
		err);
	assert_int_equal(version_of(into), 8);
}

/* ---- Fast-forward, and taking over the root ---- */

static void fast_forward_is_undone_by_new_keys_alone(void **state)
{
	struct signer *old_root = box.root;
	size_t len;
	char *root;

	(void)state;
	box.version = INT64_C(4000000000);
	publish(8);
	check_takes(8);
	box.version = 10;
	publish(9);
	check_refuses(ERR_UNTRUSTED, "rollback");
	signer_free(box.online);
	box.online = box_key();
	box.root = box_key();
	root = box_sign_root(&box, old_root, &len);
	publish(9);
	put("2.root.json", root);
	check_takes(9);
	signer_free(old_root);
	free(root);
}

/* Two sets of keys have to agree on a new root: those that go, and those that come. */
static void root_by_too_few_is_refused(void **state)
{
	struct signer *old_root = box.root, *stolen = box_key();
	const struct signer *signers[3] = {NULL, old_root, stolen};
	char *root, *content, *file;
	size_t len;

	(void)state;
	box.root = box_key();
	signers[0] = box.root;
	root = box_sign_root(&box, old_root, &len);
	content = metadata_content(root);
	publish(8);
	/* The new key alone; the old alone; neither. */
	for (size_t i = 0; i < 3; i++) {
		file = metadata_sign(content, &signers[i], 1);
		publish(8);
		put("2.root.json", file);
		check_refuses(ERR_UNTRUSTED, "2.root.json");
		free(file);
	}
	/* Both, but of a version that skips one. */
	{
		char *skipped = metadata_set(content, "version", "3");

		file = metadata_sign(skipped, signers, 2);
		publish(8);
		put("2.root.json", file);
		check_refuses(ERR_UNTRUSTED, "version 3 where version 2");
		free(file);
		free(skipped);
	}
	publish(8);
	put("2.root.json", root);
	check_takes(8);
	free(content);
	free(root);
	signer_free(old_root);
	signer_free(stolen);
}

/* A root that raises its own threshold needs that many from the start. */
static void root_below_its_own_threshold_is_refused(void **state)
{
	const struct signer *signers[] = {box.root};
	char *root, *content, *role, *file, text[400];
	size_t len;

	(void)state;
	root = box_sign_root(&box, box.root, &len);
	content = metadata_content(root);
	snprintf(text, sizeof(text),
		 "{\"root\": {\"keyids\": [\"%s\", \"none\"], \"threshold\": 2}, "
		 "\"targets\": {\"keyids\": [], \"threshold\": 1}, "
		 "\"snapshot\": {\"keyids\": [], \"threshold\": 1}, "
		 "\"timestamp\": {\"keyids\": [], \"threshold\": 1}}",
		 signer_key_id(box.root));
	role = metadata_set(content, "roles", text);
	file = metadata_sign(role, signers, 1);
	publish(8);
	put("2.root.json", file);
	check_refuses(ERR_UNTRUSTED, "signed by 1 of the 2 keys");
	free(root);
	free(content);
	free(role);
	free(file);
}

/* ---- Endless data, wrong length or hash, substituted targets ---- */

/* Puts the roots up to @last into the last set, hundreds: without waiting for the disk. */
static void put_roots(char *const *chain, int64_t last)
{
	for (int64_t version = 2; version <= last; version++) {
		char name[40], *path;
		FILE *file;

		snprintf(name, sizeof(name), "%" PRId64 ".root.json", version);
		path = set_path(box.set_name, name);
		file = fopen(path, "w");
		assert_true(file && fputs(chain[version], file) >= 0);
		assert_int_equal(fclose(file), 0);
		free(path);
	}
}

static int64_t kept_root_version(void)
{
	char *path = tmp_path(box.state, "root.json");
	size_t len;
	char *root = tmp_read(path, &len);
	int64_t version = 0;
	struct wall_ms ends;
	struct err err = {0};

	assert_ok(tuf_peek(root, len, &version, &ends, &err), err);
	free(root);
	free(path);
	return version;
}

static void endless_roots_are_followed_in_portions(void **state)
{
	const int64_t portion = TUF_ROOT_ROTATIONS_MAX, last = 1 + portion + 10;
	char *chain[TUF_ROOT_ROTATIONS_MAX + 12] = {0};
	size_t len;

	(void)state;
	publish(8);
	for (int64_t version = 2; version <= last; version++)
		chain[version] = box_sign_root(&box, NULL, &len);
	put_roots(chain, last);
	check_takes(8);
	assert_int_equal(kept_root_version(), 1 + portion);
	publish(9);
	put_roots(chain, last);
	check_takes(9);
	assert_int_equal(kept_root_version(), last);
	for (int64_t version = 2; version <= last; version++)
		free(chain[version]);
}

static void endless_metadata_is_refused_before_it_is_read(void **state)
{
	static const char *const files[] = {"timestamp.json", "snapshot.json",
					    "targets.json", "2.root.json"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char *path;

		publish(8);
		put(files[i], "{");
		path = set_path(box.set_name, files[i]);
		/* A hole of a terabyte: reading it would never end. */
		assert_int_equal(truncate(path, (off_t)1 << 40), 0);
		check_refuses(ERR_TOO_LARGE, files[i]);
		free(path);
	}
}

static void files_that_are_none_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		char *path;

		publish(8);
		path = set_path(box.set_name, roles[i]);
		assert_int_equal(unlink(path), 0);
		check_refuses(ERR_NOT_FOUND, roles[i]);
		/* One that waits for a writer for ever must not be waited for. */
		assert_int_equal(mkfifo(path, 0600), 0);
		check_refuses(ERR_INVALID, roles[i]);
		assert_int_equal(unlink(path), 0);
		assert_int_equal(mkdir(path, 0700), 0);
		check_refuses(ERR_INVALID, roles[i]);
		free(path);
	}
}

static void object_with_other_content_is_refused(void **state)
{
	struct notice notice = box_notice("festival", (struct wall_ms){now.ms - HOUR_MS},
					  (struct wall_ms){now.ms + DAY_MS});
	struct programme good = box_programme(8, now, &notice, 1);
	struct programme other = box_programme(9, now, &notice, 1);
	struct err err = {0};
	size_t len, other_len;
	char *text = programme_to_json(&good, &len, &err);
	char *lie = programme_to_json(&other, &other_len, &err);
	char name[SHA256_HEX_SIZE + 10], hex[SHA256_HEX_SIZE];
	uint8_t hash[SHA256_SIZE];

	(void)state;
	assert_non_null(text);
	assert_non_null(lie);
	assert_int_equal(len, other_len); /* only the hash can tell */
	publish(8);
	sha256(text, len, hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(name, sizeof(name), "objects/%s", hex);
	box_write(box.inbox, name, lie, other_len);
	check_refuses(ERR_UNTRUSTED, "programme.json: its SHA-256");
	box_write(box.inbox, name, text, len - 1);
	check_refuses(ERR_UNTRUSTED, "bytes where");
	lie[0] = ' ';
	box_write(box.inbox, name, lie, other_len + 1);
	check_refuses(ERR_TOO_LARGE, "programme.json");
	box_remove(box.inbox, name);
	check_refuses(ERR_NOT_FOUND, "programme.json");
	box_write(box.inbox, name, text, len);
	check_takes(8);
	free(text);
	free(lie);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(unsigned_and_wrongly_signed_roles_are_refused),
		TEST(signature_that_is_there_twice_is_refused),
		TEST(one_key_under_two_ids_counts_once),
		TEST(file_of_another_type_is_refused),
		TEST(file_of_another_set_is_refused),
		TEST(older_set_is_refused_whole_as_it_is),
		TEST(older_file_that_the_online_keys_name_is_refused),
		TEST(frozen_set_is_refused_from_its_end_on),
		TEST(fast_forward_is_undone_by_new_keys_alone),
		TEST(root_by_too_few_is_refused),
		TEST(root_below_its_own_threshold_is_refused),
		TEST(endless_roots_are_followed_in_portions),
		TEST(endless_metadata_is_refused_before_it_is_read),
		TEST(files_that_are_none_are_refused),
		TEST(object_with_other_content_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
