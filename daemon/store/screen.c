#include "store/screen.h"

#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"

#define HASH_SIZE 32

/* In the order in which read_screen() takes them. */
#define SCREEN_COLUMNS                                                                   \
	"id, place, state, counts, public_key, created_ms, enrolled_ms, last_upload_ms," \
	" durable_seq"

static void read_screen(sqlite3_stmt *stmt, struct screen *out)
{
	*out = (struct screen){
		.state = (enum screen_state)sqlite3_column_int(stmt, 2),
		.counts = sqlite3_column_int(stmt, 3) != 0,
		.created = {sqlite3_column_int64(stmt, 5)},
		.enrolled = {sqlite3_column_int64(stmt, 6)},
		.last_upload = {sqlite3_column_int64(stmt, 7)},
		.durable_seq = sqlite3_column_int64(stmt, 8),
	};
	db_text(stmt, 0, out->id, sizeof(out->id));
	db_text(stmt, 1, out->place, sizeof(out->place));
	if (!db_bytes(stmt, 4, out->public_key, sizeof(out->public_key)))
		memset(out->public_key, 0, sizeof(out->public_key)); /* not enrolled */
}

bool screen_add(struct db *db, const char *id, const char *place, bool counts,
		const uint8_t code_hash[static 32], struct wall_ms code_until,
		struct wall_ms at, struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = NULL;

	if (!notice_id_is_valid(id))
		return err_set(
			err, ERR_INVALID,
			"screen: id \"%.80s\": expected 1 to %d of a-z, 0-9 and inner "
			"hyphens",
			id, SCREEN_ID_MAX);
	if (strlen(place) > SCREEN_PLACE_MAX)
		return err_set(err, ERR_TOO_LARGE, "screen %s: place: more than %d bytes",
			       id, SCREEN_PLACE_MAX);
	stmt = db_prepare(db,
			  "INSERT INTO screen"
			  " (id, place, counts, code_hash, code_until_ms, created_ms)"
			  " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
			  " ON CONFLICT (id) DO UPDATE SET place = excluded.place,"
			  " counts = excluded.counts, code_hash = excluded.code_hash,"
			  " code_until_ms = excluded.code_until_ms WHERE state = ?7",
			  err);
	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, place, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 3, counts);
	sqlite3_bind_blob(stmt, 4, code_hash, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, code_until.ms);
	sqlite3_bind_int64(stmt, 6, at.ms);
	sqlite3_bind_int(stmt, 7, SCREEN_EXPECTED);
	if (!db_run(db, stmt, "screen: add", err))
		return false;
	if (db_changes(db) == 0)
		return err_set(err, ERR_CONFLICT,
			       "screen %s: was enrolled already: choose another id", id);
	return true;
}

bool screen_enrol(struct db *db, const uint8_t code_hash[static 32],
		  const uint8_t public_key[static 32], struct wall_ms at,
		  struct screen *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   "UPDATE screen SET state = ?1, public_key = ?2,"
			   " enrolled_ms = ?3, code_hash = NULL"
			   " WHERE code_hash = ?4 AND state = ?5 AND code_until_ms > ?3"
			   " RETURNING " SCREEN_COLUMNS,
			   err);
	struct screen screen = {0};
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int(stmt, 1, SCREEN_ENROLLED);
	sqlite3_bind_blob(stmt, 2, public_key, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, at.ms);
	sqlite3_bind_blob(stmt, 4, code_hash, HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 5, SCREEN_EXPECTED);
	if (!db_step(db, stmt, &row, "screen: enrol", err))
		return false;
	if (!row)
		return err_set(err, ERR_DENIED,
			       "screen: the code is unknown, used or too old: ask for a "
			       "new one");
	read_screen(stmt, &screen);
	/* The change is committed when the statement is done, not at its first row. */
	if (!db_run(db, stmt, "screen: enrol", err))
		return false;
	*out = screen;
	return true;
}

bool screen_find(struct db *db, const char *id, struct screen *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db, "SELECT " SCREEN_COLUMNS " FROM screen WHERE id = ?1", err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	if (!db_step(db, stmt, &row, "screen: find", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "screen: there is no \"%.80s\"", id);
	read_screen(stmt, out);
	return true;
}

bool screen_revoke(struct db *db, const char *id, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db, "UPDATE screen SET state = ?2, code_hash = NULL WHERE id = ?1", err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, SCREEN_REVOKED);
	if (!db_run(db, stmt, "screen: revoke", err))
		return false;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "screen: there is no \"%.80s\"", id);
	return true;
}

bool screen_each(struct db *db, screen_fn *each, void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db, "SELECT " SCREEN_COLUMNS " FROM screen ORDER BY id", err);
	struct screen screen = {0};
	bool row;

	if (!stmt)
		return false;
	for (;;) {
		if (!db_step(db, stmt, &row, "screen: list", err))
			return false;
		if (!row)
			return true;
		read_screen(stmt, &screen);
		if (!each(context, &screen, err))
			return false;
	}
}
