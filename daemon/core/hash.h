#ifndef CORE_HASH_H
#define CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 * For tables in memory: FNV-1a of 32 bits. Anybody can make texts that meet in one place,
 * so such a table may lose speed by it, never truth.
 */
#define HASH_START UINT32_C(2166136261)

/* Goes on from @hash, HASH_START at first, over @len bytes. */
uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t len);

/* The same over a string, without its NUL. */
uint32_t hash_text(uint32_t hash, const char *text);

#endif /* CORE_HASH_H */
