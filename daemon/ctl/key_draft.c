#include "ctl/key_draft.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alarm.h"
#include "core/err.h"
#include "ctl/ctl.h"
#include "ctl/key.h"
#include "ctl/release.h"
#include "ctl/signers.h"
#include "os/file.h"
#include "wire/digest.h"
#include "wire/json.h"

#define DAY_MS         (INT64_C(24) * 60 * 60 * 1000)
#define ROOT_DAYS      730
#define ROOT_DAYS_MIN  30
#define ROOT_DAYS_MAX  3650
#define PUBLIC_KEY_MAX 256 /* bytes of a .pub file */

static const char rotate_usage[] =
	"usage: key rotate DRAFT.json [--days N] [timestamp] [snapshot]\n"
	"       [targets|root [--add KEY.pub]… [--remove ID]… [--threshold N]]…";

/* ---- Keys in files ---- */

bool key_write_new(const char *path, const char *bytes, mode_t mode, struct err *err)
{
	if (file_exists(path))
		return err_set(err, ERR_CONFLICT,
			       "%s: is there already, and is not overwritten", path);
	return file_write_atomic(path, bytes, strlen(bytes), mode, err);
}

bool key_new(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	char public_path[PATH_MAX], hex[2 * ED25519_PUBLIC_SIZE + 2];
	uint8_t key[ED25519_PUBLIC_SIZE];
	struct signer *signer;
	char *pem;
	bool fine;

	(void)ctl;
	if (argc != 1)
		return err_set(err, ERR_USAGE, "usage: key new FILE.pem");
	if (snprintf(public_path, sizeof(public_path), "%s.pub", argv[0]) >= PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "%.100s…: too long a path", argv[0]);
	signer = signer_generate(err);
	pem = signer ? signer_to_pem(signer, err) : NULL;
	fine = pem && key_write_new(argv[0], pem, 0600, err);
	signer_pem_free(pem);
	if (fine) {
		signer_public(signer, key);
		hex_encode(key, sizeof(key), hex);
		strncat(hex, "\n", 2);
		fine = key_write_new(public_path, hex, 0644, err);
	}
	if (fine)
		printf("key %.16s…\n"
		       "  %s      the key itself: it stays with its owner\n"
		       "  %s  its public part, for \"key rotate … --add\"\n",
		       signer_key_id(signer), argv[0], public_path);
	signer_free(signer);
	return fine;
}

static bool read_public(const char *path, uint8_t out[static ED25519_PUBLIC_SIZE],
			struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};

	if (!file_read(path, PUBLIC_KEY_MAX, &blob, err))
		return false;
	blob.bytes[strcspn(blob.bytes, "\r\n")] = '\0';
	if (strlen(blob.bytes) == 2 * ED25519_PUBLIC_SIZE &&
	    hex_decode(blob.bytes, out, ED25519_PUBLIC_SIZE))
		return true;
	return err_set(err, ERR_INVALID,
		       "%s: is no public key: give the .pub file that \"key new\" wrote",
		       path);
}

/* ---- Showing ---- */

static void print_key(char mark, const uint8_t key[static ED25519_PUBLIC_SIZE],
		      const char *note)
{
	char id[KEY_ID_SIZE];

	ed25519_key_id(key, id);
	printf("  %c %.16s…%s\n", mark, id, note);
}

void key_print_role(const char *name, const struct tuf_draft_role *role,
		    const struct tuf_draft_role *before, const bool *signed_by)
{
	printf("%s: %d of %zu", name, role->threshold, role->count);
	if (before &&
	    (before->threshold != role->threshold || before->count != role->count))
		printf(" (was %d of %zu)", before->threshold, before->count);
	putchar('\n');
	for (size_t i = 0; i < role->count; i++)
		print_key(before && !tuf_draft_role_has(before, role->keys[i]) ? '+'
									       : ' ',
			  role->keys[i], signed_by && signed_by[i] ? "  has signed" : "");
	for (size_t i = 0; before && i < before->count; i++)
		if (!tuf_draft_role_has(role, before->keys[i]))
			print_key('-', before->keys[i], "");
}

bool key_draft_print(const struct tuf_draft *draft, const struct tuf_draft *before,
		     const char *root, size_t root_len, struct err *err)
{
	bool signed_by[TUF_ROLE_KEYS_MAX] = {false};
	char until[WALL_TEXT_SIZE];
	size_t count = 0;

	if (root && !tuf_signatures_of(root, root_len, &draft->roles[TUF_ROLE_ROOT],
				       signed_by, &count, err))
		return false;
	wall_format_jst(draft->expires, until);
	printf("root version %" PRId64 ", ends %s", draft->version, until);
	if (before)
		printf("; against version %" PRId64, before->version);
	putchar('\n');
	for (int type = 0; type < TUF_ROLE_COUNT; type++)
		key_print_role(tuf_role_text((enum tuf_role_type)type),
			       &draft->roles[type], before ? &before->roles[type] : NULL,
			       root && type == TUF_ROLE_ROOT ? signed_by : NULL);
	return true;
}

/* ---- rotate ---- */

static bool parse_number(const char *text, long min, long max, int *out, struct err *err)
{
	char *end = NULL;
	long number;

	errno = 0;
	number = text ? strtol(text, &end, 10) : 0;
	if (!text || end == text || *end != '\0' || errno != 0 || number < min ||
	    number > max)
		return err_set(err, ERR_USAGE,
			       "expected a number from %ld to %ld, got %s", min, max,
			       text ? text : "nothing");
	*out = (int)number;
	return true;
}

/* The server makes a new key and keeps it; the role gets its public part alone. */
static bool ask_for_online_key(struct ctl *ctl, enum tuf_role_type type,
			       struct tuf_draft_role *role, struct err *err)
{
	struct json_doc *answer;
	struct json_node root;
	bool fine;

	answer = ctl_call(ctl, "POST", "keys/online",
			  json_pack("{s:s}", "role", tuf_role_text(type)), err);
	fine = answer && json_root(answer, &root, err) &&
	       json_get_hex(&root, "key", role->keys[0], ED25519_PUBLIC_SIZE, err);
	json_doc_free(answer);
	role->count = 1;
	role->threshold = 1;
	return fine;
}

static int role_of(const char *word)
{
	for (int type = 0; type < TUF_ROLE_COUNT; type++)
		if (strcmp(word, tuf_role_text((enum tuf_role_type)type)) == 0)
			return type;
	return -1;
}

bool key_change_role(struct tuf_draft_role *role, char **words, int *used,
		     const char *usage, struct err *err)
{
	uint8_t key[ED25519_PUBLIC_SIZE];

	*used = 2;
	if (!words[1])
		return err_set(err, ERR_USAGE, "%s needs a value", words[0]);
	if (strcmp(words[0], "--add") == 0)
		return (read_public(words[1], key, err) &&
			tuf_draft_role_add(role, key, err)) ||
		       err_prefix(err, "--add %s", words[1]);
	if (strcmp(words[0], "--remove") == 0)
		return tuf_draft_role_remove(role, words[1], err);
	if (strcmp(words[0], "--threshold") == 0)
		return parse_number(words[1], 1, TUF_ROLE_KEYS_MAX, &role->threshold,
				    err);
	return err_set(err, ERR_USAGE, "%s", usage);
}

static bool change_draft(struct ctl *ctl, struct tuf_draft *draft, int argc, char **argv,
			 struct err *err)
{
	int role = -1, days = ROOT_DAYS, used;

	for (int i = 0; i < argc; i += used) {
		used = 1;
		if (strcmp(argv[i], "--days") == 0) {
			used = 2;
			if (!parse_number(argv[i + 1], ROOT_DAYS_MIN, ROOT_DAYS_MAX,
					  &days, err))
				return err_prefix(err, "--days");
		} else if (role_of(argv[i]) >= 0) {
			role = role_of(argv[i]);
			if ((role == TUF_ROLE_TIMESTAMP || role == TUF_ROLE_SNAPSHOT) &&
			    !ask_for_online_key(ctl, (enum tuf_role_type)role,
						&draft->roles[role], err))
				return false;
		} else if (role == TUF_ROLE_ROOT || role == TUF_ROLE_TARGETS) {
			if (!key_change_role(&draft->roles[role], &argv[i], &used,
					     rotate_usage, err))
				return false;
		} else if (strcmp(argv[i], ALARM_ROLE) == 0) {
			return err_set(err, ERR_USAGE,
				       "no root is needed for the keys of alarms: "
				       "\"ekimaectl emergency keys\" changes them");
		} else {
			return err_set(err, ERR_USAGE, "%s", rotate_usage);
		}
	}
	draft->version++;
	draft->expires =
		(struct wall_ms){(ctl->now.wall.ms / 1000 * 1000) + days * DAY_MS};
	return true;
}

bool key_rotate(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(repository_files_done) struct repository_files files = {0};
	struct tuf_draft before, draft;
	struct tuf_trust *trust;
	size_t len = 0;
	char *bytes;
	bool fine;

	if (argc < 1)
		return err_set(err, ERR_USAGE, "%s", rotate_usage);
	trust = release_refresh(ctl, &files, err);
	fine = trust && key_current_root(ctl, &files, &before, err);
	tuf_trust_free(trust);
	if (!fine)
		return false;
	draft = before;
	if (!change_draft(ctl, &draft, argc - 1, argv + 1, err))
		return false;
	bytes = tuf_draft_write(&draft, &len, err);
	fine = bytes && key_write_new(argv[0], bytes, 0644, err) &&
	       key_draft_print(&draft, &before, NULL, 0, err);
	free(bytes);
	if (fine)
		printf("\nWritten to %s. Carry it to %d of the root keys, one after "
		       "another:\n"
		       "  ekimaectl key sign %s --key ROOT-KEY.pem\n"
		       "then back here: ekimaectl key send %s\n",
		       argv[0], before.roles[TUF_ROLE_ROOT].threshold, argv[0], argv[0]);
	return fine;
}

/* ---- sign ---- */

/* What the signer goes by: the root that this machine knows, when it knows one. */
static bool print_for_signing(const struct ctl *ctl, const struct tuf_draft *draft,
			      const struct blob *root, struct err *err)
{
	CLEANUP(blob_free) struct blob known = {0};
	struct tuf_draft before;

	if (ctl->root[0] == '\0')
		return key_draft_print(draft, NULL, root->bytes, root->len, err);
	return file_read(ctl->root, TUF_ROOT_MAX, &known, err) &&
	       tuf_draft_read(&before, known.bytes, known.len, err) &&
	       key_draft_print(draft, &before, root->bytes, root->len, err);
}

static bool sign_draft(const struct ctl *ctl, const char *path, const char *key_path,
		       struct err *err)
{
	CLEANUP(blob_free) struct blob root = {0};
	struct tuf_draft draft;
	struct signer *signer;
	uint8_t key[ED25519_PUBLIC_SIZE];
	char *bytes = NULL;
	size_t len = 0;
	bool fine;

	if (!file_read(path, TUF_ROOT_MAX, &root, err) ||
	    !tuf_draft_read(&draft, root.bytes, root.len, err) ||
	    !print_for_signing(ctl, &draft, &root, err))
		return err_prefix(err, "%s", path);
	signer = key_read_signer(key_path, err);
	if (!signer)
		return false;
	signer_public(signer, key);
	if (!tuf_draft_role_has(&draft.roles[TUF_ROLE_ROOT], key))
		printf("\nThis key is not among the root keys any more after this change.\n");
	putchar('\n');
	fine = ctl_confirm(ctl, "Sign this root?", err);
	if (fine)
		bytes = tuf_add_signature(root.bytes, root.len, signer, &len, err);
	fine = fine && bytes && file_write_atomic(path, bytes, len, 0644, err);
	if (fine)
		printf("signed with key %.16s…: %s\n", signer_key_id(signer), path);
	free(bytes);
	signer_free(signer);
	return fine;
}

bool key_sign(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	if (argc != 3 || strcmp(argv[1], "--key") != 0)
		return err_set(err, ERR_USAGE,
			       "usage: key sign DRAFT.json --key FILE.pem [--root "
			       "root.json]");
	return sign_draft(ctl, argv[0], argv[2], err);
}

/* ---- send ---- */

struct sending {
	struct ctl *ctl;
	struct repository_files files;
	struct tuf_trust *trust;
	struct blob root;
	struct tuf_draft draft;
	char *targets; /* signed again; NULL: those in force stay good */
};

static void sending_done(struct sending *sending)
{
	repository_files_done(&sending->files);
	tuf_trust_free(sending->trust);
	blob_free(&sending->root);
	free(sending->targets);
}

static bool enough_have_signed(const struct sending *sending, const char *bytes,
			       size_t len, bool *out, struct err *err)
{
	const struct tuf_draft_role *role = &sending->draft.roles[TUF_ROLE_TARGETS];
	bool by[TUF_ROLE_KEYS_MAX];
	size_t count = 0;

	if (!tuf_signatures_of(bytes, len, role, by, &count, err))
		return false;
	*out = count >= (size_t)role->threshold;
	return true;
}

/* What is published now, as the next version, signed by the keys at hand. */
static bool sign_targets_again(struct sending *sending, struct err *err)
{
	struct ctl *ctl = sending->ctl;
	const struct tuf_trust *trust = sending->trust;
	CLEANUP(signers_done) struct signers signers = {0};
	bool enough = false;
	size_t len = 0;

	if (signers_load(&signers, ctl->targets_keys, ctl->targets_key_count, err))
		sending->targets = release_sign(
			ctl, trust, &sending->files,
			tuf_target_count(trust) ? tuf_target_at(trust, 0) : NULL,
			tuf_target_count(trust), NULL, &signers, &len, err);
	if (!sending->targets ||
	    !enough_have_signed(sending, sending->targets, len, &enough, err))
		return false;
	return enough ||
	       err_set(err, ERR_CONFIG,
		       "under the new root, what is published now has to be signed again "
		       "by %d targets keys: give them with --targets-key",
		       sending->draft.roles[TUF_ROLE_TARGETS].threshold);
}

static bool prepare(struct sending *sending, const char *path, struct err *err)
{
	const struct repository_file *targets;
	struct tuf_draft before;
	bool enough = false;

	if (!file_read(path, TUF_ROOT_MAX, &sending->root, err) ||
	    !tuf_draft_read(&sending->draft, sending->root.bytes, sending->root.len, err))
		return err_prefix(err, "%s", path);
	sending->trust = release_refresh(sending->ctl, &sending->files, err);
	if (!sending->trust ||
	    !key_current_root(sending->ctl, &sending->files, &before, err) ||
	    !key_draft_print(&sending->draft, &before, sending->root.bytes,
			     sending->root.len, err))
		return false;
	targets = repository_file_find(&sending->files, "targets.json");
	if (!targets)
		return err_set(err, ERR_INTERNAL, "no targets.json was fetched");
	if (!enough_have_signed(sending, targets->bytes, targets->len, &enough, err) ||
	    (!enough && !sign_targets_again(sending, err)))
		return false;
	return tuf_update_root(sending->trust, sending->root.bytes, sending->root.len,
			       err) ||
	       err_prefix(err, "%s", path);
}

bool key_send(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(sending_done) struct sending sending = {.ctl = ctl};
	struct json_doc *answer;
	json_t *body;

	if (argc != 1)
		return err_set(err, ERR_USAGE, "usage: key send DRAFT.json");
	if (!prepare(&sending, argv[0], err) ||
	    !ctl_confirm(ctl, "Put this root in force?", err))
		return false;
	body = json_pack("{s:s}", "root", sending.root.bytes);
	if (sending.targets)
		json_object_set_new(body, "targets", json_string(sending.targets));
	answer = ctl_call(ctl, "POST", "root", body, err);
	if (!answer)
		return false;
	json_doc_free(answer);
	printf("root version %" PRId64 " is in force; screens follow by themselves\n",
	       sending.draft.version);
	return true;
}
