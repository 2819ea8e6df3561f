#include "city_fixture.h"

/* A certificate for 127.0.0.1 until 2066, which nothing but these tests trusts. */
#define CERTIFICATE EKIMAE_SOURCE_DIR "/tests/city/tls/localhost.crt"
#define KEY         EKIMAE_SOURCE_DIR "/tests/city/tls/localhost.key"

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture_make_state(fixture);
	snprintf(fixture->settings.tls_certificate,
		 sizeof(fixture->settings.tls_certificate), "%s", CERTIFICATE);
	snprintf(fixture->settings.tls_key, sizeof(fixture->settings.tls_key), "%s", KEY);
	*state = fixture;
	return 0;
}

static bool get_health(const struct fixture *fixture, const char *ca_file, long *status,
		       struct err *err)
{
	const struct http_options options = {.ca_file = ca_file};
	struct http *http = http_new(&options, err);
	char url[128];
	const struct http_request request = {
		.method = "GET", .url = url, .max_bytes = 4096};
	struct http_response response = {0};
	bool ok;

	assert_ok(http != NULL, *err);
	snprintf(url, sizeof(url), "https://127.0.0.1:%u/api/v1/health",
		 (unsigned)server_port(fixture->server));
	ok = http_send(http, &request, &response, err);
	*status = response.status;
	http_response_done(&response);
	http_free(http);
	return ok;
}

static void certificate_is_served_and_verified(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	long status;

	fixture_start(fixture);
	assert_ok(get_health(fixture, CERTIFICATE, &status, &err), err);
	assert_int_equal(status, 200);
	assert_fails(get_health(fixture, NULL, &status, &err), err, ERR_UNTRUSTED, "");
}

static void key_that_is_none_stops_the_start(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};

	snprintf(fixture->settings.tls_key, sizeof(fixture->settings.tls_key), "%s",
		 FIXTURE_PLAN);
	fixture->city = city_open(&fixture->settings, clock_now().wall, &err);
	assert_ok(fixture->city != NULL, err);
	fixture->server = server_start(fixture->city, &err);
	assert_null(fixture->server);
	assert_non_null(strstr(err.text, "[tls]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(certificate_is_served_and_verified,
						set_up, fixture_tear_down),
		cmocka_unit_test_setup_teardown(key_that_is_none_stops_the_start, set_up,
						fixture_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
