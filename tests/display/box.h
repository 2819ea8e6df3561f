#ifndef DISPLAY_BOX_H
#define DISPLAY_BOX_H

/*
 * A box behind a screen in a temporary folder: enrolled, with the keys of a city that
 * publishes into its inbox as the courier would, and what a hijacked courier could do.
 */
#include "support/test.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/alarm.h"
#include "core/notice.h"
#include "core/programme.h"
#include "display/set.h"
#include "os/file.h"
#include "support/tmp.h"
#include "wire/alarms_json.h"
#include "wire/digest.h"
#include "wire/key.h"
#include "wire/programme_json.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

#define BOX_SCREEN "tanashi-1"
#define BOX_PLAN   EKIMAE_SOURCE_DIR "/assets/plan/plan.json"
#define DAY_MS     INT64_C(86400000)
#define HOUR_MS    INT64_C(3600000)

struct box {
	char *dir;
	char inbox[PATH_MAX], outbox[PATH_MAX], state[PATH_MAX];
	struct signer *root, *targets, *online, *screen;
	int64_t root_version;
	int64_t version;     /* of targets, snapshot and timestamp */
	struct wall_ms ends; /* of what is published next */
	char set_name[64];   /* the set published last */

	/* The role that signs alarms, once box_give_alarm_key() was called. */
	struct signer *emergency;
	int64_t emergency_version;
	struct wall_ms emergency_ends;
	struct tuf_target alarms; /* the document that is in force, when … */
	bool has_alarms;
};

static inline struct signer *box_key(void)
{
	struct err err = {0};
	struct signer *signer = signer_generate(&err);

	assert_ok(signer != NULL, err);
	return signer;
}

static inline void box_write(const char *dir, const char *name, const void *bytes,
			     size_t len)
{
	char path[PATH_MAX * 2], *slash;
	struct err err = {0};

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	assert_ok(dir_make(path, 0700, &err), err);
	*slash = '/';
	assert_ok(file_write_atomic(path, bytes, len, 0600, &err), err);
}

static inline void box_remove(const char *dir, const char *name)
{
	char path[PATH_MAX * 2];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(unlink(path), 0);
}

/* Writes the next root, signed by root key and @old_root (NULL: unchanged). */
static inline char *box_sign_root(struct box *box, const struct signer *old_root,
				  size_t *out_len)
{
	uint8_t root[1][32], targets[1][32], online[1][32];
	const struct signer *signers[] = {box->root, old_root};
	struct tuf_root_content content = {
		.version = ++box->root_version,
		.expires = {box->ends.ms + 1000 * DAY_MS},
		.consistent_snapshot = true,
		.root = {root, 1, 1},
		.targets = {targets, 1, 1},
		.snapshot = {online, 1, 1},
		.timestamp = {online, 1, 1},
	};
	struct err err = {0};
	char *text;

	signer_public(box->root, root[0]);
	signer_public(box->targets, targets[0]);
	signer_public(box->online, online[0]);
	text = tuf_build_root(&content, signers, old_root ? 2 : 1, out_len, &err);
	assert_ok(text != NULL, err);
	return text;
}

static inline void box_enrol(struct box *box)
{
	static const char screen[] =
		"{\"format\": \"ekimae.screen/1\", \"id\": \"" BOX_SCREEN
		"\", \"place\": \"田無駅前\", \"server\": "
		"\"https://city.example\"}";
	struct err err = {0};
	size_t len;
	char *root = box_sign_root(box, NULL, &len);
	char *pem = signer_to_pem(box->screen, &err);

	assert_ok(pem != NULL, err);
	box_write(box->state, "root.json", root, len);
	box_write(box->state, "screen.json", screen, strlen(screen));
	box_write(box->state, "screen.key", pem, strlen(pem));
	signer_pem_free(pem);
	free(root);
}

/* @now decides how long what it publishes is in force. */
static inline struct box box_new(struct wall_ms now)
{
	struct box box = {
		.dir = tmp_dir(),
		.root = box_key(),
		.targets = box_key(),
		.online = box_key(),
		.screen = box_key(),
		.ends = {now.ms + DAY_MS},
	};
	struct err err = {0};

	snprintf(box.inbox, PATH_MAX, "%s/inbox", box.dir);
	snprintf(box.outbox, PATH_MAX, "%s/outbox", box.dir);
	snprintf(box.state, PATH_MAX, "%s/state", box.dir);
	assert_ok(dir_make(box.inbox, 0700, &err) && dir_make(box.state, 0700, &err) &&
			  dir_make(box.outbox, 0700, &err),
		  err);
	box_enrol(&box);
	return box;
}

static inline void box_free(struct box *box)
{
	signer_free(box->root);
	signer_free(box->targets);
	signer_free(box->online);
	signer_free(box->screen);
	signer_free(box->emergency);
	tmp_remove(box->dir);
}

static inline void box_point(const struct box *box, const char *name)
{
	box_write(box->inbox, "current", name, strlen(name));
}

static inline void box_object(const struct box *box, const char *bytes, size_t len,
			      struct tuf_target *target, const char *path)
{
	char name[SHA256_HEX_SIZE + 10], hex[SHA256_HEX_SIZE];

	*target = (struct tuf_target){.length = (int64_t)len, .has_sha256 = true};
	snprintf(target->path, sizeof(target->path), "%s", path);
	sha256(bytes, len, target->sha256);
	hex_encode(target->sha256, SHA256_SIZE, hex);
	snprintf(name, sizeof(name), "objects/%s", hex);
	box_write(box->inbox, name, bytes, len);
}

static inline void box_put(const struct box *box, const char *file, const char *bytes,
			   size_t len)
{
	char name[PATH_MAX];

	snprintf(name, sizeof(name), "sets/%s/%s", box->set_name, file);
	box_write(box->inbox, name, bytes, len);
}

/* Who may sign alarms: the box's emergency key. Owned. */
static inline char *box_delegations(const struct box *box)
{
	uint8_t key[1][32];
	const struct tuf_role_keys keys = {key, 1, 1};
	struct err err = {0};
	char *text;

	signer_public(box->emergency, key[0]);
	text = tuf_build_delegations(ALARM_ROLE, ALARM_PATTERN, &keys, &err);
	assert_ok(text != NULL, err);
	return text;
}

/* emergency.json under @signer: the alarms that are in force. Owned. */
static inline char *box_sign_emergency(const struct box *box, const struct signer *signer)
{
	struct err err = {0};
	size_t len;
	char *text = tuf_build_targets(box->emergency_version, box->emergency_ends,
				       &box->alarms, box->has_alarms ? 1 : 0, &signer, 1,
				       &len, &err);

	assert_ok(text != NULL, err);
	return text;
}

/*
 * The set's files, signed, into inbox/sets/NAME; `current` is left as it is. @emergency: in
 * place of the file that box_sign_emergency() makes; NULL: that.
 */
static inline void box_sign_set_with(struct box *box, const struct tuf_target *targets,
				     size_t count, const char *emergency)
{
	char *delegations = box->emergency ? box_delegations(box) : NULL;
	char *own = box->emergency ? box_sign_emergency(box, box->emergency) : NULL;
	const struct signer *signers[] = {box->targets};
	struct tuf_targets_content content = {
		.version = ++box->version,
		.expires = box->ends,
		.targets = targets,
		.count = count,
		.delegations = delegations,
	};
	struct tuf_named_file files[2];
	char *t, *s, *ts;
	size_t t_len, s_len, ts_len;
	struct err err = {0};

	emergency = emergency ? emergency : own;
	t = tuf_build_role(&content, signers, 1, &t_len, &err);
	assert_ok(t != NULL, err);
	files[0] = (struct tuf_named_file){"targets.json", t, t_len};
	files[1] = (struct tuf_named_file){"emergency.json", emergency,
					   emergency ? strlen(emergency) : 0};
	s = tuf_build_snapshot_of(box->version, box->ends, files, box->emergency ? 2 : 1,
				  box->online, &s_len, &err);
	assert_ok(s != NULL, err);
	ts = tuf_build_timestamp(box->version, box->ends, s, s_len, box->online, &ts_len,
				 &err);
	assert_ok(ts != NULL, err);
	snprintf(box->set_name, sizeof(box->set_name), "set-%" PRId64 "-%" PRId64,
		 box->root_version, box->version);
	box_put(box, "targets.json", t, t_len);
	box_put(box, "snapshot.json", s, s_len);
	box_put(box, "timestamp.json", ts, ts_len);
	if (box->emergency)
		box_put(box, "emergency.json", emergency, strlen(emergency));
	free(delegations);
	free(own);
	free(t);
	free(s);
	free(ts);
}

static inline void box_sign_set(struct box *box, const struct tuf_target *targets,
				size_t count)
{
	box_sign_set_with(box, targets, count, NULL);
}

/* From the next set on there is a role that signs alarms. */
static inline void box_give_alarm_key(struct box *box)
{
	box->emergency = box_key();
	box->emergency_version = 1;
	box->emergency_ends = (struct wall_ms){box->ends.ms + 100 * DAY_MS};
}

/* These are the alarms of the next set; none: there are none. */
static inline void box_set_alarms(struct box *box, struct wall_ms published,
				  struct notice *notices, size_t count)
{
	const struct alarms alarms = {
		.published = published, .notices = notices, .notice_count = count};
	struct err err = {0};
	size_t len;
	char *text = alarms_to_json(&alarms, &len, &err);

	assert_ok(text != NULL, err);
	box->emergency_version++;
	box->has_alarms = count > 0;
	box_object(box, text, len, &box->alarms, ALARM_PATH);
	free(text);
}

/* Makes alarms of the urgent ones among @notices, behind the back of all signatures. */
static inline void box_add_alarms(struct set *set, const struct notice *notices,
				  size_t count)
{
	uint8_t hash[SHA256_SIZE] = {1};
	struct err err = {0};
	struct alarms *alarms = alarms_new((struct wall_ms){0}, &err);

	assert_ok(alarms != NULL, err);
	for (size_t i = 0; i < count; i++)
		if (notices[i].urgent)
			alarms->notices[alarms->notice_count++] = notices[i];
	assert_ok(set_add_alarms(set, alarms, hash, &err), err);
}

/* Lays a programme's bytes and the plan into the inbox, without switching to them. */
static inline void box_lay_bytes(struct box *box, const char *programme, size_t len)
{
	struct tuf_target targets[2];
	size_t plan_len;
	char *plan = tmp_read(BOX_PLAN, &plan_len);

	box_object(box, plan, plan_len, &targets[0], "plan.json");
	box_object(box, programme, len, &targets[1], "programme.json");
	box_sign_set(box, targets, 2);
	free(plan);
}

static inline void box_lay(struct box *box, const struct programme *programme)
{
	struct err err = {0};
	size_t len;
	char *text = programme_to_json(programme, &len, &err);

	assert_ok(text != NULL, err);
	box_lay_bytes(box, text, len);
	free(text);
}

/* Publishes @programme as the city and the courier would. */
static inline void box_publish(struct box *box, const struct programme *programme)
{
	box_lay(box, programme);
	box_point(box, box->set_name);
}

static inline struct notice box_notice(const char *id, struct wall_ms from,
				       struct wall_ms until)
{
	return (struct notice){
		.id = id,
		.revision = 1,
		.title = "市民まつりのお知らせ",
		.body = "いこいの森公園で開きます。",
		.department = "文化振興課",
		.from = from,
		.until = until,
		.hours = {.weekdays = 0x7f, .from_minute = 0, .until_minute = 1440},
		.weight = 1,
		.counts = true,
	};
}

static inline struct programme box_programme(int64_t version, struct wall_ms published,
					     struct notice *notices, size_t count)
{
	return (struct programme){
		.version = version,
		.published = published,
		.policy = loop_policy_default,
		.notices = notices,
		.notice_count = count,
	};
}

#endif /* DISPLAY_BOX_H */
