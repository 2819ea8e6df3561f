#include "ctl/key.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "ctl/ctl.h"
#include "ctl/release.h"
#include "os/file.h"
#include "wire/key.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

bool key_is_of_targets(const struct tuf_trust *trust, const char *path, bool *out,
		       char out_id[static KEY_ID_SIZE], struct err *err)
{
	static const char probe[] = "ekimae: does this key sign targets?";
	CLEANUP(blob_free) struct blob pem = {0};
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	struct signer *signer;
	bool fine;

	if (!file_read(path, KEY_PEM_MAX, &pem, err))
		return false;
	signer = signer_from_pem(pem.bytes, pem.len, err);
	explicit_bzero(pem.bytes, pem.len);
	if (!signer)
		return err_prefix(err, "%s", path);
	fine = signer_sign(signer, probe, sizeof(probe), signature, err);
	if (fine) {
		snprintf(out_id, KEY_ID_SIZE, "%s", signer_key_id(signer));
		*out = tuf_role_signed(trust, "targets", probe, sizeof(probe), out_id,
				       signature, sizeof(signature));
	}
	signer_free(signer);
	return fine;
}

bool key_ends(const struct ctl *ctl, const struct repository_files *files,
	      struct key_end *out, size_t *count, size_t max, struct err *err)
{
	size_t found = 0;

	for (size_t i = 0; i < files->count && found < max; i++) {
		struct key_end *end = &out[found];
		struct wall_ms expires;

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

	if (!file_read(ctl->root, TUF_ROOT_MAX, &root, err) ||
	    !tuf_peek(root.bytes, root.len, &version, &expires, err))
		return false;
	snprintf(name, sizeof(name), "%" PRId64 ".root.json", version);
	return repository_file_put(files, name, root.bytes, root.len, err);
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

bool verb_key(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(repository_files_done) struct repository_files files = {0};
	struct tuf_trust *trust;
	bool fine;

	if (argc != 2 || strcmp(argv[1], "show") != 0)
		return err_set(err, ERR_USAGE, "usage: key show");
	trust = release_refresh(ctl, &files, err);
	if (!trust)
		return false;
	fine = key_add_first_root(ctl, &files, err) && show_ends(ctl, &files, err);
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
