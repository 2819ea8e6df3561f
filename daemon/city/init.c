#include "city/init.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "city/city.h"
#include "city/objects.h"
#include "city/password.h"
#include "city/publisher.h"
#include "core/alarm.h"
#include "core/err.h"
#include "core/plan.h"
#include "core/programme.h"
#include "core/utf8.h"
#include "os/file.h"
#include "store/citydb.h"
#include "wire/key.h"
#include "wire/plan_json.h"
#include "wire/programme_json.h"
#include "wire/tuf_build.h"

/* The keys, in the order of signers[]; then those of targets, then those of alarms. */
enum {
	KEY_ROOT,
	KEY_SNAPSHOT = INIT_ROOT_KEYS,
	KEY_TIMESTAMP,
	KEY_TARGETS,
	KEY_MAX = KEY_TARGETS + INIT_TARGETS_KEYS_MAX + INIT_EMERGENCY_KEYS_MAX,
};

struct init {
	const struct init_options *options;
	struct wall_ms now;
	size_t targets_keys, emergency_keys, key_count;
	size_t first_emergency; /* in signers[] */
	struct signer *signers[KEY_MAX];
	char paths[KEY_MAX][PATH_MAX]; /* where each key is written */
	char root_copy[PATH_MAX];
	char database[PATH_MAX];
	char folders[3][PATH_MAX]; /* keys, objects, repository */
};

/* "targets.pem"; of several keys "targets-1.pem", "targets-2.pem" … */
static bool name_keys(struct init *init, const char *file, size_t first, size_t count,
		      struct err *err)
{
	const char *slash = strrchr(file, '/');
	const char *dot = strrchr(slash ? slash : file, '.');
	int stem = (int)(dot ? dot - file : (long)strlen(file));

	for (size_t i = 0; i < count; i++) {
		char *out = init->paths[first + i];
		int len;

		if (count == 1)
			len = snprintf(out, PATH_MAX, "%s", file);
		else
			len = snprintf(out, PATH_MAX, "%.*s-%zu%s", stem, file, i + 1,
				       dot ? dot : "");
		if (len >= PATH_MAX)
			return err_set(err, ERR_TOO_LARGE, "%.100s…: too long a path",
				       file);
	}
	return true;
}

static bool name_files(struct init *init, struct err *err)
{
	static const char *const folders[] = {"keys", "objects", "repository"};
	const struct init_options *options = init->options;
	char emergency[PATH_MAX], name[32];

	for (size_t i = 0; i < INIT_ROOT_KEYS; i++) {
		snprintf(name, sizeof(name), "root-%zu.pem", i + 1);
		if (!path_join(init->paths[i], PATH_MAX, options->root_keys, name, err))
			return false;
	}
	for (size_t i = 0; i < ARRAY_LEN(folders); i++)
		if (!path_join(init->folders[i], PATH_MAX, options->state, folders[i],
			       err))
			return false;
	return name_keys(init, options->targets_key, KEY_TARGETS, init->targets_keys,
			 err) &&
	       path_join(emergency, PATH_MAX, options->root_keys, ALARM_ROLE ".pem",
			 err) &&
	       name_keys(init, emergency, init->first_emergency, init->emergency_keys,
			 err) &&
	       path_join(init->paths[KEY_SNAPSHOT], PATH_MAX, init->folders[0],
			 "snapshot.pem", err) &&
	       path_join(init->paths[KEY_TIMESTAMP], PATH_MAX, init->folders[0],
			 "timestamp.pem", err) &&
	       path_join(init->root_copy, PATH_MAX, options->root_keys, "root.json",
			 err) &&
	       path_join(init->database, PATH_MAX, options->state, CITY_DATABASE, err);
}

static bool refuse_existing(const char *path, struct err *err)
{
	if (!file_exists(path))
		return true;
	return err_set(err, ERR_CONFLICT,
		       "%s: is there already: nothing was changed; choose another place, "
		       "or remove it if it is not needed",
		       path);
}

static bool refuse_overwriting(const struct init *init, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(init->folders); i++)
		if (!refuse_existing(init->folders[i], err))
			return false;
	for (size_t i = 0; i < init->key_count; i++)
		if (!refuse_existing(init->paths[i], err))
			return false;
	return refuse_existing(init->database, err) &&
	       refuse_existing(init->root_copy, err);
}

static bool write_key(const struct init *init, size_t key, struct err *err)
{
	char *pem = signer_to_pem(init->signers[key], err);
	bool ok = pem && file_write_atomic(init->paths[key], pem, strlen(pem), 0600, err);

	signer_pem_free(pem);
	return ok;
}

static bool make_keys(struct init *init, struct err *err)
{
	if (!dir_make(init->options->root_keys, 0700, err))
		return false;
	for (size_t i = 0; i < init->key_count; i++) {
		init->signers[i] = signer_generate(err);
		if (!init->signers[i] || !write_key(init, i, err))
			return false;
	}
	return true;
}

static bool make_root(const struct init *init, struct err *err)
{
	uint8_t keys[KEY_MAX][ED25519_PUBLIC_SIZE];
	char path[PATH_MAX];
	const struct tuf_root_content content = {
		.version = 1,
		.expires = {init->now.ms + ROOT_LIFE_DAYS * DAY_MS},
		.consistent_snapshot = true,
		.root = {&keys[KEY_ROOT], INIT_ROOT_KEYS, INIT_ROOT_THRESHOLD},
		.targets = {&keys[KEY_TARGETS], init->targets_keys,
			    init->options->targets_threshold},
		.snapshot = {&keys[KEY_SNAPSHOT], 1, 1},
		.timestamp = {&keys[KEY_TIMESTAMP], 1, 1},
	};
	const struct signer *signers[INIT_ROOT_KEYS];
	char *root;
	size_t len;
	bool ok;

	for (size_t i = 0; i < init->key_count; i++)
		signer_public(init->signers[i], keys[i]);
	for (size_t i = 0; i < INIT_ROOT_KEYS; i++)
		signers[i] = init->signers[i];
	root = tuf_build_root(&content, signers, INIT_ROOT_KEYS, &len, err);
	if (!root)
		return false;
	ok = path_join(path, sizeof(path), init->options->state,
		       "repository/metadata/1.root.json", err) &&
	     file_write_atomic(path, root, len, 0644, err) &&
	     file_write_atomic(init->root_copy, root, len, 0644, err);
	free(root);
	return ok;
}

static bool make_database(const struct init *init, struct err *err)
{
	const struct init_options *options = init->options;
	char hash[PASSWORD_HASH_SIZE];
	struct db *db;
	bool ok;

	if (!password_check(options->password, err) ||
	    !password_hash(options->password, hash, err))
		return false;
	db = db_open(init->database, citydb_migrations, citydb_migration_count, err);
	if (!db)
		return false;
	ok = staff_add(db, options->administrator, STAFF_ADMINISTRATOR, hash, init->now,
		       err) &&
	     audit_append(db, "init", "add", options->administrator, "administrator",
			  init->now, err);
	db_close(db);
	return ok;
}

static bool read_plan(const char *path, struct blob *out, struct err *err)
{
	struct plan *plan;

	if (!file_read(path, PLAN_JSON_MAX, out, err))
		return false;
	plan = plan_from_json(path, out->bytes, out->len, err);
	plan_free(plan);
	return plan != NULL;
}

/* A programme without notices: the screens show the plan. */
static bool make_programme(const struct init *init, struct blob *out, struct err *err)
{
	const struct programme programme = {
		.version = 1,
		.published = init->now,
		.policy = loop_policy_default,
	};

	out->bytes = programme_to_json(&programme, &out->len, err);
	return out->bytes != NULL;
}

static bool describe_target(const struct init *init, const char *path,
			    const struct blob *blob, struct tuf_target *out,
			    struct err *err)
{
	*out = (struct tuf_target){.length = (int64_t)blob->len, .has_sha256 = true};
	snprintf(out->path, sizeof(out->path), "%s", path);
	sha256(blob->bytes, blob->len, out->sha256);
	return object_put(init->options->state, out->sha256, blob->bytes, blob->len, err);
}

/* Who may sign alarms, from the first publication on. Owned. */
static char *make_delegations(const struct init *init, struct err *err)
{
	uint8_t keys[INIT_EMERGENCY_KEYS_MAX][ED25519_PUBLIC_SIZE];
	const struct tuf_role_keys role = {keys, init->emergency_keys,
					   init->options->emergency_threshold};

	for (size_t i = 0; i < init->emergency_keys; i++)
		signer_public(init->signers[init->first_emergency + i], keys[i]);
	return tuf_build_delegations(ALARM_ROLE, ALARM_PATTERN, &role, err);
}

static char *sign_targets(const struct init *init, const struct tuf_target targets[2],
			  struct err *err)
{
	bool alarms = init->emergency_keys > 0;
	char *delegations = alarms ? make_delegations(init, err) : NULL;
	const struct tuf_targets_content content = {
		.version = 1,
		.expires = {init->now.ms + TARGETS_LIFE_DAYS * DAY_MS},
		.targets = targets,
		.count = 2,
		.delegations = delegations,
	};
	char *bytes = NULL;
	size_t len;

	if (delegations || !alarms)
		bytes = tuf_build_role(
			&content,
			(const struct signer *const *)&init->signers[KEY_TARGETS],
			init->targets_keys, &len, err);
	free(delegations);
	return bytes;
}

/* No alarms. */
static char *sign_emergency(const struct init *init, struct err *err)
{
	struct wall_ms expires = {init->now.ms + EMERGENCY_LIFE_DAYS * DAY_MS};
	size_t len;

	return tuf_build_targets(
		1, expires, NULL, 0,
		(const struct signer *const *)&init->signers[init->first_emergency],
		init->emergency_keys, &len, err);
}

static bool publish_first(const struct init *init, struct publisher *publisher,
			  const struct tuf_target targets[2],
			  const struct blob *const blobs[2], struct err *err)
{
	char *signed_targets = sign_targets(init, targets, err);
	bool alarms = init->emergency_keys > 0;
	char *emergency = signed_targets && alarms ? sign_emergency(init, err) : NULL;
	struct proposal *proposal = NULL;
	bool ok;

	if (signed_targets && (emergency || !alarms))
		proposal = publisher_propose_emergency(publisher, signed_targets,
						       emergency, init->now, err);
	free(signed_targets);
	free(emergency);
	ok = proposal != NULL;
	for (size_t i = 0; ok && i < 2; i++)
		ok = publisher_add_target(publisher, proposal, &targets[i],
					  blobs[i]->bytes, blobs[i]->len, err);
	ok = ok && publisher_stage(publisher, proposal, err) &&
	     publisher_commit(publisher, proposal, err);
	proposal_free(proposal);
	return ok;
}

static bool make_repository(const struct init *init, const struct blob *plan,
			    struct err *err)
{
	CLEANUP(blob_free) struct blob programme = {0};
	const struct blob *const blobs[2] = {plan, &programme};
	struct tuf_target targets[2];
	struct publisher *publisher;
	bool ok;

	if (!make_root(init, err) || !make_programme(init, &programme, err) ||
	    !describe_target(init, "plan.json", plan, &targets[0], err) ||
	    !describe_target(init, "programme.json", &programme, &targets[1], err))
		return false;
	publisher = publisher_open_empty(init->options->state, err);
	if (!publisher)
		return false;
	ok = publish_first(init, publisher, targets, blobs, err);
	publisher_free(publisher);
	return ok;
}

/* All of these were not there before: refuse_overwriting() saw to that. */
static void remove_made(const struct init *init)
{
	char path[PATH_MAX + 8];
	struct err ignored;

	for (size_t i = 0; i < init->key_count; i++)
		unlink(init->paths[i]);
	unlink(init->root_copy);
	for (size_t i = 0; i < ARRAY_LEN(init->folders); i++)
		if (!dir_remove(init->folders[i], &ignored))
			continue;
	unlink(init->database);
	snprintf(path, sizeof(path), "%s-wal", init->database);
	unlink(path);
	snprintf(path, sizeof(path), "%s-shm", init->database);
	unlink(path);
}

static bool check_number(const char *role, int keys, int threshold, int max,
			 struct err *err)
{
	if (keys >= 1 && keys <= max && threshold >= 1 && threshold <= keys)
		return true;
	return err_set(err, ERR_USAGE,
		       "there can be 1 to %d %s keys, and of these 1 to all can be "
		       "needed; not %d of %d",
		       max, role, threshold, keys);
}

bool init_state(const struct init_options *options, struct wall_ms now, struct err *err)
{
	CLEANUP(blob_free) struct blob plan = {0};
	struct init *init;
	bool ok;

	if (!utf8_is_valid(options->administrator) ||
	    utf8_has_control(options->administrator) ||
	    strchr(options->administrator, '\n'))
		return err_set(err, ERR_INVALID,
			       "the administrator's name holds a control character");
	if (!check_number("targets", options->targets_keys, options->targets_threshold,
			  INIT_TARGETS_KEYS_MAX, err) ||
	    (options->emergency_keys != 0 &&
	     !check_number("emergency", options->emergency_keys,
			   options->emergency_threshold, INIT_EMERGENCY_KEYS_MAX, err)))
		return false;
	if (!password_check(options->password, err) ||
	    !read_plan(options->plan, &plan, err))
		return false;
	init = calloc(1, sizeof(*init));
	if (!init)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	init->options = options;
	init->now = now;
	init->targets_keys = (size_t)options->targets_keys;
	init->emergency_keys = (size_t)options->emergency_keys;
	init->first_emergency = KEY_TARGETS + init->targets_keys;
	init->key_count = init->first_emergency + init->emergency_keys;
	ok = name_files(init, err) && refuse_overwriting(init, err);
	if (ok) {
		ok = publisher_make_folders(options->state, err) &&
		     make_database(init, err) && make_keys(init, err) &&
		     make_repository(init, &plan, err);
		if (!ok)
			remove_made(init);
	}
	for (size_t i = 0; i < init->key_count; i++)
		signer_free(init->signers[i]);
	free(init);
	return ok;
}
