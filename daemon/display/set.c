#include "display/set.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "core/alarm.h"
#include "core/err.h"
#include "core/plan.h"
#include "display/media.h"
#include "wire/programme_json.h"

struct set {
	atomic_int references;
	struct plan *plan;
	struct programme *programme; /* as it was signed; NULL: none yet */
	struct alarms *alarms;       /* likewise */
	struct programme shown;      /* of both; its notices are the set's own array */
	uint8_t (*notice_hashes)[SHA256_SIZE]; /* by index in what is shown */
	struct media *media;
	uint8_t plan_hash[SHA256_SIZE];
	uint8_t programme_hash[SHA256_SIZE];
	uint8_t alarms_hash[SHA256_SIZE];
};

static bool add_notice(struct set *set, const struct notice *notice, bool urgent,
		       struct err *err)
{
	size_t i = set->shown.notice_count++;

	set->shown.notices[i] = *notice;
	set->shown.notices[i].urgent = urgent;
	/* Of the notice as it was signed: that is what the city knows it by. */
	return notice_content_hash(notice, set->notice_hashes[i], err);
}

/* Puts together what is shown. */
static bool gather(struct set *set, struct err *err)
{
	const struct programme *programme = set->programme;
	const struct alarms *alarms = set->alarms;
	size_t count = (programme ? programme->notice_count : 0) +
		       (alarms ? alarms->notice_count : 0);

	free(set->shown.notices);
	free(set->notice_hashes);
	set->shown = programme ? *programme
			       : (struct programme){.policy = loop_policy_default};
	set->shown.arena = NULL;
	set->shown.notice_count = 0;
	set->shown.notices = calloc(count + 1, sizeof(*set->shown.notices));
	set->notice_hashes = calloc(count + 1, sizeof(*set->notice_hashes));
	if (!set->shown.notices || !set->notice_hashes)
		return err_set(err, ERR_NO_MEMORY, "set: out of memory");
	for (size_t i = 0; alarms && i < alarms->notice_count; i++)
		if (!add_notice(set, &alarms->notices[i], true, err))
			return false;
	for (size_t i = 0; programme && i < programme->notice_count; i++)
		if (!(alarms && alarms_find(alarms, programme->notices[i].id)) &&
		    !add_notice(set, &programme->notices[i], false, err))
			return false;
	return true;
}

struct set *set_new(struct plan *plan, const uint8_t plan_hash[static SHA256_SIZE],
		    struct programme *programme, const uint8_t *programme_hash,
		    struct media *media, struct err *err)
{
	struct set *set = calloc(1, sizeof(*set));

	if (!set) {
		media_free(media);
		programme_free(programme);
		plan_free(plan);
		err_set(err, ERR_NO_MEMORY, "set: out of memory");
		return NULL;
	}
	atomic_init(&set->references, 1);
	set->plan = plan;
	set->programme = programme;
	set->media = media;
	memcpy(set->plan_hash, plan_hash, SHA256_SIZE);
	if (programme_hash)
		memcpy(set->programme_hash, programme_hash, SHA256_SIZE);
	if (!gather(set, err))
		return set_unref(set);
	return set;
}

bool set_add_alarms(struct set *set, struct alarms *alarms,
		    const uint8_t hash[static SHA256_SIZE], struct err *err)
{
	alarms_free(set->alarms);
	set->alarms = alarms;
	memcpy(set->alarms_hash, hash, SHA256_SIZE);
	return gather(set, err);
}

struct set *set_ref(struct set *set)
{
	atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed);
	return set;
}

struct set *set_unref(struct set *set)
{
	if (!set || atomic_fetch_sub(&set->references, 1) > 1)
		return NULL;
	media_free(set->media);
	programme_free(set->programme);
	alarms_free(set->alarms);
	plan_free(set->plan);
	free(set->shown.notices);
	free(set->notice_hashes);
	free(set);
	return NULL;
}

const struct plan *set_plan(const struct set *set)
{
	return set->plan;
}

const struct programme *set_programme(const struct set *set)
{
	return set->programme || set->alarms ? &set->shown : NULL;
}

const struct media *set_media(const struct set *set)
{
	return set->media;
}

const struct loop_policy *set_policy(const struct set *set)
{
	return &set->shown.policy;
}

int64_t set_version(const struct set *set)
{
	return set->shown.version;
}

struct wall_ms set_trusted_wall(const struct set *set, struct wall_ms wall)
{
	if (set->programme && set->programme->published.ms > wall.ms)
		return set->programme->published;
	return wall;
}

struct wall_ms set_showing_wall(const struct set *set, struct wall_ms wall)
{
	wall = set_trusted_wall(set, wall);
	if (set->alarms && set->alarms->published.ms > wall.ms)
		return set->alarms->published;
	return wall;
}

bool set_same(const struct set *a, const struct set *b)
{
	return (a->programme != NULL) == (b->programme != NULL) &&
	       memcmp(a->plan_hash, b->plan_hash, SHA256_SIZE) == 0 &&
	       memcmp(a->programme_hash, b->programme_hash, SHA256_SIZE) == 0 &&
	       memcmp(a->alarms_hash, b->alarms_hash, SHA256_SIZE) == 0;
}

const struct notice *set_notice(const struct set *set, const char *item_id)
{
	static const char prefix[] = "notice/";

	if (strncmp(item_id, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	return programme_notice(&set->shown, item_id + sizeof(prefix) - 1);
}

const uint8_t *set_content_hash(const struct set *set, const char *item_id)
{
	const struct notice *notice = set_notice(set, item_id);

	if (!notice)
		return set->plan_hash;
	return set->notice_hashes[notice - set->shown.notices];
}

bool set_item_same(const struct set *a, const struct set *b, const char *item_id)
{
	const struct notice *in_a = set_notice(a, item_id);
	const struct notice *in_b = set_notice(b, item_id);

	if ((in_a != NULL) != (in_b != NULL))
		return false;
	if (!in_a && strncmp(item_id, "notice/", 7) == 0)
		return false; /* neither has it any more */
	if (in_a && in_a->revision != in_b->revision)
		return false;
	return memcmp(set_content_hash(a, item_id), set_content_hash(b, item_id),
		      SHA256_SIZE) == 0;
}
