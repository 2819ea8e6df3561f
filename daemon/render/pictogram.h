#ifndef RENDER_PICTOGRAM_H
#define RENDER_PICTOGRAM_H

#include <stdbool.h>
#include <stddef.h>

#include "render/canvas.h"

/*
 * Our own pictograms: strokes of one width with round ends in a square. Ids, in the order
 * of the initiatives 1–30:
 *
 *   card globe message screen wifi counter form video child cashless sports shop procedure
 *   opendata scan telework shield servers stamp runner ai calendar people bridge textbook
 *   checklist chart flow flask bulb
 *
 * and for the other slides: bell cycle steps compass pin count.
 */
bool pictogram_exists(const char *id);

/* The id at @index in the order above, NULL behind the last. */
const char *pictogram_id(size_t index);

/* Draws into a square of @size pixels at (@x, @y). An unknown id draws nothing. */
void pictogram_draw(struct canvas *canvas, const char *id, double x, double y,
		    double size, struct colour colour);

#endif /* RENDER_PICTOGRAM_H */
