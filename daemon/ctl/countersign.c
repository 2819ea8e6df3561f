/*
 * Where one signature is not enough: a publication goes from hand to hand as a file. Whoever
 * signs next goes by what the signatures will cover, not by what the file says of itself: the
 * content is fetched by the hashes in it, and held against what is published now.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alarm.h"
#include "core/err.h"
#include "core/programme.h"
#include "ctl/alarm_desk.h"
#include "ctl/ctl.h"
#include "ctl/key.h"
#include "ctl/key_draft.h"
#include "ctl/picture.h"
#include "ctl/plan_changes.h"
#include "ctl/release.h"
#include "ctl/show.h"
#include "ctl/signers.h"
#include "os/file.h"
#include "sync/http.h"
#include "wire/digest.h"
#include "wire/json.h"
#include "wire/programme_json.h"
#include "wire/tuf_draft.h"
#include "wire/tuf_metadata.h"

#define FILE_MAX (12 * 1024 * 1024) /* as POST publish takes it */

struct signing {
	struct ctl *ctl;
	struct blob file; /* the body of POST publish, emergency, emergency/keys */
	struct tuf_file metadata; /* its targets.json */
	struct tuf_targets *targets;
	const char *text;      /* of targets.json, borrowed from @doc; NULL: none */
	const char *emergency; /* of emergency.json, likewise */
	struct json_doc *doc;
	struct programme *programme; /* as it will be */
	struct release release;      /* as it is */
	struct alarm_desk desk;      /* alarms, and whose keys sign them, as it is */
};

static void signing_done(struct signing *signing)
{
	blob_free(&signing->file);
	tuf_targets_free(signing->targets);
	tuf_file_done(&signing->metadata);
	json_doc_free(signing->doc);
	programme_free(signing->programme);
	release_done(&signing->release);
	alarm_desk_done(&signing->desk);
}

static bool read_prepared(struct signing *signing, const char *path, struct err *err)
{
	struct json_node root;

	if (!file_read(path, FILE_MAX, &signing->file, err))
		return false;
	signing->doc =
		json_parse(path, signing->file.bytes, signing->file.len, FILE_MAX, err);
	if (!signing->doc || !json_root(signing->doc, &root, err) ||
	    (json_has(&root, "targets") &&
	     !json_get_string(&root, "targets", TUF_TARGETS_MAX, &signing->text, err)) ||
	    (json_has(&root, "emergency") &&
	     !json_get_string(&root, "emergency", TUF_TARGETS_MAX, &signing->emergency,
			      err)))
		return false;
	if (!signing->text)
		return signing->emergency ||
		       err_set(err, ERR_INVALID, "%s: holds nothing to sign", path);
	if (!tuf_file_read(&signing->metadata, "targets.json", TUF_ROLE_TARGETS,
			   signing->text, strlen(signing->text), TUF_TARGETS_MAX, err))
		return false;
	signing->targets = tuf_targets_read(&signing->metadata, err);
	return signing->targets != NULL;
}

static bool fetch(struct signing *signing, const char *path, struct http_response *out,
		  struct err *err)
{
	const struct tuf_target *target = tuf_targets_find(signing->targets, path);

	if (!target)
		return err_set(err, ERR_INVALID, "targets.json: names no %s", path);
	return show_fetch(signing->ctl, target, out, err);
}

/* ---- Showing ---- */

/* Every difference to what is on the screens now, whatever the revisions say. */
static bool print_changes(const struct signing *signing, size_t *out_changes,
			  struct err *err)
{
	const struct programme *before = signing->release.programme;
	const struct programme *after = signing->programme;
	size_t changes = 0;

	for (size_t i = 0; i < after->notice_count; i++) {
		const struct notice *notice = &after->notices[i];
		const struct notice *old = programme_notice(before, notice->id);
		bool same = false;

		if (old && !show_same(notice, old, &same, err))
			return false;
		if (!same) {
			show_notice(old ? '~' : '+', notice);
			if (!release_has_picture(&signing->release, notice->picture) &&
			    !picture_verify(signing->ctl, notice->picture, err))
				return err_prefix(err, "%s", notice->id);
			changes++;
		}
	}
	for (size_t i = 0; i < before->notice_count; i++) {
		if (!programme_notice(after, before->notices[i].id)) {
			show_notice('-', &before->notices[i]);
			changes++;
		}
	}
	*out_changes = changes;
	return true;
}

static bool print_plan(struct signing *signing, size_t *changes, struct err *err)
{
	CLEANUP(http_response_done) struct http_response plan = {0};

	if (!fetch(signing, "plan.json", &plan, err))
		return false;
	plan_changes_show_count(&signing->release.programme->count,
				&signing->programme->count);
	return plan_changes_show(signing->release.plan, signing->release.plan_len,
				 plan.body, plan.body_len, changes, err);
}

/*
 * Whose keys sign alarms. There is one form of saying it, so that nothing else can be
 * delegated behind the back of who signs.
 */
static bool print_delegations(const struct signing *signing, const char *after,
			      struct err *err)
{
	const struct tuf_draft_role *before = &signing->desk.keys;
	struct tuf_draft_role keys = {0};
	struct tuf_role_keys role;
	bool fine = false;
	char *form;

	if (!signing->emergency)
		return err_set(
			err, ERR_INVALID,
			"targets.json: names other keys for alarms, which goes only "
			"with an emergency.json signed by them (\"emergency keys\")");
	if (!tuf_delegated_keys(signing->text, strlen(signing->text), ALARM_ROLE, &keys,
				err))
		return false;
	role = (struct tuf_role_keys){keys.keys, keys.count, keys.threshold};
	form = tuf_build_delegations(ALARM_ROLE, ALARM_PATTERN, &role, err);
	if (form)
		fine = strcmp(form, after) == 0 ||
		       err_set(err, ERR_INVALID,
			       "targets.json: delegations: says more than whose keys "
			       "sign alarms");
	free(form);
	if (!fine)
		return false;
	puts("~ THE KEYS OF ALARMS");
	key_print_role(ALARM_ROLE, &keys, before->count > 0 ? before : NULL, NULL);
	return true;
}

static bool show_delegations(const struct signing *signing, struct err *err)
{
	const struct repository_file *current =
		repository_file_find(&signing->desk.files, "targets.json");
	char *before = NULL, *after = NULL;
	bool fine =
		current &&
		tuf_delegations_text(current->bytes, current->len, &before, err) &&
		tuf_delegations_text(signing->text, strlen(signing->text), &after, err);

	if (fine && strcmp(before ? before : "", after ? after : "") != 0)
		fine = print_delegations(signing, after ? after : "", err);
	free(before);
	free(after);
	return fine;
}

static bool show_content(struct signing *signing, struct err *err)
{
	CLEANUP(http_response_done) struct http_response programme = {0};
	int64_t next;
	size_t changes = 0;

	if (!release_open(&signing->release, signing->ctl, err))
		return false;
	next = tuf_targets_version(signing->release.trust) + 1;
	if (signing->metadata.header.version != next)
		return err_set(err, ERR_CONFLICT,
			       "this publication is version %" PRId64
			       ", the next one is %" PRId64
			       ": something was published meanwhile, prepare it again",
			       signing->metadata.header.version, next);
	if (!fetch(signing, "programme.json", &programme, err))
		return false;
	signing->programme = programme_from_json("programme.json", programme.body,
						 programme.body_len, err);
	if (!signing->programme || !print_changes(signing, &changes, err) ||
	    !print_plan(signing, &changes, err))
		return false;
	if (changes == 0)
		puts("neither a notice nor the plan changes");
	return true;
}

static bool show(struct signing *signing, struct err *err)
{
	return alarm_desk_open(&signing->desk, signing->ctl, err) &&
	       (!signing->text ||
		(show_content(signing, err) && show_delegations(signing, err))) &&
	       (!signing->emergency ||
		alarm_desk_show(&signing->desk, signing->emergency, err));
}

/* ---- Signing ---- */

/* One of the two files that a publication may hold, and who signs it. */
struct part {
	const char *name; /* in the body, and of the keys in the settings */
	const char *text; /* NULL: not there */
	const char (*paths)[PATH_MAX];
	size_t path_count;
	struct tuf_draft_role role; /* whose keys are needed */
};

/* The next owner of the file sees it with what was signed here. */
static bool rewrite(const json_t *body, const char *path, struct err *err)
{
	char *text = json_dumps(body, JSON_COMPACT);
	bool fine = text || err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);

	fine = fine && file_write_atomic(path, text, strlen(text), 0600, err);
	free(text);
	return fine;
}

/* Signs one file with all keys at hand, into @body. */
static bool sign_part(const struct part *part, json_t *body, bool *complete,
		      struct err *err)
{
	CLEANUP(signers_done) struct signers signers = {0};
	bool signed_by[TUF_ROLE_KEYS_MAX];
	size_t len = strlen(part->text), count = 0;
	char *text = strdup(part->text);
	bool fine = text || err_set(err, ERR_NO_MEMORY, "out of memory");

	fine = fine && signers_load(&signers, part->paths, part->path_count, err);
	for (size_t i = 0; fine && i < signers.count; i++) {
		char *longer = tuf_add_signature(text, len, signers.list[i], &len, err);

		fine = longer != NULL;
		if (fine) {
			free(text);
			text = longer;
		}
	}
	fine = fine &&
	       (json_object_set_new(body, part->name, json_string(text)) == 0 ||
		err_set(err, ERR_NO_MEMORY, "out of memory")) &&
	       tuf_signatures_of(text, len, &part->role, signed_by, &count, err);
	free(text);
	if (!fine)
		return false;
	printf("%s: signed by %zu of the %d keys that are needed\n", part->name, count,
	       part->role.threshold);
	*complete = *complete && count >= (size_t)part->role.threshold;
	return true;
}

/* Whose signatures each file needs: those of alarms as this very publication says. */
static bool name_roles(const struct signing *signing, struct part parts[static 2],
		       struct err *err)
{
	struct tuf_draft root;

	if (!key_current_root(signing->ctl, &signing->desk.files, &root, err))
		return false;
	parts[0].role = root.roles[TUF_ROLE_TARGETS];
	parts[1].role = signing->desk.keys;
	return !signing->text || !signing->emergency ||
	       tuf_delegated_keys(signing->text, strlen(signing->text), ALARM_ROLE,
				  &parts[1].role, err);
}

static bool add_signatures(const struct signing *signing, const char *path,
			   struct err *err)
{
	const struct ctl *ctl = signing->ctl;
	struct part parts[2] = {
		{"targets",
		 signing->text,
		 ctl->targets_keys,
		 ctl->targets_key_count,
		 {{{0}}, 0, 0}},
		{ALARM_ROLE,
		 signing->emergency,
		 ctl->emergency_keys,
		 ctl->emergency_key_count,
		 {{{0}}, 0, 0}},
	};
	json_t *body = json_loadb(signing->file.bytes, signing->file.len, 0, NULL);
	bool complete = true, fine = body && name_roles(signing, parts, err);

	for (size_t i = 0; fine && i < ARRAY_LEN(parts); i++)
		fine = !parts[i].text || sign_part(&parts[i], body, &complete, err);
	fine = fine && rewrite(body, path, err);
	json_decref(body);
	if (fine && complete)
		printf("all have signed: ekimaectl send %s\n", path);
	return fine;
}

bool verb_sign(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(signing_done) struct signing signing = {.ctl = ctl};

	if (argc != 2)
		return err_set(err, ERR_USAGE, "usage: sign FILE");
	if (!read_prepared(&signing, argv[1], err))
		return false;
	if ((!signing.text || ctl->targets_key_count == 0) &&
	    (!signing.emergency || ctl->emergency_key_count == 0))
		return signers_needed(signing.text ? "targets" : ALARM_ROLE, 0, err);
	return show(&signing, err) && ctl_confirm(ctl, "Sign this?", err) &&
	       add_signatures(&signing, argv[1], err);
}

bool verb_send(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	CLEANUP(signing_done) struct signing signing = {.ctl = ctl};
	const char *call;

	if (argc != 2)
		return err_set(err, ERR_USAGE, "usage: send FILE");
	if (!read_prepared(&signing, argv[1], err))
		return false;
	call = !signing.emergency ? "publish"
	       : signing.text     ? "emergency/keys"
				  : "emergency";
	if (!ctl_send(ctl, "POST", call, signing.file.bytes, signing.file.len, &response,
		      err))
		return false;
	printf("published: %s\n", response.body);
	return true;
}
