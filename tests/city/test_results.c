/* Results by year over HTTP: who may enter what, history, files that come back, open data. */
#include "city_fixture.h"

#include "core/plan.h"
#include "core/result.h"
#include "wire/plan_results.h"

#define RESULTS "/api/v1/results"
#define HEAD    "重点取組番号,系列,年度（西暦）,年度（和暦）,実績値,出典,備考\r\n"
#define BOM     "\xef\xbb\xbf"

/* Enters a value for 2024, and returns the answer (owned). */
static json_t *enter(struct fixture *f, int initiative, int64_t value, const char *source,
		     const char *note)
{
	json_t *body = json_pack("{s:i, s:i, s:I, s:s, s:s}", "initiative", initiative,
				 "fiscal_year", 2024, "value", (json_int_t)value,
				 "source", source, "note", note);
	char *text = json_dumps(body, JSON_COMPACT);
	json_t *answer = fixture_call(f, "POST", RESULTS, text, 200);

	free(text);
	json_decref(body);
	return answer;
}

static void enter_quietly(struct fixture *f, int initiative, int64_t value,
			  const char *source)
{
	json_decref(enter(f, initiative, value, source, "確定"));
}

static const char *word(const json_t *row, const char *key)
{
	const char *found = json_string_value(json_object_get(row, key));

	return found ? found : "";
}

/* The rows of "#1 4/2024=165 報告書 確定 kanri " form. */
static const char *list(struct fixture *f, const char *query)
{
	static char out[4000];
	char path[128];
	json_t *answer, *row;
	size_t len = 0, i;

	snprintf(path, sizeof(path), RESULTS "%s", query);
	answer = fixture_call(f, "GET", path, NULL, 200);
	out[0] = '\0';
	json_array_foreach(json_object_get(answer, "results"), i, row)
	{
		json_t *value = json_object_get(row, "value");
		json_t *published = json_object_get(row, "published");

		len += (size_t)snprintf(
			out + len, sizeof(out) - len, "#%d %d%s/%d=%d %s %s %s%s ",
			(int)fixture_int(row, "number"),
			(int)fixture_int(row, "initiative"), word(row, "series"),
			(int)fixture_int(row, "fiscal_year"),
			json_is_null(value) ? -1 : (int)json_integer_value(value),
			word(row, "source"), word(row, "note"), word(row, "who"),
			json_is_true(published) ? "*" : "");
	}
	json_decref(answer);
	return out;
}

static char *get_text(struct fixture *f, const char *path, const char *token)
{
	struct http_response response = fixture_send(f, "GET", path, token, NULL);
	char *body = strdup(response.body);

	if (response.status != 200)
		fail_msg("%s: %ld %s", path, response.status, response.body);
	http_response_done(&response);
	return body;
}

/* ---- Entering ---- */

static void correction_and_withdrawal_keep_history(void **state)
{
	struct fixture *f = *state;
	json_t *answer;

	enter_quietly(f, 4, 165, "報告書");
	answer = enter(f, 4, 166, "訂正報告書", "数え直し");
	assert_int_equal(fixture_int(answer, "number"), 2);
	assert_int_equal(fixture_int(answer, "before"), 165);
	assert_int_equal(fixture_int(answer, "value"), 166);
	json_decref(answer);
	assert_string_equal(list(f, ""), "#2 4/2024=166 訂正報告書 数え直し kanri ");
	json_decref(fixture_call(
		f, "POST", RESULTS "/withdraw",
		"{\"initiative\":4,\"fiscal_year\":2024,\"note\":\"誤り\"}", 200));
	assert_string_equal(list(f, ""), "");
	assert_string_equal(list(f, "?history=true&initiative=4&fiscal_year=R6"),
			    "#1 4/2024=165 報告書 確定 kanri "
			    "#2 4/2024=166 訂正報告書 数え直し kanri "
			    "#3 4/2024=-1  誤り kanri ");
	assert_string_equal(list(f, "?history=true&fiscal_year=2025"), "");
	fixture_refused(f, "POST", RESULTS "/withdraw", f->token,
			"{\"initiative\":4,\"fiscal_year\":2024,\"note\":\"誤り\"}", 404,
			"has no result for 2024");
}

static void assert_audit(struct fixture *f, const char *what)
{
	struct sqlite3_stmt *stmt;
	struct err err = {0};
	char text[400];
	bool row = false;

	pthread_mutex_lock(&f->city->lock);
	stmt = db_prepare(f->city->db,
			  "SELECT who || '|' || action || '|' || object || '|' || detail"
			  " FROM audit ORDER BY seq DESC LIMIT 1",
			  &err);
	assert_ok(stmt && db_step(f->city->db, stmt, &row, "audit", &err) && row, err);
	db_text(stmt, 0, text, sizeof(text));
	db_finalize(&stmt);
	pthread_mutex_unlock(&f->city->lock);
	assert_string_equal(text, what);
}

static void every_entry_is_in_the_audit_log(void **state)
{
	struct fixture *f = *state;
	int64_t rows = 0;
	struct err err = {0};

	enter_quietly(f, 4, 165, "報告書");
	assert_audit(f, "kanri|enter result|4 2024|- -> 165; 報告書; 確定");
	json_decref(fixture_call(f, "POST", RESULTS,
				 "{\"initiative\":15,\"series\":\"RPA\",\"fiscal_year\":"
				 "2024,\"value\":9,\"source\":\"報告書\"}",
				 200));
	assert_audit(f, "kanri|enter result|15/RPA 2024|- -> 9; 報告書; ");
	json_decref(fixture_call(
		f, "POST", RESULTS "/withdraw",
		"{\"initiative\":4,\"fiscal_year\":2024,\"note\":\"誤り\"}", 200));
	assert_audit(f, "kanri|withdraw result|4 2024|165 -> -; ; 誤り");
	pthread_mutex_lock(&f->city->lock);
	assert_ok(audit_verify(f->city->db, &rows, &err), err);
	pthread_mutex_unlock(&f->city->lock);
}

static void approvers_enter_authors_only_read(void **state)
{
	static const char body[] = "{\"initiative\":4,\"fiscal_year\":2024,\"value\":1,"
				   "\"source\":\"報告書\"}";
	struct fixture *f = *state;
	char author[65], approver[65];
	struct http_response response;

	fixture_add_staff(f, "author", STAFF_AUTHOR, author);
	fixture_add_staff(f, "approver", STAFF_APPROVER, approver);
	fixture_refused(f, "POST", RESULTS, NULL, body, 401, "");
	fixture_refused(f, "POST", RESULTS, author, body, 403, "wants an approver");
	fixture_refused(f, "POST", RESULTS "/withdraw", author, body, 403, "approver");
	fixture_refused(f, "POST", RESULTS "/import?dry_run=true", author, HEAD, 403,
			"approver");
	fixture_refused(f, "GET", RESULTS, NULL, NULL, 401, "");
	fixture_refused(f, "GET", RESULTS ".csv", NULL, NULL, 401, "");
	response = fixture_send(f, "POST", RESULTS, approver, body);
	assert_int_equal(response.status, 200);
	http_response_done(&response);
	free(get_text(f, RESULTS, author));
	assert_string_equal(list(f, ""), "#1 4/2024=1 報告書  approver ");
}

static void figures_that_the_plan_does_not_have_are_refused(void **state)
{
	static const struct {
		const char *body, *part;
	} wrong[] = {
		{"{\"initiative\":17,\"fiscal_year\":2024,\"value\":1,\"source\":\"a\"}",
		 "initiative: initiative 17 has no figure; the plan says: 随時対応"},
		{"{\"initiative\":26,\"fiscal_year\":2024,\"value\":1,\"source\":\"a\"}",
		 "行財政改革大綱アクションプラン"},
		{"{\"initiative\":18,\"fiscal_year\":2024,\"value\":1,\"source\":\"a\"}",
		 "a roadmap by year"},
		{"{\"initiative\":15,\"fiscal_year\":2024,\"value\":1,\"source\":\"a\"}",
		 "series: initiative 15 has several figures: name one of AI-OCR, RPA"},
		{"{\"initiative\":1,\"fiscal_year\":2023,\"value\":1,\"source\":\"a\"}",
		 "fiscal_year: 令和5年度 (2023) is not after"},
		{"{\"initiative\":1,\"fiscal_year\":2100,\"value\":1,\"source\":\"a\"}",
		 "fiscal_year: "},
		{"{\"initiative\":1,\"fiscal_year\":2024,\"value\":-1,\"source\":\"a\"}",
		 "value"},
		{"{\"initiative\":1,\"fiscal_year\":2024,\"value\":1.5,\"source\":\"a\"}",
		 "value"},
		{"{\"initiative\":1,\"fiscal_year\":2024,\"value\":1}", "source"},
		{"{\"initiative\":1,\"fiscal_year\":2024,\"value\":1,\"source\":\"a\\nb\"}",
		 "source: holds a line break"},
		{"{\"initiative\":1,\"fiscal_year\":2024,\"value\":1,\"source\":\"a\","
		 "\"x\":1}",
		 "unknown key"},
		{"not JSON", "results"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		fixture_refused(f, "POST", RESULTS, f->token, wrong[i].body, 400,
				wrong[i].part);
	fixture_refused(f, "GET", RESULTS "?history=yes", f->token, NULL, 400,
			"history: expected true");
	fixture_refused(f, "GET", RESULTS "?fiscal_year=6", f->token, NULL, 400,
			"fiscal_year: expected a fiscal year such as");
	assert_string_equal(list(f, "?history=true"), "");
}

/* ---- Files ---- */

static json_t *import(struct fixture *f, const char *query, const char *file)
{
	char path[128];

	snprintf(path, sizeof(path), RESULTS "/import%s", query);
	return fixture_call(f, "POST", path, file, 200);
}

static void file_goes_out_and_comes_back_unchanged(void **state)
{
	struct fixture *f = *state;
	char *file, *again;
	json_t *answer;

	enter_quietly(f, 4, 165, "=報告書,\"別冊\"");
	enter_quietly(f, 1, 171000, "報告書");
	file = get_text(f, RESULTS ".csv", f->token);
	assert_memory_equal(file, BOM "全国地方公共団体コード,重点取組番号,", 40);
	assert_non_null(strstr(file,
			       "132292,4,駅前情報発信拠点の活用,"
			       "ASTA VISIONを活用した行政情報の発信数（単年度）,,"
			       "件,2024,令和6年度,165,\"'=報告書,\"\"別冊\"\"\",確定,"
			       "kanri,20"));
	/* A line to fill in for each figure and year that has ended, and no other. */
	assert_non_null(strstr(file, "件,2025,令和7年度,,,,,\r\n"));
	assert_non_null(strstr(file, ",RPA,件,2024,令和6年度,,,,,\r\n"));
	assert_null(strstr(file, "セキュリティ"));
	answer = import(f, "", file);
	assert_int_equal(fixture_int(answer, "unchanged"), 2);
	assert_int_equal(json_array_size(json_object_get(answer, "changes")), 0);
	assert_int_equal(json_array_size(json_object_get(answer, "errors")), 0);
	json_decref(answer);
	again = get_text(f, RESULTS ".csv", f->token);
	assert_string_equal(file, again);
	free(file);
	free(again);
	again = get_text(f, RESULTS ".csv?history=true&initiative=1", f->token);
	assert_non_null(strstr(again, "2024,令和6年度,171000,報告書,確定,kanri,20"));
	assert_null(strstr(again, "2025"));
	free(again);
}

static void preview_changes_nothing_and_import_all(void **state)
{
	static const char file[] =
		BOM HEAD "4,,2024,令和6年度,166,訂正報告書,数え直し\r\n"
			 "1,,,R6,\"171,000\",報告書,\r\n"
			 "15,RPA,2024,,9,報告書,\r\n"
			 "2,,2024,,,,\r\n";
	struct fixture *f = *state;
	json_t *answer, *change;

	enter_quietly(f, 4, 165, "報告書");
	answer = import(f, "?dry_run=true", file);
	assert_int_equal(json_array_size(json_object_get(answer, "changes")), 3);
	change = json_array_get(json_object_get(answer, "changes"), 0);
	assert_int_equal(fixture_int(change, "line"), 2);
	assert_int_equal(fixture_int(change, "before"), 165);
	assert_int_equal(fixture_int(change, "value"), 166);
	change = json_array_get(json_object_get(answer, "changes"), 1);
	assert_int_equal(fixture_int(change, "value"), 171000);
	assert_true(json_is_null(json_object_get(change, "before")));
	assert_int_equal(fixture_int(answer, "newest"), 1);
	json_decref(answer);
	assert_string_equal(list(f, ""), "#1 4/2024=165 報告書 確定 kanri ");
	json_decref(import(f, "?after=1", file));
	assert_string_equal(list(f, ""), "#3 1/2024=171000 報告書  kanri "
					 "#2 4/2024=166 訂正報告書 数え直し kanri "
					 "#4 15RPA/2024=9 報告書  kanri ");
	fixture_refused(f, "POST", RESULTS "/import?after=1", f->token, file, 409,
			"somebody entered results meanwhile");
	fixture_refused(f, "POST", RESULTS "/import?dry_run=yes", f->token, file, 400,
			"dry_run: expected true");
	fixture_refused(f, "POST", RESULTS "/import?dry_run=trueeeeeeeee", f->token, file,
			400, "dry_run: expected true");
}

static void one_wrong_line_keeps_all_of_the_file_out(void **state)
{
	static const char file[] = HEAD "1,,2024,,171000,報告書,\r\n"
					"17,,2024,,1,報告書,\r\n";
	struct fixture *f = *state;

	fixture_refused(f, "POST", RESULTS "/import", f->token, file, 400,
			"line 3, 重点取組番号: initiative 17 has no figure");
	assert_string_equal(list(f, "?history=true"), "");
}

static void assert_error(struct fixture *f, const char *file, const char *part)
{
	json_t *answer = import(f, "?dry_run=true", file);
	json_t *errors = json_object_get(answer, "errors");
	const char *sentence = json_string_value(json_array_get(errors, 0));

	if (json_array_size(errors) != 1 || !strstr(sentence, part))
		fail_msg("%zu errors, \"%s\", expected \"%s\"", json_array_size(errors),
			 sentence ? sentence : "", part);
	json_decref(answer);
}

static void errors_name_line_column_and_remedy(void **state)
{
	static const struct {
		const char *line, *part;
	} wrong[] = {
		{"x,,2024,,1,a,", "line 2, 重点取組番号: expected a number such as 4"},
		{"31,,2024,,1,a,", "line 2, 重点取組番号: there is no initiative 31"},
		{"15,,2024,,1,a,", "line 2, 系列: initiative 15 has several figures"},
		{"1,,,,1,a,", "line 2, 年度（西暦）: is empty"},
		{"1,,24,,1,a,", "line 2, 年度（西暦）: expected a fiscal year"},
		{"1,,2023,,1,a,", "line 2, 年度（西暦）: 令和5年度 (2023) is not after"},
		{"1,,2024,令和7年度,1,a,", "line 2, 年度（和暦）: 令和7年度 is not 2024"},
		{"1,,2024,,１２,a,", "line 2, 実績値: expected a whole number"},
		{"1,,2024,,12枚,a,", "実績値: expected a whole number"},
		{"1,,2024,,\"12,34\",a,", "実績値: expected a whole number"},
		{"1,,2024,,\",123\",a,", "実績値: expected a whole number"},
		{"1,,2024,,-5,a,", "実績値: expected a whole number"},
		{"1,,2024,,1000000000001,a,", "実績値: expected a whole number"},
		{"1,,2024,,1,,", "line 2, 出典: is missing"},
		{"1,,2024,,,a,", "line 2, 実績値: is empty, though 出典 or 備考"},
		{"4,,2024,,,,", "line 2, 実績値: is empty, but 165 was entered"},
		{"1,,2024,,1,a,\r\n1,,,令和6年度,2,a,",
		 "line 3: is of the same figure and year as line 2"},
	};
	struct fixture *f = *state;
	char file[400];

	enter_quietly(f, 4, 165, "報告書");
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		snprintf(file, sizeof(file), HEAD "%s\r\n", wrong[i].line);
		assert_error(f, file, wrong[i].part);
	}
	assert_error(f,
		     "全国地方公共団体コード,重点取組番号,重点取組名,年度（西暦）,実績値,"
		     "出典\n131016,1,,2024,1,a\n",
		     "line 2, 全国地方公共団体コード: is \"131016\", ours is 132292");
	assert_error(f,
		     "重点取組番号,重点取組名,年度（西暦）,実績値,出典\n"
		     "1,駅前情報発信拠点の活用,2024,1,a\n",
		     "line 2, 重点取組名: initiative 1 is");
	/* All of them are told, not only the first. */
	{
		json_t *answer =
			import(f, "?dry_run=true", HEAD "x,,2024,,1,a,\n1,,2024,,x,a,\n");

		assert_int_equal(json_array_size(json_object_get(answer, "errors")), 2);
		json_decref(answer);
	}
}

static void file_that_is_none_is_refused(void **state)
{
	static const struct {
		const char *file, *part;
	} wrong[] = {
		{"", "line 1: the column 重点取組番号 is missing"},
		{"重点取組番号,年度（西暦）,出典\n", "the column 実績値 is missing"},
		{"重点取組番号,実績値,出典\n", "line 1: needs the column 年度（西暦）"},
		{"重点取組番号,実績値,出典,備孝\n", "there is no column \"備孝\""},
		{"備考,備考\n", "the column 備考 is there twice"},
		{"\xff\xff", "neither UTF-8 nor Shift_JIS"},
		{"\"", "line 1: a cell that begins with a quote"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		fixture_refused(f, "POST", RESULTS "/import?dry_run=true", f->token,
				wrong[i].file, 400, wrong[i].part);
}

static void shift_jis_of_excel_is_understood(void **state)
{
	/* 重点取組番号,年度（西暦）,実績値,出典 / 4,2024,166,表 */
	static const char file[] =
		"\x8f\x64\x93\x5f\x8e\xe6\x91\x67\x94\xd4\x8d\x86,"
		"\x94\x4e\x93\x78\x81\x69\x90\xbc\x97\xef\x81\x6a,"
		"\x8e\xc0\x90\xd1\x92\x6c,\x8f\x6f\x93\x54\r\n4,2024,166,\x95\x5c\r\n";
	struct fixture *f = *state;

	json_decref(import(f, "", file));
	assert_string_equal(list(f, ""), "#1 4/2024=166 表  kanri ");
}

/* ---- Open data ---- */

static void publish_results(struct fixture *f, int64_t version)
{
	static const struct result entered[] = {{.initiative = 4,
						 .series = "",
						 .fiscal_year = 2024,
						 .value = 165,
						 .source = "報告書"}};
	struct err err = {0};
	size_t len;
	char *plan = tmp_read(FIXTURE_PLAN, &len);

	f->plan = plan_results_replace(plan, len, entered, 1, &len, &err);
	assert_ok(f->plan, err);
	free(plan);
	fixture_publish(f, version, NULL, 0, NULL);
}

static void open_data_is_what_was_signed_and_needs_no_login(void **state)
{
	struct fixture *f = *state;
	char *text;
	json_t *answer, *figures;

	enter_quietly(f, 4, 165, "報告書");
	text = get_text(f, "/api/v1/indicators.csv", NULL);
	assert_memory_equal(text, BOM "全国地方公共団体コード,重点取組番号,", 40);
	assert_non_null(strstr(text,
			       "132292,3,情報発信力の強化【SNS等】,メッセージ発信数,"
			       "単年度,,2023,令和5年度,実績（見込）,820,件,"));
	assert_non_null(strstr(text, ",RPA,2025,令和7年度,目標,13,件,"));
	assert_null(strstr(text, "165"));
	free(text);
	assert_string_equal(list(f, ""), "#1 4/2024=165 報告書 確定 kanri ");
	publish_results(f, 2);
	assert_string_equal(list(f, ""), "#1 4/2024=165 報告書 確定 kanri* ");
	text = get_text(f, "/api/v1/indicators.csv", NULL);
	assert_non_null(strstr(text, "132292,4,駅前情報発信拠点の活用,"
				     "ASTA VISIONを活用した行政情報の発信数,単年度,,2024,"
				     "令和6年度,実績,165,件,報告書\r\n"));
	free(text);
	answer = fixture_call(f, "GET", "/api/v1/indicators", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(answer, "indicators")), 16);
	figures = json_object_get(
		json_array_get(
			json_object_get(
				json_array_get(json_object_get(answer, "indicators"), 3),
				"series"),
			0),
		"figures");
	assert_int_equal(json_array_size(figures), 3);
	assert_int_equal(fixture_int(json_array_get(figures, 1), "value"), 165);
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(figures, 1), "kind")),
		"result");
	json_decref(answer);
	/* A server that starts again knows the plan, too. */
	fixture_stop(f);
	fixture_start(f);
	text = get_text(f, "/api/v1/indicators.csv", NULL);
	assert_non_null(strstr(text, "実績,165,件,報告書"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name)                                                                       \
	cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)
		TEST(correction_and_withdrawal_keep_history),
		TEST(every_entry_is_in_the_audit_log),
		TEST(approvers_enter_authors_only_read),
		TEST(figures_that_the_plan_does_not_have_are_refused),
		TEST(file_goes_out_and_comes_back_unchanged),
		TEST(preview_changes_nothing_and_import_all),
		TEST(one_wrong_line_keeps_all_of_the_file_out),
		TEST(errors_name_line_column_and_remedy),
		TEST(file_that_is_none_is_refused),
		TEST(shift_jis_of_excel_is_understood),
		TEST(open_data_is_what_was_signed_and_needs_no_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
