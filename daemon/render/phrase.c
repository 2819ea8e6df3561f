#include "render/phrase.h"

#include <stdbool.h>

#include "core/attr.h"
#include "core/utf8.h"
#include "render/phrase_model.h"
#include "render/script.h"

/*
 * Three things decide. Marks and brackets speak for themselves. Next to hiragana the model
 * (render/phrase_model.h) says whether a phrase begins. Within a compound, where none does,
 * words should still stay whole: what the dictionary takes for words, endings and prefixes
 * left out, are the joints that give way first when a line is too narrow.
 */

/* From the most welcome break to the least. */
#define COST_SENTENCE     0
#define COST_SPACE        2
#define COST_CLAUSE       3
#define COST_BRACKET      6
#define COST_PHRASE_BEST  10 /* the model is sure */
#define COST_QUOTED       25
#define COST_PHRASE_WORST 40 /* the model can't tell */
#define COST_OF           38 /* の holds two nouns together */
#define COST_NAME         43 /* ASTA｜VISION */
#define COST_DOT          45 /* 調査・｜研究 */
#define COST_REMARK       48 /* 業務改革｜(BPR) */
#define COST_WEAK         50
#define COST_OF_BRACKET   50 /* 決済の｜促進【窓口】: better before the bracket */
#define COST_FORMAL       PHRASE_COST_WORD /* 推進する｜ための */
#define COST_DOUBT        60
#define COST_LARGE_JOINT  62                 /* 地域情報化｜基本方針 */
#define COST_JOINT        66                 /* 情報｜システム */
#define COST_PARTICLE     67                 /* 自治体に｜おける */
#define COST_SMALL_JOINT  70                 /* 基本｜方針, PDCA｜サイクル */
#define COST_KOREAN       80                 /* Korean puts spaces between its phrases */
#define COST_ABBREVIATION 85                 /* 無線｜LAN */
#define COST_AUXILIARY    86                 /* 進めて｜います */
#define COST_SOFT_PART    PHRASE_COST_PARTED /* マイナンバー｜カード */
#define COST_ENDING       97                 /* 標準｜化, カード｜の */
#define COST_IN_WORD      100

/* Scores of the model below which its yes is doubtful. */
#define SCORE_FAIR 900
#define SCORE_SURE 1500

#define NO 0x306E /* の */

static bool is_one_of(uint32_t c, const char *list)
{
	while (*list != '\0')
		if (utf8_next(&list) == c)
			return true;
	return false;
}

/* Whether @text[@at …] begins with @word. */
static bool follows(const uint32_t *text, size_t count, size_t at, const char *word)
{
	while (*word != '\0' && at < count && utf8_next(&word) == text[at])
		if (*word == '\0')
			return true;
		else
			at++;
	return false;
}

/* Whether @word ends right before @at. */
static bool is_behind(const uint32_t *text, size_t at, const char *word)
{
	size_t length = utf8_count(word);

	return length <= at && follows(text, at, at - length, word);
}

static bool follows_any(const uint32_t *text, size_t count, size_t at,
			const char *const *words, size_t word_count)
{
	for (size_t i = 0; i < word_count; i++)
		if (follows(text, count, at, words[i]))
			return true;
	return false;
}

/* Characters in a row of @script just before @at, or from @at on. */
static size_t run_before(const uint32_t *text, size_t at, enum script script)
{
	size_t length = 0;

	while (length < at && script_of(text[at - 1 - length]) == script)
		length++;
	return length;
}

static size_t run_after(const uint32_t *text, size_t count, size_t at, enum script script)
{
	size_t length = 0;

	while (at + length < count && script_of(text[at + length]) == script)
		length++;
	return length;
}

/* Length of the dictionary's word that ends before @at, or begins there. */
static size_t word_before(const uint8_t *words, size_t at)
{
	size_t length = 1;

	while (length < at && words[at - length] == 0)
		length++;
	return length;
}

static size_t word_after(const uint8_t *words, size_t count, size_t at)
{
	size_t length = 1;

	while (at + length < count && words[at + length] == 0)
		length++;
	return length;
}

/* --- Within compounds: no hiragana on either side --- */

/* A word of one kanji belongs to its neighbour: 標準化, 閲覧数, 各取組, 第二. */
static bool parts_ending(const uint32_t *text, const uint8_t *words, size_t count,
			 size_t at)
{
	static const char prefixes[] = "第新旧各全副諸";

	if (script_of(text[at]) == SCRIPT_KANJI && word_after(words, count, at) == 1 &&
	    !is_one_of(text[at], prefixes))
		return true;
	return script_of(text[at - 1]) == SCRIPT_KANJI && word_before(words, at) == 1 &&
	       (run_before(text, at, SCRIPT_KANJI) == 1 ||
		is_one_of(text[at - 1], prefixes));
}

/* Loanwords that stand before another more often than the dictionary knows. */
static bool is_behind_loanword(const uint32_t *text, size_t at)
{
	static const char *const loanwords[] = {"デジタル", "ガバメント", "マイナンバー",
						"アクション"};

	for (size_t i = 0; i < ARRAY_LEN(loanwords); i++) {
		if (is_behind(text, at, loanwords[i]) &&
		    run_before(text, at, SCRIPT_KATAKANA) == utf8_count(loanwords[i]))
			return true;
	}
	return false;
}

static uint8_t inside_katakana(const uint32_t *text, const uint8_t *words, size_t count,
			       size_t at)
{
	bool begins = words[at] != 0 && word_after(words, count, at) >= 3 &&
		      run_before(text, at, SCRIPT_KATAKANA) >= 3;

	if (run_after(text, count, at, SCRIPT_KATAKANA) < 3)
		return COST_IN_WORD;
	return begins || is_behind_loanword(text, at) ? COST_SOFT_PART : COST_IN_WORD;
}

/* Four kanji are mostly one notion of two words: 基本方針 stays whole before others do. */
static uint8_t between_kanji(const uint32_t *text, size_t count, size_t at)
{
	return run_before(text, at, SCRIPT_KANJI) >= 4 &&
			       run_after(text, count, at, SCRIPT_KANJI) >= 4
		       ? COST_LARGE_JOINT
		       : COST_SMALL_JOINT;
}

static uint8_t by_score(int score)
{
	int most = PHRASE_SCORE_USUAL;
	int sure = score > most ? most : score;

	return (uint8_t)(COST_PHRASE_WORST -
			 sure * (COST_PHRASE_WORST - COST_PHRASE_BEST) / most);
}

static uint8_t inside_compound(const uint32_t *text, const uint8_t *words, size_t count,
			       size_t at, int score)
{
	enum script last = script_of(text[at - 1]);
	enum script next = script_of(text[at]);

	if (last == SCRIPT_KATAKANA && next == SCRIPT_KATAKANA)
		return inside_katakana(text, words, count, at);
	if (words[at] == 0)
		return COST_IN_WORD;
	if (parts_ending(text, words, count, at))
		return COST_ENDING;
	if (last == SCRIPT_KANJI && next == SCRIPT_KANJI && score > 0)
		return by_score(score); /* 毎日｜市役所で */
	if (last == SCRIPT_KANJI && next == SCRIPT_KANJI)
		return between_kanji(text, count, at);
	if (next == SCRIPT_LATIN)
		return COST_ABBREVIATION;
	return last == SCRIPT_LATIN ? COST_SMALL_JOINT : COST_JOINT;
}

/* --- Next to hiragana --- */

static bool opens(uint32_t c)
{
	return is_one_of(c, "([（「『【〔〈《“");
}

/* Whether a bracket opens right behind the noun at @at: a better place for a break. */
static bool leads_to_bracket(const uint32_t *text, size_t count, size_t at)
{
	while (at < count && script_of(text[at]) != SCRIPT_HIRAGANA &&
	       script_of(text[at]) != SCRIPT_SPACE && script_of(text[at]) != SCRIPT_MARK)
		at++;
	return at < count && opens(text[at]);
}

/* Where the model sees a phrase end before @at. */
static uint8_t after_phrase(const uint32_t *text, size_t count, size_t at, int score)
{
	uint8_t cost = by_score(score);

	if (text[at - 1] != NO)
		return cost;
	if (leads_to_bracket(text, count, at))
		return COST_OF_BRACKET;
	return cost < COST_OF ? COST_OF : cost;
}

/* Where the dictionary takes two words for one: いこいの｜森, 自治体に｜おける. */
static uint8_t inside_word(uint32_t last, int score)
{
	if (last == NO && score > SCORE_SURE)
		return COST_OF;
	if (is_one_of(last, "にと") && score > SCORE_FAIR)
		return COST_PARTICLE;
	return COST_IN_WORD;
}

/* Verbs that only help the one before them: お待ち｜ください, 進めて｜います. */
static bool is_auxiliary(const uint32_t *text, size_t count, size_t at, int score)
{
	static const char *const requests[] = {"ください", "下さい", "いただ"};
	static const char *const states[] = {"い", "お", "き", "く", "み", "し"};

	if (follows_any(text, count, at, requests, ARRAY_LEN(requests)))
		return true;
	if (follows(text, count, at, "ありま"))
		return is_behind(text, at, "では") || is_behind(text, at, "ことが");
	return score <= 0 && is_one_of(text[at - 1], "てで") &&
	       follows_any(text, count, at, states, ARRAY_LEN(states));
}

static bool is_formal_noun(const uint32_t *text, size_t count, size_t at)
{
	static const char *const formal[] = {"ため", "こと",   "とき",   "もの",
					     "よう", "ところ", "とおり", "まま"};

	return script_of(text[at - 1]) == SCRIPT_HIRAGANA && text[at - 1] != NO &&
	       follows_any(text, count, at, formal, ARRAY_LEN(formal));
}

static uint8_t next_to_hiragana(const uint32_t *text, const uint8_t *words, size_t count,
				size_t at, int score)
{
	enum script last = script_of(text[at - 1]);
	enum script next = script_of(text[at]);
	bool kana = last == SCRIPT_HIRAGANA && next == SCRIPT_HIRAGANA;

	if (is_one_of(text[at], "ぢづをん")) /* never first in a word */
		return COST_IN_WORD;
	if (is_auxiliary(text, count, at, score))
		return COST_AUXILIARY;
	if (words[at] == 0)
		return inside_word(text[at - 1], score);
	if (is_formal_noun(text, count, at))
		return COST_FORMAL;
	if (score > 0 && kana && score < SCORE_SURE)
		return COST_WEAK;
	if (score > 0)
		return after_phrase(text, count, at, score);
	if (next == SCRIPT_HIRAGANA && last != SCRIPT_HIRAGANA)
		return COST_ENDING; /* a particle, or the ending of a verb */

	int cost = (kana ? COST_DOUBT : COST_PHRASE_WORST) - score / 50;
	return (uint8_t)(cost < COST_ENDING ? cost : COST_ENDING);
}

/* --- Marks --- */

static uint8_t before_bracket(uint32_t bracket)
{
	return bracket == '(' || bracket == 0xFF08 ? COST_REMARK : COST_BRACKET;
}

static uint8_t after_mark(uint32_t mark, enum script next, int score)
{
	if (is_one_of(mark, "。!！?？"))
		return COST_SENTENCE;
	if (is_one_of(mark, "、，,"))
		return COST_CLAUSE;
	if (is_one_of(mark, "・"))
		return COST_DOT;
	if (is_one_of(mark, "-/"))
		return COST_JOINT;
	/* Behind a closing bracket a particle still belongs to what is in it. */
	return next == SCRIPT_HIRAGANA && score <= 0 ? COST_ENDING : COST_QUOTED;
}

uint8_t phrase_cost(const uint32_t *text, const uint8_t *words, size_t count, size_t at)
{
	enum script last = script_of(text[at - 1]);
	enum script next = script_of(text[at]);

	if (last == SCRIPT_SPACE)
		return at >= 2 && next == SCRIPT_LATIN &&
				       script_of(text[at - 2]) == SCRIPT_LATIN
			       ? COST_NAME
			       : COST_SPACE;
	if (opens(text[at]))
		return before_bracket(text[at]);

	int score = phrase_model_score(text, count, at);
	if (last == SCRIPT_MARK)
		return after_mark(text[at - 1], next, score);
	if (last == SCRIPT_HANGUL)
		return COST_KOREAN;
	if (last == SCRIPT_HIRAGANA || next == SCRIPT_HIRAGANA)
		return next_to_hiragana(text, words, count, at, score);
	return inside_compound(text, words, count, at, score);
}
