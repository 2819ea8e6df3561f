#ifndef SUPPORT_RUN_H
#define SUPPORT_RUN_H

/* A program as a person runs it. */

#define RUN_ARGUMENTS_MAX 30

struct run {
	int status;      /* its exit status */
	char *out, *err; /* what it wrote, NUL-terminated; owned */
};

/*
 * Runs "ekimae-render" or another program of the build with @arguments (NULL-terminated) to
 * its end; what it writes goes through files in @dir. Fails the test when it can't be run or
 * does not exit by itself.
 */
struct run run_program(const char *dir, const char *program,
		       const char *const *arguments);
void run_done(struct run *run);

#endif /* SUPPORT_RUN_H */
