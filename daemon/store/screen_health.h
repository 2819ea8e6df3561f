#ifndef STORE_SCREEN_HEALTH_H
#define STORE_SCREEN_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct db;
struct err;
struct health_upload;
struct screenshot;

/* The newest report of each screen, and the newest picture that staff asked it for. */
struct screen_health {
	struct wall_ms received; /* when the newest report came */
	struct span_ms every;    /* the next is due after this */
	unsigned alarms;         /* bits of enum health_alarm */
	const char *report;      /* JSON of the report, and of what the courier said */
	const char *courier;
	struct wall_ms
		heard; /* when the courier last said something, with whatever report */
};

/*
 * Keeps @upload of screen @screen_id, whose alarms are @alarms, in place of the one before.
 * The same report once more (@*out_new false) brings only the courier's words. ERR_CONFLICT
 * for one that is older than what is held.
 */
MUST_USE bool screen_health_put(struct db *db, const char *screen_id,
				const struct health_upload *upload, unsigned alarms,
				struct wall_ms now, bool *out_new, struct err *err);

typedef bool screen_health_fn(void *context, const struct screen_health *health,
			      struct err *err);
/* Calls @each with what is held of a screen, borrowed for the call; never when nothing is. */
MUST_USE bool screen_health_get(struct db *db, const char *screen_id,
				screen_health_fn *each, void *context, struct err *err);

/* A screen that is not heard for so long has not seen what was asked of it. */
#define SNAPSHOT_PATIENCE_MS (INT64_C(10) * 60 * 1000)

/* Asks for a picture; @*out_number is the request's, one above the last. ERR_NOT_FOUND. */
MUST_USE bool snapshot_ask(struct db *db, const char *screen_id, struct wall_ms now,
			   int64_t *out_number, struct err *err);
/* The number of the request that waits for an answer; 0 when none does. */
MUST_USE bool snapshot_wanted(struct db *db, const char *screen_id, struct wall_ms now,
			      int64_t *out_number, struct err *err);
/* Keeps the answer. ERR_CONFLICT when it answers no request that waits. */
MUST_USE bool snapshot_put(struct db *db, const struct screenshot *screenshot,
			   const void *png, size_t len, struct wall_ms now,
			   struct err *err);

struct snapshot_row {
	int64_t asked,
		answered; /* numbers of requests; answered 0: there is no picture */
	struct wall_ms asked_at, received;
	struct wall_ms at; /* by the clock of the screen */
	int output;        /* enum play_output */
	const char *slide_id;
	const void *png;
	size_t len;
};

typedef bool snapshot_fn(void *context, const struct snapshot_row *row, struct err *err);
/* Calls @each with what is held, borrowed for the call; ERR_NOT_FOUND: never asked. */
MUST_USE bool snapshot_get(struct db *db, const char *screen_id, snapshot_fn *each,
			   void *context, struct err *err);

#endif /* STORE_SCREEN_HEALTH_H */
