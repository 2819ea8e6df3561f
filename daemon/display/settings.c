#include "display/settings.h"

#include <stdio.h>
#include <string.h>

#include "core/err.h"
#include "core/notice.h"
#include "os/config.h"
#include "render/canvas.h"

#define SIDE_MIN 200 /* pixels: less is no screen */

/* One to four digits; 0 when it is anything else. */
static int parse_side(const char *text, const char **out_end)
{
	int value = 0;
	int digits = 0;

	while (*text >= '0' && *text <= '9' && digits++ < 4)
		value = value * 10 + (*text++ - '0');
	*out_end = text;
	return value;
}

bool settings_parse_size(const char *text, int *out_width, int *out_height,
			 struct err *err)
{
	const char *at = text;
	int width, height;

	width = parse_side(at, &at);
	if (*at == 'x') {
		at++;
		height = parse_side(at, &at);
		if (*at == '\0' && width >= SIDE_MIN && height >= SIDE_MIN &&
		    width <= CANVAS_SIDE_MAX && height <= CANVAS_SIDE_MAX) {
			*out_width = width;
			*out_height = height;
			return true;
		}
	}
	return err_set(err, ERR_CONFIG,
		       "expected WIDTHxHEIGHT in pixels, each side %d to %d, got \"%s\"",
		       SIDE_MIN, CANVAS_SIDE_MAX, text);
}

/* The language whose name is the first @length bytes of @text; NOTICE_LANGUAGES if none. */
static int language_named(const char *text, size_t length)
{
	int i = 0;

	while (i < NOTICE_LANGUAGES) {
		const char *name = notice_language_name((enum notice_language)i);

		if (strlen(name) == length && memcmp(name, text, length) == 0)
			break;
		i++;
	}
	return i;
}

/* "en, zh" into bits. */
static bool parse_languages(const char *text, unsigned *out, struct err *err)
{
	unsigned languages = 0;

	for (text += strspn(text, " ,"); *text; text += strspn(text, " ,")) {
		size_t length = strcspn(text, " ,");
		int language = language_named(text, length);

		if (language == NOTICE_LANGUAGES)
			return err_set(
				err, ERR_CONFIG,
				"expected some of ja-easy, en, zh and ko with commas "
				"between them, got \"%s\"",
				text);
		languages |= 1U << language;
		text += length;
	}
	*out = languages;
	return true;
}

bool settings_read(const char *path, struct settings *out, struct err *err)
{
	static const char *const renders[] = {"auto", "software", "gpu", NULL};
	static const char *const themes[] = {"hours", "light", "dark", NULL};
	static const char *const keepers[] = {"system", "host", NULL};
	char size[16] = "1920x1080", languages[64] = "en";
	int kept_by = 0;
	struct settings s = {
		.panel_height_mm = 685, /* a 55-inch panel */
		.distance_m = 5,
		.inbox = "/var/lib/ekimae/inbox",
		.outbox = "/var/lib/ekimae/outbox",
		.state = "/var/lib/ekimae/display",
		.plan = EKIMAE_DATADIR "/plan/plan.json",
		.fade_ms = -1,
		.seal_after_s = 10,
		.keep_days = 30,
		.max_mb = 1000,
		.report_every_s = 60,
	};
	const struct config_key keys[] = {
		{.section = "screen",
		 .name = "place",
		 .type = CONFIG_STRING,
		 .out = s.place,
		 .size = sizeof(s.place),
		 .what = "where the screen hangs"},
		{.section = "screen",
		 .name = "organisation",
		 .type = CONFIG_STRING,
		 .out = s.organisation,
		 .size = sizeof(s.organisation),
		 .what = "whose screen it is"},
		{.section = "screen",
		 .name = "plan_languages",
		 .type = CONFIG_STRING,
		 .out = languages,
		 .size = sizeof(languages),
		 .what = "languages"},
		{.section = "screen",
		 .name = "panel_height",
		 .type = CONFIG_DECIMAL,
		 .out = &s.panel_height_mm,
		 .min = 100,
		 .max = 20000,
		 .what = "millimetres"},
		{.section = "screen",
		 .name = "distance",
		 .type = CONFIG_DECIMAL,
		 .out = &s.distance_m,
		 .min = 0.5,
		 .max = 100,
		 .what = "metres"},
		{.section = "paths",
		 .name = "inbox",
		 .type = CONFIG_PATH,
		 .out = s.inbox,
		 .size = sizeof(s.inbox),
		 .what = "a folder"},
		{.section = "paths",
		 .name = "outbox",
		 .type = CONFIG_PATH,
		 .out = s.outbox,
		 .size = sizeof(s.outbox),
		 .what = "a folder"},
		{.section = "paths",
		 .name = "state",
		 .type = CONFIG_PATH,
		 .out = s.state,
		 .size = sizeof(s.state),
		 .what = "a folder"},
		{.section = "paths",
		 .name = "plan",
		 .type = CONFIG_PATH,
		 .out = s.plan,
		 .size = sizeof(s.plan),
		 .what = "a file"},
		{.section = "paths",
		 .name = "fonts",
		 .type = CONFIG_PATH,
		 .out = s.fonts,
		 .size = sizeof(s.fonts),
		 .what = "a folder"},
		{.section = "output",
		 .name = "render",
		 .type = CONFIG_CHOICE,
		 .out = &s.render,
		 .what = "a way of drawing",
		 .choices = renders},
		{.section = "output",
		 .name = "driver",
		 .type = CONFIG_STRING,
		 .out = s.driver,
		 .size = sizeof(s.driver),
		 .what = "an SDL video driver"},
		{.section = "output",
		 .name = "windowed",
		 .type = CONFIG_BOOL,
		 .out = &s.windowed,
		 .what = "yes or no"},
		{.section = "output",
		 .name = "size",
		 .type = CONFIG_STRING,
		 .out = size,
		 .size = sizeof(size),
		 .min = 1,
		 .what = "WIDTHxHEIGHT"},
		{.section = "output",
		 .name = "keys",
		 .type = CONFIG_BOOL,
		 .out = &s.keys,
		 .what = "yes or no"},
		{.section = "clock",
		 .name = "kept_by",
		 .type = CONFIG_CHOICE,
		 .out = &kept_by,
		 .choices = keepers,
		 .what = "who keeps the clock"},
		{.section = "loop",
		 .name = "theme",
		 .type = CONFIG_CHOICE,
		 .out = &s.theme,
		 .what = "a theme",
		 .choices = themes},
		{.section = "loop",
		 .name = "dwell",
		 .type = CONFIG_DECIMAL,
		 .out = &s.dwell_s,
		 .max = 120,
		 .what = "seconds"},
		{.section = "loop",
		 .name = "fade",
		 .type = CONFIG_INT,
		 .out = &s.fade_ms,
		 .min = -1,
		 .max = 2000,
		 .what = "milliseconds"},
		{.section = "plays",
		 .name = "seal_after",
		 .type = CONFIG_INT,
		 .out = &s.seal_after_s,
		 .max = 3600,
		 .what = "seconds"},
		{.section = "plays",
		 .name = "keep_days",
		 .type = CONFIG_INT,
		 .out = &s.keep_days,
		 .min = 1,
		 .max = 300,
		 .what = "days"},
		{.section = "plays",
		 .name = "max_mb",
		 .type = CONFIG_INT,
		 .out = &s.max_mb,
		 .min = 1,
		 .max = 1000000,
		 .what = "megabytes"},
		{.section = "health",
		 .name = "every",
		 .type = CONFIG_INT,
		 .out = &s.report_every_s,
		 .min = 5,
		 .max = 3600,
		 .what = "seconds"},
		{.section = "debug",
		 .name = "observer",
		 .type = CONFIG_PATH,
		 .out = s.observer,
		 .size = sizeof(s.observer),
		 .what = "a file"},
	};

	if (!config_read(path, keys, ARRAY_LEN(keys), err))
		return false;
	if (!settings_parse_size(size, &s.width, &s.height, err))
		return err_prefix(err, "%s: [output].size", path);
	if (!parse_languages(languages, &s.plan_languages, err))
		return err_prefix(err, "%s: [screen].plan_languages", path);
	s.clock_vouched = kept_by != 0;
	*out = s;
	return true;
}
