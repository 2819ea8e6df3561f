#include "display/media.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"

struct item {
	uint8_t sha256[NOTICE_HASH_SIZE];
	struct blob bytes;
};

struct media {
	size_t count, room;
	struct item items[];
};

struct media *media_new(size_t room, struct err *err)
{
	struct media *media = calloc(1, sizeof(*media) + room * sizeof(*media->items));

	if (!media)
		err_set(err, ERR_NO_MEMORY, "pictures: out of memory");
	else
		media->room = room;
	return media;
}

struct media *media_free(struct media *media)
{
	for (size_t i = 0; media && i < media->count; i++)
		blob_free(&media->items[i].bytes);
	free(media);
	return NULL;
}

void media_add(struct media *media, const uint8_t sha256[static NOTICE_HASH_SIZE],
	       struct blob *bytes)
{
	struct item *item = &media->items[media->count++];

	assert(media->count <= media->room);
	memcpy(item->sha256, sha256, NOTICE_HASH_SIZE);
	item->bytes = *bytes;
	*bytes = (struct blob){0};
}

bool media_find(const void *context, const uint8_t sha256[static NOTICE_HASH_SIZE],
		const void **out_bytes, size_t *out_len)
{
	const struct media *media = context;

	for (size_t i = 0; media && i < media->count; i++) {
		const struct item *item = &media->items[i];

		if (memcmp(item->sha256, sha256, NOTICE_HASH_SIZE) != 0)
			continue;
		*out_bytes = item->bytes.bytes;
		*out_len = item->bytes.len;
		return true;
	}
	return false;
}

size_t media_count(const struct media *media)
{
	return media ? media->count : 0;
}

const struct blob *media_at(const struct media *media, size_t index)
{
	return &media->items[index].bytes;
}
