#include "wire/tuf_draft.h"

#include "wire/tuf_repository.h"

static struct tuf_draft draft_of(const struct bytes *root)
{
	struct tuf_draft draft;
	struct err err = {0};

	assert_ok(tuf_draft_read(&draft, root->text, root->len, &err), err);
	return draft;
}

static struct bytes written(const struct tuf_draft *draft)
{
	struct bytes out = {0};
	struct err err = {0};

	out.text = tuf_draft_write(draft, &out.len, &err);
	assert_ok(out.text != NULL, err);
	return out;
}

static void sign_with(struct bytes *file, const struct signer *signer)
{
	struct bytes longer = {0};
	struct err err = {0};

	longer.text = tuf_add_signature(file->text, file->len, signer, &longer.len, &err);
	assert_ok(longer.text != NULL, err);
	free(file->text);
	*file = longer;
}

static void root_signed_by_one_after_another_is_accepted_from_the_threshold_on(
	void **state)
{
	struct keys keys = new_keys();
	struct bytes first = good_root(&keys, 1);
	struct tuf_draft draft = draft_of(&first);
	struct tuf_trust *trust = NULL;
	bool by[TUF_ROLE_KEYS_MAX];
	struct bytes next;
	struct err err = {0};
	size_t count;

	(void)state;
	draft.version = 2;
	draft.expires.ms += DAY_MS;
	next = written(&draft);
	trust = tuf_trust_new(first.text, first.len, &err);
	assert_ok(trust != NULL, err);
	sign_with(&next, keys.root[0]);
	/* Twice by the same key is still once. */
	sign_with(&next, keys.root[0]);
	assert_fails(tuf_update_root(trust, next.text, next.len, &err), err,
		     ERR_UNTRUSTED, "1 of the 2 keys");
	sign_with(&next, keys.root[2]);
	assert_ok(tuf_signatures_of(next.text, next.len, &draft.roles[TUF_ROLE_ROOT], by,
				    &count, &err),
		  err);
	assert_int_equal(count, 2);
	assert_true(by[0] && !by[1] && by[2]);
	assert_ok(tuf_update_root(trust, next.text, next.len, &err), err);
	assert_int_equal(tuf_root_version(trust), 2);
	tuf_trust_free(trust);
	free(next.text);
	free(first.text);
	free_keys(&keys);
}

static void changed_root_keeps_what_was_not_changed(void **state)
{
	struct keys keys = new_keys();
	struct bytes first = good_root(&keys, 7);
	struct tuf_draft draft = draft_of(&first), again;
	struct signer *other = new_signer();
	struct tuf_draft_role *targets = &draft.roles[TUF_ROLE_TARGETS];
	uint8_t key[ED25519_PUBLIC_SIZE];
	struct bytes next;
	struct err err = {0};

	(void)state;
	assert_int_equal(draft.version, 7);
	assert_true(draft.consistent_snapshot);
	assert_int_equal(targets->threshold, 2);
	signer_public(other, key);
	assert_ok(tuf_draft_role_add(targets, key, &err), err);
	assert_fails(tuf_draft_role_add(targets, key, &err), err, ERR_CONFLICT,
		     "already");
	assert_ok(tuf_draft_role_remove(targets, signer_key_id(keys.targets[0]), &err),
		  err);
	next = written(&draft);
	again = draft_of(&next);
	assert_memory_equal(&again.roles[TUF_ROLE_ROOT], &draft.roles[TUF_ROLE_ROOT],
			    sizeof(again.roles[0]));
	assert_int_equal(again.roles[TUF_ROLE_TARGETS].count, 2);
	assert_true(tuf_draft_role_has(&again.roles[TUF_ROLE_TARGETS], key));
	signer_public(keys.targets[0], key);
	assert_false(tuf_draft_role_has(&again.roles[TUF_ROLE_TARGETS], key));
	free(next.text);
	free(first.text);
	signer_free(other);
	free_keys(&keys);
}

static void keys_are_named_by_eight_digits_or_more(void **state)
{
	struct keys keys = new_keys();
	struct bytes first = good_root(&keys, 1);
	struct tuf_draft draft = draft_of(&first);
	struct tuf_draft_role *root = &draft.roles[TUF_ROLE_ROOT];
	struct err err = {0};
	char digits[KEY_ID_SIZE];

	(void)state;
	snprintf(digits, sizeof(digits), "%.7s", signer_key_id(keys.root[1]));
	assert_fails(tuf_draft_role_remove(root, digits, &err), err, ERR_NOT_FOUND,
		     "8 digits");
	assert_fails(tuf_draft_role_remove(root, "", &err), err, ERR_NOT_FOUND, "");
	snprintf(digits, sizeof(digits), "%.8s", signer_key_id(keys.root[1]));
	assert_ok(tuf_draft_role_remove(root, digits, &err), err);
	assert_int_equal(root->count, 2);
	assert_fails(tuf_draft_role_remove(root, digits, &err), err, ERR_NOT_FOUND, "");
	free(first.text);
	free_keys(&keys);
}

static void threshold_that_no_longer_fits_is_refused(void **state)
{
	struct keys keys = new_keys();
	struct bytes first = good_root(&keys, 1);
	struct tuf_draft draft = draft_of(&first);
	struct err err = {0};
	size_t len;

	(void)state;
	assert_ok(tuf_draft_role_remove(&draft.roles[TUF_ROLE_TARGETS],
					signer_key_id(keys.targets[0]), &err),
		  err);
	assert_fails(tuf_draft_write(&draft, &len, &err), err, ERR_INVALID,
		     "role targets");
	free(first.text);
	free_keys(&keys);
}

static void signature_of_other_bytes_does_not_count(void **state)
{
	struct keys keys = new_keys();
	struct bytes first = good_root(&keys, 1);
	struct tuf_draft draft = draft_of(&first);
	bool by[TUF_ROLE_KEYS_MAX];
	struct err err = {0};
	char *version = strstr(first.text, "\"version\":1");
	size_t count;

	(void)state;
	assert_non_null(version);
	version[strlen("\"version\":")] = '2';
	assert_ok(tuf_signatures_of(first.text, first.len, &draft.roles[TUF_ROLE_ROOT],
				    by, &count, &err),
		  err);
	assert_int_equal(count, 0);
	free(first.text);
	free_keys(&keys);
}

static void what_is_no_root_is_refused(void **state)
{
	struct tuf_draft draft;
	struct err err = {0};
	struct keys keys = new_keys();
	struct bytes targets = good_targets(&keys, 1);
	size_t len;

	(void)state;
	assert_false(tuf_draft_read(&draft, targets.text, targets.len, &err));
	assert_false(tuf_draft_read(&draft, "{}", 2, &err));
	assert_null(tuf_add_signature("{}", 2, keys.snapshot, &len, &err));
	free(targets.text);
	free_keys(&keys);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			root_signed_by_one_after_another_is_accepted_from_the_threshold_on),
		cmocka_unit_test(changed_root_keeps_what_was_not_changed),
		cmocka_unit_test(keys_are_named_by_eight_digits_or_more),
		cmocka_unit_test(threshold_that_no_longer_fits_is_refused),
		cmocka_unit_test(signature_of_other_bytes_does_not_count),
		cmocka_unit_test(what_is_no_root_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
