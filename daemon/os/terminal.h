#ifndef OS_TERMINAL_H
#define OS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct err;

/* Whether standard input and standard error are a terminal, so that a person can answer. */
bool terminal_is_interactive(void);

/*
 * Asks for a line without showing it (a password). @size includes the NUL. ERR_USAGE when
 * there is no terminal, ERR_TOO_LARGE when the line does not fit.
 */
MUST_USE bool terminal_read_secret(const char *prompt, char *out, size_t size,
				   struct err *err);

/* Asks "@question [y/N] "; anything but y or yes is no. */
bool terminal_confirm(const char *question);

/* Columns that @text takes on a terminal: East Asian wide characters take two. */
size_t terminal_columns(const char *text);

#endif /* OS_TERMINAL_H */
