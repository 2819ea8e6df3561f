#ifndef RENDER_SLIDE_CHECK_H
#define RENDER_SLIDE_CHECK_H

/* What the tests of slides share: the real plan, a view, and a check of every slide. */
#include "support/test.h"

#include "core/plan.h"
#include "core/programme.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/slide.h"
#include "wire/plan_json.h"

/* Sunday 22 November 2026, 15:29 in Japan. */
#define CHECK_NOW ((struct wall_ms){INT64_C(1795328940000)})

static inline struct plan *check_plan(void)
{
	CLEANUP(blob_free) struct blob file = {0};
	struct plan *plan;
	struct err err;

	assert_ok(file_read(EKIMAE_SOURCE_DIR "/assets/plan/plan.json", PLAN_JSON_MAX,
			    &file, &err),
		  err);
	plan = plan_from_json("plan.json", file.bytes, file.len, &err);
	assert_ok(plan, err);
	return plan;
}

static inline struct slide_view check_view(int width, int height, bool dark)
{
	/* A 55-inch panel seen from 5 m, the short side 685 mm. */
	double mm = 685.0 / (width < height ? width : height);

	return (struct slide_view){width, height, mm * height, 5, dark};
}

struct check_slides {
	struct renderer *renderer;
	struct slide_source source;
	struct slide_view view;
	int drawn;
};

/* Draws all pages of an item; none may lack room, a glyph, or contrast. */
static inline bool check_item(void *context, const char *item_id, struct err *err)
{
	struct check_slides *check = context;
	int pages = 1;

	for (int page = 1; page <= pages; page++) {
		struct slide_report report;
		struct canvas *canvas;
		char id[SLIDE_ID_MAX];

		if (page == 1)
			snprintf(id, sizeof(id), "%s", item_id);
		else
			snprintf(id, sizeof(id), "%s/p%d", item_id, page);
		canvas = slide_draw(check->renderer, &check->source, &check->view, id,
				    &report, err);
		if (!canvas)
			return false;
		assert_int_equal(canvas->width, check->view.width);
		assert_int_equal(canvas->height, check->view.height);
		canvas_free(canvas);
		if (report.overflow)
			fail_msg("%s at %dx%d: no room for %s", id, check->view.width,
				 check->view.height, report.overflow_place);
		if (report.missing_count > 0)
			fail_msg("%s: no font has U+%04X in %s", id,
				 (unsigned)report.missing[0].code_point,
				 report.missing[0].place);
		if (report.lowest_contrast < 7)
			fail_msg("%s: contrast %.2f", id, report.lowest_contrast);
		if (report.smallest_mm < report.required_mm)
			fail_msg("%s: letters of %.1f mm, needed %.1f mm", id,
				 report.smallest_mm, report.required_mm);
		assert_true(report.characters > 10);
		pages = report.pages;
		check->drawn++;
	}
	return true;
}

/* Every slide of the real plan at one size. */
static inline void check_all(int width, int height, bool dark)
{
	struct check_slides check = {
		.source = {.plan = check_plan(),
			   .now = CHECK_NOW,
			   .synchronised = true,
			   .plan_languages = SLIDE_LANGUAGES_ALL},
		.view = check_view(width, height, dark),
	};
	struct err err;

	check.renderer = renderer_new(NULL, &err);
	assert_ok(check.renderer, err);
	assert_ok(slide_items(&check.source, check_item, &check, &err), err);
	/* Seven of the plan itself and one for each initiative, and most in English, too. */
	assert_true(check.drawn >= 37 + 34);
	renderer_free(check.renderer);
	plan_free((struct plan *)check.source.plan);
}

#endif /* RENDER_SLIDE_CHECK_H */
