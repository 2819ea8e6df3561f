#ifndef CITY_BUFFER_H
#define CITY_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * Text that grows up to a ceiling: the answers of the API are written into it. A failure
 * (ceiling, memory) sticks, so that only buffer_take() needs a check.
 */
struct buffer {
	char *bytes; /* NUL-terminated; NULL while empty */
	size_t len, capacity, max;
	bool too_large, no_memory;
};

void buffer_init(struct buffer *buffer, size_t max_bytes);
void buffer_done(struct buffer *buffer); /* for CLEANUP() */

void buffer_add(struct buffer *buffer, const char *text);
void buffer_add_bytes(struct buffer *buffer, const void *bytes, size_t len);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);

/* @text as a JSON string (RFC 8259), quoted and escaped; it is UTF-8. */
void buffer_json(struct buffer *buffer, const char *text);

/* Hands the bytes over, NUL-terminated, owned (free()); the buffer is empty after. */
MUST_USE bool buffer_take(struct buffer *buffer, char **out, size_t *out_len,
			  struct err *err);

#endif /* CITY_BUFFER_H */
