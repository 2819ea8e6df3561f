#include "city/metadata.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/alarm.h"
#include "core/err.h"
#include "os/file.h"

static bool metadata_path(const char *folder, int64_t version, const char *role,
			  char out[static PATH_MAX], struct err *err)
{
	char name[64];

	if (version > 0)
		snprintf(name, sizeof(name), "%" PRId64 ".%s.json", version, role);
	else
		snprintf(name, sizeof(name), "%s.json", role);
	return path_join(out, PATH_MAX, folder, name, err);
}

bool metadata_read(const char *folder, int64_t version, const char *role,
		   size_t max_bytes, struct blob *out, struct err *err)
{
	char path[PATH_MAX];

	return metadata_path(folder, version, role, path, err) &&
	       file_read(path, max_bytes, out, err);
}

bool metadata_write(const char *folder, int64_t version, const char *role,
		    const void *bytes, size_t len, struct err *err)
{
	char path[PATH_MAX];

	return metadata_path(folder, version, role, path, err) &&
	       file_write_atomic(path, bytes, len, 0644, err);
}

static bool is_leftover(const char *name, int64_t targets_version,
			int64_t emergency_version, int64_t snapshot_version)
{
	int64_t version;
	char *end;

	if (strncmp(name, ".tmp-", 5) == 0)
		return true;
	errno = 0;
	version = strtoll(name, &end, 10);
	if (end == name || errno != 0)
		return false;
	if (strcmp(end, ".targets.json") == 0)
		return version > targets_version;
	if (strcmp(end, "." ALARM_ROLE ".json") == 0)
		return version > emergency_version;
	if (strcmp(end, ".snapshot.json") == 0)
		return version > snapshot_version;
	return false;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

bool metadata_sweep(const char *folder, int64_t targets_version,
		    int64_t emergency_version, int64_t snapshot_version, struct err *err)
{
	CLEANUP(close_dir) DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (!dir)
		return err_set_errno(err, "%s", folder);
	while ((entry = readdir(dir))) {
		if (is_leftover(entry->d_name, targets_version, emergency_version,
				snapshot_version) &&
		    unlinkat(dirfd(dir), entry->d_name, 0) < 0)
			return err_set_errno(err, "%s/%s", folder, entry->d_name);
	}
	return true;
}
