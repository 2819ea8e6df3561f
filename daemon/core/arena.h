#ifndef CORE_ARENA_H
#define CORE_ARENA_H

#include <stddef.h>

#include "core/attr.h"

struct arena;

/*
 * Memory of one document: many small pieces that live and die together. The arena gives
 * out at most @max_bytes in total, so a document has a ceiling whatever it contains.
 * NULL when memory is short.
 */
MUST_USE struct arena *arena_new(size_t max_bytes);
struct arena *arena_free(struct arena *arena); /* NULL is fine; returns NULL */

/* @size zeroed bytes, aligned for any type; NULL over the ceiling or out of memory. */
MUST_USE void *arena_alloc(struct arena *arena, size_t size);

/* @count zeroed elements of @size bytes each; NULL on overflow, too. */
MUST_USE void *arena_array(struct arena *arena, size_t count, size_t size);

/* A NUL-terminated copy of @text. NULL over the ceiling or out of memory. */
MUST_USE char *arena_strdup(struct arena *arena, const char *text);

/* Bytes given out so far. */
size_t arena_used(const struct arena *arena);

#endif /* CORE_ARENA_H */
