#ifndef CITY_SETTINGS_H
#define CITY_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/* Whether staff may publish what they wrote themselves. */
enum own_notices { OWN_NOTICES_ALLOWED, OWN_NOTICES_REFUSED };

/* The configuration of ekimae-city: config/city.conf describes every key. */
struct city_settings {
	char listen[128]; /* "127.0.0.1:8470" */
	char state[PATH_MAX];
	char tls_certificate[PATH_MAX]; /* "" with tls_key "": plain HTTP */
	char tls_key[PATH_MAX];
	int64_t connections;
	int64_t connections_per_address; /* 0: no limit */
	int64_t idle_s; /* a connection that is silent for so long ends */
	int64_t session_hours;
	int64_t lock_after; /* failed logins */
	int64_t lock_minutes;
	int own_notices;        /* enum own_notices */
	int64_t keep_days;      /* versions of the repository that were superseded */
	int64_t keep_raw_years; /* fiscal years before this one; 0: all */
	int log_level;          /* enum log_level */
};

extern const struct city_settings city_settings_default;

/* Reads @path over the defaults; errors name file, line and key. */
MUST_USE bool city_settings_read(const char *path, struct city_settings *out,
				 struct err *err);

#endif /* CITY_SETTINGS_H */
