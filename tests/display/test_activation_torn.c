/*
 * Sets in the inbox that are not finished, or change while they are read: one that counts is
 * whole, whoever writes what meanwhile.
 */
#include "display/activation.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "attack.h"

static void half_written_set_is_refused(void **state)
{
	char whole[64];

	(void)state;
	snprintf(whole, sizeof(whole), "%s", box.set_name);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		char *text;

		publish(8);
		text = read_file(box.set_name, roles[i]);
		text[strlen(text) / 2] = '\0';
		put(roles[i], text);
		check_refuses(i == 0 ? ERR_INVALID : ERR_UNTRUSTED, "");
		free(text);
	}
	box_point(&box, "set-to-come");
	check_refuses(ERR_NOT_FOUND, "set-to-come");
	box_write(box.inbox, "sets/set-to-come/timestamp.json", "", 0);
	check_refuses(ERR_INVALID, "timestamp.json");
	box_point(&box, whole);
	check_takes(7);
}

/* Writes to one file of the inbox again and again, as whoever is not to be trusted may. */
struct saboteur {
	atomic_bool stop;
	char *path, *link, *good;
	size_t len;
};

static void write_part(const char *path, const char *bytes, size_t len, int flags)
{
	int fd = open(path, O_WRONLY | O_CREAT | flags, 0600);

	if (fd < 0)
		return;
	(void)!write(fd, bytes, len);
	close(fd);
}

static void *sabotage(void *context)
{
	struct saboteur *saboteur = context;
	const char *good = saboteur->good;
	size_t half = saboteur->len / 2;

	while (!saboteur->stop) {
		write_part(saboteur->path, good, half, O_TRUNC);
		write_part(saboteur->path, good + half, saboteur->len - half, O_APPEND);
		write_part(saboteur->path, "[", 1, 0);
		unlink(saboteur->link);
		(void)!symlink("/dev/zero", saboteur->link);
		(void)!rename(saboteur->link, saboteur->path);
		unlink(saboteur->path);
		write_part(saboteur->path, good, saboteur->len, O_TRUNC);
		sched_yield();
	}
	return NULL;
}

static void file_that_changes_while_it_is_read_does_no_harm(void **state)
{
	struct err err = {0};

	(void)state;
	publish(8);
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		struct saboteur saboteur = {.path = set_path(box.set_name, roles[i]),
					    .link = tmp_path(box.inbox, "link"),
					    .good = read_file(box.set_name, roles[i])};
		int64_t version = version_of(into);
		pthread_t thread;

		saboteur.len = strlen(saboteur.good);
		assert_int_equal(pthread_create(&thread, NULL, sabotage, &saboteur), 0);
		for (int tries = 0; tries < 40; tries++) {
			bool changed = false;

			/* Either whole or not at all; and never back. */
			(void)!activation_check(into, now, &changed, &err);
			assert_true(version_of(into) == 8 || version_of(into) == version);
			version = version_of(into);
			activation_free(into);
			into = activation_new(box.inbox, box.state, BOX_PLAN, &err);
			assert_ok(into != NULL, err);
			assert_ok(activation_restore(into, &err), err);
			assert_int_equal(version_of(into), version);
		}
		saboteur.stop = true;
		pthread_join(thread, NULL);
		free(saboteur.path);
		free(saboteur.link);
		free(saboteur.good);
	}
	check_takes(8);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(half_written_set_is_refused),
		TEST(file_that_changes_while_it_is_read_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
