/*
 * Configuration files: with a key of each type, and as those of courier and city. What fails
 * names the file, and changes nothing.
 */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "city/settings.h"
#include "core/attr.h"
#include "core/err.h"
#include "fuzz/fuzz.h"
#include "os/config.h"
#include "sync/courier.h"

struct values {
	char text[40], path[120];
	int64_t number;
	double decimal;
	bool flag;
	int choice, clock;
};

static void try_types(const char *path)
{
	static const char *const choices[] = {"left", "right", NULL};
	static const struct values before = {.number = 7, .decimal = 0.5};
	struct values now = before;
	const struct config_key keys[] = {
		{"a", "text", CONFIG_STRING, now.text, sizeof(now.text), .min = 1},
		{"a", "path", CONFIG_PATH, now.path, sizeof(now.path), .min = 1},
		{"a", "number", CONFIG_INT, &now.number, .min = -5, .max = 1000,
		 .what = "metres"},
		{"b", "decimal", CONFIG_DECIMAL, &now.decimal, .min = 0, .max = 2},
		{"b", "flag", CONFIG_BOOL, &now.flag, .what = "a flag"},
		{"b", "choice", CONFIG_CHOICE, &now.choice, .choices = choices},
		{"b", "clock", CONFIG_CLOCK, &now.clock, .required = true},
	};
	struct err err = {0};

	if (!config_read(path, keys, ARRAY_LEN(keys), &err)) {
		must_hold(err.code == ERR_CONFIG && strstr(err.text, path));
		must_hold(memcmp(&now, &before, sizeof(now)) == 0);
		return;
	}
	must_hold(now.number >= -5 && now.number <= 1000);
	must_hold(isfinite(now.decimal) && now.decimal >= 0 && now.decimal <= 2);
	must_hold(now.choice >= 0 && now.choice <= 1);
	must_hold(now.clock >= 0 && now.clock <= 24 * 60);
	must_hold(now.path[0] == '\0' || now.path[0] == '/');
}

static char folder[64], file[80];

static void remove_folder(void)
{
	unlink(file);
	rmdir(folder);
}

static void make_folder(void)
{
	const char *base = getenv("TMPDIR");

	must_hold(snprintf(folder, sizeof(folder), "%s/ekimae-fuzz-XXXXXX",
			   base ? base : "/tmp") < (int)sizeof(folder));
	must_hold(mkdtemp(folder) != NULL);
	snprintf(file, sizeof(file), "%s/a.conf", folder);
	atexit(remove_folder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct courier_settings courier = {.wait_s = -1};
	struct city_settings city = city_settings_default;
	struct err err = {0};
	FILE *out;

	if (folder[0] == '\0')
		make_folder();
	out = fopen(file, "wb");
	must_hold(out && fwrite(data, 1, size, out) == size);
	must_hold(fclose(out) == 0);
	try_types(file);
	must_hold(courier_settings_read(file, &courier, &err) ? courier.wait_s >= 0
							      : err.code != ERR_NONE);
	must_hold(city_settings_read(file, &city, &err) || err.code != ERR_NONE);
	return 0;
}
