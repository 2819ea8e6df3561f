/* ekimaectl screen snapshot: a small picture of what a screen shows, on request. */
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "ctl/ctl.h"
#include "ctl/picture.h"
#include "ctl/screen.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/terminal.h"
#include "sync/http.h"
#include "wire/json.h"
#include "wire/screenshot.h"

#define TIMEOUT_DEFAULT_S 180
#define TIMEOUT_MAX_S     3600
#define ASK_EVERY_MS      1000
#define NAME_SIZE         (SCREEN_ID_MAX + 40)

static const char usage[] = "usage: screen snapshot ID [-o FILE.png] [--timeout SECONDS]";

struct options {
	const char *id, *out; /* out NULL: a name from the id and the time */
	int64_t timeout_s;
};

static bool read_timeout(const char *text, int64_t *out, struct err *err)
{
	size_t digits = strspn(text, "0123456789");
	int64_t value = 0;

	for (size_t i = 0; i < digits && value <= TIMEOUT_MAX_S; i++)
		value = value * 10 + (text[i] - '0');
	if (digits == 0 || text[digits] != '\0' || value < 1 || value > TIMEOUT_MAX_S)
		return err_set(err, ERR_USAGE,
			       "--timeout: expected seconds from 1 to %d, got \"%s\"",
			       TIMEOUT_MAX_S, text);
	*out = value;
	return true;
}

static bool read_options(int argc, char **argv, struct options *out, struct err *err)
{
	*out = (struct options){.id = argv[2], .timeout_s = TIMEOUT_DEFAULT_S};
	for (int i = 3; i < argc; i += 2) {
		if (i + 1 == argc)
			return err_set(err, ERR_USAGE, "%s", usage);
		if (strcmp(argv[i], "-o") == 0 || strcmp(argv[i], "--out") == 0)
			out->out = argv[i + 1];
		else if (strcmp(argv[i], "--timeout") != 0)
			return err_set(err, ERR_USAGE, "%s", usage);
		else if (!read_timeout(argv[i + 1], &out->timeout_s, err))
			return false;
	}
	return true;
}

/* A screen that nothing is heard of will not answer either: that is said at once. */
static bool check_contact(struct ctl *ctl, const char *id, struct err *err)
{
	struct json_doc *doc;
	struct json_node root;
	struct screen_view view;
	char url[SCREEN_URL_MAX], words[SCREEN_WORDS];
	bool fine;

	if (!screen_url(id, "", url, err))
		return false;
	doc = ctl_call(ctl, "GET", url, NULL, err);
	fine = doc && json_root(doc, &root, err) &&
	       screen_view_read(&root, 0, &view, err);
	if (fine && (view.alarms & (1U << HEALTH_SILENT))) {
		screen_contact_words(&view, words);
		fine = err_set(err, ERR_RETRY, "%s: %s", id, words);
	}
	json_doc_free(doc);
	return fine;
}

static bool ask(struct ctl *ctl, const char *id, int64_t *out_number, struct err *err)
{
	struct json_doc *doc;
	struct json_node root;
	char url[SCREEN_URL_MAX];
	bool fine;

	if (!screen_url(id, "/snapshot", url, err))
		return false;
	doc = ctl_call(ctl, "POST", url, json_object(), err);
	fine = doc && json_root(doc, &root, err) &&
	       json_get_int(&root, "number", 1, INT64_MAX, out_number, err);
	json_doc_free(doc);
	return fine;
}

/* What the city has; @out_answered is the number of the request that it answers. */
struct answer {
	int64_t answered, at_ms;
	char slide[PLAY_SLIDE_ID_MAX];
	enum play_output output;
};

static bool look(struct ctl *ctl, const char *url, struct answer *out, struct err *err)
{
	struct json_doc *doc = ctl_call(ctl, "GET", url, NULL, err);
	struct json_node root;
	const char *slide, *output;
	bool fine = doc && json_root(doc, &root, err) &&
		    json_get_int(&root, "answered", 0, INT64_MAX, &out->answered, err);

	if (fine && out->answered > 0) {
		fine = json_get_string(&root, "slide", sizeof(out->slide) - 1, &slide,
				       err) &&
		       json_get_string(&root, "output", 16, &output, err) &&
		       json_get_int(&root, "at_ms", INT64_MIN, INT64_MAX, &out->at_ms,
				    err);
		if (fine && !play_output_parse(output, &out->output))
			fine = json_fail(&root, "output", err,
					 "not a state of an output");
		if (fine)
			health_text(out->slide, sizeof(out->slide), slide);
	}
	json_doc_free(doc);
	return fine;
}

/* Until the city has the answer to request @number; tells a person how long it takes. */
static bool wait_for(struct ctl *ctl, const struct options *options, int64_t number,
		     struct answer *out, struct err *err)
{
	bool person = terminal_is_interactive();
	int64_t began = clock_mono().ms;
	char url[SCREEN_URL_MAX];

	if (!screen_url(options->id, "/snapshot", url, err))
		return false;
	for (;;) {
		int64_t waited = (clock_mono().ms - began) / 1000;

		if (!look(ctl, url, out, err))
			return false;
		if (person)
			fprintf(stderr,
				"\r%s: 待っています（ふつう1分以内） %" PRId64 "秒%s",
				options->id, waited, out->answered >= number ? "\n" : "");
		if (out->answered >= number)
			return true;
		if (waited >= options->timeout_s) {
			if (person)
				fputc('\n', stderr);
			return err_set(err, ERR_RETRY,
				       "%s sent no picture within %" PRId64
				       " s: it may be slow to be reached, or have just "
				       "sent one (one a minute); see ekimaectl screen "
				       "show %s",
				       options->id, options->timeout_s, options->id);
		}
		poll(NULL, 0, ASK_EVERY_MS);
	}
}

static bool save(struct ctl *ctl, const struct options *options, const char *path,
		 struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	CLEANUP(blob_free) struct blob clean = {0};
	char url[SCREEN_URL_MAX];
	int width, height;

	return screen_url(options->id, "/snapshot.png", url, err) &&
	       ctl_send(ctl, "GET", url, NULL, 0, &response, err) &&
	       screenshot_png_check(response.body, response.body_len, &width, &height,
				    err) &&
	       /* The server may be somebody else's: what is opened later was made here. */
	       picture_clean("snapshot", response.body, response.body_len, &clean, err) &&
	       file_write_atomic(path, clean.bytes, clean.len, 0644, err);
}

static bool tell(const struct ctl *ctl, const char *path, const struct answer *answer,
		 struct err *err)
{
	char taken[SCREEN_WORDS], *text;
	json_t *object;

	screen_moment_words((struct wall_ms){answer->at_ms}, taken);
	if (!ctl->json) {
		printf("%s: %s の %s（出力は%s）\n", path, taken, answer->slide,
		       screen_output_words(answer->output));
		return true;
	}
	object = json_pack("{s:s, s:s, s:I, s:s}", "file", path, "slide", answer->slide,
			   "at_ms", (json_int_t)answer->at_ms, "output",
			   play_output_name(answer->output));
	text = object ? json_dumps(object, 0) : NULL;
	json_decref(object);
	if (!text)
		return err_set(err, ERR_INVALID, "%s: is not UTF-8", path);
	puts(text);
	free(text);
	return true;
}

bool screen_snapshot(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	struct options options;
	struct answer answer = {0};
	struct civil civil = civil_from_wall_jst(ctl->now.wall);
	char name[NAME_SIZE];
	const char *path;
	int64_t number;

	if (!read_options(argc, argv, &options, err) ||
	    !check_contact(ctl, options.id, err) || !ask(ctl, options.id, &number, err) ||
	    !wait_for(ctl, &options, number, &answer, err))
		return false;
	snprintf(name, sizeof(name), "%s-%04d%02d%02d-%02d%02d%02d.png", options.id,
		 civil.year, civil.month, civil.day, civil.hour, civil.minute,
		 civil.second);
	path = options.out ? options.out : name;
	if (!save(ctl, &options, path, err))
		return false;
	return tell(ctl, path, &answer, err);
}
