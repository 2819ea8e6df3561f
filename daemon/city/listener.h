#ifndef CITY_LISTENER_H
#define CITY_LISTENER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * Opens a listening TCP socket at "127.0.0.1:8470" or "[::1]:8470"; port 0 is chosen by the
 * system, and @*out_port tells which. -1 on failure, with @err set.
 */
MUST_USE int listener_open(const char *address, uint16_t *out_port, struct err *err);

/* Whether @address is of that form, without opening anything. */
MUST_USE bool listener_check(const char *address, struct err *err);

#endif /* CITY_LISTENER_H */
