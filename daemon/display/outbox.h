#ifndef DISPLAY_OUTBOX_H
#define DISPLAY_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;
struct outbox;
struct playlog;
struct signer;

/*
 * Closed plays on their way to the city: signed batches of consecutive rows, files
 * plays-FIRST.json (docs/protocol.md §4), or what stands in their place (store/playlog.h). All of them can be made again from the play log,
 * so a lost or doubled file is no harm. At most OUTBOX_BATCHES_MAX lie there at once: when
 * the city is out of reach for months, the plays wait in the log.
 */
#define OUTBOX_BATCHES_MAX 8

/*
 * All borrowed. Removes what an earlier run left: batches start again behind what the city
 * has confirmed. NULL on failure.
 */
MUST_USE struct outbox *outbox_new(const char *directory, struct playlog *log,
				   const struct signer *signer, struct err *err);
struct outbox *outbox_free(struct outbox *outbox); /* NULL is fine; leaves the files */

/* Whether nothing is on its way, or the rows behind fill a whole batch. */
bool outbox_wants_sealing(const struct outbox *outbox);

/* Writes all closed rows that are in no batch yet, as far as the maximum allows. */
MUST_USE bool outbox_seal(struct outbox *outbox, struct err *err);

/*
 * The city holds everything up to @durable_seq: removes batches it has whole. A number
 * below an earlier one (the city went back to a backup) starts again from there.
 */
MUST_USE bool outbox_acknowledge(struct outbox *outbox, int64_t durable_seq,
				 struct err *err);

/* Batches that lie there. */
int outbox_count(const struct outbox *outbox);

#endif /* DISPLAY_OUTBOX_H */
