#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "city_fixture.h"

#include "city/prune.h"

#define KEEP_DAYS 30

/* Puts the time at which @name of the state was written @days into the past. */
static void age(const struct fixture *fixture, const char *name, int days)
{
	char *path = tmp_path(fixture->state, name);
	int64_t then = clock_now().wall.ms / 1000 - (int64_t)days * 86400;
	const struct timespec times[2] = {{.tv_sec = then}, {.tv_sec = then}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	free(path);
}

/* As age(), for every file of a folder of the state. */
static void age_all(const struct fixture *fixture, const char *folder, int days)
{
	char *path = tmp_path(fixture->state, folder);
	DIR *dir = opendir(path);
	const struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char name[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", folder, entry->d_name);
		age(fixture, name, days);
	}
	closedir(dir);
	free(path);
}

static void age_everything(const struct fixture *fixture, int days)
{
	age_all(fixture, "repository/metadata", days);
	age_all(fixture, "repository/targets", days);
	age_all(fixture, "objects", days);
}

static size_t count_files(const struct fixture *fixture, const char *folder)
{
	char *path = tmp_path(fixture->state, folder);
	DIR *dir = opendir(path);
	const struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	free(path);
	return count;
}

static bool has(const struct fixture *fixture, const char *name)
{
	char *path = tmp_path(fixture->state, name);
	bool found = file_exists(path);

	free(path);
	return found;
}

static size_t prune(const struct fixture *fixture)
{
	size_t removed = 0;
	struct err err = {0};

	assert_ok(prune_repository(fixture->city->publisher, fixture->state,
				   clock_now().wall, KEEP_DAYS, &removed, &err),
		  err);
	return removed;
}

static void publish_up_to(const struct fixture *fixture, int64_t last)
{
	for (int64_t version = 2; version <= last; version++)
		fixture_publish(fixture, version, "flu-2026", 1, NULL);
}

static void young_versions_stay(void **state)
{
	const struct fixture *fixture = *state;

	publish_up_to(fixture, 5);
	age_everything(fixture, KEEP_DAYS - 1);
	assert_int_equal(prune(fixture), 0);
	assert_true(has(fixture, "repository/metadata/1.targets.json"));
}

static void old_versions_go_but_the_last_two_and_every_root(void **state)
{
	const struct fixture *fixture = *state;

	publish_up_to(fixture, 5);
	age_everything(fixture, 10 * KEEP_DAYS);
	/* Three of targets, of snapshot, of programme as target and as object. */
	assert_int_equal(prune(fixture), 12);
	for (int version = 1; version <= 5; version++) {
		char name[64];

		snprintf(name, sizeof(name), "repository/metadata/%d.targets.json",
			 version);
		assert_int_equal(has(fixture, name), version >= 4);
		snprintf(name, sizeof(name), "repository/metadata/%d.snapshot.json",
			 version);
		assert_int_equal(has(fixture, name), version >= 4);
	}
	assert_true(has(fixture, "repository/metadata/1.root.json"));
	assert_int_equal(count_files(fixture, "repository/targets"), 3);
	assert_int_equal(count_files(fixture, "objects"), 3);
	tuf_trust_free(fixture_verify(fixture, clock_now().wall));
	assert_int_equal(prune(fixture), 0);
	/* And it goes on. */
	fixture_publish(fixture, 6, NULL, 0, "flu-2026");
}

/* A screen may have fetched the timestamp just before a newer version came. */
static void version_that_was_in_force_until_yesterday_stays(void **state)
{
	const struct fixture *fixture = *state;

	publish_up_to(fixture, 4);
	age_everything(fixture, 10 * KEEP_DAYS);
	age(fixture, "repository/metadata/3.targets.json", 1);
	age(fixture, "repository/metadata/4.targets.json", 1);
	age(fixture, "repository/metadata/3.snapshot.json", 1);
	age(fixture, "repository/metadata/4.snapshot.json", 1);
	assert_int_equal(prune(fixture), 4);
	assert_false(has(fixture, "repository/metadata/1.targets.json"));
	assert_true(has(fixture, "repository/metadata/2.targets.json"));
	assert_true(has(fixture, "repository/metadata/2.snapshot.json"));
	assert_int_equal(count_files(fixture, "repository/targets"), 4);
}

static void object_that_was_never_published_stays(void **state)
{
	const struct fixture *fixture = *state;
	char path[128] = "/api/v1/objects/";
	uint8_t hash[SHA256_SIZE];

	sha256("draft", 5, hash);
	hex_encode(hash, sizeof(hash), path + strlen(path));
	json_decref(fixture_call(fixture, "PUT", path, "draft", 200));
	publish_up_to(fixture, 5);
	age_everything(fixture, 10 * KEEP_DAYS);
	prune(fixture);
	assert_true(has(fixture, path + strlen("/api/v1/")));
}

static void damaged_metadata_stops_it_before_anything_goes(void **state)
{
	const struct fixture *fixture = *state;
	size_t removed = 0, metadata, targets;
	struct err err = {0};

	publish_up_to(fixture, 5);
	tmp_write(fixture->state, "repository/metadata/3.targets.json", "{\"sig", 5);
	age_everything(fixture, 10 * KEEP_DAYS);
	metadata = count_files(fixture, "repository/metadata");
	targets = count_files(fixture, "repository/targets");
	assert_fails(prune_repository(fixture->city->publisher, fixture->state,
				      clock_now().wall, KEEP_DAYS, &removed, &err),
		     err, ERR_INVALID, "3.targets.json");
	assert_int_equal(count_files(fixture, "repository/metadata"), metadata);
	assert_int_equal(count_files(fixture, "repository/targets"), targets);
}

/* The server's own pruning must find nothing here. */
static int set_up(void **state)
{
	struct fixture *fixture = fixture_new();

	pthread_mutex_lock(&fixture->city->lock);
	fixture->settings.keep_days = 3650;
	pthread_mutex_unlock(&fixture->city->lock);
	*state = fixture;
	return 0;
}

#define with_city(test) cmocka_unit_test_setup_teardown(test, set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_city(young_versions_stay),
		with_city(old_versions_go_but_the_last_two_and_every_root),
		with_city(version_that_was_in_force_until_yesterday_stays),
		with_city(object_that_was_never_published_stays),
		with_city(damaged_metadata_stops_it_before_anything_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
