#ifndef OS_MACHINE_H
#define OS_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/* Bytes of the file system that holds @path: free for us, and in all. */
MUST_USE bool machine_disk(const char *path, int64_t *out_free, int64_t *out_total,
			   struct err *err);

#define MACHINE_SYSFS "/sys/class"

/*
 * The hottest of the machine's sensors in thousandths of a degree Celsius: thermal zones, or
 * hwmon where there is none, below @sysfs. False when it has no sensor that can be read.
 */
bool machine_temperature(const char *sysfs, int64_t *out_millidegrees);

#endif /* OS_MACHINE_H */
