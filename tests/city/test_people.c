#include "city_fixture.h"

#define OWN "{\"name\":\"hanako\",\"role\":\"approver\",\"password\":\"asa-no-hikari-1\"}"

static void put_notice(const struct fixture *fixture, const char *token, const char *id,
		       int64_t revision)
{
	char *json = fixture_notice_json(id, revision);
	char path[96];
	struct http_response response;

	snprintf(path, sizeof(path), "/api/v1/notices/%s", id);
	response = fixture_send(fixture, "PUT", path, token, json);
	assert_int_equal(response.status, 200);
	http_response_done(&response);
	free(json);
}

/* Publishes as whoever has @token; returns the status. */
static long publish_as(const struct fixture *fixture, const char *token, int64_t version,
		       const char *id, int64_t revision)
{
	struct notice notice = fixture_notice(id, revision);
	struct fixture_release release =
		fixture_sign(fixture, fixture->targets, version, version, &notice, 1);
	char *body = fixture_publish_body(&release, id, revision, NULL);
	struct http_response response;
	long status;

	fixture_upload(fixture, &release);
	response = fixture_send(fixture, "POST", "/api/v1/publish", token, body);
	status = response.status;
	http_response_done(&response);
	free(body);
	fixture_release_done(&release);
	return status;
}

static void second_person_is_added_and_works(void **state)
{
	const struct fixture *fixture = *state;
	char token[65];
	json_t *list;

	json_decref(fixture_call(fixture, "POST", "/api/v1/staff", OWN, 200));
	fixture_refused(fixture, "POST", "/api/v1/staff", fixture->token, OWN, 409,
			"exists already");
	assert_int_equal(fixture_login(fixture, "hanako", "asa-no-hikari-1", token), 200);
	list = fixture_call(fixture, "GET", "/api/v1/staff", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(list, "staff")), 2);
	assert_string_equal(
		json_string_value(json_object_get(
			json_array_get(json_object_get(list, "staff"), 0), "role")),
		"approver");
	json_decref(list);
	put_notice(fixture, token, "flu-2026", 1);
	assert_int_equal(publish_as(fixture, token, 2, "flu-2026", 1), 200);
}

static void password_that_the_server_made_up_logs_in(void **state)
{
	const struct fixture *fixture = *state;
	json_t *made = fixture_call(fixture, "POST", "/api/v1/staff",
				    "{\"name\":\"山田\",\"role\":\"author\"}", 200);
	char token[65];

	assert_int_equal(
		fixture_login(fixture, "山田",
			      json_string_value(json_object_get(made, "password")),
			      token),
		200);
	json_decref(made);
}

static void only_administrators_see_and_add_staff(void **state)
{
	struct fixture *fixture = *state;
	char token[65];

	fixture_add_staff(fixture, "hanako", STAFF_APPROVER, token);
	fixture_refused(fixture, "GET", "/api/v1/staff", token, NULL, 403,
			"administrator");
	fixture_refused(fixture, "POST", "/api/v1/staff", token, OWN, 403,
			"administrator");
	fixture_refused(fixture, "POST", "/api/v1/staff/password", token,
			"{\"name\":\"" FIXTURE_ADMINISTRATOR "\"}", 403, "administrator");
}

static void weak_or_wrong_entries_are_refused(void **state)
{
	static const struct {
		const char *body, *part;
	} wrong[] = {
		{"{\"name\":\"jiro\",\"role\":\"author\",\"password\":\"short\"}",
		 "password"},
		{"{\"name\":\"jiro\",\"role\":\"chief\"}", "role"},
		{"{\"role\":\"author\"}", "name"},
		{"{\"name\":\"a\\nb\",\"role\":\"author\"}", "name"},
		{"{\"name\":\"jiro\",\"role\":\"author\",\"admin\":true}", "admin"},
	};
	const struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		fixture_refused(fixture, "POST", "/api/v1/staff", fixture->token,
				wrong[i].body, 400, wrong[i].part);
}

static void own_password_wants_the_old_one_and_ends_the_sessions(void **state)
{
	struct fixture *fixture = *state;
	struct http_response response;
	char token[65];

	fixture_add_staff(fixture, "hanako", STAFF_AUTHOR, token);
	fixture_refused(fixture, "POST", "/api/v1/staff/password", token,
			"{\"password\":\"asa-no-hikari-1\"}", 400, "old");
	json_decref(fixture_call(fixture, "GET", "/api/v1/notices", NULL, 200));
	fixture_refused(fixture, "POST", "/api/v1/staff/password", token,
			"{\"old\":\"guessed-wrongly\",\"password\":\"asa-no-hikari-1\"}",
			403, "old password");
	/* A guess costs the session. */
	fixture_refused(fixture, "GET", "/api/v1/notices", token, NULL, 401, "log in");
	assert_int_equal(fixture_login(fixture, "hanako", FIXTURE_PASSWORD, token), 200);
	response = fixture_send(fixture, "POST", "/api/v1/staff/password", token,
				"{\"old\":\"" FIXTURE_PASSWORD
				"\",\"password\":\"asa-no-hikari-1\"}");
	assert_int_equal(response.status, 200);
	http_response_done(&response);
	fixture_refused(fixture, "GET", "/api/v1/notices", token, NULL, 401, "log in");
	assert_int_equal(fixture_login(fixture, "hanako", FIXTURE_PASSWORD, token), 401);
	assert_int_equal(fixture_login(fixture, "hanako", "asa-no-hikari-1", token), 200);
}

static void administrator_gives_a_new_password(void **state)
{
	struct fixture *fixture = *state;
	char token[65], other[65];
	json_t *made;

	fixture_add_staff(fixture, "hanako", STAFF_AUTHOR, token);
	made = fixture_call(fixture, "POST", "/api/v1/staff/password",
			    "{\"name\":\"hanako\"}", 200);
	fixture_refused(fixture, "GET", "/api/v1/notices", token, NULL, 401, "log in");
	assert_int_equal(
		fixture_login(fixture, "hanako",
			      json_string_value(json_object_get(made, "password")),
			      other),
		200);
	json_decref(made);
	fixture_refused(fixture, "POST", "/api/v1/staff/password", fixture->token,
			"{\"name\":\"nobody\"}", 404, "nobody");
}

static void refuse_own_notices(struct fixture *fixture)
{
	pthread_mutex_lock(&fixture->city->lock);
	fixture->settings.own_notices = OWN_NOTICES_REFUSED;
	pthread_mutex_unlock(&fixture->city->lock);
}

static void nobody_publishes_their_own_notice_where_that_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char token[65];

	fixture_add_staff(fixture, "hanako", STAFF_APPROVER, token);
	put_notice(fixture, token, "flu-2026", 1);
	refuse_own_notices(fixture);
	assert_int_equal(publish_as(fixture, token, 2, "flu-2026", 1), 403);
	/* A later draft does not hide whose the first one is. */
	put_notice(fixture, fixture->token, "flu-2026", 2);
	assert_int_equal(publish_as(fixture, token, 2, "flu-2026", 1), 403);
	assert_int_equal(publish_as(fixture, token, 2, "flu-2026", 2), 200);
	/* What is on the screens already holds nothing up. */
	assert_int_equal(publish_as(fixture, fixture->token, 3, "flu-2026", 2), 200);
}

#define with_city(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_city(second_person_is_added_and_works),
		with_city(password_that_the_server_made_up_logs_in),
		with_city(only_administrators_see_and_add_staff),
		with_city(weak_or_wrong_entries_are_refused),
		with_city(own_password_wants_the_old_one_and_ends_the_sessions),
		with_city(administrator_gives_a_new_password),
		with_city(nobody_publishes_their_own_notice_where_that_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
