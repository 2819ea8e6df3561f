/*
 * The client workflow against the attacks that it is there for (TUF specification §1.5.2).
 * What is trusted must not move when an update is refused: each test asks for it.
 */
#include "wire/tuf.h"

#include "wire/tuf_repository.h"

struct fixture {
	struct keys keys;
	struct published set; /* targets 5, snapshot 5, timestamp 5 */
	struct tuf_trust *trust;
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->keys = new_keys();
	fixture->set = publish(&fixture->keys, 5, 5, 5);
	fixture->trust = trust_with(&fixture->set);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	tuf_trust_free(fixture->trust);
	free_published(&fixture->set);
	free_keys(&fixture->keys);
	free(fixture);
	return 0;
}

static void assert_versions(const struct tuf_trust *trust, int64_t root,
			    int64_t timestamp, int64_t snapshot, int64_t targets)
{
	assert_int_equal(tuf_root_version(trust), root);
	assert_int_equal(tuf_timestamp_version(trust), timestamp);
	assert_int_equal(tuf_snapshot_version(trust), snapshot);
	assert_int_equal(tuf_targets_version(trust), targets);
}

static void good_repository_is_accepted(void **state)
{
	struct fixture *fixture = *state;
	struct published next = publish(&fixture->keys, 6, 6, 6);
	const struct tuf_target *target;
	char file[TUF_TARGET_FILE_MAX];
	char expected[TUF_TARGET_FILE_MAX], hex[SHA256_HEX_SIZE];
	struct err err = {0};

	assert_versions(fixture->trust, 1, 5, 5, 5);
	assert_int_equal(tuf_expires(fixture->trust).ms, NOW_MS + DAY_MS);
	assert_true(tuf_consistent_snapshot(fixture->trust));
	assert_int_equal(tuf_target_count(fixture->trust), 2);
	assert_string_equal(tuf_target_at(fixture->trust, 0)->path, "plan.json");
	assert_string_equal(tuf_target_at(fixture->trust, 1)->path, "programme.json");
	assert_null(tuf_target_find(fixture->trust, "plan.jsonx"));

	target = tuf_target_find(fixture->trust, "plan.json");
	assert_non_null(target);
	assert_ok(tuf_target_check(target, PLAN_BYTES, strlen(PLAN_BYTES), &err), err);
	tuf_target_file(fixture->trust, target, file);
	hex_encode(target->sha256, SHA256_SIZE, hex);
	snprintf(expected, sizeof(expected), "%s.plan.json", hex);
	assert_string_equal(file, expected);

	assert_ok(feed(fixture->trust, &next, &err), err);
	assert_versions(fixture->trust, 1, 6, 6, 6);
	free_published(&next);
}

static void same_set_again_changes_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};

	assert_ok(feed(fixture->trust, &fixture->set, &err), err);
	assert_versions(fixture->trust, 1, 5, 5, 5);
}

/* ---- Arbitrary content ---- */

static void strangers_signatures_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct keys stranger = new_keys();
	struct published forged = publish(&stranger, 6, 6, 6);
	struct err err = {0};

	assert_fails(feed_timestamp(fixture->trust, &forged, &err), err, ERR_UNTRUSTED,
		     "signed by 0 of the 1 keys");
	assert_fails(
		tuf_update_root(fixture->trust, forged.root.text, forged.root.len, &err),
		err, ERR_UNTRUSTED, "signed by 0 of the 2 keys");
	/* Whoever holds the timestamp's key alone gets no further. */
	replace(&forged.timestamp, timestamp_of(&fixture->keys, 6, &forged.snapshot));
	assert_ok(feed_timestamp(fixture->trust, &forged, &err), err);
	assert_fails(feed_snapshot(fixture->trust, &forged, &err), err, ERR_UNTRUSTED,
		     "snapshot.json: signed by 0");
	/* Nor with the snapshot's. */
	replace(&forged.snapshot, snapshot_of(&fixture->keys, 7, &forged.targets));
	replace(&forged.timestamp, timestamp_of(&fixture->keys, 7, &forged.snapshot));
	assert_ok(feed_timestamp(fixture->trust, &forged, &err), err);
	assert_ok(feed_snapshot(fixture->trust, &forged, &err), err);
	assert_fails(feed_targets(fixture->trust, &forged, &err), err, ERR_UNTRUSTED,
		     "targets.json: signed by 0");
	assert_versions(fixture->trust, 1, 7, 7, 5);
	free_published(&forged);
	free_keys(&stranger);
}

static void target_of_other_length_or_hash_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const struct tuf_target *plan = tuf_target_find(fixture->trust, "plan.json");
	struct tuf_target empty = {.path = "empty", .has_sha256 = true};
	struct err err = {0};

	assert_fails(tuf_target_check(plan, "{\"plan\":2}", 10, &err), err, ERR_UNTRUSTED,
		     "plan.json: its SHA-256");
	assert_fails(tuf_target_check(plan, "{\"plan\":1} ", 11, &err), err,
		     ERR_UNTRUSTED, "has 11 bytes where 10");
	assert_fails(tuf_target_check(plan, "", 0, &err), err, ERR_UNTRUSTED, "0 bytes");
	sha256("", 0, empty.sha256);
	assert_ok(tuf_target_check(&empty, "", 0, &err), err);
	assert_fails(tuf_target_check(&empty, "x", 1, &err), err, ERR_UNTRUSTED,
		     "none were signed");
	/* Both hashes must fit where both are given. */
	empty.has_sha512 = true;
	assert_fails(tuf_target_check(&empty, "", 0, &err), err, ERR_UNTRUSTED,
		     "SHA-512");
}

/* ---- Rollback ---- */

static void older_timestamp_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published old = publish(&fixture->keys, 5, 5, 4);
	struct err err = {0};

	assert_fails(feed_timestamp(fixture->trust, &old, &err), err, ERR_UNTRUSTED,
		     "rollback");
	free_published(&old);
	/* A newer timestamp that names an older snapshot, whole as it may be. */
	old = publish(&fixture->keys, 5, 4, 6);
	assert_fails(feed_timestamp(fixture->trust, &old, &err), err, ERR_UNTRUSTED,
		     "names snapshot 4, older than 5");
	assert_versions(fixture->trust, 1, 5, 5, 5);
	free_published(&old);
}

static void timestamp_of_the_same_version_is_no_news(void **state)
{
	struct fixture *fixture = *state;
	struct published other = publish(&fixture->keys, 6, 6, 5);
	struct tuf_meta meta = {0};
	struct err err = {0};

	assert_ok(feed_timestamp(fixture->trust, &other, &err), err);
	assert_true(tuf_snapshot_meta(fixture->trust, &meta));
	assert_int_equal(meta.version, 5);
	assert_false(feed_snapshot(fixture->trust, &other, &err));
	assert_versions(fixture->trust, 1, 5, 5, 5);
	free_published(&other);
}

static void snapshot_with_older_targets_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published old = publish(&fixture->keys, 4, 6, 6);
	struct err err = {0};

	assert_ok(feed_timestamp(fixture->trust, &old, &err), err);
	assert_fails(feed_snapshot(fixture->trust, &old, &err), err, ERR_UNTRUSTED,
		     "lists targets.json as version 4, older than 5");
	assert_versions(fixture->trust, 1, 6, 5, 5);
	free_published(&old);
}

/* A delegated role's file that was listed once must stay listed (§5.5.5). */
static void snapshot_that_drops_a_file_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published next = publish(&fixture->keys, 5, 6, 6);
	struct published last = publish(&fixture->keys, 5, 7, 7);
	struct err err = {0};

	replace(&next.snapshot,
		edited(&next.snapshot, "meta/emergency.json",
		       json_pack("{s:i}", "version", 3), &fixture->keys.snapshot, 1));
	replace(&next.timestamp, timestamp_of(&fixture->keys, 6, &next.snapshot));
	assert_ok(feed(fixture->trust, &next, &err), err);

	assert_ok(feed_timestamp(fixture->trust, &last, &err), err);
	assert_fails(feed_snapshot(fixture->trust, &last, &err), err, ERR_UNTRUSTED,
		     "does not list emergency.json any more");
	replace(&last.snapshot,
		edited(&last.snapshot, "meta/emergency.json",
		       json_pack("{s:i}", "version", 2), &fixture->keys.snapshot, 1));
	replace(&last.timestamp, timestamp_of(&fixture->keys, 8, &last.snapshot));
	assert_ok(feed_timestamp(fixture->trust, &last, &err), err);
	assert_fails(feed_snapshot(fixture->trust, &last, &err), err, ERR_UNTRUSTED,
		     "emergency.json as version 2");
	free_published(&next);
	free_published(&last);
}

/* ---- Freeze ---- */

static void expired_files_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published *set = &fixture->set;
	struct tuf_trust *trust = trust_in(&set->root);
	struct wall_ms end = {NOW_MS + DAY_MS}; /* of the timestamp */
	struct wall_ms week = {NOW_MS + 7 * DAY_MS}, quarter = {NOW_MS + 90 * DAY_MS};
	struct wall_ms year = {NOW_MS + 365 * DAY_MS};
	struct err err = {0};

	/* The end itself is past: it must lie after the time of the update. */
	assert_fails(tuf_update_timestamp(trust, set->timestamp.text, set->timestamp.len,
					  end, false, &err),
		     err, ERR_EXPIRED, "timestamp.json: version 5 ended at 2026-11-23");
	assert_versions(trust, 1, 0, 0, 0);
	assert_ok(tuf_update_timestamp(trust, set->timestamp.text, set->timestamp.len,
				       (struct wall_ms){end.ms - 1}, false, &err),
		  err);
	assert_fails(tuf_update_snapshot(trust, set->snapshot.text, set->snapshot.len,
					 week, false, &err),
		     err, ERR_EXPIRED, "timestamp.json");
	assert_ok(tuf_update_snapshot(trust, set->snapshot.text, set->snapshot.len, week,
				      true, &err),
		  err);
	assert_fails(tuf_update_targets(trust, set->targets.text, set->targets.len,
					quarter, false, &err),
		     err, ERR_EXPIRED, "snapshot.json");
	assert_ok(tuf_update_targets(trust, set->targets.text, set->targets.len, quarter,
				     true, &err),
		  err);
	assert_fails(tuf_root_finish(trust, year, &err), err, ERR_EXPIRED, "root.json");
	assert_fails(tuf_check(trust, end, false, &err), err, ERR_EXPIRED, "timestamp");
	assert_ok(tuf_check(trust, year, true, &err), err);
	tuf_trust_free(trust);
}

static void expired_snapshot_and_targets_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published next = publish(&fixture->keys, 6, 6, 6);
	struct err err = {0};

	replace(&next.targets,
		edited(&next.targets, "expires", json_string("2026-11-22T06:30:00Z"),
		       fixture->keys.targets, TARGETS_KEYS));
	replace(&next.snapshot, snapshot_of(&fixture->keys, 6, &next.targets));
	replace(&next.timestamp, timestamp_of(&fixture->keys, 6, &next.snapshot));
	assert_ok(feed_timestamp(fixture->trust, &next, &err), err);
	assert_ok(feed_snapshot(fixture->trust, &next, &err), err);
	assert_fails(feed_targets(fixture->trust, &next, &err), err, ERR_EXPIRED,
		     "targets.json");

	replace(&next.snapshot,
		edited(&next.snapshot, "expires", json_string("2026-11-22T06:29:59Z"),
		       &fixture->keys.snapshot, 1));
	replace(&next.timestamp, timestamp_of(&fixture->keys, 7, &next.snapshot));
	assert_ok(feed_timestamp(fixture->trust, &next, &err), err);
	assert_fails(feed_snapshot(fixture->trust, &next, &err), err, ERR_EXPIRED,
		     "snapshot.json");
	free_published(&next);
}

/* Someone who replays the last timestamp for ever is found out when it ends. */
static void replayed_timestamp_expires(void **state)
{
	struct fixture *fixture = *state;
	struct published *set = &fixture->set;
	struct wall_ms later = {NOW_MS + 2 * DAY_MS};
	struct err err = {0};

	assert_fails(tuf_update_timestamp(fixture->trust, set->timestamp.text,
					  set->timestamp.len, later, false, &err),
		     err, ERR_EXPIRED, "timestamp.json");
	assert_ok(tuf_update_timestamp(fixture->trust, set->timestamp.text,
				       set->timestamp.len, later, true, &err),
		  err);
}

/* ---- Mix and match, fast-forward ---- */

static void files_of_another_set_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published a = publish(&fixture->keys, 6, 6, 6);
	struct published b = publish(&fixture->keys, 7, 7, 7);
	struct published mixed = {.timestamp = a.timestamp, .snapshot = b.snapshot};
	struct err err = {0};

	assert_ok(feed_timestamp(fixture->trust, &mixed, &err), err);
	assert_fails(feed_snapshot(fixture->trust, &mixed, &err), err, ERR_UNTRUSTED,
		     "snapshot.json: its SHA-256");
	/* Nor by way of what "was trusted before". */
	assert_fails(tuf_update_snapshot(fixture->trust, b.snapshot.text, b.snapshot.len,
					 now, true, &err),
		     err, ERR_UNTRUSTED, "snapshot.json: its SHA-256");
	assert_fails(feed_targets(fixture->trust, &a, &err), err, ERR_UNTRUSTED,
		     "no snapshot is trusted");
	assert_fails(tuf_check(fixture->trust, now, false, &err), err, ERR_UNTRUSTED,
		     "snapshot.json");
	assert_ok(feed_snapshot(fixture->trust, &a, &err), err);
	assert_fails(tuf_check(fixture->trust, now, false, &err), err, ERR_UNTRUSTED,
		     "targets.json");
	assert_fails(feed_targets(fixture->trust, &b, &err), err, ERR_UNTRUSTED,
		     "targets.json: its SHA-256");
	assert_versions(fixture->trust, 1, 6, 6, 5);
	free_published(&a);
	free_published(&b);
}

/* Without hash and length in the metadata, the version must do. */
static void version_other_than_named_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published next = publish(&fixture->keys, 6, 6, 6);
	struct published other = publish(&fixture->keys, 7, 7, 7);
	struct err err = {0};

	replace(&next.timestamp,
		edited(&next.timestamp, "meta",
		       json_pack("{s:{s:i}}", "snapshot.json", "version", 6),
		       &fixture->keys.timestamp, 1));
	replace(&next.snapshot,
		edited(&next.snapshot, "meta",
		       json_pack("{s:{s:i}}", "targets.json", "version", 6),
		       &fixture->keys.snapshot, 1));
	assert_ok(feed_timestamp(fixture->trust, &next, &err), err);
	assert_fails(feed_snapshot(fixture->trust, &other, &err), err, ERR_UNTRUSTED,
		     "version 7 where version 6");
	assert_ok(feed_snapshot(fixture->trust, &next, &err), err);
	assert_fails(feed_targets(fixture->trust, &other, &err), err, ERR_UNTRUSTED,
		     "version 7 where version 6");
	assert_ok(feed_targets(fixture->trust, &next, &err), err);
	free_published(&next);
	free_published(&other);
}

/* Kept metadata may lag behind a newer timestamp: it is a floor, and no more than that. */
static void older_kept_snapshot_is_a_floor_only(void **state)
{
	struct fixture *fixture = *state;
	struct published next = publish(&fixture->keys, 5, 6, 6);
	struct published later = publish(&fixture->keys, 5, 7, 7);
	struct published back = publish(&fixture->keys, 4, 8, 8);
	struct tuf_trust *trust = trust_in(&fixture->set.root);
	struct tuf_meta meta = {0};
	struct err err = {0};

	assert_ok(feed_timestamp(trust, &next, &err), err);
	assert_ok(tuf_update_snapshot(trust, fixture->set.snapshot.text,
				      fixture->set.snapshot.len, now, true, &err),
		  err);
	assert_false(tuf_targets_meta(trust, &meta));
	assert_fails(tuf_update_targets(trust, fixture->set.targets.text,
					fixture->set.targets.len, now, true, &err),
		     err, ERR_UNTRUSTED, "no snapshot is trusted");
	/* A floor only ever rises. */
	assert_ok(feed_timestamp(trust, &later, &err), err);
	assert_ok(tuf_update_snapshot(trust, next.snapshot.text, next.snapshot.len, now,
				      true, &err),
		  err);
	assert_fails(tuf_update_snapshot(trust, fixture->set.snapshot.text,
					 fixture->set.snapshot.len, now, true, &err),
		     err, ERR_UNTRUSTED, "snapshot.json: version 5 is older");
	/* It holds against a snapshot that goes below it. */
	assert_ok(feed_timestamp(trust, &back, &err), err);
	assert_fails(feed_snapshot(trust, &back, &err), err, ERR_UNTRUSTED, "rollback");
	tuf_trust_free(trust);
	free_published(&next);
	free_published(&later);
	free_published(&back);
}

static void fast_forward_is_recovered_by_new_keys(void **state)
{
	struct fixture *fixture = *state;
	struct published far = publish(&fixture->keys, 1000000, 1000000, 1000000);
	struct published back;
	struct bytes root;
	struct err err = {0};

	assert_ok(feed(fixture->trust, &far, &err), err);
	back = publish(&fixture->keys, 6, 6, 6);
	assert_fails(feed_timestamp(fixture->trust, &back, &err), err, ERR_UNTRUSTED,
		     "rollback");
	free_published(&back);

	rotate(&fixture->keys.snapshot);
	rotate(&fixture->keys.timestamp);
	root = good_root(&fixture->keys, 2);
	back = publish(&fixture->keys, 6, 6, 6);
	assert_ok(tuf_update_root(fixture->trust, root.text, root.len, &err), err);
	assert_int_equal(tuf_key_rotations(fixture->trust), 1);
	assert_ok(feed(fixture->trust, &back, &err), err);
	assert_versions(fixture->trust, 2, 6, 6, 6);
	free(root.text);
	free_published(&back);
	free_published(&far);
}

/* New keys for the root itself or the targets are no reason to forget versions. */
static void other_new_keys_keep_the_floor(void **state)
{
	struct fixture *fixture = *state;
	struct signer *old_root = fixture->keys.root[2];
	struct published back;
	struct bytes root;
	struct err err = {0};

	fixture->keys.root[2] = new_signer();
	rotate(&fixture->keys.targets[0]);
	root = good_root(&fixture->keys, 2); /* two of its keys are of the old root */
	back = publish(&fixture->keys, 4, 4, 4);
	assert_ok(tuf_update_root(fixture->trust, root.text, root.len, &err), err);
	assert_int_equal(tuf_key_rotations(fixture->trust), 0);
	assert_ok(tuf_root_finish(fixture->trust, now, &err), err);
	/* What the old targets keys signed is not in force any more. */
	assert_versions(fixture->trust, 2, 5, 5, 0);
	assert_int_equal(tuf_target_count(fixture->trust), 0);
	assert_fails(feed_timestamp(fixture->trust, &back, &err), err, ERR_UNTRUSTED,
		     "rollback");
	assert_fails(feed_targets(fixture->trust, &fixture->set, &err), err,
		     ERR_UNTRUSTED, "signed by 1 of the 2");
	signer_free(old_root);
	free(root.text);
	free_published(&back);
}

/* ---- Signatures ---- */

static void too_few_signatures_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published next = publish(&fixture->keys, 6, 6, 6);
	struct err err = {0};

	replace(&next.targets, edited(&next.targets, "version", json_integer(6),
				      fixture->keys.targets, 1));
	replace(&next.snapshot, snapshot_of(&fixture->keys, 6, &next.targets));
	replace(&next.timestamp, timestamp_of(&fixture->keys, 6, &next.snapshot));
	assert_ok(feed_timestamp(fixture->trust, &next, &err), err);
	assert_ok(feed_snapshot(fixture->trust, &next, &err), err);
	assert_fails(feed_targets(fixture->trust, &next, &err), err, ERR_UNTRUSTED,
		     "signed by 1 of the 2 keys that the role targets needs");
	assert_int_equal(tuf_targets_version(fixture->trust), 5);
	free_published(&next);
}

static void one_key_signing_twice_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct signer *twice[] = {fixture->keys.root[0], fixture->keys.root[0]};
	struct bytes root =
		root_bytes(&fixture->keys, 2, (struct wall_ms){NOW_MS + DAY_MS},
			   (const struct signer *const *)twice, 2);
	struct err err = {0};

	assert_fails(tuf_update_root(fixture->trust, root.text, root.len, &err), err,
		     ERR_UNTRUSTED, "has signed already");
	assert_fails(tuf_trust_new(root.text, root.len, &err), err, ERR_UNTRUSTED,
		     "has signed already");
	free(root.text);
}

/* One key under two ids is one key (the flaw that GHSA-3633-5h82-39pq describes). */
static void one_key_under_two_ids_counts_once(void **state)
{
	struct fixture *fixture = *state;
	const char *id = signer_key_id(fixture->keys.root[0]);
	json_t *document = parse_bytes(&fixture->set.root);
	json_t *content = json_object_get(document, "signed");
	json_t *keys = json_object_get(content, "keys");
	json_t *ids = json_object_get(
		json_object_get(json_object_get(content, "roles"), "root"), "keyids");
	struct bytes root;
	struct err err = {0};
	json_t *signed_twice, *signatures, *again;

	json_object_set(keys, "alias", json_object_get(keys, id));
	json_array_append_new(ids, json_string("alias"));
	root = sign_content(content, fixture->keys.root, 1);
	signed_twice = parse_bytes(&root);
	signatures = json_object_get(signed_twice, "signatures");
	again = json_deep_copy(json_array_get(signatures, 0));
	json_object_set_new(again, "keyid", json_string("alias"));
	json_array_append_new(signatures, again);
	free(root.text);
	root.text = json_dumps(signed_twice, 0);
	root.len = strlen(root.text);

	assert_fails(tuf_trust_new(root.text, root.len, &err), err, ERR_UNTRUSTED,
		     "signed by 1 of the 2 keys");
	free(root.text);
	json_decref(signed_twice);
	json_decref(document);
}

static void unknown_and_broken_signatures_count_for_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct signer *stranger = new_signer();
	struct signer *signers[] = {stranger, fixture->keys.root[0],
				    fixture->keys.targets[0]};
	struct bytes root = edited(&fixture->set.root, "version", json_integer(2),
				   signers, ARRAY_LEN(signers));
	json_t *document = parse_bytes(&root);
	json_t *signatures = json_object_get(document, "signatures");
	struct err err = {0};

	assert_fails(tuf_update_root(fixture->trust, root.text, root.len, &err), err,
		     ERR_UNTRUSTED, "signed by 1 of the 2");
	/* The place for a signature that is still to come does not spoil the others. */
	json_array_append_new(signatures,
			      json_pack("{s:s, s:s}", "keyid",
					signer_key_id(fixture->keys.root[1]), "sig", ""));
	json_array_append_new(signatures, json_pack("{s:s, s:s}", "keyid",
						    signer_key_id(fixture->keys.root[2]),
						    "sig", "zz"));
	free(root.text);
	root.text = json_dumps(document, 0);
	root.len = strlen(root.text);
	assert_fails(tuf_update_root(fixture->trust, root.text, root.len, &err), err,
		     ERR_UNTRUSTED, "signed by 1 of the 2");
	signer_free(stranger);
	json_decref(document);
	free(root.text);
}

static void file_of_another_role_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct published *set = &fixture->set;
	struct bytes forged;
	struct err err = {0};

	assert_fails(tuf_update_timestamp(fixture->trust, set->snapshot.text,
					  set->snapshot.len, now, false, &err),
		     err, ERR_UNTRUSTED, "\"snapshot\" where \"timestamp\" belongs");
	assert_fails(tuf_update_root(fixture->trust, set->targets.text, set->targets.len,
				     &err),
		     err, ERR_UNTRUSTED, "\"targets\" where \"root\" belongs");
	/* The right form, but signed by the key of another role. */
	forged = edited(&set->timestamp, "version", json_integer(6),
			&fixture->keys.snapshot, 1);
	assert_fails(tuf_update_timestamp(fixture->trust, forged.text, forged.len, now,
					  false, &err),
		     err, ERR_UNTRUSTED, "signed by 0 of the 1");
	free(forged.text);
}

/* ---- Rotation of root keys ---- */

static void root_needs_old_and_new_threshold(void **state)
{
	struct fixture *fixture = *state;
	struct keys fresh = new_keys();
	struct wall_ms end = {NOW_MS + 300 * DAY_MS};
	struct signer *const *old = fixture->keys.root;
	const struct signer *both[] = {old[0], old[1], fresh.root[0], fresh.root[1],
				       fresh.root[2]};
	const struct signer *few_old[] = {old[0], fresh.root[0], fresh.root[1]};
	const struct signer *few_new[] = {old[0], old[1], fresh.root[0]};
	struct bytes root;
	struct err err = {0};

	fresh.root_threshold = 3;
	root = root_bytes(&fresh, 2, end, few_old, ARRAY_LEN(few_old));
	assert_fails(tuf_update_root(fixture->trust, root.text, root.len, &err), err,
		     ERR_UNTRUSTED, "signed by 1 of the 2 keys that the role root");
	free(root.text);
	root = root_bytes(&fresh, 2, end, few_new, ARRAY_LEN(few_new));
	assert_fails(tuf_update_root(fixture->trust, root.text, root.len, &err), err,
		     ERR_UNTRUSTED, "signed by 1 of the 3 keys");
	free(root.text);
	assert_int_equal(tuf_root_version(fixture->trust), 1);

	root = root_bytes(&fresh, 2, end, both, ARRAY_LEN(both));
	assert_ok(tuf_update_root(fixture->trust, root.text, root.len, &err), err);
	assert_int_equal(tuf_root_version(fixture->trust), 2);
	free(root.text);
	free_keys(&fresh);
}

static void root_versions_follow_one_by_one(void **state)
{
	static const int64_t wrong[] = {1, 3, 4, INT64_MAX};
	struct fixture *fixture = *state;
	struct bytes root;
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		root = good_root(&fixture->keys, wrong[i]);
		assert_fails(tuf_update_root(fixture->trust, root.text, root.len, &err),
			     err, ERR_UNTRUSTED, "where version 2");
		free(root.text);
	}
	for (int64_t version = 2; version <= 4; version++) {
		root = good_root(&fixture->keys, version);
		assert_ok(tuf_update_root(fixture->trust, root.text, root.len, &err),
			  err);
		free(root.text);
	}
	assert_int_equal(tuf_root_version(fixture->trust), 4);
}

static void expired_root_on_the_way_does_not_matter(void **state)
{
	struct fixture *fixture = *state;
	struct bytes expired =
		root_bytes(&fixture->keys, 2, (struct wall_ms){NOW_MS - DAY_MS},
			   (const struct signer *const *)fixture->keys.root, ROOT_KEYS);
	struct bytes valid = good_root(&fixture->keys, 3);
	struct err err = {0};

	assert_ok(tuf_update_root(fixture->trust, expired.text, expired.len, &err), err);
	assert_fails(tuf_root_finish(fixture->trust, now, &err), err, ERR_EXPIRED,
		     "root.json: version 2");
	assert_fails(feed_timestamp(fixture->trust, &fixture->set, &err), err,
		     ERR_EXPIRED, "root.json");
	assert_ok(tuf_update_root(fixture->trust, valid.text, valid.len, &err), err);
	assert_ok(tuf_root_finish(fixture->trust, now, &err), err);
	free(expired.text);
	free(valid.text);
}

static void role_signature_over_a_document_is_checked(void **state)
{
	struct fixture *fixture = *state;
	const struct signer *signer = fixture->keys.timestamp;
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	struct err err = {0};

	assert_ok(signer_sign(signer, "ack", 3, signature, &err), err);
	assert_true(tuf_role_signed(fixture->trust, "timestamp", "ack", 3,
				    signer_key_id(signer), signature, sizeof(signature)));
	assert_false(tuf_role_signed(fixture->trust, "timestamp", "nak", 3,
				     signer_key_id(signer), signature,
				     sizeof(signature)));
	assert_false(tuf_role_signed(fixture->trust, "snapshot", "ack", 3,
				     signer_key_id(signer), signature,
				     sizeof(signature)));
	assert_false(tuf_role_signed(fixture->trust, "nobody", "ack", 3,
				     signer_key_id(signer), signature,
				     sizeof(signature)));
	assert_false(tuf_role_signed(fixture->trust, "timestamp", "ack", 3,
				     signer_key_id(fixture->keys.snapshot), signature,
				     sizeof(signature)));
}

#define workflow_test(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		workflow_test(good_repository_is_accepted),
		workflow_test(same_set_again_changes_nothing),
		workflow_test(strangers_signatures_are_refused),
		workflow_test(target_of_other_length_or_hash_is_refused),
		workflow_test(older_timestamp_is_refused),
		workflow_test(timestamp_of_the_same_version_is_no_news),
		workflow_test(snapshot_with_older_targets_is_refused),
		workflow_test(snapshot_that_drops_a_file_is_refused),
		workflow_test(expired_files_are_refused),
		workflow_test(expired_snapshot_and_targets_are_refused),
		workflow_test(replayed_timestamp_expires),
		workflow_test(files_of_another_set_are_refused),
		workflow_test(version_other_than_named_is_refused),
		workflow_test(older_kept_snapshot_is_a_floor_only),
		workflow_test(fast_forward_is_recovered_by_new_keys),
		workflow_test(other_new_keys_keep_the_floor),
		workflow_test(too_few_signatures_are_refused),
		workflow_test(one_key_signing_twice_is_refused),
		workflow_test(one_key_under_two_ids_counts_once),
		workflow_test(unknown_and_broken_signatures_count_for_nothing),
		workflow_test(file_of_another_role_is_refused),
		workflow_test(root_needs_old_and_new_threshold),
		workflow_test(root_versions_follow_one_by_one),
		workflow_test(expired_root_on_the_way_does_not_matter),
		workflow_test(role_signature_over_a_document_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
