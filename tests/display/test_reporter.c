#include "display/reporter.h"

#include <poll.h>

#include "display/identity.h"
#include "display/recorder.h"
#include "display/run_number.h"
#include "display/shrink.h"
#include "os/clock.h"
#include "render/canvas.h"
#include "wire/health.h"
#include "wire/screenshot.h"

#include "box.h"

static struct box box;
static struct identity *identity;
static struct recorder *recorder;
static uint8_t key[ED25519_PUBLIC_SIZE];

static int set_up(void **state)
{
	struct err err = {0};

	(void)state;
	box = box_new(clock_now().wall);
	identity = identity_new(box.state, &err);
	assert_ok(identity != NULL, err);
	const struct recorder_options options = {
		.state = box.state, .outbox = box.outbox, .identity = identity};
	recorder = recorder_new(&options, &err);
	assert_ok(recorder != NULL, err);
	signer_public(box.screen, key);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	recorder_free(recorder);
	identity_free(identity);
	box_free(&box);
	return 0;
}

static struct reporter *reporter(void)
{
	const struct reporter_options options = {
		.state = box.state,
		.outbox = box.outbox,
		.identity = identity,
		.recorder = recorder,
		.every = {3600000},
	};
	struct err err = {0};
	struct reporter *made = reporter_new(&options, &err);

	assert_ok(made != NULL, err);
	return made;
}

/* Whether the outbox has the file; waits up to ten seconds where it is @wanted. */
static bool has_file(const char *name, bool wanted)
{
	char *path = tmp_path(box.outbox, name);
	bool there;

	for (int tries = 0; wanted && tries < 1000 && !file_exists(path); tries++)
		poll(NULL, 0, 10);
	there = file_exists(path);
	free(path);
	return there;
}

/* The report that lies in the outbox, as the city would read it. */
static struct health read_report(void)
{
	const struct health_courier courier = {.software = "1.0"};
	struct health_upload upload;
	struct err err = {0};
	struct health health;
	size_t len, upload_len;
	char *path = tmp_path(box.outbox, REPORTER_HEALTH_FILE), *text, *bytes;

	assert_true(has_file(REPORTER_HEALTH_FILE, true));
	text = tmp_read(path, &len);
	bytes = health_upload_to_json(text, len, &courier, &upload_len, &err);
	assert_ok(bytes != NULL, err);
	assert_ok(health_upload_from_json(bytes, upload_len, key, &upload, &err), err);
	health = upload.health;
	health_upload_done(&upload);
	free(bytes);
	free(text);
	free(path);
	return health;
}

static void first_slide_makes_the_first_report(void **state)
{
	const struct reporter_set set = {
		.timestamp_version = 9, .age = {5000}, .expires = {7}, .expired = true};
	struct reporter *into = reporter();
	struct health health;

	(void)state;
	assert_false(has_file(REPORTER_HEALTH_FILE, false));
	reporter_set(into, &set);
	reporter_presented(into, clock_mono());
	reporter_scene(into, "notice/flu/1", 4, PLAY_OUTPUT_ON, "test 480×270");
	health = read_report();
	assert_string_equal(health.screen_id, BOX_SCREEN);
	assert_string_equal(health.slide_id, "notice/flu/1");
	assert_string_equal(health.panel, "test 480×270");
	assert_string_equal(health.software, EKIMAE_VERSION);
	assert_int_equal(health.number, 1);
	assert_int_equal(health.every.ms, 3600000);
	assert_int_equal(health.programme_version, 4);
	assert_int_equal(health.timestamp_version, 9);
	assert_in_range(health.set_age.ms, 5000, 60000);
	assert_int_equal(health.expires.ms, 7);
	assert_true(health.expired);
	assert_int_equal(health.output, PLAY_OUTPUT_ON);
	assert_true(health.has_frame);
	assert_in_range(health.frame_age.ms, 0, 60000);
	assert_true(health.disk_total > 0);
	reporter_free(into);
}

static void next_slide_is_no_news_and_a_lost_panel_is(void **state)
{
	struct reporter *into = reporter();

	(void)state;
	reporter_presented(into, clock_mono());
	reporter_scene(into, "plan/1", 4, PLAY_OUTPUT_ON, "");
	assert_int_equal(read_report().number, 1);
	reporter_scene(into, "plan/2", 4, PLAY_OUTPUT_ON, "");
	reporter_scene(into, "", 4, PLAY_OUTPUT_OFF, "");
	/* Told once the gap after the first is over, with what is true then. */
	for (int tries = 0; tries < 1000 && read_report().number == 1; tries++)
		poll(NULL, 0, 10);
	assert_int_equal(read_report().number, 2);
	assert_int_equal(read_report().output, PLAY_OUTPUT_OFF);
	assert_string_equal(read_report().slide_id, "");
	reporter_free(into);
}

static void each_start_is_a_higher_run(void **state)
{
	struct err err = {0};
	int64_t first, second, restored, garbled;

	(void)state;
	assert_ok(run_number_next(box.state, (struct wall_ms){5000000}, &first, &err),
		  err);
	assert_int_equal(first, 5000);
	/* The clock went back to 1970. */
	assert_ok(run_number_next(box.state, (struct wall_ms){0}, &second, &err), err);
	assert_int_equal(second, 5001);
	box_write(box.state, "run", "3\n", 2);
	assert_ok(run_number_next(box.state, (struct wall_ms){9000000}, &restored, &err),
		  err);
	assert_int_equal(restored, 9000);
	box_write(box.state, "run", "-12x", 4);
	assert_ok(run_number_next(box.state, (struct wall_ms){0}, &garbled, &err), err);
	assert_int_equal(garbled, 1);
	/* A disk that is full, or gone: the number is right, only not kept. */
	assert_fails(run_number_next("/nonexistent", (struct wall_ms){9000000}, &restored,
				     &err),
		     err, ERR_NOT_FOUND, "nonexistent");
	assert_int_equal(restored, 9000);
}

static struct canvas *noise(int width, int height)
{
	struct err err = {0};
	struct canvas *canvas = canvas_new(width, height, (struct colour){0}, &err);
	uint32_t value = 1;

	assert_ok(canvas != NULL, err);
	for (int i = 0; i < width * height; i++) {
		value = value * 1664525 + 1013904223;
		canvas->pixels[i] = value >> 8;
	}
	return canvas;
}

/* Whether the descriptor wakes who polls it. */
static bool wakes(const struct reporter *into)
{
	struct pollfd poll_fd = {.fd = reporter_fd(into), .events = POLLIN};

	return poll(&poll_fd, 1, 0) > 0;
}

static void wait_for_wish(const struct reporter *into)
{
	for (int tries = 0; tries < 1000 && !reporter_wants_picture(into); tries++)
		poll(NULL, 0, 10);
	assert_true(reporter_wants_picture(into));
	assert_true(wakes(into));
}

static void request_brings_one_picture_a_minute(void **state)
{
	struct err err = {0};
	struct reporter *into = reporter();
	struct canvas *picture = canvas_new(1920, 1080, (struct colour){0x336699}, &err);
	struct screenshot got;
	char *path = tmp_path(box.outbox, REPORTER_SNAPSHOT_FILE), *bytes;
	const void *png;
	size_t len, png_len;

	(void)state;
	assert_false(reporter_wants_picture(into));
	reporter_scene(into, "plan/1", 4, PLAY_OUTPUT_ON, "");
	reporter_request(into, 3);
	wait_for_wish(into);
	reporter_picture(into, picture);
	assert_false(reporter_wants_picture(into));
	assert_false(wakes(into));
	assert_true(has_file(REPORTER_SNAPSHOT_FILE, true));
	bytes = tmp_read(path, &len);
	assert_ok(screenshot_from_bytes(bytes, len, key, &got, &png, &png_len, &err),
		  err);
	assert_string_equal(got.screen_id, BOX_SCREEN);
	assert_int_equal(got.request, 3);
	assert_string_equal(got.slide_id, "plan/1");
	assert_int_equal(got.width, 480);
	assert_int_equal(got.height, 270);
	/* Whoever asks at once again, and with whatever number, has to wait. */
	reporter_request(into, 4);
	reporter_request(into, 2);
	reporter_request(into, INT64_MAX);
	poll(NULL, 0, 300);
	assert_false(reporter_wants_picture(into));
	free(bytes);
	free(path);
	reporter_free(into);
}

static void frame_that_can_not_be_read_ends_the_request(void **state)
{
	struct reporter *into = reporter();

	(void)state;
	reporter_request(into, 1);
	wait_for_wish(into);
	reporter_picture(into, NULL);
	poll(NULL, 0, 100);
	assert_false(reporter_wants_picture(into));
	assert_false(has_file(REPORTER_SNAPSHOT_FILE, false));
	reporter_free(into);
}

static void picture_that_packs_badly_gets_smaller(void **state)
{
	CLEANUP(blob_free) struct blob wide = {0}, upright = {0};
	struct canvas *large = noise(960, 540), *tall = noise(270, 480);
	int width, height;
	struct err err = {0};

	(void)state;
	assert_ok(shrink_to_png(large, SCREENSHOT_SIDE_MAX, SCREENSHOT_PNG_MAX, &wide,
				&err),
		  err);
	assert_true(wide.len <= SCREENSHOT_PNG_MAX);
	assert_ok(screenshot_png_check(wide.bytes, wide.len, &width, &height, &err), err);
	assert_in_range(width, 100, 479);
	assert_in_range(height, width * 9 / 16 - 1, width * 9 / 16 + 1);
	assert_ok(shrink_to_png(tall, SCREENSHOT_SIDE_MAX, SCREENSHOT_PNG_MAX, &upright,
				&err),
		  err);
	assert_ok(screenshot_png_check(upright.bytes, upright.len, &width, &height, &err),
		  err);
	assert_true(height > width);
	canvas_free(large);
	canvas_free(tall);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(first_slide_makes_the_first_report),
		TEST(next_slide_is_no_news_and_a_lost_panel_is),
		TEST(each_start_is_a_higher_run),
		TEST(request_brings_one_picture_a_minute),
		TEST(frame_that_can_not_be_read_ends_the_request),
		TEST(picture_that_packs_badly_gets_smaller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
