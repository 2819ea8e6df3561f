#include "os/notify.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define STATUS_MAX 256

/*
 * Whether the manager heard it changes nothing for us: a service runs without one, too.
 * So the results of sd_notify(3) are dropped.
 */
static void notify_with_status(const char *state, const char *status)
{
	char line[STATUS_MAX];

	/* A line break would begin another assignment of the message. */
	snprintf(line, sizeof(line), "%s", status);
	for (char *at = line; *at; at++) {
		if (*at == '\n' || *at == '\r')
			*at = ' ';
	}
	(void)sd_notifyf(0, "%sSTATUS=%s", state, line);
}

void notify_ready(const char *status)
{
	notify_with_status("READY=1\n", status);
}

void notify_status(const char *status)
{
	notify_with_status("", status);
}

void notify_stopping(void)
{
	(void)sd_notify(0, "STOPPING=1");
}

void notify_watchdog(void)
{
	(void)sd_notify(0, "WATCHDOG=1");
}

struct span_ms notify_watchdog_interval(void)
{
	uint64_t microseconds = 0;

	if (sd_watchdog_enabled(0, &microseconds) <= 0)
		return (struct span_ms){0};
	return (struct span_ms){(int64_t)(microseconds / 2 / 1000)};
}
