#ifndef CORE_ALARM_H
#define CORE_ALARM_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/time.h"

struct arena;
struct err;

/*
 * 緊急のお知らせ: notices that take over the screen at once. They are signed by keys of
 * their own, so they travel in a document of their own, which no other role may sign.
 */
#define ALARM_ROLE      "emergency"
#define ALARM_PATTERN   "emergency/*" /* the paths that the role speaks for */
#define ALARM_PATH      "emergency/alarms.json"
#define ALARM_ID_PREFIX "emergency-" /* so that no other notice has an alarm's id */
#define ALARMS_MAX      8
#define ALARM_MAX_HOURS 72 /* from when it was signed; for longer it is signed again */

struct alarms {
	struct arena *arena; /* holds the strings, and this */
	struct wall_ms published;
	struct notice *notices;
	size_t notice_count;
};

struct alarms *alarms_free(struct alarms *alarms); /* NULL is fine; returns NULL */

/*
 * What an alarm may be, beyond notice_check(): urgent, with an id that begins with
 * ALARM_ID_PREFIX, at all hours, without a picture, which would have to be signed by others;
 * over within ALARM_MAX_HOURS of @published.
 */
MUST_USE bool alarm_check(const struct notice *notice, struct wall_ms published,
			  struct err *err);
/* Each of them, their number and that ids differ: "notices[1].until: …". */
MUST_USE bool alarms_check(const struct alarms *alarms, struct err *err);

/* Borrowed; NULL when there is none of this id. */
const struct notice *alarms_find(const struct alarms *alarms, const char *id);

bool alarm_id_is_valid(const char *id);

#endif /* CORE_ALARM_H */
