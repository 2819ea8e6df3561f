#include "core/health.h"

#include "support/test.h"

#define NOW     INT64_C(1795328940000) /* 2026-11-22 */
#define HOUR_MS INT64_C(3600000)

/* A screen that is well. */
static struct health sample(void)
{
	return (struct health){
		.screen_id = "tanashi-1",
		.run = 5,
		.number = 7,
		.every = {60000},
		.at = {NOW},
		.synchronised = true,
		.software = "1.0",
		.programme_version = 3,
		.timestamp_version = 4,
		.set_age = {HOUR_MS},
		.expires = {NOW + 48 * HOUR_MS},
		.output = PLAY_OUTPUT_ON,
		.slide_id = "plan/1",
		.has_frame = true,
		.frame_age = {8000},
		.disk_free = INT64_C(8) << 30,
		.disk_total = INT64_C(30) << 30,
		.has_temperature = true,
		.millidegrees = 45000,
	};
}

static void assert_alarms(const struct health *health, unsigned expected)
{
	assert_int_equal(health_alarms(health, (struct wall_ms){NOW + 1000}), expected);
}

static void screen_that_is_well_raises_no_alarm(void **state)
{
	struct health health = sample();

	(void)state;
	assert_alarms(&health, 0);
	/* Neither does one that can't tell about its panel or temperature. */
	health.output = PLAY_OUTPUT_UNKNOWN;
	health.has_temperature = false;
	health.millidegrees = 99000;
	assert_alarms(&health, 0);
}

static void each_trouble_raises_its_own_alarm(void **state)
{
	struct health health;

	(void)state;
	health = sample();
	health.expired = true;
	assert_alarms(&health, 1 << HEALTH_EXPIRED);
	health = sample();
	health.set_age.ms = 49 * HOUR_MS;
	assert_alarms(&health, 1 << HEALTH_STALE);
	health = sample();
	health.timestamp_version = 0;
	assert_alarms(&health, 1 << HEALTH_STALE);
	health = sample();
	health.synchronised = false;
	assert_alarms(&health, 1 << HEALTH_CLOCK);
	health = sample();
	health.at.ms = 0; /* 1970, and sure of it */
	assert_alarms(&health, 1 << HEALTH_CLOCK);
	health = sample();
	health.at.ms += HOUR_MS;
	assert_alarms(&health, 1 << HEALTH_CLOCK);
	health = sample();
	health.output = PLAY_OUTPUT_OFF;
	assert_alarms(&health, 1 << HEALTH_OUTPUT);
	health.output = PLAY_OUTPUT_BLACK;
	assert_alarms(&health, 1 << HEALTH_OUTPUT);
	health = sample();
	health.frame_age.ms = HOUR_MS;
	assert_alarms(&health, 1 << HEALTH_STILL);
	health = sample();
	health.has_frame = false;
	assert_alarms(&health, 1 << HEALTH_STILL);
	health = sample();
	health.disk_free = 1 << 20;
	assert_alarms(&health, 1 << HEALTH_DISK);
	health = sample();
	health.disk_free = health.disk_total / 100;
	assert_alarms(&health, 1 << HEALTH_DISK);
	health = sample();
	health.millidegrees = 85000;
	assert_alarms(&health, 1 << HEALTH_TEMPERATURE);
	health = sample();
	health.plays_lost = 1;
	assert_alarms(&health, 1 << HEALTH_PLAYS);
}

static void silence_is_three_reports_and_at_least_five_minutes(void **state)
{
	const struct wall_ms received = {NOW};

	(void)state;
	assert_false(health_is_silent(received, (struct span_ms){60000},
				      (struct wall_ms){NOW + 299000}));
	assert_true(health_is_silent(received, (struct span_ms){60000},
				     (struct wall_ms){NOW + 301000}));
	assert_false(health_is_silent(received, (struct span_ms){HOUR_MS},
				      (struct wall_ms){NOW + 2 * HOUR_MS}));
	assert_true(health_is_silent(received, (struct span_ms){HOUR_MS},
				     (struct wall_ms){NOW + 3 * HOUR_MS + 1}));
}

static void later_runs_and_numbers_are_newer(void **state)
{
	struct health health = sample();

	(void)state;
	assert_true(health_is_newer(&health, 5, 6));
	assert_true(health_is_newer(&health, 4, 900));
	assert_false(health_is_newer(&health, 5, 7));
	assert_false(health_is_newer(&health, 6, 1));
}

static void number_out_of_range_is_named(void **state)
{
	struct health health = sample();
	struct err err = {0};

	(void)state;
	assert_ok(health_check(&health, &err), err);
	health.every.ms = 0;
	assert_fails(health_check(&health, &err), err, ERR_INVALID, "every_ms: ");
	health = sample();
	health.frame_age.ms = -1;
	assert_fails(health_check(&health, &err), err, ERR_INVALID, "frame_age_ms: ");
	health = sample();
	health.run = 0;
	assert_fails(health_check(&health, &err), err, ERR_INVALID, "run: ");
}

static void hostile_text_becomes_harmless(void **state)
{
	char out[16];

	(void)state;
	health_text(out, sizeof(out), "a\nb\x1b[0m\xff\xc2\x9b");
	assert_string_equal(out, "a?b?[0m??");
	/* Cut between characters, never within one. */
	health_text(out, 8, "駅前田無");
	assert_string_equal(out, "駅前");
	health_text(out, sizeof(out), "");
	assert_string_equal(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screen_that_is_well_raises_no_alarm),
		cmocka_unit_test(each_trouble_raises_its_own_alarm),
		cmocka_unit_test(silence_is_three_reports_and_at_least_five_minutes),
		cmocka_unit_test(later_runs_and_numbers_are_newer),
		cmocka_unit_test(number_out_of_range_is_named),
		cmocka_unit_test(hostile_text_becomes_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
