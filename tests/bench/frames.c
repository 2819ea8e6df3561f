/*
 * bench-frames: what the frames of a cross-fade cost in software, over real slides of the
 * plan: mixing alone, with the processor's caches as full of it as can be and as empty, and
 * the whole way onto the X server through the daemon's own output.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "bench/stats.h"
#include "core/err.h"
#include "core/plan.h"
#include "display/fade.h"
#include "display/output.h"
#include "os/clock.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/slide.h"
#include "wire/plan_json.h"

static const char usage[] =
	"Usage: bench-frames PLAN WxH\n"
	"         four lines, \"mixed\", \"cold\" (the same after the caches were lost, as between\n"
	"         frames 16 ms apart), \"presented\" and \"worst\" (every pixel differs):\n"
	"         milliseconds a frame: median, p95, largest, frames; pixels that differ, %\n";

#define FRAMES_PER_FADE 24 /* 400 ms at 60 Hz */

/* Slides that follow each other here have little in common but the frame around them. */
static const char *const slides[] = {"plan/position", "initiative/4",  "plan/stages",
				     "initiative/20", "plan/overview", "initiative/1"};

struct frames {
	struct samples mixed, cold, presented;
	double differing; /* sum over fades, of 1 */
	int fades;
};

static int64_t now_us(void)
{
	int64_t us;

	clock_mono_us(&us);
	return us;
}

/* Writes more than the caches hold, so that they have nothing else any more. */
static void lose_caches(void)
{
	static volatile unsigned char memory[(size_t)64 << 20];

	for (size_t i = 0; i < sizeof(memory); i += 64)
		memory[i]++;
}

static void mix_cold(const struct fade *fade, struct canvas *scratch,
		     struct samples *samples)
{
	size_t pitch = (size_t)scratch->width * sizeof(*scratch->pixels);

	for (int frame = 1; frame <= FRAMES_PER_FADE; frame++) {
		int64_t began;

		lose_caches();
		began = now_us();
		fade_blend(fade, frame * FADE_FULL / FRAMES_PER_FADE, scratch->pixels,
			   pitch);
		samples_add(samples, now_us() - began);
	}
}

static bool run_fade(struct output *output, const struct canvas *from,
		     const struct canvas *to, struct frames *frames, struct err *err)
{
	size_t pitch = (size_t)from->width * sizeof(*from->pixels);
	struct fade *fade =
		fade_new(&(struct fade_from){from->pixels, pitch, &from->tiles}, to, err);
	struct canvas *scratch =
		canvas_new(from->width, from->height, (struct colour){0}, err);
	bool over, fine = fade && scratch && output_show(output, from, err) &&
			  output_fade_begin(output, to, err);

	for (int frame = 1; fine && frame <= FRAMES_PER_FADE; frame++) {
		int opacity = frame * FADE_FULL / FRAMES_PER_FADE;

		int64_t began = now_us();

		fade_blend(fade, opacity, scratch->pixels, pitch);
		samples_add(&frames->mixed, now_us() - began);
		began = now_us();
		fine = output_fade(output, opacity, &over, err);
		samples_add(&frames->presented, now_us() - began);
	}
	if (fine) {
		size_t different = 0;
		size_t all = (size_t)from->width * (size_t)from->height;

		mix_cold(fade, scratch, &frames->cold);
		for (size_t i = 0; i < all; i++)
			different += from->pixels[i] != to->pixels[i];
		frames->differing += (double)different / (double)all;
		frames->fades++;
	}
	canvas_free(scratch);
	fade_free(fade);
	return fine;
}

static void print(const char *name, struct samples *samples, const struct frames *frames)
{
	printf("%s %.2f %.2f %.2f %zu %.1f\n", name,
	       (double)samples_at(samples, 0.5) / 1000,
	       (double)samples_at(samples, 0.95) / 1000,
	       (double)samples_at(samples, 1) / 1000, samples->count,
	       frames->differing * 100 / frames->fades);
}

static bool over_slides(struct output *output, const struct plan *plan,
			const struct slide_view *view, struct err *err)
{
	struct slide_source source = {
		.plan = plan, .now = clock_now().wall, .synchronised = true};
	struct renderer *renderer = renderer_new(NULL, err);
	struct canvas *from = NULL;
	struct frames frames = {0};
	bool fine = renderer != NULL;

	for (size_t i = 0; fine && i < ARRAY_LEN(slides); i++) {
		struct canvas *to =
			slide_draw(renderer, &source, view, slides[i], NULL, err);

		fine = to && (!from || run_fade(output, from, to, &frames, err));
		canvas_free(from);
		from = to;
	}
	canvas_free(from);
	renderer_free(renderer);
	if (!fine)
		return false;
	print("mixed", &frames.mixed, &frames);
	print("cold", &frames.cold, &frames);
	print("presented", &frames.presented, &frames);
	samples_free(&frames.mixed);
	samples_free(&frames.cold);
	samples_free(&frames.presented);
	return true;
}

/* Two pictures without a pixel in common, as two photographs would be. */
static bool at_worst(struct output *output, const struct slide_view *view,
		     struct err *err)
{
	struct canvas *from =
		canvas_new(view->width, view->height, (struct colour){0x102030}, err);
	struct canvas *to =
		canvas_new(view->width, view->height, (struct colour){0xe0d0c0}, err);
	struct frames frames = {0};
	bool fine = from && to;

	for (int i = 0; fine && i < 3; i++)
		fine = run_fade(output, from, to, &frames, err);
	canvas_free(from);
	canvas_free(to);
	if (!fine)
		return false;
	print("worst", &frames.presented, &frames);
	samples_free(&frames.mixed);
	samples_free(&frames.cold);
	samples_free(&frames.presented);
	return true;
}

int main(int argc, char **argv)
{
	struct output_options options = {.title = "bench", .driver = "x11"};
	struct slide_view view = {.panel_height_mm = 685, .distance_m = 5};
	struct blob blob = {0};
	struct plan *plan = NULL;
	struct output *output = NULL;
	struct err err = {0};
	bool fine;

	if (argc != 3 || sscanf(argv[2], "%dx%d", &view.width, &view.height) != 2) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	options.width = view.width;
	options.height = view.height;
	options.windowed = true;
	fine = file_read(argv[1], PLAN_JSON_MAX, &blob, &err) &&
	       (plan = plan_from_json(argv[1], blob.bytes, blob.len, &err)) != NULL &&
	       (output = output_new(&options, &err)) != NULL;
	/* The window becomes visible, and says so, before anything is measured. */
	if (fine)
		(void)output_pump(output, clock_mono());
	fine = fine && over_slides(output, plan, &view, &err) &&
	       at_worst(output, &view, &err);
	if (!fine)
		fprintf(stderr, "bench-frames: %s\n", err.text);
	output_free(output);
	plan_free(plan);
	blob_free(&blob);
	return fine ? EX_OK : EX_SOFTWARE;
}
