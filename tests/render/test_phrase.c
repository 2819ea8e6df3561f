#include "render/phrase.h"

#include <stdbool.h>

#include "core/attr.h"
#include "core/plan.h"
#include "core/utf8.h"
#include "os/file.h"
#include "render/font.h"
#include "render/linebreak.h"
#include "render/phrase_model.h"
#include "render/phrase_table.h"
#include "render/text.h"
#include "support/test.h"
#include "wire/plan_json.h"

/* --- The model --- */

#define CHARACTERS_MAX 128

static size_t decode(const char *text, uint32_t *out)
{
	size_t count = 0;

	for (const char *cursor = text; *cursor != '\0' && count < CHARACTERS_MAX;
	     count++)
		out[count] = utf8_next(&cursor);
	return count;
}

/* The scores were computed by BudouX 0.9.2 itself. */
static void scores_are_those_of_budoux(void **state)
{
	static const struct {
		const char *text;
		int scores[24];
	} known[] = {
		{"西東京市の令和8年度のお知らせを掲載しています。",
		 {-824,  -1082, -3880, -6138, 2720,  -2554, -577,  -1203,
		  -2792, -4900, 3718,  -4700, -8302, -3658, -6082, 4991,
		  -4496, -2767, -4402, -1545, -5329, -5487, -8138}},
		{"人にやさしいデジタル化",
		 {-4991, 1581, -1979, -5445, -2792, 3031, -1878, -3420, -3038, -1612}},
		{"しばらくお待ちください。",
		 {-3539, -4206, -3334, 2145, -3714, -4728, -4093, -3089, -3558, -4843,
		  -6681}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		uint32_t text[CHARACTERS_MAX];
		size_t count = decode(known[i].text, text);
		for (size_t at = 1; at < count; at++)
			assert_int_equal(phrase_model_score(text, count, at),
					 known[i].scores[at - 1]);
	}
}

static void weights_are_in_order_so_that_each_is_found(void **state)
{
	size_t weights = 0;

	(void)state;
	for (size_t i = 0; i < PHRASE_FEATURES; i++) {
		const struct phrase_feature *feature = &phrase_table.features[i];
		weights += feature->count;
		for (size_t k = 1; k < feature->count; k++) {
			const uint16_t *a = feature->weights[k - 1].key;
			const uint16_t *b = feature->weights[k].key;
			size_t at = 0;
			while (at < PHRASE_KEY_LENGTH - 1 && a[at] == b[at])
				at++;
			assert_true(a[at] < b[at]);
		}
	}
	assert_int_equal(weights, 1630);
}

static void characters_that_the_model_lacks_change_nothing(void **state)
{
	const uint32_t known[] = {0x306E, 0x4EBA};            /* の人 */
	const uint32_t more[] = {0x20BB7, 0x306E, 0x4EBA, 0}; /* 𠮷の人, NUL */

	(void)state;
	assert_int_equal(phrase_model_score(known, 2, 1), phrase_model_score(more, 3, 2));
	assert_int_equal(phrase_model_score(known, 2, 1), phrase_model_score(more, 4, 2));
}

/* --- Costs --- */

static uint8_t cost_before(const char *text, const char *rest)
{
	uint8_t costs[512];
	struct err err;
	const char *found = strstr(text, rest);

	assert_non_null(found);
	assert_ok(linebreak_costs(text, costs, &err), err);
	return costs[found - text];
}

static void words_are_not_parted(void **state)
{
	static const char *const parted[][2] = {
		{"西東京市のお知らせ", "京市"},   {"西東京市のお知らせ", "市の"},
		{"西東京市のお知らせ", "知ら"},   {"令和8年度の実績", "和8"},
		{"令和8年度の実績", "年度"},      {"令和8年度の実績", "績"},
		{"デジタルデバイド", "タル"},     {"デジタルデバイド", "バイド"},
		{"業務効率化の推進", "化の"},     {"ホームページの閲覧数", "数"},
		{"各取組について", "取組"},       {"生成AIの活用", "の活"},
		{"まちづくりを進める", "づくり"}, {"使ったはがきを送る", "きを"},
		{"繰り返しの割合", "返し"},       {"住民基本台帳", "民基"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parted); i++)
		if (cost_before(parted[i][0], parted[i][1]) < PHRASE_COST_PARTED)
			fail_msg("%s may be parted before %s", parted[i][0],
				 parted[i][1]);
}

static void verbs_that_help_stay_with_the_verb_before_them(void **state)
{
	static const char *const parted[][2] = {
		{"しばらくお待ちください", "ください"},
		{"市役所へお問い合わせください", "ください"},
		{"手続を進めています", "います"},
		{"実際のお知らせではありません", "ありません"},
		{"変更することがあります", "あります"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parted); i++)
		assert_true(cost_before(parted[i][0], parted[i][1]) > 80);
	/* Where they are verbs of their own, they begin a phrase. */
	assert_true(cost_before("駐車場がありません", "ありません") < PHRASE_COST_WORD);
}

static void breaks_between_phrases_cost_less_than_those_within(void **state)
{
	(void)state;
	assert_true(cost_before("人にやさしいデジタル化", "やさしい") < PHRASE_COST_WORD);
	assert_true(cost_before("人にやさしいデジタル化", "デジタル") < PHRASE_COST_WORD);
	assert_true(cost_before("決済の促進【窓口】", "【") <
		    cost_before("決済の促進【窓口】", "促進"));
	assert_true(cost_before("地域情報化基本方針", "基本") <
		    cost_before("地域情報化基本方針", "方針"));
	assert_true(cost_before("デジタルデバイド対策", "対策") <
		    cost_before("デジタルデバイド対策", "デバイド"));
	assert_true(cost_before("調査・研究を行う", "研究") < PHRASE_COST_WORD);
}

/* --- The table of line_breaks.txt --- */

#define TABLE    EKIMAE_SOURCE_DIR "/tests/render/line_breaks.txt"
#define PLAN     EKIMAE_SOURCE_DIR "/assets/plan/plan.json"
#define TEXT_MAX 1024
#define WIDTHS   3
#define SHARE_LEAST                                                                      \
	80.0 /* percent of breaks; many widths here are narrower than a phrase */

struct sample {
	struct text_style style;
	char text[TEXT_MAX]; /* as shown */
	char marks
		[TEXT_MAX]; /* '|' or ':' where one stands before that byte of the text */
	size_t widths;
};

struct tally {
	size_t phrase, word, inside;
	size_t texts, wrong;
};

static bool style_of(const char *kind, size_t len, struct text_style *out)
{
	static const struct {
		const char *name;
		struct text_style style;
	} kinds[] = {
		{"heading", {.size = 76, .role = FONT_BOLD, .balance = true}},
		{"name", {.size = 46, .role = FONT_TEXT, .balance = true}},
		{"sentence", {.size = 58, .role = FONT_TEXT, .balance = true}},
		{"body", {.size = 46, .role = FONT_TEXT}},
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strlen(kinds[i].name) == len &&
		    memcmp(kinds[i].name, kind, len) == 0) {
			*out = kinds[i].style;
			return true;
		}
	return false;
}

static void begin_sample(struct sample *sample, const char *line)
{
	const char *space = strchr(line, ' ');
	size_t len = 0;

	*sample = (struct sample){0};
	if (space == NULL || !style_of(line, (size_t)(space - line), &sample->style))
		fail_msg("%s: not a kind and a text: %s", TABLE, line);
	for (const char *c = space + 1; *c != '\0' && len < TEXT_MAX - 1; c++)
		if (*c == '|' || *c == ':')
			sample->marks[len] = *c;
		else
			sample->text[len++] = *c;
}

/* The block's lines with '/' between them; what kinds of breaks they are goes to @tally. */
static void join(const struct text_block *block, const struct sample *sample, char *out,
		 struct tally *tally)
{
	size_t len = 0;

	for (size_t i = 0; i < block->line_count; i++) {
		const struct text_line *line = &block->lines[i];
		len += (size_t)snprintf(out + len, 2 * TEXT_MAX - len, "%s%.*s",
					i > 0 ? "/" : "", (int)(line->end - line->start),
					block->text + line->start);
		if (i == 0)
			continue;
		tally->phrase += sample->marks[line->start] == '|';
		tally->word += sample->marks[line->start] == ':';
		tally->inside += sample->marks[line->start] == '\0';
	}
}

static void check_width(struct font_set *fonts, struct sample *sample, const char *line,
			struct tally *tally)
{
	char lines[2 * TEXT_MAX] = "";
	char *expected;
	struct err err;
	struct text_style style = sample->style;

	style.max_width = (double)strtol(line, &expected, 10) * style.size;
	assert_true(style.max_width > 0 && *expected == ' ');
	struct text_block *block = text_layout(fonts, sample->text, &style, &err);
	assert_ok(block != NULL, err);
	assert_false(block->overflow);
	join(block, sample, lines, tally);
	text_block_free(block);

	if (strcmp(lines, expected + 1) != 0) {
		print_error("%s:\n  expected %s\n  but is   %s\n", sample->text,
			    expected + 1, lines);
		tally->wrong++;
	}
	sample->widths++;
}

static struct blob read_file(const char *path)
{
	struct blob blob = {0};
	struct err err;

	assert_ok(file_read(path, PLAN_JSON_MAX, &blob, &err), err);
	return blob;
}

/* The next line of the table that is neither empty nor a comment; NULL at its end. */
static char *next_line(char **rest)
{
	char *line;

	do {
		line = strsep(rest, "\n");
	} while (line != NULL && (*line == '\0' || *line == '#'));
	return line;
}

static bool is_width(const char *line)
{
	return *line >= '0' && *line <= '9';
}

static void check_table(struct font_set *fonts, char *table, struct tally *tally)
{
	struct sample sample = {.widths = WIDTHS};

	for (char *line; (line = next_line(&table)) != NULL;) {
		if (is_width(line)) {
			check_width(fonts, &sample, line, tally);
			continue;
		}
		assert_int_equal(sample.widths, WIDTHS);
		begin_sample(&sample, line);
		tally->texts++;
	}
	assert_int_equal(sample.widths, WIDTHS);
}

static void print_share(const struct tally *tally)
{
	size_t all = tally->phrase + tally->word + tally->inside;

	print_message(
		"%zu texts at %d widths: breaks at phrase boundaries: %zu/%zu = %.1f %%, "
		"between words of a phrase: %zu, inside a word: %zu\n",
		tally->texts, WIDTHS, tally->phrase, all,
		100.0 * (double)tally->phrase / (double)all, tally->word, tally->inside);
	assert_true(100.0 * (double)tally->phrase / (double)all >= SHARE_LEAST);
}

static void real_headings_and_sentences_break_as_expected(void **state)
{
	struct tally tally = {0};
	struct err err;

	(void)state;
	CLEANUP(blob_free) struct blob blob = read_file(TABLE);
	struct font_set *fonts = font_set_new(NULL, &err);
	assert_ok(fonts != NULL, err);
	check_table(fonts, blob.bytes, &tally);
	font_set_free(fonts);

	assert_true(tally.texts >= 60);
	print_share(&tally);
	assert_int_equal(tally.inside, 0);
	assert_int_equal(tally.wrong, 0);
}

static void assert_in_table(const char *table, const char *text)
{
	char *copy = strdup(table);
	bool found = false;

	assert_non_null(copy);
	char *rest = copy;
	for (char *line; (line = next_line(&rest)) != NULL;) {
		struct sample sample;
		if (is_width(line))
			continue;
		begin_sample(&sample, line);
		found |= strcmp(sample.text, text) == 0;
	}
	free(copy);
	if (!found)
		fail_msg("%s lacks %s", TABLE, text);
}

static void the_table_has_every_title_and_indicator_of_the_plan(void **state)
{
	struct err err;

	(void)state;
	CLEANUP(blob_free) struct blob table = read_file(TABLE);
	CLEANUP(blob_free) struct blob json = read_file(PLAN);
	struct plan *plan = plan_from_json("plan.json", json.bytes, json.len, &err);
	assert_ok(plan != NULL, err);

	assert_int_equal(plan->initiative_count, 30);
	for (size_t i = 0; i < plan->initiative_count; i++) {
		const struct initiative *initiative = &plan->initiatives[i];
		char title[TEXT_MAX];
		if (initiative->subtitle != NULL)
			snprintf(title, sizeof(title), "%s【%s】", initiative->title,
				 initiative->subtitle);
		else
			snprintf(title, sizeof(title), "%s", initiative->title);
		assert_in_table(table.bytes, title);
		if (initiative->indicator != NULL)
			assert_in_table(table.bytes, initiative->indicator->name);
	}
	plan_free(plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scores_are_those_of_budoux),
		cmocka_unit_test(weights_are_in_order_so_that_each_is_found),
		cmocka_unit_test(characters_that_the_model_lacks_change_nothing),
		cmocka_unit_test(words_are_not_parted),
		cmocka_unit_test(verbs_that_help_stay_with_the_verb_before_them),
		cmocka_unit_test(breaks_between_phrases_cost_less_than_those_within),
		cmocka_unit_test(real_headings_and_sentences_break_as_expected),
		cmocka_unit_test(the_table_has_every_title_and_indicator_of_the_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
