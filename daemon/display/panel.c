#include "display/panel.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "os/file.h"

#define ATTRIBUTE_MAX 4096 /* sysfs: one page */

/* Whether attribute @name of a connector says @wanted; false when it has none. */
static bool says(const char *drm, const char *connector, const char *name,
		 const char *wanted)
{
	CLEANUP(blob_free) struct blob blob = {0};
	char path[PATH_MAX];
	struct err ignored = {0};

	if (snprintf(path, sizeof(path), "%s/%s/%s", drm, connector, name) >=
		    (int)sizeof(path) ||
	    !file_read(path, ATTRIBUTE_MAX, &blob, &ignored))
		return false;
	blob.bytes[strcspn(blob.bytes, "\n")] = '\0';
	return strcmp(blob.bytes, wanted) == 0;
}

/* "card0-HDMI-A-1" is a connector, "card0" and "renderD128" are not. */
static bool is_connector(const char *name)
{
	return strncmp(name, "card", 4) == 0 && strchr(name, '-') != NULL &&
	       !strstr(name, "-Writeback-");
}

enum play_output panel_state(const char *drm)
{
	enum play_output state = PLAY_OUTPUT_UNKNOWN;
	struct dirent *entry;
	DIR *dir = opendir(drm);

	if (!dir)
		return PLAY_OUTPUT_UNKNOWN;
	while (state != PLAY_OUTPUT_ON && (entry = readdir(dir)) != NULL) {
		if (!is_connector(entry->d_name))
			continue;
		state = PLAY_OUTPUT_OFF;
		if (says(drm, entry->d_name, "status", "connected") &&
		    !says(drm, entry->d_name, "dpms", "Off"))
			state = PLAY_OUTPUT_ON;
	}
	closedir(dir);
	return state;
}
