/*
 * Everything at once, in random order: plays of several boots, with and without a clock,
 * uploads that are lost, repeated and reordered, answers that are lost, folding at any time;
 * then either a city that goes back to a backup, or rot in what the city holds already and
 * raw rows that are pruned on both sides. In the end the report is, byte for byte, that of a city which got each row at once.
 */
#include <inttypes.h>
#include <unistd.h>

#include "sample_city.h"

#define ROUNDS   60
#define FLYING   12
#define NOTICES  4
#define ROWS_MAX 20000
#define SEEDS    4

struct story {
	struct sample *s;
	struct sample_city truth; /* got every row as it was made */
	uint64_t random;
	int64_t clock, mono; /* of the box */
	int boot;
	bool set;             /* its clock is */
	char *flying[FLYING]; /* uploads that have not arrived, or arrive again */
	int64_t folded;
	int64_t pruned, pruned_rows; /* up to there on the screen; of the city */
	int64_t began[ROWS_MAX];     /* by number */
};

/* Numerical Recipes' linear congruential generator: the same story each time. */
static int64_t chance(struct story *story, int64_t below)
{
	story->random = story->random * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)((story->random >> 33) % (uint64_t)below);
}

static void reboot(struct story *story)
{
	story->boot++;
	story->mono = 1000 + chance(story, 100000);
	story->clock += 60000;
	story->set = chance(story, 3) != 0;
}

static void record(struct story *story, int count)
{
	struct sample *s = story->s;

	for (int i = 0; i < count; i++) {
		int64_t dwell = 5000 + chance(story, 20000);
		int64_t number = chance(story, NOTICES);
		struct play_batch *batch;
		struct play_start start;
		char id[16];

		snprintf(id, sizeof(id), "n-%d", (int)number);
		start = sample_start(id, 1 + chance(story, 2),
				     story->set ? story->clock : story->mono);
		snprintf(start.boot_id, sizeof(start.boot_id),
			 "0b8b3c9e-6a2f-4f0e-9d5a-%012d", story->boot);
		start.began_mono.ms = story->mono;
		start.synchronised = story->set;
		if (chance(story, 15) == 0)
			start.output = PLAY_OUTPUT_OFF;
		sample_record(s->log, &start, dwell,
			      start.output == PLAY_OUTPUT_OFF ? PLAY_OUTPUT
			      : dwell < 9500                  ? PLAY_CONTENT
							      : PLAY_COMPLETE);
		assert_true(playlog_last_closed(s->log) < ROWS_MAX);
		story->began[playlog_last_closed(s->log)] = story->clock;
		batch = sample_batch(s->log, playlog_last_closed(s->log) - 1, 1);
		assert_ok(ledger_accept(story->truth.ledger, batch, SAMPLE_RECEIVED,
					&story->truth.receipt, &s->err),
			  s->err);
		play_batch_free(batch);
		story->clock += dwell;
		story->mono += dwell;
		story->set = story->set || chance(story, 20) == 0;
	}
}

/* The answer arrives, or not. */
static void answer(struct story *story)
{
	struct sample *s = story->s;
	int64_t durable = s->city.receipt.durable_seq;

	story->clock++;
	if (chance(story, 2) && durable <= playlog_last_closed(s->log))
		assert_ok(playlog_acknowledge(s->log, durable,
					      (struct wall_ms){story->clock}, &s->err),
			  s->err);
}

/* Something is made for the way; something, perhaps from long ago, arrives. */
static void carry(struct story *story)
{
	struct sample *s = story->s;
	int64_t place = chance(story, FLYING), last;
	int64_t after = chance(story, 4) ? playlog_acknowledged(s->log)
					 : chance(story, playlog_last_closed(s->log) + 1);
	int64_t arriving = chance(story, FLYING);

	if (after >= playlog_acknowledged(s->log)) {
		free(story->flying[place]);
		story->flying[place] =
			sample_next(s, after, (size_t)(1 + chance(story, 60)), &last);
	}
	if (story->flying[arriving]) {
		sample_give(s, &s->city, story->flying[arriving], SAMPLE_RECEIVED);
		answer(story);
	}
}

static void backup_or_restore(struct story *story)
{
	static const char name[] = "backup.db";
	struct sample *s = story->s;
	char *path = tmp_path(s->dir, name);
	char *bytes;
	size_t len;

	if (chance(story, 2)) {
		remove(path);
		assert_ok(db_backup(s->city.db, path, &s->err), s->err);
	} else if (access(path, F_OK) == 0) {
		sample_city_close(&s->city);
		bytes = tmp_read(path, &len);
		tmp_write(s->dir, "city.db", bytes, len);
		free(bytes);
		sample_city_open(s, &s->city);
		sample_run(s, s->city.db, "PRAGMA synchronous = OFF");
	}
	free(path);
}

/* Up to which row the screen has forgotten. */
static int64_t pruned_by_screen(struct sample *s)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(s->db, "SELECT pruned_seq FROM log", &s->err);
	bool row;

	assert_ok(stmt && db_step(s->db, stmt, &row, "test", &s->err), s->err);
	return sqlite3_column_int64(stmt, 0);
}

/* The city keeps raw rows for longer than the screen does. */
static void prune(struct story *story)
{
	struct sample *s = story->s;
	int64_t rows;

	if (chance(story, 2))
		assert_ok(playlog_prune(s->log, (struct wall_ms){story->clock + 1}, &rows,
					&s->err),
			  s->err);
	story->pruned = pruned_by_screen(s);
	assert_ok(ledger_prune(s->city.ledger,
			       (struct wall_ms){story->began[story->pruned]},
			       (struct wall_ms){story->clock}, &rows, &s->err),
		  s->err);
	story->pruned_rows += rows;
}

/* A row rots that the city holds since long. */
static void rot(struct story *story)
{
	struct sample *s = story->s;
	int64_t held = playlog_acknowledged(s->log);
	char sql[100];

	if (held == story->pruned)
		return;
	snprintf(sql, sizeof(sql), "UPDATE play SET slide = 9999 WHERE seq = %" PRId64,
		 story->pruned + 1 + chance(story, held - story->pruned));
	sample_run(s, s->db, sql);
}

static void turn(struct story *story, bool rotting)
{
	switch (chance(story, 9)) {
	case 0:
	case 1:
		record(story, (int)chance(story, 120));
		break;
	case 2:
		reboot(story);
		break;
	case 3:
		story->folded += sample_fold(story->s);
		break;
	case 4:
		/* With both, rows would be lost in truth. */
		if (rotting)
			rot(story);
		else
			backup_or_restore(story);
		break;
	case 5:
		if (rotting)
			prune(story);
		break;
	default:
		for (int i = 0; i < 6; i++)
			carry(story);
		break;
	}
}

/* What is still on its way arrives in any order; then all that the city does not have. */
static void finish(struct story *story)
{
	struct sample *s = story->s;
	struct screen screen;

	for (int i = 0; i < FLYING; i++) {
		if (story->flying[i])
			sample_give(s, &s->city, story->flying[i], SAMPLE_RECEIVED);
		free(story->flying[i]);
		story->flying[i] = NULL;
	}
	assert_ok(screen_find(s->city.db, SAMPLE_SCREEN, &screen, &s->err), s->err);
	sample_send(s, &s->city, screen.durable_seq);
	assert_ok(screen_find(s->city.db, SAMPLE_SCREEN, &screen, &s->err), s->err);
	assert_int_equal(screen.durable_seq, playlog_last_closed(s->log));
}

/* Nothing should be in quarantine. */
static bool show(void *context, const struct ledger_quarantined *row, struct err *err)
{
	(void)context;
	(void)err;
	print_message("%d: %s\n", (int)row->seq, row->reason);
	return true;
}

static void tell(struct sample *s, uint64_t seed)
{
	static struct story story;
	struct sample_report city, truth;
	char name[32];

	story = (struct story){.s = s, .random = seed, .clock = SAMPLE_AT};
	snprintf(name, sizeof(name), "truth-%d.db", (int)seed);
	story.truth = sample_city_new(s, name);
	for (int i = 0; i < NOTICES; i++) {
		char id[16];

		snprintf(id, sizeof(id), "n-%d", i);
		for (int revision = 1; revision <= 2; revision++) {
			sample_know(s, &s->city, id, revision, id);
			sample_know(s, &story.truth, id, revision, id);
		}
	}
	reboot(&story);
	for (int i = 0; i < ROUNDS; i++)
		turn(&story, seed % 2 == 0);
	record(&story, 10);
	finish(&story);
	city = sample_report(s, &s->city, SAMPLE_YEAR);
	truth = sample_report(s, &story.truth, SAMPLE_YEAR);
	if (city.summary.quarantined > 0)
		assert_ok(ledger_quarantine_newest(s->city.ledger, SAMPLE_SCREEN, 5, show,
						   NULL, &s->err),
			  s->err);
	assert_string_equal(city.text, truth.text);
	assert_int_equal(city.summary.notices, truth.summary.notices);
	assert_int_equal(city.summary.complete, truth.summary.complete);
	assert_int_equal(city.summary.partial, truth.summary.partial);
	assert_int_equal(city.summary.shown_ms, truth.summary.shown_ms);
	assert_int_equal(city.summary.undated, truth.summary.undated);
	assert_int_equal(city.summary.quarantined, 0);
	print_message(
		"seed %d: %d plays, %d folded, %d known as totals only, %d pruned\n",
		(int)seed, (int)playlog_last_closed(s->log), (int)story.folded,
		(int)city.summary.folded, (int)story.pruned_rows);
	sample_verify(s, &s->city);
	sample_verify(s, &story.truth);
	sample_city_close(&story.truth);
	free(story.truth.path);
}

static void report_is_the_same_whatever_happens_on_the_way(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		void *fixture = NULL;

		assert_int_equal(sample_set_up(&fixture), 0);
		tell(fixture, seed);
		assert_int_equal(sample_tear_down(&fixture), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(report_is_the_same_whatever_happens_on_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
