#include "os/notify.h"
#include "support/test.h"
#include "support/tmp.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A service manager's end of the notification socket. */
struct manager {
	char *dir;
	int fd;
};

static int setup(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct manager *manager = calloc(1, sizeof(*manager));

	assert_non_null(manager);
	manager->dir = tmp_dir();
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/notify", manager->dir);
	manager->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	assert_true(manager->fd >= 0);
	assert_int_equal(bind(manager->fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	setenv("NOTIFY_SOCKET", address.sun_path, 1);
	*state = manager;
	return 0;
}

static int teardown(void **state)
{
	struct manager *manager = *state;

	unsetenv("NOTIFY_SOCKET");
	close(manager->fd);
	tmp_remove(manager->dir);
	free(manager);
	return 0;
}

static void assert_heard(const struct manager *manager, const char *expected)
{
	char message[1024];
	ssize_t len = recv(manager->fd, message, sizeof(message) - 1, 0);

	assert_true(len >= 0);
	message[len] = '\0';
	assert_string_equal(message, expected);
}

static void the_manager_hears_each_state(void **state)
{
	notify_ready("3 notices");
	assert_heard(*state, "READY=1\nSTATUS=3 notices");
	notify_status("4 notices");
	assert_heard(*state, "STATUS=4 notices");
	notify_watchdog();
	assert_heard(*state, "WATCHDOG=1");
	notify_stopping();
	assert_heard(*state, "STOPPING=1");
}

static void a_line_break_in_a_status_assigns_nothing(void **state)
{
	notify_status("a\nMAINPID=1\r\nb");
	assert_heard(*state, "STATUS=a MAINPID=1  b");
}

static void without_a_manager_nothing_happens(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	notify_ready("x");
	notify_watchdog();
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	notify_status("x");
	notify_stopping();
	unsetenv("NOTIFY_SOCKET");
}

static void the_watchdog_is_fed_at_half_its_time(void **state)
{
	char pid[24];

	(void)state;
	setenv("WATCHDOG_USEC", "30000000", 1);
	unsetenv("WATCHDOG_PID");
	assert_int_equal(notify_watchdog_interval().ms, 15000);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(notify_watchdog_interval().ms, 15000);
	/* Meant for another process. */
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(notify_watchdog_interval().ms, 0);
	unsetenv("WATCHDOG_PID");
	unsetenv("WATCHDOG_USEC");
	assert_int_equal(notify_watchdog_interval().ms, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_manager_hears_each_state, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_line_break_in_a_status_assigns_nothing,
						setup, teardown),
		cmocka_unit_test(without_a_manager_nothing_happens),
		cmocka_unit_test(the_watchdog_is_fed_at_half_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
