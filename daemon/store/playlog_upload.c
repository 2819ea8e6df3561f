/* What the play log hands to the city, what the city has of it, and what is forgotten. */
#include "store/playlog.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/play_row.h"
#include "store/playlog_parts.h"
#include "wire/play_batch.h"
#include "wire/play_stretch.h"

const char playlog_rows_sql[] =
	PLAY_ROW_SELECT ", p.hash " PLAY_ROW_FROM
			" WHERE p.seq > ?1 AND p.outcome IS NOT NULL ORDER BY p.seq";

/* --- Rows ------------------------------------------------------------------------------ */

bool playlog_hash_of(struct playlog *log, int64_t seq, uint8_t out[static SHA256_SIZE],
		     struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = NULL;
	bool row;

	if (seq == log->pruned_seq) {
		memcpy(out, log->pruned_hash, SHA256_SIZE);
		return true;
	}
	stmt = db_prepare(
		log->db,
		"SELECT hash FROM play WHERE seq = ?1 UNION ALL"
		" SELECT hash FROM (SELECT hash, last FROM stretch"
		"  WHERE first <= ?1 ORDER BY first DESC LIMIT 1) WHERE last = ?1",
		err);
	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, seq);
	if (!db_step(log->db, stmt, &row, "play log: hash", err))
		return false;
	if (!row || !db_bytes(stmt, 0, out, SHA256_SIZE))
		memset(out, 0, SHA256_SIZE);
	return true;
}

static bool read_row(sqlite3_stmt *stmt, struct play *play,
		     uint8_t hash[static SHA256_SIZE], struct err *err)
{
	return play_row_read(stmt, play, err) &&
	       (db_bytes(stmt, PLAY_ROW_COLUMNS, hash, SHA256_SIZE) ||
		err_set(err, ERR_INVALID, "play %" PRId64 ": hash: damaged", play->seq));
}

/* Ends before the first row that is missing or can't be read. */
static bool fill_batch(struct playlog *log, sqlite3_stmt *stmt, size_t max_rows,
		       struct play_batch *batch, struct err *err)
{
	bool row;

	while (batch->play_count < max_rows) {
		size_t i = batch->play_count;
		struct err unread = {0};

		if (!db_step(log->db, stmt, &row, "play log: batch", err))
			return false;
		if (!row || !read_row(stmt, &batch->plays[i], batch->hashes[i], &unread))
			break;
		if (i > 0 && batch->plays[i].seq != batch->plays[i - 1].seq + 1)
			break;
		batch->play_count++;
	}
	if (batch->play_count == 0)
		return true;
	batch->first = batch->plays[0].seq;
	memcpy(batch->head, batch->hashes[batch->play_count - 1], SHA256_SIZE);
	return playlog_hash_of(log, batch->first - 1, batch->previous, err);
}

bool playlog_batch(struct playlog *log, int64_t after_seq, size_t max_rows,
		   struct play_batch **out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(log->db, playlog_rows_sql, err);
	struct play_batch *batch;

	if (!stmt)
		return false;
	if (max_rows > PLAY_BATCH_ROWS_MAX)
		max_rows = PLAY_BATCH_ROWS_MAX;
	batch = play_batch_new(log->screen_id, max_rows, err);
	if (!batch)
		return false;
	sqlite3_bind_int64(stmt, 1, after_seq);
	if (!fill_batch(log, stmt, max_rows, batch, err)) {
		play_batch_free(batch);
		return false;
	}
	*out = batch->play_count > 0 ? batch : play_batch_free(batch);
	return true;
}

/* --- Stretches that are not rows ------------------------------------------------------- */

bool playlog_replace(struct playlog *log, const struct playlog_stretch *stretch,
		     struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *forget = db_prepare(log->db,
					  "DELETE FROM play WHERE seq BETWEEN ?1 AND ?2"
					  " AND outcome IS NOT NULL",
					  err);
	CLEANUP(db_finalize) sqlite3_stmt *put = NULL;
	bool done;

	if (!forget)
		return false;
	put = db_prepare(log->db,
			 "INSERT INTO stretch (first, last, hash, document)"
			 " VALUES (?1, ?2, ?3, ?4)",
			 err);
	if (!put)
		return false;
	sqlite3_bind_int64(forget, 1, stretch->first);
	sqlite3_bind_int64(forget, 2, stretch->last);
	sqlite3_bind_int64(put, 1, stretch->first);
	sqlite3_bind_int64(put, 2, stretch->last);
	sqlite3_bind_blob(put, 3, stretch->hash, SHA256_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(put, 4, stretch->document, -1, SQLITE_STATIC);
	if (!db_begin(log->db, err))
		return false;
	done = db_run(log->db, forget, "play log: replace", err) &&
	       db_run_one(log->db, put, "play log: replace", err);
	return db_end(log->db, done, err);
}

/* The stretch that row @seq is in; @out is left alone when it is in none. */
static bool find_stretch(struct playlog *log, int64_t seq, struct playlog_next *out,
			 struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(log->db,
					"SELECT last, document FROM stretch"
					" WHERE first <= ?1 ORDER BY first DESC LIMIT 1",
					err);
	const char *document;
	char *copy;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, seq);
	if (!db_step(log->db, stmt, &row, "play log: next", err))
		return false;
	if (!row || sqlite3_column_int64(stmt, 0) < seq)
		return true;
	document = (const char *)sqlite3_column_text(stmt, 1);
	copy = document ? strdup(document) : NULL;
	if (!copy)
		return err_set(err, ERR_NO_MEMORY, "play log: out of memory");
	out->last = sqlite3_column_int64(stmt, 0);
	out->document = copy;
	return true;
}

/* The number of the first stretch behind @seq; one behind the newest row when none. */
static bool next_stretch(struct playlog *log, int64_t seq, int64_t *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		log->db, "SELECT MIN(first) FROM stretch WHERE first > ?1", err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, seq);
	if (!db_step(log->db, stmt, &row, "play log: next", err))
		return false;
	*out = sqlite3_column_type(stmt, 0) == SQLITE_NULL
		       ? log->last_closed + 1
		       : sqlite3_column_int64(stmt, 0);
	return true;
}

/* What can still be made out of the row that the query is at, in visible ASCII. */
static void describe(sqlite3_stmt *stmt, const char *why, char *out, size_t size)
{
	const unsigned char *slide = sqlite3_column_text(stmt, 2);

	snprintf(out, size,
		 "%s; what is left of it: slide %.60s, began_ms %" PRId64
		 ", shown_ms %" PRId64 ", outcome %" PRId64,
		 why, slide ? (const char *)slide : "unknown",
		 (int64_t)sqlite3_column_int64(stmt, 7),
		 (int64_t)sqlite3_column_int64(stmt, 12),
		 (int64_t)sqlite3_column_int64(stmt, 13));
	for (char *c = out; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
}

/* Where the rows that can't be handed over from @stretch->first on end, and why. */
static bool find_lost(struct playlog *log, struct play_stretch *stretch, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(log->db, playlog_rows_sql, err);
	int64_t before;
	bool row;

	if (!stmt || !next_stretch(log, stretch->first, &before, err))
		return false;
	snprintf(stretch->reason, sizeof(stretch->reason), "%s",
		 stretch->first <= log->pruned_seq
			 ? "removed here after the city had confirmed them"
			 : "not in the play log any more");
	sqlite3_bind_int64(stmt, 1, stretch->first - 1);
	for (;;) {
		struct err why = {0};
		struct play play;
		uint8_t hash[SHA256_SIZE];

		if (!db_step(log->db, stmt, &row, "play log: next", err))
			return false;
		if (!row || sqlite3_column_int64(stmt, 0) >= before)
			break;
		if (read_row(stmt, &play, hash, &why)) {
			before = play.seq;
			break;
		}
		if (sqlite3_column_int64(stmt, 0) == stretch->first)
			describe(stmt, why.text, stretch->reason,
				 sizeof(stretch->reason));
	}
	stretch->last = before - 1;
	return true;
}

/* States what can't be handed over from row @first on: for good, as it was signed. */
static bool state_lost(struct playlog *log, int64_t first, const struct signer *signer,
		       struct playlog_next *out, struct err *err)
{
	struct play_stretch lost = {.kind = PLAY_STRETCH_LOST, .first = first};
	struct playlog_stretch replacement;
	size_t len;

	memcpy(lost.screen_id, log->screen_id, sizeof(lost.screen_id));
	if (!find_lost(log, &lost, err) ||
	    !playlog_hash_of(log, first - 1, lost.previous, err) ||
	    !playlog_hash_of(log, lost.last, lost.head, err))
		return false;
	out->document = play_stretch_to_json(&lost, signer, &len, err);
	if (!out->document)
		return false;
	out->last = lost.last;
	replacement =
		(struct playlog_stretch){first, lost.last, lost.head, out->document};
	if (playlog_replace(log, &replacement, err))
		return true;
	playlog_next_done(out);
	return false;
}

bool playlog_next(struct playlog *log, int64_t after_seq, size_t max_rows,
		  const struct signer *signer, struct playlog_next *out, struct err *err)
{
	struct playlog_next next = {.last = after_seq};

	if (!find_stretch(log, after_seq + 1, &next, err))
		return false;
	if (!next.document && !playlog_batch(log, after_seq, max_rows, &next.batch, err))
		return false;
	if (next.batch && next.batch->first == after_seq + 1) {
		next.last = after_seq + (int64_t)next.batch->play_count;
	} else if (!next.document) {
		next.batch = play_batch_free(next.batch);
		if (after_seq < log->last_closed &&
		    !state_lost(log, after_seq + 1, signer, &next, err))
			return false;
	}
	*out = next;
	return true;
}

void playlog_next_done(struct playlog_next *next)
{
	play_batch_free(next->batch);
	free(next->document);
	*next = (struct playlog_next){0};
}

/* --- What the city has ----------------------------------------------------------------- */

static bool run_with(struct playlog *log, const char *sql, int64_t seq, struct wall_ms at,
		     struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(log->db, sql, err);

	if (!stmt)
		return false;
	/* Parameters that a statement does not have are passed over. */
	sqlite3_bind_int64(stmt, 1, seq);
	sqlite3_bind_int64(stmt, 2, at.ms);
	return db_run(log->db, stmt, "play log: acknowledge", err);
}

bool playlog_acknowledge(struct playlog *log, int64_t seq, struct wall_ms at,
			 struct err *err)
{
	bool done;

	if (seq < 0 || seq > log->last_closed)
		return err_set(err, ERR_CONFLICT,
			       "play log: the city holds plays up to %" PRId64
			       " of this screen, but the log ends with %" PRId64
			       ": it was replaced by an older one; restore it, or enrol "
			       "the screen under a new id",
			       seq, log->last_closed);
	if (seq == log->acknowledged)
		return true; /* nothing to write: it wears the card */
	if (!db_begin(log->db, err))
		return false;
	/* A city that went back to a backup confirms what it had anew. */
	done = run_with(log, "DELETE FROM acknowledged WHERE seq > ?1", seq, at, err) &&
	       run_with(log,
			"INSERT OR REPLACE INTO acknowledged (hour, at_ms, seq)"
			" VALUES (?2 / 3600000, ?2, ?1)",
			seq, at, err) &&
	       run_with(log, "UPDATE log SET acknowledged_seq = ?1", seq, at, err);
	if (!db_end(log->db, done, err))
		return false;
	log->acknowledged = seq;
	return true;
}

/*
 * Up to which row everything may be forgotten: what the city has held since before @before,
 * to the end of a row or stretch whose hash is known. 0: none.
 */
static bool find_prunable(struct playlog *log, struct wall_ms before, int64_t *out_seq,
			  struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		log->db,
		"WITH held (seq) AS (SELECT COALESCE(MAX(seq), 0) FROM acknowledged"
		"  WHERE at_ms < ?1)"
		" SELECT MAX(COALESCE((SELECT MAX(p.seq) FROM play p, held h"
		"   WHERE p.seq <= h.seq AND p.outcome IS NOT NULL), 0),"
		"  COALESCE((SELECT MAX(s.last) FROM stretch s, held h"
		"   WHERE s.last <= h.seq), 0))",
		err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, before.ms);
	if (!db_step(log->db, stmt, &row, "play log: prune", err))
		return false;
	*out_seq = sqlite3_column_int64(stmt, 0);
	return true;
}

static bool prune_up_to(struct playlog *log, int64_t seq,
			const uint8_t hash[static SHA256_SIZE], int64_t *out_count,
			struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *remember = db_prepare(
		log->db, "UPDATE log SET pruned_seq = ?1, pruned_hash = ?2", err);
	CLEANUP(db_finalize) sqlite3_stmt *forget = NULL;

	if (!remember)
		return false;
	forget = db_prepare(log->db, "DELETE FROM play WHERE seq <= ?1", err);
	if (!forget)
		return false;
	sqlite3_bind_int64(remember, 1, seq);
	sqlite3_bind_blob(remember, 2, hash, SHA256_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(forget, 1, seq);
	if (!db_run_one(log->db, remember, "play log: prune", err) ||
	    !db_run(log->db, forget, "play log: prune", err))
		return false;
	*out_count = db_changes(log->db);
	return run_with(log, "DELETE FROM stretch WHERE last <= ?1", seq,
			(struct wall_ms){0}, err) &&
	       run_with(log, "DELETE FROM acknowledged WHERE seq <= ?1", seq,
			(struct wall_ms){0}, err) &&
	       db_exec(log->db,
		       "DELETE FROM slide WHERE number NOT IN (SELECT slide FROM play);"
		       "DELETE FROM boot WHERE number NOT IN (SELECT boot FROM play)",
		       "play log: prune", err);
}

bool playlog_prune(struct playlog *log, struct wall_ms before, int64_t *out_pruned,
		   struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	int64_t count = 0;
	int64_t seq;

	if (!find_prunable(log, before, &seq, err) ||
	    !playlog_hash_of(log, seq, hash, err))
		return false;
	if (seq > log->pruned_seq) {
		if (!db_begin(log->db, err) ||
		    !db_end(log->db, prune_up_to(log, seq, hash, &count, err), err))
			return false;
		log->pruned_seq = seq;
		memcpy(log->pruned_hash, hash, sizeof(log->pruned_hash));
	}
	*out_pruned = count;
	return true;
}
