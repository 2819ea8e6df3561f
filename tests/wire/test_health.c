#include "wire/health.h"

#include "support/metadata.h"
#include "support/test.h"
#include "wire/json.h"
#include "wire/key.h"

#define AT INT64_C(1795328940000)

struct fixture {
	struct signer *screen, *other;
	uint8_t key[ED25519_PUBLIC_SIZE];
	struct health health;
	struct health_courier courier;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->screen = signer_generate(&f->err);
	f->other = signer_generate(&f->err);
	assert_ok(f->screen && f->other, f->err);
	signer_public(f->screen, f->key);
	f->health = (struct health){
		.screen_id = "tanashi-1",
		.run = 5,
		.number = 7,
		.every = {60000},
		.at = {AT},
		.synchronised = true,
		.software = "1.0",
		.uptime = {1000},
		.running = {900},
		.programme_version = 3,
		.timestamp_version = 4,
		.set_age = {3600000},
		.expires = {AT + 1},
		.output = PLAY_OUTPUT_ON,
		.panel = "KMSDRM 1920×1080",
		.slide_id = "plan/1",
		.has_frame = true,
		.frame_age = {8000},
		.disk_free = 100,
		.disk_total = 200,
		.has_temperature = true,
		.millidegrees = -4500,
		.plays_waiting = 2,
		.plays_lost = 1,
		.error = "音が出ません",
		.error_age = {5},
	};
	f->courier = (struct health_courier){
		.software = "1.0",
		.running = {2000},
		.requests = 10,
		.received_bytes = 11,
		.sent_bytes = 12,
		.failures = 1,
		.failure = "Couldn't connect to server",
	};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	signer_free(f->screen);
	signer_free(f->other);
	free(f);
	return 0;
}

static char *report(struct fixture *f, const struct signer *signer, size_t *len)
{
	char *text = health_to_json(&f->health, signer, len, &f->err);

	assert_ok(text != NULL, f->err);
	return text;
}

static char *upload(struct fixture *f, const char *text, size_t text_len, size_t *len)
{
	char *bytes = health_upload_to_json(text, text_len, &f->courier, len, &f->err);

	assert_ok(bytes != NULL, f->err);
	return bytes;
}

/* By what they are written as: the bytes between the members of a struct are nobody's. */
static void assert_same_health(struct fixture *f, const struct health *got)
{
	size_t len, got_len;
	char *text = health_to_json(&f->health, f->screen, &len, &f->err);
	char *got_text = health_to_json(got, f->screen, &got_len, &f->err);

	assert_ok(text && got_text, f->err);
	assert_string_equal(got_text, text);
	free(got_text);
	free(text);
}

static void report_and_courier_arrive_as_they_were(void **state)
{
	struct fixture *f = *state;
	char id[SCREEN_ID_MAX + 1], *text, *bytes;
	struct health_upload got;
	struct health_courier said;
	struct json_doc *doc;
	struct json_node root;
	size_t text_len, len;

	text = report(f, f->screen, &text_len);
	assert_true(text_len < 1400); /* each screen sends it every minute */
	bytes = upload(f, text, text_len, &len);
	assert_ok(health_upload_screen(bytes, len, id, &f->err), f->err);
	assert_string_equal(id, "tanashi-1");
	assert_ok(health_upload_from_json(bytes, len, f->key, &got, &f->err), f->err);
	assert_same_health(f, &got.health);
	doc = json_parse("courier", got.courier, strlen(got.courier), 4096, &f->err);
	assert_ok(doc && json_root(doc, &root, &f->err) &&
			  health_courier_read(&root, &said, &f->err),
		  f->err);
	assert_string_equal(said.software, "1.0");
	assert_int_equal(said.running.ms, 2000);
	assert_int_equal(said.requests, 10);
	assert_int_equal(said.received_bytes, 11);
	assert_int_equal(said.sent_bytes, 12);
	assert_int_equal(said.failures, 1);
	assert_string_equal(said.failure, f->courier.failure);
	json_doc_free(doc);
	health_upload_done(&got);
	free(bytes);
	free(text);
}

static void what_is_not_known_is_left_out(void **state)
{
	struct fixture *f = *state;
	struct health_upload got;
	size_t text_len, len;
	char *text, *bytes;

	f->health.has_frame = f->health.has_temperature = false;
	f->health.frame_age.ms = f->health.millidegrees = 0;
	f->health.slide_id[0] = f->health.error[0] = '\0';
	f->health.error_age.ms = 0;
	memset(f->health.slide_id, 0, sizeof(f->health.slide_id));
	memset(f->health.error, 0, sizeof(f->health.error));
	text = report(f, f->screen, &text_len);
	assert_null(strstr(text, "frame_age_ms"));
	assert_null(strstr(text, "millidegrees"));
	assert_null(strstr(text, "\"error\""));
	bytes = upload(f, text, text_len, &len);
	assert_ok(health_upload_from_json(bytes, len, f->key, &got, &f->err), f->err);
	assert_same_health(f, &got.health);
	health_upload_done(&got);
	free(bytes);
	free(text);
}

static void another_key_or_an_altered_report_is_refused(void **state)
{
	struct fixture *f = *state;
	struct health_upload got;
	size_t text_len, len;
	char *text, *bytes, *at;

	text = report(f, f->other, &text_len);
	bytes = upload(f, text, text_len, &len);
	assert_fails(health_upload_from_json(bytes, len, f->key, &got, &f->err), f->err,
		     ERR_UNTRUSTED, "none is by the expected key");
	free(bytes);
	free(text);
	text = report(f, f->screen, &text_len);
	at = strstr(text, "\"disk_free\":100");
	assert_non_null(at);
	at[12] = '9';
	bytes = upload(f, text, text_len, &len);
	assert_fails(health_upload_from_json(bytes, len, f->key, &got, &f->err), f->err,
		     ERR_UNTRUSTED, "none is by the expected key");
	free(bytes);
	free(text);
}

/* Signed by the screen, with one member of the report replaced. */
static void assert_refused(struct fixture *f, const char *member, const char *value,
			   const char *part)
{
	const struct signer *signers[] = {f->screen};
	struct health_upload got;
	size_t text_len, len;
	char *text = report(f, f->screen, &text_len);
	char *content = metadata_content(text);
	char *altered = metadata_set(content, member, value);
	char *again = metadata_sign(altered, signers, 1);
	char *bytes = upload(f, again, strlen(again), &len);

	assert_fails(health_upload_from_json(bytes, len, f->key, &got, &f->err), f->err,
		     ERR_INVALID, part);
	free(bytes);
	free(again);
	free(altered);
	free(content);
	free(text);
}

static void malformed_reports_of_a_stolen_key_are_refused(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, "_type", "\"plays\"", "_type");
	assert_refused(f, "format", "\"ekimae.health/2\"", "format");
	assert_refused(f, "screen", "\"../x\"", "screen");
	assert_refused(f, "number", "0", "number");
	assert_refused(f, "every_ms", "1", "every_ms");
	assert_refused(f, "output", "\"maybe\"", "output");
	assert_refused(f, "millidegrees", "900000", "millidegrees");
	assert_refused(f, "surprise", "1", "surprise");
	assert_refused(f, "error", "\"\\u001b[2J\"", "control character");
	assert_refused(f, "disk_free", "-1", "disk_free");
}

static void plays_can_not_pass_as_a_report(void **state)
{
	struct fixture *f = *state;
	struct health_upload got;
	static const char text[] =
		"{\"courier\":{},\"report\":{\"signatures\":[],\"signed\":{}}}";

	assert_fails(health_upload_from_json(text, strlen(text), f->key, &got, &f->err),
		     f->err, ERR_UNTRUSTED, "none is by the expected key");
	assert_fails(health_upload_from_json("{}", 2, f->key, &got, &f->err), f->err,
		     ERR_INVALID, "courier");
	assert_fails(health_upload_from_json("", 0, f->key, &got, &f->err), f->err,
		     ERR_INVALID, "health");
}

static void too_long_an_upload_is_refused(void **state)
{
	struct fixture *f = *state;
	struct health_upload got;
	char *bytes = malloc(HEALTH_UPLOAD_MAX + 1);

	memset(bytes, ' ', HEALTH_UPLOAD_MAX + 1);
	assert_fails(health_upload_from_json(bytes, HEALTH_UPLOAD_MAX + 1, f->key, &got,
					     &f->err),
		     f->err, ERR_TOO_LARGE, "health");
	free(bytes);
}

static void request_says_which_snapshot_is_wanted(void **state)
{
	struct fixture *f = *state;
	int64_t number = 99;
	size_t len;
	char *text = health_request_to_json(12, &len, &f->err);

	assert_ok(text != NULL, f->err);
	assert_ok(health_request_from_json(text, len, &number, &f->err), f->err);
	assert_int_equal(number, 12);
	free(text);
}

static void hostile_requests_are_refused(void **state)
{
	struct fixture *f = *state;
	static const char *const hostile[] = {
		"",
		"{}",
		"[]",
		"{\"format\":\"ekimae.request/1\"}",
		"{\"format\":\"ekimae.request/1\",\"snapshot\":-1}",
		"{\"format\":\"ekimae.request/1\",\"snapshot\":1.5}",
		"{\"format\":\"ekimae.request/1\",\"snapshot\":\"1\"}",
		"{\"format\":\"ekimae.request/1\",\"snapshot\":1,\"reboot\":true}",
		"{\"format\":\"ekimae.request/1\",\"snapshot\":99999999999999999999}",
	};

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		int64_t number = 7;

		assert_false(health_request_from_json(hostile[i], strlen(hostile[i]),
						      &number, &f->err));
		assert_int_equal(f->err.code, ERR_INVALID);
		assert_int_equal(number, 7);
	}
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(report_and_courier_arrive_as_they_were),
		TEST(what_is_not_known_is_left_out),
		TEST(another_key_or_an_altered_report_is_refused),
		TEST(malformed_reports_of_a_stolen_key_are_refused),
		TEST(plays_can_not_pass_as_a_report),
		TEST(too_long_an_upload_is_refused),
		TEST(request_says_which_snapshot_is_wanted),
		TEST(hostile_requests_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
