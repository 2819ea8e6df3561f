#include "store/playlog.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/notice.h"
#include "store/play_row.h"
#include "store/playlog_parts.h"
#include "wire/play_batch.h"

/* All three take the parameters of play_row_bind(); those without a place are passed over. */
static const char put_slide_sql[] =
	"INSERT INTO slide (slide_id, item_id, item_revision, content_hash)"
	" VALUES (?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";

static const char put_boot_sql[] =
	"INSERT INTO boot (boot_id) VALUES (?2) ON CONFLICT DO NOTHING";

static const char begin_sql[] =
	"INSERT INTO play (seq, boot, slide, programme_version, began_ms, began_mono_ms,"
	" synchronised, planned_ms, output, frames, picture)"
	" VALUES (?1, (SELECT number FROM boot WHERE boot_id = ?2),"
	" (SELECT number FROM slide WHERE slide_id = ?3 AND item_id = ?4"
	"  AND item_revision = ?5 AND content_hash = ?6), ?7, ?8, ?9, ?10, ?11, ?12, ?13,"
	" ?14)";

/* A late heartbeat never shortens what is known. */
static const char heartbeat_sql[] =
	"UPDATE play SET shown_ms = MAX(shown_ms, ?2) WHERE seq = ?1 AND outcome IS NULL";

#define CLOSED_FRAMES "CASE WHEN frames IS NULL THEN NULL ELSE ?5 END"

/* An open row, as it will be once closed with ?2, ?3 and ?5. */
static const char read_open_sql[] =
	"SELECT " PLAY_ROW_START ", ?2, ?3, " CLOSED_FRAMES ", picture " PLAY_ROW_FROM
	" WHERE p.seq = ?1 AND p.outcome IS NULL";

/*
 * A play is closed once. The WHERE clause makes a second close change no row, which
 * db_run_one() reports, rather than overwriting the outcome that was uploaded.
 */
static const char end_sql[] =
	"UPDATE play SET shown_ms = ?2, outcome = ?3, hash = ?4,"
	" frames = " CLOSED_FRAMES " WHERE seq = ?1 AND outcome IS NULL";

bool playlog_damaged(const char *what, struct err *err)
{
	return err_set(
		err, ERR_IO,
		"play log: %s is damaged: move the database aside, restore it from "
		"a backup or enrol the screen under a new id",
		what);
}

/* --- Opening --------------------------------------------------------------------------- */

static bool pin_screen(struct playlog *log, const char *screen_id, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(log->db,
			   "INSERT INTO log (one, screen_id, pruned_hash)"
			   " VALUES (1, ?1, zeroblob(32)) ON CONFLICT DO NOTHING",
			   err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	return db_run(log->db, stmt, "play log: new", err);
}

static bool load_log(struct playlog *log, const char *screen_id, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(log->db,
			   "SELECT screen_id, pruned_seq, pruned_hash, acknowledged_seq"
			   " FROM log",
			   err);
	bool row;

	if (!stmt || !db_step(log->db, stmt, &row, "play log: open", err))
		return false;
	if (!row)
		return playlog_damaged("its table \"log\"", err);
	db_text(stmt, 0, log->screen_id, sizeof(log->screen_id));
	if (strcmp(log->screen_id, screen_id) != 0)
		return err_set(err, ERR_CONFLICT,
			       "play log: it was kept by screen %s, this is screen %s: "
			       "move the database aside",
			       log->screen_id, screen_id);
	log->pruned_seq = sqlite3_column_int64(stmt, 1);
	log->acknowledged = sqlite3_column_int64(stmt, 3);
	if (!db_bytes(stmt, 2, log->pruned_hash, sizeof(log->pruned_hash)))
		return playlog_damaged("its table \"log\"", err);
	return true;
}

/* Which row is open, and where numbers and chain go on. */
static bool load_head(struct playlog *log, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		log->db,
		"SELECT COALESCE((SELECT seq FROM play WHERE outcome IS NULL), 0),"
		" MAX(pruned_seq,"
		"  COALESCE((SELECT seq FROM play WHERE outcome IS NOT NULL"
		"   ORDER BY seq DESC LIMIT 1), 0),"
		"  COALESCE((SELECT last FROM stretch ORDER BY first DESC LIMIT 1), 0))"
		" FROM log",
		err);
	bool row;

	if (!stmt || !db_step(log->db, stmt, &row, "play log: open", err))
		return false;
	log->open_seq = sqlite3_column_int64(stmt, 0);
	log->last_closed = sqlite3_column_int64(stmt, 1);
	/* A hash that has rotted reads as zeros: the chain begins anew behind it. */
	return playlog_hash_of(log, log->last_closed, log->head, err);
}

static bool prepare_all(struct playlog *log, struct err *err)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *sql;
	} statements[] = {
		{&log->put_slide, put_slide_sql}, {&log->put_boot, put_boot_sql},
		{&log->begin, begin_sql},         {&log->heartbeat, heartbeat_sql},
		{&log->read_open, read_open_sql}, {&log->end, end_sql},
	};

	for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
		*statements[i].stmt = db_prepare(log->db, statements[i].sql, err);
		if (!*statements[i].stmt)
			return false;
	}
	return true;
}

struct playlog *playlog_new(struct db *db, const char *screen_id, struct err *err)
{
	struct playlog *log = NULL;

	if (!notice_id_is_valid(screen_id)) {
		err_set(err, ERR_INVALID, "play log: \"%.80s\" is not the id of a screen",
			screen_id);
		return NULL;
	}
	log = calloc(1, sizeof(*log));
	if (!log) {
		err_set(err, ERR_NO_MEMORY, "play log: out of memory");
		return NULL;
	}
	log->db = db;
	if (!pin_screen(log, screen_id, err) || !load_log(log, screen_id, err) ||
	    !load_head(log, err) || !prepare_all(log, err))
		return playlog_free(log);
	return log;
}

struct playlog *playlog_free(struct playlog *log)
{
	if (!log)
		return NULL;
	db_finalize(&log->put_slide);
	db_finalize(&log->put_boot);
	db_finalize(&log->begin);
	db_finalize(&log->heartbeat);
	db_finalize(&log->read_open);
	db_finalize(&log->end);
	free(log);
	return NULL;
}

/* --- Recording ------------------------------------------------------------------------- */

/* Runs one of the statements of a beginning. */
static bool run_begin(struct playlog *log, sqlite3_stmt *stmt, int64_t seq,
		      const struct play_start *start, struct err *err)
{
	sqlite3_bind_int64(stmt, 1, seq);
	play_row_bind(stmt, start);
	return db_run(log->db, stmt, "play log: begin", err);
}

/* Within a transaction, after which the row is open. */
static bool write_begin(struct playlog *log, const struct play_start *start,
			struct err *err)
{
	/* As it would be found after a power cut: valid whatever happens next. */
	struct play play = {
		.seq = log->last_closed + 1, .start = *start, .outcome = PLAY_POWER};

	if (!play_check(&play, err))
		return err_prefix(err, "play log");
	return run_begin(log, log->put_slide, play.seq, start, err) &&
	       run_begin(log, log->put_boot, play.seq, start, err) &&
	       run_begin(log, log->begin, play.seq, start, err);
}

bool playlog_begin(struct playlog *log, const struct play_start *start, int64_t *out_seq,
		   struct err *err)
{
	if (log->open_seq)
		return err_set(err, ERR_CONFLICT,
			       "play log: play %" PRId64 " is still open: end it first",
			       log->open_seq);
	if (!db_begin(log->db, err) ||
	    !db_end(log->db, write_begin(log, start, err), err))
		return false;
	log->open_seq = log->last_closed + 1;
	*out_seq = log->open_seq;
	return true;
}

bool playlog_heartbeat(struct playlog *log, int64_t seq, struct span_ms shown,
		       struct err *err)
{
	if (shown.ms < 0)
		return err_set(err, ERR_INVALID, "play log: shown for %" PRId64 " ms",
			       shown.ms);
	sqlite3_bind_int64(log->heartbeat, 1, seq);
	sqlite3_bind_int64(log->heartbeat, 2, shown.ms);
	return db_run_one(log->db, log->heartbeat, "play log: heartbeat", err);
}

/* The open row as it will be once it is closed; ERR_CONFLICT when it is not open. */
static bool read_open(struct playlog *log, int64_t seq, struct span_ms shown,
		      int64_t frames, enum play_outcome outcome, struct play *out,
		      struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = log->read_open;
	bool row;

	sqlite3_bind_int64(stmt, 1, seq);
	sqlite3_bind_int64(stmt, 2, shown.ms);
	sqlite3_bind_int(stmt, 3, (int)outcome);
	sqlite3_bind_int64(stmt, 5, frames);
	if (!db_step(log->db, stmt, &row, "play log: end", err))
		return false;
	if (!row)
		return err_set(err, ERR_CONFLICT,
			       "play log: play %" PRId64 " is not open", seq);
	return play_row_read(stmt, out, err) || err_prefix(err, "play log");
}

bool playlog_end(struct playlog *log, int64_t seq, struct span_ms shown, int64_t frames,
		 enum play_outcome outcome, struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	struct play play;

	/* The hash is over what the database holds, which is what will be uploaded. */
	if (!read_open(log, seq, shown, frames, outcome, &play, err) ||
	    !play_hash(log->head, log->screen_id, &play, hash, err))
		return false;

	sqlite3_bind_int64(log->end, 1, seq);
	sqlite3_bind_int64(log->end, 2, shown.ms);
	sqlite3_bind_int(log->end, 3, (int)outcome);
	sqlite3_bind_blob(log->end, 4, hash, sizeof(hash), SQLITE_STATIC);
	sqlite3_bind_int64(log->end, 5, frames);
	if (!db_run_one(log->db, log->end, "play log: end", err))
		return false;
	log->open_seq = 0;
	log->last_closed = seq;
	memcpy(log->head, hash, sizeof(log->head));
	return true;
}

bool playlog_next_play(struct playlog *log, int64_t seq, struct span_ms shown,
		       int64_t frames, enum play_outcome outcome,
		       const struct play_start *next, int64_t *out_seq, struct err *err)
{
	const struct playlog before = *log;

	if (!db_begin(log->db, err))
		return false;
	if (!db_end(log->db,
		    playlog_end(log, seq, shown, frames, outcome, err) &&
			    write_begin(log, next, err),
		    err)) {
		*log = before; /* as is what the database holds */
		return false;
	}
	log->open_seq = log->last_closed + 1;
	*out_seq = log->open_seq;
	return true;
}

/* Until when the open row was seen, and the frames that its beginning had. */
static bool last_heartbeat(struct playlog *log, struct span_ms *out, int64_t *out_frames,
			   struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		log->db, "SELECT shown_ms, frames FROM play WHERE seq = ?1", err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, log->open_seq);
	if (!db_step(log->db, stmt, &row, "play log: recover", err))
		return false;
	out->ms = row ? sqlite3_column_int64(stmt, 0) : 0;
	*out_frames = row ? sqlite3_column_int64(stmt, 1) : 0;
	return true;
}

/*
 * An open row that can't be read can't be hashed either. It is closed all the same, so that
 * its number is used up; when it is to be uploaded, it is named as lost.
 */
static bool close_unreadable(struct playlog *log, struct err *err)
{
	const uint8_t zeros[SHA256_SIZE] = {0};
	struct err ignored = {0};

	sqlite3_bind_int64(log->end, 1, log->open_seq);
	sqlite3_bind_int64(log->end, 2, 0);
	sqlite3_bind_int(log->end, 3, PLAY_POWER);
	sqlite3_bind_blob(log->end, 4, zeros, sizeof(zeros), SQLITE_STATIC);
	/* The first failure is the one to tell. */
	if (!db_run_one(log->db, log->end, "play log: recover", &ignored))
		return false;
	log->last_closed = log->open_seq;
	log->open_seq = 0;
	memset(log->head, 0, sizeof(log->head));
	*err = ignored;
	return true;
}

bool playlog_recover(struct playlog *log, int64_t *out_seq, struct err *err)
{
	int64_t seq = log->open_seq;
	struct span_ms shown;
	int64_t frames;

	if (seq && (!last_heartbeat(log, &shown, &frames, err) ||
		    (!playlog_end(log, seq, shown, frames, PLAY_POWER, err) &&
		     (err->code != ERR_INVALID || !close_unreadable(log, err)))))
		return false;
	*out_seq = seq;
	return true;
}

int64_t playlog_open_seq(const struct playlog *log)
{
	return log->open_seq;
}

bool playlog_is_newest(struct playlog *log, const struct play_start *start, bool *out_is,
		       struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(log->db,
			   "SELECT 1 FROM play p JOIN boot b ON b.number = p.boot"
			   " WHERE p.seq = (SELECT MAX(seq) FROM play)"
			   " AND b.boot_id = ?1 AND p.began_mono_ms = ?2",
			   err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, start->boot_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, start->began_mono.ms);
	return db_step(log->db, stmt, out_is, "play log: newest", err);
}

int64_t playlog_last_closed(const struct playlog *log)
{
	return log->last_closed;
}

int64_t playlog_acknowledged(const struct playlog *log)
{
	return log->acknowledged;
}
