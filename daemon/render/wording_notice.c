#include "render/wording_notice.h"

#include <stdbool.h>
#include <stdio.h>

enum wording_language wording_language_of(enum notice_language language)
{
	switch (language) {
	case NOTICE_JA_EASY:
		return WORDING_JA_EASY;
	case NOTICE_EN:
		return WORDING_EN;
	case NOTICE_ZH:
		return WORDING_ZH;
	case NOTICE_KO:
		return WORDING_KO;
	}
	return WORDING_JA;
}

const char *wording_language_name(enum wording_language language)
{
	static const char *const names[WORDING_LANGUAGES] = {
		[WORDING_JA] = "日本語",  [WORDING_JA_EASY] = "やさしい日本語",
		[WORDING_EN] = "English", [WORDING_ZH] = "中文",
		[WORDING_KO] = "한국어",
	};

	return names[language];
}

const char *wording_in(enum wording_language language, enum wording id)
{
	static const struct {
		enum wording id;
		const char *words[WORDING_LANGUAGES]; /* NULL: as in Japanese */
	} translations[] = {
		{WORDING_NOTICE,
		 {[WORDING_EN] = "Notice", [WORDING_ZH] = "通知", [WORDING_KO] = "알림"}},
		{WORDING_URGENT,
		 {[WORDING_JA_EASY] = "急ぎの お知らせ",
		  [WORDING_EN] = "Urgent notice",
		  [WORDING_ZH] = "紧急通知",
		  [WORDING_KO] = "긴급 알림"}},
		{WORDING_SAMPLE,
		 {[WORDING_EN] = "Sample", [WORDING_ZH] = "样本", [WORDING_KO] = "견본"}},
		{WORDING_MORE,
		 {[WORDING_JA_EASY] = "くわしい こと",
		  [WORDING_EN] = "Details",
		  [WORDING_ZH] = "详细信息",
		  [WORDING_KO] = "자세한 내용"}},
	};

	for (size_t i = 0; i < sizeof(translations) / sizeof(translations[0]); i++)
		if (translations[i].id == id && translations[i].words[language])
			return translations[i].words[language];
	return wording(id);
}

/* "30 November 2027": the order that most readers of English know. */
static void english_day(struct civil day, bool with_year, char out[static 48])
{
	static const char *const months[] = {
		"January", "February", "March",     "April",   "May",      "June",
		"July",    "August",   "September", "October", "November", "December"};

	if (with_year)
		snprintf(out, 48, "%d %s %d", day.day, months[(day.month - 1) % 12],
			 day.year);
	else
		snprintf(out, 48, "%d %s", day.day, months[(day.month - 1) % 12]);
}

void wording_until_in(enum wording_language language, struct wall_ms until,
		      struct wall_ms now, char out[static WORDING_SIZE])
{
	struct civil end = civil_from_wall_jst(until);
	/* The last day is that of the last instant: midnight belongs to the day before. */
	struct civil day = civil_from_wall_jst((struct wall_ms){until.ms - 1});
	bool with_year = day.year != civil_from_wall_jst(now).year;
	char date[48], year[24] = "", time[24] = "";

	if (end.hour != 0 || end.minute != 0)
		snprintf(time, sizeof(time), "%d:%02d", end.hour, end.minute);
	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		wording_until(until, now, out);
		return;
	case WORDING_EN:
		english_day(day, with_year, date);
		snprintf(out, WORDING_SIZE, "Until %s%s%s", date, time[0] ? ", " : "",
			 time);
		return;
	case WORDING_ZH:
		if (with_year)
			snprintf(year, sizeof(year), "%d年", day.year);
		snprintf(out, WORDING_SIZE, "至%s%d月%d日%s%s", year, day.month, day.day,
			 time[0] ? " " : "", time);
		return;
	case WORDING_KO:
		if (with_year)
			snprintf(year, sizeof(year), "%d년 ", day.year);
		snprintf(out, WORDING_SIZE, "%s%d월 %d일%s%s까지", year, day.month,
			 day.day, time[0] ? " " : "", time);
		return;
	}
}

void wording_notice_from_in(enum wording_language language, const char *organisation,
			    char out[static WORDING_SIZE])
{
	if (language == WORDING_JA || language == WORDING_JA_EASY)
		wording_notice_from(organisation, out);
	else
		snprintf(out, WORDING_SIZE, "%.*s　%s", WORDING_SIZE / 2, organisation,
			 wording_in(language, WORDING_NOTICE));
}
