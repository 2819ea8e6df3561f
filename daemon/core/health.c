#include "core/health.h"

#include <inttypes.h>
#include <string.h>

#include "core/err.h"
#include "core/utf8.h"

/* Integers that every reader of JSON keeps exactly (RFC 8259 §6). */
#define INTEGER_MAX INT64_C(9007199254740991)
#define HOUR_MS     INT64_C(3600000)
/* The kernel's sensors tell thousandths; beyond this they are broken. */
#define MILLIDEGREES_MAX 200000

/* Signatures are made anew after a day and a half: two days are late. */
#define STALE_MS (48 * HOUR_MS)
/* A report that waited for the line is late as well, but never by this much. */
#define CLOCK_OFF_MS (HOUR_MS / 12)
/* A slide stays for two minutes, and its clock changes each minute. */
#define STILL_MS      (HOUR_MS / 12)
#define HOT           80000
#define DISK_FREE_MIN (INT64_C(200) * 1024 * 1024)
#define DISK_PER_CENT 5
/* Three reports in a row may get lost on the line. */
#define SILENT_REPORTS 3
#define SILENT_MIN_MS  (HOUR_MS / 12)

static const char *const alarm_names[HEALTH_ALARMS] = {
	[HEALTH_SILENT] = "silent", [HEALTH_EXPIRED] = "expired",
	[HEALTH_STALE] = "stale",   [HEALTH_CLOCK] = "clock",
	[HEALTH_OUTPUT] = "output", [HEALTH_STILL] = "still",
	[HEALTH_DISK] = "disk",     [HEALTH_TEMPERATURE] = "temperature",
	[HEALTH_PLAYS] = "plays",
};

const char *health_alarm_name(enum health_alarm alarm)
{
	return alarm_names[alarm];
}

void health_text(char *out, size_t size, const char *text)
{
	size_t len = 0;

	while (*text) {
		char bytes[4], character[5] = "";
		uint32_t code_point = utf8_next(&text);
		size_t more = utf8_encode(code_point, bytes);

		memcpy(character, bytes, more);
		if (code_point == 0xfffd || code_point == '\n' ||
		    utf8_has_control(character)) {
			bytes[0] = '?';
			more = 1;
		}
		if (len + more >= size)
			break;
		memcpy(out + len, bytes, more);
		len += more;
	}
	out[len] = '\0';
}

bool health_check(const struct health *health, struct err *err)
{
	const struct {
		const char *name;
		int64_t value, min, max;
	} numbers[] = {
		{"run", health->run, 1, INTEGER_MAX},
		{"number", health->number, 1, INTEGER_MAX},
		{"every_ms", health->every.ms, 1000, HOUR_MS},
		{"at_ms", health->at.ms, -INTEGER_MAX, INTEGER_MAX},
		{"uptime_ms", health->uptime.ms, 0, INTEGER_MAX},
		{"running_ms", health->running.ms, 0, INTEGER_MAX},
		{"programme", health->programme_version, 0, INTEGER_MAX},
		{"timestamp", health->timestamp_version, 0, INTEGER_MAX},
		{"set_age_ms", health->set_age.ms, 0, INTEGER_MAX},
		{"expires_ms", health->expires.ms, 0, INTEGER_MAX},
		{"frame_age_ms", health->frame_age.ms, 0, INTEGER_MAX},
		{"disk_free", health->disk_free, 0, INTEGER_MAX},
		{"disk_total", health->disk_total, 0, INTEGER_MAX},
		{"millidegrees", health->millidegrees, -MILLIDEGREES_MAX,
		 MILLIDEGREES_MAX},
		{"plays_waiting", health->plays_waiting, 0, INTEGER_MAX},
		{"plays_lost", health->plays_lost, 0, INTEGER_MAX},
		{"error_age_ms", health->error_age.ms, 0, INTEGER_MAX},
	};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].value < numbers[i].min ||
		    numbers[i].value > numbers[i].max)
			return err_set(err, ERR_INVALID,
				       "%s: expected %" PRId64 "–%" PRId64
				       ", got %" PRId64,
				       numbers[i].name, numbers[i].min, numbers[i].max,
				       numbers[i].value);
	return true;
}

bool health_is_newer(const struct health *health, int64_t run, int64_t number)
{
	return health->run > run || (health->run == run && health->number > number);
}

static bool disk_is_low(const struct health *health)
{
	return health->disk_total > 0 &&
	       (health->disk_free < DISK_FREE_MIN ||
		health->disk_free < health->disk_total / 100 * DISK_PER_CENT);
}

static bool clock_is_wrong(const struct health *health, struct wall_ms received)
{
	int64_t off = health->at.ms - received.ms;

	return !health->synchronised || off > CLOCK_OFF_MS || off < -CLOCK_OFF_MS;
}

unsigned health_alarms(const struct health *health, struct wall_ms received)
{
	const bool found[HEALTH_ALARMS] = {
		[HEALTH_EXPIRED] = health->expired,
		[HEALTH_STALE] =
			health->timestamp_version == 0 || health->set_age.ms > STALE_MS,
		[HEALTH_CLOCK] = clock_is_wrong(health, received),
		[HEALTH_OUTPUT] = !play_output_is_visible(health->output),
		[HEALTH_STILL] = !health->has_frame || health->frame_age.ms > STILL_MS,
		[HEALTH_DISK] = disk_is_low(health),
		[HEALTH_TEMPERATURE] =
			health->has_temperature && health->millidegrees >= HOT,
		[HEALTH_PLAYS] = health->plays_lost > 0,
	};
	unsigned alarms = 0;

	for (unsigned i = 0; i < HEALTH_ALARMS; i++)
		if (found[i])
			alarms |= 1U << i;
	return alarms;
}

bool health_is_silent(struct wall_ms received, struct span_ms every, struct wall_ms now)
{
	int64_t patience = every.ms * SILENT_REPORTS;

	if (patience < SILENT_MIN_MS)
		patience = SILENT_MIN_MS;
	return now.ms - received.ms > patience;
}
