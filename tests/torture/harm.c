/*
 * Does harm to running programs, for torture.sh:
 *
 *	harm set FILE CLOCK-MS CLOCK-IS-SET DISK-IS-FULL    what libharm.so does from now on
 *	harm kill PID JOURNAL                               SIGKILL, and when it was
 */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <unistd.h>

#include "harm.h"
#include "os/clock.h"

static bool set(const char *path, char **values)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct harm *harm;

	if (fd < 0 || ftruncate(fd, sizeof(*harm)) != 0)
		return false;
	harm = mmap(NULL, sizeof(*harm), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (harm == MAP_FAILED)
		return false;
	harm->clock_ms = strtoll(values[0], NULL, 10);
	harm->clock_is_set = strtoll(values[1], NULL, 10);
	harm->disk_is_full = strtoll(values[2], NULL, 10);
	return true;
}

static bool kill_hard(const char *pid, const char *journal)
{
	char line[64];
	int fd, len;

	if (kill((pid_t)strtol(pid, NULL, 10), SIGKILL) != 0)
		return false;
	len = snprintf(line, sizeof(line), "killed %" PRId64 "\n", clock_mono().ms);
	fd = open(journal, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	return fd >= 0 && write(fd, line, (size_t)len) == len;
}

int main(int argc, char **argv)
{
	bool done = false;

	if (argc == 6 && strcmp(argv[1], "set") == 0)
		done = set(argv[2], argv + 3);
	else if (argc == 4 && strcmp(argv[1], "kill") == 0)
		done = kill_hard(argv[2], argv[3]);
	else
		fprintf(stderr,
			"Usage: harm set FILE CLOCK-MS CLOCK-IS-SET DISK-IS-FULL\n"
			"       harm kill PID JOURNAL\n");
	return done ? EX_OK : EX_SOFTWARE;
}
