#include "store/screen_health.h"

#include <inttypes.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "wire/health.h"
#include "wire/screenshot.h"

/* --- reports ------------------------------------------------------------------------- */

/*
 * A report that is newer replaces all; the same one once more leaves it as it came first.
 * An older one changes no row.
 */
static const char put_sql[] =
	"INSERT INTO health (screen, run, number, every_ms, alarms, received_ms, report,"
	" heard_ms, courier) SELECT number, ?2, ?3, ?4, ?5, ?6, ?7, ?6, ?8 FROM screen"
	" WHERE id = ?1"
	" ON CONFLICT (screen) DO UPDATE SET every_ms = excluded.every_ms,"
	" alarms = iif((run, number) = (?2, ?3), alarms, excluded.alarms),"
	" received_ms = iif((run, number) = (?2, ?3), received_ms, excluded.received_ms),"
	" report = iif((run, number) = (?2, ?3), report, excluded.report),"
	" run = ?2, number = ?3, heard_ms = ?6, courier = ?8"
	" WHERE (run, number) <= (?2, ?3)"
	" RETURNING received_ms = ?6";

bool screen_health_put(struct db *db, const char *screen_id,
		       const struct health_upload *upload, unsigned alarms,
		       struct wall_ms now, bool *out_new, struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(db, put_sql, err);
	const struct health *health = &upload->health;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, health->run);
	sqlite3_bind_int64(stmt, 3, health->number);
	sqlite3_bind_int64(stmt, 4, health->every.ms);
	sqlite3_bind_int64(stmt, 5, alarms);
	sqlite3_bind_int64(stmt, 6, now.ms);
	sqlite3_bind_text(stmt, 7, upload->report, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 8, upload->courier, -1, SQLITE_STATIC);
	if (!db_step(db, stmt, &row, "health: put", err))
		return false;
	if (!row)
		return err_set(err, ERR_CONFLICT,
			       "health: screen %s has reported later than run %" PRId64
			       ", number %" PRId64,
			       screen_id, health->run, health->number);
	*out_new = sqlite3_column_int(stmt, 0) != 0;
	/* To its end, which is when it takes effect. */
	return db_step(db, stmt, &row, "health: put", err);
}

bool screen_health_get(struct db *db, const char *screen_id, screen_health_fn *each,
		       void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"SELECT received_ms, every_ms, alarms, report, courier, heard_ms"
		" FROM health h JOIN screen s ON s.number = h.screen WHERE s.id = ?1",
		err);
	struct screen_health health;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	if (!db_step(db, stmt, &row, "health: get", err))
		return false;
	if (!row)
		return true;
	health = (struct screen_health){
		.received = {sqlite3_column_int64(stmt, 0)},
		.every = {sqlite3_column_int64(stmt, 1)},
		.alarms = (unsigned)sqlite3_column_int(stmt, 2),
		.report = (const char *)sqlite3_column_text(stmt, 3),
		.courier = (const char *)sqlite3_column_text(stmt, 4),
		.heard = {sqlite3_column_int64(stmt, 5)},
	};
	return each(context, &health, err);
}

/* --- snapshots ----------------------------------------------------------------------- */

bool snapshot_ask(struct db *db, const char *screen_id, struct wall_ms now,
		  int64_t *out_number, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"INSERT INTO snapshot (screen, asked, asked_ms) SELECT number, 1, ?2"
		" FROM screen WHERE id = ?1 ON CONFLICT (screen) DO UPDATE SET"
		" asked = asked + 1, asked_ms = ?2 RETURNING asked",
		err);
	int64_t number;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, now.ms);
	if (!db_step(db, stmt, &row, "snapshot: ask", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "screen: there is no \"%.80s\"",
			       screen_id);
	number = sqlite3_column_int64(stmt, 0);
	if (!db_step(db, stmt, &row, "snapshot: ask", err))
		return false;
	*out_number = number;
	return true;
}

bool snapshot_wanted(struct db *db, const char *screen_id, struct wall_ms now,
		     int64_t *out_number, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"SELECT asked FROM snapshot p JOIN screen s ON s.number = p.screen"
		" WHERE s.id = ?1 AND asked > answered AND asked_ms > ?2",
		err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, now.ms - SNAPSHOT_PATIENCE_MS);
	if (!db_step(db, stmt, &row, "snapshot: wanted", err))
		return false;
	*out_number = row ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}

bool snapshot_put(struct db *db, const struct screenshot *screenshot, const void *png,
		  size_t len, struct wall_ms now, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"UPDATE snapshot SET answered = ?2, received_ms = ?3, at_ms = ?4,"
		" output = ?5, slide = ?6, png = ?7 WHERE screen ="
		" (SELECT number FROM screen WHERE id = ?1)"
		" AND answered < ?2 AND asked >= ?2",
		err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screenshot->screen_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, screenshot->request);
	sqlite3_bind_int64(stmt, 3, now.ms);
	sqlite3_bind_int64(stmt, 4, screenshot->at.ms);
	sqlite3_bind_int(stmt, 5, (int)screenshot->output);
	sqlite3_bind_text(stmt, 6, screenshot->slide_id, -1, SQLITE_STATIC);
	sqlite3_bind_blob64(stmt, 7, png, len, SQLITE_STATIC);
	if (!db_run(db, stmt, "snapshot: put", err))
		return false;
	if (db_changes(db) == 0)
		return err_set(err, ERR_CONFLICT,
			       "snapshot: nobody waits for number %" PRId64
			       " of screen %s",
			       screenshot->request, screenshot->screen_id);
	return true;
}

bool snapshot_get(struct db *db, const char *screen_id, snapshot_fn *each, void *context,
		  struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"SELECT asked, answered, asked_ms, received_ms, at_ms, output, slide, png"
		" FROM snapshot p JOIN screen s ON s.number = p.screen WHERE s.id = ?1",
		err);
	struct snapshot_row found;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	if (!db_step(db, stmt, &row, "snapshot: get", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND,
			       "snapshot: screen \"%.80s\" was never asked for one",
			       screen_id);
	found = (struct snapshot_row){
		.asked = sqlite3_column_int64(stmt, 0),
		.answered = sqlite3_column_int64(stmt, 1),
		.asked_at = {sqlite3_column_int64(stmt, 2)},
		.received = {sqlite3_column_int64(stmt, 3)},
		.at = {sqlite3_column_int64(stmt, 4)},
		.output = sqlite3_column_int(stmt, 5),
		.slide_id = (const char *)sqlite3_column_text(stmt, 6),
		.png = sqlite3_column_blob(stmt, 7),
		.len = (size_t)sqlite3_column_bytes(stmt, 7),
	};
	return each(context, &found, err);
}
