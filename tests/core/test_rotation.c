#include "core/rotation.h"
#include "support/test.h"

#include <inttypes.h>

#define COUNT_MAX 3100
#define NO_LIMIT  ((struct span_ms){INT64_C(1) << 50})

/* Deterministic numbers (xorshift64*), so that a failure can be repeated by its seed. */
static uint64_t random_next(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

static int random_within(uint64_t *seed, int min, int max)
{
	return min + (int)(random_next(seed) % (uint64_t)(max - min + 1));
}

/* A rotation, its candidates and what was observed of them. */
struct loop {
	struct rotation *rotation;
	struct rotation_candidate candidates[COUNT_MAX];
	char keys[COUNT_MAX][32];
	size_t count;
	struct mono_ms at;
	struct span_ms longest_wait;
	int last;
	int shown[COUNT_MAX];
	int64_t since[COUNT_MAX]; /* last showing, or first known */
	int64_t longest;          /* the longest wait seen, -1 before the first */
};

static struct loop *loop_new(size_t count)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	assert_non_null(loop);
	loop->rotation = rotation_new();
	assert_non_null(loop->rotation);
	loop->longest_wait = NO_LIMIT;
	loop->last = -1;
	loop->longest = -1;
	loop->count = count;
	for (size_t i = 0; i < count; i++) {
		snprintf(loop->keys[i], sizeof(loop->keys[i]), "notice/%zu", i);
		loop->candidates[i] = (struct rotation_candidate){
			.key = loop->keys[i], .weight = 1, .due = true};
		loop->since[i] = -1;
	}
	return loop;
}

static void loop_free(struct loop *loop)
{
	rotation_free(loop->rotation);
	free(loop);
}

/* One turn: chooses, shows for @turn_ms, and returns the index shown. */
static int loop_turn(struct loop *loop, int64_t turn_ms)
{
	int chosen = rotation_choose(loop->rotation, loop->candidates, loop->count,
				     loop->at, loop->longest_wait);

	if (chosen < 0)
		return -1;
	assert_true((size_t)chosen < loop->count);
	assert_true(rotation_commit(loop->rotation, loop->candidates, loop->count,
				    (size_t)chosen, loop->at));
	for (size_t i = 0; i < loop->count; i++) {
		if (loop->candidates[i].due && loop->since[i] < 0)
			loop->since[i] = loop->at.ms;
	}
	if (loop->at.ms - loop->since[chosen] > loop->longest)
		loop->longest = loop->at.ms - loop->since[chosen];
	loop->since[chosen] = loop->at.ms;
	loop->shown[chosen]++;
	loop->last = chosen;
	loop->at.ms += turn_ms;
	return chosen;
}

static void nothing_due_gives_no_choice(void **state)
{
	struct loop *loop = loop_new(3);

	(void)state;
	assert_int_equal(loop_turn((loop->count = 0, loop), 10), -1);
	loop->count = 3;
	for (size_t i = 0; i < 3; i++)
		loop->candidates[i].due = false;
	loop->candidates[1].urgent = true;
	assert_int_equal(loop_turn(loop, 10), -1);
	loop_free(loop);
}

static void a_single_candidate_is_repeated(void **state)
{
	struct loop *loop = loop_new(1);

	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(loop_turn(loop, 10), 0);
	loop_free(loop);
}

static void equal_weights_give_a_plain_round(void **state)
{
	struct loop *loop = loop_new(4);

	(void)state;
	for (int i = 0; i < 40; i++)
		assert_int_equal(loop_turn(loop, 10), i % 4);
	loop_free(loop);
}

static void a_heavier_candidate_is_spread_evenly(void **state)
{
	/* 3:1:1:1, at most one of each pair of turns, never two pauses in a row longer. */
	struct loop *loop = loop_new(4);
	int before = -1;

	(void)state;
	loop->candidates[0].weight = 3;
	for (int i = 0; i < 60; i++) {
		if (loop_turn(loop, 10) != 0)
			continue;
		if (before >= 0)
			assert_in_range(i - before, 2, 3);
		before = i;
	}
	assert_in_range(loop->shown[0], 29, 30);
	loop_free(loop);
}

static void one_that_outweighs_all_gets_every_second_turn(void **state)
{
	struct loop *loop = loop_new(3);

	(void)state;
	loop->candidates[0].weight = 1000;
	for (int i = 0; i < 100; i++)
		loop_turn(loop, 10);
	assert_int_equal(loop->shown[0], 50);
	assert_int_equal(loop->shown[1], 25);
	assert_int_equal(loop->shown[2], 25);

	/* It has piled up nothing: with the same weight as the others it is one of them. */
	loop->candidates[0].weight = 1;
	memset(loop->shown, 0, sizeof(loop->shown));
	for (int i = 0; i < 30; i++)
		loop_turn(loop, 10);
	for (int i = 0; i < 3; i++)
		assert_in_range(loop->shown[i], 9, 11);
	loop_free(loop);
}

/* Sets weights up to @max of which none is over half of their sum; returns the sum. */
static int64_t random_weights(struct loop *loop, uint64_t *seed, int max)
{
	int64_t sum = 0, heaviest = 0;

	for (size_t i = 0; i < loop->count; i++) {
		loop->candidates[i].weight = random_within(seed, 1, max);
		sum += loop->candidates[i].weight;
		if (loop->candidates[i].weight > heaviest)
			heaviest = loop->candidates[i].weight;
	}
	if (heaviest <= sum - heaviest)
		return sum;
	for (size_t i = 0; i < loop->count; i++)
		loop->candidates[i].weight = 1;
	return (int64_t)loop->count;
}

/* After each turn, all have had their share of the turns so far, give or take. */
static void check_shares(size_t count, int weight_max, double tolerance, uint64_t seed)
{
	struct loop *loop = loop_new(count);
	int64_t sum = random_weights(loop, &seed, weight_max);

	for (int turn = 1; turn <= 600; turn++) {
		int before = loop->last;

		assert_int_not_equal(loop_turn(loop, 10), before);
		for (size_t i = 0; i < count; i++) {
			double share =
				(double)turn * loop->candidates[i].weight / (double)sum;
			double off = loop->shown[i] - share;

			if (off > tolerance || off < -tolerance)
				fail_msg("seed %" PRIu64 ": turn %d, %zu of %zu: shown "
					 "%d times, its share is %.3f",
					 seed, turn, i, count, loop->shown[i], share);
		}
	}
	loop_free(loop);
}

static void shares_follow_the_weights_within_one_turn(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++)
		check_shares(3 + seed % 40, 10, 1.0, seed);
}

static void shares_of_extreme_weights_stay_within_two_turns(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++)
		check_shares(3 + seed % 40, 1000, 2.0, seed);
}

/*
 * Shows 2–60 candidates of random weights with turns of @turn_min to @turn_max, and a
 * longest wait that can just be met, or a little more. Returns by how much the longest
 * wait that was seen is over it.
 */
static int64_t waited_too_long(uint64_t run, int turn_min, int turn_max)
{
	uint64_t seed = run;
	size_t count = (size_t)random_within(&seed, 2, 60);
	struct loop *loop = loop_new(count);
	int64_t over;

	random_weights(loop, &seed, run % 2 ? 1000 : 10);
	loop->longest_wait.ms = (int64_t)count * turn_max;
	if (run % 3 == 0)
		loop->longest_wait.ms += random_within(&seed, 0, 10 * turn_max);
	for (int turn = 0; turn < 800; turn++) {
		int before = loop->last;
		int64_t length = random_within(&seed, turn_min, turn_max);

		assert_int_not_equal(loop_turn(loop, length), before);
	}
	/* Those that are still waiting at the end, too. */
	for (size_t i = 0; i < count; i++) {
		if (loop->at.ms - loop->since[i] > loop->longest)
			loop->longest = loop->at.ms - loop->since[i];
	}
	over = loop->longest - loop->longest_wait.ms;
	loop_free(loop);
	return over;
}

static void nobody_waits_longer_than_the_longest_wait(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= 50; run++)
		assert_true(waited_too_long(run, 12000, 12000) <= 0);
}

static void turns_of_many_lengths_add_one_turn_at_most(void **state)
{
	(void)state;
	for (uint64_t run = 1; run <= 50; run++)
		assert_true(waited_too_long(run, 3000, 20000) <= 20000);
}

static void weights_still_matter_while_the_longest_wait_is_kept(void **state)
{
	struct loop *loop = loop_new(20);

	(void)state;
	/* Ten turns' time for each round of twenty is left to share out by weight. */
	loop->candidates[3].weight = 1000;
	loop->longest_wait.ms = 30 * 1000;
	for (int i = 0; i < 600; i++)
		loop_turn(loop, 1000);
	assert_true(loop->longest <= loop->longest_wait.ms);
	assert_true(loop->shown[3] > 2 * 600 / 20);
	loop_free(loop);
}

static void too_many_for_the_longest_wait_play_in_turn(void **state)
{
	struct loop *loop = loop_new(50);

	(void)state;
	loop->candidates[7].weight = 1000;
	loop->longest_wait.ms = 10 * 1000;
	for (int i = 0; i < 500; i++)
		loop_turn(loop, 1000);
	/* The longest possible wait is one round, and some turns until the rule binds. */
	assert_true(loop->longest <= 60 * 1000);
	for (int i = 0; i < 50; i++)
		assert_in_range(loop->shown[i], 8, 14);
	loop_free(loop);
}

static void a_time_of_forced_turns_leaves_no_debt(void **state)
{
	struct loop *loop = loop_new(5);

	(void)state;
	/* The longest wait gives 2, 3 and 4 three times what their weight would. */
	loop->candidates[0].weight = 100;
	loop->candidates[1].weight = 100;
	for (size_t i = 2; i < 5; i++)
		loop->candidates[i].weight = 10;
	loop->longest_wait.ms = 8 * 1000;
	for (int i = 0; i < 1000; i++)
		loop_turn(loop, 1000);
	for (int i = 2; i < 5; i++)
		assert_true(loop->shown[i] > 100);

	/* Without it they have their share at once: one turn in 23. */
	loop->longest_wait = NO_LIMIT;
	memset(loop->shown, 0, sizeof(loop->shown));
	for (int i = 0; i < 69; i++)
		loop_turn(loop, 1000);
	for (int i = 2; i < 5; i++)
		assert_in_range(loop->shown[i], 2, 4);
	assert_in_range(loop->shown[0], 28, 32);
	loop_free(loop);
}

static void a_turn_out_of_order_takes_the_place_of_the_next_in_order(void **state)
{
	struct loop *loop = loop_new(4);

	(void)state;
	/* Its share is one turn in eleven, its longest wait eight: it gets one in eight. */
	loop->candidates[0].weight = 300;
	for (size_t i = 1; i < 4; i++)
		loop->candidates[i].weight = 1000;
	loop->longest_wait.ms = 8 * 1000;
	for (int i = 0; i < 800; i++)
		loop_turn(loop, 1000);
	assert_in_range(loop->shown[0], 98, 102);
	for (int i = 1; i < 4; i++)
		assert_in_range(loop->shown[i], 231, 236);
	loop_free(loop);
}

static void a_night_without_turns_is_forgotten(void **state)
{
	struct loop *loop = loop_new(20);

	(void)state;
	loop->candidates[3].weight = 1000;
	loop->longest_wait.ms = 60 * 1000;
	for (int i = 0; i < 60; i++)
		loop_turn(loop, 1000);
	loop->at.ms += 8 * 3600 * 1000;
	for (int i = 0; i < 60; i++)
		loop_turn(loop, 1000);
	/* Turns are short again, and time is left to share out by weight. */
	memset(loop->shown, 0, sizeof(loop->shown));
	for (int i = 0; i < 200; i++)
		loop_turn(loop, 1000);
	assert_true(loop->shown[3] > 80);
	loop_free(loop);
}

static void the_urgent_go_first_and_the_others_wait(void **state)
{
	struct loop *loop = loop_new(6);
	int at_stake[6];

	(void)state;
	for (int i = 0; i < 9; i++)
		loop_turn(loop, 10);
	memcpy(at_stake, loop->shown, sizeof(at_stake));

	loop->candidates[2].urgent = true;
	loop->candidates[4].urgent = true;
	loop->longest_wait.ms = 20;
	for (int i = 0; i < 100; i++) {
		int before = loop->last;
		int chosen = loop_turn(loop, 10);

		assert_true(chosen == 2 || chosen == 4);
		assert_int_not_equal(chosen, before);
	}
	assert_in_range(loop->shown[2] - at_stake[2], 49, 51);
	/* One alone is repeated rather than giving way. */
	loop->candidates[4].urgent = false;
	loop_turn(loop, 10);
	for (int i = 0; i < 5; i++)
		assert_int_equal(loop_turn(loop, 10), 2);
	/* An urgent one that is not due is no reason to hold up the others. */
	loop->candidates[2].due = false;
	assert_int_not_equal(loop_turn(loop, 10), 2);
	loop_free(loop);
}

static void after_an_urgent_time_the_shares_are_as_before(void **state)
{
	struct loop *loop = loop_new(8);

	(void)state;
	loop->candidates[1].weight = 3;
	for (int i = 0; i < 13; i++)
		loop_turn(loop, 10);
	loop->candidates[0].urgent = true;
	for (int i = 0; i < 500; i++)
		loop_turn(loop, 10);
	loop->candidates[0].urgent = false;
	memset(loop->shown, 0, sizeof(loop->shown));
	for (int i = 0; i < 100; i++)
		loop_turn(loop, 10);
	assert_in_range(loop->shown[1], 28, 32);
	for (int i = 2; i < 8; i++)
		assert_in_range(loop->shown[i], 8, 12);
	loop_free(loop);
}

static void choosing_changes_nothing(void **state)
{
	struct loop *loop = loop_new(7);
	uint64_t seed = 5;

	(void)state;
	random_weights(loop, &seed, 10);
	for (int i = 0; i < 50; i++) {
		int first = rotation_choose(loop->rotation, loop->candidates, loop->count,
					    loop->at, loop->longest_wait);

		for (int again = 0; again < 3; again++)
			assert_int_equal(rotation_choose(loop->rotation, loop->candidates,
							 loop->count, loop->at,
							 loop->longest_wait),
					 first);
		assert_int_equal(loop_turn(loop, 10), first);
	}
	loop_free(loop);
}

static void the_same_history_gives_the_same_choices(void **state)
{
	struct loop *one = loop_new(30), *two = loop_new(30);
	uint64_t seed = 11;

	(void)state;
	random_weights(one, &seed, 100);
	memcpy(two->candidates, one->candidates, sizeof(one->candidates));
	one->longest_wait.ms = two->longest_wait.ms = 100000;
	for (int i = 0; i < 500; i++) {
		int turn = random_within(&seed, 100, 6000);
		size_t toggled = (size_t)random_within(&seed, 0, 29);

		one->candidates[toggled].due = !one->candidates[toggled].due;
		two->candidates[toggled].due = one->candidates[toggled].due;
		assert_int_equal(loop_turn(one, turn), loop_turn(two, turn));
	}
	loop_free(one);
	loop_free(two);
}

static void a_change_of_the_programme_keeps_the_standing_of_the_others(void **state)
{
	struct loop *loop = loop_new(10);

	(void)state;
	/* Half of a round: 0–4 have been shown, 5–9 not yet. */
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 10);
	/* The order changes, 2 goes, and one that nobody knows yet comes. */
	for (size_t i = 0; i < 5; i++) {
		struct rotation_candidate swap = loop->candidates[i];

		loop->candidates[i] = loop->candidates[9 - i];
		loop->candidates[9 - i] = swap;
	}
	loop->candidates[7].key = "notice/new";
	memset(loop->shown, 0, sizeof(loop->shown));
	for (int i = 0; i < 5; i++)
		loop_turn(loop, 10);
	/* The five that were still to come have come, or the new one instead of one. */
	assert_true(loop->shown[0] + loop->shown[1] + loop->shown[2] + loop->shown[3] +
			    loop->shown[4] >=
		    4);
	loop_free(loop);
}

static void news_go_first_once_and_in_order(void **state)
{
	struct loop *loop = loop_new(12);

	(void)state;
	loop->count = 10;
	for (int i = 0; i < 25; i++)
		loop_turn(loop, 10);
	/* Two come at once; the second may only be shown from the third turn on. */
	loop->count = 12;
	loop->candidates[11].due = false;
	assert_int_equal(loop_turn(loop, 10), 10);
	assert_in_range(loop_turn(loop, 10), 0, 9);
	loop->candidates[11].due = true;
	assert_int_equal(loop_turn(loop, 10), 11);
	/* From then on they are like the others. */
	memset(loop->shown, 0, sizeof(loop->shown));
	for (int i = 0; i < 120; i++)
		loop_turn(loop, 10);
	for (size_t i = 0; i < loop->count; i++)
		assert_in_range(loop->shown[i], 9, 11);
	loop_free(loop);
}

static void the_latest_news_go_before_earlier_ones(void **state)
{
	struct loop *loop = loop_new(14);

	(void)state;
	loop->count = 10;
	for (int i = 0; i < 25; i++)
		loop_turn(loop, 10);
	loop->count = 12;
	assert_int_equal(loop_turn(loop, 10), 10);
	loop->count = 14;
	assert_int_equal(loop_turn(loop, 10), 12);
	assert_int_equal(loop_turn(loop, 10), 13);
	assert_int_equal(loop_turn(loop, 10), 11);
	assert_in_range(loop_turn(loop, 10), 0, 9);
	loop_free(loop);
}

static void a_loop_that_has_just_begun_has_no_news(void **state)
{
	struct loop *loop = loop_new(3);

	(void)state;
	loop->candidates[2].weight = 5;
	/* All are unknown; the heaviest goes first, not the lowest index. */
	assert_int_equal(loop_turn(loop, 10), 2);
	loop_free(loop);
}

static void news_add_no_more_than_their_turns_to_a_wait(void **state)
{
	const size_t old = 20, news = 30;
	struct loop *loop = loop_new(old + news);

	(void)state;
	loop->count = old;
	loop->longest_wait.ms = (int64_t)(old + news) * 10;
	for (int i = 0; i < 100; i++)
		loop_turn(loop, 10);
	loop->count = old + news;
	for (int i = 0; i < 1000; i++)
		loop_turn(loop, 10);
	assert_in_range(loop->longest, 0, loop->longest_wait.ms + (int64_t)news * 10);
	loop_free(loop);
}

static void news_go_first_even_where_no_longest_wait_can_be_kept(void **state)
{
	struct loop *loop = loop_new(41);

	(void)state;
	loop->count = 40;
	loop->longest_wait.ms = 900;
	for (int i = 0; i < 100; i++)
		loop_turn(loop, 28);
	loop->count = 41;
	assert_int_equal(loop_turn(loop, 28), 40);
	loop_free(loop);
}

static void a_key_that_is_gone_is_forgotten(void **state)
{
	struct loop *loop = loop_new(3);

	(void)state;
	loop->longest_wait.ms = 1000;
	for (int i = 0; i < 3; i++)
		loop_turn(loop, 10);
	loop->count = 2;
	loop_turn(loop, 10);
	loop->at.ms += 100000;
	/* 2 is back as a stranger, which is news, though 0 and 1 are overdue. */
	loop->count = 3;
	assert_int_equal(loop_turn(loop, 10), 2);
	assert_in_range(loop_turn(loop, 10), 0, 1);
	assert_in_range(loop_turn(loop, 10), 0, 1);
	assert_int_equal(loop_turn(loop, 10), 2);
	loop_free(loop);
}

static void time_in_which_it_was_not_due_is_no_wait(void **state)
{
	struct loop *loop = loop_new(4);

	(void)state;
	loop->longest_wait.ms = 5000;
	for (int i = 0; i < 4; i++)
		loop_turn(loop, 10);
	loop->candidates[3].due = false;
	for (int i = 0; i < 1000; i++)
		loop_turn(loop, 1000);
	loop->candidates[3].due = true;
	/* Were the night a wait, it would be first by far. */
	for (int i = 0; i < 2; i++)
		assert_int_not_equal(loop_turn(loop, 1000), 3);
	assert_int_equal(loop_turn(loop, 1000), 3);
	loop_free(loop);
}

static void a_choice_that_was_overtaken_can_be_committed(void **state)
{
	struct loop *loop = loop_new(3);

	(void)state;
	loop_turn(loop, 10);
	/* Prepared while it was due; shown when it no longer was. */
	loop->candidates[2].due = false;
	assert_true(rotation_commit(loop->rotation, loop->candidates, 3, 2, loop->at));
	for (int i = 0; i < 10; i++)
		assert_in_range(loop_turn(loop, 10), 0, 1);
	loop_free(loop);
}

static void weights_out_of_range_are_taken_to_its_edges(void **state)
{
	struct loop *loop = loop_new(3);

	(void)state;
	loop->candidates[0].weight = 0;
	loop->candidates[1].weight = INT32_MIN;
	loop->candidates[2].weight = INT32_MAX;
	for (int i = 0; i < 100; i++)
		loop_turn(loop, 10);
	assert_int_equal(loop->shown[0], 25);
	assert_int_equal(loop->shown[1], 25);
	assert_int_equal(loop->shown[2], 50);
	loop_free(loop);
}

static void a_large_programme_shows_all_in_time(void **state)
{
	struct loop *loop = loop_new(1000);

	(void)state;
	loop->longest_wait.ms = 1000 * 1000;
	loop->candidates[17].weight = 1000;
	for (int i = 0; i < 1100; i++)
		loop_turn(loop, 1000);
	assert_true(loop->longest <= loop->longest_wait.ms);
	for (size_t i = 0; i < loop->count; i++)
		assert_true(loop->shown[i] > 0);
	loop_free(loop);
}

static void a_full_programme_takes_its_turns(void **state)
{
	struct loop *loop = loop_new(COUNT_MAX);
	uint64_t seed = 3;

	(void)state;
	random_weights(loop, &seed, 10);
	for (int i = 0; i < 200; i++) {
		int before = loop->last;

		assert_int_not_equal(loop_turn(loop, 1000), before);
	}
	loop_free(loop);
}

static void freeing_nothing_is_fine(void **state)
{
	(void)state;
	assert_null(rotation_free(NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_due_gives_no_choice),
		cmocka_unit_test(a_single_candidate_is_repeated),
		cmocka_unit_test(equal_weights_give_a_plain_round),
		cmocka_unit_test(a_heavier_candidate_is_spread_evenly),
		cmocka_unit_test(one_that_outweighs_all_gets_every_second_turn),
		cmocka_unit_test(shares_follow_the_weights_within_one_turn),
		cmocka_unit_test(shares_of_extreme_weights_stay_within_two_turns),
		cmocka_unit_test(nobody_waits_longer_than_the_longest_wait),
		cmocka_unit_test(turns_of_many_lengths_add_one_turn_at_most),
		cmocka_unit_test(weights_still_matter_while_the_longest_wait_is_kept),
		cmocka_unit_test(too_many_for_the_longest_wait_play_in_turn),
		cmocka_unit_test(a_time_of_forced_turns_leaves_no_debt),
		cmocka_unit_test(
			a_turn_out_of_order_takes_the_place_of_the_next_in_order),
		cmocka_unit_test(a_night_without_turns_is_forgotten),
		cmocka_unit_test(the_urgent_go_first_and_the_others_wait),
		cmocka_unit_test(after_an_urgent_time_the_shares_are_as_before),
		cmocka_unit_test(choosing_changes_nothing),
		cmocka_unit_test(the_same_history_gives_the_same_choices),
		cmocka_unit_test(
			a_change_of_the_programme_keeps_the_standing_of_the_others),
		cmocka_unit_test(news_go_first_once_and_in_order),
		cmocka_unit_test(the_latest_news_go_before_earlier_ones),
		cmocka_unit_test(a_loop_that_has_just_begun_has_no_news),
		cmocka_unit_test(news_add_no_more_than_their_turns_to_a_wait),
		cmocka_unit_test(news_go_first_even_where_no_longest_wait_can_be_kept),
		cmocka_unit_test(a_key_that_is_gone_is_forgotten),
		cmocka_unit_test(time_in_which_it_was_not_due_is_no_wait),
		cmocka_unit_test(a_choice_that_was_overtaken_can_be_committed),
		cmocka_unit_test(weights_out_of_range_are_taken_to_its_edges),
		cmocka_unit_test(a_large_programme_shows_all_in_time),
		cmocka_unit_test(a_full_programme_takes_its_turns),
		cmocka_unit_test(freeing_nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
