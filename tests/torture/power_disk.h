#ifndef TORTURE_POWER_DISK_H
#define TORTURE_POWER_DISK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A disk that loses power: a VFS of SQLite, in memory, and the default one once it is
 * installed. What was written and not synced when the power goes is kept, lost or torn at
 * random, write by write and sector by sector, as a write-back cache may do it. Deleted and
 * new files without a sync of their folder come back or go.
 *
 * As on the disks that SQLite is built for, a write that is torn leaves the bytes beside it
 * alone, and a sync that returned holds.
 */
void power_disk_install(uint64_t seed);
void power_disk_uninstall(void); /* forgets all files */
/* Forgets all files, which must be closed. */
void power_disk_clear(void);

/* The power goes at the @operations-th write, sync, truncation or removal from now. */
void power_disk_cut_after(uint64_t operations);
/* A disk that says of a sync that it is done, and does it when it likes. */
void power_disk_lie(void);
/* Whether the power is gone: everything fails from then on. */
bool power_disk_is_off(void);
/* The power is back; what is on the disk is what survived. All files must be closed. */
void power_disk_restart(void);

/* Pseudo-random: 0 to @below - 1. The same seed gives the same sequence. */
uint64_t power_disk_random(uint64_t below);

struct power_disk_counts {
	uint64_t cuts, kept, lost, torn; /* writes that were not synced when it went */
};
struct power_disk_counts power_disk_counts(void);

#endif /* TORTURE_POWER_DISK_H */
