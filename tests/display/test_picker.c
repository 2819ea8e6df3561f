#include "display/picker.h"

#include "core/plan.h"
#include "display/set.h"
#include "wire/plan_json.h"

#include "box.h"

/* A Sunday, 15:30 in Japan. */
static const struct wall_ms noon = {INT64_C(1795329000000)};
static const struct mono_ms start = {1000};

#define HOURS(n) ((struct wall_ms){noon.ms + (n)*HOUR_MS})

static struct set *set_of(struct notice *notices, size_t count)
{
	struct programme written = box_programme(1, noon, notices, count);
	uint8_t hash[SHA256_SIZE] = {0};
	struct err err = {0};
	size_t len;
	char *text = programme_to_json(&written, &len, &err);
	struct programme *programme;
	struct plan *plan;
	struct set *set;

	assert_ok(text != NULL, err);
	programme = programme_from_json("programme.json", text, len, &err);
	assert_ok(programme != NULL, err);
	free(text);
	text = tmp_read(BOX_PLAN, &len);
	plan = plan_from_json("plan.json", text, len, &err);
	assert_ok(plan != NULL, err);
	free(text);
	set = set_new(plan, hash, programme, hash, NULL, &err);
	assert_ok(set != NULL, err);
	box_add_alarms(set, notices, count);
	return set;
}

static struct picker *picker_of(struct notice *notices, size_t count)
{
	struct set *set = set_of(notices, count);
	struct err err = {0};
	struct picker *picker = picker_new(BOX_SCREEN, &err);

	assert_ok(picker != NULL, err);
	assert_ok(picker_use(picker, set, &err), err);
	set_unref(set);
	return picker;
}

/* Plays @turns items of 10 s each; how often @item_id was among them. */
static int count_turns(struct picker *picker, const char *item_id, struct wall_ms wall,
		       int turns)
{
	int count = 0;

	for (int turn = 0; turn < turns; turn++) {
		struct mono_ms mono = {start.ms + turn * INT64_C(10000)};
		const char *chosen = picker_choose(picker, wall, mono);

		assert_non_null(chosen);
		count += strcmp(chosen, item_id) == 0;
		picker_shown(picker, chosen, wall, mono);
	}
	return count;
}

static void all_of_the_plan_takes_its_turn(void **state)
{
	struct picker *picker = picker_of(NULL, 0);

	(void)state;
	assert_int_equal(count_turns(picker, "initiative/30", noon, 37), 1);
	assert_true(picker_is_due(picker, "plan/position", noon));
	assert_false(picker_is_due(picker, "notice/festival", noon));
	picker_free(picker);
}

static void notice_shows_only_while_it_is_due(void **state)
{
	struct notice notice = box_notice("festival", HOURS(-1), HOURS(1));
	struct picker *picker = picker_of(&notice, 1);

	(void)state;
	assert_int_equal(count_turns(picker, "notice/festival", HOURS(-2), 80), 0);
	assert_true(count_turns(picker, "notice/festival", noon, 80) > 1);
	assert_int_equal(count_turns(picker, "notice/festival", HOURS(1), 80), 0);
	picker_free(picker);
}

static void notice_for_another_screen_never_shows(void **state)
{
	const char *screens[] = {"hoya-1"};
	struct notice notice = box_notice("festival", HOURS(-1), HOURS(1));
	struct picker *picker;

	(void)state;
	notice.screens = screens;
	notice.screen_count = 1;
	picker = picker_of(&notice, 1);
	assert_int_equal(count_turns(picker, "notice/festival", noon, 80), 0);
	assert_false(picker_is_due(picker, "notice/festival", noon));
	picker_free(picker);
}

static void urgent_notice_goes_before_everything(void **state)
{
	struct notice notices[] = {box_notice("festival", HOURS(-1), HOURS(1)),
				   box_notice("flood", HOURS(0), HOURS(1))};
	struct picker *picker;

	(void)state;
	notices[1].urgent = true;
	picker = picker_of(notices, 2);
	assert_false(picker_has_urgent(picker, HOURS(-1), start));
	assert_true(picker_has_urgent(picker, noon, start));
	assert_true(picker_is_urgent(picker, "notice/flood"));
	assert_false(picker_is_urgent(picker, "notice/festival"));
	assert_int_equal(count_turns(picker, "notice/flood", noon, 20), 20);
	picker_free(picker);
}

static void nothing_is_begun_right_before_its_end(void **state)
{
	struct notice notice = box_notice("flood", HOURS(-1), HOURS(1));
	struct wall_ms nearly = {HOURS(1).ms - PICKER_LEAST_MS + 1};
	struct picker *picker;

	(void)state;
	notice.urgent = true;
	picker = picker_of(&notice, 1);
	/* It is due to its last instant, and what is on screen may stay. */
	assert_true(picker_is_due(picker, "notice/flood", nearly));
	assert_false(picker_has_urgent(picker, nearly, start));
	assert_string_not_equal(picker_choose(picker, nearly, start), "notice/flood");
	picker_free(picker);
}

static void slide_that_failed_is_left_out_for_a_while(void **state)
{
	struct notice notice = box_notice("flood", HOURS(-1), HOURS(1));
	struct mono_ms later = {start.ms + PICKER_SKIP_MS};
	struct picker *picker;

	(void)state;
	notice.urgent = true;
	picker = picker_of(&notice, 1);
	assert_string_equal(picker_choose(picker, noon, start), "notice/flood");
	picker_failed(picker, "notice/flood", start);
	assert_string_not_equal(picker_choose(picker, noon, start), "notice/flood");
	assert_false(picker_has_urgent(picker, noon, start));
	assert_string_equal(picker_choose(picker, noon, later), "notice/flood");
	picker_free(picker);
}

static void next_change_is_the_earliest_of_all(void **state)
{
	struct notice notices[] = {box_notice("festival", HOURS(2), HOURS(5)),
				   box_notice("flood", HOURS(1), HOURS(4))};
	struct picker *picker = picker_of(notices, 2);
	struct wall_ms change = {0};

	(void)state;
	assert_true(picker_next_change(picker, noon, &change));
	assert_int_equal(change.ms, HOURS(1).ms);
	assert_true(picker_next_change(picker, HOURS(1), &change));
	assert_int_equal(change.ms, HOURS(2).ms);
	assert_true(picker_next_change(picker, HOURS(2), &change));
	assert_int_equal(change.ms, HOURS(4).ms);
	assert_false(picker_next_change(picker, HOURS(5), &change));
	picker_free(picker);
}

static void memory_of_turns_survives_new_content(void **state)
{
	struct picker *picker = picker_of(NULL, 0);
	struct set *set = set_of(NULL, 0);
	struct err err = {0};

	(void)state;
	picker_shown(picker, "plan/position", noon, start);
	assert_ok(picker_use(picker, set, &err), err);
	assert_string_not_equal(picker_choose(picker, noon, start), "plan/position");
	set_unref(set);
	picker_free(picker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_the_plan_takes_its_turn),
		cmocka_unit_test(notice_shows_only_while_it_is_due),
		cmocka_unit_test(notice_for_another_screen_never_shows),
		cmocka_unit_test(urgent_notice_goes_before_everything),
		cmocka_unit_test(nothing_is_begun_right_before_its_end),
		cmocka_unit_test(slide_that_failed_is_left_out_for_a_while),
		cmocka_unit_test(next_change_is_the_earliest_of_all),
		cmocka_unit_test(memory_of_turns_survives_new_content),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
