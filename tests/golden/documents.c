#include "golden/documents.h"

#include <stddef.h>
#include <stdio.h>

#include "core/err.h"
#include "golden/scene.h"
#include "golden/sheet.h"
#include "golden/thumbnail.h"
#include "os/file.h"
#include "render/canvas.h"

#define IMAGES    EKIMAE_SOURCE_DIR "/docs/images"
#define PATH_SIZE 1024

static const struct document {
	const char *file;
	const char *slide; /* NULL: the contact sheet of all */
	const char *size;
	bool dark;
	int factor; /* by which the slide is made smaller */
} documents[] = {
	{"slide.png", "initiative/4", "1920x1080", false, 1},
	{"stages.png", "plan/stages", "1920x1080", false, 2},
	{"roadmap-night.png", "initiative/20", "1920x1080", true, 2},
	{"english.png", "initiative/1/p2", "1920x1080", false, 2},
	{"contact-sheet.png", NULL, "1920x1080", false, 0},
	{"contact-sheet-upright-night.png", NULL, "1080x1920", true, 0},
};

static bool add_to_sheet(void *context, const char *id, const struct canvas *full,
			 struct err *err)
{
	struct canvas *small =
		thumbnail_reduce(full, thumbnail_factor(full, THUMBNAIL_SIDE_MAX), err);

	return small && sheet_add(context, small, id, false, err);
}

static bool draw_sheet(struct scene *scene, const struct document *document,
		       const char *path, struct err *err)
{
	struct sheet *sheet = sheet_new(err);
	bool drawn = sheet &&
		     scene_each(scene, scene_size(document->size), document->dark,
				add_to_sheet, sheet, err) &&
		     sheet_save(sheet, document->dark, path, err);

	sheet_free(sheet);
	return drawn;
}

static bool draw(struct scene *scene, const struct document *document, const char *path,
		 struct err *err)
{
	struct canvas *full, *picture;
	bool drawn;

	if (!document->slide)
		return draw_sheet(scene, document, path, err);
	full = scene_draw(scene, scene_size(document->size), document->dark,
			  document->slide, NULL, err);
	picture = full ? thumbnail_reduce(full, document->factor, err) : NULL;
	drawn = picture && thumbnail_save(picture, path, err);
	canvas_free(picture);
	canvas_free(full);
	return drawn;
}

/* Whether the picture at @path is the one in the documents, if that can be read. */
static bool is_current(const struct document *document, const char *path)
{
	char shipped[PATH_SIZE];
	struct thumbnail_difference found;
	struct canvas *expected, *actual;
	struct err none;
	bool same;

	snprintf(shipped, sizeof(shipped), "%s/%s", IMAGES, document->file);
	expected = thumbnail_load(shipped, &none);
	actual = thumbnail_load(path, &none);
	same = expected && actual && thumbnail_same(expected, actual, &found);
	canvas_free(actual);
	canvas_free(expected);
	return same;
}

bool documents_write(struct scene *scene, struct err *err)
{
	scene_forget_samples(scene);
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		char path[PATH_SIZE], fresh[PATH_SIZE];
		bool changed;

		snprintf(path, sizeof(path), "%s/%s", IMAGES, documents[i].file);
		snprintf(fresh, sizeof(fresh), "%s/%s.new", IMAGES, documents[i].file);
		if (!draw(scene, &documents[i], fresh, err) ||
		    !thumbnail_renew(path, fresh, &changed, err))
			return false;
		if (changed)
			printf("changed %s\n", path);
	}
	return true;
}

bool documents_check(struct scene *scene, const char *folder, struct err *err)
{
	size_t differing = 0;

	scene_forget_samples(scene);
	if (!dir_remove(folder, err) || !dir_make(folder, 0755, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		char path[PATH_SIZE];

		snprintf(path, sizeof(path), "%s/%s", folder, documents[i].file);
		if (!draw(scene, &documents[i], path, err))
			return false;
		if (is_current(&documents[i], path)) {
			remove(path);
			continue;
		}
		printf("%s is not what is drawn now\n", documents[i].file);
		differing++;
	}
	if (differing == 0)
		return dir_remove(folder, err);
	return err_set(
		err, ERR_INVALID,
		"%zu pictures of the documents are of slides as they were: look at "
		"%s, and if they are as they should be, run ./ekimae accept golden",
		differing, folder);
}
