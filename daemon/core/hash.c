#include "core/hash.h"

#include <string.h>

uint32_t hash_bytes(uint32_t hash, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ at[i]) * UINT32_C(16777619);
	return hash;
}

uint32_t hash_text(uint32_t hash, const char *text)
{
	return hash_bytes(hash, text, strlen(text));
}
