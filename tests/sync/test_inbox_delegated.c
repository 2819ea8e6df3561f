/* What the courier hands over of delegated roles: their metadata, and their objects. */
#include "sync/inbox.h"

#include <dirent.h>

#include "os/file.h"
#include "support/http_server.h"
#include "support/metadata.h"
#include "support/repository.h"
#include "support/test.h"
#include "support/tmp.h"
#include "sync/http.h"
#include "sync/repository.h"
#include "wire/digest.h"
#include "wire/key.h"
#include "wire/tuf_build.h"

#define ALARM "{\"alarm\": 1}"
#define LATER "2026-12-24T00:00:00Z"
#define ENDED "2026-11-21T00:00:00Z"

struct fixture {
	struct test_repository served;
	struct signer *alarm; /* the key of the role */
	struct http_server *server;
	struct http *http;
	struct repository repository;
	struct inbox *inbox;
	char *inbox_dir, *root_path;
	char metadata_url[128], targets_url[128];
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct http_options options = {0};
	struct err err = {0};

	test_repository_init(&fixture->served);
	fixture->alarm = signer_generate(&err);
	assert_ok(fixture->alarm != NULL, err);
	fixture->server = http_server_start(fixture->served.dir, NULL, NULL);
	fixture->http = http_new(&options, &err);
	fixture->inbox_dir = tmp_dir();
	fixture->root_path = test_repository_root_path(&fixture->served);
	snprintf(fixture->metadata_url, sizeof(fixture->metadata_url), "%s/metadata",
		 http_server_url(fixture->server));
	snprintf(fixture->targets_url, sizeof(fixture->targets_url), "%s/targets",
		 http_server_url(fixture->server));
	fixture->repository = (struct repository){
		.metadata_url = fixture->metadata_url,
		.targets_url = fixture->targets_url,
		.http = fixture->http,
	};
	fixture->inbox = inbox_new(fixture->inbox_dir, fixture->root_path, &err);
	assert_ok(fixture->inbox != NULL, err);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	inbox_free(fixture->inbox);
	http_free(fixture->http);
	http_server_stop(fixture->server);
	tmp_remove(fixture->inbox_dir);
	free(fixture->root_path);
	signer_free(fixture->alarm);
	test_repository_done(&fixture->served);
	free(fixture);
	return 0;
}

static char *read_served(struct fixture *fixture, const char *role)
{
	char name[64], *path, *text;

	snprintf(name, sizeof(name), "metadata/%lld.%s.json",
		 (long long)fixture->served.version, role);
	path = tmp_path(fixture->served.dir, name);
	text = tmp_read(path, NULL);
	free(path);
	return text;
}

static void write_served(struct fixture *fixture, int64_t version, const char *role,
			 const char *text)
{
	char name[64];

	snprintf(name, sizeof(name), "metadata/%lld.%s.json", (long long)version, role);
	tmp_write(fixture->served.dir, name, text, strlen(text));
}

/* The role's file, which lists one target under @path, and that target. */
static void write_alarm(struct fixture *fixture, int64_t version, const char *expires,
			const char *path)
{
	const struct signer *signers[] = {fixture->alarm};
	uint8_t hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE], content[1000], name[300], *file, *folder;
	struct err err = {0};

	sha256(ALARM, strlen(ALARM), hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(
		content, sizeof(content),
		"{\"_type\": \"targets\", \"spec_version\": \"1.0.34\", \"version\": %lld,"
		"\"expires\": \"%s\", \"targets\": {\"%s\": {\"length\": %zu, \"hashes\": "
		"{\"sha256\": \"%s\"}}}}",
		(long long)version, expires, path, strlen(ALARM), hex);
	file = metadata_sign(content, signers, 1);
	write_served(fixture, version, "emergency", file);
	free(file);
	folder = tmp_path(fixture->served.dir, "targets/emergency");
	assert_ok(dir_make(folder, 0700, &err), err);
	free(folder);
	snprintf(name, sizeof(name), "targets/emergency/%s.alarm.json", hex);
	tmp_write(fixture->served.dir, name, ALARM, strlen(ALARM));
}

/* Publishes with emergency/ delegated to a role whose file has this version; 0: to nobody. */
static void publish(struct fixture *fixture, int64_t alarm_version)
{
	struct test_repository *served = &fixture->served;
	const struct signer *targets_signers[] = {served->targets};
	const struct signer *online[] = {served->online};
	char *file, *content, *delegations, *with, meta[200];
	struct err err = {0};
	size_t len;

	test_repository_publish(served, "{\"plan\": 1}", "{\"programme\": 1}");
	if (alarm_version == 0)
		return;
	file = read_served(fixture, "targets");
	content = metadata_content(file);
	delegations =
		metadata_delegations("emergency", fixture->alarm, "[\"emergency/*\"]", 1);
	with = metadata_set(content, "delegations", delegations);
	free(file);
	file = metadata_sign(with, targets_signers, 1);
	write_served(fixture, served->version, "targets", file);
	free(content);
	free(delegations);
	free(with);
	free(file);

	file = read_served(fixture, "snapshot");
	content = metadata_content(file);
	snprintf(
		meta, sizeof(meta),
		"{\"targets.json\": {\"version\": %lld}, \"emergency.json\": {\"version\": "
		"%lld}}",
		(long long)served->version, (long long)alarm_version);
	with = metadata_set(content, "meta", meta);
	free(file);
	file = metadata_sign(with, online, 1);
	write_served(fixture, served->version, "snapshot", file);
	free(content);
	free(with);
	content = tuf_build_timestamp(served->version, served->expires, file,
				      strlen(file), served->online, &len, &err);
	assert_ok(content != NULL, err);
	tmp_write(served->dir, "metadata/timestamp.json", content, len);
	free(content);
	free(file);
}

static bool update(struct fixture *fixture, bool *out_changed, struct err *err)
{
	return inbox_update(fixture->inbox, &fixture->repository, TEST_REPOSITORY_NOW,
			    out_changed, err);
}

static void must_update(struct fixture *fixture, bool expect_change)
{
	struct err err = {0};
	bool changed = !expect_change;

	assert_ok(update(fixture, &changed, &err), err);
	assert_int_equal(changed, expect_change);
}

static size_t count_in(struct fixture *fixture, const char *folder)
{
	char *path = tmp_path(fixture->inbox_dir, folder);
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	free(path);
	return count;
}

/* Whether the set in effect holds @name. */
static bool set_has(struct fixture *fixture, const char *name)
{
	char *path = tmp_path(fixture->inbox_dir, "current");
	char *current = tmp_read(path, NULL), inner[300];
	bool there;

	free(path);
	snprintf(inner, sizeof(inner), "sets/%s/%s", current, name);
	path = tmp_path(fixture->inbox_dir, inner);
	there = file_exists(path);
	free(path);
	free(current);
	return there;
}

static void delegated_role_and_its_object_are_handed_over(void **state)
{
	struct fixture *fixture = *state;
	unsigned requests;

	write_alarm(fixture, 3, LATER, "emergency/alarm.json");
	publish(fixture, 3);
	must_update(fixture, true);
	assert_true(set_has(fixture, "emergency.json"));
	assert_int_equal(count_in(fixture, "objects"), 3);
	/* With nothing new, nothing more than the next root and the timestamp is fetched. */
	requests = http_server_requests(fixture->server);
	must_update(fixture, false);
	assert_int_equal(http_server_requests(fixture->server) - requests, 2);
	/* A new version of the role alone is news. */
	write_alarm(fixture, 4, LATER, "emergency/alarm.json");
	publish(fixture, 4);
	must_update(fixture, true);
	assert_int_equal(count_in(fixture, "objects"), 3);
}

static void role_that_is_none_any_more_goes_with_its_object(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	bool changed = false;

	write_alarm(fixture, 3, LATER, "emergency/alarm.json");
	publish(fixture, 3);
	must_update(fixture, true);
	/* A snapshot that does not list it any more is a rollback (§5.5.5), … */
	publish(fixture, 0);
	assert_fails(update(fixture, &changed, &err), err, ERR_UNTRUSTED, "rollback");
	assert_true(set_has(fixture, "emergency.json"));
	/* … but after new online keys it need not be listed. */
	test_repository_rotate(&fixture->served);
	publish(fixture, 0);
	must_update(fixture, true);
	assert_false(set_has(fixture, "emergency.json"));
	assert_int_equal(count_in(fixture, "objects"), 2);
}

static void target_outside_the_delegation_is_not_fetched(void **state)
{
	struct fixture *fixture = *state;

	write_alarm(fixture, 3, LATER, "notices/alarm.json");
	publish(fixture, 3);
	must_update(fixture, true);
	assert_int_equal(count_in(fixture, "objects"), 2);
}

/* The display has to see for itself that a role has ended, so its file comes along. */
static void role_past_its_end_is_handed_over_without_its_object(void **state)
{
	struct fixture *fixture = *state;

	write_alarm(fixture, 3, ENDED, "emergency/alarm.json");
	publish(fixture, 3);
	must_update(fixture, true);
	assert_true(set_has(fixture, "emergency.json"));
	assert_int_equal(count_in(fixture, "objects"), 2);
}

static void wrong_role_keeps_the_last_set(void **state)
{
	struct fixture *fixture = *state;
	struct signer *stranger, *own = fixture->alarm;
	struct err err = {0};
	bool changed = false;

	write_alarm(fixture, 3, LATER, "emergency/alarm.json");
	publish(fixture, 3);
	must_update(fixture, true);

	stranger = signer_generate(&err);
	assert_ok(stranger != NULL, err);
	fixture->alarm = stranger;
	write_alarm(fixture, 4, LATER, "emergency/alarm.json");
	fixture->alarm = own;
	publish(fixture, 4);
	assert_fails(update(fixture, &changed, &err), err, ERR_UNTRUSTED,
		     "emergency.json: signed by 0");
	assert_int_equal(inbox_timestamp_version(fixture->inbox), 1);
	publish(fixture, 5);
	assert_fails(update(fixture, &changed, &err), err, ERR_NOT_FOUND, "5.emergency");
	assert_int_equal(inbox_timestamp_version(fixture->inbox), 1);
	write_alarm(fixture, 5, LATER, "emergency/alarm.json");
	must_update(fixture, true);
	signer_free(stranger);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(delegated_role_and_its_object_are_handed_over),
		TEST(role_that_is_none_any_more_goes_with_its_object),
		TEST(target_outside_the_delegation_is_not_fetched),
		TEST(role_past_its_end_is_handed_over_without_its_object),
		TEST(wrong_role_keeps_the_last_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
