#ifndef STORE_PLAYLOG_H
#define STORE_PLAYLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"
#include "store/db.h"

struct db;

struct err;
struct play_batch;
struct playlog;
struct signer;

/* The migrations of the screen's database, for db_open(). */
extern const struct db_migration playlog_migrations[];
extern const size_t playlog_migration_count;

/*
 * The screen's play log: gapless sequence, hash chain, at most one open row.
 * @db is borrowed and must outlive the log. @screen_id goes into every hash; a log that
 * was kept under another id is ERR_CONFLICT. NULL on failure, with @err set.
 */
MUST_USE struct playlog *playlog_new(struct db *db, const char *screen_id,
				     struct err *err);
struct playlog *playlog_free(struct playlog *log); /* NULL is fine; returns NULL */

/*
 * Closes the row that a power cut or kill left open, if there is one, as PLAY_POWER with
 * the time of its last heartbeat. @*out_seq is its number, or 0.
 */
MUST_USE bool playlog_recover(struct playlog *log, int64_t *out_seq, struct err *err);

/*
 * Opens the record of a play that has just begun; durable once this returns true.
 * Sets @out_seq to its number, the next of the screen's gapless sequence. A row that is
 * still open is ERR_CONFLICT.
 */
MUST_USE bool playlog_begin(struct playlog *log, const struct play_start *start,
			    int64_t *out_seq, struct err *err);

/* Notes that open play @seq was still on screen after @shown. */
MUST_USE bool playlog_heartbeat(struct playlog *log, int64_t seq, struct span_ms shown,
				struct err *err);

/*
 * Closes play @seq with its monotonic duration, the frames presented of it (kept if its
 * beginning had a proof) and its outcome. Closing a play that is closed already is an
 * error: the first outcome stands.
 */
MUST_USE bool playlog_end(struct playlog *log, int64_t seq, struct span_ms shown,
			  int64_t frames, enum play_outcome outcome, struct err *err);

/*
 * playlog_end() of the open play and playlog_begin() of the @next in one transaction: both are
 * in the log, or neither is.
 */
MUST_USE bool playlog_next_play(struct playlog *log, int64_t seq, struct span_ms shown,
				int64_t frames, enum play_outcome outcome,
				const struct play_start *next, int64_t *out_seq,
				struct err *err);

/* The open row; 0 when none. */
int64_t playlog_open_seq(const struct playlog *log);
/* Whether the newest row, open or closed, is of the play that began as @start says. */
MUST_USE bool playlog_is_newest(struct playlog *log, const struct play_start *start,
				bool *out_is, struct err *err);

/* The highest closed row; 0 when none. */
int64_t playlog_last_closed(const struct playlog *log);
/* The highest row that the city holds durably, as last told. */
int64_t playlog_acknowledged(const struct playlog *log);

/*
 * Up to @max_rows closed rows after @after_seq, as an unsigned batch (owned, free with
 * play_batch_free()); @*out is NULL when there are none. Ends before the first row that is
 * missing, folded, or can't be read.
 */
MUST_USE bool playlog_batch(struct playlog *log, int64_t after_seq, size_t max_rows,
			    struct play_batch **out, struct err *err);

/*
 * What follows row @after_seq, free with playlog_next_done(): rows as by playlog_batch(); or
 * a document, signed by @signer for good, that stands in the place of rows up to @last
 * (wire/play_stretch.h): of rows that were folded, or of those that can't be read or are gone
 * (a disk rots), which are named as lost. So nothing holds up what is behind it. Neither, and
 * @last == @after_seq, when nothing follows.
 */
struct playlog_next {
	struct play_batch *batch;
	char *document;
	int64_t last;
};

MUST_USE bool playlog_next(struct playlog *log, int64_t after_seq, size_t max_rows,
			   const struct signer *signer, struct playlog_next *out,
			   struct err *err);
void playlog_next_done(struct playlog_next *next);

/*
 * Folds the oldest closed rows of one boot into signed totals by the hour, which take their
 * place and their numbers: a few thousand rows at a time, so that nobody waits for long. Rows
 * made with an unset clock stay, as they need their own time to be placed, and so do those
 * that don't fit the chain. Sets @out_folded; 0: there is nothing to fold.
 */
MUST_USE bool playlog_fold(struct playlog *log, const struct signer *signer,
			   int64_t *out_folded, struct err *err);

/* Bytes that the log takes, without what is free within its file. */
MUST_USE bool playlog_size(struct playlog *log, int64_t *out_bytes, struct err *err);

/* Notes that the city holds all rows up to @seq, at @at. May go back: see count.md. */
MUST_USE bool playlog_acknowledge(struct playlog *log, int64_t seq, struct wall_ms at,
				  struct err *err);

/* Forgets what the city has held since before @before. Sets @out_pruned. */
MUST_USE bool playlog_prune(struct playlog *log, struct wall_ms before,
			    int64_t *out_pruned, struct err *err);

#endif /* STORE_PLAYLOG_H */
