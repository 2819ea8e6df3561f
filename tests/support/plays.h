#ifndef SUPPORT_PLAYS_H
#define SUPPORT_PLAYS_H

#include <stdint.h>

#include "core/play.h"
#include "core/time.h"
#include "wire/play_batch.h"

/* Plays and batches of them as a screen makes them. What goes wrong fails the test. */

/*
 * Row @seq: a play of notice @id, whole and seen, ten seconds from @began on. Its content hash
 * is that of the id, and may be set after, as all else.
 */
struct play plays_sample(const char *id, int64_t seq, struct wall_ms began);

/* Completes @batch, whose plays are set: they follow the row with hash @previous. */
void plays_chain(struct play_batch *batch, const uint8_t previous[static PLAY_HASH_SIZE]);

#endif /* SUPPORT_PLAYS_H */
