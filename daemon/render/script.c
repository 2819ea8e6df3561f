#include "render/script.h"

#include <stdbool.h>
#include <stddef.h>

struct range {
	uint32_t first, last;
	enum script script;
};

/* Unicode blocks, as far as they bear on a Japanese city's texts; in ascending order. */
static const struct range ranges[] = {
	{0x0020, 0x0020, SCRIPT_SPACE},    {0x0030, 0x0039, SCRIPT_DIGIT},
	{0x0041, 0x005A, SCRIPT_LATIN},    {0x0061, 0x007A, SCRIPT_LATIN},
	{0x00A0, 0x00A0, SCRIPT_SPACE},    {0x00C0, 0x00D6, SCRIPT_LATIN},
	{0x00D8, 0x00F6, SCRIPT_LATIN},    {0x00F8, 0x02AF, SCRIPT_LATIN},
	{0x0370, 0x058F, SCRIPT_LATIN},    {0x0E00, 0x0E7F, SCRIPT_LATIN},
	{0x1100, 0x11FF, SCRIPT_HANGUL},   {0x1E00, 0x1FFF, SCRIPT_LATIN},
	{0x3000, 0x3000, SCRIPT_SPACE},    {0x3005, 0x3007, SCRIPT_KANJI},
	{0x3041, 0x309F, SCRIPT_HIRAGANA}, {0x30A1, 0x30FA, SCRIPT_KATAKANA},
	{0x30FC, 0x30FF, SCRIPT_KATAKANA}, {0x3130, 0x318F, SCRIPT_HANGUL},
	{0x31F0, 0x31FF, SCRIPT_KATAKANA}, {0x3400, 0x4DBF, SCRIPT_KANJI},
	{0x4E00, 0x9FFF, SCRIPT_KANJI},    {0xAC00, 0xD7FF, SCRIPT_HANGUL},
	{0xF900, 0xFAFF, SCRIPT_KANJI},    {0xFF10, 0xFF19, SCRIPT_DIGIT},
	{0xFF21, 0xFF3A, SCRIPT_LATIN},    {0xFF41, 0xFF5A, SCRIPT_LATIN},
	{0xFF66, 0xFF9F, SCRIPT_KATAKANA}, {0x20000, 0x3FFFF, SCRIPT_KANJI},
};

enum script script_of(uint32_t code_point)
{
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		if (code_point < ranges[i].first)
			break;
		if (code_point <= ranges[i].last)
			return ranges[i].script;
	}
	return SCRIPT_MARK;
}
