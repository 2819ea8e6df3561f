#ifndef SUPPORT_MEDIA_H
#define SUPPORT_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"

struct err;
struct programme;
struct test_media;

/* The pictures of a programme's notices, from files in @folder that are named by their hash. */
MUST_USE struct test_media *test_media_new(const struct programme *programme,
					   const char *folder, struct err *err);
struct test_media *test_media_free(struct test_media *media); /* NULL is fine */

/* A slide_media_fn; @context is the media. */
bool test_media_find(const void *context, const uint8_t sha256[static NOTICE_HASH_SIZE],
		     const void **out_bytes, size_t *out_len);

#endif /* SUPPORT_MEDIA_H */
