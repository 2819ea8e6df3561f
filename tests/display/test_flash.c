/*
 * No flashing: the loop as it is shown, frame by frame, by the thresholds of WCAG 2.2, success
 * criterion 2.3.1 ("general flash and red flash thresholds"). Two things are stricter here: every
 * small area counts by itself, where the standard asks about a quarter of ten degrees of sight,
 * and half a flash counts as a whole one. A fade may be a whole one for an area: where letters
 * take the place of others, both are grey half-way, which is darker than black and white by turns.
 */
#include <math.h>

#include "core/plan.h"
#include "core/programme.h"
#include "display/director.h"
#include "display/fade.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/slide.h"
#include "support/media.h"
#include "support/test.h"
#include "wire/plan_json.h"
#include "wire/programme_json.h"

#define NOW     ((struct wall_ms){INT64_C(1795328940000)}) /* 2026-11-22T15:29:00+09:00 */
#define WIDTH   320
#define HEIGHT  180
#define AREA    10 /* pixels: 60 at 1080p */
#define COLUMNS (WIDTH / AREA)
#define ROWS    (HEIGHT / AREA)
#define AREAS   (COLUMNS * ROWS)

#define ALLOWED   3 /* flashes in any one second */
#define SECOND_MS 1000
#define FADE_MS   400 /* as loop_policy_default has it, and as the theme changes */
#define URGENT_MS 150 /* the fade to what can't wait */
#define DWELL_MS  5000
#define HERTZ     60

/* --- Counting flashes --- */

/* A general flash: opposing changes of 10 %, the darker below 0.80. */
#define LUMINANCE_STEP 0.10
#define LUMINANCE_DARK 0.80
/* A red flash: opposing changes of more than 20 of (R - G - B) * 320, one end saturated. */
#define RED_STEP  20.0
#define RED_SHARE 0.8

#define CHANGES_KEPT 16

/* One quantity of one area, and its changes of the last second. */
struct swing {
	bool begun;
	int direction;                /* of the last change: 1 up, -1 down, 0 none yet */
	double low, high;             /* since the last change */
	bool low_counts, high_counts; /* whether they may be the end that makes a flash */
	int64_t changes[CHANGES_KEPT]; /* when, the last one first */
	size_t count;
};

/* What an area shows: the sums of its pixels' linear values. */
struct light {
	double red, green, blue;
};

struct watcher {
	struct light still[AREAS];         /* of the pixels that do not change */
	uint32_t changing[WIDTH * HEIGHT]; /* indices of the others, area by area */
	size_t first[AREAS + 1];           /* of each area in them */
	struct swing luminance[AREAS], red[AREAS];
	double linear[256]; /* of a level, by sRGB */
	int worst;          /* most flashes of an area in a second */
	int64_t worst_ms;
	int worst_area;
	size_t frames;
};

/* Notes a change at @ms; returns the flashes of the second that ends with it. */
static int swing_change(struct swing *swing, int direction, int64_t ms)
{
	int within = 0;

	memmove(swing->changes + 1, swing->changes,
		(CHANGES_KEPT - 1) * sizeof(swing->changes[0]));
	swing->changes[0] = ms;
	swing->direction = direction;
	swing->count += swing->count < CHANGES_KEPT;
	for (size_t i = 0; i < swing->count; i++)
		within += ms - swing->changes[i] < SECOND_MS;
	return (within + 1) / 2;
}

/*
 * The next value; @counts: whether it may be the end that the definition asks for. Returns
 * the flashes of the last second when this completes a change, else 0.
 */
static int swing_next(struct swing *swing, double value, bool counts, double step,
		      int64_t ms)
{
	if (!swing->begun || value < swing->low) {
		swing->low = value;
		swing->low_counts = counts;
	}
	if (!swing->begun || value > swing->high) {
		swing->high = value;
		swing->high_counts = counts;
	}
	swing->begun = true;
	if (swing->direction <= 0 && value - swing->low >= step &&
	    (swing->low_counts || counts)) {
		swing->high = value;
		swing->high_counts = counts;
		return swing_change(swing, 1, ms);
	}
	if (swing->direction >= 0 && swing->high - value >= step &&
	    (swing->high_counts || counts)) {
		swing->low = value;
		swing->low_counts = counts;
		return swing_change(swing, -1, ms);
	}
	return 0;
}

static void light_add(const struct watcher *watcher, struct light *light, uint32_t pixel)
{
	light->red += watcher->linear[pixel >> 16 & 255];
	light->green += watcher->linear[pixel >> 8 & 255];
	light->blue += watcher->linear[pixel & 255];
}

static void watch_area(struct watcher *watcher, struct light light, int area, int64_t ms)
{
	double red = light.red / (AREA * AREA), green = light.green / (AREA * AREA);
	double blue = light.blue / (AREA * AREA), sum = red + green + blue;
	double luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
	double excess = fmax(0, (red - green - blue) * 320);
	int general = swing_next(&watcher->luminance[area], luminance,
				 luminance < LUMINANCE_DARK, LUMINANCE_STEP, ms);
	int saturated = swing_next(&watcher->red[area], excess,
				   sum > 0 && red / sum >= RED_SHARE, RED_STEP, ms);
	int flashes = saturated > general ? saturated : general;

	if (flashes > watcher->worst) {
		watcher->worst = flashes;
		watcher->worst_ms = ms;
		watcher->worst_area = area;
	}
}

/*
 * From now on only pixels that differ between @from and @to will change; NULL: any may. Most
 * of two slides is the same paper, which need not be added up in every frame.
 */
static void watch_between(struct watcher *watcher, const struct canvas *from,
			  const struct canvas *to)
{
	size_t count = 0;

	for (int area = 0; area < AREAS; area++) {
		int left = area % COLUMNS * AREA, top = area / COLUMNS * AREA;

		watcher->still[area] = (struct light){0};
		watcher->first[area] = count;
		for (int i = 0; i < AREA * AREA; i++) {
			uint32_t at =
				(uint32_t)((top + i / AREA) * WIDTH + left + i % AREA);

			if (!from || from->pixels[at] != to->pixels[at])
				watcher->changing[count++] = at;
			else
				light_add(watcher, &watcher->still[area], to->pixels[at]);
		}
	}
	watcher->first[AREAS] = count;
}

/* The frame that is shown from @ms on. What stands still need not be told again. */
static void watch(struct watcher *watcher, const struct canvas *frame, int64_t ms)
{
	for (int area = 0; area < AREAS; area++) {
		struct light light = watcher->still[area];

		if (watcher->first[area] == watcher->first[area + 1])
			continue;
		for (size_t i = watcher->first[area]; i < watcher->first[area + 1]; i++)
			light_add(watcher, &light, frame->pixels[watcher->changing[i]]);
		watch_area(watcher, light, area, ms);
	}
	watcher->frames++;
}

static struct watcher *watcher_new(void)
{
	struct watcher *watcher = calloc(1, sizeof(*watcher));

	assert_non_null(watcher);
	for (int i = 0; i < 256; i++) {
		double level = i / 255.0;

		watcher->linear[i] = level <= 0.04045 ? level / 12.92
						      : pow((level + 0.055) / 1.055, 2.4);
	}
	watch_between(watcher, NULL, NULL);
	return watcher;
}

static void assert_calm(struct watcher *watcher, const char *what)
{
	print_message("%s: %zu frames, at most %d flashes of an area in a second\n", what,
		      watcher->frames, watcher->worst);
	if (watcher->worst > ALLOWED)
		fail_msg("%s: %d flashes in the second before %.3f s at (%d, %d)", what,
			 watcher->worst, (double)watcher->worst_ms / SECOND_MS,
			 watcher->worst_area % COLUMNS * AREA,
			 watcher->worst_area / COLUMNS * AREA);
	free(watcher);
}

/* --- The watcher itself --- */

static struct canvas *plain(uint32_t rgb)
{
	struct err err;
	struct canvas *canvas = canvas_new(WIDTH, HEIGHT, (struct colour){rgb}, &err);

	assert_ok(canvas, err);
	return canvas;
}

/* Flashes seen in three seconds of @a and @b in turn, @changes of them a second. */
static int flashes_of(uint32_t a, uint32_t b, int changes)
{
	struct watcher *watcher = watcher_new();
	struct canvas *frames[] = {plain(a), plain(b)};
	int worst;

	for (int i = 0; i < 3 * changes; i++)
		watch(watcher, frames[i % 2], (int64_t)i * SECOND_MS / changes);
	worst = watcher->worst;
	canvas_free(frames[0]);
	canvas_free(frames[1]);
	free(watcher);
	return worst;
}

static void flashing_is_noticed(void **state)
{
	(void)state;
	assert_int_equal(flashes_of(0x000000, 0xFFFFFF, 6), 3);
	assert_int_equal(flashes_of(0x000000, 0xFFFFFF, 8), 4);
	assert_true(flashes_of(0x000000, 0xFFFFFF, 20) > ALLOWED);
	/* From paper to ink of both themes. */
	assert_true(flashes_of(0xFBFAF6, 0x0E1420, 10) > ALLOWED);
}

static void what_is_no_flash_is_none(void **state)
{
	(void)state;
	assert_int_equal(flashes_of(0x808080, 0x808080, 30), 0);
	/* 0.0 and 0.09; 0.88 and 1.0, of which the darker is bright. */
	assert_int_equal(flashes_of(0x000000, 0x555555, 30), 0);
	assert_int_equal(flashes_of(0xF2F2F2, 0xFFFFFF, 30), 0);
}

static void red_flashing_of_even_lightness_is_noticed(void **state)
{
	(void)state;
	assert_true(flashes_of(0xFF0000, 0x7F7F7F, 10) > ALLOWED);
	assert_int_equal(flashes_of(0x0000FF, 0x4C4C4C, 10), 0);
}

static void flashing_of_one_area_is_noticed(void **state)
{
	struct watcher *watcher = watcher_new();
	struct canvas *frame = plain(0xFFFFFF);

	(void)state;
	for (int i = 0; i < 10; i++) {
		for (int y = 100; y < 110; y++)
			for (int x = 200; x < 210; x++)
				frame->pixels[y * WIDTH + x] = i % 2 ? 0 : 0xFFFFFF;
		watch(watcher, frame, i * 100);
	}
	assert_int_equal(watcher->worst, 5);
	assert_int_equal(watcher->worst_area, 10 * COLUMNS + 20);
	canvas_free(frame);
	free(watcher);
}

static void one_slow_change_is_half_a_flash(void **state)
{
	struct watcher *watcher = watcher_new();

	(void)state;
	for (uint32_t i = 0; i < 256; i++) {
		struct canvas *frame = plain(i << 16 | i << 8 | i);

		watch(watcher, frame, i * 4);
		canvas_free(frame);
	}
	assert_int_equal(watcher->worst, 1); /* counted as a whole one */
	free(watcher);
}

/* --- The loop --- */

#define SLIDES_MAX 100

struct slides {
	struct plan *plan;
	struct programme *programme;
	struct test_media *media;
	struct renderer *renderer;
	struct slide_source source;
	bool dark;                              /* of those that are being drawn */
	struct canvas *canvases[2][SLIDES_MAX]; /* light, dark */
	size_t count, urgent;                   /* urgent: index of the urgent notice */
};

static struct slides slides;

static bool draw_item(void *context, const char *item_id, struct err *err)
{
	/* A 55-inch panel seen from 5 m. */
	struct slide_view view = {WIDTH, HEIGHT, 685, 5, slides.dark};
	struct slide_report report = {.pages = 1};

	(void)context;
	for (int page = 1; page <= report.pages; page++) {
		struct canvas *canvas;
		char id[SLIDE_ID_MAX];

		if (page == 1)
			snprintf(id, sizeof(id), "%s", item_id);
		else
			snprintf(id, sizeof(id), "%s/p%d", item_id, page);
		canvas = slide_draw(slides.renderer, &slides.source, &view, id, &report,
				    err);
		if (!canvas)
			return false;
		if (slides.count == SLIDES_MAX) {
			canvas_free(canvas);
			return err_set(err, ERR_TOO_LARGE, "too many slides");
		}
		if (strcmp(id, "notice/urgent") == 0)
			slides.urgent = slides.count;
		slides.canvases[slides.dark][slides.count++] = canvas;
	}
	return true;
}

static void read_documents(void)
{
	CLEANUP(blob_free) struct blob plan = {0};
	CLEANUP(blob_free) struct blob programme = {0};
	struct err err;

	assert_ok(file_read(EKIMAE_SOURCE_DIR "/assets/plan/plan.json", PLAN_JSON_MAX,
			    &plan, &err),
		  err);
	assert_ok(file_read(EKIMAE_SOURCE_DIR "/tests/golden/programme.json",
			    PROGRAMME_JSON_MAX, &programme, &err),
		  err);
	slides.plan = plan_from_json("plan.json", plan.bytes, plan.len, &err);
	assert_ok(slides.plan, err);
	slides.programme = programme_from_json("programme.json", programme.bytes,
					       programme.len, &err);
	assert_ok(slides.programme, err);
	slides.media = test_media_new(slides.programme,
				      EKIMAE_SOURCE_DIR "/tests/golden/media", &err);
	assert_ok(slides.media, err);
}

static int draw_slides(void **state)
{
	struct err err;

	(void)state;
	read_documents();
	slides.renderer = renderer_new(NULL, &err);
	assert_ok(slides.renderer, err);
	slides.source = (struct slide_source){.plan = slides.plan,
					      .programme = slides.programme,
					      .now = NOW,
					      .synchronised = true,
					      .plan_languages = SLIDE_LANGUAGES_ALL,
					      .media = test_media_find,
					      .media_context = slides.media};
	for (int dark = 0; dark < 2; dark++) {
		slides.dark = dark == 1;
		slides.count = 0;
		assert_ok(slide_items(&slides.source, draw_item, NULL, &err), err);
	}
	assert_true(slides.count > 40);
	assert_true(slides.urgent > 0);
	return 0;
}

static int free_slides(void **state)
{
	(void)state;
	for (int dark = 0; dark < 2; dark++)
		for (size_t i = 0; i < slides.count; i++)
			canvas_free(slides.canvases[dark][i]);
	renderer_free(slides.renderer);
	test_media_free(slides.media);
	programme_free(slides.programme);
	plan_free(slides.plan);
	return 0;
}

/* What is on screen, and the time. */
struct shown {
	struct watcher *watcher;
	struct canvas *screen;
	const struct canvas *slide;
	int64_t ms;
};

static struct shown shown_first(const struct canvas *slide)
{
	struct shown shown = {watcher_new(), plain(0), slide, 0};

	memcpy(shown.screen->pixels, slide->pixels,
	       (size_t)WIDTH * HEIGHT * sizeof(uint32_t));
	watch(shown.watcher, shown.screen, 0);
	return shown;
}

/* The frames that the loop makes of a cross-fade, at the output's rate. */
static void show_next(struct shown *shown, const struct canvas *slide, int64_t span_ms)
{
	struct err err;
	struct fade *fade = fade_new(&(struct fade_from){shown->slide->pixels,
							 WIDTH * sizeof(uint32_t),
							 &shown->slide->tiles},
				     slide, &err);
	int opacity = 0;

	assert_ok(fade, err);
	watch_between(shown->watcher, shown->slide, slide);
	for (int frame = 0; opacity < FADE_FULL; frame++) {
		int64_t elapsed = (int64_t)(frame + 1) * SECOND_MS / HERTZ;

		opacity = elapsed < span_ms ? (int)(elapsed * FADE_FULL / span_ms)
					    : FADE_FULL;
		fade_blend(fade, opacity, shown->screen->pixels,
			   WIDTH * sizeof(uint32_t));
		watch(shown->watcher, shown->screen,
		      shown->ms + (int64_t)frame * SECOND_MS / HERTZ);
	}
	shown->ms += span_ms;
	shown->slide = slide;
	fade_free(fade);
}

static void assert_shown_calm(struct shown *shown, const char *what)
{
	canvas_free(shown->screen);
	assert_calm(shown->watcher, what);
}

static void the_loop_is_calm_in_both_themes(void **state)
{
	static const char *const themes[] = {"the loop by day", "the loop at night"};

	(void)state;
	for (int dark = 0; dark < 2; dark++) {
		struct canvas **canvases = slides.canvases[dark];
		struct shown shown = shown_first(canvases[slides.count - 1]);

		for (size_t i = 0; i < slides.count; i++) {
			show_next(&shown, canvases[i], FADE_MS);
			shown.ms += DWELL_MS;
		}
		assert_shown_calm(&shown, themes[dark]);
	}
}

/* A person at the keyboard who goes on and on: no slide stands between two fades. */
static void the_loop_without_a_pause_is_calm(void **state)
{
	static const char *const themes[] = {"skipping by day", "skipping at night"};

	(void)state;
	for (int dark = 0; dark < 2; dark++) {
		struct canvas **canvases = slides.canvases[dark];
		struct shown shown = shown_first(canvases[slides.count - 1]);

		for (size_t i = 0; i < slides.count; i++)
			show_next(&shown, canvases[i], FADE_MS);
		assert_shown_calm(&shown, themes[dark]);
	}
}

/* The theme changes just after a slide came and just before the next one. */
static void a_change_of_theme_is_calm(void **state)
{
	struct shown shown = shown_first(slides.canvases[0][slides.count - 1]);

	(void)state;
	for (size_t i = 0; i < slides.count; i++) {
		int from = (int)(i % 2), to = 1 - from;

		show_next(&shown, slides.canvases[from][i], FADE_MS);
		show_next(&shown, slides.canvases[to][i], FADE_MS);
	}
	assert_shown_calm(&shown, "the theme between two slides");
}

/* An alarm in the moment in which a slide came, withdrawn at once. */
static void an_alarm_that_comes_and_goes_is_calm(void **state)
{
	(void)state;
	for (int dark = 0; dark < 2; dark++) {
		struct canvas **canvases = slides.canvases[dark];
		struct shown shown = shown_first(canvases[0]);

		for (size_t i = 1; i < slides.count; i++) {
			if (i == slides.urgent)
				continue;
			show_next(&shown, canvases[i], FADE_MS);
			show_next(&shown, canvases[slides.urgent], URGENT_MS);
			show_next(&shown, canvases[i], URGENT_MS);
			shown.ms += DWELL_MS;
		}
		assert_shown_calm(&shown, dark ? "alarms at night" : "alarms by day");
	}
}

/*
 * Alarms that are sent and withdrawn as fast as anybody can, over every slide, and between
 * both themes, where the changes are greatest: what the director's hold leaves of that.
 */
static void alarms_sent_and_withdrawn_without_end_are_calm(void **state)
{
	const struct canvas *alarms[] = {slides.canvases[0][slides.urgent],
					 slides.canvases[1][slides.urgent]};

	(void)state;
	for (int other = 0; other < 2; other++) {
		struct shown shown = shown_first(slides.canvases[0][0]);

		for (size_t i = 1; i < slides.count; i++) {
			if (i == slides.urgent)
				continue;
			show_next(&shown, alarms[other], URGENT_MS);
			shown.ms += DIRECTOR_HOLD_MS;
			show_next(&shown, slides.canvases[0][i], URGENT_MS);
			shown.ms += DIRECTOR_HOLD_MS;
		}
		assert_shown_calm(&shown, "alarms without end");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flashing_is_noticed),
		cmocka_unit_test(what_is_no_flash_is_none),
		cmocka_unit_test(red_flashing_of_even_lightness_is_noticed),
		cmocka_unit_test(flashing_of_one_area_is_noticed),
		cmocka_unit_test(one_slow_change_is_half_a_flash),
		cmocka_unit_test(the_loop_is_calm_in_both_themes),
		cmocka_unit_test(the_loop_without_a_pause_is_calm),
		cmocka_unit_test(a_change_of_theme_is_calm),
		cmocka_unit_test(an_alarm_that_comes_and_goes_is_calm),
		cmocka_unit_test(alarms_sent_and_withdrawn_without_end_are_calm),
	};

	return cmocka_run_group_tests(tests, draw_slides, free_slides);
}
