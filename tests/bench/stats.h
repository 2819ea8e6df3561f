#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

/* Samples in the order in which they came; grown as needed. Zero-initialise it. */
struct samples {
	int64_t *values;
	size_t count, room;
};

/* Ends the program when memory is short: a benchmark with holes is none. */
void samples_add(struct samples *samples, int64_t value);
void samples_free(struct samples *samples);

/* The value below which @part (0 to 1) of the samples lie; sorts them. 0 of no samples. */
int64_t samples_at(struct samples *samples, double part);

#endif /* BENCH_STATS_H */
