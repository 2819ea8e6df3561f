#include "ctl/alarm_desk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alarm.h"
#include "core/err.h"
#include "ctl/ctl.h"
#include "ctl/key.h"
#include "ctl/release.h"
#include "ctl/show.h"
#include "sync/http.h"
#include "wire/alarms_json.h"
#include "wire/tuf_build.h"
#include "wire/tuf_metadata.h"

#define EMERGENCY_LIFE_MS (INT64_C(730) * 24 * 60 * 60 * 1000)

void alarm_desk_done(struct alarm_desk *desk)
{
	repository_files_done(&desk->files);
	tuf_trust_free(desk->trust);
	desk->alarms = alarms_free(desk->alarms);
}

/* Those that are on; none when the role's file is past its end. */
static bool read_alarms(struct alarm_desk *desk, struct err *err)
{
	char *bytes = NULL;

	if (!desk->has_target) {
		desk->alarms = alarms_new(desk->ctl->now.wall, err);
		return desk->alarms != NULL;
	}
	if (!release_download(desk->ctl, desk->trust, &desk->target, &bytes, err))
		return false;
	desk->alarms =
		alarms_from_json(ALARM_PATH, bytes, (size_t)desk->target.length, err);
	free(bytes);
	return desk->alarms != NULL;
}

bool alarm_desk_open(struct alarm_desk *desk, struct ctl *ctl, struct err *err)
{
	const struct repository_file *role;
	struct wall_ms expires;

	*desk = (struct alarm_desk){.ctl = ctl};
	desk->trust = release_refresh(ctl, &desk->files, err);
	if (!desk->trust || !key_of_alarms(&desk->files, &desk->keys, err) ||
	    !release_find_alarms(ctl, desk->trust, &desk->files, &desk->target,
				 &desk->has_target, err))
		return false;
	role = repository_file_find(&desk->files, ALARM_ROLE ".json");
	if (role && !tuf_peek(role->bytes, role->len, &desk->version, &expires, err))
		return false;
	return read_alarms(desk, err);
}

char *alarm_desk_sign(const struct alarm_desk *desk, const struct tuf_target *target,
		      const struct signers *signers, struct err *err)
{
	struct wall_ms expires = {desk->ctl->now.wall.ms + EMERGENCY_LIFE_MS};
	size_t len = 0;

	return tuf_build_targets(desk->version + 1, expires, target, target ? 1 : 0,
				 (const struct signer *const *)signers->list,
				 signers->count, &len, err);
}

/* ---- Showing ---- */

static void free_alarms(struct alarms **alarms)
{
	alarms_free(*alarms);
}

static void free_targets(struct tuf_targets **targets)
{
	tuf_targets_free(*targets);
}

static bool print_changes(const struct alarms *before, const struct alarms *after,
			  struct err *err)
{
	size_t changes = 0;

	for (size_t i = 0; i < after->notice_count; i++) {
		const struct notice *notice = &after->notices[i];
		const struct notice *old = alarms_find(before, notice->id);
		bool same = false;

		if (old && !show_same(notice, old, &same, err))
			return false;
		if (!same) {
			show_notice(old ? '~' : '+', notice);
			changes++;
		}
	}
	for (size_t i = 0; i < before->notice_count; i++) {
		if (!alarms_find(after, before->notices[i].id)) {
			show_notice('-', &before->notices[i]);
			changes++;
		}
	}
	if (changes == 0)
		puts("no alarm changes");
	return true;
}

/* The alarms that @role lists, by their hash; none where it lists none. */
static struct alarms *fetch_alarms(struct ctl *ctl, const struct tuf_targets *role,
				   struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};

	if (role->count == 0)
		return alarms_new(ctl->now.wall, err);
	if (role->count > 1 || role->delegations ||
	    strcmp(role->targets[0].path, ALARM_PATH) != 0) {
		err_set(err, ERR_INVALID, ALARM_ROLE ".json: holds more than alarms");
		return NULL;
	}
	if (!show_fetch(ctl, &role->targets[0], &response, err))
		return NULL;
	return alarms_from_json(ALARM_PATH, response.body, response.body_len, err);
}

bool alarm_desk_show(const struct alarm_desk *desk, const char *emergency,
		     struct err *err)
{
	CLEANUP(tuf_file_done) struct tuf_file file = {0};
	CLEANUP(free_targets) struct tuf_targets *role = NULL;
	CLEANUP(free_alarms) struct alarms *alarms = NULL;

	if (!tuf_file_read(&file, ALARM_ROLE ".json", TUF_ROLE_TARGETS, emergency,
			   strlen(emergency), TUF_TARGETS_MAX, err))
		return false;
	role = tuf_targets_read(&file, err);
	if (!role)
		return false;
	if (role->header.version != desk->version + 1)
		return err_set(err, ERR_CONFLICT,
			       "these alarms are version %" PRId64
			       ", the next one is %" PRId64
			       ": something was published meanwhile, prepare it again",
			       role->header.version, desk->version + 1);
	alarms = fetch_alarms(desk->ctl, role, err);
	return alarms && print_changes(desk->alarms, alarms, err);
}
