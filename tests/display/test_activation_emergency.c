/*
 * Alarms in the inbox: what the role for them may say, and what nobody else may say in its
 * place. The set that was taken last holds one alarm and version 5 of the programme; what an
 * attack brings has another alarm and version 6.
 */
#include "display/activation.h"

#include "core/alarm.h"
#include "display/set.h"
#include "support/metadata.h"

#include "box.h"

static const struct wall_ms now = {INT64_C(1795329000000)}; /* 2026-11-22T06:30:00Z */

#define OLD_ALARM "notice/emergency-old"
#define NEW_ALARM "notice/emergency-new"

static struct box box;
static struct activation *activation;
static struct tuf_target targets[3]; /* of the next set: plan, programme, and what else */
static size_t target_count;

static struct notice alarm_of(const char *id)
{
	struct notice notice = box_notice(id, (struct wall_ms){now.ms - HOUR_MS},
					  (struct wall_ms){now.ms + DAY_MS});

	notice.urgent = true;
	return notice;
}

/* Objects of the next set: the plan, and the programme with @notice (NULL: none). */
static void lay_objects(int64_t version, struct notice *notice)
{
	struct programme programme = box_programme(version, now, notice, notice ? 1 : 0);
	struct err err = {0};
	size_t len;
	char *text = tmp_read(BOX_PLAN, &len);

	box_object(&box, text, len, &targets[0], "plan.json");
	free(text);
	text = programme_to_json(&programme, &len, &err);
	assert_ok(text != NULL, err);
	box_object(&box, text, len, &targets[1], "programme.json");
	free(text);
	target_count = 2;
}

static void set_alarm(const char *id)
{
	struct notice alarm = alarm_of(id);

	box_set_alarms(&box, now, &alarm, 1);
}

static void publish_with(const char *emergency)
{
	box_sign_set_with(&box, targets, target_count, emergency);
	box_point(&box, box.set_name);
}

static bool shows(const char *item_id)
{
	struct set *set = activation_set(activation);
	bool there = set_notice(set, item_id) != NULL;

	set_unref(set);
	return there;
}

static int64_t version(void)
{
	struct set *set = activation_set(activation);
	int64_t found = set_version(set);

	set_unref(set);
	return found;
}

static void check_takes(void)
{
	struct err err = {0};
	bool changed = false;

	assert_ok(activation_check(activation, now, &changed, &err), err);
	assert_true(changed);
}

/* What was there before stays. */
static void check_refuses(enum err_code code, const char *part)
{
	struct err err = {0};
	bool changed;

	assert_fails(activation_check(activation, now, &changed, &err), err, code, part);
	assert_true(shows(OLD_ALARM));
	assert_false(shows(NEW_ALARM));
	assert_int_equal(version(), 5);
}

static int set_up(void **state)
{
	struct err err = {0};

	(void)state;
	box = box_new(now);
	box_give_alarm_key(&box);
	activation = activation_new(box.inbox, box.state, BOX_PLAN, &err);
	assert_ok(activation != NULL, err);
	lay_objects(5, NULL);
	set_alarm("emergency-old");
	publish_with(NULL);
	check_takes();
	assert_true(shows(OLD_ALARM));
	lay_objects(6, NULL);
	set_alarm("emergency-new");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	activation_free(activation);
	box_free(&box);
	return 0;
}

/* ---- What the role may say ---- */

static void alarm_is_urgent_and_first(void **state)
{
	struct notice notice = alarm_of("festival");
	const struct programme *shown;
	struct set *set;

	(void)state;
	/* Urgent, says who signs the programme; it is not theirs to say. */
	lay_objects(6, &notice);
	publish_with(NULL);
	check_takes();
	set = activation_set(activation);
	shown = set_programme(set);
	assert_int_equal(shown->notice_count, 2);
	assert_string_equal(shown->notices[0].id, "emergency-new");
	assert_true(shown->notices[0].urgent);
	assert_string_equal(shown->notices[1].id, "festival");
	assert_false(shown->notices[1].urgent);
	assert_int_equal(set_version(set), 6);
	set_unref(set);
}

static void alarm_needs_no_programme(void **state)
{
	(void)state;
	target_count = 1;
	publish_with(NULL);
	check_takes();
	assert_true(shows(NEW_ALARM));
	assert_int_equal(version(), 0);
}

static void notice_with_the_id_of_an_alarm_does_not_hide_it(void **state)
{
	struct notice notice = alarm_of("emergency-new");
	struct set *set;

	(void)state;
	notice.title = "なにもありません";
	lay_objects(6, &notice);
	publish_with(NULL);
	check_takes();
	set = activation_set(activation);
	assert_int_equal(set_programme(set)->notice_count, 1);
	assert_string_equal(set_notice(set, NEW_ALARM)->title, alarm_of("x").title);
	set_unref(set);
}

/* An earthquake at night: the box boots anew, and nobody tells it the time. */
static void alarm_is_due_on_a_box_that_thinks_it_is_1970(void **state)
{
	struct set *set;

	(void)state;
	target_count = 1;
	publish_with(NULL);
	check_takes();
	set = activation_set(activation);
	assert_true(notice_is_due(set_notice(set, NEW_ALARM), BOX_SCREEN,
				  set_showing_wall(set, (struct wall_ms){0})));
	set_unref(set);
}

/* Else an alarm from the year 2199 would make all that comes later look ended. */
static void alarm_has_no_say_about_what_is_in_force(void **state)
{
	struct wall_ms far = {now.ms + 20 * 365 * DAY_MS};
	struct notice alarm = alarm_of("emergency-new");
	struct set *set;

	(void)state;
	box_set_alarms(&box, far, &alarm, 1);
	publish_with(NULL);
	check_takes();
	set = activation_set(activation);
	assert_int_equal(set_trusted_wall(set, now).ms, now.ms);
	assert_int_equal(set_showing_wall(set, now).ms, far.ms);
	set_unref(set);
}

static void withdrawn_alarm_is_gone(void **state)
{
	(void)state;
	box.emergency_version++;
	box.has_alarms = false;
	publish_with(NULL);
	check_takes();
	assert_false(shows(OLD_ALARM));
	assert_int_equal(version(), 6);
}

static void alarm_is_still_there_after_a_restart_without_inbox(void **state)
{
	struct err err = {0};

	(void)state;
	activation_free(activation);
	assert_ok(dir_remove(box.inbox, &err), err);
	activation = activation_new(box.inbox, box.state, BOX_PLAN, &err);
	assert_ok(activation != NULL, err);
	assert_ok(activation_restore(activation, &err), err);
	assert_true(shows(OLD_ALARM));
	assert_int_equal(version(), 5);
}

/* ---- What it may not, which costs the alarm, and never the programme ---- */

/* What is not shown is told. */
static void check_left_out(const char *part)
{
	struct err err = {0};

	if (!part)
		assert_ok(activation_has_all_alarms(activation, &err), err);
	else if (activation_has_all_alarms(activation, &err) || !strstr(err.text, part))
		fail_msg("expected \"%s\", got \"%s\"", part, err.text);
}

static void check_takes_the_programme_alone(int64_t expected, const char *part)
{
	check_takes();
	assert_false(shows(OLD_ALARM));
	assert_false(shows(NEW_ALARM));
	assert_int_equal(version(), expected);
	check_left_out(part);
}

static void role_past_its_end_has_no_alarm(void **state)
{
	(void)state;
	box.emergency_ends = now;
	publish_with(NULL);
	check_takes_the_programme_alone(6, "emergency.json");
}

static void alarm_that_cannot_be_read_costs_only_itself(void **state)
{
	static const char *const wrong[] = {
		"no JSON",
		"{\"format\":\"ekimae.programme/1\"}",
		"{\"format\":\"ekimae.alarms/1\",\"published\":\"2026-11-22T00:00:00Z\","
		"\"notices\":[{\"id\":\"flood\",\"title\":\"x\",\"department\":\"x\","
		"\"from\":\"2026-11-22T00:00:00Z\",\"until\":\"2026-11-23T00:00:00Z\"}]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		box_object(&box, wrong[i], strlen(wrong[i]), &box.alarms, ALARM_PATH);
		box.emergency_version++;
		lay_objects(6 + (int64_t)i, NULL);
		publish_with(NULL);
		check_takes_the_programme_alone(6 + (int64_t)i, ALARM_PATH);
	}
}

static void alarm_of_endless_length_is_not_waited_for(void **state)
{
	(void)state;
	box.alarms.length = INT64_C(1) << 40;
	publish_with(NULL);
	check_takes_the_programme_alone(6, "the maximum is");
}

static void role_has_no_say_about_the_programme(void **state)
{
	struct notice notice = alarm_of("forged");
	struct programme forged = box_programme(9, now, &notice, 1);
	struct err err = {0};
	size_t len;
	char *text = programme_to_json(&forged, &len, &err);

	(void)state;
	/* The key of alarms is stolen, and the server lets it through. */
	assert_ok(text != NULL, err);
	box_object(&box, text, len, &box.alarms, "programme.json");
	publish_with(NULL);
	check_takes_the_programme_alone(6, NULL);
	assert_false(shows("notice/forged"));
	/* Not even where targets.json names none. */
	target_count = 1;
	publish_with(NULL);
	check_takes();
	assert_int_equal(version(), 0);
	assert_false(shows("notice/forged"));
	free(text);
}

/* ---- Attacks, which cost the set ---- */

static void other_keys_raise_no_alarm(void **state)
{
	struct signer *stranger = box_key();
	const struct signer *wrong[] = {stranger, box.targets, box.online, box.root,
					box.screen};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		char *emergency = box_sign_emergency(&box, wrong[i]);

		publish_with(emergency);
		check_refuses(ERR_UNTRUSTED, "signed by 0 of the 1 keys");
		free(emergency);
	}
	signer_free(stranger);
	publish_with(NULL);
	check_takes();
	assert_true(shows(NEW_ALARM));
}

static void key_of_notices_does_not_name_an_alarm(void **state)
{
	(void)state;
	targets[target_count++] = box.alarms;
	box.has_alarms = false;
	publish_with(NULL);
	check_refuses(ERR_UNTRUSTED, "only the role emergency may");
}

static void alarm_does_not_go_back(void **state)
{
	char *old;

	(void)state;
	old = box_sign_emergency(&box, box.emergency);
	publish_with(NULL);
	check_takes();
	set_alarm("emergency-third");
	publish_with(NULL);
	check_takes();
	assert_true(shows("notice/emergency-third"));
	/* Well signed, and named by who holds the server: the alarm that is over. */
	lay_objects(7, NULL);
	publish_with(old);
	{
		struct err err = {0};
		bool changed;

		assert_fails(activation_check(activation, now, &changed, &err), err,
			     ERR_UNTRUSTED, "emergency.json");
	}
	assert_true(shows("notice/emergency-third"));
	assert_int_equal(version(), 6);
	free(old);
}

static void file_of_another_set_is_refused(void **state)
{
	char *other;

	(void)state;
	other = box_sign_emergency(&box, box.emergency);
	box.emergency_version++;
	publish_with(NULL);
	box_put(&box, "emergency.json", other, strlen(other));
	check_refuses(ERR_UNTRUSTED, "emergency.json");
	free(other);
}

static void alarm_is_not_held_back_by_itself(void **state)
{
	char name[SHA256_HEX_SIZE + 10], hex[SHA256_HEX_SIZE], path[100];

	(void)state;
	publish_with(NULL);
	hex_encode(box.alarms.sha256, SHA256_SIZE, hex);
	snprintf(name, sizeof(name), "objects/%s", hex);
	box_remove(box.inbox, name);
	check_refuses(ERR_NOT_FOUND, ALARM_PATH);
	box_write(box.inbox, name, "other bytes", 11);
	check_refuses(ERR_UNTRUSTED, ALARM_PATH);

	set_alarm("emergency-new");
	publish_with(NULL);
	snprintf(path, sizeof(path), "sets/%s/emergency.json", box.set_name);
	box_remove(box.inbox, path);
	check_refuses(ERR_NOT_FOUND, "emergency.json");
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(alarm_is_urgent_and_first),
		TEST(alarm_needs_no_programme),
		TEST(notice_with_the_id_of_an_alarm_does_not_hide_it),
		TEST(alarm_is_due_on_a_box_that_thinks_it_is_1970),
		TEST(alarm_has_no_say_about_what_is_in_force),
		TEST(withdrawn_alarm_is_gone),
		TEST(alarm_is_still_there_after_a_restart_without_inbox),
		TEST(role_past_its_end_has_no_alarm),
		TEST(alarm_that_cannot_be_read_costs_only_itself),
		TEST(alarm_of_endless_length_is_not_waited_for),
		TEST(role_has_no_say_about_the_programme),
		TEST(other_keys_raise_no_alarm),
		TEST(key_of_notices_does_not_name_an_alarm),
		TEST(alarm_does_not_go_back),
		TEST(file_of_another_set_is_refused),
		TEST(alarm_is_not_held_back_by_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
