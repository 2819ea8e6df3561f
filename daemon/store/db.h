#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct db;
struct err;
struct sqlite3_stmt;

/*
 * A SQLite database of ours: WAL, synchronous=FULL, foreign keys on, a busy time-out, its
 * schema brought up to date by append-only migrations (user_version). One thread at a time.
 *
 * Errors name the file and say what to do: ERR_RETRY when another program held it for too
 * long, ERR_CONFLICT for a key that exists already or a row that is missing, ERR_INVALID
 * for a value that the schema refuses, ERR_IO for disk, permission and damage.
 */
struct db_migration {
	const char *sql;
};

/*
 * Opens or creates @path (mode 0600). A database that is newer than the last migration
 * (ERR_CONFLICT), or damaged (quick_check, ERR_IO), is an error that says what to do. NULL
 * on failure.
 */
MUST_USE struct db *db_open(const char *path, const struct db_migration *migrations,
			    size_t count, struct err *err);
struct db *db_close(struct db *db); /* NULL is fine; complains of open statements */

/*
 * Copies the database as it is at this moment to the new file @path (mode 0600), while it is
 * in use, by this program or another. The copy is whole: it has its name only once it is on
 * the disk. ERR_CONFLICT when there is a file of that name.
 */
MUST_USE bool db_backup(struct db *db, const char *path, struct err *err);

/* Prepares a statement that lives as long as the caller likes; NULL on failure. */
MUST_USE struct sqlite3_stmt *db_prepare(struct db *db, const char *sql, struct err *err);
void db_finalize(struct sqlite3_stmt **stmt); /* for CLEANUP() */
/* Ends a query and clears its bindings, so that the statement can be used again. */
void db_reset(struct sqlite3_stmt **stmt); /* for CLEANUP() */

/* Runs SQL without results. @what starts the error's sentence. */
MUST_USE bool db_exec(struct db *db, const char *sql, const char *what, struct err *err);

/* Runs a bound statement, resets it, clears its bindings. */
MUST_USE bool db_run(struct db *db, struct sqlite3_stmt *stmt, const char *what,
		     struct err *err);
/* As db_run(), and exactly one row must have changed, else ERR_CONFLICT. */
MUST_USE bool db_run_one(struct db *db, struct sqlite3_stmt *stmt, const char *what,
			 struct err *err);
/* Steps a query: true with @*out_row telling whether there is a row. db_reset() it after. */
MUST_USE bool db_step(struct db *db, struct sqlite3_stmt *stmt, bool *out_row,
		      const char *what, struct err *err);

MUST_USE bool db_begin(struct db *db, struct err *err); /* BEGIN IMMEDIATE */
MUST_USE bool db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);
/* Commits after @success, else rolls back; returns whether it was committed. */
MUST_USE bool db_end(struct db *db, bool success, struct err *err);

/*
 * Columns of the row that db_step() is at. db_text() copies at most @size - 1 bytes and a
 * NUL; db_bytes() is false, and leaves @out, unless the column holds exactly @size bytes.
 */
void db_text(struct sqlite3_stmt *stmt, int column, char *out, size_t size);
MUST_USE bool db_bytes(struct sqlite3_stmt *stmt, int column, uint8_t *out, size_t size);

int64_t db_last_rowid(const struct db *db);
int64_t db_changes(const struct db *db);

#endif /* STORE_DB_H */
