#include "ctl/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/arena.h"
#include "core/err.h"
#include "core/notice.h"
#include "ctl/ctl.h"
#include "os/file.h"
#include "sync/http.h"
#include "wire/digest.h"
#include "wire/json.h"

#define CHECKER    "ekimae-render"
#define ANSWER_MAX 4096 /* bytes of what the checker says */
#define PATHS_ROOM 64

extern char **environ;

/* Files of one check, in a folder that goes away with it. */
struct scratch {
	char folder[PATH_MAX - PATHS_ROOM];
	char in[PATH_MAX], out[PATH_MAX], report[PATH_MAX], complaint[PATH_MAX];
};

static void scratch_done(struct scratch *scratch)
{
	struct err ignored;

	if (scratch->folder[0] != '\0')
		(void)!dir_remove(scratch->folder, &ignored);
}

static bool scratch_init(struct scratch *scratch, struct err *err)
{
	const char *tmp = getenv("TMPDIR");
	int length = snprintf(scratch->folder, sizeof(scratch->folder),
			      "%s/ekimae-picture.XXXXXX", tmp && tmp[0] ? tmp : "/tmp");

	if (length >= (int)sizeof(scratch->folder)) {
		scratch->folder[0] = '\0';
		return err_set(err, ERR_CONFIG, "TMPDIR: is too long");
	}
	if (!mkdtemp(scratch->folder)) {
		err_set_errno(err, "%s", scratch->folder);
		scratch->folder[0] = '\0';
		return false;
	}
	return path_join(scratch->in, PATH_MAX, scratch->folder, "in", err) &&
	       path_join(scratch->out, PATH_MAX, scratch->folder, "out", err) &&
	       path_join(scratch->report, PATH_MAX, scratch->folder, "report", err) &&
	       path_join(scratch->complaint, PATH_MAX, scratch->folder, "complaint", err);
}

/* The checker that was installed with this program. */
static bool find_checker(char out[static PATH_MAX], struct err *err)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (length < 0)
		return err_set_errno(err, "/proc/self/exe");
	self[length] = '\0';
	slash = strrchr(self, '/');
	if (!slash)
		return err_set(err, ERR_INTERNAL, "/proc/self/exe: has no folder");
	*slash = '\0';
	return path_join(out, PATH_MAX, self, CHECKER, err);
}

/* Runs @argv with its output in files of @scratch; its wait status is @*out_status. */
static bool run(char **argv, const struct scratch *scratch, int *out_status,
		struct err *err)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int failed;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	failed = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	if (!failed)
		failed = posix_spawn_file_actions_addopen(&actions, 1, scratch->report,
							  O_WRONLY | O_CREAT, 0600);
	if (!failed)
		failed = posix_spawn_file_actions_addopen(&actions, 2, scratch->complaint,
							  O_WRONLY | O_CREAT, 0600);
	if (!failed)
		failed = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (failed) {
		errno = failed;
		return err_set_errno(err, "%s: can't be run", argv[0]);
	}
	while (waitpid(pid, out_status, 0) < 0)
		if (errno != EINTR)
			return err_set_errno(err, "%s", argv[0]);
	return true;
}

/* What the checker said before it failed, without its own name. */
static bool complain(const struct scratch *scratch, const char *name, int status,
		     struct err *err)
{
	static const char prefix[] = CHECKER ": ";
	CLEANUP(blob_free) struct blob said = {0};
	struct err ignored;
	const char *sentence;

	if (!WIFEXITED(status))
		return err_set(err, ERR_INVALID,
			       "%s: takes more memory or time than a picture may; save "
			       "it anew, or smaller",
			       name);
	if (!file_read(scratch->complaint, ANSWER_MAX, &said, &ignored) || said.len == 0)
		return err_set(err, ERR_INVALID, "%s: can't be read as a picture", name);
	/* Decoders may have grumbled before it. */
	sentence = strstr(said.bytes, prefix);
	sentence = sentence ? sentence + sizeof(prefix) - 1 : said.bytes;
	said.bytes[said.len - strlen(sentence) + strcspn(sentence, "\n")] = '\0';
	return err_set(err, ERR_INVALID, "%s", sentence);
}

static bool read_report(const struct scratch *scratch, struct notice_picture *out,
			struct err *err)
{
	static const char *const formats[] = {
		[NOTICE_PICTURE_PNG] = "png",
		[NOTICE_PICTURE_JPEG] = "jpeg",
	};
	CLEANUP(blob_free) struct blob report = {0};
	struct json_doc *doc;
	struct json_node root;
	int64_t width = 0, height = 0;
	int format = 0;
	bool fine;

	if (!file_read(scratch->report, ANSWER_MAX, &report, err))
		return false;
	doc = json_parse(CHECKER, report.bytes, report.len, ANSWER_MAX, err);
	fine = doc && json_root(doc, &root, err) &&
	       json_get_enum(&root, "format", formats, ARRAY_LEN(formats), &format,
			     err) &&
	       json_get_int(&root, "width", NOTICE_PICTURE_SIDE_MIN,
			    NOTICE_PICTURE_SIDE_MAX, &width, err) &&
	       json_get_int(&root, "height", NOTICE_PICTURE_SIDE_MIN,
			    NOTICE_PICTURE_SIDE_MAX, &height, err) &&
	       json_get_int(&root, "bytes", 1, NOTICE_PICTURE_BYTES_MAX, &out->bytes,
			    err) &&
	       json_done(&root, err);
	json_doc_free(doc);
	out->format = (enum notice_picture_format)format;
	out->width = (int)width;
	out->height = (int)height;
	return fine;
}

/*
 * Checks the picture at @path, called @name in errors, and re-encodes it into @scratch->out
 * when @re_encode; @out: what screens would get.
 */
static bool check(const char *path, const char *name, const struct scratch *scratch,
		  bool re_encode, struct notice_picture *out, struct err *err)
{
	static char picture_option[] = "--picture", out_option[] = "--out";
	char checker[PATH_MAX];
	char *argv[] = {checker,
			picture_option,
			(char *)(uintptr_t)path,
			re_encode ? out_option : NULL,
			(char *)(uintptr_t)scratch->out,
			NULL};
	int status;

	if (!find_checker(checker, err) || !run(argv, scratch, &status, err))
		return false;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
		return complain(scratch, name, status, err);
	return read_report(scratch, out, err);
}

/* @file beside @notice_path. */
static bool beside(const char *notice_path, const char *file, char out[static PATH_MAX],
		   struct err *err)
{
	const char *slash = strrchr(notice_path, '/');
	char folder[PATH_MAX];
	int length = slash ? (int)(slash - notice_path) + 1 : 2;

	if (length >= (int)sizeof(folder))
		return err_set(err, ERR_TOO_LARGE, "%s: is too long", notice_path);
	snprintf(folder, sizeof(folder), "%.*s", length, slash ? notice_path : "./");
	return path_join(out, PATH_MAX, folder, file, err);
}

bool picture_take(const char *notice_path, struct notice *notice, struct arena *arena,
		  struct blob *out, struct err *err)
{
	CLEANUP(scratch_done) struct scratch scratch = {0};
	struct notice_picture *checked;
	char path[PATH_MAX];

	if (!notice->picture || !notice->picture->file)
		return true;
	checked = arena_alloc(arena, sizeof(*checked));
	if (!checked)
		return err_set(err, ERR_NO_MEMORY, "out of memory");
	checked->alt = notice->picture->alt;
	if (!scratch_init(&scratch, err) ||
	    !beside(notice_path, notice->picture->file, path, err) ||
	    !check(path, path, &scratch, true, checked, err) ||
	    !file_read(scratch.out, NOTICE_PICTURE_BYTES_MAX, out, err))
		return err_prefix(err, "picture");
	sha256(out->bytes, out->len, checked->sha256);
	checked->bytes = (int64_t)out->len;
	notice->picture = checked;
	return notice_check(notice, err);
}

static bool fetch(struct ctl *ctl, const struct notice_picture *picture,
		  struct http_response *out, struct err *err)
{
	char hex[SHA256_HEX_SIZE], url[SHA256_HEX_SIZE + 16];
	uint8_t hash[SHA256_SIZE];

	hex_encode(picture->sha256, SHA256_SIZE, hex);
	snprintf(url, sizeof(url), "objects/%s", hex);
	if (!ctl_send(ctl, "GET", url, NULL, 0, out, err))
		return false;
	sha256(out->body, out->body_len, hash);
	if (memcmp(hash, picture->sha256, SHA256_SIZE) != 0 ||
	    out->body_len != (size_t)picture->bytes)
		return err_set(err, ERR_UNTRUSTED,
			       "the server sent another picture than the notice names");
	return true;
}

bool picture_verify(struct ctl *ctl, const struct notice_picture *picture,
		    struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	CLEANUP(scratch_done) struct scratch scratch = {0};
	struct notice_picture found = {0};

	if (!fetch(ctl, picture, &response, err) || !scratch_init(&scratch, err) ||
	    !file_write_atomic(scratch.in, response.body, response.body_len, 0600, err) ||
	    !check(scratch.in, picture->alt, &scratch, false, &found, err))
		return err_prefix(err, "picture");
	if (found.format != picture->format || found.width != picture->width ||
	    found.height != picture->height)
		return err_set(err, ERR_UNTRUSTED,
			       "picture: is not what the notice says of it");
	return true;
}

bool picture_clean(const char *name, const void *bytes, size_t len, struct blob *out,
		   struct err *err)
{
	CLEANUP(scratch_done) struct scratch scratch = {0};
	struct notice_picture checked = {0};

	return scratch_init(&scratch, err) &&
	       file_write_atomic(scratch.in, bytes, len, 0600, err) &&
	       check(scratch.in, name, &scratch, true, &checked, err) &&
	       file_read(scratch.out, NOTICE_PICTURE_BYTES_MAX, out, err);
}
