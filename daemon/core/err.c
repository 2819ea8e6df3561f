#include "core/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

/* A sentence that was cut must not end within a UTF-8 sequence. */
static void cut_at_character(char *text, size_t size)
{
	size_t end = strlen(text);
	size_t start = end;

	if (end + 1 < size)
		return;
	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start > 0 && ((unsigned char)text[start - 1] & 0x80)) {
		unsigned char lead = (unsigned char)text[start - 1];
		size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

		if (end - (start - 1) < want)
			text[start - 1] = '\0';
	}
}

static void set_text(struct err *err, enum err_code code, const char *format,
		     va_list args) __attribute__((format(printf, 3, 0)));

static void set_text(struct err *err, enum err_code code, const char *format,
		     va_list args)
{
	err->code = code;
	vsnprintf(err->text, sizeof(err->text), format, args);
	cut_at_character(err->text, sizeof(err->text));
}

bool err_set(struct err *err, enum err_code code, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_text(err, code, format, args);
	va_end(args);
	return false;
}

/* Adds @separator and @rest behind the sentence. */
static void add_text(struct err *err, const char *separator, const char *rest)
{
	size_t used = strlen(err->text);

	snprintf(err->text + used, sizeof(err->text) - used, "%s%s", separator, rest);
	cut_at_character(err->text, sizeof(err->text));
}

bool err_set_errno(struct err *err, const char *format, ...)
{
	int number = errno;
	va_list args;

	va_start(args, format);
	set_text(err, ERR_IO, format, args);
	va_end(args);
	add_text(err, ": ", strerror(number));
	return false;
}

bool err_prefix(struct err *err, const char *format, ...)
{
	struct err inner = *err;
	va_list args;

	va_start(args, format);
	set_text(err, inner.code, format, args);
	va_end(args);
	add_text(err, ": ", inner.text);
	return false;
}

bool err_within(struct err *err, const char *format, ...)
{
	struct err inner = *err;
	va_list args;

	va_start(args, format);
	set_text(err, inner.code, format, args);
	va_end(args);
	add_text(err, ".", inner.text);
	return false;
}

int err_exit_code(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return EX_OK;
	case ERR_INVALID:
	case ERR_TOO_LARGE:
	case ERR_UNTRUSTED:
	case ERR_EXPIRED:
		return EX_DATAERR;
	case ERR_USAGE:
		return EX_USAGE;
	case ERR_CONFIG:
		return EX_CONFIG;
	case ERR_NOT_FOUND:
		return EX_NOINPUT;
	case ERR_CONFLICT:
		return EX_CANTCREAT;
	case ERR_DENIED:
		return EX_NOPERM;
	case ERR_RETRY:
		return EX_TEMPFAIL;
	case ERR_IO:
		return EX_IOERR;
	case ERR_NO_MEMORY:
		return EX_OSERR;
	case ERR_INTERNAL:
		return EX_SOFTWARE;
	}
	return EX_SOFTWARE;
}
