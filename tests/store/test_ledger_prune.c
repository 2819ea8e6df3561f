/* Raw rows that go, and what stays for ever: totals and first complete plays. */
#include "sample_city.h"

#define DAY INT64_C(86400000)

static const struct wall_ms today = {SAMPLE_AT + 900 * DAY};

/* Plays of two notices over three fiscal years, one a day; some cut short. */
static void record(struct sample *s)
{
	for (int day = 0; day < 800; day++) {
		int64_t at = SAMPLE_AT + day * DAY;
		struct play_start start =
			sample_start(day % 3 ? "flu" : "tax", 1 + day / 400, at);

		start.began_mono.ms = day * DAY;
		sample_record(s->log, &start, day % 4 ? 10000 : 2000,
			      day % 4 ? PLAY_COMPLETE : PLAY_OPERATOR);
	}
}

static int set_up(void **state)
{
	struct sample *s;

	sample_set_up(state);
	s = *state;
	sample_know(s, &s->city, "flu", 1, "予防接種");
	sample_know(s, &s->city, "flu", 2, "予防接種（改）");
	sample_know(s, &s->city, "tax", 1, "税");
	sample_know(s, &s->city, "tax", 2, "税（改）");
	record(s);
	return 0;
}

static int64_t prune_all(struct sample *s, int years)
{
	struct wall_ms before = fiscal_year_start(SAMPLE_YEAR + years);
	int64_t rows = 1, all = 0;

	while (rows > 0) {
		assert_ok(ledger_prune(s->city.ledger, before, today, &rows, &s->err),
			  s->err);
		all += rows;
	}
	return all;
}

static void pruning_changes_no_byte_of_any_report(void **state)
{
	struct sample *s = *state;
	struct sample_report before[3], after;
	struct play_start undated = sample_start("tax", 2, 1000);
	int64_t rows;

	undated.synchronised = false;
	undated.boot_id[0] = '9';
	sample_record(s->log, &undated, 10000, PLAY_COMPLETE);
	sample_send(s, &s->city, 0);
	for (int i = 0; i < 3; i++)
		before[i] = sample_report(s, &s->city, SAMPLE_YEAR + i);
	/* 1 April 2027 and 2028 are 130 and 496 days from the first play. */
	assert_int_equal(prune_all(s, 1), 130);
	assert_int_equal(prune_all(s, 2), 366);
	assert_int_equal(prune_all(s, 2), 0);
	for (int i = 0; i < 3; i++) {
		after = sample_report(s, &s->city, SAMPLE_YEAR + i);
		assert_string_equal(after.text, before[i].text);
		assert_memory_equal(&after.summary, &before[i].summary,
				    sizeof(after.summary));
	}
	assert_int_equal(after.summary.folded, 0);
	sample_verify(s, &s->city);
	/* What has no time stays, and so does all that was not asked for. */
	assert_ok(ledger_verify(s->city.ledger, SAMPLE_SCREEN, &rows, &s->err), s->err);
	assert_int_equal(rows, 801 - 496);
}

static void pruned_rows_that_come_again_do_not_count_again(void **state)
{
	struct sample *s = *state;
	struct sample_report before;

	sample_send(s, &s->city, 0);
	before = sample_report(s, &s->city, SAMPLE_YEAR);
	prune_all(s, 2);
	sample_send(s, &s->city, 0);
	assert_int_equal(s->city.receipt.accepted, 0);
	assert_int_equal(s->city.receipt.durable_seq, 800);
	assert_string_equal(sample_report(s, &s->city, SAMPLE_YEAR).text, before.text);
	sample_verify(s, &s->city);
	/* The chain goes on. */
	record(s);
	sample_send(s, &s->city, 800);
	assert_int_equal(s->city.receipt.quarantined, 0);
	sample_verify(s, &s->city);
}

static void rows_leave_the_ledger_in_no_other_way(void **state)
{
	struct sample *s = *state;

	sample_send(s, &s->city, 0);
	prune_all(s, 1);
	assert_false(
		db_exec(s->city.db, "DELETE FROM play WHERE seq = 131", "test", &s->err));
	assert_false(db_exec(s->city.db, "DELETE FROM stretch", "test", &s->err));
	assert_false(db_exec(s->city.db, "UPDATE folded SET plays = 1", "test", &s->err));
	assert_false(db_exec(s->city.db, "DELETE FROM first_play", "test", &s->err));
	assert_false(
		db_exec(s->city.db, "UPDATE first_play SET at_ms = 1", "test", &s->err));
}

static void assert_altered(struct sample *s, const char *sql, const char *part)
{
	int64_t rows;

	sample_run(s, s->city.db, "SAVEPOINT altered");
	sample_run(s, s->city.db, sql);
	assert_fails(ledger_verify(s->city.ledger, SAMPLE_SCREEN, &rows, &s->err), s->err,
		     ERR_UNTRUSTED, part);
	sample_run(s, s->city.db, "ROLLBACK TO altered; RELEASE altered");
}

static void what_is_altered_after_pruning_is_named(void **state)
{
	struct sample *s = *state;

	sample_send(s, &s->city, 0);
	prune_all(s, 1);
	sample_verify(s, &s->city);
	sample_run(
		s, s->city.db,
		"DROP TRIGGER folded_is_not_changed; DROP TRIGGER stretch_is_not_changed;"
		"DROP TRIGGER stretch_is_not_pruned; DROP TRIGGER folded_is_not_pruned");
	/* Totals, and with them what was kept of the rows. */
	assert_altered(s,
		       "UPDATE folded SET plays = 2 WHERE slide = 1 AND outcome = 0;"
		       "UPDATE hourly SET complete = 2 WHERE slide = 1 AND complete = 1",
		       "the audit log says something else");
	assert_altered(s, "UPDATE stretch SET head = zeroblob(32)", "play 131");
	assert_altered(s, "UPDATE stretch SET last = last - 1", "play 130 is missing");
	assert_altered(s, "UPDATE stretch SET document = replace(document, '1–', '2–')",
		       "the audit log says something else");
	assert_altered(s, "UPDATE hourly SET complete = complete + 1 WHERE slide = 2",
		       "totals of the hour");
}

/* --- First complete plays --------------------------------------------------------------- */

static void first_play_is_frozen_and_an_earlier_one_is_a_row_of_its_own(void **state)
{
	struct sample *s = *state;
	struct sample_report report;
	int64_t last;
	char *late = sample_next(s, 0, 100, &last), *text;

	/* The second hundred days arrive first. */
	text = sample_next(s, 100, 100, &last);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	free(text);
	report = sample_report(s, &s->city, SAMPLE_YEAR);
	assert_int_equal(report.summary.notices, 2);
	sample_give(s, &s->city, late, SAMPLE_RECEIVED);
	free(late);
	sample_send(s, &s->city, 200);
	sample_verify(s, &s->city);
	report = sample_report(s, &s->city, SAMPLE_YEAR);
	/* Day 0 was cut short, day 1 not. */
	assert_non_null(strstr(report.text, "flu|予防接種|健康課|1795415340000|"));
	assert_null(strstr(report.text, "改"));
	/* The year in which the revision changed keeps the title it was first shown with. */
	assert_non_null(strstr(sample_report(s, &s->city, SAMPLE_YEAR + 1).text,
			       "flu|予防接種|"));
	assert_non_null(strstr(sample_report(s, &s->city, SAMPLE_YEAR + 2).text,
			       "flu|予防接種（改）|"));
}

static void altered_first_play_is_named(void **state)
{
	struct sample *s = *state;
	int64_t rows = 0;

	sample_send(s, &s->city, 0);
	assert_ok(ledger_verify_firsts(s->city.ledger, &rows, &s->err), s->err);
	assert_int_equal(rows, 6); /* two notices in three years */
	sample_run(s, s->city.db,
		   "DROP TRIGGER first_play_is_not_changed;"
		   "UPDATE first_play SET title = '別' WHERE notice_id = 'tax'"
		   " AND fiscal_year = 2027");
	assert_fails(ledger_verify_firsts(s->city.ledger, &rows, &s->err), s->err,
		     ERR_UNTRUSTED, "notice tax in fiscal year 2027");
}

static void content_made_known_later_has_its_first_play_then(void **state)
{
	struct sample *s = *state;
	struct play_start start = sample_start("new", 1, SAMPLE_AT + 801 * DAY);

	sample_record(s->log, &start, 10000, PLAY_COMPLETE);
	sample_send(s, &s->city, 0);
	assert_null(strstr(sample_report(s, &s->city, SAMPLE_YEAR + 2).text, "new|"));
	sample_know(s, &s->city, "new", 1, "新");
	sample_know(s, &s->city, "new", 1, "別の題");
	assert_non_null(strstr(sample_report(s, &s->city, SAMPLE_YEAR + 2).text,
			       "new|新|健康課|1864535340000|"));
	sample_verify(s, &s->city);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, sample_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(pruning_changes_no_byte_of_any_report),
		TEST(pruned_rows_that_come_again_do_not_count_again),
		TEST(rows_leave_the_ledger_in_no_other_way),
		TEST(what_is_altered_after_pruning_is_named),
		TEST(first_play_is_frozen_and_an_earlier_one_is_a_row_of_its_own),
		TEST(altered_first_play_is_named),
		TEST(content_made_known_later_has_its_first_play_then),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
