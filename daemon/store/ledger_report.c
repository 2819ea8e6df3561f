#include <inttypes.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/notice.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/ledger_tables.h"

/*
 * Parameters of all queries of the report: ?1 begin and ?2 end of the fiscal year, then
 * the numbers that outcome and output are kept as.
 */
#define P_FROM     "?1"
#define P_UNTIL    "?2"
#define P_COMPLETE "?3"
#define P_OUTPUT   "?4"
#define P_OFF      "?5"

/* Plays that somebody could see, on a screen that counts. */
#define SEEN                                                                             \
	" JOIN screen c ON c.number = p.screen"                                          \
	" WHERE c.counts = 1 AND p.output <> " P_OFF " AND p.outcome <> " P_OUTPUT

/*
 * From a published revision to its slides to their plays. CROSS JOIN and INDEXED BY keep
 * SQLite from any other order: a few thousand notices, and of each only the year's stretch
 * of one index that holds every column needed.
 */
#define PLAYS_OF_NOTICES                                                                 \
	" FROM published_notice n"                                                       \
	" CROSS JOIN slide s ON s.content_hash = n.content_hash"                         \
	"  AND s.item_id = 'notice/' || n.notice_id"                                     \
	" CROSS JOIN play p INDEXED BY play_by_slide ON p.slide = s.number" SEEN         \
	"  AND n.counts = 1 AND n.sample = 0"

#define OF_YEAR " AND p.at_ms >= " P_FROM " AND p.at_ms < " P_UNTIL

/* The revision that was shown first in the year gives the title. Ties go by its number. */
#define SHOWN_FIRST(column)                                                              \
	"(SELECT f." column " FROM revision f WHERE f.notice_id = r.notice_id"           \
	" AND f.first IS NOT NULL ORDER BY f.first, f.revision, f.content_hash LIMIT 1)"

static const char lines_sql[] =
	"WITH revision AS MATERIALIZED ("
	" SELECT n.notice_id, n.revision, n.content_hash, n.title, n.department,"
	" MIN(p.at_ms) FILTER (WHERE p.outcome = " P_COMPLETE ") AS first,"
	" MAX(p.at_ms) FILTER (WHERE p.outcome = " P_COMPLETE ") AS last,"
	" COUNT(*) FILTER (WHERE p.outcome = " P_COMPLETE ") AS complete,"
	" COUNT(*) FILTER (WHERE p.outcome <> " P_COMPLETE ") AS partial,"
	" SUM(p.shown_ms) AS shown_ms,"
	" COUNT(*) FILTER (WHERE p.received_ms >= " P_UNTIL
	") AS late" PLAYS_OF_NOTICES OF_YEAR " GROUP BY n.content_hash)"
	" SELECT r.notice_id, " SHOWN_FIRST("title") ", " SHOWN_FIRST(
		"department") ", MIN(r.first), MAX(r.last), SUM(r.complete), SUM(r.partial), SUM(r.shown_ms),"
			      " SUM(r.late) FROM revision r GROUP BY r.notice_id HAVING SUM(r.complete) > 0"
			      " ORDER BY MIN(r.first), r.notice_id";

static const char undated_sql[] = "SELECT COUNT(*)" PLAYS_OF_NOTICES
				  " AND p.at_ms IS NULL AND p.received_ms >= " P_FROM
				  " AND p.received_ms < " P_UNTIL;

static const char unknown_sql[] =
	"SELECT COUNT(*) FROM slide s"
	" CROSS JOIN play p INDEXED BY play_by_slide ON p.slide = s.number" SEEN
	"  AND s.item_id GLOB 'notice/*' AND NOT EXISTS (SELECT 1 FROM published_notice n"
	"   WHERE n.content_hash = s.content_hash AND s.item_id = 'notice/' || n.notice_id)" OF_YEAR;

static const char quarantined_sql[] =
	"SELECT COUNT(*) FROM quarantine WHERE received_ms >= " P_FROM
	" AND received_ms < " P_UNTIL;

bool ledger_know_notice(struct ledger *ledger, const struct notice *notice,
			const uint8_t content_hash[static PLAY_HASH_SIZE],
			struct wall_ms published, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		ledger->db,
		"INSERT INTO published_notice (content_hash, notice_id, revision, title,"
		" department, counts, sample, published_ms)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
		err);

	if (!stmt)
		return false;
	sqlite3_bind_blob(stmt, 1, content_hash, PLAY_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, notice->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, notice->revision);
	sqlite3_bind_text(stmt, 4, notice->title, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 5, notice->department, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 6, notice->counts);
	sqlite3_bind_int(stmt, 7, notice->sample);
	sqlite3_bind_int64(stmt, 8, published.ms);
	return db_run(ledger->db, stmt, "ledger: know a notice", err);
}

/* --- The report ------------------------------------------------------------------------ */

/* Prepares a query of the report; parameters that it does not have are passed over. */
static sqlite3_stmt *prepare_for(struct ledger *ledger, const char *sql, int fiscal_year,
				 struct err *err)
{
	sqlite3_stmt *stmt = db_prepare(ledger->db, sql, err);

	if (!stmt)
		return NULL;
	sqlite3_bind_int64(stmt, 1, fiscal_year_start(fiscal_year).ms);
	sqlite3_bind_int64(stmt, 2, fiscal_year_start(fiscal_year + 1).ms);
	sqlite3_bind_int(stmt, 3, PLAY_COMPLETE);
	sqlite3_bind_int(stmt, 4, PLAY_OUTPUT);
	sqlite3_bind_int(stmt, 5, PLAY_OUTPUT_OFF);
	return stmt;
}

static bool count_of(struct ledger *ledger, const char *sql, int fiscal_year,
		     int64_t *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = prepare_for(ledger, sql, fiscal_year, err);
	bool row;

	if (!stmt || !db_step(ledger->db, stmt, &row, "ledger: report", err))
		return false;
	*out = row ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}

static bool report_lines(struct ledger *ledger, struct ledger_summary *summary,
			 ledger_line_fn *each, void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = prepare_for(ledger, lines_sql, summary->fiscal_year, err);
	bool row;

	if (!stmt)
		return false;
	for (;;) {
		struct ledger_line line;

		if (!db_step(ledger->db, stmt, &row, "ledger: report", err))
			return false;
		if (!row)
			return true;
		line = (struct ledger_line){
			.notice_id = (const char *)sqlite3_column_text(stmt, 0),
			.title = (const char *)sqlite3_column_text(stmt, 1),
			.department = (const char *)sqlite3_column_text(stmt, 2),
			.first = {sqlite3_column_int64(stmt, 3)},
			.last = {sqlite3_column_int64(stmt, 4)},
			.complete = sqlite3_column_int64(stmt, 5),
			.partial = sqlite3_column_int64(stmt, 6),
			.shown_ms = sqlite3_column_int64(stmt, 7),
		};
		if (!line.notice_id || !line.title || !line.department)
			return err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
		summary->notices++;
		summary->complete += line.complete;
		summary->partial += line.partial;
		summary->shown_ms += line.shown_ms;
		summary->late += sqlite3_column_int64(stmt, 8);
		if (each && !each(context, &line, err))
			return false;
	}
}

bool ledger_report(struct ledger *ledger, int fiscal_year, struct ledger_summary *out,
		   ledger_line_fn *each, void *context, struct err *err)
{
	struct ledger_summary summary = {.fiscal_year = fiscal_year};
	struct err ignored = {0};
	bool done;

	/* One view of the ledger for all its queries, whoever else writes meanwhile. */
	if (!db_exec(ledger->db, "SAVEPOINT report", "ledger: report", err))
		return false;
	done = report_lines(ledger, &summary, each, context, err) &&
	       count_of(ledger, undated_sql, fiscal_year, &summary.undated, err) &&
	       count_of(ledger, unknown_sql, fiscal_year, &summary.unknown, err) &&
	       count_of(ledger, quarantined_sql, fiscal_year, &summary.quarantined, err);
	/* The first failure is the one to tell. */
	if (!db_exec(ledger->db, "RELEASE report", "ledger: report",
		     done ? err : &ignored) ||
	    !done)
		return false;
	*out = summary;
	return true;
}

/* --- For auditors ---------------------------------------------------------------------- */

bool ledger_quarantine_each(struct ledger *ledger, ledger_quarantined_fn *each,
			    void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		ledger->db,
		"SELECT c.id, q.seq, q.reason, q.row, q.received_ms FROM quarantine q"
		" JOIN screen c ON c.number = q.screen ORDER BY q.number",
		err);
	bool row;

	if (!stmt)
		return false;
	for (;;) {
		struct ledger_quarantined bad;

		if (!db_step(ledger->db, stmt, &row, "ledger: quarantine", err))
			return false;
		if (!row)
			return true;
		bad = (struct ledger_quarantined){
			.screen_id = (const char *)sqlite3_column_text(stmt, 0),
			.seq = sqlite3_column_int64(stmt, 1),
			.reason = (const char *)sqlite3_column_text(stmt, 2),
			.row = (const char *)sqlite3_column_text(stmt, 3),
			.received = {sqlite3_column_int64(stmt, 4)},
		};
		if (!bad.screen_id || !bad.reason || !bad.row)
			return err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
		if (!each(context, &bad, err))
			return false;
	}
}
