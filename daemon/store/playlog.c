#include "store/playlog.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/notice.h"
#include "store/play_row.h"
#include "wire/play_batch.h"

/* Append only: a migration that has left this house is never edited. */
const struct db_migration playlog_migrations[] = {
	/* 1 */
	{"CREATE TABLE log ("
	 "  one INTEGER PRIMARY KEY CHECK (one = 1),"
	 "  screen_id TEXT NOT NULL,"
	 /* The last row that was pruned: numbers and chain go on from it. */
	 "  pruned_seq INTEGER NOT NULL DEFAULT 0,"
	 "  pruned_hash BLOB NOT NULL CHECK (length(pruned_hash) = 32),"
	 "  acknowledged_seq INTEGER NOT NULL DEFAULT 0"
	 ") STRICT;"

	 "CREATE TABLE play ("
	 "  seq INTEGER PRIMARY KEY,"
	 "  boot_id TEXT NOT NULL,"
	 "  slide_id TEXT NOT NULL,"
	 "  item_id TEXT NOT NULL,"
	 "  item_revision INTEGER NOT NULL,"
	 "  content_hash BLOB NOT NULL CHECK (length(content_hash) = 32),"
	 "  programme_version INTEGER NOT NULL,"
	 "  began_ms INTEGER NOT NULL,"
	 "  began_mono_ms INTEGER NOT NULL,"
	 "  synchronised INTEGER NOT NULL CHECK (synchronised IN (0, 1)),"
	 "  planned_ms INTEGER NOT NULL,"
	 "  output INTEGER NOT NULL,"
	 "  shown_ms INTEGER NOT NULL DEFAULT 0," /* of an open row: its last heartbeat */
	 "  outcome INTEGER,"                     /* NULL: open */
	 "  hash BLOB CHECK (length(hash) = 32),"
	 "  acknowledged_ms INTEGER," /* set up to log.acknowledged_seq, NULL after it */
	 "  CHECK ((outcome IS NULL) = (hash IS NULL))"
	 ") STRICT;"
	 "CREATE UNIQUE INDEX one_open_play ON play ((outcome IS NULL))"
	 "  WHERE outcome IS NULL;"},
};

const size_t playlog_migration_count = ARRAY_LEN(playlog_migrations);

/*
 * The newest numbers and hashes are kept here as well: they change only after the
 * database has them durably, and only through this struct.
 */
struct playlog {
	struct db *db;
	char screen_id[SCREEN_ID_MAX + 1];
	int64_t open_seq; /* 0: none */
	int64_t last_closed;
	uint8_t head[SHA256_SIZE]; /* hash of row last_closed */
	int64_t pruned_seq;
	uint8_t pruned_hash[SHA256_SIZE];
	int64_t acknowledged;
	sqlite3_stmt *begin, *heartbeat, *read_open, *end;
};

static const char begin_sql[] =
	"INSERT INTO play (seq, boot_id, slide_id, item_id, item_revision, content_hash,"
	" programme_version, began_ms, began_mono_ms, synchronised, planned_ms, output)"
	" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

/* A late heartbeat never shortens what is known. */
static const char heartbeat_sql[] =
	"UPDATE play SET shown_ms = MAX(shown_ms, ?2) WHERE seq = ?1 AND outcome IS NULL";

/* An open row, as it will be once closed with ?2 and ?3. */
static const char read_open_sql[] =
	"SELECT seq, boot_id, slide_id, item_id, item_revision, content_hash,"
	" programme_version, began_ms, began_mono_ms, synchronised, planned_ms, output,"
	" ?2, ?3 FROM play WHERE seq = ?1 AND outcome IS NULL";

/*
 * A play is closed once. The WHERE clause makes a second close change no row, which
 * db_run_one() reports, rather than overwriting the outcome that was uploaded.
 */
static const char end_sql[] = "UPDATE play SET shown_ms = ?2, outcome = ?3, hash = ?4"
			      " WHERE seq = ?1 AND outcome IS NULL";

static const char batch_sql[] =
	"SELECT seq, boot_id, slide_id, item_id, item_revision, content_hash,"
	" programme_version, began_ms, began_mono_ms, synchronised, planned_ms, output,"
	" shown_ms, outcome, hash FROM play"
	" WHERE seq > ?1 AND outcome IS NOT NULL ORDER BY seq";

static bool damaged(const char *what, struct err *err)
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
		return damaged("its table \"log\"", err);
	db_text(stmt, 0, log->screen_id, sizeof(log->screen_id));
	if (strcmp(log->screen_id, screen_id) != 0)
		return err_set(err, ERR_CONFLICT,
			       "play log: it was kept by screen %s, this is screen %s: "
			       "move the database aside",
			       log->screen_id, screen_id);
	log->pruned_seq = sqlite3_column_int64(stmt, 1);
	log->acknowledged = sqlite3_column_int64(stmt, 3);
	if (!db_bytes(stmt, 2, log->pruned_hash, sizeof(log->pruned_hash)))
		return damaged("its table \"log\"", err);
	return true;
}

/* The newest rows tell which is open and where the chain ends. */
static bool load_head(struct playlog *log, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(log->db,
					"SELECT seq, outcome IS NULL, hash FROM play"
					" ORDER BY seq DESC LIMIT 2",
					err);
	bool row;

	if (!stmt)
		return false;
	log->last_closed = log->pruned_seq;
	memcpy(log->head, log->pruned_hash, sizeof(log->head));
	for (;;) {
		int64_t seq;

		if (!db_step(log->db, stmt, &row, "play log: open", err))
			return false;
		if (!row)
			return true;
		seq = sqlite3_column_int64(stmt, 0);
		if (sqlite3_column_int(stmt, 1)) {
			log->open_seq = seq;
			continue;
		}
		log->last_closed = seq;
		return db_bytes(stmt, 2, log->head, sizeof(log->head)) ||
		       damaged("the hash of its newest row", err);
	}
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
	    !load_head(log, err))
		goto fail;
	log->begin = db_prepare(db, begin_sql, err);
	if (!log->begin)
		goto fail;
	log->heartbeat = db_prepare(db, heartbeat_sql, err);
	if (!log->heartbeat)
		goto fail;
	log->read_open = db_prepare(db, read_open_sql, err);
	if (!log->read_open)
		goto fail;
	log->end = db_prepare(db, end_sql, err);
	if (!log->end)
		goto fail;
	return log;
fail:
	return playlog_free(log);
}

struct playlog *playlog_free(struct playlog *log)
{
	if (!log)
		return NULL;
	db_finalize(&log->begin);
	db_finalize(&log->heartbeat);
	db_finalize(&log->read_open);
	db_finalize(&log->end);
	free(log);
	return NULL;
}

/* --- Recording ------------------------------------------------------------------------- */

bool playlog_begin(struct playlog *log, const struct play_start *start, int64_t *out_seq,
		   struct err *err)
{
	/* As it would be found after a power cut: valid whatever happens next. */
	struct play play = {
		.seq = log->last_closed + 1, .start = *start, .outcome = PLAY_POWER};

	if (log->open_seq)
		return err_set(err, ERR_CONFLICT,
			       "play log: play %" PRId64 " is still open: end it first",
			       log->open_seq);
	if (!play_check(&play, err))
		return err_prefix(err, "play log");

	sqlite3_bind_int64(log->begin, 1, play.seq);
	play_row_bind(log->begin, start);
	if (!db_run_one(log->db, log->begin, "play log: begin", err))
		return false;
	log->open_seq = play.seq;
	*out_seq = play.seq;
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
		      enum play_outcome outcome, struct play *out, struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = log->read_open;
	bool row;

	sqlite3_bind_int64(stmt, 1, seq);
	sqlite3_bind_int64(stmt, 2, shown.ms);
	sqlite3_bind_int(stmt, 3, (int)outcome);
	if (!db_step(log->db, stmt, &row, "play log: end", err))
		return false;
	if (!row)
		return err_set(err, ERR_CONFLICT,
			       "play log: play %" PRId64 " is not open", seq);
	return play_row_read(stmt, out, err) || err_prefix(err, "play log");
}

bool playlog_end(struct playlog *log, int64_t seq, struct span_ms shown,
		 enum play_outcome outcome, struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	struct play play;

	/* The hash is over what the database holds, which is what will be uploaded. */
	if (!read_open(log, seq, shown, outcome, &play, err) ||
	    !play_hash(log->head, log->screen_id, &play, hash, err))
		return false;

	sqlite3_bind_int64(log->end, 1, seq);
	sqlite3_bind_int64(log->end, 2, shown.ms);
	sqlite3_bind_int(log->end, 3, (int)outcome);
	sqlite3_bind_blob(log->end, 4, hash, sizeof(hash), SQLITE_STATIC);
	if (!db_run_one(log->db, log->end, "play log: end", err))
		return false;
	log->open_seq = 0;
	log->last_closed = seq;
	memcpy(log->head, hash, sizeof(log->head));
	return true;
}

static bool last_heartbeat(struct playlog *log, struct span_ms *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(log->db, "SELECT shown_ms FROM play WHERE seq = ?1", err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, log->open_seq);
	if (!db_step(log->db, stmt, &row, "play log: recover", err))
		return false;
	out->ms = row ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}

bool playlog_recover(struct playlog *log, int64_t *out_seq, struct err *err)
{
	int64_t seq = log->open_seq;
	struct span_ms shown;

	if (seq && (!last_heartbeat(log, &shown, err) ||
		    !playlog_end(log, seq, shown, PLAY_POWER, err)))
		return false;
	*out_seq = seq;
	return true;
}

int64_t playlog_last_closed(const struct playlog *log)
{
	return log->last_closed;
}

int64_t playlog_acknowledged(const struct playlog *log)
{
	return log->acknowledged;
}

/* --- Uploading ------------------------------------------------------------------------- */

/* The hash of a closed row; zeros when there is no such row. */
static bool hash_of(struct playlog *log, int64_t seq, uint8_t out[static SHA256_SIZE],
		    struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = NULL;
	bool row;

	if (seq == log->pruned_seq) {
		memcpy(out, log->pruned_hash, SHA256_SIZE);
		return true;
	}
	stmt = db_prepare(log->db, "SELECT hash FROM play WHERE seq = ?1", err);
	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, seq);
	if (!db_step(log->db, stmt, &row, "play log: batch", err))
		return false;
	/* A row that is missing here is for the city to report: the others go there. */
	if (!row || !db_bytes(stmt, 0, out, SHA256_SIZE))
		memset(out, 0, SHA256_SIZE);
	return true;
}

static bool fill_batch(struct playlog *log, sqlite3_stmt *stmt, size_t max_rows,
		       struct play_batch *batch, struct err *err)
{
	bool row;

	while (batch->play_count < max_rows) {
		size_t i = batch->play_count;

		if (!db_step(log->db, stmt, &row, "play log: batch", err))
			return false;
		if (!row)
			break;
		/*
		 * A damaged row is left out, like one that is missing: the city sees the
		 * gap and reports it, and the rows behind it are counted.
		 */
		if (!play_row_read(stmt, &batch->plays[i], err)) {
			if (i > 0)
				break;
			continue;
		}
		if (i > 0 && batch->plays[i].seq != batch->plays[i - 1].seq + 1)
			break;
		if (!db_bytes(stmt, PLAY_ROW_COLUMNS, batch->hashes[i], SHA256_SIZE))
			return damaged("the hash of a row", err);
		batch->play_count++;
	}
	if (batch->play_count == 0)
		return true;
	batch->first = batch->plays[0].seq;
	memcpy(batch->head, batch->hashes[batch->play_count - 1], SHA256_SIZE);
	return hash_of(log, batch->first - 1, batch->previous, err);
}

bool playlog_batch(struct playlog *log, int64_t after_seq, size_t max_rows,
		   struct play_batch **out, struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(log->db, batch_sql, err);
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

/* Marks rows after @from up to @to as acknowledged at ?3, or as not acknowledged. */
static bool mark(struct playlog *log, int64_t from, int64_t to, const struct wall_ms *at,
		 struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		log->db,
		"UPDATE play SET acknowledged_ms = ?3 WHERE seq > ?1 AND seq <= ?2", err);

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, from);
	sqlite3_bind_int64(stmt, 2, to);
	if (at)
		sqlite3_bind_int64(stmt, 3, at->ms);
	return db_run(log->db, stmt, "play log: acknowledge", err);
}

static bool save_acknowledged(struct playlog *log, int64_t seq, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(log->db, "UPDATE log SET acknowledged_seq = ?1", err);

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, seq);
	return db_run_one(log->db, stmt, "play log: acknowledge", err);
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
	done = (seq > log->acknowledged ? mark(log, log->acknowledged, seq, &at, err)
					: mark(log, seq, log->acknowledged, NULL, err)) &&
	       save_acknowledged(log, seq, err);
	if (!db_end(log->db, done, err))
		return false;
	log->acknowledged = seq;
	return true;
}

/* The last row before the first one that must stay; @hash is its hash. */
static bool find_prunable(struct playlog *log, struct wall_ms before, int64_t *out_seq,
			  uint8_t hash[static SHA256_SIZE], struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(log->db,
			   "SELECT seq, hash FROM play WHERE seq <"
			   " COALESCE((SELECT MIN(seq) FROM play WHERE"
			   "  acknowledged_ms IS NULL OR acknowledged_ms >= ?1), ?2)"
			   " ORDER BY seq DESC LIMIT 1",
			   err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, before.ms);
	sqlite3_bind_int64(stmt, 2, INT64_MAX);
	if (!db_step(log->db, stmt, &row, "play log: prune", err))
		return false;
	*out_seq = row ? sqlite3_column_int64(stmt, 0) : 0;
	return !row || db_bytes(stmt, 1, hash, SHA256_SIZE) ||
	       damaged("the hash of a row", err);
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
	return true;
}

bool playlog_prune(struct playlog *log, struct wall_ms before, int64_t *out_pruned,
		   struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	int64_t count = 0;
	int64_t seq;

	if (!find_prunable(log, before, &seq, hash, err))
		return false;
	if (seq) {
		if (!db_begin(log->db, err) ||
		    !db_end(log->db, prune_up_to(log, seq, hash, &count, err), err))
			return false;
		log->pruned_seq = seq;
		memcpy(log->pruned_hash, hash, sizeof(log->pruned_hash));
	}
	*out_pruned = count;
	return true;
}
