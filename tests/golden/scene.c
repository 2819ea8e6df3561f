#include "golden/scene.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/plan.h"
#include "core/programme.h"
#include "os/file.h"
#include "render/canvas.h"
#include "support/media.h"
#include "wire/plan_json.h"
#include "wire/programme_json.h"

#define NOW           INT64_C(1795328940000) /* 2026-11-22T15:29:00+09:00 */
#define SHORT_SIDE_MM 685.0
#define DISTANCE_M    5.0
#define SAMPLE_YEARS  3
#define SERIES_MAX    40

const struct scene_size scene_sizes[SCENE_SIZES] = {
	{"1920x1080", 1920, 1080},
	{"1080x1920", 1080, 1920},
	{"3840x2160", 3840, 2160},
	{"1280x768", 1280, 768},
};

struct scene {
	struct plan *plan;
	struct programme *programme;
	struct test_media *media;
	struct renderer *renderer;
	struct slide_source source;
	bool samples_shown; /* the programme's count, and slides with results */
	struct plan_result samples[SERIES_MAX][SAMPLE_YEARS];
};

const struct scene_size *scene_size(const char *name)
{
	for (size_t i = 0; i < SCENE_SIZES; i++)
		if (strcmp(scene_sizes[i].name, name) == 0)
			return &scene_sizes[i];
	return NULL;
}

static bool scene_read(struct scene *scene, struct err *err)
{
	CLEANUP(blob_free) struct blob plan = {0};
	CLEANUP(blob_free) struct blob programme = {0};

	if (!file_read(EKIMAE_SOURCE_DIR "/assets/plan/plan.json", PLAN_JSON_MAX, &plan,
		       err) ||
	    !file_read(EKIMAE_SOURCE_DIR "/tests/golden/programme.json",
		       PROGRAMME_JSON_MAX, &programme, err))
		return false;
	scene->plan = plan_from_json("plan.json", plan.bytes, plan.len, err);
	if (!scene->plan)
		return false;
	scene->programme = programme_from_json("programme.json", programme.bytes,
					       programme.len, err);
	if (!scene->programme)
		return false;
	scene->media = test_media_new(scene->programme,
				      EKIMAE_SOURCE_DIR "/tests/golden/media", err);
	return scene->media != NULL;
}

struct scene *scene_new(struct err *err)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	if (!scene) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	if (!scene_read(scene, err))
		return scene_free(scene);
	scene->renderer = renderer_new(NULL, err);
	if (!scene->renderer)
		return scene_free(scene);
	scene->samples_shown = true;
	scene->source = (struct slide_source){
		.plan = scene->plan,
		.programme = scene->programme,
		.now = {NOW},
		.synchronised = true,
		.plan_languages = SLIDE_LANGUAGES_ALL,
		.media = test_media_find,
		.media_context = scene->media,
	};
	return scene;
}

struct scene *scene_free(struct scene *scene)
{
	if (!scene)
		return NULL;
	renderer_free(scene->renderer);
	test_media_free(scene->media);
	programme_free(scene->programme);
	plan_free(scene->plan);
	free(scene);
	return NULL;
}

void scene_forget_samples(struct scene *scene)
{
	scene->samples_shown = false;
}

/*
 * Slides as they look with other data than the shipped plan and the programme have. Results
 * are samples: the city has not published any.
 */
static const struct variant {
	const char *prefix; /* before the slide's id */
	bool count, results;
	const char *const *items;
} variants[] = {
	{"", true, false, NULL},
	{"no-count/", false, false, (const char *const[]){"plan/self-count", NULL}},
	{"results/", true, true,
	 (const char *const[]){"plan/self-count", "initiative/1", "initiative/2",
			       "initiative/3", "initiative/4", "initiative/12",
			       "initiative/15", NULL}},
};

static const struct variant *variant_of(const char *id)
{
	for (size_t i = 1; i < ARRAY_LEN(variants); i++)
		if (strncmp(id, variants[i].prefix, strlen(variants[i].prefix)) == 0)
			return &variants[i];
	return &variants[0];
}

/* Three years on the way from the figure before to the target, one of them a step back. */
static void sample_results(struct plan_series *series,
			   struct plan_result results[static SAMPLE_YEARS], size_t count)
{
	static const int64_t parts[SAMPLE_YEARS] = {30, 18, 64}; /* per cent */
	int64_t way = series->target.value - series->baseline.value;

	for (int i = 0; i < SAMPLE_YEARS; i++)
		results[i] = (struct plan_result){
			.fiscal_year = series->baseline.fiscal_year + 1 + i,
			.value = series->baseline.value + way * parts[i] / 100,
			.source = "見本",
		};
	series->results = results;
	series->result_count = count;
}

static void plan_results(struct scene *scene, struct plan *plan, bool shown)
{
	size_t at = 0;

	for (size_t i = 0; i < plan->initiative_count; i++) {
		struct plan_indicator *indicator = plan->initiatives[i].indicator;

		for (size_t j = 0; indicator && j < indicator->series_count; j++)
			sample_results(&indicator->series[j], scene->samples[at++],
				       shown ? SAMPLE_YEARS : 0);
	}
}

struct canvas *scene_draw(struct scene *scene, const struct scene_size *size, bool dark,
			  const char *id, int *out_pages, struct err *err)
{
	const struct variant *variant = variant_of(id);
	int side = size->width < size->height ? size->width : size->height;
	const struct slide_view view = {
		.width = size->width,
		.height = size->height,
		.panel_height_mm = SHORT_SIDE_MM * size->height / side,
		.distance_m = DISTANCE_M,
		.dark = dark,
	};
	struct slide_report report;
	struct canvas *canvas;

	plan_results(scene, scene->plan, variant->results);
	for (int i = 0; i < NOTICE_LANGUAGES; i++)
		if (scene->plan->translations[i])
			plan_results(scene, scene->plan->translations[i],
				     variant->results);
	scene->programme->count.known = scene->samples_shown && variant->count;
	canvas = slide_draw(scene->renderer, &scene->source, &view,
			    id + strlen(variant->prefix), &report, err);
	if (canvas && !canvas_tiles_hold(canvas)) {
		err_set(err, ERR_INTERNAL,
			"%s: pixels were written without canvas_touch()", id);
		return canvas_free(canvas);
	}
	if (canvas && out_pages)
		*out_pages = report.pages;
	return canvas;
}

struct walk {
	struct scene *scene;
	const struct scene_size *size;
	bool dark;
	const char *prefix; /* of the variant */
	scene_each_fn *each;
	void *context;
};

static bool walk_item(void *context, const char *item_id, struct err *err)
{
	const struct walk *walk = context;
	int pages = 1;

	for (int page = 1; page <= pages; page++) {
		char id[SLIDE_ID_MAX];
		struct canvas *canvas;
		bool done;

		if (page == 1)
			snprintf(id, sizeof(id), "%s%s", walk->prefix, item_id);
		else
			snprintf(id, sizeof(id), "%s%s/p%d", walk->prefix, item_id, page);
		canvas = scene_draw(walk->scene, walk->size, walk->dark, id, &pages, err);
		if (!canvas)
			return false;
		done = walk->each(walk->context, id, canvas, err);
		canvas_free(canvas);
		if (!done)
			return false;
	}
	return true;
}

bool scene_each(struct scene *scene, const struct scene_size *size, bool dark,
		scene_each_fn *each, void *context, struct err *err)
{
	struct walk walk = {scene, size, dark, "", each, context};
	bool done = slide_items(&scene->source, walk_item, &walk, err);

	for (size_t i = 1; scene->samples_shown && i < ARRAY_LEN(variants); i++) {
		walk.prefix = variants[i].prefix;
		for (const char *const *item = variants[i].items; done && *item; item++)
			done = walk_item(&walk, *item, err);
	}
	return done;
}
