/* What staff want to know of a screen: what is missing, what is in quarantine and why. */
#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/ledger_tables.h"

/*
 * ?2 to ?4: LEDGER_LOST, LEDGER_ACCEPTED, LEDGER_FOLDED. TOTAL(), which can't overflow: a
 * screen whose key was stolen may state any number of any rows as lost.
 */
static const char state_sql[] =
	"SELECT c.number, c.durable_seq, MAX("
	"  COALESCE((SELECT MAX(seq) FROM play WHERE screen = c.number), 0),"
	"  COALESCE((SELECT MAX(last) FROM stretch WHERE screen = c.number), 0)),"
	" (SELECT COUNT(*) FROM quarantine WHERE screen = c.number),"
	" (SELECT COUNT(*) FROM boot b CROSS JOIN play p INDEXED BY play_undated"
	"  ON p.boot = b.number AND p.at_ms IS NULL WHERE b.screen = c.number),"
	" (SELECT CAST(MIN(TOTAL(last - first + 1), 9e15) AS INTEGER) FROM stretch"
	"  WHERE screen = c.number AND kind = ?2),"
	" (SELECT CAST(MIN(TOTAL(last - first + 1), 9e15) AS INTEGER) FROM stretch"
	"  WHERE screen = c.number AND kind = ?3),"
	" (SELECT COALESCE(SUM(t.plays), 0) FROM stretch s JOIN folded t"
	"  ON t.stretch = s.number WHERE s.screen = c.number AND s.kind = ?4)"
	" FROM screen c WHERE c.id = ?1";

/* Everything up to durable_seq (?2) is there; behind it, whatever nothing stands between. */
static const char gaps_sql[] =
	"SELECT before + 1, first - 1 FROM (SELECT first, COALESCE(MAX(last) OVER"
	"  (ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), ?2)"
	"  AS before FROM ("
	"   SELECT seq AS first, seq AS last FROM play WHERE screen = ?1 AND seq > ?2"
	"   UNION ALL SELECT seq, seq FROM quarantine WHERE screen = ?1 AND seq > ?2"
	"   UNION ALL SELECT first, last FROM stretch WHERE screen = ?1 AND last > ?2))"
	" WHERE first > before + 1 ORDER BY first";

static bool add_gaps(struct ledger *ledger, int64_t screen,
		     struct ledger_screen_state *state, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(ledger->db, gaps_sql, err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_int64(stmt, 2, state->durable_seq);
	for (;;) {
		int64_t first, last;

		if (!db_step(ledger->db, stmt, &row, "ledger: gaps", err))
			return false;
		if (!row)
			return true;
		first = sqlite3_column_int64(stmt, 0);
		last = sqlite3_column_int64(stmt, 1);
		state->missing += last - first + 1;
		if (state->gap_count < LEDGER_GAPS_MAX)
			state->gaps[state->gap_count++] =
				(struct ledger_gap){first, last};
	}
}

bool ledger_screen_state(struct ledger *ledger, const char *screen_id,
			 struct ledger_screen_state *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(ledger->db, state_sql, err);
	struct ledger_screen_state state = {0};
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, LEDGER_LOST);
	sqlite3_bind_int(stmt, 3, LEDGER_ACCEPTED);
	sqlite3_bind_int(stmt, 4, LEDGER_FOLDED);
	if (!db_step(ledger->db, stmt, &row, "ledger: a screen", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "there is no screen \"%.80s\"",
			       screen_id);
	state.durable_seq = sqlite3_column_int64(stmt, 1);
	state.last_seq = sqlite3_column_int64(stmt, 2);
	state.quarantined = sqlite3_column_int64(stmt, 3);
	state.undated = sqlite3_column_int64(stmt, 4);
	state.lost = sqlite3_column_int64(stmt, 5);
	state.given_up = sqlite3_column_int64(stmt, 6);
	state.folded = sqlite3_column_int64(stmt, 7);
	if (!add_gaps(ledger, sqlite3_column_int64(stmt, 0), &state, err))
		return false;
	*out = state;
	return true;
}

bool ledger_quarantine_newest(struct ledger *ledger, const char *screen_id, int limit,
			      ledger_quarantined_fn *each, void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(ledger->db,
			   "SELECT q.seq, q.reason, q.row, q.received_ms FROM screen c"
			   " JOIN quarantine q ON q.screen = c.number WHERE c.id = ?1"
			   " ORDER BY q.number DESC LIMIT ?2",
			   err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, limit);
	for (;;) {
		struct ledger_quarantined bad;

		if (!db_step(ledger->db, stmt, &row, "ledger: quarantine", err))
			return false;
		if (!row)
			return true;
		bad = (struct ledger_quarantined){
			.screen_id = screen_id,
			.seq = sqlite3_column_int64(stmt, 0),
			.reason = (const char *)sqlite3_column_text(stmt, 1),
			.row = (const char *)sqlite3_column_text(stmt, 2),
			.received = {sqlite3_column_int64(stmt, 3)},
		};
		if (!bad.reason || !bad.row)
			return err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
		if (!each(context, &bad, err))
			return false;
	}
}
