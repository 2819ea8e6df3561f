#include "render/slide_check.h"

#include "core/notice.h"
#include "core/utf8.h"

/* Everything a test draws with; one renderer for all tests, as a screen has one. */
struct fixture {
	struct plan *plan;
	struct renderer *renderer;
	struct programme programme;
	struct notice notice;
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

/* A short notice on a small screen; tests change what they are about. */
static struct fixture *fresh(void **state)
{
	struct fixture *f = *state;

	f->notice = (struct notice){
		.id = "test",
		.revision = 1,
		.title = "図書館の開館時間",
		.department = "図書館",
		.from = {CHECK_NOW.ms - 1000},
		.until = wall_from_civil_jst(
			&(struct civil){.year = 2026, .month = 12, .day = 1}),
		.weight = 1,
	};
	f->programme = (struct programme){
		.policy = loop_policy_default,
		.notices = &f->notice,
		.notice_count = 1,
	};
	f->source = (struct slide_source){
		.plan = f->plan,
		.programme = &f->programme,
		.now = CHECK_NOW,
		.synchronised = true,
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

static size_t canvas_bytes(const struct canvas *canvas)
{
	return (size_t)canvas->width * (size_t)canvas->height * sizeof(*canvas->pixels);
}

static bool same(const struct canvas *a, const struct canvas *b)
{
	return a->width == b->width && a->height == b->height &&
	       memcmp(a->pixels, b->pixels, canvas_bytes(a)) == 0;
}

/* Text of @count characters, owned. */
static char *repeat(const char *character, size_t count)
{
	size_t length = strlen(character);
	char *text = malloc(length * count + 1);

	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * length, character, length);
	text[length * count] = '\0';
	return text;
}

/* --- Ids --- */

struct ids {
	char list[100][SLIDE_ID_MAX];
	size_t count;
};

static bool collect(void *context, const char *id, struct err *err)
{
	struct ids *ids = context;

	(void)err;
	assert_true(ids->count < ARRAY_LEN(ids->list));
	snprintf(ids->list[ids->count++], SLIDE_ID_MAX, "%s", id);
	return true;
}

static void items_are_the_plan_the_initiatives_and_the_notices_in_order(void **state)
{
	struct fixture *f = fresh(state);
	struct ids ids = {.count = 0};
	struct err err;

	assert_ok(slide_items(&f->source, collect, &ids, &err), err);
	assert_int_equal(ids.count, 7 + 30 + 1);
	assert_string_equal(ids.list[0], "plan/position");
	assert_string_equal(ids.list[6], "plan/self-count");
	assert_string_equal(ids.list[7], "initiative/1");
	assert_string_equal(ids.list[36], "initiative/30");
	assert_string_equal(ids.list[37], "notice/test");
}

static void unknown_ids_and_pages_are_not_found(void **state)
{
	static const char *const ids[] = {
		"",
		"plan",
		"plan/nothing",
		"initiative/0",
		"initiative/31",
		"initiative/1x",
		"initiative/01",
		"notice/other",
		"initiative/1/p1",
		"initiative/1/p02",
		"initiative/1/p",
		"initiative/1/p99999",
		"/p2",
		"plan/stages/p2/p2",
		"notice/test/",
		"initiative/",
	};
	struct fixture *f = fresh(state);
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		assert_fails(
			slide_draw(f->renderer, &f->source, &f->view, ids[i], NULL, &err),
			err, ERR_NOT_FOUND, "is neither in the plan");
	assert_fails(slide_draw(f->renderer, &f->source, &f->view, "initiative/1/p2",
				NULL, &err),
		     err, ERR_NOT_FOUND, "has only 1 page");
}

static void a_notice_whose_id_looks_like_a_page_is_found(void **state)
{
	struct fixture *f = fresh(state);

	f->notice.id = "p2";
	canvas_free(draw(f, "notice/p2", NULL));
}

static void views_without_a_size_are_refused(void **state)
{
	struct fixture *f = fresh(state);
	struct err err;

	f->view.width = 0;
	assert_fails(
		slide_draw(f->renderer, &f->source, &f->view, "initiative/1", NULL, &err),
		err, ERR_INVALID, "");
	f->view = check_view(960, 540, false);
	f->view.distance_m = 0;
	assert_fails(
		slide_draw(f->renderer, &f->source, &f->view, "initiative/1", NULL, &err),
		err, ERR_INVALID, "viewing distance");
}

/* --- What is drawn --- */

static void the_same_slide_drawn_twice_has_the_same_pixels(void **state)
{
	struct fixture *f = fresh(state);
	struct canvas *first = draw(f, "initiative/18", NULL);
	struct canvas *other = draw(f, "initiative/2", NULL);
	struct canvas *second = draw(f, "initiative/18", NULL);

	assert_true(same(first, second));
	assert_false(same(first, other));
	canvas_free(first);
	canvas_free(other);
	canvas_free(second);
}

static void the_current_year_moves_with_the_clock(void **state)
{
	struct fixture *f = fresh(state);
	struct canvas *now = draw(f, "initiative/20", NULL), *later;

	/* The header's date changes as well: compare below it. */
	f->source.now.ms += INT64_C(365) * 24 * 3600 * 1000;
	later = draw(f, "initiative/20", NULL);
	assert_int_not_equal(memcmp(now->pixels + (size_t)now->width * 100,
				    later->pixels + (size_t)now->width * 100,
				    canvas_bytes(now) - (size_t)now->width * 400),
			     0);
	canvas_free(now);
	canvas_free(later);
}

static void results_become_a_chart_that_fits(void **state)
{
	static struct plan_result results[] = {
		{2024, 21000000, "test"}, {2025, 22000000, "test"}, {2026, 9, "test"},
		{2027, 23000000, "test"}, {2028, 24000000, "test"},
	};
	static const int sizes[][2] = {{1920, 1080}, {1080, 1920}, {1280, 768}};
	struct fixture *f = fresh(state);
	static const int numbers[] = {2, 15};

	for (size_t n = 0; n < ARRAY_LEN(numbers); n++) {
		const struct initiative *initiative =
			plan_initiative(f->plan, numbers[n]);
		struct plan_indicator *indicator = initiative->indicator;
		char id[SLIDE_ID_MAX];

		snprintf(id, sizeof(id), "initiative/%d", numbers[n]);
		for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
			struct slide_report before, after;

			f->view = check_view(sizes[i][0], sizes[i][1], false);
			canvas_free(draw(f, id, &before));
			for (size_t s = 0; s < indicator->series_count; s++) {
				indicator->series[s].results = results;
				/* 15 counts to tens: its own small figures, not these. */
				indicator->series[s].result_count =
					numbers[n] == 2 ? ARRAY_LEN(results) : 0;
			}
			canvas_free(draw(f, id, &after));
			for (size_t s = 0; s < indicator->series_count; s++)
				indicator->series[s].result_count = 0;
			if (after.overflow)
				fail_msg("%s at %dx%d: no room for %s", id, sizes[i][0],
					 sizes[i][1], after.overflow_place);
			if (numbers[n] == 2)
				assert_true(after.characters > before.characters);
		}
	}
}

static void the_count_is_shown_only_for_this_fiscal_year(void **state)
{
	struct fixture *f = fresh(state);
	struct canvas *unknown = draw(f, "plan/self-count", NULL), *known, *last_year;

	f->programme.count = (struct programme_count){
		.known = true,
		.fiscal_year = 2026,
		.notices = 42,
		.as_of = CHECK_NOW,
	};
	known = draw(f, "plan/self-count", NULL);
	f->programme.count.fiscal_year = 2025;
	last_year = draw(f, "plan/self-count", NULL);
	assert_false(same(known, unknown));
	assert_true(same(last_year, unknown));
	canvas_free(unknown);
	canvas_free(known);
	canvas_free(last_year);
}

/* --- Drawing over a slide --- */

/* As the display does, which has two canvases for good. */
static void a_slide_drawn_over_another_is_as_on_a_new_canvas(void **state)
{
	struct fixture *f = fresh(state);
	struct ids ids = {.count = 0};
	struct canvas *used = draw(f, "plan/overview", NULL);
	struct err err;

	assert_ok(slide_items(&f->source, collect, &ids, &err), err);
	for (size_t i = 0; i < ids.count; i++) {
		const char *id = ids.list[i * 7 % ids.count];
		struct canvas *new = draw(f, id, NULL);

		assert_ok(slide_draw_on(f->renderer, &f->source, &f->view, id, used, NULL,
					&err),
			  err);
		if (!same(new, used) || !canvas_tiles_hold(used))
			fail_msg("%s leaves something of the slide before", id);
		canvas_free(new);
	}
	canvas_free(used);
}

/* --- The clock --- */

static void a_redrawn_clock_equals_a_fresh_slide_and_changes_nothing_else(void **state)
{
	struct fixture *f = fresh(state);
	struct canvas *old = draw(f, "initiative/3", NULL), *redrawn, *clock, *new;
	struct err err;
	int rect[4];

	redrawn = draw(f, "initiative/3", NULL);
	f->source.now.ms += 60 * 1000;
	new = draw(f, "initiative/3", NULL);
	clock = slide_draw_clock(f->renderer, &f->source, &f->view, WORDING_JA, rect,
				 &err);
	assert_ok(clock != NULL, err);
	canvas_copy(redrawn, clock, rect);
	canvas_free(clock);
	assert_true(same(redrawn, new));
	assert_false(same(redrawn, old));
	for (int y = 0; y < old->height; y++) {
		for (int x = 0; x < old->width; x++) {
			size_t at = (size_t)y * (size_t)old->width + (size_t)x;
			bool inside = x >= rect[0] && x < rect[0] + rect[2] &&
				      y >= rect[1] && y < rect[1] + rect[3];

			if (!inside && old->pixels[at] != redrawn->pixels[at])
				fail_msg("pixel %d,%d changed outside the clock", x, y);
		}
	}
	canvas_free(old);
	canvas_free(redrawn);
	canvas_free(new);
}

static void an_unset_clock_shows_no_date_and_no_current_year(void **state)
{
	struct fixture *f = fresh(state);
	struct canvas *first, *second;

	f->source.synchronised = false;
	first = draw(f, "initiative/3", NULL);
	f->source.now.ms += INT64_C(365) * 24 * 3600 * 1000;
	second = draw(f, "initiative/3", NULL);
	assert_true(same(first, second));
	canvas_free(first);
	canvas_free(second);
}

/* --- Notices --- */

/* Draws all pages; checks that they fit, and returns the sum of their characters. */
static size_t draw_pages(struct fixture *f, int *out_pages)
{
	size_t characters = 0;
	int pages = 1;

	for (int page = 1; page <= pages; page++) {
		struct slide_report report;
		char id[SLIDE_ID_MAX];

		if (page == 1)
			snprintf(id, sizeof(id), "notice/test");
		else
			snprintf(id, sizeof(id), "notice/test/p%d", page);
		canvas_free(draw(f, id, &report));
		if (report.overflow)
			fail_msg("%s at %dx%d: no room for %s", id, f->view.width,
				 f->view.height, report.overflow_place);
		assert_true(page == 1 || report.pages == pages);
		pages = report.pages;
		characters += report.characters;
	}
	*out_pages = pages;
	return characters;
}

static void the_pages_of_a_long_notice_hold_all_of_its_text_once(void **state)
{
	static const int sizes[][2] = {{1920, 1080}, {1080, 1920}, {1280, 768}};
	struct fixture *f = fresh(state);
	char *body = repeat("市では、手続の案内を進めています。\nくわしくは窓口へ。", 76);

	f->notice.body = body;
	f->notice.facts[0] = (struct notice_fact){"対象", "市内にお住まいの方"};
	f->notice.fact_count = 1;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t each = utf8_count_readable(f->notice.title) + strlen("1/2");
		size_t characters;
		int pages;

		f->view = check_view(sizes[i][0], sizes[i][1], false);
		characters = draw_pages(f, &pages);
		assert_true(pages >= 3 && pages <= 9);
		assert_int_equal(characters,
				 each * (size_t)pages + utf8_count_readable(body) +
					 utf8_count_readable("対象") +
					 utf8_count_readable("市内にお住まいの方"));
	}
	free(body);
}

static void a_notice_of_all_maximal_lengths_fits(void **state)
{
	static const int sizes[][2] = {
		{1920, 1080}, {1080, 1920}, {1280, 768}, {3840, 2160}};
	struct fixture *f = fresh(state);
	char *title = repeat("題", NOTICE_TITLE_MAX);
	char *body = repeat("文", NOTICE_BODY_MAX);
	char *value = repeat("値", NOTICE_VALUE_MAX);
	char *label = repeat("名", NOTICE_LABEL_MAX);
	char *department = repeat("課", NOTICE_DEPARTMENT_MAX);
	char *contact = repeat("電", NOTICE_CONTACT_MAX);
	char *category = repeat("類", NOTICE_CATEGORY_MAX);
	int pages;

	f->notice.title = title;
	f->notice.body = body;
	f->notice.department = department;
	f->notice.contact = contact;
	f->notice.category = category;
	f->notice.sample = f->notice.urgent = true;
	f->notice.url = "https://www.city.nishitokyo.lg.jp/";
	f->notice.fact_count = NOTICE_FACTS_MAX;
	for (size_t i = 0; i < NOTICE_FACTS_MAX; i++)
		f->notice.facts[i] = (struct notice_fact){label, value};
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		struct slide_report report;

		/* Each page tells what finds no room on any of them. */
		f->view = check_view(sizes[i][0], sizes[i][1], i % 2 == 1);
		canvas_free(draw(f, "notice/test", &report));
		if (report.overflow)
			fail_msg("%dx%d: no room for %s", sizes[i][0], sizes[i][1],
				 report.overflow_place);
	}
	f->view = check_view(1920, 1080, false);
	draw_pages(f, &pages);
	free(title);
	free(body);
	free(value);
	free(label);
	free(department);
	free(contact);
	free(category);
}

static void an_address_too_long_for_a_code_is_told(void **state)
{
	struct fixture *f = fresh(state);
	char *tail = repeat("a", 250);
	char url[300];
	struct slide_report report;

	snprintf(url, sizeof(url), "https://example.jp/%s", tail);
	f->notice.url = url;
	canvas_free(draw(f, "notice/test", &report));
	assert_true(report.overflow);
	assert_string_equal(report.overflow_place, "url");
	free(tail);
}

static void a_character_that_no_font_has_is_reported_with_its_place(void **state)
{
	struct fixture *f = fresh(state);
	struct slide_report report;

	f->notice.title = "外字\xee\x80\x80のお知らせ"; /* U+E000 */
	f->notice.body = "本文";
	canvas_free(draw(f, "notice/test", &report));
	assert_int_equal(report.missing_count, 1);
	assert_int_equal(report.missing[0].code_point, 0xe000);
	assert_string_equal(report.missing[0].place, "title");
}

static void what_is_urgent_looks_so(void **state)
{
	struct fixture *f = fresh(state);
	struct slide_report report;
	struct canvas *usual = draw(f, "notice/test", NULL), *urgent;

	f->notice.urgent = true;
	urgent = draw(f, "notice/test", &report);
	/* The stripe at the left edge. */
	assert_int_not_equal(usual->pixels[0], urgent->pixels[0]);
	assert_true(report.lowest_contrast >= 7);
	canvas_free(usual);
	canvas_free(urgent);
}

static void a_notice_without_a_plan_can_be_drawn(void **state)
{
	struct fixture *f = fresh(state);

	f->source.plan = NULL;
	canvas_free(draw(f, "notice/test", NULL));
}

/* --- Legibility --- */

static void letters_grow_with_the_distance(void **state)
{
	struct fixture *f = fresh(state);
	struct slide_report near, far;

	f->view = check_view(1920, 1080, false);
	f->notice.body = "短い本文です。";
	canvas_free(draw(f, "notice/test", &near));
	f->view.distance_m = 8;
	canvas_free(draw(f, "notice/test", &far));
	assert_true(far.smallest_px > near.smallest_px * 1.4);
	assert_true(far.smallest_mm >= far.required_mm);
	assert_false(far.overflow);
}

static void a_slide_seen_from_far_is_split_rather_than_shrunk(void **state)
{
	struct fixture *f = fresh(state);
	struct slide_report near, far;

	f->view = check_view(1920, 1080, false);
	canvas_free(draw(f, "plan/overview", &near));
	f->view.distance_m = 7;
	canvas_free(draw(f, "plan/overview", &far));
	assert_int_equal(near.pages, 1);
	assert_true(far.pages > 1);
	assert_true(far.smallest_mm >= far.required_mm);
}

static void a_panel_too_small_for_its_distance_is_told(void **state)
{
	struct fixture *f = fresh(state);
	struct slide_report report;

	f->view.panel_height_mm = 200;
	f->view.distance_m = 50;
	canvas_free(draw(f, "initiative/1", &report));
	assert_true(report.smallest_mm < report.required_mm);
	assert_false(report.overflow);
}

static void odd_sizes_are_drawn_or_told(void **state)
{
	static const int sizes[][2] = {{1, 1},      {64, 48},   {4000, 200},
				       {200, 4000}, {640, 480}, {1080, 1080}};
	struct fixture *f = fresh(state);
	char *body = repeat("文", 300);

	f->notice.body = body;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		f->view = check_view(sizes[i][0], sizes[i][1], false);
		canvas_free(draw(f, "initiative/2", NULL));
		canvas_free(draw(f, "plan/overview", NULL));
		canvas_free(draw(f, "notice/test", NULL));
	}
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			items_are_the_plan_the_initiatives_and_the_notices_in_order),
		cmocka_unit_test(unknown_ids_and_pages_are_not_found),
		cmocka_unit_test(a_notice_whose_id_looks_like_a_page_is_found),
		cmocka_unit_test(views_without_a_size_are_refused),
		cmocka_unit_test(the_same_slide_drawn_twice_has_the_same_pixels),
		cmocka_unit_test(the_current_year_moves_with_the_clock),
		cmocka_unit_test(results_become_a_chart_that_fits),
		cmocka_unit_test(the_count_is_shown_only_for_this_fiscal_year),
		cmocka_unit_test(a_slide_drawn_over_another_is_as_on_a_new_canvas),
		cmocka_unit_test(
			a_redrawn_clock_equals_a_fresh_slide_and_changes_nothing_else),
		cmocka_unit_test(an_unset_clock_shows_no_date_and_no_current_year),
		cmocka_unit_test(the_pages_of_a_long_notice_hold_all_of_its_text_once),
		cmocka_unit_test(a_notice_of_all_maximal_lengths_fits),
		cmocka_unit_test(an_address_too_long_for_a_code_is_told),
		cmocka_unit_test(a_character_that_no_font_has_is_reported_with_its_place),
		cmocka_unit_test(what_is_urgent_looks_so),
		cmocka_unit_test(a_notice_without_a_plan_can_be_drawn),
		cmocka_unit_test(letters_grow_with_the_distance),
		cmocka_unit_test(a_slide_seen_from_far_is_split_rather_than_shrunk),
		cmocka_unit_test(a_panel_too_small_for_its_distance_is_told),
		cmocka_unit_test(odd_sizes_are_drawn_or_told),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
