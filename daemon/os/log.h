#ifndef OS_LOG_H
#define OS_LOG_H

#include <stdbool.h>

#include "core/attr.h"
#include "core/time.h"

struct err;

/*
 * Lines on standard error with a syslog priority "<6>" in front when systemd reads them
 * (JOURNAL_STREAM is set), else with the name of the priority. Only main programs and the
 * wiring log; libraries return errors. Thread-safe.
 */
enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARNING,
	LOG_LEVEL_NOTICE,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

void log_open(const char *program, enum log_level most_verbose);
void log_error(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_notice(const char *format, ...) PRINTF_LIKE(1, 2);
void log_info(const char *format, ...) PRINTF_LIKE(1, 2);
void log_debug(const char *format, ...) PRINTF_LIKE(1, 2);

#define LOG_PROBLEM_SIZE 512

/*
 * The last error or warning since the start, cut to fit, and when it was; false when there
 * was none. From any thread.
 */
bool log_last_problem(char out[static LOG_PROBLEM_SIZE], struct mono_ms *out_at);

#endif /* OS_LOG_H */
