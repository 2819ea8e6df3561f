#include "render/pictogram.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "core/attr.h"
#include "render/shape.h"

/*
 * Drawings on a grid of 48 with a margin of about 4, in strokes 3.8 wide. One letter and
 * its numbers make a piece:
 *
 *   M x y          start of a line        L x y   line to
 *   C x y x y x y  cubic curve to         Z       back to the start
 *   R x y w h r    rectangle with round corners
 *   O x y r        circle                 D x y r dot, filled
 *   A x y r a b    arc from a to b degrees, clockwise from three o'clock
 *   F              fills what has been drawn since the last stroke, instead of stroking
 */
#define GRID 48.0
#define LINE 3.8

struct drawing {
	const char *id;
	const char *pieces;
};

static const struct drawing drawings[] = {
	{"card", "R4 9 40 30 5 O15.5 20 4 M9.5 31.5 C9.5 26 21.5 26 21.5 31.5 "
		 "M29 19.5 L37 19.5 M29 28.5 L37 28.5"},
	{"globe", "O24 24 19.5 M4.5 24 L43.5 24 M24 4.5 C13 14 13 34 24 43.5 "
		  "M24 4.5 C35 14 35 34 24 43.5"},
	{"message", "M10 6 L38 6 C41.5 6 44 8.5 44 12 L44 28 C44 31.5 41.5 34 38 34 "
		    "L24 34 L14 43 L14 34 L10 34 C6.5 34 4 31.5 4 28 L4 12 "
		    "C4 8.5 6.5 6 10 6 Z D15 20 2.7 D24 20 2.7 D33 20 2.7"},
	{"screen", "R4 5 40 27 4 M24 32 L24 43 M14 43 L34 43 M20 13 L20 24 L29.5 18.5 Z"},
	{"wifi", "D24 38 3.6 A24 38 11 -135 -45 A24 38 20 -135 -45 A24 38 29 -135 -45"},
	{"counter", "O24 11 6.5 M11.5 30 C11.5 18.5 36.5 18.5 36.5 30 M4 30 L44 30 "
		    "M9 30 L9 43.5 L39 43.5 L39 30"},
	{"form", "M17.5 23.5 L10.5 30.5 L8 40 L17.5 37.5 L24.5 30.5 "
		 "M23.5 17.5 L31.5 9.5 C33 8 35 8 36.5 9.5 L38.5 11.5 "
		 "C40 13 40 15 38.5 16.5 L30.5 24.5 M8 8 L40 40"},
	{"video", "R4 11 28 26 5 M32 21.5 L44 14 L44 34 L32 26.5"},
	{"child", "O24 26 17.5 D17.8 24 2.7 D30.2 24 2.7 A24 27 7.5 25 155 "
		  "M24 8.5 C24 3.5 30.5 3 30.5 6.5"},
	{"cashless", "R6 4 22 40 5 M15 36.5 L19 36.5 A25 22 11.5 -42 42 "
		     "A25 22 19 -42 42"},
	{"sports", "M12.5 12 L12.5 36 M35.5 12 L35.5 36 M4.5 18.5 L4.5 29.5 "
		   "M43.5 18.5 L43.5 29.5 M12.5 24 L35.5 24"},
	{"shop", "M9 5 L39 5 L44 17 L4 17 Z A10.7 17 6.7 0 180 A24 17 6.7 0 180 "
		 "A37.3 17 6.7 0 180 M8.5 27 L8.5 43.5 L39.5 43.5 L39.5 27 "
		 "M20 43 L20 34 L28 34 L28 43"},
	{"procedure", "R9 7 30 25 4 M4 40 L44 40 M17.5 19.5 L22.5 24 L31 15"},
	{"opendata", "M5 39.5 L5 9 L18 9 L22.5 15 L43 15 L43 39.5 Z M24 33.5 L24 23 "
		     "M18.5 27 L24 21.8 L29.5 27"},
	{"scan", "M4.5 14 L4.5 9 C4.5 6 6 4.5 9 4.5 L14 4.5 M34 4.5 L39 4.5 "
		 "C42 4.5 43.5 6 43.5 9 L43.5 14 M43.5 34 L43.5 39 C43.5 42 42 43.5 "
		 "39 43.5 L34 43.5 M14 43.5 L9 43.5 C6 43.5 4.5 42 4.5 39 L4.5 34 "
		 "M4.5 24 L43.5 24 M14.5 14.5 L33.5 14.5 M14.5 33.5 L26 33.5"},
	{"telework", "M4 23 L24 5 L44 23 M9.5 18.5 L9.5 43.5 L38.5 43.5 L38.5 18.5 "
		     "R17.5 22 13 8.5 1.5 M15.5 36 L32.5 36"},
	{"shield", "M24 4 L41 10 L41 22 C41 33 34 40 24 44 C14 40 7 33 7 22 L7 10 Z "
		   "M16 23.5 L22 29.5 L32.5 18"},
	{"servers", "R5 4.5 38 16 4 R5 27.5 38 16 4 D13.5 12.5 2.7 D13.5 35.5 2.7 "
		    "M24 12.5 L34 12.5 M24 35.5 L34 35.5 M24 20.5 L24 27.5"},
	{"stamp", "O24 10.5 6.5 M20.5 17 C22 21 19.5 26 13 26.5 M27.5 17 "
		  "C26 21 28.5 26 35 26.5 R7 26.5 34 9 3 M5 43.5 L43 43.5"},
	{"runner", "O31.5 8.5 4.6 M11.5 21 L18 15.5 L27 18.5 L32.5 24.5 L40.5 23 "
		   "M27 18.5 L20.5 28.5 L29 33.5 L26.5 43.5 M19.5 30 L15 37 L6 37.5"},
	{"ai", "R11 11 26 26 5 M18.5 11 L18.5 4 M29.5 11 L29.5 4 M18.5 37 L18.5 44 "
	       "M29.5 37 L29.5 44 M11 18.5 L4 18.5 M11 29.5 L4 29.5 M37 18.5 L44 18.5 "
	       "M37 29.5 L44 29.5 M24 15.5 C24.8 21 27 23.2 32.5 24 "
	       "C27 24.8 24.8 27 24 32.5 C23.2 27 21 24.8 15.5 24 "
	       "C21 23.2 23.2 21 24 15.5 Z F"},
	{"calendar", "R5 9 38 34.5 5 M5 19 L43 19 M15 4 L15 12.5 M33 4 L33 12.5 "
		     "M16.5 30.5 L22 35.5 L31.5 26"},
	{"people", "O18 14 7.5 M4 42 C4 25 32 25 32 42 M31 7 C39.5 8.5 39.5 19.5 31 21 "
		   "M36.5 28.5 C41.5 30.5 44 35.5 44 42"},
	{"bridge", "M4 32 L44 32 M14 8 L14 42.5 M34 8 L34 42.5 "
		   "M14 8 C18 25 30 25 34 8 M14 8 C13 15 9.5 20.5 4 23 "
		   "M34 8 C35 15 38.5 20.5 44 23"},
	{"textbook", "M24 12 C18.5 8 12 7 4.5 8 L4.5 38 C12 37 18.5 38 24 42 "
		     "C29.5 38 36 37 43.5 38 L43.5 8 C36 7 29.5 8 24 12 Z M24 12 L24 42"},
	{"checklist",
	 "M4.5 10 L9 14.5 L16.5 6 M24.5 10 L43.5 10 M4.5 24 L9 28.5 L16.5 20 "
	 "M24.5 24 L43.5 24 M4.5 38 L9 42.5 L16.5 34 M24.5 38 L43.5 38"},
	{"chart", "M5 4.5 L5 43 L43.5 43 M16 33.5 L16 27 M27.5 33.5 L27.5 18 "
		  "M39 33.5 L39 8"},
	{"flow", "R4 4 16 16 4 R28 28 16 16 4 M28 12 L33 12 C35.5 12 36 12.5 36 15 "
		 "L36 19.5 M30.5 15.5 L36 21 L41.5 15.5 M20 36 L15 36 "
		 "C12.5 36 12 35.5 12 33 L12 28.5 M6.5 32.5 L12 27 L17.5 32.5"},
	{"flask", "M17 4.5 L31 4.5 M20 4.5 L20 17.5 L7.5 37 C5.5 40.5 7 43.5 11 43.5 "
		  "L37 43.5 C41 43.5 42.5 40.5 40.5 37 L28 17.5 L28 4.5 "
		  "M13 31 L35 31"},
	{"bulb", "M17 31.5 C17 27 9.5 25.5 9.5 17.5 C9.5 9.5 16 4 24 4 "
		 "C32 4 38.5 9.5 38.5 17.5 C38.5 25.5 31 27 31 31.5 Z M18 38 L30 38 "
		 "M21.5 44 L26.5 44"},
	{"bell", "M24 4.5 C15 4.5 11 11 11 19 L11 26 L5.5 35 L42.5 35 L37 26 L37 19 "
		 "C37 11 33 4.5 24 4.5 Z M18.5 41.5 C20 45 28 45 29.5 41.5"},
	{"cycle", "A24 24 18 -165 -32 A24 24 18 15 148 M41.3 5.5 L39.3 14.5 L30.3 13.5 "
		  "M6.7 42.5 L8.7 33.5 L17.7 34.5"},
	{"steps", "M4.5 43 L4.5 33 L17.5 33 L17.5 23 L30.5 23 L30.5 13 L43.5 13 L43.5 43 "
		  "Z"},
	{"compass", "O24 24 19.5 M33 15 L27.8 27.8 L15 33 L20.2 20.2 Z"},
	{"pin", "M24 44 C24 44 39.5 31 39.5 18.5 C39.5 10 32.5 4 24 4 "
		"C15.5 4 8.5 10 8.5 18.5 C8.5 31 24 44 24 44 Z O24 18.5 5.8"},
	{"count", "M7 6 L41 6 M24 6 L24 42.5 M24 23.5 L38 23.5 M12 22 L12 42.5 "
		  "M4.5 42.5 L43.5 42.5"},
};

static const struct drawing *find(const char *id)
{
	for (size_t i = 0; i < ARRAY_LEN(drawings); i++)
		if (strcmp(drawings[i].id, id) == 0)
			return &drawings[i];
	return NULL;
}

bool pictogram_exists(const char *id)
{
	return find(id) != NULL;
}

const char *pictogram_id(size_t index)
{
	return index < ARRAY_LEN(drawings) ? drawings[index].id : NULL;
}

/* A drawing in progress: where the text is, and how the grid lies on the canvas. */
struct pen {
	const char *at;
	double x, y, scale;
	struct canvas *canvas;
	struct colour colour;
	struct shape_path path; /* strokes not yet drawn */
};

/* Numbers are read here, as strtod() would heed the locale's decimal point. */
static double number(struct pen *pen)
{
	double value = 0;
	double unit = 1;
	bool negative = false;

	while (*pen->at == ' ')
		pen->at++;
	if (*pen->at == '-') {
		negative = true;
		pen->at++;
	}
	for (; *pen->at >= '0' && *pen->at <= '9'; pen->at++)
		value = value * 10 + (*pen->at - '0');
	if (*pen->at == '.')
		for (pen->at++; *pen->at >= '0' && *pen->at <= '9'; pen->at++) {
			unit /= 10;
			value += unit * (*pen->at - '0');
		}
	return negative ? -value : value;
}

static double length(struct pen *pen)
{
	return number(pen) * pen->scale;
}

static struct shape_point point(struct pen *pen)
{
	double x = pen->x + length(pen);
	double y = pen->y + length(pen);

	return (struct shape_point){x, y};
}

/* A new part, so that an arc is not joined to what came before. */
static void arc(struct pen *pen)
{
	struct shape_point middle = point(pen);
	double radius = length(pen);
	double from = number(pen) * M_PI / 180;
	double to = number(pen) * M_PI / 180;

	shape_path_move(&pen->path, middle.x + radius * cos(from),
			middle.y + radius * sin(from));
	shape_path_arc(&pen->path, middle.x, middle.y, radius, radius, from, to);
}

static void circle(struct pen *pen)
{
	struct shape_point middle = point(pen);
	double radius = length(pen);

	shape_path_move(&pen->path, middle.x + radius, middle.y);
	shape_path_arc(&pen->path, middle.x, middle.y, radius, radius, 0, 2 * M_PI);
	shape_path_close(&pen->path);
}

static void rectangle(struct pen *pen)
{
	struct shape_point corner = point(pen);
	struct shape_point size = {length(pen), length(pen)};
	double radius = length(pen);
	const double radii[4] = {radius, radius, radius, radius};

	shape_path_round_rect(&pen->path, corner.x, corner.y, size.x, size.y, radii);
}

static void dot(struct pen *pen)
{
	struct shape_point middle = point(pen);
	double radius = length(pen);

	shape_circle(pen->canvas, middle.x, middle.y, radius, pen->colour);
}

static void curve(struct pen *pen)
{
	struct shape_point first = point(pen);
	struct shape_point second = point(pen);
	struct shape_point end = point(pen);

	shape_path_cubic(&pen->path, first.x, first.y, second.x, second.y, end.x, end.y);
}

/* The last part is filled; those before it stay strokes. */
static void fill_last(struct pen *pen)
{
	struct shape_path *path = &pen->path;
	struct shape_path last;

	if (path->parts == 0)
		return;
	shape_path_init(&last);
	size_t start = path->start[path->parts - 1];
	for (size_t i = start; i < path->count; i++)
		shape_path_line(&last, path->points[i].x, path->points[i].y);
	path->count = start;
	path->parts--;
	shape_path_fill(pen->canvas, &last, pen->colour, 1);
}

static void piece(struct pen *pen, char kind)
{
	struct shape_point to;

	switch (kind) {
	case 'M':
		to = point(pen);
		shape_path_move(&pen->path, to.x, to.y);
		break;
	case 'L':
		to = point(pen);
		shape_path_line(&pen->path, to.x, to.y);
		break;
	case 'C':
		curve(pen);
		break;
	case 'Z':
		shape_path_close(&pen->path);
		break;
	case 'R':
		rectangle(pen);
		break;
	case 'O':
		circle(pen);
		break;
	case 'D':
		dot(pen);
		break;
	case 'A':
		arc(pen);
		break;
	case 'F':
		fill_last(pen);
		break;
	default: /* spaces between pieces */
		break;
	}
}

void pictogram_draw(struct canvas *canvas, const char *id, double x, double y,
		    double size, struct colour colour)
{
	const struct drawing *drawing = find(id);

	if (drawing == NULL || !(size > 0) || !(size < 4 * CANVAS_SIDE_MAX))
		return;

	struct pen pen = {.at = drawing->pieces,
			  .x = x,
			  .y = y,
			  .scale = size / GRID,
			  .canvas = canvas,
			  .colour = colour};
	shape_path_init(&pen.path);
	while (*pen.at != '\0')
		piece(&pen, *pen.at++);
	shape_path_stroke(canvas, &pen.path, LINE * pen.scale, colour, 1);
}
