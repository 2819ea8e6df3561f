#include "os/machine.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "core/err.h"
#include "os/file.h"

#define ATTRIBUTE_MAX 4096 /* sysfs: one page */
/* Beyond these a sensor is not there, or broken. */
#define MILLIDEGREES_MIN (-60000)
#define MILLIDEGREES_MAX 150000

bool machine_disk(const char *path, int64_t *out_free, int64_t *out_total,
		  struct err *err)
{
	struct statvfs status;

	if (statvfs(path, &status) < 0)
		return err_set_errno(err, "%s", path);
	*out_free = (int64_t)(status.f_bavail * status.f_frsize);
	*out_total = (int64_t)(status.f_blocks * status.f_frsize);
	return true;
}

static bool read_sensor(const char *path, int64_t *out)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct err ignored = {0};
	long value;
	char *end;

	if (!file_read(path, ATTRIBUTE_MAX, &blob, &ignored))
		return false;
	errno = 0;
	value = strtol(blob.bytes, &end, 10);
	if (errno != 0 || end == blob.bytes || (*end != '\n' && *end != '\0') ||
	    value < MILLIDEGREES_MIN || value > MILLIDEGREES_MAX)
		return false;
	*out = value;
	return true;
}

/* The hottest of the files @files in the folder @path. */
static bool hottest_in(const char *path, const char *files, int64_t *hottest)
{
	struct err ignored = {0};
	struct dirent *entry;
	bool found = false;
	DIR *dir = opendir(path);

	while (dir && (entry = readdir(dir)) != NULL) {
		char file[PATH_MAX];
		int64_t value = 0;

		if (fnmatch(files, entry->d_name, 0) != 0 ||
		    !path_join(file, sizeof(file), path, entry->d_name, &ignored) ||
		    !read_sensor(file, &value))
			continue;
		if (!found || value > *hottest)
			*hottest = value;
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

/* The hottest of @sysfs/@folders/@files. */
static bool hottest_of(const char *sysfs, const char *class, const char *folders,
		       const char *files, int64_t *out)
{
	struct err ignored = {0};
	struct dirent *entry;
	char path[PATH_MAX];
	bool found = false;
	DIR *dir;

	if (!path_join(path, sizeof(path), sysfs, class, &ignored))
		return false;
	dir = opendir(path);
	while (dir && (entry = readdir(dir)) != NULL) {
		char folder[PATH_MAX];
		int64_t value = 0;

		if (fnmatch(folders, entry->d_name, 0) != 0 ||
		    !path_join(folder, sizeof(folder), path, entry->d_name, &ignored) ||
		    !hottest_in(folder, files, &value))
			continue;
		if (!found || value > *out)
			*out = value;
		found = true;
	}
	if (dir)
		closedir(dir);
	return found;
}

bool machine_temperature(const char *sysfs, int64_t *out_millidegrees)
{
	int64_t hottest;

	if (!hottest_of(sysfs, "thermal", "thermal_zone*", "temp", &hottest) &&
	    !hottest_of(sysfs, "hwmon", "hwmon*", "temp*_input", &hottest))
		return false;
	*out_millidegrees = hottest;
	return true;
}
