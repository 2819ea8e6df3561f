#include "city_fixture.h"

#include "support/plays.h"
#include "wire/enrolcode.h"
#include "wire/play_batch.h"
#include "wire/play_stretch.h"

#define SCREEN      "tanashi-north"
#define PLAYS_COUNT 3

static void assert_screen_state(const struct fixture *fixture, const char *expected)
{
	json_t *row = fixture_screen_row(fixture, SCREEN);

	assert_string_equal(json_string_value(json_object_get(row, "state")), expected);
	json_decref(row);
}

/* PLAYS_COUNT complete plays of @notice from sequence 1, signed; owned. */
static char *play_document(const char *screen, const struct notice *notice,
			   const struct signer *signer, size_t *out_len)
{
	struct err err = {0};
	struct play_batch *batch = play_batch_new(screen, PLAYS_COUNT, &err);
	const uint8_t none[SHA256_SIZE] = {0};
	char *text;

	assert_ok(batch != NULL, err);
	for (int i = 0; i < PLAYS_COUNT; i++) {
		struct play *play = &batch->plays[i];

		*play = plays_sample(
			notice->id, i + 1,
			(struct wall_ms){clock_now().wall.ms - 60000 + i * 10000});
		play->start.item_revision = notice->revision;
		assert_ok(notice_content_hash(notice, play->start.content_hash, &err),
			  err);
	}
	batch->play_count = PLAYS_COUNT;
	plays_chain(batch, none);
	text = play_batch_to_json(batch, signer, out_len, &err);
	assert_ok(text != NULL, err);
	play_batch_free(batch);
	return text;
}

/* ---- Enrolment ---- */

static void box_enrols_with_its_code_once(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	struct signer *signer = signer_generate(&err);
	uint8_t bytes[ENROLCODE_SIZE], hash[SHA256_SIZE];
	char code[64], *body;
	const char *root;
	json_t *answer;

	fixture_expect_screen(fixture, SCREEN, code);
	assert_screen_state(fixture, "expected");
	/* As a person types it. */
	for (char *at = code; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	body = fixture_enrol_body(code, signer);
	answer = fixture_call(fixture, "POST", "/api/v1/enrol", body, 200);
	assert_string_equal(json_string_value(json_object_get(answer, "screen")), SCREEN);
	assert_string_equal(json_string_value(json_object_get(answer, "place")),
			    "田無駅北口");
	root = json_string_value(json_object_get(answer, "root"));
	sha256(root, strlen(root), hash);
	assert_ok(enrolcode_parse(code, bytes, &err), err);
	assert_true(enrolcode_fits_root(bytes, hash));
	json_decref(answer);
	assert_screen_state(fixture, "enrolled");
	fixture_refused(fixture, "POST", "/api/v1/enrol", NULL, body, 403, "code");
	free(body);
	signer_free(signer);
}

static void wrong_codes_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	struct signer *signer = signer_generate(&err);
	char code[64], *body;

	fixture_expect_screen(fixture, SCREEN, code);
	code[0] = code[0] == '7' ? '8' : '7';
	body = fixture_enrol_body(code, signer);
	fixture_refused(fixture, "POST", "/api/v1/enrol", NULL, body, 403, "code");
	free(body);
	body = fixture_enrol_body("7777", signer);
	fixture_refused(fixture, "POST", "/api/v1/enrol", NULL, body, 400, "32");
	free(body);
	fixture_refused(fixture, "POST", "/api/v1/enrol", NULL,
			"{\"code\":\"7777\",\"public_key\":\"00\"}", 400, "public_key");
	assert_screen_state(fixture, "expected");
	signer_free(signer);
}

static void malformed_screens_are_refused_with_the_place(void **state)
{
	struct fixture *fixture = *state;

	fixture_refused(fixture, "POST", "/api/v1/screens", fixture->token,
			"{\"id\":\"Not An Id\",\"place\":\"x\",\"counts\":true}", 400,
			"id");
	fixture_refused(fixture, "POST", "/api/v1/screens", fixture->token,
			"{\"id\":\"a\",\"place\":\"x\",\"counts\":1}", 400, "counts");
	fixture_refused(fixture, "POST", "/api/v1/screens/absent/revoke", fixture->token,
			"{}", 404, "absent");
}

/* ---- Plays ---- */

/* Uploads, and returns the answer's durable_seq after verifying it as a screen does. */
static int64_t upload(const struct fixture *fixture, const char *document, size_t len)
{
	struct tuf_trust *trust = fixture_verify(fixture, clock_now().wall);
	struct http_response response = fixture_send_with(
		fixture->http, fixture, "POST", "/api/v1/plays", NULL, document, len);
	struct err err = {0};
	struct play_ack ack;

	if (response.status != 200)
		fail_msg("plays: %ld %s", response.status, response.body);
	assert_ok(play_ack_from_json(response.body, response.body_len, trust, &ack, &err),
		  err);
	assert_string_equal(ack.screen_id, SCREEN);
	http_response_done(&response);
	tuf_trust_free(trust);
	return ack.durable_seq;
}

/* The report of the running fiscal year, owned. */
static json_t *report(const struct fixture *fixture)
{
	char path[64];

	snprintf(path, sizeof(path), "/api/v1/report?fiscal_year=%d",
		 fiscal_year_of(clock_now().wall));
	return fixture_call(fixture, "GET", path, NULL, 200);
}

static void repeated_upload_counts_once(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct notice notice = fixture_notice("flu-2026", 1);
	char *document, *notice_json = fixture_notice_json("flu-2026", 1);
	json_t *answer, *row;
	size_t len;

	json_decref(fixture_call(fixture, "PUT", "/api/v1/notices/flu-2026", notice_json,
				 200));
	fixture_publish(fixture, 2, "flu-2026", 1, NULL);
	document = play_document(SCREEN, &notice, signer, &len);
	for (int i = 0; i < 3; i++)
		assert_int_equal(upload(fixture, document, len), PLAYS_COUNT);
	answer = report(fixture);
	assert_int_equal(fixture_int(answer, "count"), 1);
	assert_int_equal(fixture_int(answer, "complete"), PLAYS_COUNT);
	assert_int_equal(fixture_int(answer, "partial"), 0);
	assert_int_equal(fixture_int(answer, "quarantined"), 0);
	row = json_array_get(json_object_get(answer, "notices"), 0);
	assert_string_equal(json_string_value(json_object_get(row, "id")), "flu-2026");
	assert_string_equal(json_string_value(json_object_get(row, "title")),
			    notice.title);
	assert_int_equal(fixture_int(row, "shown_ms"), PLAYS_COUNT * 10000);
	json_decref(answer);
	row = fixture_screen_row(fixture, SCREEN);
	assert_int_equal(fixture_int(row, "durable_seq"), PLAYS_COUNT);
	assert_true(json_is_string(json_object_get(row, "last_upload")));
	json_decref(row);
	row = fixture_call(fixture, "GET", "/api/v1/screens/" SCREEN, NULL, 200);
	assert_int_equal(fixture_int(row, "durable_seq"), PLAYS_COUNT);
	assert_int_equal(fixture_int(row, "last_seq"), PLAYS_COUNT);
	assert_int_equal(fixture_int(row, "missing"), 0);
	assert_int_equal(json_array_size(json_object_get(row, "quarantine")), 0);
	json_decref(row);
	fixture_refused(fixture, "GET", "/api/v1/screens/none", fixture->token, NULL, 404,
			"none");
	fixture_refused(fixture, "GET", "/api/v1/screens/" SCREEN, NULL, NULL, 401, "");
	free(document);
	free(notice_json);
	signer_free(signer);
}

static void plays_of_others_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct notice notice = fixture_notice("flu-2026", 1);
	struct err err = {0};
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct signer *thief = signer_generate(&err);
	json_t *answer;
	char *document;
	size_t len;

	document = play_document(SCREEN, &notice, thief, &len);
	fixture_refused(fixture, "POST", "/api/v1/plays", NULL, document, 403, "");
	free(document);
	document = play_document("unknown", &notice, signer, &len);
	fixture_refused(fixture, "POST", "/api/v1/plays", NULL, document, 403, "unknown");
	free(document);
	fixture_refused(fixture, "POST", "/api/v1/plays", NULL, "{}", 400, "plays");
	fixture_refused(fixture, "POST", "/api/v1/plays", NULL, NULL, 400, "plays");
	answer = report(fixture);
	assert_int_equal(fixture_int(answer, "complete"), 0);
	json_decref(answer);
	signer_free(thief);
	signer_free(signer);
}

/* @document with the first SCREEN in it as @other; owned. */
static char *renamed(const char *document, const char *other)
{
	const char *at = strstr(document, SCREEN);
	char *text = NULL;

	assert_non_null(at);
	assert_true(asprintf(&text, "%.*s%s%s", (int)(at - document), document, other,
			     at + strlen(SCREEN)) > 0);
	return text;
}

/* Replay to another screen: all of these would be good if they named the one that signed. */
static void what_one_screen_signed_is_good_for_no_other(void **state)
{
	struct fixture *fixture = *state;
	struct notice notice = fixture_notice("flu-2026", 1);
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct signer *other = fixture_enrol(fixture, "hoya-1");
	char *own, *signed_as, *replayed;
	json_t *row;
	size_t len;

	own = play_document(SCREEN, &notice, signer, &len);
	signed_as = play_document("hoya-1", &notice, signer, &len);
	replayed = renamed(own, "hoya-1");
	fixture_refused(fixture, "POST", "/api/v1/plays", NULL, signed_as, 403, "");
	fixture_refused(fixture, "POST", "/api/v1/plays", NULL, replayed, 403, "");
	row = fixture_screen_row(fixture, "hoya-1");
	assert_int_equal(fixture_int(row, "durable_seq"), 0);
	assert_false(json_is_string(json_object_get(row, "last_upload")));
	json_decref(row);
	assert_int_equal(upload(fixture, own, strlen(own)), PLAYS_COUNT);
	free(own);
	free(signed_as);
	free(replayed);
	signer_free(signer);
	signer_free(other);
}

static void revoked_screen_is_not_heard(void **state)
{
	struct fixture *fixture = *state;
	struct notice notice = fixture_notice("flu-2026", 1);
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	size_t len;
	char *document = play_document(SCREEN, &notice, signer, &len);

	json_decref(fixture_call(fixture, "POST", "/api/v1/screens/" SCREEN "/revoke",
				 "{}", 200));
	fixture_refused(fixture, "POST", "/api/v1/plays", NULL, document, 403, "revoked");
	assert_screen_state(fixture, "revoked");
	free(document);
	signer_free(signer);
}

/* What the screen lost of its plays, and the totals of others, signed; owned. */
static char *stretch_document(const struct play_stretch *stretch,
			      const struct signer *signer, size_t *out_len)
{
	struct err err = {0};
	char *text = play_stretch_to_json(stretch, signer, out_len, &err);

	assert_ok(text != NULL, err);
	return text;
}

static void lost_and_folded_plays_are_taken_and_told(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	int64_t hour = clock_now().wall.ms / 3600000;
	struct play_stretch lost = {.kind = PLAY_STRETCH_LOST,
				    .screen_id = SCREEN,
				    .first = 1,
				    .last = 2,
				    .reason = "the disk"};
	struct play_slide slide = {.slide_id = "notice/a/1", .item_id = "notice/a"};
	struct play_total total = {.hour = hour,
				   .plays = 100,
				   .shown.ms = 5,
				   .first.ms = hour * 3600000,
				   .last.ms = hour * 3600000 + 1};
	struct play_stretch fold = {.kind = PLAY_STRETCH_FOLD,
				    .screen_id = SCREEN,
				    .first = 3,
				    .last = 102,
				    .boot_id = "0b8b3c9e-6a2f-4f0e-9d5a-0123456789ab",
				    .slides = &slide,
				    .slide_count = 1,
				    .totals = &total,
				    .total_count = 1};
	size_t len;
	char *document = stretch_document(&lost, signer, &len);
	json_t *answer;

	assert_int_equal(upload(fixture, document, len), 2);
	free(document);
	document = stretch_document(&fold, signer, &len);
	assert_int_equal(upload(fixture, document, len), 102);
	fold.last = 103;
	free(document);
	document = stretch_document(&fold, signer, &len);
	fixture_refused(fixture, "POST", "/api/v1/plays", NULL, document, 400,
			"the totals are of 100 plays, not of 101");
	answer = fixture_call(fixture, "GET", "/api/v1/screens/" SCREEN, NULL, 200);
	assert_int_equal(fixture_int(answer, "lost"), 2);
	assert_int_equal(fixture_int(answer, "folded"), 100);
	assert_int_equal(fixture_int(answer, "quarantined"), 1);
	json_decref(answer);
	free(document);
	signer_free(signer);
}

static void gap_is_given_up_by_an_administrator_and_audited(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct play_stretch lost = {.kind = PLAY_STRETCH_LOST,
				    .screen_id = SCREEN,
				    .first = 5,
				    .last = 9,
				    .reason = "the disk"};
	static const char path[] = "/api/v1/screens/" SCREEN "/accept-gap";
	size_t len;
	char *document = stretch_document(&lost, signer, &len);
	json_t *answer;

	assert_int_equal(upload(fixture, document, len), 0);
	fixture_refused(fixture, "POST", path, NULL,
			"{\"first\":1,\"last\":4,\"why\":\"x\"}", 401, "");
	fixture_refused(fixture, "POST", path, fixture->token, "{\"first\":1,\"last\":4}",
			400, "why");
	fixture_refused(fixture, "POST", path, fixture->token,
			"{\"first\":4,\"last\":5,\"why\":\"x\"}", 409, "4–5");
	fixture_refused(fixture, "POST", "/api/v1/screens/absent/accept-gap",
			fixture->token, "{\"first\":1,\"last\":4,\"why\":\"x\"}", 404,
			"absent");
	answer = fixture_call(fixture, "POST", path,
			      "{\"first\":1,\"last\":4,\"why\":\"its disk died\"}", 200);
	assert_int_equal(fixture_int(answer, "durable_seq"), 9);
	json_decref(answer);
	answer = fixture_call(fixture, "GET", "/api/v1/screens/" SCREEN, NULL, 200);
	assert_int_equal(fixture_int(answer, "given_up"), 4);
	assert_int_equal(fixture_int(answer, "missing"), 0);
	json_decref(answer);
	free(document);
	signer_free(signer);
}

/* ---- Reports ---- */

static void csv_report_is_for_spreadsheets(void **state)
{
	struct fixture *fixture = *state;
	struct signer *signer = fixture_enrol(fixture, SCREEN);
	struct notice notice = fixture_notice("flu-2026", 1);
	int year = fiscal_year_of(clock_now().wall);
	struct http_response response;
	char path[64], expected[128];
	char *document;
	size_t len;

	fixture_publish(fixture, 2, "flu-2026", 1, NULL);
	document = play_document(SCREEN, &notice, signer, &len);
	assert_int_equal(upload(fixture, document, len), PLAYS_COUNT);
	snprintf(path, sizeof(path), "/api/v1/report.csv?fiscal_year=%d", year);
	response = fixture_send(fixture, "GET", path, NULL, NULL);
	assert_int_equal(response.status, 200);
	assert_memory_equal(response.body, "\xef\xbb\xbf", 3);
	assert_non_null(strstr(response.body,
			       "全国地方公共団体コード,年度（西暦）,年度（和暦）,"));
	snprintf(expected, sizeof(expected),
		 "\r\n132292,%d,令和%d年度,flu-2026,%s,健康課,", year, year - 2018,
		 notice.title);
	assert_non_null(strstr(response.body, expected));
	assert_non_null(strstr(response.body, "+09:00,3,0,30,0\r\n"));
	http_response_done(&response);
	free(document);
	signer_free(signer);
}

static void years_out_of_range_are_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture_refused(fixture, "GET", "/api/v1/report?fiscal_year=1999", NULL, NULL,
			400, "fiscal_year");
	fixture_refused(fixture, "GET", "/api/v1/report?fiscal_year=2026x", NULL, NULL,
			400, "fiscal_year");
	fixture_refused(fixture, "GET", "/api/v1/report.csv?fiscal_year=x", NULL, NULL,
			400, "fiscal_year");
}

static void first_year_of_an_era_is_gannen(void **state)
{
	struct fixture *fixture = *state;
	json_t *answer = fixture_call(fixture, "GET", "/api/v1/report?fiscal_year=2018",
				      NULL, 200);

	assert_string_equal(json_string_value(json_object_get(answer, "era")),
			    "平成30年度");
	json_decref(answer);
	answer = fixture_call(fixture, "GET", "/api/v1/report?fiscal_year=2019", NULL,
			      200);
	assert_string_equal(json_string_value(json_object_get(answer, "era")),
			    "令和元年度");
	assert_string_equal(json_string_value(json_object_get(answer, "from")),
			    "2019-04-01T00:00:00+09:00");
	json_decref(answer);
}

#define with_city(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_city(box_enrols_with_its_code_once),
		with_city(wrong_codes_are_refused),
		with_city(malformed_screens_are_refused_with_the_place),
		with_city(repeated_upload_counts_once),
		with_city(plays_of_others_are_refused),
		with_city(what_one_screen_signed_is_good_for_no_other),
		with_city(revoked_screen_is_not_heard),
		with_city(lost_and_folded_plays_are_taken_and_told),
		with_city(gap_is_given_up_by_an_administrator_and_audited),
		with_city(csv_report_is_for_spreadsheets),
		with_city(years_out_of_range_are_refused),
		with_city(first_year_of_an_era_is_gannen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
