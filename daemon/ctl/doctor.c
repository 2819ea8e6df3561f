#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/alarm.h"
#include "core/err.h"
#include "ctl/ctl.h"
#include "ctl/key.h"
#include "ctl/release.h"
#include "ctl/screen.h"
#include "sync/http.h"
#include "wire/json.h"
#include "wire/key.h"
#include "wire/tuf.h"
#include "wire/tuf_draft.h"

#define WARN_DAYS_TARGETS 30
/* Their keys lie in a safe, or with somebody who is on duty at night. */
#define WARN_DAYS_ALARMS 90

/* Findings are printed as they come; a single bad one makes the verb fail at its end. */
struct checkup {
	struct ctl *ctl;
	int bad;
};

static void tell(struct checkup *checkup, bool fine, const char *format, ...)
	PRINTF_LIKE(3, 4);

static void tell(struct checkup *checkup, bool fine, const char *format, ...)
{
	va_list args;

	printf("%s  ", fine ? "ok " : "BAD");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	if (!fine)
		checkup->bad++;
}

static bool check_server(struct checkup *checkup)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	struct err err = {0};
	bool fine = ctl_send(checkup->ctl, "GET", "health", NULL, 0, &response, &err);

	tell(checkup, fine, "server %s%s%s", checkup->ctl->city_url, fine ? "" : ": ",
	     err.text);
	return fine;
}

/* What is alarming is told, and is for a person to judge: a panel may be off for the night. */
static bool tell_screens(struct json_node *root, struct err *err)
{
	struct json_node items, item;
	struct screen_view view;
	char words[SCREEN_WORDS];
	int64_t timestamp;
	size_t count;

	if (!json_get_int(root, "timestamp", 0, INT64_MAX, &timestamp, err) ||
	    !json_get_array(root, "screens", SCREENS_MAX, &items, &count, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		if (!json_item_object(&items, i, &item, err) ||
		    !screen_view_read(&item, timestamp, &view, err))
			return false;
		screen_alarm_words(view.alarms, words);
		if (view.alarms)
			printf("--   screen %s（%s）: %s: see ekimaectl screen show %s\n",
			       view.id, view.place, words, view.id);
	}
	return true;
}

/* The list of screens is what every member of staff may read. */
static void check_login(struct checkup *checkup)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	struct json_doc *doc = NULL;
	struct json_node root;
	struct err err = {0};
	bool fine = ctl_send(checkup->ctl, "GET", "screens", NULL, 0, &response, &err);

	tell(checkup, fine, "login%s%s", fine ? "" : ": ", err.text);
	if (!fine)
		return;
	doc = json_parse("screens", response.body, response.body_len, CTL_ANSWER_MAX,
			 &err);
	if (!doc || !json_root(doc, &root, &err) || !tell_screens(&root, &err))
		tell(checkup, false, "%s", err.text);
	json_doc_free(doc);
}

static void check_ends(struct checkup *checkup, const struct repository_files *files)
{
	struct key_end ends[KEY_ENDS_MAX];
	struct err err = {0};
	size_t count = 0;

	if (!key_ends(checkup->ctl, files, ends, &count, KEY_ENDS_MAX, &err)) {
		tell(checkup, false, "%s", err.text);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		bool online = strcmp(ends[i].name, "timestamp.json") == 0 ||
			      strcmp(ends[i].name, "snapshot.json") == 0;
		bool alarms = strcmp(ends[i].name, ALARM_ROLE ".json") == 0;
		bool fine = ends[i].days_left >= (online   ? 1
						  : alarms ? WARN_DAYS_ALARMS
							   : WARN_DAYS_TARGETS);

		tell(checkup, fine, "%s version %" PRId64 " ends in %" PRId64 " days%s",
		     ends[i].name, ends[i].version, ends[i].days_left,
		     fine     ? ""
		     : online ? ": the server should have signed it again, see its log"
		     : alarms ? ": \"ekimaectl emergency renew\" signs it for longer"
			      : ": sign a new one soon");
	}
}

static void check_keys(struct checkup *checkup, const struct tuf_trust *trust)
{
	const struct ctl *ctl = checkup->ctl;

	if (ctl->targets_key_count == 0)
		puts("--   no targets key here: this machine can't publish");
	for (size_t i = 0; i < ctl->targets_key_count; i++) {
		char id[KEY_ID_SIZE] = "";
		struct err err = {0};
		bool signs = false;
		bool fine =
			key_is_of_targets(trust, ctl->targets_keys[i], &signs, id, &err);

		tell(checkup, fine && signs, "key %s%s%s", ctl->targets_keys[i],
		     fine && !signs ? ": is not a key of the targets role" : "",
		     fine ? "" : err.text);
	}
}

static void check_alarm_keys(struct checkup *checkup,
			     const struct repository_files *files)
{
	const struct ctl *ctl = checkup->ctl;
	struct tuf_draft_role role;
	struct err err = {0};

	if (!key_of_alarms(files, &role, &err)) {
		tell(checkup, false, "%s", err.text);
		return;
	}
	if (role.count == 0)
		puts("--   nobody has keys for alarms: see \"ekimaectl emergency keys\"");
	for (size_t i = 0; i < ctl->emergency_key_count; i++) {
		struct signer *signer = key_read_signer(ctl->emergency_keys[i], &err);
		uint8_t key[ED25519_PUBLIC_SIZE];
		bool signs = false;

		if (signer) {
			signer_public(signer, key);
			signs = tuf_draft_role_has(&role, key);
		}
		tell(checkup, signs, "key %s%s%s", ctl->emergency_keys[i],
		     signer && !signs ? ": is not a key of the emergency role" : "",
		     signer ? "" : err.text);
		signer_free(signer);
	}
}

static void check_repository(struct checkup *checkup)
{
	CLEANUP(repository_files_done) struct repository_files files = {0};
	struct err err = {0};
	struct tuf_trust *trust = release_refresh(checkup->ctl, &files, &err);
	struct tuf_target alarms;
	bool found = false;

	tell(checkup, trust != NULL, "signed repository%s%s", trust ? "" : ": ",
	     err.text);
	if (!trust)
		return;
	if (release_find_alarms(checkup->ctl, trust, &files, &alarms, &found, &err) &&
	    key_add_first_root(checkup->ctl, &files, &err))
		check_ends(checkup, &files);
	else
		tell(checkup, false, "%s", err.text);
	check_keys(checkup, trust);
	check_alarm_keys(checkup, &files);
	tuf_trust_free(trust);
}

bool verb_doctor(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	struct checkup checkup = {.ctl = ctl};

	(void)argv;
	if (argc != 1)
		return err_set(err, ERR_USAGE, "usage: doctor");
	if (check_server(&checkup)) {
		check_login(&checkup);
		check_repository(&checkup);
	}
	if (checkup.bad > 0)
		return err_set(err, ERR_IO, "%d of the checks failed", checkup.bad);
	puts("all is well");
	return true;
}
