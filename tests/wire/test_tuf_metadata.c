/*
 * The form of metadata files: what is tolerated because the specification leaves it open,
 * what is refused, and that no bytes whatever do harm.
 */
#include "wire/tuf_metadata.h"

#include "support/tmp.h"
#include "wire/tuf_repository.h"

struct fixture {
	struct keys keys;
	struct published set; /* all of version 5 */
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->keys = new_keys();
	fixture->keys.targets_threshold = 1;
	fixture->set = publish(&fixture->keys, 5, 5, 5);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	free_published(&fixture->set);
	free_keys(&fixture->keys);
	free(fixture);
	return 0;
}

/* A file of tests/corpus/fuzz_tuf/. */
static struct bytes foreign(const char *name)
{
	struct bytes bytes = {0};
	char *path = tmp_path(EKIMAE_SOURCE_DIR "/tests/corpus/fuzz_tuf", name);

	bytes.text = tmp_read(path, &bytes.len);
	free(path);
	return bytes;
}

/*
 * Made by another program with another library: all key types, thresholds of all keys, both
 * hashes, indentation, \u escapes, no consistent snapshots.
 */
static void repository_of_another_maker_is_accepted(void **state)
{
	struct published set = {foreign("root.json"), foreign("targets.json"),
				foreign("snapshot.json"), foreign("timestamp.json")};
	struct tuf_trust *trust = trust_with(&set);
	const struct tuf_target *target = tuf_target_find(trust, "dir/駅.txt");
	char file[TUF_TARGET_FILE_MAX];
	struct err err = {0};

	(void)state;
	assert_int_equal(tuf_root_version(trust), 3);
	assert_int_equal(tuf_targets_version(trust), 4);
	assert_non_null(target);
	assert_ok(tuf_target_check(target, "hello", 5, &err), err);
	tuf_target_file(trust, target, file);
	assert_string_equal(file, "dir/駅.txt");
	tuf_trust_free(trust);
	free_published(&set);
}

/* A change to the root, all its keys signing. */
static struct bytes edited_root(struct fixture *fixture, const char *path,
				TAKES json_t *value)
{
	return edited(&fixture->set.root, path, value, fixture->keys.root, ROOT_KEYS);
}

static void assert_root_refused(struct fixture *fixture, const char *path,
				TAKES json_t *value, const char *part)
{
	struct bytes root = edited_root(fixture, path, value);
	struct err err = {0};

	assert_fails(tuf_trust_new(root.text, root.len, &err), err, ERR_INVALID, part);
	free(root.text);
}

static void unknown_fields_are_tolerated_and_signed(void **state)
{
	struct fixture *fixture = *state;
	struct published *set = &fixture->set;
	char path[128];
	struct tuf_trust *trust;
	struct err err = {0};
	char *at;

	snprintf(path, sizeof(path), "keys/%s/keyid_hash_algorithms",
		 signer_key_id(fixture->keys.root[0]));
	replace(&set->root, edited_root(fixture, path, json_pack("[s]", "md5")));
	replace(&set->root, edited_root(fixture, "roles/root/note",
					json_pack("{s:s}", "駅", "a\\\"b\n")));
	replace(&set->targets, edited(&set->targets, "targets/plan.json/custom",
				      json_pack("{s:i, s:b}", "z", 1, "a", 1),
				      fixture->keys.targets, 1));
	replace(&set->snapshot, snapshot_of(&fixture->keys, 5, &set->targets));
	replace(&set->timestamp, timestamp_of(&fixture->keys, 5, &set->snapshot));
	trust = trust_with(set);
	assert_int_equal(tuf_target_count(trust), 2);
	tuf_trust_free(trust);

	/* They are covered by the signatures. */
	at = strstr(set->root.text, "md5");
	assert_non_null(at);
	memcpy(at, "md6", 3);
	assert_fails(tuf_trust_new(set->root.text, set->root.len, &err), err,
		     ERR_UNTRUSTED, "signed by 0 of the 2");
}

static void keys_of_unknown_kind_are_tolerated(void **state)
{
	struct fixture *fixture = *state;
	struct bytes root =
		edited_root(fixture, "keys/other",
			    json_pack("{s:s, s:s, s:{s:s}}", "keytype", "ml-dsa",
				      "scheme", "ml-dsa-44", "keyval", "public", "…"));
	struct bytes listed;
	struct err err = {0};
	struct tuf_trust *trust = trust_in(&root);

	tuf_trust_free(trust);
	/* A role may list it, or an id that no key has: both count for nothing. */
	listed = edited(&root, "roles/timestamp/keyids",
			json_pack("[s, s]", "other", "nowhere"), fixture->keys.root,
			ROOT_KEYS);
	trust = trust_in(&listed);
	assert_fails(feed_timestamp(trust, &fixture->set, &err), err, ERR_UNTRUSTED,
		     "signed by 0 of the 1");
	tuf_trust_free(trust);
	free(root.text);
	free(listed.text);
}

/* §4.3 lets a threshold be out of reach; it is then never met. */
static void threshold_above_the_keys_is_never_met(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	struct tuf_trust *trust;

	replace(&fixture->set.root,
		edited_root(fixture, "roles/timestamp/threshold", json_integer(6)));
	trust = trust_in(&fixture->set.root);
	assert_fails(feed_timestamp(trust, &fixture->set, &err), err, ERR_UNTRUSTED,
		     "signed by 1 of the 6");
	tuf_trust_free(trust);
}

static void wrong_root_fields_are_refused(void **state)
{
	static const char *const spec_versions[] = {"2.0.0", "1",      "1.", "1.x",
						    "1.0.",  "10.0.0", "",   "1.0.34 "};
	static const char *const ends[] = {"2026-11-22",
					   "2026-11-22T06:30:00",
					   "2026-13-22T06:30:00Z",
					   "2026-02-29T06:30:00Z",
					   "2026-11-22T24:30:00Z",
					   "2026-11-22T06:30:00+00:00",
					   "2026-11-22t06:30:00z",
					   "2026-11-22T06:30:00.5Z",
					   ""};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(spec_versions); i++)
		assert_root_refused(fixture, "spec_version",
				    json_string(spec_versions[i]), "spec_version");
	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		assert_root_refused(fixture, "expires", json_string(ends[i]), "expires");
	assert_root_refused(fixture, "spec_version", json_integer(1), "spec_version");
	assert_root_refused(fixture, "version", NULL, "version");
	assert_root_refused(fixture, "version", json_integer(0), "version");
	assert_root_refused(fixture, "version", json_integer(-1), "version");
	assert_root_refused(fixture, "version", json_string("1"), "version");
	assert_root_refused(fixture, "consistent_snapshot", json_integer(1),
			    "consistent_snapshot");
	assert_root_refused(fixture, "keys", json_array(), "keys");
	assert_root_refused(fixture, "roles", NULL, "roles.root");
	assert_root_refused(fixture, "roles/snapshot", NULL, "roles.snapshot");
	assert_root_refused(fixture, "roles/snapshot/keyids", json_object(), "keyids");
	assert_root_refused(fixture, "roles/snapshot/keyids/0", json_integer(1),
			    "keyids[0]");
	assert_root_refused(fixture, "roles/snapshot/threshold", json_integer(0),
			    "threshold");
	assert_root_refused(fixture, "roles/snapshot/threshold", json_true(),
			    "threshold");
	assert_root_refused(fixture, "roles/snapshot/keyids",
			    json_pack("[s, s]", "a", "a"), "twice");
}

static void early_and_late_spec_versions_and_ends_are_accepted(void **state)
{
	static const char *const versions[] = {"1.0", "1.0.0", "1.99.7", "1.0.34-rc1"};
	static const char *const ends[] = {"9999-12-31T23:59:59Z",
					   "2028-02-29T00:00:00Z"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		struct bytes root =
			edited_root(fixture, "spec_version", json_string(versions[i]));

		tuf_trust_free(trust_in(&root));
		free(root.text);
	}
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		struct bytes root = edited_root(fixture, "expires", json_string(ends[i]));
		struct tuf_trust *trust = trust_in(&root);
		struct err err = {0};

		assert_ok(tuf_root_finish(trust, now, &err), err);
		tuf_trust_free(trust);
		free(root.text);
	}
}

/* Gives the trust of @fixture the set after @path of its targets became @value. */
static bool feed_edited_targets(struct fixture *fixture, const char *path,
				TAKES json_t *value, struct tuf_trust *trust,
				struct err *err)
{
	struct published *set = &fixture->set;

	replace(&set->targets,
		edited(&set->targets, path, value, fixture->keys.targets, TARGETS_KEYS));
	replace(&set->snapshot, snapshot_of(&fixture->keys, 5, &set->targets));
	replace(&set->timestamp, timestamp_of(&fixture->keys, 5, &set->snapshot));
	return feed(trust, set, err);
}

static void sha512_alone_is_enough(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_trust *trust = trust_in(&fixture->set.root);
	uint8_t hash[SHA512_SIZE];
	char hex[2 * SHA512_SIZE + 1], file[TUF_TARGET_FILE_MAX];
	char expected[TUF_TARGET_FILE_MAX];
	const struct tuf_target *target;
	struct err err = {0};

	sha512("x", 1, hash);
	hex_encode(hash, sizeof(hash), hex);
	assert_ok(feed_edited_targets(fixture, "targets/media\\dir",
				      json_pack("{s:i, s:{s:s}}", "length", 1, "hashes",
						"sha512", hex),
				      trust, &err),
		  err);
	target = tuf_target_find(trust, "media\\dir");
	assert_non_null(target);
	assert_ok(tuf_target_check(target, "x", 1, &err), err);
	assert_fails(tuf_target_check(target, "y", 1, &err), err, ERR_UNTRUSTED,
		     "SHA-512");
	tuf_target_file(trust, target, file);
	snprintf(expected, sizeof(expected), "%s.media\\dir", hex);
	assert_string_equal(file, expected);
	tuf_trust_free(trust);
}

/* The longest path there may be, and its file name, with and without hash. */
static void longest_path_fits_its_file_name(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_trust *trust = trust_in(&fixture->set.root);
	struct tuf_target target = {.has_sha512 = true};
	char file[TUF_TARGET_FILE_MAX];
	struct bytes root;

	memset(target.path, 'a', sizeof(target.path) - 1);
	target.path[5] = '/';
	tuf_target_file(trust, &target, file);
	assert_int_equal(strlen(file), TUF_TARGET_FILE_MAX - 1);
	assert_memory_equal(file, "aaaaa/0000", 10);
	tuf_trust_free(trust);

	root = edited_root(fixture, "consistent_snapshot", json_false());
	trust = trust_in(&root);
	assert_false(tuf_consistent_snapshot(trust));
	tuf_target_file(trust, &target, file);
	assert_string_equal(file, target.path);
	tuf_trust_free(trust);
	free(root.text);
}

static void wrong_targets_fields_are_refused(void **state)
{
	static const char good_hex[] =
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	struct fixture *fixture = *state;
	char long_path[8 + TUF_TARGET_PATH_MAX + 1] = "targets/";
	const struct {
		const char *path;
		json_t *value;
		const char *part;
	} bad[] = {
		{"targets", json_array(), "signed.targets"},
		{"targets/plan.json/length", json_integer(-1), "length"},
		{"targets/plan.json/length", NULL, "length"},
		{"targets/plan.json/hashes", NULL, "hashes"},
		{"targets/plan.json/hashes", json_object(), "neither"},
		{"targets/plan.json/hashes", json_pack("{s:s}", "md5", "00"), "neither"},
		{"targets/plan.json/hashes/sha256", json_string("00"), "sha256"},
		{"targets/plan.json/hashes/sha512", json_string(good_hex), "sha512"},
		{"targets/plan.json/hashes/sha256", json_integer(7), "sha256"},
		{"targets/", json_object(), "1 to 511"},
		{long_path, json_object(), "1 to 511"},
	};

	memset(long_path + 8, 'a', TUF_TARGET_PATH_MAX);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct tuf_trust *trust = trust_in(&fixture->set.root);
		struct published *set = &fixture->set;
		struct err err = {0};

		assert_fails(feed_edited_targets(fixture, bad[i].path, bad[i].value,
						 trust, &err),
			     err, ERR_INVALID, bad[i].part);
		assert_int_equal(tuf_targets_version(trust), 0);
		tuf_trust_free(trust);
		free_published(set);
		*set = publish(&fixture->keys, 5, 5, 5);
	}
}

static void wrong_snapshot_and_timestamp_fields_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published *set = &fixture->set;
	const struct {
		const char *path;
		json_t *value;
		const char *part;
	} bad[] = {
		{"meta", json_array(), "snapshot.json].version"},
		{"meta/snapshot.json", NULL, "snapshot.json].version"},
		{"meta/snapshot.json/version", json_integer(0), "version"},
		{"meta/snapshot.json/length", json_integer(0), "length"},
		{"meta/snapshot.json/length", json_string("9"), "length"},
		{"meta/snapshot.json/hashes", json_object(), "neither"},
		{"meta/snapshot.json/hashes", json_pack("{s:s}", "sha256", "0g"),
		 "sha256"},
	};
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct tuf_trust *trust = trust_in(&set->root);
		struct bytes timestamp =
			edited(&set->timestamp, bad[i].path, bad[i].value,
			       &fixture->keys.timestamp, 1);

		assert_fails(tuf_update_timestamp(trust, timestamp.text, timestamp.len,
						  now, false, &err),
			     err, ERR_INVALID, bad[i].part);
		assert_int_equal(tuf_timestamp_version(trust), 0);
		tuf_trust_free(trust);
		free(timestamp.text);
	}

	replace(&set->snapshot, edited(&set->snapshot, "meta/targets.json", NULL,
				       &fixture->keys.snapshot, 1));
	replace(&set->timestamp, timestamp_of(&fixture->keys, 5, &set->snapshot));
	{
		struct tuf_trust *trust = trust_in(&set->root);

		assert_ok(feed_timestamp(trust, set, &err), err);
		assert_fails(feed_snapshot(trust, set, &err), err, ERR_INVALID,
			     "does not list targets.json");
		tuf_trust_free(trust);
	}
}

static void what_is_no_metadata_is_refused(void **state)
{
	/* Complete, but for a number that canonical JSON does not have. */
	static const char fraction[] =
		"{\"signed\":{\"_type\":\"root\",\"spec_version\":\"1.0.0\",\"version\":1,"
		"\"expires\":\"2030-01-01T00:00:00Z\",\"x\":1.5},\"signatures\":[]}";
	static const char *const bad[] = {
		"",
		"null",
		"[]",
		"{}",
		"{\"signed\":{},\"signatures\":{}}",
		"{\"signed\":[],\"signatures\":[]}",
		"{\"signed\":{},\"signatures\":[]}",
		"{\"signed\":{},\"signatures\":[7]}",
		"{\"signed\":{},\"signatures\":[{\"keyid\":\"a\"}]}",
		"{\"signed\":{},\"signatures\":[]} x",
		"{\"signed\":{\"a\":1,\"a\":1},\"signatures\":[]}",
		"{\"signed\":{\"a\":99999999999999999999},\"signatures\":[]}",
		"{\"signed\":{\"a\":\"\xff\"},\"signatures\":[]}",
		"{\"signed\":{\"a\":\"\\u0000\"},\"signatures\":[]}",
		fraction,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err err = {0};

		assert_fails(tuf_trust_new(bad[i], strlen(bad[i]), &err), err,
			     ERR_INVALID, "root.json");
	}
}

static void deep_nesting_is_refused(void **state)
{
	enum { DEPTH = 100000 };
	char *text = malloc(DEPTH);
	struct err err = {0};

	(void)state;
	assert_non_null(text);
	memset(text, '[', DEPTH);
	assert_fails(tuf_trust_new(text, DEPTH, &err), err, ERR_INVALID,
		     "deeper than 32");
	free(text);
}

static void oversized_files_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_trust *trust = trust_in(&fixture->set.root);
	size_t size = TUF_TARGETS_MAX + 1;
	char *text = malloc(size);
	struct err err = {0};

	assert_non_null(text);
	memset(text, ' ', size);
	assert_fails(tuf_trust_new(text, TUF_ROOT_MAX + 1, &err), err, ERR_TOO_LARGE,
		     "root.json");
	assert_fails(tuf_update_root(trust, text, TUF_ROOT_MAX + 1, &err), err,
		     ERR_TOO_LARGE, "root.json");
	assert_fails(tuf_update_timestamp(trust, text, TUF_TIMESTAMP_MAX + 1, now, false,
					  &err),
		     err, ERR_TOO_LARGE, "timestamp.json");
	/* Where a length was signed for, that is the maximum. */
	assert_ok(feed_timestamp(trust, &fixture->set, &err), err);
	assert_fails(
		tuf_update_snapshot(trust, text, TUF_SNAPSHOT_MAX + 1, now, false, &err),
		err, ERR_UNTRUSTED, "were signed for");
	assert_fails(tuf_peek(text, size, &(int64_t){0}, &(struct wall_ms){0}, &err), err,
		     ERR_TOO_LARGE, "maximum");
	tuf_trust_free(trust);
	free(text);
}

static void too_many_signatures_are_refused(void **state)
{
	struct fixture *fixture = *state;
	json_t *document = parse_bytes(&fixture->set.root);
	json_t *signatures = json_object_get(document, "signatures");
	struct err err = {0};
	char *text;

	for (int i = 0; i < TUF_SIGNATURES_MAX; i++) {
		char id[16];

		snprintf(id, sizeof(id), "%d", i);
		json_array_append_new(signatures,
				      json_pack("{s:s, s:s}", "keyid", id, "sig", "00"));
	}
	text = json_dumps(document, 0);
	assert_fails(tuf_trust_new(text, strlen(text), &err), err, ERR_TOO_LARGE,
		     "signatures");
	free(text);
	json_decref(document);
}

/* An error is UTF-8, however a hostile file names things. */
static void long_names_are_cut_at_characters(void **state)
{
	(void)state;
	assert_int_equal(tuf_shown("plan.json"), 9);
	assert_int_equal(tuf_shown("駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅駅"),
			 63);
	assert_int_equal(
		tuf_shown("0123456789012345678901234567890123456789012345678901234"
			  "567890123456789"),
		64);
}

static void truncated_files_are_refused_at_every_length(void **state)
{
	struct fixture *fixture = *state;
	const struct bytes *root = &fixture->set.root;
	const struct bytes *timestamp = &fixture->set.timestamp;
	struct tuf_trust *trust = trust_in(root);

	for (size_t len = 0; len < root->len; len++) {
		/* An exact copy, so that a read past the end is seen. */
		char *copy = malloc(len + 1);
		struct err err = {0};

		assert_non_null(copy);
		memcpy(copy, root->text, len);
		assert_null(tuf_trust_new(copy, len, &err));
		assert_int_equal(err.code, ERR_INVALID);
		free(copy);
	}
	for (size_t len = 0; len < timestamp->len; len++) {
		struct err err = {0};

		assert_false(tuf_update_timestamp(trust, timestamp->text, len, now, false,
						  &err));
		assert_int_equal(err.code, ERR_INVALID);
	}
	tuf_trust_free(trust);
}

/* xorshift, so that every run tries the same bytes. */
static uint32_t next_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/*
 * No change to the bytes of "signed" is ever accepted. What remains are changes that JSON
 * gives no meaning to, and those leave the canonical form as it was.
 */
static void mutated_root_is_refused_or_means_the_same(void **state)
{
	struct fixture *fixture = *state;
	const struct bytes *root = &fixture->set.root;
	struct tuf_file original, mutant;
	uint32_t seed = 20261122;
	char *copy = malloc(root->len);
	struct err err = {0};
	int accepted = 0;

	assert_non_null(copy);
	assert_ok(tuf_file_read(&original, "root.json", TUF_ROLE_ROOT, root->text,
				root->len, TUF_ROOT_MAX, &err),
		  err);
	for (int round = 0; round < 4000; round++) {
		unsigned changes = 1 + next_random(&seed) % 3;
		struct tuf_trust *trust;

		memcpy(copy, root->text, root->len);
		for (unsigned i = 0; i < changes; i++)
			copy[next_random(&seed) % root->len] =
				(char)(next_random(&seed) >> 8);
		trust = tuf_trust_new(copy, root->len, &err);
		if (!trust)
			continue;
		accepted++;
		tuf_trust_free(trust);
		assert_ok(tuf_file_read(&mutant, "root.json", TUF_ROLE_ROOT, copy,
					root->len, TUF_ROOT_MAX, &err),
			  err);
		assert_string_equal(mutant.canonical, original.canonical);
		tuf_file_done(&mutant);
	}
	/* One of three signatures may be spoilt: 2 of 3 still sign. */
	assert_true(accepted > 0);
	tuf_file_done(&original);
	free(copy);
}

static void mutated_rest_is_never_accepted(void **state)
{
	struct fixture *fixture = *state;
	struct published *set = &fixture->set;
	struct bytes *files[] = {&set->snapshot, &set->targets};
	uint32_t seed = 19890108;
	struct err err = {0};

	for (int round = 0; round < 2000; round++) {
		struct bytes *file = files[round % 2];
		size_t at = next_random(&seed) % file->len;
		char before = file->text[at];
		struct tuf_trust *trust = trust_in(&set->root);

		file->text[at] = (char)(next_random(&seed) >> 8);
		if (file->text[at] != before)
			assert_false(feed(trust, set, &err));
		file->text[at] = before;
		tuf_trust_free(trust);
	}
}

#define form_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(repository_of_another_maker_is_accepted),
		form_test(unknown_fields_are_tolerated_and_signed),
		form_test(keys_of_unknown_kind_are_tolerated),
		form_test(threshold_above_the_keys_is_never_met),
		form_test(wrong_root_fields_are_refused),
		form_test(early_and_late_spec_versions_and_ends_are_accepted),
		form_test(sha512_alone_is_enough),
		form_test(longest_path_fits_its_file_name),
		form_test(wrong_targets_fields_are_refused),
		form_test(wrong_snapshot_and_timestamp_fields_are_refused),
		cmocka_unit_test(what_is_no_metadata_is_refused),
		cmocka_unit_test(deep_nesting_is_refused),
		form_test(oversized_files_are_refused),
		form_test(too_many_signatures_are_refused),
		cmocka_unit_test(long_names_are_cut_at_characters),
		form_test(truncated_files_are_refused_at_every_length),
		form_test(mutated_root_is_refused_or_means_the_same),
		form_test(mutated_rest_is_never_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
