#include "city/files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "city/publisher.h"
#include "city/request.h"
#include "core/alarm.h"
#include "core/err.h"
#include "os/file.h"
#include "wire/delta.h"
#include "wire/digest.h"
#include "wire/tuf.h"

#define FOR_GOOD  "public, max-age=31536000, immutable"
#define ASK_AGAIN "no-cache"

static bool absent(const struct request *request, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "%.200s: there is no such file",
		       request->path);
}

/* Sets the ETag; true when the client has these bytes already, and is told so. */
static bool is_known(const struct request *request, const char *hash_hex,
		     struct reply *reply)
{
	snprintf(reply->etag, sizeof(reply->etag), "\"%.64s\"", hash_hex);
	if (!strstr(request->if_none_match, reply->etag))
		return false;
	reply->status = 304;
	return true;
}

/*
 * Whether @name is metadata that something leads to. A version above the current one is on
 * disk while it is being published, but may still become other bytes: caches must not
 * learn it.
 */
static bool metadata_is_public(const struct publisher *publisher, const char *name)
{
	int64_t version;
	char *end;

	if (strcmp(name, "timestamp.json") == 0)
		return true;
	if (!isdigit((unsigned char)name[0]) || name[0] == '0')
		return false;
	errno = 0;
	version = strtoll(name, &end, 10);
	if (errno != 0)
		return false;
	if (strcmp(end, ".root.json") == 0)
		return true;
	if (strcmp(end, ".targets.json") == 0)
		return version <= publisher_targets_version(publisher);
	if (strcmp(end, "." ALARM_ROLE ".json") == 0)
		return version <= publisher_emergency_version(publisher);
	if (strcmp(end, ".snapshot.json") == 0)
		return version <= publisher_snapshot_version(publisher);
	return false;
}

static bool serve_metadata(const struct publisher *publisher,
			   const struct request *request, const char *name,
			   struct reply *reply, struct err *err)
{
	char path[PATH_MAX], hex[SHA256_HEX_SIZE];
	uint8_t hash[SHA256_SIZE];
	struct blob blob = {0};

	if (!metadata_is_public(publisher, name))
		return absent(request, err);
	snprintf(path, sizeof(path), "%s/metadata/%s", publisher_folder(publisher), name);
	if (!file_read(path, TUF_TARGETS_MAX, &blob, err))
		return err->code == ERR_NOT_FOUND ? absent(request, err) : false;
	sha256(blob.bytes, blob.len, hash);
	hex_encode(hash, sizeof(hash), hex);
	reply->cache = strcmp(name, "timestamp.json") == 0 ? ASK_AGAIN : FOR_GOOD;
	if (is_known(request, hex, reply)) {
		blob_free(&blob);
		return true;
	}
	reply->body = blob.bytes;
	reply->len = blob.len;
	return true;
}

/* "dir/<sha256>.name" in plain characters; the hash is left in @hex. */
static bool target_name(const char *path, char hex[static SHA256_HEX_SIZE])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	uint8_t hash[SHA256_SIZE];

	for (const char *at = path; *at; at++) {
		bool starts_part = at == path || at[-1] == '/';

		if (starts_part && (*at == '.' || *at == '/'))
			return false;
		if (!isalnum((unsigned char)*at) && !strchr("._-/", *at))
			return false;
	}
	if (strlen(name) <= SHA256_HEX_SIZE || name[SHA256_HEX_SIZE - 1] != '.')
		return false;
	memcpy(hex, name, SHA256_HEX_SIZE - 1);
	hex[SHA256_HEX_SIZE - 1] = '\0';
	return hex_decode(hex, hash, sizeof(hash));
}

static const char *type_of(const char *path)
{
	static const char *const types[][2] = {{".json", REPLY_JSON},
					       {".png", "image/png"},
					       {".jpg", "image/jpeg"},
					       {".webp", "image/webp"}};
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < ARRAY_LEN(types); i++)
		if (strcmp(dot, types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

/*
 * "bytes=100-" (RFC 9110 section 14): how a screen goes on where the line was cut. Any other
 * range is answered with the whole, as the standard allows.
 */
static void apply_range(const struct request *request, uint64_t size, struct reply *reply)
{
	static const char unit[] = "bytes=";
	const char *digits = request->range + sizeof(unit) - 1;
	unsigned long long from;
	char *end;

	if (strncmp(request->range, unit, sizeof(unit) - 1) != 0 ||
	    !isdigit((unsigned char)digits[0]))
		return;
	errno = 0;
	from = strtoull(digits, &end, 10);
	if (errno != 0 || strcmp(end, "-") != 0 || from >= size)
		return;
	reply->status = 206;
	reply->from = from;
	reply->len = (size_t)(size - from);
	snprintf(reply->content_range, sizeof(reply->content_range),
		 "bytes %llu-%" PRIu64 "/%" PRIu64, from, size - 1, size);
}

/* "OLD-NEW.vcdiff", both of them hashes. */
static bool is_difference(const char *name)
{
	uint8_t hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE];

	if (strlen(name) < 2 * SHA256_HEX_SIZE - 1 || name[SHA256_HEX_SIZE - 1] != '-' ||
	    strcmp(name + 2 * SHA256_HEX_SIZE - 1, ".vcdiff") != 0)
		return false;
	for (size_t at = 0; at <= SHA256_HEX_SIZE; at += SHA256_HEX_SIZE) {
		memcpy(hex, name + at, SHA256_HEX_SIZE - 1);
		hex[SHA256_HEX_SIZE - 1] = '\0';
		if (!hex_decode(hex, hash, sizeof(hash)))
			return false;
	}
	return true;
}

static bool serve_difference(const struct publisher *publisher,
			     const struct request *request, const char *name,
			     struct reply *reply, struct err *err)
{
	char path[PATH_MAX];
	struct blob blob = {0};

	if (!is_difference(name))
		return absent(request, err);
	snprintf(path, sizeof(path), "%s/differences/%s", publisher_folder(publisher),
		 name);
	if (!file_read(path, DELTA_MAX, &blob, err))
		return err->code == ERR_NOT_FOUND ? absent(request, err) : false;
	reply->cache = FOR_GOOD;
	reply->type = "application/octet-stream";
	reply->body = blob.bytes;
	reply->len = blob.len;
	return true;
}

/* Target files may be large: the kernel sends them from the file. */
static bool serve_target(const struct publisher *publisher, const struct request *request,
			 const char *name, struct reply *reply, struct err *err)
{
	char path[PATH_MAX], hex[SHA256_HEX_SIZE];
	struct stat status;

	if (!target_name(name, hex))
		return absent(request, err);
	reply->cache = FOR_GOOD;
	snprintf(path, sizeof(path), "%s/targets/%s", publisher_folder(publisher), name);
	reply->fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (reply->fd < 0 || fstat(reply->fd, &status) < 0 || !S_ISREG(status.st_mode))
		return absent(request, err);
	reply->type = type_of(name);
	if (is_known(request, hex, reply)) {
		close(reply->fd);
		reply->fd = -1;
		return true;
	}
	reply->len = (size_t)status.st_size;
	apply_range(request, (uint64_t)status.st_size, reply);
	return true;
}

bool files_serve(const struct publisher *publisher, const struct request *request,
		 struct reply *reply, struct err *err)
{
	const char *path = request->path + strlen(FILES_PREFIX);

	if (strncmp(path, "metadata/", 9) == 0)
		return serve_metadata(publisher, request, path + 9, reply, err);
	if (strncmp(path, "targets/", 8) == 0)
		return serve_target(publisher, request, path + 8, reply, err);
	if (strncmp(path, "differences/", 12) == 0)
		return serve_difference(publisher, request, path + 12, reply, err);
	return absent(request, err);
}
