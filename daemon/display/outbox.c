#include "display/outbox.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "os/file.h"
#include "store/playlog.h"
#include "wire/play_batch.h"

/* The courier, which reads and removes nothing here, may be of another user: group read. */
#define FILE_MODE 0640

struct batch_range {
	int64_t first, last;
};

struct outbox {
	char directory[PATH_MAX];
	struct playlog *log;
	const struct signer *signer;
	struct batch_range batches[OUTBOX_BATCHES_MAX]; /* oldest first */
	int count;
	int64_t confirmed; /* by the city */
	int64_t sealed;    /* last row in a batch, or confirmed */
};

static bool is_batch_name(const char *name)
{
	return strncmp(name, "plays-", 6) == 0 && strspn(name + 6, "0123456789") == 20 &&
	       strcmp(name + 26, ".json") == 0;
}

static bool remove_all(const struct outbox *outbox, struct err *err)
{
	DIR *dir = opendir(outbox->directory);
	struct dirent *entry;

	if (!dir)
		return err_set_errno(err, "%s", outbox->directory);
	while ((entry = readdir(dir)) != NULL)
		if (is_batch_name(entry->d_name))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
	return true;
}

struct outbox *outbox_new(const char *directory, struct playlog *log,
			  const struct signer *signer, struct err *err)
{
	struct outbox *outbox = calloc(1, sizeof(*outbox));

	if (!outbox) {
		err_set(err, ERR_NO_MEMORY, "outbox: out of memory");
		return NULL;
	}
	snprintf(outbox->directory, sizeof(outbox->directory), "%s", directory);
	outbox->log = log;
	outbox->signer = signer;
	outbox->confirmed = playlog_acknowledged(log);
	outbox->sealed = outbox->confirmed;
	if (!dir_make(directory, 0750, err) || !remove_all(outbox, err))
		return outbox_free(outbox);
	return outbox;
}

struct outbox *outbox_free(struct outbox *outbox)
{
	free(outbox);
	return NULL;
}

int outbox_count(const struct outbox *outbox)
{
	return outbox->count;
}

bool outbox_wants_sealing(const struct outbox *outbox)
{
	int64_t waiting = playlog_last_closed(outbox->log) - outbox->sealed;

	return outbox->count < OUTBOX_BATCHES_MAX &&
	       (waiting >= PLAY_BATCH_ROWS_MAX || (waiting > 0 && outbox->count == 0));
}

static bool batch_path(const struct outbox *outbox, int64_t first,
		       char out[static PATH_MAX], struct err *err)
{
	char name[40];

	snprintf(name, sizeof(name), "plays-%020" PRId64 ".json", first);
	return path_join(out, PATH_MAX, outbox->directory, name, err);
}

/* Lays down what follows the rows that are sealed; it ends with row @last. */
static bool write_next(struct outbox *outbox, const char *text, size_t len, int64_t last,
		       struct err *err)
{
	struct batch_range range = {.first = outbox->sealed + 1, .last = last};
	char path[PATH_MAX];

	if (!batch_path(outbox, range.first, path, err) ||
	    !file_write_atomic(path, text, len, FILE_MODE, err))
		return false;
	outbox->batches[outbox->count++] = range;
	outbox->sealed = last;
	return true;
}

static bool seal_next(struct outbox *outbox, const struct playlog_next *next,
		      struct err *err)
{
	size_t len = 0;
	char *text;
	bool written;

	if (next->document)
		return write_next(outbox, next->document, strlen(next->document),
				  next->last, err);
	text = play_batch_to_json(next->batch, outbox->signer, &len, err);
	if (!text)
		return false;
	written = write_next(outbox, text, len, next->last, err);
	free(text);
	return written;
}

bool outbox_seal(struct outbox *outbox, struct err *err)
{
	size_t rows = PLAY_BATCH_ROWS_MAX;

	while (outbox->count < OUTBOX_BATCHES_MAX) {
		struct playlog_next next;
		bool written;

		if (!playlog_next(outbox->log, outbox->sealed, rows, outbox->signer,
				  &next, err))
			return false;
		if (next.last == outbox->sealed)
			return true;
		written = seal_next(outbox, &next, err);
		playlog_next_done(&next);
		if (written)
			continue;
		/* Rows with long ids: fewer of them fit. */
		if (err->code != ERR_TOO_LARGE || rows == 1)
			return false;
		rows /= 2;
	}
	return true;
}

static bool remove_batch(const struct outbox *outbox, int64_t first, struct err *err)
{
	char path[PATH_MAX];

	if (!batch_path(outbox, first, path, err))
		return false;
	/* Somebody emptied the folder: as good as removed. */
	if (unlink(path) < 0 && errno != ENOENT)
		return err_set_errno(err, "%s: remove", path);
	return true;
}

bool outbox_acknowledge(struct outbox *outbox, int64_t durable_seq, struct err *err)
{
	int kept = 0; /* oldest first: one that could not be removed stays in front */

	if (durable_seq < outbox->confirmed) {
		if (!remove_all(outbox, err))
			return false;
		outbox->count = 0;
		outbox->sealed = durable_seq;
	}
	for (int i = 0; i < outbox->count; i++)
		if (outbox->batches[i].last > durable_seq ||
		    !remove_batch(outbox, outbox->batches[i].first, err))
			outbox->batches[kept++] = outbox->batches[i];
	outbox->count = kept;
	outbox->confirmed = durable_seq;
	if (outbox->sealed < durable_seq)
		outbox->sealed = durable_seq;
	return kept == 0 || outbox->batches[0].last > durable_seq;
}
