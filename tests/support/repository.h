#ifndef SUPPORT_REPOSITORY_H
#define SUPPORT_REPOSITORY_H

#include <stddef.h>
#include <stdint.h>

#include "core/time.h"

/* A small signed repository on disk, for tests of those who read repositories. */

#define TEST_REPOSITORY_NOW ((struct wall_ms){INT64_C(1795305600000)}) /* 2026-11-22 */

struct test_repository {
	char *dir;                              /* holds metadata/ and targets/ */
	struct signer *root, *targets, *online; /* online: snapshot and timestamp */
	int64_t root_version, version;          /* version: of the other three roles */
	struct wall_ms expires;                 /* of what is written next */
};

/* In a fresh folder, with root version 1 and nothing published. Fails the test on errors. */
void test_repository_init(struct test_repository *repository);
void test_repository_done(struct test_repository *repository);

/* Publishes these two documents as the next version. */
void test_repository_publish(struct test_repository *repository, const char *plan,
			     const char *programme);

/* As test_repository_publish(), with the file "picture" beside the two. */
void test_repository_publish_media(struct test_repository *repository, const char *plan,
				   const char *programme, const void *media, size_t len);

/* Writes the next root, with new keys for snapshot and timestamp. */
void test_repository_rotate(struct test_repository *repository);

/* The bytes of root version 1 are at "<dir>/metadata/1.root.json". Owned path. */
char *test_repository_root_path(const struct test_repository *repository);

#endif /* SUPPORT_REPOSITORY_H */
