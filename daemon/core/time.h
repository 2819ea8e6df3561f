#ifndef CORE_TIME_H
#define CORE_TIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * Time is a value: core never reads a clock. Wall and monotonic time are different
 * types, so mixing them does not compile. All are milliseconds.
 */
struct wall_ms {
	int64_t ms; /* since 1970-01-01T00:00:00Z, without leap seconds (POSIX) */
};

struct mono_ms {
	int64_t ms; /* since some point in this boot; never goes back */
};

struct span_ms {
	int64_t ms; /* a length of time */
};

/* One reading of all clocks, taken once per turn of a loop (os/clock.h). */
struct now {
	struct wall_ms wall;
	struct mono_ms mono;
	bool synchronised; /* the system says that the wall clock was set by a time source */
};

/* The range of wall clock times that documents may hold: years 2000 to 2199. */
#define WALL_MS_MIN INT64_C(946684800000)
#define WALL_MS_MAX INT64_C(7258118399999)

/* Calendar fields, proleptic Gregorian. */
struct civil {
	int year;        /* 2026 */
	int month;       /* 1–12 */
	int day;         /* 1–31 */
	int hour;        /* 0–23 */
	int minute;      /* 0–59 */
	int second;      /* 0–59 */
	int millisecond; /* 0–999 */
	int weekday;     /* 0 Sunday … 6 Saturday; ignored on input */
};

/* Japan time is UTC+9 all year (標準時ニ関スル件, 1886); the box's own zone plays no part. */
struct civil civil_from_wall_jst(struct wall_ms wall);
struct civil civil_from_wall_utc(struct wall_ms wall);

/* The instant of calendar fields in Japan time / UTC. The fields must be in range. */
struct wall_ms wall_from_civil_jst(const struct civil *civil);
struct wall_ms wall_from_civil_utc(const struct civil *civil);

bool civil_is_valid(const struct civil *civil);

/* The fiscal year (named by its first year) that holds @wall: 1 April to 31 March, JST. */
int fiscal_year_of(struct wall_ms wall);
/* 1 April 00:00 JST of @fiscal_year; its end (exclusive) is the start of the next. */
struct wall_ms fiscal_year_start(int fiscal_year);

/* A year of a Japanese era. */
struct era_year {
	const char *name_ja; /* "令和" */
	const char *name_en; /* "Reiwa" */
	char letter;         /* 'R', as in R8 */
	int year;            /* 1 is written 元 */
};

/* The era on a day (令和 from 2019-05-01, 平成 from 1989-01-08, 昭和 before). */
struct era_year era_of_date(int year, int month, int day);
/*
 * A fiscal year is named by the era of its last day, and numbered by the year it began in:
 * FY2019 is 令和元年度, FY2018 is 平成30年度. FY1988, when 平成 began in January, is 昭和63年度.
 */
struct era_year era_of_fiscal_year(int fiscal_year);

/* The fiscal years that documents may name. */
#define FISCAL_YEAR_MIN 2000
#define FISCAL_YEAR_MAX 2198

#define FISCAL_YEAR_TEXT_SIZE 32
/* "令和8年度"; the first year of an era is 元年度. */
void fiscal_year_format(int fiscal_year, char out[static FISCAL_YEAR_TEXT_SIZE]);
/* "2026", "R8", "令和8" or "令和元", each with or without 年度 behind it. */
MUST_USE bool fiscal_year_parse(const char *text, int *out, struct err *err);

/*
 * RFC 3339 section 5.6 date-time, "2026-11-22T15:29:00Z" or with "+09:00" and up to
 * three digits of fraction. Years WALL_MS_MIN–WALL_MS_MAX; leap second 60 is refused.
 */
MUST_USE bool wall_parse(const char *text, struct wall_ms *out, struct err *err);

#define WALL_TEXT_SIZE 32
/* "2026-11-22T06:29:00Z" (seconds, UTC, as TUF wants it). */
void wall_format_utc(struct wall_ms wall, char out[static WALL_TEXT_SIZE]);
/* "2026-11-22T06:29:00.123Z". */
void wall_format_utc_ms(struct wall_ms wall, char out[static WALL_TEXT_SIZE]);
/* "2026-11-22T15:29:00+09:00". */
void wall_format_jst(struct wall_ms wall, char out[static WALL_TEXT_SIZE]);

/* "HH:MM", 00:00–24:00, as minutes since midnight. */
MUST_USE bool minutes_parse(const char *text, int *out_minutes, struct err *err);

#endif /* CORE_TIME_H */
