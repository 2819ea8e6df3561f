#ifndef OS_NOTIFY_H
#define OS_NOTIFY_H

#include "core/time.h"

/* Service notification (sd_notify(3)); all do nothing when no manager listens. */
void notify_ready(const char *status);
void notify_status(const char *status);
void notify_stopping(void);
void notify_watchdog(void);
/* Half of WATCHDOG_USEC, the interval to feed it at; 0 when no watchdog is asked for. */
struct span_ms notify_watchdog_interval(void);

#endif /* OS_NOTIFY_H */
