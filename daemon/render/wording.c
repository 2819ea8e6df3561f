#include "render/wording.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORDS (WORDING_PROVISIONAL + 1)

static const char *const japanese[WORDS] = {
	[WORDING_NOW] = "いま",
	[WORDING_POLICY] = "基本方針",
	[WORDING_INITIATIVES] = "重点取組",
	[WORDING_PROGRESS] = "進捗管理",
	[WORDING_ACTUAL] = "実績",
	[WORDING_ACTUAL_ESTIMATE] = "実績（見込）",
	[WORDING_TARGET] = "目標",
	[WORDING_INDICATOR] = "成果指標",
	[WORDING_RESULTS_LATER] = "実績は公表後に表示します",
	[WORDING_COUNT_LATER] = "今年度の発信数は公表後に表示します",
	[WORDING_SO_FAR] = "これまで",
	[WORDING_BLANK_YEARS] = "空欄は基本方針に記載のない年度です",
	[WORDING_STAGE_RESEARCH] = "調査研究",
	[WORDING_STAGE_CONSIDERATION] = "適用検討",
	[WORDING_STAGE_IMPLEMENTATION] = "導入実行",
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
	[WORDING_PROVISIONAL] = "仮訳",
};

/* What is missing here is as in Japanese. */
static const char *const easy_japanese[WORDS] = {
	[WORDING_URGENT] = "急ぎの お知らせ",
	[WORDING_MORE] = "くわしい こと",
};

/* Translations are as short and plain as the Japanese words. */
static const char *const english[WORDS] = {
	[WORDING_NOW] = "Now",
	[WORDING_POLICY] = "Basic policy",
	[WORDING_INITIATIVES] = "Priority initiatives",
	[WORDING_PROGRESS] = "Progress",
	[WORDING_ACTUAL] = "Result",
	[WORDING_ACTUAL_ESTIMATE] = "Result (estimate)",
	[WORDING_TARGET] = "Target",
	[WORDING_INDICATOR] = "Indicator",
	[WORDING_RESULTS_LATER] = "Results: after publication",
	[WORDING_COUNT_LATER] = "This fiscal year's number: after publication",
	[WORDING_SO_FAR] = "So far",
	[WORDING_BLANK_YEARS] = "Blank: years of which the policy says nothing",
	[WORDING_STAGE_RESEARCH] = "Research",
	[WORDING_STAGE_CONSIDERATION] = "Consideration",
	[WORDING_STAGE_IMPLEMENTATION] = "Implementation",
	[WORDING_COUNT_UNIT] = "", /* the slide's title says it */
	[WORDING_TOGETHER] = "together",
	[WORDING_PERIOD] = "Period",
	[WORDING_PDCA] = "PDCA cycle",
	[WORDING_PLAN] = "Plan",
	[WORDING_DO] = "Do",
	[WORDING_CHECK] = "Check",
	[WORDING_ACT] = "Act",
	[WORDING_NOTICE] = "Notice",
	[WORDING_URGENT] = "Urgent notice",
	[WORDING_SAMPLE] = "Sample",
	[WORDING_MORE] = "Details",
	[WORDING_PROVISIONAL] = "Provisional translation",
};

static const char *const chinese[WORDS] = {
	[WORDING_NOW] = "现在",
	[WORDING_POLICY] = "基本方针",
	[WORDING_INITIATIVES] = "重点举措",
	[WORDING_PROGRESS] = "进度管理",
	[WORDING_ACTUAL] = "实绩",
	[WORDING_ACTUAL_ESTIMATE] = "实绩（预计）",
	[WORDING_TARGET] = "目标",
	[WORDING_INDICATOR] = "成果指标",
	[WORDING_RESULTS_LATER] = "实绩公布后显示",
	[WORDING_COUNT_LATER] = "本年度的发布数公布后显示",
	[WORDING_SO_FAR] = "目前为止",
	[WORDING_BLANK_YEARS] = "空白为基本方针未记载的年度",
	[WORDING_STAGE_RESEARCH] = "调查研究",
	[WORDING_STAGE_CONSIDERATION] = "应用研讨",
	[WORDING_STAGE_IMPLEMENTATION] = "引进实施",
	[WORDING_COUNT_UNIT] = "项",
	[WORDING_TOGETHER] = "合计",
	[WORDING_PERIOD] = "期间",
	[WORDING_PDCA] = "PDCA循环",
	[WORDING_PLAN] = "计划",
	[WORDING_DO] = "执行",
	[WORDING_CHECK] = "检查",
	[WORDING_ACT] = "改进",
	[WORDING_NOTICE] = "通知",
	[WORDING_URGENT] = "紧急通知",
	[WORDING_SAMPLE] = "样本",
	[WORDING_MORE] = "详细信息",
	[WORDING_PROVISIONAL] = "暂译",
};

static const char *const korean[WORDS] = {
	[WORDING_NOW] = "현재",
	[WORDING_POLICY] = "기본 방침",
	[WORDING_INITIATIVES] = "중점 과제",
	[WORDING_PROGRESS] = "진행 관리",
	[WORDING_ACTUAL] = "실적",
	[WORDING_ACTUAL_ESTIMATE] = "실적(예상)",
	[WORDING_TARGET] = "목표",
	[WORDING_INDICATOR] = "성과 지표",
	[WORDING_RESULTS_LATER] = "실적은 공표 후 표시합니다",
	[WORDING_COUNT_LATER] = "이번 연도의 발신 수는 공표 후 표시합니다",
	[WORDING_SO_FAR] = "지금까지",
	[WORDING_BLANK_YEARS] = "빈칸은 기본 방침에 기재가 없는 연도입니다",
	[WORDING_STAGE_RESEARCH] = "조사 연구",
	[WORDING_STAGE_CONSIDERATION] = "적용 검토",
	[WORDING_STAGE_IMPLEMENTATION] = "도입 실행",
	[WORDING_COUNT_UNIT] = "개 과제",
	[WORDING_TOGETHER] = "합계",
	[WORDING_PERIOD] = "대상 기간",
	[WORDING_PDCA] = "PDCA 사이클",
	[WORDING_PLAN] = "계획",
	[WORDING_DO] = "실행",
	[WORDING_CHECK] = "평가",
	[WORDING_ACT] = "개선",
	[WORDING_NOTICE] = "알림",
	[WORDING_URGENT] = "긴급 알림",
	[WORDING_SAMPLE] = "견본",
	[WORDING_MORE] = "자세한 내용",
	[WORDING_PROVISIONAL] = "가번역",
};

const char *wording_in(enum wording_language language, enum wording id)
{
	static const char *const *const words[WORDING_LANGUAGES] = {
		[WORDING_JA] = japanese, [WORDING_JA_EASY] = easy_japanese,
		[WORDING_EN] = english,  [WORDING_ZH] = chinese,
		[WORDING_KO] = korean,
	};

	return words[language][id] ? words[language][id] : japanese[id];
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

bool wording_is_wide(enum wording_language language)
{
	return language != WORDING_EN && language != WORDING_KO;
}

const char *wording_gap(enum wording_language language)
{
	return wording_is_wide(language) ? "　" : " · ";
}

const char *wording_stage(enum wording_language language, enum stage stage)
{
	switch (stage) {
	case STAGE_RESEARCH:
		return wording_in(language, WORDING_STAGE_RESEARCH);
	case STAGE_CONSIDERATION:
		return wording_in(language, WORDING_STAGE_CONSIDERATION);
	case STAGE_IMPLEMENTATION:
		return wording_in(language, WORDING_STAGE_IMPLEMENTATION);
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

void wording_put(char out[static WORDING_SIZE], const char *format, ...)
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

void wording_page(int page, int pages, char out[static WORDING_SIZE])
{
	wording_put(out, "%d／%d", page, pages);
}

void wording_overview(enum wording_language language, size_t count,
		      char out[static WORDING_SIZE])
{
	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		wording_put(out, "%zuの重点取組", count);
		return;
	case WORDING_EN:
		wording_put(out, "%zu priority initiatives", count);
		return;
	case WORDING_ZH:
		wording_put(out, "%zu项重点举措", count);
		return;
	case WORDING_KO:
		wording_put(out, "%zu개 중점 과제", count);
		return;
	}
}

void wording_stages(enum wording_language language, size_t count,
		    char out[static WORDING_SIZE])
{
	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		wording_put(out, "%zuの重点取組と3つの段階", count);
		return;
	case WORDING_EN:
		wording_put(out, "%zu priority initiatives in three stages", count);
		return;
	case WORDING_ZH:
		wording_put(out, "%zu项重点举措与3个阶段", count);
		return;
	case WORDING_KO:
		wording_put(out, "%zu개 중점 과제와 3단계", count);
		return;
	}
}

void wording_source(enum wording_language language, const char *source,
		    char out[static WORDING_SIZE])
{
	switch (language) {
	case WORDING_JA:
	case WORDING_JA_EASY:
		wording_put(out, "出典：%s", source);
		return;
	case WORDING_EN:
		wording_put(out, "Source: %s", source);
		return;
	case WORDING_ZH:
		wording_put(out, "出处：%s", source);
		return;
	case WORDING_KO:
		wording_put(out, "출처: %s", source);
		return;
	}
}

void wording_notice_from(const char *organisation, char out[static WORDING_SIZE])
{
	wording_put(out, "%sからのお知らせ", organisation);
}
