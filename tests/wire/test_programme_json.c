#include "support/test.h"

#include <dirent.h>

#include "core/arena.h"
#include "core/programme.h"
#include "core/utf8.h"
#include "support/tmp.h"
#include "wire/programme_json.h"

#define DEMO_DIR EKIMAE_SOURCE_DIR "/assets/demo"

static const char notice_text[] =
	"{\"format\": \"ekimae.notice/1\", \"id\": \"n1\", \"title\": \"題名\", "
	"\"department\": \"企画政策課\", \"from\": \"2026-11-22T09:00:00+09:00\", "
	"\"until\": \"2026-12-01T00:00:00+09:00\"}";

static const char programme_text[] =
	"{\"format\": \"ekimae.programme/1\", \"version\": 7, "
	"\"published\": \"2026-11-22T06:29:00.123Z\",\n"
	"\"policy\": {\"notice_weight\": 3, \"plan_weight\": 1, \"longest_wait_s\": 900, "
	"\"fade_ms\": 400, \"dwell_min_s\": 8, \"characters_per_s\": 4, "
	"\"theme\": {\"dark_from\": \"19:00\", \"dark_until\": \"06:00\"}},\n"
	"\"count\": {\"fiscal_year\": 2026, \"notices\": 12, "
	"\"as_of\": \"2026-11-22T06:00:00Z\"},\n"
	"\"notices\": [{\"id\": \"a\", \"title\": \"一\", \"department\": \"企画政策課\", "
	"\"from\": \"2026-11-22T00:00:00+09:00\", \"until\": \"2026-12-01T00:00:00+09:00\"},\n"
	"{\"id\": \"b\", \"revision\": 4, \"title\": \"二\", \"body\": \"一\\n二\", "
	"\"department\": \"健康課\", \"category\": \"健康\", \"contact\": \"窓口\", "
	"\"url\": \"https://example.jp/b\", "
	"\"facts\": [{\"label\": \"対象\", \"value\": \"どなたでも\"}], "
	"\"from\": \"2026-11-22T00:00:00+09:00\", \"until\": \"2026-12-01T00:00:00+09:00\", "
	"\"hours\": {\"weekdays\": [\"fri\", \"sat\"], \"from\": \"22:00\", "
	"\"until\": \"02:00\"}, \"weight\": 2, \"dwell_s\": 20, \"urgent\": true, "
	"\"counts\": false, \"screens\": [\"tanashi\"]}]}";

/* @text with the first @from as @to; owned. */
static char *replace(const char *text, const char *from, const char *to)
{
	const char *hit = strstr(text, from);
	char *out = NULL;

	if (!hit)
		fail_msg("\"%s\" is not in the document", from);
	if (asprintf(&out, "%.*s%s%s", (int)(hit - text), text, to, hit + strlen(from)) <
	    0)
		fail_msg("out of memory");
	return out;
}

static struct notice *read_notice(const char *text, struct arena *arena, struct err *err)
{
	return notice_from_json("n.json", text, strlen(text), arena, err);
}

static void assert_notice_refused(const char *from, const char *to, const char *sentence)
{
	struct arena *arena = arena_new(100000);
	char *text = replace(notice_text, from, to);
	struct err err = {0};

	assert_fails(read_notice(text, arena, &err), err, ERR_INVALID, sentence);
	arena_free(arena);
	free(text);
}

static void assert_programme_refused(const char *from, const char *to,
				     const char *sentence)
{
	char *text = replace(programme_text, from, to);
	struct err err = {0};

	assert_fails(programme_from_json("programme.json", text, strlen(text), &err), err,
		     ERR_INVALID, sentence);
	free(text);
}

/* --- Notices ---------------------------------------------------------------------------- */

static void notice_that_says_little_gets_the_defaults(void **state)
{
	struct arena *arena = arena_new(100000);
	struct err err = {0};
	struct notice *notice = read_notice(notice_text, arena, &err);

	(void)state;
	assert_ok(notice, err);
	assert_string_equal(notice->id, "n1");
	assert_int_equal(notice->revision, 1);
	assert_null(notice->body);
	assert_int_equal(notice->hours.weekdays, 0x7f);
	assert_int_equal(notice->hours.from_minute, 0);
	assert_int_equal(notice->hours.until_minute, 1440);
	assert_int_equal(notice->weight, 1);
	assert_int_equal(notice->dwell_s, 0);
	assert_false(notice->urgent);
	assert_false(notice->sample);
	assert_true(notice->counts);
	assert_null(notice->screens);
	arena_free(arena);
}

static void sample_does_not_count_unless_it_contradicts_itself(void **state)
{
	struct arena *arena = arena_new(100000);
	char *text = replace(notice_text, "\"id\"", "\"sample\": true, \"id\"");
	struct err err = {0};
	struct notice *notice = read_notice(text, arena, &err);

	(void)state;
	assert_ok(notice, err);
	assert_true(notice->sample);
	assert_false(notice->counts);
	arena_free(arena);
	free(text);
	assert_notice_refused("\"id\"", "\"sample\": true, \"counts\": true, \"id\"",
			      "n.json: counts: a sample never counts");
}

static void wrong_notices_are_refused_with_their_place(void **state)
{
	(void)state;
	assert_notice_refused(
		"2026-12-01", "2026-11-01",
		"n.json: until: is before from (2026-11-22T09:00:00+09:00)");
	assert_notice_refused("\"2026-12-01T00:00:00+09:00\"", "\"tomorrow\"",
			      "n.json: until: ");
	assert_notice_refused("\"2026-12-01T00:00:00+09:00\"", "1764547200",
			      "n.json: until: expected a string, got an integer");
	assert_notice_refused(
		"\"id\"", "\"dwell_s\": 9999999999999, \"id\"",
		"n.json: dwell_s: expected an integer 0–120, got 9999999999999");
	assert_notice_refused("\"id\"", "\"dwell_s\": 3, \"id\"", "n.json: dwell_s: ");
	assert_notice_refused("\"id\": \"n1\"", "\"id\": \"N1\"", "n.json: id: ");
	assert_notice_refused("\"id\"", "\"wieght\": 2, \"id\"",
			      "n.json: unknown key \"wieght\"");
	assert_notice_refused("\"title\": \"題名\",", "", "n.json: title: is missing");
	assert_notice_refused("題名", "題\\n名", "n.json: title: must be a single line");
	assert_notice_refused("\"id\"", "\"body\": null, \"id\"",
			      "n.json: body: expected a string, got null");
	assert_notice_refused("\"id\"", "\"url\": \"http://example.jp\", \"id\"",
			      "n.json: url: must start with");
	assert_notice_refused("\"id\"", "\"screens\": [], \"id\"", "n.json: screens: ");
	assert_notice_refused("\"id\"", "\"facts\": [{\"label\": \"対象\"}], \"id\"",
			      "n.json: facts[0].value: is missing");
	assert_notice_refused("notice/1", "plan/1", "n.json: format: expected");
}

#define PICTURE                                                                          \
	"\"picture\": {\"sha256\": "                                                     \
	"\"00112233445566778899aabbccddeeff"                                             \
	"00112233445566778899aabbccddeeff\", \"format\": \"jpeg\", "                     \
	"\"width\": 1920, \"height\": 1080, \"bytes\": 400000, "                         \
	"\"alt\": \"祭りの写真\"}, \"id\""

#define TRANSLATIONS                                                                     \
	"\"translations\": {\"ko\": {\"title\": \"제목\"}, \"en\": {\"title\": "       \
	"\"A title\", \"body\": \"Text\", \"department\": \"Planning Division\", "       \
	"\"facts\": [{\"label\": \"Eligibility\", \"value\": \"All\"}]}}, \"id\""

/* Reads @text, writes it and reads that: what both are, in @arena. */
static struct notice *read_twice(const char *text, struct arena *arena, char **out_bytes)
{
	struct err err = {0};
	struct notice *notice = read_notice(text, arena, &err);
	size_t len;

	assert_ok(notice, err);
	*out_bytes = notice_to_json(notice, &len, &err);
	assert_ok(*out_bytes, err);
	notice = read_notice(*out_bytes, arena, &err);
	assert_ok(notice, err);
	return notice;
}

static void picture_is_a_file_for_staff_and_a_hash_for_screens(void **state)
{
	struct arena *arena = arena_new(100000);
	char *of_file = replace(notice_text, "\"id\"",
				"\"picture\": {\"file\": \"祭り.jpg\", \"alt\": "
				"\"写真\"}, \"id\"");
	char *of_hash = replace(notice_text, "\"id\"", PICTURE);
	char *bytes, path[NOTICE_MEDIA_PATH_SIZE];
	struct notice *notice = read_twice(of_file, arena, &bytes);

	(void)state;
	assert_string_equal(notice->picture->file, "祭り.jpg");
	assert_string_equal(notice->picture->alt, "写真");
	free(bytes);
	notice = read_twice(of_hash, arena, &bytes);
	assert_null(notice->picture->file);
	assert_int_equal(notice->picture->sha256[1], 0x11);
	assert_int_equal(notice->picture->format, NOTICE_PICTURE_JPEG);
	assert_int_equal(notice->picture->width, 1920);
	assert_int_equal(notice->picture->height, 1080);
	assert_int_equal(notice->picture->bytes, 400000);
	notice_media_path(notice->picture, path);
	assert_string_equal(path, "media/00112233445566778899aabbccddeeff"
				  "00112233445566778899aabbccddeeff.jpg");
	free(bytes);
	free(of_file);
	free(of_hash);
	arena_free(arena);
}

static void wrong_pictures_are_refused_with_their_place(void **state)
{
	static const char *const cases[][3] = {
		{"\"jpeg\"", "\"gif\"", "n.json: picture.format: "},
		{"1920", "1921", "n.json: picture.width: "},
		{"1080", "5", "n.json: picture.height: "},
		{"400000", "2097153", "n.json: picture.bytes: "},
		{"0011", "0g11", "n.json: picture.sha256: "},
		{"\"alt\"", "\"file\": \"a.png\", \"alt\"",
		 "n.json: picture: unknown key"},
		{"\"format\": \"jpeg\", ", "", "n.json: picture.format: is missing"},
		{"祭りの写真", "", "n.json: picture.alt: "},
	};
	static const char *const files[] = {"../a.png", "/etc/passwd", "a/b.png",
					    ".hidden", ""};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *picture = replace(PICTURE, cases[i][0], cases[i][1]);

		assert_notice_refused("\"id\"", picture, cases[i][2]);
		free(picture);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char *picture = replace("\"picture\": {\"file\": \"@\", \"alt\": \"x\"}, "
					"\"id\"",
					"@", files[i]);

		assert_notice_refused("\"id\"", picture, "n.json: picture.file: ");
		free(picture);
	}
	/* What nobody has checked does not get into a programme, nor do too many. */
	assert_programme_refused(
		"\"id\"",
		"\"picture\": {\"file\": \"a.png\", \"alt\": \"x\"}, "
		"\"id\"",
		"programme.json: notices[0].picture.file: was not checked");
}

static void translations_come_in_four_languages_and_no_more(void **state)
{
	struct arena *arena = arena_new(100000);
	char *text = replace(notice_text, "\"id\"", TRANSLATIONS), *bytes;
	struct notice *notice = read_twice(text, arena, &bytes);
	const struct notice_translation *english = notice->translations[NOTICE_EN];

	(void)state;
	assert_null(notice->translations[NOTICE_JA_EASY]);
	assert_null(notice->translations[NOTICE_ZH]);
	assert_string_equal(notice->translations[NOTICE_KO]->title, "제목");
	assert_null(notice->translations[NOTICE_KO]->body);
	assert_string_equal(english->title, "A title");
	assert_string_equal(english->department, "Planning Division");
	assert_int_equal(english->fact_count, 1);
	assert_string_equal(english->facts[0].label, "Eligibility");
	free(bytes);
	free(text);
	arena_free(arena);
	text = replace(TRANSLATIONS, "\"en\"", "\"fr\"");
	assert_notice_refused("\"id\"", text, "n.json: translations: unknown key \"fr\"");
	free(text);
	text = replace(TRANSLATIONS, "{\"title\": \"제목\"}", "{}");
	assert_notice_refused("\"id\"", text,
			      "n.json: translations.ko.title: is missing");
	free(text);
	text = replace(TRANSLATIONS, "A title", "A\\ntitle");
	assert_notice_refused("\"id\"", text,
			      "n.json: translations.en.title: must be a single line");
	free(text);
}

static void wrong_hours_are_refused_with_their_place(void **state)
{
	(void)state;
	assert_notice_refused(
		"\"id\"", "\"hours\": {\"weekdays\": [\"moon\"]}, \"id\"",
		"n.json: hours.weekdays[0]: expected one of \"sun\", \"mon\"");
	assert_notice_refused("\"id\"",
			      "\"hours\": {\"weekdays\": [\"mon\", \"mon\"]}, \"id\"",
			      "n.json: hours.weekdays: names \"mon\" twice");
	assert_notice_refused("\"id\"", "\"hours\": {\"weekdays\": []}, \"id\"",
			      "n.json: hours.weekdays: is empty");
	assert_notice_refused("\"id\"", "\"hours\": {\"from\": \"25:00\"}, \"id\"",
			      "n.json: hours.from: expected a time of day");
	assert_notice_refused("\"id\"", "\"hours\": {\"from\": \"24:00\"}, \"id\"",
			      "n.json: hours.from: expected 00:00–23:59");
	assert_notice_refused(
		"\"id\"", "\"hours\": {\"until\": \"00:00\"}, \"id\"",
		"n.json: hours.until: expected 00:01–24:00; midnight is 24:00");
	assert_notice_refused("\"id\"", "\"hours\": {\"till\": \"10:00\"}, \"id\"",
			      "n.json: hours: unknown key \"till\"");
}

static void title_of_ten_megabytes_is_too_large_and_not_repeated(void **state)
{
	const size_t size = 10 * 1024 * 1024;
	struct arena *arena = arena_new(100000);
	char *title = malloc(size + 1), *text;
	struct err err = {0};

	(void)state;
	assert_non_null(title);
	memset(title, 'x', size);
	title[size] = '\0';
	text = replace(notice_text, "題名", title);
	assert_fails(read_notice(text, arena, &err), err, ERR_TOO_LARGE, "n.json: has ");
	free(text);
	/* Within the document's ceiling the title's own maximum stops it. */
	title[50000] = '\0';
	text = replace(notice_text, "題名", title);
	assert_fails(read_notice(text, arena, &err), err, ERR_INVALID,
		     "n.json: title: has 50000 characters, at most 300 fit");
	assert_true(strlen(err.text) < 100);
	free(text);
	free(title);
	arena_free(arena);
}

static void notice_that_an_arena_cannot_hold_fails_cleanly(void **state)
{
	(void)state;
	for (size_t room = 0; room < 600; room += 16) {
		struct arena *arena = arena_new(room);
		struct err err = {0};
		struct notice *notice = read_notice(notice_text, arena, &err);

		if (!notice)
			assert_int_equal(err.code, ERR_NO_MEMORY);
		arena_free(arena);
	}
}

static void wrong_notice_is_not_written(void **state)
{
	struct notice notice = {.id = "n1", .revision = 1, .title = "題名"};
	struct err err = {0};
	size_t len;

	(void)state;
	assert_fails(notice_to_json(&notice, &len, &err), err, ERR_INVALID,
		     "notice: department: is missing");
}

static void content_hash_changes_with_content_and_not_with_layout(void **state)
{
	static const char *const changes[][2] = {
		{"題名", "題目"},
		{"\"id\"", "\"revision\": 2, \"id\""},
		{"\"id\"", "\"counts\": false, \"id\""},
		{"\"id\"", "\"hours\": {\"from\": \"08:00\"}, \"id\""},
		{"2026-12-01", "2026-12-02"},
		{"\"id\"", PICTURE},
		{"\"id\"", TRANSLATIONS},
	};
	uint8_t first[SHA256_SIZE], other[SHA256_SIZE];
	struct arena *arena = arena_new(100000);
	struct err err = {0};
	struct notice *notice = read_notice(notice_text, arena, &err);
	char *text;

	(void)state;
	assert_ok(notice, err);
	assert_ok(notice_content_hash(notice, first, &err), err);

	/* The same notice in other words. */
	text = replace(notice_text, "\"id\"", "\n\"weight\": 1, \"hours\": {}, \"id\"");
	notice = read_notice(text, arena, &err);
	assert_ok(notice, err);
	assert_ok(notice_content_hash(notice, other, &err), err);
	assert_memory_equal(first, other, SHA256_SIZE);
	free(text);

	for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
		text = replace(notice_text, changes[i][0], changes[i][1]);
		notice = read_notice(text, arena, &err);
		assert_ok(notice, err);
		assert_ok(notice_content_hash(notice, other, &err), err);
		assert_memory_not_equal(first, other, SHA256_SIZE);
		free(text);
	}
	arena_free(arena);
}

/* The hash is kept for years in ledgers: its input must not change by accident. */
static void content_hash_is_that_of_the_documented_bytes(void **state)
{
	static const char canonical[] =
		"{\"counts\":true,\"department\":\"企画政策課\",\"dwell_s\":0,"
		"\"from\":\"2026-11-22T09:00:00+09:00\",\"id\":\"n1\",\"revision\":1,"
		"\"sample\":false,\"title\":\"題名\","
		"\"until\":\"2026-12-01T00:00:00+09:00\",\"urgent\":false,\"weight\":1}";
	uint8_t hash[SHA256_SIZE], expected[SHA256_SIZE];
	struct arena *arena = arena_new(100000);
	struct err err = {0};
	struct notice *notice = read_notice(notice_text, arena, &err);

	(void)state;
	assert_ok(notice, err);
	assert_ok(notice_content_hash(notice, hash, &err), err);
	sha256(canonical, sizeof(canonical) - 1, expected);
	assert_memory_equal(hash, expected, SHA256_SIZE);
	arena_free(arena);
}

static void notices_shipped_for_the_demo_are_marked_as_samples(void **state)
{
	struct arena *arena = arena_new(1000000);
	DIR *dir = opendir(DEMO_DIR);
	struct dirent *entry;
	int count = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		struct notice *notice;
		struct err err = {0};
		char *path, *text;
		size_t len;

		if (!strstr(entry->d_name, ".json"))
			continue;
		path = tmp_path(DEMO_DIR, entry->d_name);
		text = tmp_read(path, &len);
		notice = notice_from_json(entry->d_name, text, len, arena, &err);
		assert_ok(notice, err);
		/* The one that the demo pushes is counted, so it carries the mark itself. */
		if (!notice->sample)
			assert_string_equal(notice->category, "見本");
		assert_non_null(notice->body);
		assert_non_null(strstr(notice->body, "見本"));
		assert_null(notice->contact);
		count++;
		free(text);
		free(path);
	}
	closedir(dir);
	assert_true(count >= 3);
	arena_free(arena);
}

/* --- Programmes ------------------------------------------------------------------------- */

static void programme_is_read_as_written(void **state)
{
	struct err err = {0};
	struct programme *programme = programme_from_json(
		"programme.json", programme_text, sizeof(programme_text) - 1, &err);
	const struct notice *notice;

	(void)state;
	assert_ok(programme, err);
	assert_int_equal(programme->version, 7);
	assert_int_equal(programme->published.ms, INT64_C(1795328940123));
	assert_memory_equal(&programme->policy.theme, &loop_policy_default.theme,
			    sizeof(struct theme_hours));
	assert_int_equal(programme->policy.longest_wait_s, 900);
	assert_true(programme->count.known);
	assert_int_equal(programme->count.notices, 12);
	assert_int_equal(programme->notice_count, 2);
	notice = programme_notice(programme, "b");
	assert_non_null(notice);
	assert_int_equal(notice->revision, 4);
	assert_string_equal(notice->body, "一\n二");
	assert_string_equal(notice->facts[0].value, "どなたでも");
	assert_int_equal(notice->hours.weekdays, 1U << 5 | 1U << 6);
	assert_int_equal(notice->hours.from_minute, 22 * 60);
	assert_int_equal(notice->hours.until_minute, 2 * 60);
	assert_true(notice->urgent);
	assert_false(notice->counts);
	assert_string_equal(notice->screens[0], "tanashi");
	assert_int_equal(notice->screen_count, 1);
	programme_free(programme);
}

static void wrong_programmes_are_refused_with_their_place(void **state)
{
	(void)state;
	assert_programme_refused("\"version\": 7", "\"version\": 0",
				 "programme.json: version: expected an integer 1–");
	assert_programme_refused("\"revision\": 4", "\"format\": \"ekimae.notice/1\"",
				 "programme.json: notices[1]: unknown key \"format\"");
	assert_programme_refused(
		"\"weight\": 2", "\"weight\": 12",
		"programme.json: notices[1].weight: expected an integer 1–10, "
		"got 12");
	assert_programme_refused("\"id\": \"b\"", "\"id\": \"a\"",
				 "programme.json: notices: two have the id \"a\"");
	assert_programme_refused("2026-12-01", "2026-11-01",
				 "programme.json: notices[0].until: is before from");
	assert_programme_refused(
		"\"fade_ms\": 400", "\"fade_ms\": 9999999999999",
		"programme.json: policy.fade_ms: expected an integer 0–2000");
	assert_programme_refused("\"plan_weight\": 1, ", "",
				 "programme.json: policy.plan_weight: is missing");
	assert_programme_refused("\"19:00\"", "\"19:60\"",
				 "programme.json: policy.theme.dark_from: ");
	assert_programme_refused("\"notices\": 12", "\"notices\": \"12\"",
				 "programme.json: count.notices: expected an integer");
	assert_programme_refused(
		"\"facts\": [{", "\"facts\": [3, {",
		"programme.json: notices[1].facts[0]: expected an object");
}

static void programme_cut_anywhere_is_refused_with_line_and_column(void **state)
{
	(void)state;
	for (size_t len = 0; len < sizeof(programme_text) - 1; len++) {
		struct err err = {0};

		assert_fails(
			programme_from_json("programme.json", programme_text, len, &err),
			err, ERR_INVALID, "programme.json: line ");
		assert_true(utf8_is_valid(err.text));
	}
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return *seed >> 33;
}

static int below(uint64_t *seed, int limit)
{
	return (int)(next_random(seed) % (uint64_t)limit);
}

static void damaged_programme_never_does_harm(void **state)
{
	uint64_t seed = 1;
	int refused = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char text[sizeof(programme_text)];
		struct programme *programme;
		struct err err = {0};

		memcpy(text, programme_text, sizeof(text));
		for (int j = below(&seed, 4); j >= 0; j--)
			text[below(&seed, (int)sizeof(text) - 1)] =
				(char)below(&seed, 256);
		programme = programme_from_json("programme.json", text, sizeof(text) - 1,
						&err);
		if (!programme) {
			refused++;
			assert_true(utf8_is_valid(err.text));
			assert_false(utf8_has_control(err.text));
			assert_memory_equal(err.text, "programme.json: ", 16);
		}
		programme_free(programme);
	}
	assert_true(refused > 1000);
}

/* --- There and back --------------------------------------------------------------------- */

static const char *const phrases[] = {
	"駅前", "A \"quoted\" \\ word", "𠮷野家", "<b>&amp;</b>", "\u3042\u3099",
	"/",    "日本語の少し長い文。",
};

static const char *pick(uint64_t *seed)
{
	return phrases[below(seed, ARRAY_LEN(phrases))];
}

static const char *maybe(uint64_t *seed, const char *text)
{
	return below(seed, 2) ? text : NULL;
}

static void make_notice(uint64_t *seed, int index, struct notice *notice, char *id,
			const char **screens)
{
	snprintf(id, NOTICE_ID_MAX + 1, "n-%d", index);
	*notice = (struct notice){
		.id = id,
		.revision = 1 + below(seed, 1000000),
		.title = pick(seed),
		.body = maybe(seed, "一行目\n\n三行目"),
		.department = pick(seed),
		.category = maybe(seed, "子育て"),
		.contact = maybe(seed, pick(seed)),
		.url = maybe(seed, "https://example.jp/?q=%E9%A7%85#a"),
		.fact_count = (size_t)below(seed, NOTICE_FACTS_MAX + 1),
		.from = {WALL_MS_MIN + (int64_t)next_random(seed) * 1000 +
			 below(seed, 2)},
		.hours = {1 + (unsigned)below(seed, 0x7f), below(seed, 1440),
			  1 + below(seed, 1440)},
		.weight = 1 + below(seed, NOTICE_WEIGHT_MAX),
		.dwell_s = below(seed, 2) ? 0 : 5 + below(seed, 116),
		.urgent = below(seed, 2),
		.sample = below(seed, 2),
	};
	notice->counts = !notice->sample && below(seed, 2);
	notice->until.ms = notice->from.ms + 1 + (int64_t)next_random(seed) * 40;
	for (size_t i = 0; i < notice->fact_count; i++)
		notice->facts[i] = (struct notice_fact){"対象", pick(seed)};
	if (below(seed, 2)) {
		screens[0] = "tanashi";
		screens[1] = "hoya";
		notice->screens = screens;
		notice->screen_count = 1 + (size_t)below(seed, 2);
	}
}

static void assert_same_notice(const struct notice *a, const struct notice *b)
{
	uint8_t left[SHA256_SIZE], right[SHA256_SIZE];
	struct err err = {0};

	assert_string_equal(a->title, b->title);
	assert_int_equal(a->body == NULL, b->body == NULL);
	assert_int_equal(a->from.ms, b->from.ms);
	assert_int_equal(a->until.ms, b->until.ms);
	assert_int_equal(a->hours.weekdays, b->hours.weekdays);
	assert_int_equal(a->hours.from_minute, b->hours.from_minute);
	assert_int_equal(a->hours.until_minute, b->hours.until_minute);
	assert_int_equal(a->fact_count, b->fact_count);
	assert_int_equal(a->screen_count, b->screen_count);
	assert_int_equal(a->counts, b->counts);
	assert_ok(notice_content_hash(a, left, &err), err);
	assert_ok(notice_content_hash(b, right, &err), err);
	assert_memory_equal(left, right, SHA256_SIZE);
}

static void programme_survives_the_way_there_and_back(void **state)
{
	enum { NOTICES = 12 };
	uint64_t seed = 20261122;

	(void)state;
	for (int i = 0; i < 100; i++) {
		char ids[NOTICES][NOTICE_ID_MAX + 1];
		const char *screens[NOTICES][2];
		struct notice notices[NOTICES];
		struct programme programme = {
			.version = 1 + below(&seed, 1000000),
			.published = {WALL_MS_MIN + (int64_t)next_random(&seed) * 1000},
			.policy = loop_policy_default,
			.notices = notices,
			.notice_count = (size_t)below(&seed, NOTICES + 1),
		};
		char *first, *second;
		size_t first_len = 0, second_len = 0;
		struct programme *read;
		struct err err = {0};

		programme.policy.theme.dark_until_minute = below(&seed, 1441);
		if (below(&seed, 2))
			programme.count = (struct programme_count){true, 2026, i,
								   programme.published};
		for (int j = 0; j < NOTICES; j++)
			make_notice(&seed, j, &notices[j], ids[j], screens[j]);
		first = programme_to_json(&programme, &first_len, &err);
		assert_ok(first, err);
		assert_int_equal(strlen(first), first_len);
		read = programme_from_json("programme.json", first, first_len, &err);
		assert_ok(read, err);
		assert_int_equal(read->notice_count, programme.notice_count);
		for (size_t j = 0; j < read->notice_count; j++)
			assert_same_notice(&read->notices[j], &notices[j]);
		second = programme_to_json(read, &second_len, &err);
		assert_ok(second, err);
		assert_string_equal(first, second);
		programme_free(read);
		free(first);
		free(second);
	}
}

static void notice_survives_the_way_there_and_back(void **state)
{
	struct arena *arena = arena_new(10000000);
	uint64_t seed = 42;

	(void)state;
	for (int i = 0; i < 300; i++) {
		char id[NOTICE_ID_MAX + 1];
		const char *screens[2];
		struct notice notice, *read;
		char *first, *second;
		size_t len = 0;
		struct err err = {0};

		make_notice(&seed, i, &notice, id, screens);
		first = notice_to_json(&notice, &len, &err);
		assert_ok(first, err);
		read = notice_from_json("n.json", first, len, arena, &err);
		assert_ok(read, err);
		assert_same_notice(read, &notice);
		second = notice_to_json(read, &len, &err);
		assert_ok(second, err);
		assert_string_equal(first, second);
		free(first);
		free(second);
	}
	arena_free(arena);
}

/* 3000 notices of the longest text are more than a programme may be. */
static void programme_over_its_maximum_is_not_written(void **state)
{
	struct programme programme = {
		.version = 1, .published = {WALL_MS_MIN}, .policy = loop_policy_default};
	char *body = calloc(1, NOTICE_BODY_MAX * 3 + 1);
	char(*ids)[16] = calloc(PROGRAMME_NOTICES_MAX, sizeof(*ids));
	struct err err = {0};
	size_t len;

	(void)state;
	programme.notices = calloc(PROGRAMME_NOTICES_MAX, sizeof(struct notice));
	programme.notice_count = PROGRAMME_NOTICES_MAX;
	assert_true(body && ids && programme.notices);
	for (int i = 0; i < NOTICE_BODY_MAX; i++)
		memcpy(body + i * 3, "駅", 3);
	for (int i = 0; i < PROGRAMME_NOTICES_MAX; i++) {
		snprintf(ids[i], sizeof(ids[i]), "n%d", i);
		programme.notices[i] = (struct notice){.id = ids[i],
						       .revision = 1,
						       .title = "題名",
						       .body = body,
						       .department = "課",
						       .from = {WALL_MS_MIN},
						       .until = {WALL_MS_MIN + 1},
						       .hours = {0x7f, 0, 1440},
						       .weight = 1};
	}
	assert_fails(programme_to_json(&programme, &len, &err), err, ERR_TOO_LARGE,
		     "programme.json: has ");
	free(programme.notices);
	free(ids);
	free(body);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notice_that_says_little_gets_the_defaults),
		cmocka_unit_test(sample_does_not_count_unless_it_contradicts_itself),
		cmocka_unit_test(wrong_notices_are_refused_with_their_place),
		cmocka_unit_test(picture_is_a_file_for_staff_and_a_hash_for_screens),
		cmocka_unit_test(wrong_pictures_are_refused_with_their_place),
		cmocka_unit_test(translations_come_in_four_languages_and_no_more),
		cmocka_unit_test(wrong_hours_are_refused_with_their_place),
		cmocka_unit_test(title_of_ten_megabytes_is_too_large_and_not_repeated),
		cmocka_unit_test(notice_that_an_arena_cannot_hold_fails_cleanly),
		cmocka_unit_test(wrong_notice_is_not_written),
		cmocka_unit_test(content_hash_changes_with_content_and_not_with_layout),
		cmocka_unit_test(content_hash_is_that_of_the_documented_bytes),
		cmocka_unit_test(notices_shipped_for_the_demo_are_marked_as_samples),
		cmocka_unit_test(programme_is_read_as_written),
		cmocka_unit_test(wrong_programmes_are_refused_with_their_place),
		cmocka_unit_test(programme_cut_anywhere_is_refused_with_line_and_column),
		cmocka_unit_test(damaged_programme_never_does_harm),
		cmocka_unit_test(programme_survives_the_way_there_and_back),
		cmocka_unit_test(notice_survives_the_way_there_and_back),
		cmocka_unit_test(programme_over_its_maximum_is_not_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
