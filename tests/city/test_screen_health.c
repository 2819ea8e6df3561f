/* Reports of health and snapshots, from boxes and for staff. */
#include "city_fixture.h"

#include "wire/health.h"
#include "wire/screenshot.h"

#define SCREEN "tanashi-north"

/* A report of a screen that is well, for tests to bend. */
static struct health well(void)
{
	struct health health = {
		.screen_id = SCREEN,
		.run = 5,
		.number = 7,
		.every = {60000},
		.at = clock_now().wall,
		.synchronised = true,
		.software = "1.0",
		.programme_version = 3,
		.timestamp_version = 4,
		.output = PLAY_OUTPUT_ON,
		.slide_id = "plan/1",
		.has_frame = true,
		.disk_free = INT64_C(8) << 30,
		.disk_total = INT64_C(30) << 30,
	};

	return health;
}

/* What the courier would upload, owned. */
static char *upload_of(const struct health *health, const struct signer *signer)
{
	const struct health_courier courier = {.software = "2.0", .requests = 12};
	struct err err = {0};
	size_t len, upload_len;
	char *report = health_to_json(health, signer, &len, &err), *upload;

	assert_ok(report != NULL, err);
	upload = health_upload_to_json(report, len, &courier, &upload_len, &err);
	assert_ok(upload != NULL, err);
	free(report);
	return upload;
}

/* Uploads, and returns the number of the snapshot that the city wants. */
static int64_t report(const struct fixture *fixture, const struct health *health,
		      const struct signer *signer)
{
	char *upload = upload_of(health, signer);
	struct http_response response =
		fixture_send(fixture, "POST", "/api/v1/health", NULL, upload);
	int64_t wanted = -1;
	struct err err = {0};

	if (response.status != 200)
		fail_msg("health: %ld %s", response.status, response.body);
	assert_ok(
		health_request_from_json(response.body, response.body_len, &wanted, &err),
		err);
	http_response_done(&response);
	free(upload);
	return wanted;
}

static void report_refused(const struct fixture *fixture, const struct health *health,
			   const struct signer *signer, long status, const char *part)
{
	char *upload = upload_of(health, signer);

	fixture_refused(fixture, "POST", "/api/v1/health", NULL, upload, status, part);
	free(upload);
}

static void assert_alarm(const json_t *row, const char *expected)
{
	const json_t *alarms = json_object_get(row, "alarms");

	assert_int_equal(json_array_size(alarms), expected ? 1 : 0);
	if (expected)
		assert_string_equal(json_string_value(json_array_get(alarms, 0)),
				    expected);
}

static void report_is_listed_with_its_alarms(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct health health = well();
	json_t *row = fixture_screen_row(fixture, SCREEN), *held, *said;

	assert_true(json_is_null(json_object_get(row, "health")));
	assert_alarm(row, NULL); /* it was enrolled just now */
	json_decref(row);
	assert_int_equal(report(fixture, &health, signer), 0);
	row = fixture_screen_row(fixture, SCREEN);
	assert_alarm(row, NULL);
	held = json_object_get(row, "health");
	assert_true(json_is_string(json_object_get(held, "received")));
	said = json_object_get(held, "report");
	assert_int_equal(fixture_int(said, "programme"), 3);
	assert_string_equal(json_string_value(json_object_get(said, "slide")), "plan/1");
	said = json_object_get(held, "courier");
	assert_int_equal(fixture_int(said, "requests"), 12);
	json_decref(row);

	health.number++;
	health.disk_free = 1;
	report(fixture, &health, signer);
	row = fixture_call(fixture, "GET", "/api/v1/screens/" SCREEN, NULL, 200);
	assert_alarm(row, "disk");
	assert_true(fixture_int(row, "timestamp") >= 1);
	json_decref(row);
	signer_free(signer);
}

/* As if the clock had gone on by this much. */
static void age_reports(const struct fixture *fixture, int64_t ms)
{
	struct err err = {0};
	char sql[160];

	snprintf(sql, sizeof(sql),
		 "UPDATE health SET received_ms = received_ms - %" PRId64
		 "; UPDATE screen SET enrolled_ms = enrolled_ms - %" PRId64,
		 ms, ms);
	pthread_mutex_lock(&fixture->city->lock);
	assert_ok(db_exec(fixture->city->db, sql, "age", &err), err);
	pthread_mutex_unlock(&fixture->city->lock);
}

static void screen_that_reports_no_more_is_silent(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct signer *other = fixture_enrol(fixture, "never-reported");
	struct health health = well();
	json_t *row;

	health.disk_free = 1;
	report(fixture, &health, signer);
	age_reports(fixture, 301000);
	row = fixture_screen_row(fixture, SCREEN);
	assert_alarm(row, "silent");
	json_decref(row);
	row = fixture_screen_row(fixture, "never-reported");
	assert_alarm(row, "silent");
	json_decref(row);
	/* The courier alone, with the same report, makes it no louder. */
	report(fixture, &health, signer);
	row = fixture_screen_row(fixture, SCREEN);
	assert_alarm(row, "silent");
	json_decref(row);
	health.number++;
	report(fixture, &health, signer);
	row = fixture_screen_row(fixture, SCREEN);
	assert_alarm(row, "disk");
	json_decref(row);
	signer_free(other);
	signer_free(signer);
}

static void replayed_report_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct health health = well(), older = well();
	json_t *row;

	report(fixture, &health, signer);
	older.number--;
	older.programme_version = 1;
	report_refused(fixture, &older, signer, 409, "reported later");
	older.run--;
	older.number = 1000;
	report_refused(fixture, &older, signer, 409, "reported later");
	row = fixture_screen_row(fixture, SCREEN);
	assert_int_equal(
		fixture_int(json_object_get(json_object_get(row, "health"), "report"),
			    "programme"),
		3);
	json_decref(row);
	signer_free(signer);
}

static void reports_of_others_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct err err = {0};
	struct signer *thief = signer_generate(&err);
	struct health health = well();

	report_refused(fixture, &health, thief, 403, "expected key");
	snprintf(health.screen_id, sizeof(health.screen_id), "unknown");
	report_refused(fixture, &health, signer, 403, "unknown");
	fixture_refused(fixture, "POST", "/api/v1/health", NULL, "{}", 400, "courier");
	fixture_refused(fixture, "POST", "/api/v1/health", NULL, NULL, 400, "health");
	signer_free(thief);
	signer_free(signer);
}

static void revoked_screen_neither_reports_nor_alarms(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct health health = well();
	json_t *row;

	health.disk_free = 1;
	report(fixture, &health, signer);
	json_decref(fixture_call(fixture, "POST", "/api/v1/screens/" SCREEN "/revoke",
				 "{}", 200));
	health.number++;
	report_refused(fixture, &health, signer, 403, "revoked");
	row = fixture_screen_row(fixture, SCREEN);
	assert_alarm(row, NULL);
	json_decref(row);
	fixture_refused(fixture, "POST", "/api/v1/screens/" SCREEN "/snapshot",
			fixture->token, "{}", 409, "not enrolled");
	signer_free(signer);
}

/* ---- Snapshots ---- */

static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"
			  "\0\0\0\x02\0\0\0\x01\x08\x02\0\0\0\x11\x22\x33\x44"
			  "\0\0\0\x03IDATabc\x11\x22\x33\x44"
			  "\0\0\0\0IEND\xae\x42\x60\x82";
#define PNG_LEN (sizeof(png) - 1)

static struct http_response send_snapshot(const struct fixture *fixture, int64_t request,
					  const struct signer *signer)
{
	struct screenshot screenshot = {.screen_id = SCREEN,
					.request = request,
					.at = clock_now().wall,
					.output = PLAY_OUTPUT_ON,
					.slide_id = "plan/1"};
	struct err err = {0};
	struct http_response response;
	size_t len;
	char *bytes = screenshot_to_bytes(&screenshot, png, PNG_LEN, signer, &len, &err);

	assert_ok(bytes != NULL, err);
	response = fixture_send_with(fixture->http, fixture, "POST", "/api/v1/snapshot",
				     NULL, bytes, len);
	free(bytes);
	return response;
}

static void assert_sent(const struct fixture *fixture, int64_t request,
			const struct signer *signer, long status)
{
	struct http_response response = send_snapshot(fixture, request, signer);

	if (response.status != status)
		fail_msg("snapshot: %ld %s", response.status, response.body);
	http_response_done(&response);
}

static void snapshot_comes_when_staff_ask_for_it(void **state)
{
	static const char path[] = "/api/v1/screens/" SCREEN "/snapshot";
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct http_response response;
	struct health health = well();
	json_t *answer;

	assert_sent(fixture, 1, signer, 409); /* nobody asked */
	fixture_refused(fixture, "GET", path, fixture->token, NULL, 404, "never asked");
	fixture_refused(fixture, "POST", path, NULL, "{}", 401, "");
	answer = fixture_call(fixture, "POST", path, "{}", 200);
	assert_int_equal(fixture_int(answer, "number"), 1);
	json_decref(answer);
	assert_int_equal(report(fixture, &health, signer), 1);
	answer = fixture_call(fixture, "GET", path, NULL, 200);
	assert_int_equal(fixture_int(answer, "answered"), 0);
	json_decref(answer);
	fixture_refused(fixture, "GET", "/api/v1/screens/" SCREEN "/snapshot.png",
			fixture->token, NULL, 404, "none has come");

	assert_sent(fixture, 1, signer, 200);
	assert_sent(fixture, 1, signer, 409); /* not twice */
	health.number++;
	assert_int_equal(report(fixture, &health, signer), 0);
	answer = fixture_call(fixture, "GET", path, NULL, 200);
	assert_int_equal(fixture_int(answer, "answered"), 1);
	assert_string_equal(json_string_value(json_object_get(answer, "slide")),
			    "plan/1");
	json_decref(answer);
	response = fixture_send(fixture, "GET", "/api/v1/screens/" SCREEN "/snapshot.png",
				fixture->token, NULL);
	assert_int_equal(response.status, 200);
	assert_int_equal(response.body_len, PNG_LEN);
	assert_memory_equal(response.body, png, PNG_LEN);
	http_response_done(&response);
	signer_free(signer);
}

static void snapshots_of_others_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct err err = {0};
	struct signer *thief = signer_generate(&err);

	json_decref(fixture_call(fixture, "POST", "/api/v1/screens/" SCREEN "/snapshot",
				 "{}", 200));
	assert_sent(fixture, 1, thief, 403);
	fixture_refused(fixture, "POST", "/api/v1/snapshot", NULL, "GIF89a", 400,
			"snapshot");
	json_decref(fixture_call(fixture, "POST", "/api/v1/screens/" SCREEN "/revoke",
				 "{}", 200));
	assert_sent(fixture, 1, signer, 403);
	signer_free(thief);
	signer_free(signer);
}

#define with_city(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_city(report_is_listed_with_its_alarms),
		with_city(screen_that_reports_no_more_is_silent),
		with_city(replayed_report_is_refused),
		with_city(reports_of_others_are_refused),
		with_city(revoked_screen_neither_reports_nor_alarms),
		with_city(snapshot_comes_when_staff_ask_for_it),
		with_city(snapshots_of_others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
