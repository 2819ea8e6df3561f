#ifndef RENDER_WORDING_H
#define RENDER_WORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/plan.h"
#include "core/time.h"

/*
 * Every word on a slide that is not the plan's or a notice's own. They are labels and stay
 * neutral: nothing here explains or judges what the plan says.
 */
enum wording {
	WORDING_NOW,             /* いま */
	WORDING_POLICY,          /* 基本方針 */
	WORDING_INITIATIVES,     /* 重点取組 */
	WORDING_PROGRESS,        /* 進捗管理 */
	WORDING_ACTUAL,          /* 実績 */
	WORDING_ACTUAL_ESTIMATE, /* 実績（見込） */
	WORDING_TARGET,          /* 目標 */
	WORDING_INDICATOR,       /* 成果指標 */
	WORDING_RESULTS_LATER,   /* 実績は公表後に表示します */
	WORDING_COUNT_LATER,     /* 今年度の発信数は公表後に表示します */
	WORDING_SO_FAR,          /* これまで */
	WORDING_BLANK_YEARS,     /* 空欄は基本方針に記載のない年度です */
	WORDING_STAGE_RESEARCH,  /* 調査研究 */
	WORDING_STAGE_CONSIDERATION,  /* 適用検討 */
	WORDING_STAGE_IMPLEMENTATION, /* 導入実行 */
	WORDING_GROUP_LATER,          /* 適用検討・調査研究 */
	WORDING_COUNT_UNIT,           /* 取組 */
	WORDING_TOGETHER,             /* 合わせて */
	WORDING_PERIOD,               /* 対象期間 */
	WORDING_PDCA,                 /* PDCAサイクル */
	WORDING_PLAN,                 /* 計画 */
	WORDING_DO,                   /* 実行 */
	WORDING_CHECK,                /* 評価 */
	WORDING_ACT,                  /* 改善 */
	WORDING_NOTICE,               /* お知らせ */
	WORDING_URGENT,               /* 緊急のお知らせ */
	WORDING_SAMPLE,               /* 見本 */
	WORDING_MORE,                 /* くわしくはこちら */
	WORDING_PROVISIONAL,          /* 仮訳 */
};

/* Of a page; what has no words of its own in やさしい日本語 is as in Japanese. */
enum wording_language {
	WORDING_JA,
	WORDING_JA_EASY,
	WORDING_EN,
	WORDING_ZH,
	WORDING_KO,
};
#define WORDING_LANGUAGES 5

const char *wording_in(enum wording_language language, enum wording id); /* static */

/* The language's own name: "やさしい日本語", "English", "中文", "한국어", "日本語". */
const char *wording_language_name(enum wording_language language);

/* What stands between two of the texts that make a line: "　", " · ". */
const char *wording_gap(enum wording_language language);

/* Whether brackets and dots between words are full-width, as in Japanese. */
bool wording_is_wide(enum wording_language language);

const char *wording_stage(enum wording_language language, enum stage stage);

/* Room for any of the texts below, in bytes; longer names are cut at a character. */
#define WORDING_SIZE 256

/* snprintf() that cuts between characters, never within one. */
void wording_put(char out[static WORDING_SIZE], const char *format, ...)
	PRINTF_LIKE(2, 3);

/* "19,737,000" */
void wording_number(int64_t value, char out[static WORDING_SIZE]);
/* "2／5" */
void wording_page(int page, int pages, char out[static WORDING_SIZE]);
/* "30の重点取組", "30 priority initiatives" */
void wording_overview(enum wording_language language, size_t count,
		      char out[static WORDING_SIZE]);
/* "30の重点取組と3つの段階" */
void wording_stages(enum wording_language language, size_t count,
		    char out[static WORDING_SIZE]);
/* "出典：…", "Source: …" */
void wording_source(enum wording_language language, const char *source,
		    char out[static WORDING_SIZE]);
/* "…からのお知らせ" */
void wording_notice_from(const char *organisation, char out[static WORDING_SIZE]);

/* --- Years and dates (wording_date.c) --- */

/* "令和5年度", "令和元年度"; "FY2023", "2023年度", "2023년도" */
void wording_fiscal_year(enum wording_language language, int fiscal_year,
			 char out[static WORDING_SIZE]);
/* "6", for a row of years where the era was named before; "2024" */
void wording_fiscal_year_number(enum wording_language language, int fiscal_year,
				char out[static WORDING_SIZE]);
/* "令和5", where there is little room; "2023" */
void wording_fiscal_year_era(enum wording_language language, int fiscal_year,
			     char out[static WORDING_SIZE]);
/* "8 いま"; "2026 Now" */
void wording_fiscal_year_now(enum wording_language language, int fiscal_year,
			     char out[static WORDING_SIZE]);
/* "6年度"; "FY2024" */
void wording_fiscal_year_short(enum wording_language language, int fiscal_year,
			       char out[static WORDING_SIZE]);
/* "令和5年度　実績（見込）" */
void wording_fiscal_year_of(enum wording_language language, int fiscal_year,
			    enum wording what, char out[static WORDING_SIZE]);
/* The same in two lines. */
void wording_fiscal_year_over(enum wording_language language, int fiscal_year,
			      enum wording what, char out[static WORDING_SIZE]);
/* "令和7年度　目標　15件" */
void wording_target(enum wording_language language, int fiscal_year, int64_t value,
		    const char *unit, char out[static WORDING_SIZE]);
/* "これまで　12件　11月22日 15:29 現在", "So far · 12 · As of 22 Nov, 15:29" */
void wording_so_far(enum wording_language language, int64_t value, const char *unit,
		    struct wall_ms at, char out[static WORDING_SIZE]);
/* "令和6年度～令和10年度" */
void wording_fiscal_years(enum wording_language language, int first, int last,
			  char out[static WORDING_SIZE]);
/* "令和6年度以降の実績は公表後に表示します" */
void wording_results_later(enum wording_language language, int fiscal_year,
			   char out[static WORDING_SIZE]);
/* "令和8年11月22日（日） 15:29", "22 November 2026 15:29" */
void wording_clock(enum wording_language language, struct wall_ms now,
		   char out[static WORDING_SIZE]);
/* The widest text that wording_clock() may give: the room to keep for it. */
const char *wording_clock_widest(enum wording_language language);
/* "11月22日 15:29 現在", "As of 22 November, 15:29" */
void wording_as_of(enum wording_language language, struct wall_ms at,
		   char out[static WORDING_SIZE]);
/* "30 November", or "30 November 2027": the order that most readers of English know. */
void wording_english_day(struct civil day, bool with_year, char out[static WORDING_SIZE]);
/*
 * "11月30日まで" for a validity that ends (exclusively) at the end of that day,
 * "11月30日 17時まで" within a day, with the year when it is not @now's.
 */
void wording_until(struct wall_ms until, struct wall_ms now,
		   char out[static WORDING_SIZE]);

#endif /* RENDER_WORDING_H */
