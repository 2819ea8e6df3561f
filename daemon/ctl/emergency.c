/*
 * Alarms: the notices that take over the screens at once, under keys of their own. Nothing
 * here needs the key that signs all other content, but for saying whose keys these are.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alarm.h"
#include "core/arena.h"
#include "core/err.h"
#include "ctl/alarm_desk.h"
#include "ctl/ctl.h"
#include "ctl/key.h"
#include "ctl/key_draft.h"
#include "ctl/release.h"
#include "ctl/show.h"
#include "os/file.h"
#include "wire/alarms_json.h"
#include "wire/json.h"
#include "wire/programme_json.h"

static const char usage[] =
	"usage: emergency publish FILE.json… | withdraw ID… | withdraw --all | show |\n"
	"       check FILE.json | renew |\n"
	"       keys DRAFT.json [--add KEY.pub]… [--remove ID]… [--threshold N]";

/* ---- What is on ---- */

/* An alarm as staff write it: an ordinary notice, but for what makes it an alarm. */
static struct notice *read_alarm(const struct ctl *ctl, const char *path,
				 struct arena *arena, int64_t revision, struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct notice *notice;

	if (!file_read(path, NOTICE_JSON_MAX, &blob, err))
		return NULL;
	notice = notice_from_json(path, blob.bytes, blob.len, arena, err);
	if (!notice)
		return NULL;
	notice->urgent = true;
	notice->revision = revision;
	if (alarm_check(notice, ctl->now.wall, err))
		return notice;
	err_prefix(err, "%s", path);
	return NULL;
}

static bool put(struct alarms *alarms, const struct notice *notice, struct err *err)
{
	for (size_t i = 0; i < alarms->notice_count; i++) {
		if (strcmp(alarms->notices[i].id, notice->id) == 0) {
			alarms->notices[i] = *notice;
			return true;
		}
	}
	if (alarms->notice_count == ALARMS_MAX)
		return err_set(err, ERR_TOO_LARGE,
			       "%s: there are %d alarms already; withdraw one",
			       notice->id, ALARMS_MAX);
	alarms->notices[alarms->notice_count++] = *notice;
	return true;
}

static bool take_out(struct alarms *alarms, const char *id, struct err *err)
{
	for (size_t i = 0; i < alarms->notice_count; i++) {
		if (strcmp(alarms->notices[i].id, id) != 0)
			continue;
		show_notice('-', &alarms->notices[i]);
		alarms->notices[i] = alarms->notices[--alarms->notice_count];
		return true;
	}
	return err_set(err, ERR_NOT_FOUND, "%s: no such alarm is on", id);
}

static void drop_ended(struct alarms *alarms, struct wall_ms now)
{
	size_t kept = 0;

	for (size_t i = 0; i < alarms->notice_count; i++)
		if (alarms->notices[i].until.ms > now.ms)
			alarms->notices[kept++] = alarms->notices[i];
	alarms->notice_count = kept;
}

/* ---- Signing and sending ---- */

static bool open_desk(struct alarm_desk *desk, struct ctl *ctl, struct err *err)
{
	if (!signers_needed(ALARM_ROLE, ctl->emergency_key_count, err) ||
	    !alarm_desk_open(desk, ctl, err))
		return false;
	return desk->keys.count > 0 ||
	       err_set(err, ERR_NOT_FOUND,
		       "this repository has no keys for alarms yet: \"ekimaectl "
		       "emergency keys\" gives it some");
}

static bool hand_over(struct ctl *ctl, const char *emergency, struct err *err)
{
	json_t *body = json_pack("{s:s}", "emergency", emergency);
	struct json_doc *answer;
	struct json_node root;
	int64_t version = 0;
	bool fine;

	if (ctl->prepare)
		return release_write_prepared(ctl->prepare, body, err);
	answer = ctl_call(ctl, "POST", "emergency", body, err);
	fine = answer && json_root(answer, &root, err) &&
	       json_get_int(&root, "version", 1, INT64_MAX, &version, err);
	json_doc_free(answer);
	if (fine)
		printf("published as version %" PRId64 " of the alarms\n", version);
	return fine;
}

/* What the desk holds now becomes what is on. */
static bool send_alarms(struct alarm_desk *desk, struct err *err)
{
	struct ctl *ctl = desk->ctl;
	CLEANUP(signers_done) struct signers signers = {0};
	char *document = NULL, *emergency = NULL;
	struct tuf_target target;
	bool fine, any;
	size_t len = 0;

	/* The key first: a missing one must not leave objects on the server. */
	if (!signers_load(&signers, ctl->emergency_keys, ctl->emergency_key_count, err))
		return false;
	drop_ended(desk->alarms, ctl->now.wall);
	desk->alarms->published = ctl->now.wall;
	any = desk->alarms->notice_count > 0;
	fine = true;
	if (any) {
		document = alarms_to_json(desk->alarms, &len, err);
		fine = document &&
		       release_put(ctl, ALARM_PATH, document, len, &target, err);
	}
	if (fine)
		emergency = alarm_desk_sign(desk, any ? &target : NULL, &signers, err);
	fine = emergency && hand_over(ctl, emergency, err);
	free(emergency);
	free(document);
	return fine;
}

static bool publish(struct ctl *ctl, int count, char **paths, struct err *err)
{
	CLEANUP(alarm_desk_done) struct alarm_desk desk = {0};

	if (count < 1)
		return err_set(err, ERR_USAGE, "usage: emergency publish FILE.json…");
	if (!open_desk(&desk, ctl, err))
		return false;
	for (int i = 0; i < count; i++) {
		const struct notice *notice = read_alarm(
			ctl, paths[i], desk.alarms->arena, desk.version + 1, err);

		if (!notice || !put(desk.alarms, notice, err))
			return false;
		show_notice('+', notice);
	}
	return ctl_confirm(ctl, "Take over every screen with this, now?", err) &&
	       send_alarms(&desk, err);
}

static bool withdraw(struct ctl *ctl, int count, char **ids, struct err *err)
{
	CLEANUP(alarm_desk_done) struct alarm_desk desk = {0};
	bool all = count == 1 && strcmp(ids[0], "--all") == 0;

	if (count < 1)
		return err_set(err, ERR_USAGE, "usage: emergency withdraw ID… | --all");
	if (!open_desk(&desk, ctl, err))
		return false;
	for (int i = 0; !all && i < count; i++)
		if (!take_out(desk.alarms, ids[i], err))
			return false;
	while (all && desk.alarms->notice_count > 0)
		if (!take_out(desk.alarms, desk.alarms->notices[0].id, err))
			return false;
	return ctl_confirm(ctl, "Take this off every screen?", err) &&
	       send_alarms(&desk, err);
}

static bool renew(struct ctl *ctl, struct err *err)
{
	CLEANUP(alarm_desk_done) struct alarm_desk desk = {0};

	return open_desk(&desk, ctl, err) && send_alarms(&desk, err);
}

static bool show(struct ctl *ctl, struct err *err)
{
	CLEANUP(alarm_desk_done) struct alarm_desk desk = {0};

	if (!alarm_desk_open(&desk, ctl, err))
		return false;
	if (desk.keys.count == 0) {
		puts("nobody has keys for alarms: see \"emergency keys\"");
		return true;
	}
	for (size_t i = 0; i < desk.alarms->notice_count; i++)
		show_notice(desk.alarms->notices[i].until.ms > ctl->now.wall.ms ? ' '
										: '-',
			    &desk.alarms->notices[i]);
	if (desk.alarms->notice_count == 0)
		puts("no alarm is on");
	key_print_role(ALARM_ROLE, &desk.keys, NULL, NULL);
	return true;
}

static bool check(struct ctl *ctl, const char *path, struct err *err)
{
	struct arena *arena = arena_new(ALARMS_JSON_MAX);
	const struct notice *notice =
		arena ? read_alarm(ctl, path, arena, 1, err)
		      : (err_set(err, ERR_NO_MEMORY, "out of memory"), NULL);

	if (notice)
		printf("%s: ok\n", path);
	arena_free(arena);
	return notice != NULL;
}

/* ---- Whose keys ---- */

/* The delegation to @keys, for targets.json. Owned. */
static char *delegations_to(const struct tuf_draft_role *keys, struct err *err)
{
	const struct tuf_role_keys role = {keys->keys, keys->count, keys->threshold};

	return tuf_build_delegations(ALARM_ROLE, ALARM_PATTERN, &role, err);
}

/*
 * Both files at once: targets.json says whose keys sign alarms, and emergency.json must be
 * signed by these. Each is signed by what keys are at hand; the others sign the draft.
 */
static bool write_draft(const struct alarm_desk *desk, const struct tuf_draft_role *keys,
			const char *path, struct err *err)
{
	const struct ctl *ctl = desk->ctl;
	CLEANUP(signers_done) struct signers publishers = {0};
	CLEANUP(signers_done) struct signers alarmers = {0};
	size_t count = tuf_target_count(desk->trust), len = 0;
	char *delegations = delegations_to(keys, err);
	char *targets = NULL, *emergency = NULL, *text = NULL;
	bool fine;

	if (delegations &&
	    signers_load(&publishers, ctl->targets_keys, ctl->targets_key_count, err) &&
	    signers_load(&alarmers, ctl->emergency_keys, ctl->emergency_key_count, err))
		targets = release_sign(ctl, desk->trust, &desk->files,
				       count ? tuf_target_at(desk->trust, 0) : NULL,
				       count, delegations, &publishers, &len, err);
	if (targets)
		emergency = alarm_desk_sign(desk, desk->has_target ? &desk->target : NULL,
					    &alarmers, err);
	fine = emergency != NULL;
	if (fine) {
		json_t *body = json_pack("{s:s, s:s}", "targets", targets, "emergency",
					 emergency);

		text = body ? json_dumps(body, JSON_COMPACT) : NULL;
		json_decref(body);
		fine = text ? key_write_new(path, text, 0600, err)
			    : err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
	}
	free(text);
	free(emergency);
	free(targets);
	free(delegations);
	return fine;
}

static bool keys(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(alarm_desk_done) struct alarm_desk desk = {0};
	struct tuf_draft_role next;
	int used;

	if (argc < 1)
		return err_set(err, ERR_USAGE, "%s", usage);
	if (!alarm_desk_open(&desk, ctl, err))
		return false;
	next = desk.keys;
	if (next.count == 0)
		next.threshold = 1;
	for (int i = 1; i < argc; i += used)
		if (!key_change_role(&next, &argv[i], &used, usage, err))
			return false;
	if (!write_draft(&desk, &next, argv[0], err))
		return false;
	key_print_role(ALARM_ROLE, &next, desk.keys.count > 0 ? &desk.keys : NULL, NULL);
	printf("\nWritten to %s, and signed with the keys that this machine has. Others sign "
	       "it\nwith \"ekimaectl sign %s\": those of targets, and %d of the keys above.\n"
	       "Then: ekimaectl send %s\n",
	       argv[0], argv[0], next.threshold, argv[0]);
	return true;
}

bool verb_emergency(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	const char *verb = argc > 1 ? argv[1] : "";

	if (strcmp(verb, "publish") == 0)
		return publish(ctl, argc - 2, argv + 2, err);
	if (strcmp(verb, "withdraw") == 0)
		return withdraw(ctl, argc - 2, argv + 2, err);
	if (strcmp(verb, "keys") == 0)
		return keys(ctl, argc - 2, argv + 2, err);
	if (argc == 2 && strcmp(verb, "renew") == 0)
		return renew(ctl, err);
	if (argc == 2 && strcmp(verb, "show") == 0)
		return show(ctl, err);
	if (argc == 3 && strcmp(verb, "check") == 0)
		return check(ctl, argv[2], err);
	return err_set(err, ERR_USAGE, "%s", usage);
}
