#include "store/notices.h"

#include <inttypes.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"

/* In the order in which read_row() takes them. */
#define NOTICE_COLUMNS "id, revision, state, json, author, changed_ms"

static void read_row(sqlite3_stmt *stmt, struct notice_row *out)
{
	*out = (struct notice_row){
		.revision = sqlite3_column_int64(stmt, 1),
		.state = (enum notice_state)sqlite3_column_int(stmt, 2),
		.json = (const char *)sqlite3_column_text(stmt, 3),
		.json_len = (size_t)sqlite3_column_bytes(stmt, 3),
		.changed = {sqlite3_column_int64(stmt, 5)},
	};
	db_text(stmt, 0, out->id, sizeof(out->id));
	db_text(stmt, 4, out->author, sizeof(out->author));
}

bool notice_put(struct db *db, const char *id, int64_t revision, const char *json,
		size_t json_len, const char *author, struct wall_ms at, struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = NULL;

	if (!notice_id_is_valid(id))
		return err_set(err, ERR_INVALID,
			       "notice: id \"%.80s\" is not well-formed", id);
	stmt = db_prepare(
		db,
		"INSERT INTO notice (id, revision, json, author, changed_ms)"
		" SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?2 ="
		" 1 + COALESCE((SELECT MAX(revision) FROM notice WHERE id = ?1), 0)",
		err);
	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, revision);
	sqlite3_bind_text64(stmt, 3, json, json_len, SQLITE_STATIC, SQLITE_UTF8);
	sqlite3_bind_text(stmt, 4, author, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, at.ms);
	if (!db_run(db, stmt, "notice: put", err))
		return false;
	if (db_changes(db) == 0)
		return err_set(err, ERR_CONFLICT,
			       "notice %s: revision %" PRId64
			       " does not follow the newest "
			       "one: somebody else changed it, read it again",
			       id, revision);
	return true;
}

bool notice_get(struct db *db, const char *id, notice_row_fn *each, void *context,
		struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   "SELECT " NOTICE_COLUMNS " FROM notice WHERE id = ?1"
			   " ORDER BY revision DESC LIMIT 1",
			   err);
	struct notice_row notice;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	if (!db_step(db, stmt, &row, "notice: get", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "notice: there is no \"%.80s\"", id);
	read_row(stmt, &notice);
	return each(context, &notice, err);
}

bool notice_get_revision(struct db *db, const char *id, int64_t revision,
			 notice_row_fn *each, void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(db,
					"SELECT " NOTICE_COLUMNS
					" FROM notice WHERE id = ?1 AND revision = ?2",
					err);
	struct notice_row notice;
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, revision);
	if (!db_step(db, stmt, &row, "notice: get a revision", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND,
			       "notice: there is no revision %" PRId64 " of \"%.80s\"",
			       revision, id);
	read_row(stmt, &notice);
	return each(context, &notice, err);
}

bool notice_each(struct db *db, notice_row_fn *each, void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   "SELECT " NOTICE_COLUMNS " FROM notice AS newest"
			   " WHERE revision = (SELECT MAX(revision) FROM notice"
			   "  WHERE id = newest.id) ORDER BY id",
			   err);
	struct notice_row notice;
	bool row;

	if (!stmt)
		return false;
	for (;;) {
		if (!db_step(db, stmt, &row, "notice: list", err))
			return false;
		if (!row)
			return true;
		read_row(stmt, &notice);
		if (!each(context, &notice, err))
			return false;
	}
}

bool notice_set_state(struct db *db, const char *id, int64_t revision,
		      enum notice_state state, struct wall_ms at, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(db,
					"UPDATE notice SET state = ?3, changed_ms = ?4"
					" WHERE id = ?1 AND revision = ?2",
					err);

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, revision);
	sqlite3_bind_int(stmt, 3, (int)state);
	sqlite3_bind_int64(stmt, 4, at.ms);
	if (!db_run(db, stmt, "notice: set its state", err))
		return false;
	if (db_changes(db) == 0)
		return err_set(err, ERR_NOT_FOUND,
			       "notice: there is no revision %" PRId64 " of \"%.80s\"",
			       revision, id);
	return true;
}
