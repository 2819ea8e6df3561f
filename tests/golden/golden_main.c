/*
 * The golden tests: every slide as it is drawn now against the pictures in reference/, which
 * somebody looked at and accepted.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "golden/documents.h"
#include "golden/scene.h"
#include "golden/sheet.h"
#include "golden/thumbnail.h"
#include "os/file.h"
#include "render/canvas.h"

#define REFERENCES EKIMAE_SOURCE_DIR "/tests/golden/reference"
#define PATH_SIZE  1024
#define SLIDES_MAX 200

static const char usage[] =
	"Usage: golden check WxH light|dark FOLDER\n"
	"           compares every slide with its reference, and writes a contact sheet and,\n"
	"           of slides that differ, expected, actual and difference into FOLDER\n"
	"       golden accept\n"
	"           makes what is drawn now the reference and the pictures of the\n"
	"           documents, where they differ\n"
	"       golden documents FOLDER\n"
	"           compares the pictures of the documents, and writes those that differ\n"
	"           into FOLDER\n";

/* One size and theme, and what was found of it. */
struct round {
	const struct scene_size *size;
	bool dark;
	const char *folder;                   /* for what differs; NULL when accepting */
	struct sheet *sheet;                  /* NULL when accepting */
	char names[SLIDES_MAX][SLIDE_ID_MAX]; /* of the slides that there are */
	size_t count, differing;
	int cell; /* the most that a slide differed by, in levels */
	double area;
};

static const char *theme_name(bool dark)
{
	return dark ? "dark" : "light";
}

/* "notice/long/p2" as a file's name. */
static void name_of(const char *id, char out[static SLIDE_ID_MAX])
{
	snprintf(out, SLIDE_ID_MAX, "%s", id);
	for (char *c = out; *c; c++)
		if (*c == '/')
			*c = '_';
}

static void reference_folder(const struct round *round, char out[static PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%s/%s-%s", REFERENCES, round->size->name,
		 theme_name(round->dark));
}

static void reference_path(const struct round *round, const char *name,
			   char out[static PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%s/%s-%s/%s.png", REFERENCES, round->size->name,
		 theme_name(round->dark), name);
}

static bool remember(struct round *round, const char *name, struct err *err)
{
	if (round->count == SLIDES_MAX)
		return err_set(err, ERR_TOO_LARGE, "more than %d slides", SLIDES_MAX);
	snprintf(round->names[round->count++], SLIDE_ID_MAX, "%s", name);
	return true;
}

static bool is_slide(const struct round *round, const char *file)
{
	size_t length = strlen(file);

	for (size_t i = 0; i < round->count; i++) {
		size_t expected = strlen(round->names[i]);

		if (length == expected + 4 &&
		    memcmp(file, round->names[i], expected) == 0 &&
		    strcmp(file + expected, ".png") == 0)
			return true;
	}
	return false;
}

/* Calls @stale for each reference of which there is no slide (any more). */
static bool each_stale(struct round *round,
		       bool stale(struct round *, const char *path, struct err *),
		       struct err *err)
{
	char folder[PATH_SIZE];
	struct dirent *entry;
	bool done = true;
	DIR *dir;

	reference_folder(round, folder);
	dir = opendir(folder);
	if (!dir && errno == ENOENT)
		return true;
	if (!dir)
		return err_set_errno(err, "%s", folder);
	while (done && (entry = readdir(dir)) != NULL) {
		char path[PATH_SIZE];

		if (entry->d_name[0] == '.' || is_slide(round, entry->d_name))
			continue;
		done = path_join(path, sizeof(path), folder, entry->d_name, err) &&
		       stale(round, path, err);
	}
	closedir(dir);
	return done;
}

/* --- check --- */

static bool write_evidence(const struct round *round, const char *name,
			   const struct canvas *full, const struct canvas *expected,
			   const struct canvas *actual, struct err *err)
{
	struct canvas *difference;
	char path[PATH_SIZE];
	bool written;

	snprintf(path, sizeof(path), "%s/%s.actual.png", round->folder, name);
	if (!canvas_save_png(full, path, err))
		return false;
	if (!expected)
		return true;
	snprintf(path, sizeof(path), "%s/%s.expected.png", round->folder, name);
	if (!thumbnail_save(expected, path, err))
		return false;
	difference = thumbnail_show_difference(expected, actual, err);
	if (!difference)
		return false;
	snprintf(path, sizeof(path), "%s/%s.difference.png", round->folder, name);
	written = thumbnail_save(difference, path, err);
	canvas_free(difference);
	return written;
}

/* Whether @actual is as it was accepted; says what is wrong if not. */
static bool compare(struct round *round, const char *name, const struct canvas *expected,
		    const struct canvas *actual)
{
	struct thumbnail_difference found;
	int factor = (round->size->width + actual->width - 1) / actual->width;
	bool same;

	if (!expected) {
		printf("%s: has no reference\n", name);
		return false;
	}
	same = thumbnail_same(expected, actual, &found);
	round->cell = found.cell > round->cell ? found.cell : round->cell;
	round->area = found.area > round->area ? found.area : round->area;
	if (!same)
		printf("%s: %zu cells differ, by %d levels at (%d, %d); the mean of an "
		       "area by %.1f at (%d, %d)\n",
		       name, found.cells, found.cell, found.cell_x * factor,
		       found.cell_y * factor, found.area, found.area_x * factor,
		       found.area_y * factor);
	return same;
}

static bool check_slide(void *context, const char *id, const struct canvas *full,
			struct err *err)
{
	struct round *round = context;
	struct canvas *expected, *actual;
	char name[SLIDE_ID_MAX], path[PATH_SIZE];
	struct err none;
	bool same, done = true;

	name_of(id, name);
	if (!remember(round, name, err))
		return false;
	actual = thumbnail_reduce(full, thumbnail_factor(full, THUMBNAIL_SIDE_MAX), err);
	if (!actual)
		return false;
	reference_path(round, name, path);
	expected = thumbnail_load(path, &none);
	same = compare(round, name, expected, actual);
	if (!same) {
		round->differing++;
		done = write_evidence(round, name, full, expected, actual, err);
	}
	canvas_free(expected);
	if (!done) {
		canvas_free(actual);
		return false;
	}
	return sheet_add(round->sheet, actual, id, !same, err);
}

static bool tell_stale(struct round *round, const char *path, struct err *err)
{
	(void)err;
	printf("%s: there is no such slide\n", path);
	round->differing++;
	return true;
}

static bool check(struct scene *scene, struct round *round, const char *folder,
		  struct err *err)
{
	char evidence[PATH_SIZE], path[PATH_SIZE];

	snprintf(evidence, sizeof(evidence), "%s/%s-%s", folder, round->size->name,
		 theme_name(round->dark));
	round->folder = evidence;
	/* What an earlier run left does not speak for this one. */
	if (!dir_remove(evidence, err) || !dir_make(evidence, 0755, err))
		return false;
	round->sheet = sheet_new(err);
	snprintf(path, sizeof(path), "%s/%s-%s.png", folder, round->size->name,
		 theme_name(round->dark));
	if (!round->sheet ||
	    !scene_each(scene, round->size, round->dark, check_slide, round, err) ||
	    !sheet_save(round->sheet, round->dark, path, err) ||
	    !each_stale(round, tell_stale, err))
		return false;
	printf("%zu slides, worst difference %d levels of a cell (at most %d), %.2f of an "
	       "area's mean (at most %.1f)\n%s\n",
	       round->count, round->cell, THUMBNAIL_CELL_LEVELS, round->area,
	       THUMBNAIL_AREA_LEVELS, path);
	if (round->differing == 0)
		return dir_remove(evidence, err);
	return err_set(
		err, ERR_INVALID,
		"%zu differ from their reference: look at %s and %s, and if they are "
		"as they should be, run ./ekimae accept golden",
		round->differing, path, evidence);
}

/* --- accept --- */

static bool accept_slide(void *context, const char *id, const struct canvas *full,
			 struct err *err)
{
	struct round *round = context;
	struct canvas *actual;
	char name[SLIDE_ID_MAX], path[PATH_SIZE], fresh[PATH_SIZE + sizeof(".new")];
	bool saved, changed;

	name_of(id, name);
	if (!remember(round, name, err))
		return false;
	reference_path(round, name, path);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
	actual = thumbnail_reduce(full, thumbnail_factor(full, THUMBNAIL_SIDE_MAX), err);
	saved = actual && thumbnail_save(actual, fresh, err);
	canvas_free(actual);
	if (!saved || !thumbnail_renew(path, fresh, &changed, err))
		return false;
	if (changed) {
		printf("changed %s\n", path);
		round->differing++;
	}
	return true;
}

static bool remove_stale(struct round *round, const char *path, struct err *err)
{
	printf("removed %s\n", path);
	round->differing++;
	return unlink(path) == 0 || err_set_errno(err, "%s", path);
}

static bool accept_round(struct scene *scene, struct round *round, struct err *err)
{
	char folder[PATH_SIZE];

	reference_folder(round, folder);
	return dir_make(folder, 0755, err) &&
	       scene_each(scene, round->size, round->dark, accept_slide, round, err) &&
	       each_stale(round, remove_stale, err);
}

static bool accept_all(struct scene *scene, struct round *round, struct err *err)
{
	size_t changed = 0;

	for (size_t i = 0; i < SCENE_SIZES; i++)
		for (int dark = 0; dark < 2; dark++) {
			*round = (struct round){.size = &scene_sizes[i],
						.dark = dark == 1};
			if (!accept_round(scene, round, err))
				return false;
			changed += round->differing;
		}
	printf("%zu references changed\n", changed);
	return true;
}

/* --- the command line --- */

static bool round_parse(struct round *round, const char *size, const char *theme,
			struct err *err)
{
	round->size = scene_size(size);
	round->dark = strcmp(theme, "dark") == 0;
	if (!round->size || (!round->dark && strcmp(theme, "light") != 0))
		return err_set(err, ERR_USAGE, "%s %s: is no size and theme\n%s", size,
			       theme, usage);
	return true;
}

static bool run(struct scene *scene, struct round *round, int count, char **words,
		struct err *err)
{
	if (count == 1 && strcmp(words[0], "accept") == 0)
		return accept_all(scene, round, err) && documents_write(scene, err);
	if (count == 4 && strcmp(words[0], "check") == 0)
		return round_parse(round, words[1], words[2], err) &&
		       check(scene, round, words[3], err);
	if (count == 2 && strcmp(words[0], "documents") == 0)
		return documents_check(scene, words[1], err);
	return err_set(err, ERR_USAGE, "%s", usage);
}

int main(int argc, char **argv)
{
	struct err err = {.text = "standard output"};
	static struct round round; /* too large for a stack */
	struct scene *scene = scene_new(&err);
	bool done = scene && run(scene, &round, argc - 1, argv + 1, &err);

	sheet_free(round.sheet);
	scene_free(scene);
	if (done && fflush(stdout) == 0)
		return EXIT_SUCCESS;
	fprintf(stderr, "golden: %s\n", err.text);
	return EXIT_FAILURE;
}
