#include "sync/inbox.h"

#include <dirent.h>
#include <unistd.h>

#include "support/http_server.h"
#include "support/repository.h"
#include "support/test.h"
#include "support/tmp.h"
#include "sync/http.h"
#include "sync/repository.h"

/* The courier's inbox, filled over real HTTP from a repository on disk. */
struct fixture {
	struct test_repository served;
	struct http_server *server;
	struct http *http;
	struct repository repository;
	struct inbox *inbox;
	char *inbox_dir, *root_path;
	char metadata_url[128], targets_url[128];
};

static struct inbox *open_inbox(struct fixture *fixture)
{
	struct err err = {0};
	struct inbox *inbox = inbox_new(fixture->inbox_dir, fixture->root_path, &err);

	assert_ok(inbox != NULL, err);
	return inbox;
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct http_options options = {0};
	struct err err = {0};

	test_repository_init(&fixture->served);
	test_repository_publish(&fixture->served, "{\"plan\": 1}", "{\"programme\": 1}");
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
	fixture->inbox = open_inbox(fixture);
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
	test_repository_done(&fixture->served);
	free(fixture);
	return 0;
}

static bool update(struct fixture *fixture, bool *out_changed, struct err *err)
{
	return inbox_update(fixture->inbox, &fixture->repository, TEST_REPOSITORY_NOW,
			    out_changed, err);
}

/* The name of the set in effect; "" when there is none. Static. */
static const char *current(struct fixture *fixture)
{
	static char name[128];
	char *path = tmp_path(fixture->inbox_dir, "current");
	FILE *file = fopen(path, "r");

	name[0] = '\0';
	if (file) {
		assert_non_null(fgets(name, sizeof(name), file));
		fclose(file);
	}
	free(path);
	return name;
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

static void must_update(struct fixture *fixture, bool expect_change)
{
	struct err err = {0};
	bool changed = !expect_change;

	assert_ok(update(fixture, &changed, &err), err);
	assert_int_equal(changed, expect_change);
}

static void first_update_hands_over_a_whole_set(void **state)
{
	struct fixture *fixture = *state;
	char name[256];
	char *path;

	must_update(fixture, true);
	assert_int_equal(inbox_timestamp_version(fixture->inbox), 1);
	assert_int_equal(count_in(fixture, "objects"), 2);
	snprintf(name, sizeof(name), "sets/%s/targets.json", current(fixture));
	path = tmp_path(fixture->inbox_dir, name);
	assert_int_equal(access(path, R_OK), 0);
	free(path);
}

static void no_news_costs_one_file_and_switches_nothing(void **state)
{
	struct fixture *fixture = *state;
	char before[128];
	unsigned requests;

	must_update(fixture, true);
	snprintf(before, sizeof(before), "%s", current(fixture));
	requests = http_server_requests(fixture->server);
	must_update(fixture, false);
	assert_string_equal(current(fixture), before);
	/* The next root, which is not there, and the timestamp. */
	assert_int_equal(http_server_requests(fixture->server) - requests, 2);
}

static void new_programme_replaces_only_what_changed(void **state)
{
	struct fixture *fixture = *state;
	unsigned requests;

	must_update(fixture, true);
	test_repository_publish(&fixture->served, "{\"plan\": 1}", "{\"programme\": 2}");
	requests = http_server_requests(fixture->server);
	must_update(fixture, true);
	/* Next root, timestamp, snapshot, targets, and one target file. */
	assert_int_equal(http_server_requests(fixture->server) - requests, 5);
	assert_int_equal(inbox_timestamp_version(fixture->inbox), 2);
	assert_int_equal(count_in(fixture, "objects"), 2);
	assert_int_equal(count_in(fixture, "sets"), 2);
	test_repository_publish(&fixture->served, "{\"plan\": 1}", "{\"programme\": 3}");
	must_update(fixture, true);
	assert_int_equal(count_in(fixture, "sets"), 2);
}

static void spoil(struct fixture *fixture, const char *folder)
{
	char *path = tmp_path(fixture->served.dir, folder);
	DIR *dir = opendir(path);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			tmp_write(path, entry->d_name, "{\"plan\": 9}", 11);
	closedir(dir);
	free(path);
}

static void target_that_was_tampered_with_is_not_handed_over(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	char before[128];
	bool changed = false;

	must_update(fixture, true);
	snprintf(before, sizeof(before), "%s", current(fixture));
	test_repository_publish(&fixture->served, "{\"plan\": 2}", "{\"programme\": 2}");
	spoil(fixture, "targets");
	assert_fails(update(fixture, &changed, &err), err, ERR_UNTRUSTED, "plan.json");
	assert_string_equal(current(fixture), before);
	assert_int_equal(inbox_timestamp_version(fixture->inbox), 1);
}

static void metadata_that_was_tampered_with_is_not_handed_over(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	bool changed = false;

	spoil(fixture, "metadata");
	assert_false(update(fixture, &changed, &err));
	assert_string_equal(current(fixture), "");
}

static void new_root_is_followed(void **state)
{
	struct fixture *fixture = *state;

	must_update(fixture, true);
	test_repository_rotate(&fixture->served);
	test_repository_publish(&fixture->served, "{\"plan\": 2}", "{\"programme\": 2}");
	must_update(fixture, true);
	assert_int_equal(inbox_timestamp_version(fixture->inbox), 2);
	must_update(fixture, false);
}

static void rollback_after_a_restart_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	bool changed = false;
	char *path = tmp_path(fixture->served.dir, "metadata/timestamp.json");
	size_t len = 0;
	char *old = tmp_read(path, &len);

	test_repository_publish(&fixture->served, "{\"plan\": 2}", "{\"programme\": 2}");
	must_update(fixture, true);
	inbox_free(fixture->inbox);
	fixture->inbox = open_inbox(fixture);
	tmp_write(fixture->served.dir, "metadata/timestamp.json", old, len);
	assert_fails(update(fixture, &changed, &err), err, ERR_UNTRUSTED, "timestamp");
	free(old);
	free(path);
}

static void restart_without_news_switches_nothing(void **state)
{
	struct fixture *fixture = *state;
	char before[128];

	must_update(fixture, true);
	snprintf(before, sizeof(before), "%s", current(fixture));
	inbox_free(fixture->inbox);
	fixture->inbox = open_inbox(fixture);
	must_update(fixture, false);
	assert_string_equal(current(fixture), before);
	assert_int_equal(inbox_timestamp_version(fixture->inbox), 1);
}

static void object_that_somebody_removed_is_fetched_again(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	char *objects = tmp_path(fixture->inbox_dir, "objects");
	DIR *dir;
	struct dirent *entry;

	must_update(fixture, true);
	dir = opendir(objects);
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		if (entry->d_name[0] != '.')
			assert_int_equal(unlinkat(dirfd(dir), entry->d_name, 0), 0);
	closedir(dir);
	free(objects);
	(void)err;
	must_update(fixture, false);
	assert_int_equal(count_in(fixture, "objects"), 2);
}

static void no_server_leaves_everything_as_it_was(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	bool changed = false;
	char before[128];

	must_update(fixture, true);
	snprintf(before, sizeof(before), "%s", current(fixture));
	fixture->repository.metadata_url = "http://127.0.0.1:1/metadata";
	assert_fails(update(fixture, &changed, &err), err, ERR_RETRY, "127.0.0.1:1");
	assert_string_equal(current(fixture), before);
}

static void box_without_root_says_how_to_enrol(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};

	assert_null(inbox_new(fixture->inbox_dir, "/nonexistent/root.json", &err));
	assert_non_null(strstr(err.text, "ekimaectl screen enrol"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(first_update_hands_over_a_whole_set),
		TEST(no_news_costs_one_file_and_switches_nothing),
		TEST(new_programme_replaces_only_what_changed),
		TEST(target_that_was_tampered_with_is_not_handed_over),
		TEST(metadata_that_was_tampered_with_is_not_handed_over),
		TEST(new_root_is_followed),
		TEST(rollback_after_a_restart_is_refused),
		TEST(restart_without_news_switches_nothing),
		TEST(object_that_somebody_removed_is_fetched_again),
		TEST(no_server_leaves_everything_as_it_was),
		TEST(box_without_root_says_how_to_enrol),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
