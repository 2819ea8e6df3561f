#include "support/test.h"

#include "core/alarm.h"
#include "wire/alarms_json.h"

#define HEAD "{\"format\": \"ekimae.alarms/1\", \"published\": \"2026-11-22T06:30:00Z\", "
#define ALARM                                                                            \
	"{\"id\": \"emergency-flood\", \"revision\": 4, \"title\": \"大雨\", "         \
	"\"department\": \"危機管理課\", \"from\": \"2026-11-22T06:30:00Z\", "      \
	"\"until\": \"2026-11-23T06:30:00Z\", \"urgent\": true}"

static void document_is_read_and_written_the_same(void **state)
{
	static const char text[] = HEAD "\"notices\": [" ALARM "]}";
	struct err err = {0};
	struct alarms *alarms = alarms_from_json("alarms", text, strlen(text), &err);
	struct alarms *again;
	char *first, *second;
	size_t len = 0;

	(void)state;
	assert_ok(alarms != NULL, err);
	assert_int_equal(alarms->notice_count, 1);
	assert_int_equal(alarms->published.ms, INT64_C(1795329000000));
	assert_string_equal(alarms->notices[0].id, "emergency-flood");
	assert_true(alarms->notices[0].urgent);
	first = alarms_to_json(alarms, &len, &err);
	assert_ok(first != NULL, err);
	assert_int_equal(len, strlen(first));
	again = alarms_from_json("alarms", first, len, &err);
	assert_ok(again != NULL, err);
	second = alarms_to_json(again, &len, &err);
	assert_ok(second != NULL, err);
	assert_string_equal(first, second);
	free(first);
	free(second);
	alarms_free(alarms);
	alarms_free(again);
}

static void no_alarms_are_a_document_too(void **state)
{
	static const char text[] = HEAD "\"notices\": []}";
	struct err err = {0};
	struct alarms *alarms = alarms_from_json("alarms", text, strlen(text), &err);

	(void)state;
	assert_ok(alarms != NULL, err);
	assert_int_equal(alarms->notice_count, 0);
	alarms_free(alarms);
}

static void wrong_documents_are_refused_with_the_place(void **state)
{
	static const struct {
		const char *text, *part;
	} wrong[] = {
		{"", "alarms"},
		{"[]", "alarms"},
		{"{\"format\": \"ekimae.programme/1\"}", "format"},
		{HEAD "\"notices\": [], \"more\": 1}", "more"},
		{HEAD "\"notices\": {}}", "notices"},
		{HEAD "\"notices\": [{}]}", "notices[0]"},
		{HEAD "\"notices\": [" ALARM "," ALARM "]}", "two have the id"},
		{"{\"format\": \"ekimae.alarms/1\", \"published\": \"2026-11-01T00:00:00Z\","
		 " \"notices\": [" ALARM "]}",
		 "notices[0].until"},
	};
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_fails(alarms_from_json("alarms", wrong[i].text,
					      strlen(wrong[i].text), &err),
			     err, ERR_INVALID, wrong[i].part);
}

static void too_many_alarms_are_refused(void **state)
{
	char text[8192] = HEAD "\"notices\": [";
	struct err err = {0};

	(void)state;
	for (int i = 0; i <= ALARMS_MAX; i++) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 i ? "," : "", ALARM);
	}
	snprintf(text + strlen(text), sizeof(text) - strlen(text), "]}");
	assert_null(alarms_from_json("alarms", text, strlen(text), &err));
	assert_non_null(strstr(err.text, "notices"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(document_is_read_and_written_the_same),
		cmocka_unit_test(no_alarms_are_a_document_too),
		cmocka_unit_test(wrong_documents_are_refused_with_the_place),
		cmocka_unit_test(too_many_alarms_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
