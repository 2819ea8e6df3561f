#include "display/activation.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/err.h"
#include "core/plan.h"
#include "display/documents.h"
#include "display/set.h"
#include "os/file.h"
#include "wire/plan_json.h"
#include "wire/play_batch.h"
#include "wire/tuf.h"

struct activation {
	char inbox[PATH_MAX];
	char trusted[PATH_MAX];
	char root_path[PATH_MAX];
	struct blob packaged;         /* the packaged plan's bytes */
	struct blob root;             /* newest trusted root; empty when not enrolled */
	struct tuf_trust *root_trust; /* of the root alone, until a set was trusted */
	struct documents active;      /* empty while the packaged plan is shown */
	struct set *set;              /* what is active */
	char taken[SET_NAME_MAX + 1]; /* name of the inbox's set that is active */
	struct wall_ms taken_at;
	bool rotated; /* keys changed since the active set was taken (TUF §5.3.11) */
	struct err unsaved; /* why the active set could not be kept */
};

static bool read_packaged(struct activation *activation, const char *path,
			  struct err *err)
{
	uint8_t hash[SHA256_SIZE];
	struct plan *plan;

	if (!file_read(path, PLAN_JSON_MAX, &activation->packaged, err))
		return err_prefix(err, "packaged plan");
	plan = plan_from_json(path, activation->packaged.bytes, activation->packaged.len,
			      err);
	if (!plan)
		return false;
	sha256(activation->packaged.bytes, activation->packaged.len, hash);
	activation->set = set_new(plan, hash, NULL, NULL, NULL, err);
	return activation->set != NULL;
}

/* A box that is not enrolled yet has no root: it shows the packaged plan. */
static bool read_root(struct activation *activation, struct err *err)
{
	if (!file_read(activation->root_path, TUF_ROOT_MAX, &activation->root, err))
		return err->code == ERR_NOT_FOUND;
	activation->root_trust =
		tuf_trust_new(activation->root.bytes, activation->root.len, err);
	if (!activation->root_trust)
		return err_prefix(err, "%s: enrol this box again", activation->root_path);
	return true;
}

struct activation *activation_new(const char *inbox, const char *state,
				  const char *packaged_plan, struct err *err)
{
	struct activation *activation = calloc(1, sizeof(*activation));

	if (!activation) {
		err_set(err, ERR_NO_MEMORY, "activation: out of memory");
		return NULL;
	}
	snprintf(activation->inbox, PATH_MAX, "%s", inbox);
	if (!path_join(activation->trusted, PATH_MAX, state, "trusted", err) ||
	    !path_join(activation->root_path, PATH_MAX, state, "root.json", err) ||
	    !read_packaged(activation, packaged_plan, err) || !read_root(activation, err))
		return activation_free(activation);
	return activation;
}

struct activation *activation_free(struct activation *activation)
{
	if (!activation)
		return NULL;
	documents_done(&activation->active);
	set_unref(activation->set);
	tuf_trust_free(activation->root_trust);
	blob_free(&activation->root);
	blob_free(&activation->packaged);
	free(activation);
	return NULL;
}

bool activation_is_enrolled(const struct activation *activation)
{
	return activation->root.len > 0;
}

/* Makes @documents the active ones; they are empty after it. */
static void make_active(struct activation *activation, struct documents *documents,
			bool *out_changed)
{
	*out_changed = !set_same(documents->set, activation->set);
	/* The same content keeps its set, so that nothing on screen has to change. */
	if (*out_changed) {
		set_unref(activation->set);
		activation->set = set_ref(documents->set);
	}
	documents_done(&activation->active);
	activation->active = *documents;
	*documents = (struct documents){0};
}

/* The last good set was kept when it was taken over: its file says when. */
static struct wall_ms kept_since(const struct activation *activation)
{
	struct err ignored = {0};
	char path[PATH_MAX];
	struct stat status;

	if (!path_join(path, sizeof(path), activation->trusted, "current", &ignored) ||
	    stat(path, &status) < 0)
		return (struct wall_ms){0};
	return (struct wall_ms){(int64_t)status.st_mtim.tv_sec * 1000};
}

bool activation_restore(struct activation *activation, struct err *err)
{
	CLEANUP(documents_done) struct documents documents = {0};
	CLEANUP(blob_free) struct blob root = {0};
	char name[SET_NAME_MAX + 1], inner[SET_NAME_MAX + 20], path[PATH_MAX];
	bool changed;

	if (!activation_is_enrolled(activation))
		return true;
	if (!documents_current(activation->trusted, name, err))
		return err->code == ERR_NOT_FOUND;
	snprintf(inner, sizeof(inner), "sets/%s/root.json", name);
	if (!path_join(path, sizeof(path), activation->trusted, inner, err) ||
	    !file_read(path, TUF_ROOT_MAX, &root, err) ||
	    !documents_load(activation->trusted, name, &root, NULL, &activation->packaged,
			    (struct wall_ms){WALL_MS_MIN}, DOCUMENTS_KEPT, &documents,
			    err))
		return err_prefix(err, "last good set");
	make_active(activation, &documents, &changed);
	activation->taken_at = kept_since(activation);
	return true;
}

/* §5.3.8: a newer root is kept as soon as it is verified. */
static bool keep_root(struct activation *activation, const struct blob *root,
		      struct err *err)
{
	struct blob copy;
	struct tuf_trust *trust;

	if (root->len == 0 ||
	    (root->len == activation->root.len &&
	     memcmp(root->bytes, activation->root.bytes, root->len) == 0))
		return true;
	trust = tuf_trust_new(root->bytes, root->len, err);
	if (!trust)
		return false;
	copy = (struct blob){.bytes = malloc(root->len + 1), .len = root->len};
	if (!copy.bytes || !file_write_atomic(activation->root_path, root->bytes,
					      root->len, 0640, err)) {
		if (!copy.bytes)
			err_set(err, ERR_NO_MEMORY, "activation: out of memory");
		blob_free(&copy);
		tuf_trust_free(trust);
		return false;
	}
	memcpy(copy.bytes, root->bytes, root->len);
	copy.bytes[copy.len] = '\0';
	blob_free(&activation->root);
	activation->root = copy;
	tuf_trust_free(activation->root_trust);
	activation->root_trust = trust;
	return true;
}

/*
 * A card that can't be written any more must not keep an alarm from the screen: the set is
 * active all the same, and saving is tried again with every check.
 */
static void save(struct activation *activation)
{
	struct err err = {0};

	if (activation->unsaved.code == ERR_NONE)
		return;
	activation->unsaved = (struct err){0};
	if (!documents_store(activation->trusted, &activation->active, &err)) {
		err_prefix(&err, "the set in effect could not be kept for a restart");
		activation->unsaved = err;
	}
}

/* What sets the lowest versions that are taken; NULL when nothing does. */
static const struct documents *floor_of(const struct activation *activation)
{
	if (!activation->active.trust || activation->rotated)
		return NULL;
	return &activation->active;
}

bool activation_check(struct activation *activation, struct wall_ms now,
		      bool *out_changed, struct err *err)
{
	CLEANUP(documents_done) struct documents documents = {0};
	char name[SET_NAME_MAX + 1];
	struct err root_err = {0};
	bool loaded;

	if (!activation_is_enrolled(activation)) {
		*out_changed = false;
		return true;
	}
	if (!documents_current(activation->inbox, name, err)) {
		if (err->code != ERR_NOT_FOUND)
			return false;
		*out_changed = false; /* the courier has brought nothing yet */
		return true;
	}
	if (strcmp(name, activation->taken) == 0) {
		*out_changed = false;
		save(activation);
		return true;
	}
	loaded = documents_load(activation->inbox, name, &activation->root,
				floor_of(activation), &activation->packaged, now,
				DOCUMENTS_FRESH, &documents, err);
	activation->rotated = activation->rotated || documents.rotated;
	if (!keep_root(activation, &documents.root, &root_err)) {
		if (loaded)
			*err = root_err;
		return false;
	}
	if (!loaded)
		return false;
	make_active(activation, &documents, out_changed);
	activation->taken_at = now;
	activation->rotated = false;
	memcpy(activation->taken, name, sizeof(name));
	activation->unsaved.code = ERR_RETRY;
	save(activation);
	return true;
}

bool activation_has_all_alarms(const struct activation *activation, struct err *err)
{
	if (activation->active.left_out.code == ERR_NONE)
		return true;
	*err = activation->active.left_out;
	return false;
}

bool activation_is_saved(const struct activation *activation, struct err *err)
{
	if (activation->unsaved.code == ERR_NONE)
		return true;
	*err = activation->unsaved;
	return false;
}

struct set *activation_set(const struct activation *activation)
{
	return set_ref(activation->set);
}

struct wall_ms activation_expires(const struct activation *activation)
{
	if (!activation->active.trust)
		return (struct wall_ms){0};
	return tuf_expires(activation->active.trust);
}

int64_t activation_timestamp_version(const struct activation *activation)
{
	if (!activation->active.trust)
		return 0;
	return tuf_timestamp_version(activation->active.trust);
}

struct wall_ms activation_taken(const struct activation *activation)
{
	return activation->taken_at;
}

bool activation_ack(struct activation *activation, struct play_ack *out, bool *out_there,
		    struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	char path[PATH_MAX];

	*out_there = false;
	if (!activation_is_enrolled(activation))
		return true;
	if (!path_join(path, sizeof(path), activation->inbox, "ack.json", err))
		return false;
	if (!file_read(path, PLAY_ACK_MAX, &blob, err))
		return err->code == ERR_NOT_FOUND;
	if (!play_ack_from_json(blob.bytes, blob.len, activation->root_trust, out, err))
		return err_prefix(err, "%s", path);
	*out_there = true;
	return true;
}
