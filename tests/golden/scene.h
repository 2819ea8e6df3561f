#ifndef GOLDEN_SCENE_H
#define GOLDEN_SCENE_H

#include <stdbool.h>

#include "core/attr.h"
#include "render/slide.h"

struct canvas;
struct err;

/*
 * What the references show: the real plan in all its languages, the notices and the count of
 * programme.json, at 15:29 on Sunday, 22 November 2026, on a 55-inch panel seen from 5 m; and,
 * with ids that begin with "no-count/" and "results/", slides without that count and with
 * sample results by year.
 */
struct scene;

MUST_USE struct scene *scene_new(struct err *err);
struct scene *scene_free(struct scene *scene); /* NULL is fine; returns NULL */

/* For pictures that people see: the count and the results by year are made up. */
void scene_forget_samples(struct scene *scene);

struct scene_size {
	const char *name; /* "1920x1080" */
	int width, height;
};

#define SCENE_SIZES 4
extern const struct scene_size scene_sizes[SCENE_SIZES];

/* NULL when there is no such size. */
const struct scene_size *scene_size(const char *name);

/* One slide. @id as in render/slide.h; @out_pages may be NULL. */
MUST_USE struct canvas *scene_draw(struct scene *scene, const struct scene_size *size,
				   bool dark, const char *id, int *out_pages,
				   struct err *err);

/* Draws every page of every item and hands it over; @canvas is borrowed. */
typedef bool scene_each_fn(void *context, const char *id, const struct canvas *canvas,
			   struct err *err);
MUST_USE bool scene_each(struct scene *scene, const struct scene_size *size, bool dark,
			 scene_each_fn *each, void *context, struct err *err);

#endif /* GOLDEN_SCENE_H */
