#ifndef DISPLAY_SAMPLE_H
#define DISPLAY_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A few pixels of a frame, taken back from where it was presented: enough to tell a black
 * one and to compare two, and few enough to cost nothing.
 */
#define SAMPLE_COLUMNS 32
#define SAMPLE_ROWS    18

/* Where sample @index of @count lies on a side of @size pixels: in the middle of its part. */
static inline int sample_at(int index, int count, int size)
{
	return (int)((int64_t)(2 * index + 1) * size / (2 * count));
}

struct sample {
	uint64_t checksum; /* FNV-1a of the pixels' red, green and blue */
	bool black; /* no pixel is brighter than black is on a panel of limited range */
};

/* Of SAMPLE_ROWS rows of SAMPLE_COLUMNS pixels, XRGB. */
struct sample sample_of(const uint32_t pixels[static SAMPLE_ROWS * SAMPLE_COLUMNS]);

#endif /* DISPLAY_SAMPLE_H */
