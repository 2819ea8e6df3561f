#include "core/programme.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/err.h"

#define VERSION_MAX      INT64_C(1000000000000)
#define LONGEST_WAIT_MAX INT64_C(86400)
#define COUNT_MAX        INT64_C(1000000000)
#define DAY_MINUTES      1440

const struct loop_policy loop_policy_default = {
	.notice_weight = 3,
	.plan_weight = 1,
	.longest_wait_s = 1800,
	.fade_ms = 400,
	.dwell_min_s = 8,
	.characters_per_s = 4,
	.theme = {.dark_from_minute = 19 * 60, .dark_until_minute = 6 * 60},
};

struct programme *programme_free(struct programme *programme)
{
	/* The programme itself lies in its arena, too. */
	if (programme)
		arena_free(programme->arena);
	return NULL;
}

static bool check_range(const char *field, int64_t value, int64_t min, int64_t max,
			struct err *err)
{
	if (value < min || value > max)
		return err_set(err, ERR_INVALID,
			       "%s: expected %" PRId64 "–%" PRId64 ", got %" PRId64,
			       field, min, max, value);
	return true;
}

static bool check_wall(const char *field, struct wall_ms wall, struct err *err)
{
	if (wall.ms < WALL_MS_MIN || wall.ms > WALL_MS_MAX)
		return err_set(err, ERR_INVALID,
			       "%s: expected a time in the years 2000 to 2199", field);
	return true;
}

static bool check_policy(const struct loop_policy *policy, struct err *err)
{
	return check_range("policy.notice_weight", policy->notice_weight, 1, 100, err) &&
	       check_range("policy.plan_weight", policy->plan_weight, 1, 100, err) &&
	       check_range("policy.longest_wait_s", policy->longest_wait_s, 1,
			   LONGEST_WAIT_MAX, err) &&
	       check_range("policy.fade_ms", policy->fade_ms, 0, 2000, err) &&
	       check_range("policy.dwell_min_s", policy->dwell_min_s, 5, 120, err) &&
	       check_range("policy.characters_per_s", policy->characters_per_s, 1, 20,
			   err) &&
	       check_range("policy.theme.dark_from", policy->theme.dark_from_minute, 0,
			   DAY_MINUTES, err) &&
	       check_range("policy.theme.dark_until", policy->theme.dark_until_minute, 0,
			   DAY_MINUTES, err);
}

static bool check_count(const struct programme_count *count, struct err *err)
{
	return !count->known ||
	       (check_range("count.fiscal_year", count->fiscal_year, 2000, 2199, err) &&
		check_range("count.notices", count->notices, 0, COUNT_MAX, err) &&
		check_wall("count.as_of", count->as_of, err));
}

static int compare_ids(const void *a, const void *b)
{
	const struct notice *const *left = a, *const *right = b;

	return strcmp((*left)->id, (*right)->id);
}

static bool check_unique(const struct programme *programme, struct err *err)
{
	const struct notice **sorted;
	bool ok = true;

	if (programme->notice_count < 2)
		return true;
	sorted = calloc(programme->notice_count, sizeof(const struct notice *));
	if (!sorted)
		return err_set(err, ERR_NO_MEMORY, "notices: out of memory");
	for (size_t i = 0; i < programme->notice_count; i++)
		sorted[i] = &programme->notices[i];
	qsort(sorted, programme->notice_count, sizeof(const struct notice *),
	      compare_ids);
	for (size_t i = 1; i < programme->notice_count && ok; i++)
		if (strcmp(sorted[i]->id, sorted[i - 1]->id) == 0)
			ok = err_set(err, ERR_INVALID, "notices: two have the id \"%s\"",
				     sorted[i]->id);
	free(sorted);
	return ok;
}

static bool check_pictures(const struct programme *programme, struct err *err)
{
	int64_t total = 0;

	for (size_t i = 0; i < programme->notice_count; i++) {
		const struct notice_picture *picture = programme->notices[i].picture;

		if (!picture)
			continue;
		if (picture->file)
			return err_set(err, ERR_INVALID,
				       "notices[%zu].picture.file: was not checked; add "
				       "the notice anew",
				       i);
		total += picture->bytes;
		if (total > PROGRAMME_MEDIA_MAX)
			return err_set(err, ERR_TOO_LARGE,
				       "notices[%zu].picture: all pictures together have "
				       "over %d MiB; withdraw some",
				       i, PROGRAMME_MEDIA_MAX >> 20);
	}
	return true;
}

bool programme_check(const struct programme *programme, struct err *err)
{
	if (!check_range("version", programme->version, 1, VERSION_MAX, err) ||
	    !check_wall("published", programme->published, err) ||
	    !check_policy(&programme->policy, err) ||
	    !check_count(&programme->count, err) ||
	    !check_range("notices", (int64_t)programme->notice_count, 0,
			 PROGRAMME_NOTICES_MAX, err))
		return false;
	for (size_t i = 0; i < programme->notice_count; i++)
		if (!notice_check(&programme->notices[i], err))
			return err_within(err, "notices[%zu]", i);
	return check_pictures(programme, err) && check_unique(programme, err);
}

const struct notice *programme_notice(const struct programme *programme, const char *id)
{
	for (size_t i = 0; i < programme->notice_count; i++)
		if (strcmp(programme->notices[i].id, id) == 0)
			return &programme->notices[i];
	return NULL;
}

bool theme_is_dark(const struct theme_hours *hours, struct wall_ms wall)
{
	struct civil civil = civil_from_wall_jst(wall);
	int minute = civil.hour * 60 + civil.minute;

	if (hours->dark_from_minute <= hours->dark_until_minute)
		return minute >= hours->dark_from_minute &&
		       minute < hours->dark_until_minute;
	return minute >= hours->dark_from_minute || minute < hours->dark_until_minute;
}
