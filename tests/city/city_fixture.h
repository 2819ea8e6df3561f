#ifndef CITY_CITY_FIXTURE_H
#define CITY_CITY_FIXTURE_H

/*
 * A real city in a temporary folder: made by init_state(), served on a port that the system
 * chose, and talked to over HTTP, as ekimaectl and a courier do.
 */
#include "support/test.h"

#include <inttypes.h>
#include <jansson.h>
#include <limits.h>

#include "city/city.h"
#include "city/init.h"
#include "city/password.h"
#include "city/publisher.h"
#include "city/server.h"
#include "city/settings.h"
#include "core/notice.h"
#include "core/programme.h"
#include "os/clock.h"
#include "os/file.h"
#include "store/citydb.h"
#include "support/tmp.h"
#include "sync/http.h"
#include "wire/digest.h"
#include "wire/key.h"
#include "wire/programme_json.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

#define FIXTURE_ADMINISTRATOR "kanri"
#define FIXTURE_PASSWORD      "himitsu-no-kotoba"
#define FIXTURE_PLAN          EKIMAE_SOURCE_DIR "/assets/plan/plan.json"
#define FIXTURE_ANSWER_MAX    (16 * 1024 * 1024)

struct fixture {
	char *dir, *state;
	struct city_settings settings;
	struct city *city;
	struct server *server;
	struct http *http;
	struct signer *targets;
	int emergency_keys; /* 0 to 2, of which all are needed; before the state is made */
	struct signer *emergency[2];
	char *plan; /* published by fixture_publish(), owned; NULL: FIXTURE_PLAN */
	char base[64];
	char token[65]; /* of the administrator */
};

static inline void fixture_make_state(struct fixture *fixture)
{
	char *roots, *key, *pem;
	struct init_options options = {
		.plan = FIXTURE_PLAN,
		.targets_keys = 1,
		.targets_threshold = 1,
		.emergency_keys = fixture->emergency_keys,
		.emergency_threshold = fixture->emergency_keys,
		.administrator = FIXTURE_ADMINISTRATOR,
		.password = FIXTURE_PASSWORD,
	};
	struct err err = {0};
	size_t len;

	fixture->dir = tmp_dir();
	options.state = fixture->state = tmp_path(fixture->dir, "state");
	options.root_keys = roots = tmp_path(fixture->dir, "roots");
	options.targets_key = key = tmp_path(fixture->dir, "targets.pem");
	assert_ok(init_state(&options, clock_now().wall, &err), err);
	pem = tmp_read(key, &len);
	fixture->targets = signer_from_pem(pem, len, &err);
	assert_ok(fixture->targets != NULL, err);
	free(pem);
	for (int i = 0; i < fixture->emergency_keys; i++) {
		char name[40];

		snprintf(name, sizeof(name),
			 fixture->emergency_keys > 1 ? "roots/emergency-%d.pem"
						     : "roots/emergency.pem",
			 i + 1);
		free(key);
		key = tmp_path(fixture->dir, name);
		pem = tmp_read(key, &len);
		fixture->emergency[i] = signer_from_pem(pem, len, &err);
		assert_ok(fixture->emergency[i] != NULL, err);
		free(pem);
	}
	free(key);
	free(roots);
	fixture->settings = city_settings_default;
	snprintf(fixture->settings.state, sizeof(fixture->settings.state), "%s",
		 fixture->state);
	snprintf(fixture->settings.listen, sizeof(fixture->settings.listen),
		 "127.0.0.1:0");
}

static inline void fixture_start(struct fixture *fixture)
{
	const struct http_options options = {0};
	struct err err = {0};

	fixture->city = city_open(&fixture->settings, clock_now().wall, &err);
	assert_ok(fixture->city != NULL, err);
	fixture->server = server_start(fixture->city, &err);
	assert_ok(fixture->server != NULL, err);
	snprintf(fixture->base, sizeof(fixture->base), "http://127.0.0.1:%u",
		 (unsigned)server_port(fixture->server));
	fixture->http = http_new(&options, &err);
	assert_ok(fixture->http != NULL, err);
}

static inline void fixture_stop(struct fixture *fixture)
{
	fixture->http = http_free(fixture->http);
	fixture->server = server_stop(fixture->server);
	fixture->city = city_close(fixture->city);
}

static inline void fixture_done(struct fixture *fixture)
{
	fixture_stop(fixture);
	signer_free(fixture->targets);
	for (int i = 0; i < fixture->emergency_keys; i++)
		signer_free(fixture->emergency[i]);
	free(fixture->plan);
	free(fixture->state);
	tmp_remove(fixture->dir);
}

/* ---- Requests ---- */

/* Sends with @http, which is the thread's own. @token NULL: without one. */
static inline struct http_response fixture_send_with(struct http *http,
						     const struct fixture *fixture,
						     const char *method, const char *path,
						     const char *token, const void *body,
						     size_t len)
{
	char url[512];
	const struct http_request request = {
		.method = method,
		.url = url,
		.body = body,
		.body_len = len,
		.content_type = body ? "application/json" : NULL,
		.bearer = token,
		.max_bytes = FIXTURE_ANSWER_MAX,
	};
	struct http_response response = {0};
	struct err err = {0};

	snprintf(url, sizeof(url), "%s%s", fixture->base, path);
	assert_ok(http_send(http, &request, &response, &err), err);
	return response;
}

static inline struct http_response fixture_send(const struct fixture *fixture,
						const char *method, const char *path,
						const char *token, const char *body)
{
	return fixture_send_with(fixture->http, fixture, method, path, token, body,
				 body ? strlen(body) : 0);
}

/* Sends as the administrator, expects @status, returns the answer (owned). */
static inline json_t *fixture_call(const struct fixture *fixture, const char *method,
				   const char *path, const char *body, long status)
{
	struct http_response response =
		fixture_send(fixture, method, path, fixture->token, body);
	json_t *answer = json_loadb(response.body, response.body_len, 0, NULL);

	if (response.status != status)
		fail_msg("%s %s: %ld %s", method, path, response.status, response.body);
	http_response_done(&response);
	return answer;
}

/* Sends and expects an error of @status with @part in its sentence. */
static inline void fixture_refused(const struct fixture *fixture, const char *method,
				   const char *path, const char *token, const char *body,
				   long status, const char *part)
{
	struct http_response response = fixture_send(fixture, method, path, token, body);
	json_t *answer = json_loadb(response.body, response.body_len, 0, NULL);
	const char *sentence = json_string_value(json_object_get(answer, "error"));

	if (response.status != status || !sentence || !strstr(sentence, part))
		fail_msg("%s %s: %ld %s, expected %ld with \"%s\"", method, path,
			 response.status, response.body, status, part);
	json_decref(answer);
	http_response_done(&response);
}

static inline int64_t fixture_int(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	if (!json_is_integer(value))
		fail_msg("%s: is no integer", key);
	return json_integer_value(value);
}

/* Logs in and returns the status; @token gets the session's, when there is one. */
static inline long fixture_login(const struct fixture *fixture, const char *name,
				 const char *password, char token[static 65])
{
	json_t *body = json_pack("{s:s, s:s}", "name", name, "password", password);
	char *text = json_dumps(body, JSON_COMPACT);
	struct http_response response =
		fixture_send(fixture, "POST", "/api/v1/login", NULL, text);
	json_t *answer = json_loadb(response.body, response.body_len, 0, NULL);
	const char *given = json_string_value(json_object_get(answer, "token"));
	long status = response.status;

	token[0] = '\0';
	if (given) {
		assert_int_equal(strlen(given), 64);
		memcpy(token, given, 65);
	}
	json_decref(answer);
	http_response_done(&response);
	free(text);
	json_decref(body);
	return status;
}

/*
 * A started city with the administrator logged in; alarms need @emergency_keys signatures, 0:
 * nobody has keys for them.
 */
static inline struct fixture *fixture_new_with(int emergency_keys)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	fixture->emergency_keys = emergency_keys;
	fixture_make_state(fixture);
	fixture_start(fixture);
	assert_int_equal(fixture_login(fixture, FIXTURE_ADMINISTRATOR, FIXTURE_PASSWORD,
				       fixture->token),
			 200);
	return fixture;
}

static inline struct fixture *fixture_new(void)
{
	return fixture_new_with(0);
}

static inline int fixture_set_up(void **state)
{
	*state = fixture_new();
	return 0;
}

static inline int fixture_tear_down(void **state)
{
	struct fixture *fixture = *state;

	fixture_done(fixture);
	free(fixture);
	return 0;
}

/* Adds a member of staff behind the server's back, and logs in. */
static inline void fixture_add_staff(struct fixture *fixture, const char *name,
				     enum staff_role role, char token[static 65])
{
	char hash[PASSWORD_HASH_SIZE];
	struct err err = {0};

	assert_ok(password_hash(FIXTURE_PASSWORD, hash, &err), err);
	pthread_mutex_lock(&fixture->city->lock);
	assert_ok(staff_add(fixture->city->db, name, role, hash, clock_now().wall, &err),
		  err);
	pthread_mutex_unlock(&fixture->city->lock);
	assert_int_equal(fixture_login(fixture, name, FIXTURE_PASSWORD, token), 200);
}

/* ---- Screens ---- */

/* Expects the screen; its code is in @code. */
static inline void fixture_expect_screen(const struct fixture *fixture, const char *id,
					 char code[64])
{
	json_t *body = json_pack("{s:s, s:s, s:b}", "id", id, "place", "田無駅北口",
				 "counts", 1);
	char *text = json_dumps(body, JSON_COMPACT);
	json_t *answer = fixture_call(fixture, "POST", "/api/v1/screens", text, 200);

	snprintf(code, 64, "%s", json_string_value(json_object_get(answer, "code")));
	json_decref(answer);
	free(text);
	json_decref(body);
}

static inline char *fixture_enrol_body(const char *code, const struct signer *signer)
{
	uint8_t key[ED25519_PUBLIC_SIZE];
	char hex[2 * ED25519_PUBLIC_SIZE + 1];
	char *body;

	signer_public(signer, key);
	hex_encode(key, sizeof(key), hex);
	assert_true(asprintf(&body, "{\"code\":\"%s\",\"public_key\":\"%s\"}", code,
			     hex) > 0);
	return body;
}

/* Enrols a screen and returns its key, owned. */
static inline struct signer *fixture_enrol(const struct fixture *fixture, const char *id)
{
	struct err err = {0};
	struct signer *signer = signer_generate(&err);
	char code[64];
	char *body;

	fixture_expect_screen(fixture, id, code);
	body = fixture_enrol_body(code, signer);
	json_decref(fixture_call(fixture, "POST", "/api/v1/enrol", body, 200));
	free(body);
	return signer;
}

/* The row of screen @id in the list, owned. */
static inline json_t *fixture_screen_row(const struct fixture *fixture, const char *id)
{
	json_t *list = fixture_call(fixture, "GET", "/api/v1/screens", NULL, 200);
	json_t *found = NULL, *row;
	size_t i;

	json_array_foreach(json_object_get(list, "screens"), i,
			   row) if (strcmp(json_string_value(json_object_get(row, "id")),
					   id) == 0) found = json_incref(row);
	json_decref(list);
	assert_non_null(found);
	return found;
}

/* ---- Publishing ---- */

/* A notice that is valid around now. */
static inline struct notice fixture_notice(const char *id, int64_t revision)
{
	int64_t now = clock_now().wall.ms / 1000 * 1000;

	return (struct notice){
		.id = id,
		.revision = revision,
		.title = "インフルエンザ予防接種のお知らせ",
		.department = "健康課",
		.from = {now - DAY_MS},
		.until = {now + 30 * DAY_MS},
		.hours = {0x7f, 0, 1440},
		.weight = 1,
		.counts = true,
	};
}

/* "ekimae.notice/1", owned. */
static inline char *fixture_notice_json(const char *id, int64_t revision)
{
	struct notice notice = fixture_notice(id, revision);
	struct err err = {0};
	size_t len;
	char *json = notice_to_json(&notice, &len, &err);

	assert_ok(json != NULL, err);
	return json;
}

/* What a person who publishes signs: plan, programme, and the targets that name them. */
struct fixture_release {
	struct tuf_target targets[2];
	char *files[2];
	char *signed_targets;
};

static inline void fixture_describe(struct tuf_target *target, const char *path,
				    const char *bytes, size_t len)
{
	*target = (struct tuf_target){.length = (int64_t)len, .has_sha256 = true};
	snprintf(target->path, sizeof(target->path), "%s", path);
	sha256(bytes, len, target->sha256);
}

static inline struct fixture_release fixture_sign(
	const struct fixture *fixture, const struct signer *signer, int64_t version,
	int64_t programme_version, const struct notice *notices, size_t count)
{
	struct wall_ms now = clock_now().wall;
	struct programme programme = {
		.version = programme_version,
		.published = now,
		.policy = loop_policy_default,
		.notices = (struct notice *)(uintptr_t)notices,
		.notice_count = count,
	};
	struct fixture_release release = {0};
	struct err err = {0};
	size_t plan_len, programme_len, len;

	release.files[0] =
		fixture->plan ? strdup(fixture->plan) : tmp_read(FIXTURE_PLAN, &plan_len);
	plan_len = strlen(release.files[0]);
	release.files[1] = programme_to_json(&programme, &programme_len, &err);
	assert_ok(release.files[1] != NULL, err);
	fixture_describe(&release.targets[0], "plan.json", release.files[0], plan_len);
	fixture_describe(&release.targets[1], "programme.json", release.files[1],
			 programme_len);
	release.signed_targets =
		tuf_build_targets(version, (struct wall_ms){now.ms + 365 * DAY_MS},
				  release.targets, 2, &signer, 1, &len, &err);
	assert_ok(release.signed_targets != NULL, err);
	return release;
}

static inline void fixture_release_done(struct fixture_release *release)
{
	free(release->files[0]);
	free(release->files[1]);
	free(release->signed_targets);
}

static inline void fixture_upload(const struct fixture *fixture,
				  const struct fixture_release *release)
{
	for (size_t i = 0; i < 2; i++) {
		char path[128] = "/api/v1/objects/";

		hex_encode(release->targets[i].sha256, SHA256_SIZE, path + strlen(path));
		json_decref(fixture_call(fixture, "PUT", path, release->files[i], 200));
	}
}

/* The body of POST publish, owned. @revision 0: nothing is said to be published. */
static inline char *fixture_publish_body(const struct fixture_release *release,
					 const char *id, int64_t revision,
					 const char *withdrawn)
{
	json_t *body = json_pack("{s:s, s:[], s:[]}", "targets", release->signed_targets,
				 "published", "withdrawn");
	char *text;

	if (revision > 0)
		json_array_append_new(
			json_object_get(body, "published"),
			json_pack("{s:s, s:I}", "id", id, "revision", revision));
	if (withdrawn)
		json_array_append_new(json_object_get(body, "withdrawn"),
				      json_string(withdrawn));
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	assert_non_null(text);
	return text;
}

/* Publishes a programme with notice @id (none when NULL) as version @version. */
static inline void fixture_publish(const struct fixture *fixture, int64_t version,
				   const char *id, int64_t revision,
				   const char *withdrawn)
{
	struct notice notice = fixture_notice(id, revision);
	struct fixture_release release = fixture_sign(fixture, fixture->targets, version,
						      version, &notice, id ? 1 : 0);
	char *body = fixture_publish_body(&release, id, id ? revision : 0, withdrawn);

	fixture_upload(fixture, &release);
	json_decref(fixture_call(fixture, "POST", "/api/v1/publish", body, 200));
	free(body);
	fixture_release_done(&release);
}

/* ---- A screen's view ---- */

static inline char *fixture_metadata(const struct fixture *fixture, const char *name,
				     size_t *len)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/repository/metadata/%s", fixture->state, name);
	return tmp_read(path, len);
}

/*
 * What a screen that starts from the first root accepts of the files on disk, at @now; fails
 * the test when it does not accept them. Owned.
 */
static inline struct tuf_trust *fixture_verify(const struct fixture *fixture,
					       struct wall_ms now)
{
	struct err err = {0};
	struct tuf_trust *trust;
	struct tuf_meta meta;
	char name[64], *bytes;
	size_t len;

	bytes = fixture_metadata(fixture, "1.root.json", &len);
	trust = tuf_trust_new(bytes, len, &err);
	assert_ok(trust != NULL, err);
	free(bytes);
	for (int64_t version = 2;; version++) {
		char *path;

		snprintf(name, sizeof(name), "repository/metadata/%" PRId64 ".root.json",
			 version);
		path = tmp_path(fixture->state, name);
		if (!file_exists(path)) {
			free(path);
			break;
		}
		bytes = tmp_read(path, &len);
		assert_ok(tuf_update_root(trust, bytes, len, &err), err);
		free(bytes);
		free(path);
	}
	assert_ok(tuf_root_finish(trust, now, &err), err);
	bytes = fixture_metadata(fixture, "timestamp.json", &len);
	assert_ok(tuf_update_timestamp(trust, bytes, len, now, false, &err), err);
	free(bytes);
	assert_true(tuf_snapshot_meta(trust, &meta));
	snprintf(name, sizeof(name), "%" PRId64 ".snapshot.json", meta.version);
	bytes = fixture_metadata(fixture, name, &len);
	assert_ok(tuf_update_snapshot(trust, bytes, len, now, false, &err), err);
	free(bytes);
	assert_true(tuf_targets_meta(trust, &meta));
	snprintf(name, sizeof(name), "%" PRId64 ".targets.json", meta.version);
	bytes = fixture_metadata(fixture, name, &len);
	assert_ok(tuf_update_targets(trust, bytes, len, now, false, &err), err);
	free(bytes);
	for (size_t i = 0; i < tuf_target_count(trust); i++) {
		const struct tuf_target *target = tuf_target_at(trust, i);
		char file[TUF_TARGET_FILE_MAX], path[PATH_MAX];

		tuf_target_file(trust, target, file);
		snprintf(path, sizeof(path), "%s/repository/targets/%s", fixture->state,
			 file);
		bytes = tmp_read(path, &len);
		assert_ok(tuf_target_check(target, bytes, len, &err), err);
		free(bytes);
	}
	return trust;
}

#endif /* CITY_CITY_FIXTURE_H */
