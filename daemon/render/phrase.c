#include "render/phrase.h"

#include <stdbool.h>
#include <string.h>

#include "render/script.h"

/*
 * Phrases (文節) end with particles and the endings of verbs, written in hiragana, and the
 * next one mostly begins with a kanji, katakana, a figure or a bracket. Compounds of kanji
 * mostly consist of words of two characters.
 */

/* 「は」「を」…: one character that mostly ends a phrase when a kanji or katakana follows. */
static bool is_particle(uint32_t c)
{
	static const uint32_t particles[] = {0x306F, 0x304C, 0x3092, 0x306B,
					     0x3067, 0x3068, 0x3078, 0x3082,
					     0x3084, 0x3066, 0x3089, 0x308A};

	for (size_t i = 0; i < sizeof(particles) / sizeof(particles[0]); i++)
		if (particles[i] == c)
			return true;
	return false;
}

/* 化 的 性 等 者 力 課 …: written onto the word before them. */
static bool is_suffix(uint32_t c)
{
	static const uint32_t suffixes[] = {
		0x5316, 0x7684, 0x6027, 0x7B49, 0x8005, 0x529B, 0x8AB2, 0x578B, 0x7528,
		0x7387, 0x6570, 0x54E1, 0x5BA4, 0x7269, 0x66F8, 0x6CD5, 0x69D8, 0x5E02,
		0x753A, 0x533A, 0x770C, 0x90FD, 0x56FD, 0x9928, 0x5834, 0x6240, 0x4EF6,
	};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (suffixes[i] == c)
			return true;
	return false;
}

/* How many characters of @script stand in a row right before @at. */
static size_t run_before(const uint32_t *text, size_t at, enum script script)
{
	size_t count = 0;

	while (count < at && script_of(text[at - 1 - count]) == script)
		count++;
	return count;
}

static size_t run_after(const uint32_t *text, size_t count, size_t at, enum script script)
{
	size_t found = 0;

	while (at + found < count && script_of(text[at + found]) == script)
		found++;
	return found;
}

static uint8_t inside_kanji(const uint32_t *text, size_t count, size_t at)
{
	size_t before = run_before(text, at, SCRIPT_KANJI);
	size_t after = run_after(text, count, at, SCRIPT_KANJI);

	if (after == 1 || before == 1)
		return 94; /* leaves a lone kanji, most likely half of a word */
	if (is_suffix(text[at]))
		return 90;
	return before % 2 == 0 ? 70 : 85;
}

/* Many a part of a compound ends with ー: マイナンバー｜カード. */
static uint8_t inside_katakana(const uint32_t *text, size_t count, size_t at)
{
	bool parts = text[at - 1] == 0x30FC &&
		     run_before(text, at, SCRIPT_KATAKANA) >= 3 &&
		     run_after(text, count, at, SCRIPT_KATAKANA) >= 3;

	return parts ? 91 : 97;
}

static uint8_t after_hiragana(const uint32_t *text, size_t at, enum script next)
{
	uint32_t last = text[at - 1];

	if (next == SCRIPT_HIRAGANA)
		return last == 0x3092 /* を */ ? 15 : 80;
	/* お and ご open a word rather than end one: お｜知らせ. */
	if ((last == 0x304A || last == 0x3054) &&
	    (at == 1 || script_of(text[at - 2]) != SCRIPT_KANJI))
		return 95;
	if (last == 0x306E /* の */)
		return 42; /* holds two nouns together: better before the bracket behind */
	return is_particle(last) ? 20 : 40;
}

static uint8_t after_kanji(const uint32_t *text, size_t count, size_t at,
			   enum script next)
{
	if (next == SCRIPT_KANJI)
		return inside_kanji(text, count, at);
	if (next == SCRIPT_HIRAGANA)
		return 95; /* okurigana or a particle */
	return 60;
}

static uint8_t after_katakana(const uint32_t *text, size_t count, size_t at,
			      enum script next)
{
	if (next == SCRIPT_KATAKANA)
		return inside_katakana(text, count, at);
	if (next == SCRIPT_HIRAGANA)
		return 92;
	if (next == SCRIPT_KANJI)
		return is_suffix(text[at]) ? 92 : 62;
	return 40;
}

static uint8_t after_latin(enum script next)
{
	if (next == SCRIPT_HIRAGANA)
		return 90;
	if (next == SCRIPT_KANJI || next == SCRIPT_KATAKANA)
		return 55;
	return 70;
}

static uint8_t after_mark(uint32_t mark, enum script next)
{
	switch (mark) {
	case 0x3002: /* 。 */
	case '!':
	case 0xFF01:
	case '?':
	case 0xFF1F:
		return 0;
	case 0x3001: /* 、 */
	case 0xFF0C:
	case ',':
		return 3;
	case 0x30FB: /* ・ */
		return 45;
	case '-':
	case '/':
		return 60;
	default:
		/* Closing brackets: what follows in hiragana still belongs to them. */
		return next == SCRIPT_HIRAGANA ? 80 : 25;
	}
}

static bool opens(uint32_t c)
{
	static const uint32_t brackets[] = {'(',    '[',    0xFF08, 0x300C, 0x300E,
					    0x3010, 0x3014, 0x3008, 0x300A, 0x201C};

	for (size_t i = 0; i < sizeof(brackets) / sizeof(brackets[0]); i++)
		if (brackets[i] == c)
			return true;
	return false;
}

uint8_t phrase_cost(const uint32_t *text, size_t count, size_t at)
{
	enum script before = script_of(text[at - 1]);
	enum script next = script_of(text[at]);

	if (before == SCRIPT_SPACE)
		return 2;
	if (opens(text[at]))
		/* A bracket right after a phrase: 「…の【窓口】」 goes down whole. */
		return text[at] == '(' || text[at] == 0xFF08 ? 45 : 0;
	switch (before) {
	case SCRIPT_HIRAGANA:
		return after_hiragana(text, at, next);
	case SCRIPT_KANJI:
		return after_kanji(text, count, at, next);
	case SCRIPT_KATAKANA:
		return after_katakana(text, count, at, next);
	case SCRIPT_LATIN:
	case SCRIPT_DIGIT:
		return after_latin(next);
	case SCRIPT_HANGUL:
		return 80; /* Korean puts spaces between its phrases */
	case SCRIPT_MARK:
		return after_mark(text[at - 1], next);
	case SCRIPT_SPACE:
		break;
	}
	return 50;
}
