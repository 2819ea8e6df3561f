#ifndef SYNC_REPORTS_H
#define SYNC_REPORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/time.h"
#include "wire/digest.h"

struct err;
struct health_courier;
struct http;
struct inbox;

/*
 * Carries the display's newest report of health, and a snapshot that was asked for, from the
 * outbox to the city, and what the city asks for to the inbox. Only what is newest counts:
 * nothing queues up while the line is down.
 */
struct reports {
	const char *outbox;   /* folder, borrowed */
	const char *city_url; /* borrowed */
	struct http *http;    /* borrowed */
	struct inbox *inbox;  /* borrowed */
	/* Of what the city has answered, for good or ill; zeros: none. */
	uint8_t health[SHA256_SIZE], snapshot[SHA256_SIZE];
	struct mono_ms health_at;
};

/* A report that stays the same is sent again after this, so that the courier is heard. */
#define REPORTS_AGAIN_MS (5 * 60 * 1000)

/*
 * Sends what has changed since the last time, with @courier beside it. ERR_RETRY when it is
 * to be tried again; what the city refuses is not sent again until it changes.
 */
MUST_USE bool reports_run(struct reports *reports, const struct health_courier *courier,
			  struct mono_ms now, struct err *err);

#endif /* SYNC_REPORTS_H */
