/* The report in its three forms, by notice, screen, month and department. */
#include "city_fixture.h"

#include "store/ledger.h"
#include "support/plays.h"
#include "wire/play_batch.h"

#define YEAR 2025
#define DAY  INT64_C(86400000)

static void content_of(const char *id, uint8_t out[static SHA256_SIZE])
{
	sha256(id, strlen(id), out);
}

static void publish(struct fixture *f, const char *id, const char *title,
		    const char *department)
{
	const struct notice notice = {.id = id,
				      .revision = 1,
				      .title = title,
				      .department = department,
				      .counts = true};
	uint8_t content[SHA256_SIZE];
	struct err err = {0};

	content_of(id, content);
	assert_ok(ledger_know_notice(f->city->ledger, &notice, content,
				     fiscal_year_start(YEAR), &err),
		  err);
}

static void expect(struct fixture *f, const char *id, const char *place)
{
	uint8_t code[SHA256_SIZE];
	struct err err = {0};

	content_of(id, code);
	assert_ok(screen_add(f->city->db, id, place, true, code, fiscal_year_start(YEAR),
			     fiscal_year_start(YEAR), &err),
		  err);
}

/* Row @seq of @screen: a play of @id on day @day of the year, received a day later. */
static void play(struct fixture *f, const char *screen, int64_t seq, const char *id,
		 int day, enum play_outcome outcome)
{
	struct wall_ms began = {fiscal_year_start(YEAR).ms + day * DAY};
	uint8_t previous[SHA256_SIZE] = {0};
	struct err err = {0};
	struct play_batch *batch = play_batch_new(screen, 1, &err);
	struct ledger_receipt receipt;
	struct sqlite3_stmt *held;
	bool row;

	assert_ok(batch, err);
	/* What was received last is the row before: screens play one after the other here. */
	held = db_prepare(f->city->db,
			  "SELECT hash FROM play ORDER BY received_ms DESC, seq DESC",
			  &err);
	assert_ok(held, err);
	assert_ok(db_step(f->city->db, held, &row, "test", &err), err);
	if (seq > 1)
		assert_true(row && db_bytes(held, 0, previous, SHA256_SIZE));
	db_finalize(&held);
	batch->plays[0] = plays_sample(id, seq, began);
	batch->plays[0].outcome = outcome;
	if (outcome != PLAY_COMPLETE)
		batch->plays[0].shown.ms = 2000;
	batch->play_count = 1;
	plays_chain(batch, previous);
	assert_ok(ledger_accept(f->city->ledger, batch, (struct wall_ms){began.ms + DAY},
				&receipt, &err),
		  err);
	assert_int_equal(receipt.accepted, 1);
	play_batch_free(batch);
}

static int set_up(void **state)
{
	struct fixture *f = fixture_new();

	pthread_mutex_lock(&f->city->lock);
	publish(f, "flu", "インフルエンザ & <予防> \"接種\"", "健康課");
	publish(f, "library", "=図書館", "図書館");
	publish(f, "never", "最後まで出ない", "秘書広報課");
	expect(f, "tanashi-1", "田無駅 <北口>");
	expect(f, "hoya-1", "保谷駅");
	play(f, "tanashi-1", 1, "flu", 0, PLAY_COMPLETE);
	play(f, "tanashi-1", 2, "never", 1, PLAY_CONTENT);
	play(f, "tanashi-1", 3, "flu", 40, PLAY_EMERGENCY);
	play(f, "tanashi-1", 4, "library", 40, PLAY_COMPLETE);
	play(f, "hoya-1", 1, "flu", 100, PLAY_COMPLETE);
	play(f, "hoya-1", 2, "flu", 364, PLAY_COMPLETE);
	pthread_mutex_unlock(&f->city->lock);
	*state = f;
	return 0;
}

/* The answer to @path, which must be the same each time; owned. */
static char *get(const struct fixture *f, const char *path)
{
	struct http_response first = fixture_send(f, "GET", path, NULL, NULL);
	struct http_response again = fixture_send(f, "GET", path, NULL, NULL);
	char *body;

	if (first.status != 200)
		fail_msg("%s: %ld %s", path, first.status, first.body);
	assert_int_equal(first.body_len, again.body_len);
	assert_memory_equal(first.body, again.body, first.body_len);
	body = strdup(first.body);
	http_response_done(&first);
	http_response_done(&again);
	return body;
}

static void assert_csv(const struct fixture *f, const char *by, const char *expected)
{
	char path[128];
	char *body, *rows;

	snprintf(path, sizeof(path), "/api/v1/report.csv?fiscal_year=2025&by=%s", by);
	body = get(f, path);
	rows = strstr(body, "\r\n");
	assert_non_null(rows);
	assert_string_equal(rows + 2, expected);
	free(body);
}

static void csv_has_a_line_for_each_of_what_it_is_by(void **state)
{
	struct fixture *f = *state;

	assert_csv(f, "notice",
		   "132292,2025,令和7年度,flu,\"インフルエンザ & <予防> \"\"接種\"\"\","
		   "健康課,2025-04-01T00:00:00+09:00,2026-03-31T00:00:00+09:00,3,1,32,1"
		   "\r\n"
		   "132292,2025,令和7年度,library,'=図書館,図書館,"
		   "2025-05-11T00:00:00+09:00,2025-05-11T00:00:00+09:00,1,0,10,0\r\n");
	assert_csv(f, "screen",
		   "132292,2025,令和7年度,hoya-1,保谷駅,1,0,2,0,20,1\r\n"
		   "132292,2025,令和7年度,tanashi-1,田無駅 <北口>,2,2,2,1,22,0\r\n");
	assert_csv(f, "department",
		   "132292,2025,令和7年度,健康課,1,1,3,1,32,1\r\n"
		   "132292,2025,令和7年度,図書館,1,1,1,0,10,0\r\n");
	assert_csv(f, "month",
		   "132292,2025,令和7年度,2025-04,1,1,1,0,10,0\r\n"
		   "132292,2025,令和7年度,2025-05,1,1,1,1,12,0\r\n"
		   "132292,2025,令和7年度,2025-06,0,0,0,0,0,0\r\n"
		   "132292,2025,令和7年度,2025-07,1,0,1,0,10,0\r\n"
		   "132292,2025,令和7年度,2025-08,0,0,0,0,0,0\r\n"
		   "132292,2025,令和7年度,2025-09,0,0,0,0,0,0\r\n"
		   "132292,2025,令和7年度,2025-10,0,0,0,0,0,0\r\n"
		   "132292,2025,令和7年度,2025-11,0,0,0,0,0,0\r\n"
		   "132292,2025,令和7年度,2025-12,0,0,0,0,0,0\r\n"
		   "132292,2025,令和7年度,2026-01,0,0,0,0,0,0\r\n"
		   "132292,2025,令和7年度,2026-02,0,0,0,0,0,0\r\n"
		   "132292,2025,令和7年度,2026-03,1,0,1,0,10,1\r\n");
}

static void json_names_its_lines_by_what_they_are(void **state)
{
	struct fixture *f = *state;
	json_t *answer = fixture_call(
		f, "GET", "/api/v1/report?fiscal_year=2025&by=screen", NULL, 200);
	json_t *line = json_array_get(json_object_get(answer, "screens"), 1);

	assert_int_equal(fixture_int(answer, "count"), 2);
	assert_int_equal(fixture_int(answer, "complete"), 4);
	assert_int_equal(fixture_int(answer, "late"), 1);
	assert_null(json_object_get(answer, "notices"));
	assert_string_equal(json_string_value(json_object_get(line, "id")), "tanashi-1");
	assert_string_equal(json_string_value(json_object_get(line, "place")),
			    "田無駅 <北口>");
	assert_int_equal(fixture_int(line, "notices"), 2);
	assert_int_equal(fixture_int(line, "first_shown"), 2);
	json_decref(answer);
	answer = fixture_call(f, "GET", "/api/v1/report?fiscal_year=2025&by=month", NULL,
			      200);
	assert_int_equal(json_array_size(json_object_get(answer, "months")), 12);
	json_decref(answer);
	answer = fixture_call(f, "GET", "/api/v1/report?fiscal_year=2025&by=department",
			      NULL, 200);
	assert_int_equal(json_array_size(json_object_get(answer, "departments")), 2);
	json_decref(answer);
	fixture_refused(f, "GET", "/api/v1/report?fiscal_year=2025&by=day", NULL, NULL,
			400, "by: expected notice, screen, month or department");
}

static void assert_page_has(const char *page, const char *part)
{
	if (!strstr(page, part))
		fail_msg("the page lacks \"%s\": %s", part, page);
}

static void page_stands_alone_and_escapes_what_people_wrote(void **state)
{
	static const char *const all[] = {"notice", "screen", "month", "department"};
	struct fixture *f = *state;
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		char *page;

		snprintf(path, sizeof(path), "/api/v1/report.html?fiscal_year=2025&by=%s",
			 all[i]);
		page = get(f, path);
		assert_page_has(page, "<!DOCTYPE html>");
		assert_page_has(page, "令和7年度（2025年度）");
		assert_page_has(page, "2025年4月1日～2026年3月31日");
		assert_page_has(page, "<b>2</b>件");
		assert_page_has(page, "<svg");
		assert_page_has(page, "</html>");
		/* Nothing from elsewhere, nothing that runs. */
		assert_null(strstr(page, "http"));
		assert_null(strstr(page, "<script"));
		assert_null(strstr(page, "url("));
		assert_null(strstr(page, "<予防>"));
		assert_null(strstr(page, "<北口>"));
		if (i == 0)
			assert_page_has(page, "インフルエンザ &#38; &#60;予防&#62;");
		if (i == 1)
			assert_page_has(page, "田無駅 &#60;北口&#62;");
		free(page);
	}
}

static void year_without_plays_has_a_page_too(void **state)
{
	struct fixture *f = *state;
	char *page = get(f, "/api/v1/report.html?fiscal_year=2019");

	assert_page_has(page, "令和元年度（2019年度）");
	assert_page_has(page, "<b>0</b>件");
	assert_page_has(page, "最後まで放映したお知らせはありません。");
	assert_null(strstr(page, "nan"));
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, fixture_tear_down)
		TEST(csv_has_a_line_for_each_of_what_it_is_by),
		TEST(json_names_its_lines_by_what_they_are),
		TEST(page_stands_alone_and_escapes_what_people_wrote),
		TEST(year_without_plays_has_a_page_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
