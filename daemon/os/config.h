#ifndef OS_CONFIG_H
#define OS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * INI files (libinih), strict: every key is declared, unknown ones are errors, and each
 * error reads "display.conf:12: [screen].distance: expected metres, got "far"".
 */
enum config_type {
	CONFIG_STRING, /* out: char[size]; empty allowed only when min is 0 */
	CONFIG_PATH, /* out: char[size]; absolute, or relative to the file's directory */
	CONFIG_INT,  /* out: int64_t, min–max */
	CONFIG_DECIMAL, /* out: double, min–max */
	CONFIG_BOOL,    /* out: bool; yes/no/true/false/on/off */
	CONFIG_CHOICE,  /* out: int, index into choices */
	CONFIG_CLOCK,   /* out: int, "HH:MM" as minutes since midnight */
};

struct config_key {
	const char *section, *name;
	enum config_type type;
	void *out; /* holds the default before; untouched when the key is absent */
	size_t size;
	double min, max;
	const char *what;           /* "metres", for the error */
	const char *const *choices; /* NULL-terminated */
	bool required;
};

#define CONFIG_FILE_MAX (64 * 1024)

MUST_USE bool config_read(const char *path, const struct config_key *keys, size_t count,
			  struct err *err);

#endif /* OS_CONFIG_H */
