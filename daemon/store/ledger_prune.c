/*
 * Raw rows need not be kept for ever. Before they go, what they add to the totals is kept by
 * the hour, like totals that screens send; a digest of that, and the hash that the chain goes
 * on from, are written into the audit log, which is a chain itself. So no report changes, and
 * auditors still see what was altered.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/notice.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/ledger_tables.h"
#include "wire/digest.h"

/* One transaction's worth: nobody waits for long. */
#define ROWS_MAX 20000

/* Rows of one screen that may go. */
struct prunable {
	int64_t screen; /* 0: none */
	char screen_id[SCREEN_ID_MAX + 1];
	struct ledger_stretch stretch;
	int64_t rows;
};

/*
 * ?1: the first time that stays, ?2: LEDGER_PRUNED, ?3: ROWS_MAX. Of each screen, rows that
 * are confirmed and have their time, behind those that went before; up to the first one that
 * stays. What has no time stays for itself.
 */
static const char find_sql[] =
	"SELECT number, id, first, (SELECT MAX(seq) FROM play WHERE screen = number"
	"  AND seq >= first AND at_ms IS NOT NULL AND seq < MIN(durable_seq + 1,"
	"   first + ?3, COALESCE((SELECT MIN(seq) FROM play WHERE screen = number"
	"    AND seq > first AND seq < first + ?3 AND at_ms >= ?1), first + ?3)))"
	" FROM (SELECT number, id, durable_seq, (SELECT MIN(seq) FROM play"
	"   WHERE screen = number AND seq > gone AND seq <= durable_seq"
	"   AND at_ms IS NOT NULL) AS first"
	"  FROM (SELECT number, id, durable_seq, COALESCE((SELECT MAX(last) FROM stretch"
	"   WHERE screen = number AND kind = ?2), 0) AS gone FROM screen))"
	" WHERE first IS NOT NULL AND (SELECT at_ms FROM play WHERE screen = number"
	"  AND seq = first) < ?1 LIMIT 1";

static bool find_prunable(struct ledger *ledger, struct wall_ms before,
			  struct prunable *out, struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(ledger->db, find_sql, err);
	bool row;

	*out = (struct prunable){0};
	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, before.ms);
	sqlite3_bind_int(stmt, 2, LEDGER_PRUNED);
	sqlite3_bind_int(stmt, 3, ROWS_MAX);
	if (!db_step(ledger->db, stmt, &row, "ledger: prune", err))
		return false;
	if (!row)
		return true;
	out->screen = sqlite3_column_int64(stmt, 0);
	db_text(stmt, 1, out->screen_id, sizeof(out->screen_id));
	out->stretch = (struct ledger_stretch){
		.first = sqlite3_column_int64(stmt, 2),
		.last = sqlite3_column_int64(stmt, 3),
		.kind = LEDGER_PRUNED,
	};
	return ledger_held_hash(ledger, out->screen, out->stretch.last,
				&out->stretch.has_head, out->stretch.head, err);
}

/* Runs @sql with the screen, the ends of the stretch and its number as ?1 to ?4. */
static bool run(struct ledger *ledger, const struct prunable *prunable, const char *sql,
		int64_t *out_changes, struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(ledger->db, sql, err);

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, prunable->screen);
	sqlite3_bind_int64(stmt, 2, prunable->stretch.first);
	sqlite3_bind_int64(stmt, 3, prunable->stretch.last);
	sqlite3_bind_int64(stmt, 4, prunable->stretch.number);
	if (!db_run(ledger->db, stmt, "ledger: prune", err))
		return false;
	*out_changes = db_changes(ledger->db);
	return true;
}

static const char totals_of_rows[] =
	" slide, at_ms / 3600000 AS hour, outcome, output, COUNT(*), SUM(shown_ms),"
	" MIN(at_ms), MAX(at_ms) FROM play WHERE screen = ?1 AND seq BETWEEN ?2 AND ?3"
	" AND at_ms IS NOT NULL GROUP BY slide, hour, outcome, output";

/* A digest of the eight columns of totals that @sql finds, in their order. */
static bool digest_of(struct ledger *ledger, sqlite3_stmt *stmt,
		      char out[static SHA256_HEX_SIZE], struct err *err)
{
	uint8_t digest[SHA256_SIZE] = {0};
	bool row;

	for (;;) {
		char text[SHA256_HEX_SIZE + 8 * 24];
		size_t len = SHA256_HEX_SIZE - 1;

		if (!db_step(ledger->db, stmt, &row, "ledger: digest", err))
			return false;
		if (!row)
			break;
		hex_encode(digest, sizeof(digest), text);
		for (int i = 0; i < 8; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						" %" PRId64,
						(int64_t)sqlite3_column_int64(stmt, i));
		sha256(text, len, digest);
	}
	hex_encode(digest, sizeof(digest), out);
	return true;
}

bool ledger_pruned_digest(struct ledger *ledger, int64_t stretch,
			  char out[static SHA256_HEX_SIZE], struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		ledger->db,
		"SELECT slide, hour, outcome, output, plays, shown_ms, first_ms, last_ms"
		" FROM folded WHERE stretch = ?1 ORDER BY slide, hour, outcome, output",
		err);

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, stretch);
	return digest_of(ledger, stmt, out, err);
}

void ledger_pruned_text(int64_t first, int64_t last, const char *head, const char *totals,
			char out[static LEDGER_PRUNED_TEXT_SIZE])
{
	snprintf(out, LEDGER_PRUNED_TEXT_SIZE,
		 "plays %" PRId64 "–%" PRId64 ", hash %s, totals %s", first, last, head,
		 totals);
}

/* What is written into the audit log, before the rows go. */
static bool describe(struct ledger *ledger, const struct prunable *prunable,
		     char out[static LEDGER_PRUNED_TEXT_SIZE], struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = NULL;
	char sql[400], digest[SHA256_HEX_SIZE], head[SHA256_HEX_SIZE];

	snprintf(sql, sizeof(sql), "SELECT%s ORDER BY slide, hour, outcome, output",
		 totals_of_rows);
	stmt = db_prepare(ledger->db, sql, err);
	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, prunable->screen);
	sqlite3_bind_int64(stmt, 2, prunable->stretch.first);
	sqlite3_bind_int64(stmt, 3, prunable->stretch.last);
	if (!digest_of(ledger, stmt, digest, err))
		return false;
	hex_encode(prunable->stretch.head, SHA256_SIZE, head);
	ledger_pruned_text(prunable->stretch.first, prunable->stretch.last, head, digest,
			   out);
	return true;
}

static bool prune(struct ledger *ledger, struct prunable *prunable, struct wall_ms now,
		  struct err *err)
{
	char what[LEDGER_PRUNED_TEXT_SIZE], sql[400];
	int64_t totals;

	snprintf(sql, sizeof(sql), "INSERT INTO folded SELECT ?4,%s", totals_of_rows);
	return describe(ledger, prunable, what, err) &&
	       audit_append(ledger->db, "ekimae-city", "prune", prunable->screen_id, what,
			    now, err) &&
	       ledger_put_stretch(ledger, prunable->screen, &prunable->stretch, what, "",
				  now, err) &&
	       run(ledger, prunable, sql, &totals, err) &&
	       run(ledger, prunable,
		   "DELETE FROM play WHERE screen = ?1 AND seq BETWEEN ?2 AND ?3"
		   " AND at_ms IS NOT NULL",
		   &prunable->rows, err);
}

bool ledger_prune(struct ledger *ledger, struct wall_ms before, struct wall_ms now,
		  int64_t *out_rows, struct err *err)
{
	struct prunable prunable;
	bool done;

	if (!db_begin(ledger->db, err))
		return false;
	done = find_prunable(ledger, before, &prunable, err) &&
	       (prunable.screen == 0 || prune(ledger, &prunable, now, err));
	if (!db_end(ledger->db, done, err))
		return false;
	*out_rows = prunable.rows;
	return true;
}
