#include "support/repository.h"

#include <inttypes.h>

#include "os/file.h"
#include "support/test.h"
#include "support/tmp.h"
#include "wire/digest.h"
#include "wire/key.h"
#include "wire/tuf_build.h"

#define YEAR_MS (INT64_C(365) * 86400 * 1000)

static struct signer *new_signer(void)
{
	struct err err = {0};
	struct signer *signer = signer_generate(&err);

	assert_ok(signer != NULL, err);
	return signer;
}

static void write_root(struct test_repository *repository, const struct signer *also)
{
	uint8_t root[1][32], targets[1][32], online[1][32];
	const struct signer *signers[2] = {repository->root, also};
	struct tuf_root_content content = {
		.version = repository->root_version,
		.expires = repository->expires,
		.consistent_snapshot = true,
		.root = {(const uint8_t(*)[32])root, 1, 1},
		.targets = {(const uint8_t(*)[32])targets, 1, 1},
		.snapshot = {(const uint8_t(*)[32])online, 1, 1},
		.timestamp = {(const uint8_t(*)[32])online, 1, 1},
	};
	struct err err = {0};
	char name[64];
	size_t len = 0;
	char *bytes;

	signer_public(repository->root, root[0]);
	signer_public(repository->targets, targets[0]);
	signer_public(repository->online, online[0]);
	bytes = tuf_build_root(&content, signers, also ? 2 : 1, &len, &err);
	assert_ok(bytes != NULL, err);
	snprintf(name, sizeof(name), "metadata/%" PRId64 ".root.json",
		 repository->root_version);
	tmp_write(repository->dir, name, bytes, len);
	free(bytes);
}

void test_repository_init(struct test_repository *repository)
{
	static const char *const folders[] = {"metadata", "targets"};
	struct err err = {0};

	*repository = (struct test_repository){
		.dir = tmp_dir(),
		.root = new_signer(),
		.targets = new_signer(),
		.online = new_signer(),
		.root_version = 1,
		.expires = {TEST_REPOSITORY_NOW.ms + YEAR_MS},
	};
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		char *path = tmp_path(repository->dir, folders[i]);

		assert_ok(dir_make(path, 0700, &err), err);
		free(path);
	}
	write_root(repository, NULL);
}

void test_repository_done(struct test_repository *repository)
{
	tmp_remove(repository->dir);
	signer_free(repository->root);
	signer_free(repository->targets);
	signer_free(repository->online);
}

static struct tuf_target write_target(struct test_repository *repository,
				      const char *path, const void *bytes, size_t len)
{
	struct tuf_target target = {.length = (int64_t)len};
	char hex[SHA256_HEX_SIZE], name[SHA256_HEX_SIZE + 64];

	snprintf(target.path, sizeof(target.path), "%s", path);
	sha256(bytes, len, target.sha256);
	hex_encode(target.sha256, SHA256_SIZE, hex);
	snprintf(name, sizeof(name), "targets/%s.%s", hex, path);
	tmp_write(repository->dir, name, bytes, len);
	return target;
}

/* Takes @bytes. */
static void write_role(struct test_repository *repository, const char *role, char *bytes,
		       size_t len, const struct err *err)
{
	char name[64];

	assert_ok(bytes != NULL, *err);
	if (strcmp(role, "timestamp") == 0)
		snprintf(name, sizeof(name), "metadata/timestamp.json");
	else
		snprintf(name, sizeof(name), "metadata/%" PRId64 ".%s.json",
			 repository->version, role);
	tmp_write(repository->dir, name, bytes, len);
}

/* Signs the next version of the three roles, over @list. */
static void publish(struct test_repository *repository, const struct tuf_target *list,
		    size_t count)
{
	const struct signer *signers[1] = {repository->targets};
	size_t targets_len = 0, snapshot_len = 0, timestamp_len = 0;
	char *targets, *snapshot, *timestamp;
	struct err err = {0};

	repository->version++;
	targets = tuf_build_targets(repository->version, repository->expires, list, count,
				    signers, 1, &targets_len, &err);
	write_role(repository, "targets", targets, targets_len, &err);
	snapshot =
		tuf_build_snapshot(repository->version, repository->expires, targets,
				   targets_len, repository->online, &snapshot_len, &err);
	write_role(repository, "snapshot", snapshot, snapshot_len, &err);
	timestamp = tuf_build_timestamp(repository->version, repository->expires,
					snapshot, snapshot_len, repository->online,
					&timestamp_len, &err);
	write_role(repository, "timestamp", timestamp, timestamp_len, &err);
	free(targets);
	free(snapshot);
	free(timestamp);
}

void test_repository_publish(struct test_repository *repository, const char *plan,
			     const char *programme)
{
	const struct tuf_target list[] = {
		write_target(repository, "plan.json", plan, strlen(plan)),
		write_target(repository, "programme.json", programme, strlen(programme)),
	};

	publish(repository, list, ARRAY_LEN(list));
}

void test_repository_publish_media(struct test_repository *repository, const char *plan,
				   const char *programme, const void *media, size_t len)
{
	const struct tuf_target list[] = {
		write_target(repository, "picture", media, len),
		write_target(repository, "plan.json", plan, strlen(plan)),
		write_target(repository, "programme.json", programme, strlen(programme)),
	};

	publish(repository, list, ARRAY_LEN(list));
}

void test_repository_rotate(struct test_repository *repository)
{
	repository->root_version++;
	signer_free(repository->online);
	repository->online = new_signer();
	write_root(repository, NULL);
}

char *test_repository_root_path(const struct test_repository *repository)
{
	return tmp_path(repository->dir, "metadata/1.root.json");
}
