/*
 * Databases of every earlier version, made by the migrations up to it, filled as programs of
 * that time filled them, and opened by the programs of today: all that was in them is there,
 * what is made from it agrees, and it goes on.
 */
#include <inttypes.h>

#include "sample_city.h"

#define PLAYS   400
#define NOTICES 3

/* The plays that all these databases hold: over two fiscal years, with three boots. */
static struct play play_of(int64_t seq)
{
	char id[8];
	struct play play = {.seq = seq, .shown = {10000}, .outcome = PLAY_COMPLETE};

	snprintf(id, sizeof(id), "n-%d", (int)(seq % NOTICES));
	play.start = sample_start(id, 1, SAMPLE_AT + seq * INT64_C(86400000));
	play.start.proof = (struct play_proof){0}; /* there was none */
	play.start.boot_id[0] = (char)('0' + seq / 150);
	play.start.began_mono.ms = seq * INT64_C(86400000);
	play.start.programme_version = seq / 10;
	if (seq % 5 == 0) {
		play.shown.ms = 4000;
		play.outcome = PLAY_EMERGENCY;
	}
	if (seq % 11 == 0) {
		play.start.output = PLAY_OUTPUT_OFF;
		play.outcome = PLAY_OUTPUT;
	}
	/* The first of each boot were made before the clock was set. */
	if (seq % 150 < 3) {
		play.start.synchronised = false;
		play.start.began.ms = play.start.began_mono.ms;
	}
	return play;
}

static void bind_play(sqlite3_stmt *stmt, const struct play *play,
		      const uint8_t hash[static SHA256_SIZE])
{
	const struct play_start *start = &play->start;

	sqlite3_bind_int64(stmt, 1, play->seq);
	sqlite3_bind_text(stmt, 2, start->boot_id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, start->slide_id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, start->item_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, start->item_revision);
	sqlite3_bind_blob(stmt, 6, start->content_hash, PLAY_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 7, start->programme_version);
	sqlite3_bind_int64(stmt, 8, start->began.ms);
	sqlite3_bind_int64(stmt, 9, start->began_mono.ms);
	sqlite3_bind_int(stmt, 10, start->synchronised);
	sqlite3_bind_int64(stmt, 11, start->planned.ms);
	sqlite3_bind_int(stmt, 12, (int)start->output);
	sqlite3_bind_int64(stmt, 13, play->shown.ms);
	sqlite3_bind_int(stmt, 14, (int)play->outcome);
	sqlite3_bind_blob(stmt, 15, hash, SHA256_SIZE, SQLITE_STATIC);
	/* Parameters that a statement does not have are passed over. */
	sqlite3_bind_int(stmt, 16, !start->synchronised);
}

/* Runs each of @sql (up to a NULL) with each of the plays. */
static void put_plays(struct sample *s, struct db *db, const char *const *sql)
{
	uint8_t hash[SHA256_SIZE] = {0}, next[SHA256_SIZE];

	sample_run(s, db, "BEGIN");
	for (int64_t seq = 1; seq <= PLAYS; seq++) {
		struct play play = play_of(seq);

		assert_ok(play_hash(hash, SAMPLE_SCREEN, &play, next, &s->err), s->err);
		memcpy(hash, next, sizeof(hash));
		for (size_t i = 0; sql[i]; i++) {
			CLEANUP(db_finalize)
			sqlite3_stmt *stmt = db_prepare(db, sql[i], &s->err);

			assert_ok(stmt, s->err);
			bind_play(stmt, &play, hash);
			assert_ok(db_run(db, stmt, "test", &s->err), s->err);
		}
	}
	sample_run(s, db, "COMMIT");
}

/* --- The screen's log ------------------------------------------------------------------- */

static const char *const log_1[] = {
	"INSERT INTO play (seq, boot_id, slide_id, item_id, item_revision, content_hash,"
	" programme_version, began_ms, began_mono_ms, synchronised, planned_ms, output,"
	" shown_ms, outcome, hash, acknowledged_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,"
	" ?9, ?10, ?11, ?12, ?13, ?14, ?15, CASE WHEN ?1 <= 100 THEN ?1 * 3600000 END)",
	NULL};

static const char *const log_2[] = {
	"INSERT INTO slide (slide_id, item_id, item_revision, content_hash)"
	" VALUES (?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
	"INSERT INTO boot (boot_id) VALUES (?2) ON CONFLICT DO NOTHING",
	"INSERT INTO play (seq, boot, slide, programme_version, began_ms, began_mono_ms,"
	" synchronised, planned_ms, output, shown_ms, outcome, hash)"
	" VALUES (?1, (SELECT number FROM boot WHERE boot_id = ?2),"
	" (SELECT number FROM slide WHERE slide_id = ?3 AND content_hash = ?6), ?7, ?8, ?9,"
	" ?10, ?11, ?12, ?13, ?14, ?15)",
	"INSERT OR REPLACE INTO acknowledged SELECT ?1, ?1 * 3600000, ?1 WHERE ?1 <= 100",
	NULL};

/* How a program of each version of the log recorded; the newest is what tests run always. */
static const char *const *const log_programs[] = {log_1, log_2};

static void log_of_version_is_read_by_today(struct sample *s, size_t version)
{
	char name[32], *path;
	struct play_batch *batch;
	struct playlog *log;
	uint8_t hash[SHA256_SIZE];
	int64_t pruned, after = 100;
	struct db *db;

	snprintf(name, sizeof(name), "log-%zu.db", version);
	path = tmp_path(s->dir, name);
	db = db_open(path, playlog_migrations, version, &s->err);
	assert_ok(db, s->err);
	sample_run(s, db,
		   "INSERT INTO log (one, screen_id, pruned_hash, acknowledged_seq)"
		   " VALUES (1, '" SAMPLE_SCREEN "', zeroblob(32), 100)");
	put_plays(s, db, log_programs[version - 1]);
	db_close(db);

	db = db_open(path, playlog_migrations, playlog_migration_count, &s->err);
	assert_ok(db, s->err);
	log = playlog_new(db, SAMPLE_SCREEN, &s->err);
	assert_ok(log, s->err);
	assert_int_equal(playlog_last_closed(log), PLAYS);
	assert_int_equal(playlog_acknowledged(log), 100);
	assert_ok(playlog_prune(log, (struct wall_ms){90 * INT64_C(3600000) + 1}, &pruned,
				&s->err),
		  s->err);
	assert_int_equal(pruned, 90);
	sample_fill(log, 5);
	while (after < PLAYS + 5) {
		batch = sample_batch(log, after, 100);
		memcpy(hash, batch->previous, sizeof(hash));
		for (size_t i = 0; i < batch->play_count; i++) {
			struct play expected = play_of(batch->plays[i].seq);

			if (++after <= PLAYS)
				assert_memory_equal(&batch->plays[i], &expected,
						    sizeof(expected));
			assert_ok(play_hash(hash, SAMPLE_SCREEN, &batch->plays[i], hash,
					    &s->err),
				  s->err);
			assert_memory_equal(hash, batch->hashes[i], sizeof(hash));
		}
		play_batch_free(batch);
	}
	playlog_free(log);
	db_close(db);
	free(path);
}

static void every_earlier_log_of_a_screen_goes_on(void **state)
{
	struct sample *s = *state;

	/* A new version needs a program that fills it. */
	assert_int_equal(ARRAY_LEN(log_programs), playlog_migration_count - 1);
	for (size_t version = 1; version < playlog_migration_count; version++)
		log_of_version_is_read_by_today(s, version);
}

/* --- The city --------------------------------------------------------------------------- */

static const char people[] =
	"INSERT INTO staff VALUES ('hanako', 2, 'hash', 0, 0, 1);"
	"INSERT INTO notice VALUES ('n-1', 1, 1, '{}', 'hanako', 5);"
	"INSERT INTO screen (number, id, place, state, counts, code_until_ms, public_key,"
	" created_ms, enrolled_ms, last_upload_ms) VALUES (7, '" SAMPLE_SCREEN
	"', '田無駅', 1, 1, 5, zeroblob(32), 1, 2, 3)";

static const char knowing[] =
	"INSERT INTO published_notice SELECT content_hash, substr(item_id, 8),"
	" item_revision, item_id || 'の題', '健康課', 1, 0, 5 FROM slide";

#define SLIDE_AND_BOOT                                                                   \
	"INSERT INTO slide (content_hash, slide_id, item_id, item_revision)"             \
	" VALUES (?6, ?3, ?4, ?5) ON CONFLICT DO NOTHING",                               \
		"INSERT INTO boot (screen, boot_id) VALUES (7, ?2) ON CONFLICT DO NOTHING"

#define PLAY                                                                             \
	"INSERT INTO play (screen, seq, slide, boot, programme_version, began_ms,"       \
	" began_mono_ms, synchronised, planned_ms, output, shown_ms, outcome, hash,"     \
	" at_ms, received_ms) VALUES (7, ?1, (SELECT number FROM slide WHERE"            \
	" slide_id = ?3 AND content_hash = ?6), (SELECT number FROM boot WHERE"          \
	" boot_id = ?2), ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, "

/* Before there was a way to learn the time later. */
static const char *const city_2[] = {
	SLIDE_AND_BOOT, PLAY "CASE ?16 WHEN 0 THEN ?8 END, 1900000000000)", NULL};

#define AT   "(?9 + 1795328940000)"
#define SEEN " WHERE ?12 <> 1 AND ?14 <> 6"
#define TOTAL(TABLE, TIME)                                                                \
	"INSERT INTO " TABLE " SELECT (SELECT number FROM slide WHERE slide_id = ?3 AND"  \
	" content_hash = ?6), " TIME ", 7, ?14 = 0, ?14 <> 0, ?13, " AT                   \
	" < 1806505200000 AND 1900000000000 >= 1806505200000"                             \
	" OR " AT " < 1838127600000 AND 1900000000000 >= 1838127600000,"                  \
	" CASE ?14 WHEN 0 THEN " AT " END, CASE ?14 WHEN 0 THEN " AT " END" SEEN          \
	" ON CONFLICT DO UPDATE SET complete = complete + excluded.complete,"             \
	" partial = partial + excluded.partial, shown_ms = shown_ms + excluded.shown_ms," \
	" late = late + excluded.late,"                                                   \
	" first_ms = COALESCE(first_ms, excluded.first_ms),"                              \
	" last_ms = COALESCE(excluded.last_ms, last_ms)"

#define PLACED SLIDE_AND_BOOT, PLAY AT ", 1900000000000)"
#define HOURLY TOTAL("hourly", AT " / 3600000")
#define MONTHLY                                                                          \
	TOTAL("monthly", "strftime('%Y', " AT " / 1000 + 32400, 'unixepoch') * 12"       \
			 " + strftime('%m', " AT " / 1000 + 32400, 'unixepoch') - 1")
#define OFFSET "UPDATE boot SET offset_ms = 1795328940000"

static const char *const city_3[] = {PLACED, HOURLY, OFFSET, NULL};
static const char *const city_4[] = {PLACED, HOURLY, OFFSET, MONTHLY, NULL};

/* How a program of each version of the database kept plays. */
static const char *const *const city_programs[] = {NULL,   city_2, city_3, city_4,
						   city_4, city_4, city_4};

static void fill_city(struct sample *s, struct db *db, size_t version)
{
	sample_run(s, db, people);
	assert_ok(audit_append(db, "hanako", "publish", "n-1", "x", SAMPLE_RECEIVED,
			       &s->err),
		  s->err);
	if (!city_programs[version - 1])
		return;
	put_plays(s, db, city_programs[version - 1]);
	sample_run(s, db, knowing);
	sample_run(s, db, "UPDATE screen SET durable_seq = 400");
	sample_run(
		s, db,
		"INSERT INTO quarantine (screen, seq, row_sha256, row, reason,"
		" received_ms) VALUES (7, 401, zeroblob(32), '{}', 'bad', 1800000000000)");
	if (version >= 5)
		sample_run(s, db,
			   "INSERT INTO result (initiative, series, fiscal_year, value,"
			   " source, note, who, at_ms)"
			   " VALUES (1, '', 2025, 7, 'x', '', 'hanako', 1)");
}

static void assert_kept(struct sample *s, struct db *db, const char *sql,
			int64_t expected)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(db, sql, &s->err);
	bool row;

	assert_ok(stmt && db_step(db, stmt, &row, "test", &s->err), s->err);
	assert_int_equal(sqlite3_column_int64(stmt, 0), expected);
}

/* @reports are those that every version must come to, once the first has. */
static void city_of_version_is_read_by_today(struct sample *s, size_t version,
					     struct sample_report *reports)
{
	struct sample_city city;
	struct sample_report report;
	char name[32];
	int64_t rows;

	snprintf(name, sizeof(name), "city-%zu.db", version);
	city = (struct sample_city){.path = tmp_path(s->dir, name)};
	city.db = db_open(city.path, citydb_migrations, version, &s->err);
	assert_ok(city.db, s->err);
	fill_city(s, city.db, version);
	db_close(city.db);

	sample_city_open(s, &city);
	assert_kept(s, city.db, "SELECT COUNT(*) FROM staff WHERE name = 'hanako'", 1);
	assert_kept(s, city.db, "SELECT COUNT(*) FROM notice WHERE id = 'n-1'", 1);
	assert_ok(audit_verify(city.db, &rows, &s->err), s->err);
	assert_int_equal(rows, 1);
	assert_kept(s, city.db, "SELECT COUNT(*) FROM result", version >= 5);
	if (city_programs[version - 1]) {
		assert_ok(ledger_verify(city.ledger, SAMPLE_SCREEN, &rows, &s->err),
			  s->err);
		assert_int_equal(rows, PLAYS);
		assert_ok(ledger_verify_firsts(city.ledger, &rows, &s->err), s->err);
		for (int i = 0; i < 3; i++) {
			report = sample_report(s, &city, SAMPLE_YEAR + i);
			if (reports[i].len > 0)
				assert_string_equal(report.text, reports[i].text);
			reports[i] = report;
		}
		assert_int_equal(reports[0].summary.notices, NOTICES);
		assert_int_equal(reports[0].summary.quarantined, 1);
	}
	sample_city_close(&city);
	free(city.path);
}

static void every_earlier_database_of_a_city_has_the_same_reports(void **state)
{
	static struct sample_report reports[3];
	struct sample *s = *state;

	assert_int_equal(ARRAY_LEN(city_programs), citydb_migration_count - 1);
	for (size_t version = 1; version < citydb_migration_count; version++)
		city_of_version_is_read_by_today(s, version, reports);
	/* Offsets of boots: plays made before the clock was set are placed by all. */
	assert_int_equal(reports[0].summary.undated + reports[1].summary.undated, 0);
	assert_int_equal(reports[0].summary.complete + reports[1].summary.complete +
				 reports[0].summary.partial + reports[1].summary.partial +
				 reports[2].summary.complete + reports[2].summary.partial,
			 PLAYS - PLAYS / 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SAMPLE_TEST(every_earlier_log_of_a_screen_goes_on),
		SAMPLE_TEST(every_earlier_database_of_a_city_has_the_same_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
