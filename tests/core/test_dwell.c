#include "core/dwell.h"
#include "core/programme.h"
#include "support/test.h"

static int64_t dwell_ms(size_t characters, int64_t min_s, int per_s)
{
	const struct loop_policy policy = {.dwell_min_s = min_s,
					   .characters_per_s = per_s};

	return dwell_for(characters, &policy).ms;
}

static void a_text_gets_three_seconds_and_the_time_to_read_it(void **state)
{
	(void)state;
	assert_int_equal(dwell_ms(40, 5, 4), 13000);
	assert_int_equal(dwell_ms(41, 5, 4), 13250);
	assert_int_equal(dwell_ms(100, 5, 8), 15500);
}

static void a_part_of_a_millisecond_is_rounded_up(void **state)
{
	(void)state;
	assert_int_equal(dwell_ms(10, 5, 3), 6334);
}

static void a_short_text_stays_for_the_minimum(void **state)
{
	(void)state;
	assert_int_equal(dwell_ms(0, 8, 4), 8000);
	assert_int_equal(dwell_ms(20, 8, 4), 8000);
	assert_int_equal(dwell_ms(21, 8, 4), 8250);
}

static void no_text_stays_for_over_two_minutes(void **state)
{
	(void)state;
	assert_int_equal(dwell_ms(468, 5, 4), 120000);
	assert_int_equal(dwell_ms(469, 5, 4), 120000);
	assert_int_equal(dwell_ms(SIZE_MAX, 5, 20), 120000);
	assert_int_equal(dwell_ms(999999, 120, 1), 120000);
}

static void a_longer_text_never_stays_shorter(void **state)
{
	(void)state;
	for (int per_s = 1; per_s <= 20; per_s++) {
		for (size_t count = 0; count < 2500; count++)
			assert_true(dwell_ms(count, 5, per_s) <=
				    dwell_ms(count + 1, 5, per_s));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_gets_three_seconds_and_the_time_to_read_it),
		cmocka_unit_test(a_part_of_a_millisecond_is_rounded_up),
		cmocka_unit_test(a_short_text_stays_for_the_minimum),
		cmocka_unit_test(no_text_stays_for_over_two_minutes),
		cmocka_unit_test(a_longer_text_never_stays_shorter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
