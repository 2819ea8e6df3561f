/*
 * That no character which may be shown is without a glyph: the character sets of Japan, the
 * kanji of names, and every text that is shipped. And that one without a glyph is found
 * before anything is published.
 */
#include <dirent.h>
#include <iconv.h>
#include <sysexits.h>

#include "core/plan.h"
#include "core/utf8.h"
#include "os/file.h"
#include "render/font.h"
#include "render/wording.h"
#include "support/run.h"
#include "support/test.h"
#include "support/tmp.h"

#define FILE_MAX ((size_t)1 << 20)

static struct font_set *fonts;

static int open_fonts(void **state)
{
	struct err err;

	(void)state;
	fonts = font_set_new(NULL, &err);
	if (!fonts)
		fprintf(stderr, "%s\n", err.text);
	return fonts ? 0 : -1;
}

static int close_fonts(void **state)
{
	(void)state;
	fonts = font_set_free(fonts);
	return 0;
}

static bool covers(uint32_t code_point)
{
	bool found = false;
	struct err err;

	assert_ok(font_covers(fonts, code_point, &found, &err), err);
	return found;
}

/* All characters of @text but line ends and tabs; returns how many there are. */
static size_t assert_text_is_covered(const char *text, const char *place)
{
	size_t count = 0;
	uint32_t c;

	assert_true(utf8_is_valid(text));
	while ((c = utf8_next(&text)) != 0) {
		if (c == '\n' || c == '\t')
			continue;
		if (!covers(c))
			fail_msg("%s: no font has U+%04X", place, (unsigned)c);
		count++;
	}
	return count;
}

/* The characters of a file, all of them: more than what is shown of it. */
static size_t assert_file_is_covered(const char *path)
{
	CLEANUP(blob_free) struct blob file = {0};
	struct err err;

	assert_ok(file_read(path, FILE_MAX, &file, &err), err);
	/* An escape would hide a character from this test. */
	if (strstr(path, ".json") && strstr(file.bytes, "\\u"))
		fail_msg("%s: write the character itself instead of \\u…", path);
	return assert_text_is_covered(file.bytes, path);
}

static size_t assert_files_are_covered(const char *folder, const char *begin,
				       const char *end)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	size_t files = 0;

	if (!dir)
		fail_msg("%s: is missing", folder);
	while ((entry = readdir(dir)) != NULL) {
		size_t length = strlen(entry->d_name);
		char *path;

		if (length <= strlen(end) ||
		    strcmp(entry->d_name + length - strlen(end), end) != 0 ||
		    strncmp(entry->d_name, begin, strlen(begin)) != 0)
			continue;
		path = tmp_path(folder, entry->d_name);
		assert_file_is_covered(path);
		free(path);
		files++;
	}
	closedir(dir);
	return files;
}

/* --- Character sets --- */

/* Two bytes of ISO-2022-JP's JIS X 0208, by row and cell (区点). */
static bool jis_character(iconv_t convert, int row, int cell, char out[static 8])
{
	char in[] = {'\x1B', '$', 'B', (char)(row + 32), (char)(cell + 32)};
	char *from = in, *to = out;
	size_t in_left = sizeof(in), out_left = 7;

	iconv(convert, NULL, NULL, NULL, NULL);
	memset(out, 0, 8);
	return iconv(convert, &from, &in_left, &to, &out_left) != (size_t)-1 &&
	       in_left == 0 && out[0] != '\0';
}

static void jis_x_0208_is_whole(void **state)
{
	iconv_t convert = iconv_open("UTF-8", "ISO-2022-JP");
	size_t kanji = 0, others = 0;

	(void)state;
	if (convert == (iconv_t)-1) {
		print_message("iconv has no ISO-2022-JP here\n");
		skip();
	}
	for (int row = 1; row <= 94; row++)
		for (int cell = 1; cell <= 94; cell++) {
			char text[8], place[32];

			if (!jis_character(convert, row, cell, text))
				continue;
			snprintf(place, sizeof(place), "JIS X 0208 %d-%d", row, cell);
			assert_int_equal(assert_text_is_covered(text, place), 1);
			if (row < 16)
				others++;
			else
				kanji++;
		}
	iconv_close(convert);
	/* 2965 of the first level and 3390 of the second; 524 signs, letters and lines. */
	assert_int_equal(kanji, 2965 + 3390);
	assert_int_equal(others, 524);
}

static void kanji_for_names_are_whole(void **state)
{
	static const char path[] = EKIMAE_SOURCE_DIR "/tests/render/jinmeiyo.txt";
	CLEANUP(blob_free) struct blob file = {0};
	size_t counts[2] = {0}, table = 0;
	uint32_t last = 0;
	struct err err;

	(void)state;
	assert_ok(file_read(path, FILE_MAX, &file, &err), err);
	for (char *line = file.bytes, *end; (end = strchr(line, '\n')); line = end + 1) {
		const char *cursor = line;
		uint32_t c;

		*end = '\0';
		if (strncmp(line, "# (二)", strlen("# (二)")) == 0) {
			table = 1;
			last = 0;
		}
		if (*line == '#')
			continue;
		assert_text_is_covered(line, "jinmeiyo.txt");
		for (; (c = utf8_next(&cursor)) != 0; last = c) {
			assert_true(c > last); /* ordered, thus each once */
			counts[table]++;
		}
	}
	assert_int_equal(counts[0], 651);
	assert_int_equal(counts[1], 212);
}

/* --- What is shipped --- */

static void the_plan_is_covered(void **state)
{
	(void)state;
	assert_true(assert_file_is_covered(EKIMAE_SOURCE_DIR "/assets/plan/plan.json") >
		    5000);
}

static void sample_notices_are_covered(void **state)
{
	(void)state;
	assert_true(assert_files_are_covered(EKIMAE_SOURCE_DIR "/assets/demo", "",
					     ".json") >= 5);
	assert_file_is_covered(EKIMAE_SOURCE_DIR "/tests/golden/programme.json");
}

/* The words of slides are in these sources, and whatever else is in them is covered too. */
static void the_wording_is_covered(void **state)
{
	char text[WORDING_SIZE];

	(void)state;
	assert_true(assert_files_are_covered(EKIMAE_SOURCE_DIR "/daemon/render",
					     "wording", ".c") >= 1);
	assert_true(assert_files_are_covered(EKIMAE_SOURCE_DIR "/daemon/render", "slide",
					     ".c") >= 5);
	/* Eras that the plan does not name. */
	for (int year = 1990; year <= 2060; year++) {
		wording_fiscal_year(WORDING_JA, year, text);
		assert_text_is_covered(text, "a fiscal year");
	}
}

/* --- What has no glyph is found --- */

static void a_character_without_a_glyph_is_noticed(void **state)
{
	(void)state;
	assert_true(covers(0x6728));    /* 木 */
	assert_true(covers(0x20BB7));   /* 𠮷 */
	assert_false(covers(0x1F600));  /* an emoji */
	assert_false(covers(0x10FFFD)); /* private use */
	assert_false(covers(0x13000));  /* a hieroglyph */
}

/* A notice that has @character in @place only. */
static void report_names_it(const char *place, const char *character,
			    const char *code_point, const char *named, int position)
{
	static const char *const places[] = {"title", "body",  "department", "category",
					     "label", "value", "contact"};
	const char *at[ARRAY_LEN(places)];
	char *dir = tmp_dir(), *png = tmp_path(dir, "n.png"), *text = NULL;
	char *file = tmp_path(dir, "n.json");
	char expected[160];
	const char *rest;
	struct run r;

	for (size_t i = 0; i < ARRAY_LEN(places); i++)
		at[i] = strcmp(places[i], place) == 0 ? character : "";
	assert_true(
		asprintf(&text,
			 "{\"format\":\"ekimae.notice/1\",\"id\":\"n\","
			 "\"title\":\"題名%s\",\"body\":\"本文%s\","
			 "\"department\":\"広報課%s\",\"category\":\"手続%s\","
			 "\"facts\":[{\"label\":\"対象%s\",\"value\":\"どなたでも%s\"}],"
			 "\"contact\":\"電話%s\","
			 "\"from\":\"2026-04-01T00:00:00+09:00\","
			 "\"until\":\"2026-12-01T00:00:00+09:00\"}",
			 at[0], at[1], at[2], at[3], at[4], at[5], at[6]) > 0);
	tmp_write(dir, "n.json", text, strlen(text));
	r = run_program(dir, "ekimae-render",
			(const char *[]){"--notice", file, "--size", "1280x720", "--out",
					 png, "--report", NULL});
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, EX_OK);
	snprintf(expected, sizeof(expected), "\"code_point\": \"%s\"", code_point);
	rest = strstr(r.out, expected);
	if (!rest)
		fail_msg("%s in %s: is not in the report: %s", code_point, place, r.out);
	snprintf(expected, sizeof(expected), "\"place\": \"%s\"", named);
	if (!strstr(rest, expected))
		fail_msg("%s in %s: the place is not named: %s", code_point, place,
			 r.out);
	snprintf(expected, sizeof(expected), "\"position\": %d", position);
	if (!strstr(rest, expected))
		fail_msg("%s in %s: is not told as %d: %s", code_point, place, position,
			 r.out);
	assert_non_null(strstr(r.out, character));
	assert_null(strstr(rest + 1, "\"code_point\"")); /* it, and nothing else */
	run_done(&r);
	free(text);
	free(file);
	free(png);
	tmp_remove(dir);
}

static void the_report_names_the_character_and_its_place(void **state)
{
	const char *emoji = "\xF0\x9F\x98\x80";

	(void)state;
	report_names_it("title", emoji, "U+1F600", "title", 3);
	report_names_it("body", "\xF0\x93\x80\x80", "U+13000", "body", 3);
	report_names_it("department", emoji, "U+1F600", "department", 4);
	report_names_it("contact", emoji, "U+1F600", "contact", 3);
	report_names_it("category", emoji, "U+1F600", "category", 3);
	report_names_it("label", emoji, "U+1F600", "facts[0].label", 3);
	report_names_it("value", emoji, "U+1F600", "facts[0].value", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jis_x_0208_is_whole),
		cmocka_unit_test(kanji_for_names_are_whole),
		cmocka_unit_test(the_plan_is_covered),
		cmocka_unit_test(sample_notices_are_covered),
		cmocka_unit_test(the_wording_is_covered),
		cmocka_unit_test(a_character_without_a_glyph_is_noticed),
		cmocka_unit_test(the_report_names_the_character_and_its_place),
	};

	return cmocka_run_group_tests(tests, open_fonts, close_fonts);
}
