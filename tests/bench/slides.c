/*
 * bench-slides: how long the real renderer takes to draw a slide, over every slide of the
 * plan; and, with "memory", what the process weighs after ever more slides that went through
 * drawing, cross-fade and hand-over as in the daemon.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench/proc_tree.h"
#include "bench/stats.h"
#include "core/err.h"
#include "core/plan.h"
#include "display/fade.h"
#include "os/clock.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/slide.h"
#include "wire/plan_json.h"

static const char usage[] =
	"Usage: bench-slides prepare PLAN WxH ROUNDS\n"
	"         milliseconds to draw a slide: median, p95, largest, slides\n"
	"       bench-slides memory PLAN WxH COUNT…\n"
	"         slides drawn, PSS and its anonymous part (kB), a line for each COUNT\n";

#define SLIDES_MAX 400

struct bench {
	struct blob blob;
	struct plan *plan;
	struct renderer *renderer;
	struct slide_source source;
	struct slide_view view;
	char ids[SLIDES_MAX][SLIDE_ID_MAX];
	size_t count;
	bool all_pages;
	struct canvas *canvas; /* to draw on */
};

static int64_t now_us(void)
{
	int64_t us;

	clock_mono_us(&us);
	return us;
}

static struct canvas *new_canvas(const struct bench *bench)
{
	struct err err = {0};
	struct canvas *canvas = canvas_new(bench->view.width, bench->view.height,
					   (struct colour){0}, &err);

	if (!canvas) {
		fprintf(stderr, "bench-slides: %s\n", err.text);
		exit(EX_OSERR);
	}
	return canvas;
}

/* As the daemon does it: into a canvas that was there before. */
static void draw(struct bench *bench, const char *id, struct canvas *canvas,
		 int *out_pages)
{
	struct slide_report report = {0};
	struct err err = {0};

	if (!slide_draw_on(bench->renderer, &bench->source, &bench->view, id, canvas,
			   &report, &err)) {
		fprintf(stderr, "bench-slides: %s\n", err.text);
		exit(EX_SOFTWARE);
	}
	renderer_rest(bench->renderer);
	*out_pages = report.pages;
}

static bool add_item(void *context, const char *item_id, struct err *err)
{
	struct bench *bench = context;
	int pages = 1;

	(void)err;
	/* Nothing is drawn before the first slide that counts. */
	for (int page = 1; page <= pages && bench->count < SLIDES_MAX; page++) {
		char *id = bench->ids[bench->count++];
		int len = page == 1 ? snprintf(id, SLIDE_ID_MAX, "%s", item_id)
				    : snprintf(id, SLIDE_ID_MAX, "%s/p%d", item_id, page);

		(void)len; /* the plan's ids are short */
		if (bench->all_pages)
			draw(bench, id, bench->canvas, &pages);
	}
	return true;
}

static bool open_bench(struct bench *bench, const char *path, const char *size,
		       struct err *err)
{
	if (sscanf(size, "%dx%d", &bench->view.width, &bench->view.height) != 2)
		return err_set(err, ERR_USAGE, "\"%s\" is no size", size);
	bench->view.panel_height_mm = 685;
	bench->view.distance_m = 5;
	if (!file_read(path, PLAN_JSON_MAX, &bench->blob, err))
		return false;
	bench->plan = plan_from_json(path, bench->blob.bytes, bench->blob.len, err);
	if (!bench->plan)
		return false;
	bench->canvas = new_canvas(bench);
	bench->renderer = renderer_new(NULL, err);
	bench->source = (struct slide_source){
		.plan = bench->plan,
		.now = clock_now().wall,
		.synchronised = true,
		.plan_languages = SLIDE_LANGUAGES_ALL,
	};
	return bench->renderer != NULL;
}

static void close_bench(struct bench *bench)
{
	canvas_free(bench->canvas);
	renderer_free(bench->renderer);
	plan_free(bench->plan);
	blob_free(&bench->blob);
}

static void prepare(struct bench *bench, int rounds)
{
	struct samples samples = {0};

	for (int round = 0; round < rounds; round++)
		for (size_t i = 0; i < bench->count; i++) {
			int64_t began = now_us();
			int pages;

			draw(bench, bench->ids[i], bench->canvas, &pages);
			samples_add(&samples, now_us() - began);
		}
	printf("%.1f %.1f %.1f %zu\n", (double)samples_at(&samples, 0.5) / 1000,
	       (double)samples_at(&samples, 0.95) / 1000,
	       (double)samples_at(&samples, 1) / 1000, bench->count);
	samples_free(&samples);
}

/* One transition: @next, drawn beside @shown, is faded to. */
static void fade_to(const struct canvas *shown, const struct canvas *next,
		    struct canvas *window)
{
	size_t pitch = (size_t)window->width * sizeof(*window->pixels);
	struct err err = {0};
	struct fade *fade = fade_new(
		&(struct fade_from){shown->pixels, pitch, &shown->tiles}, next, &err);

	if (fade)
		fade_blend(fade, FADE_FULL / 2, window->pixels, pitch);
	fade_free(fade);
}

static void memory(struct bench *bench, char **counts)
{
	struct canvas *window = new_canvas(bench), *shown = new_canvas(bench);
	int64_t done = 0;

	for (; *counts; counts++) {
		int64_t wanted = strtoll(*counts, NULL, 10);

		for (; done < wanted; done++) {
			struct canvas *next = bench->canvas;
			int pages;

			draw(bench, bench->ids[(size_t)done % bench->count], next,
			     &pages);
			fade_to(shown, next, window);
			bench->canvas = shown;
			shown = next;
		}
		printf("%" PRId64 " %" PRId64 " %" PRId64 "\n", done,
		       proc_tree_pss(getpid()), proc_anonymous(getpid()));
		fflush(stdout);
	}
	canvas_free(shown);
	canvas_free(window);
}

int main(int argc, char **argv)
{
	static struct bench bench;
	struct err err = {0};
	bool fine;

	if (argc < 5 ||
	    (strcmp(argv[1], "prepare") != 0 && strcmp(argv[1], "memory") != 0)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	bench.all_pages = strcmp(argv[1], "prepare") == 0;
	fine = open_bench(&bench, argv[2], argv[3], &err) &&
	       slide_items(&bench.source, add_item, &bench, &err);
	if (fine && bench.all_pages)
		prepare(&bench, (int)strtol(argv[4], NULL, 10));
	else if (fine)
		memory(&bench, argv + 4);
	if (!fine)
		fprintf(stderr, "bench-slides: %s\n", err.text);
	close_bench(&bench);
	return fine ? EX_OK : EX_SOFTWARE;
}
