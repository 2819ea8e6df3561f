#ifndef SYNC_INBOX_H
#define SYNC_INBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;
struct repository;

/*
 * The inbox: the folder through which the courier hands verified sets to the display
 * (docs/protocol.md section 4). Content-addressed objects, one folder for each set of
 * metadata, and the file `current` that names the set in effect, replaced last.
 */
struct inbox;

/* @path is created when missing. @root_path: the root.json of the enrolment. */
MUST_USE struct inbox *inbox_new(const char *path, const char *root_path,
				 struct err *err);
struct inbox *inbox_free(struct inbox *inbox); /* NULL is fine; returns NULL */

/*
 * Refreshes from @repository; when something changed, downloads what is missing and
 * switches `current`. On failure the inbox still names its last whole set.
 */
MUST_USE bool inbox_update(struct inbox *inbox, struct repository *repository,
			   struct wall_ms now, bool *out_changed, struct err *err);

/* Version of the timestamp in the current set; 0 when there is none. */
int64_t inbox_timestamp_version(const struct inbox *inbox);

/* Hands over the city's answer to a batch of plays. */
MUST_USE bool inbox_put_ack(struct inbox *inbox, const void *bytes, size_t len,
			    struct err *err);

/*
 * Hands over what the city asks of the screen ("ekimae.request/1"), when it is another than
 * lies there. What is no such document is refused.
 */
MUST_USE bool inbox_put_request(struct inbox *inbox, const void *bytes, size_t len,
				struct err *err);

#endif /* SYNC_INBOX_H */
