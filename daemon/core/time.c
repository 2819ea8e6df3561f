#include "core/time.h"

#include <stdio.h>
#include <string.h>

#include "core/err.h"

#define MS_PER_SECOND INT64_C(1000)
#define MS_PER_MINUTE (60 * MS_PER_SECOND)
#define MS_PER_HOUR   (60 * MS_PER_MINUTE)
#define MS_PER_DAY    (24 * MS_PER_HOUR)
#define JST_OFFSET_MS (9 * MS_PER_HOUR)

/* The years that can be written with four digits. */
#define YEAR_MIN 1
#define YEAR_MAX 9999

/* The calendar repeats exactly every 400 years: an "era" of the algorithms below. */
#define DAYS_PER_400_YEARS INT64_C(146097)

/* Days from 0000-03-01 to 1970-01-01. */
#define EPOCH_DAYS INT64_C(719468)

/* Rounds towards minus infinity, where `/` rounds towards zero. */
static int64_t floor_div(int64_t value, int64_t by)
{
	int64_t quotient = value / by;

	return value % by < 0 ? quotient - 1 : quotient;
}

/*
 * Days since 1970-01-01. The year is taken to begin in March, so that the leap day is its
 * last and month lengths follow one linear rule: (153 m + 2) / 5 days lie before month m.
 */
static int64_t days_from_civil(int64_t year, int month, int day)
{
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t cycle = floor_div(shifted, 400);
	int64_t year_of_cycle = shifted - cycle * 400;
	int64_t month_from_march = (month + 9) % 12;
	int64_t day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
	int64_t day_of_cycle = year_of_cycle * 365 + year_of_cycle / 4 -
			       year_of_cycle / 100 + day_of_year;

	return cycle * DAYS_PER_400_YEARS + day_of_cycle - EPOCH_DAYS;
}

static void civil_from_days(int64_t days, struct civil *out)
{
	int64_t shifted = days + EPOCH_DAYS;
	int64_t cycle = floor_div(shifted, DAYS_PER_400_YEARS);
	int64_t day_of_cycle = shifted - cycle * DAYS_PER_400_YEARS;
	/* Takes out the leap days before dividing by 365: 4, 100 and 400 years' worth. */
	int64_t year_of_cycle = (day_of_cycle - day_of_cycle / 1460 +
				 day_of_cycle / 36524 - day_of_cycle / 146096) /
				365;
	int64_t day_of_year = day_of_cycle - (365 * year_of_cycle + year_of_cycle / 4 -
					      year_of_cycle / 100);
	int64_t month_from_march = (5 * day_of_year + 2) / 153;
	int64_t month =
		month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;

	out->year = (int)(year_of_cycle + cycle * 400 + (month <= 2));
	out->month = (int)month;
	out->day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
	/* 1970-01-01 was a Thursday. */
	out->weekday = (int)(days + 4 - floor_div(days + 4, 7) * 7);
}

static struct civil civil_at_offset(struct wall_ms wall, int64_t offset_ms)
{
	/* The day is found before the offset is added, so that no instant overflows. */
	int64_t days = floor_div(wall.ms, MS_PER_DAY);
	int64_t rest = (wall.ms % MS_PER_DAY + MS_PER_DAY) % MS_PER_DAY + offset_ms;
	struct civil civil = {0};

	if (rest >= MS_PER_DAY) {
		rest -= MS_PER_DAY;
		days++;
	}
	civil_from_days(days, &civil);
	civil.hour = (int)(rest / MS_PER_HOUR);
	civil.minute = (int)(rest / MS_PER_MINUTE % 60);
	civil.second = (int)(rest / MS_PER_SECOND % 60);
	civil.millisecond = (int)(rest % MS_PER_SECOND);
	return civil;
}

struct civil civil_from_wall_jst(struct wall_ms wall)
{
	return civil_at_offset(wall, JST_OFFSET_MS);
}

struct civil civil_from_wall_utc(struct wall_ms wall)
{
	return civil_at_offset(wall, 0);
}

struct wall_ms wall_from_civil_utc(const struct civil *civil)
{
	int64_t days = days_from_civil(civil->year, civil->month, civil->day);

	return (struct wall_ms){days * MS_PER_DAY + civil->hour * MS_PER_HOUR +
				civil->minute * MS_PER_MINUTE +
				civil->second * MS_PER_SECOND + civil->millisecond};
}

struct wall_ms wall_from_civil_jst(const struct civil *civil)
{
	return (struct wall_ms){wall_from_civil_utc(civil).ms - JST_OFFSET_MS};
}

static bool is_leap_year(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap_year(year));
}

static bool is_within(int value, int min, int max)
{
	return value >= min && value <= max;
}

bool civil_is_valid(const struct civil *civil)
{
	return is_within(civil->year, YEAR_MIN, YEAR_MAX) &&
	       is_within(civil->month, 1, 12) &&
	       is_within(civil->day, 1, days_in_month(civil->year, civil->month)) &&
	       is_within(civil->hour, 0, 23) && is_within(civil->minute, 0, 59) &&
	       is_within(civil->second, 0, 59) && is_within(civil->millisecond, 0, 999);
}

int fiscal_year_of(struct wall_ms wall)
{
	struct civil civil = civil_from_wall_jst(wall);

	return civil.month >= 4 ? civil.year : civil.year - 1;
}

struct wall_ms fiscal_year_start(int fiscal_year)
{
	/* A year from a request may be anything: beyond four digits it stays at the edge. */
	int year = fiscal_year < YEAR_MIN   ? YEAR_MIN
		   : fiscal_year > YEAR_MAX ? YEAR_MAX
					    : fiscal_year;

	return wall_from_civil_jst(&(struct civil){.year = year, .month = 4, .day = 1});
}

struct era_year era_of_date(int year, int month, int day)
{
	/* Comparable as one number; each part has room for its range. */
	int64_t date = ((int64_t)year * 16 + month) * 32 + day;

	if (date >= (2019 * 16 + 5) * 32 + 1)
		return (struct era_year){"令和", "Reiwa", 'R', year - 2018};
	if (date >= (1989 * 16 + 1) * 32 + 8)
		return (struct era_year){"平成", "Heisei", 'H', year - 1988};
	return (struct era_year){"昭和", "Showa", 'S', year - 1925};
}

struct era_year era_of_fiscal_year(int fiscal_year)
{
	struct era_year era = era_of_date(fiscal_year + 1, 3, 31);

	/* An era that began between January and March took over with the next one. */
	if (era.year == 1)
		return era_of_date(fiscal_year, 4, 1);
	era.year--;
	return era;
}

void fiscal_year_format(int fiscal_year, char out[static FISCAL_YEAR_TEXT_SIZE])
{
	struct era_year era = era_of_fiscal_year(fiscal_year);

	if (era.year == 1)
		snprintf(out, FISCAL_YEAR_TEXT_SIZE, "%s元年度", era.name_ja);
	else
		snprintf(out, FISCAL_YEAR_TEXT_SIZE, "%s%d年度", era.name_ja, era.year);
}

/* Whether the first @len bytes of @text are all of @name. */
static bool is_name(const char *text, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(text, name, len) == 0;
}

bool fiscal_year_parse(const char *text, int *out, struct err *err)
{
	static const char suffix[] = "年度";
	size_t len = strlen(text), tail = strlen(suffix);

	if (len > tail && strcmp(text + len - tail, suffix) == 0)
		len -= tail;
	/* Each year knows its names: nothing that is no year's can be taken for one. */
	for (int year = FISCAL_YEAR_MIN; year <= FISCAL_YEAR_MAX; year++) {
		struct era_year era = era_of_fiscal_year(year);
		char plain[16], letter[16], full[FISCAL_YEAR_TEXT_SIZE];
		char first[FISCAL_YEAR_TEXT_SIZE];

		snprintf(plain, sizeof(plain), "%d", year);
		snprintf(letter, sizeof(letter), "%c%d", era.letter, era.year);
		snprintf(full, sizeof(full), "%s%d", era.name_ja, era.year);
		snprintf(first, sizeof(first), "%s元", era.name_ja);
		if (is_name(text, len, plain) || is_name(text, len, letter) ||
		    is_name(text, len, full) ||
		    (era.year == 1 && is_name(text, len, first))) {
			*out = year;
			return true;
		}
	}
	return err_set(err, ERR_INVALID,
		       "expected a fiscal year such as 2026, R8 or 令和8, got \"%.40s\"",
		       text);
}

/* Reads exactly @count digits and moves @at behind them. */
static bool take_digits(const char **at, int count, int *out)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		char c = (*at)[i];

		if (c < '0' || c > '9')
			return false;
		value = value * 10 + (c - '0');
	}
	*at += count;
	*out = value;
	return true;
}

static bool take_char(const char **at, char wanted)
{
	if (**at != wanted)
		return false;
	(*at)++;
	return true;
}

/* RFC 3339: "T" and "Z" may be lower case. */
static bool take_letter(const char **at, char upper)
{
	return take_char(at, upper) || take_char(at, (char)(upper - 'A' + 'a'));
}

static bool take_date(const char **at, struct civil *out)
{
	return take_digits(at, 4, &out->year) && take_char(at, '-') &&
	       take_digits(at, 2, &out->month) && take_char(at, '-') &&
	       take_digits(at, 2, &out->day);
}

static bool take_fraction(const char **at, int *out_milliseconds)
{
	int milliseconds = 0, digit;
	int unit = 100;

	if (!take_char(at, '.'))
		return true;
	if (!take_digits(at, 1, &digit))
		return false;
	do {
		milliseconds += digit * unit;
		unit /= 10;
	} while (unit > 0 && take_digits(at, 1, &digit));
	*out_milliseconds = milliseconds;
	return true;
}

static bool take_time(const char **at, struct civil *out)
{
	return take_digits(at, 2, &out->hour) && take_char(at, ':') &&
	       take_digits(at, 2, &out->minute) && take_char(at, ':') &&
	       take_digits(at, 2, &out->second) && take_fraction(at, &out->millisecond);
}

static bool take_offset(const char **at, int64_t *out_ms)
{
	int hours, minutes;
	int sign;

	if (take_letter(at, 'Z')) {
		*out_ms = 0;
		return true;
	}
	if (take_char(at, '+'))
		sign = 1;
	else if (take_char(at, '-'))
		sign = -1;
	else
		return false;
	if (!take_digits(at, 2, &hours) || !take_char(at, ':') ||
	    !take_digits(at, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*out_ms = sign * (hours * MS_PER_HOUR + minutes * MS_PER_MINUTE);
	return true;
}

bool wall_parse(const char *text, struct wall_ms *out, struct err *err)
{
	const char *at = text;
	struct civil civil = {0};
	int64_t offset;
	int64_t ms;

	if (!take_date(&at, &civil) || !take_letter(&at, 'T') ||
	    !take_time(&at, &civil) || !take_offset(&at, &offset) || *at != '\0')
		return err_set(err, ERR_INVALID,
			       "expected a time like 2026-11-22T15:29:00+09:00, "
			       "got \"%.40s\"",
			       text);
	if (!civil_is_valid(&civil))
		return err_set(err, ERR_INVALID, "there is no time \"%.40s\"", text);
	ms = wall_from_civil_utc(&civil).ms - offset;
	if (ms < WALL_MS_MIN || ms > WALL_MS_MAX)
		return err_set(err, ERR_INVALID,
			       "\"%.40s\" is outside of the years 2000 to 2199", text);
	out->ms = ms;
	return true;
}

void wall_format_utc(struct wall_ms wall, char out[static WALL_TEXT_SIZE])
{
	struct civil civil = civil_from_wall_utc(wall);

	snprintf(out, WALL_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", civil.year,
		 civil.month, civil.day, civil.hour, civil.minute, civil.second);
}

void wall_format_utc_ms(struct wall_ms wall, char out[static WALL_TEXT_SIZE])
{
	struct civil civil = civil_from_wall_utc(wall);

	snprintf(out, WALL_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", civil.year,
		 civil.month, civil.day, civil.hour, civil.minute, civil.second,
		 civil.millisecond);
}

void wall_format_jst(struct wall_ms wall, char out[static WALL_TEXT_SIZE])
{
	struct civil civil = civil_from_wall_jst(wall);

	snprintf(out, WALL_TEXT_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d+09:00", civil.year,
		 civil.month, civil.day, civil.hour, civil.minute, civil.second);
}

bool minutes_parse(const char *text, int *out_minutes, struct err *err)
{
	const char *at = text;
	int hour, minute;

	if (!take_digits(&at, 2, &hour) || !take_char(&at, ':') ||
	    !take_digits(&at, 2, &minute) || *at != '\0' || minute > 59 ||
	    hour * 60 + minute > 24 * 60)
		return err_set(
			err, ERR_INVALID,
			"expected a time of day from 00:00 to 24:00, got \"%.40s\"",
			text);
	*out_minutes = hour * 60 + minute;
	return true;
}
