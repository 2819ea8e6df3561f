/* ekimae-render as a person runs it. */
#include <dirent.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "os/file.h"
#include "support/run.h"
#include "support/test.h"
#include "support/tmp.h"

#define PLAN     EKIMAE_SOURCE_DIR "/assets/plan/plan.json"
#define PICTURES EKIMAE_SOURCE_DIR "/tests/corpus/pictures"

/* ekimae-render with @arguments. */
static struct run run(const char *dir, const char *const *arguments)
{
	return run_program(dir, "ekimae-render", arguments);
}

static void list_prints_one_id_a_line(void **state)
{
	char *dir = tmp_dir();
	struct run r = run(dir, (const char *[]){"--plan", PLAN, "--list", NULL});
	size_t lines = 0;

	(void)state;
	for (const char *c = r.out; *c; c++)
		lines += *c == '\n';
	assert_int_equal(r.status, EX_OK);
	assert_int_equal(lines, 7 + 30);
	assert_non_null(strstr(r.out, "initiative/30\n"));
	run_done(&r);
	tmp_remove(dir);
}

static void a_slide_becomes_a_png_and_a_report(void **state)
{
	char *dir = tmp_dir(), *png = tmp_path(dir, "slide.png"), *bytes;
	static const char *const fields[] = {
		"\"pages\": 2",      "\"characters\": ",      "\"dwell_ms\": ",
		"\"smallest_px\": ", "\"smallest_mm\": ",     "\"required_mm\": ",
		"\"missing\": []",   "\"lowest_contrast\": ", "\"overflow\": false",
	};
	struct run r =
		run(dir, (const char *[]){"--plan", PLAN, "--slide", "initiative/4",
					  "--size", "640x360", "--out", png, "--report",
					  "--now", "2026-11-22T15:29:00+09:00", "--theme",
					  "dark", NULL});
	size_t length;

	(void)state;
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, EX_OK);
	bytes = tmp_read(png, &length);
	assert_true(length > 1000);
	assert_memory_equal(bytes, "\x89PNG", 4);
	assert_non_null(strstr(r.out, "\"slide\": \"initiative/4\""));
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (!strstr(r.out, fields[i]))
			fail_msg("%s is not in the report: %s", fields[i], r.out);
	free(bytes);
	free(png);
	run_done(&r);
	tmp_remove(dir);
}

static void a_notice_is_drawn_and_its_missing_glyph_told(void **state)
{
	static const char notice[] =
		"{\"format\":\"ekimae.notice/1\",\"id\":\"n\",\"title\":\"A\\ue000\","
		"\"department\":\"B\",\"from\":\"2026-04-01T00:00:00+09:00\","
		"\"until\":\"2026-12-01T00:00:00+09:00\"}";
	char *dir = tmp_dir(), *png = tmp_path(dir, "n.png");
	char *file = tmp_path(dir, "n.json");
	struct run r;

	(void)state;
	tmp_write(dir, "n.json", notice, strlen(notice));
	r = run(dir, (const char *[]){"--notice", file, "--size", "640x360", "--out", png,
				      "--report", NULL});
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, EX_OK);
	assert_non_null(strstr(r.out, "\"code_point\": \"U+E000\""));
	assert_non_null(strstr(r.out, "\"place\": \"title\""));
	run_done(&r);
	r = run(dir, (const char *[]){"--notice", file, "--page", "2", "--size",
				      "640x360", "--out", png, NULL});
	assert_int_equal(r.status, EX_NOINPUT);
	assert_non_null(strstr(r.err, "has only 1 page"));
	run_done(&r);
	free(png);
	free(file);
	tmp_remove(dir);
}

static void wrong_command_lines_say_what_is_wrong(void **state)
{
	static const struct {
		const char *arguments[9];
		const char *part;
	} cases[] = {
		{{NULL}, "--help shows how"},
		{{"--list"}, "--list: needs --plan"},
		{{"--bogus"}, "--bogus: is no option"},
		{{"--plan", PLAN, "--slide", "initiative/1", "--out", "x.png"},
		 "--size: is missing"},
		{{"--plan", PLAN, "--slide", "initiative/1", "--size", "1920x1080"},
		 "--out: is missing"},
		{{"--size", "1920"}, "--size: expected"},
		{{"--size", "0x1080"}, "--size: expected"},
		{{"--size", "-1x5"}, "--size: expected"},
		{{"--size", "99999x1080"}, "--size: expected"},
		{{"--size", "99999999999999999999x1"}, "--size: expected"},
		{{"--theme", "blue"}, "--theme: expected light or dark"},
		{{"--now", "yesterday"}, "--now"},
		{{"--distance", "-3"}, "--distance: expected"},
		{{"--panel-height", "nan"}, "--panel-height: expected"},
		{{"--page", "0"}, "--page: expected"},
		{{"--slide"}, "--slide: needs a value"},
	};
	char *dir = tmp_dir();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r = run(dir, cases[i].arguments);

		if (r.status != EX_USAGE || !strstr(r.err, cases[i].part))
			fail_msg("case %zu: status %d, \"%s\", expected \"%s\"", i,
				 r.status, r.err, cases[i].part);
		run_done(&r);
	}
	tmp_remove(dir);
}

static void missing_slides_and_files_have_their_exit_codes(void **state)
{
	char *dir = tmp_dir(), *png = tmp_path(dir, "x.png");
	struct run r =
		run(dir, (const char *[]){"--plan", PLAN, "--slide", "initiative/31",
					  "--size", "640x360", "--out", png, NULL});

	(void)state;
	assert_int_equal(r.status, EX_NOINPUT);
	assert_non_null(strstr(r.err, "initiative/31"));
	run_done(&r);
	r = run(dir,
		(const char *[]){"--plan", "/nonexistent/plan.json", "--list", NULL});
	assert_int_equal(r.status, EX_NOINPUT);
	assert_non_null(strstr(r.err, "/nonexistent/plan.json"));
	run_done(&r);
	tmp_write(dir, "bad.json", "{", 1);
	free(png);
	png = tmp_path(dir, "bad.json");
	r = run(dir, (const char *[]){"--plan", png, "--list", NULL});
	assert_int_equal(r.status, EX_DATAERR);
	run_done(&r);
	free(png);
	tmp_remove(dir);
}

/* The most memory that any of the programs run so far had, in bytes. */
static size_t most_memory(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_CHILDREN, &usage), 0);
	return (size_t)usage.ru_maxrss * 1024;
}

static void assert_taken_or_refused(const char *dir, const char *path)
{
	char *out = tmp_path(dir, "out");
	struct run r = run(dir, (const char *[]){"--picture", path, "--out", out, NULL});

	if (r.status != EX_OK && (r.status != EX_DATAERR || !strstr(r.err, path)))
		fail_msg("%s: exit status %d: %s", path, r.status, r.err);
	run_done(&r);
	free(out);
}

/* 40 million pixels are 160 MB; the rest is the program and what watches over it in tests. */
static void pictures_that_lie_take_no_more_memory_than_large_ones(void **state)
{
	static const char huge[] = "\0\0\xc3\x50\0\0\xc3\x50"; /* 50,000 × 50,000 */
	char *dir = tmp_dir(), *path = tmp_path(dir, "lie.jpg");
	DIR *pictures = opendir(PICTURES);
	struct blob blob = {0};
	struct dirent *entry;
	struct err err;
	size_t count = 0;

	(void)state;
	assert_non_null(pictures);
	while ((entry = readdir(pictures))) {
		char name[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), PICTURES "/%s", entry->d_name);
		assert_taken_or_refused(dir, name);
		count++;
	}
	closedir(pictures);
	assert_true(count >= 15);
	/* A PNG by a wrong name, half of it, and one that says it is huge. */
	assert_ok(file_read(PICTURES "/rgb16.png", 1 << 20, &blob, &err), err);
	tmp_write(dir, "lie.jpg", blob.bytes, blob.len);
	assert_taken_or_refused(dir, path);
	tmp_write(dir, "lie.jpg", blob.bytes, blob.len / 2);
	assert_taken_or_refused(dir, path);
	memcpy(blob.bytes + 16, huge, 8);
	tmp_write(dir, "lie.jpg", blob.bytes, blob.len);
	assert_taken_or_refused(dir, path);
	if (most_memory() > (size_t)320 << 20)
		fail_msg("a picture took %zu bytes of memory", most_memory());
	blob_free(&blob);
	free(path);
	tmp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(list_prints_one_id_a_line),
		cmocka_unit_test(a_slide_becomes_a_png_and_a_report),
		cmocka_unit_test(a_notice_is_drawn_and_its_missing_glyph_told),
		cmocka_unit_test(wrong_command_lines_say_what_is_wrong),
		cmocka_unit_test(missing_slides_and_files_have_their_exit_codes),
		cmocka_unit_test(pictures_that_lie_take_no_more_memory_than_large_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
