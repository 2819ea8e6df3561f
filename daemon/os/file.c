#include "os/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/err.h"

/* Our own trees are three or four levels deep: anything deeper was not made by us. */
#define REMOVE_DEPTH_MAX 32

/* How often a name that is taken is replaced by another random one. */
#define TEMPORARY_TRIES 16

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void blob_free(struct blob *blob)
{
	free(blob->bytes);
	blob->bytes = NULL;
	blob->len = 0;
}

/* open(2) that is not cut short by a signal. */
static int open_at(int dir_fd, const char *name, int flags, mode_t mode)
{
	int fd;

	do {
		fd = openat(dir_fd, name, flags | O_CLOEXEC, mode);
	} while (fd < 0 && errno == EINTR);
	return fd;
}

static bool open_failed(const char *name, struct err *err)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return err_set(err, ERR_NOT_FOUND, "%s: %s", name, strerror(errno));
	if (errno == ELOOP)
		return err_set(err, ERR_INVALID,
			       "%s: is a symbolic link, expected a regular file", name);
	if (errno == EACCES || errno == EPERM)
		return err_set(err, ERR_DENIED, "%s: %s", name, strerror(errno));
	/* What open(2) says of a socket, or of a device without a driver. */
	if (errno == ENXIO || errno == ENODEV)
		return err_set(err, ERR_INVALID, "%s: is not a regular file", name);
	return err_set_errno(err, "%s", name);
}

/* Reads up to @size bytes or the end; -1 with errno on failure. */
static ssize_t read_full(int fd, char *bytes, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t part = read(fd, bytes + got, size - got);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return -1;
		if (part == 0)
			break;
		got += (size_t)part;
	}
	return (ssize_t)got;
}

static bool too_large(const char *name, size_t max_bytes, struct err *err)
{
	return err_set(err, ERR_TOO_LARGE, "%s: is over the maximum of %zu bytes", name,
		       max_bytes);
}

/*
 * The size that fstat(2) reports is where reading starts, not the truth: files of /proc
 * report 0, and a file may grow meanwhile. One byte more than the size is asked for, so
 * that the end is seen without a second round.
 */
static bool read_open_file(int fd, size_t expected, const char *name, size_t max_bytes,
			   struct blob *out, struct err *err)
{
	size_t room = (expected < max_bytes ? expected : max_bytes) + 1;
	size_t len = 0;
	CLEANUP(blob_free) struct blob blob = {0};

	for (;;) {
		char *grown = realloc(blob.bytes, room + 1);
		ssize_t got;

		if (!grown)
			return err_set(err, ERR_NO_MEMORY, "%s: out of memory", name);
		blob.bytes = grown;
		got = read_full(fd, blob.bytes + len, room - len);
		if (got < 0)
			return err_set_errno(err, "%s: read", name);
		len += (size_t)got;
		if (len > max_bytes)
			return too_large(name, max_bytes, err);
		if (len < room)
			break;
		room = (room < max_bytes / 2 ? room * 2 : max_bytes) + 1;
	}
	blob.bytes[len] = '\0';

	out->bytes = blob.bytes;
	out->len = len;
	blob.bytes = NULL;
	return true;
}

bool file_read_at(int dir_fd, const char *name, size_t max_bytes, struct blob *out,
		  struct err *err)
{
	struct stat status;
	CLEANUP(close_fd) int fd = -1;

	if (max_bytes > SSIZE_MAX / 4)
		return err_set(err, ERR_INVALID, "%s: maximum of %zu bytes", name,
			       max_bytes);
	/*
	 * O_NONBLOCK keeps a pipe that somebody put there from holding us up before
	 * fstat(2) can tell what it is; it changes nothing for regular files.
	 */
	fd = open_at(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return open_failed(name, err);
	if (fstat(fd, &status) < 0)
		return err_set_errno(err, "%s: stat", name);
	if (!S_ISREG(status.st_mode))
		return err_set(err, ERR_INVALID, "%s: is not a regular file", name);
	if (status.st_size < 0 || (uintmax_t)status.st_size > max_bytes)
		return too_large(name, max_bytes, err);
	return read_open_file(fd, (size_t)status.st_size, name, max_bytes, out, err);
}

bool file_read(const char *path, size_t max_bytes, struct blob *out, struct err *err)
{
	return file_read_at(AT_FDCWD, path, max_bytes, out, err);
}

static bool write_full(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t part = write(fd, bytes, len);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0)
			return false;
		bytes += part;
		len -= (size_t)part;
	}
	return true;
}

/* The directory part of @path: "." and "/" where there is none to cut off. */
static bool parent_of(const char *path, char out[static PATH_MAX], struct err *err)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash ? (size_t)(slash - path) : 0;

	if (strlen(path) >= PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "%.64s…: path is too long", path);
	if (!slash) {
		memcpy(out, ".", 2);
		return true;
	}
	if (len == 0)
		len = 1;
	memcpy(out, path, len);
	out[len] = '\0';
	return true;
}

/*
 * Makes a new file in the directory, under a name that no reader looks for. A name is
 * random rather than fixed, so that two writers don't share a temporary file and a link
 * planted in advance is not hit.
 */
static int make_temporary(int dir_fd, mode_t mode, char *name, size_t size)
{
	for (int i = 0; i < TEMPORARY_TRIES; i++) {
		uint64_t number;
		int fd;

		random_bytes(&number, sizeof(number));
		snprintf(name, size, ".tmp-%016llx", (unsigned long long)number);
		fd = open_at(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
			     0600);
		if (fd >= 0 && fchmod(fd, mode) < 0) {
			close(fd);
			unlinkat(dir_fd, name, 0);
			return -1;
		}
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* Fills, flushes and closes the new file; close(2) may be the one to report a full disk. */
static bool fill_temporary(int fd, const char *bytes, size_t len)
{
	if (!write_full(fd, bytes, len) || fsync(fd) < 0) {
		int number = errno;

		close(fd);
		errno = number;
		return false;
	}
	return close(fd) == 0;
}

bool file_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode,
		       struct err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char parent[PATH_MAX], temporary[32];
	CLEANUP(close_fd) int dir_fd = -1;
	int fd;

	if (name[0] == '\0')
		return err_set(err, ERR_INVALID, "%s: does not name a file", path);
	if (!parent_of(path, parent, err))
		return false;
	dir_fd = open_at(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY, 0);
	if (dir_fd < 0)
		return open_failed(parent, err);
	fd = make_temporary(dir_fd, mode, temporary, sizeof(temporary));
	if (fd < 0)
		return err_set_errno(err, "%s: making a temporary file beside it", path);

	if (!fill_temporary(fd, bytes, len)) {
		err_set_errno(err, "%s: write", path);
		unlinkat(dir_fd, temporary, 0);
		return false;
	}
	if (renameat(dir_fd, temporary, dir_fd, name) < 0) {
		err_set_errno(err, "%s: rename", path);
		unlinkat(dir_fd, temporary, 0);
		return false;
	}
	/* Without this the new name may be gone after a power cut. */
	if (fsync(dir_fd) < 0)
		return err_set_errno(err, "%s: fsync", parent);
	return true;
}

bool dir_make(const char *path, mode_t mode, struct err *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	struct stat status;

	if (len == 0)
		return err_set(err, ERR_INVALID, "the path of a directory is empty");
	if (len >= sizeof(part))
		return err_set(err, ERR_TOO_LARGE, "%.64s…: path is too long", path);
	memcpy(part, path, len + 1);

	for (size_t i = 1; i <= len; i++) {
		if (part[i] != '/' && part[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, mode) < 0 && errno != EEXIST) {
			int number = errno;

			/* Above us there may be what we can't write but need not. */
			if (stat(part, &status) == 0 && S_ISDIR(status.st_mode)) {
				part[i] = path[i];
				continue;
			}
			errno = number;
			return err_set_errno(err, "%s: mkdir", part);
		}
		part[i] = path[i];
	}
	if (stat(path, &status) < 0)
		return err_set_errno(err, "%s", path);
	if (!S_ISDIR(status.st_mode))
		return err_set(err, ERR_CONFLICT, "%s: exists and is not a directory",
			       path);
	return true;
}

static bool remove_entry(int dir_fd, const char *name, int depth, struct err *err);

static bool remove_entries(DIR *dir, int depth, struct err *err)
{
	for (;;) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(dir);
		if (!entry && errno != 0)
			return err_set_errno(err, "read");
		if (!entry)
			return true;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!remove_entry(dirfd(dir), entry->d_name, depth, err))
			return false;
	}
}

/*
 * O_NOFOLLOW and unlinkat(2) keep to the tree even when somebody swaps a directory for a
 * link between two calls: a link is then unlinked or refused, never followed.
 */
static bool remove_entry(int dir_fd, const char *name, int depth, struct err *err)
{
	bool emptied;
	DIR *dir;
	int fd;

	if (unlinkat(dir_fd, name, 0) == 0 || errno == ENOENT)
		return true;
	if (errno != EISDIR && errno != EPERM)
		return err_set_errno(err, "%s: remove", name);
	if (depth >= REMOVE_DEPTH_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: is over %d directories deep",
			       name, REMOVE_DEPTH_MAX);

	fd = open_at(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	if (fd < 0)
		return err_set_errno(err, "%s: open", name);
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return err_set_errno(err, "%s: open", name);
	}
	emptied = remove_entries(dir, depth + 1, err);
	closedir(dir);
	if (!emptied)
		return err_prefix(err, "%s", name);
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return err_set_errno(err, "%s: rmdir", name);
	return true;
}

bool dir_remove(const char *path, struct err *err)
{
	char plain[PATH_MAX];
	size_t len = strlen(path);
	struct stat status;

	if (len >= sizeof(plain))
		return err_set(err, ERR_TOO_LARGE, "%.64s…: path is too long", path);
	/* With a slash behind it the name of a link would mean what it points to. */
	while (len > 1 && path[len - 1] == '/')
		len--;
	memcpy(plain, path, len);
	plain[len] = '\0';

	if (lstat(plain, &status) < 0) {
		if (errno == ENOENT)
			return true;
		return err_set_errno(err, "%s", plain);
	}
	if (!S_ISDIR(status.st_mode))
		return err_set(err, ERR_INVALID, "%s: is not a directory", plain);
	return remove_entry(AT_FDCWD, plain, 0, err);
}

bool file_exists(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0;
}

bool path_join(char *out, size_t size, const char *dir, const char *name, struct err *err)
{
	size_t dir_len = strlen(dir);
	size_t name_len = strlen(name);
	bool separate = dir_len > 0 && dir[dir_len - 1] != '/';

	if (dir_len >= size || name_len >= size - dir_len ||
	    name_len + separate >= size - dir_len)
		return err_set(err, ERR_TOO_LARGE, "%.64s…/%.64s: path is too long", dir,
			       name);
	memmove(out, dir, dir_len);
	if (separate)
		out[dir_len] = '/';
	memcpy(out + dir_len + separate, name, name_len + 1);
	return true;
}

/*
 * The kernel's generator does not fail once it is seeded, and getrandom(2) waits for that.
 * A kernel without it can't run this system: there is nothing sensible to go on with.
 */
void random_bytes(void *out, size_t len)
{
	unsigned char *bytes = out;

	while (len > 0) {
		ssize_t got = getrandom(bytes, len, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			abort();
		bytes += got;
		len -= (size_t)got;
	}
}
