#include "wire/tuf_build.h"

#include "wire/tuf_draft.h"
#include "wire/tuf_repository.h"

static const struct wall_ms end = {NOW_MS + DAY_MS};

static void root_lists_every_key_once(void **state)
{
	struct keys keys = new_keys();
	struct bytes root;
	json_t *document;

	(void)state;
	/* One key may serve two roles, as it does in small set-ups. */
	signer_free(keys.timestamp);
	keys.timestamp = keys.snapshot;
	root = good_root(&keys, 1);
	keys.timestamp = NULL;
	document = parse_bytes(&root);
	assert_int_equal(json_object_size(json_object_get(
				 json_object_get(document, "signed"), "keys")),
			 ROOT_KEYS + TARGETS_KEYS + 1);
	assert_int_equal(json_array_size(json_object_get(document, "signatures")),
			 ROOT_KEYS);
	tuf_trust_free(trust_in(&root));
	json_decref(document);
	free(root.text);
	free_keys(&keys);
}

static void thresholds_that_cannot_be_met_are_refused(void **state)
{
	static const int wrong[] = {0, -1, 4};
	struct keys keys = new_keys();
	uint8_t one[1][ED25519_PUBLIC_SIZE], same[2][ED25519_PUBLIC_SIZE];
	struct tuf_role_keys single = {(const uint8_t(*)[32])one, 1, 1};
	struct tuf_root_content content = {.version = 1,
					   .expires = end,
					   .root = single,
					   .targets = single,
					   .snapshot = single,
					   .timestamp = single};
	struct err err = {0};
	size_t len;

	(void)state;
	signer_public(keys.root[0], one[0]);
	memcpy(same[0], one[0], sizeof(same[0]));
	memcpy(same[1], one[0], sizeof(same[1]));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		content.targets.threshold = wrong[i];
		assert_fails(tuf_build_root(&content, NULL, 0, &len, &err), err,
			     ERR_INVALID, "role targets");
	}
	content.targets = (struct tuf_role_keys){(const uint8_t(*)[32])same, 2, 2};
	assert_fails(tuf_build_root(&content, NULL, 0, &len, &err), err, ERR_INVALID,
		     "the same key twice");
	content.targets = (struct tuf_role_keys){NULL, 0, 1};
	assert_fails(tuf_build_root(&content, NULL, 0, &len, &err), err, ERR_INVALID,
		     "role targets");
	content.targets = single;
	content.version = 0;
	assert_fails(tuf_build_root(&content, NULL, 0, &len, &err), err, ERR_INVALID,
		     "begin at 1");
	free_keys(&keys);
}

static void targets_without_path_or_twice_are_refused(void **state)
{
	struct tuf_target targets[2] = {{.path = "a", .length = 1},
					{.path = "a", .length = 1}};
	struct err err = {0};
	size_t len;

	(void)state;
	assert_fails(tuf_build_targets(1, end, targets, 2, NULL, 0, &len, &err), err,
		     ERR_INVALID, "twice");
	targets[1] = (struct tuf_target){.path = ""};
	assert_fails(tuf_build_targets(1, end, targets, 2, NULL, 0, &len, &err), err,
		     ERR_INVALID, "without a path");
	targets[1] = (struct tuf_target){.path = "\xff"};
	assert_fails(tuf_build_targets(1, end, targets, 2, NULL, 0, &len, &err), err,
		     ERR_INVALID, "UTF-8");
}

static void no_targets_at_all_are_a_valid_set(void **state)
{
	struct keys keys = new_keys();
	struct published set = publish(&keys, 1, 1, 1);
	struct tuf_trust *trust;
	struct err err = {0};

	(void)state;
	free(set.targets.text);
	set.targets.text = tuf_build_targets(2, end, NULL, 0,
					     (const struct signer *const *)keys.targets,
					     TARGETS_KEYS, &set.targets.len, &err);
	assert_ok(set.targets.text != NULL, err);
	replace(&set.snapshot, snapshot_of(&keys, 2, &set.targets));
	replace(&set.timestamp, timestamp_of(&keys, 2, &set.snapshot));
	trust = trust_with(&set);
	assert_int_equal(tuf_target_count(trust), 0);
	assert_null(tuf_target_find(trust, "plan.json"));
	tuf_trust_free(trust);
	free_published(&set);
	free_keys(&keys);
}

static void snapshot_of_something_else_is_refused(void **state)
{
	struct signer *signer = new_signer();
	struct err err = {0};
	size_t len;

	(void)state;
	assert_fails(tuf_build_snapshot(1, end, "{}", 2, signer, &len, &err), err,
		     ERR_INVALID, "metadata");
	signer_free(signer);
}

static void peek_tells_version_and_end(void **state)
{
	struct keys keys = new_keys();
	struct published set = publish(&keys, 7, 8, 9);
	int64_t version = 0;
	struct wall_ms expires = {0};
	struct err err = {0};

	(void)state;
	assert_ok(tuf_peek(set.snapshot.text, set.snapshot.len, &version, &expires, &err),
		  err);
	assert_int_equal(version, 8);
	assert_int_equal(expires.ms, NOW_MS + 7 * DAY_MS);
	assert_fails(tuf_peek("{", 1, &version, &expires, &err), err, ERR_INVALID,
		     "JSON");
	assert_int_equal(version, 8);
	free_published(&set);
	free_keys(&keys);
}

/* ---- Delegations ---- */

static char *delegations_to(const struct signer *signer)
{
	uint8_t key[1][ED25519_PUBLIC_SIZE];
	const struct tuf_role_keys role = {(const uint8_t(*)[32])key, 1, 1};
	struct err err = {0};
	char *text;

	signer_public(signer, key[0]);
	text = tuf_build_delegations("emergency", "emergency/*", &role, &err);
	assert_ok(text != NULL, err);
	return text;
}

static void delegated_role_is_found_by_a_client(void **state)
{
	struct keys keys = new_keys();
	struct signer *alarms = new_signer();
	struct published set = publish(&keys, 1, 1, 1);
	struct tuf_target target = {.path = "emergency/a", .length = 1};
	char *delegations = delegations_to(alarms), *copy = NULL;
	const struct tuf_targets_content content = {2, end, NULL, 0, delegations};
	struct tuf_named_file files[2];
	struct tuf_draft_role role = {0};
	struct tuf_search *search;
	struct tuf_trust *trust;
	struct err err = {0};
	uint8_t key[ED25519_PUBLIC_SIZE];
	char *file;
	size_t len;

	(void)state;
	file = tuf_build_targets(7, end, &target, 1,
				 (const struct signer *const *)&alarms, 1, &len, &err);
	assert_ok(file != NULL, err);
	free(set.targets.text);
	set.targets.text =
		tuf_build_role(&content, (const struct signer *const *)keys.targets,
			       TARGETS_KEYS, &set.targets.len, &err);
	assert_ok(set.targets.text != NULL, err);
	files[0] = (struct tuf_named_file){"targets.json", set.targets.text,
					   set.targets.len};
	files[1] = (struct tuf_named_file){"emergency.json", file, len};
	free(set.snapshot.text);
	set.snapshot.text = tuf_build_snapshot_of(2, end, files, 2, keys.snapshot,
						  &set.snapshot.len, &err);
	assert_ok(set.snapshot.text != NULL, err);
	replace(&set.timestamp, timestamp_of(&keys, 2, &set.snapshot));
	trust = trust_with(&set);
	search = tuf_search_new(trust, "emergency/a", &err);
	assert_ok(search != NULL, err);
	assert_ok(
		tuf_search_feed(search, file, len, (struct wall_ms){NOW_MS}, false, &err),
		err);
	assert_int_equal(tuf_search_state(search), TUF_SEARCH_FOUND);

	/* What was read of it is what was written. */
	assert_ok(tuf_delegations_text(set.targets.text, set.targets.len, &copy, &err),
		  err);
	assert_string_equal(copy, delegations);
	assert_ok(tuf_delegated_keys(set.targets.text, set.targets.len, "emergency",
				     &role, &err),
		  err);
	signer_public(alarms, key);
	assert_int_equal(role.count, 1);
	assert_int_equal(role.threshold, 1);
	assert_true(tuf_draft_role_has(&role, key));
	assert_fails(tuf_delegated_keys(set.targets.text, set.targets.len, "other", &role,
					&err),
		     err, ERR_NOT_FOUND, "other");
	tuf_search_free(search);
	tuf_trust_free(trust);
	free(copy);
	free(delegations);
	free(file);
	signer_free(alarms);
	free_published(&set);
	free_keys(&keys);
}

static void delegations_that_cannot_be_met_are_refused(void **state)
{
	const uint8_t key[1][ED25519_PUBLIC_SIZE] = {{1}};
	const struct tuf_role_keys nobody = {key, 0, 1}, two_of_one = {key, 1, 2};
	const struct tuf_targets_content content = {1, end, NULL, 0, "{"};
	struct published set;
	struct keys keys = new_keys();
	struct err err = {0};
	char *text = NULL;
	size_t len;

	(void)state;
	assert_fails(tuf_build_delegations("emergency", "emergency/*", &nobody, &err),
		     err, ERR_INVALID, "role emergency");
	assert_fails(tuf_build_delegations("emergency", "emergency/*", &two_of_one, &err),
		     err, ERR_INVALID, "role emergency");
	assert_fails(tuf_build_role(&content, NULL, 0, &len, &err), err, ERR_INVALID,
		     "delegations");
	set = publish(&keys, 1, 1, 1);
	assert_ok(tuf_delegations_text(set.targets.text, set.targets.len, &text, &err),
		  err);
	assert_null(text);
	free_published(&set);
	free_keys(&keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(root_lists_every_key_once),
		cmocka_unit_test(thresholds_that_cannot_be_met_are_refused),
		cmocka_unit_test(targets_without_path_or_twice_are_refused),
		cmocka_unit_test(no_targets_at_all_are_a_valid_set),
		cmocka_unit_test(snapshot_of_something_else_is_refused),
		cmocka_unit_test(peek_tells_version_and_end),
		cmocka_unit_test(delegated_role_is_found_by_a_client),
		cmocka_unit_test(delegations_that_cannot_be_met_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
