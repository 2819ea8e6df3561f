#include "render/wording.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/attr.h"

static const char *const words[] = {
	[WORDING_NOW] = "いま",
	[WORDING_INITIATIVES] = "重点取組",
	[WORDING_PROGRESS] = "進捗管理",
	[WORDING_ACTUAL] = "実績",
	[WORDING_ACTUAL_ESTIMATE] = "実績（見込）",
	[WORDING_TARGET] = "目標",
	[WORDING_INDICATOR] = "成果指標",
	[WORDING_RESULTS_LATER] = "実績は公表後に表示します",
	[WORDING_COUNT_LATER] = "今年度の発信数は公表後に表示します",
	[WORDING_BLANK_YEARS] = "空欄は基本方針に記載のない年度です",
	[WORDING_STAGE_RESEARCH] = "調査研究",
	[WORDING_STAGE_CONSIDERATION] = "適用検討",
	[WORDING_STAGE_IMPLEMENTATION] = "導入実行",
	[WORDING_GROUP_LATER] = "適用検討・調査研究",
	[WORDING_COUNT_UNIT] = "取組",
	[WORDING_TOGETHER] = "合わせて",
	[WORDING_PERIOD] = "対象期間",
	[WORDING_PDCA] = "PDCAサイクル",
	[WORDING_PLAN] = "計画",
	[WORDING_DO] = "実行",
	[WORDING_CHECK] = "評価",
	[WORDING_ACT] = "改善",
	[WORDING_NOTICE] = "お知らせ",
	[WORDING_URGENT] = "緊急のお知らせ",
	[WORDING_SAMPLE] = "見本",
	[WORDING_MORE] = "くわしくはこちら",
};

const char *wording(enum wording id)
{
	return words[id];
}

const char *wording_stage(enum stage stage)
{
	switch (stage) {
	case STAGE_RESEARCH:
		return words[WORDING_STAGE_RESEARCH];
	case STAGE_CONSIDERATION:
		return words[WORDING_STAGE_CONSIDERATION];
	case STAGE_IMPLEMENTATION:
		return words[WORDING_STAGE_IMPLEMENTATION];
	}
	return "";
}

const char *wording_group(enum plan_group group)
{
	switch (group) {
	case PLAN_GROUP_IMPLEMENTATION:
		return words[WORDING_STAGE_IMPLEMENTATION];
	case PLAN_GROUP_CONSIDERATION_AND_RESEARCH:
		return words[WORDING_GROUP_LATER];
	}
	return "";
}

static size_t character_bytes(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first < 0xe0)
		return 2;
	return first < 0xf0 ? 3 : 4;
}

/* snprintf() that cuts between characters, never within one. */
static void put(char out[static WORDING_SIZE], const char *format, ...) PRINTF_LIKE(2, 3);

static void put(char out[static WORDING_SIZE], const char *format, ...)
{
	va_list arguments;
	int length;
	size_t end;

	va_start(arguments, format);
	length = vsnprintf(out, WORDING_SIZE, format, arguments);
	va_end(arguments);
	if (length < WORDING_SIZE)
		return;
	/* The last character may have lost its end: find its first byte, and see. */
	end = WORDING_SIZE - 2;
	while (end > 0 && ((unsigned char)out[end] & 0xc0) == 0x80)
		end--;
	if (WORDING_SIZE - 1 - end < character_bytes((unsigned char)out[end]))
		out[end] = '\0';
}

void wording_number(int64_t value, char out[static WORDING_SIZE])
{
	char digits[32];
	size_t length, used = 0;
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	snprintf(digits, sizeof(digits), "%" PRIu64, magnitude);
	length = strlen(digits);
	if (value < 0)
		out[used++] = '-';
	for (size_t i = 0; i < length; i++) {
		if (i > 0 && (length - i) % 3 == 0)
			out[used++] = ',';
		out[used++] = digits[i];
	}
	out[used] = '\0';
}

/* The first year of an era is written 元, all others by number. */
static void year_of_era(struct era_year era, char out[static 16])
{
	if (era.year == 1)
		snprintf(out, 16, "元");
	else
		snprintf(out, 16, "%d", era.year);
}

void wording_fiscal_year(int fiscal_year, char out[static WORDING_SIZE])
{
	struct era_year era = era_of_fiscal_year(fiscal_year);
	char year[16];

	year_of_era(era, year);
	put(out, "%s%s年度", era.name_ja, year);
}

void wording_fiscal_year_number(int fiscal_year, char out[static WORDING_SIZE])
{
	char year[16];

	year_of_era(era_of_fiscal_year(fiscal_year), year);
	put(out, "%s", year);
}

void wording_fiscal_year_era(int fiscal_year, char out[static WORDING_SIZE])
{
	struct era_year era = era_of_fiscal_year(fiscal_year);
	char year[16];

	year_of_era(era, year);
	put(out, "%s%s", era.name_ja, year);
}

void wording_fiscal_year_now(int fiscal_year, char out[static WORDING_SIZE])
{
	char year[16];

	year_of_era(era_of_fiscal_year(fiscal_year), year);
	put(out, "%s %s", year, wording(WORDING_NOW));
}

void wording_fiscal_year_short(int fiscal_year, char out[static WORDING_SIZE])
{
	char year[16];

	year_of_era(era_of_fiscal_year(fiscal_year), year);
	put(out, "%s年度", year);
}

void wording_fiscal_year_of(int fiscal_year, enum wording what,
			    char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	wording_fiscal_year(fiscal_year, year);
	put(out, "%s　%s", year, wording(what));
}

void wording_fiscal_year_over(int fiscal_year, enum wording what,
			      char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	wording_fiscal_year(fiscal_year, year);
	put(out, "%s\n%s", year, wording(what));
}

void wording_target(int fiscal_year, int64_t value, const char *unit,
		    char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE], number[WORDING_SIZE];

	wording_fiscal_year_of(fiscal_year, WORDING_TARGET, year);
	wording_number(value, number);
	put(out, "%s　%s%s", year, number, unit);
}

void wording_fiscal_years(int first, int last, char out[static WORDING_SIZE])
{
	char from[WORDING_SIZE], to[WORDING_SIZE];

	wording_fiscal_year(first, from);
	wording_fiscal_year(last, to);
	put(out, "%s～%s", from, to);
}

static const char *weekday(int day)
{
	static const char *const names[] = {"日", "月", "火", "水", "木", "金", "土"};

	return day >= 0 && day < (int)ARRAY_LEN(names) ? names[day] : "";
}

void wording_clock(struct wall_ms now, char out[static WORDING_SIZE])
{
	struct civil at = civil_from_wall_jst(now);
	struct era_year era = era_of_date(at.year, at.month, at.day);
	char year[16];

	year_of_era(era, year);
	put(out, "%s%s年%d月%d日（%s） %d:%02d", era.name_ja, year, at.month, at.day,
	    weekday(at.weekday), at.hour, at.minute);
}

const char *wording_clock_widest(void)
{
	return "令和88年12月28日（水） 20:08";
}

void wording_as_of(struct wall_ms at, char out[static WORDING_SIZE])
{
	struct civil day = civil_from_wall_jst(at);

	put(out, "%d月%d日 %d:%02d 現在", day.month, day.day, day.hour, day.minute);
}

void wording_until(struct wall_ms until, struct wall_ms now,
		   char out[static WORDING_SIZE])
{
	struct civil end = civil_from_wall_jst(until);
	/* The last day is that of the last instant: midnight belongs to the day before. */
	struct civil day = civil_from_wall_jst((struct wall_ms){until.ms - 1});
	struct civil today = civil_from_wall_jst(now);
	struct era_year era = era_of_date(day.year, day.month, day.day);
	char year[16], years[64] = "";

	if (day.year != today.year) {
		year_of_era(era, year);
		snprintf(years, sizeof(years), "%s%s年", era.name_ja, year);
	}
	if (end.hour == 0 && end.minute == 0)
		put(out, "%s%d月%d日まで", years, day.month, day.day);
	else if (end.minute == 0)
		put(out, "%s%d月%d日 %d時まで", years, day.month, day.day, end.hour);
	else
		put(out, "%s%d月%d日 %d時%d分まで", years, day.month, day.day, end.hour,
		    end.minute);
}

void wording_overview(size_t count, char out[static WORDING_SIZE])
{
	put(out, "%zuの重点取組", count);
}

void wording_stages(size_t count, char out[static WORDING_SIZE])
{
	put(out, "%zuの重点取組と3つの段階", count);
}

void wording_results_later(int fiscal_year, char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	wording_fiscal_year(fiscal_year, year);
	put(out, "%s以降の%s", year, wording(WORDING_RESULTS_LATER));
}

void wording_source(const char *source, char out[static WORDING_SIZE])
{
	put(out, "出典：%s", source);
}

void wording_notice_from(const char *organisation, char out[static WORDING_SIZE])
{
	put(out, "%sからのお知らせ", organisation);
}

void wording_page(int page, int pages, char out[static WORDING_SIZE])
{
	put(out, "%d／%d", page, pages);
}
