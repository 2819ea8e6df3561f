#include "city/objects.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "os/file.h"

static bool object_path(const char *state_dir, const uint8_t *hash, char *out,
			size_t size, struct err *err)
{
	char name[sizeof("objects/") + SHA256_HEX_SIZE] = "objects/";

	hex_encode(hash, SHA256_SIZE, name + strlen(name));
	return path_join(out, size, state_dir, name, err);
}

static bool has_hash(const void *bytes, size_t len, const uint8_t *hash)
{
	uint8_t found[SHA256_SIZE];

	sha256(bytes, len, found);
	return memcmp(found, hash, SHA256_SIZE) == 0;
}

bool object_put(const char *state_dir, const uint8_t sha256_of[static SHA256_SIZE],
		const void *bytes, size_t len, struct err *err)
{
	char path[PATH_MAX];

	if (len == 0 || len > OBJECT_MAX)
		return err_set(err, ERR_TOO_LARGE, "an object has 1 to %d bytes, not %zu",
			       OBJECT_MAX, len);
	if (!has_hash(bytes, len, sha256_of))
		return err_set(
			err, ERR_INVALID,
			"the bytes do not have the SHA-256 that the address names");
	return object_path(state_dir, sha256_of, path, sizeof(path), err) &&
	       file_write_atomic(path, bytes, len, 0640, err);
}

bool object_get(const char *state_dir, const uint8_t sha256_of[static SHA256_SIZE],
		struct blob *out, struct err *err)
{
	char path[PATH_MAX];
	struct blob blob = {0};

	if (!object_path(state_dir, sha256_of, path, sizeof(path), err))
		return false;
	if (!file_read(path, OBJECT_MAX, &blob, err)) {
		if (err->code == ERR_NOT_FOUND)
			err_set(err, ERR_NOT_FOUND, "there is no object of this SHA-256");
		return false;
	}
	if (!has_hash(blob.bytes, blob.len, sha256_of)) {
		blob_free(&blob);
		return err_set(err, ERR_IO,
			       "%s: is damaged: remove it and upload it again", path);
	}
	*out = blob;
	return true;
}
