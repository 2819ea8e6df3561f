#include "core/alarm.h"

#include <string.h>

#include "core/arena.h"
#include "core/err.h"

#define HOUR_MS     INT64_C(3600000)
#define EVERY_DAY   0x7f
#define DAY_MINUTES 1440

struct alarms *alarms_free(struct alarms *alarms)
{
	/* They lie in their arena themselves. */
	if (alarms)
		arena_free(alarms->arena);
	return NULL;
}

bool alarm_id_is_valid(const char *id)
{
	return notice_id_is_valid(id) &&
	       strncmp(id, ALARM_ID_PREFIX, strlen(ALARM_ID_PREFIX)) == 0;
}

static bool is_at_all_hours(const struct notice_hours *hours)
{
	return hours->weekdays == EVERY_DAY && hours->from_minute == 0 &&
	       hours->until_minute == DAY_MINUTES;
}

bool alarm_check(const struct notice *notice, struct wall_ms published, struct err *err)
{
	if (!notice_check(notice, err))
		return false;
	if (!alarm_id_is_valid(notice->id))
		return err_set(err, ERR_INVALID,
			       "id: \"%s\" does not begin with \"" ALARM_ID_PREFIX
			       "\", as those of alarms do",
			       notice->id);
	if (!notice->urgent)
		return err_set(err, ERR_INVALID, "urgent: an alarm is urgent");
	if (notice->picture)
		return err_set(err, ERR_INVALID, "picture: an alarm has none");
	if (!is_at_all_hours(&notice->hours))
		return err_set(err, ERR_INVALID, "hours: an alarm is shown at all hours");
	if (notice->until.ms > published.ms + ALARM_MAX_HOURS * HOUR_MS)
		return err_set(err, ERR_INVALID,
			       "until: is more than %d hours away; an alarm that goes on "
			       "for longer is published again",
			       ALARM_MAX_HOURS);
	return true;
}

bool alarms_check(const struct alarms *alarms, struct err *err)
{
	if (alarms->published.ms < WALL_MS_MIN || alarms->published.ms > WALL_MS_MAX)
		return err_set(err, ERR_INVALID,
			       "published: expected a time in the years 2000 to 2199");
	if (alarms->notice_count > ALARMS_MAX)
		return err_set(err, ERR_INVALID, "notices: at most %d alarms at a time",
			       ALARMS_MAX);
	for (size_t i = 0; i < alarms->notice_count; i++) {
		if (!alarm_check(&alarms->notices[i], alarms->published, err))
			return err_within(err, "notices[%zu]", i);
		if (alarms_find(alarms, alarms->notices[i].id) != &alarms->notices[i])
			return err_set(err, ERR_INVALID,
				       "notices: two have the id \"%s\"",
				       alarms->notices[i].id);
	}
	return true;
}

const struct notice *alarms_find(const struct alarms *alarms, const char *id)
{
	for (size_t i = 0; i < alarms->notice_count; i++)
		if (strcmp(alarms->notices[i].id, id) == 0)
			return &alarms->notices[i];
	return NULL;
}
