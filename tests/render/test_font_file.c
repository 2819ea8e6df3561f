#include "render/font_file.h"

#include <unistd.h>

#include "support/test.h"
#include "support/tmp.h"

#define LEN 1000000 /* more than is remembered */

static char bytes[LEN];

/* A file of bytes that differ from place to place, and a stream over it. */
struct opened {
	char *dir;
	struct font_file *file;
	SDL_RWops *stream;
};

static struct opened open_file(size_t len)
{
	struct opened opened = {.dir = tmp_dir()};
	char *path = tmp_path(opened.dir, "font.ttf");
	struct err err;

	for (size_t i = 0; i < LEN; i++)
		bytes[i] = (char)(i * 2654435761u >> 13);
	tmp_write(opened.dir, "font.ttf", bytes, len);
	opened.file = font_file_open(path, &err);
	assert_ok(opened.file != NULL, err);
	opened.stream = font_file_stream(opened.file);
	assert_non_null(opened.stream);
	free(path);
	return opened;
}

static void close_file(struct opened *opened)
{
	assert_int_equal(SDL_RWclose(opened->stream), 0);
	assert_null(font_file_close(opened->file));
	tmp_remove(opened->dir);
}

/* Little and much, anywhere: as if the file lay in memory. */
static void every_read_brings_the_bytes_of_its_place(void **state)
{
	struct opened opened = open_file(LEN);
	uint32_t random = 2026;
	char read[4096];

	(void)state;
	assert_int_equal(SDL_RWsize(opened.stream), LEN);
	for (int i = 0; i < 5000; i++) {
		random = random * 1664525u + 1013904223u;
		Sint64 at = random % (LEN + 1);
		random = random * 1664525u + 1013904223u;
		size_t len = random >> 31 ? random % 20 : random % sizeof(read);
		size_t left = (size_t)(LEN - at);

		assert_int_equal(SDL_RWseek(opened.stream, at, RW_SEEK_SET), at);
		assert_int_equal(SDL_RWread(opened.stream, read, 1, len),
				 len < left ? len : left);
		assert_memory_equal(read, bytes + at, len < left ? len : left);
		assert_int_equal(SDL_RWtell(opened.stream),
				 at + (Sint64)(len < left ? len : left));
	}
	close_file(&opened);
}

static void only_whole_items_are_read_at_the_end(void **state)
{
	struct opened opened = open_file(10);
	char read[32];

	(void)state;
	assert_int_equal(SDL_RWread(opened.stream, read, 4, 8), 2);
	assert_int_equal(SDL_RWtell(opened.stream), 8);
	assert_int_equal(SDL_RWread(opened.stream, read, 4, 1), 0);
	assert_int_equal(SDL_RWread(opened.stream, read, 0, 1), 0);
	assert_int_equal(SDL_RWread(opened.stream, read, 1, 32), 2);
	assert_int_equal(SDL_RWread(opened.stream, read, 1, 1), 0);
	assert_int_equal(SDL_RWwrite(opened.stream, read, 1, 1), 0);
	close_file(&opened);
}

static void a_place_outside_is_refused_and_changes_nothing(void **state)
{
	struct opened opened = open_file(10);

	(void)state;
	assert_int_equal(SDL_RWseek(opened.stream, -4, RW_SEEK_END), 6);
	assert_int_equal(SDL_RWseek(opened.stream, 5, RW_SEEK_CUR), -1);
	assert_int_equal(SDL_RWseek(opened.stream, -7, RW_SEEK_CUR), -1);
	assert_int_equal(SDL_RWseek(opened.stream, INT64_MAX, RW_SEEK_CUR), -1);
	assert_int_equal(SDL_RWseek(opened.stream, INT64_MIN, RW_SEEK_END), -1);
	assert_int_equal(SDL_RWtell(opened.stream), 6);
	close_file(&opened);
}

/* The bytes of the file that was opened, whatever its name stands for by now. */
static void a_package_replaced_meanwhile_changes_nothing(void **state)
{
	struct opened opened = open_file(LEN);
	char *path = tmp_path(opened.dir, "font.ttf");
	char *new = tmp_path(opened.dir, "new");
	char read[100];

	(void)state;
	tmp_write(opened.dir, "new", "other", 5);
	assert_int_equal(rename(new, path), 0);
	assert_int_equal(SDL_RWread(opened.stream, read, 1, sizeof(read)), sizeof(read));
	assert_memory_equal(read, bytes, sizeof(read));
	free(path);
	free(new);
	close_file(&opened);
}

/* Only here is a font ever cut short: what then still comes was not read again. */
static void what_was_read_a_moment_ago_is_not_read_again(void **state)
{
	struct opened opened = open_file(LEN);
	char *path = tmp_path(opened.dir, "font.ttf");
	char read[1000];

	(void)state;
	assert_int_equal(SDL_RWseek(opened.stream, 50300, RW_SEEK_SET), 50300);
	assert_int_equal(SDL_RWread(opened.stream, read, 1, 1000), 1000);
	assert_int_equal(truncate(path, 10), 0);
	assert_int_equal(SDL_RWseek(opened.stream, 50400, RW_SEEK_SET), 50400);
	memset(read, 0, sizeof(read));
	assert_int_equal(SDL_RWread(opened.stream, read, 1, 800), 800);
	assert_memory_equal(read, bytes + 50400, 800);
	/* Of all else nothing comes, as from a disk that fails. */
	assert_int_equal(SDL_RWseek(opened.stream, 70000, RW_SEEK_SET), 70000);
	assert_int_equal(SDL_RWread(opened.stream, read, 1, 100), 0);
	assert_int_equal(SDL_RWread(opened.stream, bytes, 1, 20000), 0);
	assert_int_equal(SDL_RWtell(opened.stream), 70000);
	free(path);
	close_file(&opened);
}

static size_t read_at(const struct opened *opened, Sint64 place, char out[static 100])
{
	SDL_RWseek(opened->stream, place, RW_SEEK_SET);
	return SDL_RWread(opened->stream, out, 1, 100);
}

/* Of blocks that share a set of four. */
static void what_was_read_longest_ago_goes_first(void **state)
{
	const Sint64 apart = 65536, order[] = {0, 1, 2, 3, 0, 4}, after[] = {4, 3, 2, 0};
	struct opened opened = open_file(LEN);
	char *path = tmp_path(opened.dir, "font.ttf");
	char read[100];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		assert_int_equal(read_at(&opened, order[i] * apart, read), 100);
	assert_int_equal(truncate(path, 10), 0);
	for (size_t i = 0; i < ARRAY_LEN(after); i++) {
		assert_int_equal(read_at(&opened, after[i] * apart, read), 100);
		assert_memory_equal(read, bytes + after[i] * apart, 100);
	}
	assert_int_equal(read_at(&opened, 1 * apart, read), 0);
	free(path);
	close_file(&opened);
}

static void no_font_is_a_clear_error(void **state)
{
	char *dir = tmp_dir();
	char *path = tmp_path(dir, "font.ttf");
	struct err err;

	(void)state;
	assert_fails(font_file_open(path, &err) != NULL, err, ERR_IO, path);
	tmp_write(dir, "font.ttf", "", 0);
	assert_fails(font_file_open(path, &err) != NULL, err, ERR_IO, "no font file");
	assert_fails(font_file_open(dir, &err) != NULL, err, ERR_IO, "no font file");
	free(path);
	tmp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_read_brings_the_bytes_of_its_place),
		cmocka_unit_test(only_whole_items_are_read_at_the_end),
		cmocka_unit_test(a_place_outside_is_refused_and_changes_nothing),
		cmocka_unit_test(a_package_replaced_meanwhile_changes_nothing),
		cmocka_unit_test(what_was_read_a_moment_ago_is_not_read_again),
		cmocka_unit_test(what_was_read_longest_ago_goes_first),
		cmocka_unit_test(no_font_is_a_clear_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
