#include "sync/download.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/err.h"
#include "os/file.h"
#include "sync/http.h"
#include "sync/repository.h"

#define FILE_MODE 0640

static void close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

/* Opens what an earlier try left; *out_have is its length, none of it when it is too long. */
static int open_part(const char *part, int64_t length, int64_t *out_have, struct err *err)
{
	int fd = open(part, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
		      FILE_MODE);
	struct stat status;

	/* The display reads it as another user, whatever the umask is. */
	if (fd < 0 || fchmod(fd, FILE_MODE) < 0 || fstat(fd, &status) < 0) {
		err_set_errno(err, "%s", part);
		close_fd(&fd);
		return -1;
	}
	if (!S_ISREG(status.st_mode)) {
		close(fd);
		err_set(err, ERR_IO, "%s: is in the way: remove it", part);
		return -1;
	}
	*out_have = status.st_size <= length ? status.st_size : 0;
	return fd;
}

/* The rest of the file, behind the @have bytes of @fd. */
static bool fetch_rest(struct repository *repository, const struct tuf_trust *trust,
		       const struct tuf_target *target, int fd, int64_t have,
		       struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char name[TUF_URL_MAX], url[REPOSITORY_URL_MAX];
	const struct http_request request = {
		.method = "GET",
		.url = url,
		.max_bytes = (size_t)target->length,
		.timeout = repository->timeout,
	};

	tuf_target_url(trust, target, name);
	if (snprintf(url, sizeof(url), "%s/%s", repository->targets_url, name) >=
	    (int)sizeof(url))
		return err_set(err, ERR_INVALID, "%s: the URL is too long", target->path);
	repository->requests++;
	if (!http_fetch(repository->http, &request, fd, have, &response, err))
		return false;
	repository->received_bytes += response.received_bytes;
	return response.status == 200 || response.status == 206 ||
	       http_fail(&request, &response, err);
}

static bool is_target(const char *part, const struct tuf_target *target, struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};

	return file_read(part, (size_t)target->length, &blob, err) &&
	       tuf_target_check(target, blob.bytes, blob.len, err);
}

/* On disk before it has its name, and its name on disk, too. */
static bool settle(int fd, const char *part, const char *path, struct err *err)
{
	CLEANUP(close_fd) int dir_fd = -1;
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) : 1,
		 slash ? path : ".");
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0 || fsync(fd) < 0 || rename(part, path) < 0 || fsync(dir_fd) < 0)
		return err_set_errno(err, "%s", path);
	return true;
}

bool download_target(struct repository *repository, const struct tuf_trust *trust,
		     const struct tuf_target *target, const char *path, struct err *err)
{
	CLEANUP(close_fd) int fd = -1;
	char part[PATH_MAX];
	int64_t have = 0;

	if (target->length < 0 || (uint64_t)target->length > REPOSITORY_TARGET_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: over %zu bytes", target->path,
			       REPOSITORY_TARGET_MAX);
	if (snprintf(part, sizeof(part), "%s" DOWNLOAD_PART_SUFFIX, path) >=
	    (int)sizeof(part))
		return err_set(err, ERR_TOO_LARGE, "%.64s…: path is too long", path);
	fd = open_part(part, target->length, &have, err);
	if (fd < 0)
		return false;
	if (have < target->length &&
	    !fetch_rest(repository, trust, target, fd, have, err)) {
		/* A part that the server can't go on from is of no use. */
		if (err->code != ERR_RETRY && err->code != ERR_IO)
			(void)unlink(part);
		return false;
	}
	if (is_target(part, target, err))
		return settle(fd, part, path, err);
	(void)unlink(part);
	return false;
}
