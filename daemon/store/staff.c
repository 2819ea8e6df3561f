#include "store/staff.h"

#include <stdio.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"

bool staff_add(struct db *db, const char *name, enum staff_role role,
	       const char *password_hash, struct wall_ms at, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   "INSERT INTO staff (name, role, password_hash, created_ms)"
			   " VALUES (?1, ?2, ?3, ?4)",
			   err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, (int)role);
	sqlite3_bind_text(stmt, 3, password_hash, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 4, at.ms);
	if (db_run_one(db, stmt, "staff: add", err))
		return true;
	if (err->code == ERR_CONFLICT)
		return err_set(err, ERR_CONFLICT, "staff: \"%s\" exists already", name);
	if (err->code == ERR_INVALID)
		return err_set(err, ERR_INVALID,
			       "staff: a name has 1 to %d characters, \"%.80s\" does not",
			       STAFF_NAME_MAX, name);
	return false;
}

bool staff_find(struct db *db, const char *name, struct staff *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   "SELECT name, role, password_hash, failures, locked_until_ms"
			   " FROM staff WHERE name = ?1",
			   err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	if (!db_step(db, stmt, &row, "staff: find", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "staff: there is no \"%.80s\"", name);
	*out = (struct staff){
		.role = (enum staff_role)sqlite3_column_int(stmt, 1),
		.failures = sqlite3_column_int(stmt, 3),
		.locked_until = {sqlite3_column_int64(stmt, 4)},
	};
	db_text(stmt, 0, out->name, sizeof(out->name));
	db_text(stmt, 2, out->password_hash, sizeof(out->password_hash));
	return true;
}

bool staff_note_login(struct db *db, const char *name, bool success, int failures,
		      struct wall_ms locked_until, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"UPDATE staff SET failures = ?2, locked_until_ms = ?3 WHERE name = ?1",
		err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, success ? 0 : failures);
	sqlite3_bind_int64(stmt, 3, success ? 0 : locked_until.ms);
	if (!db_run(db, stmt, "staff: note a login", err))
		return false;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "staff: there is no \"%.80s\"", name);
	return true;
}

static bool end_sessions(struct db *db, const char *name, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(db, "DELETE FROM session WHERE staff = ?1", err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	return db_run(db, stmt, "session: end", err);
}

bool staff_set_password(struct db *db, const char *name, const char *password_hash,
			struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   "UPDATE staff SET password_hash = ?2, failures = 0,"
			   " locked_until_ms = 0 WHERE name = ?1",
			   err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, password_hash, -1, SQLITE_STATIC);
	if (!db_run(db, stmt, "staff: set a password", err))
		return false;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND, "staff: there is no \"%.80s\"", name);
	return end_sessions(db, name, err);
}

bool staff_each(struct db *db, staff_fn *each, void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"SELECT name, role, failures, locked_until_ms FROM staff ORDER BY name",
		err);
	bool row = false;

	if (!stmt)
		return false;
	while (db_step(db, stmt, &row, "staff: list", err)) {
		struct staff staff = {0};

		if (!row)
			return true;
		db_text(stmt, 0, staff.name, sizeof(staff.name));
		staff.role = (enum staff_role)sqlite3_column_int(stmt, 1);
		staff.failures = sqlite3_column_int(stmt, 2);
		staff.locked_until = (struct wall_ms){sqlite3_column_int64(stmt, 3)};
		if (!each(context, &staff, err))
			return false;
	}
	return false;
}
