#include "render/tiles.h"

#include <stdlib.h>
#include <string.h>

static size_t size_of(const struct tiles *tiles)
{
	return (size_t)tiles->columns * (size_t)tiles->rows * sizeof(*tiles->colours);
}

bool tiles_resize(struct tiles *tiles, int width, int height)
{
	int columns = (width + TILE_WIDTH - 1) / TILE_WIDTH;
	int rows = (height + TILE_HEIGHT - 1) / TILE_HEIGHT;

	if (tiles->columns == columns && tiles->rows == rows)
		return true;
	tiles_free(tiles);
	*tiles = (struct tiles){.columns = columns, .rows = rows};
	tiles->colours = malloc(size_of(tiles));
	if (tiles->colours == NULL) {
		tiles_free(tiles);
		return false;
	}
	tiles_forget(tiles);
	return true;
}

void tiles_free(struct tiles *tiles)
{
	free(tiles->colours);
	*tiles = (struct tiles){0};
}

void tiles_forget(struct tiles *tiles)
{
	_Static_assert(TILE_MIXED == UINT32_MAX, "its bytes are all the same");
	if (tiles->colours != NULL)
		memset(tiles->colours, 0xff, size_of(tiles));
}

void tiles_copy(struct tiles *to, const struct tiles *from)
{
	memcpy(to->colours, from->colours, size_of(from));
}

static uint32_t *place(const struct tiles *tiles, int column, int row)
{
	return &tiles->colours[(size_t)row * (size_t)tiles->columns + (size_t)column];
}

uint32_t tiles_at(const struct tiles *tiles, int column, int row)
{
	return *place(tiles, column, row);
}

void tiles_set(struct tiles *tiles, int column, int row, uint32_t colour)
{
	*place(tiles, column, row) = colour;
}

/* The tiles from *@first to before *@end that @length pixels from @at on touch. */
static void range(int at, int length, int tile, int count, int *first, int *end)
{
	int64_t past = (int64_t)at + length;

	*first = at > 0 ? at / tile : 0;
	*end = length <= 0 || past <= 0 ? 0 : (int)((past - 1) / tile + 1);
	if (*end > count)
		*end = count;
}

void tiles_touch(struct tiles *tiles, const int rect[static 4])
{
	int left, right, top, bottom;

	range(rect[0], rect[2], TILE_WIDTH, tiles->columns, &left, &right);
	range(rect[1], rect[3], TILE_HEIGHT, tiles->rows, &top, &bottom);
	for (int row = top; row < bottom; row++)
		for (int column = left; column < right; column++)
			tiles_set(tiles, column, row, TILE_MIXED);
}
