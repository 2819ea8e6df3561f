#include "os/log.h"
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

/* Standard error goes into a pipe while a test looks at it. */
struct capture {
	int saved, out;
};

static struct capture capture_begin(void)
{
	struct capture capture;
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	/* More than PIPE_BUF at once must not hold up a test that has no reader yet. */
	assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1024 * 1024) >= 0);
	capture.saved = dup(STDERR_FILENO);
	capture.out = ends[0];
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	return capture;
}

/* All that was written, NUL-terminated, owned by the caller. */
static char *capture_end(struct capture *capture)
{
	const size_t size = 1024 * 1024;
	char *text = malloc(size);
	size_t len = 0;
	ssize_t got;

	dup2(capture->saved, STDERR_FILENO);
	close(capture->saved);
	assert_non_null(text);
	while ((got = read(capture->out, text + len, size - len - 1)) > 0)
		len += (size_t)got;
	close(capture->out);
	text[len] = '\0';
	return text;
}

static int teardown(void **state)
{
	(void)state;
	unsetenv("JOURNAL_STREAM");
	return 0;
}

static void a_person_reads_the_program_and_the_priority(void **state)
{
	struct capture capture;
	char *text;

	(void)state;
	unsetenv("JOURNAL_STREAM");
	log_open("ekimae-sync", LOG_LEVEL_DEBUG);
	capture = capture_begin();
	log_error("disk %s", "full");
	log_warning("b");
	log_notice("c");
	log_info("d");
	log_debug("%d", 5);
	text = capture_end(&capture);
	assert_string_equal(text, "ekimae-sync: error: disk full\n"
				  "ekimae-sync: warning: b\n"
				  "ekimae-sync: notice: c\n"
				  "ekimae-sync: info: d\n"
				  "ekimae-sync: debug: 5\n");
	free(text);
}

static void the_journal_reads_the_number_of_the_priority(void **state)
{
	struct capture capture;
	char *text;

	(void)state;
	setenv("JOURNAL_STREAM", "8:12345", 1);
	log_open("ekimae-sync", LOG_LEVEL_DEBUG);
	capture = capture_begin();
	log_error("a");
	log_warning("b");
	log_notice("c");
	log_info("d");
	log_debug("e");
	text = capture_end(&capture);
	assert_string_equal(text, "<3>a\n<4>b\n<5>c\n<6>d\n<7>e\n");
	free(text);
}

static void lines_below_the_level_are_left_out(void **state)
{
	struct capture capture;
	char *text;

	(void)state;
	log_open("x", LOG_LEVEL_NOTICE);
	capture = capture_begin();
	log_notice("kept");
	log_info("dropped");
	log_debug("dropped");
	text = capture_end(&capture);
	assert_string_equal(text, "x: notice: kept\n");
	free(text);
}

static void control_characters_are_escaped(void **state)
{
	struct capture capture;
	char *text;

	(void)state;
	log_open("x", LOG_LEVEL_INFO);
	capture = capture_begin();
	log_info("%s", "a\nx: error: faked\r\t\x1b[2J\x7f\xc2\x9b駅前");
	text = capture_end(&capture);
	assert_string_equal(
		text, "x: info: a\\nx: error: faked\\x0d\\t\\x1b[2J\\x7f\\x9b駅前\n");
	free(text);
}

static void a_long_message_is_cut_at_a_whole_character_in_one_line(void **state)
{
	struct capture capture;
	char message[6001];
	char *text;

	(void)state;
	for (size_t i = 0; i + 3 < sizeof(message); i += 3)
		memcpy(message + i, "駅", 4);
	log_open("x", LOG_LEVEL_INFO);
	for (int lead = 0; lead < 3; lead++) {
		size_t len;

		capture = capture_begin();
		log_info("%.*s%s", lead, "aa", message);
		text = capture_end(&capture);
		len = strlen(text);
		assert_in_range(len, 900, 2048);
		assert_int_equal(text[len - 1], '\n');
		assert_memory_equal(text + len - 4, "駅", 3);
		free(text);
	}
	/* The worst that escaping can do to the longest message. */
	memset(message, 1, sizeof(message) - 1);
	capture = capture_begin();
	log_info("%s", message);
	text = capture_end(&capture);
	assert_int_equal(strlen(text), strcspn(text, "\n") + 1);
	assert_true(strlen(text) <= 2048);
	free(text);
}

static void errno_is_left_alone(void **state)
{
	struct capture capture = capture_begin();
	char *text;

	(void)state;
	log_open("x", LOG_LEVEL_INFO);
	errno = ENOSPC;
	log_info("x");
	assert_int_equal(errno, ENOSPC);
	text = capture_end(&capture);
	free(text);
}

static void *log_many(void *context)
{
	for (int i = 0; i < 200; i++)
		log_info("%s %d end", (const char *)context, i);
	return NULL;
}

static void lines_of_several_threads_stay_whole(void **state)
{
	static char names[4][100];
	struct capture capture;
	pthread_t threads[4];
	int lines = 0;
	char *text;

	(void)state;
	log_open("x", LOG_LEVEL_INFO);
	capture = capture_begin();
	for (size_t i = 0; i < 4; i++) {
		memset(names[i], 'a' + (int)i, sizeof(names[i]) - 1);
		assert_int_equal(pthread_create(&threads[i], NULL, log_many, names[i]),
				 0);
	}
	for (size_t i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	text = capture_end(&capture);
	for (char *line = text; *line; lines++) {
		char *end = strchr(line, '\n');

		assert_non_null(end);
		assert_memory_equal(line, "x: info: ", 9);
		for (int i = 10; i < 9 + 99; i++)
			assert_int_equal(line[i], line[9]);
		assert_memory_equal(end - 4, " end", 4);
		line = end + 1;
	}
	assert_int_equal(lines, 800);
	free(text);
}

static void last_problem_is_the_newest_error_or_warning(void **state)
{
	struct capture capture = capture_begin();
	char problem[LOG_PROBLEM_SIZE], large[2 * LOG_PROBLEM_SIZE];
	struct mono_ms at = {0};

	(void)state;
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	log_open("x", LOG_LEVEL_INFO);
	log_error("disk full");
	log_info("showing plan/1");
	assert_true(log_last_problem(problem, &at));
	assert_string_equal(problem, "disk full");
	assert_true(at.ms > 0);
	log_warning("%s", large);
	assert_true(log_last_problem(problem, &at));
	assert_int_equal(strlen(problem), LOG_PROBLEM_SIZE - 1);
	free(capture_end(&capture));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_person_reads_the_program_and_the_priority),
		cmocka_unit_test_teardown(the_journal_reads_the_number_of_the_priority,
					  teardown),
		cmocka_unit_test(lines_below_the_level_are_left_out),
		cmocka_unit_test(control_characters_are_escaped),
		cmocka_unit_test(a_long_message_is_cut_at_a_whole_character_in_one_line),
		cmocka_unit_test(errno_is_left_alone),
		cmocka_unit_test(lines_of_several_threads_stay_whole),
		cmocka_unit_test(last_problem_is_the_newest_error_or_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
