/*
 * `ekimaectl tuf`: the client workflow of TUF by itself, against any repository. For
 * operators, and for those who hold the client against a conformance suite.
 */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "ctl/ctl.h"
#include "os/file.h"
#include "sync/http.h"
#include "sync/repository.h"

#define TARGET_NAMES_MAX 256 /* of one command */
#define KEPT_FILES_MAX   256 /* metadata files that are looked at in the folder */
#define FILE_MODE        0644
#define FOLDER_MODE      0755
#define TIMEOUT_MAX_S    3600

struct client {
	struct ctl *ctl;
	const char *metadata_dir, *metadata_url, *target_base_url, *target_dir;
	const char *ca_file, *timeout;
	const char *target_names[TARGET_NAMES_MAX];
	size_t target_name_count;

	char metadata_base[REPOSITORY_URL_MAX], targets_base[REPOSITORY_URL_MAX];
	struct repository repository;
	struct repository_files files;
	struct tuf_trust *trust;
};

static void client_done(struct client *client)
{
	tuf_trust_free(client->trust);
	repository_files_done(&client->files);
	http_free(client->repository.http);
}

/* Takes the options out of @argv and leaves the command and its arguments. */
static bool take_options(struct client *client, int *argc, char **argv, struct err *err)
{
	struct {
		const char *name;
		const char **value;
	} known[] = {
		{"--metadata-dir", &client->metadata_dir},
		{"--metadata-url", &client->metadata_url},
		{"--target-base-url", &client->target_base_url},
		{"--target-dir", &client->target_dir},
		{"--ca-file", &client->ca_file},
		{"--timeout", &client->timeout},
	};
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		const char **value = NULL;

		for (size_t k = 0; k < ARRAY_LEN(known); k++) {
			if (strcmp(argv[i], known[k].name) == 0)
				value = known[k].value;
		}
		if (strcmp(argv[i], "--target-name") == 0) {
			if (client->target_name_count == TARGET_NAMES_MAX)
				return err_set(err, ERR_USAGE, "at most %d --target-name",
					       TARGET_NAMES_MAX);
			value = &client->target_names[client->target_name_count++];
		}
		if (!value && strncmp(argv[i], "--", 2) == 0)
			return err_set(err, ERR_USAGE, "tuf: unknown option \"%s\"",
				       argv[i]);
		if (!value) {
			argv[kept++] = argv[i];
			continue;
		}
		if (++i == *argc)
			return err_set(err, ERR_USAGE, "%s needs a value", argv[i - 1]);
		*value = argv[i];
	}
	argv[kept] = NULL;
	*argc = kept;
	return true;
}

static bool need(const char *value, const char *option, struct err *err)
{
	return value || err_set(err, ERR_USAGE, "tuf: needs %s", option);
}

/* A base URL with or without a slash at its end is the same place. */
static bool read_url(const char *url, char out[static REPOSITORY_URL_MAX],
		     struct err *err)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		len--;
	if (len == 0 || len >= REPOSITORY_URL_MAX)
		return err_set(err, ERR_USAGE, "tuf: \"%s\" is no URL", url);
	snprintf(out, REPOSITORY_URL_MAX, "%.*s", (int)len, url);
	return true;
}

/*
 * The latest root is the one that counts, so it is kept under its plain name like all
 * others. What a key rotation makes void is deleted.
 */
static bool keep_file(void *context, const char *name, const void *bytes, size_t len,
		      struct err *err)
{
	static const char root_suffix[] = ".root.json";
	struct client *client = context;
	char path[PATH_MAX];
	size_t name_len = strlen(name);

	if (name_len > sizeof(root_suffix) - 1 &&
	    strcmp(name + name_len - (sizeof(root_suffix) - 1), root_suffix) == 0)
		name = root_suffix + 1;
	if (!path_join(path, sizeof(path), client->metadata_dir, name, err))
		return false;
	if (bytes)
		return file_write_atomic(path, bytes, len, FILE_MODE, err);
	return unlink(path) == 0 || errno == ENOENT || err_set_errno(err, "%s", path);
}

/*
 * What earlier runs left. Nothing in it is trusted: the workflow verifies each file again,
 * so one that can't be read is only one that has to be fetched.
 */
static bool load_kept(struct client *client, struct err *err)
{
	struct dirent *entry;
	size_t count = 0;
	DIR *dir = opendir(client->metadata_dir);

	if (!dir)
		return err_set_errno(err, "%s", client->metadata_dir);
	while ((entry = readdir(dir)) != NULL && count < KEPT_FILES_MAX) {
		CLEANUP(blob_free) struct blob blob = {0};
		const char *dot = strrchr(entry->d_name, '.');
		struct err ignored = {0};

		if (!dot || strcmp(dot, ".json") != 0 || dot == entry->d_name ||
		    strcmp(entry->d_name, "root.json") == 0 ||
		    !file_read_at(dirfd(dir), entry->d_name, TUF_TARGETS_MAX, &blob,
				  &ignored))
			continue;
		count++;
		if (!repository_file_put(&client->files, entry->d_name, blob.bytes,
					 blob.len, err)) {
			closedir(dir);
			return false;
		}
	}
	closedir(dir);
	return true;
}

static bool init(struct client *client, const char *root_path, struct err *err)
{
	CLEANUP(blob_free) struct blob root = {0};
	struct tuf_trust *trust;
	char path[PATH_MAX];

	if (!need(client->metadata_dir, "--metadata-dir", err) ||
	    !file_read(root_path, TUF_ROOT_MAX, &root, err))
		return false;
	trust = tuf_trust_new(root.bytes, root.len, err);
	if (!trust)
		return err_prefix(err, "%s", root_path);
	tuf_trust_free(trust);
	return dir_make(client->metadata_dir, FOLDER_MODE, err) &&
	       path_join(path, sizeof(path), client->metadata_dir, "root.json", err) &&
	       file_write_atomic(path, root.bytes, root.len, FILE_MODE, err);
}

static bool open_connection(struct client *client, struct err *err)
{
	const struct http_options options = {
		.ca_file = client->ca_file ? client->ca_file : client->ctl->ca_file,
	};
	char *end = NULL;

	if (client->timeout) {
		long seconds = strtol(client->timeout, &end, 10);

		if (*end != '\0' || seconds < 1 || seconds > TIMEOUT_MAX_S)
			return err_set(err, ERR_USAGE,
				       "--timeout: expected seconds, 1 to %d, got \"%s\"",
				       TIMEOUT_MAX_S, client->timeout);
		client->repository.timeout.ms = seconds * 1000;
	}
	client->repository.http = http_new(&options, err);
	return client->repository.http != NULL;
}

static bool refresh(struct client *client, struct err *err)
{
	CLEANUP(blob_free) struct blob root = {0};
	char path[PATH_MAX];

	if (!need(client->metadata_dir, "--metadata-dir", err) ||
	    !need(client->metadata_url, "--metadata-url", err) ||
	    !read_url(client->metadata_url, client->metadata_base, err) ||
	    !path_join(path, sizeof(path), client->metadata_dir, "root.json", err))
		return false;
	if (!file_read(path, TUF_ROOT_MAX, &root, err))
		return err_prefix(err, "no trusted root (see ekimaectl tuf init)");
	if (!load_kept(client, err) || !open_connection(client, err))
		return false;
	client->repository.metadata_url = client->metadata_base;
	client->repository.keep = keep_file;
	client->repository.keep_context = client;
	client->trust = repository_refresh(&client->repository, root.bytes, root.len,
					   &client->files, client->ctl->now.wall, err);
	return client->trust != NULL;
}

/* A target already there with matching hashes is not downloaded again (§5.7). */
static bool is_there(const char *path, const struct tuf_target *target)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct err ignored = {0};

	return target->length >= 0 && (uint64_t)target->length <= REPOSITORY_TARGET_MAX &&
	       file_read(path, (size_t)target->length, &blob, &ignored) &&
	       tuf_target_check(target, blob.bytes, blob.len, &ignored);
}

static bool download_one(struct client *client, const char *name, struct err *err)
{
	char file[TUF_FILE_NAME_MAX], path[PATH_MAX];
	struct tuf_target target = {0};
	char *bytes = NULL;
	bool found = false, written;

	if (!repository_find(&client->repository, client->trust, &client->files, name,
			     client->ctl->now.wall, &target, &found, err))
		return false;
	if (!found)
		return err_set(err, ERR_NOT_FOUND,
			       "no role that is trusted with this path lists it");
	tuf_target_local(target.path, file);
	if (!path_join(path, sizeof(path), client->target_dir, file, err))
		return false;
	if (is_there(path, &target))
		return true;
	if (!repository_download(&client->repository, client->trust, &target, &bytes,
				 err))
		return false;
	written = file_write_atomic(path, bytes, (size_t)target.length, FILE_MODE, err);
	free(bytes);
	return written;
}

/* One target that can't be had does not keep the others from being fetched. */
static bool download(struct client *client, struct err *err)
{
	size_t failed = 0;

	if (!need(client->target_base_url, "--target-base-url", err) ||
	    !need(client->target_dir, "--target-dir", err) ||
	    !need(client->target_names[0], "--target-name", err) ||
	    !read_url(client->target_base_url, client->targets_base, err) ||
	    !refresh(client, err) || !dir_make(client->target_dir, FOLDER_MODE, err))
		return false;
	client->repository.targets_url = client->targets_base;
	for (size_t i = 0; i < client->target_name_count; i++) {
		struct err one = {0};

		if (download_one(client, client->target_names[i], &one))
			continue;
		failed++;
		err_prefix(&one, "%.100s", client->target_names[i]);
		if (client->target_name_count > 1)
			fprintf(stderr, "ekimaectl: %s\n", one.text);
		*err = one;
	}
	if (failed > 0 && client->target_name_count > 1)
		return err_set(err, ERR_NOT_FOUND,
			       "%zu of %zu targets were not downloaded", failed,
			       client->target_name_count);
	return failed == 0;
}

bool verb_tuf(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(client_done) struct client client = {.ctl = ctl};

	ctl->failure = EXIT_FAILURE;
	if (!take_options(&client, &argc, argv, err))
		return false;
	if (argc == 3 && strcmp(argv[1], "init") == 0)
		return init(&client, argv[2], err);
	if (argc == 2 && strcmp(argv[1], "refresh") == 0)
		return refresh(&client, err);
	if (argc == 2 && strcmp(argv[1], "download") == 0)
		return download(&client, err);
	return err_set(err, ERR_USAGE,
		       "tuf: expected init ROOT.json, refresh or download; see "
		       "docs/trust.md");
}
