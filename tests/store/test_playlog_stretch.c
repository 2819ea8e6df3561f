/* What stands in the place of rows: totals of those folded, statements about those lost. */
#include <sqlite3.h>

#include "sample_plays.h"
#include "store/db.h"
#include "support/tmp.h"
#include "wire/key.h"
#include "wire/play_stretch.h"
#include "wire/play_upload.h"

struct fixture {
	char *dir, *path;
	struct db *db;
	struct playlog *log;
	struct signer *signer;
	struct err err;
};

static void reopen(struct fixture *f)
{
	playlog_free(f->log);
	db_close(f->db);
	f->db = db_open(f->path, playlog_migrations, playlog_migration_count, &f->err);
	assert_ok(f->db, f->err);
	f->log = playlog_new(f->db, "tanashi-1", &f->err);
	assert_ok(f->log, f->err);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dir = tmp_dir();
	f->path = tmp_path(f->dir, "plays.db");
	f->signer = signer_generate(&f->err);
	assert_ok(f->signer, f->err);
	reopen(f);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	playlog_free(f->log);
	db_close(f->db);
	signer_free(f->signer);
	free(f->path);
	tmp_remove(f->dir);
	free(f);
	return 0;
}

static void run(struct fixture *f, const char *sql)
{
	assert_ok(db_exec(f->db, sql, "test", &f->err), f->err);
}

/* What follows @after; a document must be of @kind, and is read into @out. */
static int64_t next_document(struct fixture *f, int64_t after,
			     enum play_stretch_kind kind, struct play_stretch *out)
{
	uint8_t key[ED25519_PUBLIC_SIZE];
	struct play_upload *upload;
	struct playlog_next next;
	int64_t last;

	assert_ok(playlog_next(f->log, after, 100, f->signer, &next, &f->err), f->err);
	assert_null(next.batch);
	assert_non_null(next.document);
	signer_public(f->signer, key);
	upload = play_upload_open(next.document, strlen(next.document), &f->err);
	assert_ok(upload, f->err);
	assert_ok(play_upload_verify(upload, key, &f->err), f->err);
	assert_int_equal(play_upload_kind(upload),
			 kind == PLAY_STRETCH_LOST ? PLAY_UPLOAD_LOST : PLAY_UPLOAD_FOLD);
	assert_ok(play_upload_stretch(upload, out, &f->err), f->err);
	last = next.last;
	assert_int_equal(out->last, last);
	play_upload_free(upload);
	playlog_next_done(&next);
	return last;
}

static int64_t next_rows(struct fixture *f, int64_t after, int64_t count)
{
	struct playlog_next next;

	assert_ok(playlog_next(f->log, after, 100, f->signer, &next, &f->err), f->err);
	assert_null(next.document);
	assert_int_equal(next.batch ? (int64_t)next.batch->play_count : 0, count);
	assert_int_equal(next.last, after + count);
	playlog_next_done(&next);
	return after + count;
}

static void damaged_row_is_named_and_what_is_behind_it_flows_on(void **state)
{
	struct fixture *f = *state;
	struct play_stretch lost, again;
	uint8_t hash[SHA256_SIZE];
	struct play_batch *batch;

	sample_fill(f->log, 10);
	batch = sample_batch(f->log, 3, 1);
	memcpy(hash, batch->head, sizeof(hash));
	play_batch_free(batch);
	run(f, "UPDATE play SET planned_ms = -7 WHERE seq = 4");
	next_rows(f, 0, 3);
	assert_int_equal(next_document(f, 3, PLAY_STRETCH_LOST, &lost), 4);
	assert_int_equal(lost.first, 4);
	assert_memory_equal(lost.head, hash, sizeof(hash));
	assert_non_null(strstr(lost.reason, "planned_ms"));
	assert_non_null(
		strstr(lost.reason, "slide notice/sample/1, began_ms 1795328970000"));
	next_rows(f, 4, 6);
	/* It stands for good. */
	reopen(f);
	assert_int_equal(next_document(f, 3, PLAY_STRETCH_LOST, &again), 4);
	assert_string_equal(again.reason, lost.reason);
	assert_int_equal(playlog_last_closed(f->log), 10);
}

static void rows_that_are_gone_are_named_up_to_the_next_that_is_there(void **state)
{
	struct fixture *f = *state;
	const uint8_t zeros[SHA256_SIZE] = {0};
	struct play_stretch lost;

	sample_fill(f->log, 10);
	run(f, "DELETE FROM play WHERE seq IN (1, 2, 7, 8)");
	run(f, "UPDATE play SET hash = x'00' WHERE seq = 9");
	assert_int_equal(next_document(f, 0, PLAY_STRETCH_LOST, &lost), 2);
	assert_memory_equal(lost.head, zeros, sizeof(zeros));
	next_rows(f, 2, 4);
	assert_int_equal(next_document(f, 6, PLAY_STRETCH_LOST, &lost), 9);
	assert_int_equal(lost.first, 7);
	next_rows(f, 9, 1);
	next_rows(f, 10, 0);
}

static void damage_of_the_newest_row_uses_its_number_up(void **state)
{
	struct fixture *f = *state;
	struct play_start start = sample_start("a", 1, SAMPLE_AT);
	struct play_stretch lost;
	int64_t seq = 0;

	sample_fill(f->log, 3);
	assert_ok(playlog_begin(f->log, &start, &seq, &f->err), f->err);
	/* The power goes, and the row that was open rots. */
	run(f, "UPDATE play SET slide = 4711 WHERE seq = 4");
	reopen(f);
	assert_ok(playlog_recover(f->log, &seq, &f->err), f->err);
	assert_int_equal(seq, 4);
	assert_int_equal(sample_record(f->log, &start, 10000, PLAY_COMPLETE), 5);
	next_rows(f, 0, 3);
	assert_int_equal(next_document(f, 3, PLAY_STRETCH_LOST, &lost), 4);
	next_rows(f, 4, 1);
	/* And so does the hash that the next row is to be chained to. */
	run(f, "UPDATE play SET hash = NULL, outcome = 3 WHERE seq = 5");
	reopen(f);
	assert_int_equal(sample_record(f->log, &start, 10000, PLAY_COMPLETE), 6);
}

static void city_that_asks_for_pruned_rows_is_told_that_they_are_gone(void **state)
{
	struct fixture *f = *state;
	struct play_stretch lost;
	int64_t pruned;

	sample_fill(f->log, 10);
	assert_ok(playlog_acknowledge(f->log, 6, (struct wall_ms){1}, &f->err), f->err);
	assert_ok(playlog_prune(f->log, (struct wall_ms){2}, &pruned, &f->err), f->err);
	assert_int_equal(pruned, 6);
	/* Its backup is older than the days for which rows are kept here. */
	assert_ok(playlog_acknowledge(f->log, 2, (struct wall_ms){3}, &f->err), f->err);
	assert_int_equal(next_document(f, 2, PLAY_STRETCH_LOST, &lost), 6);
	assert_non_null(strstr(lost.reason, "after the city had confirmed them"));
	next_rows(f, 6, 4);
}

/* --- Folding --------------------------------------------------------------------------- */

/* Records @count plays of three slides, some cut short, in boot @boot from @at on. */
static void record_mixed(struct fixture *f, int count, int boot, bool synchronised)
{
	int64_t base = playlog_last_closed(f->log);

	for (int i = 0; i < count; i++) {
		int64_t at = SAMPLE_AT + (base + i) * 10000;
		struct play_start start = sample_start("mixed", 1, at);

		start.boot_id[0] = (char)('0' + boot);
		start.synchronised = synchronised;
		start.slide_id[13] = (char)('1' + i % 3);
		sample_record(f->log, &start, i % 5 ? 10000 : 4000,
			      i % 5 ? PLAY_COMPLETE : PLAY_EMERGENCY);
	}
}

static void folded_rows_become_totals_that_add_up_and_the_chain_goes_on(void **state)
{
	struct fixture *f = *state;
	struct play_batch *all, *rest;
	struct play_stretch fold;
	int64_t folded = 0, plays = 0, shown = 0;

	record_mixed(f, 100, 1, true);
	record_mixed(f, 400, 2, true);
	all = sample_batch(f->log, 0, 500);
	assert_ok(playlog_fold(f->log, f->signer, &folded, &f->err), f->err);
	assert_int_equal(folded, 100);
	assert_int_equal(next_document(f, 0, PLAY_STRETCH_FOLD, &fold), 100);
	assert_memory_equal(fold.head, all->hashes[99], SHA256_SIZE);
	assert_memory_equal(fold.previous, all->previous, SHA256_SIZE);
	assert_int_equal(fold.slide_count, 3);
	for (size_t i = 0; i < fold.total_count; i++) {
		plays += fold.totals[i].plays;
		shown += fold.totals[i].shown.ms;
		assert_true(fold.totals[i].first.ms / 3600000 == fold.totals[i].hour);
	}
	assert_int_equal(plays, 100);
	assert_int_equal(shown, 80 * 10000 + 20 * 4000);
	play_stretch_done(&fold);

	/* Asked from the midst of it, the whole is told again. */
	reopen(f);
	assert_int_equal(next_document(f, 50, PLAY_STRETCH_FOLD, &fold), 100);
	play_stretch_done(&fold);
	rest = sample_batch(f->log, 100, 500);
	assert_int_equal(rest->first, 101);
	assert_memory_equal(rest->previous, all->hashes[99], SHA256_SIZE);
	play_batch_free(rest);
	play_batch_free(all);
	/* A log of nothing but totals goes on with the next number. */
	assert_ok(playlog_fold(f->log, f->signer, &folded, &f->err), f->err);
	assert_int_equal(folded, 400);
	assert_ok(playlog_fold(f->log, f->signer, &folded, &f->err), f->err);
	assert_int_equal(folded, 0);
	reopen(f);
	assert_int_equal(playlog_last_closed(f->log), 500);
	record_mixed(f, 1, 2, true);
	next_rows(f, 500, 1);
}

static void rows_without_a_clock_or_out_of_the_chain_are_never_folded(void **state)
{
	struct fixture *f = *state;
	int64_t folded = 0;

	record_mixed(f, 70, 1, false);
	record_mixed(f, 200, 1, true);
	/* Row 171 says something else than what was hashed. */
	run(f, "UPDATE play SET shown_ms = shown_ms + 1 WHERE seq = 171");
	assert_ok(playlog_fold(f->log, f->signer, &folded, &f->err), f->err);
	assert_int_equal(folded, 100); /* 71–170 */
	assert_ok(playlog_fold(f->log, f->signer, &folded, &f->err), f->err);
	assert_int_equal(folded, 99); /* 172–270 */
	next_rows(f, 0, 70);
	next_rows(f, 170, 1);
}

static void totals_are_pruned_like_rows_once_the_city_has_them(void **state)
{
	struct fixture *f = *state;
	struct play_stretch fold;
	int64_t folded = 0, pruned = 0;

	record_mixed(f, 300, 1, true);
	assert_ok(playlog_fold(f->log, f->signer, &folded, &f->err), f->err);
	record_mixed(f, 10, 1, true);
	assert_ok(playlog_acknowledge(f->log, 150, (struct wall_ms){1}, &f->err), f->err);
	assert_ok(playlog_prune(f->log, (struct wall_ms){2}, &pruned, &f->err), f->err);
	/* The city holds half of it: the document is still needed. */
	assert_int_equal(next_document(f, 150, PLAY_STRETCH_FOLD, &fold), 300);
	play_stretch_done(&fold);
	assert_ok(playlog_acknowledge(f->log, 305, (struct wall_ms){1}, &f->err), f->err);
	assert_ok(playlog_prune(f->log, (struct wall_ms){2}, &pruned, &f->err), f->err);
	assert_int_equal(pruned, 5);
	next_rows(f, 305, 5);
}

/* issue: a year at 5 s in less than 1 GB is 158 bytes a play. */
static void play_takes_less_than_a_hundred_bytes_and_a_folded_one_far_less(void **state)
{
	const int rows = 6000;
	struct fixture *f = *state;
	int64_t before, after, folded = 0;

	run(f, "PRAGMA synchronous = OFF");
	record_mixed(f, 100, 1, true);
	assert_ok(playlog_size(f->log, &before, &f->err), f->err);
	record_mixed(f, rows, 1, true);
	assert_ok(playlog_size(f->log, &after, &f->err), f->err);
	print_message("%d bytes a play\n", (int)((after - before) / rows));
	assert_true(after - before < (int64_t)rows * 100);
	do
		assert_ok(playlog_fold(f->log, f->signer, &folded, &f->err), f->err);
	while (folded > 0);
	before = after;
	assert_ok(playlog_size(f->log, &after, &f->err), f->err);
	assert_true(after < before / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(damaged_row_is_named_and_what_is_behind_it_flows_on),
		TEST(rows_that_are_gone_are_named_up_to_the_next_that_is_there),
		TEST(damage_of_the_newest_row_uses_its_number_up),
		TEST(city_that_asks_for_pruned_rows_is_told_that_they_are_gone),
		TEST(folded_rows_become_totals_that_add_up_and_the_chain_goes_on),
		TEST(rows_without_a_clock_or_out_of_the_chain_are_never_folded),
		TEST(totals_are_pruned_like_rows_once_the_city_has_them),
		TEST(play_takes_less_than_a_hundred_bytes_and_a_folded_one_far_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
