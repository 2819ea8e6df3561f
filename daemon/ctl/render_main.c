/* ekimae-render: one slide in, a picture and a report of what can be read of it out. */
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/dwell.h"
#include "core/err.h"
#include "core/plan.h"
#include "core/programme.h"
#include "core/utf8.h"
#include "os/clock.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/picture.h"
#include "render/picture_header.h"
#include "render/slide.h"
#include "wire/digest.h"
#include "wire/plan_json.h"
#include "wire/programme_json.h"

static const char usage[] =
	"Usage: ekimae-render --plan FILE --list\n"
	"       ekimae-render --plan FILE --slide ID --size WxH --out FILE.png [OPTION]...\n"
	"       ekimae-render --notice FILE --size WxH --out FILE.png [OPTION]...\n"
	"       ekimae-render --picture FILE [--out FILE]\n"
	"Draws a slide of the plan, or of a notice, into a PNG. With --picture, checks a\n"
	"picture for a notice and writes what screens would show of it.\n"
	"\n"
	"  --list               print the id of every slide, one a line\n"
	"  --programme FILE     programme.json, for its notices and the count\n"
	"  --media FOLDER       pictures of the programme, each named by its SHA-256\n"
	"  --page N             page of a notice that has several (default 1)\n"
	"  --report             print what was drawn as JSON on standard output\n"
	"  --theme light|dark   (default light)\n"
	"  --now TIME           date and clock of the slide, RFC 3339 (default: now)\n"
	"  --panel-height MM    height of the panel (default: a 55-inch panel's)\n"
	"  --distance M         from which it must be legible (default 5)\n"
	"  --organisation NAME  in the header (default: the plan's city)\n"
	"  --help, --version\n";

#define SHORT_SIDE_MM 685.0 /* of a 55-inch 16:9 panel */
#define DISTANCE_M    5.0
#define MM_MAX        100000.0
#define DISTANCE_MAX  1000.0
#define PAGE_MAX      999
#define NOTICE_ARENA  ((size_t)256 * 1024)

struct options {
	const char *plan, *programme, *notice, *slide, *out, *organisation;
	const char *picture, *media;
	int width, height, page;
	double panel_height_mm, distance_m;
	struct wall_ms now;
	bool list, report, dark, help, version;
};

enum render_option {
	OPTION_PLAN = 256,
	OPTION_LIST,
	OPTION_SLIDE,
	OPTION_SIZE,
	OPTION_OUT,
	OPTION_REPORT,
	OPTION_THEME,
	OPTION_NOW,
	OPTION_PANEL_HEIGHT,
	OPTION_DISTANCE,
	OPTION_PROGRAMME,
	OPTION_NOTICE,
	OPTION_PICTURE,
	OPTION_MEDIA,
	OPTION_PAGE,
	OPTION_ORGANISATION,
	OPTION_HELP,
	OPTION_VERSION,
};

static const struct option long_options[] = {
	{"plan", required_argument, NULL, OPTION_PLAN},
	{"list", no_argument, NULL, OPTION_LIST},
	{"slide", required_argument, NULL, OPTION_SLIDE},
	{"size", required_argument, NULL, OPTION_SIZE},
	{"out", required_argument, NULL, OPTION_OUT},
	{"report", no_argument, NULL, OPTION_REPORT},
	{"theme", required_argument, NULL, OPTION_THEME},
	{"now", required_argument, NULL, OPTION_NOW},
	{"panel-height", required_argument, NULL, OPTION_PANEL_HEIGHT},
	{"distance", required_argument, NULL, OPTION_DISTANCE},
	{"programme", required_argument, NULL, OPTION_PROGRAMME},
	{"notice", required_argument, NULL, OPTION_NOTICE},
	{"picture", required_argument, NULL, OPTION_PICTURE},
	{"media", required_argument, NULL, OPTION_MEDIA},
	{"page", required_argument, NULL, OPTION_PAGE},
	{"organisation", required_argument, NULL, OPTION_ORGANISATION},
	{"help", no_argument, NULL, OPTION_HELP},
	{"version", no_argument, NULL, OPTION_VERSION},
	{0},
};

/* --- The command line --- */

static bool parse_integer(const char *text, int most, const char **out_end, int *out)
{
	char *end;
	long value;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtol(text, &end, 10);
	if (errno != 0 || value < 1 || value > most)
		return false;
	*out = (int)value;
	*out_end = end;
	return true;
}

static bool parse_size(const char *text, struct options *options, struct err *err)
{
	const char *rest = text;
	int width = 0, height = 0;

	if (!parse_integer(text, CANVAS_SIDE_MAX, &rest, &width) || *rest != 'x' ||
	    !parse_integer(rest + 1, CANVAS_SIDE_MAX, &rest, &height) || *rest != '\0')
		return err_set(err, ERR_USAGE,
			       "--size: expected WIDTHxHEIGHT of 1 to %d pixels each, "
			       "like 1920x1080, got \"%.60s\"",
			       CANVAS_SIDE_MAX, text);
	options->width = width;
	options->height = height;
	return true;
}

static bool parse_measure(const char *name, const char *text, double most, double *out,
			  struct err *err)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno != 0 || end == text || *end != '\0' || !(value > 0) || value > most)
		return err_set(err, ERR_USAGE,
			       "--%s: expected a number above 0 and up to %g, got "
			       "\"%.60s\"",
			       name, most, text);
	*out = value;
	return true;
}

static bool parse_theme(const char *text, bool *out_dark, struct err *err)
{
	if (strcmp(text, "light") != 0 && strcmp(text, "dark") != 0)
		return err_set(err, ERR_USAGE,
			       "--theme: expected light or dark, got \"%.60s\"", text);
	*out_dark = strcmp(text, "dark") == 0;
	return true;
}

static bool parse_now(const char *text, struct wall_ms *out, struct err *err)
{
	if (wall_parse(text, out, err))
		return true;
	err->code = ERR_USAGE;
	return err_prefix(err, "--now");
}

static bool parse_page(const char *text, int *out, struct err *err)
{
	const char *rest = text;

	if (!parse_integer(text, PAGE_MAX, &rest, out) || *rest != '\0')
		return err_set(err, ERR_USAGE,
			       "--page: expected a number from 1 to %d, got \"%.60s\"",
			       PAGE_MAX, text);
	return true;
}

static bool option_apply(struct options *options, enum render_option option,
			 const char *value, struct err *err)
{
	switch (option) {
	case OPTION_PLAN:
		options->plan = value;
		return true;
	case OPTION_LIST:
		options->list = true;
		return true;
	case OPTION_SLIDE:
		options->slide = value;
		return true;
	case OPTION_SIZE:
		return parse_size(value, options, err);
	case OPTION_OUT:
		options->out = value;
		return true;
	case OPTION_REPORT:
		options->report = true;
		return true;
	case OPTION_THEME:
		return parse_theme(value, &options->dark, err);
	case OPTION_NOW:
		return parse_now(value, &options->now, err);
	case OPTION_PANEL_HEIGHT:
		return parse_measure("panel-height", value, MM_MAX,
				     &options->panel_height_mm, err);
	case OPTION_DISTANCE:
		return parse_measure("distance", value, DISTANCE_MAX,
				     &options->distance_m, err);
	case OPTION_PROGRAMME:
		options->programme = value;
		return true;
	case OPTION_NOTICE:
		options->notice = value;
		return true;
	case OPTION_PICTURE:
		options->picture = value;
		return true;
	case OPTION_MEDIA:
		options->media = value;
		return true;
	case OPTION_PAGE:
		return parse_page(value, &options->page, err);
	case OPTION_ORGANISATION:
		options->organisation = value;
		return true;
	case OPTION_HELP:
		options->help = true;
		return true;
	case OPTION_VERSION:
		options->version = true;
		return true;
	}
	return err_set(err, ERR_INTERNAL, "option %d is not known", (int)option);
}

/* Which options belong together. */
static bool options_check(const struct options *options, struct err *err)
{
	if (options->help || options->version)
		return true;
	if (options->list) {
		if (!options->plan && !options->programme)
			return err_set(err, ERR_USAGE, "--list: needs --plan");
		return true;
	}
	if (!!options->slide + !!options->notice + !!options->picture != 1)
		return err_set(err, ERR_USAGE,
			       "expected one of --list, --slide, --notice and --picture; "
			       "--help shows how");
	if (options->picture)
		return true;
	if (options->slide && !options->plan && !options->programme)
		return err_set(err, ERR_USAGE, "--slide: needs --plan");
	if (options->page > 1 && !options->notice)
		return err_set(
			err, ERR_USAGE,
			"--page: belongs to --notice; a slide's id has it (ID/p%d)",
			options->page);
	if (options->width == 0)
		return err_set(err, ERR_USAGE, "--size: is missing, e.g. 1920x1080");
	if (!options->out)
		return err_set(err, ERR_USAGE, "--out: is missing, e.g. slide.png");
	return true;
}

static bool options_parse(int argc, char **argv, struct options *out, struct err *err)
{
	struct options options = {
		.page = 1,
		.distance_m = DISTANCE_M,
		.now = clock_now().wall,
	};
	int next;

	opterr = 0;
	while ((next = getopt_long(argc, argv, ":", long_options, NULL)) != -1) {
		if (next == ':')
			return err_set(err, ERR_USAGE, "%s: needs a value",
				       argv[optind - 1]);
		if (next == '?')
			return err_set(err, ERR_USAGE,
				       "%.80s: is no option; --help shows all",
				       argv[optind - 1]);
		if (!option_apply(&options, (enum render_option)next, optarg, err))
			return false;
	}
	if (optind < argc)
		return err_set(err, ERR_USAGE, "%.80s: is no option; --help shows all",
			       argv[optind]);
	if (!options_check(&options, err))
		return false;
	if (options.panel_height_mm <= 0) {
		options.panel_height_mm = SHORT_SIDE_MM;
		if (options.height > options.width)
			options.panel_height_mm *= (double)options.height / options.width;
	}
	*out = options;
	return true;
}

/* --- What slides are made from --- */

struct documents {
	struct plan *plan;
	struct programme *programme;
	struct programme single; /* of the notice that --notice names */
	struct arena *arena;     /* of that notice */
	struct blob picture;     /* of that notice, as screens would get it */
	const char *media;       /* folder; NULL: none */
	struct blob taken;       /* the picture read from it last */
	struct slide_source source;
};

static void documents_done(struct documents *documents)
{
	documents->plan = plan_free(documents->plan);
	documents->programme = programme_free(documents->programme);
	documents->arena = arena_free(documents->arena);
	blob_free(&documents->picture);
	blob_free(&documents->taken);
}

/* Of the notice that --notice names, or a file of --media. */
static bool media_find(const void *context, const uint8_t sha256_of[static SHA256_SIZE],
		       const void **out_bytes, size_t *out_len)
{
	struct documents *documents = (struct documents *)(uintptr_t)context;
	char name[SHA256_HEX_SIZE], path[PATH_MAX];
	uint8_t hash[SHA256_SIZE];
	struct err ignored;

	if (documents->picture.len > 0) {
		*out_bytes = documents->picture.bytes;
		*out_len = documents->picture.len;
		return true;
	}
	hex_encode(sha256_of, SHA256_SIZE, name);
	blob_free(&documents->taken);
	if (!documents->media ||
	    !path_join(path, sizeof(path), documents->media, name, &ignored) ||
	    !file_read(path, NOTICE_PICTURE_BYTES_MAX, &documents->taken, &ignored))
		return false;
	sha256(documents->taken.bytes, documents->taken.len, hash);
	*out_bytes = documents->taken.bytes;
	*out_len = documents->taken.len;
	return memcmp(hash, sha256_of, SHA256_SIZE) == 0;
}

static struct plan *plan_read(const char *path, struct err *err)
{
	CLEANUP(blob_free) struct blob file = {0};

	if (!file_read(path, PLAN_JSON_MAX, &file, err))
		return NULL;
	return plan_from_json(path, file.bytes, file.len, err);
}

static struct programme *programme_read(const char *path, struct err *err)
{
	CLEANUP(blob_free) struct blob file = {0};

	if (!file_read(path, PROGRAMME_JSON_MAX, &file, err))
		return NULL;
	return programme_from_json(path, file.bytes, file.len, err);
}

/* The picture beside the notice's file @path, as screens would get it. */
static bool notice_picture_read(struct documents *documents, const char *path,
				struct err *err)
{
	struct notice *notice = documents->single.notices;
	const char *slash = strrchr(path, '/');
	CLEANUP(blob_free) struct blob file = {0};
	struct notice_picture *picture;
	char beside[PATH_MAX];

	if (!notice->picture || !notice->picture->file)
		return true;
	picture = arena_alloc(documents->arena, sizeof(*picture));
	if (!picture)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
	if (snprintf(beside, sizeof(beside), "%.*s%s",
		     slash ? (int)(slash - path) + 1 : 0, path,
		     notice->picture->file) >= PATH_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: is too long", path);
	picture->alt = notice->picture->alt;
	if (!picture_limit(err) || !file_read(beside, PICTURE_FILE_MAX, &file, err) ||
	    !picture_prepare(beside, file.bytes, file.len, picture, &documents->picture,
			     err))
		return false;
	sha256(documents->picture.bytes, documents->picture.len, picture->sha256);
	notice->picture = picture;
	return true;
}

/* A programme of nothing but the notice in @path. */
static bool notice_read(struct documents *documents, const char *path, struct err *err)
{
	CLEANUP(blob_free) struct blob file = {0};

	if (!file_read(path, NOTICE_JSON_MAX, &file, err))
		return false;
	documents->arena = arena_new(NOTICE_ARENA);
	if (!documents->arena)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
	documents->single.policy = loop_policy_default;
	documents->single.notices =
		notice_from_json(path, file.bytes, file.len, documents->arena, err);
	documents->single.notice_count = 1;
	documents->source.programme = &documents->single;
	return documents->single.notices && notice_picture_read(documents, path, err);
}

static bool documents_read(struct documents *documents, const struct options *options,
			   struct err *err)
{
	documents->source.organisation = options->organisation;
	documents->source.now = options->now;
	documents->source.synchronised = true;
	documents->source.plan_languages = SLIDE_LANGUAGES_ALL;
	documents->source.media = media_find;
	documents->source.media_context = documents;
	documents->media = options->media;
	if (options->organisation && (!utf8_is_valid(options->organisation) ||
				      utf8_has_control(options->organisation)))
		return err_set(err, ERR_USAGE, "--organisation: is not plain UTF-8 text");
	if (options->plan) {
		documents->plan = plan_read(options->plan, err);
		if (!documents->plan)
			return false;
		documents->source.plan = documents->plan;
	}
	if (options->programme) {
		documents->programme = programme_read(options->programme, err);
		if (!documents->programme)
			return false;
		documents->source.programme = documents->programme;
	}
	return !options->notice || notice_read(documents, options->notice, err);
}

/* --- What comes out --- */

static bool print_id(void *context, const char *id, struct err *err)
{
	if (fprintf(context, "%s\n", id) < 0)
		return err_set_errno(err, "standard output");
	return true;
}

static json_t *missing_json(const struct slide_report *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < report->missing_count && i < SLIDE_MISSING_MAX; i++) {
		char character[5] = "", code_point[16];

		utf8_encode(report->missing[i].code_point, character);
		snprintf(code_point, sizeof(code_point), "U+%04X",
			 (unsigned)report->missing[i].code_point);
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s, s:I}", "character", character,
					"code_point", code_point, "place",
					report->missing[i].place, "position",
					(json_int_t)report->missing[i].character));
	}
	return list;
}

/* Two places behind the point say all that matters of millimetres and ratios. */
static double rounded(double value)
{
	return round(value * 100) / 100;
}

static bool report_print(const char *id, const struct slide_report *report,
			 const struct loop_policy *policy, struct err *err)
{
	json_t *document = json_pack(
		"{s:s, s:i, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:b, s:s?, s:o}",
		"slide", id, "pages", report->pages, "characters",
		(json_int_t)report->characters, "dwell_ms",
		(json_int_t)dwell_for(report->characters, policy).ms, "smallest_px",
		rounded(report->smallest_px), "smallest_mm", rounded(report->smallest_mm),
		"required_mm", rounded(report->required_mm), "smallest_reading_px",
		rounded(report->smallest_reading_px), "smallest_reading_mm",
		rounded(report->smallest_reading_mm), "lowest_contrast",
		rounded(report->lowest_contrast), "overflow", report->overflow,
		"overflow_place", report->overflow ? report->overflow_place : NULL,
		"missing", missing_json(report));
	bool written = document &&
		       json_dumpf(document, stdout,
				  JSON_INDENT(2) | JSON_REAL_PRECISION(10)) == 0 &&
		       putchar('\n') != EOF;

	json_decref(document);
	if (!document)
		return err_set(err, ERR_NO_MEMORY, "report: out of memory");
	return written || err_set(err, ERR_IO, "standard output: can't be written");
}

/* What a person should know who does not ask for the report. */
static void warn(const struct slide_report *report)
{
	if (report->overflow)
		fprintf(stderr, "ekimae-render: warning: %s: has too little room\n",
			report->overflow_place);
	for (size_t i = 0; i < report->missing_count && i < SLIDE_MISSING_MAX; i++)
		fprintf(stderr,
			"ekimae-render: warning: %s: character %zu: no font has "
			"U+%04X\n",
			report->missing[i].place, report->missing[i].character,
			(unsigned)report->missing[i].code_point);
}

static bool render(const struct options *options, const struct documents *documents,
		   struct err *err)
{
	const struct programme *programme = documents->source.programme;
	const struct slide_view view = {
		.width = options->width,
		.height = options->height,
		.panel_height_mm = options->panel_height_mm,
		.distance_m = options->distance_m,
		.dark = options->dark,
	};
	char id[SLIDE_ID_MAX];
	struct slide_report report;
	struct renderer *renderer;
	struct canvas *canvas = NULL;
	bool done = false;

	if (!options->notice)
		snprintf(id, sizeof(id), "%s", options->slide);
	else if (options->page == 1)
		snprintf(id, sizeof(id), "notice/%s", programme->notices[0].id);
	else
		snprintf(id, sizeof(id), "notice/%s/p%d", programme->notices[0].id,
			 options->page);
	renderer = renderer_new(NULL, err);
	if (renderer)
		canvas = slide_draw(renderer, &documents->source, &view,
				    options->notice ? id : options->slide, &report, err);
	if (canvas)
		done = canvas_save_png(canvas, options->out, err);
	if (done && options->report)
		done = report_print(id, &report,
				    programme ? &programme->policy : &loop_policy_default,
				    err);
	else if (done)
		warn(&report);
	canvas_free(canvas);
	renderer_free(renderer);
	return done;
}

/* --- Pictures --- */

/*
 * What a picture would be on screens; its bytes go to --out. Whoever starts this for a
 * picture of unknown origin counts on it: limits first.
 */
static bool picture_make(const struct options *options, struct err *err)
{
	static const char *const formats[] = {
		[NOTICE_PICTURE_PNG] = "png",
		[NOTICE_PICTURE_JPEG] = "jpeg",
	};
	CLEANUP(blob_free) struct blob file = {0};
	CLEANUP(blob_free) struct blob made = {0};
	struct notice_picture picture = {0};

	if (!picture_limit(err) ||
	    !file_read(options->picture, PICTURE_FILE_MAX, &file, err) ||
	    !picture_prepare(options->picture, file.bytes, file.len, &picture, &made,
			     err) ||
	    (options->out &&
	     !file_write_atomic(options->out, made.bytes, made.len, 0644, err)))
		return false;
	if (printf("{\"format\": \"%s\", \"width\": %d, \"height\": %d, \"bytes\": %zu}\n",
		   formats[picture.format], picture.width, picture.height, made.len) < 0)
		return err_set_errno(err, "standard output");
	return true;
}

int main(int argc, char **argv)
{
	struct documents documents = {0};
	struct options options;
	struct err err;
	bool done;

	if (!options_parse(argc, argv, &options, &err)) {
		fprintf(stderr, "ekimae-render: %s\n", err.text);
		return err_exit_code(err.code);
	}
	if (options.help || options.version) {
		fputs(options.help ? usage : "ekimae-render " EKIMAE_VERSION "\n",
		      stdout);
		return EXIT_SUCCESS;
	}
	if (options.picture)
		done = picture_make(&options, &err);
	else
		done = documents_read(&documents, &options, &err);
	if (done && options.list)
		done = slide_items(&documents.source, print_id, stdout, &err);
	else if (done && !options.picture)
		done = render(&options, &documents, &err);
	documents_done(&documents);
	if (done && fflush(stdout) != 0)
		done = err_set_errno(&err, "standard output");
	if (done)
		return EXIT_SUCCESS;
	fprintf(stderr, "ekimae-render: %s\n", err.text);
	return err_exit_code(err.code);
}
