#include <inttypes.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/ledger_tables.h"
#include "store/play_row.h"
#include "wire/play_batch.h"

/* The walk along the rows of one screen. */
struct walk {
	struct ledger *ledger;
	const char *screen_id;
	int64_t screen;
	int64_t durable_seq;
	int64_t last; /* the row before; 0 at the start */
	bool chained; /* @hash is that of row @last */
	uint8_t hash[SHA256_SIZE];
	int64_t intact;
};

static bool find_screen(struct walk *walk, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(walk->ledger->db,
			   "SELECT number, durable_seq FROM screen WHERE id = ?1", err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, walk->screen_id, -1, SQLITE_STATIC);
	if (!db_step(walk->ledger->db, stmt, &row, "ledger: verify", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "ledger: there is no screen \"%.80s\"",
			       walk->screen_id);
	walk->screen = sqlite3_column_int64(stmt, 0);
	walk->durable_seq = sqlite3_column_int64(stmt, 1);
	return true;
}

/*
 * Rows between the last one and @seq that were confirmed to the screen must be in a stretch
 * or in quarantine; those after durable_seq may still be on their way.
 */
static bool check_missing(struct walk *walk, int64_t seq, struct err *err)
{
	int64_t last = seq - 1 < walk->durable_seq ? seq - 1 : walk->durable_seq;

	while (walk->last < last) {
		struct ledger_quarantine_state state;
		struct ledger_stretch stretch;
		int64_t i = walk->last + 1;

		if (!ledger_find_stretch(walk->ledger, walk->screen, i, &stretch, err))
			return false;
		walk->chained = false;
		if (stretch.number) {
			walk->last = stretch.last < last ? stretch.last : last;
			/* These were checked against the rows on both sides. */
			walk->chained = stretch.last == walk->last && stretch.has_head &&
					(stretch.kind == LEDGER_FOLDED ||
					 stretch.kind == LEDGER_PRUNED);
			memcpy(walk->hash, stretch.head, SHA256_SIZE);
			continue;
		}
		if (!ledger_in_quarantine(walk->ledger, walk->screen, i, walk->hash,
					  &state, err))
			return false;
		if (!state.any)
			return err_set(err, ERR_UNTRUSTED,
				       "ledger: screen %s: play %" PRId64 " is missing",
				       walk->screen_id, i);
		walk->last = i;
	}
	return true;
}

static bool check_row(struct walk *walk, const struct play *play,
		      const uint8_t held[static SHA256_SIZE], struct err *err)
{
	uint8_t expected[SHA256_SIZE];

	if (!check_missing(walk, play->seq, err))
		return false;
	/* After a gap or a row in quarantine, the chain begins anew. */
	if (walk->chained && walk->last == play->seq - 1) {
		if (!play_hash(walk->hash, walk->screen_id, play, expected, err))
			return false;
		if (memcmp(expected, held, SHA256_SIZE) != 0)
			return err_set(err, ERR_UNTRUSTED,
				       "ledger: screen %s: play %" PRId64
				       " does not fit the chain: it or the one before it "
				       "was altered",
				       walk->screen_id, play->seq);
	}
	walk->last = play->seq;
	walk->chained = true;
	walk->intact++;
	memcpy(walk->hash, held, SHA256_SIZE);
	return true;
}

static bool check_all(struct walk *walk, struct err *err)
{
	struct db *db = walk->ledger->db;
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   PLAY_ROW_SELECT ", p.hash " PLAY_ROW_FROM
					   " WHERE p.screen = ?1 ORDER BY p.seq",
			   err);
	uint8_t held[SHA256_SIZE];
	struct play play;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, walk->screen);
	for (;;) {
		if (!db_step(db, stmt, &row, "ledger: verify", err))
			return false;
		if (!row)
			return check_missing(walk, INT64_MAX, err);
		if (!play_row_read(stmt, &play, err) ||
		    !db_bytes(stmt, PLAY_ROW_COLUMNS, held, sizeof(held)))
			return err_set(err, ERR_UNTRUSTED,
				       "ledger: screen %s: play %" PRId64 " is damaged",
				       walk->screen_id,
				       (int64_t)sqlite3_column_int64(stmt, 0));
		if (!check_row(walk, &play, held, err))
			return false;
	}
}

/*
 * ?1: the screen; ?2 and ?6: outputs that nobody sees; ?3: PLAY_OUTPUT; ?4 and ?5: sane
 * times.
 */
static const char wrong_time_sql[] =
	"SELECT seq FROM play WHERE screen = ?1 AND synchronised = 1"
	" AND began_ms BETWEEN ?4 AND ?5 AND at_ms IS NOT began_ms ORDER BY seq LIMIT 1";

/* The first hour whose totals are not those of the plays held, as rows or folded. */
static const char wrong_total_sql[] =
	"WITH each (slide, hour, outcome, plays, shown_ms, first_ms, last_ms) AS ("
	"  SELECT slide, at_ms / 3600000, outcome, 1, shown_ms, at_ms, at_ms FROM play"
	"   WHERE screen = ?1 AND at_ms IS NOT NULL AND output NOT IN (?2, ?6) AND outcome <> ?3"
	"  UNION ALL SELECT t.slide, t.hour, t.outcome, t.plays, t.shown_ms, t.first_ms,"
	"   t.last_ms FROM stretch s JOIN folded t ON t.stretch = s.number"
	"   WHERE s.screen = ?1 AND t.output NOT IN (?2, ?6) AND t.outcome <> ?3),"
	" plays (slide, hour, complete, partial, shown_ms, first_ms, last_ms)"
	" AS MATERIALIZED (SELECT slide, hour,"
	"  COALESCE(SUM(plays) FILTER (WHERE outcome = 0), 0),"
	"  COALESCE(SUM(plays) FILTER (WHERE outcome <> 0), 0),"
	"  SUM(shown_ms), MIN(first_ms) FILTER (WHERE outcome = 0),"
	"  MAX(last_ms) FILTER (WHERE outcome = 0) FROM each GROUP BY slide, hour),"
	" totals (slide, hour, complete, partial, shown_ms, first_ms, last_ms)"
	" AS MATERIALIZED (SELECT slide, hour, complete, partial, shown_ms, first_ms,"
	"  last_ms FROM hourly WHERE screen = ?1)"
	" SELECT hour FROM (SELECT * FROM plays EXCEPT SELECT * FROM totals)"
	" UNION ALL"
	" SELECT hour FROM (SELECT * FROM totals EXCEPT SELECT * FROM plays)"
	" ORDER BY hour LIMIT 1";

/* The first month whose totals are not those of its hours. */
static const char wrong_month_sql[] =
	"WITH hours (slide, month, complete, partial, shown_ms, late, first_ms, last_ms)"
	" AS MATERIALIZED (SELECT slide,"
	"  strftime('%Y', hour * 3600 + 32400, 'unixepoch') * 12"
	"   + strftime('%m', hour * 3600 + 32400, 'unixepoch') - 1 AS month,"
	"  SUM(complete), SUM(partial), SUM(shown_ms), SUM(late), MIN(first_ms),"
	"  MAX(last_ms) FROM hourly WHERE screen = ?1 GROUP BY slide, month),"
	" totals (slide, month, complete, partial, shown_ms, late, first_ms, last_ms)"
	" AS MATERIALIZED (SELECT slide, month, complete, partial, shown_ms, late,"
	"  first_ms, last_ms FROM monthly WHERE screen = ?1)"
	" SELECT month FROM (SELECT * FROM hours EXCEPT SELECT * FROM totals)"
	" UNION ALL"
	" SELECT month FROM (SELECT * FROM totals EXCEPT SELECT * FROM hours)"
	" ORDER BY month LIMIT 1";

/* The number that @sql finds; false in @*out_found when it finds none. */
static bool find_wrong(struct walk *walk, const char *sql, bool *out_found, int64_t *out,
		       struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(walk->ledger->db, sql, err);

	if (!stmt)
		return false;
	/* Parameters that a query does not have are passed over. */
	sqlite3_bind_int64(stmt, 1, walk->screen);
	sqlite3_bind_int(stmt, 2, PLAY_OUTPUT_OFF);
	sqlite3_bind_int(stmt, 3, PLAY_OUTPUT);
	sqlite3_bind_int64(stmt, 4, WALL_MS_MIN);
	sqlite3_bind_int64(stmt, 5, WALL_MS_MAX);
	sqlite3_bind_int(stmt, 6, PLAY_OUTPUT_BLACK);
	if (!db_step(walk->ledger->db, stmt, out_found, "ledger: verify", err))
		return false;
	*out = *out_found ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}

/* What is made from the rows: the time that each counts at, and the totals by the hour. */
static bool check_derived(struct walk *walk, struct err *err)
{
	char hour[WALL_TEXT_SIZE];
	int64_t number;
	bool found;

	if (!find_wrong(walk, wrong_time_sql, &found, &number, err))
		return false;
	if (found)
		return err_set(err, ERR_UNTRUSTED,
			       "ledger: screen %s: the time of play %" PRId64
			       " was altered",
			       walk->screen_id, number);
	if (!find_wrong(walk, wrong_total_sql, &found, &number, err))
		return false;
	wall_format_jst((struct wall_ms){number * 3600000}, hour);
	if (found)
		return err_set(err, ERR_UNTRUSTED,
			       "ledger: screen %s: the totals of the hour from %s are "
			       "not those of its plays",
			       walk->screen_id, hour);
	if (!find_wrong(walk, wrong_month_sql, &found, &number, err))
		return false;
	return !found || err_set(err, ERR_UNTRUSTED,
				 "ledger: screen %s: the totals of %" PRId64 "-%02d "
				 "are not those of its hours",
				 walk->screen_id, number / 12, (int)(number % 12) + 1);
}

bool ledger_verify(struct ledger *ledger, const char *screen_id, int64_t *out_rows,
		   struct err *err)
{
	struct walk walk = {.ledger = ledger, .screen_id = screen_id};

	/* Before row 1 there are zeros. */
	walk.chained = true;
	if (!find_screen(&walk, err) || !check_all(&walk, err) ||
	    !ledger_verify_stretches(ledger, screen_id, err) ||
	    !check_derived(&walk, err))
		return false;
	*out_rows = walk.intact;
	return true;
}
