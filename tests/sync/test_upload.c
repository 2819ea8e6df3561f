#include "sync/upload.h"

#include "support/http_server.h"
#include "support/repository.h"
#include "support/test.h"
#include "support/tmp.h"
#include "sync/http.h"
#include "sync/inbox.h"

/* The outbox, emptied over real HTTP; the server keeps what it got, in order. */
struct fixture {
	struct test_repository repository;
	struct http_server *server;
	struct http *http;
	struct inbox *inbox;
	char *outbox_dir, *inbox_dir, *root_path;
	struct upload upload;
	char received[256];
	bool broken;
};

static struct http_server_answer take(void *context, const char *method, const char *path,
				      const char *body, size_t len)
{
	struct fixture *fixture = context;
	char *answer = NULL;
	int size;

	if (strcmp(method, "POST") != 0 || strcmp(path, "/api/v1/plays") != 0)
		return (struct http_server_answer){0};
	if (fixture->broken)
		return (struct http_server_answer){503, strdup("busy"), 4};
	strncat(fixture->received, body, sizeof(fixture->received) - 1 - len);
	size = asprintf(&answer, "ack of %s", body);
	return (struct http_server_answer){200, answer, (size_t)size};
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct http_options options = {0};
	struct err err = {0};

	test_repository_init(&fixture->repository);
	fixture->server = http_server_start(NULL, take, fixture);
	fixture->http = http_new(&options, &err);
	fixture->outbox_dir = tmp_dir();
	fixture->inbox_dir = tmp_dir();
	fixture->root_path = test_repository_root_path(&fixture->repository);
	fixture->inbox = inbox_new(fixture->inbox_dir, fixture->root_path, &err);
	assert_ok(fixture->inbox != NULL, err);
	fixture->upload = (struct upload){
		.outbox = fixture->outbox_dir,
		.city_url = http_server_url(fixture->server),
		.http = fixture->http,
		.inbox = fixture->inbox,
	};
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	inbox_free(fixture->inbox);
	http_free(fixture->http);
	http_server_stop(fixture->server);
	tmp_remove(fixture->outbox_dir);
	tmp_remove(fixture->inbox_dir);
	free(fixture->root_path);
	test_repository_done(&fixture->repository);
	free(fixture);
	return 0;
}

static void put_batch(struct fixture *fixture, int first)
{
	char name[64], body[16];

	snprintf(name, sizeof(name), "plays-%020d.json", first);
	snprintf(body, sizeof(body), "<%d>", first);
	tmp_write(fixture->outbox_dir, name, body, strlen(body));
}

static void batches_go_oldest_first_and_the_answer_comes_in(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	size_t sent = 0;
	char *path, *ack;

	put_batch(fixture, 501);
	put_batch(fixture, 1);
	put_batch(fixture, 1001);
	tmp_write(fixture->outbox_dir, "plays-1.json.tmp", "x", 1);
	assert_ok(upload_run(&fixture->upload, false, &sent, &err), err);
	assert_int_equal(sent, 3);
	assert_string_equal(fixture->received, "<1><501><1001>");
	path = tmp_path(fixture->inbox_dir, "ack.json");
	ack = tmp_read(path, NULL);
	assert_string_equal(ack, "ack of <1001>");
	free(ack);
	free(path);
}

static void batch_is_sent_once_unless_asked_again(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	size_t sent = 0;

	put_batch(fixture, 1);
	assert_ok(upload_run(&fixture->upload, false, &sent, &err), err);
	assert_ok(upload_run(&fixture->upload, false, &sent, &err), err);
	assert_int_equal(sent, 0);
	assert_ok(upload_run(&fixture->upload, true, &sent, &err), err);
	assert_int_equal(sent, 1);
	assert_string_equal(fixture->received, "<1><1>");
}

static void failure_stops_and_loses_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	size_t sent = 9;

	put_batch(fixture, 1);
	put_batch(fixture, 2);
	fixture->broken = true;
	assert_fails(upload_run(&fixture->upload, false, &sent, &err), err, ERR_RETRY,
		     "503");
	assert_int_equal(sent, 0);
	fixture->broken = false;
	assert_ok(upload_run(&fixture->upload, false, &sent, &err), err);
	assert_int_equal(sent, 2);
	assert_string_equal(fixture->received, "<1><2>");
}

static void empty_outbox_sends_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	size_t sent = 9;

	assert_ok(upload_run(&fixture->upload, true, &sent, &err), err);
	assert_int_equal(sent, 0);
	assert_int_equal(http_server_requests(fixture->server), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(batches_go_oldest_first_and_the_answer_comes_in),
		TEST(batch_is_sent_once_unless_asked_again),
		TEST(failure_stops_and_loses_nothing),
		TEST(empty_outbox_sends_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
