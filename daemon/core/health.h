#ifndef CORE_HEALTH_H
#define CORE_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/play.h"
#include "core/time.h"

#define HEALTH_VERSION_SIZE 32
#define HEALTH_PANEL_SIZE   128
#define HEALTH_ERROR_SIZE   301

/*
 * How a screen is, as its display sees it. Ages and spans are monotonic: a wrong clock does
 * not bend them.
 */
struct health {
	char screen_id[SCREEN_ID_MAX + 1];
	/*
	 * A report is newer than another when its run is higher, or its number in the same
	 * run: each start of the display is a run, whatever the clock says.
	 */
	int64_t run, number;
	struct span_ms every; /* the next one comes after this at the latest */

	struct wall_ms at;
	bool synchronised; /* the clock behind @at */
	char software[HEALTH_VERSION_SIZE];
	struct span_ms uptime, running; /* of the box, of the display */

	int64_t programme_version; /* 0: none yet */
	int64_t timestamp_version; /* of the set in effect; 0: the packaged plan */
	struct span_ms set_age;    /* since it was taken over */
	struct wall_ms expires;    /* the soonest end of its metadata; 0: none */
	bool expired;

	enum play_output output;
	char panel[HEALTH_PANEL_SIZE];
	char slide_id[PLAY_SLIDE_ID_MAX]; /* on screen; "": none */
	bool has_frame;
	struct span_ms frame_age; /* since something was presented */

	int64_t disk_free, disk_total; /* bytes, of the state folder's file system */
	bool has_temperature;
	int64_t millidegrees; /* Celsius, of the hottest sensor */

	int64_t plays_waiting;         /* not yet confirmed by the city */
	int64_t plays_lost;            /* never written, since the display started */
	char error[HEALTH_ERROR_SIZE]; /* the last sentence in the log that says so; "" */
	struct span_ms error_age;
};

/* Copies what fits of @text, with "?" for what is malformed or a control character. */
void health_text(char *out, size_t size, const char *text);

/* Ranges of every number; errors name it ("disk_free: …"). Texts are as health_text(). */
MUST_USE bool health_check(const struct health *health, struct err *err);

/* Whether @health was made after @run and @number. */
bool health_is_newer(const struct health *health, int64_t run, int64_t number);

/* What somebody should look at. Kept in the city's database as bits: append only. */
enum health_alarm {
	HEALTH_SILENT,      /* nothing has come for long */
	HEALTH_EXPIRED,     /* what it shows is past the end of its signatures */
	HEALTH_STALE,       /* nothing freshly signed has reached it for long */
	HEALTH_CLOCK,       /* not synchronised, or far from the city's */
	HEALTH_OUTPUT,      /* nobody can see it */
	HEALTH_STILL,       /* it presents nothing any more */
	HEALTH_DISK,        /* nearly full */
	HEALTH_TEMPERATURE, /* hot */
	HEALTH_PLAYS,       /* plays were lost */
};
#define HEALTH_ALARMS 9

const char *health_alarm_name(enum health_alarm alarm); /* "silent" */

/* Bits (1 << alarm) of what @health says, which reached the city at @received. */
unsigned health_alarms(const struct health *health, struct wall_ms received);

/*
 * Whether nothing has come for too long at @now, when the last came at @received and the
 * next was due after @every; a screen that never reported counts from its enrolment.
 */
bool health_is_silent(struct wall_ms received, struct span_ms every, struct wall_ms now);

#endif /* CORE_HEALTH_H */
