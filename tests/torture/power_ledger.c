/* The city's ledger against power cuts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/notice.h"
#include "power_cut.h"
#include "power_disk.h"
#include "store/citydb.h"
#include "store/ledger.h"
#include "wire/play_batch.h"

#define SCREEN   "tanashi-1"
#define AT       INT64_C(1795328940000)
#define ROWS_MAX 6000 /* then another city begins from nothing */

/* All that the screen ever has, and what the city had said that it holds. */
struct model {
	struct play plays[ROWS_MAX + 1];
	uint8_t hashes[ROWS_MAX + 1][SHA256_SIZE]; /* [0]: zeros */
	bool held[ROWS_MAX + 1];
	int64_t durable;
	bool ready; /* screen and notice are there */
	int64_t uploads;
};

struct bench {
	const char *path;
	struct db *db;
	struct ledger *ledger;
	struct model *model;
};

static void content_of(uint8_t out[static SHA256_SIZE])
{
	sha256("flu", 3, out);
}

static void make_plays(struct model *model)
{
	struct err err = {0};

	for (int64_t seq = 1; seq <= ROWS_MAX; seq++) {
		struct play *play = &model->plays[seq];

		*play = (struct play){
			.seq = seq,
			.start = {.item_revision = 1,
				  .programme_version = 1,
				  .began = {AT + seq * 10000},
				  .began_mono = {seq * 10000},
				  /* The clock is set some time after each start. */
				  .synchronised = seq % 40 > 9,
				  .planned = {10000},
				  .output = PLAY_OUTPUT_ON},
			.shown = {10000},
			.outcome = seq % 6 ? PLAY_COMPLETE : PLAY_EMERGENCY,
		};
		if (!play->start.synchronised)
			play->start.began.ms = seq * 10000;
		snprintf(play->start.boot_id, sizeof(play->start.boot_id),
			 "0b8b3c9e-6a2f-4f0e-9d5a-%012d", (int)(seq / 40));
		snprintf(play->start.slide_id, sizeof(play->start.slide_id),
			 "notice/flu/%d", (int)(seq % 3));
		snprintf(play->start.item_id, sizeof(play->start.item_id), "notice/flu");
		content_of(play->start.content_hash);
		if (!play_hash(model->hashes[seq - 1], SCREEN, play, model->hashes[seq],
			       &err))
			power_cut_fail("ledger: %s", err.text);
	}
}

static void check_cut(const struct err *err)
{
	if (!power_disk_is_off())
		power_cut_fail("ledger: failed with the power on: %s", err->text);
}

static void close_ledger(struct bench *bench)
{
	bench->ledger = ledger_free(bench->ledger);
	bench->db = db_close(bench->db);
}

static bool introduce(struct bench *bench, struct err *err)
{
	const struct notice notice = {.id = "flu",
				      .revision = 1,
				      .title = "予防接種",
				      .department = "健康課",
				      .counts = true};
	uint8_t content[SHA256_SIZE];

	content_of(content);
	return screen_add(bench->db, SCREEN, "田無駅", true, content,
			  (struct wall_ms){AT}, (struct wall_ms){AT}, err) &&
	       ledger_know_notice(bench->ledger, &notice, content, (struct wall_ms){AT},
				  err);
}

static bool start(struct bench *bench)
{
	struct err err = {0};

	bench->db = db_open(bench->path, citydb_migrations, citydb_migration_count, &err);
	if (bench->db)
		bench->ledger = ledger_new(bench->db, &err);
	if (bench->ledger && (bench->model->ready || introduce(bench, &err))) {
		bench->model->ready = true;
		return true;
	}
	check_cut(&err);
	return false;
}

/* Mostly what comes next, sometimes a repeat, an overlap, or rows behind a gap. */
static struct play_batch *next_batch(struct model *model)
{
	int64_t rows = 1 + (int64_t)power_disk_random(40);
	int64_t first = model->durable + 1;
	struct err err = {0};
	struct play_batch *batch;

	if (power_disk_random(5) == 0)
		first += (int64_t)power_disk_random(60) - 30;
	if (first < 1)
		first = 1;
	if (first > ROWS_MAX)
		first = ROWS_MAX;
	if (rows > ROWS_MAX - first + 1)
		rows = ROWS_MAX - first + 1;
	batch = play_batch_new(SCREEN, (size_t)rows, &err);
	if (!batch)
		power_cut_fail("ledger: %s", err.text);
	batch->first = first;
	batch->play_count = (size_t)rows;
	memcpy(batch->plays, &model->plays[first], (size_t)rows * sizeof(struct play));
	memcpy(batch->hashes, model->hashes[first], (size_t)rows * SHA256_SIZE);
	memcpy(batch->previous, model->hashes[first - 1], SHA256_SIZE);
	memcpy(batch->head, model->hashes[first + rows - 1], SHA256_SIZE);
	return batch;
}

static bool step(struct bench *bench, struct err *err)
{
	struct model *model = bench->model;
	struct play_batch *batch = next_batch(model);
	struct ledger_receipt receipt;
	/* Never twice at the same time: a row that does not change is not written. */
	struct wall_ms at = {AT * 2 + model->uploads++};
	bool accepted = ledger_accept(bench->ledger, batch, at, &receipt, err);

	if (accepted) {
		if (receipt.durable_seq < model->durable || receipt.quarantined > 0)
			power_cut_fail("ledger: %" PRId64 " rows went to quarantine, "
				       "durable %" PRId64 " after %" PRId64,
				       receipt.quarantined, receipt.durable_seq,
				       model->durable);
		model->durable = receipt.durable_seq;
		for (size_t i = 0; i < batch->play_count; i++)
			model->held[batch->plays[i].seq] = true;
	}
	play_batch_free(batch);
	return accepted;
}

/* Every row that was confirmed is there, and the chain and totals of all of them hold. */
static void check(struct bench *bench)
{
	struct model *model = bench->model;
	struct err err = {0};
	sqlite3_stmt *stmt;
	struct screen screen;
	int64_t rows, seq = 0;
	bool row = false;

	if (!screen_find(bench->db, SCREEN, &screen, &err) ||
	    !ledger_verify(bench->ledger, SCREEN, &rows, &err))
		power_cut_fail("%s", err.text);
	if (screen.durable_seq < model->durable)
		power_cut_fail("ledger: durable up to %" PRId64 ", not %" PRId64,
			       screen.durable_seq, model->durable);
	model->durable = screen.durable_seq;
	stmt = db_prepare(bench->db, "SELECT seq, hash FROM play ORDER BY seq", &err);
	while (stmt && db_step(bench->db, stmt, &row, "check", &err) && row) {
		int64_t there = sqlite3_column_int64(stmt, 0);
		uint8_t hash[SHA256_SIZE];

		for (seq++; seq < there; seq++)
			if (model->held[seq])
				break;
		if (seq != there || !db_bytes(stmt, 1, hash, sizeof(hash)) ||
		    memcmp(hash, model->hashes[seq], sizeof(hash)) != 0)
			power_cut_fail("ledger: row %" PRId64 " is missing or altered",
				       seq);
		model->held[seq] = true;
	}
	db_finalize(&stmt);
	for (seq++; seq <= ROWS_MAX; seq++)
		if (model->held[seq])
			power_cut_fail("ledger: row %" PRId64 " is missing", seq);
}

static void begin_anew(struct bench *bench)
{
	struct model *model = bench->model;

	power_disk_clear();
	memset(model->held, 0, sizeof(model->held));
	model->durable = 0;
	model->ready = false;
}

int64_t power_cut_ledger(const char *path, uint64_t cuts)
{
	struct model *model = calloc(1, sizeof(*model));
	struct bench bench = {.path = path, .model = model};
	int64_t rows = 0;

	if (!model)
		power_cut_fail("out of memory");
	make_plays(model);
	for (uint64_t i = 0; i < cuts; i++) {
		struct err err = {0};

		power_disk_cut_after(power_cut_operations());
		if (start(&bench)) {
			check(&bench);
			while (step(&bench, &err))
				continue;
			check_cut(&err);
		}
		close_ledger(&bench);
		power_disk_restart();
		if (model->durable == ROWS_MAX) {
			rows += model->durable;
			begin_anew(&bench);
		}
	}
	if (!start(&bench))
		power_cut_fail("ledger: it does not open");
	check(&bench);
	rows += model->durable;
	close_ledger(&bench);
	free(model);
	return rows;
}

int64_t power_cut_new_ledger(const char *path, uint64_t cuts)
{
	struct model *model = calloc(1, sizeof(*model));
	struct bench bench = {.path = path, .model = model};
	int64_t ledgers = 0;

	if (!model)
		power_cut_fail("out of memory");
	for (uint64_t i = 0; i < cuts; i++) {
		begin_anew(&bench);
		power_disk_cut_after(1 + power_disk_random(200));
		ledgers += start(&bench);
		close_ledger(&bench);
		power_disk_restart();
		/* The screen is there if that was said, and can be put there if not. */
		if (!start(&bench))
			power_cut_fail("ledger: it does not open");
		check(&bench);
		close_ledger(&bench);
	}
	free(model);
	return ledgers;
}
