#include "city/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"

void buffer_init(struct buffer *buffer, size_t max_bytes)
{
	*buffer = (struct buffer){.max = max_bytes};
}

void buffer_done(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){.max = buffer->max};
}

/* Room for @more bytes and a NUL. */
static bool make_room(struct buffer *buffer, size_t more)
{
	size_t capacity = buffer->capacity ? buffer->capacity : 256;
	char *bytes;

	if (buffer->too_large || buffer->no_memory)
		return false;
	if (more > buffer->max - buffer->len) {
		buffer->too_large = true;
		return false;
	}
	while (capacity < buffer->len + more + 1)
		capacity *= 2;
	if (capacity == buffer->capacity)
		return true;
	bytes = realloc(buffer->bytes, capacity);
	if (!bytes) {
		buffer->no_memory = true;
		return false;
	}
	buffer->bytes = bytes;
	buffer->capacity = capacity;
	return true;
}

void buffer_add_bytes(struct buffer *buffer, const void *bytes, size_t len)
{
	if (!make_room(buffer, len))
		return;
	if (len > 0)
		memcpy(buffer->bytes + buffer->len, bytes, len);
	buffer->len += len;
	buffer->bytes[buffer->len] = '\0';
}

void buffer_add(struct buffer *buffer, const char *text)
{
	buffer_add_bytes(buffer, text, strlen(text));
}

void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0 || !make_room(buffer, (size_t)len))
		return;
	va_start(args, format);
	vsnprintf(buffer->bytes + buffer->len, (size_t)len + 1, format, args);
	va_end(args);
	buffer->len += (size_t)len;
}

void buffer_json(struct buffer *buffer, const char *text)
{
	const char *from = text;

	buffer_add(buffer, "\"");
	for (const char *at = text; *at; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte >= 0x20 && byte != '"' && byte != '\\')
			continue;
		buffer_add_bytes(buffer, from, (size_t)(at - from));
		from = at + 1;
		if (byte == '\n')
			buffer_add(buffer, "\\n");
		else if (byte < 0x20)
			buffer_printf(buffer, "\\u%04x", byte);
		else
			buffer_printf(buffer, "\\%c", byte);
	}
	buffer_add(buffer, from);
	buffer_add(buffer, "\"");
}

bool buffer_take(struct buffer *buffer, char **out, size_t *out_len, struct err *err)
{
	buffer_add_bytes(buffer, "", 0); /* an empty text is "", not NULL */
	if (buffer->too_large)
		return err_set(err, ERR_TOO_LARGE, "the answer is over %zu bytes",
			       buffer->max);
	if (buffer->no_memory)
		return err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
	*out = buffer->bytes;
	*out_len = buffer->len;
	buffer->bytes = NULL;
	buffer->len = 0;
	buffer->capacity = 0;
	return true;
}
