#include "city_fixture.h"

static void right_password_opens_a_session(void **state)
{
	struct fixture *fixture = *state;
	char token[65];

	assert_int_equal(
		fixture_login(fixture, FIXTURE_ADMINISTRATOR, FIXTURE_PASSWORD, token),
		200);
	assert_string_not_equal(token, fixture->token);
	json_decref(fixture_call(fixture, "GET", "/api/v1/notices", NULL, 200));
}

static void wrong_password_and_unknown_name_look_the_same(void **state)
{
	struct fixture *fixture = *state;

	fixture_refused(fixture, "POST", "/api/v1/login", NULL,
			"{\"name\":\"kanri\",\"password\":\"himitsu-no-kotobA\"}", 401,
			"the name or the password is wrong");
	fixture_refused(fixture, "POST", "/api/v1/login", NULL,
			"{\"name\":\"nobody\",\"password\":\"himitsu-no-kotoba\"}", 401,
			"the name or the password is wrong");
}

static void ten_failures_lock_the_name_even_for_the_right_password(void **state)
{
	struct fixture *fixture = *state;
	char token[65];

	for (int i = 0; i < 10; i++)
		assert_int_equal(fixture_login(fixture, FIXTURE_ADMINISTRATOR,
					       "wrong-password", token),
				 401);
	fixture_refused(fixture, "POST", "/api/v1/login", NULL,
			"{\"name\":\"kanri\",\"password\":\"" FIXTURE_PASSWORD "\"}", 429,
			"try again after");
	/* A session that is open already goes on. */
	json_decref(fixture_call(fixture, "GET", "/api/v1/notices", NULL, 200));
}

static void success_forgets_earlier_failures(void **state)
{
	struct fixture *fixture = *state;
	char token[65];

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 9; i++)
			assert_int_equal(fixture_login(fixture, FIXTURE_ADMINISTRATOR,
						       "wrong-password", token),
					 401);
		assert_int_equal(fixture_login(fixture, FIXTURE_ADMINISTRATOR,
					       FIXTURE_PASSWORD, token),
				 200);
	}
}

static void logout_ends_the_session(void **state)
{
	struct fixture *fixture = *state;

	json_decref(fixture_call(fixture, "POST", "/api/v1/logout", "{}", 200));
	fixture_refused(fixture, "GET", "/api/v1/notices", fixture->token, NULL, 401,
			"log in again");
}

static void malformed_logins_name_the_place(void **state)
{
	struct fixture *fixture = *state;

	fixture_refused(fixture, "POST", "/api/v1/login", NULL, "{\"name\":\"kanri\"}",
			400, "password");
	fixture_refused(fixture, "POST", "/api/v1/login", NULL,
			"{\"name\":\"kanri\",\"password\":1}", 400, "password");
	fixture_refused(fixture, "POST", "/api/v1/login", NULL,
			"{\"name\":\"kanri\",\"password\":\"x\",\"admin\":true}", 400,
			"admin");
	fixture_refused(fixture, "POST", "/api/v1/login", NULL, "{\"name\":", 400,
			"login");
	fixture_refused(fixture, "POST", "/api/v1/login", NULL, NULL, 400, "login");
}

static void staff_calls_without_a_session_are_refused(void **state)
{
	static const struct {
		const char *method, *path, *body;
	} calls[] = {
		{"GET", "/api/v1/notices", NULL},
		{"GET", "/api/v1/notices/flu", NULL},
		{"PUT", "/api/v1/notices/flu", "{}"},
		{"GET", "/api/v1/objects/00", NULL},
		{"PUT", "/api/v1/objects/00", "{}"},
		{"POST", "/api/v1/publish", "{}"},
		{"GET", "/api/v1/screens", NULL},
		{"POST", "/api/v1/screens", "{}"},
		{"POST", "/api/v1/screens/tanashi/revoke", "{}"},
		{"POST", "/api/v1/logout", "{}"},
	};
	char forged[65];
	struct fixture *fixture = *state;

	memset(forged, 'a', 64);
	forged[64] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
		fixture_refused(fixture, calls[i].method, calls[i].path, NULL,
				calls[i].body, 401, "log in");
		fixture_refused(fixture, calls[i].method, calls[i].path, forged,
				calls[i].body, 401, "log in");
	}
}

static void each_role_may_do_only_its_own(void **state)
{
	struct fixture *fixture = *state;
	char author[65], approver[65];

	fixture_add_staff(fixture, "author", STAFF_AUTHOR, author);
	fixture_add_staff(fixture, "approver", STAFF_APPROVER, approver);
	fixture_refused(fixture, "POST", "/api/v1/publish", author, "{}", 403,
			"approver");
	fixture_refused(fixture, "POST", "/api/v1/screens", author, "{}", 403,
			"administrator");
	fixture_refused(fixture, "POST", "/api/v1/screens", approver, "{}", 403,
			"administrator");
	/* May publish, and is told what is wrong with it. */
	fixture_refused(fixture, "POST", "/api/v1/publish", approver, "{}", 400,
			"targets");
}

static void session_ends_with_its_time(void **state)
{
	struct fixture *fixture = *state;
	uint8_t token[32] = {7}, hash[SHA256_SIZE];
	char hex[65];
	struct err err = {0};

	hex_encode(token, sizeof(token), hex);
	sha256(token, sizeof(token), hash);
	pthread_mutex_lock(&fixture->city->lock);
	assert_ok(session_add(fixture->city->db, hash, FIXTURE_ADMINISTRATOR,
			      (struct wall_ms){clock_now().wall.ms - 1}, &err),
		  err);
	pthread_mutex_unlock(&fixture->city->lock);
	fixture_refused(fixture, "GET", "/api/v1/notices", hex, NULL, 401,
			"log in again");
}

static void passwords_match_only_their_own_hash(void **state)
{
	char hash[PASSWORD_HASH_SIZE], other[PASSWORD_HASH_SIZE];
	char made[PASSWORD_MADE_SIZE];
	struct err err = {0};

	(void)state;
	password_make(made);
	assert_ok(password_check(made, &err), err);
	assert_ok(password_hash(made, hash, &err), err);
	assert_ok(password_hash(made, other, &err), err);
	assert_int_equal(strncmp(hash, "$y$", 3), 0);
	assert_string_not_equal(hash, other);
	assert_true(password_matches(made, hash));
	assert_false(password_matches("another password", hash));
	assert_false(password_matches(made, "*0"));
	assert_false(password_matches(made, ""));
	assert_fails(password_check("short", &err), err, ERR_INVALID, "12");
	assert_fails(password_check("with\ttab characters", &err), err, ERR_INVALID,
		     "control");
}

#define with_city(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_city(right_password_opens_a_session),
		with_city(wrong_password_and_unknown_name_look_the_same),
		with_city(ten_failures_lock_the_name_even_for_the_right_password),
		with_city(success_forgets_earlier_failures),
		with_city(logout_ends_the_session),
		with_city(malformed_logins_name_the_place),
		with_city(staff_calls_without_a_session_are_refused),
		with_city(each_role_may_do_only_its_own),
		with_city(session_ends_with_its_time),
		cmocka_unit_test(passwords_match_only_their_own_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
