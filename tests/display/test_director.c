#include "display/director.h"

#include <poll.h>

#include "core/play.h"
#include "display/set.h"
#include "display/show.h"
#include "display/worker.h"
#include "render/canvas.h"
#include "render/slide.h"
#include "wire/plan_json.h"

#include "box.h"

/*
 * The real worker draws; time is the test's own. All fades take FADE_MS, all slides stay
 * for DWELL_MS.
 */
#define FADE_MS  400
#define DWELL_MS 8000

/* 15:30:00 on a Sunday in Japan. */
static const struct wall_ms noon = {INT64_C(1795329000000)};

static struct worker *worker;
static struct renderer *renderer;
static struct director *director;
static struct now now;

#define AFTER(span) ((struct wall_ms){noon.ms + (span)})

static int set_up(void **state)
{
	const struct director_options options = {
		.screen_id = BOX_SCREEN,
		.panel_height_mm = 685,
		.distance_m = 5,
		.dwell = {DWELL_MS},
		.fade = {FADE_MS},
	};
	struct err err = {0};

	(void)state;
	renderer = renderer_new(NULL, &err);
	assert_ok(renderer != NULL, err);
	worker = worker_new(renderer, NULL, 0, &err);
	assert_ok(worker != NULL, err);
	director = director_new(&options, worker, &err);
	assert_ok(director != NULL, err);
	director_resize(director, 640, 360);
	now = (struct now){.wall = noon, .mono = {5000}, .synchronised = true};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	director_free(director);
	worker_free(worker);
	renderer_free(renderer);
	return 0;
}

static struct set *set_of(int64_t version, struct notice *notices, size_t count)
{
	struct programme written = box_programme(version, noon, notices, count);
	uint8_t plan_hash[SHA256_SIZE] = {0}, hash[SHA256_SIZE] = {(uint8_t)version};
	struct err err = {0};
	struct programme *programme;
	struct plan *plan;
	struct set *set;
	size_t len;
	char *text = programme_to_json(&written, &len, &err);

	assert_ok(text != NULL, err);
	programme = programme_from_json("programme.json", text, len, &err);
	assert_ok(programme != NULL, err);
	free(text);
	text = tmp_read(BOX_PLAN, &len);
	plan = plan_from_json("plan.json", text, len, &err);
	assert_ok(plan != NULL, err);
	free(text);
	set = set_new(plan, plan_hash, programme, hash, NULL, &err);
	assert_ok(set != NULL, err);
	return set;
}

static void use_programme(int64_t version, struct notice *notices, size_t count)
{
	struct set *set = set_of(version, notices, count);
	struct err err = {0};

	assert_ok(director_use(director, set, now, &err), err);
	set_unref(set);
}

/* The urgent ones are alarms. */
static void use(int64_t version, struct notice *notices, size_t count)
{
	struct set *set = set_of(version, notices, count);
	struct err err = {0};

	box_add_alarms(set, notices, count);
	assert_ok(director_use(director, set, now, &err), err);
	set_unref(set);
}

static void pass(int64_t ms)
{
	now.mono.ms += ms;
	now.wall.ms += ms;
}

/* Lets the worker finish whatever it was given. */
static void settle(void)
{
	struct pollfd fd = {.fd = worker_fd(worker), .events = POLLIN};

	director_update(director, now);
	while (director_is_busy(director)) {
		assert_int_equal(poll(&fd, 1, 60000), 1);
		director_update(director, now);
	}
}

/* There is a cue now: goes on to the next slide, which is returned. */
static const struct show *go_on(struct director_cue *out)
{
	struct director_cue cue;

	settle();
	if (!director_cue(director, now, &cue))
		fail_msg("nothing is to be done after %d ms", (int)(now.mono.ms - 5000));
	if (out)
		*out = cue;
	director_advance(director, now);
	return director_current(director);
}

static void expect_calm(void)
{
	struct director_cue cue;

	settle();
	if (director_cue(director, now, &cue))
		fail_msg("%s is to be shown", cue.next->slide_id);
}

static void first_slide_comes_at_once_by_a_cut(void **state)
{
	struct director_cue cue;
	const struct show *show;

	(void)state;
	use(1, NULL, 0);
	show = go_on(&cue);
	assert_int_equal(cue.fade.ms, 0);
	assert_non_null(show->canvas);
	assert_int_equal(show->canvas->width, 640);
	assert_int_equal(show->planned.ms, DWELL_MS);
}

static void slide_stays_for_its_time(void **state)
{
	const struct show *show;
	char first[SLIDE_ID_MAX];
	struct director_cue cue;

	(void)state;
	use(1, NULL, 0);
	show = go_on(NULL);
	memcpy(first, show->slide_id, sizeof(first));
	expect_calm();
	/* The next one is drawn some time before it is due, not right away. */
	pass(director_wait(director, now).ms);
	assert_in_range(now.mono.ms, 5000 + DWELL_MS / 2, 5000 + DWELL_MS - 2000);
	director_update(director, now);
	assert_true(director_is_busy(director));
	expect_calm();
	pass(5000 + DWELL_MS - 1 - now.mono.ms);
	expect_calm();
	assert_int_equal(director_wait(director, now).ms, 1);
	pass(1);
	show = go_on(&cue);
	assert_int_equal(cue.cause, PLAY_COMPLETE);
	assert_int_equal(cue.fade.ms, FADE_MS);
	assert_string_not_equal(show->slide_id, first);
}

static void item_of_several_pages_shows_them_in_order(void **state)
{
	static const char sentence[] = "当日は公共交通機関をご利用ください。\n";
	char long_body[sizeof(sentence) * 60];
	struct notice notice = box_notice("long", noon, AFTER(HOUR_MS));
	const struct show *show;
	int pages;

	(void)state;
	for (size_t i = 0; i < 60; i++)
		memcpy(long_body + i * (sizeof(sentence) - 1), sentence,
		       sizeof(sentence));
	notice.body = long_body;
	notice.urgent = true;
	use(1, &notice, 1);
	show = go_on(NULL);
	assert_string_equal(show->slide_id, "notice/long");
	pages = show->pages;
	assert_true(pages >= 2);
	for (int page = 2; page <= pages; page++) {
		char expected[SLIDE_ID_MAX];

		snprintf(expected, sizeof(expected), "notice/long/p%d", page);
		pass(DWELL_MS);
		show = go_on(NULL);
		assert_string_equal(show->slide_id, expected);
		assert_string_equal(show->item_id, "notice/long");
	}
	pass(DWELL_MS);
	assert_string_equal(go_on(NULL)->slide_id, "notice/long");
}

static void urgent_notice_interrupts_at_once(void **state)
{
	struct notice notice = box_notice("flood", noon, AFTER(HOUR_MS));
	struct director_cue cue;

	(void)state;
	use(1, NULL, 0);
	(void)go_on(NULL);
	pass(1000);
	expect_calm();
	notice.urgent = true;
	use(2, &notice, 1);
	assert_string_equal(go_on(&cue)->slide_id, "notice/flood");
	assert_int_equal(cue.cause, PLAY_EMERGENCY);
	assert_true(cue.fade.ms > 0 && cue.fade.ms < FADE_MS);
}

static void urgent_notice_comes_at_its_own_instant(void **state)
{
	struct notice notice = box_notice("flood", AFTER(5000), AFTER(HOUR_MS));
	struct director_cue cue;

	(void)state;
	notice.urgent = true;
	use(1, &notice, 1);
	assert_string_not_equal(go_on(NULL)->slide_id, "notice/flood");
	expect_calm();
	pass(4999);
	expect_calm();
	assert_int_equal(director_wait(director, now).ms, 1);
	pass(1);
	assert_string_equal(go_on(&cue)->slide_id, "notice/flood");
	assert_int_equal(cue.cause, PLAY_EMERGENCY);
}

static void alarm_that_ends_gives_way_to_the_rest(void **state)
{
	struct notice notice = box_notice("flood", noon, AFTER(6000));
	struct director_cue cue;

	(void)state;
	notice.urgent = true;
	use(1, &notice, 1);
	assert_string_equal(go_on(NULL)->slide_id, "notice/flood");
	expect_calm();
	/* The fade has to be over when its time is. */
	pass(6000 - FADE_MS - 1);
	expect_calm();
	pass(1);
	assert_string_not_equal(go_on(&cue)->slide_id, "notice/flood");
	assert_int_equal(cue.fade.ms, FADE_MS);
}

static void notice_past_its_end_is_cut(void **state)
{
	struct notice notice = box_notice("flood", noon, AFTER(HOUR_MS));
	struct director_cue cue;

	(void)state;
	notice.urgent = true;
	use(1, &notice, 1);
	(void)go_on(NULL);
	expect_calm();
	/* The clock was wrong and is set now. */
	now.wall.ms += 2 * HOUR_MS;
	assert_string_not_equal(go_on(&cue)->slide_id, "notice/flood");
	assert_int_equal(cue.fade.ms, 0);
	assert_int_equal(cue.cause, PLAY_COMPLETE);
}

static void withdrawn_notice_leaves_at_once(void **state)
{
	struct notice notice = box_notice("flood", noon, AFTER(HOUR_MS));
	struct director_cue cue;

	(void)state;
	notice.urgent = true;
	use(1, &notice, 1);
	(void)go_on(NULL);
	pass(1000);
	expect_calm();
	use(2, NULL, 0);
	assert_string_not_equal(go_on(&cue)->slide_id, "notice/flood");
	assert_int_equal(cue.cause, PLAY_CONTENT);
	assert_true(cue.fade.ms < FADE_MS);
}

static void revised_notice_is_replaced_by_its_revision(void **state)
{
	struct notice notice = box_notice("flood", noon, AFTER(HOUR_MS));
	struct director_cue cue;
	const struct show *show;

	(void)state;
	notice.urgent = true;
	use(1, &notice, 1);
	(void)go_on(NULL);
	expect_calm();
	notice.revision = 2;
	notice.title = "市民まつりの中止";
	use(2, &notice, 1);
	pass(DIRECTOR_HOLD_MS);
	show = go_on(&cue);
	assert_string_equal(show->slide_id, "notice/flood");
	assert_int_equal(show_notice(show)->revision, 2);
	assert_int_equal(cue.cause, PLAY_CONTENT);
}

/* Two alarms sent and withdrawn as fast as somebody can. */
static void alarms_that_come_and_go_are_held(void **state)
{
	struct notice notice = box_notice("flood", noon, AFTER(HOUR_MS));
	struct director_cue cue;

	(void)state;
	notice.urgent = true;
	use(1, NULL, 0);
	(void)go_on(NULL);
	for (int version = 2; version < 6; version++) {
		bool alarm = version % 2 == 0;

		use(version, &notice, alarm ? 1 : 0);
		pass(10);
		expect_calm();
		assert_int_equal(director_wait(director, now).ms, DIRECTOR_HOLD_MS - 10);
		pass(DIRECTOR_HOLD_MS - 11);
		expect_calm();
		assert_int_equal(director_wait(director, now).ms, 1);
		pass(1);
		assert_int_equal(strcmp(go_on(&cue)->slide_id, "notice/flood") == 0,
				 alarm);
		assert_int_equal(cue.cause, alarm ? PLAY_EMERGENCY : PLAY_CONTENT);
	}
}

static void who_keeps_the_key_pressed_is_held(void **state)
{
	struct director_cue cue;

	(void)state;
	use(1, NULL, 0);
	(void)go_on(NULL);
	director_skip(director);
	pass(DIRECTOR_HOLD_MS - 1);
	expect_calm();
	pass(1);
	(void)go_on(&cue);
	assert_int_equal(cue.cause, PLAY_OPERATOR);
}

/* Who signs the programme may call anything urgent; nothing is interrupted by it. */
static void urgency_in_the_programme_is_no_alarm(void **state)
{
	struct notice notice = box_notice("flood", noon, AFTER(HOUR_MS));
	struct director_cue cue;

	(void)state;
	use(1, NULL, 0);
	(void)go_on(NULL);
	pass(DIRECTOR_HOLD_MS);
	notice.urgent = true;
	use_programme(2, &notice, 1);
	expect_calm();
	pass(DWELL_MS - DIRECTOR_HOLD_MS);
	/* What is on screen comes to its end, with all its pages. */
	while (strcmp(go_on(&cue)->item_id, "notice/flood") != 0) {
		assert_int_equal(cue.cause, PLAY_COMPLETE);
		assert_true(director_current(director)->page > 1);
		pass(DWELL_MS);
	}
	assert_int_equal(cue.cause, PLAY_COMPLETE);
	assert_false(director_current(director)->urgent);
	assert_false(show_notice(director_current(director))->urgent);
}

static void unchanged_slide_stays_through_new_content(void **state)
{
	struct notice notices[] = {box_notice("flood", noon, AFTER(HOUR_MS)),
				   box_notice("other", noon, AFTER(HOUR_MS))};

	(void)state;
	notices[0].urgent = true;
	use(1, notices, 1);
	(void)go_on(NULL);
	pass(1000);
	use(2, notices, 2);
	expect_calm();
	assert_string_equal(director_current(director)->slide_id, "notice/flood");
}

static void news_go_before_what_was_prepared(void **state)
{
	struct notice notices[] = {box_notice("old", noon, AFTER(HOUR_MS)),
				   box_notice("new", noon, AFTER(HOUR_MS))};

	(void)state;
	use(1, notices, 1);
	(void)go_on(NULL);
	/* A second before its end, the next slide is prepared; then a notice comes. */
	pass(director_current(director)->planned.ms - 1000);
	expect_calm();
	use(2, notices, 2);
	expect_calm();
	pass(1000);
	assert_string_equal(go_on(NULL)->slide_id, "notice/new");
}

static void what_was_prepared_and_then_withdrawn_never_shows(void **state)
{
	struct notice notice = box_notice("fair", noon, AFTER(HOUR_MS));

	(void)state;
	use(1, &notice, 1);
	/* Whatever is prepared for after the first slide: the notice goes meanwhile. */
	(void)go_on(NULL);
	settle();
	use(2, NULL, 0);
	for (int turn = 0; turn < 5; turn++) {
		pass(DWELL_MS);
		assert_null(show_notice(go_on(NULL)));
	}
}

static void operator_goes_on_at_once(void **state)
{
	struct director_cue cue;

	(void)state;
	use(1, NULL, 0);
	(void)go_on(NULL);
	expect_calm();
	pass(DIRECTOR_HOLD_MS);
	director_skip(director);
	(void)go_on(&cue);
	assert_int_equal(cue.cause, PLAY_OPERATOR);
	expect_calm();
}

static void new_minute_redraws_only_the_clock(void **state)
{
	struct err err = {0};
	struct canvas *before = canvas_new(640, 360, (struct colour){0}, &err);
	const struct canvas *picture = NULL;
	const struct show *show;
	int rect[4] = {0};

	(void)state;
	use(1, NULL, 0);
	now.wall.ms += 55000;
	show = go_on(NULL);
	memcpy(before->pixels, show->canvas->pixels, 640 * 360 * 4);
	pass(4999);
	settle();
	assert_int_equal(director_touch(director, &picture, rect), DIRECTOR_TOUCH_NONE);
	pass(1);
	settle();
	assert_int_equal(director_touch(director, &picture, rect), DIRECTOR_TOUCH_CLOCK);
	for (int y = 0; y < 360; y++)
		for (int x = 0; x < 640; x++)
			if (x < rect[0] || x >= rect[0] + rect[2] || y < rect[1] ||
			    y >= rect[1] + rect[3])
				assert_int_equal(before->pixels[y * 640 + x],
						 show->canvas->pixels[y * 640 + x]);
	assert_memory_not_equal(before->pixels, show->canvas->pixels, 640 * 360 * 4);
	canvas_free(before);
	assert_int_equal(director_touch(director, &picture, rect), DIRECTOR_TOUCH_NONE);
}

/* With the output holding the picture, one canvas goes round. */
static void canvas_of_what_the_output_holds_is_drawn_into(void **state)
{
	const struct canvas *picture = NULL;
	const struct show *show;
	const uint32_t *pixels;
	int rect[4];

	(void)state;
	use(1, NULL, 0);
	show = go_on(NULL);
	pixels = show->canvas->pixels;
	director_lend(director, true);
	pass(DWELL_MS - 3001);
	settle();
	assert_ptr_equal(show->canvas->pixels, pixels);
	pass(1);
	settle();
	assert_null(show->canvas);
	/* Its clock goes on all the same. */
	now.wall.ms += 60000;
	settle();
	assert_int_equal(director_touch(director, &picture, rect), DIRECTOR_TOUCH_CLOCK);
	assert_true(rect[1] + rect[3] <= picture->height);
	pass(3000);
	for (int i = 0; i < 5; i++) {
		show = go_on(NULL);
		assert_ptr_equal(show->canvas->pixels, pixels);
		pass(DWELL_MS);
	}
}

/* Without, two take turns. */
static void canvas_of_the_slide_before_last_is_drawn_into(void **state)
{
	const uint32_t *pixels[2];

	(void)state;
	use(1, NULL, 0);
	for (int i = 0; i < 2; i++) {
		pixels[i] = go_on(NULL)->canvas->pixels;
		pass(DWELL_MS);
	}
	for (int i = 0; i < 6; i++) {
		assert_ptr_equal(go_on(NULL)->canvas->pixels, pixels[i % 2]);
		pass(DWELL_MS);
	}
}

static void new_size_redraws_the_slide_within_its_play(void **state)
{
	const struct canvas *picture = NULL;
	int rect[4];

	(void)state;
	use(1, NULL, 0);
	(void)go_on(NULL);
	director_resize(director, 360, 640);
	settle();
	assert_int_equal(director_touch(director, &picture, rect),
			 DIRECTOR_TOUCH_REFRESH);
	assert_int_equal(director_current(director)->canvas->width, 360);
	expect_calm();
	pass(DWELL_MS);
	assert_int_equal(go_on(NULL)->canvas->width, 360);
}

static void evening_turns_the_slide_dark(void **state)
{
	struct civil evening = civil_from_wall_jst(noon);
	const struct canvas *picture = NULL;
	int rect[4];

	(void)state;
	evening.hour = loop_policy_default.theme.dark_from_minute / 60;
	evening.minute = loop_policy_default.theme.dark_from_minute % 60;
	now.wall.ms = wall_from_civil_jst(&evening).ms - 2000;
	use(1, NULL, 0);
	assert_false(go_on(NULL)->view.dark);
	pass(2000);
	settle();
	assert_int_equal(director_touch(director, &picture, rect),
			 DIRECTOR_TOUCH_REFRESH);
	assert_true(director_current(director)->view.dark);
}

static void box_in_1970_believes_the_programmes_date(void **state)
{
	struct notice notice = box_notice("flood", AFTER(-1000), AFTER(HOUR_MS));

	(void)state;
	now.wall.ms = 0;
	now.synchronised = false;
	notice.urgent = true;
	use(1, &notice, 1);
	assert_string_equal(go_on(NULL)->slide_id, "notice/flood");
}

static void stuck_is_only_what_is_long_behind_its_time(void **state)
{
	(void)state;
	use(1, NULL, 0);
	(void)go_on(NULL);
	pass(DWELL_MS + 29000);
	assert_false(director_is_stuck(director, now));
	pass(2000);
	assert_true(director_is_stuck(director, now));
	(void)go_on(NULL);
	assert_false(director_is_stuck(director, now));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_slide_comes_at_once_by_a_cut),
		TEST(slide_stays_for_its_time),
		TEST(item_of_several_pages_shows_them_in_order),
		TEST(urgent_notice_interrupts_at_once),
		TEST(urgent_notice_comes_at_its_own_instant),
		TEST(alarm_that_ends_gives_way_to_the_rest),
		TEST(notice_past_its_end_is_cut),
		TEST(withdrawn_notice_leaves_at_once),
		TEST(alarms_that_come_and_go_are_held),
		TEST(who_keeps_the_key_pressed_is_held),
		TEST(urgency_in_the_programme_is_no_alarm),
		TEST(revised_notice_is_replaced_by_its_revision),
		TEST(unchanged_slide_stays_through_new_content),
		TEST(news_go_before_what_was_prepared),
		TEST(canvas_of_what_the_output_holds_is_drawn_into),
		TEST(canvas_of_the_slide_before_last_is_drawn_into),
		TEST(what_was_prepared_and_then_withdrawn_never_shows),
		TEST(operator_goes_on_at_once),
		TEST(new_minute_redraws_only_the_clock),
		TEST(new_size_redraws_the_slide_within_its_play),
		TEST(evening_turns_the_slide_dark),
		TEST(box_in_1970_believes_the_programmes_date),
		TEST(stuck_is_only_what_is_long_behind_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
