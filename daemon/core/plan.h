#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"

struct arena;
struct err;

/*
 * The plan: the city's policy with its 30 initiatives. A plan is read-only once built;
 * all its strings and arrays live in one arena and are borrowed until plan_free().
 * Wording is the source document's own, in UTF-8; figures are whole numbers.
 */

#define PLAN_INITIATIVES_MAX 100
#define PLAN_DEPARTMENTS_MAX 8
#define PLAN_SERIES_MAX      4
#define PLAN_RESULTS_MAX     20
#define PLAN_PHASES_MAX      10
#define PLAN_LINES_MAX       6
#define PLAN_FIELDS_MAX      8
#define PLAN_VALUE_MAX       INT64_C(1000000000000)
#define PLAN_SOURCE_MAX      80 /* characters, of a result's source */

/* 段階. Shape and word go with the colour everywhere. */
enum stage {
	STAGE_RESEARCH,       /* 調査研究 */
	STAGE_CONSIDERATION,  /* 適用検討 */
	STAGE_IMPLEMENTATION, /* 導入実行 */
};
#define PLAN_STAGES 3

/* The headings under which the source lists its initiatives. */
enum plan_group {
	PLAN_GROUP_IMPLEMENTATION, /* 「導入実行」段階の取組: 1–17 */
	PLAN_GROUP_CONSIDERATION_AND_RESEARCH, /* 「適用検討」「調査研究」段階の取組: 18–30 */
};

enum measure {
	MEASURE_ANNUAL,     /* 単年度 */
	MEASURE_CUMULATIVE, /* 累計 */
};

struct plan_figure {
	int fiscal_year; /* 2023 is 令和5年度 */
	int64_t value;
};

/* A result that the city has published for one fiscal year. */
struct plan_result {
	int fiscal_year;
	int64_t value;
	const char *source; /* where it was published */
};

/* One counted quantity: most indicators have one, initiative 15 has two. */
struct plan_series {
	const char *label; /* "AI-OCR"; NULL when the indicator has only one series */
	const char *unit;  /* "枚" */
	struct plan_figure baseline;
	bool baseline_is_estimate; /* 実績(見込) */
	struct plan_figure target;
	struct plan_result *results; /* by fiscal year, ascending */
	size_t result_count;
};

/* 成果指標 */
struct plan_indicator {
	const char *name; /* "マイナンバーカード交付枚数" */
	enum measure measure;
	const char *measure_text; /* as the source writes it: "累計", "単年度", "年度" */
	struct plan_series *series;
	size_t series_count; /* 1–PLAN_SERIES_MAX */
};

/* What is done from one fiscal year through another: a word of the roadmap. */
struct plan_phase {
	int first_fiscal_year;
	int last_fiscal_year; /* inclusive */
	const char **lines; /* "標準化システムの運用", "ガバメントクラウドの活用" */
	size_t line_count;
	unsigned stages; /* bit (1 << enum stage) for each stage that its words name */
};

enum initiative_kind {
	INITIATIVE_INDICATOR, /* has an indicator: 1–16 */
	INITIATIVE_ON_DEMAND, /* 随時対応: 17 */
	INITIATIVE_ROADMAP,   /* 年度別取組: 18, 20–25, 27–30 */
	INITIATIVE_ELSEWHERE, /* managed in another plan: 19, 26 */
};

/* 重点取組 */
struct initiative {
	int number;        /* 項番 */
	const char *title; /* "情報発信力の強化" */
	const char *subtitle; /* "ホームページ" of 【ホームページ】; NULL when none */
	const char *short_title; /* a few characters for the overview */
	const char *pictogram;   /* id of a drawing in render/pictogram.h */
	const char **departments;
	size_t department_count;
	enum plan_group group;
	enum initiative_kind kind;
	struct plan_indicator *indicator; /* INITIATIVE_INDICATOR only, else NULL */
	const char *status; /* ON_DEMAND: "随時対応"; ELSEWHERE: the sentence */
	struct plan_phase *phases; /* INITIATIVE_ROADMAP only, ascending, disjoint */
	size_t phase_count;
};

/* A heading with its sentences, as the source has them. */
struct plan_text {
	const char *id;    /* "position" */
	const char *title; /* "地域情報化基本方針の位置づけ" */
	const char **paragraphs;
	size_t paragraph_count; /* 0 in a translation */
};

/*
 * The plan in another language is a plan, too: with the same figures and years, the words
 * that are translated, and without those that are not (sentences, departments, units).
 */
struct plan {
	struct arena *arena;
	const char *city;           /* "西東京市" */
	const char *municipal_code; /* "132292" */
	const char *title;          /* "地域情報化基本方針" */
	const char *source;    /* "西東京市地域情報化基本方針 概要版" */
	const char *url;       /* city page for the QR code; NULL when none */
	const char *principle; /* "人にやさしいデジタル化" */
	int first_fiscal_year, last_fiscal_year; /* 2024, 2028 */
	struct plan_text position;               /* 位置づけ */
	struct plan_text principle_text;         /* 基本理念 */
	struct plan_text local;                  /* 自治体における取組 */
	struct plan_text approach;               /* 重点取組の考え方 */
	struct plan_text *fields; /* 国・都の情報政策, 技術動向, まちづくり */
	size_t field_count;
	struct plan_text progress;      /* 3つの段階で進捗管理 … PDCA */
	struct initiative *initiatives; /* ascending by number, numbers without gaps */
	size_t initiative_count;
	struct plan *translations[NOTICE_LANGUAGES]; /* NULL: there is none */
	/* Of a translation only: */
	bool provisional;                /* 仮訳 */
	const char *stages[PLAN_STAGES]; /* names by enum stage */
};

struct plan *plan_free(struct plan *plan); /* NULL is fine; returns NULL */

/*
 * Checks what a reader of fields can't: numbers 1…n without gaps, phases ascending and
 * disjoint within the plan's years, series and kinds that agree, results after the
 * baseline. Errors name the place ("initiatives[3].phases[1]: …").
 */
MUST_USE bool plan_check(const struct plan *plan, struct err *err);

/* Borrowed; NULL when there is none. */
const struct initiative *plan_initiative(const struct plan *plan, int number);
/* The phase that covers @fiscal_year; NULL when the source says nothing for it. */
const struct plan_phase *initiative_phase(const struct initiative *initiative,
					  int fiscal_year);
size_t plan_count_group(const struct plan *plan, enum plan_group group);

#endif /* CORE_PLAN_H */
