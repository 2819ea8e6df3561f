#ifndef TORTURE_POWER_CUT_H
#define TORTURE_POWER_CUT_H

#include <stdint.h>

/*
 * Each lets the power go @cuts times while it writes, on the installed power disk, and holds
 * what is there afterwards against what it had been told is durable. Ends the program with a
 * sentence on the first difference. @path is the database's; rows that were durable at the
 * end are returned.
 */
int64_t power_cut_playlog(const char *path, uint64_t cuts);
int64_t power_cut_ledger(const char *path, uint64_t cuts);
/* The first that a new ledger is told; each cut is another one's. */
int64_t power_cut_new_ledger(const char *path, uint64_t cuts);

_Noreturn void power_cut_fail(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* How many operations go well before the next cut: often few, sometimes many. */
uint64_t power_cut_operations(void);

#endif /* TORTURE_POWER_CUT_H */
