#include "os/config.h"

#include <errno.h>
#include <ini.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/time.h"
#include "os/file.h"

/* Longer lines libinih would split: they are refused before it sees them. */
#define LINE_MAX_BYTES 190

/* One reading of the file. It is read twice: first to check, then to set the values. */
struct reading {
	const char *path;
	const char *text; /* what is not handed to libinih yet */
	const struct config_key *keys;
	size_t count;
	bool *seen;  /* by index of keys */
	int line;    /* of what libinih parses now, from 1 */
	bool assign; /* the second reading */
	bool failed; /* @err is set: the first error stands */
	struct err *err;
};

static void fail(struct reading *reading, const char *format, ...) PRINTF_LIKE(2, 3);

static void fail(struct reading *reading, const char *format, ...)
{
	char what[ERR_TEXT_MAX];
	va_list args;

	if (reading->failed)
		return;
	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	err_set(reading->err, ERR_CONFIG, "%s:%d: %s", reading->path, reading->line,
		what);
	reading->failed = true;
}

static bool has_section(const struct reading *reading, const char *name, size_t len)
{
	for (size_t i = 0; i < reading->count; i++) {
		const char *section = reading->keys[i].section;

		if (strlen(section) == len && memcmp(section, name, len) == 0)
			return true;
	}
	return false;
}

/* What libinih would take silently: continued lines and headers of unknown sections. */
static void check_line(struct reading *reading, const char *line, size_t len)
{
	const char *close;

	if (len > LINE_MAX_BYTES) {
		fail(reading, "the line is over %d bytes long", LINE_MAX_BYTES);
		return;
	}
	if (len > 0 && (line[0] == ' ' || line[0] == '\t') &&
	    strspn(line, " \t\r") < len) {
		fail(reading, "the line begins with white space");
		return;
	}
	if (len == 0 || line[0] != '[')
		return;
	close = memchr(line, ']', len);
	if (!close)
		fail(reading, "expected a section like [screen]");
	else if (!has_section(reading, line + 1, (size_t)(close - line - 1)))
		fail(reading, "[%.*s] is not a section of this file",
		     (int)(close - line - 1), line + 1);
}

/* Hands out one line, as fgets(3) would; for libinih. */
static char *next_line(char *out, int size, void *context)
{
	struct reading *reading = context;
	size_t len = strcspn(reading->text, "\n");
	size_t with_end = len + (reading->text[len] == '\n');

	if (reading->failed || with_end == 0)
		return NULL;
	reading->line++;
	check_line(reading, reading->text, len);
	if (reading->failed)
		return NULL;
	if ((size_t)size <= with_end) {
		fail(reading, "the line is over %d bytes long", size - 2);
		return NULL;
	}
	memcpy(out, reading->text, with_end);
	out[with_end] = '\0';
	reading->text += with_end;
	return out;
}

/* "metres from 1 to 50", for the sentence of an error. */
static void describe(const struct config_key *key, char *out, size_t size)
{
	size_t used = 0;

	switch (key->type) {
	case CONFIG_STRING:
		snprintf(out, size, "%s", key->what ? key->what : "a text");
		return;
	case CONFIG_PATH:
		snprintf(out, size, "%s", key->what ? key->what : "a path");
		return;
	case CONFIG_INT:
		snprintf(out, size, "%s from %.0f to %.0f",
			 key->what ? key->what : "a whole number", key->min, key->max);
		return;
	case CONFIG_DECIMAL:
		snprintf(out, size, "%s from %g to %g",
			 key->what ? key->what : "a number", key->min, key->max);
		return;
	case CONFIG_BOOL:
		snprintf(out, size, "yes or no");
		return;
	case CONFIG_CLOCK:
		snprintf(out, size, "a time of day from 00:00 to 24:00");
		return;
	case CONFIG_CHOICE:
		out[0] = '\0';
		for (size_t i = 0; key->choices[i] && used < size; i++)
			used += (size_t)snprintf(out + used, size - used, "%s%s",
						 i > 0 ? " or " : "", key->choices[i]);
		return;
	}
}

static bool set_string(const struct config_key *key, const char *value, bool assign)
{
	size_t len = strlen(value);

	if ((len == 0 && key->min > 0) || len >= key->size)
		return false;
	if (assign)
		memcpy(key->out, value, len + 1);
	return true;
}

static bool set_path(const struct reading *reading, const struct config_key *key,
		     const char *value)
{
	const char *slash = strrchr(reading->path, '/');
	size_t dir_len = slash ? (size_t)(slash - reading->path) + 1 : 0;
	char path[PATH_MAX];
	int len;

	if (value[0] == '\0')
		return false;
	if (value[0] == '/')
		dir_len = 0;
	len = snprintf(path, sizeof(path), "%.*s%s", (int)dir_len, reading->path, value);
	if (len < 0 || (size_t)len >= sizeof(path) || (size_t)len >= key->size)
		return false;
	if (reading->assign)
		memcpy(key->out, path, (size_t)len + 1);
	return true;
}

static bool set_int(const struct config_key *key, const char *value, bool assign)
{
	const char *digits = value + (value[0] == '-');
	long long number;

	/* strtoll(3) alone would take white space, '+' and an empty text. */
	if (digits[0] == '\0' || digits[strspn(digits, "0123456789")] != '\0')
		return false;
	errno = 0;
	number = strtoll(value, NULL, 10);
	if (errno != 0 || (double)number < key->min || (double)number > key->max)
		return false;
	if (assign)
		*(int64_t *)key->out = number;
	return true;
}

static bool set_decimal(const struct config_key *key, const char *value, bool assign)
{
	const char *digits = value + (value[0] == '-');
	double number;
	char *end;

	/* Neither "inf" nor "0x10" nor "1e3": what people write in a file by hand. */
	if (digits[0] < '0' || digits[0] > '9' ||
	    digits[strspn(digits, "0123456789.")] != '\0')
		return false;
	number = strtod(value, &end);
	if (*end != '\0' || !isfinite(number) || number < key->min || number > key->max)
		return false;
	if (assign)
		*(double *)key->out = number;
	return true;
}

static bool set_bool(const struct config_key *key, const char *value, bool assign)
{
	static const char *const words[] = {"no", "yes", "false", "true", "off", "on"};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (strcmp(words[i], value) != 0)
			continue;
		if (assign)
			*(bool *)key->out = i % 2 == 1;
		return true;
	}
	return false;
}

static bool set_choice(const struct config_key *key, const char *value, bool assign)
{
	for (int i = 0; key->choices[i]; i++) {
		if (strcmp(key->choices[i], value) != 0)
			continue;
		if (assign)
			*(int *)key->out = i;
		return true;
	}
	return false;
}

static bool set_clock(const struct config_key *key, const char *value, bool assign)
{
	struct err ignored = {0}; /* the caller's sentence names the place, too */
	int minutes;

	if (!minutes_parse(value, &minutes, &ignored))
		return false;
	if (assign)
		*(int *)key->out = minutes;
	return true;
}

static bool set_value(const struct reading *reading, const struct config_key *key,
		      const char *value)
{
	switch (key->type) {
	case CONFIG_STRING:
		return set_string(key, value, reading->assign);
	case CONFIG_PATH:
		return set_path(reading, key, value);
	case CONFIG_INT:
		return set_int(key, value, reading->assign);
	case CONFIG_DECIMAL:
		return set_decimal(key, value, reading->assign);
	case CONFIG_BOOL:
		return set_bool(key, value, reading->assign);
	case CONFIG_CHOICE:
		return set_choice(key, value, reading->assign);
	case CONFIG_CLOCK:
		return set_clock(key, value, reading->assign);
	}
	return false;
}

/* Called by libinih for each "key = value"; 0 tells it of an error. */
static int take_value(void *context, const char *section, const char *name,
		      const char *value)
{
	struct reading *reading = context;
	char expected[200];

	if (reading->failed)
		return 0;
	for (size_t i = 0; i < reading->count; i++) {
		const struct config_key *key = &reading->keys[i];

		if (strcmp(key->section, section) != 0 || strcmp(key->name, name) != 0)
			continue;
		if (reading->seen[i]) {
			fail(reading, "[%s].%s: is given twice", section, name);
			return 0;
		}
		reading->seen[i] = true;
		if (set_value(reading, key, value))
			return 1;
		describe(key, expected, sizeof(expected));
		fail(reading, "[%s].%s: expected %s, got \"%.100s\"", section, name,
		     expected, value);
		return 0;
	}
	if (section[0] == '\0')
		fail(reading, "%s: stands before the first section", name);
	else
		fail(reading, "[%s].%s: is not a key of this file", section, name);
	return 0;
}

static bool read_once(struct reading *reading, const char *text, bool assign)
{
	int result;

	reading->text = text;
	reading->line = 0;
	reading->assign = assign;
	memset(reading->seen, 0, reading->count * sizeof(*reading->seen));

	result = ini_parse_stream(next_line, reading, take_value, reading);
	if (reading->failed)
		return false;
	if (result > 0) {
		/* All that is left for libinih to find: it goes on, so its line counts. */
		reading->line = result;
		fail(reading, "expected a line like key = value");
	} else if (result < 0) {
		reading->failed = true;
		err_set(reading->err, ERR_NO_MEMORY, "%s: out of memory", reading->path);
	}
	return !reading->failed;
}

static bool check_required(const struct reading *reading)
{
	char expected[200];

	for (size_t i = 0; i < reading->count; i++) {
		const struct config_key *key = &reading->keys[i];

		if (!key->required || reading->seen[i])
			continue;
		describe(key, expected, sizeof(expected));
		return err_set(reading->err, ERR_CONFIG,
			       "%s: [%s].%s: is missing, expected %s", reading->path,
			       key->section, key->name, expected);
	}
	return true;
}

static void free_seen(bool **seen)
{
	free(*seen);
}

bool config_read(const char *path, const struct config_key *keys, size_t count,
		 struct err *err)
{
	CLEANUP(blob_free) struct blob text = {0};
	CLEANUP(free_seen) bool *seen = calloc(count + 1, sizeof(*seen));
	struct reading reading = {
		.path = path, .keys = keys, .count = count, .seen = seen, .err = err};

	if (!seen)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
	if (!file_read(path, CONFIG_FILE_MAX, &text, err))
		return false;
	if (strlen(text.bytes) != text.len)
		return err_set(err, ERR_CONFIG, "%s: holds a NUL byte", path);

	return read_once(&reading, text.bytes, false) && check_required(&reading) &&
	       read_once(&reading, text.bytes, true);
}
