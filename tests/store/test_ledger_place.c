/* Plays of a clock that was not set: when they get their time, and which. */
#include "core/notice.h"
#include "sample_plays.h"
#include "store/citydb.h"
#include "store/db.h"
#include "store/ledger.h"
#include "support/tmp.h"

#define RECEIVED ((struct wall_ms){SAMPLE_AT + 3600000})
#define BOOT_A   "0b8b3c9e-6a2f-4f0e-9d5a-0123456789ab"
#define BOOT_B   "1b8b3c9e-6a2f-4f0e-9d5a-0123456789ab"
#define HOUR     INT64_C(3600000)

struct fixture {
	char *dir, *city_path, *screen_path;
	struct db *city, *screen;
	struct ledger *ledger;
	struct playlog *log;
	struct ledger_receipt receipt;
	struct err err;
};

static void open_city(struct fixture *f, size_t migrations)
{
	f->city = db_open(f->city_path, citydb_migrations, migrations, &f->err);
	assert_ok(f->city, f->err);
}

static void open_ledger(struct fixture *f)
{
	f->ledger = ledger_new(f->city, &f->err);
	assert_ok(f->ledger, f->err);
}

static void add_screen(struct fixture *f)
{
	uint8_t code[SHA256_SIZE] = {7};

	assert_ok(screen_add(f->city, "tanashi-1", "田無駅", true, code, RECEIVED,
			     RECEIVED, &f->err),
		  f->err);
}

static void publish(struct fixture *f)
{
	struct notice notice = {.id = "flu",
				.revision = 1,
				.title = "予防接種",
				.department = "健康課",
				.counts = true};
	uint8_t hash[PLAY_HASH_SIZE];

	sample_content("flu", 1, hash);
	assert_ok(ledger_know_notice(f->ledger, &notice, hash, RECEIVED, &f->err),
		  f->err);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = tmp_dir();
	f->city_path = tmp_path(f->dir, "city.db");
	f->screen_path = tmp_path(f->dir, "plays.db");
	open_city(f, citydb_migration_count);
	open_ledger(f);
	f->screen = db_open(f->screen_path, playlog_migrations, playlog_migration_count,
			    &f->err);
	assert_ok(f->screen, f->err);
	f->log = playlog_new(f->screen, "tanashi-1", &f->err);
	assert_ok(f->log, f->err);
	add_screen(f);
	publish(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	playlog_free(f->log);
	db_close(f->screen);
	ledger_free(f->ledger);
	db_close(f->city);
	free(f->screen_path);
	free(f->city_path);
	tmp_remove(f->dir);
	free(f);
	return 0;
}

/* A complete play of the notice, as a box has it whose wall clock says @wall. */
static void play(struct fixture *f, const char *boot, int64_t mono, int64_t wall,
		 bool synchronised)
{
	struct play_start start = sample_start("flu", 1, wall);

	snprintf(start.boot_id, sizeof(start.boot_id), "%s", boot);
	start.began_mono.ms = mono;
	start.synchronised = synchronised;
	sample_record(f->log, &start, 10000, PLAY_COMPLETE);
}

static void send_rows(struct fixture *f, int64_t after, size_t rows)
{
	struct play_batch *batch = sample_batch(f->log, after, rows);

	assert_ok(ledger_accept(f->ledger, batch, RECEIVED, &f->receipt, &f->err),
		  f->err);
	play_batch_free(batch);
}

/* The times of all rows, as "SEQ+MS " after SAMPLE_AT, or "SEQ? " without one. */
static void assert_times(struct fixture *f, const char *expected)
{
	CLEANUP(db_finalize)
	struct sqlite3_stmt *stmt =
		db_prepare(f->city,
			   "SELECT COALESCE(group_concat(seq || COALESCE('+' ||"
			   " (at_ms - 1795328940000), '?'), ' '), '') FROM"
			   " (SELECT seq, at_ms FROM play ORDER BY seq)",
			   &f->err);
	char text[1000];
	bool row;

	assert_ok(stmt, f->err);
	assert_ok(db_step(f->city, stmt, &row, "test", &f->err), f->err);
	db_text(stmt, 0, text, sizeof(text));
	assert_string_equal(text, expected);
}

static struct ledger_summary summary_of(struct fixture *f, int fiscal_year)
{
	struct ledger_summary summary;

	assert_ok(ledger_report(f->ledger, fiscal_year, &summary, NULL, NULL, &f->err),
		  f->err);
	return summary;
}

static void assert_counts(struct fixture *f, int64_t complete, int64_t undated)
{
	struct ledger_summary summary = summary_of(f, 2026);

	assert_int_equal(summary.complete, complete);
	assert_int_equal(summary.undated, undated);
}

static void first_right_clock_of_a_boot_places_what_came_before(void **state)
{
	struct fixture *f = *state;

	play(f, BOOT_A, 1000, 5000, false);
	play(f, BOOT_A, 11000, 15000, false);
	send_rows(f, 0, 10);
	assert_int_equal(f->receipt.placed, 0);
	assert_times(f, "1? 2?");
	assert_counts(f, 0, 2);

	play(f, BOOT_A, 61000, SAMPLE_AT + 60000, true);
	send_rows(f, 2, 10);
	assert_int_equal(f->receipt.placed, 2);
	assert_times(f, "1+0 2+10000 3+60000");
	assert_counts(f, 3, 0);
	assert_int_equal(summary_of(f, 2026).notices, 1);
}

static void boot_that_never_had_a_clock_stays_undated(void **state)
{
	struct fixture *f = *state;

	play(f, BOOT_A, 1000, 5000, false);
	play(f, BOOT_A, 11000, 15000, false);
	play(f, BOOT_B, 1000, SAMPLE_AT, true);
	send_rows(f, 0, 10);
	assert_times(f, "1? 2? 3+0");
	assert_counts(f, 1, 2);
	/* A clock that claims to be right in 1970 is not. */
	play(f, BOOT_A, 21000, 25000, true);
	send_rows(f, 3, 10);
	assert_times(f, "1? 2? 3+0 4?");
	assert_counts(f, 1, 3);
}

static void same_boot_id_of_another_screen_tells_nothing(void **state)
{
	struct fixture *f = *state;
	uint8_t code[SHA256_SIZE] = {8};
	struct db *db;
	struct playlog *other, *log = f->log;
	char *path = tmp_path(f->dir, "other.db");

	assert_ok(screen_add(f->city, "hoya-1", "保谷駅", true, code, RECEIVED, RECEIVED,
			     &f->err),
		  f->err);
	play(f, BOOT_A, 1000, 5000, false);
	send_rows(f, 0, 10);
	db = db_open(path, playlog_migrations, playlog_migration_count, &f->err);
	assert_ok(db, f->err);
	other = playlog_new(db, "hoya-1", &f->err);
	assert_ok(other, f->err);
	f->log = other;
	play(f, BOOT_A, 11000, SAMPLE_AT, true);
	send_rows(f, 0, 10);
	f->log = log;
	assert_counts(f, 1, 1);
	playlog_free(other);
	db_close(db);
	free(path);
}

static void clock_that_jumps_within_a_boot_moves_no_play(void **state)
{
	struct fixture *f = *state;

	play(f, BOOT_A, HOUR, SAMPLE_AT, true);
	/* Set back to 1970, forward by an hour, and right again. */
	play(f, BOOT_A, HOUR + 10000, 1000, false);
	play(f, BOOT_A, HOUR + 20000, SAMPLE_AT + HOUR + 20000, false);
	play(f, BOOT_A, HOUR + 30000, SAMPLE_AT + 30250, true);
	play(f, BOOT_A, HOUR + 40000, SAMPLE_AT - HOUR, false);
	send_rows(f, 0, 10);
	/* By the nearest earlier right clock, which had been off by 250 ms. */
	assert_times(f, "1+0 2+10000 3+20000 4+30250 5+40250");
	assert_counts(f, 5, 0);
}

static void order_of_batches_plays_no_part(void **state)
{
	struct fixture *f = *state;

	play(f, BOOT_A, 1000, 1000, false);
	play(f, BOOT_A, 11000, SAMPLE_AT + 10000, true);
	play(f, BOOT_A, 21000, 1000, false);
	play(f, BOOT_A, 31000, SAMPLE_AT + 30400, true);
	play(f, BOOT_A, 41000, 1000, false);
	/* The later of the two right clocks comes first: it waits for the rows before it. */
	send_rows(f, 2, 3);
	assert_true(f->receipt.gap);
	assert_times(f, "3? 4+30400 5?");
	send_rows(f, 0, 1);
	assert_times(f, "1? 3? 4+30400 5?");
	send_rows(f, 1, 1);
	assert_int_equal(f->receipt.placed, 3);
	assert_times(f, "1+0 2+10000 3+20000 4+30400 5+40400");
	send_rows(f, 0, 5);
	assert_int_equal(f->receipt.repeated, 5);
	assert_times(f, "1+0 2+10000 3+20000 4+30400 5+40400");
	assert_counts(f, 5, 0);
}

static void placed_play_counts_in_the_year_it_was_made_in(void **state)
{
	struct fixture *f = *state;
	int64_t start = fiscal_year_start(2026).ms;

	play(f, BOOT_A, 1000, 1000, false);
	play(f, BOOT_A, 21000, start + 10000, true);
	send_rows(f, 0, 10);
	assert_int_equal(summary_of(f, 2025).notices, 1);
	assert_int_equal(summary_of(f, 2025).late, 1);
	assert_int_equal(summary_of(f, 2026).notices, 1);
	assert_int_equal(summary_of(f, 2026).undated, 0);
}

static void time_that_was_given_is_never_changed(void **state)
{
	struct fixture *f = *state;

	play(f, BOOT_A, 1000, 1000, false);
	play(f, BOOT_A, 11000, SAMPLE_AT, true);
	send_rows(f, 0, 10);
	assert_fails(db_exec(f->city, "UPDATE play SET at_ms = 1 WHERE seq = 1", "test",
			     &f->err),
		     f->err, ERR_CONFLICT, "append only");
	assert_fails(db_exec(f->city, "DELETE FROM hourly", "test", &f->err), f->err,
		     ERR_CONFLICT, "append only");
}

/* Rows as version 2 of the schema kept them. */
static void put_old_row(struct fixture *f, int seq, int boot, int64_t began, int64_t mono,
			bool synchronised)
{
	char sql[600], at[32] = "NULL";

	if (synchronised)
		snprintf(at, sizeof(at), "%lld", (long long)began);
	snprintf(sql, sizeof(sql),
		 "INSERT INTO play VALUES (1, %d, 1, %d, 7, %lld, %lld, %d, 10000, 0, "
		 "10000, 0, zeroblob(32), %s, %lld)",
		 seq, boot, (long long)began, (long long)mono, synchronised, at,
		 (long long)RECEIVED.ms);
	assert_ok(db_exec(f->city, sql, "test", &f->err), f->err);
}

static void ledger_of_an_earlier_version_is_placed_and_summed_up(void **state)
{
	struct fixture *f = *state;
	uint8_t content[PLAY_HASH_SIZE];
	char hex[2 * PLAY_HASH_SIZE + 1], sql[400];

	ledger_free(f->ledger);
	db_close(f->city);
	free(f->city_path);
	f->ledger = NULL;
	f->city_path = tmp_path(f->dir, "old.db");
	open_city(f, 2);
	add_screen(f);
	sample_content("flu", 1, content);
	hex_encode(content, sizeof(content), hex);
	snprintf(sql, sizeof(sql),
		 "INSERT INTO slide VALUES (1, x'%s', 'notice/flu/1', 'notice/flu', 1);"
		 "INSERT INTO boot VALUES (1, 1, '" BOOT_A "'), (2, 1, '" BOOT_B "');"
		 "UPDATE screen SET durable_seq = 6",
		 hex);
	assert_ok(db_exec(f->city, sql, "test", &f->err), f->err);
	put_old_row(f, 1, 1, 1000, 1000, false);
	put_old_row(f, 2, 1, SAMPLE_AT + 10000, 11000, true);
	put_old_row(f, 3, 1, 2000, 21000, false);
	put_old_row(f, 4, 1, SAMPLE_AT + 30400, 31000, true);
	put_old_row(f, 5, 2, 1000, 1000, false);
	put_old_row(f, 6, 1, fiscal_year_start(2026).ms - 1, 41000, true);
	/* Behind a gap. */
	put_old_row(f, 8, 1, 1000, 51000, false);
	db_close(f->city);

	open_city(f, citydb_migration_count);
	open_ledger(f);
	publish(f);
	assert_times(f, "1+0 2+10000 3+20000 4+30400 5? 6+-20359740001 8?");
	assert_counts(f, 4, 2);
	assert_int_equal(summary_of(f, 2025).complete, 1);
	assert_int_equal(summary_of(f, 2025).late, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(first_right_clock_of_a_boot_places_what_came_before),
		TEST(boot_that_never_had_a_clock_stays_undated),
		TEST(same_boot_id_of_another_screen_tells_nothing),
		TEST(clock_that_jumps_within_a_boot_moves_no_play),
		TEST(order_of_batches_plays_no_part),
		TEST(placed_play_counts_in_the_year_it_was_made_in),
		TEST(time_that_was_given_is_never_changed),
		TEST(ledger_of_an_earlier_version_is_placed_and_summed_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
