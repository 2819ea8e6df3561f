#ifndef RENDER_WORDING_H
#define RENDER_WORDING_H

#include <stddef.h>
#include <stdint.h>

#include "core/plan.h"
#include "core/time.h"

/*
 * Every word on a slide that is not the plan's or a notice's own. They are labels and stay
 * neutral: nothing here explains or judges what the plan says.
 */
enum wording {
	WORDING_NOW,             /* いま */
	WORDING_INITIATIVES,     /* 重点取組 */
	WORDING_PROGRESS,        /* 進捗管理 */
	WORDING_ACTUAL,          /* 実績 */
	WORDING_ACTUAL_ESTIMATE, /* 実績（見込） */
	WORDING_TARGET,          /* 目標 */
	WORDING_INDICATOR,       /* 成果指標 */
	WORDING_RESULTS_LATER,   /* 実績は公表後に表示します */
	WORDING_COUNT_LATER,     /* 今年度の発信数は公表後に表示します */
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
};

const char *wording(enum wording id); /* static */

const char *wording_stage(enum stage stage);
const char *wording_group(enum plan_group group);

/* Room for any of the texts below, in bytes; longer names are cut at a character. */
#define WORDING_SIZE 256

/* "19,737,000" */
void wording_number(int64_t value, char out[static WORDING_SIZE]);
/* "令和5年度", "令和元年度" */
void wording_fiscal_year(int fiscal_year, char out[static WORDING_SIZE]);
/* "6", for a row of years where the era was named before */
void wording_fiscal_year_number(int fiscal_year, char out[static WORDING_SIZE]);
/* "令和5", where there is little room */
void wording_fiscal_year_era(int fiscal_year, char out[static WORDING_SIZE]);
/* "8 いま" */
void wording_fiscal_year_now(int fiscal_year, char out[static WORDING_SIZE]);
/* "6年度" */
void wording_fiscal_year_short(int fiscal_year, char out[static WORDING_SIZE]);
/* "令和5年度　実績（見込）" */
void wording_fiscal_year_of(int fiscal_year, enum wording what,
			    char out[static WORDING_SIZE]);
/* The same in two lines. */
void wording_fiscal_year_over(int fiscal_year, enum wording what,
			      char out[static WORDING_SIZE]);
/* "令和7年度　目標　15件" */
void wording_target(int fiscal_year, int64_t value, const char *unit,
		    char out[static WORDING_SIZE]);
/* "令和6年度～令和10年度" */
void wording_fiscal_years(int first, int last, char out[static WORDING_SIZE]);
/* "令和8年11月22日（日） 15:29" */
void wording_clock(struct wall_ms now, char out[static WORDING_SIZE]);
/* The widest text that wording_clock() may give: the room to keep for it. */
const char *wording_clock_widest(void);
/* "11月22日 15:29 現在" */
void wording_as_of(struct wall_ms at, char out[static WORDING_SIZE]);
/*
 * "11月30日まで" for a validity that ends (exclusively) at the end of that day,
 * "11月30日 17時まで" within a day, with the year when it is not @now's.
 */
void wording_until(struct wall_ms until, struct wall_ms now,
		   char out[static WORDING_SIZE]);
/* "30の重点取組" */
void wording_overview(size_t count, char out[static WORDING_SIZE]);
/* "30の重点取組を3つの段階で" */
void wording_stages(size_t count, char out[static WORDING_SIZE]);
/* "令和6年度以降の実績は、公表後に表示します" */
void wording_results_later(int fiscal_year, char out[static WORDING_SIZE]);
/* "出典：…" */
void wording_source(const char *source, char out[static WORDING_SIZE]);
/* "…からのお知らせ" */
void wording_notice_from(const char *organisation, char out[static WORDING_SIZE]);
/* "2／5" */
void wording_page(int page, int pages, char out[static WORDING_SIZE]);

#endif /* RENDER_WORDING_H */
