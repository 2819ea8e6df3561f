#include "support/tmp.h"

#include <unistd.h>

#include "os/file.h"
#include "support/test.h"

char *tmp_dir(void)
{
	const char *base = getenv("TMPDIR");
	char *path = NULL;

	if (asprintf(&path, "%s/ekimae-test-XXXXXX", base ? base : "/tmp") < 0 ||
	    !mkdtemp(path))
		fail_msg("no temporary directory");
	return path;
}

void tmp_remove(char *dir)
{
	struct err err = {0};

	if (!dir_remove(dir, &err))
		fail_msg("%s", err.text);
	free(dir);
}

char *tmp_path(const char *dir, const char *name)
{
	char *path = NULL;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		fail_msg("out of memory");
	return path;
}

void tmp_write(const char *dir, const char *name, const void *bytes, size_t len)
{
	char *path = tmp_path(dir, name);
	struct err err = {0};

	if (!file_write_atomic(path, bytes, len, 0600, &err))
		fail_msg("%s", err.text);
	free(path);
}

char *tmp_read(const char *path, size_t *out_len)
{
	struct blob blob = {0};
	struct err err = {0};

	if (!file_read(path, 64 * 1024 * 1024, &blob, &err))
		fail_msg("%s", err.text);
	if (out_len)
		*out_len = blob.len;
	return blob.bytes;
}
