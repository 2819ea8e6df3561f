#include "render/slide_check.h"

static void every_slide_of_the_plan_in_daylight_is_complete(void **state)
{
	(void)state;
	check_all(1080, 1920, false);
}

static void every_slide_of_the_plan_at_night_is_complete(void **state)
{
	(void)state;
	check_all(1080, 1920, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_slide_of_the_plan_in_daylight_is_complete),
		cmocka_unit_test(every_slide_of_the_plan_at_night_is_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
