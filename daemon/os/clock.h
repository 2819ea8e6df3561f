#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"

struct err;

/* The only place of the project that reads clocks (a lint says so). */

/* One reading of wall and monotonic clock; `synchronised` as timesyncd says, see below. */
struct now clock_now(void);
struct mono_ms clock_mono(void); /* CLOCK_MONOTONIC */
struct mono_ms clock_mono_us(
	int64_t *out_us); /* the same with microseconds, to measure */

/*
 * Whether a time source has set the clock in this boot: /run/systemd/timesync/synchronized
 * exists, or the kernel says so (adjtimex(2), no STA_UNSYNC).
 */
bool clock_is_synchronised(void);

/*
 * From now on every reading is called synchronised: the operator vouches that something
 * which this system can't see keeps its clock, such as the host of a virtual machine.
 */
void clock_vouch(void);

/* /proc/sys/kernel/random/boot_id. */
MUST_USE bool clock_boot_id(char out[static PLAY_BOOT_ID_SIZE], struct err *err);

#endif /* OS_CLOCK_H */
