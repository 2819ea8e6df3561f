#include "store/screen_health.h"

#include "store/citydb.h"
#include "support/test.h"
#include "support/tmp.h"
#include "wire/health.h"
#include "wire/screenshot.h"

#define AT(ms_) ((struct wall_ms){ms_})
#define SCREEN  "tanashi-1"

struct fixture {
	char *dir, *path;
	struct db *db;
	struct err err;
};

static void open_db(struct fixture *f, size_t migrations)
{
	f->db = db_open(f->path, citydb_migrations, migrations, &f->err);
	assert_ok(f->db != NULL, f->err);
}

static void add_screen(struct fixture *f, const char *id)
{
	uint8_t code[32] = {0};

	memcpy(code, id, strlen(id));
	assert_ok(screen_add(f->db, id, "田無駅前", true, code, AT(100), AT(1), &f->err),
		  f->err);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = tmp_dir();
	f->path = tmp_path(f->dir, "city.db");
	*state = f;
	return 0;
}

static int set_up_new(void **state)
{
	struct fixture *f;

	set_up(state);
	f = *state;
	open_db(f, citydb_migration_count);
	add_screen(f, SCREEN);
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

static bool put(struct fixture *f, int64_t run, int64_t number, const char *report,
		const char *courier, int64_t at, bool *out_new)
{
	const struct health_upload upload = {
		.health = {.run = run, .number = number, .every = {60000}},
		.report = (char *)(uintptr_t)report,
		.courier = (char *)(uintptr_t)courier,
	};

	return screen_health_put(f->db, SCREEN, &upload, 1U << HEALTH_DISK, AT(at),
				 out_new, &f->err);
}

struct expectation {
	const char *report, *courier;
	int64_t received, heard;
	int calls;
};

static bool expect(void *context, const struct screen_health *health, struct err *err)
{
	struct expectation *expected = context;

	(void)err;
	assert_string_equal(health->report, expected->report);
	assert_string_equal(health->courier, expected->courier);
	assert_int_equal(health->received.ms, expected->received);
	assert_int_equal(health->heard.ms, expected->heard);
	assert_int_equal(health->every.ms, 60000);
	assert_int_equal(health->alarms, 1U << HEALTH_DISK);
	expected->calls++;
	return true;
}

static void assert_held(struct fixture *f, const char *report, const char *courier,
			int64_t received, int64_t heard)
{
	struct expectation expected = {report, courier, received, heard, 0};

	assert_ok(screen_health_get(f->db, SCREEN, expect, &expected, &f->err), f->err);
	assert_int_equal(expected.calls, 1);
}

static void newer_report_takes_the_place_of_the_one_before(void **state)
{
	struct fixture *f = *state;
	struct expectation none = {0};
	bool fresh = false;

	assert_ok(screen_health_get(f->db, SCREEN, expect, &none, &f->err), f->err);
	assert_int_equal(none.calls, 0);
	assert_ok(put(f, 5, 9, "first", "c1", 1000, &fresh), f->err);
	assert_true(fresh);
	assert_held(f, "first", "c1", 1000, 1000);
	/* A new start of the display begins its numbers anew. */
	assert_ok(put(f, 6, 1, "second", "c2", 2000, &fresh), f->err);
	assert_true(fresh);
	assert_held(f, "second", "c2", 2000, 2000);
}

static void same_report_once_more_brings_the_courier_only(void **state)
{
	struct fixture *f = *state;
	bool fresh = true;

	assert_ok(put(f, 5, 9, "first", "c1", 1000, &fresh), f->err);
	assert_ok(put(f, 5, 9, "forged", "c2", 5000, &fresh), f->err);
	assert_false(fresh);
	assert_held(f, "first", "c2", 1000, 5000);
}

static void older_report_changes_nothing(void **state)
{
	struct fixture *f = *state;
	bool fresh = true;

	assert_ok(put(f, 5, 9, "first", "c1", 1000, &fresh), f->err);
	assert_fails(put(f, 5, 8, "old", "c2", 2000, &fresh), f->err, ERR_CONFLICT,
		     "has reported later than run 5, number 8");
	assert_fails(put(f, 4, 900, "old", "c2", 2000, &fresh), f->err, ERR_CONFLICT,
		     SCREEN);
	assert_held(f, "first", "c1", 1000, 1000);
}

static struct screenshot answer_to(int64_t request)
{
	return (struct screenshot){.screen_id = SCREEN,
				   .request = request,
				   .at = {7},
				   .output = PLAY_OUTPUT_OFF,
				   .slide_id = "plan/1"};
}

static bool answer(struct fixture *f, int64_t request, const char *png)
{
	const struct screenshot screenshot = answer_to(request);

	return snapshot_put(f->db, &screenshot, png, strlen(png), AT(3000), &f->err);
}

static bool expect_picture(void *context, const struct snapshot_row *row, struct err *err)
{
	const char *png = context;

	(void)err;
	assert_int_equal(row->len, strlen(png));
	assert_memory_equal(row->png, png, row->len);
	assert_int_equal(row->answered, 2);
	assert_int_equal(row->at.ms, 7);
	assert_int_equal(row->received.ms, 3000);
	assert_int_equal(row->output, PLAY_OUTPUT_OFF);
	assert_string_equal(row->slide_id, "plan/1");
	return true;
}

static void only_what_was_asked_for_is_taken_and_once(void **state)
{
	struct fixture *f = *state;
	char newest[] = "new";
	int64_t number = 0;

	assert_fails(snapshot_ask(f->db, "absent", AT(1), &number, &f->err), f->err,
		     ERR_NOT_FOUND, "absent");
	assert_fails(answer(f, 1, "png"), f->err, ERR_CONFLICT, "nobody waits");
	assert_fails(snapshot_get(f->db, SCREEN, expect_picture, NULL, &f->err), f->err,
		     ERR_NOT_FOUND, "never asked");
	assert_ok(snapshot_ask(f->db, SCREEN, AT(1000), &number, &f->err), f->err);
	assert_int_equal(number, 1);
	assert_ok(snapshot_ask(f->db, SCREEN, AT(2000), &number, &f->err), f->err);
	assert_int_equal(number, 2);
	assert_fails(answer(f, 3, "png"), f->err, ERR_CONFLICT, "nobody waits");
	assert_ok(answer(f, 2, newest), f->err);
	/* Neither again nor the answer to an earlier request. */
	assert_fails(answer(f, 2, "png"), f->err, ERR_CONFLICT, "nobody waits");
	assert_fails(answer(f, 1, "png"), f->err, ERR_CONFLICT, "nobody waits");
	assert_ok(snapshot_get(f->db, SCREEN, expect_picture, newest, &f->err), f->err);
}

static void request_waits_until_it_is_answered_or_too_old(void **state)
{
	struct fixture *f = *state;
	int64_t number = 9;

	assert_ok(snapshot_wanted(f->db, SCREEN, AT(1000), &number, &f->err), f->err);
	assert_int_equal(number, 0);
	assert_ok(snapshot_ask(f->db, SCREEN, AT(1000), &number, &f->err), f->err);
	assert_ok(snapshot_wanted(f->db, SCREEN, AT(2000), &number, &f->err), f->err);
	assert_int_equal(number, 1);
	assert_ok(snapshot_wanted(f->db, SCREEN, AT(1000 + SNAPSHOT_PATIENCE_MS), &number,
				  &f->err),
		  f->err);
	assert_int_equal(number, 0);
	assert_ok(answer(f, 1, "png"), f->err);
	assert_ok(snapshot_wanted(f->db, SCREEN, AT(2000), &number, &f->err), f->err);
	assert_int_equal(number, 0);
}

static void too_large_a_picture_is_refused_by_the_schema(void **state)
{
	struct fixture *f = *state;
	const struct screenshot screenshot = answer_to(1);
	char *large = calloc(1, 65537);
	int64_t number;

	assert_ok(snapshot_ask(f->db, SCREEN, AT(1000), &number, &f->err), f->err);
	assert_false(snapshot_put(f->db, &screenshot, large, 65537, AT(2000), &f->err));
	assert_int_equal(f->err.code, ERR_INVALID);
	free(large);
}

static void database_of_before_learns_of_health(void **state)
{
	struct fixture *f = *state;
	bool fresh = false;

	open_db(f, 5);
	add_screen(f, SCREEN);
	f->db = db_close(f->db);
	open_db(f, citydb_migration_count);
	assert_ok(put(f, 1, 1, "first", "c1", 1000, &fresh), f->err);
	assert_held(f, "first", "c1", 1000, 1000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_new, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(newer_report_takes_the_place_of_the_one_before),
		TEST(same_report_once_more_brings_the_courier_only),
		TEST(older_report_changes_nothing),
		TEST(only_what_was_asked_for_is_taken_and_once),
		TEST(request_waits_until_it_is_answered_or_too_old),
		TEST(too_large_a_picture_is_refused_by_the_schema),
		cmocka_unit_test_setup_teardown(database_of_before_learns_of_health,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
