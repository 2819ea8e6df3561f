#ifndef DISPLAY_MEDIA_H
#define DISPLAY_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "os/file.h"

struct err;

/*
 * The pictures of a set, as bytes in memory: what was verified once can't be changed under
 * the display any more. Bounded by PROGRAMME_MEDIA_MAX. Never changes once in a set.
 */
struct media;

MUST_USE struct media *media_new(size_t room, struct err *err); /* for @room pictures */
struct media *media_free(struct media *media); /* NULL is fine; returns NULL */

/* Adds verified bytes, which it takes: @bytes is empty after it. There must be room. */
void media_add(struct media *media, const uint8_t sha256[static NOTICE_HASH_SIZE],
	       TAKES struct blob *bytes);

/* A slide_media_fn whose context is a struct media, or NULL for none. */
bool media_find(const void *media, const uint8_t sha256[static NOTICE_HASH_SIZE],
		const void **out_bytes, size_t *out_len);

size_t media_count(const struct media *media); /* 0 for NULL */
const struct blob *media_at(const struct media *media, size_t index);

#endif /* DISPLAY_MEDIA_H */
