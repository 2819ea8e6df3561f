#ifndef DISPLAY_RECORDER_H
#define DISPLAY_RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"

struct err;
struct identity;
struct play_ack;
struct recorder;

/*
 * Writes the play log on a thread of its own, so that the frame loop never waits for a
 * disk, and seals closed plays into the outbox (count.md). Order is kept: when the disk
 * fails, plays wait in a bounded queue and are tried again; what no longer fits is lost
 * and said so loudly.
 */
struct recorder_options {
	const char *state;               /* plays.db lies here */
	const char *outbox;              /* folder of signed batches */
	const struct identity *identity; /* borrowed until recorder_free() */
	struct span_ms seal_after;       /* between two batches while little is waiting */
	struct span_ms keep;             /* rows, after the city has confirmed them */
	int64_t max_bytes; /* of the log, then it is folded; 0: no maximum */
};

/* A row on screen is noted as such this often; count.md allows 5 s. */
#define RECORDER_HEARTBEAT_MS 4000

/*
 * Opens the log, closes a row that a power cut left open, starts the thread. NULL on
 * failure.
 */
MUST_USE struct recorder *recorder_new(const struct recorder_options *options,
				       struct err *err);
/* Writes everything that is queued, then stops. NULL is fine; returns NULL. */
struct recorder *recorder_free(struct recorder *recorder);

/*
 * A play has begun / the play begun last has ended. Never wait, from one thread. What ends
 * is what began: ending twice, or what could not be queued, does nothing. They are written
 * when recorder_alive() is called next.
 */
void recorder_begin(struct recorder *recorder, const struct play_start *start);
void recorder_end(struct recorder *recorder, struct span_ms shown, int64_t frames,
		  enum play_outcome outcome);

/*
 * All that has happened up to @mono is told, and the play that began last, if it has not
 * ended, is still on screen; that is noted every RECORDER_HEARTBEAT_MS, so it has to be told
 * at least as often. From the thread of recorder_begin().
 */
void recorder_alive(struct recorder *recorder, struct mono_ms mono);

/* The city's verified answer. From any thread. */
void recorder_acknowledge(struct recorder *recorder, const struct play_ack *ack);

/* Plays lost since start because the queue was full. */
unsigned recorder_lost(const struct recorder *recorder);

/* Closed plays that the city has not confirmed. From any thread. */
int64_t recorder_waiting(const struct recorder *recorder);

#endif /* DISPLAY_RECORDER_H */
