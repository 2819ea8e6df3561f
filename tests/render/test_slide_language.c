/* Pages of the plan in other languages, and what follows the language of a page. */
#include "render/slide_check.h"

#include "core/programme.h"
#include "render/wording.h"

struct fixture {
	struct plan *plan;
	struct renderer *renderer;
	struct slide_source source;
	struct slide_view view;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	f->plan = check_plan();
	f->renderer = renderer_new(NULL, &err);
	assert_ok(f->renderer, err);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	renderer_free(f->renderer);
	plan_free(f->plan);
	free(f);
	return 0;
}

static struct fixture *fresh(void **state)
{
	struct fixture *f = *state;

	f->source = (struct slide_source){
		.plan = f->plan,
		.now = CHECK_NOW,
		.synchronised = true,
		.plan_languages = SLIDE_LANGUAGES_ALL,
	};
	f->view = check_view(960, 540, false);
	return f;
}

static struct canvas *draw(struct fixture *f, const char *id, struct slide_report *report)
{
	struct err err;
	struct canvas *canvas =
		slide_draw(f->renderer, &f->source, &f->view, id, report, &err);

	assert_ok(canvas, err);
	return canvas;
}

static bool same(const struct canvas *a, const struct canvas *b)
{
	return memcmp(a->pixels, b->pixels,
		      sizeof(*a->pixels) * (size_t)a->width * (size_t)a->height) == 0;
}

static void english_pages_follow_the_japanese_ones(void **state)
{
	struct fixture *f = fresh(state);
	struct slide_report first, second;
	struct err err;

	canvas_free(draw(f, "initiative/4", &first));
	canvas_free(draw(f, "initiative/4/p2", &second));
	assert_int_equal(first.pages, 2);
	assert_int_equal(second.pages, 2);
	assert_int_equal(first.language, WORDING_JA);
	assert_int_equal(second.language, WORDING_EN);
	assert_null(slide_draw(f->renderer, &f->source, &f->view, "initiative/4/p3", NULL,
			       &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	/* Of this there are only sentences, which are not translated. */
	canvas_free(draw(f, "plan/pdca", &first));
	assert_int_equal(first.pages, 1);
}

static void a_screen_shows_only_the_languages_that_it_is_told(void **state)
{
	struct fixture *f = fresh(state);
	struct canvas *with, *without;
	struct slide_report report;

	with = draw(f, "initiative/4", NULL);
	f->source.plan_languages = 1U << NOTICE_ZH;
	without = draw(f, "initiative/4", &report);
	assert_int_equal(report.pages, 1);
	/* The Japanese page is the same, whatever follows it. */
	assert_true(same(with, without));
	canvas_free(with);
	canvas_free(without);
}

static void the_clock_is_redrawn_in_the_language_of_the_page(void **state)
{
	struct fixture *f = fresh(state);
	struct slide_report report;
	struct canvas *redrawn = draw(f, "initiative/3/p2", &report), *clock, *new;
	struct err err;
	int rect[4];

	f->source.now.ms += 60 * 1000;
	new = draw(f, "initiative/3/p2", NULL);
	assert_false(same(redrawn, new));
	clock = slide_draw_clock(f->renderer, &f->source, &f->view, report.language, rect,
				 &err);
	assert_ok(clock != NULL, err);
	canvas_copy(redrawn, clock, rect);
	assert_true(same(redrawn, new));
	canvas_free(clock);
	canvas_free(redrawn);
	canvas_free(new);
}

static void a_name_of_the_configuration_stays_and_the_citys_own_is_translated(
	void **state)
{
	struct fixture *f = fresh(state);
	struct canvas *plain = draw(f, "initiative/3/p2", NULL), *own, *other;

	f->source.organisation = "西東京市";
	own = draw(f, "initiative/3/p2", NULL);
	f->source.organisation = "西東京市立図書館";
	other = draw(f, "initiative/3/p2", NULL);
	assert_true(same(plain, own));
	assert_false(same(plain, other));
	canvas_free(plain);
	canvas_free(own);
	canvas_free(other);
}

static void places_of_the_plan_name_its_fields(void **state)
{
	static const struct {
		const char *slide, *place;
	} cases[] = {
		{"initiative/4", "initiatives[3].title"},
		{"initiative/4/p2", "translations.en.initiatives[3].title"},
		{"plan/overview", "initiatives[3].short_title"},
	};
	struct fixture *f = fresh(state);
	struct initiative *initiative = &f->plan->initiatives[3];
	struct initiative *english = &f->plan->translations[NOTICE_EN]->initiatives[3];
	const char *titles[] = {initiative->title, initiative->short_title,
				english->title};

	initiative->title = initiative->short_title = english->title = "\U0001F600";
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct slide_report report;

		canvas_free(draw(f, cases[i].slide, &report));
		assert_int_equal(report.missing_count, 1);
		assert_string_equal(report.missing[0].place, cases[i].place);
	}
	initiative->title = titles[0];
	initiative->short_title = titles[1];
	english->title = titles[2];
	/* The header is not the plan's. */
	f->source.organisation = "\U0001F600";
	{
		struct slide_report report;

		canvas_free(draw(f, "initiative/4", &report));
		assert_string_equal(report.missing[0].place, "header");
	}
}

static void lists_and_alphabets_are_read_faster(void **state)
{
	struct fixture *f = fresh(state);
	struct slide_report list, japanese, english;

	/* 30 names and their numbers, some 290 characters: looked through in half a minute. */
	canvas_free(draw(f, "plan/overview", &list));
	assert_in_range(list.characters, 60, 130);
	canvas_free(draw(f, "initiative/12", &japanese));
	canvas_free(draw(f, "initiative/12/p2", &english));
	assert_true(english.characters <= japanese.characters);
}

static void dates_are_written_as_in_each_language(void **state)
{
	static const struct {
		enum wording_language language;
		const char *clock, *year, *as_of;
	} forms[] = {
		{WORDING_JA, "令和8年11月22日（日） 15:29", "令和8年度",
		 "11月22日 15:29 現在"},
		{WORDING_JA_EASY, "令和8年11月22日（日） 15:29", "令和8年度",
		 "11月22日 15:29 現在"},
		{WORDING_EN, "22 November 2026 15:29", "FY2026",
		 "As of 22 November, 15:29"},
		{WORDING_ZH, "2026年11月22日 周日 15:29", "2026年度",
		 "截至11月22日 15:29"},
		{WORDING_KO, "2026년 11월 22일(일) 15:29", "2026년도",
		 "11월 22일 15:29 현재"},
	};
	char text[WORDING_SIZE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		wording_clock(forms[i].language, CHECK_NOW, text);
		assert_string_equal(text, forms[i].clock);
		wording_fiscal_year(forms[i].language, 2026, text);
		assert_string_equal(text, forms[i].year);
		wording_as_of(forms[i].language, CHECK_NOW, text);
		assert_string_equal(text, forms[i].as_of);
	}
	wording_so_far(WORDING_JA, 1234, "件", CHECK_NOW, text);
	assert_string_equal(text, "これまで　1,234件　11月22日 15:29 現在");
	wording_so_far(WORDING_EN, 1234, "", CHECK_NOW, text);
	assert_string_equal(text, "So far · 1,234 · As of 22 Nov, 15:29");
}

/* Initiative 4 shows what was counted so far, in its own year only and never as a result. */
static void count_of_this_year_stands_on_its_initiative(void **state)
{
	struct fixture *f = fresh(state);
	struct programme programme = {.count = {.known = true,
						.fiscal_year = fiscal_year_of(CHECK_NOW),
						.notices = 12,
						.as_of = CHECK_NOW}};
	struct slide_report report;
	struct canvas *without = draw(f, "initiative/4", &report), *with, *other;

	f->source.programme = &programme;
	with = draw(f, "initiative/4", &report);
	assert_false(report.overflow);
	assert_false(same(without, with));
	programme.count.fiscal_year--;
	other = draw(f, "initiative/4", &report);
	assert_true(same(without, other));
	canvas_free(other);
	programme.count.fiscal_year++;
	/* A screen that does not know the year says nothing of it. */
	f->source.synchronised = false;
	other = draw(f, "initiative/4", &report);
	f->source.programme = NULL;
	canvas_free(without);
	without = draw(f, "initiative/4", &report);
	assert_true(same(without, other));
	canvas_free(other);
	canvas_free(with);
	canvas_free(without);
	/* No other indicator has such a count. */
	fresh(state);
	without = draw(f, "initiative/3", &report);
	f->source.programme = &programme;
	with = draw(f, "initiative/3", &report);
	assert_true(same(without, with));
	canvas_free(with);
	canvas_free(without);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(english_pages_follow_the_japanese_ones),
		cmocka_unit_test(a_screen_shows_only_the_languages_that_it_is_told),
		cmocka_unit_test(the_clock_is_redrawn_in_the_language_of_the_page),
		cmocka_unit_test(
			a_name_of_the_configuration_stays_and_the_citys_own_is_translated),
		cmocka_unit_test(places_of_the_plan_name_its_fields),
		cmocka_unit_test(lists_and_alphabets_are_read_faster),
		cmocka_unit_test(dates_are_written_as_in_each_language),
		cmocka_unit_test(count_of_this_year_stands_on_its_initiative),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
