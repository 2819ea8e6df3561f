#ifndef OS_FILE_H
#define OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/attr.h"

struct err;

/* Bytes of a file, with a NUL behind them that `len` does not count. */
struct blob {
	char *bytes;
	size_t len;
};

void blob_free(struct blob *blob); /* for CLEANUP(); leaves it empty */

/*
 * Reads a whole regular file of at most @max_bytes. Symbolic links as the last component,
 * and anything but a regular file, are refused; a file that is longer is ERR_TOO_LARGE, a
 * missing one ERR_NOT_FOUND.
 */
MUST_USE bool file_read(const char *path, size_t max_bytes, struct blob *out,
			struct err *err);
/* As file_read(), below the directory open as @dir_fd. */
MUST_USE bool file_read_at(int dir_fd, const char *name, size_t max_bytes,
			   struct blob *out, struct err *err);

/*
 * Replaces @path by @len bytes: a temporary file beside it, fsync, rename, fsync of the
 * directory. After a crash or power cut there is the old or the new file, whole.
 */
MUST_USE bool file_write_atomic(const char *path, const void *bytes, size_t len,
				mode_t mode, struct err *err);

/* mkdir -p. */
MUST_USE bool dir_make(const char *path, mode_t mode, struct err *err);
/* rm -r of a directory of ours; a missing one is fine. Never follows links. */
MUST_USE bool dir_remove(const char *path, struct err *err);

bool file_exists(const char *path);

/* "a/b" into @out of @size; false with ERR_TOO_LARGE when it does not fit. */
MUST_USE bool path_join(char *out, size_t size, const char *dir, const char *name,
			struct err *err);

/* @len bytes from getrandom(2). */
void random_bytes(void *out, size_t len);

#endif /* OS_FILE_H */
