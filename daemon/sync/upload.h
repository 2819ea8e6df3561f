#ifndef SYNC_UPLOAD_H
#define SYNC_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct err;
struct http;
struct inbox;

/*
 * Carries signed batches of plays from the outbox to the city, oldest first, and the
 * city's signed answers to the inbox. The display removes a batch when it has verified the
 * answer; the courier removes nothing.
 */
struct upload {
	const char *outbox;   /* folder, borrowed */
	const char *city_url; /* borrowed */
	struct http *http;    /* borrowed */
	struct inbox *inbox;  /* borrowed */
	char last_sent[64];   /* name of the newest batch that was answered; "" none */
};

/*
 * Sends every batch that is newer than the last one answered (all of them when @again).
 * Stops at the first failure. Sets @out_sent to the number answered, on failure, too.
 */
MUST_USE bool upload_run(struct upload *upload, bool again, size_t *out_sent,
			 struct err *err);

#endif /* SYNC_UPLOAD_H */
