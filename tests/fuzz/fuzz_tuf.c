/*
 * Metadata as any role's, past the point where its signatures would have stopped it: what a
 * holder of the keys, or a mistake of the city, could send.
 */
#include <string.h>

#include "core/err.h"
#include "fuzz/fuzz.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"
#include "wire/tuf_metadata.h"

static void read_root(const struct tuf_file *file)
{
	struct err err = {0};
	struct tuf_root *root = tuf_root_read(file, &err);

	must_hold(root || err.code != ERR_NONE);
	if (root) {
		struct err unsigned_err = {0};

		/* Nobody has signed it with a key of its own that the fuzzer knows. */
		must_hold(tuf_file_verify(file, &root->keyring,
					  &root->roles[TUF_ROLE_ROOT], "root",
					  &unsigned_err) ||
			  unsigned_err.code == ERR_UNTRUSTED);
	}
	tuf_root_free(root);
}

static void read_snapshot(const struct tuf_file *file)
{
	struct err err = {0};
	struct tuf_snapshot *snapshot = tuf_snapshot_read(file, &err);

	must_hold(snapshot || err.code != ERR_NONE);
	if (snapshot) {
		must_hold(tuf_snapshot_find(snapshot, "targets.json") != NULL);
		for (size_t i = 0; i < snapshot->count; i++)
			must_hold(
				tuf_snapshot_find(snapshot, snapshot->entries[i].name) ==
				&snapshot->entries[i].meta);
	}
	tuf_snapshot_free(snapshot);
}

/* Whom a path is given to, and what files those would be called. */
static void follow(const struct tuf_delegations *delegations, const char *path)
{
	for (size_t i = 0; i < delegations->count; i++) {
		const struct tuf_delegation *delegation = &delegations->list[i];
		char name[TUF_ROLE_NAME_MAX], kept[TUF_FILE_NAME_MAX];

		must_hold(delegation->name[0] != '\0' && delegation->role.threshold > 0);
		must_hold(delegations->bin_bits > 0 || !delegation->paths ||
			  !delegation->hash_prefixes);
		if (!tuf_delegation_covers(delegations, delegation, path))
			continue;
		tuf_delegation_name(delegations, delegation, path, name);
		must_hold(strcmp(name, "root") != 0 && strcmp(name, "targets") != 0);
		tuf_role_file(name, kept);
		must_hold(!strchr(kept, '/') && strchr(kept, '.') == strrchr(kept, '.'));
		must_hold(strcmp(kept, "timestamp.json") != 0);
		/* What covers everything covers the path that it is. */
		for (size_t j = 0; j < delegation->path_count; j++)
			must_hold(strpbrk(delegation->paths[j], "*?[") ||
				  tuf_pattern_matches(delegation->paths[j], path) ==
					  (strcmp(delegation->paths[j], path) == 0));
	}
}

static void read_targets(const struct tuf_file *file)
{
	struct err err = {0};
	struct tuf_targets *targets = tuf_targets_read(file, &err);

	must_hold(targets || err.code != ERR_NONE);
	if (targets) {
		for (size_t i = 0; i < targets->count; i++) {
			const struct tuf_target *target = &targets->targets[i];

			must_hold(target->has_sha256 || target->has_sha512);
			must_hold(tuf_targets_find(targets, target->path) == target);
			must_hold(!tuf_target_check(target, "no such bytes", 13, &err));
			if (targets->delegations)
				follow(targets->delegations, target->path);
		}
		if (targets->delegations)
			follow(targets->delegations, "emergency/alarm.json");
	}
	tuf_targets_free(targets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct tuf_file file;
	struct tuf_trust *trust = tuf_trust_new(data, size, &err);

	must_hold(trust || err.code != ERR_NONE);
	if (trust) {
		/* A root is never its own successor. */
		must_hold(!tuf_update_root(trust, data, size, &err));
		must_hold(!tuf_update_timestamp(trust, data, size, (struct wall_ms){0},
						true, &err));
	}
	tuf_trust_free(trust);

	if (!tuf_file_read_any(&file, "fuzz", data, size, TUF_TARGETS_MAX, &err))
		return 0;
	must_hold(file.header.version > 0 && file.header.length == (int64_t)size);
	read_root(&file);
	read_snapshot(&file);
	read_targets(&file);
	tuf_timestamp_free(tuf_timestamp_read(&file, &err));
	tuf_file_done(&file);
	return 0;
}
