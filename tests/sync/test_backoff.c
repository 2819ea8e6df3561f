#include "sync/backoff.h"

#include "support/test.h"

static void waits_double_up_to_a_minute(void **state)
{
	struct backoff backoff = {0};
	int64_t whole = 1000;

	(void)state;
	for (int i = 0; i < 20; i++) {
		struct span_ms least, most;
		struct backoff same = backoff;

		least = backoff_next(&same, 0);
		most = backoff_next(&backoff, (uint32_t)(whole / 2));
		assert_int_equal(least.ms, whole / 2);
		assert_int_equal(most.ms, whole);
		whole = whole * 2 > 60000 ? 60000 : whole * 2;
	}
}

static void any_random_number_stays_in_range(void **state)
{
	(void)state;
	for (uint32_t random = 1; random != 0; random <<= 1) {
		struct backoff backoff = {.failures = 3};
		struct span_ms wait = backoff_next(&backoff, random);

		assert_in_range(wait.ms, 4000, 8000);
	}
}

static void success_starts_over(void **state)
{
	struct backoff backoff = {.failures = 9};

	(void)state;
	backoff.failures = 0;
	assert_int_equal(backoff_next(&backoff, 0).ms, 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_double_up_to_a_minute),
		cmocka_unit_test(any_random_number_stays_in_range),
		cmocka_unit_test(success_starts_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
