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
 * Closes play @seq with its monotonic duration and outcome. Closing a play that is
 * closed already is an error: the first outcome stands.
 */
MUST_USE bool playlog_end(struct playlog *log, int64_t seq, struct span_ms shown,
			  enum play_outcome outcome, struct err *err);

/* The highest closed row; 0 when none. */
int64_t playlog_last_closed(const struct playlog *log);
/* The highest row that the city holds durably, as last told. */
int64_t playlog_acknowledged(const struct playlog *log);

/*
 * Up to @max_rows closed rows after @after_seq, as an unsigned batch (owned, free with
 * play_batch_free()); @*out is NULL when there are none.
 */
MUST_USE bool playlog_batch(struct playlog *log, int64_t after_seq, size_t max_rows,
			    struct play_batch **out, struct err *err);

/* Notes that the city holds all rows up to @seq, at @at. May go back: see count.md. */
MUST_USE bool playlog_acknowledge(struct playlog *log, int64_t seq, struct wall_ms at,
				  struct err *err);

/* Forgets rows acknowledged before @before. Sets @out_pruned. */
MUST_USE bool playlog_prune(struct playlog *log, struct wall_ms before,
			    int64_t *out_pruned, struct err *err);

#endif /* STORE_PLAYLOG_H */
