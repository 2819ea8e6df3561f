/* The screen's play log against power cuts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "power_cut.h"
#include "power_disk.h"
#include "store/db.h"
#include "store/playlog.h"
#include "wire/play_batch.h"

#define SCREEN    "tanashi-1"
#define AT        INT64_C(1795328940000)
#define ROWS_MAX  200000
#define ROWS_KEPT 120 /* older ones are acknowledged and pruned */

/* What the log had said is durable, and the one call whose outcome is not known. */
struct row {
	bool begun, ended;
	int64_t beat, shown;
	enum play_outcome outcome;
};

struct model {
	struct row rows[ROWS_MAX];
	int64_t last; /* highest row that was begun for sure */
	int64_t acknowledged, pruned;
	/* Of the call during which the power went. */
	bool maybe_begun, maybe_ended;
	int64_t maybe_shown, maybe_acknowledged, maybe_pruned;
	enum play_outcome maybe_outcome;
};

struct bench {
	const char *path;
	struct db *db;
	struct playlog *log;
	struct model *model;
	int64_t open; /* row on screen; 0: none */
};

static struct play_start start_of(int64_t seq)
{
	struct play_start start = {
		.boot_id = "0b8b3c9e-6a2f-4f0e-9d5a-0123456789ab",
		.item_revision = 1 + seq % 3,
		.programme_version = seq % 5,
		.began = {AT + seq * 10000},
		.began_mono = {seq * 10000},
		.synchronised = true,
		.planned = {10000},
		.output = PLAY_OUTPUT_ON,
	};

	snprintf(start.slide_id, sizeof(start.slide_id), "notice/n-%d/1", (int)(seq % 9));
	snprintf(start.item_id, sizeof(start.item_id), "notice/n-%d", (int)(seq % 9));
	memset(start.content_hash, (int)(seq % 251), sizeof(start.content_hash));
	return start;
}

static void close_log(struct bench *bench)
{
	bench->log = playlog_free(bench->log);
	bench->db = db_close(bench->db);
	bench->open = 0;
}

/* A failure without a power cut is a fault. */
static void check_cut(const struct err *err)
{
	if (!power_disk_is_off())
		power_cut_fail("play log: failed with the power on: %s", err->text);
}

static bool begin(struct bench *bench, struct err *err)
{
	struct model *model = bench->model;
	int64_t expected = model->last + 1, seq = 0;
	struct play_start start = start_of(expected);

	if (!playlog_begin(bench->log, &start, &seq, err)) {
		model->maybe_begun = true;
		return false;
	}
	if (seq != expected)
		power_cut_fail("play log: row %" PRId64 " was begun as %" PRId64,
			       expected, seq);
	model->last = seq;
	model->rows[seq] = (struct row){.begun = true};
	bench->open = seq;
	return true;
}

/* The open row gives way to the next, in one transaction. */
static bool give_way(struct bench *bench, const struct row *ended, struct err *err)
{
	struct model *model = bench->model;
	struct play_start next = start_of(model->last + 1);
	int64_t seq = 0;

	model->maybe_begun = true;
	if (!playlog_next_play(bench->log, bench->open, (struct span_ms){ended->shown}, 1,
			       ended->outcome, &next, &seq, err))
		return false;
	if (seq != model->last + 1)
		power_cut_fail("play log: row %" PRId64 " was begun as %" PRId64,
			       model->last + 1, seq);
	model->maybe_begun = model->maybe_ended = false;
	model->rows[bench->open] = *ended;
	model->last = seq;
	model->rows[seq] = (struct row){.begun = true};
	bench->open = seq;
	return true;
}

static bool go_on(struct bench *bench, struct err *err)
{
	struct model *model = bench->model;
	struct row *row = &model->rows[bench->open], ended;
	enum play_outcome outcome = power_disk_random(4) ? PLAY_COMPLETE : PLAY_EMERGENCY;
	int64_t shown = outcome == PLAY_COMPLETE ? 10000 : 7000;

	if (power_disk_random(3) == 0) {
		shown = row->beat + 1000;
		/* When it fails, it may be there or not: the row may end with either. */
		model->maybe_shown = shown;
		if (!playlog_heartbeat(bench->log, bench->open, (struct span_ms){shown},
				       err))
			return false;
		row->beat = shown;
		return true;
	}
	model->maybe_ended = true;
	model->maybe_shown = shown;
	model->maybe_outcome = outcome;
	ended = (struct row){
		.begun = true, .ended = true, .shown = shown, .outcome = outcome};
	if (power_disk_random(2) == 0)
		return give_way(bench, &ended, err);
	if (!playlog_end(bench->log, bench->open, (struct span_ms){shown}, 1, outcome,
			 err))
		return false;
	model->maybe_ended = false;
	*row = ended;
	bench->open = 0;
	return true;
}

static bool tidy(struct bench *bench, struct err *err)
{
	struct model *model = bench->model;
	int64_t to = playlog_last_closed(bench->log) - (int64_t)power_disk_random(20);
	int64_t gone = 0;

	/* Now and then the city goes back to a backup. */
	if (power_disk_random(5) == 0)
		to = model->acknowledged - (int64_t)power_disk_random(20);
	if (to > model->pruned) {
		model->maybe_acknowledged = to;
		if (!playlog_acknowledge(bench->log, to, (struct wall_ms){AT + to}, err))
			return false;
		model->acknowledged = to;
	}
	if (model->last - model->pruned < ROWS_KEPT)
		return true;
	model->maybe_pruned = model->acknowledged;
	if (!playlog_prune(bench->log, (struct wall_ms){AT * 2}, &gone, err))
		return false;
	model->pruned += gone;
	return true;
}

static bool step(struct bench *bench, struct err *err)
{
	struct model *model = bench->model;

	model->maybe_begun = model->maybe_ended = false;
	model->maybe_shown = -1;
	model->maybe_acknowledged = model->acknowledged;
	model->maybe_pruned = model->pruned;
	if (power_disk_random(12) == 0)
		return tidy(bench, err);
	return bench->open ? go_on(bench, err) : begin(bench, err);
}

/* --- What is there when the power is back ---------------------------------------------- */

static void check_row(struct model *model, const struct play *play)
{
	struct play_start start = start_of(play->seq);
	struct row *row = &model->rows[play->seq];
	bool is_last = play->seq == model->last;

	if (strcmp(play->start.slide_id, start.slide_id) != 0 ||
	    play->start.began.ms != start.began.ms ||
	    memcmp(play->start.content_hash, start.content_hash, PLAY_HASH_SIZE) != 0)
		power_cut_fail("play log: row %" PRId64 " is another one", play->seq);
	if (row->ended) {
		if (play->shown.ms != row->shown || play->outcome != row->outcome)
			power_cut_fail("play log: row %" PRId64 " has changed",
				       play->seq);
		return;
	}
	/* It was on screen when the power went, or its end was just being written. */
	if (!(is_last && play->outcome == PLAY_POWER &&
	      (play->shown.ms == row->beat || play->shown.ms == model->maybe_shown)) &&
	    !(is_last && model->maybe_ended && play->outcome == model->maybe_outcome &&
	      play->shown.ms == model->maybe_shown))
		power_cut_fail("play log: row %" PRId64 " ended as %s after %" PRId64,
			       play->seq, play_outcome_name(play->outcome),
			       play->shown.ms);
	row->ended = true;
	row->shown = play->shown.ms;
	row->outcome = play->outcome;
}

/* All rows from the oldest that is kept, each after the one before it. */
static void check_rows(struct bench *bench)
{
	struct model *model = bench->model;
	uint8_t hash[SHA256_SIZE], expected[SHA256_SIZE];
	int64_t next = 0;
	struct err err = {0};

	for (;;) {
		struct play_batch *batch = NULL;

		if (!playlog_batch(bench->log, next ? next - 1 : 0, PLAY_BATCH_ROWS_MAX,
				   &batch, &err))
			power_cut_fail("play log: %s", err.text);
		if (!batch)
			break;
		if (next == 0) {
			next = batch->first;
			memcpy(hash, batch->previous, sizeof(hash));
			if (next - 1 != model->pruned && next - 1 != model->maybe_pruned)
				power_cut_fail("play log: it begins with row %" PRId64
					       ", %" PRId64 " were pruned",
					       next, model->pruned);
			model->pruned = next - 1;
		}
		for (size_t i = 0; i < batch->play_count; i++, next++) {
			const struct play *play = &batch->plays[i];

			if (play->seq != next)
				power_cut_fail("play log: row %" PRId64 " is missing",
					       next);
			check_row(model, play);
			if (!play_hash(hash, SCREEN, play, expected, &err) ||
			    memcmp(expected, batch->hashes[i], SHA256_SIZE) != 0)
				power_cut_fail("play log: row %" PRId64
					       " breaks the chain",
					       next);
			memcpy(hash, expected, sizeof(hash));
		}
		play_batch_free(batch);
	}
	if (playlog_last_closed(bench->log) < model->last ||
	    (next != 0 && next != playlog_last_closed(bench->log) + 1))
		power_cut_fail("play log: it ends with row %" PRId64 ", not %" PRId64,
			       playlog_last_closed(bench->log), model->last);
}

static void check(struct bench *bench)
{
	struct model *model = bench->model;
	int64_t last = playlog_last_closed(bench->log);
	int64_t acknowledged = playlog_acknowledged(bench->log);

	if (last == model->last + 1 && model->maybe_begun) {
		/* Both or neither: the row before has ended if this one has begun. */
		if (model->maybe_ended)
			model->rows[model->last] =
				(struct row){.begun = true,
					     .ended = true,
					     .shown = model->maybe_shown,
					     .outcome = model->maybe_outcome};
		model->last = last;
		model->rows[last] = (struct row){.begun = true};
		model->maybe_shown = 0;
		model->maybe_ended = false;
	} else if (model->maybe_begun) {
		model->maybe_ended = false;
	}
	check_rows(bench);
	if (acknowledged != model->acknowledged &&
	    acknowledged != model->maybe_acknowledged)
		power_cut_fail("play log: acknowledged up to %" PRId64 ", not %" PRId64,
			       acknowledged, model->acknowledged);
	model->acknowledged = acknowledged;
	model->maybe_begun = model->maybe_ended = false;
}

/* Opens the log and closes what was open; false when the power went meanwhile. */
static bool start(struct bench *bench)
{
	struct err err = {0};
	int64_t recovered;

	bench->db =
		db_open(bench->path, playlog_migrations, playlog_migration_count, &err);
	if (bench->db)
		bench->log = playlog_new(bench->db, SCREEN, &err);
	if (bench->log && playlog_recover(bench->log, &recovered, &err))
		return true;
	check_cut(&err);
	return false;
}

int64_t power_cut_playlog(const char *path, uint64_t cuts)
{
	struct model *model = calloc(1, sizeof(*model));
	struct bench bench = {.path = path, .model = model};
	int64_t rows;

	if (!model)
		power_cut_fail("out of memory");
	for (uint64_t i = 0; i < cuts; i++) {
		struct err err = {0};

		power_disk_cut_after(power_cut_operations());
		if (start(&bench)) {
			check(&bench);
			while (model->last + 2 < ROWS_MAX && step(&bench, &err))
				continue;
			if (model->last + 2 >= ROWS_MAX)
				power_cut_fail("play log: too many rows for the test");
			check_cut(&err);
		}
		close_log(&bench);
		power_disk_restart();
	}
	if (!start(&bench))
		power_cut_fail("play log: it does not open");
	check(&bench);
	rows = model->last;
	close_log(&bench);
	free(model);
	return rows;
}
