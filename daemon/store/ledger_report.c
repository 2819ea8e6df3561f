#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/notice.h"
#include "core/ruby.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/ledger_tables.h"

/*
 * Parameters of all queries of the report: ?1 begin and ?2 end of the fiscal year, then
 * the numbers that outcome and output are kept as.
 */
#define P_FROM   "?1"
#define P_UNTIL  "?2"
#define P_OUTPUT "?3"
#define P_OFF    "?4"
#define P_BLACK  "?6"

/* April is month 3 of the twelve. */
#define P_MONTH "?5"
#define P_YEAR  "?7"
#define OF_YEAR " AND h.month >= " P_MONTH " AND h.month < " P_MONTH " + 12"

/* The first complete play of each notice in the year: the newest row of it holds. */
#define FIRST                                                                            \
	"first AS MATERIALIZED ("                                                        \
	" SELECT notice_id, at_ms, title, department, screen, MAX(number)"               \
	" FROM first_play WHERE fiscal_year = " P_YEAR " GROUP BY notice_id), "

/*
 * The year's totals of these notices, on screens that count, by KEY. CROSS JOIN keeps SQLite
 * from any other order: a few thousand notices, and of each slide only the year's stretch of
 * the totals.
 */
#define PART(KEY)                                                                        \
	"part AS MATERIALIZED ("                                                         \
	" SELECT n.notice_id, " KEY " AS key, MAX(h.last_ms) AS last,"                   \
	" SUM(h.complete) AS complete, SUM(h.partial) AS partial,"                       \
	" SUM(h.shown_ms) AS shown_ms, SUM(h.late) AS late"                              \
	" FROM published_notice n"                                                       \
	" CROSS JOIN slide s ON s.content_hash = n.content_hash"                         \
	"  AND s.item_id = 'notice/' || n.notice_id"                                     \
	" CROSS JOIN monthly h ON h.slide = s.number" OF_YEAR                            \
	" JOIN screen c ON c.number = h.screen"                                          \
	" WHERE c.counts = 1 AND n.counts = 1 AND n.sample = 0"                          \
	" GROUP BY n.notice_id, " KEY ") "

/* FRESH: whether the notice's first play of the year is in this part. */
#define GROUP_COLUMNS(FRESH)                                                             \
	" COUNT(*) FILTER (WHERE p.complete > 0), COALESCE(SUM(" FRESH "), 0),"          \
	" COALESCE(SUM(p.complete), 0), COALESCE(SUM(p.partial), 0),"                    \
	" COALESCE(SUM(p.shown_ms), 0), COALESCE(SUM(p.late), 0)"

static const char lines_sql[] = "WITH " FIRST PART(
	"NULL") "SELECT f.notice_id, f.title, f.department, f.at_ms, p.last, p.complete,"
		" p.partial, p.shown_ms, p.late FROM first f JOIN part p USING (notice_id)"
		" ORDER BY f.at_ms, f.notice_id";

static const char by_screen_sql[] =
	"WITH " FIRST PART("h.screen") "SELECT c.id, c.place," GROUP_COLUMNS(
		"f.screen = p.key") " FROM first f JOIN part p USING (notice_id)"
				    " JOIN screen c ON c.number = p.key"
				    " GROUP BY c.id ORDER BY c.id";

static const char by_department_sql[] =
	"WITH " FIRST PART("NULL") "SELECT f.department, ''," GROUP_COLUMNS(
		"1") " FROM first f JOIN part p USING (notice_id) GROUP BY f.department"
		     " ORDER BY 4 DESC, f.department";

static const char by_month_sql[] =
	"WITH RECURSIVE month (number) AS (SELECT " P_MONTH
	" UNION ALL SELECT number + 1 FROM month WHERE number < " P_MONTH
	" + 11), " FIRST PART("h.month") "SELECT printf('%04d-%02d', m.number / 12, m.number % 12 + 1), ''," GROUP_COLUMNS(
		"strftime('%Y', f.at_ms / 1000 + 32400, 'unixepoch') * 12"
		" + strftime('%m', f.at_ms / 1000 + 32400, 'unixepoch') - 1 = p.key") " FROM month m LEFT JOIN (part p JOIN first f USING (notice_id)) ON p.key = m.number"
										      " GROUP BY m.number ORDER BY m.number";

/* Of the plays of these notices, those that came as totals by the hour. */
static const char folded_sql[] =
	"WITH " FIRST "totals AS (SELECT number FROM stretch WHERE kind = ?8)"
	"SELECT COALESCE(SUM(t.plays), 0) FROM totals"
	" CROSS JOIN folded t ON t.stretch = totals.number"
	"  AND t.hour >= " P_FROM " / 3600000 AND t.hour < " P_UNTIL " / 3600000"
	"  AND t.output NOT IN (" P_OFF ", " P_BLACK ") AND t.outcome <> " P_OUTPUT
	" JOIN slide s ON s.number = t.slide"
	" JOIN published_notice n ON n.content_hash = s.content_hash"
	"  AND s.item_id = 'notice/' || n.notice_id AND n.counts = 1 AND n.sample = 0"
	" JOIN stretch o ON o.number = t.stretch"
	" JOIN screen c ON c.number = o.screen AND c.counts = 1"
	" JOIN first f ON f.notice_id = n.notice_id";

static const char undated_sql[] =
	"SELECT COUNT(*) FROM play p INDEXED BY play_undated"
	" CROSS JOIN slide s ON s.number = p.slide"
	" CROSS JOIN published_notice n ON n.content_hash = s.content_hash"
	"  AND s.item_id = 'notice/' || n.notice_id"
	" JOIN screen c ON c.number = p.screen"
	" WHERE p.at_ms IS NULL AND p.received_ms >= " P_FROM
	" AND p.received_ms < " P_UNTIL " AND p.output NOT IN (" P_OFF ", " P_BLACK ")"
	" AND p.outcome <> " P_OUTPUT
	" AND c.counts = 1 AND n.counts = 1 AND n.sample = 0";

static const char unknown_sql[] =
	"SELECT COALESCE(SUM(h.complete + h.partial), 0) FROM slide s"
	" CROSS JOIN monthly h ON h.slide = s.number" OF_YEAR
	" JOIN screen c ON c.number = h.screen"
	" WHERE c.counts = 1 AND s.item_id GLOB 'notice/*'"
	"  AND NOT EXISTS (SELECT 1 FROM published_notice n"
	"   WHERE n.content_hash = s.content_hash AND s.item_id = 'notice/' || n.notice_id)";

static const char quarantined_sql[] =
	"SELECT COUNT(*) FROM quarantine WHERE received_ms >= " P_FROM
	" AND received_ms < " P_UNTIL;

static bool put_notice(struct ledger *ledger, const struct notice *notice,
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
	char *title;

	if (!stmt)
		return false;
	title = ruby_plain(notice->title);
	if (!title)
		return err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
	sqlite3_bind_blob(stmt, 1, content_hash, PLAY_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, notice->id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, notice->revision);
	sqlite3_bind_text(stmt, 4, title, -1, free);
	sqlite3_bind_text(stmt, 5, notice->department, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 6, notice->counts);
	sqlite3_bind_int(stmt, 7, notice->sample);
	sqlite3_bind_int64(stmt, 8, published.ms);
	return db_run(ledger->db, stmt, "ledger: know a notice", err);
}

/* Plays of it that were counted before it was known: the first of each year. */
static bool note_firsts(struct ledger *ledger,
			const uint8_t content_hash[static PLAY_HASH_SIZE],
			struct wall_ms noted, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(ledger->db,
			   "SELECT h.slide, h.screen, h.first_ms FROM slide s"
			   " CROSS JOIN monthly h ON h.slide = s.number"
			   " WHERE s.content_hash = ?1 AND h.first_ms IS NOT NULL"
			   " ORDER BY h.first_ms, h.screen",
			   err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_blob(stmt, 1, content_hash, PLAY_HASH_SIZE, SQLITE_STATIC);
	for (;;) {
		struct wall_ms at;

		if (!db_step(ledger->db, stmt, &row, "ledger: know a notice", err))
			return false;
		if (!row)
			return true;
		at.ms = sqlite3_column_int64(stmt, 2);
		if (!ledger_note_first(ledger, sqlite3_column_int64(stmt, 0),
				       sqlite3_column_int64(stmt, 1), at, noted, err))
			return false;
	}
}

bool ledger_know_notice(struct ledger *ledger, const struct notice *notice,
			const uint8_t content_hash[static PLAY_HASH_SIZE],
			struct wall_ms published, struct err *err)
{
	struct err ignored = {0};
	bool done;

	if (!db_exec(ledger->db, "SAVEPOINT know", "ledger: know a notice", err))
		return false;
	done = put_notice(ledger, notice, content_hash, published, err) &&
	       note_firsts(ledger, content_hash, published, err);
	/* The first failure is the one to tell. */
	if (!done && !db_exec(ledger->db, "ROLLBACK TO know", "ledger", &ignored))
		return false;
	return db_exec(ledger->db, "RELEASE know", "ledger: know a notice",
		       done ? err : &ignored) &&
	       done;
}

bool ledger_newest_notice(struct ledger *ledger, struct wall_ms *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		ledger->db, "SELECT COALESCE(MAX(published_ms), 0) FROM published_notice",
		err);
	bool row;

	if (!stmt || !db_step(ledger->db, stmt, &row, "ledger: newest notice", err))
		return false;
	out->ms = row ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
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
	sqlite3_bind_int(stmt, 3, PLAY_OUTPUT);
	sqlite3_bind_int(stmt, 4, PLAY_OUTPUT_OFF);
	sqlite3_bind_int64(stmt, 5, INT64_C(12) * fiscal_year + 3);
	sqlite3_bind_int(stmt, 6, PLAY_OUTPUT_BLACK);
	sqlite3_bind_int(stmt, 7, fiscal_year);
	sqlite3_bind_int(stmt, 8, LEDGER_FOLDED);
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
			.late = sqlite3_column_int64(stmt, 8),
		};
		if (!line.notice_id || !line.title || !line.department)
			return err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
		summary->notices++;
		summary->complete += line.complete;
		summary->partial += line.partial;
		summary->shown_ms += line.shown_ms;
		summary->late += line.late;
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
	       count_of(ledger, folded_sql, fiscal_year, &summary.folded, err) &&
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

static const char *groups_sql(enum ledger_by by)
{
	switch (by) {
	case LEDGER_BY_SCREEN:
		return by_screen_sql;
	case LEDGER_BY_MONTH:
		return by_month_sql;
	case LEDGER_BY_DEPARTMENT:
		return by_department_sql;
	}
	return "";
}

bool ledger_report_groups(struct ledger *ledger, int fiscal_year, enum ledger_by by,
			  ledger_group_fn *each, void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = prepare_for(ledger, groups_sql(by), fiscal_year, err);
	bool row;

	if (!stmt)
		return false;
	for (;;) {
		struct ledger_group group;

		if (!db_step(ledger->db, stmt, &row, "ledger: report", err))
			return false;
		if (!row)
			return true;
		group = (struct ledger_group){
			.key = (const char *)sqlite3_column_text(stmt, 0),
			.name = (const char *)sqlite3_column_text(stmt, 1),
			.notices = sqlite3_column_int64(stmt, 2),
			.fresh = sqlite3_column_int64(stmt, 3),
			.complete = sqlite3_column_int64(stmt, 4),
			.partial = sqlite3_column_int64(stmt, 5),
			.shown_ms = sqlite3_column_int64(stmt, 6),
			.late = sqlite3_column_int64(stmt, 7),
		};
		if (!group.key || !group.name)
			return err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
		if (!each(context, &group, err))
			return false;
	}
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
