/*
 * Alarms at the city's server: what the keys for them may publish, and what nobody else may.
 * Two keys are needed for an alarm, so that each refusal can lack one.
 */
#include "city_fixture.h"

#include "core/alarm.h"
#include "support/metadata.h"
#include "wire/alarms_json.h"
#include "wire/tuf_draft.h"

#define KEYS    2
#define POST    "/api/v1/emergency"
#define KEYS_OF "/api/v1/emergency/keys"
#define HOUR_MS INT64_C(3600000)

static int set_up(void **state)
{
	*state = fixture_new_with(KEYS);
	return 0;
}

static int set_up_without_role(void **state)
{
	*state = fixture_new_with(0);
	return 0;
}

static struct notice alarm_of(const char *id)
{
	struct notice notice = fixture_notice(id, 1);

	notice.urgent = true;
	notice.until.ms = notice.from.ms + DAY_MS + 48 * HOUR_MS;
	return notice;
}

static void upload(const struct fixture *fixture, const char *bytes, size_t len)
{
	char path[128] = "/api/v1/objects/";
	uint8_t hash[SHA256_SIZE];

	sha256(bytes, len, hash);
	hex_encode(hash, SHA256_SIZE, path + strlen(path));
	json_decref(fixture_call(fixture, "PUT", path, bytes, 200));
}

/* The document with this alarm, uploaded, as a target. */
static struct tuf_target put_alarm(const struct fixture *fixture, struct notice *alarm)
{
	const struct alarms alarms = {
		.published = clock_now().wall, .notices = alarm, .notice_count = 1};
	struct tuf_target target;
	struct err err = {0};
	size_t len;
	char *text = alarms_to_json(&alarms, &len, &err);

	assert_ok(text != NULL, err);
	fixture_describe(&target, ALARM_PATH, text, len);
	upload(fixture, text, len);
	free(text);
	return target;
}

/* emergency.json, signed by the first @keys of the keys. */
static char *sign_role(const struct fixture *fixture, int64_t version,
		       const struct tuf_target *targets, size_t count, size_t keys)
{
	struct wall_ms ends = {clock_now().wall.ms + 365 * DAY_MS};
	struct err err = {0};
	size_t len;
	char *text = tuf_build_targets(version, ends, targets, count,
				       (const struct signer *const *)fixture->emergency,
				       keys, &len, &err);

	assert_ok(text != NULL, err);
	return text;
}

/* Bodies of the two calls; owned. */
static char *body_of(const char *targets, const char *emergency)
{
	json_t *body = json_pack("{s:s}", "emergency", emergency);
	char *text;

	if (targets)
		json_object_set_new(body, "targets", json_string(targets));
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	return text;
}

static void raise_alarm(const struct fixture *fixture, int64_t version, const char *id)
{
	struct notice alarm = alarm_of(id);
	struct tuf_target target = put_alarm(fixture, &alarm);
	char *role = sign_role(fixture, version, &target, 1, KEYS);
	char *body = body_of(NULL, role);

	json_decref(fixture_call(fixture, "POST", POST, body, 200));
	free(body);
	free(role);
}

/* Takes @role. The repository stays as it was. */
static void refuses(const struct fixture *fixture, char *role, long status,
		    const char *part)
{
	int64_t before = publisher_timestamp_version(fixture->city->publisher);
	char *body = body_of(NULL, role);

	fixture_refused(fixture, "POST", POST, fixture->token, body, status, part);
	assert_int_equal(publisher_timestamp_version(fixture->city->publisher), before);
	free(body);
	free(role);
}

/* Which alarm a client of the repository finds; "" for none. Owned by nobody. */
static const char *alarm_on(const struct fixture *fixture)
{
	static char id[NOTICE_ID_MAX + 1];
	CLEANUP(blob_free) struct blob bytes = {0};
	struct alarms *alarms;
	struct err err = {0};

	tuf_trust_free(fixture_verify(fixture, clock_now().wall));
	assert_ok(publisher_read_alarms(fixture->city->publisher, clock_now().wall,
					&bytes, &err),
		  err);
	id[0] = '\0';
	if (bytes.len == 0)
		return id;
	alarms = alarms_from_json(ALARM_PATH, bytes.bytes, bytes.len, &err);
	assert_ok(alarms != NULL, err);
	snprintf(id, sizeof(id), "%s", alarms->notices[0].id);
	alarms_free(alarms);
	return id;
}

/* ---- What alarms may ---- */

static void alarm_is_published_and_withdrawn_by_its_keys_alone(void **state)
{
	struct fixture *fixture = *state;
	char *role, *body;

	assert_string_equal(alarm_on(fixture), "");
	raise_alarm(fixture, 2, "emergency-flood");
	assert_string_equal(alarm_on(fixture), "emergency-flood");
	assert_int_equal(publisher_targets_version(fixture->city->publisher), 1);
	role = sign_role(fixture, 3, NULL, 0, KEYS);
	body = body_of(NULL, role);
	json_decref(fixture_call(fixture, "POST", POST, body, 200));
	assert_string_equal(alarm_on(fixture), "");
	free(body);
	free(role);
}

static void alarm_is_still_on_after_a_restart_and_a_renewal(void **state)
{
	struct fixture *fixture = *state;
	struct wall_ms later = {clock_now().wall.ms + 40 * DAY_MS};
	struct err err = {0};

	raise_alarm(fixture, 2, "emergency-flood");
	fixture_stop(fixture);
	fixture_start(fixture);
	assert_string_equal(alarm_on(fixture), "emergency-flood");
	assert_ok(city_renew(fixture->city, later, &err), err);
	tuf_trust_free(fixture_verify(fixture, later));
	assert_int_equal(publisher_emergency_version(fixture->city->publisher), 2);
	assert_string_equal(alarm_on(fixture), "emergency-flood");
}

static void authors_raise_no_alarm(void **state)
{
	struct fixture *fixture = *state;
	char *role = sign_role(fixture, 2, NULL, 0, KEYS), *body = body_of(NULL, role);
	char token[65];

	fixture_add_staff(fixture, "hanako", STAFF_AUTHOR, token);
	fixture_refused(fixture, "POST", POST, token, body, 403, "approver");
	fixture_refused(fixture, "POST", POST, NULL, body, 401, "");
	free(body);
	free(role);
}

/* ---- Wrong signatures and versions ---- */

static void too_few_and_other_keys_raise_no_alarm(void **state)
{
	struct fixture *fixture = *state;
	struct notice alarm = alarm_of("emergency-flood");
	struct tuf_target target = put_alarm(fixture, &alarm);
	struct signer *own[KEYS] = {fixture->emergency[0], fixture->emergency[1]};
	char *role;

	refuses(fixture, sign_role(fixture, 2, &target, 1, 1), 403,
		"signed by 1 of the 2");
	refuses(fixture, sign_role(fixture, 2, &target, 1, 0), 403,
		"signed by 0 of the 2");
	fixture->emergency[1] = fixture->targets;
	role = sign_role(fixture, 2, &target, 1, KEYS);
	fixture->emergency[1] = own[1];
	refuses(fixture, role, 403, "signed by 1 of the 2");
	assert_string_equal(alarm_on(fixture), "");
}

static void alarms_are_published_in_order(void **state)
{
	struct fixture *fixture = *state;

	refuses(fixture, sign_role(fixture, 1, NULL, 0, KEYS), 409, "the next one is 2");
	refuses(fixture, sign_role(fixture, 3, NULL, 0, KEYS), 409, "the next one is 2");
	raise_alarm(fixture, 2, "emergency-flood");
	refuses(fixture, sign_role(fixture, 2, NULL, 0, KEYS), 409, "the next one is 3");
}

/* ---- What the role may not say ---- */

static void role_speaks_for_alarms_alone(void **state)
{
	struct fixture *fixture = *state;
	struct notice alarm = alarm_of("emergency-flood");
	struct tuf_target target = put_alarm(fixture, &alarm);
	struct tuf_target both[2] = {target, target};
	char *content, *more, *delegations, *role = sign_role(fixture, 2, NULL, 0, 0);

	snprintf(target.path, sizeof(target.path), "programme.json");
	refuses(fixture, sign_role(fixture, 2, &target, 1, KEYS), 400, "programme.json");
	snprintf(both[1].path, sizeof(both[1].path), "emergency/other.json");
	refuses(fixture, sign_role(fixture, 2, both, 2, KEYS), 400, "other.json");

	content = metadata_content(role);
	delegations = metadata_delegations("more", fixture->emergency[0],
					   "[\"emergency/*\"]", 1);
	more = metadata_set(content, "delegations", delegations);
	free(role);
	role = metadata_sign(more, (const struct signer *const *)fixture->emergency,
			     KEYS);
	refuses(fixture, role, 400, "delegates to others");
	free(content);
	free(delegations);
	free(more);
}

/* Signs and sends an alarm document of any content. */
static void refuses_document(const struct fixture *fixture, const char *text,
			     const char *part)
{
	struct tuf_target target;

	fixture_describe(&target, ALARM_PATH, text, strlen(text));
	upload(fixture, text, strlen(text));
	refuses(fixture, sign_role(fixture, 2, &target, 1, KEYS), 400, part);
}

static void alarms_that_are_none_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct tuf_target target = {.has_sha256 = true, .length = 7, .path = ALARM_PATH};
	struct notice alarm = alarm_of("emergency-flood");
	struct alarms alarms = {.published = {clock_now().wall.ms + HOUR_MS},
				.notices = &alarm,
				.notice_count = 1};
	struct err err = {0};
	size_t len;
	char *ahead = alarms_to_json(&alarms, &len, &err);

	assert_ok(ahead != NULL, err);
	refuses(fixture, sign_role(fixture, 2, &target, 1, KEYS), 400, "no object");
	refuses_document(fixture, "{}", "format");
	refuses_document(fixture, ahead, "ahead of this server's clock");
	free(ahead);
}

/* ---- Who publishes notices ---- */

/* targets.json as it is, with @delegations (NULL: none) and @extra (NULL: none). Owned. */
static char *sign_targets(const struct fixture *fixture, const char *delegations,
			  const struct tuf_target *extra)
{
	const struct tuf_trust *trust = publisher_trust(fixture->city->publisher);
	struct tuf_target list[3];
	struct tuf_targets_content content = {
		.version = tuf_targets_version(trust) + 1,
		.expires = {clock_now().wall.ms + 365 * DAY_MS},
		.targets = list,
		.count = tuf_target_count(trust),
		.delegations = delegations,
	};
	const struct signer *signers[] = {fixture->targets};
	struct err err = {0};
	size_t len;
	char *text;

	for (size_t i = 0; i < content.count; i++)
		list[i] = *tuf_target_at(trust, i);
	if (extra)
		list[content.count++] = *extra;
	text = tuf_build_role(&content, signers, 1, &len, &err);
	assert_ok(text != NULL, err);
	return text;
}

static char *delegations_to(const struct signer *const *keys, size_t count,
			    const char *pattern)
{
	uint8_t raw[KEYS][32];
	const struct tuf_role_keys role = {raw, count, (int)count};
	struct err err = {0};
	char *text;

	for (size_t i = 0; i < count; i++)
		signer_public(keys[i], raw[i]);
	text = tuf_build_delegations(ALARM_ROLE, pattern, &role, &err);
	assert_ok(text != NULL, err);
	return text;
}

static void publication_refused(const struct fixture *fixture, char *targets, long status,
				const char *part)
{
	json_t *body = json_pack("{s:s, s:[], s:[]}", "targets", targets, "published",
				 "withdrawn");
	char *text = json_dumps(body, JSON_COMPACT);

	fixture_refused(fixture, "POST", "/api/v1/publish", fixture->token, text, status,
			part);
	json_decref(body);
	free(text);
	free(targets);
}

static void key_of_notices_neither_raises_alarms_nor_says_who_may(void **state)
{
	struct fixture *fixture = *state;
	const struct signer *thief[] = {fixture->targets};
	struct notice alarm = alarm_of("emergency-flood");
	struct tuf_target target = put_alarm(fixture, &alarm);
	char *own = delegations_to((const struct signer *const *)fixture->emergency, KEYS,
				   ALARM_PATTERN);
	char *other = delegations_to(thief, 1, ALARM_PATTERN);

	publication_refused(fixture, sign_targets(fixture, NULL, NULL), 403,
			    "other keys for alarms");
	publication_refused(fixture, sign_targets(fixture, other, NULL), 403,
			    "other keys for alarms");
	publication_refused(fixture, sign_targets(fixture, own, &target), 400,
			    "only the role emergency speaks for it");
	assert_int_equal(publisher_targets_version(fixture->city->publisher), 1);
	free(own);
	free(other);
}

/* ---- Whose keys ---- */

/* Sends the keys of @delegations, with emergency.json as version @version under @keys. */
static void send_keys(const struct fixture *fixture, char *targets, char *role,
		      long status, const char *part)
{
	char *body = body_of(targets, role);

	if (status == 200)
		json_decref(fixture_call(fixture, "POST", KEYS_OF, body, 200));
	else
		fixture_refused(fixture, "POST", KEYS_OF, fixture->token, body, status,
				part);
	free(body);
	free(targets);
	free(role);
}

static void keys_of_alarms_are_replaced(void **state)
{
	struct fixture *fixture = *state;
	struct signer *old[KEYS] = {fixture->emergency[0], fixture->emergency[1]};
	struct err err = {0};
	struct signer *fresh[KEYS] = {signer_generate(&err), signer_generate(&err)};
	char *next =
		delegations_to((const struct signer *const *)fresh, KEYS, ALARM_PATTERN);
	char *wide = delegations_to((const struct signer *const *)fresh, KEYS, "*");
	struct tuf_target extra = {.length = 3, .has_sha256 = true, .path = "extra.json"};
	char *body, *role, *targets, token[65];

	raise_alarm(fixture, 2, "emergency-flood");
	/* Under the new delegation the old keys sign no more. */
	send_keys(fixture, sign_targets(fixture, next, NULL),
		  sign_role(fixture, 3, NULL, 0, KEYS), 403, "signed by 0 of the 2");
	memcpy(fixture->emergency, fresh, sizeof(fresh));
	send_keys(fixture, sign_targets(fixture, wide, NULL),
		  sign_role(fixture, 3, NULL, 0, KEYS), 400, "for emergency/*");
	send_keys(fixture, sign_targets(fixture, NULL, NULL),
		  sign_role(fixture, 3, NULL, 0, KEYS), 400, "the role emergency alone");
	send_keys(fixture, sign_targets(fixture, next, &extra),
		  sign_role(fixture, 3, NULL, 0, KEYS), 400, "names other targets");
	send_keys(fixture, sign_targets(fixture, next, NULL),
		  sign_role(fixture, 2, NULL, 0, KEYS), 409, "the next one is 3");

	fixture_add_staff(fixture, "hanako", STAFF_APPROVER, token);
	targets = sign_targets(fixture, next, NULL);
	role = sign_role(fixture, 3, NULL, 0, KEYS);
	body = body_of(targets, role);
	fixture_refused(fixture, "POST", KEYS_OF, token, body, 403, "administrator");
	free(body);
	send_keys(fixture, targets, role, 200, NULL);
	assert_string_equal(alarm_on(fixture), "");

	raise_alarm(fixture, 4, "emergency-fire");
	assert_string_equal(alarm_on(fixture), "emergency-fire");
	memcpy(fixture->emergency, old, sizeof(old));
	refuses(fixture, sign_role(fixture, 5, NULL, 0, KEYS), 403,
		"signed by 0 of the 2");
	for (size_t i = 0; i < KEYS; i++)
		signer_free(fresh[i]);
	free(next);
	free(wide);
}

static void repository_without_the_role_gets_one(void **state)
{
	struct fixture *fixture = *state;
	struct err err = {0};
	char *next, *body = body_of(NULL, "{}");

	fixture_refused(fixture, "POST", POST, fixture->token, body, 404,
			"no keys for alarms yet");
	free(body);
	fixture->emergency_keys = KEYS;
	for (size_t i = 0; i < KEYS; i++) {
		fixture->emergency[i] = signer_generate(&err);
		assert_ok(fixture->emergency[i] != NULL, err);
	}
	next = delegations_to((const struct signer *const *)fixture->emergency, KEYS,
			      ALARM_PATTERN);
	send_keys(fixture, sign_targets(fixture, next, NULL),
		  sign_role(fixture, 1, NULL, 0, KEYS), 200, NULL);
	raise_alarm(fixture, 2, "emergency-flood");
	assert_string_equal(alarm_on(fixture), "emergency-flood");
	free(next);
}

static void ids_of_alarms_are_no_ids_of_notices(void **state)
{
	struct fixture *fixture = *state;
	char *json = fixture_notice_json("emergency-flood", 1);

	fixture_refused(fixture, "PUT", "/api/v1/notices/emergency-flood", fixture->token,
			json, 400, "ids of alarms");
	free(json);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(alarm_is_published_and_withdrawn_by_its_keys_alone),
		TEST(alarm_is_still_on_after_a_restart_and_a_renewal),
		TEST(authors_raise_no_alarm),
		TEST(too_few_and_other_keys_raise_no_alarm),
		TEST(alarms_are_published_in_order),
		TEST(role_speaks_for_alarms_alone),
		TEST(alarms_that_are_none_are_refused),
		TEST(key_of_notices_neither_raises_alarms_nor_says_who_may),
		TEST(keys_of_alarms_are_replaced),
		TEST(ids_of_alarms_are_no_ids_of_notices),
		cmocka_unit_test_setup_teardown(repository_without_the_role_gets_one,
						set_up_without_role, fixture_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
