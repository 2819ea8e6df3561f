#include <sqlite3.h>

#include "store/citydb.h"
#include "support/test.h"
#include "support/tmp.h"

#define BEFORE_RESULTS 4 /* migrations */

struct fixture {
	char *dir, *path;
	struct db *db;
	struct err err;
	char text[2000];
};

static void open_city(struct fixture *f, size_t migrations)
{
	f->db = db_open(f->path, citydb_migrations, migrations, &f->err);
	assert_ok(f->db, f->err);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = tmp_dir();
	f->path = tmp_path(f->dir, "city.db");
	open_city(f, citydb_migration_count);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	free(f->path);
	tmp_remove(f->dir);
	free(f);
	return 0;
}

static void enter(struct fixture *f, int initiative, const char *series, int year,
		  int64_t value, const char *note)
{
	const struct result result = {.initiative = initiative,
				      .series = series,
				      .fiscal_year = year,
				      .withdrawn = value < 0,
				      .value = value < 0 ? 0 : value,
				      .source = value < 0 ? "" : "報告書",
				      .note = note};

	assert_ok(results_append(f->db, &result, "hanako", (struct wall_ms){1000 + value},
				 &f->err),
		  f->err);
}

static bool join(void *context, const struct result_row *row, struct err *err)
{
	struct fixture *f = context;
	size_t len = strlen(f->text);

	(void)err;
	assert_string_equal(row->who, "hanako");
	if (row->result.withdrawn) {
		assert_int_equal(row->result.value, 0);
		assert_string_equal(row->result.source, "");
	} else {
		assert_int_equal(row->at.ms, 1000 + row->result.value);
		assert_string_equal(row->result.source, "報告書");
	}
	snprintf(f->text + len, sizeof(f->text) - len, "#%d %d%s/%d=%d%s ",
		 (int)row->number, row->result.initiative, row->result.series,
		 row->result.fiscal_year,
		 row->result.withdrawn ? -1 : (int)row->result.value, row->result.note);
	return true;
}

static const char *list(struct fixture *f, int initiative, int year, bool history)
{
	const struct results_filter filter = {initiative, year, history};

	f->text[0] = '\0';
	assert_ok(results_each(f->db, &filter, join, f, &f->err), f->err);
	return f->text;
}

static void newest_row_of_each_place_holds(void **state)
{
	struct fixture *f = *state;

	int64_t newest = -1;

	assert_ok(results_newest(f->db, &newest, &f->err), f->err);
	assert_int_equal(newest, 0);
	assert_string_equal(list(f, 0, 0, false), "");
	enter(f, 15, "RPA", 2024, 9, "");
	enter(f, 1, "", 2025, 180000, "");
	enter(f, 1, "", 2024, 170000, "");
	enter(f, 15, "AI-OCR", 2024, 6, "");
	enter(f, 1, "", 2024, 171000, "訂正");
	assert_string_equal(list(f, 0, 0, false), "#5 1/2024=171000訂正 #2 1/2025=180000 "
						  "#4 15AI-OCR/2024=6 #1 15RPA/2024=9 ");
	assert_string_equal(list(f, 15, 0, false), "#4 15AI-OCR/2024=6 #1 15RPA/2024=9 ");
	assert_string_equal(list(f, 0, 2025, false), "#2 1/2025=180000 ");
	assert_string_equal(list(f, 2, 0, false), "");
	assert_ok(results_newest(f->db, &newest, &f->err), f->err);
	assert_int_equal(newest, 5);
}

static void history_keeps_what_was_corrected_and_withdrawn(void **state)
{
	struct fixture *f = *state;

	enter(f, 1, "", 2024, 170000, "");
	enter(f, 1, "", 2024, 171000, "訂正");
	enter(f, 1, "", 2024, -1, "重複");
	assert_string_equal(list(f, 0, 0, false), "");
	assert_string_equal(list(f, 0, 0, true),
			    "#1 1/2024=170000 #2 1/2024=171000訂正 #3 1/2024=-1重複 ");
	enter(f, 1, "", 2024, 172000, "");
	assert_string_equal(list(f, 1, 2024, false), "#4 1/2024=172000 ");
	assert_string_equal(list(f, 1, 2025, true), "");
}

static void rows_are_neither_changed_nor_removed(void **state)
{
	struct fixture *f = *state;

	enter(f, 1, "", 2024, 170000, "");
	assert_false(db_exec(f->db, "UPDATE result SET value = 1", "t", &f->err));
	assert_non_null(strstr(f->err.text, "append only"));
	assert_false(db_exec(f->db, "DELETE FROM result", "t", &f->err));
	assert_non_null(strstr(f->err.text, "append only"));
	assert_string_equal(list(f, 0, 0, true), "#1 1/2024=170000 ");
}

static bool stop(void *context, const struct result_row *row, struct err *err)
{
	(void)context;
	return err_set(err, ERR_TOO_LARGE, "stopped at %d", (int)row->number);
}

static void walk_can_be_stopped(void **state)
{
	struct fixture *f = *state;

	enter(f, 1, "", 2024, 170000, "");
	enter(f, 2, "", 2024, 1, "");
	assert_fails(
		results_each(f->db, &(struct results_filter){0}, stop, NULL, &f->err),
		f->err, ERR_TOO_LARGE, "stopped at 1");
}

static void older_database_gains_an_empty_table(void **state)
{
	struct fixture *f = *state;

	db_close(f->db);
	free(f->path);
	f->path = tmp_path(f->dir, "older.db");
	open_city(f, BEFORE_RESULTS);
	assert_ok(staff_add(f->db, "hanako", STAFF_APPROVER, "x", (struct wall_ms){1},
			    &f->err),
		  f->err);
	assert_false(db_exec(f->db, "SELECT 1 FROM result", "t", &f->err));
	db_close(f->db);
	open_city(f, citydb_migration_count);
	assert_string_equal(list(f, 0, 0, true), "");
	enter(f, 1, "", 2024, 170000, "");
	assert_string_equal(list(f, 0, 0, true), "#1 1/2024=170000 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(newest_row_of_each_place_holds),
		TEST(history_keeps_what_was_corrected_and_withdrawn),
		TEST(rows_are_neither_changed_nor_removed),
		TEST(walk_can_be_stopped),
		TEST(older_database_gains_an_empty_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
