/*
 * Folding: when the log is larger than a box has room for, because the city has been out of
 * reach for very long, its oldest rows become totals by the hour. What counts stays exactly
 * as it was; what is lost is when within its hour each single play was.
 */
#include "store/playlog.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/play.h"
#include "store/play_row.h"
#include "store/playlog_parts.h"
#include "wire/play_batch.h"
#include "wire/play_stretch.h"

/* Totals of fewer rows would take more room than the rows. */
#define ROWS_MIN 64

static void stretch_done(struct play_stretch *stretch)
{
	play_stretch_done(stretch);
}

/* Whether the row that the query is at has a time of its own and fits the chain. */
static bool can_fold(struct playlog *log, sqlite3_stmt *stmt,
		     const uint8_t previous[static SHA256_SIZE], struct play *play,
		     uint8_t hash[static SHA256_SIZE])
{
	uint8_t expected[SHA256_SIZE];
	struct err why = {0};

	return play_row_read(stmt, play, &why) &&
	       db_bytes(stmt, PLAY_ROW_COLUMNS, hash, SHA256_SIZE) &&
	       play->start.synchronised && play->start.began.ms >= WALL_MS_MIN &&
	       play->start.began.ms <= WALL_MS_MAX &&
	       play_hash(previous, log->screen_id, play, expected, &why) &&
	       memcmp(expected, hash, SHA256_SIZE) == 0;
}

static int64_t offset_of(const struct play *play)
{
	return play->start.began.ms - play->start.began_mono.ms;
}

/* Takes the row into the run, or starts a run with it. */
static void add_row(struct play_stretch *run, const struct play *play,
		    const uint8_t previous[static SHA256_SIZE],
		    const uint8_t hash[static SHA256_SIZE])
{
	if (run->first == 0) {
		run->first = play->seq;
		run->first_offset_ms = offset_of(play);
		memcpy(run->previous, previous, SHA256_SIZE);
		memcpy(run->boot_id, play->start.boot_id, sizeof(run->boot_id));
	}
	run->last = play->seq;
	run->last_offset_ms = offset_of(play);
	memcpy(run->head, hash, SHA256_SIZE);
}

/*
 * The first run of rows behind @after that can be folded together: at most @max_rows of one
 * boot, consecutive. @run->first is 0 when there is none before the rows end.
 */
static bool find_run(struct playlog *log, int64_t after, int64_t max_rows,
		     struct play_stretch *run, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(log->db, playlog_rows_sql, err);
	uint8_t previous[SHA256_SIZE], hash[SHA256_SIZE] = {0};
	int64_t seq = after;
	bool row;

	if (!stmt || !playlog_hash_of(log, after, previous, err))
		return false;
	sqlite3_bind_int64(stmt, 1, after);
	while (run->last - run->first + 1 < max_rows) {
		struct play play;
		bool follows;

		if (!db_step(log->db, stmt, &row, "play log: fold", err))
			return false;
		if (!row)
			return true;
		follows = sqlite3_column_int64(stmt, 0) == seq + 1;
		seq = sqlite3_column_int64(stmt, 0);
		if (!follows && !playlog_hash_of(log, seq - 1, previous, err))
			return false;
		if (can_fold(log, stmt, previous, &play, hash) &&
		    (run->first == 0 ||
		     (follows && strcmp(play.start.boot_id, run->boot_id) == 0)))
			add_row(run, &play, previous, hash);
		else if (run->first != 0)
			return true;
		/* Whatever the row is, the next one was chained to the hash it has. */
		if (!db_bytes(stmt, PLAY_ROW_COLUMNS, previous, SHA256_SIZE))
			memset(previous, 0, SHA256_SIZE);
	}
	return true;
}

static void read_slide(sqlite3_stmt *stmt, struct play_slide *out)
{
	db_text(stmt, 8, out->slide_id, sizeof(out->slide_id));
	db_text(stmt, 9, out->item_id, sizeof(out->item_id));
	out->item_revision = sqlite3_column_int64(stmt, 10);
	if (!db_bytes(stmt, 11, out->content_hash, SHA256_SIZE))
		memset(out->content_hash, 0, SHA256_SIZE); /* find_run() has read it */
}

/* Totals of the rows of @run, as many as fit: there are at most as many as rows. */
static bool add_totals(struct playlog *log, struct play_stretch *run, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		log->db,
		"SELECT t.*, s.slide_id, s.item_id, s.item_revision, s.content_hash FROM"
		" (SELECT " PLAY_ROW_TOTAL " FROM play WHERE seq BETWEEN ?1 AND ?2"
		"   GROUP BY slide, hour, outcome, output) t"
		" JOIN slide s ON s.number = t.slide ORDER BY t.slide, hour, outcome, output",
		err);
	int64_t rows = run->last - run->first + 1;
	int64_t slide = 0;
	bool row;

	if (!stmt)
		return false;
	run->slides = calloc((size_t)rows, sizeof(*run->slides));
	run->totals = calloc((size_t)rows, sizeof(*run->totals));
	if (!run->slides || !run->totals)
		return err_set(err, ERR_NO_MEMORY, "play log: out of memory");
	sqlite3_bind_int64(stmt, 1, run->first);
	sqlite3_bind_int64(stmt, 2, run->last);
	for (;;) {
		struct play_total *total;

		if (!db_step(log->db, stmt, &row, "play log: fold", err))
			return false;
		if (!row)
			return true;
		if (run->slide_count == 0 || sqlite3_column_int64(stmt, 0) != slide)
			read_slide(stmt, &run->slides[run->slide_count++]);
		slide = sqlite3_column_int64(stmt, 0);
		total = &run->totals[run->total_count++];
		*total = play_row_total(stmt);
		total->slide = run->slide_count - 1;
	}
}

static bool fold_run(struct playlog *log, struct play_stretch *run,
		     const struct signer *signer, struct err *err)
{
	struct playlog_stretch replacement = {run->first, run->last, run->head, NULL};
	char *document;
	size_t len;
	bool done;

	memcpy(run->screen_id, log->screen_id, sizeof(run->screen_id));
	if (!add_totals(log, run, err))
		return false;
	document = play_stretch_to_json(run, signer, &len, err);
	if (!document)
		return false;
	replacement.document = document;
	done = playlog_replace(log, &replacement, err);
	free(document);
	return done;
}

bool playlog_fold(struct playlog *log, const struct signer *signer, int64_t *out_folded,
		  struct err *err)
{
	int64_t max_rows = PLAY_STRETCH_ROWS_MAX;

	for (;;) {
		CLEANUP(stretch_done)
		struct play_stretch run = {.kind = PLAY_STRETCH_FOLD, .last = -1};

		if (!find_run(log, log->fold_after, max_rows, &run, err))
			return false;
		if (run.first == 0) {
			*out_folded = 0;
			return true;
		}
		if (run.last - run.first + 1 < ROWS_MIN) {
			log->fold_after = run.last;
			continue;
		}
		if (fold_run(log, &run, signer, err)) {
			log->fold_after = run.last;
			*out_folded = run.last - run.first + 1;
			return true;
		}
		/* Slides with long ids: fewer rows fit. */
		if (err->code != ERR_TOO_LARGE || max_rows < 2 * ROWS_MIN)
			return false;
		max_rows /= 2;
	}
}

bool playlog_size(struct playlog *log, int64_t *out_bytes, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(log->db,
					"SELECT (page_count - freelist_count) * page_size"
					" FROM pragma_page_count, pragma_freelist_count,"
					" pragma_page_size",
					err);
	bool row;

	if (!stmt || !db_step(log->db, stmt, &row, "play log: size", err))
		return false;
	*out_bytes = row ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}
