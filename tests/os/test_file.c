#include "os/file.h"
#include "support/test.h"
#include "support/tmp.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

/* "@dir/@name" until the next call. */
static const char *in(const char *dir, const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static size_t entries_in(const char *path)
{
	DIR *dir = opendir(path);
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2; /* "." and ".." */
}

static void a_written_file_is_read_back(void **state)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct err err = {0};
	char bytes[100000];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7);
	assert_ok(file_write_atomic(in(*state, "f"), bytes, sizeof(bytes), 0600, &err),
		  err);
	assert_ok(file_read(in(*state, "f"), sizeof(bytes), &blob, &err), err);
	assert_int_equal(blob.len, sizeof(bytes));
	assert_memory_equal(blob.bytes, bytes, sizeof(bytes));
	assert_int_equal(blob.bytes[blob.len], 0);
}

static void an_empty_file_is_an_empty_text(void **state)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct err err = {0};

	tmp_write(*state, "empty", "", 0);
	assert_ok(file_read(in(*state, "empty"), 0, &blob, &err), err);
	assert_int_equal(blob.len, 0);
	assert_string_equal(blob.bytes, "");
}

static void a_file_of_proc_is_read_though_its_size_is_zero(void **state)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct err err = {0};

	(void)state;
	assert_ok(file_read("/proc/self/status", 65536, &blob, &err), err);
	assert_true(blob.len > 100);
	assert_non_null(strstr(blob.bytes, "\nPid:"));
	blob_free(&blob);
	assert_fails(file_read("/proc/self/status", 100, &blob, &err), err, ERR_TOO_LARGE,
		     "100 bytes");
}

static void a_file_over_the_maximum_is_refused(void **state)
{
	struct blob blob = {0};
	struct err err = {0};

	tmp_write(*state, "f", "12345", 5);
	assert_fails(file_read(in(*state, "f"), 4, &blob, &err), err, ERR_TOO_LARGE,
		     "maximum of 4 bytes");
	assert_null(blob.bytes);
}

static void a_missing_file_is_not_found(void **state)
{
	struct blob blob = {0};
	struct err err = {0};

	assert_fails(file_read(in(*state, "none"), 10, &blob, &err), err, ERR_NOT_FOUND,
		     "none");
	assert_fails(file_read(in(*state, "none/at/all"), 10, &blob, &err), err,
		     ERR_NOT_FOUND, "none/at/all");
}

static void a_link_is_refused(void **state)
{
	struct blob blob = {0};
	struct err err = {0};

	tmp_write(*state, "secret", "x", 1);
	assert_int_equal(symlink("secret", in(*state, "link")), 0);
	assert_fails(file_read(in(*state, "link"), 10, &blob, &err), err, ERR_INVALID,
		     "symbolic link");
	assert_int_equal(symlink("nowhere", in(*state, "dangling")), 0);
	assert_fails(file_read(in(*state, "dangling"), 10, &blob, &err), err, ERR_INVALID,
		     "symbolic link");
}

/* A pipe without a writer must not hold us up: a test that hangs has failed. */
static void what_is_no_regular_file_is_refused(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct blob blob = {0};
	struct err err = {0};
	int fd;

	assert_int_equal(mkfifo(in(*state, "pipe"), 0600), 0);
	assert_fails(file_read(in(*state, "pipe"), 10, &blob, &err), err, ERR_INVALID,
		     "not a regular file");
	assert_fails(file_read(*state, 10, &blob, &err), err, ERR_INVALID,
		     "not a regular file");
	assert_fails(file_read("/dev/zero", 10, &blob, &err), err, ERR_INVALID,
		     "not a regular file");

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", in(*state, "socket"));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_fails(file_read(in(*state, "socket"), 10, &blob, &err), err, ERR_INVALID,
		     "not a regular file");
	close(fd);
}

static void reading_below_an_open_directory_finds_its_file(void **state)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct err err = {0};
	int fd;

	tmp_write(*state, "f", "abc", 3);
	fd = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_ok(file_read_at(fd, "f", 10, &blob, &err), err);
	assert_string_equal(blob.bytes, "abc");
	close(fd);
}

static void a_freed_blob_is_empty_and_can_be_freed_again(void **state)
{
	struct blob blob = {malloc(3), 3};

	(void)state;
	blob_free(&blob);
	assert_null(blob.bytes);
	assert_int_equal(blob.len, 0);
	blob_free(&blob);
}

static void writing_replaces_the_file_and_leaves_nothing_behind(void **state)
{
	struct stat status;
	struct err err = {0};
	char *text;

	tmp_write(*state, "f", "old and longer", 14);
	assert_ok(file_write_atomic(in(*state, "f"), "new", 3, 0640, &err), err);
	text = tmp_read(in(*state, "f"), NULL);
	assert_string_equal(text, "new");
	free(text);
	assert_int_equal(stat(in(*state, "f"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0640);
	assert_int_equal(entries_in(*state), 1);
}

static void the_mode_does_not_depend_on_the_umask(void **state)
{
	struct stat status;
	struct err err = {0};
	mode_t old = umask(0777);

	assert_ok(file_write_atomic(in(*state, "f"), "x", 1, 0644, &err), err);
	umask(old);
	assert_int_equal(stat(in(*state, "f"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0644);
}

static void writing_over_a_link_replaces_the_link(void **state)
{
	struct err err = {0};
	struct stat status;
	char *text;

	tmp_write(*state, "target", "kept", 4);
	assert_int_equal(symlink("target", in(*state, "link")), 0);
	assert_ok(file_write_atomic(in(*state, "link"), "new", 3, 0600, &err), err);
	assert_int_equal(lstat(in(*state, "link"), &status), 0);
	assert_true(S_ISREG(status.st_mode));
	text = tmp_read(in(*state, "target"), NULL);
	assert_string_equal(text, "kept");
	free(text);
}

static void a_failed_write_leaves_the_old_file_and_nothing_else(void **state)
{
	struct err err = {0};
	char name[400];

	assert_int_equal(mkdir(in(*state, "d"), 0700), 0);
	assert_fails(file_write_atomic(in(*state, "d"), "x", 1, 0600, &err), err, ERR_IO,
		     "rename");
	assert_int_equal(entries_in(*state), 1);
	assert_fails(file_write_atomic(in(*state, "no/f"), "x", 1, 0600, &err), err,
		     ERR_NOT_FOUND, "no");
	assert_fails(file_write_atomic(in(*state, "d/"), "x", 1, 0600, &err), err,
		     ERR_INVALID, "does not name a file");
	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_fails(file_write_atomic(in(*state, name), "x", 1, 0600, &err), err, ERR_IO,
		     "rename");
	assert_int_equal(entries_in(*state), 1);
}

struct racer {
	const char *path;
	char fill;
};

static void *write_many(void *context)
{
	const struct racer *racer = context;
	struct err err = {0};
	char bytes[5000];

	memset(bytes, racer->fill, sizeof(bytes));
	for (int i = 0; i < 30; i++) {
		if (!file_write_atomic(racer->path, bytes, sizeof(bytes), 0600, &err))
			return context;
	}
	return NULL;
}

static void a_reader_sees_one_of_two_writers_whole(void **state)
{
	char *path = tmp_path(*state, "f");
	struct racer a = {path, 'a'}, b = {path, 'b'};
	void *failed_a, *failed_b;
	pthread_t thread_a, thread_b;

	tmp_write(*state, "f", "", 0);
	assert_int_equal(pthread_create(&thread_a, NULL, write_many, &a), 0);
	assert_int_equal(pthread_create(&thread_b, NULL, write_many, &b), 0);
	for (int i = 0; i < 200; i++) {
		size_t len;
		char *text = tmp_read(path, &len);

		assert_true(len == 0 || len == 5000);
		for (size_t at = 1; at < len; at++)
			assert_int_equal(text[at], text[0]);
		free(text);
	}
	pthread_join(thread_a, &failed_a);
	pthread_join(thread_b, &failed_b);
	assert_null(failed_a);
	assert_null(failed_b);
	assert_int_equal(entries_in(*state), 1);
	free(path);
}

static void a_path_of_directories_is_made_once_and_again(void **state)
{
	struct err err = {0};
	struct stat status;

	assert_ok(dir_make(in(*state, "a/b//c/"), 0750, &err), err);
	assert_ok(dir_make(in(*state, "a/b/c"), 0750, &err), err);
	assert_int_equal(stat(in(*state, "a/b/c"), &status), 0);
	assert_true(S_ISDIR(status.st_mode));
	assert_int_equal(status.st_mode & 0777, 0750);
	assert_ok(dir_make("/", 0755, &err), err);
}

static void a_file_in_the_way_of_a_directory_is_an_error(void **state)
{
	struct err err = {0};

	tmp_write(*state, "f", "x", 1);
	assert_fails(dir_make(in(*state, "f"), 0700, &err), err, ERR_CONFLICT,
		     "not a directory");
	assert_fails(dir_make(in(*state, "f/g"), 0700, &err), err, ERR_IO, "mkdir");
	assert_fails(dir_make("", 0700, &err), err, ERR_INVALID, "empty");
}

static void a_tree_is_removed_but_not_what_its_links_point_to(void **state)
{
	struct err err = {0};

	assert_ok(dir_make(in(*state, "kept"), 0700, &err), err);
	tmp_write(*state, "kept/f", "x", 1);
	assert_ok(dir_make(in(*state, "tree/a/b"), 0700, &err), err);
	tmp_write(*state, "tree/a/b/f", "x", 1);
	tmp_write(*state, "tree/g", "x", 1);
	assert_int_equal(symlink("../../kept", in(*state, "tree/a/link")), 0);
	assert_int_equal(mkfifo(in(*state, "tree/pipe"), 0600), 0);

	assert_ok(dir_remove(in(*state, "tree"), &err), err);
	assert_false(file_exists(in(*state, "tree")));
	assert_true(file_exists(in(*state, "kept/f")));
}

static void a_missing_tree_is_fine_to_remove(void **state)
{
	struct err err = {0};

	assert_ok(dir_remove(in(*state, "none"), &err), err);
}

static void only_a_directory_is_removed_as_one(void **state)
{
	struct err err = {0};

	assert_ok(dir_make(in(*state, "kept"), 0700, &err), err);
	tmp_write(*state, "kept/f", "x", 1);
	assert_int_equal(symlink("kept", in(*state, "link")), 0);
	assert_fails(dir_remove(in(*state, "link"), &err), err, ERR_INVALID,
		     "not a directory");
	assert_fails(dir_remove(in(*state, "link/"), &err), err, ERR_INVALID,
		     "not a directory");
	assert_fails(dir_remove(in(*state, "kept/f"), &err), err, ERR_INVALID,
		     "not a directory");
	assert_true(file_exists(in(*state, "kept/f")));
}

static void a_tree_too_deep_to_be_ours_is_refused(void **state)
{
	struct err err = {0};
	char path[512] = "deep";

	for (int i = 0; i < 31; i++)
		strncat(path, "/d", sizeof(path) - strlen(path) - 1);
	assert_ok(dir_make(in(*state, path), 0700, &err), err);
	assert_ok(dir_remove(in(*state, "deep"), &err), err);

	strncat(path, "/d", sizeof(path) - strlen(path) - 1);
	assert_ok(dir_make(in(*state, path), 0700, &err), err);
	assert_fails(dir_remove(in(*state, "deep"), &err), err, ERR_TOO_LARGE,
		     "32 directories deep");
	/* From one level down it is within the limit, so that the test cleans up. */
	assert_ok(dir_remove(in(*state, "deep/d"), &err), err);
}

static void paths_are_joined_with_one_separator(void **state)
{
	struct err err = {0};
	char out[8];

	(void)state;
	assert_ok(path_join(out, sizeof(out), "a", "b", &err), err);
	assert_string_equal(out, "a/b");
	assert_ok(path_join(out, sizeof(out), "a/", "b", &err), err);
	assert_string_equal(out, "a/b");
	assert_ok(path_join(out, sizeof(out), "", "b", &err), err);
	assert_string_equal(out, "b");
	assert_ok(path_join(out, sizeof(out), "abc", "def", &err), err);
	assert_string_equal(out, "abc/def");
}

static void a_joined_path_that_does_not_fit_is_refused(void **state)
{
	struct err err = {0};
	char out[8] = "before";

	(void)state;
	assert_fails(path_join(out, sizeof(out), "abc", "defg", &err), err, ERR_TOO_LARGE,
		     "too long");
	assert_fails(path_join(out, sizeof(out), "abcdefgh", "", &err), err,
		     ERR_TOO_LARGE, "too long");
	assert_fails(path_join(out, sizeof(out), "", "abcdefgh", &err), err,
		     ERR_TOO_LARGE, "too long");
	assert_fails(path_join(out, sizeof(out), "abcdefg", "", &err), err, ERR_TOO_LARGE,
		     "too long");
	assert_string_equal(out, "before");
}

static void random_bytes_fill_all_and_differ(void **state)
{
	unsigned char one[600] = {0}, two[600] = {0};
	size_t zeros = 0;

	(void)state;
	random_bytes(one, sizeof(one));
	random_bytes(two, sizeof(two));
	assert_memory_not_equal(one, two, sizeof(one));
	/* Beyond 256 bytes, too, which getrandom(2) may return short. */
	for (size_t i = 300; i < sizeof(one); i++)
		zeros += one[i] == 0;
	assert_true(zeros < 30);
	random_bytes(one, 0);
}

int main(void)
{
#define in_a_directory(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		in_a_directory(a_written_file_is_read_back),
		in_a_directory(an_empty_file_is_an_empty_text),
		cmocka_unit_test(a_file_of_proc_is_read_though_its_size_is_zero),
		in_a_directory(a_file_over_the_maximum_is_refused),
		in_a_directory(a_missing_file_is_not_found),
		in_a_directory(a_link_is_refused),
		in_a_directory(what_is_no_regular_file_is_refused),
		in_a_directory(reading_below_an_open_directory_finds_its_file),
		cmocka_unit_test(a_freed_blob_is_empty_and_can_be_freed_again),
		in_a_directory(writing_replaces_the_file_and_leaves_nothing_behind),
		in_a_directory(the_mode_does_not_depend_on_the_umask),
		in_a_directory(writing_over_a_link_replaces_the_link),
		in_a_directory(a_failed_write_leaves_the_old_file_and_nothing_else),
		in_a_directory(a_reader_sees_one_of_two_writers_whole),
		in_a_directory(a_path_of_directories_is_made_once_and_again),
		in_a_directory(a_file_in_the_way_of_a_directory_is_an_error),
		in_a_directory(a_tree_is_removed_but_not_what_its_links_point_to),
		in_a_directory(a_missing_tree_is_fine_to_remove),
		in_a_directory(only_a_directory_is_removed_as_one),
		in_a_directory(a_tree_too_deep_to_be_ours_is_refused),
		cmocka_unit_test(paths_are_joined_with_one_separator),
		cmocka_unit_test(a_joined_path_that_does_not_fit_is_refused),
		cmocka_unit_test(random_bytes_fill_all_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
