#include "core/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_SIZE ((size_t)16 * 1024)

struct block {
	struct block *next;
	size_t size, used;
	alignas(max_align_t) unsigned char bytes[];
};

struct arena {
	struct block *blocks; /* the one that is filled now comes first */
	size_t used, max_bytes;
};

struct arena *arena_new(size_t max_bytes)
{
	struct arena *arena = calloc(1, sizeof(*arena));

	if (arena)
		arena->max_bytes = max_bytes;
	return arena;
}

struct arena *arena_free(struct arena *arena)
{
	if (!arena)
		return NULL;
	while (arena->blocks) {
		struct block *next = arena->blocks->next;

		free(arena->blocks);
		arena->blocks = next;
	}
	free(arena);
	return NULL;
}

static struct block *add_block(struct arena *arena, size_t want)
{
	size_t size = want > BLOCK_SIZE ? want : BLOCK_SIZE;
	struct block *block = NULL;

	if (size <= SIZE_MAX - sizeof(*block))
		block = calloc(1, sizeof(*block) + size);
	if (!block)
		return NULL;
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct block *block = arena->blocks;
	size_t rounded;
	void *piece;

	if (size > arena->max_bytes || size > SIZE_MAX - align)
		return NULL;
	rounded = (size + align - 1) / align * align;
	if (rounded > arena->max_bytes - arena->used)
		return NULL;
	if (!block || rounded > block->size - block->used)
		block = add_block(arena, rounded);
	if (!block)
		return NULL;

	piece = block->bytes + block->used;
	block->used += rounded;
	arena->used += rounded;
	return piece;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	return arena_alloc(arena, count * size);
}

char *arena_strdup(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_alloc(arena, size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

size_t arena_used(const struct arena *arena)
{
	return arena->used;
}
