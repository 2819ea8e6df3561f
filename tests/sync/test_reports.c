#include "sync/reports.h"

#include <unistd.h>

#include "support/http_server.h"
#include "support/repository.h"
#include "support/test.h"
#include "support/tmp.h"
#include "sync/http.h"
#include "sync/inbox.h"
#include "wire/health.h"

#define REQUEST(number) "{\"format\":\"ekimae.request/1\",\"snapshot\":" number "}"

/* The outbox's reports, over real HTTP; the server keeps what it got last. */
struct fixture {
	struct test_repository repository;
	struct http_server *server;
	struct http *http;
	struct inbox *inbox;
	char *outbox_dir, *inbox_dir, *root_path, *request_path;
	struct reports reports;
	struct health_courier courier;
	char health[1024], snapshot[64];
	int healths, snapshots;
	unsigned status, snapshot_status;
	const char *answer;
	struct err err;
};

static struct http_server_answer take(void *context, const char *method, const char *path,
				      const char *body, size_t len)
{
	struct fixture *f = context;

	if (strcmp(method, "POST") == 0 && strcmp(path, "/api/v1/health") == 0) {
		f->healths++;
		snprintf(f->health, sizeof(f->health), "%.*s", (int)len, body);
		return (struct http_server_answer){f->status, strdup(f->answer),
						   strlen(f->answer)};
	}
	if (strcmp(method, "POST") == 0 && strcmp(path, "/api/v1/snapshot") == 0) {
		f->snapshots++;
		snprintf(f->snapshot, sizeof(f->snapshot), "%.*s", (int)len, body);
		return (struct http_server_answer){f->snapshot_status, strdup("{}"), 2};
	}
	return (struct http_server_answer){0};
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	const struct http_options options = {0};

	test_repository_init(&f->repository);
	f->server = http_server_start(NULL, take, f);
	f->http = http_new(&options, &f->err);
	f->outbox_dir = tmp_dir();
	f->inbox_dir = tmp_dir();
	f->root_path = test_repository_root_path(&f->repository);
	f->request_path = tmp_path(f->inbox_dir, "request.json");
	f->inbox = inbox_new(f->inbox_dir, f->root_path, &f->err);
	assert_ok(f->inbox != NULL, f->err);
	f->reports = (struct reports){
		.outbox = f->outbox_dir,
		.city_url = http_server_url(f->server),
		.http = f->http,
		.inbox = f->inbox,
	};
	f->courier = (struct health_courier){.software = "1.0", .failures = 3};
	f->status = f->snapshot_status = 200;
	f->answer = REQUEST("0");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	inbox_free(f->inbox);
	http_free(f->http);
	http_server_stop(f->server);
	tmp_remove(f->outbox_dir);
	tmp_remove(f->inbox_dir);
	free(f->root_path);
	free(f->request_path);
	test_repository_done(&f->repository);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *name, const char *text)
{
	tmp_write(f->outbox_dir, name, text, strlen(text));
}

static bool run_at(struct fixture *f, int64_t ms)
{
	return reports_run(&f->reports, &f->courier, (struct mono_ms){ms}, &f->err);
}

static void newest_report_goes_once_with_the_courier_beside_it(void **state)
{
	struct fixture *f = *state;
	char *request;

	assert_ok(run_at(f, 1), f->err);
	assert_int_equal(http_server_requests(f->server), 0);
	put(f, "health.json", "{\"signed\":1}");
	assert_ok(run_at(f, 1), f->err);
	assert_ok(run_at(f, 2), f->err);
	assert_int_equal(f->healths, 1);
	assert_string_equal(f->health,
			    "{\"courier\":{\"failures\":3,\"received_bytes\":0,"
			    "\"requests\":0,\"running_ms\":0,\"sent_bytes\":0,"
			    "\"software\":\"1.0\"},\"report\":{\"signed\":1}}");
	request = tmp_read(f->request_path, NULL);
	assert_string_equal(request, REQUEST("0"));
	free(request);
	put(f, "health.json", "{\"signed\":2}");
	assert_ok(run_at(f, 3), f->err);
	assert_int_equal(f->healths, 2);
	/* A display that has stopped: its courier is heard all the same. */
	assert_ok(run_at(f, 3 + REPORTS_AGAIN_MS), f->err);
	assert_int_equal(f->healths, 3);
}

static void report_is_tried_again_until_the_city_answers(void **state)
{
	struct fixture *f = *state;

	put(f, "health.json", "{\"signed\":1}");
	f->status = 503;
	assert_fails(run_at(f, 1), f->err, ERR_RETRY, "503");
	assert_fails(run_at(f, 2), f->err, ERR_RETRY, "503");
	f->status = 200;
	assert_ok(run_at(f, 3), f->err);
	assert_int_equal(f->healths, 3);
}

static void refused_report_waits_for_the_next(void **state)
{
	struct fixture *f = *state;

	put(f, "health.json", "{\"signed\":1}");
	f->status = 403;
	assert_fails(run_at(f, 1), f->err, ERR_DENIED, "403");
	assert_ok(run_at(f, 2), f->err);
	assert_int_equal(f->healths, 1);
}

static void hostile_answers_do_not_reach_the_inbox(void **state)
{
	static const char *const hostile[] = {"", "{}", "<html>", REQUEST("-1"),
					      REQUEST("0,\"x\":1")};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(hostile); i++) {
		char text[32];

		snprintf(text, sizeof(text), "{\"signed\":%zu}", i);
		put(f, "health.json", text);
		f->answer = hostile[i];
		assert_fails(run_at(f, 1), f->err, ERR_INVALID, "request");
		assert_int_equal(access(f->request_path, F_OK), -1);
	}
}

static void file_that_is_no_report_is_not_sent(void **state)
{
	struct fixture *f = *state;
	char *large = malloc(HEALTH_MAX + 1);

	put(f, "health.json", "[not json");
	assert_fails(run_at(f, 1), f->err, ERR_INVALID, "health");
	memset(large, ' ', HEALTH_MAX + 1);
	tmp_write(f->outbox_dir, "health.json", large, HEALTH_MAX + 1);
	assert_fails(run_at(f, 1), f->err, ERR_TOO_LARGE, "health.json");
	assert_int_equal(f->healths, 0);
	free(large);
}

static void snapshot_goes_once_and_a_second_time_is_no_failure(void **state)
{
	struct fixture *f = *state;

	put(f, "snapshot", "envelope\npng");
	assert_ok(run_at(f, 1), f->err);
	assert_ok(run_at(f, 2), f->err);
	assert_int_equal(f->snapshots, 1);
	assert_string_equal(f->snapshot, "envelope\npng");
	memset(f->reports.snapshot, 0, sizeof(f->reports.snapshot)); /* started anew */
	f->snapshot_status = 409;
	assert_ok(run_at(f, 3), f->err);
	assert_ok(run_at(f, 4), f->err);
	assert_int_equal(f->snapshots, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(newest_report_goes_once_with_the_courier_beside_it),
		TEST(report_is_tried_again_until_the_city_answers),
		TEST(refused_report_waits_for_the_next),
		TEST(hostile_answers_do_not_reach_the_inbox),
		TEST(file_that_is_no_report_is_not_sent),
		TEST(snapshot_goes_once_and_a_second_time_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
