#ifndef TORTURE_HARM_H
#define TORTURE_HARM_H

#include <stdatomic.h>
#include <stdint.h>

/*
 * What is done to a running program: shared through the file that $EKIMAE_HARM names, by
 * "harm", which sets it, and libharm.so, which is loaded before everything else and obeys.
 */
struct harm {
	_Atomic int64_t clock_ms;     /* added to the wall clock */
	_Atomic int64_t clock_is_set; /* whether a time source has set it; 0: no */
	_Atomic int64_t disk_is_full; /* below $EKIMAE_HARM_DISK, for whatever grows */
};

#endif /* TORTURE_HARM_H */
