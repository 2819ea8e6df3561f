#ifndef CORE_PROGRAMME_H
#define CORE_PROGRAMME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/time.h"

struct arena;
struct err;

#define PROGRAMME_NOTICES_MAX 3000
#define PROGRAMME_MEDIA_MAX   (32 * 1024 * 1024) /* bytes of all pictures together */

/* When the dark theme is used: minutes since midnight, Japan time. */
struct theme_hours {
	int dark_from_minute;  /* 0–1440 */
	int dark_until_minute; /* equal to from: never dark */
};

/* The policy of the loop. Zero-initialised values are not valid: use the defaults. */
struct loop_policy {
	int notice_weight;      /* share of a notice of weight 1, 1–100 */
	int plan_weight;        /* share of a plan slide, 1–100 */
	int64_t longest_wait_s; /* no due item waits longer than this, if it can be met */
	int64_t fade_ms;        /* 0–2000 */
	int64_t dwell_min_s;    /* 5–120 */
	int characters_per_s;   /* reading speed, 1–20 */
	struct theme_hours theme;
};

extern const struct loop_policy loop_policy_default;

/* The city's own count of initiative 4, as published with the programme. */
struct programme_count {
	bool known;
	int fiscal_year;
	int64_t notices;
	struct wall_ms as_of;
};

/* 番組: what may be shown, when, how often. Owned strings live in the arena. */
struct programme {
	struct arena *arena;
	int64_t version; /* grows with each publish */
	struct wall_ms published;
	struct loop_policy policy;
	struct programme_count count;
	struct notice *notices;
	size_t notice_count;
};

struct programme *programme_free(struct programme *programme); /* NULL is fine */

/*
 * Ranges, unique notice ids, each notice by notice_check() ("notices[3].until: …"); that
 * all pictures are checked ones, and together no more than a screen keeps in memory.
 */
MUST_USE bool programme_check(const struct programme *programme, struct err *err);

/* Borrowed; NULL when there is none of this id. */
const struct notice *programme_notice(const struct programme *programme, const char *id);

bool theme_is_dark(const struct theme_hours *hours, struct wall_ms wall);

#endif /* CORE_PROGRAMME_H */
