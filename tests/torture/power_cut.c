/*
 * power_cut CUTS [SEED [lie]]: the screen's play log and the city's ledger on a disk whose
 * power goes at random instants, CUTS times each. With "lie" the disk does not sync when it
 * is told to, and the check must find that.
 */
#include "power_cut.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "power_disk.h"
#include "support/tmp.h"

static uint64_t seed = 20260401;
static char *folder; /* of a database that is but a name: its disk is in memory */

void power_cut_fail(const char *format, ...)
{
	va_list args;

	fprintf(stderr, "FAILED (seed %" PRIu64 ", cut %" PRIu64 "): ", seed,
		power_disk_counts().cuts);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	tmp_remove(folder);
	exit(EXIT_FAILURE);
}

uint64_t power_cut_operations(void)
{
	return 1 + power_disk_random(power_disk_random(4) == 0 ? 400 : 40);
}

static void run(const char *name, int64_t (*torture)(const char *path, uint64_t cuts),
		uint64_t cuts)
{
	struct power_disk_counts before = power_disk_counts(), after;
	char *path;
	int64_t rows;

	folder = tmp_dir();
	path = tmp_path(folder, "power.db");
	power_disk_install(seed);
	rows = torture(path, cuts);
	after = power_disk_counts();
	power_disk_uninstall();
	printf("%-10s %8" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %10" PRId64
	       "\n",
	       name, after.cuts - before.cuts, after.kept - before.kept,
	       after.torn - before.torn, after.lost - before.lost, rows);
	free(path);
	tmp_remove(folder);
}

int main(int argc, char **argv)
{
	uint64_t cuts = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;

	if (argc > 4 || cuts == 0) {
		fputs("Usage: power_cut CUTS [SEED [lie]]\n", stderr);
		return EXIT_FAILURE;
	}
	if (argc == 4)
		power_disk_lie();
	if (argc > 2)
		seed = strtoull(argv[2], NULL, 10);
	printf("Power cuts, seed %" PRIu64 "; of writes not synced: kept, torn, lost\n"
	       "%-10s %8s %10s %10s %10s %10s\n",
	       seed, "", "cuts", "kept", "torn", "lost", "rows");
	run("play log", power_cut_playlog, cuts);
	run("ledger", power_cut_ledger, cuts);
	run("new ledger", power_cut_new_ledger, cuts);
	puts("Every row that was confirmed is there, and every chain holds.");
	return EXIT_SUCCESS;
}
