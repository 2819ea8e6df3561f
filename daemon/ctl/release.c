#include "ctl/release.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/alarm.h"
#include "core/err.h"
#include "core/programme.h"
#include "ctl/ctl.h"
#include "ctl/plan_changes.h"
#include "ctl/signers.h"
#include "os/file.h"
#include "sync/http.h"
#include "wire/digest.h"
#include "wire/json.h"
#include "wire/programme_json.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"
#include "wire/tuf_draft.h"

#define TARGETS_LIFE_MS  (INT64_C(365) * 24 * 60 * 60 * 1000)
#define REMEMBERED_ROOTS 64

static const char *const roles[] = {"timestamp.json", "snapshot.json", "targets.json"};

static bool remember_file(struct ctl *ctl, const struct repository_file *file,
			  struct err *err)
{
	char name[TUF_FILE_NAME_MAX + 16], path[PATH_MAX];

	snprintf(name, sizeof(name), "metadata-%s", file->name);
	return ctl_state_path(ctl, name, path, err) &&
	       file_write_atomic(path, file->bytes, file->len, 0600, err);
}

static bool recall_file(struct ctl *ctl, const char *name, struct repository_files *files,
			struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	char stored[TUF_FILE_NAME_MAX + 16], path[PATH_MAX];

	snprintf(stored, sizeof(stored), "metadata-%s", name);
	if (!ctl_state_path(ctl, stored, path, err))
		return false;
	if (!file_exists(path))
		return true;
	return file_read(path, TUF_TARGETS_MAX, &blob, err) &&
	       repository_file_put(files, name, blob.bytes, blob.len, err);
}

static bool recall(struct ctl *ctl, int64_t first_root, struct repository_files *files,
		   struct err *err)
{
	for (int64_t i = first_root; i < first_root + REMEMBERED_ROOTS; i++) {
		size_t before = files->count;
		char name[32];

		snprintf(name, sizeof(name), "%" PRId64 ".root.json", i);
		if (!recall_file(ctl, name, files, err))
			return false;
		if (files->count == before)
			break;
	}
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		if (!recall_file(ctl, roles[i], files, err))
			return false;
	return true;
}

static struct http *new_connection(const struct ctl *ctl, struct err *err)
{
	const struct http_options options = {.ca_file = ctl->ca_file};

	if (ctl->city_url[0] == '\0') {
		err_set(err, ERR_CONFIG,
			"no city server: set [city].url in ctl.conf, or use --server");
		return NULL;
	}
	return http_new(&options, err);
}

struct tuf_trust *release_refresh(struct ctl *ctl, struct repository_files *files,
				  struct err *err)
{
	CLEANUP(blob_free) struct blob root = {0};
	char metadata_url[CTL_URL_MAX + 32];
	struct repository repository = {.metadata_url = metadata_url};
	struct tuf_trust *trust = NULL;
	struct wall_ms expires;
	int64_t version = 0;

	if (ctl->root[0] == '\0') {
		err_set(err, ERR_CONFIG,
			"no root of trust: set [city].root in ctl.conf, or use --root");
		return NULL;
	}
	if (!file_read(ctl->root, TUF_ROOT_MAX, &root, err) ||
	    !tuf_peek(root.bytes, root.len, &version, &expires, err) ||
	    !recall(ctl, version + 1, files, err))
		return NULL;
	snprintf(metadata_url, sizeof(metadata_url), "%s/repository/metadata",
		 ctl->city_url);
	if (!ctl->http && !(ctl->http = new_connection(ctl, err)))
		return NULL;
	repository.http = ctl->http;
	trust = repository_refresh(&repository, root.bytes, root.len, files,
				   ctl->now.wall, err);
	for (size_t i = 0; trust && i < files->count; i++)
		if (!remember_file(ctl, &files->files[i], err))
			trust = tuf_trust_free(trust);
	return trust;
}

bool release_download(struct ctl *ctl, const struct tuf_trust *trust,
		      const struct tuf_target *target, char **out, struct err *err)
{
	char targets_url[CTL_URL_MAX + 32];
	struct repository repository = {.targets_url = targets_url, .http = ctl->http};

	snprintf(targets_url, sizeof(targets_url), "%s/repository/targets",
		 ctl->city_url);
	return repository_download(&repository, trust, target, out, err);
}

static bool download(struct release *release, const char *path, char **out,
		     size_t *out_len, struct err *err)
{
	const struct tuf_target *target = tuf_target_find(release->trust, path);

	if (!target)
		return err_set(err, ERR_NOT_FOUND, "the repository has no %s", path);
	*out_len = (size_t)target->length;
	return release_download(release->ctl, release->trust, target, out, err);
}

struct alarms_target {
	struct tuf_target target;
	bool found;
};

static bool is_alarms(void *context, const struct tuf_target *target, struct err *err)
{
	struct alarms_target *out = context;

	(void)err;
	if (strcmp(target->path, ALARM_PATH) == 0) {
		out->target = *target;
		out->found = true;
	}
	return true;
}

bool release_find_alarms(struct ctl *ctl, const struct tuf_trust *trust,
			 struct repository_files *files, struct tuf_target *out,
			 bool *out_found, struct err *err)
{
	char metadata_url[CTL_URL_MAX + 32];
	struct repository repository = {.metadata_url = metadata_url, .http = ctl->http};
	struct alarms_target alarms = {0};

	snprintf(metadata_url, sizeof(metadata_url), "%s/repository/metadata",
		 ctl->city_url);
	if (!repository_delegated(&repository, trust, files, ctl->now.wall, is_alarms,
				  &alarms, err))
		return false;
	*out = alarms.target;
	*out_found = alarms.found;
	return true;
}

bool release_open(struct release *release, struct ctl *ctl, struct err *err)
{
	char *bytes = NULL;
	size_t len = 0;

	*release = (struct release){.ctl = ctl};
	release->trust = release_refresh(ctl, &release->files, err);
	if (!release->trust ||
	    !download(release, "plan.json", &release->plan, &release->plan_len, err) ||
	    !download(release, "programme.json", &bytes, &len, err))
		return false;
	release->programme = programme_from_json("programme.json", bytes, len, err);
	free(bytes);
	return release->programme != NULL;
}

void release_done(struct release *release)
{
	repository_files_done(&release->files);
	tuf_trust_free(release->trust);
	free(release->plan);
	programme_free(release->programme);
}

static void drop_ended(struct release *release)
{
	struct programme *programme = release->programme;
	size_t kept = 0;

	for (size_t i = 0; i < programme->notice_count; i++) {
		const struct notice *notice = &programme->notices[i];

		if (notice->until.ms <= release->ctl->now.wall.ms)
			printf("dropped %s: it ended\n", notice->id);
		else
			programme->notices[kept++] = *notice;
	}
	programme->notice_count = kept;
}

/* This fiscal year's count so far, for the slides of initiative 4. */
static bool take_count(struct release *release, struct err *err)
{
	struct ctl *ctl = release->ctl;
	int fiscal_year = fiscal_year_of(ctl->now.wall);
	struct programme_count *count = &release->programme->count;
	const struct programme_count before = *count;
	struct json_doc *report;
	struct json_node root;
	char path[64];
	bool fine;

	snprintf(path, sizeof(path), "report?fiscal_year=%d", fiscal_year);
	report = ctl_call(ctl, "GET", path, NULL, err);
	fine = report && json_root(report, &root, err) &&
	       json_get_int(&root, "count", 0, 1000000, &count->notices, err);
	json_doc_free(report);
	if (!fine)
		return false;
	count->known = true;
	count->fiscal_year = fiscal_year;
	count->as_of = ctl->now.wall;
	plan_changes_show_count(&before, count);
	return true;
}

bool release_confirm(struct release *release, const char *question, struct err *err)
{
	return take_count(release, err) && ctl_confirm(release->ctl, question, err);
}

bool release_put(struct ctl *ctl, const char *path, const char *bytes, size_t len,
		 struct tuf_target *out, struct err *err)
{
	*out = (struct tuf_target){.length = (int64_t)len, .has_sha256 = true};
	snprintf(out->path, sizeof(out->path), "%s", path);
	sha256(bytes, len, out->sha256);
	return ctl_put_object(ctl, bytes, len, err);
}

bool release_has_picture(const struct release *release,
			 const struct notice_picture *picture)
{
	char path[NOTICE_MEDIA_PATH_SIZE];
	const struct tuf_target *target;

	if (!picture)
		return true;
	notice_media_path(picture, path);
	target = tuf_target_find(release->trust, path);
	return target && target->length == picture->bytes &&
	       memcmp(target->sha256, picture->sha256, SHA256_SIZE) == 0;
}

/* What is signed: plan and programme first, then each picture of the programme once. */
struct targets {
	struct tuf_target *list;
	size_t count;
};

static void targets_done(struct targets *targets)
{
	free(targets->list);
}

static void add_picture(struct targets *targets, const struct notice_picture *picture)
{
	struct tuf_target *target = &targets->list[targets->count];

	*target = (struct tuf_target){.length = picture->bytes};
	notice_media_path(picture, target->path);
	memcpy(target->sha256, picture->sha256, SHA256_SIZE);
	for (size_t i = 0; i < targets->count; i++)
		if (strcmp(targets->list[i].path, target->path) == 0)
			return;
	targets->count++;
}

static bool gather_targets(struct release *release, const char *programme, size_t len,
			   struct targets *out, struct err *err)
{
	size_t notices = release->programme->notice_count;

	out->list = calloc(notices + 2, sizeof(*out->list));
	if (!out->list)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	if (!release_put(release->ctl, "plan.json", release->plan, release->plan_len,
			 &out->list[0], err) ||
	    !release_put(release->ctl, "programme.json", programme, len, &out->list[1],
			 err))
		return false;
	out->count = 2;
	for (size_t i = 0; i < notices; i++)
		if (release->programme->notices[i].picture)
			add_picture(out, release->programme->notices[i].picture);
	return true;
}

char *release_sign(const struct ctl *ctl, const struct tuf_trust *trust,
		   const struct repository_files *files, const struct tuf_target *targets,
		   size_t count, const char *delegations, const struct signers *signers,
		   size_t *out_len, struct err *err)
{
	const struct repository_file *before =
		repository_file_find(files, "targets.json");
	struct tuf_targets_content content = {
		.version = tuf_targets_version(trust) + 1,
		.expires = {ctl->now.wall.ms + TARGETS_LIFE_MS},
		.targets = targets,
		.count = count,
	};
	char *kept = NULL, *text = NULL;

	if (!before) {
		err_set(err, ERR_INTERNAL, "no targets.json was fetched");
		return NULL;
	}
	if (delegations || tuf_delegations_text(before->bytes, before->len, &kept, err)) {
		content.delegations = delegations ? delegations : kept;
		text = tuf_build_role(&content,
				      (const struct signer *const *)signers->list,
				      signers->count, out_len, err);
	}
	free(kept);
	return text;
}

static json_t *published_list(const struct release *release)
{
	json_t *list = json_array();

	for (size_t i = 0; i < release->published_count; i++)
		json_array_append_new(
			list,
			json_pack("{s:s, s:I}", "id", release->published[i], "revision",
				  (json_int_t)release->published_revisions[i]));
	return list;
}

static json_t *withdrawn_list(const struct release *release)
{
	json_t *list = json_array();

	for (size_t i = 0; i < release->withdrawn_count; i++)
		json_array_append_new(list, json_string(release->withdrawn[i]));
	return list;
}

bool release_write_prepared(const char *path, TAKES json_t *body, struct err *err)
{
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	bool fine = text || err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);

	json_decref(body);
	fine = fine && file_write_atomic(path, text, strlen(text), 0600, err);
	free(text);
	if (fine)
		printf("prepared: sign it with \"ekimaectl sign %s\"\n", path);
	return fine;
}

static bool hand_over(struct release *release, const char *targets, struct err *err)
{
	json_t *body =
		json_pack("{s:s, s:o, s:o}", "targets", targets, "published",
			  published_list(release), "withdrawn", withdrawn_list(release));
	struct json_doc *answer;
	struct json_node root;
	int64_t version = 0;
	bool fine;

	if (release->ctl->prepare)
		return release_write_prepared(release->ctl->prepare, body, err);
	answer = ctl_call(release->ctl, "POST", "publish", body, err);
	fine = answer && json_root(answer, &root, err) &&
	       json_get_int(&root, "version", 1, INT64_MAX, &version, err);
	json_doc_free(answer);
	if (fine)
		printf("published as version %" PRId64 ": %zu notices in the programme\n",
		       version, release->programme->notice_count);
	return fine;
}

bool release_publish(struct release *release, struct err *err)
{
	struct ctl *ctl = release->ctl;
	CLEANUP(signers_done) struct signers signers = {0};
	CLEANUP(targets_done) struct targets targets = {0};
	char *programme = NULL, *signed_targets = NULL;
	size_t len = 0;
	bool fine;

	/* The key first: a missing one must not leave objects on the server. */
	if (!signers_needed("targets", ctl->targets_key_count, err) ||
	    !signers_load(&signers, ctl->targets_keys, ctl->targets_key_count, err))
		return false;
	drop_ended(release);
	release->programme->version++;
	release->programme->published = ctl->now.wall;
	if (!programme_check(release->programme, err))
		return false;
	programme = programme_to_json(release->programme, &len, err);
	fine = programme && gather_targets(release, programme, len, &targets, err);
	if (fine)
		signed_targets =
			release_sign(ctl, release->trust, &release->files, targets.list,
				     targets.count, NULL, &signers, &len, err);
	fine = fine && signed_targets && hand_over(release, signed_targets, err);
	free(signed_targets);
	free(programme);
	return fine;
}
