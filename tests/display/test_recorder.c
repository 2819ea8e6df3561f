#include "display/recorder.h"

#include <dirent.h>
#include <poll.h>
#include <unistd.h>

#include "core/play.h"
#include "display/identity.h"
#include "display/play_queue.h"
#include "os/clock.h"
#include "store/playlog.h"
#include "wire/play_batch.h"
#include "wire/play_upload.h"

#include "box.h"

static const struct wall_ms now = {INT64_C(1795329000000)};

static struct box box;
static struct identity *identity;
static int64_t max_bytes;

static int set_up(void **state)
{
	struct err err = {0};

	(void)state;
	box = box_new(now);
	max_bytes = 0;
	identity = identity_new(box.state, &err);
	assert_ok(identity != NULL, err);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	identity_free(identity);
	box_free(&box);
	return 0;
}

static struct recorder *recorder(void)
{
	const struct recorder_options options = {
		.state = box.state,
		.outbox = box.outbox,
		.identity = identity,
		.keep.ms = INT64_C(30) * 86400000,
		.max_bytes = max_bytes,
	};
	struct err err = {0};
	struct recorder *made = recorder_new(&options, &err);

	assert_ok(made != NULL, err);
	return made;
}

static struct play_start start_at(int64_t mono)
{
	struct play_start start = {
		.boot_id = "01234567-89ab-4cde-8f01-23456789abcd",
		.slide_id = "notice/festival",
		.item_id = "notice/festival",
		.item_revision = 3,
		.programme_version = 7,
		.began = {now.ms + mono},
		.began_mono = {mono},
		.synchronised = true,
		.planned = {8000},
		.output = PLAY_OUTPUT_ON,
	};

	return start;
}

static void play(struct recorder *into, int64_t mono)
{
	struct play_start start = start_at(mono);

	recorder_begin(into, &start);
	recorder_end(into, (struct span_ms){8400}, 1, PLAY_COMPLETE);
	recorder_alive(into, (struct mono_ms){mono + 8400});
}

static void open_log(struct db **db, struct playlog **log)
{
	struct err err = {0};
	char path[PATH_MAX + 20];

	snprintf(path, sizeof(path), "%s/plays.db", box.state);
	*db = db_open(path, playlog_migrations, playlog_migration_count, &err);
	assert_ok(*db != NULL, err);
	*log = playlog_new(*db, BOX_SCREEN, &err);
	assert_ok(*log != NULL, err);
}

/* Highest closed and acknowledged row, from the database as it is. */
static int64_t closed_rows(int64_t *out_acknowledged)
{
	struct playlog *log;
	struct db *db;
	int64_t closed;

	open_log(&db, &log);
	closed = playlog_last_closed(log);
	if (out_acknowledged)
		*out_acknowledged = playlog_acknowledged(log);
	playlog_free(log);
	db_close(db);
	return closed;
}

static int batches(void)
{
	DIR *dir = opendir(box.outbox);
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += strncmp(entry->d_name, "plays-", 6) == 0;
	closedir(dir);
	return count;
}

/* Until the other thread has come so far; fails after ten seconds. */
static void wait_for_batches(int count)
{
	for (int tries = 0; tries < 1000 && batches() != count; tries++)
		poll(NULL, 0, 10);
	assert_int_equal(batches(), count);
}

static struct play_batch *read_batch(int64_t first)
{
	uint8_t public_key[32];
	struct play_batch *batch;
	struct err err = {0};
	char name[64], *path, *bytes;
	size_t len;

	snprintf(name, sizeof(name), "plays-%020" PRId64 ".json", first);
	path = tmp_path(box.outbox, name);
	bytes = tmp_read(path, &len);
	signer_public(box.screen, public_key);
	batch = play_batch_from_json(bytes, len, public_key, &err);
	assert_ok(batch != NULL, err);
	free(bytes);
	free(path);
	return batch;
}

static struct play_ack ack_of(int64_t seq, int64_t at)
{
	struct play_ack ack = {.durable_seq = seq, .at = {now.ms + at}};

	snprintf(ack.screen_id, sizeof(ack.screen_id), "%s", BOX_SCREEN);
	return ack;
}

static void plays_become_rows_and_a_signed_batch(void **state)
{
	struct recorder *into = recorder();
	struct play_batch *batch;

	(void)state;
	play(into, 1000);
	play(into, 10000);
	recorder_free(into);
	assert_int_equal(closed_rows(NULL), 2);

	/* The first may have been sealed alone; together they are both rows, in order. */
	batch = read_batch(1);
	assert_string_equal(batch->screen_id, BOX_SCREEN);
	assert_int_equal(batch->bad_count, 0);
	assert_true(batch->play_count >= 1);
	assert_int_equal(batch->plays[0].seq, 1);
	assert_string_equal(batch->plays[0].start.slide_id, "notice/festival");
	assert_int_equal(batch->plays[0].start.item_revision, 3);
	assert_int_equal(batch->plays[0].shown.ms, 8400);
	assert_int_equal(batch->plays[0].outcome, PLAY_COMPLETE);
	play_batch_free(batch);
}

static void open_play_is_closed_as_power_at_the_next_start(void **state)
{
	struct play_start start = start_at(1000);
	struct recorder *into = recorder();
	struct play_batch *batch;

	(void)state;
	recorder_begin(into, &start);
	recorder_free(into);
	assert_int_equal(closed_rows(NULL), 0);
	recorder_free(recorder());
	assert_int_equal(closed_rows(NULL), 1);
	batch = read_batch(1);
	assert_int_equal(batch->plays[0].outcome, PLAY_POWER);
	play_batch_free(batch);
}

static void open_play_was_seen_when_the_frame_loop_said_so_last(void **state)
{
	static const int64_t alive[] = {4900, 5100}, shown[] = {0, 4100};

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct play_start start = start_at(1000);
		struct recorder *into = recorder();
		struct play_batch *batch;

		recorder_begin(into, &start);
		/* Noted every four seconds, and on no clock of the recorder's own. */
		recorder_alive(into, (struct mono_ms){alive[i]});
		recorder_free(into);
		recorder_free(recorder());
		batch = read_batch(1);
		assert_int_equal(batch->plays[i].shown.ms, shown[i]);
		play_batch_free(batch);
	}
}

static void what_never_began_does_not_end(void **state)
{
	struct recorder *into = recorder();

	(void)state;
	recorder_end(into, (struct span_ms){1}, 1, PLAY_COMPLETE);
	play(into, 1000);
	recorder_end(into, (struct span_ms){1}, 1, PLAY_COMPLETE);
	recorder_free(into);
	assert_int_equal(closed_rows(NULL), 1);
}

static void wrong_play_is_left_out_without_holding_up_others(void **state)
{
	struct play_start wrong = start_at(500);
	struct recorder *into = recorder();

	(void)state;
	wrong.planned.ms = -1;
	recorder_begin(into, &wrong);
	recorder_end(into, (struct span_ms){8400}, 1, PLAY_COMPLETE);
	play(into, 1000);
	recorder_free(into);
	assert_int_equal(closed_rows(NULL), 1);
}

static void confirmed_batches_leave_the_outbox(void **state)
{
	struct recorder *into = recorder();
	struct play_ack ack = ack_of(1, 1);
	int64_t acknowledged = 0;

	(void)state;
	play(into, 1000);
	wait_for_batches(1);
	recorder_acknowledge(into, &ack);
	wait_for_batches(0);
	play(into, 10000);
	wait_for_batches(1);
	recorder_free(into);
	assert_int_equal(closed_rows(&acknowledged), 2);
	assert_int_equal(acknowledged, 1);
}

static void city_back_from_a_backup_gets_everything_again(void **state)
{
	struct recorder *into = recorder();
	struct play_ack ack = ack_of(1, 1), older = ack_of(0, 0), backup = ack_of(0, 2);
	struct play_batch *batch;

	(void)state;
	play(into, 1000);
	wait_for_batches(1);
	recorder_acknowledge(into, &ack);
	wait_for_batches(0);
	/* An old answer laid there again is not believed; a newer one that is lower is. */
	recorder_acknowledge(into, &older);
	recorder_acknowledge(into, &backup);
	wait_for_batches(1);
	batch = read_batch(1);
	assert_int_equal(batch->plays[0].seq, 1);
	play_batch_free(batch);
	recorder_free(into);
}

static void answer_of_a_city_whose_clock_is_ahead_shuts_out_no_later_one(void **state)
{
	struct recorder *into = recorder();
	int64_t ahead = clock_now().wall.ms - now.ms + 3600000;
	struct play_ack wrong = ack_of(1, ahead), right = ack_of(2, ahead - 1800000);

	(void)state;
	play(into, 1000);
	wait_for_batches(1);
	recorder_acknowledge(into, &wrong);
	wait_for_batches(0);
	play(into, 10000);
	wait_for_batches(1);
	recorder_acknowledge(into, &right);
	wait_for_batches(0);
	recorder_free(into);
}

static void rows_confirmed_by_a_city_in_1970_are_kept(void **state)
{
	struct recorder *into = recorder();
	struct play_ack ack = ack_of(1, 1000 - now.ms);
	struct playlog *log;
	struct err err = {0};
	struct db *db;
	int64_t pruned;

	(void)state;
	play(into, 1000);
	wait_for_batches(1);
	recorder_acknowledge(into, &ack);
	wait_for_batches(0);
	recorder_free(into);
	open_log(&db, &log);
	assert_int_equal(playlog_acknowledged(log), 1);
	assert_ok(playlog_prune(log, (struct wall_ms){clock_now().wall.ms - DAY_MS},
				&pruned, &err),
		  err);
	assert_int_equal(pruned, 0);
	playlog_free(log);
	db_close(db);
}

/* --- what a run that was killed has left --------------------------------------------- */

static struct play_queue *queue(void)
{
	struct err err = {0};
	struct play_queue *made;
	bool is_kept = false;
	char *path = tmp_path(box.state, "plays.queue");

	made = play_queue_new(path, &is_kept, &err);
	assert_ok(made != NULL, err);
	assert_true(is_kept);
	free(path);
	return made;
}

/* A queue of this boot, with plays that began at the times up to a 0; all but the last ended. */
static void leave_plays(const int64_t *mono)
{
	struct play_queue *left = queue();

	for (; *mono; mono++) {
		struct play_entry begin = {.kind = PLAY_ENTRY_BEGIN,
					   .start = start_at(*mono)};
		struct play_entry end = {.kind = PLAY_ENTRY_END,
					 .end = {{8400}, 3, PLAY_COMPLETE}};

		assert_true(play_queue_put(left, &begin));
		if (mono[1])
			assert_true(play_queue_put(left, &end));
	}
	play_queue_free(left);
}

/* The outcomes in the log, one letter each. */
static void assert_outcomes(const char *expected)
{
	struct play_batch *batch = NULL;
	struct playlog *log;
	struct err err = {0};
	struct db *db;

	open_log(&db, &log);
	assert_ok(playlog_batch(log, 0, PLAY_BATCH_ROWS_MAX, &batch, &err), err);
	assert_non_null(batch);
	assert_int_equal(batch->play_count, strlen(expected));
	for (size_t i = 0; i < batch->play_count; i++)
		assert_int_equal(play_outcome_name(batch->plays[i].outcome)[0],
				 expected[i]);
	play_batch_free(batch);
	playlog_free(log);
	db_close(db);
}

static void plays_that_were_queued_when_the_program_was_killed_are_recorded(void **state)
{
	(void)state;
	leave_plays((int64_t[]){1000, 10000, 20000, 0});
	recorder_free(recorder());
	assert_outcomes("ccp");
	recorder_free(recorder());
	assert_outcomes("ccp");
}

static void kill_between_log_and_queue_writes_no_play_twice(void **state)
{
	struct play_start first = start_at(1000);
	struct playlog *log;
	struct err err = {0};
	struct db *db;
	int64_t seq;

	(void)state;
	/* The beginning was written, and is still queued. */
	open_log(&db, &log);
	assert_ok(playlog_begin(log, &first, &seq, &err), err);
	playlog_free(log);
	db_close(db);
	leave_plays((int64_t[]){1000, 10000, 0});
	recorder_free(recorder());
	assert_outcomes("cp");
}

static void row_left_open_two_runs_ago_is_closed_before_the_next_play(void **state)
{
	struct play_start first = start_at(1000);
	struct playlog *log;
	struct err err = {0};
	struct db *db;
	int64_t seq;

	(void)state;
	/* The run after that could not open the log, and was killed, too. */
	open_log(&db, &log);
	assert_ok(playlog_begin(log, &first, &seq, &err), err);
	playlog_free(log);
	db_close(db);
	leave_plays((int64_t[]){10000, 20000, 0});
	recorder_free(recorder());
	assert_outcomes("pcp");
}

static void kill_between_log_and_queue_ends_no_play_twice(void **state)
{
	struct play_entry begin = {.kind = PLAY_ENTRY_BEGIN, .start = start_at(10000)};
	struct play_entry end = {.kind = PLAY_ENTRY_END,
				 .end = {{8400}, 3, PLAY_COMPLETE}};
	struct play_queue *left;

	(void)state;
	{
		struct recorder *into = recorder();

		play(into, 1000);
		recorder_free(into);
	}
	left = queue();
	assert_int_equal(play_queue_count(left), 0);
	assert_true(play_queue_put(left, &end));
	assert_true(play_queue_put(left, &begin));
	play_queue_free(left);
	recorder_free(recorder());
	assert_outcomes("cp");
}

/* The end of one play and the beginning of the next were written, and are still queued. */
static void kill_between_log_and_queue_ends_no_next_play(void **state)
{
	struct play_start first = start_at(1000), next = start_at(10000);
	struct play_entry begin = {.kind = PLAY_ENTRY_BEGIN, .start = next};
	struct play_entry end = {.kind = PLAY_ENTRY_END,
				 .end = {{8400}, 3, PLAY_COMPLETE}};
	struct play_queue *left;
	struct playlog *log;
	struct err err = {0};
	struct db *db;
	int64_t seq;

	(void)state;
	open_log(&db, &log);
	assert_ok(playlog_begin(log, &first, &seq, &err), err);
	assert_ok(playlog_next_play(log, seq, end.end.shown, 3, PLAY_COMPLETE, &next,
				    &seq, &err),
		  err);
	playlog_free(log);
	db_close(db);
	left = queue();
	assert_true(play_queue_put(left, &end));
	assert_true(play_queue_put(left, &begin));
	play_queue_free(left);
	recorder_free(recorder());
	assert_outcomes("cp");
}

static void plays_that_follow_each_other_are_recorded(void **state)
{
	struct recorder *into = recorder();

	(void)state;
	for (int i = 0; i < 20; i++) {
		play(into, 10000 * (i + 1));
		/* At some changes the thread finds two entries, at some more. */
		if (i % 3 == 0)
			usleep(2000);
	}
	recorder_free(into);
	assert_outcomes("cccccccccccccccccccc");
}

static void queue_of_another_boot_is_not_looked_at(void **state)
{
	char *path = tmp_path(box.state, "plays.queue"), *bytes, *boot, id[64];
	struct err err = {0};
	size_t len;

	(void)state;
	leave_plays((int64_t[]){1000, 10000, 0});
	bytes = tmp_read(path, &len);
	assert_ok(clock_boot_id(id, &err), err);
	boot = memmem(bytes, len, id, strlen(id));
	assert_non_null(boot);
	boot[0] = boot[0] == '0' ? '1' : '0';
	tmp_write(box.state, "plays.queue", bytes, len);
	{
		struct recorder *into = recorder();

		play(into, 30000);
		recorder_free(into);
	}
	assert_outcomes("c");
	free(bytes);
	free(path);
}

static void log_that_cannot_be_opened_is_tried_again(void **state)
{
	char *path = tmp_path(box.state, "plays.db");
	struct recorder *into;

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	into = recorder();
	play(into, 1000);
	assert_int_equal(rmdir(path), 0);
	wait_for_batches(1);
	recorder_free(into);
	assert_outcomes("c");
	free(path);
}

static void answer_for_another_screen_or_too_high_changes_nothing(void **state)
{
	struct recorder *into = recorder();
	struct play_ack other = ack_of(1, 5), high = ack_of(50, 6);
	int64_t acknowledged = 99;

	(void)state;
	play(into, 1000);
	wait_for_batches(1);
	snprintf(other.screen_id, sizeof(other.screen_id), "hoya-1");
	recorder_acknowledge(into, &other);
	recorder_acknowledge(into, &high);
	recorder_free(into);
	assert_int_equal(closed_rows(&acknowledged), 1);
	assert_int_equal(acknowledged, 0);
	assert_int_equal(batches(), 1);
}

static void city_out_of_reach_leaves_plays_in_the_log(void **state)
{
	struct recorder *into = recorder();

	(void)state;
	for (int i = 0; i < 40; i++)
		play(into, 1000 + i * 9000);
	recorder_free(into);
	assert_int_equal(closed_rows(NULL), 40);
	/* Nothing was confirmed: one batch, and what waited for its answer at the end. */
	assert_in_range(batches(), 1, 2);
	{
		struct play_batch *batch = read_batch(1);
		size_t rows = batch->play_count;

		play_batch_free(batch);
		if (rows < 40) {
			batch = read_batch(1 + (int64_t)rows);
			assert_int_equal(rows + batch->play_count, 40);
			play_batch_free(batch);
		}
	}
	into = recorder();
	wait_for_batches(1);
	recorder_free(into);
	{
		struct play_batch *batch = read_batch(1);

		/* Made anew at the start, now with all of them. */
		assert_int_equal(batch->play_count, 40);
		play_batch_free(batch);
	}
}

static void key_that_others_can_read_is_refused(void **state)
{
	struct err err = {0};
	char path[PATH_MAX + 20];

	(void)state;
	snprintf(path, sizeof(path), "%s/screen.key", box.state);
	assert_int_equal(chmod(path, 0640), 0);
	assert_fails(identity_new(box.state, &err) != NULL, err, ERR_DENIED, "chmod 600");
}

static void box_without_enrolment_says_so(void **state)
{
	struct err err = {0};

	(void)state;
	box_remove(box.state, "screen.json");
	assert_fails(identity_new(box.state, &err) != NULL, err, ERR_NOT_FOUND,
		     "screen.json");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

/* --- What does not go as rows ------------------------------------------------------------ */

/* The kind of the document that begins with row @first. */
static enum play_upload_kind kind_of(int64_t first)
{
	struct play_upload *upload;
	enum play_upload_kind kind;
	struct err err = {0};
	char name[64], *path, *bytes;
	uint8_t public_key[32];
	size_t len;

	snprintf(name, sizeof(name), "plays-%020" PRId64 ".json", first);
	path = tmp_path(box.outbox, name);
	bytes = tmp_read(path, &len);
	upload = play_upload_open(bytes, len, &err);
	assert_ok(upload != NULL, err);
	signer_public(box.screen, public_key);
	assert_ok(play_upload_verify(upload, public_key, &err), err);
	kind = play_upload_kind(upload);
	play_upload_free(upload);
	free(bytes);
	free(path);
	return kind;
}

static void change_log(const char *sql)
{
	struct err err = {0};
	struct playlog *log;
	struct db *db;

	open_log(&db, &log);
	assert_ok(db_exec(db, sql, "test", &err), err);
	playlog_free(log);
	db_close(db);
}

static void record_rows(int count)
{
	struct recorder *made = recorder();

	for (int i = 0; i < count; i++)
		play(made, 10000 * (i + 1));
	recorder_free(made);
	assert_int_equal(closed_rows(NULL), count);
}

static void rotten_row_is_stated_and_the_rows_behind_it_are_sealed(void **state)
{
	(void)state;
	record_rows(9);
	change_log("UPDATE play SET planned_ms = 0 WHERE seq = 4");
	recorder_free(recorder());
	assert_int_equal(batches(), 3);
	assert_int_equal(kind_of(1), PLAY_UPLOAD_ROWS);
	assert_int_equal(kind_of(4), PLAY_UPLOAD_LOST);
	assert_int_equal(kind_of(5), PLAY_UPLOAD_ROWS);
}

static void log_over_its_size_is_folded(void **state)
{
	(void)state;
	record_rows(80);
	max_bytes = 1;
	recorder_free(recorder());
	max_bytes = 0;
	recorder_free(recorder());
	assert_int_equal(batches(), 1);
	assert_int_equal(kind_of(1), PLAY_UPLOAD_FOLD);
	assert_int_equal(closed_rows(NULL), 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(plays_become_rows_and_a_signed_batch),
		TEST(open_play_is_closed_as_power_at_the_next_start),
		TEST(open_play_was_seen_when_the_frame_loop_said_so_last),
		TEST(what_never_began_does_not_end),
		TEST(wrong_play_is_left_out_without_holding_up_others),
		TEST(confirmed_batches_leave_the_outbox),
		TEST(city_back_from_a_backup_gets_everything_again),
		TEST(answer_of_a_city_whose_clock_is_ahead_shuts_out_no_later_one),
		TEST(rows_confirmed_by_a_city_in_1970_are_kept),
		TEST(plays_that_were_queued_when_the_program_was_killed_are_recorded),
		TEST(kill_between_log_and_queue_writes_no_play_twice),
		TEST(row_left_open_two_runs_ago_is_closed_before_the_next_play),
		TEST(kill_between_log_and_queue_ends_no_play_twice),
		TEST(kill_between_log_and_queue_ends_no_next_play),
		TEST(plays_that_follow_each_other_are_recorded),
		TEST(queue_of_another_boot_is_not_looked_at),
		TEST(log_that_cannot_be_opened_is_tried_again),
		TEST(answer_for_another_screen_or_too_high_changes_nothing),
		TEST(city_out_of_reach_leaves_plays_in_the_log),
		TEST(key_that_others_can_read_is_refused),
		TEST(box_without_enrolment_says_so),
		TEST(rotten_row_is_stated_and_the_rows_behind_it_are_sealed),
		TEST(log_over_its_size_is_folded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
