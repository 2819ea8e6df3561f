#include "os/file.h"
#include "os/watch.h"
#include "support/test.h"
#include "support/tmp.h"

#include <poll.h>
#include <unistd.h>

static int setup(void **state)
{
	*state = tmp_dir();
	return *state == NULL;
}

static int teardown(void **state)
{
	tmp_remove(*state);
	return 0;
}

static struct watch *watch_of(const char *directory)
{
	struct err err = {0};
	struct watch *watch = watch_new(directory, &err);

	assert_ok(watch, err);
	return watch;
}

static bool has_news(const struct watch *watch)
{
	struct pollfd fd = {.fd = watch_fd(watch), .events = POLLIN};

	return poll(&fd, 1, 0) == 1;
}

static void a_replaced_file_is_news_once(void **state)
{
	struct watch *watch = watch_of(*state);

	assert_false(has_news(watch));
	assert_false(watch_drain(watch, NULL));
	tmp_write(*state, "current", "1", 1);
	assert_true(has_news(watch));
	assert_true(watch_drain(watch, "current"));
	assert_false(has_news(watch));
	assert_false(watch_drain(watch, "current"));
	watch_free(watch);
}

static void another_file_is_no_news_of_this_one(void **state)
{
	struct watch *watch = watch_of(*state);

	tmp_write(*state, "other", "1", 1);
	tmp_write(*state, "current.json", "1", 1);
	assert_true(has_news(watch));
	assert_false(watch_drain(watch, "current"));
	assert_false(has_news(watch));
	tmp_write(*state, "other", "2", 1);
	assert_true(watch_drain(watch, NULL));
	watch_free(watch);
}

static void news_among_many_events_is_found(void **state)
{
	struct watch *watch = watch_of(*state);

	for (int i = 0; i < 100; i++) {
		char name[40];

		snprintf(name, sizeof(name), "a-file-with-a-longer-name-%d", i);
		tmp_write(*state, i == 3 ? "current" : name, "1", 1);
	}
	assert_true(watch_drain(watch, "current"));
	assert_false(has_news(watch));
	watch_free(watch);
}

static void a_file_written_in_place_is_news_when_closed(void **state)
{
	struct watch *watch = watch_of(*state);
	char *path = tmp_path(*state, "current");
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs("x", file);
	fflush(file);
	assert_false(has_news(watch));
	fclose(file);
	assert_true(watch_drain(watch, "current"));
	free(path);
	watch_free(watch);
}

static void a_directory_that_is_gone_is_news(void **state)
{
	char *path = tmp_path(*state, "d");
	struct err err = {0};
	struct watch *watch;

	assert_ok(dir_make(path, 0700, &err), err);
	watch = watch_of(path);
	assert_int_equal(rmdir(path), 0);
	assert_true(watch_drain(watch, "current"));
	free(path);
	watch_free(watch);
}

static void a_missing_directory_cannot_be_watched(void **state)
{
	char *path = tmp_path(*state, "none");
	struct err err = {0};

	assert_fails(watch_new(path, &err), err, ERR_NOT_FOUND, "none");
	tmp_write(*state, "none", "a file", 6);
	assert_fails(watch_new(path, &err), err, ERR_NOT_FOUND, "none");
	free(path);
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	assert_null(watch_free(NULL));
}

int main(void)
{
#define in_a_directory(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		in_a_directory(a_replaced_file_is_news_once),
		in_a_directory(another_file_is_no_news_of_this_one),
		in_a_directory(news_among_many_events_is_found),
		in_a_directory(a_file_written_in_place_is_news_when_closed),
		in_a_directory(a_directory_that_is_gone_is_news),
		in_a_directory(a_missing_directory_cannot_be_watched),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
