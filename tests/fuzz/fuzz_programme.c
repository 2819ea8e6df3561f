/*
 * programme.json, alarms and notice files. What is accepted must also be written, and read again:
 * the city writes what it has read.
 */
#include <string.h>

#include "core/alarm.h"
#include "core/arena.h"
#include "core/err.h"
#include "core/notice.h"
#include "core/programme.h"
#include "fuzz/fuzz.h"
#include "wire/alarms_json.h"
#include "wire/programme_json.h"

#define ARENA_MAX ((size_t)1024 * 1024)

static void try_programme(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct programme *programme =
		programme_from_json("programme.json", data, size, &err);
	struct programme *again;
	char *text, *again_text;
	size_t len = 0, again_len = 0;

	must_hold(programme || err.code != ERR_NONE);
	if (!programme)
		return;
	text = programme_to_json(programme, &len, &err);
	must_hold(text != NULL);
	again = programme_from_json("programme.json", text, len, &err);
	must_hold(again != NULL);
	again_text = programme_to_json(again, &again_len, &err);
	must_hold(again_text && again_len == len && memcmp(text, again_text, len) == 0);
	free(text);
	free(again_text);
	programme_free(again);
	programme_free(programme);
}

static void try_alarms(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct alarms *alarms = alarms_from_json("alarms.json", data, size, &err), *again;
	size_t len = 0;
	char *text;

	must_hold(alarms || err.code != ERR_NONE);
	if (!alarms)
		return;
	text = alarms_to_json(alarms, &len, &err);
	must_hold(text != NULL);
	again = alarms_from_json("alarms.json", text, len, &err);
	must_hold(again && again->notice_count == alarms->notice_count);
	free(text);
	alarms_free(again);
	alarms_free(alarms);
}

static void try_notice(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new(ARENA_MAX);
	uint8_t hash[SHA256_SIZE], again_hash[SHA256_SIZE];
	struct err err = {0};
	struct notice *notice, *again;
	size_t len = 0;
	char *text;

	must_hold(arena != NULL);
	notice = notice_from_json("notice.json", data, size, arena, &err);
	must_hold(notice || err.code != ERR_NONE);
	if (notice) {
		must_hold(notice_content_hash(notice, hash, &err));
		text = notice_to_json(notice, &len, &err);
		must_hold(text != NULL);
		again = notice_from_json("notice.json", text, len, arena, &err);
		must_hold(again != NULL);
		must_hold(notice_content_hash(again, again_hash, &err));
		must_hold(memcmp(hash, again_hash, sizeof(hash)) == 0);
		free(text);
	}
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	try_programme(data, size);
	try_alarms(data, size);
	try_notice(data, size);
	return 0;
}
