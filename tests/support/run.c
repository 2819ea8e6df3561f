#include "support/run.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/test.h"
#include "support/tmp.h"

extern char **environ;

void run_done(struct run *run)
{
	free(run->out);
	free(run->err);
	*run = (struct run){0};
}

struct run run_program(const char *dir, const char *program, const char *const *arguments)
{
	char *path = tmp_path(EKIMAE_BIN_DIR, program);
	char *argv[RUN_ARGUMENTS_MAX + 2] = {path};
	char *out = tmp_path(dir, "stdout"), *err = tmp_path(dir, "stderr");
	posix_spawn_file_actions_t actions;
	struct run result;
	pid_t pid;
	int status;

	for (size_t i = 0; arguments[i]; i++) {
		assert_true(i < RUN_ARGUMENTS_MAX);
		argv[i + 1] = (char *)arguments[i];
	}
	assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
	posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC,
					 0600);
	posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC,
					 0600);
	if (posix_spawn(&pid, path, &actions, NULL, argv, environ) != 0)
		fail_msg("%s: can't be run; build the target %s", path, program);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	result.status = WEXITSTATUS(status);
	result.out = tmp_read(out, NULL);
	result.err = tmp_read(err, NULL);
	free(out);
	free(err);
	free(path);
	return result;
}
