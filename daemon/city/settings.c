#include "city/settings.h"

#include <stddef.h>

#include "core/err.h"
#include "os/config.h"
#include "os/log.h"

const struct city_settings city_settings_default = {
	.listen = "127.0.0.1:8470",
	.state = "/var/lib/ekimae-city",
	.connections = 2000,
	.connections_per_address = 0,
	.idle_s = 30,
	.session_hours = 12,
	.lock_after = 10,
	.lock_minutes = 15,
	.own_notices = OWN_NOTICES_ALLOWED,
	.keep_days = 30,
	.log_level = LOG_LEVEL_INFO,
};

static const char *const log_levels[] = {"error", "warning", "notice",
					 "info",  "debug",   NULL};

static const char *const own_notices[] = {"allowed", "refused", NULL};

bool city_settings_read(const char *path, struct city_settings *out, struct err *err)
{
	struct city_settings s = city_settings_default;
	const struct config_key keys[] = {
		{"server", "listen", CONFIG_STRING, s.listen, sizeof(s.listen), .min = 1,
		 .what = "an address and port"},
		{"server", "state", CONFIG_PATH, s.state, sizeof(s.state), .min = 1,
		 .what = "a folder"},
		{"server", "connections", CONFIG_INT, &s.connections, .min = 10,
		 .max = 100000, .what = "a number of connections"},
		{"server", "connections_per_address", CONFIG_INT,
		 &s.connections_per_address, .min = 0, .max = 100000,
		 .what = "a number of connections"},
		{"server", "idle", CONFIG_INT, &s.idle_s, .min = 5, .max = 600,
		 .what = "seconds"},
		{"tls", "certificate", CONFIG_PATH, s.tls_certificate,
		 sizeof(s.tls_certificate), .what = "a PEM file"},
		{"tls", "key", CONFIG_PATH, s.tls_key, sizeof(s.tls_key),
		 .what = "a PEM file"},
		{"staff", "session_hours", CONFIG_INT, &s.session_hours, .min = 1,
		 .max = 168, .what = "hours"},
		{"staff", "lock_after", CONFIG_INT, &s.lock_after, .min = 3, .max = 100,
		 .what = "a number of failed logins"},
		{"staff", "lock_minutes", CONFIG_INT, &s.lock_minutes, .min = 1,
		 .max = 1440, .what = "minutes"},
		{"staff", "own_notices", CONFIG_CHOICE, &s.own_notices,
		 .choices = own_notices, .what = "a choice"},
		{"repository", "keep_days", CONFIG_INT, &s.keep_days, .min = 1,
		 .max = 3650, .what = "days"},
		{"plays", "keep_raw_years", CONFIG_INT, &s.keep_raw_years, .min = 0,
		 .max = 100, .what = "fiscal years"},
		{"log", "level", CONFIG_CHOICE, &s.log_level, .choices = log_levels,
		 .what = "a level"},
	};

	if (!config_read(path, keys, ARRAY_LEN(keys), err))
		return false;
	if ((s.tls_certificate[0] == '\0') != (s.tls_key[0] == '\0'))
		return err_set(err, ERR_CONFIG,
			       "%s: [tls]: certificate and key are given together, or "
			       "neither for plain HTTP behind a proxy",
			       path);
	*out = s;
	return true;
}
