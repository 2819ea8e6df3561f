/*
 * Loaded into a program before libc (LD_PRELOAD): a wall clock that jumps and is or isn't set,
 * and a disk on which there is no room for anything that grows, as the file $EKIMAE_HARM says
 * at the moment. Neither needs a privilege, a mount or a namespace.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "harm.h"

static const char timesync_flag[] = "/run/systemd/timesync/synchronized";
static struct harm *harm; /* NULL: none is done */
static const char *disk;

__attribute__((constructor)) static void start(void)
{
	const char *path = getenv("EKIMAE_HARM");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map;

	disk = getenv("EKIMAE_HARM_DISK");
	if (fd < 0)
		return;
	map = mmap(NULL, sizeof(*harm), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map != MAP_FAILED)
		harm = map;
}

/* libc's own function of this name: the next after this library. */
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

int clock_gettime(clockid_t id, struct timespec *out)
{
	int result = REAL(clock_gettime)(id, out);
	int64_t jump = harm && id == CLOCK_REALTIME ? harm->clock_ms : 0;

	out->tv_sec += jump / 1000;
	return result;
}

int adjtimex(struct timex *kernel)
{
	int result = REAL(adjtimex)(kernel);

	if (harm) {
		kernel->status &= ~STA_UNSYNC;
		kernel->status |= harm->clock_is_set ? 0 : STA_UNSYNC;
	}
	return result;
}

int access(const char *path, int mode)
{
	if (harm && strcmp(path, timesync_flag) == 0) {
		errno = ENOENT;
		return -1;
	}
	return REAL(access)(path, mode);
}

/* Whether there is no room to make the file longer than it is, with @end its new end. */
static bool is_full(int fd, off_t end)
{
	char link[64], path[4096];
	struct stat info;
	ssize_t len;

	if (!harm || !disk || !harm->disk_is_full || fstat(fd, &info) != 0 ||
	    !S_ISREG(info.st_mode) || end <= info.st_size)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	if (strncmp(path, disk, strlen(disk)) != 0)
		return false;
	errno = ENOSPC;
	return true;
}

ssize_t write(int fd, const void *bytes, size_t count)
{
	off_t at = harm && harm->disk_is_full ? lseek(fd, 0, SEEK_CUR) : 0;

	if (at >= 0 && is_full(fd, at + (off_t)count))
		return -1;
	return REAL(write)(fd, bytes, count);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at)
{
	return is_full(fd, at + (off_t)count) ? -1 : REAL(pwrite)(fd, bytes, count, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at)
{
	return is_full(fd, at + (off_t)count) ? -1 : REAL(pwrite64)(fd, bytes, count, at);
}

int ftruncate(int fd, off_t size)
{
	return is_full(fd, size) ? -1 : REAL(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size)
{
	return is_full(fd, size) ? -1 : REAL(ftruncate64)(fd, size);
}

/* They return the error. */
int posix_fallocate(int fd, off_t at, off_t len)
{
	return is_full(fd, at + len) ? ENOSPC : REAL(posix_fallocate)(fd, at, len);
}

int posix_fallocate64(int fd, off64_t at, off64_t len)
{
	return is_full(fd, at + len) ? ENOSPC : REAL(posix_fallocate64)(fd, at, len);
}
