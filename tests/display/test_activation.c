#include "display/activation.h"

#include <dirent.h>

#include "core/plan.h"
#include "display/set.h"
#include "wire/play_batch.h"

#include "box.h"

static const struct wall_ms now = {INT64_C(1795329000000)}; /* 2026-11-22T06:30:00Z */

static struct box box;

static int set_up(void **state)
{
	(void)state;
	box = box_new(now);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	box_free(&box);
	return 0;
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

/* Publishes programme @version with one notice. */
static void publish(int64_t version)
{
	struct notice notice = box_notice("festival", (struct wall_ms){now.ms - HOUR_MS},
					  (struct wall_ms){now.ms + DAY_MS});
	struct programme programme = box_programme(version, now, &notice, 1);

	box_publish(&box, &programme);
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

static void check_refuses(struct activation *into, struct wall_ms at, enum err_code code,
			  const char *part)
{
	int64_t before = version_of(into);
	struct err err = {0};
	bool changed = false;

	assert_fails(activation_check(into, at, &changed, &err), err, code, part);
	assert_false(changed);
	assert_int_equal(version_of(into), before);
}

static void empty_inbox_shows_the_packaged_plan(void **state)
{
	struct activation *into = activation();
	struct set *set = activation_set(into);
	struct err err = {0};
	bool changed = true;

	(void)state;
	assert_ok(activation_restore(into, &err), err);
	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_false(changed);
	assert_null(set_programme(set));
	assert_int_equal(set_plan(set)->initiative_count, 30);
	set_unref(set);
	activation_free(into);
}

static void good_set_is_taken_and_survives_a_restart(void **state)
{
	struct activation *into = activation();
	struct err err = {0};
	struct set *set;

	(void)state;
	publish(7);
	check_takes(into, 7);
	activation_free(into);

	/* The card in another box, years later: no inbox, and everything long expired. */
	assert_ok(dir_remove(box.inbox, &err), err);
	into = activation();
	assert_ok(activation_restore(into, &err), err);
	assert_int_equal(version_of(into), 7);
	set = activation_set(into);
	assert_non_null(set_notice(set, "notice/festival"));
	set_unref(set);
	activation_free(into);
}

static void new_signatures_on_the_same_content_change_nothing(void **state)
{
	struct activation *into = activation();
	struct err err = {0};
	struct set *before, *after;
	bool changed = true;

	(void)state;
	publish(7);
	check_takes(into, 7);
	before = activation_set(into);
	publish(7);
	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_false(changed);
	after = activation_set(into);
	assert_ptr_equal(before, after);
	set_unref(before);
	set_unref(after);
	activation_free(into);
}

static void box_without_enrolment_takes_nothing(void **state)
{
	struct err err = {0};
	struct activation *into;
	bool changed = true;

	(void)state;
	publish(7);
	box_remove(box.state, "root.json");
	into = activation();
	assert_false(activation_is_enrolled(into));
	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_false(changed);
	assert_int_equal(version_of(into), 0);
	activation_free(into);
}

/* Flips one byte of a file in the inbox. */
static void tamper(const char *name)
{
	char *path = tmp_path(box.inbox, name);
	size_t len;
	char *bytes = tmp_read(path, &len);

	bytes[len / 2] ^= 1;
	box_write(box.inbox, name, bytes, len);
	free(bytes);
	free(path);
}

static void any_changed_byte_keeps_the_last_good_set(void **state)
{
	static const char *const files[] = {"timestamp.json", "snapshot.json",
					    "targets.json"};
	struct activation *into = activation();

	(void)state;
	publish(7);
	check_takes(into, 7);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct err err = {0};
		char name[200];
		bool changed = false;

		publish(8);
		snprintf(name, sizeof(name), "sets/%s/%s", box.set_name, files[i]);
		tamper(name);
		assert_false(activation_check(into, now, &changed, &err));
		assert_false(changed);
		assert_int_equal(version_of(into), 7);
	}
	publish(9);
	check_takes(into, 9);
	activation_free(into);
}

static void changed_object_keeps_the_last_good_set(void **state)
{
	struct notice notice =
		box_notice("forged", now, (struct wall_ms){now.ms + DAY_MS});
	struct programme programme = box_programme(8, now, &notice, 1);
	struct activation *into = activation();
	char name[SHA256_HEX_SIZE + 10] = "objects/";
	uint8_t hash[SHA256_SIZE];
	struct err err = {0};
	size_t len;
	char *text;

	(void)state;
	publish(7);
	check_takes(into, 7);
	text = programme_to_json(&programme, &len, &err);
	assert_ok(text != NULL, err);
	sha256(text, len, hash);
	hex_encode(hash, SHA256_SIZE, name + strlen(name));
	box_publish(&box, &programme);
	tamper(name);
	check_refuses(into, now, ERR_UNTRUSTED, "programme.json");

	/* One byte too many is seen without reading on. */
	text = realloc(text, len + 2);
	text[len] = ' ';
	box_write(box.inbox, name, text, len + 1);
	check_refuses(into, now, ERR_TOO_LARGE, "programme.json");

	/* A half-written set: it becomes good when the rest arrives. */
	box_remove(box.inbox, name);
	check_refuses(into, now, ERR_NOT_FOUND, "programme.json");
	box_write(box.inbox, name, text, len);
	check_takes(into, 8);
	free(text);
	activation_free(into);
}

static void older_set_is_a_rollback_even_after_a_restart(void **state)
{
	struct activation *into = activation();
	struct err err = {0};
	char old[64];

	(void)state;
	publish(7);
	memcpy(old, box.set_name, sizeof(old));
	publish(8);
	check_takes(into, 8);
	box_point(&box, old);
	check_refuses(into, now, ERR_UNTRUSTED, "rollback");
	activation_free(into);

	into = activation();
	assert_ok(activation_restore(into, &err), err);
	check_refuses(into, now, ERR_UNTRUSTED, "rollback");
	activation_free(into);
}

static void expired_set_keeps_the_last_good_one(void **state)
{
	struct activation *into = activation();

	(void)state;
	publish(7);
	check_takes(into, 7);
	publish(8);
	check_refuses(into, (struct wall_ms){now.ms + 2 * DAY_MS}, ERR_EXPIRED, "");
	check_takes(into, 8);
	activation_free(into);
}

static void set_signed_by_strangers_is_refused(void **state)
{
	struct activation *into = activation();
	struct signer *own = box.targets;

	(void)state;
	publish(7);
	check_takes(into, 7);
	box.targets = box_key();
	publish(8);
	check_refuses(into, now, ERR_UNTRUSTED, "targets");
	signer_free(box.targets);
	box.targets = own;
	activation_free(into);
}

static void links_in_the_inbox_are_not_followed(void **state)
{
	struct activation *into = activation();
	char *elsewhere = tmp_path(box.dir, "elsewhere");
	char from[PATH_MAX * 2], to[PATH_MAX * 2];

	(void)state;
	publish(7);
	snprintf(from, sizeof(from), "%s/sets/%s", box.inbox, box.set_name);
	assert_int_equal(rename(from, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, from), 0);
	check_refuses(into, now, ERR_INVALID, "not a folder");

	assert_int_equal(unlink(from), 0);
	assert_int_equal(rename(elsewhere, from), 0);
	snprintf(from, sizeof(from), "%s/objects", box.inbox);
	assert_int_equal(rename(from, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, from), 0);
	check_refuses(into, now, ERR_INVALID, "not a folder");

	assert_int_equal(unlink(from), 0);
	assert_int_equal(rename(elsewhere, from), 0);
	snprintf(from, sizeof(from), "%s/sets/%s/snapshot.json", box.inbox, box.set_name);
	snprintf(to, sizeof(to), "%s/real.json", box.dir);
	assert_int_equal(rename(from, to), 0);
	assert_int_equal(symlink(to, from), 0);
	check_refuses(into, now, ERR_INVALID, "symbolic link");

	/* A pipe would keep a careless reader waiting for ever. */
	assert_int_equal(unlink(from), 0);
	assert_int_equal(mkfifo(from, 0600), 0);
	check_refuses(into, now, ERR_INVALID, "regular file");

	assert_int_equal(unlink(from), 0);
	assert_int_equal(rename(to, from), 0);
	check_takes(into, 7);
	free(elsewhere);
	activation_free(into);
}

static void pointer_that_is_no_name_is_refused(void **state)
{
	static const char *const names[] = {
		"..",
		"../state/trusted",
		"sets/x",
		"",
		"\n",
		"SET",
		"a b",
		"0123456789012345678901234567890123456789012345678901234567890123456789"};
	struct activation *into = activation();

	(void)state;
	publish(7);
	check_takes(into, 7);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct err err = {0};
		bool changed = false;

		box_point(&box, names[i]);
		assert_false(activation_check(into, now, &changed, &err));
		assert_false(changed);
	}
	box_point(&box, "no-such-set");
	check_refuses(into, now, ERR_NOT_FOUND, "no-such-set");
	activation_free(into);
}

static void signed_nonsense_keeps_the_last_good_set(void **state)
{
	static const char bad[] = "{\"format\": \"ekimae.programme/1\", \"version\": 8}";
	struct activation *into = activation();

	(void)state;
	publish(7);
	check_takes(into, 7);
	box_lay_bytes(&box, bad, strlen(bad));
	box_point(&box, box.set_name);
	check_refuses(into, now, ERR_INVALID, "programme.json: ");
	activation_free(into);
}

static void huge_programme_is_refused_before_it_is_read(void **state)
{
	struct tuf_target target = {
		.path = "programme.json", .length = INT64_C(1) << 40, .has_sha256 = true};
	struct activation *into = activation();

	(void)state;
	publish(7);
	check_takes(into, 7);
	box_sign_set(&box, &target, 1);
	box_point(&box, box.set_name);
	check_refuses(into, now, ERR_TOO_LARGE, "programme.json");
	activation_free(into);
}

static void rotated_keys_are_followed_and_kept(void **state)
{
	struct activation *into = activation();
	struct signer *old_root = box.root;
	struct err err = {0};
	char name[PATH_MAX];
	size_t len;
	char *root;

	(void)state;
	publish(7);
	check_takes(into, 7);
	signer_free(box.online);
	box.online = box_key();
	box.root = box_key();
	root = box_sign_root(&box, old_root, &len);
	signer_free(old_root);
	/* Fast-forward: what the stolen key had signed does not count any more (§5.3.11). */
	box.version = 0;
	publish(8);
	check_refuses(into, now, ERR_UNTRUSTED, "");
	snprintf(name, sizeof(name), "sets/%s/2.root.json", box.set_name);
	box_write(box.inbox, name, root, len);
	check_takes(into, 8);
	activation_free(into);

	into = activation();
	assert_ok(activation_restore(into, &err), err);
	assert_int_equal(version_of(into), 8);
	publish(9);
	check_takes(into, 9);
	free(root);
	activation_free(into);
}

static void new_root_with_a_broken_set_leaves_the_last_good_one_usable(void **state)
{
	struct activation *into = activation();
	struct err err = {0};
	char name[PATH_MAX];
	size_t len;
	char *root;

	(void)state;
	publish(7);
	check_takes(into, 7);
	signer_free(box.online);
	box.online = box_key();
	root = box_sign_root(&box, NULL, &len);
	publish(8);
	snprintf(name, sizeof(name), "sets/%s/2.root.json", box.set_name);
	box_write(box.inbox, name, root, len);
	snprintf(name, sizeof(name), "sets/%s/targets.json", box.set_name);
	box_remove(box.inbox, name);
	check_refuses(into, now, ERR_NOT_FOUND, "targets.json");
	activation_free(into);

	into = activation();
	assert_ok(activation_restore(into, &err), err);
	assert_int_equal(version_of(into), 7);
	free(root);
	activation_free(into);
}

static void damaged_last_good_set_falls_back_to_the_plan(void **state)
{
	struct activation *into = activation();
	struct err err = {0};
	char *path, *set_name, name[200];

	(void)state;
	publish(7);
	check_takes(into, 7);
	activation_free(into);
	path = tmp_path(box.state, "trusted/current");
	set_name = tmp_read(path, NULL);
	snprintf(name, sizeof(name), "trusted/sets/%s/targets.json", set_name);
	free(set_name);
	box_write(box.state, name, "{}", 2);
	into = activation();
	assert_false(activation_restore(into, &err));
	assert_int_equal(version_of(into), 0);
	/* The inbox still has it. */
	check_takes(into, 7);
	free(path);
	activation_free(into);
}

static void full_disk_does_not_keep_content_from_the_screen(void **state)
{
	struct activation *into = activation();
	struct err err = {0};
	bool changed = false;

	(void)state;
	/* A file where the folder should be stands for any disk that can't be written. */
	box_write(box.state, "trusted", "", 0);
	publish(7);
	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_true(changed);
	assert_int_equal(version_of(into), 7);
	assert_false(activation_is_saved(into, &err));
	box_remove(box.state, "trusted");
	assert_ok(activation_check(into, now, &changed, &err), err);
	assert_false(changed);
	assert_ok(activation_is_saved(into, &err), err);
	activation_free(into);
}

static int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

static void only_the_set_in_effect_is_kept(void **state)
{
	struct activation *into = activation();
	char *path = tmp_path(box.state, "trusted/objects");

	(void)state;
	for (int64_t version = 7; version < 12; version++) {
		publish(version);
		check_takes(into, version);
	}
	assert_int_equal(count_entries(path), 2); /* plan and programme */
	free(path);
	path = tmp_path(box.state, "trusted/sets");
	assert_int_equal(count_entries(path), 1);
	free(path);
	activation_free(into);
}

static void put_ack(const struct signer *signer, int64_t seq)
{
	struct play_ack ack = {.screen_id = BOX_SCREEN, .durable_seq = seq, .at = now};
	struct err err = {0};
	size_t len;
	char *text = play_ack_to_json(&ack, signer, &len, &err);

	assert_ok(text != NULL, err);
	box_write(box.inbox, "ack.json", text, len);
	free(text);
}

static void only_the_citys_answer_is_believed(void **state)
{
	struct activation *into = activation();
	struct play_ack ack = {0};
	struct err err = {0};
	bool there = true;

	(void)state;
	assert_ok(activation_ack(into, &ack, &there, &err), err);
	assert_false(there);
	put_ack(box.online, 41);
	assert_ok(activation_ack(into, &ack, &there, &err), err);
	assert_true(there);
	assert_int_equal(ack.durable_seq, 41);
	assert_string_equal(ack.screen_id, BOX_SCREEN);
	put_ack(box.targets, 99);
	assert_fails(activation_ack(into, &ack, &there, &err), err, ERR_UNTRUSTED, "ack");
	activation_free(into);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(empty_inbox_shows_the_packaged_plan),
		TEST(good_set_is_taken_and_survives_a_restart),
		TEST(new_signatures_on_the_same_content_change_nothing),
		TEST(box_without_enrolment_takes_nothing),
		TEST(any_changed_byte_keeps_the_last_good_set),
		TEST(changed_object_keeps_the_last_good_set),
		TEST(older_set_is_a_rollback_even_after_a_restart),
		TEST(expired_set_keeps_the_last_good_one),
		TEST(set_signed_by_strangers_is_refused),
		TEST(links_in_the_inbox_are_not_followed),
		TEST(pointer_that_is_no_name_is_refused),
		TEST(signed_nonsense_keeps_the_last_good_set),
		TEST(huge_programme_is_refused_before_it_is_read),
		TEST(rotated_keys_are_followed_and_kept),
		TEST(new_root_with_a_broken_set_leaves_the_last_good_one_usable),
		TEST(damaged_last_good_set_falls_back_to_the_plan),
		TEST(full_disk_does_not_keep_content_from_the_screen),
		TEST(only_the_set_in_effect_is_kept),
		TEST(only_the_citys_answer_is_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
