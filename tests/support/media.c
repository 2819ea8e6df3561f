#include "support/media.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/programme.h"
#include "os/file.h"

#define MEDIA_MAX 8
#define PATH_SIZE 1024

struct medium {
	uint8_t sha256[NOTICE_HASH_SIZE];
	struct blob file;
};

struct test_media {
	struct medium media[MEDIA_MAX];
	size_t count;
};

static bool medium_read(struct medium *medium, const struct notice_picture *picture,
			const char *folder, struct err *err)
{
	char name[2 * NOTICE_HASH_SIZE + 1], path[PATH_SIZE];

	for (size_t i = 0; i < NOTICE_HASH_SIZE; i++)
		snprintf(name + 2 * i, 3, "%02x", picture->sha256[i]);
	memcpy(medium->sha256, picture->sha256, NOTICE_HASH_SIZE);
	return path_join(path, sizeof(path), folder, name, err) &&
	       file_read(path, NOTICE_PICTURE_BYTES_MAX, &medium->file, err);
}

struct test_media *test_media_new(const struct programme *programme, const char *folder,
				  struct err *err)
{
	struct test_media *media = calloc(1, sizeof(*media));

	if (!media) {
		err_set(err, ERR_NO_MEMORY, "media: out of memory");
		return NULL;
	}
	for (size_t i = 0; i < programme->notice_count; i++) {
		const struct notice_picture *picture = programme->notices[i].picture;

		if (!picture)
			continue;
		if (media->count == MEDIA_MAX) {
			err_set(err, ERR_TOO_LARGE, "more than %d pictures", MEDIA_MAX);
			return test_media_free(media);
		}
		if (!medium_read(&media->media[media->count++], picture, folder, err))
			return test_media_free(media);
	}
	return media;
}

struct test_media *test_media_free(struct test_media *media)
{
	for (size_t i = 0; media && i < media->count; i++)
		blob_free(&media->media[i].file);
	free(media);
	return NULL;
}

bool test_media_find(const void *context, const uint8_t sha256[static NOTICE_HASH_SIZE],
		     const void **out_bytes, size_t *out_len)
{
	const struct test_media *media = context;

	for (size_t i = 0; i < media->count; i++) {
		const struct medium *medium = &media->media[i];

		if (memcmp(medium->sha256, sha256, NOTICE_HASH_SIZE) != 0)
			continue;
		*out_bytes = medium->file.bytes;
		*out_len = medium->file.len;
		return true;
	}
	return false;
}
