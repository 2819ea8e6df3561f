/*
 * Path patterns of delegations (§4.5). Our own rather than fnmatch(3): that one depends on
 * the locale, and takes exponential time for patterns made for it.
 */
#include <stddef.h>
#include <string.h>

#include "core/utf8.h"
#include "wire/tuf_metadata.h"

/*
 * The end of the class that starts at @open ("["), its "]"; NULL when there is none in
 * this part of the path, which makes the bracket a character like others. A "]" that
 * comes first belongs to the class.
 */
static const char *class_end(const char *open)
{
	const char *at = open + 1;

	if (*at == '!')
		at++;
	if (*at == ']')
		at++;
	while (*at != '\0' && *at != '/' && *at != ']')
		at++;
	return *at == ']' ? at : NULL;
}

static bool class_has(const char *open, const char *end, uint32_t character)
{
	const char *at = open + 1;
	bool negated = *at == '!';
	bool found = false;

	if (negated)
		at++;
	while (at < end) {
		uint32_t first = utf8_next(&at);
		uint32_t last = first;

		if (at + 1 < end && *at == '-') {
			at++;
			last = utf8_next(&at);
		}
		found = found || (first <= character && character <= last);
	}
	return found != negated;
}

/* Matches one character of both and moves on; a star is not its business. */
static bool match_one(const char **pattern, const char **path)
{
	const char *end = **pattern == '[' ? class_end(*pattern) : NULL;
	uint32_t character = utf8_next(path);

	if (character == '/' || **pattern == '/' || (!end && **pattern != '?'))
		return utf8_next(pattern) == character;
	if (!end) {
		*pattern += 1;
		return true;
	}
	if (!class_has(*pattern, end, character))
		return false;
	*pattern = end + 1;
	return true;
}

bool tuf_pattern_matches(const char *pattern, const char *path)
{
	/* Where the last star of this part of the path stands, and what it took so far. */
	const char *star = NULL;
	const char *taken = NULL;

	while (*path != '\0') {
		const char *next_pattern = pattern;
		const char *next_path = path;

		if (*pattern == '*') {
			star = ++pattern;
			taken = path;
			continue;
		}
		if (*pattern == '/' && *path == '/')
			star = NULL; /* a star takes no "/", so it can't help any more */
		if (*pattern != '\0' && match_one(&next_pattern, &next_path)) {
			pattern = next_pattern;
			path = next_path;
			continue;
		}
		/* One character more for the star. */
		if (!star || *taken == '/')
			return false;
		(void)utf8_next(&taken);
		pattern = star;
		path = taken;
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}
