/* Indicators whose results have been published: the shipped plan has none yet. */
#include "render/slide_check.h"

#define RESULTS    3
#define SERIES_MAX 40
#define FIRST_YEAR 2024

struct fixture {
	struct plan *plans[2]; /* Japanese, and the English of it, borrowed */
	struct plan_result results[2][SERIES_MAX][RESULTS];
	struct check_slides check;
};

/* Three results on the way to the target, for every series of @plan. */
static void set_results(struct plan *plan, struct plan_result results[][RESULTS])
{
	size_t used = 0;

	for (size_t i = 0; i < plan->initiative_count; i++) {
		struct plan_indicator *indicator = plan->initiatives[i].indicator;

		for (size_t s = 0; indicator && s < indicator->series_count;
		     s++, used++) {
			struct plan_series *series = &indicator->series[s];
			int64_t way = series->target.value - series->baseline.value;

			assert_true(used < SERIES_MAX);
			for (int year = 0; year < RESULTS; year++)
				results[used][year] = (struct plan_result){
					.fiscal_year = FIRST_YEAR + year,
					.value = series->baseline.value +
						 way * year / RESULTS,
					.source = "test",
				};
			series->results = results[used];
			series->result_count = RESULTS;
		}
	}
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct err err;

	assert_non_null(f);
	f->plans[0] = check_plan();
	f->plans[1] = f->plans[0]->translations[NOTICE_EN];
	for (int i = 0; i < 2; i++)
		set_results(f->plans[i], f->results[i]);
	f->check.renderer = renderer_new(NULL, &err);
	assert_ok(f->check.renderer, err);
	f->check.source = (struct slide_source){
		.plan = f->plans[0],
		.now = CHECK_NOW,
		.synchronised = true,
		.plan_languages = SLIDE_LANGUAGES_ALL,
	};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	renderer_free(f->check.renderer);
	plan_free(f->plans[0]);
	free(f);
	return 0;
}

static void every_indicator_has_room_in_both_languages(void **state)
{
	static const int sizes[][2] = {{960, 540}, {540, 960}, {640, 384}};
	struct fixture *f = *state;
	struct err err;

	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		f->check.view = check_view(sizes[i][0], sizes[i][1], false);
		for (int number = 1; number <= 16; number++) {
			char id[SLIDE_ID_MAX];

			snprintf(id, sizeof(id), "initiative/%d", number);
			assert_ok(check_item(&f->check, id, &err), err);
		}
	}
	assert_int_equal(f->check.drawn, ARRAY_LEN(sizes) * 16 * 2);
}

/* How high the bar of the slide's accent at @x is, in pixels. */
static int bar_height(const struct canvas *canvas, int x)
{
	int height = 0, most = 0;

	for (int y = 0; y < canvas->height; y++) {
		uint32_t rgb = canvas->pixels[y * canvas->width + x] & 0xffffff;

		height = rgb == 0x005AFF ? height + 1 : 0;
		most = height > most ? height : most;
	}
	return most;
}

static void bars_are_high_enough_to_compare(void **state)
{
	struct fixture *f = *state;
	struct slide_view view = check_view(1920, 1080, false);
	struct err err;
	struct canvas *canvas = slide_draw(f->check.renderer, &f->check.source, &view,
					   "initiative/14", NULL, &err);
	int most = 0;

	assert_ok(canvas, err);
	/* Between the stripe and the pictogram. */
	for (int x = 200; x < 1600; x++)
		most = bar_height(canvas, x) > most ? bar_height(canvas, x) : most;
	assert_in_range(most, 200, 400);
	canvas_free(canvas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_indicator_has_room_in_both_languages),
		cmocka_unit_test(bars_are_high_enough_to_compare),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
