#include "sync/http.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/http_server.h"
#include "support/test.h"
#include "support/tmp.h"

struct fixture {
	char *dir;
	struct http_server *server;
	struct http *http;
	char url[128];
};

static struct http_server_answer handle(void *context, const char *method,
					const char *path, const char *body, size_t len)
{
	(void)context;
	if (strcmp(path, "/echo") == 0) {
		char *copy = NULL;
		int size = asprintf(&copy, "%s:%.*s", method, (int)len, body);

		return (struct http_server_answer){200, copy, (size_t)size};
	}
	if (strcmp(path, "/refused") == 0) {
		char *refusal = strdup("{\"error\": \"この画面は失効しています\"}");

		return (struct http_server_answer){403, refusal, strlen(refusal)};
	}
	if (strcmp(path, "/large") == 0)
		return (struct http_server_answer){200, calloc(1, 5000), 5000};
	return (struct http_server_answer){0};
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));
	const struct http_options options = {0};
	struct err err = {0};

	fixture->dir = tmp_dir();
	fixture->server = http_server_start(fixture->dir, handle, NULL);
	fixture->http = http_new(&options, &err);
	assert_non_null(fixture->http);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	http_free(fixture->http);
	http_server_stop(fixture->server);
	tmp_remove(fixture->dir);
	free(fixture);
	return 0;
}

static struct http_request get(struct fixture *fixture, const char *path,
			       size_t max_bytes)
{
	snprintf(fixture->url, sizeof(fixture->url), "%s%s",
		 http_server_url(fixture->server), path);
	return (struct http_request){
		.method = "GET",
		.url = fixture->url,
		.max_bytes = max_bytes,
		.timeout = {20000},
	};
}

static void body_sent_comes_back_whole(void **state)
{
	struct http_request request = get(*state, "/echo", 100);
	struct http_response response = {0};
	struct err err = {0};

	request.method = "POST";
	request.body = "おしらせ";
	request.body_len = strlen("おしらせ");
	assert_ok(http_send(((struct fixture *)*state)->http, &request, &response, &err),
		  err);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, "POST:おしらせ");
	assert_true(response.received_bytes > (int64_t)response.body_len);
	http_response_done(&response);
}

static void answer_over_its_ceiling_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = get(fixture, "/large", 4999);
	struct http_response response = {0};
	struct err err = {0};

	assert_fails(http_send(fixture->http, &request, &response, &err), err,
		     ERR_TOO_LARGE, "over 4999 bytes");
	assert_null(response.body);

	request.max_bytes = 5000;
	assert_ok(http_send(fixture->http, &request, &response, &err), err);
	assert_int_equal(response.body_len, 5000);
	http_response_done(&response);
}

static void status_of_failure_keeps_the_servers_sentence(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = get(fixture, "/refused", 1000);
	struct http_response response = {0};
	struct err err = {0};

	assert_ok(http_send(fixture->http, &request, &response, &err), err);
	assert_false(http_fail(&request, &response, &err));
	assert_int_equal(err.code, ERR_DENIED);
	assert_non_null(strstr(err.text, "この画面は失効しています"));
	http_response_done(&response);
}

static void nobody_listening_is_worth_a_retry(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = get(fixture, "/", 100);
	struct http_response response = {0};
	struct err err = {0};

	request.url = "http://127.0.0.1:1/";
	assert_fails(http_send(fixture->http, &request, &response, &err), err, ERR_RETRY,
		     "127.0.0.1:1");
}

static void other_protocols_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = get(fixture, "/", 100);
	struct http_response response = {0};
	struct err err = {0};

	request.url = "file:///etc/hostname";
	assert_fails(http_send(fixture->http, &request, &response, &err), err,
		     ERR_INVALID, "file:///etc/hostname");
}

/* A server that accepts and never answers. */
static int silent_socket(unsigned short *out_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	*out_port = ntohs(address.sin_port);
	return fd;
}

static void *cancel_soon(void *context)
{
	usleep(50000);
	http_cancel(context);
	return NULL;
}

static void waiting_request_is_cancelled(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = get(fixture, "/", 100);
	struct http_response response = {0};
	struct err err = {0};
	unsigned short port;
	pthread_t thread;
	int fd = silent_socket(&port);

	snprintf(fixture->url, sizeof(fixture->url), "http://127.0.0.1:%u/", port);
	request.timeout.ms = 600000;
	assert_int_equal(pthread_create(&thread, NULL, cancel_soon, fixture->http), 0);
	assert_fails(http_send(fixture->http, &request, &response, &err), err, ERR_RETRY,
		     "cancelled");
	pthread_join(thread, NULL);
	close(fd);
}

static void silence_ends_with_the_timeout(void **state)
{
	struct fixture *fixture = *state;
	struct http_request request = get(fixture, "/", 100);
	struct http_response response = {0};
	struct err err = {0};
	unsigned short port;
	int fd = silent_socket(&port);

	snprintf(fixture->url, sizeof(fixture->url), "http://127.0.0.1:%u/", port);
	request.timeout.ms = 200;
	assert_fails(http_send(fixture->http, &request, &response, &err), err, ERR_RETRY,
		     "Timeout");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(body_sent_comes_back_whole),
		TEST(answer_over_its_ceiling_is_refused),
		TEST(status_of_failure_keeps_the_servers_sentence),
		TEST(nobody_listening_is_worth_a_retry),
		TEST(other_protocols_are_refused),
		TEST(waiting_request_is_cancelled),
		TEST(silence_ends_with_the_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
