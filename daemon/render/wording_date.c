/* Fiscal years, days and times as each language writes them. */
#include <stdio.h>

#include "core/attr.h"
#include "render/wording.h"

/* Whether years are those of the Japanese era. */
static bool by_era(enum wording_language language)
{
	return language == WORDING_JA || language == WORDING_JA_EASY;
}

/* The first year of an era is written 元, all others by number. */
static void year_of_era(struct era_year era, char out[static 16])
{
	if (era.year == 1)
		snprintf(out, 16, "元");
	else
		snprintf(out, 16, "%d", era.year);
}

/* --- Fiscal years --- */

void wording_fiscal_year(enum wording_language language, int fiscal_year,
			 char out[static WORDING_SIZE])
{
	struct era_year era = era_of_fiscal_year(fiscal_year);
	char year[16];

	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		year_of_era(era, year);
		wording_put(out, "%s%s年度", era.name_ja, year);
		return;
	case WORDING_EN:
		wording_put(out, "FY%d", fiscal_year);
		return;
	case WORDING_ZH:
		wording_put(out, "%d年度", fiscal_year);
		return;
	case WORDING_KO:
		wording_put(out, "%d년도", fiscal_year);
		return;
	}
}

void wording_fiscal_year_number(enum wording_language language, int fiscal_year,
				char out[static WORDING_SIZE])
{
	char year[16];

	snprintf(year, sizeof(year), "%d", fiscal_year);
	if (by_era(language))
		year_of_era(era_of_fiscal_year(fiscal_year), year);
	wording_put(out, "%s", year);
}

void wording_fiscal_year_era(enum wording_language language, int fiscal_year,
			     char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	wording_fiscal_year_number(language, fiscal_year, year);
	wording_put(out, "%s%s",
		    by_era(language) ? era_of_fiscal_year(fiscal_year).name_ja : "",
		    year);
}

void wording_fiscal_year_now(enum wording_language language, int fiscal_year,
			     char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	wording_fiscal_year_number(language, fiscal_year, year);
	wording_put(out, "%s %s", year, wording_in(language, WORDING_NOW));
}

void wording_fiscal_year_short(enum wording_language language, int fiscal_year,
			       char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	if (!by_era(language)) {
		wording_fiscal_year(language, fiscal_year, out);
		return;
	}
	wording_fiscal_year_number(language, fiscal_year, year);
	wording_put(out, "%s年度", year);
}

void wording_fiscal_year_of(enum wording_language language, int fiscal_year,
			    enum wording what, char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	wording_fiscal_year(language, fiscal_year, year);
	wording_put(out, "%s%s%s", year, wording_gap(language),
		    wording_in(language, what));
}

void wording_fiscal_year_over(enum wording_language language, int fiscal_year,
			      enum wording what, char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	wording_fiscal_year(language, fiscal_year, year);
	wording_put(out, "%s\n%s", year, wording_in(language, what));
}

void wording_target(enum wording_language language, int fiscal_year, int64_t value,
		    const char *unit, char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE], number[WORDING_SIZE];

	wording_fiscal_year_of(language, fiscal_year, WORDING_TARGET, year);
	wording_number(value, number);
	wording_put(out, "%s%s%s%s", year, wording_gap(language), number, unit);
}

void wording_fiscal_years(enum wording_language language, int first, int last,
			  char out[static WORDING_SIZE])
{
	char from[WORDING_SIZE], to[WORDING_SIZE];

	wording_fiscal_year(language, first, from);
	wording_fiscal_year(language, last, to);
	wording_put(out, "%s%s%s", from, language == WORDING_EN ? "–" : "～", to);
}

void wording_results_later(enum wording_language language, int fiscal_year,
			   char out[static WORDING_SIZE])
{
	char year[WORDING_SIZE];

	wording_fiscal_year(language, fiscal_year, year);
	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		wording_put(out, "%s以降の%s", year,
			    wording_in(language, WORDING_RESULTS_LATER));
		return;
	case WORDING_EN:
		wording_put(out, "Results from %s: after publication", year);
		return;
	case WORDING_ZH:
		wording_put(out, "%s以后的%s", year,
			    wording_in(language, WORDING_RESULTS_LATER));
		return;
	case WORDING_KO:
		wording_put(out, "%s 이후 %s", year,
			    wording_in(language, WORDING_RESULTS_LATER));
		return;
	}
}

/* --- Days and times --- */

#define WEEK 7

static const char *const japanese_days[WEEK] = {"日", "月", "火", "水", "木", "金", "土"};
static const char *const chinese_days[WEEK] = {"周日", "周一", "周二", "周三",
					       "周四", "周五", "周六"};
static const char *const korean_days[WEEK] = {"일", "월", "화", "수", "목", "금", "토"};

static const char *weekday(const char *const days[WEEK], int day)
{
	return day >= 0 && day < WEEK ? days[day] : "";
}

#define MONTHS 12

static const char *const months_in_full[MONTHS] = {
	"January", "February", "March",     "April",   "May",      "June",
	"July",    "August",   "September", "October", "November", "December"};
static const char *const months_in_short[MONTHS] = {"Jan",  "Feb",  "Mar",  "Apr",
						    "May",  "June", "July", "Aug",
						    "Sept", "Oct",  "Nov",  "Dec"};

static const char *month_in(const char *const months[MONTHS], int month)
{
	return months[(month - 1) % MONTHS];
}

void wording_english_day(struct civil day, bool with_year, char out[static WORDING_SIZE])
{
	char year[16] = "";

	if (with_year)
		snprintf(year, sizeof(year), " %d", day.year);
	wording_put(out, "%d %s%s", day.day, month_in(months_in_full, day.month), year);
}

void wording_clock(enum wording_language language, struct wall_ms now,
		   char out[static WORDING_SIZE])
{
	struct civil at = civil_from_wall_jst(now);
	struct era_year era = era_of_date(at.year, at.month, at.day);
	char text[WORDING_SIZE];

	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		year_of_era(era, text);
		wording_put(out, "%s%s年%d月%d日（%s） %d:%02d", era.name_ja, text,
			    at.month, at.day, weekday(japanese_days, at.weekday), at.hour,
			    at.minute);
		return;
	case WORDING_EN:
		wording_english_day(at, true, text);
		wording_put(out, "%s %d:%02d", text, at.hour, at.minute);
		return;
	case WORDING_ZH:
		wording_put(out, "%d年%d月%d日 %s %d:%02d", at.year, at.month, at.day,
			    weekday(chinese_days, at.weekday), at.hour, at.minute);
		return;
	case WORDING_KO:
		wording_put(out, "%d년 %d월 %d일(%s) %d:%02d", at.year, at.month, at.day,
			    weekday(korean_days, at.weekday), at.hour, at.minute);
		return;
	}
}

const char *wording_clock_widest(enum wording_language language)
{
	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		return "令和88年12月28日（水） 20:08";
	case WORDING_EN:
		return "28 September 2088 20:08";
	case WORDING_ZH:
		return "2088年12月28日 周三 20:08";
	case WORDING_KO:
		return "2088년 12월 28일(수) 20:08";
	}
	return "";
}

/* English with one of the @months above. */
static void as_of(enum wording_language language, struct wall_ms at,
		  const char *const months[MONTHS], char out[static WORDING_SIZE])
{
	struct civil day = civil_from_wall_jst(at);

	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		wording_put(out, "%d月%d日 %d:%02d 現在", day.month, day.day, day.hour,
			    day.minute);
		return;
	case WORDING_EN:
		wording_put(out, "As of %d %s, %d:%02d", day.day,
			    month_in(months, day.month), day.hour, day.minute);
		return;
	case WORDING_ZH:
		wording_put(out, "截至%d月%d日 %d:%02d", day.month, day.day, day.hour,
			    day.minute);
		return;
	case WORDING_KO:
		wording_put(out, "%d월 %d일 %d:%02d 현재", day.month, day.day, day.hour,
			    day.minute);
		return;
	}
}

void wording_as_of(enum wording_language language, struct wall_ms at,
		   char out[static WORDING_SIZE])
{
	as_of(language, at, months_in_full, out);
}

void wording_so_far(enum wording_language language, int64_t value, const char *unit,
		    struct wall_ms at, char out[static WORDING_SIZE])
{
	const char *gap = wording_gap(language);
	char number[WORDING_SIZE], moment[WORDING_SIZE];

	wording_number(value, number);
	as_of(language, at, months_in_short, moment);
	wording_put(out, "%s%s%s%s%s%s", wording_in(language, WORDING_SO_FAR), gap,
		    number, unit, gap, moment);
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
		wording_put(out, "%s%d月%d日まで", years, day.month, day.day);
	else if (end.minute == 0)
		wording_put(out, "%s%d月%d日 %d時まで", years, day.month, day.day,
			    end.hour);
	else
		wording_put(out, "%s%d月%d日 %d時%d分まで", years, day.month, day.day,
			    end.hour, end.minute);
}
