#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "sample_plays.h"
#include "store/db.h"
#include "store/play_row.h"
#include "support/tmp.h"

#define KILL_ROUNDS 30

struct fixture {
	char *dir, *path;
	struct db *db;
	struct playlog *log;
};

static void reopen(struct fixture *f)
{
	struct err err = {0};

	playlog_free(f->log);
	db_close(f->db);
	f->db = db_open(f->path, playlog_migrations, playlog_migration_count, &err);
	assert_ok(f->db, err);
	f->log = playlog_new(f->db, "tanashi-1", &err);
	assert_ok(f->log, err);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = tmp_dir();
	f->path = tmp_path(f->dir, "plays.db");
	reopen(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	playlog_free(f->log);
	db_close(f->db);
	free(f->path);
	tmp_remove(f->dir);
	free(f);
	return 0;
}

/* Recomputes the chain over all batches after @after; returns the number of rows. */
static int64_t walk_chain(struct playlog *log, int64_t after)
{
	uint8_t head[SHA256_SIZE] = {0}, expected[SHA256_SIZE];
	struct err err = {0};
	int64_t seq = after;

	for (;;) {
		struct play_batch *batch = NULL;

		assert_ok(playlog_batch(log, seq, 7, &batch, &err), err);
		if (!batch)
			return seq - after;
		assert_int_equal(batch->first, seq + 1);
		if (seq > after || after == 0)
			assert_memory_equal(batch->previous, head, sizeof(head));
		else
			memcpy(head, batch->previous, sizeof(head));
		for (size_t i = 0; i < batch->play_count; i++) {
			assert_int_equal(batch->plays[i].seq, ++seq);
			assert_ok(play_hash(head, "tanashi-1", &batch->plays[i], expected,
					    &err),
				  err);
			assert_memory_equal(batch->hashes[i], expected, sizeof(expected));
			memcpy(head, expected, sizeof(head));
		}
		assert_memory_equal(batch->head, head, sizeof(head));
		play_batch_free(batch);
	}
}

static void recorded_play_is_read_back_in_every_field(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("flu-2026", 3, SAMPLE_AT);
	struct play_batch *batch;
	const struct play *play;

	start.synchronised = false;
	start.output = PLAY_OUTPUT_UNKNOWN;
	assert_int_equal(sample_record(f->log, &start, 4321, PLAY_EMERGENCY), 1);
	reopen(f);
	batch = sample_batch(f->log, 0, 10);
	assert_int_equal(batch->play_count, 1);
	play = &batch->plays[0];
	assert_int_equal(play->seq, 1);
	assert_string_equal(play->start.boot_id, start.boot_id);
	assert_string_equal(play->start.slide_id, start.slide_id);
	assert_string_equal(play->start.item_id, "notice/flu-2026");
	assert_int_equal(play->start.item_revision, 3);
	assert_memory_equal(play->start.content_hash, start.content_hash, PLAY_HASH_SIZE);
	assert_int_equal(play->start.programme_version, 7);
	assert_int_equal(play->start.began.ms, SAMPLE_AT);
	assert_int_equal(play->start.began_mono.ms, start.began_mono.ms);
	assert_false(play->start.synchronised);
	assert_int_equal(play->start.planned.ms, 10000);
	assert_int_equal(play->start.output, PLAY_OUTPUT_UNKNOWN);
	assert_int_equal(play->shown.ms, 4321);
	assert_int_equal(play->outcome, PLAY_EMERGENCY);
	play_batch_free(batch);
}

static void numbers_go_on_without_gaps_after_reopening(void **state)
{
	struct fixture *f = *state;

	sample_fill(f->log, 10);
	reopen(f);
	assert_int_equal(playlog_last_closed(f->log), 10);
	sample_fill(f->log, 10);
	assert_int_equal(walk_chain(f->log, 0), 20);
}

static void second_open_play_is_refused(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("a", 1, SAMPLE_AT);
	struct err err = {0};
	int64_t seq = 0;

	assert_ok(playlog_begin(f->log, &start, &seq, &err), err);
	assert_fails(playlog_begin(f->log, &start, &seq, &err), err, ERR_CONFLICT,
		     "play 1 is still open");
	assert_int_equal(seq, 1);
	/* The open row is not uploaded. */
	assert_int_equal(walk_chain(f->log, 0), 0);
}

static void second_end_keeps_the_first_outcome(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("a", 1, SAMPLE_AT);
	struct err err = {0};
	struct play_batch *batch;
	int64_t seq = sample_record(f->log, &start, 3000, PLAY_OPERATOR);

	assert_fails(
		playlog_end(f->log, seq, (struct span_ms){10000}, 1, PLAY_COMPLETE, &err),
		err, ERR_CONFLICT, "play 1 is not open");
	assert_fails(playlog_heartbeat(f->log, seq, (struct span_ms){10000}, &err), err,
		     ERR_CONFLICT, "heartbeat");
	batch = sample_batch(f->log, 0, 1);
	assert_int_equal(batch->plays[0].outcome, PLAY_OPERATOR);
	assert_int_equal(batch->plays[0].shown.ms, 3000);
	play_batch_free(batch);
}

static void invalid_play_is_refused_and_uses_no_number(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("a", 1, SAMPLE_AT);
	struct err err = {0};
	int64_t seq = 0;

	start.planned.ms = INT64_C(9999999999999);
	assert_fails(playlog_begin(f->log, &start, &seq, &err), err, ERR_INVALID,
		     "planned_ms");
	start.planned.ms = 10000;
	assert_ok(playlog_begin(f->log, &start, &seq, &err), err);
	assert_int_equal(seq, 1);
	assert_fails(
		playlog_end(f->log, seq, (struct span_ms){-1}, 1, PLAY_CONTENT, &err),
		err, ERR_INVALID, "shown_ms");
	/* "Complete" after a second of ten is refused, and the play stays open. */
	assert_fails(
		playlog_end(f->log, seq, (struct span_ms){1000}, 1, PLAY_COMPLETE, &err),
		err, ERR_INVALID, "shown_ms");
	assert_ok(playlog_end(f->log, seq, (struct span_ms){1000}, 1, PLAY_CONTENT, &err),
		  err);
}

static void open_play_is_recovered_as_power_with_its_last_heartbeat(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("a", 1, SAMPLE_AT);
	struct err err = {0};
	struct play_batch *batch;
	int64_t seq = 0, recovered = -1;

	assert_ok(playlog_recover(f->log, &recovered, &err), err);
	assert_int_equal(recovered, 0);
	sample_fill(f->log, 2);
	assert_ok(playlog_begin(f->log, &start, &seq, &err), err);
	assert_ok(playlog_heartbeat(f->log, seq, (struct span_ms){5000}, &err), err);
	/* An older heartbeat that comes late does not shorten it. */
	assert_ok(playlog_heartbeat(f->log, seq, (struct span_ms){2000}, &err), err);
	reopen(f);
	assert_int_equal(playlog_last_closed(f->log), 2);
	assert_ok(playlog_recover(f->log, &recovered, &err), err);
	assert_int_equal(recovered, 3);
	batch = sample_batch(f->log, 2, 1);
	assert_int_equal(batch->plays[0].outcome, PLAY_POWER);
	assert_int_equal(batch->plays[0].shown.ms, 5000);
	play_batch_free(batch);
	sample_fill(f->log, 1);
	assert_int_equal(walk_chain(f->log, 0), 4);
}

static void frames_are_counted_to_the_end_of_a_play(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("a", 1, SAMPLE_AT);
	struct err err = {0};
	struct play_batch *batch;
	int64_t seq = 0, recovered = 0;

	assert_ok(playlog_begin(f->log, &start, &seq, &err), err);
	assert_ok(playlog_end(f->log, seq, (struct span_ms){10000}, 25, PLAY_COMPLETE,
			      &err),
		  err);
	assert_ok(playlog_begin(f->log, &start, &seq, &err), err);
	assert_fails(
		playlog_end(f->log, seq, (struct span_ms){10000}, 0, PLAY_COMPLETE, &err),
		err, ERR_INVALID, "no frame was presented");
	/* After a power cut, those that are known. */
	reopen(f);
	assert_ok(playlog_recover(f->log, &recovered, &err), err);
	batch = sample_batch(f->log, 0, 10);
	assert_int_equal(batch->plays[0].start.proof.frames, 25);
	assert_true(batch->plays[0].start.proof.picture == start.proof.picture);
	assert_int_equal(batch->plays[1].start.proof.frames, 1);
	play_batch_free(batch);
}

/* A row as version 1 of the schema kept it, chained to no other. */
static void put_old_row(struct fixture *f, const struct play *play)
{
	static const char sql[] =
		"INSERT INTO play (seq, boot_id, slide_id, item_id, item_revision,"
		" content_hash, programme_version, began_ms, began_mono_ms, synchronised,"
		" planned_ms, output, shown_ms, outcome, hash)"
		" VALUES (1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 10000, 0, ?15)";
	uint8_t zeros[SHA256_SIZE] = {0}, hash[SHA256_SIZE];
	struct err err = {0};
	sqlite3_stmt *stmt;

	assert_ok(play_hash(zeros, "tanashi-1", play, hash, &err), err);
	stmt = db_prepare(f->db, sql, &err);
	assert_ok(stmt, err);
	play_row_bind(stmt, &play->start);
	sqlite3_bind_blob(stmt, 15, hash, sizeof(hash), SQLITE_STATIC);
	assert_ok(db_run_one(f->db, stmt, "test", &err), err);
	db_finalize(&stmt);
}

static void row_of_an_earlier_version_keeps_its_place_in_the_chain(void **state)
{
	struct fixture *f = *state;
	struct play play = {.seq = 1,
			    .start = sample_start("a", 1, SAMPLE_AT),
			    .shown = {10000},
			    .outcome = PLAY_COMPLETE};
	struct err err = {0};
	struct play_batch *batch;

	f->log = playlog_free(f->log);
	db_close(f->db);
	free(f->path);
	f->path = tmp_path(f->dir, "old.db");
	f->db = db_open(f->path, playlog_migrations, 1, &err);
	assert_ok(f->db, err);
	play.start.proof = (struct play_proof){0};
	put_old_row(f, &play);

	reopen(f);
	sample_fill(f->log, 2);
	assert_int_equal(walk_chain(f->log, 0), 3);
	batch = sample_batch(f->log, 0, 10);
	assert_false(batch->plays[0].start.proof.known);
	assert_true(batch->plays[1].start.proof.known);
	play_batch_free(batch);
}

static void log_of_another_screen_is_refused(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	assert_fails(playlog_new(f->db, "hibarigaoka-1", &err), err, ERR_CONFLICT,
		     "kept by screen tanashi-1, this is screen hibarigaoka-1");
	assert_fails(playlog_new(f->db, "Not An Id", &err), err, ERR_INVALID,
		     "Not An Id");
}

static void batch_holds_the_rows_asked_for(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct play_batch *batch = NULL;

	assert_ok(playlog_batch(f->log, 0, 10, &batch, &err), err);
	assert_null(batch);
	sample_fill(f->log, 12);
	batch = sample_batch(f->log, 4, 5);
	assert_int_equal(batch->first, 5);
	assert_int_equal(batch->play_count, 5);
	assert_int_equal(batch->plays[4].seq, 9);
	play_batch_free(batch);
	batch = sample_batch(f->log, 10, 5);
	assert_int_equal(batch->play_count, 2);
	play_batch_free(batch);
	assert_ok(playlog_batch(f->log, 12, 10, &batch, &err), err);
	assert_null(batch);
}

static void only_rows_acknowledged_long_ago_are_pruned(void **state)
{
	const int64_t hour = 3600000;
	struct fixture *f = *state;
	struct err err = {0};
	int64_t pruned = -1;

	sample_fill(f->log, 10);
	/* When rows were confirmed is kept by the hour: by the last time in it. */
	assert_ok(playlog_acknowledge(f->log, 4, (struct wall_ms){hour}, &err), err);
	assert_ok(playlog_acknowledge(f->log, 7, (struct wall_ms){2 * hour}, &err), err);
	assert_ok(playlog_prune(f->log, (struct wall_ms){hour}, &pruned, &err), err);
	assert_int_equal(pruned, 0);
	assert_ok(playlog_prune(f->log, (struct wall_ms){hour + 1}, &pruned, &err), err);
	assert_int_equal(pruned, 4);
	assert_int_equal(walk_chain(f->log, 4), 6);
	assert_ok(playlog_prune(f->log, (struct wall_ms){INT64_MAX}, &pruned, &err), err);
	assert_int_equal(pruned, 3);
	assert_int_equal(walk_chain(f->log, 7), 3);
}

static void chain_and_numbers_go_on_after_everything_was_pruned(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	struct play_batch *batch;
	uint8_t head[SHA256_SIZE];
	int64_t pruned;

	sample_fill(f->log, 5);
	batch = sample_batch(f->log, 0, 5);
	memcpy(head, batch->head, sizeof(head));
	play_batch_free(batch);
	assert_ok(playlog_acknowledge(f->log, 5, (struct wall_ms){1}, &err), err);
	assert_ok(playlog_prune(f->log, (struct wall_ms){2}, &pruned, &err), err);
	assert_int_equal(pruned, 5);
	reopen(f);
	assert_int_equal(playlog_last_closed(f->log), 5);
	assert_int_equal(playlog_acknowledged(f->log), 5);
	sample_fill(f->log, 2);
	batch = sample_batch(f->log, 5, 5);
	assert_int_equal(batch->first, 6);
	assert_memory_equal(batch->previous, head, sizeof(head));
	play_batch_free(batch);
	assert_int_equal(walk_chain(f->log, 5), 2);
}

static void acknowledgement_that_goes_back_keeps_rows_from_pruning(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	int64_t pruned;

	sample_fill(f->log, 8);
	assert_ok(playlog_acknowledge(f->log, 8, (struct wall_ms){1}, &err), err);
	/* The city was restored from a backup and holds less now. */
	assert_ok(playlog_acknowledge(f->log, 3, (struct wall_ms){5}, &err), err);
	assert_int_equal(playlog_acknowledged(f->log), 3);
	assert_ok(playlog_prune(f->log, (struct wall_ms){100}, &pruned, &err), err);
	assert_int_equal(pruned, 3);
	assert_int_equal(walk_chain(f->log, 3), 5);
	assert_ok(playlog_acknowledge(f->log, 8, (struct wall_ms){50}, &err), err);
	assert_ok(playlog_prune(f->log, (struct wall_ms){50}, &pruned, &err), err);
	assert_int_equal(pruned, 0);
}

static void acknowledgement_of_rows_never_recorded_is_a_conflict(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};

	sample_fill(f->log, 2);
	assert_fails(playlog_acknowledge(f->log, 3, (struct wall_ms){1}, &err), err,
		     ERR_CONFLICT, "up to 3");
	assert_int_equal(playlog_acknowledged(f->log), 0);
}

static void full_disk_is_told_and_spoils_nothing(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("a", 1, SAMPLE_AT);
	struct err err = {0};
	int64_t seq = 0, recovered = 0;
	int64_t closed;
	bool more = true;

	/* Room for a few pages more, then none. */
	sample_fill(f->log, 3);
	assert_ok(db_exec(f->db, "PRAGMA max_page_count = 12", "test", &err), err);
	for (int i = 0; i < 2000 && more; i++)
		more = playlog_begin(f->log, &start, &seq, &err) &&
		       playlog_end(f->log, seq, (struct span_ms){10000}, 1, PLAY_COMPLETE,
				   &err);
	assert_false(more);
	assert_int_equal(err.code, ERR_IO);
	assert_non_null(strstr(err.text, "make room on its disk"));
	closed = playlog_last_closed(f->log);

	/* There is room again: nothing that was reported is gone, and it goes on. */
	reopen(f);
	assert_ok(playlog_recover(f->log, &recovered, &err), err);
	assert_true(playlog_last_closed(f->log) >= closed);
	sample_fill(f->log, 5);
	assert_int_equal(walk_chain(f->log, 0), playlog_last_closed(f->log));
}

static void one_play_gives_way_to_the_next(void **state)
{
	struct fixture *f = *state;
	struct play_start first = sample_start("a", 1, SAMPLE_AT);
	struct play_start next = sample_start("b", 1, SAMPLE_AT + 10000);
	struct play_batch *batch;
	struct err err = {0};
	int64_t seq = 0;

	assert_ok(playlog_begin(f->log, &first, &seq, &err), err);
	assert_ok(playlog_next_play(f->log, seq, (struct span_ms){9990}, 24,
				    PLAY_COMPLETE, &next, &seq, &err),
		  err);
	assert_int_equal(seq, 2);
	assert_int_equal(playlog_open_seq(f->log), 2);
	reopen(f);
	assert_int_equal(playlog_open_seq(f->log), 2);
	assert_ok(playlog_end(f->log, 2, (struct span_ms){10}, 1, PLAY_SHUTDOWN, &err),
		  err);
	assert_int_equal(walk_chain(f->log, 0), 2);
	batch = sample_batch(f->log, 0, 10);
	assert_int_equal(batch->plays[0].outcome, PLAY_COMPLETE);
	assert_int_equal(batch->plays[0].shown.ms, 9990);
	assert_string_equal(batch->plays[1].start.item_id, "notice/b");
	play_batch_free(batch);
}

static void play_without_a_next_one_stays_open(void **state)
{
	struct fixture *f = *state;
	struct play_start first = sample_start("a", 1, SAMPLE_AT), wrong = first;
	struct err err = {0};
	int64_t seq = 0, other = 0;

	wrong.planned.ms = -1;
	assert_ok(playlog_begin(f->log, &first, &seq, &err), err);
	assert_false(playlog_next_play(f->log, seq, (struct span_ms){9990}, 24,
				       PLAY_COMPLETE, &wrong, &other, &err));
	assert_int_equal(err.code, ERR_INVALID);
	assert_int_equal(other, 0);
	/* Neither in the database nor in what the log knows of it. */
	assert_int_equal(playlog_open_seq(f->log), seq);
	assert_int_equal(playlog_last_closed(f->log), 0);
	assert_ok(
		playlog_end(f->log, seq, (struct span_ms){5000}, 1, PLAY_SHUTDOWN, &err),
		err);
	sample_fill(f->log, 2);
	assert_int_equal(walk_chain(f->log, 0), 3);
}

static void full_disk_between_two_plays_leaves_the_first_open(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("a", 1, SAMPLE_AT);
	struct err err = {0};
	int64_t seq = 0, closed;
	bool more = true;

	assert_ok(playlog_begin(f->log, &start, &seq, &err), err);
	assert_ok(db_exec(f->db, "PRAGMA max_page_count = 12", "test", &err), err);
	for (int i = 0; i < 2000 && more; i++)
		more = playlog_next_play(f->log, seq, (struct span_ms){10000}, 1,
					 PLAY_COMPLETE, &start, &seq, &err);
	assert_false(more);
	assert_int_equal(err.code, ERR_IO);
	closed = playlog_last_closed(f->log);
	assert_int_equal(playlog_open_seq(f->log), seq);
	assert_int_equal(seq, closed + 1);

	/* There is room again, and it goes on without having been opened anew. */
	assert_ok(db_exec(f->db, "PRAGMA max_page_count = 1000", "test", &err), err);
	assert_ok(playlog_next_play(f->log, seq, (struct span_ms){10000}, 1,
				    PLAY_COMPLETE, &start, &seq, &err),
		  err);
	assert_int_equal(walk_chain(f->log, 0), closed + 1);
	assert_int_equal(playlog_open_seq(f->log), closed + 2);
}

/* --- kill -9 --------------------------------------------------------------------------- */

/* Records until it is killed, and tells each number that is durable through @fd. */
static void record_for_ever(const char *path, int fd)
{
	struct err err = {0};
	struct db *db = db_open(path, playlog_migrations, playlog_migration_count, &err);
	struct playlog *log = db ? playlog_new(db, "tanashi-1", &err) : NULL;
	struct play_start start = sample_start("kill", 1, SAMPLE_AT);
	const struct span_ms shown = {10000};
	int64_t seq = 0, closed, pruned;

	if (!log || !playlog_recover(log, &seq, &err) ||
	    !playlog_begin(log, &start, &seq, &err))
		_exit(2);
	for (int i = 0;; i++) {
		start = sample_start("kill", 1, SAMPLE_AT + i);
		closed = seq;
		if (!playlog_heartbeat(log, seq, (struct span_ms){i % 5000}, &err) ||
		    (i % 2 && !playlog_next_play(log, seq, shown, 1, PLAY_COMPLETE,
						 &start, &seq, &err)) ||
		    (i % 2 == 0 &&
		     (!playlog_end(log, seq, shown, 1, PLAY_COMPLETE, &err) ||
		      !playlog_begin(log, &start, &seq, &err))) ||
		    write(fd, &closed, sizeof(closed)) != sizeof(closed))
			_exit(3);
		/* Pruning is interrupted, too. */
		if (i % 20 == 19 &&
		    (!playlog_acknowledge(log, closed - 10, start.began, &err) ||
		     !playlog_prune(log, (struct wall_ms){INT64_MAX}, &pruned, &err)))
			_exit(4);
	}
}

/*
 * The last number that the child told before it was killed about @delay_us after its start,
 * or after the first number it told.
 */
static int64_t kill_after(const char *path, useconds_t delay_us, bool first_told)
{
	int64_t seq, last = 0;
	int status, fds[2];
	pid_t child;

	assert_int_equal(pipe(fds), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(fds[0]);
		record_for_ever(path, fds[1]);
	}
	close(fds[1]);
	if (first_told)
		assert_int_equal(read(fds[0], &last, sizeof(last)), sizeof(last));
	usleep(delay_us);
	assert_int_equal(kill(child, SIGKILL), 0);
	while (read(fds[0], &seq, sizeof(seq)) == sizeof(seq))
		last = seq;
	close(fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status)); /* not an error of its own */
	return last;
}

static void every_reported_play_survives_kill_9_at_any_instant(void **state)
{
	struct fixture *f = *state;
	struct err err = {0};
	uint32_t random = 20261122;
	int64_t last = 0, kept, first, recovered;

	for (int i = 0; i < KILL_ROUNDS; i++) {
		int64_t told;

		playlog_free(f->log);
		db_close(f->db);
		f->log = NULL;
		f->db = NULL;
		random = random * 1664525 + 1013904223;
		told = kill_after(f->path, 2000 + (random >> 8) % 40000, i % 2);
		if (told)
			last = told;
		reopen(f); /* with quick_check */
		assert_ok(playlog_recover(f->log, &recovered, &err), err);
		assert_true(playlog_last_closed(f->log) >= last);
		/* At most the play that was under way comes on top. */
		assert_true(playlog_last_closed(f->log) <= last + 2 || !told);
		first = playlog_acknowledged(f->log);
		kept = walk_chain(f->log, first);
		assert_int_equal(first + kept, playlog_last_closed(f->log));
		last = playlog_last_closed(f->log);
	}
	assert_true(last >= KILL_ROUNDS / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(recorded_play_is_read_back_in_every_field),
		TEST(numbers_go_on_without_gaps_after_reopening),
		TEST(second_open_play_is_refused),
		TEST(second_end_keeps_the_first_outcome),
		TEST(invalid_play_is_refused_and_uses_no_number),
		TEST(open_play_is_recovered_as_power_with_its_last_heartbeat),
		TEST(frames_are_counted_to_the_end_of_a_play),
		TEST(row_of_an_earlier_version_keeps_its_place_in_the_chain),
		TEST(log_of_another_screen_is_refused),
		TEST(batch_holds_the_rows_asked_for),
		TEST(only_rows_acknowledged_long_ago_are_pruned),
		TEST(chain_and_numbers_go_on_after_everything_was_pruned),
		TEST(acknowledgement_that_goes_back_keeps_rows_from_pruning),
		TEST(acknowledgement_of_rows_never_recorded_is_a_conflict),
		TEST(full_disk_is_told_and_spoils_nothing),
		TEST(one_play_gives_way_to_the_next),
		TEST(play_without_a_next_one_stays_open),
		TEST(full_disk_between_two_plays_leaves_the_first_open),
		TEST(every_reported_play_survives_kill_9_at_any_instant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
