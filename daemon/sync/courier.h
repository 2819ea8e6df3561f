#ifndef SYNC_COURIER_H
#define SYNC_COURIER_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

#define COURIER_URL_MAX 512

/* sync.conf, as read (config/sync.conf tells each key). */
struct courier_settings {
	char city_url[COURIER_URL_MAX]; /* "https://ekimae.example.lg.jp", no last '/' */
	char repository_url[COURIER_URL_MAX]; /* "" for <city_url>/repository */
	char ca_file[PATH_MAX];               /* "" for the system's */
	char proxy[COURIER_URL_MAX];          /* "" for that of the environment */
	char root[PATH_MAX];                  /* root.json of the enrolment */
	char inbox[PATH_MAX], outbox[PATH_MAX];
	int64_t wait_s; /* of a long poll; 0 polls every poll_s */
	int64_t poll_s;
};

MUST_USE bool courier_settings_read(const char *path, struct courier_settings *out,
				    struct err *err);

/*
 * The courier: one thread waits for news and fills the inbox, another empties the outbox.
 * Both go on through every failure of network and server, and log what they do.
 */
struct courier;

/* @settings is borrowed. NULL when the folders or the root of trust are not usable. */
MUST_USE struct courier *courier_new(const struct courier_settings *settings,
				     struct err *err);
struct courier *courier_free(struct courier *courier); /* NULL is fine; returns NULL */

/* Until courier_stop(). */
MUST_USE bool courier_run(struct courier *courier, struct err *err);

/* One refresh and one upload, for `--once`. */
MUST_USE bool courier_run_once(struct courier *courier, struct err *err);

void courier_stop(struct courier *courier); /* async-signal-safe */

#endif /* SYNC_COURIER_H */
