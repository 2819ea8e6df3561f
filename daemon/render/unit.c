#include "render/unit.h"

#include <string.h>

#include "core/attr.h"
#include "core/utf8.h"
#include "render/script.h"

/* Counters of more than one character; the single ones follow from the digit alone. */
static const char *const counters[] = {
	"年度",       "年間",     "年目",     "周年",       "か年",         "カ年",
	"か月",       "ヶ月",     "ヵ月",     "カ月",       "箇月",         "か所",
	"ヶ所",       "カ所",     "ヵ所",     "箇所",       "拠点",         "時間",
	"分間",       "秒間",     "日間",     "週間",       "番線",         "号線",
	"番目",       "回目",     "丁目",     "番地",       "世帯",         "段階",
	"種類",       "項目",     "文字",     "人分",       "円分",         "月分",
	"歳以上",     "歳未満",   "歳以下",   "人以上",     "件以上",       "円以上",
	"パーセント", "ポイント", "メートル", "センチ",     "ミリ",         "キロ",
	"グラム",     "リットル", "ページ",   "ヘクタール", "キロメートル", "キログラム",
	"バイト",     "ギガ",     "メガ",     "言語",       "か国語",       "か国",
	"施設",       "分野",     "本柱",     "次元",       "畳",
};

/* Units that stand behind a number and a space. */
static const char *const latin_units[] = {
	"m",  "km", "cm", "mm", "g",   "kg",  "mg",   "t",    "s",   "h",  "min",
	"ms", "L",  "mL", "ha", "B",   "kB",  "KB",   "MB",   "GB",  "TB", "bps",
	"Hz", "W",  "kW", "V",  "kHz", "MHz", "Mbps", "Gbps", "kWh", "am", "pm",
	"%",  "px", "pt", "dB", "GHz", "yen", "JPY",  "°C",   "℃",   "m²", "km²",
};

/* Words that a number follows closely. */
static const char *const prefixes[] = {
	"令和", "平成", "昭和", "大正", "明治", "西暦", "第",
	"約",   "計",   "全",   "午前", "午後", "№",    "¥",
	"￥",   "約",   "各",   "延べ", "最大", "最長", "築",
};

static bool is_digit(uint32_t c)
{
	return script_of(c) == SCRIPT_DIGIT;
}

static bool is_letter(uint32_t c)
{
	enum script script = script_of(c);

	return script != SCRIPT_SPACE && script != SCRIPT_MARK;
}

/* 万 億 兆 千 百 behind digits: 10万人. */
static bool is_magnitude(uint32_t c)
{
	return c == 0x4E07 || c == 0x5104 || c == 0x5146 || c == 0x5343 || c == 0x767E;
}

/* Length of @word when @text[@at …] begins with it, else 0; in characters. */
static size_t match(const uint32_t *text, size_t count, size_t at, const char *word)
{
	size_t length = 0;

	for (const char *cursor = word; *cursor != '\0'; length++)
		if (at + length >= count || utf8_next(&cursor) != text[at + length])
			return 0;
	return length;
}

/* Whether @text[@at] comes right after a number: digits, then perhaps 万 or 億. */
static bool follows_number(const uint32_t *text, size_t at)
{
	while (at > 0 && is_magnitude(text[at - 1]))
		at--;
	return at > 0 && is_digit(text[at - 1]);
}

static bool is_inside_counter(const uint32_t *text, size_t count, size_t at)
{
	for (size_t back = 1; back <= 6 && back <= at; back++) {
		if (!follows_number(text, at - back))
			continue;
		for (size_t i = 0; i < ARRAY_LEN(counters); i++)
			if (match(text, count, at - back, counters[i]) > back)
				return true;
	}
	return false;
}

static bool is_behind_prefix(const uint32_t *text, size_t count, size_t at)
{
	if (!is_digit(text[at]))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t length = utf8_count(prefixes[i]);
		if (length <= at && match(text, count, at - length, prefixes[i]) > 0)
			return true;
	}
	return false;
}

static bool is_spaced_unit(const uint32_t *text, size_t count, size_t at)
{
	if (at < 2 || script_of(text[at - 1]) != SCRIPT_SPACE || !is_digit(text[at - 2]))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(latin_units); i++) {
		size_t length = match(text, count, at, latin_units[i]);
		if (length > 0 && (at + length == count ||
				   script_of(text[at + length]) != SCRIPT_LATIN))
			return true;
	}
	return false;
}

/* 令和6(2024)｜年度: the number in brackets belongs to what follows and precedes it. */
static bool is_bracketed_number(const uint32_t *text, size_t count, size_t at)
{
	uint32_t before = text[at - 1];
	uint32_t next = text[at];

	if ((before == ')' || before == 0xFF09) && at >= 2 && is_digit(text[at - 2]))
		return is_letter(next);
	if ((next == '(' || next == 0xFF08) && is_digit(before))
		return at + 1 < count && is_digit(text[at + 1]);
	return false;
}

/* AI-｜OCR, Wi-｜Fi, 2024-｜25. */
static bool is_hyphenated(const uint32_t *text, size_t at)
{
	enum script next = script_of(text[at]);

	if (text[at - 1] != '-' || at < 2)
		return false;
	enum script before = script_of(text[at - 2]);
	return (before == SCRIPT_LATIN || before == SCRIPT_DIGIT) &&
	       (next == SCRIPT_LATIN || next == SCRIPT_DIGIT);
}

bool unit_is_parted(const uint32_t *text, size_t count, size_t at)
{
	if (follows_number(text, at) && (is_letter(text[at]) || is_magnitude(text[at])))
		return true;
	if (script_of(text[at - 1]) == SCRIPT_LATIN && is_digit(text[at]))
		return true;
	return is_inside_counter(text, count, at) || is_behind_prefix(text, count, at) ||
	       is_spaced_unit(text, count, at) || is_bracketed_number(text, count, at) ||
	       is_hyphenated(text, at);
}
