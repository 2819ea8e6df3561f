#include "os/config.h"
#include "support/test.h"
#include "support/tmp.h"

#include <unistd.h>

/* What a program would keep of its configuration, with its defaults. */
struct settings {
	char place[20];
	char fonts[200];
	int64_t brightness;
	double distance;
	bool portrait;
	int driver;
	int dark_from;
};

static const struct settings defaults = {"here", "/usr/share/fonts", 80, 3.0, false, 0,
					 1200};

static int setup(void **state)
{
	*state = tmp_dir();
	return *state == NULL;
}

static int teardown(void **state)
{
	tmp_remove(*state);
	return 0;
}

static bool read_text(const char *dir, const char *text, size_t len, struct settings *out,
		      struct err *err)
{
	static const char *const drivers[] = {"auto", "kmsdrm", "wayland", NULL};
	const struct config_key keys[] = {
		{.section = "screen",
		 .name = "place",
		 .type = CONFIG_STRING,
		 .out = out->place,
		 .size = sizeof(out->place),
		 .min = 1,
		 .what = "a place of at most 19 bytes"},
		{.section = "screen",
		 .name = "distance",
		 .type = CONFIG_DECIMAL,
		 .out = &out->distance,
		 .min = 0.5,
		 .max = 100,
		 .what = "metres"},
		{.section = "screen",
		 .name = "brightness",
		 .type = CONFIG_INT,
		 .out = &out->brightness,
		 .min = -5,
		 .max = 100},
		{.section = "screen",
		 .name = "portrait",
		 .type = CONFIG_BOOL,
		 .out = &out->portrait},
		{.section = "video",
		 .name = "driver",
		 .type = CONFIG_CHOICE,
		 .out = &out->driver,
		 .choices = drivers},
		{.section = "video",
		 .name = "dark-from",
		 .type = CONFIG_CLOCK,
		 .out = &out->dark_from},
		{.section = "paths",
		 .name = "fonts",
		 .type = CONFIG_PATH,
		 .out = out->fonts,
		 .size = sizeof(out->fonts),
		 .required = true},
	};
	char *path = tmp_path(dir, "display.conf");
	bool result;

	tmp_write(dir, "display.conf", text, len);
	memcpy(out, &defaults, sizeof(*out)); /* padding, too: it is compared as bytes */
	result = config_read(path, keys, ARRAY_LEN(keys), err);
	free(path);
	return result;
}

static void every_key_of_a_good_file_is_set(void **state)
{
	static const char text[] = "# The screen at the station.\n"
				   "[screen]\n"
				   "place = 田無駅 北口 ; inline\n"
				   "distance=2.5\n"
				   "brightness = -3\r\n"
				   "portrait = yes\n"
				   "\n"
				   "; another comment\n"
				   "[video]\n"
				   "driver = wayland\n"
				   "dark-from = 24:00\n"
				   "[paths]\n"
				   "fonts = fonts/main";
	struct settings settings;
	struct err err = {0};
	char *fonts = tmp_path(*state, "fonts/main");

	assert_ok(read_text(*state, text, sizeof(text) - 1, &settings, &err), err);
	assert_string_equal(settings.place, "田無駅 北口");
	assert_true(settings.distance > 2.49 && settings.distance < 2.51);
	assert_int_equal(settings.brightness, -3);
	assert_true(settings.portrait);
	assert_int_equal(settings.driver, 2);
	assert_int_equal(settings.dark_from, 1440);
	assert_string_equal(settings.fonts, fonts);
	free(fonts);
}

static void an_absent_key_keeps_its_default(void **state)
{
	static const char text[] = "[paths]\nfonts = /opt/fonts\n";
	struct settings settings;
	struct err err = {0};

	assert_ok(read_text(*state, text, sizeof(text) - 1, &settings, &err), err);
	assert_string_equal(settings.fonts, "/opt/fonts");
	assert_string_equal(settings.place, "here");
	assert_int_equal(settings.brightness, 80);
	assert_int_equal(settings.dark_from, 1200);
}

static void a_bad_file_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *error;
	} wrong[] = {
		{"[screen]\ndistance = far\n",
		 "display.conf:2: [screen].distance: expected metres from 0.5 to 100, "
		 "got \"far\""},
		{"[screen]\n\n# x\ndistance = 0.4\n", ":4: [screen].distance: expected"},
		{"[screen]\ndistance = 1e1\n", "got \"1e1\""},
		{"[screen]\ndistance = nan\n", "got \"nan\""},
		{"[screen]\ndistance = 1.2.3\n", "got \"1.2.3\""},
		{"[screen]\ndistance =\n", "got \"\""},
		{"[screen]\nbrightness = 101\n",
		 "[screen].brightness: expected a whole number from -5 to 100, got \"101\""},
		{"[screen]\nbrightness = 5 percent\n", "got \"5 percent\""},
		{"[screen]\nbrightness = 1.0\n", "got \"1.0\""},
		{"[screen]\nbrightness = 0x10\n", "got \"0x10\""},
		{"[screen]\nbrightness = 99999999999999999999\n", "whole number"},
		{"[screen]\nbrightness = -\n", "got \"-\""},
		{"[screen]\nportrait = maybe\n", "expected yes or no, got \"maybe\""},
		{"[video]\ndriver = x11\n",
		 "expected auto or kmsdrm or wayland, got \"x11\""},
		{"[video]\ndark-from = 25:00\n", "expected a time of day"},
		{"[screen]\nplace =\n", "a place of at most 19 bytes, got \"\""},
		{"[screen]\nplace = 01234567890123456789\n", "at most 19 bytes"},
		{"[paths]\nfonts =\n", "expected a path"},
		{"[screen]\ncolour = red\n",
		 "display.conf:2: [screen].colour: is not a key of this file"},
		{"[Screen]\n", "display.conf:1: [Screen] is not a section of this file"},
		{"[screen]\n[sound]\n", ":2: [sound] is not a section"},
		{"[screen\nplace = x\n", ":1: expected a section like [screen]"},
		{"place = x\n", ":1: place: stands before the first section"},
		{"[video]\nplace = x\n", "[video].place: is not a key"},
		{"[screen]\nplace = x\nportrait = no\nplace = y\n",
		 ":4: [screen].place: is given twice"},
		{"[screen]\nplace\n", ":2: expected a line like key = value"},
		{"[screen]\nplace = x\n  continued\n", ":3: the line begins with white"},
		{"[screen]\n\tplace = x\n", ":2: the line begins with white"},
		{"[screen]\nplace = x\n", "display.conf: [paths].fonts: is missing"},
		{"", "[paths].fonts: is missing, expected a path"},
	};
	struct settings settings;
	struct err err = {0};

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_fails(read_text(*state, wrong[i].text, strlen(wrong[i].text),
				       &settings, &err),
			     err, ERR_CONFIG, wrong[i].error);
		assert_memory_equal(&settings, &defaults, sizeof(settings));
	}
}

static void a_bad_file_sets_nothing_of_what_came_before(void **state)
{
	static const char text[] = "[paths]\nfonts = /x\n[screen]\nbrightness = 5\n"
				   "distance = far\n";
	struct settings settings;
	struct err err = {0};

	assert_fails(read_text(*state, text, sizeof(text) - 1, &settings, &err), err,
		     ERR_CONFIG, ":5:");
	assert_memory_equal(&settings, &defaults, sizeof(settings));
}

static void an_overlong_line_is_refused(void **state)
{
	char text[400] = "[screen]\nplace = ";
	struct settings settings;
	struct err err = {0};

	memset(text + strlen(text), 'x', 300);
	assert_fails(read_text(*state, text, strlen(text), &settings, &err), err,
		     ERR_CONFIG, "display.conf:2: the line is over 190 bytes long");
	/* In a comment, too: libinih would take its rest for a line of its own. */
	text[9] = '#';
	assert_fails(read_text(*state, text, strlen(text), &settings, &err), err,
		     ERR_CONFIG, ":2: the line is over");
}

static void a_nul_byte_is_refused(void **state)
{
	static const char text[] = "[paths]\nfonts = /x\n\0[nonsense]\n";
	struct settings settings;
	struct err err = {0};

	assert_fails(read_text(*state, text, sizeof(text) - 1, &settings, &err), err,
		     ERR_CONFIG, "NUL");
}

static void a_file_over_the_maximum_is_refused(void **state)
{
	size_t size = CONFIG_FILE_MAX + 1;
	char *text = malloc(size);
	struct settings settings;
	struct err err = {0};

	assert_non_null(text);
	memset(text, '\n', size);
	assert_fails(read_text(*state, text, size, &settings, &err), err, ERR_TOO_LARGE,
		     "display.conf");
	free(text);
}

static void a_missing_file_is_not_found(void **state)
{
	char *path = tmp_path(*state, "none.conf");
	struct err err = {0};

	assert_fails(config_read(path, NULL, 0, &err), err, ERR_NOT_FOUND, "none.conf");
	free(path);
}

int main(void)
{
#define in_a_directory(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		in_a_directory(every_key_of_a_good_file_is_set),
		in_a_directory(an_absent_key_keeps_its_default),
		in_a_directory(a_bad_file_is_refused_with_its_place),
		in_a_directory(a_bad_file_sets_nothing_of_what_came_before),
		in_a_directory(an_overlong_line_is_refused),
		in_a_directory(a_nul_byte_is_refused),
		in_a_directory(a_file_over_the_maximum_is_refused),
		in_a_directory(a_missing_file_is_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
