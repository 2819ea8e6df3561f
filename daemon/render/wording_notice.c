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

void wording_until_in(enum wording_language language, struct wall_ms until,
		      struct wall_ms now, char out[static WORDING_SIZE])
{
	struct civil end = civil_from_wall_jst(until);
	/* The last day is that of the last instant: midnight belongs to the day before. */
	struct civil day = civil_from_wall_jst((struct wall_ms){until.ms - 1});
	bool with_year = day.year != civil_from_wall_jst(now).year;
	char date[WORDING_SIZE], year[24] = "", time[24] = "";

	if (end.hour != 0 || end.minute != 0)
		snprintf(time, sizeof(time), "%d:%02d", end.hour, end.minute);
	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		wording_until(until, now, out);
		return;
	case WORDING_EN:
		wording_english_day(day, with_year, date);
		wording_put(out, "Until %s%s%s", date, time[0] ? ", " : "", time);
		return;
	case WORDING_ZH:
		if (with_year)
			snprintf(year, sizeof(year), "%d年", day.year);
		wording_put(out, "至%s%d月%d日%s%s", year, day.month, day.day,
			    time[0] ? " " : "", time);
		return;
	case WORDING_KO:
		if (with_year)
			snprintf(year, sizeof(year), "%d년 ", day.year);
		wording_put(out, "%s%d월 %d일%s%s까지", year, day.month, day.day,
			    time[0] ? " " : "", time);
		return;
	}
}

void wording_notice_from_in(enum wording_language language, const char *organisation,
			    char out[static WORDING_SIZE])
{
	if (language == WORDING_JA || language == WORDING_JA_EASY)
		wording_notice_from(organisation, out);
	else
		wording_put(out, "%s%s%s", organisation, wording_gap(language),
			    wording_in(language, WORDING_NOTICE));
}
