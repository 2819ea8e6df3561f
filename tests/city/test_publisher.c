#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "city_fixture.h"

#include "city/request.h"
#include "city/route.h"
#include "core/alarm.h"
#include "store/ledger.h"
#include "wire/alarms_json.h"

/* ---- Dying at the n-th step towards the disk ---- */

#define DIED 99

static int steps_to_live = -1; /* negative: for ever */

static void step(void)
{
	if (steps_to_live >= 0 && steps_to_live-- == 0)
		_exit(DIED);
}

/*
 * These stand in for libc's, for our files as well as SQLite's. Killed by a signal there is
 * no power cut: what was written stays, which is the order of steps that is tested.
 */
int renameat(int old_dir, const char *old_name, int new_dir, const char *new_name)
{
	int result;

	step();
	result = (int)syscall(SYS_renameat2, old_dir, old_name, new_dir, new_name, 0);
	step();
	return result;
}

int fsync(int fd)
{
	step();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	step();
	return (int)syscall(SYS_fdatasync, fd);
}

/* ---- Without HTTP ---- */

struct offline {
	struct fixture fixture;
	struct city *city;
};

static int set_up(void **state)
{
	struct offline *offline = calloc(1, sizeof(*offline));

	assert_non_null(offline);
	fixture_make_state(&offline->fixture);
	*state = offline;
	return 0;
}

static int set_up_with_alarms(void **state)
{
	struct offline *offline = calloc(1, sizeof(*offline));

	assert_non_null(offline);
	offline->fixture.emergency_keys = 1;
	fixture_make_state(&offline->fixture);
	*state = offline;
	return 0;
}

static int tear_down(void **state)
{
	struct offline *offline = *state;

	city_close(offline->city);
	fixture_done(&offline->fixture);
	free(offline);
	return 0;
}

static struct city *open_at(struct offline *offline, struct wall_ms now)
{
	struct err err = {0};

	offline->city = city_close(offline->city);
	offline->city = city_open(&offline->fixture.settings, now, &err);
	assert_ok(offline->city != NULL, err);
	return offline->city;
}

/* Runs a call as the administrator; returns its status. */
static int call(struct city *city, enum request_method method, const char *path,
		const char *bearer, const char *body)
{
	struct request request = {.method = method};
	struct reply reply;
	struct err err = {0};
	const struct route *route;
	int status;

	reply_init(&reply);
	snprintf(request.path, sizeof(request.path), "/api/v1/%s", path);
	snprintf(request.bearer, sizeof(request.bearer), "%s", bearer);
	request.body = strdup(body);
	request.body_len = strlen(body);
	route = route_find(&request, &reply, &err);
	assert_ok(route != NULL, err);
	route_run(city, route, &request, &reply, &err);
	status = reply.status;
	request_done(&request);
	reply_done(&reply);
	return status;
}

static void open_session(struct city *city, char bearer[static 65])
{
	uint8_t token[32] = {1}, hash[SHA256_SIZE];
	struct err err = {0};

	hex_encode(token, sizeof(token), bearer);
	sha256(token, sizeof(token), hash);
	assert_ok(session_add(city->db, hash, FIXTURE_ADMINISTRATOR,
			      (struct wall_ms){clock_now().wall.ms + DAY_MS}, &err),
		  err);
}

static char *object_path(const struct tuf_target *target, char out[128])
{
	snprintf(out, 128, "objects/");
	hex_encode(target->sha256, SHA256_SIZE, out + strlen(out));
	return out;
}

/* ---- Crash points ---- */

/* In a child of its own: uploads and publishes version @version, dying at step @steps. */
static int publish_and_die(struct offline *offline, int64_t version, const char *bearer,
			   int steps)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct fixture *fixture = &offline->fixture;
		struct notice notice = fixture_notice("flu-2026", 1);
		struct fixture_release release =
			fixture_sign(fixture, fixture->targets, version, version, &notice,
				     version % 2 == 0 ? 1 : 0);
		char *body = fixture_publish_body(&release, NULL, 0, NULL);
		struct city *city = open_at(offline, clock_now().wall);
		char path[128];
		int answer;

		steps_to_live = steps;
		for (size_t i = 0; i < 2; i++)
			call(city, REQUEST_PUT, object_path(&release.targets[i], path),
			     bearer, release.files[i]);
		answer = call(city, REQUEST_POST, "publish", bearer, body);
		steps_to_live = -1;
		_exit(answer == 200 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool check_row(void *context, const struct notice_row *row, struct err *err)
{
	enum notice_state *state = context;

	(void)err;
	*state = row->state;
	return true;
}

/*
 * Whatever the step: clients accept what is there, the server starts, the database says
 * what the repository says, nothing unseen is left, and publishing goes on.
 */
static void killed_at_any_step_the_repository_is_whole(void **state)
{
	struct offline *offline = *state;
	struct city *city = open_at(offline, clock_now().wall);
	char *json = fixture_notice_json("flu-2026", 1);
	char bearer[65];
	int64_t version = 1;
	bool interrupted = false, advanced = false;
	int steps = 0, result;

	open_session(city, bearer);
	assert_int_equal(call(city, REQUEST_PUT, "notices/flu-2026", bearer, json), 200);
	free(json);
	do {
		enum notice_state marked = NOTICE_DRAFT;
		struct tuf_trust *trust;
		struct err err = {0};
		char next[PATH_MAX];
		int64_t found, rows;

		offline->city = city_close(offline->city);
		result = publish_and_die(offline, version + 1, bearer, steps++);
		assert_true(result == 0 || result == DIED);
		trust = fixture_verify(&offline->fixture, clock_now().wall);
		found = tuf_targets_version(trust);
		tuf_trust_free(trust);
		assert_true(found == version || found == version + 1);
		if (result == 0)
			assert_int_equal(found, version + 1);
		interrupted |= found == version;
		advanced |= result == DIED && found == version + 1;

		city = open_at(offline, clock_now().wall);
		assert_int_equal(publisher_targets_version(city->publisher), found);
		snprintf(next, sizeof(next),
			 "%s/repository/metadata/%" PRId64 ".targets.json",
			 offline->fixture.state, found + 1);
		assert_false(file_exists(next));
		assert_ok(notice_get(city->db, "flu-2026", check_row, &marked, &err),
			  err);
		/* Even versions show the notice, odd ones from 3 on withdraw it. */
		assert_int_equal(marked, found % 2 == 0 ? NOTICE_PUBLISHED
					 : found == 1   ? NOTICE_DRAFT
							: NOTICE_WITHDRAWN);
		assert_ok(audit_verify(city->db, &rows, &err), err);
		version = found;
	} while (result == DIED);
	assert_true(interrupted && advanced);
	assert_true(steps > 20);
}

/* emergency.json as version @version: with an alarm when that is even. Owned. */
static char *sign_alarms(const struct fixture *fixture, int64_t version, char **out_text)
{
	struct notice alarm = fixture_notice("emergency-flood", version);
	const struct alarms alarms = {
		.published = clock_now().wall, .notices = &alarm, .notice_count = 1};
	struct wall_ms ends = {clock_now().wall.ms + 365 * DAY_MS};
	struct tuf_target target;
	struct err err = {0};
	char *role;
	size_t len;

	alarm.urgent = true;
	alarm.until.ms = alarm.from.ms + 2 * DAY_MS;
	*out_text = alarms_to_json(&alarms, &len, &err);
	assert_ok(*out_text != NULL, err);
	fixture_describe(&target, ALARM_PATH, *out_text, len);
	role = tuf_build_targets(version, ends, &target, version % 2 == 0 ? 1 : 0,
				 (const struct signer *const *)fixture->emergency, 1,
				 &len, &err);
	assert_ok(role != NULL, err);
	return role;
}

/* As publish_and_die(), of alarms. */
static int raise_and_die(struct offline *offline, int64_t version, const char *bearer,
			 int steps)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		char *text, *role = sign_alarms(&offline->fixture, version, &text);
		json_t *body = json_pack("{s:s}", "emergency", role);
		struct city *city = open_at(offline, clock_now().wall);
		char path[128] = "objects/";
		uint8_t hash[SHA256_SIZE];
		int answer;

		sha256(text, strlen(text), hash);
		hex_encode(hash, sizeof(hash), path + strlen(path));
		steps_to_live = steps;
		call(city, REQUEST_PUT, path, bearer, text);
		answer = call(city, REQUEST_POST, "emergency", bearer,
			      json_dumps(body, JSON_COMPACT));
		steps_to_live = -1;
		_exit(answer == 200 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Whatever the step: the alarm is on or not, and the next one comes through. */
static void alarm_killed_at_any_step_is_on_or_not(void **state)
{
	struct offline *offline = *state;
	struct city *city = open_at(offline, clock_now().wall);
	int64_t version = 1;
	bool interrupted = false, advanced = false;
	int steps = 0, result;
	char bearer[65];

	open_session(city, bearer);
	do {
		CLEANUP(blob_free) struct blob alarms = {0};
		struct err err = {0};
		int64_t found, rows;

		offline->city = city_close(offline->city);
		result = raise_and_die(offline, version + 1, bearer, steps++);
		assert_true(result == 0 || result == DIED);
		tuf_trust_free(fixture_verify(&offline->fixture, clock_now().wall));
		city = open_at(offline, clock_now().wall);
		found = publisher_emergency_version(city->publisher);
		assert_true(found == version || found == version + 1);
		if (result == 0)
			assert_int_equal(found, version + 1);
		interrupted |= found == version;
		advanced |= result == DIED && found == version + 1;
		assert_ok(publisher_read_alarms(city->publisher, clock_now().wall,
						&alarms, &err),
			  err);
		assert_int_equal(alarms.len > 0, found % 2 == 0);
		assert_ok(audit_verify(city->db, &rows, &err), err);
		version = found;
	} while (result == DIED);
	assert_true(interrupted && advanced);
}

/* What alarms leave behind goes like all else; what is on stays. */
static void old_alarms_are_cleared_away(void **state)
{
	struct offline *offline = *state;
	struct city *city = open_at(offline, clock_now().wall);
	struct wall_ms later = {clock_now().wall.ms + 60 * DAY_MS};
	CLEANUP(blob_free) struct blob alarms = {0};
	char bearer[65], path[PATH_MAX];
	struct err err = {0};
	size_t removed = 0;

	open_session(city, bearer);
	offline->city = city_close(offline->city);
	for (int64_t version = 2; version <= 6; version++)
		assert_int_equal(raise_and_die(offline, version, bearer, -1), 0);
	city = open_at(offline, clock_now().wall);
	assert_ok(city_prune(city, later, &removed, &err), err);
	assert_true(removed > 0);
	for (int version = 1; version <= 6; version++) {
		snprintf(path, sizeof(path), "%s/repository/metadata/%d.emergency.json",
			 offline->fixture.state, version);
		assert_int_equal(file_exists(path), version >= 5);
	}
	assert_ok(publisher_read_alarms(city->publisher, clock_now().wall, &alarms, &err),
		  err);
	assert_true(alarms.len > 0);
}

/* ---- Renewal ---- */

static void timestamp_is_signed_anew_at_half_its_life(void **state)
{
	struct offline *offline = *state;
	struct wall_ms start = clock_now().wall;
	struct city *city = open_at(offline, start);
	struct wall_ms later = {start.ms + TIMESTAMP_LIFE_DAYS * DAY_MS / 2 + 60000};
	struct tuf_trust *trust;
	struct err err = {0};

	assert_ok(city_renew(city, (struct wall_ms){start.ms + DAY_MS}, &err), err);
	assert_int_equal(publisher_timestamp_version(city->publisher), 1);
	assert_ok(city_renew(city, later, &err), err);
	assert_int_equal(publisher_timestamp_version(city->publisher), 2);
	assert_int_equal(publisher_snapshot_version(city->publisher), 1);
	trust = fixture_verify(&offline->fixture,
			       (struct wall_ms){start.ms + 4 * DAY_MS});
	assert_int_equal(tuf_timestamp_version(trust), 2);
	tuf_trust_free(trust);
	assert_ok(city_renew(city, later, &err), err);
	assert_int_equal(publisher_timestamp_version(city->publisher), 2);
}

static void snapshot_is_signed_anew_at_half_its_life(void **state)
{
	struct offline *offline = *state;
	struct wall_ms later = {clock_now().wall.ms + SNAPSHOT_LIFE_DAYS * DAY_MS / 2 +
				60000};
	struct city *city = open_at(offline, clock_now().wall);
	struct tuf_trust *trust;
	struct err err = {0};

	assert_ok(city_renew(city, later, &err), err);
	trust = fixture_verify(&offline->fixture, later);
	assert_int_equal(tuf_snapshot_version(trust), 2);
	assert_int_equal(tuf_timestamp_version(trust), 2);
	assert_int_equal(tuf_targets_version(trust), 1);
	tuf_trust_free(trust);
}

static void city_that_was_off_for_months_renews_when_it_starts(void **state)
{
	struct offline *offline = *state;
	struct wall_ms later = {clock_now().wall.ms + 100 * DAY_MS};

	open_at(offline, later);
	tuf_trust_free(fixture_verify(&offline->fixture, later));
}

static void city_whose_root_has_expired_still_serves_but_publishes_nothing(void **state)
{
	struct offline *offline = *state;
	struct wall_ms later = {clock_now().wall.ms + (ROOT_LIFE_DAYS + 1) * DAY_MS};
	struct city *city = open_at(offline, later);
	struct fixture_release release =
		fixture_sign(&offline->fixture, offline->fixture.targets, 2, 2, NULL, 0);
	struct err err = {0};

	assert_null(publisher_propose(city->publisher, release.signed_targets,
				      strlen(release.signed_targets), later, &err));
	assert_int_equal(err.code, ERR_EXPIRED);
	fixture_release_done(&release);
}

/* ---- Damage ---- */

static void damaged_state_is_told_at_the_start(void **state)
{
	static const struct {
		const char *name, *part;
	} files[] = {
		{"repository/metadata/timestamp.json", "timestamp"},
		{"repository/metadata/1.snapshot.json", "snapshot"},
		{"keys/timestamp.pem", "timestamp.pem"},
	};
	struct offline *offline = *state;
	const char *dir = offline->fixture.state;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		char *path = tmp_path(dir, files[i].name);
		struct err err = {0};
		size_t len;
		char *bytes = tmp_read(path, &len);

		tmp_write(dir, files[i].name, bytes, len / 2);
		offline->city =
			city_open(&offline->fixture.settings, clock_now().wall, &err);
		assert_null(offline->city);
		assert_non_null(strstr(err.text, files[i].part));
		tmp_write(dir, files[i].name, bytes, len);
		free(bytes);
		free(path);
	}
	open_at(offline, clock_now().wall);
}

static void state_that_is_not_there_is_told(void **state)
{
	struct city_settings settings = city_settings_default;
	struct offline *offline = *state;
	struct err err = {0};

	snprintf(settings.state, sizeof(settings.state), "%.4000s/absent",
		 offline->fixture.dir);
	assert_null(city_open(&settings, clock_now().wall, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "--init"));
}

/* ---- Init ---- */

static mode_t mode_of(const char *dir, const char *name)
{
	char *path = tmp_path(dir, name);
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	free(path);
	return status.st_mode & 0777;
}

static void secrets_are_for_their_owner_only(void **state)
{
	const struct offline *offline = *state;
	const char *dir = offline->fixture.dir;

	assert_int_equal(mode_of(dir, "targets.pem"), 0600);
	assert_int_equal(mode_of(dir, "roots"), 0700);
	assert_int_equal(mode_of(dir, "roots/root-1.pem"), 0600);
	assert_int_equal(mode_of(dir, "state/keys"), 0700);
	assert_int_equal(mode_of(dir, "state/keys/snapshot.pem"), 0600);
	assert_int_equal(mode_of(dir, "state/keys/timestamp.pem"), 0600);
}

static void init_changes_nothing_that_is_there(void **state)
{
	const struct offline *offline = *state;
	char *state_dir = offline->fixture.state;
	char *roots = tmp_path(offline->fixture.dir, "other-roots");
	char *key = tmp_path(offline->fixture.dir, "other-targets.pem");
	const struct init_options options = {
		.state = state_dir,
		.plan = FIXTURE_PLAN,
		.targets_keys = 1,
		.targets_threshold = 1,
		.root_keys = roots,
		.targets_key = key,
		.administrator = "second",
		.password = FIXTURE_PASSWORD,
	};
	struct err err = {0};

	assert_fails(init_state(&options, clock_now().wall, &err), err, ERR_CONFLICT,
		     "is there already");
	assert_false(file_exists(key));
	tuf_trust_free(fixture_verify(&offline->fixture, clock_now().wall));
	free(key);
	free(roots);
}

static void failed_init_leaves_nothing_behind(void **state)
{
	struct offline *offline = *state;
	char *dir = tmp_path(offline->fixture.dir, "fresh");
	char *keys = tmp_path(offline->fixture.dir, "fresh/keys");
	char *roots = tmp_path(offline->fixture.dir, "fresh-roots");
	/* Below a file: it can't be written, and it comes after all else was begun. */
	char *key = tmp_path(offline->fixture.dir, "targets.pem/new.pem");
	struct init_options options = {
		.state = dir,
		.plan = FIXTURE_PLAN,
		.targets_keys = 1,
		.targets_threshold = 1,
		.root_keys = roots,
		.targets_key = key,
		.administrator = "kanri",
		.password = FIXTURE_PASSWORD,
	};
	struct err err = {0};
	char *good = tmp_path(offline->fixture.dir, "fresh-targets.pem");

	assert_false(init_state(&options, clock_now().wall, &err));
	assert_false(file_exists(keys));
	options.targets_key = good;
	assert_ok(init_state(&options, clock_now().wall, &err), err);
	free(good);
	free(key);
	free(roots);
	free(keys);
	free(dir);
}

static void init_refuses_weak_passwords_and_broken_plans(void **state)
{
	struct offline *offline = *state;
	char *dir = tmp_path(offline->fixture.dir, "fresh");
	char *plan = tmp_path(offline->fixture.dir, "plan.json");
	struct init_options options = {
		.state = dir,
		.plan = FIXTURE_PLAN,
		.targets_keys = 1,
		.targets_threshold = 1,
		.root_keys = dir,
		.targets_key = dir,
		.administrator = "kanri",
		.password = "short",
	};
	struct err err = {0};

	assert_fails(init_state(&options, clock_now().wall, &err), err, ERR_INVALID,
		     "password");
	tmp_write(offline->fixture.dir, "plan.json", "{\"format\":", 10);
	options.password = FIXTURE_PASSWORD;
	options.plan = plan;
	assert_fails(init_state(&options, clock_now().wall, &err), err, ERR_INVALID,
		     "plan.json");
	assert_false(file_exists(dir));
	free(plan);
	free(dir);
}

static struct signer *read_key(const char *dir, const char *name)
{
	char *path = tmp_path(dir, name);
	struct err err = {0};
	struct signer *signer;
	size_t len;
	char *pem = tmp_read(path, &len);

	signer = signer_from_pem(pem, len, &err);
	assert_ok(signer != NULL, err);
	free(pem);
	free(path);
	return signer;
}

static void two_targets_keys_of_three_have_to_sign(void **state)
{
	struct offline *offline = *state;
	const char *dir = offline->fixture.dir;
	char *city = tmp_path(dir, "city"), *roots = tmp_path(dir, "city-roots");
	char *key = tmp_path(dir, "publish.d/key.pem"), *old = tmp_path(dir, "publish.d");
	struct init_options options = {
		.state = city,
		.plan = FIXTURE_PLAN,
		.targets_keys = 3,
		.targets_threshold = 2,
		.root_keys = roots,
		.targets_key = key,
		.administrator = "kanri",
		.password = FIXTURE_PASSWORD,
	};
	struct wall_ms now = clock_now().wall;
	const struct tuf_trust *trust;
	struct publisher *publisher;
	struct signer *signers[2];
	struct err err = {0};

	assert_ok(dir_make(old, 0700, &err), err);
	assert_ok(init_state(&options, now, &err), err);
	signers[0] = read_key(dir, "publish.d/key-3.pem");
	signers[1] = read_key(dir, "publish.d/key-1.pem");
	publisher = publisher_open(city, now, &err);
	assert_ok(publisher != NULL, err);
	trust = publisher_trust(publisher);
	for (size_t count = 1; count <= 2; count++) {
		size_t len;
		char *targets = tuf_build_targets(
			2, (struct wall_ms){now.ms + DAY_MS}, tuf_target_at(trust, 0),
			tuf_target_count(trust), (const struct signer *const *)signers,
			count, &len, &err);
		struct proposal *proposal =
			publisher_propose(publisher, targets, len, now, &err);

		if (count == 1) {
			assert_null(proposal);
			assert_int_equal(err.code, ERR_UNTRUSTED);
			assert_non_null(strstr(err.text, "1 of the 2 keys"));
		} else {
			assert_ok(proposal != NULL, err);
		}
		proposal_free(proposal);
		free(targets);
	}
	publisher_free(publisher);
	signer_free(signers[0]);
	signer_free(signers[1]);
	free(old);
	free(key);
	free(roots);
	free(city);
}

static void thresholds_that_no_keys_can_meet_are_refused(void **state)
{
	static const int wrong[][2] = {{0, 1}, {1, 0}, {1, 2}, {9, 1}, {-1, -1}};
	struct offline *offline = *state;
	char *dir = tmp_path(offline->fixture.dir, "fresh");
	struct init_options options = {
		.state = dir,
		.plan = FIXTURE_PLAN,
		.root_keys = dir,
		.targets_key = dir,
		.administrator = "kanri",
		.password = FIXTURE_PASSWORD,
	};
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		options.targets_keys = wrong[i][0];
		options.targets_threshold = wrong[i][1];
		assert_fails(init_state(&options, clock_now().wall, &err), err, ERR_USAGE,
			     "targets keys");
	}
	assert_false(file_exists(dir));
	free(dir);
}

#define with_state(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_state(killed_at_any_step_the_repository_is_whole),
		cmocka_unit_test_setup_teardown(alarm_killed_at_any_step_is_on_or_not,
						set_up_with_alarms, tear_down),
		cmocka_unit_test_setup_teardown(old_alarms_are_cleared_away,
						set_up_with_alarms, tear_down),
		with_state(timestamp_is_signed_anew_at_half_its_life),
		with_state(snapshot_is_signed_anew_at_half_its_life),
		with_state(city_that_was_off_for_months_renews_when_it_starts),
		with_state(
			city_whose_root_has_expired_still_serves_but_publishes_nothing),
		with_state(damaged_state_is_told_at_the_start),
		with_state(state_that_is_not_there_is_told),
		with_state(secrets_are_for_their_owner_only),
		with_state(init_changes_nothing_that_is_there),
		with_state(failed_init_leaves_nothing_behind),
		with_state(init_refuses_weak_passwords_and_broken_plans),
		with_state(two_targets_keys_of_three_have_to_sign),
		with_state(thresholds_that_no_keys_can_meet_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
