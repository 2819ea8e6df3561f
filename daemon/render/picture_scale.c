#include "render/picture_scale.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "render/canvas.h"
#include "render/pixel.h"

#define CHANNELS 3

/* What one pixel of the result takes along one direction: weights from @first on. */
struct taps {
	int first, count;
	const float *weights;
};

struct axis {
	struct taps *taps; /* by pixel of the result */
	float *weights;    /* of all of them */
};

static void axis_done(struct axis *axis)
{
	free(axis->taps);
	free(axis->weights);
}

/*
 * A tent as wide as two source pixels on the way up (linear between neighbours), as two
 * pixels of the result on the way down, cut at the edges and made to sum to one.
 */
static bool axis_init(struct axis *axis, int from, int to, struct err *err)
{
	double scale = (double)from / to, reach = fmax(scale, 1);
	int most = (int)ceil(2 * reach) + 2;
	float *next;

	axis->taps = calloc((size_t)to, sizeof(*axis->taps));
	axis->weights = calloc((size_t)to * (size_t)most, sizeof(*axis->weights));
	if (!axis->taps || !axis->weights)
		return err_set(err, ERR_NO_MEMORY, "picture: out of memory");
	next = axis->weights;
	for (int i = 0; i < to; i++) {
		double middle = (i + 0.5) * scale - 0.5, sum = 0;
		int first = (int)fmax(ceil(middle - reach), 0);
		int last = (int)fmin(floor(middle + reach), from - 1);

		axis->taps[i] = (struct taps){first, last - first + 1, next};
		for (int at = first; at <= last; at++) {
			next[at - first] = (float)fmax(1 - fabs(at - middle) / reach, 0);
			sum += (double)next[at - first];
		}
		for (int at = first; at <= last; at++)
			next[at - first] /= (float)sum;
		next += last - first + 1;
	}
	return true;
}

/* One source row, scaled across into @out. */
static void scale_across(const uint32_t *row, const struct axis *across, int width,
			 float *out)
{
	for (int x = 0; x < width; x++) {
		const struct taps *taps = &across->taps[x];
		float red = 0, green = 0, blue = 0;

		for (int i = 0; i < taps->count; i++) {
			uint32_t pixel = row[taps->first + i];
			float weight = taps->weights[i];

			red += weight * (float)(pixel >> 16 & 255);
			green += weight * (float)(pixel >> 8 & 255);
			blue += weight * (float)(pixel & 255);
		}
		*out++ = red;
		*out++ = green;
		*out++ = blue;
	}
}

static uint32_t to_byte(float value)
{
	return (uint32_t)lrintf(fminf(fmaxf(value, 0), 255));
}

/* Rows of the result that are not complete yet, as sums: few of them are open at a time. */
struct sums {
	float *rows;
	int count; /* room for, used in turn */
	size_t width;
};

static float *sum_of(const struct sums *sums, int y)
{
	return sums->rows + (size_t)(y % sums->count) * sums->width * CHANNELS;
}

static void finish_row(const struct sums *sums, struct canvas *out, int y)
{
	uint32_t *pixels = pixel_row(out, y);
	float *sum = sum_of(sums, y);

	canvas_touch(out, (int[4]){0, y, out->width, 1});
	for (int x = 0; x < out->width; x++)
		pixels[x] = to_byte(sum[x * CHANNELS]) << 16 |
			    to_byte(sum[x * CHANNELS + 1]) << 8 |
			    to_byte(sum[x * CHANNELS + 2]);
	memset(sum, 0, sums->width * CHANNELS * sizeof(*sum));
}

static void add_row(const struct sums *sums, const float *row, const struct axis *down,
		    int source_y, int first, int last)
{
	for (int y = first; y <= last; y++) {
		const struct taps *taps = &down->taps[y];
		float *sum = sum_of(sums, y);
		float weight;

		if (source_y < taps->first || source_y >= taps->first + taps->count)
			continue;
		weight = taps->weights[source_y - taps->first];
		for (size_t i = 0; i < sums->width * CHANNELS; i++)
			sum[i] += weight * row[i];
	}
}

bool picture_scale_rows(picture_row_fn *row, void *context, int width, int height,
			struct canvas *out, struct err *err)
{
	CLEANUP(axis_done) struct axis across = {0};
	CLEANUP(axis_done) struct axis down = {0};
	/* Rows of the result that one source row takes part in, at most. */
	int open = (int)ceil(2 * fmax((double)out->height / height, 1)) + 4;
	struct sums sums = {.count = open, .width = (size_t)out->width};
	float *scaled = calloc((size_t)out->width * CHANNELS, sizeof(*scaled));
	int done = 0;
	bool ok;

	sums.rows = calloc((size_t)open * sums.width * CHANNELS, sizeof(*sums.rows));
	ok = scaled && sums.rows;
	if (!ok)
		err_set(err, ERR_NO_MEMORY, "picture: out of memory");
	ok = ok && axis_init(&across, width, out->width, err) &&
	     axis_init(&down, height, out->height, err);
	for (int y = 0; ok && y < height; y++) {
		int last = done;

		scale_across(row(context, y), &across, out->width, scaled);
		while (last + 1 < out->height && down.taps[last + 1].first <= y)
			last++;
		add_row(&sums, scaled, &down, y, done, last);
		while (done < out->height &&
		       down.taps[done].first + down.taps[done].count - 1 <= y)
			finish_row(&sums, out, done++);
	}
	free(sums.rows);
	free(scaled);
	return ok;
}
