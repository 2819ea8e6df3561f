#ifndef CORE_ERR_H
#define CORE_ERR_H

#include <stdbool.h>

#include "core/attr.h"

/* What a caller can do about a failure; the sentence says what a person can do. */
enum err_code {
	ERR_NONE = 0,
	ERR_INVALID,   /* the input is wrong: reject it and name the place */
	ERR_USAGE,     /* the command line is wrong */
	ERR_CONFIG,    /* the configuration file is wrong */
	ERR_NOT_FOUND, /* what was asked for does not exist */
	ERR_TOO_LARGE, /* the input is over its maximum: reject it */
	ERR_CONFLICT,  /* it was changed meanwhile, or exists already */
	ERR_DENIED,    /* the caller may not do this */
	ERR_UNTRUSTED, /* a signature, hash or version check failed: reject, keep the last good */
	ERR_EXPIRED,   /* signed, but past its end: keep the last good, say so */
	ERR_RETRY,     /* a passing failure (network, busy): try again later */
	ERR_IO,        /* this machine failed (disk, permission, device) */
	ERR_NO_MEMORY, /* out of memory */
	ERR_INTERNAL,  /* a library answered what it never should */
};

#define ERR_TEXT_MAX 512

/*
 * A code and one sentence, on the caller's stack. Functions that take a `struct err *`
 * never get NULL, set it exactly when they fail, and leave their outputs untouched then.
 */
struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX]; /* UTF-8, cut at a character boundary when too long */
};

/* Sets @err and returns false, for `return err_set(err, …)`. */
bool err_set(struct err *err, enum err_code code, const char *format, ...)
	PRINTF_LIKE(3, 4);

/* As err_set(ERR_IO), with ": " and the sentence of the current errno behind it. */
bool err_set_errno(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* Puts a context and ": " before the sentence of @err; returns false. */
bool err_prefix(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* As err_prefix() with "." between, for sentences that start with a place: "a[3].b: …". */
bool err_within(struct err *err, const char *format, ...) PRINTF_LIKE(2, 3);

/* The exit status of sysexits.h that fits @code (EX_USAGE, EX_CONFIG, EX_DATAERR, …). */
int err_exit_code(enum err_code code);

#endif /* CORE_ERR_H */
