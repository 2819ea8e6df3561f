#include "city/learn.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/stat.h>

#include "city/city.h"
#include "city/publish.h"
#include "city/publisher.h"
#include "core/err.h"
#include "core/programme.h"
#include "os/file.h"
#include "os/log.h"
#include "store/citydb.h"
#include "store/ledger.h"
#include "wire/programme_json.h"

#define PROGRAMME_PATTERN "*.programme.json"

/* Clocks of the file system and of what was published may differ. */
#define MARGIN_MS INT64_C(86400000)

static void release_programme(struct programme **programme)
{
	programme_free(*programme);
}

static bool learn_file(struct city *city, const char *path, struct wall_ms now,
		       struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	CLEANUP(release_programme) struct programme *programme = NULL;
	struct err unread = {0};

	if (file_read(path, PROGRAMME_JSON_MAX, &blob, &unread))
		programme = programme_from_json(path, blob.bytes, blob.len, &unread);
	if (!programme) {
		log_warning("%s: its notices may be unknown to the ledger", unread.text);
		return true;
	}
	return publish_know_notices(city, programme->notices, programme->notice_count,
				    now, err);
}

static bool is_newer(const char *path, struct wall_ms than)
{
	struct stat info;

	return stat(path, &info) == 0 &&
	       (int64_t)info.st_mtim.tv_sec * 1000 > than.ms - MARGIN_MS;
}

static bool learn_folder(struct city *city, const char *folder, struct wall_ms known,
			 struct wall_ms now, struct err *err)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	char path[PATH_MAX];
	bool ok = true;

	if (!dir)
		return err_set_errno(err, "%s", folder);
	while (ok && (entry = readdir(dir)) != NULL) {
		if (fnmatch(PROGRAMME_PATTERN, entry->d_name, 0) != 0)
			continue;
		ok = path_join(path, sizeof(path), folder, entry->d_name, err) &&
		     (!is_newer(path, known) || learn_file(city, path, now, err));
	}
	closedir(dir);
	return ok;
}

bool learn_published(struct city *city, struct wall_ms now, struct err *err)
{
	struct wall_ms known;
	char folder[PATH_MAX];
	bool ok;

	if (!path_join(folder, sizeof(folder), publisher_folder(city->publisher),
		       "targets", err) ||
	    !ledger_newest_notice(city->ledger, &known, err) || !db_begin(city->db, err))
		return false;
	ok = learn_folder(city, folder, known, now, err);
	return db_end(city->db, ok, err);
}
