#include "core/utf8.h"

#include "core/attr.h"

#define REPLACEMENT 0xfffdU

struct range {
	uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t code_point)
{
	for (size_t i = 0; i < count; i++)
		if (code_point >= ranges[i].first && code_point <= ranges[i].last)
			return true;
	return false;
}

/*
 * Decodes at @bytes and returns the length, 0 when malformed. A NUL is never a
 * continuation byte, so nothing behind the end of the text is read.
 */
static size_t decode(const unsigned char *bytes, uint32_t *out)
{
	static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
	uint32_t code_point;
	size_t len;

	if (bytes[0] < 0x80) {
		*out = bytes[0];
		return 1;
	}
	if (bytes[0] >= 0xc2 && bytes[0] <= 0xdf) {
		len = 2;
		code_point = bytes[0] & 0x1fU;
	} else if (bytes[0] >= 0xe0 && bytes[0] <= 0xef) {
		len = 3;
		code_point = bytes[0] & 0x0fU;
	} else if (bytes[0] >= 0xf0 && bytes[0] <= 0xf4) {
		len = 4;
		code_point = bytes[0] & 0x07U;
	} else {
		return 0;
	}
	for (size_t i = 1; i < len; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
		code_point = code_point << 6 | (bytes[i] & 0x3fU);
	}
	if (code_point < smallest[len] || code_point > 0x10ffff ||
	    (code_point >= 0xd800 && code_point <= 0xdfff))
		return 0;
	*out = code_point;
	return len;
}

uint32_t utf8_next(const char **cursor)
{
	uint32_t code_point = 0;
	size_t len;

	if (**cursor == '\0')
		return 0;
	len = decode((const unsigned char *)*cursor, &code_point);
	if (len == 0) {
		*cursor += 1;
		return REPLACEMENT;
	}
	*cursor += len;
	return code_point;
}

bool utf8_is_valid(const char *text)
{
	uint32_t code_point;

	while (*text) {
		size_t len = decode((const unsigned char *)text, &code_point);

		if (len == 0)
			return false;
		text += len;
	}
	return true;
}

size_t utf8_count(const char *text)
{
	size_t count = 0;

	while (utf8_next(&text))
		count++;
	return count;
}

/*
 * What takes no reading time of its own. Marks are those of the scripts that notices are
 * written in (Latin, kana, Han, hangul) and of a few that names may bring along.
 */
static const struct range unread[] = {
	{0x0001, 0x0020},   /* controls and the space */
	{0x007f, 0x00a0},   /* controls and the no-break space */
	{0x0300, 0x036f},   /* combining diacritical marks */
	{0x0483, 0x0489},   /* Cyrillic marks */
	{0x0591, 0x05bd},   /* Hebrew points */
	{0x0610, 0x061a},   /* Arabic marks */
	{0x064b, 0x065f},   /* Arabic marks */
	{0x0e31, 0x0e31},   /* Thai vowels and tone marks above and below */
	{0x0e34, 0x0e3a},   /* the same */
	{0x0e47, 0x0e4e},   /* the same */
	{0x1680, 0x1680},   /* ogham space */
	{0x180b, 0x180f},   /* Mongolian variation selectors */
	{0x1ab0, 0x1aff},   /* combining diacritical marks extended */
	{0x1dc0, 0x1dff},   /* combining diacritical marks supplement */
	{0x2000, 0x200f},   /* spaces, zero width, joiners, direction marks */
	{0x2028, 0x202f},   /* separators, bidi controls, narrow space */
	{0x205f, 0x206f},   /* space, word joiner, invisible operators */
	{0x20d0, 0x20ff},   /* combining marks for symbols */
	{0x3000, 0x3000},   /* ideographic space */
	{0x302a, 0x302f},   /* ideographic tone marks */
	{0x3099, 0x309a},   /* combining voiced and semi-voiced marks */
	{0xfe00, 0xfe0f},   /* variation selectors */
	{0xfe20, 0xfe2f},   /* combining half marks */
	{0xfeff, 0xfeff},   /* zero width no-break space */
	{0x1f3fb, 0x1f3ff}, /* emoji skin tones: part of the emoji before them */
	{0xe0100, 0xe01ef}, /* variation selectors supplement: ideographic variants */
};

size_t utf8_count_readable(const char *text)
{
	size_t count = 0;
	uint32_t code_point;

	while ((code_point = utf8_next(&text)) != 0)
		if (!is_in(unread, ARRAY_LEN(unread), code_point))
			count++;
	return count;
}

size_t utf8_encode(uint32_t code_point, char out[static 4])
{
	unsigned char bytes[4] = {0};
	size_t len;

	if (code_point > 0x10ffff || (code_point >= 0xd800 && code_point <= 0xdfff))
		code_point = REPLACEMENT;
	if (code_point < 0x80) {
		bytes[0] = (unsigned char)code_point;
		len = 1;
	} else if (code_point < 0x800) {
		bytes[0] = (unsigned char)(0xc0 | code_point >> 6);
		len = 2;
	} else if (code_point < 0x10000) {
		bytes[0] = (unsigned char)(0xe0 | code_point >> 12);
		len = 3;
	} else {
		bytes[0] = (unsigned char)(0xf0 | code_point >> 18);
		len = 4;
	}
	for (size_t i = len; i > 1; i--) {
		bytes[i - 1] = (unsigned char)(0x80 | (code_point & 0x3f));
		code_point >>= 6;
	}
	for (size_t i = 0; i < len; i++)
		out[i] = (char)bytes[i];
	return len;
}

/* Bidi controls are among them: they make a line read otherwise than it is stored. */
static const struct range controls[] = {
	{0x0001, 0x0009}, {0x000b, 0x001f}, {0x007f, 0x009f}, {0x061c, 0x061c},
	{0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069},
};

bool utf8_has_control(const char *text)
{
	uint32_t code_point;

	while ((code_point = utf8_next(&text)) != 0)
		if (is_in(controls, ARRAY_LEN(controls), code_point))
			return true;
	return false;
}
