#include "render/linebreak.h"

#include <math.h>

#include "core/utf8.h"
#include "support/test.h"

/* Every character is one em wide, Latin ones half: text set in a fixed-width font. */
static double fixed_width(void *context, const char *text, size_t start, size_t end)
{
	double width = 0;

	(void)context;
	for (const char *cursor = text + start; cursor < text + end;) {
		uint32_t c = utf8_next(&cursor);
		width += c == '\n' ? 0 : (c < 0x2000 ? 0.5 : 1);
	}
	return width;
}

static const char *const titles[] = {
	"マイナンバーカードの普及促進・利用の推進",
	"情報発信力の強化【ホームページ】",
	"情報発信力の強化【SNS等】",
	"駅前情報発信拠点の活用",
	"公衆無線LAN環境の充実",
	"窓口業務の利便性向上の促進【おくやみ窓口】",
	"窓口業務の利便性向上の促進【書かない窓口】",
	"オンライン相談等の推進【児童発達支援センターひいらぎ】",
	"オンライン相談等の推進【子ども相談】",
	"キャッシュレス決済の促進【窓口】",
	"キャッシュレス決済の促進【施設】",
	"キャッシュレス決済の促進【事業者】",
	"行政手続のオンライン化",
	"オープンデータの活用促進",
	"AI-OCR・RPA等を活用した業務効率化",
	"テレワークの推進",
	"セキュリティ対策の強化",
	"自治体の情報システムの標準化・共通化",
	"電子決裁の推進",
	"デジタル技術を活用したスポーツ活動の推進",
	"生成AIの活用",
	"公共施設予約管理システムの機能向上",
	"デジタル人材の育成と活用",
	"デジタルデバイド対策の推進",
	"学び改革【デジタル教科書】",
	"アナログ規制の点検・見直し",
	"統計データの活用に向けた調査・研究",
	"デジタル技術を活用した業務改革(BPR)の推進",
	"実証実験等への積極的な参加",
	"新たな技術やサービスの導入",
};

#define MAX 64

struct broken {
	struct linebreak_line lines[MAX];
	size_t count;
};

static struct broken break_text(const char *text, double width, bool balance)
{
	const struct linebreak_options options = {
		.max_width = width, .em = 1, .balance = balance};
	struct broken broken;
	struct err err;

	assert_ok(linebreak_choose(text, &options, fixed_width, NULL, broken.lines, MAX,
				   &broken.count, &err),
		  err);
	return broken;
}

/* The lines of @text joined by '|'. */
static const char *joined(const char *text, double width, bool balance)
{
	static char out[1024];

	out[0] = '\0';
	struct broken broken = break_text(text, width, balance);
	size_t len = 0;

	for (size_t i = 0; i < broken.count; i++)
		len += (size_t)snprintf(
			out + len, sizeof(out) - len, "%s%.*s", i > 0 ? "|" : "",
			(int)(broken.lines[i].end - broken.lines[i].start),
			text + broken.lines[i].start);
	return out;
}

static bool begins_with_any(const char *text, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(text, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

static bool ends_with_any(const char *text, size_t len, const char *const *list,
			  size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t tail = strlen(list[i]);
		if (len >= tail && memcmp(text + len - tail, list[i], tail) == 0)
			return true;
	}
	return false;
}

/* JIS X 4051: what may not begin a line, and what may not end one. */
static void assert_kinsoku(const char *text, const struct broken *broken)
{
	static const char *const never_first[] = {
		"、", "。", "・", "ー", "」", "】", "』", "）", ")",  "ッ", "ャ",
		"ュ", "ョ", "っ", "ゃ", "ゅ", "ょ", "ァ", "ィ", "ゥ", "ェ", "ォ",
		"ぁ", "々", "！", "？", ",",  ".",  "：", "ゝ", "〜"};
	static const char *const never_last[] = {"「", "【", "『", "（", "("};

	for (size_t i = 0; i < broken->count; i++) {
		const struct linebreak_line *line = &broken->lines[i];
		if (i > 0 && begins_with_any(text + line->start, never_first,
					     sizeof(never_first) / sizeof(char *)))
			fail_msg("line begins against kinsoku: %s", text + line->start);
		if (ends_with_any(text + line->start, line->end - line->start, never_last,
				  sizeof(never_last) / sizeof(char *)))
			fail_msg("line ends against kinsoku: %s", text + line->start);
	}
}

static void titles_of_the_plan_keep_kinsoku_at_any_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		for (double width = 6; width <= 24; width += 1) {
			struct broken broken = break_text(titles[i], width, true);
			bool cut = false;
			for (size_t k = 0; k < broken.count; k++)
				cut |= broken.lines[k].too_wide;
			if (!cut)
				assert_kinsoku(titles[i], &broken);
		}
}

static void assert_lines(const char *text, double width, bool balance,
			 const char *expected)
{
	const char *lines = joined(text, width, balance);

	if (strcmp(lines, expected) != 0)
		fail_msg("at %g em: \"%s\", expected \"%s\"", width, lines, expected);
}

static void titles_of_the_plan_break_between_phrases(void **state)
{
	(void)state;
	assert_lines(titles[0], 15, true, "マイナンバーカードの|普及促進・利用の推進");
	assert_lines(titles[1], 15, true, "情報発信力の強化|【ホームページ】");
	assert_lines(titles[8], 15, true, "オンライン相談等の推進|【子ども相談】");
	assert_lines(titles[14], 15, true, "AI-OCR・RPA等を|活用した業務効率化");
	assert_lines(titles[17], 15, true, "自治体の情報システムの|標準化・共通化");
	assert_lines(titles[19], 11, true, "デジタル技術を活用した|スポーツ活動の推進");
	assert_lines(titles[20], 11, true, "生成AIの活用");
	assert_lines(titles[22], 8, true, "デジタル人材の|育成と活用");
	assert_lines(titles[24], 11, true, "学び改革|【デジタル教科書】");
	assert_lines(titles[29], 8, true, "新たな技術や|サービスの導入");
}

/* Whether a break before byte @at of @text is ruled out. */
static bool never_before(const char *text, const char *rest)
{
	uint8_t costs[512];
	struct err err;
	const char *found = strstr(text, rest);

	assert_non_null(found);
	assert_ok(linebreak_costs(text, costs, &err), err);
	return costs[found - text] == LINEBREAK_NEVER;
}

static void numbers_are_never_parted_from_units(void **state)
{
	static const char *const parted[][2] = {
		{"発信数は170件です", "件"},     {"令和8年度の実績", "8年"},
		{"令和8年度の実績", "年度"},     {"令和8年度の実績", "度の"},
		{"全部で3,500件です", "500件"},  {"全部で3,500件です", "件で"},
		{"高さは5 mです", "mで"},        {"およそ10 kmの道", "kmの"},
		{"29拠点に増やす", "拠点"},      {"29拠点に増やす", "点に"},
		{"第3次総合計画", "3次"},        {"第3次総合計画", "次総"},
		{"平成16(2004)年度に", "(2004"}, {"平成16(2004)年度に", "年度に"},
		{"約10万人が利用", "万人"},      {"約10万人が利用", "人が"},
		{"約10万人が利用", "10万"},      {"３５０円を払う", "円を"},
		{"100％に達した", "％に"},       {"5か月分の記録", "か月"},
		{"5か月分の記録", "月分"},       {"午後3時30分から", "3時"},
		{"18歳以上の方", "歳以"},        {"18歳以上の方", "以上"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(parted) / sizeof(parted[0]); i++)
		if (!never_before(parted[i][0], parted[i][1]))
			fail_msg("%s may be broken before %s", parted[i][0],
				 parted[i][1]);
}

static void latin_words_stay_whole(void **state)
{
	(void)state;
	assert_true(never_before("業務のAI-OCRを使う", "OCR"));
	assert_true(never_before("無料Wi-Fiを使う", "Fi"));
	assert_true(never_before("ASTA VISIONを活用", "SION"));
	assert_false(never_before("ASTA VISIONを活用", "VISION"));
}

static void small_kana_and_marks_never_begin_a_line(void **state)
{
	(void)state;
	assert_true(never_before("キャッシュレス", "ャッ"));
	assert_true(never_before("キャッシュレス", "ッシ"));
	assert_true(never_before("センター", "ー"));
	assert_true(never_before("調査・研究", "・"));
	assert_true(never_before("行った。次に", "った"));
	assert_true(never_before("行った。次に", "。"));
	assert_true(never_before("（見込）", "）"));
	assert_true(never_before("（見込）", "見"));
}

static void line_feeds_end_lines(void **state)
{
	(void)state;
	assert_lines("一行目\n二行目", 0, false, "一行目|二行目");
	assert_lines("一行目\n\n三行目", 10, false, "一行目||三行目");
	assert_lines("一行目\n", 10, true, "一行目");
	assert_lines("", 10, true, "");
}

static void spaces_at_line_ends_take_no_room(void **state)
{
	const char *text = "open data";
	struct broken broken = break_text(text, 2, false);

	(void)state;
	assert_int_equal(broken.count, 2);
	assert_int_equal(broken.lines[0].end, 4);
	assert_int_equal(broken.lines[0].next, 5);
	assert_float_equal(broken.lines[0].width, 2, 1e-9);
}

static void a_word_wider_than_the_line_is_cut_and_told(void **state)
{
	struct broken broken = break_text("nishitokyo", 2, false);

	(void)state;
	assert_true(broken.count >= 3);
	assert_true(broken.lines[0].too_wide);
	for (size_t i = 0; i < broken.count; i++)
		assert_true(broken.lines[i].width <= 2 + 1e-9);
}

static void combining_characters_are_never_cut(void **state)
{
	/* か + combining dakuten, on a line too narrow for two. */
	const char *text = "か\u3099か\u3099";
	struct broken broken = break_text(text, 1, false);

	(void)state;
	for (size_t i = 0; i < broken.count; i++)
		assert_int_not_equal(strncmp(text + broken.lines[i].start, "\u3099", 3),
				     0);
}

static void too_few_lines_leave_the_rest_for_the_next_page(void **state)
{
	const char *text = "一二三四五六七八九十";
	const struct linebreak_options options = {.max_width = 3, .em = 1};
	struct linebreak_line lines[2];
	size_t count = 0;
	struct err err;

	(void)state;
	assert_ok(linebreak_choose(text, &options, fixed_width, NULL, lines, 2, &count,
				   &err),
		  err);
	assert_int_equal(count, 2);
	assert_true(lines[1].next < strlen(text));
}

static void balanced_lines_leave_no_orphan(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
		for (double width = 8; width <= 20; width += 1) {
			struct broken broken = break_text(titles[i], width, true);
			for (size_t k = 0; k < broken.count; k++)
				if (broken.lines[k].width < 2)
					fail_msg("orphan at %g: %s", width,
						 joined(titles[i], width, true));
		}
}

static void body_text_fills_lines_and_respects_the_width(void **state)
{
	const char *text =
		"本市は、平成16(2004)年度に「第1期地域情報化計画」を策定し、計画を見直し"
		"ながら、計20年に亘って地域情報化を推進してきました。";
	struct broken broken = break_text(text, 20, false);

	(void)state;
	assert_in_range(broken.count, 3, 4);
	for (size_t i = 0; i < broken.count; i++)
		assert_true(broken.lines[i].width <= 20 + 1e-9);
	assert_kinsoku(text, &broken);
	assert_int_equal(broken.lines[broken.count - 1].next, strlen(text));
}

static void malformed_and_overlong_text_is_handled(void **state)
{
	static char overlong[LINEBREAK_BYTES_MAX + 2];
	const struct linebreak_options options = {.max_width = 5, .em = 1};
	struct linebreak_line lines[MAX];
	size_t count = 0;
	struct err err;

	(void)state;
	struct broken broken = break_text("\xE3\x81 \xFF\xFE 市\xF0\x9F", 3, true);
	assert_true(broken.count > 0);

	memset(overlong, 'a', sizeof(overlong) - 1);
	assert_fails(linebreak_choose(overlong, &options, fixed_width, NULL, lines, MAX,
				      &count, &err),
		     err, ERR_TOO_LARGE, "longer than");
}

/* Letters that move together: a whole is narrower than the words it is made of. */
static double kerned_width(void *context, const char *text, size_t start, size_t end)
{
	double width = fixed_width(NULL, text, start, end);

	(*(int *)context)++;
	return width > 4 ? width - 1 : width;
}

static void a_paragraph_that_fits_is_measured_once_as_a_whole(void **state)
{
	const char *text = "窓口での手続\n\nマイナンバーカードの申請";
	const struct linebreak_options options = {.max_width = 5, .em = 1};
	struct linebreak_line lines[MAX];
	size_t first = strlen("窓口での手続"), count = 0;
	int calls = 0;
	struct err err;

	(void)state;
	assert_ok(linebreak_choose(text, &options, kerned_width, &calls, lines, 1, &count,
				   &err),
		  err);
	assert_int_equal(calls, 1);
	assert_int_equal(count, 1);
	assert_int_equal(lines[0].start, 0);
	assert_int_equal(lines[0].end, first);
	assert_int_equal(lines[0].next, first + 1);
	assert_float_equal(lines[0].width, 5, 1e-9);
	assert_false(lines[0].too_wide);

	assert_ok(linebreak_choose(text, &options, kerned_width, &calls, lines, MAX,
				   &count, &err),
		  err);
	assert_true(count > 3);
	assert_int_equal(lines[1].start, first + 1);
	assert_int_equal(lines[1].end, first + 1);
	assert_int_equal(lines[2].start, first + 2);
	assert_int_equal(lines[count - 1].next, strlen(text));
}

/* What has one reading above it stays in one line, however narrow. */
static void groups_are_never_parted(void **state)
{
	const char *text = "西東京市役所の田無庁舎で受け付けます";
	const struct linebreak_group groups[] = {
		{0, strlen("西東京市役所")},
		{strlen("西東京市役所の"), strlen("西東京市役所の田無庁舎")}};
	struct linebreak_options options = {
		.em = 1, .groups = groups, .group_count = ARRAY_LEN(groups)};
	struct linebreak_line lines[MAX];
	struct err err;

	(void)state;
	for (options.max_width = 2; options.max_width < 20; options.max_width++) {
		size_t count = 0;

		assert_ok(linebreak_choose(text, &options, fixed_width, NULL, lines, MAX,
					   &count, &err),
			  err);
		assert_int_equal(lines[count - 1].next, strlen(text));
		for (size_t i = 0; i < count; i++) {
			for (size_t j = 0; j < ARRAY_LEN(groups); j++)
				assert_false(lines[i].next > groups[j].start &&
					     lines[i].next < groups[j].end);
			assert_int_equal(lines[i].too_wide,
					 lines[i].width > options.max_width);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_never_parted),
		cmocka_unit_test(a_paragraph_that_fits_is_measured_once_as_a_whole),
		cmocka_unit_test(titles_of_the_plan_keep_kinsoku_at_any_width),
		cmocka_unit_test(titles_of_the_plan_break_between_phrases),
		cmocka_unit_test(numbers_are_never_parted_from_units),
		cmocka_unit_test(latin_words_stay_whole),
		cmocka_unit_test(small_kana_and_marks_never_begin_a_line),
		cmocka_unit_test(line_feeds_end_lines),
		cmocka_unit_test(spaces_at_line_ends_take_no_room),
		cmocka_unit_test(a_word_wider_than_the_line_is_cut_and_told),
		cmocka_unit_test(combining_characters_are_never_cut),
		cmocka_unit_test(too_few_lines_leave_the_rest_for_the_next_page),
		cmocka_unit_test(balanced_lines_leave_no_orphan),
		cmocka_unit_test(body_text_fills_lines_and_respects_the_width),
		cmocka_unit_test(malformed_and_overlong_text_is_handled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
