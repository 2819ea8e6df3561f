#include "sync/news.h"

#include "support/test.h"

static void polling_begins_when_every_wait_is_spoiled(void **state)
{
	struct news_way way = {0};

	(void)state;
	for (int i = 1; i < NEWS_FAILURES_MAX; i++) {
		assert_false(news_spoiled(&way));
		assert_false(news_polls(&way));
	}
	assert_true(news_spoiled(&way));
	assert_true(news_polls(&way));
}

static void one_good_wait_makes_up_for_the_bad_ones(void **state)
{
	struct news_way way = {0};

	(void)state;
	for (int i = 0; i < 10 * NEWS_FAILURES_MAX; i++) {
		assert_false(news_spoiled(&way));
		news_waited(&way);
	}
	assert_false(news_polls(&way));
}

static void waiting_is_tried_again_after_a_while(void **state)
{
	struct news_way way = {0};

	(void)state;
	for (int i = 0; i < NEWS_FAILURES_MAX; i++)
		(void)news_spoiled(&way);
	for (int i = 1; i < NEWS_POLLS; i++)
		assert_false(news_polled(&way));
	assert_true(news_polls(&way));
	assert_true(news_polled(&way));
	assert_false(news_polls(&way));
	/* It takes as much as the first time to give up on it again. */
	assert_false(news_spoiled(&way));
}

static void polling_by_choice_never_turns_into_waiting(void **state)
{
	struct news_way way = {0};

	(void)state;
	for (int i = 0; i < 2 * NEWS_POLLS; i++)
		assert_false(news_polled(&way));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(polling_begins_when_every_wait_is_spoiled),
		cmocka_unit_test(one_good_wait_makes_up_for_the_bad_ones),
		cmocka_unit_test(waiting_is_tried_again_after_a_while),
		cmocka_unit_test(polling_by_choice_never_turns_into_waiting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
