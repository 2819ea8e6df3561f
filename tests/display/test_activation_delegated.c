/*
 * Delegated roles in the inbox: a city that has its programme signed by a role of its own,
 * and a courier that writes anything it likes in that role's place.
 */
#include "display/activation.h"

#include "display/set.h"
#include "support/metadata.h"

#include "box.h"

static const struct wall_ms now = {INT64_C(1795329000000)}; /* 2026-11-22T06:30:00Z */

#define LATER "2026-12-24T00:00:00Z"
#define ENDED "2026-11-22T06:30:00Z" /* now: the end itself is past */

static struct box box;
static struct signer *notices; /* the key of the role */

/* How the next set differs from a good one. */
static struct {
	const char *paths;       /* of the delegation */
	const char *expires;     /* of the role's file */
	int64_t version;         /* of the role's file */
	int64_t named;           /* the version that the snapshot names; 0: the same */
	const struct signer *by; /* who signs the role's file */
	bool hash_of_other_bytes;
} next;

static int set_up(void **state)
{
	(void)state;
	box = box_new(now);
	notices = box_key();
	memset(&next, 0, sizeof(next));
	next.paths = "[\"programme.json\", \"emergency/*\"]";
	next.expires = LATER;
	next.version = 1;
	next.by = notices;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	signer_free(notices);
	box_free(&box);
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "sets/%s/%s", box.set_name, name);
	box_write(box.inbox, path, text, strlen(text));
}

/* The top-level targets: the plan, and the delegation. Owned. */
static char *make_targets(void)
{
	const struct signer *signers[] = {box.targets};
	char *file, *content, *delegations, *with, *plan;
	struct tuf_target target;
	struct err err = {0};
	size_t len;

	plan = tmp_read(BOX_PLAN, &len);
	box_object(&box, plan, len, &target, "plan.json");
	file = tuf_build_targets(box.version, box.ends, &target, 1, signers, 1, &len,
				 &err);
	assert_ok(file != NULL, err);
	content = metadata_content(file);
	delegations = metadata_delegations("notices", notices, next.paths, 1);
	with = metadata_set(content, "delegations", delegations);
	free(plan);
	free(file);
	file = metadata_sign(with, signers, 1);
	free(content);
	free(delegations);
	free(with);
	return file;
}

/* The role's own file, with the programme. Owned. */
static char *make_role(int64_t programme_version)
{
	struct notice notice = box_notice("festival", (struct wall_ms){now.ms - HOUR_MS},
					  (struct wall_ms){now.ms + DAY_MS});
	struct programme programme = box_programme(programme_version, now, &notice, 1);
	struct tuf_target target;
	char hex[SHA256_HEX_SIZE], *content = NULL, *file, *text;
	struct err err = {0};
	size_t len;

	text = programme_to_json(&programme, &len, &err);
	assert_ok(text != NULL, err);
	box_object(&box, text, len, &target, "programme.json");
	hex_encode(target.sha256, SHA256_SIZE, hex);
	assert_true(asprintf(&content,
			     "{\"_type\": \"targets\", \"spec_version\": \"1.0.34\","
			     "\"version\": %" PRId64 ", \"expires\": \"%s\","
			     "\"targets\": {\"programme.json\": {\"length\": %zu,"
			     "\"hashes\": {\"sha256\": \"%s\"}}}}",
			     next.version, next.expires, len, hex) > 0);
	file = metadata_sign(content, &next.by, 1);
	free(content);
	free(text);
	return file;
}

static void name_file(char *out, size_t size, const char *name, int64_t version,
		      const char *bytes)
{
	uint8_t hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	sha256(bytes, strlen(bytes), hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(out, size,
		 "\"%s\": {\"version\": %" PRId64 ", \"length\": %zu, \"hashes\": "
		 "{\"sha256\": \"%s\"}}",
		 name, version, strlen(bytes), hex);
}

/* Lays a whole set into the inbox and points to it. */
static void publish(int64_t programme_version)
{
	const struct signer *online[] = {box.online};
	char *targets, *role, *snapshot, *timestamp, *content = NULL;
	char named_targets[300], named_role[300];
	struct err err = {0};
	size_t len;

	box.version++;
	snprintf(box.set_name, sizeof(box.set_name), "delegated-%" PRId64, box.version);
	targets = make_targets();
	role = make_role(programme_version);
	name_file(named_targets, sizeof(named_targets), "targets.json", box.version,
		  targets);
	name_file(named_role, sizeof(named_role), "notices.json",
		  next.named ? next.named : next.version,
		  next.hash_of_other_bytes ? "other bytes" : role);
	assert_true(asprintf(&content,
			     "{\"_type\": \"snapshot\", \"spec_version\": \"1.0.34\","
			     "\"version\": %" PRId64 ", \"expires\": \"" LATER "\","
			     "\"meta\": {%s, %s}}",
			     box.version, named_targets, named_role) > 0);
	snapshot = metadata_sign(content, online, 1);
	timestamp = tuf_build_timestamp(box.version, box.ends, snapshot, strlen(snapshot),
					box.online, &len, &err);
	assert_ok(timestamp != NULL, err);
	put("targets.json", targets);
	put("notices.json", role);
	put("snapshot.json", snapshot);
	put("timestamp.json", timestamp);
	box_point(&box, box.set_name);
	free(content);
	free(targets);
	free(role);
	free(snapshot);
	free(timestamp);
}

static struct activation *activation(void)
{
	struct err err = {0};
	struct activation *made = activation_new(box.inbox, box.state, BOX_PLAN, &err);

	assert_ok(made != NULL, err);
	return made;
}

static int64_t version_of(const struct activation *from)
{
	struct set *set = activation_set(from);
	int64_t version = set_version(set);

	set_unref(set);
	return version;
}

static void check_takes(struct activation *into, int64_t version)
{
	struct err err = {0};
	bool changed = false;

	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_true(changed);
	assert_int_equal(version_of(into), version);
	assert_ok(activation_is_saved(into, &err), err);
}

static void check_refuses(struct activation *into, enum err_code code, const char *part)
{
	int64_t before = version_of(into);
	struct err err = {0};
	bool changed = false;

	assert_fails(activation_check(into, now, &changed, &err), err, code, part);
	assert_false(changed);
	assert_int_equal(version_of(into), before);
}

static void delegated_programme_is_shown_and_survives_a_restart(void **state)
{
	struct activation *into = activation();
	struct err err = {0};

	(void)state;
	publish(7);
	check_takes(into, 7);
	next.version = 2;
	publish(8);
	check_takes(into, 8);
	activation_free(into);

	assert_ok(dir_remove(box.inbox, &err), err);
	into = activation();
	assert_ok(activation_restore(into, &err), err);
	assert_int_equal(version_of(into), 8);
	activation_free(into);
}

static void role_that_is_left_out_keeps_the_last_good_set(void **state)
{
	struct activation *into = activation();
	char path[PATH_MAX];

	(void)state;
	publish(7);
	check_takes(into, 7);
	publish(8);
	snprintf(path, sizeof(path), "sets/%s/notices.json", box.set_name);
	box_remove(box.inbox, path);
	check_refuses(into, ERR_NOT_FOUND, "notices.json");
	activation_free(into);
}

static void role_signed_by_another_key_is_refused(void **state)
{
	struct activation *into = activation();

	(void)state;
	publish(7);
	check_takes(into, 7);
	/* Not even by that of the role that delegates. */
	next.by = box.targets;
	next.version = 2;
	publish(8);
	check_refuses(into, ERR_UNTRUSTED, "signed by 0 of the 1 keys");
	next.by = box.online;
	publish(9);
	check_refuses(into, ERR_UNTRUSTED, "notices.json");
	activation_free(into);
}

static void any_changed_byte_of_a_role_is_refused(void **state)
{
	struct activation *into = activation();
	char path[PATH_MAX], *text, *full;
	size_t len;

	(void)state;
	publish(7);
	check_takes(into, 7);
	next.version = 2;
	publish(8);
	snprintf(path, sizeof(path), "sets/%s/notices.json", box.set_name);
	full = tmp_path(box.inbox, path);
	text = tmp_read(full, &len);
	for (size_t i = 0; i < len; i += 7) {
		text[i] ^= 1;
		box_write(box.inbox, path, text, len);
		text[i] ^= 1;
		check_refuses(into, ERR_UNTRUSTED, "notices.json");
	}
	/* Nor cut, nor with something behind it. */
	box_write(box.inbox, path, text, len - 1);
	check_refuses(into, ERR_UNTRUSTED, "notices.json");
	box_write(box.inbox, path, text, len + 1);
	check_refuses(into, ERR_TOO_LARGE, "notices.json");
	box_write(box.inbox, path, text, len);
	check_takes(into, 8);
	free(text);
	free(full);
	activation_free(into);
}

static void older_role_is_a_rollback(void **state)
{
	struct activation *into = activation();
	struct err err = {0};

	(void)state;
	next.version = 5;
	publish(7);
	check_takes(into, 7);
	next.version = 4;
	publish(6);
	check_refuses(into, ERR_UNTRUSTED, "rollback");
	/* An older file under the name of a newer. */
	next.named = 6;
	publish(6);
	check_refuses(into, ERR_UNTRUSTED, "is version 4 where version 6");
	next.named = 0;
	next.version = 6;
	next.hash_of_other_bytes = true;
	publish(8);
	check_refuses(into, ERR_TOO_LARGE, "notices.json");
	activation_free(into);

	into = activation();
	assert_ok(activation_restore(into, &err), err);
	next.hash_of_other_bytes = false;
	next.version = 4;
	publish(6);
	check_refuses(into, ERR_UNTRUSTED, "rollback");
	activation_free(into);
}

static void role_past_its_end_is_refused_where_it_is_needed(void **state)
{
	struct activation *into = activation();

	(void)state;
	publish(7);
	check_takes(into, 7);
	next.version = 2;
	next.expires = ENDED;
	publish(8);
	check_refuses(into, ERR_EXPIRED, "notices.json");
	activation_free(into);
}

/* A role for alarms whose key was forgotten must not keep notices from the screen. */
static void role_past_its_end_is_no_matter_where_it_is_not(void **state)
{
	struct activation *into = activation();
	struct err err = {0};
	bool changed = false;

	(void)state;
	publish(7);
	check_takes(into, 7);
	next.version = 2;
	next.expires = ENDED;
	next.paths = "[\"emergency/*\"]";
	publish(8);
	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_true(changed);
	/* The programme is not among its paths, so this set has none. */
	assert_int_equal(version_of(into), 0);
	activation_free(into);
}

static void role_has_no_say_in_other_paths(void **state)
{
	struct activation *into = activation();
	struct err err = {0};
	bool changed = true;

	(void)state;
	next.paths = "[\"emergency/*\", \"*/programme.json\", \"programme\"]";
	publish(7);
	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_false(changed);
	assert_int_equal(version_of(into), 0);
	next.version = 2;
	next.paths = "[\"emergency/*\", \"p?ogramme.[a-j]son\"]";
	publish(7);
	check_takes(into, 7);
	activation_free(into);
}

static void link_in_the_place_of_a_role_is_not_followed(void **state)
{
	struct activation *into = activation();
	char path[PATH_MAX * 2], elsewhere[PATH_MAX * 2];

	(void)state;
	publish(7);
	check_takes(into, 7);
	next.version = 2;
	publish(8);
	snprintf(path, sizeof(path), "%s/sets/%s/notices.json", box.inbox, box.set_name);
	snprintf(elsewhere, sizeof(elsewhere), "%s/elsewhere.json", box.dir);
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	check_refuses(into, ERR_INVALID, "notices.json");
	activation_free(into);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(delegated_programme_is_shown_and_survives_a_restart),
		TEST(role_that_is_left_out_keeps_the_last_good_set),
		TEST(role_signed_by_another_key_is_refused),
		TEST(any_changed_byte_of_a_role_is_refused),
		TEST(older_role_is_a_rollback),
		TEST(role_past_its_end_is_refused_where_it_is_needed),
		TEST(role_past_its_end_is_no_matter_where_it_is_not),
		TEST(role_has_no_say_in_other_paths),
		TEST(link_in_the_place_of_a_role_is_not_followed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
