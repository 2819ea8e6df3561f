#ifndef DISPLAY_REPORTER_H
#define DISPLAY_REPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"

struct canvas;
struct err;
struct identity;
struct recorder;
struct reporter;

/*
 * Tells the city how this screen is: a signed report in the outbox every now and then, and
 * soon after something has changed; and a small picture of the screen when staff ask for
 * one. All of it on a thread of its own, which sleeps in between.
 */
struct reporter_options {
	const char *state, *outbox;
	const struct identity *identity; /* borrowed until reporter_free() */
	const struct recorder *recorder; /* the same */
	struct span_ms every;
};

/* Files of the outbox (docs/protocol.md §4). */
#define REPORTER_HEALTH_FILE   "health.json"
#define REPORTER_SNAPSHOT_FILE "snapshot"

/* Whoever asks, and however often: no more than one picture in this time. */
#define REPORTER_SNAPSHOT_MS 60000

MUST_USE struct reporter *reporter_new(const struct reporter_options *options,
				       struct err *err);
struct reporter *reporter_free(struct reporter *reporter); /* NULL is fine */

/* --- from the frame loop; none of these waits --- */

/* Something was presented. */
void reporter_presented(struct reporter *reporter, struct mono_ms now);

/* What is on screen from now on. @slide_id "": nothing that anybody could see. */
void reporter_scene(struct reporter *reporter, const char *slide_id,
		    int64_t programme_version, enum play_output output,
		    const char *panel);

/* The longer side that such a picture has at least: it is scaled down to half of that. */
#define REPORTER_PICTURE_SIDE 960

/*
 * Whether a picture of the screen is wanted; then it is to be given, or NULL. The descriptor
 * is readable as long as one is, for poll(2).
 */
int reporter_fd(const struct reporter *reporter);
bool reporter_wants_picture(const struct reporter *reporter);
void reporter_picture(struct reporter *reporter, TAKES struct canvas *picture);

/* --- from the receiver --- */

/* The set in effect, as it is at this moment. */
struct reporter_set {
	int64_t timestamp_version;
	struct span_ms age;
	struct wall_ms expires;
	bool expired;
};

void reporter_set(struct reporter *reporter, const struct reporter_set *set);

/* The number of the newest snapshot asked for, by somebody who need not be trusted. */
void reporter_request(struct reporter *reporter, int64_t number);

#endif /* DISPLAY_REPORTER_H */
