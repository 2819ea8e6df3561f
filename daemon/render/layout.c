#include "render/layout.h"

#include <math.h>

struct box box_cut_top(struct box *box, double height, double gap)
{
	struct box strip = {box->x, box->y, box->width, fmin(height, box->height)};
	double used = fmin(height + gap, box->height);

	box->y += used;
	box->height -= used;
	return strip;
}

struct box box_cut_bottom(struct box *box, double height, double gap)
{
	double strip = fmin(height, box->height);
	struct box out = {box->x, box_bottom(*box) - strip, box->width, strip};

	box->height -= fmin(height + gap, box->height);
	return out;
}

struct box box_cut_left(struct box *box, double width, double gap)
{
	struct box strip = {box->x, box->y, fmin(width, box->width), box->height};
	double used = fmin(width + gap, box->width);

	box->x += used;
	box->width -= used;
	return strip;
}

struct box box_cut_right(struct box *box, double width, double gap)
{
	double strip = fmin(width, box->width);
	struct box out = {box_right(*box) - strip, box->y, strip, box->height};

	box->width -= fmin(width + gap, box->width);
	return out;
}

struct box box_inset(struct box box, double x, double y)
{
	return (struct box){box.x + x, box.y + y, fmax(box.width - 2 * x, 0),
			    fmax(box.height - 2 * y, 0)};
}

struct box box_column(struct box box, size_t index, size_t count, double gap)
{
	double width = (box.width - gap * (double)(count - 1)) / (double)count;

	return (struct box){box.x + (double)index * (width + gap), box.y, fmax(width, 0),
			    box.height};
}

struct box box_row(struct box box, size_t index, size_t count, double gap)
{
	double height = (box.height - gap * (double)(count - 1)) / (double)count;

	return (struct box){box.x, box.y + (double)index * (height + gap), box.width,
			    fmax(height, 0)};
}

/* Hands @room out by shares; a part that reaches its limit leaves the rest to the others. */
static double stack_grow(struct layout_part *parts, size_t count, double room)
{
	for (size_t round = 0; round < count && room > 0.01; round++) {
		double shares = 0, used = 0;

		for (size_t i = 0; i < count; i++)
			if (parts[i].height < parts[i].grow_max)
				shares += parts[i].grow;
		if (shares <= 0)
			break;
		for (size_t i = 0; i < count; i++) {
			double more = room * parts[i].grow / shares;

			if (parts[i].grow <= 0 || parts[i].height >= parts[i].grow_max)
				continue;
			more = fmin(more, parts[i].grow_max - parts[i].height);
			parts[i].height += more;
			used += more;
		}
		room -= used;
	}
	return room;
}

bool layout_stack(struct box box, struct layout_part *parts, size_t count, double gap_min,
		  double gap_max, bool centred)
{
	double gaps = count > 1 ? (double)(count - 1) : 0;
	double room = box.height, gap = gap_min, y = box.y;
	bool fits;

	for (size_t i = 0; i < count; i++)
		room -= parts[i].height;
	fits = room >= gaps * gap_min - 0.01;
	if (gaps > 0)
		gap = fmin(fmax(room / gaps, gap_min), gap_max);
	room = stack_grow(parts, count, room - gaps * gap);
	if (centred && room > 0)
		y += room / 2;
	for (size_t i = 0; i < count; i++) {
		parts[i].box = (struct box){box.x, y, box.width, parts[i].height};
		y += parts[i].height + gap;
	}
	return fits;
}
