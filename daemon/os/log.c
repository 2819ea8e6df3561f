#include "os/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "os/clock.h"

/*
 * A line is written with one write(2): below PIPE_BUF (4096) the lines of several threads
 * and processes into one pipe don't mix.
 */
#define LINE_MAX_BYTES 2048

/*
 * The log is the process's standard error, so it is global. The program's name is set
 * before the first thread starts; the rest is a single word each, or under a lock.
 */
static char program_name[32];
static atomic_int level_max = LOG_LEVEL_INFO;
static atomic_bool for_journal;

void log_open(const char *program, enum log_level most_verbose)
{
	snprintf(program_name, sizeof(program_name), "%s", program);
	atomic_store(&level_max, (int)most_verbose);
	atomic_store(&for_journal, getenv("JOURNAL_STREAM") != NULL);
}

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_NOTICE:
		return "notice";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "";
}

/* sd-daemon(3): the levels of syslog(3) in angle brackets. */
static int level_priority(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return 3;
	case LOG_LEVEL_WARNING:
		return 4;
	case LOG_LEVEL_NOTICE:
		return 5;
	case LOG_LEVEL_INFO:
		return 6;
	case LOG_LEVEL_DEBUG:
		return 7;
	}
	return 7;
}

/* What log_last_problem() tells; under the lock. */
static pthread_mutex_t problem_lock = PTHREAD_MUTEX_INITIALIZER;
static char problem[LOG_PROBLEM_SIZE];
static struct mono_ms problem_at;

/* A text that was cut must not end within a UTF-8 sequence. */
static size_t whole_characters(const char *text, size_t len)
{
	size_t start = len;

	while (start > 0 && len - start < 4 &&
	       ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xc0) {
		unsigned char lead = (unsigned char)text[start - 1];
		size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

		if (len - (start - 1) < want)
			return start - 1;
	}
	return len;
}

/* The C1 controls, U+0080 to U+009F, are two bytes in UTF-8. */
static bool is_c1_control(const unsigned char *at)
{
	return at[0] == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f;
}

/*
 * Copies @text, with control characters written as \n, \t or \x1b: a message may quote
 * what came from outside, and must not fake a second line or talk to the terminal.
 */
static size_t escape(char *out, size_t size, const char *text)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t len = 0;

	for (; *at && len + 4 < size; at++) {
		if (is_c1_control(at))
			at++;
		else if (*at >= 0x20 && *at != 0x7f) {
			out[len++] = (char)*at;
			continue;
		}
		out[len++] = '\\';
		if (*at == '\n')
			out[len++] = 'n';
		else if (*at == '\t')
			out[len++] = 't';
		else
			len += (size_t)snprintf(out + len, 4, "x%02x", *at);
	}
	return *at ? whole_characters(out, len) : len;
}

static void remember(const char *message)
{
	struct mono_ms now = clock_mono();

	pthread_mutex_lock(&problem_lock);
	snprintf(problem, sizeof(problem), "%s", message);
	problem[whole_characters(problem, strlen(problem))] = '\0';
	problem_at = now;
	pthread_mutex_unlock(&problem_lock);
}

bool log_last_problem(char out[static LOG_PROBLEM_SIZE], struct mono_ms *out_at)
{
	bool there;

	pthread_mutex_lock(&problem_lock);
	there = problem[0] != '\0';
	memcpy(out, problem, sizeof(problem));
	*out_at = problem_at;
	pthread_mutex_unlock(&problem_lock);
	return there;
}

static void log_line(enum log_level level, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void log_line(enum log_level level, const char *format, va_list args)
{
	char message[LINE_MAX_BYTES / 2] = "";
	char line[LINE_MAX_BYTES];
	int number = errno;
	ssize_t written;
	size_t len;
	int head;

	if ((int)level > atomic_load(&level_max))
		return;
	head = vsnprintf(message, sizeof(message), format, args);
	if (head < 0 || (size_t)head >= sizeof(message))
		message[whole_characters(message, strlen(message))] = '\0';
	if (level <= LOG_LEVEL_WARNING)
		remember(message);
	if (atomic_load(&for_journal))
		head = snprintf(line, sizeof(line), "<%d>", level_priority(level));
	else
		head = snprintf(line, sizeof(line), "%s%s%s: ", program_name,
				program_name[0] ? ": " : "", level_name(level));
	len = (size_t)head;
	len += escape(line + len, sizeof(line) - len - 1, message);
	line[len++] = '\n';

	/* Whether standard error can be written is nothing that could be reported. */
	do {
		written = write(STDERR_FILENO, line, len);
	} while (written < 0 && errno == EINTR);
	errno = number;
}

#define LOG_FUNCTION(name, level)                                                        \
	void name(const char *format, ...)                                               \
	{                                                                                \
		va_list args;                                                            \
                                                                                         \
		va_start(args, format);                                                  \
		log_line(level, format, args);                                           \
		va_end(args);                                                            \
	}

LOG_FUNCTION(log_error, LOG_LEVEL_ERROR)
LOG_FUNCTION(log_warning, LOG_LEVEL_WARNING)
LOG_FUNCTION(log_notice, LOG_LEVEL_NOTICE)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG)
