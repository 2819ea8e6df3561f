/* What does not come as rows: lost, given up, folded. Each play counts once. */
#include "sample_city.h"

static struct ledger_screen_state state_of(struct sample *s)
{
	struct ledger_screen_state state;

	assert_ok(ledger_screen_state(s->city.ledger, SAMPLE_SCREEN, &state, &s->err),
		  s->err);
	return state;
}

/* Plays of notice "flu", some cut short, over several hours. */
static void record(struct sample *s, int count)
{
	int64_t base = playlog_last_closed(s->log);

	for (int i = 0; i < count; i++) {
		struct play_start start =
			sample_start("flu", 1, SAMPLE_AT + (base + i) * INT64_C(120000));

		start.began_mono.ms = start.began.ms - SAMPLE_AT + 5000;
		sample_record(s->log, &start, i % 7 ? 10000 : 3000,
			      i % 7 ? PLAY_COMPLETE : PLAY_EMERGENCY);
	}
}

struct newest {
	char reason[1000];
	int count;
};

static bool note(void *context, const struct ledger_quarantined *row, struct err *err)
{
	struct newest *newest = context;

	(void)err;
	if (newest->count++ == 0)
		snprintf(newest->reason, sizeof(newest->reason), "%d %s", (int)row->seq,
			 row->reason);
	return true;
}

static void assert_newest(struct sample *s, int count, const char *part)
{
	struct newest newest = {0};

	assert_ok(ledger_quarantine_newest(s->city.ledger, SAMPLE_SCREEN, 10, note,
					   &newest, &s->err),
		  s->err);
	assert_int_equal(newest.count, count);
	if (!strstr(newest.reason, part))
		fail_msg("\"%s\" is not in \"%s\"", part, newest.reason);
}

/* --- Lost ------------------------------------------------------------------------------ */

static void lost_row_is_named_for_good_and_what_is_behind_it_counts(void **state)
{
	struct sample *s = *state;
	struct ledger_screen_state now;

	sample_know(s, &s->city, "flu", 1, "予防接種");
	record(s, 20);
	sample_run(s, s->db, "UPDATE play SET boot = 99 WHERE seq = 5");
	sample_run(s, s->db, "DELETE FROM play WHERE seq BETWEEN 10 AND 12");
	sample_send(s, &s->city, 0);
	assert_int_equal(s->city.receipt.durable_seq, 20);
	assert_false(s->city.receipt.gap);
	assert_newest(s, 2, "10 lost: plays 10–12: not in the play log any more");
	now = state_of(s);
	assert_int_equal(now.missing, 0);
	assert_int_equal(now.lost, 4);
	assert_int_equal(now.quarantined, 2);
	assert_int_equal(sample_report(s, &s->city, SAMPLE_YEAR).summary.complete +
				 sample_report(s, &s->city, SAMPLE_YEAR).summary.partial,
			 16);
	sample_verify(s, &s->city);
	/* Told again, it is the same. */
	sample_send(s, &s->city, 0);
	assert_newest(s, 2, "10 lost");
	assert_int_equal(state_of(s).lost, 4);
}

static void row_that_the_city_holds_is_not_lost_by_rotting_on_the_screen(void **state)
{
	struct sample *s = *state;

	record(s, 10);
	sample_send(s, &s->city, 0);
	sample_run(s, s->db, "DELETE FROM play WHERE seq = 4");
	sample_send(s, &s->city, 0);
	assert_int_equal(s->city.receipt.durable_seq, 10);
	assert_int_equal(state_of(s).quarantined, 0);
	assert_int_equal(state_of(s).lost, 0);
	sample_verify(s, &s->city);
}

static void lost_rows_of_which_some_are_held_cost_the_others_only(void **state)
{
	struct sample *s = *state;
	int64_t last;
	char *text;

	sample_know(s, &s->city, "flu", 1, "予防接種");
	record(s, 10);
	text = sample_next(s, 3, 2, &last); /* rows 4 and 5 arrive */
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	free(text);
	sample_run(s, s->db, "DELETE FROM play WHERE seq BETWEEN 3 AND 6");
	sample_send(s, &s->city, 0);
	assert_int_equal(s->city.receipt.durable_seq, 10);
	assert_int_equal(sample_report(s, &s->city, SAMPLE_YEAR).summary.complete, 6);
	assert_int_equal(sample_report(s, &s->city, SAMPLE_YEAR).summary.partial, 2);
	sample_verify(s, &s->city);
}

static void screen_that_states_everything_as_lost_spoils_nothing(void **state)
{
	struct sample *s = *state;
	struct play_stretch lost = {.kind = PLAY_STRETCH_LOST,
				    .screen_id = SAMPLE_SCREEN,
				    .first = 1,
				    .reason = "a stolen key"};

	sample_know(s, &s->city, "flu", 1, "予防接種");
	record(s, 10);
	for (int i = 0; i < 1100; i++) {
		struct ledger_receipt receipt;
		char document[32];

		lost.last = INT64_C(9007199254739000) + i;
		snprintf(document, sizeof(document), "{\"%d\"}", i);
		assert_ok(ledger_accept_stretch(s->city.ledger, &lost, document,
						SAMPLE_RECEIVED, &receipt, &s->err),
			  s->err);
		assert_int_equal(receipt.durable_seq, lost.last);
	}
	assert_int_equal(state_of(s).lost, INT64_C(9000000000000000));
	/* What comes all the same counts. */
	sample_send(s, &s->city, 0);
	assert_int_equal(s->city.receipt.accepted, 10);
	assert_int_equal(sample_report(s, &s->city, SAMPLE_YEAR).summary.complete, 8);
}

/* --- Given up -------------------------------------------------------------------------- */

static bool give_up(struct sample *s, int64_t first, int64_t last, int64_t *out_durable)
{
	return ledger_accept_gap(s->city.ledger, SAMPLE_SCREEN, first, last, "hanako",
				 "その端末のディスクは壊れた", SAMPLE_RECEIVED,
				 out_durable, &s->err);
}

static void gap_that_can_never_be_filled_is_given_up_by_staff(void **state)
{
	struct sample *s = *state;
	int64_t durable = 0, last;
	char *text;

	sample_know(s, &s->city, "flu", 1, "予防接種");
	record(s, 10);
	text = sample_next(s, 6, 100, &last);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	assert_int_equal(s->city.receipt.durable_seq, 0);
	assert_fails(give_up(s, 3, 7, &durable), s->err, ERR_CONFLICT,
		     "not all of the plays 3–7 are missing");
	assert_fails(give_up(s, 11, 12, &durable), s->err, ERR_CONFLICT, "are no gap");
	assert_fails(give_up(s, 0, 6, &durable), s->err, ERR_CONFLICT, "are no gap");
	assert_ok(give_up(s, 1, 3, &durable), s->err);
	assert_int_equal(durable, 3);
	assert_int_equal(state_of(s).missing, 3);
	assert_ok(give_up(s, 4, 6, &durable), s->err);
	assert_int_equal(durable, 10);
	assert_int_equal(state_of(s).missing, 0);
	assert_int_equal(state_of(s).given_up, 6);
	sample_verify(s, &s->city);
	free(text);
	/* Should they come after all, they count. */
	sample_send(s, &s->city, 0);
	assert_int_equal(sample_report(s, &s->city, SAMPLE_YEAR).summary.complete, 8);
	sample_verify(s, &s->city);
}

/* --- Folded ---------------------------------------------------------------------------- */

static void folded_plays_count_as_rows_would_and_are_told_apart(void **state)
{
	struct sample *s = *state;
	struct sample_city rows = sample_city_new(s, "rows.db");
	struct sample_report folded, raw;

	sample_know(s, &s->city, "flu", 1, "予防接種");
	sample_know(s, &rows, "flu", 1, "予防接種");
	record(s, 200);
	sample_send(s, &rows, 0);
	assert_int_equal(sample_fold(s), 200);
	record(s, 10);
	sample_send(s, &rows, 200);
	sample_send(s, &s->city, 0);
	assert_int_equal(s->city.receipt.durable_seq, 210);
	folded = sample_report(s, &s->city, SAMPLE_YEAR);
	raw = sample_report(s, &rows, SAMPLE_YEAR);
	assert_string_equal(folded.text, raw.text);
	assert_int_equal(folded.summary.folded, 200);
	assert_int_equal(raw.summary.folded, 0);
	assert_int_equal(folded.summary.notices, 1);
	assert_int_equal(state_of(s).folded, 200);
	assert_int_equal(state_of(s).quarantined, 0);
	sample_verify(s, &s->city);
	sample_city_close(&rows);
	free(rows.path);
}

static void totals_of_rows_that_are_held_count_the_rest_only(void **state)
{
	struct sample *s = *state;
	struct sample_report before;
	int64_t last;
	char *text;

	sample_know(s, &s->city, "flu", 1, "予防接種");
	record(s, 200);
	/* The answers to these were lost, so the screen folds them with the others. */
	text = sample_next(s, 0, 60, &last);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	free(text);
	text = sample_next(s, 100, 30, &last);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	assert_int_equal(s->city.receipt.durable_seq, 60);
	assert_int_equal(sample_fold(s), 200);
	sample_send(s, &s->city, 60);
	assert_int_equal(s->city.receipt.durable_seq, 200);
	assert_int_equal(s->city.receipt.accepted, 110);
	before = sample_report(s, &s->city, SAMPLE_YEAR);
	assert_int_equal(before.summary.complete + before.summary.partial, 200);
	assert_int_equal(before.summary.folded, 110);
	/* Rows that come after totals that cover them, and the totals again: nothing. */
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	assert_int_equal(s->city.receipt.accepted, 0);
	assert_int_equal(s->city.receipt.repeated, 30);
	sample_send(s, &s->city, 0);
	assert_int_equal(s->city.receipt.accepted, 0);
	assert_string_equal(sample_report(s, &s->city, SAMPLE_YEAR).text, before.text);
	assert_int_equal(state_of(s).quarantined, 0);
	sample_verify(s, &s->city);
	free(text);
}

static void rows_behind_totals_must_follow_their_end(void **state)
{
	struct sample *s = *state;
	struct play_batch *batch;
	char *text;
	size_t len;
	int64_t last;

	record(s, 100);
	sample_fold(s);
	record(s, 5);
	text = sample_next(s, 0, 1, &last);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	free(text);
	batch = sample_batch(s->log, 100, 5);
	batch->previous[0] ^= 1;
	text = play_batch_to_json(batch, s->signer, &len, &s->err);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	assert_newest(s, 1,
		      "101 chain: it follows another row than the one that the "
		      "stretch before it ends with");
	play_batch_free(batch);
	free(text);
}

/* Sends the fold of all rows, altered by @alter and signed again. */
static void send_altered_fold(struct sample *s, void (*alter)(struct play_stretch *))
{
	int64_t last;
	size_t len;
	char *text = sample_next(s, 0, 1, &last);
	struct play_upload *upload = play_upload_open(text, strlen(text), &s->err);
	struct play_stretch fold;

	assert_ok(play_upload_stretch(upload, &fold, &s->err), s->err);
	play_upload_free(upload);
	free(text);
	alter(&fold);
	text = play_stretch_to_json(&fold, s->signer, &len, &s->err);
	assert_ok(text, s->err);
	play_stretch_done(&fold);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	free(text);
}

static void alter_head(struct play_stretch *fold)
{
	fold->head[0] ^= 1;
}

static void alter_previous(struct play_stretch *fold)
{
	fold->previous[0] ^= 1;
}

static void alter_slide(struct play_stretch *fold)
{
	fold->slides[0].item_revision++;
}

static void alter_nothing(struct play_stretch *fold)
{
	(void)fold;
}

static void move_on(struct play_stretch *fold)
{
	fold->first += 10;
	fold->last += 10;
	memset(fold->previous, 3, sizeof(fold->previous));
}

static void totals_that_contradict_what_is_held_are_named_and_not_counted(void **state)
{
	struct sample *s = *state;
	struct sample_report before;
	int64_t last;
	char *text;

	sample_know(s, &s->city, "flu", 1, "予防接種");
	record(s, 100);
	text = sample_next(s, 0, 10, &last);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	free(text);
	text = sample_next(s, 99, 1, &last);
	sample_give(s, &s->city, text, SAMPLE_RECEIVED);
	free(text);
	before = sample_report(s, &s->city, SAMPLE_YEAR);
	sample_fold(s);
	send_altered_fold(s, alter_previous);
	assert_newest(s, 1, "1 chain: row 1 follows another row");
	send_altered_fold(s, alter_head);
	assert_newest(s, 2, "1 changed: another row is held of its last number");
	send_altered_fold(s, alter_slide);
	assert_newest(s, 3, "1 totals: they do not have the rows that are held");
	assert_string_equal(sample_report(s, &s->city, SAMPLE_YEAR).text, before.text);
	assert_int_equal(s->city.receipt.durable_seq, 100);
	/* The right ones count all the same, and others that overlap them do not. */
	send_altered_fold(s, alter_nothing);
	assert_int_equal(s->city.receipt.accepted, 89);
	send_altered_fold(s, move_on);
	assert_newest(s, 4, "11 totals: others cover a part of them");
	assert_int_equal(sample_report(s, &s->city, SAMPLE_YEAR).summary.complete +
				 sample_report(s, &s->city, SAMPLE_YEAR).summary.partial,
			 100);
	sample_verify(s, &s->city);
}

static void plays_of_an_unset_clock_are_placed_by_totals_of_their_boot(void **state)
{
	struct sample *s = *state;
	struct play_start start;

	sample_know(s, &s->city, "flu", 1, "予防接種");
	for (int i = 0; i < 5; i++) {
		start = sample_start("flu", 1, 1000 + i * 20000);
		start.began_mono.ms = 1000 + i * 20000;
		start.synchronised = false;
		sample_record(s->log, &start, 10000, PLAY_COMPLETE);
	}
	for (int i = 5; i < 105; i++) {
		start = sample_start("flu", 1, SAMPLE_AT + i * 20000);
		start.began_mono.ms = 1000 + i * 20000;
		sample_record(s->log, &start, 10000, PLAY_COMPLETE);
	}
	start = sample_start("flu", 1, 0);
	start.began_mono.ms = 1000 + 105 * 20000;
	start.synchronised = false;
	sample_record(s->log, &start, 10000, PLAY_COMPLETE);
	assert_int_equal(sample_fold(s), 100);
	sample_send(s, &s->city, 0);
	assert_int_equal(state_of(s).undated, 0);
	assert_int_equal(sample_report(s, &s->city, SAMPLE_YEAR).summary.complete, 106);
	assert_non_null(strstr(sample_report(s, &s->city, SAMPLE_YEAR).text,
			       "flu|予防接種|健康課|1795328940000|1795331040000|106|"));
	sample_verify(s, &s->city);
}

static void altered_stretch_or_total_is_named(void **state)
{
	struct sample *s = *state;
	int64_t rows;

	sample_know(s, &s->city, "flu", 1, "予防接種");
	record(s, 100);
	sample_fold(s);
	sample_send(s, &s->city, 0);
	sample_verify(s, &s->city);
	sample_run(s, s->city.db,
		   "DROP TRIGGER folded_is_not_changed;"
		   "UPDATE folded SET plays = plays + 1 WHERE hour ="
		   " (SELECT MIN(hour) FROM folded) AND outcome = 0");
	assert_false(ledger_verify(s->city.ledger, SAMPLE_SCREEN, &rows, &s->err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SAMPLE_TEST(lost_row_is_named_for_good_and_what_is_behind_it_counts),
		SAMPLE_TEST(row_that_the_city_holds_is_not_lost_by_rotting_on_the_screen),
		SAMPLE_TEST(lost_rows_of_which_some_are_held_cost_the_others_only),
		SAMPLE_TEST(screen_that_states_everything_as_lost_spoils_nothing),
		SAMPLE_TEST(gap_that_can_never_be_filled_is_given_up_by_staff),
		SAMPLE_TEST(folded_plays_count_as_rows_would_and_are_told_apart),
		SAMPLE_TEST(totals_of_rows_that_are_held_count_the_rest_only),
		SAMPLE_TEST(rows_behind_totals_must_follow_their_end),
		SAMPLE_TEST(
			totals_that_contradict_what_is_held_are_named_and_not_counted),
		SAMPLE_TEST(plays_of_an_unset_clock_are_placed_by_totals_of_their_boot),
		SAMPLE_TEST(altered_stretch_or_total_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
