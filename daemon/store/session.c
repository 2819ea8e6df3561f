#include "store/session.h"

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/staff.h"

#define TOKEN_HASH_SIZE 32

bool session_add(struct db *db, const uint8_t token_hash[static 32], const char *staff,
		 struct wall_ms until, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"INSERT INTO session (token_hash, staff, until_ms) VALUES (?1, ?2, ?3)",
		err);

	if (!stmt)
		return false;
	sqlite3_bind_blob(stmt, 1, token_hash, TOKEN_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, staff, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 3, until.ms);
	return db_run_one(db, stmt, "session: add", err);
}

/* Nobody asks for most sessions again once they are over: one that is asked for takes the
 * others with it, so the table stays small without a timer. */
static bool forget_ended(struct db *db, struct wall_ms at, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db, "DELETE FROM session WHERE until_ms <= ?1", err);

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, at.ms);
	return db_run(db, stmt, "session: forget", err);
}

bool session_find(struct db *db, const uint8_t token_hash[static 32], struct wall_ms at,
		  struct staff *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db, "SELECT staff, until_ms FROM session WHERE token_hash = ?1", err);
	char name[STAFF_NAME_MAX + 1];
	int64_t until;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_blob(stmt, 1, token_hash, TOKEN_HASH_SIZE, SQLITE_STATIC);
	if (!db_step(db, stmt, &row, "session: find", err))
		return false;
	if (!row)
		return err_set(err, ERR_DENIED, "session: unknown, log in again");
	db_text(stmt, 0, name, sizeof(name));
	until = sqlite3_column_int64(stmt, 1);
	db_reset(&stmt);
	if (until > at.ms)
		return staff_find(db, name, out, err);
	if (!forget_ended(db, at, err))
		return false;
	return err_set(err, ERR_DENIED, "session: it has ended, log in again");
}

bool session_remove(struct db *db, const uint8_t token_hash[static 32], struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db, "DELETE FROM session WHERE token_hash = ?1", err);

	if (!stmt)
		return false;
	sqlite3_bind_blob(stmt, 1, token_hash, TOKEN_HASH_SIZE, SQLITE_STATIC);
	return db_run(db, stmt, "session: remove", err);
}
