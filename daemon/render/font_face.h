#ifndef RENDER_FONT_FACE_H
#define RENDER_FONT_FACE_H

#include <SDL_ttf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "render/font.h"

struct font_extents;
struct run_masks;

/* What render/text needs of a font set and no one else should: SDL_ttf's fonts. */

#define FONT_FACE_NONE (-1)

/*
 * Text is measured in the outlines at this size and scaled, so that a layout keeps its
 * proportions at every resolution and no size has to be opened only to be measured.
 */
#define FONT_PROBE_SIZE 1000

/*
 * The face that draws @code_point in @role and @language, or FONT_FACE_NONE when no font
 * has it.
 */
MUST_USE bool font_face_choose(struct font_set *set, enum font_role role,
			       enum font_language language, uint32_t code_point,
			       int *out_face, struct err *err);

/* Face at FONT_PROBE_SIZE, for measuring only. Borrowed until the set is freed. */
MUST_USE TTF_Font *font_face_probe(struct font_set *set, int face, struct err *err);

/*
 * Face at @size, about to draw @characters. Borrowed until the next call, which may close
 * it to make room.
 */
MUST_USE TTF_Font *font_face_open(struct font_set *set, int face, int size,
				  size_t characters, struct err *err);

/* The set's memory of extents; borrowed. */
struct font_extents *font_face_extents(struct font_set *set);

/* The set's memory of runs that were drawn; borrowed. */
struct run_masks *font_face_masks(struct font_set *set);

#endif /* RENDER_FONT_FACE_H */
