#ifndef CTL_TUF_SIM_H
#define CTL_TUF_SIM_H

/*
 * A TUF repository behind a real HTTP server that can be made to lie, and the client
 * program that is run against it, with what it asked for and what it keeps.
 *
 * A role's content is plain JSON that a test may bend in any way before it is published.
 */
#include "support/test.h"

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <spawn.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/time.h"
#include "os/clock.h"
#include "os/file.h"
#include "support/http_server.h"
#include "support/tmp.h"
#include "wire/canonical.h"
#include "wire/digest.h"
#include "wire/key.h"
#include "wire/url.h"

#define SIM_ROLES    64
#define SIM_SIGNERS  12
#define SIM_REQUESTS 600
#define SIM_ARGS     64
#define DAY_MS       INT64_C(86400000)

struct sim_role {
	char name[160];
	json_t *content;                     /* "signed" */
	struct signer *signers[SIM_SIGNERS]; /* who signs it now */
	size_t signer_count;
	bool published;
	char *text; /* the file published last */
};

struct sim {
	struct http_server *server;
	struct sim_role roles[SIM_ROLES];
	size_t role_count;
	bool hashes; /* give length and hash of metadata files */

	struct sim_file {
		char *path, *bytes;
		size_t len;
	} * files;
	size_t file_count;

	char *requests[SIM_REQUESTS]; /* paths */
	size_t request_count;

	char *dir; /* the client's */
	char metadata[PATH_MAX], targets[PATH_MAX];
	char metadata_url[128], targets_url[128];
};

static inline struct http_server_answer sim_answer(void *context, const char *method,
						   const char *path, const char *body,
						   size_t len)
{
	struct sim *sim = context;
	struct http_server_answer answer = {0};

	(void)method;
	(void)body;
	(void)len;
	if (sim->request_count < SIM_REQUESTS)
		sim->requests[sim->request_count++] = strdup(path);
	for (size_t i = 0; i < sim->file_count; i++) {
		struct sim_file *file = &sim->files[i];

		if (strcmp(file->path, path) != 0)
			continue;
		answer.status = 200;
		answer.len = file->len;
		answer.body = malloc(file->len + 1);
		memcpy(answer.body, file->bytes, file->len);
	}
	return answer;
}

/* ---- What is served ---- */

static inline void sim_remove(struct sim *sim, const char *path)
{
	for (size_t i = 0; i < sim->file_count; i++) {
		if (strcmp(sim->files[i].path, path) != 0)
			continue;
		free(sim->files[i].path);
		free(sim->files[i].bytes);
		sim->files[i] = sim->files[--sim->file_count];
		return;
	}
}

/* Serves @bytes at @path ("/metadata/1.root.json"), in place of what was there. */
static inline void sim_serve(struct sim *sim, const char *path, const void *bytes,
			     size_t len)
{
	struct sim_file *file;

	sim_remove(sim, path);
	sim->files = realloc(sim->files, (sim->file_count + 1) * sizeof(*sim->files));
	assert_non_null(sim->files);
	file = &sim->files[sim->file_count++];
	file->path = strdup(path);
	file->bytes = malloc(len + 1);
	memcpy(file->bytes, bytes, len);
	file->len = len;
}

static inline void sim_forget_requests(struct sim *sim)
{
	for (size_t i = 0; i < sim->request_count; i++)
		free(sim->requests[i]);
	sim->request_count = 0;
}

/* ---- Roles and keys ---- */

static inline struct sim_role *sim_role(struct sim *sim, const char *name)
{
	for (size_t i = 0; i < sim->role_count; i++)
		if (strcmp(sim->roles[i].name, name) == 0)
			return &sim->roles[i];
	fail_msg("no role %s", name);
	return NULL;
}

static inline json_t *sim_content(struct sim *sim, const char *name)
{
	return sim_role(sim, name)->content;
}

static inline int64_t sim_version(struct sim *sim, const char *name)
{
	return json_integer_value(json_object_get(sim_content(sim, name), "version"));
}

static inline void sim_set_version(struct sim *sim, const char *name, int64_t version)
{
	json_object_set_new(sim_content(sim, name), "version", json_integer(version));
}

/* Days from now; negative: it has ended. */
static inline void sim_set_end(struct sim *sim, const char *name, int64_t days)
{
	struct wall_ms end = {clock_now().wall.ms + days * DAY_MS};
	char text[WALL_TEXT_SIZE];

	wall_format_utc(end, text);
	json_object_set_new(sim_content(sim, name), "expires", json_string(text));
}

static inline struct sim_role *sim_new_role(struct sim *sim, const char *name,
					    const char *type)
{
	struct sim_role *role = &sim->roles[sim->role_count++];

	assert_true(sim->role_count <= SIM_ROLES);
	snprintf(role->name, sizeof(role->name), "%s", name);
	role->content = json_pack("{s:s, s:s, s:i}", "_type", type, "spec_version",
				  "1.0.34", "version", 1);
	sim_set_end(sim, name, 30);
	return role;
}

static inline struct signer *sim_new_signer(void)
{
	struct err err = {0};
	struct signer *signer = signer_generate(&err);

	assert_ok(signer != NULL, err);
	return signer;
}

/* The object with "keyids" and "threshold" of @role, which @delegator holds. */
static inline json_t *sim_key_list(struct sim *sim, const char *delegator,
				   const char *role, json_t **out_keys)
{
	json_t *content = sim_content(sim, delegator), *list, *entry;
	size_t i;

	if (strcmp(delegator, "root") == 0) {
		*out_keys = json_object_get(content, "keys");
		return json_object_get(json_object_get(content, "roles"), role);
	}
	content = json_object_get(content, "delegations");
	*out_keys = json_object_get(content, "keys");
	list = json_object_get(content, "succinct_roles");
	if (list)
		return list;
	json_array_foreach(json_object_get(content, "roles"), i, entry)
	{
		if (strcmp(json_string_value(json_object_get(entry, "name")), role) == 0)
			return entry;
	}
	fail_msg("%s does not delegate to %s", delegator, role);
	return NULL;
}

/* Lists @signer's key under @id (NULL: its own) for @role. */
static inline void sim_list_key(struct sim *sim, const char *delegator, const char *role,
				const struct signer *signer, const char *id)
{
	json_t *keys, *entry = sim_key_list(sim, delegator, role, &keys);
	uint8_t raw[ED25519_PUBLIC_SIZE];
	char hex[2 * sizeof(raw) + 1];

	if (!id)
		id = signer_key_id(signer);
	signer_public(signer, raw);
	hex_encode(raw, sizeof(raw), hex);
	json_object_set_new(keys, id,
			    json_pack("{s:s, s:s, s:{s:s}}", "keytype", "ed25519",
				      "scheme", "ed25519", "keyval", "public", hex));
	json_array_append_new(json_object_get(entry, "keyids"), json_string(id));
}

/* A new key that may sign for @role, and does. */
static inline struct signer *sim_add_key(struct sim *sim, const char *delegator,
					 const char *role)
{
	struct sim_role *into = sim_role(sim, role);
	struct signer *signer = sim_new_signer();

	assert_true(into->signer_count < SIM_SIGNERS);
	into->signers[into->signer_count++] = signer;
	sim_list_key(sim, delegator, role, signer, NULL);
	return signer;
}

static inline void sim_set_threshold(struct sim *sim, const char *role, int threshold)
{
	json_t *keys, *entry = sim_key_list(sim, "root", role, &keys);

	json_object_set_new(entry, "threshold", json_integer(threshold));
}

static inline void sim_drop_signers(struct sim_role *role)
{
	while (role->signer_count > 0)
		signer_free(role->signers[--role->signer_count]);
}

/* Takes all keys from a top-level role, and those who sign for it. */
static inline void sim_clear_keys(struct sim *sim, const char *role)
{
	json_t *keys, *entry = sim_key_list(sim, "root", role, &keys);

	json_array_clear(json_object_get(entry, "keyids"));
	sim_drop_signers(sim_role(sim, role));
}

static inline void sim_rotate(struct sim *sim, const char *role)
{
	sim_clear_keys(sim, role);
	sim_add_key(sim, "root", role);
}

/* ---- Publishing ---- */

/* The document with its signatures; owned text. */
static inline char *sim_sign(const json_t *content, struct signer *const *signers,
			     size_t count)
{
	json_t *signatures = json_array(), *document;
	struct err err = {0};
	size_t len = 0;
	char *text, *canonical = canonical_json(content, &len, &err);

	assert_ok(canonical != NULL, err);
	for (size_t i = 0; i < count; i++) {
		uint8_t signature[ED25519_SIGNATURE_SIZE];
		char hex[2 * ED25519_SIGNATURE_SIZE + 1];

		assert_ok(signer_sign(signers[i], canonical, len, signature, &err), err);
		hex_encode(signature, sizeof(signature), hex);
		json_array_append_new(signatures,
				      json_pack("{s:s, s:s}", "keyid",
						signer_key_id(signers[i]), "sig", hex));
	}
	document = json_pack("{s:o, s:O}", "signatures", signatures, "signed", content);
	text = json_dumps(document, JSON_INDENT(1));
	assert_non_null(text);
	json_decref(document);
	free(canonical);
	return text;
}

/* Where a role's file is served. */
static inline void sim_path(struct sim *sim, const char *name, char *out, size_t size)
{
	bool consistent = json_is_true(
		json_object_get(sim_content(sim, "root"), "consistent_snapshot"));
	char quoted[3 * 160];

	assert_true(url_quote(name, "", quoted, sizeof(quoted)));
	if (strcmp(name, "timestamp") == 0 || (!consistent && strcmp(name, "root") != 0))
		snprintf(out, size, "/metadata/%s.json", quoted);
	else
		snprintf(out, size, "/metadata/%lld.%s.json",
			 (long long)sim_version(sim, name), quoted);
}

/* What @by's metadata says of @name's file. */
static inline void sim_name_file(struct sim *sim, const char *by, const char *name,
				 const char *text)
{
	json_t *meta = json_object_get(sim_content(sim, by), "meta");
	json_t *entry = json_pack("{s:I}", "version", (json_int_t)sim_version(sim, name));
	char key[200], hex[SHA256_HEX_SIZE];
	uint8_t hash[SHA256_SIZE];

	if (sim->hashes) {
		sha256(text, strlen(text), hash);
		hex_encode(hash, sizeof(hash), hex);
		json_object_set_new(entry, "length",
				    json_integer((json_int_t)strlen(text)));
		json_object_set_new(entry, "hashes", json_pack("{s:s}", "sha256", hex));
	}
	snprintf(key, sizeof(key), "%s.json", name);
	json_object_set_new(meta, key, entry);
}

/* Signs a role as it is, serves it, and has snapshot or timestamp name it. */
static inline void sim_publish_as_is(struct sim *sim, const char *name)
{
	struct sim_role *role = sim_role(sim, name);
	char path[600];

	role->published = true;
	free(role->text);
	role->text = sim_sign(role->content, role->signers, role->signer_count);
	sim_path(sim, name, path, sizeof(path));
	sim_serve(sim, path, role->text, strlen(role->text));
	if (strcmp(name, "snapshot") == 0)
		sim_name_file(sim, "timestamp", name, role->text);
	else if (strcmp(name, "root") != 0 && strcmp(name, "timestamp") != 0)
		sim_name_file(sim, "snapshot", name, role->text);
}

/* The next version of each of @names, in their order ("targets snapshot timestamp"). */
static inline void sim_publish(struct sim *sim, const char *names)
{
	char *list = strdup(names), *rest = NULL;

	for (char *name = strtok_r(list, " ", &rest); name;
	     name = strtok_r(NULL, " ", &rest)) {
		if (sim_role(sim, name)->published)
			sim_set_version(sim, name, sim_version(sim, name) + 1);
		sim_publish_as_is(sim, name);
	}
	free(list);
}

static inline struct sim *sim_new(void)
{
	static const char *const top[] = {"root", "timestamp", "snapshot", "targets"};
	struct sim *sim = calloc(1, sizeof(*sim));
	json_t *roles = json_object();
	struct err err = {0};

	assert_non_null(sim);
	sim->server = http_server_start(NULL, sim_answer, sim);
	sim->dir = tmp_dir();
	snprintf(sim->metadata, PATH_MAX, "%s/metadata", sim->dir);
	snprintf(sim->targets, PATH_MAX, "%s/targets", sim->dir);
	assert_ok(dir_make(sim->metadata, 0700, &err) &&
			  dir_make(sim->targets, 0700, &err),
		  err);
	/* With and without a slash at the end is the same place. */
	snprintf(sim->metadata_url, sizeof(sim->metadata_url), "%s/metadata/",
		 http_server_url(sim->server));
	snprintf(sim->targets_url, sizeof(sim->targets_url), "%s/targets",
		 http_server_url(sim->server));

	for (size_t i = 0; i < ARRAY_LEN(top); i++) {
		sim_new_role(sim, top[i], top[i]);
		json_object_set_new(roles, top[i],
				    json_pack("{s:[], s:i}", "keyids", "threshold", 1));
	}
	json_object_set_new(sim_content(sim, "root"), "keys", json_object());
	json_object_set_new(sim_content(sim, "root"), "roles", roles);
	json_object_set_new(sim_content(sim, "root"), "consistent_snapshot", json_true());
	json_object_set_new(sim_content(sim, "targets"), "targets", json_object());
	json_object_set_new(sim_content(sim, "snapshot"), "meta", json_object());
	json_object_set_new(sim_content(sim, "timestamp"), "meta", json_object());
	for (size_t i = 0; i < ARRAY_LEN(top); i++)
		sim_add_key(sim, "root", top[i]);
	sim_publish(sim, "root targets snapshot timestamp");
	return sim;
}

static inline void sim_free(struct sim *sim)
{
	http_server_stop(sim->server);
	sim_forget_requests(sim);
	while (sim->file_count > 0)
		sim_remove(sim, sim->files[0].path);
	free(sim->files);
	for (size_t i = 0; i < sim->role_count; i++) {
		sim_drop_signers(&sim->roles[i]);
		json_decref(sim->roles[i].content);
		free(sim->roles[i].text);
	}
	tmp_remove(sim->dir);
	free(sim);
}

/* ---- Delegations and targets ---- */

/*
 * @delegator delegates @paths (JSON text of one member, "\"paths\": [\"*\"]") to @name, which
 * is made with a key of its own where it is new.
 */
static inline void sim_delegate(struct sim *sim, const char *delegator, const char *name,
				const char *paths, bool terminating)
{
	json_t *content = sim_content(sim, delegator), *entry, *member;
	bool is_new = true;
	char text[1000];

	for (size_t i = 0; i < sim->role_count; i++)
		is_new = is_new && strcmp(sim->roles[i].name, name) != 0;
	if (is_new) {
		sim_new_role(sim, name, "targets");
		json_object_set_new(sim_content(sim, name), "targets", json_object());
	}
	if (!json_object_get(content, "delegations"))
		json_object_set_new(content, "delegations",
				    json_pack("{s:{}, s:[]}", "keys", "roles"));
	snprintf(text, sizeof(text), "{%s}", paths);
	member = json_loads(text, 0, NULL);
	assert_non_null(member);
	entry = json_pack("{s:s, s:[], s:i, s:b}", "name", name, "keyids", "threshold", 1,
			  "terminating", terminating);
	json_object_update(entry, member);
	json_decref(member);
	json_array_append_new(
		json_object_get(json_object_get(content, "delegations"), "roles"), entry);
	if (is_new)
		sim_add_key(sim, delegator, name);
	else
		sim_list_key(sim, delegator, name, sim_role(sim, name)->signers[0], NULL);
}

/* Lists a target in @role, with the hashes of both kinds that are asked for. */
static inline void sim_list_target(struct sim *sim, const char *role, const char *path,
				   const char *bytes, bool with_256, bool with_512)
{
	uint8_t hash[SHA512_SIZE];
	char hex[2 * SHA512_SIZE + 1];
	json_t *hashes = json_object();

	if (with_256) {
		sha256(bytes, strlen(bytes), hash);
		hex_encode(hash, SHA256_SIZE, hex);
		json_object_set_new(hashes, "sha256", json_string(hex));
	}
	if (with_512) {
		sha512(bytes, strlen(bytes), hash);
		hex_encode(hash, SHA512_SIZE, hex);
		json_object_set_new(hashes, "sha512", json_string(hex));
	}
	json_object_set_new(json_object_get(sim_content(sim, role), "targets"), path,
			    json_pack("{s:I, s:o}", "length", (json_int_t)strlen(bytes),
				      "hashes", hashes));
}

/* Serves @content where the target of @bytes is asked for; @url is its path as it is sent. */
static inline void sim_serve_target(struct sim *sim, const char *url, const char *bytes,
				    const char *content)
{
	const char *slash = strrchr(url, '/');
	int folder = slash ? (int)(slash - url) + 1 : 0;
	uint8_t hash[SHA256_SIZE];
	char hex[SHA256_HEX_SIZE], path[1200];

	sha256(bytes, strlen(bytes), hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(path, sizeof(path), "/targets/%.*s%s.%s", folder, url, hex,
		 url + folder);
	sim_serve(sim, path, content, strlen(content));
}

static inline void sim_target(struct sim *sim, const char *role, const char *path,
			      const char *bytes)
{
	sim_list_target(sim, role, path, bytes, true, false);
	sim_serve_target(sim, path, bytes, bytes);
}

/* ---- The client ---- */

/* Runs the program with these arguments, up to NULL; its exit status. */
static inline int sim_run(struct sim *sim, const char *first, ...)
{
	static const char program[] = EKIMAE_BIN_DIR "/ekimaectl";
	const char *args[SIM_ARGS] = {program, "tuf", first};
	posix_spawn_file_actions_t actions;
	char home[PATH_MAX + 8];
	char *environment[] = {home, NULL};
	size_t count = 3;
	va_list list;
	pid_t child = 0;
	int status = 0;

	va_start(list, first);
	while (count < SIM_ARGS - 1 && (args[count] = va_arg(list, const char *)) != NULL)
		count++;
	va_end(list);
	snprintf(home, sizeof(home), "HOME=%s", sim->dir);
	posix_spawn_file_actions_init(&actions);
	if (!getenv("TEST_VERBOSE"))
		posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	assert_int_equal(posix_spawn(&child, program, &actions, NULL,
				     (char *const *)(uintptr_t)args, environment),
			 0);
	posix_spawn_file_actions_destroy(&actions);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static inline int sim_init_with(struct sim *sim, const char *root)
{
	char *path = tmp_path(sim->dir, "first-root.json");
	int status;

	tmp_write(sim->dir, "first-root.json", root, strlen(root));
	status = sim_run(sim, "--metadata-dir", sim->metadata, "init", path, NULL);
	free(path);
	return status;
}

static inline void sim_init(struct sim *sim)
{
	assert_int_equal(sim_init_with(sim, sim_role(sim, "root")->text), 0);
	assert_int_equal(sim->request_count, 0);
}

static inline int sim_refresh(struct sim *sim)
{
	sim_forget_requests(sim);
	return sim_run(sim, "--metadata-url", sim->metadata_url, "--metadata-dir",
		       sim->metadata, "refresh", NULL);
}

static inline int sim_download(struct sim *sim, const char *target)
{
	sim_forget_requests(sim);
	return sim_run(sim, "--metadata-url", sim->metadata_url, "--metadata-dir",
		       sim->metadata, "--target-name", target, "--target-dir",
		       sim->targets, "--target-base-url", sim->targets_url, "download",
		       NULL);
}

/* What the client keeps for @file ("root.json"); owned, NULL when there is none. */
static inline char *sim_kept(struct sim *sim, const char *file)
{
	char *path = tmp_path(sim->metadata, file);
	char *text = file_exists(path) ? tmp_read(path, NULL) : NULL;

	free(path);
	return text;
}

/* The version that the client trusts; 0: none. */
static inline int64_t sim_kept_version(struct sim *sim, const char *role)
{
	char file[200];
	json_t *document;
	int64_t version;
	char *text;

	snprintf(file, sizeof(file), "%s.json", role);
	text = sim_kept(sim, file);
	if (!text)
		return 0;
	document = json_loads(text, 0, NULL);
	assert_non_null(document);
	version = json_integer_value(
		json_object_get(json_object_get(document, "signed"), "version"));
	json_decref(document);
	free(text);
	return version;
}

static inline void sim_check_kept(struct sim *sim, int64_t root, int64_t timestamp,
				  int64_t snapshot, int64_t targets)
{
	assert_int_equal(sim_kept_version(sim, "root"), root);
	assert_int_equal(sim_kept_version(sim, "timestamp"), timestamp);
	assert_int_equal(sim_kept_version(sim, "snapshot"), snapshot);
	assert_int_equal(sim_kept_version(sim, "targets"), targets);
}

/* The requests since the last run began, from the one at @from on, up to NULL. */
static inline void sim_check_requests(struct sim *sim, size_t from, ...)
{
	const char *expected;
	va_list list;

	va_start(list, from);
	while ((expected = va_arg(list, const char *)) != NULL) {
		if (from >= sim->request_count)
			fail_msg("%s was not asked for", expected);
		assert_string_equal(sim->requests[from++], expected);
	}
	va_end(list);
	if (from < sim->request_count)
		fail_msg("%s was asked for, too", sim->requests[from]);
}

static inline size_t sim_count_files(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
	closedir(dir);
	return count;
}

/* Whether the client holds a target under @file with this content; NULL: not at all. */
static inline void sim_check_target(struct sim *sim, const char *file,
				    const char *expected)
{
	char *path = tmp_path(sim->targets, file);

	if (!expected) {
		assert_false(file_exists(path));
	} else {
		char *text = tmp_read(path, NULL);

		assert_string_equal(text, expected);
		free(text);
	}
	free(path);
}

static inline int sim_set_up(void **state)
{
	*state = sim_new();
	sim_init(*state);
	return 0;
}

static inline int sim_tear_down(void **state)
{
	sim_free(*state);
	return 0;
}

#define SIM_TEST(function)                                                               \
	cmocka_unit_test_setup_teardown(function, sim_set_up, sim_tear_down)

#endif /* CTL_TUF_SIM_H */
