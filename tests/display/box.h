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

#include "core/notice.h"
#include "core/programme.h"
#include "os/file.h"
#include "support/tmp.h"
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

/* The set's three files, signed, into inbox/sets/NAME; `current` is left as it is. */
static inline void box_sign_set(struct box *box, const struct tuf_target *targets,
				size_t count)
{
	const struct signer *signers[] = {box->targets};
	char *t, *s, *ts, name[PATH_MAX];
	size_t t_len, s_len, ts_len;
	struct err err = {0};

	box->version++;
	t = tuf_build_targets(box->version, box->ends, targets, count, signers, 1, &t_len,
			      &err);
	assert_ok(t != NULL, err);
	s = tuf_build_snapshot(box->version, box->ends, t, t_len, box->online, &s_len,
			       &err);
	assert_ok(s != NULL, err);
	ts = tuf_build_timestamp(box->version, box->ends, s, s_len, box->online, &ts_len,
				 &err);
	assert_ok(ts != NULL, err);
	snprintf(box->set_name, sizeof(box->set_name), "set-%" PRId64 "-%" PRId64,
		 box->root_version, box->version);
	snprintf(name, sizeof(name), "sets/%s/targets.json", box->set_name);
	box_write(box->inbox, name, t, t_len);
	snprintf(name, sizeof(name), "sets/%s/snapshot.json", box->set_name);
	box_write(box->inbox, name, s, s_len);
	snprintf(name, sizeof(name), "sets/%s/timestamp.json", box->set_name);
	box_write(box->inbox, name, ts, ts_len);
	free(t);
	free(s);
	free(ts);
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
