#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "core/err.h"

/* How long a statement waits for another process that is writing. */
#define BUSY_MS 5000

struct db {
	sqlite3 *handle;
	char *path; /* for errors */
};

/* What a caller can do about an extended result code of SQLite. */
static enum err_code code_of(int result)
{
	switch (result) {
	case SQLITE_CONSTRAINT_NOTNULL: /* a failed bind leaves NULL */
	case SQLITE_CONSTRAINT_CHECK:
	case SQLITE_CONSTRAINT_DATATYPE:
		return ERR_INVALID;
	default:
		break;
	}
	switch (result & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_RETRY;
	case SQLITE_CONSTRAINT:
		return ERR_CONFLICT;
	case SQLITE_TOOBIG:
		return ERR_TOO_LARGE;
	case SQLITE_NOMEM:
		return ERR_NO_MEMORY;
	case SQLITE_FULL:
	case SQLITE_IOERR:
	case SQLITE_CANTOPEN:
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_AUTH:
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_PROTOCOL:
	case SQLITE_NOLFS:
		return ERR_IO;
	default:
		return ERR_INTERNAL;
	}
}

/* What a person can do about it. */
static const char *remedy_of(int result)
{
	switch (result & 0xff) {
	case SQLITE_FULL:
		return " (make room on its disk)";
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return " (another program is using it: try again)";
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return " (check the owner and mode of the file and of its folder)";
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return " (the file is damaged: move it aside and restore it from a backup)";
	default:
		return "";
	}
}

static bool fail(struct db *db, const char *what, int result, struct err *err)
{
	return err_set(err, code_of(result), "%s: %s: %s%s", what, db->path,
		       sqlite3_errmsg(db->handle), remedy_of(result));
}

/*
 * SQLite would create the file readable for everyone; ours hold password hashes. Only a
 * file that did not exist is opened here: closing a descriptor of a database drops the
 * locks that this process holds on it.
 */
static bool create_private(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST || err_set_errno(err, "%s: can't create it", path);
	close(fd);
	return true;
}

/* The first column of the first row of @sql as text; "" when there is none. */
static bool query_text(struct db *db, const char *sql, char *out, size_t size,
		       struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(db, sql, err);
	bool row;

	if (!stmt || !db_step(db, stmt, &row, "database", err))
		return false;
	out[0] = '\0';
	if (row)
		db_text(stmt, 0, out, size);
	return true;
}

static bool query_int(struct db *db, const char *sql, int64_t *out, struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(db, sql, err);
	bool row;

	if (!stmt || !db_step(db, stmt, &row, "database", err))
		return false;
	*out = row ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}

static bool set_up(struct db *db, struct err *err)
{
	char answer[256];

	sqlite3_busy_timeout(db->handle, BUSY_MS);
	/* Nothing that a damaged or planted schema says may call functions or write it. */
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);

	/*
	 * EXTRA: each commit is on the disk, not only in the page cache, when it returns; and so
	 * is the removal of the journal of a new database's first one, before there is the
	 * write-ahead log. If that came back after a power cut, it would undo everything.
	 */
	if (!db_exec(db, "PRAGMA synchronous = EXTRA; PRAGMA foreign_keys = ON",
		     "database", err) ||
	    !query_text(db, "PRAGMA journal_mode = WAL", answer, sizeof(answer), err))
		return false;
	if (strcmp(answer, "wal") != 0)
		return err_set(
			err, ERR_IO,
			"%s: its file system can't keep a write-ahead log (journal "
			"mode is %s): use a local disk",
			db->path, answer);
	if (!query_text(db, "PRAGMA quick_check(1)", answer, sizeof(answer), err))
		return false;
	if (strcmp(answer, "ok") != 0)
		return err_set(err, ERR_IO,
			       "%s: the database is damaged: %s (move it aside and "
			       "restore it from a backup)",
			       db->path, answer);
	return true;
}

static bool apply(struct db *db, const struct db_migration *migration, size_t index,
		  struct err *err)
{
	char pragma[64];
	int64_t version;

	/* Another process may have been quicker. */
	if (!query_int(db, "PRAGMA user_version", &version, err))
		return false;
	if (version != (int64_t)index)
		return true;
	snprintf(pragma, sizeof(pragma), "PRAGMA user_version = %zu", index + 1);
	return db_exec(db, migration->sql, "database: schema", err) &&
	       db_exec(db, pragma, "database: schema", err);
}

static bool migrate(struct db *db, const struct db_migration *migrations, size_t count,
		    struct err *err)
{
	int64_t version;

	if (!query_int(db, "PRAGMA user_version", &version, err))
		return false;
	if (version < 0 || version > (int64_t)count)
		return err_set(err, ERR_CONFLICT,
			       "%s: was written by a newer version of Ekimae (schema "
			       "%" PRId64 ", this program knows up to %zu): install the "
			       "newer version",
			       db->path, version, count);
	for (size_t i = (size_t)version; i < count; i++) {
		/* A power cut leaves the old schema or the new one. */
		if (!db_begin(db, err))
			return false;
		if (!db_end(db, apply(db, &migrations[i], i, err), err))
			return false;
	}
	return true;
}

struct db *db_open(const char *path, const struct db_migration *migrations, size_t count,
		   struct err *err)
{
	struct db *db = calloc(1, sizeof(*db));
	int result;

	if (!db || !(db->path = strdup(path))) {
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
		goto fail;
	}
	if (!create_private(path, err))
		goto fail;
	result = sqlite3_open_v2(path, &db->handle,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
					 SQLITE_OPEN_EXRESCODE,
				 NULL);
	if (result != SQLITE_OK) {
		err_set(err, code_of(result), "%s: can't open it: %s%s", path,
			sqlite3_errstr(result), remedy_of(result));
		goto fail;
	}
	if (!set_up(db, err) || !migrate(db, migrations, count, err))
		goto fail;
	return db;
fail:
	return db_close(db);
}

struct db *db_close(struct db *db)
{
	int result;

	if (!db)
		return NULL;
	result = sqlite3_close(db->handle);
	/* SQLITE_BUSY: somebody still holds a statement of it. */
	assert(result == SQLITE_OK);
	(void)result;
	free(db->path);
	free(db);
	return NULL;
}

static bool fill_copy(struct db *db, struct db *copy, struct err *err)
{
	sqlite3_backup *backup =
		sqlite3_backup_init(copy->handle, "main", db->handle, "main");
	char answer[256];
	int result;

	if (!backup)
		return fail(copy, "database: backup", sqlite3_errcode(copy->handle), err);
	/* In one step, so that it is one moment's, however busy the writers are. */
	do
		result = sqlite3_backup_step(backup, -1);
	while (result == SQLITE_OK);
	sqlite3_backup_finish(backup);
	if (result != SQLITE_DONE)
		return err_set(err, code_of(result), "database: backup: %s: %s%s",
			       copy->path, sqlite3_errstr(result), remedy_of(result));
	/* A single file, with no log beside it that could be forgotten. */
	if (!query_text(copy, "PRAGMA journal_mode = DELETE", answer, sizeof(answer),
			err) ||
	    !query_text(copy, "PRAGMA quick_check(1)", answer, sizeof(answer), err))
		return false;
	return strcmp(answer, "ok") == 0 ||
	       err_set(err, ERR_IO, "%s: the copy is damaged: %s (look at the disk)",
		       copy->path, answer);
}

static bool make_copy(struct db *db, char *path, struct err *err)
{
	struct db copy = {.path = path};
	int result;
	bool done;

	if (unlink(path) < 0 && errno != ENOENT)
		return err_set_errno(err, "%s: can't remove it", path);
	if (!create_private(path, err))
		return false;
	result = sqlite3_open_v2(path, &copy.handle,
				 SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
					 SQLITE_OPEN_EXRESCODE,
				 NULL);
	done = result == SQLITE_OK
		       ? fill_copy(db, &copy, err)
		       : err_set(err, code_of(result), "%s: can't open it: %s%s", path,
				 sqlite3_errstr(result), remedy_of(result));
	sqlite3_close(copy.handle);
	return done;
}

bool db_backup(struct db *db, const char *path, struct err *err)
{
	char *part = NULL;
	bool done;

	if (access(path, F_OK) == 0)
		return err_set(err, ERR_CONFLICT,
			       "%s: exists already: give the backup a new name", path);
	if (asprintf(&part, "%s.part", path) < 0)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
	done = make_copy(db, part, err);
	if (done && rename(part, path) < 0)
		done = err_set_errno(err, "%s: can't give it its name", path);
	if (!done)
		unlink(part);
	free(part);
	return done;
}

struct sqlite3_stmt *db_prepare(struct db *db, const char *sql, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int result = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
					&stmt, NULL);

	if (result != SQLITE_OK)
		fail(db, "database: prepare", result, err);
	return stmt;
}

void db_finalize(struct sqlite3_stmt **stmt)
{
	sqlite3_finalize(*stmt);
	*stmt = NULL;
}

void db_reset(struct sqlite3_stmt **stmt)
{
	sqlite3_reset(*stmt);
	sqlite3_clear_bindings(*stmt);
}

bool db_exec(struct db *db, const char *sql, const char *what, struct err *err)
{
	int result = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);

	return result == SQLITE_OK || fail(db, what, result, err);
}

bool db_run(struct db *db, struct sqlite3_stmt *stmt, const char *what, struct err *err)
{
	int result;

	do
		result = sqlite3_step(stmt);
	while (result == SQLITE_ROW);
	if (result != SQLITE_DONE)
		fail(db, what, result, err);
	sqlite3_reset(stmt);
	sqlite3_clear_bindings(stmt);
	return result == SQLITE_DONE;
}

bool db_run_one(struct db *db, struct sqlite3_stmt *stmt, const char *what,
		struct err *err)
{
	if (!db_run(db, stmt, what, err))
		return false;
	if (db_changes(db) != 1)
		return err_set(err, ERR_CONFLICT, "%s: changed %" PRId64 " rows, not one",
			       what, db_changes(db));
	return true;
}

bool db_step(struct db *db, struct sqlite3_stmt *stmt, bool *out_row, const char *what,
	     struct err *err)
{
	int result = sqlite3_step(stmt);

	if (result != SQLITE_ROW && result != SQLITE_DONE) {
		fail(db, what, result, err);
		sqlite3_reset(stmt);
		return false;
	}
	*out_row = result == SQLITE_ROW;
	return true;
}

bool db_begin(struct db *db, struct err *err)
{
	return db_exec(db, "BEGIN IMMEDIATE", "database: begin", err);
}

bool db_commit(struct db *db, struct err *err)
{
	return db_exec(db, "COMMIT", "database: commit", err);
}

void db_rollback(struct db *db)
{
	/* Some failures (disk full) have rolled back already: then there is nothing to do. */
	if (!sqlite3_get_autocommit(db->handle))
		sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool db_end(struct db *db, bool success, struct err *err)
{
	if (success && db_commit(db, err))
		return true;
	db_rollback(db);
	return false;
}

void db_text(struct sqlite3_stmt *stmt, int column, char *out, size_t size)
{
	const unsigned char *text = sqlite3_column_text(stmt, column);

	snprintf(out, size, "%s", text ? (const char *)text : "");
}

bool db_bytes(struct sqlite3_stmt *stmt, int column, uint8_t *out, size_t size)
{
	const void *bytes = sqlite3_column_blob(stmt, column);

	if (!bytes || (size_t)sqlite3_column_bytes(stmt, column) != size)
		return false;
	memcpy(out, bytes, size);
	return true;
}

int64_t db_last_rowid(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes64(db->handle);
}
