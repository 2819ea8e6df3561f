#ifndef DISPLAY_PLAY_QUEUE_H
#define DISPLAY_PLAY_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"
#include "wire/play_batch.h"

struct err;
struct play_queue;

/*
 * What the frame loop tells the recorder, in order, bounded. It lies in memory that a file
 * backs, so that it outlives the program: after kill -9 the next run finds what was begun or
 * ended and not yet in the log. Nothing is ever synced: a power cut loses what the log does
 * not have, and a queue of another boot is not looked at.
 */
#define PLAY_QUEUE_MAX 512 /* entries; at two a play half an hour of a failing disk */

enum play_entry_kind { PLAY_ENTRY_BEGIN, PLAY_ENTRY_END, PLAY_ENTRY_ACK };

struct play_entry {
	enum play_entry_kind kind;
	union {
		struct play_start start;
		struct {
			struct span_ms shown;
			int64_t frames;
			enum play_outcome outcome;
		} end;
		struct play_ack ack;
	};
};

/*
 * With file @path, best on a file system in memory; where it can't be had (a full disk), in
 * memory that ends with the program, which @*out_kept then says. NULL: out of memory.
 */
MUST_USE struct play_queue *play_queue_new(const char *path, bool *out_kept,
					   struct err *err);
struct play_queue *play_queue_free(struct play_queue *queue); /* NULL is fine */

/*
 * From any thread. One place is kept for the end of a play, so that what began can always be
 * closed. False: it is full.
 */
MUST_USE bool play_queue_put(struct play_queue *queue, const struct play_entry *entry);

/* From one thread: the entry before which there are @ahead, copied. False: there is none. */
MUST_USE bool play_queue_peek(struct play_queue *queue, size_t ahead,
			      struct play_entry *out);
/* From the same thread: the end of the oldest @count, at once. */
void play_queue_drop(struct play_queue *queue, size_t count);

size_t play_queue_count(struct play_queue *queue);

#endif /* DISPLAY_PLAY_QUEUE_H */
