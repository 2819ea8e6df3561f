#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/notice.h"
#include "core/programme.h"
#include "core/ruby.h"
#include "ctl/ctl.h"
#include "ctl/picture.h"
#include "ctl/release.h"
#include "os/file.h"
#include "sync/http.h"
#include "wire/json.h"
#include "wire/programme_json.h"

#define ARENA_MAX      (256 * 1024)
#define URL_MAX        (NOTICE_ID_MAX + 32)
#define ITEMS_MAX      PROGRAMME_NOTICES_MAX
#define LIST_COLUMNS   6
#define STATE_NAME_MAX 16
#define LIST_MAX       (8 * 1024 * 1024) /* bytes of a table of all notices */

/* A notice as the server keeps it. Strings are borrowed from its answer. */
struct kept_notice {
	const char *id, *state, *author, *changed;
	int64_t revision;
	struct json_node notice;
};

static bool read_kept(struct json_node *object, struct kept_notice *out, struct err *err)
{
	return json_get_string(object, "id", NOTICE_ID_MAX, &out->id, err) &&
	       json_get_int(object, "revision", 1, INT64_MAX, &out->revision, err) &&
	       json_get_string(object, "state", STATE_NAME_MAX, &out->state, err) &&
	       json_get_string(object, "author", 64, &out->author, err) &&
	       json_get_string(object, "changed", 40, &out->changed, err) &&
	       json_get_object(object, "notice", &out->notice, err);
}

static struct json_doc *fetch_kept(struct ctl *ctl, const char *id,
				   struct kept_notice *out, struct err *err)
{
	struct json_doc *doc;
	struct json_node root;
	char url[URL_MAX];

	if (!notice_id_is_valid(id)) {
		err_set(err, ERR_INVALID, "\"%s\" is not the id of a notice", id);
		return NULL;
	}
	snprintf(url, sizeof(url), "notices/%s", id);
	doc = ctl_call(ctl, "GET", url, NULL, err);
	if (!doc)
		return NULL;
	if (!json_root(doc, &root, err) || !read_kept(&root, out, err))
		return json_doc_free(doc);
	return doc;
}

/* The notice of a server's answer, strictly read like any other input, in @arena. */
static struct notice *parse_kept(const struct kept_notice *kept, struct arena *arena,
				 struct err *err)
{
	char *bytes = json_dumps(kept->notice.value, JSON_COMPACT);
	struct notice *notice = NULL;

	if (bytes)
		notice = notice_from_json(kept->id, bytes, strlen(bytes), arena, err);
	else
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", kept->id);

	free(bytes);
	return notice;
}

static struct notice *read_file(const char *path, struct arena *arena, struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};

	if (!file_read(path, NOTICE_JSON_MAX, &blob, err))
		return NULL;
	return notice_from_json(path, blob.bytes, blob.len, arena, err);
}

static struct arena *new_arena(struct err *err)
{
	struct arena *arena = arena_new(ARENA_MAX);

	if (!arena)
		err_set(err, ERR_NO_MEMORY, "out of memory");
	return arena;
}

/* The revision after the one that the server has; 1 for a new notice. */
static bool next_revision(struct ctl *ctl, const char *id, int64_t *out, struct err *err)
{
	struct kept_notice kept;
	struct json_doc *doc = fetch_kept(ctl, id, &kept, err);

	if (!doc && err->code != ERR_NOT_FOUND)
		return false;
	*out = doc ? kept.revision + 1 : 1;
	json_doc_free(doc);
	return true;
}

static bool submit(struct ctl *ctl, struct notice *notice, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char url[URL_MAX];
	size_t len = 0;
	char *bytes;
	bool fine;

	if (!next_revision(ctl, notice->id, &notice->revision, err))
		return false;
	bytes = notice_to_json(notice, &len, err);
	snprintf(url, sizeof(url), "notices/%s", notice->id);
	fine = bytes && ctl_send(ctl, "PUT", url, bytes, len, &response, err);
	free(bytes);
	if (!fine)
		return false;
	if (ctl->json)
		printf("{\"id\": \"%s\", \"revision\": %" PRId64 "}\n", notice->id,
		       notice->revision);
	else
		printf("submitted %s revision %" PRId64 "; put it on the screens with "
		       "\"ekimaectl publish %s\"\n",
		       notice->id, notice->revision, notice->id);
	return true;
}

/* Screens take an alarm from nobody but who has the keys for it. */
static bool check_urgency(const struct notice *notice, struct err *err)
{
	return !notice->urgent ||
	       err_set(err, ERR_INVALID,
		       "urgent: only alarms interrupt what is shown: publish it with "
		       "\"ekimaectl emergency publish\", or leave this out");
}

static bool notice_add(struct ctl *ctl, const char *path, bool only_check,
		       struct err *err)
{
	CLEANUP(blob_free) struct blob picture = {0};
	struct arena *arena = new_arena(err);
	struct notice *notice = arena ? read_file(path, arena, err) : NULL;
	bool fine = notice && check_urgency(notice, err) &&
		    picture_take(path, notice, arena, &picture, err);

	if (!fine && notice)
		err_prefix(err, "%s", path);
	else if (fine && only_check)
		printf("%s: ok\n", path);
	else if (fine)
		fine = (picture.len == 0 ||
			ctl_put_object(ctl, picture.bytes, picture.len, err)) &&
		       submit(ctl, notice, err);
	arena_free(arena);
	return fine;
}

static bool print_raw(struct ctl *ctl, const char *path, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};

	if (!ctl_send(ctl, "GET", path, NULL, 0, &response, err))
		return false;
	fwrite(response.body, 1, response.body_len, stdout);
	putchar('\n');
	return true;
}

static bool fill_rows(const struct json_node *items, size_t count, struct arena *arena,
		      const char **cells, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const char **row = cells + (i + 1) * LIST_COLUMNS;
		struct kept_notice kept;
		struct json_node item;
		const char *title = "";
		char revision[24], *plain;

		if (!json_item_object(items, i, &item, err) ||
		    !read_kept(&item, &kept, err) ||
		    !json_get_string(&kept.notice, "title",
				     NOTICE_WRITTEN(NOTICE_TITLE_MAX), &title, err))
			return false;
		snprintf(revision, sizeof(revision), "%" PRId64, kept.revision);
		row[0] = kept.id;
		row[1] = arena_strdup(arena, revision);
		row[2] = kept.state;
		row[3] = kept.author;
		row[4] = kept.changed;
		plain = ruby_plain(title);
		row[5] = plain ? arena_strdup(arena, plain) : NULL;
		free(plain);
		if (!row[1] || !row[5])
			return err_set(err, ERR_NO_MEMORY, "out of memory");
	}
	return true;
}

static bool notice_list(struct ctl *ctl, struct err *err)
{
	static const char *const head[LIST_COLUMNS] = {"ID",     "REV",     "STATE",
						       "AUTHOR", "CHANGED", "TITLE"};
	struct json_doc *doc = ctl_call(ctl, "GET", "notices", NULL, err);
	struct arena *arena = arena_new(LIST_MAX);
	struct json_node root, items;
	const char **cells = NULL;
	size_t count = 0;
	bool fine = doc && json_root(doc, &root, err) &&
		    json_get_array(&root, "notices", ITEMS_MAX, &items, &count, err);

	if (fine) {
		cells = arena ? arena_array(arena, (count + 1) * LIST_COLUMNS,
					    sizeof(*cells))
			      : NULL;
		fine = cells || err_set(err, ERR_NO_MEMORY, "out of memory");
	}
	if (fine) {
		memcpy(cells, head, sizeof(head));
		fine = fill_rows(&items, count, arena, cells, err);
	}
	if (fine)
		ctl_print_table(cells, count + 1, LIST_COLUMNS);
	arena_free(arena);
	json_doc_free(doc);
	return fine;
}

bool verb_notice(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	char url[URL_MAX];

	if (argc == 3 && strcmp(argv[1], "add") == 0)
		return notice_add(ctl, argv[2], false, err);
	if (argc == 3 && strcmp(argv[1], "check") == 0)
		return notice_add(ctl, argv[2], true, err);
	if (argc == 2 && strcmp(argv[1], "list") == 0)
		return ctl->json ? print_raw(ctl, "notices", err) : notice_list(ctl, err);
	if (argc == 3 && strcmp(argv[1], "show") == 0) {
		if (!notice_id_is_valid(argv[2]))
			return err_set(err, ERR_INVALID,
				       "\"%s\" is not the id of a notice", argv[2]);
		snprintf(url, sizeof(url), "notices/%s", argv[2]);
		return print_raw(ctl, url, err);
	}
	return err_set(err, ERR_USAGE,
		       "usage: notice add FILE.json | check FILE.json | list | show ID");
}

static void describe(const struct notice *notice)
{
	char from[WALL_TEXT_SIZE], until[WALL_TEXT_SIZE];
	char *title = ruby_plain(notice->title);

	wall_format_jst(notice->from, from);
	wall_format_jst(notice->until, until);
	fprintf(stderr, "  %s revision %" PRId64 "%s\n    「%s」 %s\n    %s – %s\n",
		notice->id, notice->revision, notice->urgent ? " URGENT" : "",
		title ? title : notice->title, notice->department, from, until);
	free(title);
	if (notice->picture)
		fprintf(stderr, "    picture %d×%d: %s\n", notice->picture->width,
			notice->picture->height, notice->picture->alt);
	for (int i = 0; i < NOTICE_LANGUAGES; i++) {
		enum notice_language language = (enum notice_language)i;

		if (!notice->translations[i])
			continue;
		title = notice_language_has_ruby(language)
				? ruby_plain(notice->translations[i]->title)
				: NULL;
		fprintf(stderr, "    %s: %s\n", notice_language_name(language),
			title ? title : notice->translations[i]->title);
		free(title);
	}
}

/* Room for @more notices, made once: in an arena nothing grows in place. */
static bool make_room(struct programme *programme, size_t more, struct err *err)
{
	struct notice *longer = arena_array(
		programme->arena, programme->notice_count + more, sizeof(*longer));

	if (!longer)
		return err_set(err, ERR_NO_MEMORY, "the programme is full");
	if (programme->notice_count > 0)
		memcpy(longer, programme->notices,
		       programme->notice_count * sizeof(*longer));
	programme->notices = longer;
	return true;
}

/*
 * Puts @notice into the programme in place of its earlier revision, or adds it, where
 * make_room() was.
 */
static void place(struct programme *programme, const struct notice *notice)
{
	for (size_t i = 0; i < programme->notice_count; i++) {
		if (strcmp(programme->notices[i].id, notice->id) == 0) {
			programme->notices[i] = *notice;
			return;
		}
	}
	programme->notices[programme->notice_count++] = *notice;
}

static bool gather(struct release *release, int count, char **ids, struct err *err)
{
	struct programme *programme = release->programme;

	release->published = arena_array(programme->arena, (size_t)count, sizeof(char *));
	release->published_revisions =
		arena_array(programme->arena, (size_t)count, sizeof(int64_t));
	if (!release->published || !release->published_revisions)
		return err_set(err, ERR_NO_MEMORY, "the programme is full");
	if (!make_room(programme, (size_t)count, err))
		return false;
	for (int i = 0; i < count; i++) {
		struct kept_notice kept;
		struct json_doc *doc = fetch_kept(release->ctl, ids[i], &kept, err);
		struct notice *notice =
			doc ? parse_kept(&kept, programme->arena, err) : NULL;

		json_doc_free(doc);
		if (!notice || !check_urgency(notice, err))
			return false;
		place(programme, notice);
		if (strcmp(notice->id, ids[i]) != 0)
			return err_set(err, ERR_UNTRUSTED,
				       "asked for %s, the server sent %s", ids[i],
				       notice->id);
		if (!release_has_picture(release, notice->picture) &&
		    !picture_verify(release->ctl, notice->picture, err))
			return err_prefix(err, "%s", notice->id);
		describe(notice);
		release->published[i] = notice->id;
		release->published_revisions[i] = notice->revision;
		release->published_count++;
	}
	return true;
}

bool verb_publish(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(release_done) struct release release = {0};

	if (argc < 2)
		return err_set(err, ERR_USAGE, "usage: publish ID…");
	return release_open(&release, ctl, err) &&
	       gather(&release, argc - 1, argv + 1, err) &&
	       release_confirm(&release, "Show this on the screens?", err) &&
	       release_publish(&release, err);
}

static bool take_out(struct release *release, const char *id, struct err *err)
{
	struct programme *programme = release->programme;

	for (size_t i = 0; i < programme->notice_count; i++) {
		if (strcmp(programme->notices[i].id, id) != 0)
			continue;
		describe(&programme->notices[i]);
		programme->notices[i] = programme->notices[--programme->notice_count];
		return true;
	}
	return err_set(err, ERR_NOT_FOUND, "%s: not in the published programme", id);
}

bool verb_withdraw(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	CLEANUP(release_done) struct release release = {0};

	if (argc < 2)
		return err_set(err, ERR_USAGE, "usage: withdraw ID…");
	if (!release_open(&release, ctl, err))
		return false;
	for (int i = 1; i < argc; i++)
		if (!take_out(&release, argv[i], err))
			return false;
	release.withdrawn = (const char **)(argv + 1);
	release.withdrawn_count = (size_t)(argc - 1);
	return release_confirm(&release, "Take this off every screen?", err) &&
	       release_publish(&release, err);
}
