#include <sqlite3.h>

#include "core/notice.h"
#include "sample_plays.h"
#include "store/citydb.h"
#include "store/db.h"
#include "store/ledger.h"
#include "support/tmp.h"

/* 2026-11-22T06:30:00Z */
#define RECEIVED ((struct wall_ms){SAMPLE_AT + 60000})

struct fixture {
	char *dir, *city_path, *screen_path;
	struct db *city, *screen;
	struct ledger *ledger;
	struct playlog *log;
	struct ledger_receipt receipt;
	struct err err;
};

static void add_screen(struct fixture *f, const char *id, bool counts)
{
	uint8_t code[SHA256_SIZE];

	sha256(id, strlen(id), code);
	assert_ok(screen_add(f->city, id, "田無駅", counts, code, RECEIVED, RECEIVED,
			     &f->err),
		  f->err);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = tmp_dir();
	f->city_path = tmp_path(f->dir, "city.db");
	f->screen_path = tmp_path(f->dir, "plays.db");
	f->city =
		db_open(f->city_path, citydb_migrations, citydb_migration_count, &f->err);
	assert_ok(f->city, f->err);
	f->ledger = ledger_new(f->city, &f->err);
	assert_ok(f->ledger, f->err);
	f->screen = db_open(f->screen_path, playlog_migrations, playlog_migration_count,
			    &f->err);
	assert_ok(f->screen, f->err);
	f->log = playlog_new(f->screen, "tanashi-1", &f->err);
	assert_ok(f->log, f->err);
	add_screen(f, "tanashi-1", true);
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

/* Sends a batch, which it frees, and keeps the receipt. */
static void send(struct fixture *f, TAKES struct play_batch *batch)
{
	assert_ok(ledger_accept(f->ledger, batch, RECEIVED, &f->receipt, &f->err),
		  f->err);
	play_batch_free(batch);
}

static void send_rows(struct fixture *f, int64_t after, size_t rows)
{
	send(f, sample_batch(f->log, after, rows));
}

static void assert_receipt(const struct fixture *f, int64_t durable, int64_t accepted,
			   int64_t repeated, int64_t quarantined, bool gap)
{
	assert_int_equal(f->receipt.durable_seq, durable);
	assert_int_equal(f->receipt.accepted, accepted);
	assert_int_equal(f->receipt.repeated, repeated);
	assert_int_equal(f->receipt.quarantined, quarantined);
	assert_int_equal(f->receipt.gap, gap);
}

static void assert_verified(struct fixture *f, int64_t rows)
{
	int64_t intact = -1;

	assert_ok(ledger_verify(f->ledger, "tanashi-1", &intact, &f->err), f->err);
	assert_int_equal(intact, rows);
}

struct quarantine {
	char text[2000]; /* "SEQ REASON\n" of each row */
};

static bool note_quarantined(void *context, const struct ledger_quarantined *row,
			     struct err *err)
{
	struct quarantine *all = context;
	size_t used = strlen(all->text);

	(void)err;
	assert_string_equal(row->screen_id, "tanashi-1");
	assert_int_equal(row->received.ms, RECEIVED.ms);
	assert_int_equal(row->row[0], '{');
	snprintf(all->text + used, sizeof(all->text) - used, "%d %s\n", (int)row->seq,
		 row->reason);
	return true;
}

static void assert_quarantine(struct fixture *f, const char *expected)
{
	struct quarantine all = {""};

	assert_ok(ledger_quarantine_each(f->ledger, note_quarantined, &all, &f->err),
		  f->err);
	assert_string_equal(all.text, expected);
}

/* --- Accepting ------------------------------------------------------------------------- */

static void batches_in_order_are_held_durably(void **state)
{
	struct fixture *f = *state;
	struct screen screen;

	sample_fill(f->log, 12);
	send_rows(f, 0, 5);
	assert_receipt(f, 5, 5, 0, 0, false);
	send_rows(f, 5, 100);
	assert_receipt(f, 12, 7, 0, 0, false);
	assert_ok(screen_find(f->city, "tanashi-1", &screen, &f->err), f->err);
	assert_int_equal(screen.durable_seq, 12);
	assert_int_equal(screen.last_upload.ms, RECEIVED.ms);
	assert_verified(f, 12);
}

static void repeated_and_overlapping_batches_change_nothing(void **state)
{
	struct fixture *f = *state;

	sample_fill(f->log, 10);
	send_rows(f, 0, 6);
	send_rows(f, 0, 6);
	assert_receipt(f, 6, 0, 6, 0, false);
	send_rows(f, 3, 7);
	assert_receipt(f, 10, 4, 3, 0, false);
	send_rows(f, 8, 1);
	assert_receipt(f, 10, 0, 1, 0, false);
	assert_verified(f, 10);
	assert_quarantine(f, "");
}

static void reordered_batches_end_in_the_same_ledger(void **state)
{
	struct fixture *f = *state;

	sample_fill(f->log, 9);
	send_rows(f, 6, 3);
	assert_receipt(f, 0, 3, 0, 0, true);
	send_rows(f, 3, 3);
	assert_receipt(f, 0, 3, 0, 0, true);
	send_rows(f, 0, 3);
	assert_receipt(f, 9, 3, 0, 0, false);
	assert_verified(f, 9);
	assert_quarantine(f, "");
}

static void rows_after_a_gap_are_kept_but_not_confirmed(void **state)
{
	struct fixture *f = *state;

	sample_fill(f->log, 10);
	send_rows(f, 0, 2);
	send_rows(f, 4, 6);
	assert_receipt(f, 2, 6, 0, 0, true);
	assert_verified(f, 8);
	send_rows(f, 2, 1);
	assert_receipt(f, 3, 1, 0, 0, true);
	send_rows(f, 3, 1);
	assert_receipt(f, 10, 1, 0, 0, false);
	assert_verified(f, 10);
}

static void gaps_and_quarantine_of_a_screen_are_told(void **state)
{
	struct fixture *f = *state;
	struct quarantine all = {""};
	struct ledger_screen_state told;
	struct play_batch *batch;

	sample_fill(f->log, 12);
	send_rows(f, 0, 2);
	send_rows(f, 4, 2);
	batch = sample_batch(f->log, 8, 2);
	batch->plays[1].shown.ms++;
	send(f, batch);
	assert_ok(ledger_screen_state(f->ledger, "tanashi-1", &told, &f->err), f->err);
	assert_int_equal(told.durable_seq, 2);
	assert_int_equal(told.last_seq, 9);
	assert_int_equal(told.missing, 4);
	assert_int_equal(told.quarantined, 1);
	assert_int_equal(told.undated, 0);
	assert_int_equal(told.gap_count, 2);
	assert_int_equal(told.gaps[0].first, 3);
	assert_int_equal(told.gaps[0].last, 4);
	assert_int_equal(told.gaps[1].first, 7);
	assert_int_equal(told.gaps[1].last, 8);
	assert_ok(ledger_quarantine_newest(f->ledger, "tanashi-1", 5, note_quarantined,
					   &all, &f->err),
		  f->err);
	assert_string_equal(all.text, "10 chain: its hash does not fit its content\n");

	/* The good row 10, which must follow the one in quarantine, fills its place. */
	send_rows(f, 2, 10);
	assert_ok(ledger_screen_state(f->ledger, "tanashi-1", &told, &f->err), f->err);
	assert_int_equal(told.durable_seq, 12);
	assert_int_equal(told.missing, 0);
	assert_int_equal(told.gap_count, 0);
	assert_fails(ledger_screen_state(f->ledger, "nowhere", &told, &f->err), f->err,
		     ERR_NOT_FOUND, "nowhere");
}

static void batch_of_an_unknown_screen_is_refused(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 1);
	batch = sample_batch(f->log, 0, 1);
	snprintf(batch->screen_id, sizeof(batch->screen_id), "nowhere-1");
	assert_fails(ledger_accept(f->ledger, batch, RECEIVED, &f->receipt, &f->err),
		     f->err, ERR_NOT_FOUND, "nowhere-1");
	play_batch_free(batch);
}

static void batch_of_another_screen_does_not_fit_its_chain(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	/* Replayed under another name, even if that screen's key had signed it. */
	add_screen(f, "hoya-1", true);
	sample_fill(f->log, 2);
	batch = sample_batch(f->log, 0, 2);
	snprintf(batch->screen_id, sizeof(batch->screen_id), "hoya-1");
	send(f, batch);
	assert_receipt(f, 2, 0, 0, 2, false);
}

static void altered_row_goes_to_quarantine_alone(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 5);
	batch = sample_batch(f->log, 0, 5);
	batch->plays[2].shown.ms = 11000;
	send(f, batch);
	assert_receipt(f, 5, 4, 0, 1, false);
	assert_quarantine(f, "3 chain: its hash does not fit its content\n");
	assert_verified(f, 4);

	/* Sent again, it is the same row in quarantine; sent right, it is accepted. */
	batch = sample_batch(f->log, 0, 5);
	batch->plays[2].shown.ms = 11000;
	send(f, batch);
	assert_receipt(f, 5, 0, 5, 0, false);
	send_rows(f, 0, 5);
	assert_receipt(f, 5, 1, 4, 0, false);
	assert_verified(f, 5);
}

static void changed_repeat_leaves_the_row_held_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 3);
	send_rows(f, 0, 3);
	batch = sample_batch(f->log, 1, 1);
	batch->plays[0].outcome = PLAY_OPERATOR;
	assert_ok(play_hash(batch->previous, "tanashi-1", &batch->plays[0],
			    batch->hashes[0], &f->err),
		  f->err);
	memcpy(batch->head, batch->hashes[0], SHA256_SIZE);
	send(f, batch);
	assert_receipt(f, 3, 0, 0, 1, false);
	assert_quarantine(f, "2 changed: another row is held of this number\n");
	assert_verified(f, 3);
}

static void rewritten_history_is_told_where_it_meets_the_ledger(void **state)
{
	struct fixture *f = *state;
	char *path = tmp_path(f->dir, "other.db");
	struct db *db =
		db_open(path, playlog_migrations, playlog_migration_count, &f->err);
	struct playlog *other;

	assert_ok(db, f->err);
	other = playlog_new(db, "tanashi-1", &f->err);
	assert_ok(other, f->err);
	sample_fill(f->log, 3);
	send_rows(f, 0, 3);
	for (int i = 0; i < 6; i++) {
		struct play_start start = sample_start("forged", 1, SAMPLE_AT + i);

		sample_record(other, &start, 10000, PLAY_COMPLETE);
	}
	send(f, sample_batch(other, 0, 3));
	assert_receipt(f, 3, 0, 0, 3, false);
	send(f, sample_batch(other, 3, 3));
	assert_receipt(f, 6, 2, 0, 1, false);
	assert_quarantine(f, "1 changed: another row is held of this number\n"
			     "2 changed: another row is held of this number\n"
			     "3 changed: another row is held of this number\n"
			     "4 chain: it follows another row than the one held\n");
	playlog_free(other);
	db_close(db);
	free(path);
}

static void removed_row_is_a_gap(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 5);
	batch = sample_batch(f->log, 0, 5);
	memmove(&batch->plays[2], &batch->plays[3], 2 * sizeof(batch->plays[0]));
	memmove(&batch->hashes[2], &batch->hashes[3], 2 * sizeof(batch->hashes[0]));
	batch->play_count = 4;
	send(f, batch);
	assert_receipt(f, 2, 4, 0, 0, true);
	/* A forged row does not fill it, the true one does. */
	batch = sample_batch(f->log, 2, 1);
	batch->plays[0].shown.ms = 12000;
	assert_ok(play_hash(batch->previous, "tanashi-1", &batch->plays[0],
			    batch->hashes[0], &f->err),
		  f->err);
	memcpy(batch->head, batch->hashes[0], SHA256_SIZE);
	send(f, batch);
	assert_quarantine(f, "3 chain: the row held after it follows another row\n");
	send_rows(f, 2, 1);
	assert_receipt(f, 5, 1, 0, 0, false);
	assert_verified(f, 5);
}

static void wrong_head_puts_the_last_row_aside(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 3);
	batch = sample_batch(f->log, 0, 3);
	batch->head[0] ^= 1;
	send(f, batch);
	assert_receipt(f, 3, 2, 0, 1, false);
	assert_quarantine(f, "3 chain: the head of the batch is another row\n");
}

static void wrong_previous_puts_the_first_row_aside(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 4);
	send_rows(f, 0, 2);
	batch = sample_batch(f->log, 2, 2);
	batch->previous[0] ^= 1;
	send(f, batch);
	assert_receipt(f, 4, 1, 0, 1, false);
	assert_quarantine(f, "3 chain: it follows another row than the one held\n");
}

/* Computes the hashes anew from @previous, as who holds the screen's key could. */
static void rechain(struct fixture *f, struct play_batch *batch, uint8_t previous)
{
	const uint8_t *before = batch->previous;

	memset(batch->previous, previous, SHA256_SIZE);
	for (size_t i = 0; i < batch->play_count; i++) {
		assert_ok(play_hash(before, batch->screen_id, &batch->plays[i],
				    batch->hashes[i], &f->err),
			  f->err);
		before = batch->hashes[i];
	}
	memcpy(batch->head, before, SHA256_SIZE);
}

static void first_row_ever_follows_no_other(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 2);
	batch = sample_batch(f->log, 0, 2);
	rechain(f, batch, 1);
	send(f, batch);
	assert_receipt(f, 2, 1, 0, 1, false);
	assert_quarantine(f, "1 chain: row 1 follows another row\n");
}

static void row_after_one_in_quarantine_must_follow_just_that(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 4);
	batch = sample_batch(f->log, 0, 2);
	batch->plays[1].shown.ms++;
	send(f, batch);
	assert_receipt(f, 2, 1, 0, 1, false);
	batch = sample_batch(f->log, 2, 1);
	rechain(f, batch, 1);
	send(f, batch);
	assert_receipt(f, 3, 0, 0, 1, false);
	send_rows(f, 2, 2);
	assert_receipt(f, 4, 2, 0, 0, false);
	assert_quarantine(f, "2 chain: its hash does not fit its content\n"
			     "3 chain: it follows another row than the one in "
			     "quarantine\n");
}

/* Puts row @index aside as if it could not be read. */
static void spoil(struct play_batch *batch, size_t index, bool has_hash)
{
	batch->bad = calloc(1, sizeof(*batch->bad));
	batch->bad[0] = (struct play_batch_bad){
		.seq = batch->plays[index].seq,
		.index = index,
		.has_hash = has_hash,
		.row = strdup("{\"seq\":\"?\"}"),
		.reason = strdup("unreadable"),
	};
	if (has_hash)
		memcpy(batch->bad[0].hash, batch->hashes[index], SHA256_SIZE);
	batch->bad_count = 1;
	batch->play_count--;
	memmove(&batch->plays[index], &batch->plays[index + 1],
		(batch->play_count - index) * sizeof(batch->plays[0]));
	memmove(&batch->hashes[index], &batch->hashes[index + 1],
		(batch->play_count - index) * sizeof(batch->hashes[0]));
}

static void unreadable_row_holds_up_nothing(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 12);
	for (size_t index = 0; index < 4; index++) {
		batch = sample_batch(f->log, (int64_t)(3 * index), 3);
		spoil(batch, index % 3, index % 2 == 0);
		send(f, batch);
		assert_receipt(f, (int64_t)(3 * index + 3), 2, 0, 1, false);
	}
	assert_quarantine(f, "1 unreadable\n5 unreadable\n9 unreadable\n10 unreadable\n");
	assert_verified(f, 8);
}

static void restart_of_the_city_keeps_what_was_confirmed(void **state)
{
	struct fixture *f = *state;

	sample_fill(f->log, 6);
	send_rows(f, 0, 4);
	ledger_free(f->ledger);
	db_close(f->city);
	f->city =
		db_open(f->city_path, citydb_migrations, citydb_migration_count, &f->err);
	assert_ok(f->city, f->err);
	f->ledger = ledger_new(f->city, &f->err);
	assert_ok(f->ledger, f->err);
	send_rows(f, 0, 6); /* the answer was lost */
	assert_receipt(f, 6, 2, 4, 0, false);
	assert_verified(f, 6);
}

/* Swaps the city's database for the copy at @path. */
static void restore(struct fixture *f, char *path)
{
	ledger_free(f->ledger);
	db_close(f->city);
	free(f->city_path);
	f->city_path = path;
	f->city =
		db_open(f->city_path, citydb_migrations, citydb_migration_count, &f->err);
	assert_ok(f->city, f->err);
	f->ledger = ledger_new(f->city, &f->err);
	assert_ok(f->ledger, f->err);
}

/* What the box does with the answer. */
static void acknowledge(struct fixture *f)
{
	assert_ok(playlog_acknowledge(f->log, f->receipt.durable_seq, RECEIVED, &f->err),
		  f->err);
}

static void city_restored_from_a_backup_gets_the_rows_again(void **state)
{
	struct fixture *f = *state;
	char *backup = tmp_path(f->dir, "backup.db");
	int64_t pruned;

	sample_fill(f->log, 12);
	send_rows(f, 0, 5);
	acknowledge(f);
	assert_ok(db_backup(f->city, backup, &f->err), f->err);
	send_rows(f, 5, 4);
	acknowledge(f);
	assert_int_equal(playlog_acknowledged(f->log), 9);

	restore(f, backup);
	send_rows(f, playlog_acknowledged(f->log), 100);
	assert_receipt(f, 5, 3, 0, 0, true);
	acknowledge(f);
	/* Rows that were confirmed once are there, as they are kept for 30 days. */
	assert_ok(playlog_prune(f->log,
				(struct wall_ms){RECEIVED.ms - INT64_C(30) * 86400000},
				&pruned, &f->err),
		  f->err);
	assert_int_equal(pruned, 0);
	send_rows(f, playlog_acknowledged(f->log), 100);
	assert_receipt(f, 12, 4, 3, 0, false);
	acknowledge(f);
	assert_verified(f, 12);
	assert_quarantine(f, "");
}

static void batch_that_fails_half_way_leaves_nothing_behind(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	sample_fill(f->log, 5);
	assert_ok(db_exec(f->city,
			  "CREATE TRIGGER broken BEFORE INSERT ON play WHEN NEW.seq = 4"
			  " BEGIN SELECT RAISE(FAIL, 'the disk broke'); END",
			  "t", &f->err),
		  f->err);
	batch = sample_batch(f->log, 0, 5);
	assert_false(ledger_accept(f->ledger, batch, RECEIVED, &f->receipt, &f->err));
	assert_non_null(strstr(f->err.text, "the disk broke"));
	play_batch_free(batch);
	assert_verified(f, 0);
	assert_ok(db_exec(f->city, "DROP TRIGGER broken", "t", &f->err), f->err);
	send_rows(f, 0, 5);
	assert_receipt(f, 5, 5, 0, 0, false);
	assert_verified(f, 5);
}

/* --- Auditing -------------------------------------------------------------------------- */

static void ledger_refuses_to_be_edited_or_pruned(void **state)
{
	struct fixture *f = *state;

	sample_fill(f->log, 2);
	send_rows(f, 0, 2);
	assert_false(db_exec(f->city, "UPDATE play SET shown_ms = 1", "t", &f->err));
	assert_non_null(strstr(f->err.text, "append only"));
	assert_false(db_exec(f->city, "DELETE FROM play", "t", &f->err));
	assert_non_null(strstr(f->err.text, "append only"));
}

static void row_altered_in_the_ledger_is_named(void **state)
{
	struct fixture *f = *state;
	int64_t rows;

	sample_fill(f->log, 5);
	send_rows(f, 0, 5);
	assert_ok(db_exec(f->city,
			  "DROP TRIGGER play_is_not_changed;"
			  "UPDATE play SET shown_ms = 99999 WHERE seq = 4",
			  "t", &f->err),
		  f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED, "play 4");
}

static void altered_proof_is_named(void **state)
{
	struct fixture *f = *state;
	int64_t rows;

	sample_fill(f->log, 3);
	send_rows(f, 0, 5);
	assert_verified(f, 3);
	assert_fails(db_exec(f->city, "UPDATE play SET frames = 9", "t", &f->err), f->err,
		     ERR_CONFLICT, "append only");
	assert_ok(db_exec(f->city,
			  "DROP TRIGGER proof_is_not_changed;"
			  "UPDATE play SET frames = 9 WHERE seq = 2",
			  "t", &f->err),
		  f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED, "play 2");
	assert_ok(db_exec(f->city,
			  "UPDATE play SET frames = 1, picture = 1 WHERE seq = 2", "t",
			  &f->err),
		  f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED, "play 2");
	/* To say that there never was one. */
	assert_ok(db_exec(f->city,
			  "UPDATE play SET frames = NULL, picture = NULL WHERE seq = 2",
			  "t", &f->err),
		  f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED, "play 2");
}

static void row_removed_from_the_ledger_is_named(void **state)
{
	struct fixture *f = *state;
	int64_t rows;

	sample_fill(f->log, 5);
	send_rows(f, 0, 5);
	assert_ok(
		db_exec(f->city,
			"DROP TRIGGER play_is_not_pruned; DELETE FROM play WHERE seq = 5",
			"t", &f->err),
		f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED, "play 5 is missing");
	assert_ok(db_exec(f->city, "DELETE FROM play WHERE seq = 2", "t", &f->err),
		  f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED, "play 2 is missing");
}

static void altered_time_or_total_is_named(void **state)
{
	struct fixture *f = *state;
	int64_t rows;

	sample_fill(f->log, 5);
	send_rows(f, 0, 10);
	assert_verified(f, 5);
	assert_ok(db_exec(f->city, "UPDATE monthly SET complete = complete + 1", "t",
			  &f->err),
		  f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED, "the totals of 2026-11 are not");
	assert_ok(db_exec(f->city, "UPDATE hourly SET complete = complete + 1", "t",
			  &f->err),
		  f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED,
		     "the totals of the hour from 2026-11-22T15:00:00+09:00 are not");
	assert_ok(db_exec(f->city, "DROP TRIGGER play_is_placed_once", "t", &f->err),
		  f->err);
	assert_ok(db_exec(f->city, "UPDATE play SET at_ms = at_ms + 1 WHERE seq = 3", "t",
			  &f->err),
		  f->err);
	assert_fails(ledger_verify(f->ledger, "tanashi-1", &rows, &f->err), f->err,
		     ERR_UNTRUSTED, "the time of play 3 was altered");
}

/* --- The report ------------------------------------------------------------------------ */

static void publish(struct fixture *f, const char *id, int64_t revision,
		    const char *title, bool counts, bool sample)
{
	struct notice notice = {
		.id = id,
		.revision = revision,
		.title = title,
		.department = "健康課",
		.counts = counts,
		.sample = sample,
	};
	uint8_t hash[PLAY_HASH_SIZE];

	sample_content(id, revision, hash);
	assert_ok(ledger_know_notice(f->ledger, &notice, hash, RECEIVED, &f->err),
		  f->err);
}

static void play(struct fixture *f, const char *id, int64_t revision, int64_t at)
{
	struct play_start start = sample_start(id, revision, at);

	sample_record(f->log, &start, 10000, PLAY_COMPLETE);
}

struct report {
	struct ledger_summary summary;
	char text[2000];
};

static bool note_line(void *context, const struct ledger_line *line, struct err *err)
{
	struct report *report = context;
	size_t used = strlen(report->text);

	(void)err;
	snprintf(report->text + used, sizeof(report->text) - used,
		 "%s|%s|%s|+%lld|+%lld|%d|%d|%d\n", line->notice_id, line->title,
		 line->department, (long long)(line->first.ms - SAMPLE_AT),
		 (long long)(line->last.ms - SAMPLE_AT), (int)line->complete,
		 (int)line->partial, (int)line->shown_ms);
	return true;
}

static struct report report_of(struct fixture *f, int fiscal_year)
{
	struct report report = {.text = ""};

	assert_ok(ledger_report(f->ledger, fiscal_year, &report.summary, note_line,
				&report, &f->err),
		  f->err);
	assert_int_equal(report.summary.fiscal_year, fiscal_year);
	return report;
}

static void revisions_of_a_notice_count_once_under_the_title_shown_first(void **state)
{
	struct fixture *f = *state;
	struct play_start partial = sample_start("flu", 1, SAMPLE_AT + 5000);
	struct report report;

	publish(f, "flu", 1, "予防接種", true, false);
	publish(f, "flu", 2, "予防接種（訂正）", true, false);
	/* Readings are for the screen. */
	publish(f, "library", 1, "図書館《としょかん》", true, false);
	play(f, "library", 1, SAMPLE_AT + 20000);
	play(f, "flu", 2, SAMPLE_AT + 30000);
	play(f, "flu", 1, SAMPLE_AT);
	sample_record(f->log, &partial, 2500, PLAY_EMERGENCY);
	send_rows(f, 0, 10);
	report = report_of(f, 2026);
	assert_string_equal(report.text,
			    "flu|予防接種|健康課|+0|+30000|2|1|22500\n"
			    "library|図書館|健康課|+20000|+20000|1|0|10000\n");
	assert_int_equal(report.summary.notices, 2);
	assert_int_equal(report.summary.complete, 3);
	assert_int_equal(report.summary.partial, 1);
	assert_int_equal(report.summary.shown_ms, 32500);
	assert_int_equal(report.summary.late, 0);
	assert_int_equal(report_of(f, 2025).summary.notices, 0);

	/* The title is frozen: knowing the same content again changes nothing. */
	publish(f, "flu", 1, "別の題", true, false);
	assert_string_equal(report_of(f, 2026).text, report.text);
}

static void plays_that_nobody_could_see_or_that_are_no_notices_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct play_start start;
	struct report report;

	publish(f, "sample", 1, "見本", true, true);
	publish(f, "advert", 1, "広告", false, false);
	publish(f, "dark", 1, "暗", true, false);
	publish(f, "short", 1, "短", true, false);
	play(f, "sample", 1, SAMPLE_AT);
	play(f, "advert", 1, SAMPLE_AT);
	start = sample_start("dark", 1, SAMPLE_AT);
	start.output = PLAY_OUTPUT_OFF;
	sample_record(f->log, &start, 10000, PLAY_OUTPUT);
	/* Black, and the power cut before it was closed as such. */
	start.output = PLAY_OUTPUT_BLACK;
	sample_record(f->log, &start, 4000, PLAY_POWER);
	start = sample_start("short", 1, SAMPLE_AT);
	sample_record(f->log, &start, 3000, PLAY_CONTENT);
	start = sample_start("x", 1, SAMPLE_AT);
	snprintf(start.item_id, sizeof(start.item_id), "plan");
	sample_record(f->log, &start, 10000, PLAY_COMPLETE);
	/* Another item under the hash of a notice that counts. */
	start = sample_start("dark", 1, SAMPLE_AT);
	snprintf(start.item_id, sizeof(start.item_id), "notice/other");
	sample_record(f->log, &start, 10000, PLAY_COMPLETE);
	send_rows(f, 0, 10);
	report = report_of(f, 2026);
	assert_string_equal(report.text, "");
	assert_int_equal(report.summary.notices, 0);
	assert_int_equal(report.summary.unknown, 1);

	/* The panel whose state is not known counts, one that is off adds nothing to it. */
	start = sample_start("dark", 1, SAMPLE_AT);
	start.output = PLAY_OUTPUT_UNKNOWN;
	sample_record(f->log, &start, 10000, PLAY_COMPLETE);
	start.output = PLAY_OUTPUT_OFF;
	sample_record(f->log, &start, 4000, PLAY_CONTENT);
	start.output = PLAY_OUTPUT_BLACK;
	sample_record(f->log, &start, 4000, PLAY_CONTENT);
	send_rows(f, 0, 20);
	assert_verified(f, 10);
	report = report_of(f, 2026);
	assert_string_equal(report.text, "dark|暗|健康課|+0|+0|1|0|10000\n");
	assert_int_equal(report.summary.notices, 1);
}

static void screen_that_does_not_count_adds_nothing(void **state)
{
	struct fixture *f = *state;

	publish(f, "flu", 1, "予防接種", true, false);
	play(f, "flu", 1, SAMPLE_AT);
	assert_ok(db_exec(f->city, "UPDATE screen SET counts = 0", "t", &f->err), f->err);
	send_rows(f, 0, 10);
	assert_int_equal(report_of(f, 2026).summary.notices, 0);
	assert_int_equal(report_of(f, 2026).summary.unknown, 0);
}

static void content_that_is_made_known_later_counts_then(void **state)
{
	struct fixture *f = *state;

	play(f, "flu", 1, SAMPLE_AT);
	send_rows(f, 0, 10);
	assert_int_equal(report_of(f, 2026).summary.notices, 0);
	assert_int_equal(report_of(f, 2026).summary.unknown, 1);
	publish(f, "flu", 1, "予防接種", true, false);
	assert_int_equal(report_of(f, 2026).summary.notices, 1);
	assert_int_equal(report_of(f, 2026).summary.unknown, 0);
}

static void fiscal_year_ends_at_midnight_of_31_march_in_japan(void **state)
{
	struct fixture *f = *state;
	int64_t start = fiscal_year_start(2026).ms;

	publish(f, "last", 1, "前年度", true, false);
	publish(f, "first", 1, "新年度", true, false);
	publish(f, "both", 1, "両年度", true, false);
	play(f, "last", 1, start - 1);
	play(f, "both", 1, start - 20000);
	play(f, "first", 1, start);
	play(f, "both", 1, start + 20000);
	play(f, "last", 1, fiscal_year_start(2027).ms);
	send_rows(f, 0, 10);
	assert_int_equal(report_of(f, 2025).summary.notices, 2);
	assert_int_equal(report_of(f, 2026).summary.notices, 2);
	assert_int_equal(report_of(f, 2027).summary.notices, 1);
	/* Received in November 2026: the plays of 2025 came after their year. */
	assert_int_equal(report_of(f, 2025).summary.late, 2);
	assert_int_equal(report_of(f, 2026).summary.late, 0);
}

static struct wall_ms at_time(const char *text)
{
	struct err err = {0};
	struct wall_ms at;

	assert_ok(wall_parse(text, &at, &err), err);
	return at;
}

static void play_across_the_edge_of_years_counts_where_it_began(void **state)
{
	struct fixture *f = *state;
	struct ledger_summary before, after;

	publish(f, "edge", 1, "年度末", true, false);
	play(f, "edge", 1, at_time("2026-03-31T23:59:59+09:00").ms + 999);
	send_rows(f, 0, 10);
	before = report_of(f, 2025).summary;
	after = report_of(f, 2026).summary;
	assert_int_equal(before.notices, 1);
	assert_int_equal(before.complete, 1);
	assert_int_equal(before.shown_ms, 10000);
	assert_int_equal(after.notices, 0);
	assert_int_equal(after.shown_ms, 0);
	/* Midnight itself is of the new year; in New York it is still the morning before. */
	play(f, "edge", 1, at_time("2026-04-01T00:00:00+09:00").ms);
	send_rows(f, 1, 10);
	assert_int_equal(report_of(f, 2025).summary.complete, 1);
	assert_int_equal(report_of(f, 2026).summary.complete, 1);
	assert_verified(f, 2);
}

static bool month_of_leap_day(void *context, const struct ledger_group *group,
			      struct err *err)
{
	int64_t *complete = context;

	(void)err;
	if (strcmp(group->key, "2028-02") == 0)
		complete[0] = group->complete;
	if (strcmp(group->key, "2028-03") == 0)
		complete[1] = group->complete;
	return true;
}

static void leap_day_is_a_day_of_february(void **state)
{
	struct fixture *f = *state;
	int64_t complete[2] = {0};

	publish(f, "leap", 1, "うるう日", true, false);
	play(f, "leap", 1, at_time("2028-02-29T00:00:00+09:00").ms);
	play(f, "leap", 1, at_time("2028-02-29T23:59:59+09:00").ms + 999);
	play(f, "leap", 1, at_time("2028-03-01T00:00:00+09:00").ms);
	send_rows(f, 0, 10);
	assert_int_equal(report_of(f, 2027).summary.complete, 3);
	assert_ok(ledger_report_groups(f->ledger, 2027, LEDGER_BY_MONTH,
				       month_of_leap_day, complete, &f->err),
		  f->err);
	assert_int_equal(complete[0], 2);
	assert_int_equal(complete[1], 1);
	assert_verified(f, 3);
}

static void plays_without_a_clock_are_counted_apart(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("flu", 1, 1000);
	struct report report;

	publish(f, "flu", 1, "予防接種", true, false);
	start.synchronised = false;
	sample_record(f->log, &start, 10000, PLAY_COMPLETE);
	send_rows(f, 0, 10);
	report = report_of(f, 2026);
	assert_int_equal(report.summary.notices, 0);
	assert_int_equal(report.summary.complete, 0);
	assert_int_equal(report.summary.undated, 1);
	assert_int_equal(report_of(f, 2025).summary.undated, 0);
	assert_int_equal(report_of(f, 1969).summary.notices, 0);
}

static void quarantined_rows_are_told_in_the_report(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch;

	publish(f, "sample", 1, "例", true, false);
	sample_fill(f->log, 3);
	batch = sample_batch(f->log, 0, 3);
	batch->plays[1].shown.ms++;
	send(f, batch);
	assert_int_equal(report_of(f, 2026).summary.quarantined, 1);
	assert_int_equal(report_of(f, 2026).summary.complete, 2);
	assert_int_equal(report_of(f, 2027).summary.quarantined, 0);
}

static bool note_group(void *context, const struct ledger_group *group, struct err *err)
{
	struct report *report = context;
	size_t used = strlen(report->text);

	(void)err;
	if (group->complete + group->partial > 0)
		snprintf(report->text + used, sizeof(report->text) - used,
			 "%s|%s|%d|%d|%d|%d|%d|%d\n", group->key, group->name,
			 (int)group->notices, (int)group->fresh, (int)group->complete,
			 (int)group->partial, (int)group->shown_ms, (int)group->late);
	report->summary.notices++;
	return true;
}

static void assert_groups(struct fixture *f, enum ledger_by by, int count,
			  const char *expected)
{
	struct report report = {.text = ""};

	assert_ok(ledger_report_groups(f->ledger, 2026, by, note_group, &report, &f->err),
		  f->err);
	assert_string_equal(report.text, expected);
	assert_int_equal(report.summary.notices, count);
}

static void report_by_screen_month_and_department_adds_up(void **state)
{
	struct fixture *f = *state;
	int64_t april = fiscal_year_start(2026).ms, month = INT64_C(30) * 86400000;
	struct play_start partial = sample_start("flu", 1, april + month);
	struct playlog *log = f->log, *other;
	char *path = tmp_path(f->dir, "other.db");
	struct db *db;

	publish(f, "flu", 1, "予防接種", true, false);
	publish(f, "library", 1, "図書館", true, false);
	publish(f, "never", 1, "最後まで出ない", true, false);
	assert_ok(db_exec(f->city,
			  "UPDATE published_notice SET department = '図書館課'"
			  " WHERE notice_id = 'library'",
			  "t", &f->err),
		  f->err);
	/* The last instant of April and the first of May in Japan. */
	play(f, "flu", 1, april + month - 1);
	sample_record(f->log, &partial, 2500, PLAY_EMERGENCY);
	play(f, "library", 1, april + month);
	partial = sample_start("never", 1, april + month);
	sample_record(f->log, &partial, 2500, PLAY_EMERGENCY);
	play(f, "flu", 1, fiscal_year_start(2027).ms - 1);
	play(f, "flu", 1, fiscal_year_start(2027).ms);
	send_rows(f, 0, 10);

	add_screen(f, "hoya-1", true);
	db = db_open(path, playlog_migrations, playlog_migration_count, &f->err);
	assert_ok(db, f->err);
	other = playlog_new(db, "hoya-1", &f->err);
	assert_ok(other, f->err);
	f->log = other;
	play(f, "flu", 1, april);
	send_rows(f, 0, 10);
	f->log = log;
	playlog_free(other);
	db_close(db);
	free(path);

	assert_int_equal(report_of(f, 2026).summary.notices, 2);
	assert_int_equal(report_of(f, 2026).summary.complete, 4);
	assert_groups(f, LEDGER_BY_SCREEN, 2,
		      "hoya-1|田無駅|1|1|1|0|10000|0\n"
		      "tanashi-1|田無駅|2|1|3|1|32500|0\n");
	assert_groups(f, LEDGER_BY_MONTH, 12,
		      "2026-04||1|1|2|0|20000|0\n"
		      "2026-05||1|1|1|1|12500|0\n"
		      "2027-03||1|0|1|0|10000|0\n");
	assert_groups(f, LEDGER_BY_DEPARTMENT, 2,
		      "健康課||1|1|3|1|32500|0\n"
		      "図書館課||1|1|1|0|10000|0\n");
}

static bool refuse_line(void *context, const struct ledger_line *line, struct err *err)
{
	(void)context;
	return err_set(err, ERR_IO, "no room for %s", line->notice_id);
}

static void failure_of_the_reader_is_passed_on_and_leaves_no_transaction(void **state)
{
	struct fixture *f = *state;
	struct ledger_summary summary = {.notices = -1};

	publish(f, "flu", 1, "予防接種", true, false);
	play(f, "flu", 1, SAMPLE_AT);
	send_rows(f, 0, 10);
	assert_fails(ledger_report(f->ledger, 2026, &summary, refuse_line, NULL, &f->err),
		     f->err, ERR_IO, "no room for flu");
	assert_int_equal(summary.notices, -1);
	assert_ok(db_begin(f->city, &f->err), f->err);
	db_rollback(f->city);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(batches_in_order_are_held_durably),
		TEST(repeated_and_overlapping_batches_change_nothing),
		TEST(reordered_batches_end_in_the_same_ledger),
		TEST(rows_after_a_gap_are_kept_but_not_confirmed),
		TEST(gaps_and_quarantine_of_a_screen_are_told),
		TEST(batch_of_an_unknown_screen_is_refused),
		TEST(batch_of_another_screen_does_not_fit_its_chain),
		TEST(altered_row_goes_to_quarantine_alone),
		TEST(changed_repeat_leaves_the_row_held_as_it_is),
		TEST(rewritten_history_is_told_where_it_meets_the_ledger),
		TEST(removed_row_is_a_gap),
		TEST(wrong_head_puts_the_last_row_aside),
		TEST(wrong_previous_puts_the_first_row_aside),
		TEST(first_row_ever_follows_no_other),
		TEST(row_after_one_in_quarantine_must_follow_just_that),
		TEST(unreadable_row_holds_up_nothing),
		TEST(restart_of_the_city_keeps_what_was_confirmed),
		TEST(city_restored_from_a_backup_gets_the_rows_again),
		TEST(batch_that_fails_half_way_leaves_nothing_behind),
		TEST(ledger_refuses_to_be_edited_or_pruned),
		TEST(row_altered_in_the_ledger_is_named),
		TEST(altered_proof_is_named),
		TEST(row_removed_from_the_ledger_is_named),
		TEST(altered_time_or_total_is_named),
		TEST(revisions_of_a_notice_count_once_under_the_title_shown_first),
		TEST(plays_that_nobody_could_see_or_that_are_no_notices_do_not_count),
		TEST(screen_that_does_not_count_adds_nothing),
		TEST(content_that_is_made_known_later_counts_then),
		TEST(fiscal_year_ends_at_midnight_of_31_march_in_japan),
		TEST(play_across_the_edge_of_years_counts_where_it_began),
		TEST(leap_day_is_a_day_of_february),
		TEST(plays_without_a_clock_are_counted_apart),
		TEST(quarantined_rows_are_told_in_the_report),
		TEST(report_by_screen_month_and_department_adds_up),
		TEST(failure_of_the_reader_is_passed_on_and_leaves_no_transaction),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
