/* Notices with pictures, and in several languages, at every size. */
#include "render/slide_check.h"

#include "core/utf8.h"
#include "render/linebreak.h"
#include "render/picture.h"
#include "render/wording_notice.h"

static const int sizes[][2] = {{1920, 1080}, {1080, 1920}, {1280, 768}, {3840, 2160}};

static const struct notice_translation easy = {
	.title = "市民まつりが あります",
	.body = "野菜や 手で 作った ものを 売ります。小さい 子どもが 遊ぶ ところも "
		"あります。\n車で 来ないで ください。雨が 降ったら、次の 日に します。",
	.department = "文化振興課（ぶんかしんこうか）",
	.facts = {{"いつ", "11月29日（日曜日） 午前10時から 午後3時まで"},
		  {"どこ", "いこいの森公園"}},
	.fact_count = 2,
};
static const struct notice_translation english = {
	.title = "Citizens’ Festival",
	.body = "Local produce and handmade goods will be on sale. There is also a play "
		"area for small children.\nPlease do not come by car.",
	.department = "Cultural Promotion Division",
	.facts = {{"Date", "Sunday 29 November, 10 a.m. to 3 p.m."},
		  {"Place", "Ikoi-no-Mori Park"}},
	.fact_count = 2,
};
static const struct notice_translation chinese = {
	.title = "举办市民节",
	.body = "现场销售本市农产品和手工制品，还设有供幼儿玩耍的广场。\n请勿驾车前来。",
	.department = "文化振兴课",
	.facts = {{"时间", "11月29日（星期日）上午10点至下午3点"}},
	.fact_count = 1,
};
static const struct notice_translation korean = {
	.title = "시민 축제를 개최합니다",
	.body = "시내 농산물과 수공예품을 판매합니다. 어린아이가 놀 수 있는 광장도 "
		"있습니다.\n자동차로 오지 마십시오.",
};

static struct notice festival(void)
{
	return (struct notice){
		.id = "festival",
		.revision = 1,
		.title = "市民まつりを開きます",
		.body = "市内の農産物や手作りの品を販売します。小さなお子さんが遊べる広場も"
			"あります。\n車での来場はご遠慮ください。",
		.department = "文化振興課",
		.category = "催し",
		.contact = "電話 042-000-0000",
		.url = "https://www.example.lg.jp/matsuri.html",
		.facts = {{"日時", "11月29日（日）午前10時から午後3時まで"}},
		.fact_count = 1,
		.from = {CHECK_NOW.ms - 86400000},
		.until = {CHECK_NOW.ms + 7 * INT64_C(86400000)},
		.hours = {0x7f, 0, 1440},
		.weight = 1,
		.counts = true,
	};
}

/* A picture ready for screens, of @width × @height pixels in one colour. */
struct prepared {
	struct notice_picture picture;
	struct blob bytes;
};

static struct prepared prepare(int width, int height)
{
	struct prepared out = {.picture = {.alt = "色"}};
	struct err err;
	struct canvas *canvas =
		canvas_new(width, height, (struct colour){0x03af7a}, &err);
	struct blob png = {0};

	assert_ok(canvas, err);
	assert_ok(canvas_encode_png(canvas, &png, &err), err);
	assert_ok(
		picture_prepare("p", png.bytes, png.len, &out.picture, &out.bytes, &err),
		err);
	blob_free(&png);
	canvas_free(canvas);
	return out;
}

static bool find(const void *context, const uint8_t sha256[static NOTICE_HASH_SIZE],
		 const void **out_bytes, size_t *out_len)
{
	const struct prepared *prepared = context;

	(void)sha256;
	*out_bytes = prepared->bytes.bytes;
	*out_len = prepared->bytes.len;
	return true;
}

/* All pages of @notice at all sizes and in both themes; returns the pages drawn. */
static int check_notice(struct notice *notice, const struct prepared *prepared)
{
	struct programme programme = {
		.version = 1,
		.policy = loop_policy_default,
		.notices = notice,
		.notice_count = 1,
	};
	struct check_slides check = {
		.source = {.programme = &programme,
			   .organisation = "西東京市",
			   .now = CHECK_NOW,
			   .synchronised = true,
			   .media = prepared ? find : NULL,
			   .media_context = prepared},
	};
	char id[SLIDE_ID_MAX];
	struct err err;

	check.renderer = renderer_new(NULL, &err);
	assert_ok(check.renderer, err);
	snprintf(id, sizeof(id), "notice/%s", notice->id);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		check.view = check_view(sizes[i][0], sizes[i][1], i % 2);
		assert_ok(check_item(&check, id, &err), err);
	}
	renderer_free(check.renderer);
	return check.drawn;
}

static void every_language_is_whole_at_every_size(void **state)
{
	struct notice notice = festival();

	(void)state;
	notice.translations[NOTICE_JA_EASY] = &easy;
	notice.translations[NOTICE_EN] = &english;
	notice.translations[NOTICE_ZH] = &chinese;
	notice.translations[NOTICE_KO] = &korean;
	assert_true(check_notice(&notice, NULL) >= 5 * (int)ARRAY_LEN(sizes));
}

static void pictures_of_any_shape_leave_room_for_the_text(void **state)
{
	static const int shapes[][2] = {
		{1600, 1067}, {900, 1300}, {1900, 200}, {200, 1900}, {100, 80}};
	struct notice notice = festival();

	(void)state;
	notice.translations[NOTICE_EN] = &english;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		struct prepared prepared = prepare(shapes[i][0], shapes[i][1]);

		notice.picture = &prepared.picture;
		notice.url = i % 2 ? NULL : "https://www.example.lg.jp/matsuri.html";
		check_notice(&notice, &prepared);
		blob_free(&prepared.bytes);
	}
}

/* Fills @out with as many whole @part as there is room for. */
static void repeat(char *out, size_t size, const char *part)
{
	size_t len = strlen(part);

	for (size_t at = 0; at + len < size; at += len)
		memcpy(out + at, part, len + 1);
}

static void longest_title_and_text_flow_beside_a_picture(void **state)
{
	struct prepared prepared = prepare(1600, 1067);
	struct notice notice = festival();
	char title[NOTICE_TITLE_MAX * 3 + 1] = "", body[800 * 3 + 1] = "";

	(void)state;
	repeat(title, sizeof(title), "お知らせの");
	repeat(body, sizeof(body), "市民の方へご案内。一");
	notice.title = title;
	notice.body = body;
	notice.picture = &prepared.picture;
	assert_true(check_notice(&notice, &prepared) > 4 * (int)ARRAY_LEN(sizes));
	blob_free(&prepared.bytes);
}

static struct canvas *draw(struct notice *notice, const struct prepared *prepared,
			   const char *id, struct slide_report *report, struct err *err)
{
	struct programme programme = {
		.policy = loop_policy_default, .notices = notice, .notice_count = 1};
	struct slide_source source = {.programme = &programme,
				      .now = CHECK_NOW,
				      .media = prepared ? find : NULL,
				      .media_context = prepared};
	struct slide_view view = check_view(1920, 1080, false);
	struct renderer *renderer = renderer_new(NULL, err);
	struct canvas *canvas;

	assert_ok(renderer, *err);
	canvas = slide_draw(renderer, &source, &view, id, report, err);
	renderer_free(renderer);
	return canvas;
}

/* Share of @canvas that has the colour of prepare()'s pictures. */
static double green_share(const struct canvas *canvas)
{
	size_t count = (size_t)canvas->width * (size_t)canvas->height, green = 0;

	for (size_t i = 0; i < count; i++)
		green += (canvas->pixels[i] & 0xffffff) == 0x03af7a;
	return (double)green / (double)count;
}

static void picture_is_shown_with_round_corners_and_as_a_good_part(void **state)
{
	struct prepared prepared = prepare(1600, 1067);
	struct notice notice = festival();
	struct slide_report report;
	struct err err;
	struct canvas *canvas;

	(void)state;
	notice.picture = &prepared.picture;
	canvas = draw(&notice, &prepared, "notice/festival", &report, &err);
	assert_ok(canvas, err);
	assert_in_range((int)(green_share(canvas) * 100), 8, 35);
	canvas_free(canvas);
	blob_free(&prepared.bytes);
}

static void slide_without_its_picture_is_not_drawn(void **state)
{
	struct prepared prepared = prepare(320, 240);
	struct notice notice = festival();
	struct slide_report report;
	struct err err = {0};

	(void)state;
	notice.picture = &prepared.picture;
	assert_fails(draw(&notice, NULL, "notice/festival", &report, &err), err,
		     ERR_NOT_FOUND, "the picture");
	/* Half of one is no picture either. */
	prepared.bytes.len /= 2;
	assert_fails(draw(&notice, &prepared, "notice/festival", &report, &err), err,
		     ERR_INVALID, "is cut off");
	/* Nor is another one. */
	prepared.bytes.len = 0;
	assert_fails(draw(&notice, &prepared, "notice/festival", &report, &err), err,
		     ERR_INVALID, "is empty");
	blob_free(&prepared.bytes);
}

static void pages_follow_japanese_in_the_order_of_languages(void **state)
{
	struct notice notice = festival();
	struct slide_report one, all;
	struct err err = {0};

	(void)state;
	canvas_free(draw(&notice, NULL, "notice/festival", &one, &err));
	assert_int_equal(one.pages, 1);
	notice.translations[NOTICE_KO] = &korean;
	notice.translations[NOTICE_JA_EASY] = &easy;
	canvas_free(draw(&notice, NULL, "notice/festival", &all, &err));
	assert_int_equal(all.pages, 3);
	/* The Japanese page is the first, and as it was. */
	assert_int_equal(all.characters, one.characters);
	/* Only the second is in plain Japanese: with 63 letters more than in Korean. */
	canvas_free(draw(&notice, NULL, "notice/festival/p2", &one, &err));
	canvas_free(draw(&notice, NULL, "notice/festival/p3", &all, &err));
	assert_true(one.characters > all.characters + 30);
	assert_null(draw(&notice, NULL, "notice/festival/p4", &all, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void ends_are_told_in_each_language(void **state)
{
	/* 2026-11-30T00:00+09:00 and 17:30 of that day; seen in 2026 and 2025. */
	const struct wall_ms midnight = {INT64_C(1795964400000)};
	const struct wall_ms evening = {midnight.ms + (17 * 60 + 30) * INT64_C(60000)};
	const struct wall_ms before = {midnight.ms - 365 * INT64_C(86400000)};
	char text[WORDING_SIZE];

	(void)state;
	wording_until_in(WORDING_EN, midnight, CHECK_NOW, text);
	assert_string_equal(text, "Until 29 November");
	wording_until_in(WORDING_EN, evening, before, text);
	assert_string_equal(text, "Until 30 November 2026, 17:30");
	wording_until_in(WORDING_ZH, midnight, CHECK_NOW, text);
	assert_string_equal(text, "至11月29日");
	wording_until_in(WORDING_ZH, evening, before, text);
	assert_string_equal(text, "至2026年11月30日 17:30");
	wording_until_in(WORDING_KO, midnight, CHECK_NOW, text);
	assert_string_equal(text, "11월 29일까지");
	wording_until_in(WORDING_KO, evening, before, text);
	assert_string_equal(text, "2026년 11월 30일 17:30까지");
	wording_until_in(WORDING_JA_EASY, midnight, CHECK_NOW, text);
	assert_string_equal(text, "11月29日まで");
	wording_notice_from_in(WORDING_EN, "西東京市", text);
	assert_string_equal(text, "西東京市 · Notice");
}

static uint8_t cost_at(enum linebreak_language language, const char *text,
		       const char *before)
{
	uint8_t costs[LINEBREAK_BYTES_MAX + 1];
	struct err err;

	assert_ok(linebreak_costs_in(language, text, costs, &err), err);
	return costs[strstr(text, before) - text];
}

static void lines_break_by_the_rules_of_the_language(void **state)
{
	static const char zh[] = "现场销售本市农产品，请勿驾车前来。";
	static const char ko[] = "어린아이가 놀 수 있는 광장도 있습니다.";

	(void)state;
	/* Chinese: between words best, within them if need be, never before a comma. */
	assert_int_equal(cost_at(LINEBREAK_CHINESE, zh, "销售"), 0);
	assert_true(cost_at(LINEBREAK_CHINESE, zh, "售") > 0);
	assert_true(cost_at(LINEBREAK_CHINESE, zh, "售") <= LINEBREAK_COST_MAX);
	assert_int_equal(cost_at(LINEBREAK_CHINESE, zh, "，"), LINEBREAK_NEVER);
	/* Korean: only at spaces. */
	assert_int_equal(cost_at(LINEBREAK_KOREAN, ko, "놀"), 0);
	assert_int_equal(cost_at(LINEBREAK_KOREAN, ko, "가 놀"), LINEBREAK_NEVER);
	assert_int_equal(cost_at(LINEBREAK_KOREAN, ko, "."), LINEBREAK_NEVER);
}

/* --- What staff are told --- */

static void what_no_font_has_is_told_by_field_and_character(void **state)
{
	static const struct notice_translation wrong = {
		.title = "Notice", .body = "One line\nand \xee\x80\x85 more"};
	static const struct {
		const char *place;
		size_t character;
		uint32_t code_point;
	} expected[] = {
		{"title", 4, 0xe000},
		{"facts[0].value", 9, 0xe002},
		{"body", 11, 0xe003},
	};
	struct notice notice = festival();
	struct slide_report report;
	struct err err = {0};

	(void)state;
	notice.title = "お祭り\xee\x80\x80を開きます";
	notice.facts[0].value = "明日《\xe3\x81\x82す》から\xee\x80\x82"; /* U+E002 */
	notice.body = "広場《ひろば》で\nの\xee\x80\x83";
	notice.translations[NOTICE_EN] = &wrong;
	canvas_free(draw(&notice, NULL, "notice/festival", &report, &err));
	assert_int_equal(report.missing_count, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		bool found = false;

		for (size_t j = 0; j < report.missing_count; j++)
			found |=
				strcmp(report.missing[j].place, expected[i].place) == 0 &&
				report.missing[j].character == expected[i].character &&
				report.missing[j].code_point == expected[i].code_point;
		if (!found)
			fail_msg("%s: character %zu is not told", expected[i].place,
				 expected[i].character);
	}
	canvas_free(draw(&notice, NULL, "notice/festival/p2", &report, &err));
	assert_int_equal(report.missing_count, 1);
	assert_string_equal(report.missing[0].place, "translations.en.body");
	assert_int_equal(report.missing[0].character, 14);
}

static void characters_of_later_pages_are_counted_from_the_beginning(void **state)
{
	struct notice notice = festival();
	char body[1800] = "";
	struct slide_report report;
	struct err err = {0};

	(void)state;
	repeat(body, sizeof(body) - 4, "市民《しみん》の方へ。");
	memcpy(body + strlen(body), "\xee\x80\x84", 4); /* U+E004 */
	notice.body = body;
	canvas_free(draw(&notice, NULL, "notice/festival", &report, &err));
	assert_true(report.pages > 1);
	assert_int_equal(report.missing_count, 0);
	for (int page = 2; report.missing_count == 0 && page <= report.pages; page++) {
		char id[SLIDE_ID_MAX];

		snprintf(id, sizeof(id), "notice/festival/p%d", page);
		canvas_free(draw(&notice, NULL, id, &report, &err));
	}
	assert_int_equal(report.missing_count, 1);
	assert_string_equal(report.missing[0].place, "body");
	assert_int_equal(report.missing[0].character, utf8_count(body));
}

static void readings_are_reported_and_not_read_twice(void **state)
{
	struct notice notice = festival();
	struct slide_report plain, read;
	struct err err = {0};

	(void)state;
	notice.body = "市民の方へ。";
	canvas_free(draw(&notice, NULL, "notice/festival", &plain, &err));
	notice.body = "市民《しみん》の方《かた》へ。";
	canvas_free(draw(&notice, NULL, "notice/festival", &read, &err));
	assert_int_equal(read.characters, plain.characters);
	assert_true(plain.smallest_reading_px <= 0);
	/* Readings may be smaller than what must be read; that has its own size. */
	assert_true(read.smallest_reading_mm > 0);
	assert_true(read.smallest_reading_px >= read.smallest_px / 2);
	assert_true(read.smallest_mm >= read.required_mm);
}

static void text_full_of_readings_flows(void **state)
{
	struct notice notice = festival();
	char title[NOTICE_TITLE_MAX * 9] = "", body[5000] = "";

	(void)state;
	repeat(title, NOTICE_TITLE_MAX * 3 / 2, "市《し》の ");
	repeat(body, sizeof(body), "市民《しみん》の方《かた》へ案内《あんない》。");
	notice.title = title;
	notice.body = body;
	notice.facts[0] =
		(struct notice_fact){"日時《にちじ》", "明日《あす》の朝《あさ》"};
	assert_true(check_notice(&notice, NULL) > 2 * (int)ARRAY_LEN(sizes));
}

/* --- What passers-by see --- */

static size_t count_colour(const struct canvas *canvas, uint32_t rgb)
{
	size_t count = (size_t)canvas->width * (size_t)canvas->height, found = 0;

	for (size_t i = 0; i < count; i++)
		found += (canvas->pixels[i] & 0xffffff) == rgb;
	return found;
}

static void picture_of_any_shape_has_no_bars_beside_it(void **state)
{
	static const int shapes[][2] = {{640, 960}, {900, 1000}, {300, 1200}, {100, 80}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++) {
		struct prepared prepared = prepare(shapes[i][0], shapes[i][1]);
		struct notice notice = festival();
		struct slide_report report;
		struct err err;
		struct canvas *canvas;

		notice.picture = &prepared.picture;
		canvas = draw(&notice, &prepared, "notice/festival", &report, &err);
		assert_ok(canvas, err);
		assert_int_equal(count_colour(canvas, 0xf0ede3), 0); /* panels */
		canvas_free(canvas);
		blob_free(&prepared.bytes);
	}
}

static void tall_picture_is_as_tall_as_the_page_allows(void **state)
{
	struct prepared prepared = prepare(640, 960);
	struct notice notice = festival();
	struct slide_report report;
	struct err err;
	struct canvas *canvas;
	int rows = 0;

	(void)state;
	notice.picture = &prepared.picture;
	canvas = draw(&notice, &prepared, "notice/festival", &report, &err);
	assert_ok(canvas, err);
	for (int y = 0; y < canvas->height; y++) {
		bool green = false;

		for (int x = 0; x < canvas->width; x++)
			green |= (canvas->pixels[y * canvas->width + x] & 0xffffff) ==
				 0x03af7a;
		rows += green;
	}
	assert_true(rows > canvas->height * 6 / 10);
	canvas_free(canvas);
	blob_free(&prepared.bytes);
}

/* Rows of the content, header and footer left out, that the title's ink takes. */
static void title_rows(const struct canvas *canvas, int *out_top, int *out_bottom)
{
	*out_top = canvas->height;
	*out_bottom = 0;
	for (int y = 110; y < canvas->height - 110; y++)
		for (int x = 110; x < canvas->width; x++)
			if ((canvas->pixels[y * canvas->width + x] & 0xffffff) ==
			    0x14171a) {
				*out_top = y < *out_top ? y : *out_top;
				*out_bottom = y;
			}
}

static void short_notice_is_a_poster(void **state)
{
	struct notice notice = festival();
	struct slide_report report;
	struct err err = {0};
	struct canvas *canvas;
	int top, bottom;

	(void)state;
	notice.body = notice.category = notice.contact = notice.url = NULL;
	notice.fact_count = 0;
	canvas = draw(&notice, NULL, "notice/festival", &report, &err);
	assert_ok(canvas, err);
	title_rows(canvas, &top, &bottom);
	/* One line of the largest type, round the middle or a little above. */
	assert_in_range(bottom - top, 120, 170);
	assert_in_range((top + bottom) / 2, 400, 560);
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_language_is_whole_at_every_size),
		cmocka_unit_test(pictures_of_any_shape_leave_room_for_the_text),
		cmocka_unit_test(longest_title_and_text_flow_beside_a_picture),
		cmocka_unit_test(picture_is_shown_with_round_corners_and_as_a_good_part),
		cmocka_unit_test(slide_without_its_picture_is_not_drawn),
		cmocka_unit_test(pages_follow_japanese_in_the_order_of_languages),
		cmocka_unit_test(ends_are_told_in_each_language),
		cmocka_unit_test(lines_break_by_the_rules_of_the_language),
		cmocka_unit_test(what_no_font_has_is_told_by_field_and_character),
		cmocka_unit_test(
			characters_of_later_pages_are_counted_from_the_beginning),
		cmocka_unit_test(readings_are_reported_and_not_read_twice),
		cmocka_unit_test(text_full_of_readings_flows),
		cmocka_unit_test(picture_of_any_shape_has_no_bars_beside_it),
		cmocka_unit_test(tall_picture_is_as_tall_as_the_page_allows),
		cmocka_unit_test(short_notice_is_a_poster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
