#include "bench/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void samples_add(struct samples *samples, int64_t value)
{
	if (samples->count == samples->room) {
		samples->room = samples->room * 2 + 64;
		samples->values = realloc(samples->values,
					  samples->room * sizeof(*samples->values));
		if (!samples->values) {
			fputs("bench: out of memory\n", stderr);
			exit(1);
		}
	}
	samples->values[samples->count++] = value;
}

void samples_free(struct samples *samples)
{
	free(samples->values);
	*samples = (struct samples){0};
}

static int compare(const void *a, const void *b)
{
	int64_t left = *(const int64_t *)a;
	int64_t right = *(const int64_t *)b;

	return (left > right) - (left < right);
}

int64_t samples_at(struct samples *samples, double part)
{
	size_t rank;

	if (samples->count == 0)
		return 0;
	qsort(samples->values, samples->count, sizeof(*samples->values), compare);
	/* Nearest rank: the smallest value that is not below @part of the samples. */
	rank = (size_t)ceil(part * (double)samples->count);
	return samples->values[rank > 0 ? rank - 1 : 0];
}
