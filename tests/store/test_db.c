#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "store/db.h"
#include "support/test.h"
#include "support/tmp.h"

static const struct db_migration migrations[] = {
	{"CREATE TABLE a (x INTEGER PRIMARY KEY, y TEXT NOT NULL, z INTEGER CHECK (z > 0))"},
	{"INSERT INTO a (x, y) VALUES (1, 'one')"},
	{"CREATE TABLE b (x INTEGER REFERENCES a (x)); INSERT INTO b SELECT x FROM a"},
};

struct fixture {
	char *dir, *path;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = tmp_dir();
	f->path = tmp_path(f->dir, "test.db");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	free(f->path);
	tmp_remove(f->dir);
	free(f);
	return 0;
}

static int64_t number(struct db *db, const char *sql)
{
	struct err err = {0};
	sqlite3_stmt *stmt = db_prepare(db, sql, &err);
	int64_t value;
	bool row = false;

	assert_ok(stmt && db_step(db, stmt, &row, "test", &err), err);
	assert_true(row);
	value = sqlite3_column_int64(stmt, 0);
	db_finalize(&stmt);
	return value;
}

static void new_database_is_private_and_durable(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = db_open(f->path, migrations, 3, &err);
	char mode[16];
	struct stat status;
	sqlite3_stmt *stmt;
	bool row;

	assert_ok(db, err);
	assert_int_equal(stat(f->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(number(db, "PRAGMA synchronous"), 3); /* EXTRA */
	assert_int_equal(number(db, "PRAGMA foreign_keys"), 1);
	assert_int_equal(number(db, "PRAGMA busy_timeout"), 5000);
	stmt = db_prepare(db, "PRAGMA journal_mode", &err);
	assert_ok(stmt && db_step(db, stmt, &row, "test", &err), err);
	db_text(stmt, 0, mode, sizeof(mode));
	assert_string_equal(mode, "wal");
	db_finalize(&stmt);
	db_close(db);
}

static void migrations_run_once_and_in_order(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	for (size_t count = 1; count <= 3; count++) {
		struct db *db = db_open(f->path, migrations, count, &err);

		assert_ok(db, err);
		assert_int_equal(number(db, "PRAGMA user_version"), (int)count);
		db_close(db);
	}
	struct db *db = db_open(f->path, migrations, 3, &err);

	assert_ok(db, err);
	assert_int_equal(number(db, "SELECT COUNT(*) FROM b"), 1);
	db_close(db);
}

static void failing_migration_leaves_the_schema_before_it(void **state)
{
	static const struct db_migration broken[] = {
		{"CREATE TABLE a (x INTEGER)"},
		{"CREATE TABLE half (x INTEGER); INSERT INTO nowhere VALUES (1)"},
	};
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db;

	assert_fails(db_open(f->path, broken, 2, &err), err, ERR_INTERNAL, "nowhere");
	db = db_open(f->path, broken, 1, &err);
	assert_ok(db, err);
	assert_int_equal(number(db, "PRAGMA user_version"), 1);
	assert_int_equal(
		number(db, "SELECT COUNT(*) FROM sqlite_schema WHERE name = 'half'"), 0);
	db_close(db);
}

static void newer_schema_is_refused_with_the_remedy(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = db_open(f->path, migrations, 3, &err);

	assert_ok(db, err);
	db_close(db);
	assert_fails(db_open(f->path, migrations, 2, &err), err, ERR_CONFLICT,
		     "install the newer version");
	assert_non_null(strstr(err.text, f->path));
}

static void damaged_page_is_found_on_open(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = db_open(f->path, migrations, 3, &err);
	FILE *file;

	assert_ok(db, err);
	db_close(db); /* checkpoints: all is in the main file now */
	file = fopen(f->path, "r+b");
	assert_non_null(file);
	assert_int_equal(fseek(file, 4096 + 100, SEEK_SET), 0);
	for (int i = 0; i < 3900; i++)
		fputc(0xa5, file);
	assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
	for (int i = 0; i < 8; i++)
		fputc(0xff, file);
	assert_int_equal(fclose(file), 0);

	assert_fails(db_open(f->path, migrations, 3, &err), err, ERR_IO,
		     "restore it from a backup");
	assert_non_null(strstr(err.text, f->path));
}

static void file_that_is_no_database_is_refused_and_left_alone(void **state)
{
	static const char text[] = "this is somebody's letter, not a database at all\n";
	struct fixture *f = *state;
	struct err err = {0};
	size_t len;
	char *after;

	tmp_write(f->dir, "test.db", text, strlen(text));
	assert_fails(db_open(f->path, migrations, 3, &err), err, ERR_IO, f->path);
	after = tmp_read(f->path, &len);
	assert_string_equal(after, text);
	free(after);
}

static void missing_folder_is_told(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	char *path = tmp_path(f->dir, "nowhere/test.db");

	assert_fails(db_open(path, migrations, 3, &err), err, ERR_IO, path);
	free(path);
}

static void refused_values_tell_what_is_wrong_with_them(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = db_open(f->path, migrations, 3, &err);

	assert_ok(db, err);
	assert_fails(db_exec(db, "INSERT INTO a VALUES (1, 'x', 1)", "test", &err), err,
		     ERR_CONFLICT, "UNIQUE");
	assert_fails(db_exec(db, "INSERT INTO b VALUES (99)", "test", &err), err,
		     ERR_CONFLICT, "FOREIGN KEY");
	assert_fails(db_exec(db, "INSERT INTO a VALUES (2, NULL, 1)", "test", &err), err,
		     ERR_INVALID, "NOT NULL");
	assert_fails(db_exec(db, "INSERT INTO a VALUES (2, 'x', 0)", "test", &err), err,
		     ERR_INVALID, "CHECK");
	db_close(db);
}

static void change_of_no_row_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = db_open(f->path, migrations, 3, &err);
	sqlite3_stmt *stmt;

	assert_ok(db, err);
	stmt = db_prepare(db, "UPDATE a SET y = 'new' WHERE x = ?1", &err);
	assert_ok(stmt, err);
	sqlite3_bind_int(stmt, 1, 1);
	assert_ok(db_run_one(db, stmt, "test", &err), err);
	/* The parameter was cleared: x = NULL matches nothing. */
	assert_fails(db_run_one(db, stmt, "test: update", &err), err, ERR_CONFLICT,
		     "test: update: changed 0 rows");
	db_finalize(&stmt);
	db_close(db);
}

static void failed_transaction_is_undone_as_a_whole(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = db_open(f->path, migrations, 3, &err);
	bool done;

	assert_ok(db, err);
	assert_ok(db_begin(db, &err), err);
	done = db_exec(db, "INSERT INTO a VALUES (2, 'two', 1)", "test", &err) &&
	       db_exec(db, "INSERT INTO a VALUES (2, 'two', 1)", "test", &err);
	assert_false(db_end(db, done, &err));
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(number(db, "SELECT COUNT(*) FROM a"), 1);
	db_close(db);
}

static void backup_holds_what_was_committed_while_others_write(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct db *db = db_open(f->path, migrations, 3, &err);
	struct db *writer = db_open(f->path, migrations, 3, &err), *copy;
	char *path = tmp_path(f->dir, "copy.db"),
	     *part = tmp_path(f->dir, "copy.db.part");
	char *wal = tmp_path(f->dir, "copy.db-wal");
	struct stat status;

	assert_ok(db && writer, err);
	assert_ok(db_exec(writer, "INSERT INTO a (x, y) VALUES (2, 'two')", "t", &err),
		  err);
	assert_ok(db_begin(writer, &err), err);
	assert_ok(db_exec(writer, "INSERT INTO a (x, y) VALUES (3, 'three')", "t", &err),
		  err);
	assert_ok(db_backup(db, path, &err), err);
	assert_ok(db_commit(writer, &err), err);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
	assert_int_equal(access(part, F_OK), -1);
	assert_int_equal(access(wal, F_OK), -1);
	assert_int_equal(number(db, "SELECT COUNT(*) FROM a"), 3);
	copy = db_open(path, migrations, 3, &err);
	assert_ok(copy, err);
	assert_int_equal(number(copy, "SELECT COUNT(*) FROM a"), 2);

	assert_fails(db_backup(db, path, &err), err, ERR_CONFLICT, "exists already");
	assert_int_equal(number(copy, "SELECT COUNT(*) FROM a"), 2);
	assert_fails(db_backup(db, "/nowhere/copy.db", &err), err, ERR_IO, "/nowhere");
	db_close(copy);
	db_close(writer);
	db_close(db);
	free(wal);
	free(part);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(new_database_is_private_and_durable),
		TEST(migrations_run_once_and_in_order),
		TEST(failing_migration_leaves_the_schema_before_it),
		TEST(newer_schema_is_refused_with_the_remedy),
		TEST(damaged_page_is_found_on_open),
		TEST(file_that_is_no_database_is_refused_and_left_alone),
		TEST(missing_folder_is_told),
		TEST(refused_values_tell_what_is_wrong_with_them),
		TEST(change_of_no_row_is_a_conflict),
		TEST(failed_transaction_is_undone_as_a_whole),
		TEST(backup_holds_what_was_committed_while_others_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
