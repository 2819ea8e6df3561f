#include "core/play.h"
#include "support/test.h"

static struct play valid_play(void)
{
	return (struct play){
		.seq = 1,
		.start =
			{
				.boot_id = "0123abcd-89ef-4567-89ab-cdef01234567",
				.slide_id = "notice/flu-2026/1",
				.item_id = "notice/flu-2026",
				.item_revision = 2,
				.programme_version = 7,
				.began = {1795328940000},
				.began_mono = {5000},
				.synchronised = true,
				.planned = {12000},
				.output = PLAY_OUTPUT_ON,
			},
		.shown = {12000},
		.outcome = PLAY_COMPLETE,
	};
}

static void each_name_is_read_back(void **state)
{
	static const char *const outcomes[] = {"complete", "emergency", "content",
					       "power",    "shutdown",  "operator",
					       "output"};
	static const char *const outputs[] = {"on", "off", "unknown", "black"};
	enum play_outcome outcome;
	enum play_output output;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(outcomes); i++) {
		assert_true(play_outcome_parse(outcomes[i], &outcome));
		assert_int_equal(outcome, i);
		assert_string_equal(play_outcome_name(outcome), outcomes[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
		assert_true(play_output_parse(outputs[i], &output));
		assert_int_equal(output, i);
		assert_string_equal(play_output_name(output), outputs[i]);
	}
}

static void an_unknown_name_is_refused(void **state)
{
	enum play_outcome outcome = PLAY_OPERATOR;
	enum play_output output = PLAY_OUTPUT_OFF;

	(void)state;
	assert_false(play_outcome_parse("", &outcome));
	assert_false(play_outcome_parse("Complete", &outcome));
	assert_false(play_outcome_parse("completed", &outcome));
	assert_false(play_output_parse("dark", &output));
	assert_int_equal(outcome, PLAY_OPERATOR);
	assert_int_equal(output, PLAY_OUTPUT_OFF);
}

static void a_value_out_of_range_has_an_empty_name(void **state)
{
	(void)state;
	assert_string_equal(play_outcome_name((enum play_outcome)7), "");
	assert_string_equal(play_outcome_name((enum play_outcome) - 1), "");
	assert_string_equal(play_output_name((enum play_output)4), "");
}

static void a_play_is_complete_up_to_one_frame_short(void **state)
{
	const struct play play = valid_play();
	const struct span_ms frame = {17};

	(void)state;
	assert_int_equal(play_outcome_of(&play.start, (struct span_ms){12000}, frame,
					 PLAY_COMPLETE),
			 PLAY_COMPLETE);
	assert_int_equal(play_outcome_of(&play.start, (struct span_ms){11983}, frame,
					 PLAY_COMPLETE),
			 PLAY_COMPLETE);
	assert_int_equal(play_outcome_of(&play.start, (struct span_ms){11982}, frame,
					 PLAY_COMPLETE),
			 PLAY_CONTENT);
}

static void an_interrupted_play_has_its_cause(void **state)
{
	static const enum play_outcome causes[] = {
		PLAY_EMERGENCY, PLAY_CONTENT, PLAY_POWER, PLAY_SHUTDOWN, PLAY_OPERATOR};
	const struct play play = valid_play();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		assert_int_equal(play_outcome_of(&play.start, (struct span_ms){4000},
						 (struct span_ms){17}, causes[i]),
				 causes[i]);
		/* It had its full time before it was interrupted. */
		assert_int_equal(play_outcome_of(&play.start, (struct span_ms){12000},
						 (struct span_ms){17}, causes[i]),
				 PLAY_COMPLETE);
	}
}

static void a_play_that_nobody_could_see_is_never_complete(void **state)
{
	struct play play = valid_play();
	const struct span_ms shown = {12000}, frame = {17};

	(void)state;
	assert_int_equal(play_outcome_of(&play.start, shown, frame, PLAY_OUTPUT),
			 PLAY_OUTPUT);
	play.start.output = PLAY_OUTPUT_OFF;
	for (int cause = PLAY_COMPLETE; cause <= PLAY_OUTPUT; cause++)
		assert_int_equal(play_outcome_of(&play.start, shown, frame,
						 (enum play_outcome)cause),
				 PLAY_OUTPUT);
	play.start.output = PLAY_OUTPUT_BLACK;
	assert_int_equal(play_outcome_of(&play.start, shown, frame, PLAY_COMPLETE),
			 PLAY_OUTPUT);
}

static void a_play_without_a_presented_frame_is_never_complete(void **state)
{
	struct play play = valid_play();
	const struct span_ms frame = {17};

	(void)state;
	play.start.proof.known = true;
	assert_int_equal(play_outcome_of(&play.start, play.shown, frame, PLAY_COMPLETE),
			 PLAY_OUTPUT);
	play.start.proof.frames = 1;
	assert_int_equal(play_outcome_of(&play.start, play.shown, frame, PLAY_COMPLETE),
			 PLAY_COMPLETE);
}

static void an_output_that_cannot_tell_counts_as_seen(void **state)
{
	struct play play = valid_play();

	(void)state;
	play.start.output = PLAY_OUTPUT_UNKNOWN;
	assert_int_equal(play_outcome_of(&play.start, play.shown, (struct span_ms){17},
					 PLAY_COMPLETE),
			 PLAY_COMPLETE);
	assert_true(play_counts(&play));
}

static void only_complete_plays_of_notices_count(void **state)
{
	struct play play = valid_play();

	(void)state;
	assert_true(play_counts(&play));
	for (int outcome = PLAY_EMERGENCY; outcome <= PLAY_OUTPUT; outcome++) {
		play.outcome = (enum play_outcome)outcome;
		assert_false(play_counts(&play));
	}
	play = valid_play();
	play.start.output = PLAY_OUTPUT_OFF;
	assert_false(play_counts(&play));
	play.start.output = PLAY_OUTPUT_BLACK;
	assert_false(play_counts(&play));
	play = valid_play();
	snprintf(play.start.item_id, sizeof(play.start.item_id), "plan");
	assert_false(play_counts(&play));
	snprintf(play.start.item_id, sizeof(play.start.item_id), "notices");
	assert_false(play_counts(&play));
}

static void a_valid_play_passes(void **state)
{
	struct play play = valid_play();
	struct err err = {0};

	(void)state;
	assert_ok(play_check(&play, &err), err);
	play.shown.ms = 11983;
	assert_ok(play_check(&play, &err), err);
	/* A box without a clock battery, before anything set its clock. */
	play.start.began.ms = 0;
	play.start.synchronised = false;
	assert_ok(play_check(&play, &err), err);
	play.outcome = PLAY_POWER;
	play.shown.ms = 0;
	assert_ok(play_check(&play, &err), err);
}

#define assert_refused(change, part)                                                     \
	do {                                                                             \
		struct play play = valid_play();                                         \
		struct err err = {0};                                                    \
                                                                                         \
		change;                                                                  \
		assert_fails(play_check(&play, &err), err, ERR_INVALID, part);           \
	} while (0)

static void a_field_out_of_range_is_named(void **state)
{
	(void)state;
	assert_refused(play.seq = 0, "seq: expected 1");
	assert_refused(play.seq = -5, "got -5");
	assert_refused(play.start.boot_id[0] = 'A', "boot_id: ");
	assert_refused(play.start.boot_id[8] = 'a', "boot_id: ");
	assert_refused(play.start.boot_id[35] = '\0', "boot_id: ");
	assert_refused(play.start.boot_id[36] = '0', "boot_id: ");
	assert_refused(play.start.slide_id[0] = '\0', "slide_id: ");
	assert_refused(play.start.slide_id[3] = ' ', "slide_id: ");
	assert_refused(play.start.slide_id[3] = '\x1b', "slide_id: ");
	assert_refused(play.start.slide_id[3] = '\xe3', "slide_id: ");
	assert_refused(memset(play.start.item_id, 'a', sizeof(play.start.item_id)),
		       "item_id: expected 1 to 95 bytes");
	assert_refused(play.start.item_revision = -1, "item_revision: ");
	assert_refused(play.start.programme_version = -1, "programme_version: ");
	assert_refused(play.start.began.ms = -1, "began_ms: ");
	assert_refused(play.start.began.ms = WALL_MS_MAX + 1, "began_ms: ");
	assert_refused(play.start.began_mono.ms = -1, "began_mono_ms: ");
	assert_refused(play.start.planned.ms = 0, "planned_ms: ");
	assert_refused(play.start.planned.ms = 3600001, "planned_ms: ");
	assert_refused(play.start.output = (enum play_output)4, "output: ");
	assert_refused(play.start.proof.frames = -1, "frames: ");
	assert_refused(play.shown.ms = -1, "shown_ms: ");
	assert_refused(play.shown.ms = INT64_MAX, "shown_ms: ");
	assert_refused(play.outcome = (enum play_outcome)7, "outcome: ");
}

static void a_complete_play_that_cannot_be_is_refused(void **state)
{
	(void)state;
	assert_refused(play.start.output = PLAY_OUTPUT_OFF, "the output was off");
	assert_refused(play.start.output = PLAY_OUTPUT_BLACK, "the output was black");
	assert_refused(play.start.proof.known = true, "no frame was presented");
	assert_refused(play.shown.ms = 10999, "too short for a complete play");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_is_read_back),
		cmocka_unit_test(an_unknown_name_is_refused),
		cmocka_unit_test(a_value_out_of_range_has_an_empty_name),
		cmocka_unit_test(a_play_is_complete_up_to_one_frame_short),
		cmocka_unit_test(an_interrupted_play_has_its_cause),
		cmocka_unit_test(a_play_that_nobody_could_see_is_never_complete),
		cmocka_unit_test(a_play_without_a_presented_frame_is_never_complete),
		cmocka_unit_test(an_output_that_cannot_tell_counts_as_seen),
		cmocka_unit_test(only_complete_plays_of_notices_count),
		cmocka_unit_test(a_valid_play_passes),
		cmocka_unit_test(a_field_out_of_range_is_named),
		cmocka_unit_test(a_complete_play_that_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
