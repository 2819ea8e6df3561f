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

#include "core/err.h"
#include "core/programme.h"
#include "ctl/ctl.h"
#include "ctl/key.h"
#include "ctl/picture.h"
#include "ctl/plan_changes.h"
#include "ctl/release.h"
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
	struct blob file;         /* the body of POST publish */
	struct tuf_file metadata; /* its targets.json */
	struct tuf_targets *targets;
	const char *text; /* of targets.json, borrowed from @doc */
	struct json_doc *doc;
	struct programme *programme; /* as it will be */
	struct release release;      /* as it is */
};

static void signing_done(struct signing *signing)
{
	blob_free(&signing->file);
	tuf_targets_free(signing->targets);
	tuf_file_done(&signing->metadata);
	json_doc_free(signing->doc);
	programme_free(signing->programme);
	release_done(&signing->release);
}

static bool read_prepared(struct signing *signing, const char *path, struct err *err)
{
	struct json_node root;

	if (!file_read(path, FILE_MAX, &signing->file, err))
		return false;
	signing->doc =
		json_parse(path, signing->file.bytes, signing->file.len, FILE_MAX, err);
	if (!signing->doc || !json_root(signing->doc, &root, err) ||
	    !json_get_string(&root, "targets", TUF_TARGETS_MAX, &signing->text, err) ||
	    !tuf_file_read(&signing->metadata, "targets.json", TUF_ROLE_TARGETS,
			   signing->text, strlen(signing->text), TUF_TARGETS_MAX, err))
		return false;
	signing->targets = tuf_targets_read(&signing->metadata, err);
	if (!signing->targets)
		return false;
	return !signing->targets->delegations ||
	       err_set(err, ERR_INVALID,
		       "%s: holds delegations, which this program neither makes nor shows",
		       path);
}

static bool fetch(struct signing *signing, const char *path, struct http_response *out,
		  struct err *err)
{
	const struct tuf_target *target = tuf_targets_find(signing->targets, path);
	char hex[SHA256_HEX_SIZE], url[SHA256_HEX_SIZE + 16];

	if (!target || !target->has_sha256)
		return err_set(err, ERR_INVALID, "targets.json: names no %s", path);
	hex_encode(target->sha256, SHA256_SIZE, hex);
	snprintf(url, sizeof(url), "objects/%s", hex);
	return ctl_send(signing->ctl, "GET", url, NULL, 0, out, err) &&
	       tuf_target_check(target, out->body, out->body_len, err);
}

/* ---- Showing ---- */

/* Texts as they are written: who signs answers for the readings in them, too. */
static void print_notice(char mark, const struct notice *notice)
{
	char from[WALL_TEXT_SIZE], until[WALL_TEXT_SIZE];

	wall_format_jst(notice->from, from);
	wall_format_jst(notice->until, until);
	printf("%c %s revision %" PRId64 "%s\n    「%s」 %s\n    %s – %s\n", mark,
	       notice->id, notice->revision, notice->urgent ? " URGENT" : "",
	       notice->title, notice->department, from, until);
	if (notice->body)
		printf("    %s\n", notice->body);
	if (notice->picture)
		printf("    picture %d×%d: %s\n", notice->picture->width,
		       notice->picture->height, notice->picture->alt);
	for (int i = 0; i < NOTICE_LANGUAGES; i++) {
		const struct notice_translation *other = notice->translations[i];

		if (other)
			printf("    %s: %s\n    %s\n",
			       notice_language_name((enum notice_language)i),
			       other->title, other->body ? other->body : "");
	}
}

static bool same_content(const struct notice *left, const struct notice *right, bool *out,
			 struct err *err)
{
	uint8_t hashes[2][SHA256_SIZE];

	if (!notice_content_hash(left, hashes[0], err) ||
	    !notice_content_hash(right, hashes[1], err))
		return false;
	*out = memcmp(hashes[0], hashes[1], SHA256_SIZE) == 0;
	return true;
}

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

		if (old && !same_content(notice, old, &same, err))
			return false;
		if (!same) {
			print_notice(old ? '~' : '+', notice);
			if (!release_has_picture(&signing->release, notice->picture) &&
			    !picture_verify(signing->ctl, notice->picture, err))
				return err_prefix(err, "%s", notice->id);
			changes++;
		}
	}
	for (size_t i = 0; i < before->notice_count; i++) {
		if (!programme_notice(after, before->notices[i].id)) {
			print_notice('-', &before->notices[i]);
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

static bool show(struct signing *signing, struct err *err)
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

/* ---- Signing ---- */

/* The file again, with @targets in it. */
static bool rewrite(const struct signing *signing, const char *path, const char *targets,
		    struct err *err)
{
	json_t *body = json_loadb(signing->file.bytes, signing->file.len, 0, NULL);
	char *text = NULL;
	bool fine;

	if (body && json_object_set_new(body, "targets", json_string(targets)) == 0)
		text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (!text)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
	fine = file_write_atomic(path, text, strlen(text), 0600, err);
	free(text);
	return fine;
}

static bool tell_signatures(const struct signing *signing, const char *path,
			    const char *targets, size_t len, struct err *err)
{
	const struct tuf_draft_role *role;
	bool signed_by[TUF_ROLE_KEYS_MAX];
	struct tuf_draft root;
	size_t count = 0;

	if (!key_current_root(signing->ctl, &signing->release.files, &root, err))
		return false;
	role = &root.roles[TUF_ROLE_TARGETS];
	if (!tuf_signatures_of(targets, len, role, signed_by, &count, err))
		return false;
	printf("signed by %zu of the %d keys that are needed", count, role->threshold);
	if (count >= (size_t)role->threshold)
		printf(": ekimaectl send %s", path);
	putchar('\n');
	return true;
}

static bool add_signatures(const struct signing *signing, const char *path,
			   struct err *err)
{
	const struct ctl *ctl = signing->ctl;
	size_t len = strlen(signing->text);
	char *text = strdup(signing->text);
	bool fine = text || err_set(err, ERR_NO_MEMORY, "out of memory");

	for (size_t i = 0; fine && i < ctl->targets_key_count; i++) {
		struct signer *signer = key_read_signer(ctl->targets_keys[i], err);
		char *longer =
			signer ? tuf_add_signature(text, len, signer, &len, err) : NULL;

		signer_free(signer);
		fine = longer != NULL;
		if (fine) {
			free(text);
			text = longer;
		}
	}
	fine = fine && rewrite(signing, path, text, err) &&
	       tell_signatures(signing, path, text, len, err);
	free(text);
	return fine;
}

bool verb_sign(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(signing_done) struct signing signing = {.ctl = ctl};

	if (argc != 2)
		return err_set(err, ERR_USAGE, "usage: sign FILE");
	if (ctl->targets_key_count == 0)
		return err_set(
			err, ERR_CONFIG,
			"no key to sign with: set [keys].targets in ctl.conf, or use "
			"--targets-key");
	return read_prepared(&signing, argv[1], err) && show(&signing, err) &&
	       ctl_confirm(ctl, "Sign this?", err) &&
	       add_signatures(&signing, argv[1], err);
}

bool verb_send(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	CLEANUP(blob_free) struct blob file = {0};

	if (argc != 2)
		return err_set(err, ERR_USAGE, "usage: send FILE");
	if (!file_read(argv[1], FILE_MAX, &file, err) ||
	    !ctl_send(ctl, "POST", "publish", file.bytes, file.len, &response, err))
		return false;
	printf("published: %s\n", response.body);
	return true;
}
