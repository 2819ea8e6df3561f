#include "wire/url.h"

#include <ctype.h>
#include <string.h>

static bool is_one_of(const char *set, char byte)
{
	return byte != '\0' && strchr(set, byte) != NULL;
}

static bool is_unreserved(char byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
	       (byte >= '0' && byte <= '9') || is_one_of("-._~", byte);
}

/* Appends @byte, encoded unless it @stays; false when there is no room. */
static bool put(char byte, bool stays, char *out, size_t size, size_t *len)
{
	static const char digits[] = "0123456789ABCDEF";

	if (*len + (stays ? 1 : 3) >= size)
		return false;
	if (stays) {
		out[(*len)++] = byte;
		return true;
	}
	out[(*len)++] = '%';
	out[(*len)++] = digits[(unsigned char)byte >> 4];
	out[(*len)++] = digits[(unsigned char)byte & 0x0f];
	return true;
}

bool url_quote(const char *text, const char *also, char *out, size_t size)
{
	size_t len = 0;

	for (; *text; text++) {
		bool stays = is_one_of(also, *text) || is_unreserved(*text);

		if (!put(*text, stays, out, size, &len)) {
			out[0] = '\0';
			return false;
		}
	}
	out[len] = '\0';
	return true;
}

bool url_path_quote(const char *path, char *out, size_t size)
{
	size_t len = 0;

	for (; *path; path++) {
		bool stays = is_unreserved(*path) || is_one_of("/!$&'()*+,;=:@", *path) ||
			     (*path == '%' && isxdigit((unsigned char)path[1]) &&
			      isxdigit((unsigned char)path[2]));

		if (!put(*path, stays, out, size, &len)) {
			out[0] = '\0';
			return false;
		}
	}
	out[len] = '\0';
	return true;
}
