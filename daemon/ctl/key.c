#include "ctl/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alarm.h"
#include "core/err.h"
#include "ctl/ctl.h"
#include "ctl/key_draft.h"
#include "ctl/release.h"
#include "os/file.h"
#include "wire/key.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

struct signer *key_read_signer(const char *path, struct err *err)
{
	CLEANUP(blob_free) struct blob pem = {0};
	struct signer *signer;

	if (!file_read(path, KEY_PEM_MAX, &pem, err))
		return NULL;
	signer = signer_from_pem(pem.bytes, pem.len, err);
	explicit_bzero(pem.bytes, pem.len);
	if (!signer)
		err_prefix(err, "%s", path);
	return signer;
}

bool key_is_of_targets(const struct tuf_trust *trust, const char *path, bool *out,
		       char out_id[static KEY_ID_SIZE], struct err *err)
{
	static const char probe[] = "ekimae: does this key sign targets?";
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	struct signer *signer = key_read_signer(path, err);
	bool fine;

	if (!signer)
		return false;
	fine = signer_sign(signer, probe, sizeof(probe), signature, err);
	if (fine) {
		snprintf(out_id, KEY_ID_SIZE, "%s", signer_key_id(signer));
		*out = tuf_role_signed(trust, "targets", probe, sizeof(probe), out_id,
				       signature, sizeof(signature));
	}
	signer_free(signer);
	return fine;
}

/* The version in "N.root.json"; 0 for other names. */
static int64_t root_version_of(const char *name)
{
	char *end = NULL;
	long long version = strtoll(name, &end, 10);

	return end != name && strcmp(end, ".root.json") == 0 ? version : 0;
}

/* NULL when no root was fetched: then the first is in force. */
static const struct repository_file *newest_root(const struct repository_files *files)
{
	const struct repository_file *newest = NULL;

	for (size_t i = 0; i < files->count; i++) {
		const struct repository_file *file = &files->files[i];

		if (root_version_of(file->name) >
		    (newest ? root_version_of(newest->name) : 0))
			newest = file;
	}
	return newest;
}

bool key_current_root(const struct ctl *ctl, const struct repository_files *files,
		      struct tuf_draft *out, struct err *err)
{
	const struct repository_file *newest = newest_root(files);
	CLEANUP(blob_free) struct blob first = {0};

	if (newest)
		return tuf_draft_read(out, newest->bytes, newest->len, err);
	return file_read(ctl->root, TUF_ROOT_MAX, &first, err) &&
	       tuf_draft_read(out, first.bytes, first.len, err);
}

bool key_ends(const struct ctl *ctl, const struct repository_files *files,
	      struct key_end *out, size_t *count, size_t max, struct err *err)
{
	const struct repository_file *root = newest_root(files);
	size_t found = 0;

	for (size_t i = 0; i < files->count && found < max; i++) {
		struct key_end *end = &out[found];
		struct wall_ms expires;

		if (root_version_of(files->files[i].name) > 0 && &files->files[i] != root)
			continue;

		if (!tuf_peek(files->files[i].bytes, files->files[i].len, &end->version,
			      &expires, err))
			return err_prefix(err, "%s", files->files[i].name);
		snprintf(end->name, sizeof(end->name), "%s", files->files[i].name);
		end->expires = expires;
		end->days_left = (expires.ms - ctl->now.wall.ms) / DAY_MS;
		found++;
	}
	*count = found;
	return true;
}

bool key_add_first_root(const struct ctl *ctl, struct repository_files *files,
			struct err *err)
{
	CLEANUP(blob_free) struct blob root = {0};
	char name[32];
	struct wall_ms expires;
	int64_t version = 0;

	if (newest_root(files))
		return true;
	if (!file_read(ctl->root, TUF_ROOT_MAX, &root, err) ||
	    !tuf_peek(root.bytes, root.len, &version, &expires, err))
		return false;
	snprintf(name, sizeof(name), "%" PRId64 ".root.json", version);
	return repository_file_put(files, name, root.bytes, root.len, err);
}

bool key_of_alarms(const struct repository_files *files, struct tuf_draft_role *out,
		   struct err *err)
{
	const struct repository_file *targets =
		repository_file_find(files, "targets.json");
	struct err missing = {0};

	*out = (struct tuf_draft_role){0};
	if (!targets)
		return err_set(err, ERR_INTERNAL, "no targets.json was fetched");
	if (tuf_delegated_keys(targets->bytes, targets->len, ALARM_ROLE, out, &missing))
		return true;
	*err = missing;
	return missing.code == ERR_NOT_FOUND;
}

static bool show_ends(const struct ctl *ctl, const struct repository_files *files,
		      struct err *err)
{
	struct key_end ends[KEY_ENDS_MAX];
	size_t count = 0;

	if (!key_ends(ctl, files, ends, &count, KEY_ENDS_MAX, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		char text[WALL_TEXT_SIZE];

		wall_format_jst(ends[i].expires, text);
		printf("%-18s version %-6" PRId64 " ends %s (%" PRId64 " days)\n",
		       ends[i].name, ends[i].version, text, ends[i].days_left);
	}
	return true;
}

static bool show(struct ctl *ctl, struct err *err)
{
	CLEANUP(repository_files_done) struct repository_files files = {0};
	struct tuf_draft_role emergency = {0};
	struct tuf_target alarms;
	struct tuf_draft root;
	struct tuf_trust *trust;
	bool fine, found = false;

	trust = release_refresh(ctl, &files, err);
	if (!trust)
		return false;
	fine = release_find_alarms(ctl, trust, &files, &alarms, &found, err) &&
	       key_add_first_root(ctl, &files, err) && show_ends(ctl, &files, err) &&
	       key_current_root(ctl, &files, &root, err) &&
	       key_draft_print(&root, NULL, NULL, 0, err) &&
	       key_of_alarms(&files, &emergency, err);
	if (fine && emergency.count > 0)
		key_print_role(ALARM_ROLE, &emergency, NULL, NULL);
	for (size_t i = 0; fine && i < ctl->targets_key_count; i++) {
		char id[KEY_ID_SIZE];
		bool signs = false;

		fine = key_is_of_targets(trust, ctl->targets_keys[i], &signs, id, err);
		if (fine)
			printf("key %.16s… (%s) %s\n", id, ctl->targets_keys[i],
			       signs ? "signs targets"
				     : "is NOT a key of the targets role");
	}
	tuf_trust_free(trust);
	return fine;
}

bool verb_key(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	static const struct {
		const char *name;
		verb_fn *run;
	} verbs[] = {{"new", key_new},
		     {"rotate", key_rotate},
		     {"sign", key_sign},
		     {"send", key_send}};

	if (argc == 2 && strcmp(argv[1], "show") == 0)
		return show(ctl, err);
	for (size_t i = 0; argc > 1 && i < ARRAY_LEN(verbs); i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(ctl, argc - 2, argv + 2, err);
	return err_set(err, ERR_USAGE,
		       "usage: key show | new FILE.pem | rotate DRAFT.json … | "
		       "sign DRAFT.json --key FILE.pem | send DRAFT.json");
}
