#include <fcntl.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "city_fixture.h"

#include "city/online_key.h"
#include "wire/tuf_draft.h"

/* ---- Dying at the n-th step towards the disk ---- */

#define DIED 99

static int steps_to_live = -1; /* negative: for ever */

static void step(void)
{
	if (steps_to_live >= 0 && steps_to_live-- == 0)
		_exit(DIED);
}

/* These stand in for libc's, for our files as well as SQLite's. */
int renameat(int old_dir, const char *old_name, int new_dir, const char *new_name)
{
	int result;

	step();
	result = (int)syscall(SYS_renameat2, old_dir, old_name, new_dir, new_name, 0);
	step();
	return result;
}

int rename(const char *old_name, const char *new_name)
{
	return renameat(AT_FDCWD, old_name, AT_FDCWD, new_name);
}

int unlink(const char *name)
{
	int result;

	step();
	result = (int)syscall(SYS_unlinkat, AT_FDCWD, name, 0);
	step();
	return result;
}

int fsync(int fd)
{
	step();
	return (int)syscall(SYS_fsync, fd);
}

/* ---- Roots ---- */

struct text {
	char *bytes;
	size_t len;
};

static struct text root_on_disk(const struct fixture *fixture, int64_t version)
{
	char name[40];
	struct text out;

	snprintf(name, sizeof(name), "%" PRId64 ".root.json", version);
	out.bytes = fixture_metadata(fixture, name, &out.len);
	return out;
}

/* The next root, unchanged but for its version and end. */
static struct tuf_draft next_draft(const struct fixture *fixture, int64_t current)
{
	struct text root = root_on_disk(fixture, current);
	struct tuf_draft draft;
	struct err err = {0};

	assert_ok(tuf_draft_read(&draft, root.bytes, root.len, &err), err);
	free(root.bytes);
	draft.version++;
	draft.expires = (struct wall_ms){clock_now().wall.ms + 700 * DAY_MS};
	return draft;
}

static struct signer *root_key(const struct fixture *fixture, int number)
{
	char name[32];
	char *path, *pem;
	struct signer *signer;
	struct err err = {0};
	size_t len;

	snprintf(name, sizeof(name), "roots/root-%d.pem", number);
	path = tmp_path(fixture->dir, name);
	pem = tmp_read(path, &len);
	signer = signer_from_pem(pem, len, &err);
	assert_ok(signer != NULL, err);
	free(pem);
	free(path);
	return signer;
}

/* Signs with the first @count root keys, and with @also where it is given. */
static struct text signed_draft(const struct fixture *fixture,
				const struct tuf_draft *draft, int count,
				const struct signer *also)
{
	struct text out;
	struct err err = {0};

	out.bytes = tuf_draft_write(draft, &out.len, &err);
	assert_ok(out.bytes != NULL, err);
	for (int i = 1; i <= count + (also != NULL); i++) {
		struct signer *own = i <= count ? root_key(fixture, i) : NULL;
		char *longer = tuf_add_signature(out.bytes, out.len, own ? own : also,
						 &out.len, &err);

		assert_ok(longer != NULL, err);
		free(out.bytes);
		out.bytes = longer;
		signer_free(own);
	}
	return out;
}

static char *root_body(const struct text *root, const char *targets)
{
	json_t *body = json_pack("{s:s}", "root", root->bytes);
	char *text;

	if (targets)
		json_object_set_new(body, "targets", json_string(targets));
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	assert_non_null(text);
	return text;
}

static void send_root(const struct fixture *fixture, const struct text *root,
		      const char *targets)
{
	char *body = root_body(root, targets);

	json_decref(fixture_call(fixture, "POST", "/api/v1/root", body, 200));
	free(body);
}

static void root_refused(const struct fixture *fixture, const struct text *root,
			 const char *targets, long status, const char *part)
{
	char *body = root_body(root, targets);

	fixture_refused(fixture, "POST", "/api/v1/root", fixture->token, body, status,
			part);
	free(body);
}

/* Has the server make its next key of @role, and puts it in the place of the present one. */
static void rotate_online(const struct fixture *fixture, struct tuf_draft *draft,
			  enum tuf_role_type type)
{
	struct tuf_draft_role *role = &draft->roles[type];
	char body[64];
	json_t *answer;

	snprintf(body, sizeof(body), "{\"role\":\"%s\"}", tuf_role_text(type));
	answer = fixture_call(fixture, "POST", "/api/v1/keys/online", body, 200);
	assert_true(hex_decode(json_string_value(json_object_get(answer, "key")),
			       role->keys[0], ED25519_PUBLIC_SIZE));
	json_decref(answer);
}

static int64_t verified_timestamp(const struct fixture *fixture)
{
	struct tuf_trust *trust = fixture_verify(fixture, clock_now().wall);
	int64_t version = tuf_timestamp_version(trust);

	tuf_trust_free(trust);
	return version;
}

/* ---- Tests ---- */

static void root_is_renewed_before_its_end(void **state)
{
	const struct fixture *fixture = *state;
	struct tuf_draft draft = next_draft(fixture, 1);
	struct text root = signed_draft(fixture, &draft, 2, NULL);
	int64_t before = publisher_timestamp_version(fixture->city->publisher);

	send_root(fixture, &root, NULL);
	assert_int_equal(tuf_root_version(publisher_trust(fixture->city->publisher)), 2);
	assert_int_equal(verified_timestamp(fixture), before + 1);
	fixture_publish(fixture, 2, "flu-2026", 1, NULL);
	free(root.bytes);
}

static void root_that_clients_would_refuse_is_refused(void **state)
{
	const struct fixture *fixture = *state;
	struct tuf_draft draft = next_draft(fixture, 1);
	struct text root = signed_draft(fixture, &draft, 1, NULL);
	struct err err = {0};
	struct signer *stranger = signer_generate(&err);

	root_refused(fixture, &root, NULL, 403, "1 of the 2 keys");
	free(root.bytes);
	root = signed_draft(fixture, &draft, 1, stranger);
	root_refused(fixture, &root, NULL, 403, "1 of the 2 keys");
	free(root.bytes);
	draft.version = 3;
	root = signed_draft(fixture, &draft, 3, NULL);
	root_refused(fixture, &root, NULL, 403, "version");
	free(root.bytes);
	draft.version = 2;
	draft.expires.ms = clock_now().wall.ms - DAY_MS;
	root = signed_draft(fixture, &draft, 3, NULL);
	root_refused(fixture, &root, NULL, 400, "root.json");
	free(root.bytes);
	fixture_refused(fixture, "POST", "/api/v1/root", fixture->token,
			"{\"root\":\"{}\"}", 400, "root.json");
	assert_int_equal(tuf_root_version(publisher_trust(fixture->city->publisher)), 1);
	assert_int_equal(verified_timestamp(fixture), 1);
	signer_free(stranger);
}

static void only_administrators_bring_roots_and_keys(void **state)
{
	struct fixture *fixture = *state;
	char token[65];

	fixture_add_staff(fixture, "shounin", STAFF_APPROVER, token);
	fixture_refused(fixture, "POST", "/api/v1/root", token, "{\"root\":\"x\"}", 403,
			"administrator");
	fixture_refused(fixture, "POST", "/api/v1/keys/online", token,
			"{\"role\":\"timestamp\"}", 403, "administrator");
	fixture_refused(fixture, "POST", "/api/v1/keys/online", fixture->token,
			"{\"role\":\"targets\"}", 400, "role");
}

static void online_keys_are_rotated_in_the_running_server(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_draft draft = next_draft(fixture, 1);
	char old_id[KEY_ID_SIZE];
	struct text root;
	char *next = tmp_path(fixture->state, "keys/timestamp-next.pem");

	snprintf(old_id, sizeof(old_id), "%s",
		 signer_key_id(publisher_timestamp_signer(fixture->city->publisher)));
	rotate_online(fixture, &draft, TUF_ROLE_TIMESTAMP);
	rotate_online(fixture, &draft, TUF_ROLE_SNAPSHOT);
	/* Offered only: nothing has changed yet, and asking again gives the same key. */
	assert_true(file_exists(next));
	rotate_online(fixture, &draft, TUF_ROLE_TIMESTAMP);
	fixture_publish(fixture, 2, "flu-2026", 1, NULL);

	root = signed_draft(fixture, &draft, 2, NULL);
	send_root(fixture, &root, NULL);
	assert_string_not_equal(
		signer_key_id(publisher_timestamp_signer(fixture->city->publisher)),
		old_id);
	assert_false(file_exists(next));
	fixture_publish(fixture, 3, NULL, 0, "flu-2026");
	assert_true(verified_timestamp(fixture) > 3);
	fixture_stop(fixture);
	fixture_start(fixture);
	assert_true(verified_timestamp(fixture) > 3);
	free(next);
	free(root.bytes);
}

static void root_without_the_servers_online_keys_is_refused(void **state)
{
	const struct fixture *fixture = *state;
	struct tuf_draft draft = next_draft(fixture, 1);
	struct err err = {0};
	struct signer *stranger = signer_generate(&err);
	struct text root;

	signer_public(stranger, draft.roles[TUF_ROLE_TIMESTAMP].keys[0]);
	root = signed_draft(fixture, &draft, 2, NULL);
	root_refused(fixture, &root, NULL, 403, "does not name this key for timestamp");
	assert_int_equal(verified_timestamp(fixture), 1);
	free(root.bytes);
	signer_free(stranger);
}

static void root_keys_are_rotated_with_the_old_ones(void **state)
{
	const struct fixture *fixture = *state;
	struct tuf_draft draft = next_draft(fixture, 1), after;
	struct tuf_draft_role *role = &draft.roles[TUF_ROLE_ROOT];
	struct err err = {0};
	struct signer *fresh = signer_generate(&err);
	struct text root;

	/* Number 3 was lost; two old ones put a fresh one in its place. */
	signer_public(fresh, role->keys[2]);
	root = signed_draft(fixture, &draft, 2, NULL);
	send_root(fixture, &root, NULL);
	free(root.bytes);
	/* From then on the lost one counts for nothing. */
	after = next_draft(fixture, 2);
	root = signed_draft(fixture, &after, 1, NULL);
	{
		struct signer *lost = root_key(fixture, 3);
		struct text with = signed_draft(fixture, &after, 1, lost);

		root_refused(fixture, &with, NULL, 403, "1 of the 2 keys");
		free(with.bytes);
		signer_free(lost);
	}
	free(root.bytes);
	root = signed_draft(fixture, &after, 1, fresh);
	send_root(fixture, &root, NULL);
	assert_int_equal(tuf_root_version(publisher_trust(fixture->city->publisher)), 3);
	free(root.bytes);
	signer_free(fresh);
}

/* What is published now as the next version, by @signer. Owned. */
static char *sign_targets_again(const struct fixture *fixture,
				const struct signer *signer, bool other_content)
{
	const struct tuf_trust *trust = publisher_trust(fixture->city->publisher);
	struct tuf_target targets[2] = {*tuf_target_at(trust, 0),
					*tuf_target_at(trust, 1)};
	struct err err = {0};
	char *out;
	size_t len;

	targets[1].sha256[0] ^= (uint8_t)other_content;
	out = tuf_build_targets(tuf_targets_version(trust) + 1,
				(struct wall_ms){clock_now().wall.ms + 300 * DAY_MS},
				targets, 2, &signer, 1, &len, &err);
	assert_ok(out != NULL, err);
	return out;
}

static void targets_key_is_rotated_with_the_content_under_the_new_key(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_draft draft = next_draft(fixture, 1);
	struct err err = {0};
	struct signer *fresh = signer_generate(&err), *old = fixture->targets;
	struct fixture_release release;
	struct text root;
	char *targets, *body;

	signer_public(fresh, draft.roles[TUF_ROLE_TARGETS].keys[0]);
	root = signed_draft(fixture, &draft, 2, NULL);
	/* Without it, no screen could go on. */
	root_refused(fixture, &root, NULL, 403, "targets");
	targets = sign_targets_again(fixture, old, false);
	root_refused(fixture, &root, targets, 403, "targets");
	free(targets);
	targets = sign_targets_again(fixture, fresh, true);
	root_refused(fixture, &root, targets, 400, "names other targets");
	free(targets);
	targets = sign_targets_again(fixture, fresh, false);
	send_root(fixture, &root, targets);
	free(targets);
	assert_int_equal(publisher_targets_version(fixture->city->publisher), 2);
	verified_timestamp(fixture);

	/* The old key publishes nothing any more; the new one does. */
	release = fixture_sign(fixture, old, 3, 3, NULL, 0);
	body = fixture_publish_body(&release, NULL, 0, NULL);
	fixture_upload(fixture, &release);
	fixture_refused(fixture, "POST", "/api/v1/publish", fixture->token, body, 403,
			"targets");
	free(body);
	fixture_release_done(&release);
	fixture->targets = fresh;
	fixture_publish(fixture, 3, "flu-2026", 1, NULL);
	signer_free(old);
	free(root.bytes);
}

/* ---- Crash points ---- */

/* All that POST root does to the disk, dying at step @steps. */
static int take_over_and_die(const struct fixture *fixture, const struct text *root,
			     int steps)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct wall_ms now = clock_now().wall;
		struct err err = {0};
		struct publisher *publisher = publisher_open(fixture->state, now, &err);
		struct proposal *proposal;
		bool done;

		proposal = publisher_propose_root(publisher, root->bytes, root->len, NULL,
						  0, now, &err);
		steps_to_live = steps;
		done = proposal && publisher_commit_root(publisher, proposal, now, &err);
		steps_to_live = -1;
		_exit(done ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/*
 * Online keys are rotated in one root after another. Whatever the step: the server starts,
 * with the old root or the new one whole, and clients accept what is there.
 */
static void killed_at_any_step_the_new_root_is_in_force_or_not(void **state)
{
	struct fixture *fixture = *state;
	int64_t current = 1;
	bool before = false, after = false;
	int steps = 0, result;

	fixture_stop(fixture);
	do {
		struct tuf_draft draft = next_draft(fixture, current);
		struct wall_ms now = clock_now().wall;
		struct publisher *publisher;
		struct err err = {0};
		struct text root;
		char *journal = tmp_path(fixture->state, "rotation.json");

		assert_ok(online_key_offer(fixture->state, "timestamp",
					   draft.roles[TUF_ROLE_TIMESTAMP].keys[0], &err),
			  err);
		assert_ok(online_key_offer(fixture->state, "snapshot",
					   draft.roles[TUF_ROLE_SNAPSHOT].keys[0], &err),
			  err);
		root = signed_draft(fixture, &draft, 2, NULL);
		result = take_over_and_die(fixture, &root, steps++);
		assert_true(result == 0 || result == DIED);
		free(root.bytes);

		publisher = publisher_open(fixture->state, now, &err);
		assert_ok(publisher != NULL, err);
		assert_false(file_exists(journal));
		if (tuf_root_version(publisher_trust(publisher)) == current) {
			assert_int_equal(result, DIED);
			before = true;
		} else {
			current++;
			after |= result == DIED;
		}
		assert_int_equal(tuf_root_version(publisher_trust(publisher)), current);
		assert_int_equal(verified_timestamp(fixture),
				 publisher_timestamp_version(publisher));
		publisher_free(publisher);
		free(journal);
	} while (result == DIED);
	assert_true(before && after);
	assert_true(steps > 15);
	fixture_start(fixture);
}

#define with_city(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_city(root_is_renewed_before_its_end),
		with_city(root_that_clients_would_refuse_is_refused),
		with_city(only_administrators_bring_roots_and_keys),
		with_city(online_keys_are_rotated_in_the_running_server),
		with_city(root_without_the_servers_online_keys_is_refused),
		with_city(root_keys_are_rotated_with_the_old_ones),
		with_city(targets_key_is_rotated_with_the_content_under_the_new_key),
		with_city(killed_at_any_step_the_new_root_is_in_force_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
