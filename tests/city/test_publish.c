#include <pthread.h>
#include <unistd.h>

#include "city/waiting.h"
#include "city_fixture.h"

#define PUBLISH "/api/v1/publish"

/* The state of notice @id as staff see it. */
static char *state_of(const struct fixture *fixture, const char *id)
{
	char path[128];
	json_t *row;
	char *state;

	snprintf(path, sizeof(path), "/api/v1/notices/%s", id);
	row = fixture_call(fixture, "GET", path, NULL, 200);
	state = strdup(json_string_value(json_object_get(row, "state")));
	json_decref(row);
	return state;
}

static void assert_state(const struct fixture *fixture, const char *id,
			 const char *expected)
{
	char *state = state_of(fixture, id);

	assert_string_equal(state, expected);
	free(state);
}

static void put_notice(const struct fixture *fixture, const char *id, int64_t revision)
{
	char *json = fixture_notice_json(id, revision);
	char path[128];

	snprintf(path, sizeof(path), "/api/v1/notices/%s", id);
	json_decref(fixture_call(fixture, "PUT", path, json, 200));
	free(json);
}

/* Signs version 2 with @notice, uploads it; the body of POST publish is owned. */
static char *prepare(const struct fixture *fixture, const struct signer *signer,
		     int64_t version, int64_t programme_version)
{
	struct fixture_release release =
		fixture_sign(fixture, signer, version, programme_version, NULL, 0);
	char *body = fixture_publish_body(&release, NULL, 0, NULL);

	fixture_upload(fixture, &release);
	fixture_release_done(&release);
	return body;
}

static void assert_refused(const struct fixture *fixture, const char *body, long status,
			   const char *part)
{
	struct tuf_trust *trust;

	fixture_refused(fixture, "POST", PUBLISH, fixture->token, body, status, part);
	trust = fixture_verify(fixture, clock_now().wall);
	assert_int_equal(tuf_targets_version(trust), 1);
	assert_int_equal(tuf_timestamp_version(trust), 1);
	tuf_trust_free(trust);
}

/* ---- Notices ---- */

static void notice_is_stored_and_listed(void **state)
{
	struct fixture *fixture = *state;
	json_t *list, *row;

	put_notice(fixture, "flu-2026", 1);
	put_notice(fixture, "flu-2026", 2);
	list = fixture_call(fixture, "GET", "/api/v1/notices", NULL, 200);
	assert_int_equal(json_array_size(json_object_get(list, "notices")), 1);
	row = json_array_get(json_object_get(list, "notices"), 0);
	assert_int_equal(fixture_int(row, "revision"), 2);
	assert_string_equal(json_string_value(json_object_get(row, "author")),
			    FIXTURE_ADMINISTRATOR);
	assert_string_equal(json_string_value(json_object_get(
				    json_object_get(row, "notice"), "department")),
			    "健康課");
	json_decref(list);
	assert_state(fixture, "flu-2026", "draft");
}

static void wrong_notices_are_refused_with_the_place(void **state)
{
	static const char head[] = "{\"format\":\"ekimae.notice/1\",\"id\":\"a\","
				   "\"title\":\"t\",\"department\":\"d\",";
	static const struct {
		const char *tail, *part;
	} wrong[] = {
		{"\"from\":\"2026-11-22T00:00:00Z\",\"until\":\"2026-11-01T00:00:00Z\"}",
		 "until"},
		{"\"from\":\"soon\",\"until\":\"2026-12-01T00:00:00Z\"}", "from"},
		{"\"from\":\"2026-11-22T00:00:00Z\",\"until\":\"2026-12-01T00:00:00Z\","
		 "\"dwell_s\":9999999999999}",
		 "dwell_s"},
		{"\"from\":\"2026-11-22T00:00:00Z\",\"until\":\"2026-12-01T00:00:00Z\","
		 "\"colour\":\"red\"}",
		 "colour"},
		{"\"from\":", "notice"},
		{"\"from\":\"2026-11-22T00:00:00Z\",\"until\":\"2026-12-01T00:00:00Z\","
		 "\"picture\":{\"file\":\"a.png\",\"alt\":\"x\"}}",
		 "picture.file"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		char *body;

		assert_true(asprintf(&body, "%s%s", head, wrong[i].tail) > 0);
		fixture_refused(fixture, "PUT", "/api/v1/notices/a", fixture->token, body,
				400, wrong[i].part);
		free(body);
	}
	json_decref(fixture_call(fixture, "GET", "/api/v1/notices/a", NULL, 404));
}

static void notice_under_another_address_is_refused(void **state)
{
	struct fixture *fixture = *state;
	char *json = fixture_notice_json("flu-2026", 1);

	fixture_refused(fixture, "PUT", "/api/v1/notices/other", fixture->token, json,
			400, "the address says");
	free(json);
}

static void revision_that_does_not_follow_is_a_conflict(void **state)
{
	struct fixture *fixture = *state;
	char *json = fixture_notice_json("flu-2026", 1);

	put_notice(fixture, "flu-2026", 1);
	fixture_refused(fixture, "PUT", "/api/v1/notices/flu-2026", fixture->token, json,
			409, "revision 1");
	free(json);
}

static void ten_megabytes_of_title_are_refused(void **state)
{
	struct fixture *fixture = *state;
	size_t len = 10 * 1024 * 1024;
	char *body = malloc(len);
	struct http_response response;

	assert_non_null(body);
	memset(body, 'a', len);
	response = fixture_send_with(fixture->http, fixture, "PUT", "/api/v1/notices/a",
				     fixture->token, body, len);
	assert_int_equal(response.status, 413);
	assert_non_null(strstr(response.body, "65536"));
	http_response_done(&response);
	free(body);
	json_decref(fixture_call(fixture, "GET", "/api/v1/health", NULL, 200));
}

/* ---- Objects ---- */

static void objects_are_kept_under_their_hash_only(void **state)
{
	static const char bytes[] = "{\"a\":1}";
	char path[128] = "/api/v1/objects/";
	uint8_t hash[SHA256_SIZE];
	struct fixture *fixture = *state;
	struct http_response response;

	sha256(bytes, strlen(bytes), hash);
	hex_encode(hash, sizeof(hash), path + strlen(path));
	json_decref(fixture_call(fixture, "GET", path, NULL, 404));
	fixture_refused(fixture, "PUT", path, fixture->token, "{\"a\":2}", 400,
			"SHA-256");
	json_decref(fixture_call(fixture, "PUT", path, bytes, 200));
	response = fixture_send(fixture, "GET", path, fixture->token, NULL);
	assert_int_equal(response.status, 200);
	assert_string_equal(response.body, bytes);
	http_response_done(&response);
	fixture_refused(fixture, "PUT", "/api/v1/objects/..%2f..%2fcity.db",
			fixture->token, bytes, 404, "");
	fixture_refused(fixture, "PUT", "/api/v1/objects/xyz", fixture->token, bytes, 400,
			"64 hex digits");
}

/* ---- Publishing ---- */

static void publishing_makes_a_version_that_clients_accept(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_trust *trust;
	int64_t rows = 0;
	struct err err = {0};

	put_notice(fixture, "flu-2026", 1);
	fixture_publish(fixture, 2, "flu-2026", 1, NULL);
	trust = fixture_verify(fixture, clock_now().wall);
	assert_int_equal(tuf_targets_version(trust), 2);
	assert_int_equal(tuf_snapshot_version(trust), 2);
	assert_int_equal(tuf_timestamp_version(trust), 2);
	tuf_trust_free(trust);
	assert_state(fixture, "flu-2026", "published");
	fixture_publish(fixture, 3, NULL, 0, "flu-2026");
	assert_state(fixture, "flu-2026", "withdrawn");
	pthread_mutex_lock(&fixture->city->lock);
	assert_ok(audit_verify(fixture->city->db, &rows, &err), err);
	pthread_mutex_unlock(&fixture->city->lock);
	/* The administrator, the login, the notice, two publications. */
	assert_int_equal(rows, 5);
}

static void draft_of_a_published_notice_stays_a_draft(void **state)
{
	struct fixture *fixture = *state;

	put_notice(fixture, "flu-2026", 1);
	fixture_publish(fixture, 2, "flu-2026", 1, NULL);
	put_notice(fixture, "flu-2026", 2);
	fixture_publish(fixture, 3, "flu-2026", 1, NULL);
	assert_state(fixture, "flu-2026", "draft");
}

static void other_versions_than_the_next_are_conflicts(void **state)
{
	struct fixture *fixture = *state;
	static const int64_t versions[] = {1, 3};

	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		char *body = prepare(fixture, fixture->targets, versions[i], 2);

		assert_refused(fixture, body, 409, "the next one is 2");
		free(body);
	}
}

static void programme_that_does_not_grow_is_a_conflict(void **state)
{
	struct fixture *fixture = *state;
	char *body = prepare(fixture, fixture->targets, 2, 1);

	assert_refused(fixture, body, 409, "version");
	free(body);
}

static void targets_signed_by_another_key_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	struct signer *thief = signer_generate(&err);
	char *body = prepare(fixture, thief, 2, 2);

	assert_refused(fixture, body, 403, "");
	free(body);
	signer_free(thief);
}

static void targets_changed_after_signing_are_refused(void **state)
{
	struct fixture *fixture = *state;
	char *body = prepare(fixture, fixture->targets, 2, 2);
	char *hash = strstr(body, "programme.json");

	assert_non_null(hash);
	hash = strstr(hash, "sha256");
	assert_non_null(hash);
	hash = strpbrk(hash + strlen("sha256"), "0123456789abcdef");
	assert_non_null(hash);
	*hash = *hash == '0' ? '1' : '0';
	assert_refused(fixture, body, 403, "");
	free(body);
}

static void targets_whose_files_are_missing_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct fixture_release release =
		fixture_sign(fixture, fixture->targets, 2, 2, NULL, 0);
	char *body = fixture_publish_body(&release, NULL, 0, NULL);

	assert_refused(fixture, body, 400, "programme.json");
	free(body);
	fixture_release_done(&release);
}

/* Signs @programme, whatever it is, as programme.json of version 2. */
static char *prepare_document(const struct fixture *fixture, const char *path,
			      const char *programme)
{
	struct fixture_release release =
		fixture_sign(fixture, fixture->targets, 2, 2, NULL, 0);
	const struct signer *signer = fixture->targets;
	struct wall_ms expires = {clock_now().wall.ms + DAY_MS};
	struct err err = {0};
	char *body;
	size_t len;

	free(release.files[1]);
	free(release.signed_targets);
	release.files[1] = strdup(programme);
	fixture_describe(&release.targets[1], path, programme, strlen(programme));
	release.signed_targets =
		tuf_build_targets(2, expires, release.targets, 2, &signer, 1, &len, &err);
	assert_ok(release.signed_targets != NULL, err);
	fixture_upload(fixture, &release);
	body = fixture_publish_body(&release, NULL, 0, NULL);
	fixture_release_done(&release);
	return body;
}

static void documents_that_no_screen_could_read_are_refused(void **state)
{
	struct fixture *fixture = *state;
	char *body = prepare_document(fixture, "programme.json",
				      "{\"format\":\"ekimae.programme/1\"}");

	assert_refused(fixture, body, 400, "programme.json: ");
	free(body);
	body = prepare_document(fixture, "other.json", "{}");
	assert_refused(fixture, body, 400, "needs both");
	free(body);
}

static void paths_that_leave_the_folder_are_refused(void **state)
{
	static const char *const paths[] = {
		"../programme.json", "/etc/passwd", "a//b", "a/./b", ".hidden", "a b"};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		struct fixture_release release =
			fixture_sign(fixture, fixture->targets, 2, 2, NULL, 0);
		const struct signer *signer = fixture->targets;
		struct wall_ms expires = {clock_now().wall.ms + DAY_MS};
		struct tuf_target targets[3];
		struct err err = {0};
		size_t len;
		char *body;

		memcpy(targets, release.targets, sizeof(release.targets));
		fixture_describe(&targets[2], paths[i], "x", 1);
		free(release.signed_targets);
		release.signed_targets =
			tuf_build_targets(2, expires, targets, 3, &signer, 1, &len, &err);
		assert_ok(release.signed_targets != NULL, err);
		fixture_upload(fixture, &release);
		body = fixture_publish_body(&release, NULL, 0, NULL);
		assert_refused(fixture, body, 400, "plain path");
		free(body);
		fixture_release_done(&release);
	}
}

static void claims_that_the_programme_contradicts_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct notice notice = fixture_notice("flu-2026", 1);
	struct fixture_release release =
		fixture_sign(fixture, fixture->targets, 2, 2, &notice, 1);
	char *body;

	fixture_upload(fixture, &release);
	body = fixture_publish_body(&release, "flu-2026", 2, NULL);
	assert_refused(fixture, body, 400, "revision 2");
	free(body);
	body = fixture_publish_body(&release, "absent", 1, NULL);
	assert_refused(fixture, body, 400, "published[0].id");
	free(body);
	body = fixture_publish_body(&release, NULL, 0, "flu-2026");
	assert_refused(fixture, body, 400, "still holds");
	free(body);
	fixture_release_done(&release);
}

/* ---- News and files ---- */

struct poll {
	struct fixture *fixture;
	int64_t after, got;
	int64_t took_ms;
	int wait_s;
};

static void *poll_news(void *context)
{
	struct poll *poll = context;
	const struct http_options options = {0};
	struct err err = {0};
	struct http *http = http_new(&options, &err);
	struct mono_ms begun = clock_mono();
	struct http_response response;
	char path[64];
	json_t *answer;

	snprintf(path, sizeof(path), "/news?after=%" PRId64 "&wait=%d", poll->after,
		 poll->wait_s);
	response = fixture_send_with(http, poll->fixture, "GET", path, NULL, NULL, 0);
	poll->took_ms = clock_mono().ms - begun.ms;
	answer = json_loadb(response.body, response.body_len, 0, NULL);
	poll->got = response.status == 200 ? fixture_int(answer, "timestamp") : -1;
	json_decref(answer);
	http_response_done(&response);
	http_free(http);
	return NULL;
}

static void publishing_wakes_who_waits_for_news(void **state)
{
	struct poll polls[8];
	pthread_t threads[8];
	struct fixture *fixture = *state;

	for (size_t i = 0; i < ARRAY_LEN(polls); i++) {
		polls[i] = (struct poll){.fixture = fixture, .after = 1, .wait_s = 50};
		assert_int_equal(pthread_create(&threads[i], NULL, poll_news, &polls[i]),
				 0);
	}
	fixture_publish(fixture, 2, NULL, 0, NULL);
	for (size_t i = 0; i < ARRAY_LEN(polls); i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(polls[i].got, 2);
		assert_true(polls[i].took_ms < 40000);
	}
}

static void news_without_news_ends_with_its_wait(void **state)
{
	struct poll poll = {.fixture = *state, .after = 1, .wait_s = 1};

	poll_news(&poll);
	assert_int_equal(poll.got, 1);
	assert_true(poll.took_ms >= 1000 && poll.took_ms < 40000);
	poll.wait_s = 0;
	poll_news(&poll);
	assert_int_equal(poll.got, 1);
	poll.after = 0;
	poll.wait_s = 50;
	poll_news(&poll);
	assert_int_equal(poll.got, 1);
	assert_true(poll.took_ms < 40000);
}

static void stopping_answers_who_waits(void **state)
{
	struct fixture *fixture = *state;
	struct poll poll = {.fixture = fixture, .after = 1, .wait_s = 50};
	struct server *server;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, poll_news, &poll), 0);
	while (waiting_is_empty(fixture->city->waiting))
		usleep(1000);
	server = fixture->server;
	fixture->server = NULL;
	server_stop(server);
	pthread_join(thread, NULL);
	assert_int_equal(poll.got, 1);
	assert_true(poll.took_ms < 40000);
}

struct traffic {
	struct fixture *fixture;
	_Atomic bool enough;
	_Atomic int answered;
};

/* Calls until there is nobody to answer; each answer must be a whole one. */
static void *keep_calling(void *context)
{
	struct traffic *traffic = context;
	const struct http_options options = {0};
	struct err err = {0};
	struct http *http = http_new(&options, &err);
	char url[128];
	const struct http_request request = {
		.method = "GET", .url = url, .max_bytes = 1 << 20};

	snprintf(url, sizeof(url), "%s/api/v1/health", traffic->fixture->base);
	while (!traffic->enough) {
		struct http_response response = {0};

		if (!http_send(http, &request, &response, &err))
			break;
		assert_true(response.status == 200 || response.status == 503);
		http_response_done(&response);
		traffic->answered++;
	}
	http_free(http);
	return NULL;
}

static void stopping_under_traffic_answers_or_closes(void **state)
{
	struct fixture *fixture = *state;
	struct traffic traffic = {.fixture = fixture};
	struct server *server = fixture->server;
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		assert_int_equal(
			pthread_create(&threads[i], NULL, keep_calling, &traffic), 0);
	while (traffic.answered < 20)
		usleep(1000);
	fixture->server = NULL;
	server_stop(server);
	traffic.enough = true;
	for (size_t i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);
}

static void wrong_news_parameters_are_refused(void **state)
{
	struct fixture *fixture = *state;

	fixture_refused(fixture, "GET", "/news?after=x", NULL, NULL, 400, "after");
	fixture_refused(fixture, "GET", "/news?wait=56", NULL, NULL, 400, "wait");
	fixture_refused(fixture, "GET", "/news?wait=-1", NULL, NULL, 400, "wait");
	fixture_refused(fixture, "GET", "/news?wait=%2B1", NULL, NULL, 400, "wait");
	fixture_refused(fixture, "GET", "/news?wait=", NULL, NULL, 400, "wait");
	fixture_refused(fixture, "GET", "/news?after=99999999999999999999", NULL, NULL,
			400, "after");
}

/* Gets a file; 304 when @etag is its own, else 200 with @out_etag set. */
static long get_file(const struct fixture *fixture, const char *path, const char *etag,
		     char out_etag[static 128])
{
	char url[512];
	const struct http_request request = {
		.method = "GET", .url = url, .etag = etag, .max_bytes = 1 << 20};
	struct http_response response = {0};
	struct err err = {0};
	long status;

	snprintf(url, sizeof(url), "%s/repository/%s", fixture->base, path);
	assert_ok(http_send(fixture->http, &request, &response, &err), err);
	memcpy(out_etag, response.etag, 128);
	status = response.status;
	http_response_done(&response);
	return status;
}

static void files_are_served_once_and_then_known(void **state)
{
	struct fixture *fixture = *state;
	char target[256], etag[128], again[128], hex[SHA256_HEX_SIZE];
	uint8_t hash[SHA256_SIZE];
	size_t len;
	char *plan = tmp_read(FIXTURE_PLAN, &len);

	sha256(plan, len, hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(target, sizeof(target), "targets/%s.plan.json", hex);
	free(plan);
	assert_int_equal(get_file(fixture, target, NULL, etag), 200);
	assert_non_null(strstr(etag, hex));
	assert_int_equal(get_file(fixture, target, etag, again), 304);
	assert_int_equal(get_file(fixture, "metadata/timestamp.json", NULL, etag), 200);
	assert_int_equal(get_file(fixture, "metadata/timestamp.json", etag, again), 304);
	fixture_publish(fixture, 2, NULL, 0, NULL);
	assert_int_equal(get_file(fixture, "metadata/timestamp.json", etag, again), 200);
	assert_string_not_equal(etag, again);
}

static void only_files_of_the_repository_are_served(void **state)
{
	static const char *const paths[] = {
		"metadata/..%2f..%2fkeys%2ftimestamp.pem",
		"metadata/",
		"metadata",
		"",
		"keys/timestamp.pem",
		"targets/",
		"targets/%2e%2e/metadata/timestamp.json",
		"metadata/2.targets.json",
		"metadata/01.root.json",
		"metadata/1.root.json%00",
	};
	struct fixture *fixture = *state;
	char etag[128], early[PATH_MAX];

	/* Written, as a publication does, but not published. */
	snprintf(early, sizeof(early), "%s/repository/metadata", fixture->state);
	tmp_write(early, "2.targets.json", "{}", 2);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		long status = get_file(fixture, paths[i], NULL, etag);

		if (status != 404 && !(i == ARRAY_LEN(paths) - 1 && status == 200))
			fail_msg("%s: %ld", paths[i], status);
	}
	assert_int_equal(get_file(fixture, "metadata/1.root.json", NULL, etag), 200);
	fixture_refused(fixture, "PUT", "/repository/metadata/timestamp.json",
			fixture->token, "{}", 405, "GET");
}

static void unknown_addresses_and_methods_are_told(void **state)
{
	struct fixture *fixture = *state;

	fixture_refused(fixture, "GET", "/", NULL, NULL, 404, "no such address");
	fixture_refused(fixture, "GET", "/api/v1/", NULL, NULL, 404, "no such address");
	fixture_refused(fixture, "GET", "/api/v1/notices/a/b", fixture->token, NULL, 404,
			"no such address");
	fixture_refused(fixture, "DELETE", "/api/v1/notices/a", NULL, NULL, 405,
			"method");
	fixture_refused(fixture, "GET", "/api/v1/login", NULL, NULL, 405, "POST");
}

#define with_city(test)                                                                  \
	cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_city(notice_is_stored_and_listed),
		with_city(wrong_notices_are_refused_with_the_place),
		with_city(notice_under_another_address_is_refused),
		with_city(revision_that_does_not_follow_is_a_conflict),
		with_city(ten_megabytes_of_title_are_refused),
		with_city(objects_are_kept_under_their_hash_only),
		with_city(publishing_makes_a_version_that_clients_accept),
		with_city(draft_of_a_published_notice_stays_a_draft),
		with_city(other_versions_than_the_next_are_conflicts),
		with_city(programme_that_does_not_grow_is_a_conflict),
		with_city(targets_signed_by_another_key_are_refused),
		with_city(targets_changed_after_signing_are_refused),
		with_city(targets_whose_files_are_missing_are_refused),
		with_city(documents_that_no_screen_could_read_are_refused),
		with_city(paths_that_leave_the_folder_are_refused),
		with_city(claims_that_the_programme_contradicts_are_refused),
		with_city(publishing_wakes_who_waits_for_news),
		with_city(news_without_news_ends_with_its_wait),
		with_city(stopping_answers_who_waits),
		with_city(stopping_under_traffic_answers_or_closes),
		with_city(wrong_news_parameters_are_refused),
		with_city(files_are_served_once_and_then_known),
		with_city(only_files_of_the_repository_are_served),
		with_city(unknown_addresses_and_methods_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
