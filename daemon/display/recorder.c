#include "display/recorder.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/err.h"
#include "display/identity.h"
#include "display/outbox.h"
#include "display/play_queue.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "store/db.h"
#include "store/playlog.h"
#include "wire/play_batch.h"

#define RETRY_MS       5000
#define PRUNE_EVERY_MS INT64_C(86400000)
#define FOLD_EVERY_MS  60000

struct recorder {
	pthread_t thread;
	bool started;
	int wake_fd;

	/* Shared with the frame loop and the receiver. */
	struct play_queue *queue;
	atomic_bool stopping;
	atomic_int_fast64_t alive_mono;
	atomic_uint lost;
	atomic_int_fast64_t waiting; /* closed plays that the city has not confirmed */
	/* The frame loop's own. */
	bool begun;  /* the play begun last is queued and not yet ended */
	bool untold; /* something was queued of which the thread does not know */
	struct mono_ms next_heartbeat;

	/* The thread's own. */
	struct recorder_options options;
	size_t left; /* entries of the run before that are still queued */
	struct db *db;
	struct playlog *log; /* NULL: it can't be opened, as its disk fails */
	struct outbox *outbox;
	const struct signer *signer;
	struct span_ms seal_after, keep;
	int64_t max_bytes;
	int64_t folded;   /* plays, while the log is larger than it may be */
	int64_t open_seq; /* 0: none */
	struct mono_ms open_since, seen, next_seal, next_prune, next_fold, retry_at;
	bool failing; /* the disk: said once */
	struct wall_ms last_ack;
	char screen_id[SCREEN_ID_MAX + 1];
};

/* --- the other side ------------------------------------------------------------------ */

static void wake(struct recorder *recorder)
{
	uint64_t one = 1;

	while (write(recorder->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

void recorder_begin(struct recorder *recorder, const struct play_start *start)
{
	struct play_entry entry = {.kind = PLAY_ENTRY_BEGIN, .start = *start};

	atomic_store(&recorder->alive_mono, start->began_mono.ms);
	recorder->next_heartbeat.ms = start->began_mono.ms + RECORDER_HEARTBEAT_MS;
	recorder->begun = play_queue_put(recorder->queue, &entry);
	recorder->untold |= recorder->begun;
	if (recorder->begun)
		return;
	atomic_fetch_add(&recorder->lost, 1);
	log_error(
		"the play log can't be written and its queue is full: the play of %s is "
		"not recorded (%u lost since start); look at the disk of the state folder",
		start->slide_id, atomic_load(&recorder->lost));
}

void recorder_end(struct recorder *recorder, struct span_ms shown, int64_t frames,
		  enum play_outcome outcome)
{
	struct play_entry entry = {.kind = PLAY_ENTRY_END,
				   .end = {shown, frames, outcome}};

	if (!recorder->begun)
		return;
	recorder->begun = false;
	recorder->untold = true;
	if (!play_queue_put(recorder->queue, &entry))
		log_error(
			"the play log's queue is full: the end of a play is not recorded");
}

void recorder_alive(struct recorder *recorder, struct mono_ms mono)
{
	bool due = recorder->begun && mono.ms >= recorder->next_heartbeat.ms;

	/* Once the play has ended, nothing may be noted that would make it longer. */
	if (recorder->begun)
		atomic_store(&recorder->alive_mono, mono.ms);
	if (due)
		recorder->next_heartbeat.ms = mono.ms + RECORDER_HEARTBEAT_MS;
	/* One play ends and the next begins in the same moment: the thread finds both. */
	if (due || recorder->untold)
		wake(recorder);
	recorder->untold = false;
}

void recorder_acknowledge(struct recorder *recorder, const struct play_ack *ack)
{
	struct play_entry entry = {.kind = PLAY_ENTRY_ACK, .ack = *ack};

	/* Lost when the queue is full: the city answers the next batch as well. */
	if (play_queue_put(recorder->queue, &entry))
		wake(recorder);
}

unsigned recorder_lost(const struct recorder *recorder)
{
	return atomic_load(&recorder->lost);
}

int64_t recorder_waiting(const struct recorder *recorder)
{
	return atomic_load(&recorder->waiting);
}

/* --- the thread ---------------------------------------------------------------------- */

/* Closes what a run that was killed left open, when nothing more of that is in the queue. */
static bool recover(struct recorder *recorder, struct err *err)
{
	int64_t recovered = 0;

	if (!playlog_recover(recorder->log, &recovered, err))
		return false;
	recorder->open_seq = 0;
	if (recovered != 0)
		log_notice("play %" PRId64 " was on screen when the power went: closed "
			   "with the last time it was seen",
			   recovered);
	return true;
}

static void note_begun(struct recorder *recorder, const struct play_start *start)
{
	recorder->open_since = start->began_mono;
	recorder->seen = start->began_mono;
}

static bool write_begin(struct recorder *recorder, const struct play_start *start,
			struct err *err)
{
	bool is_held = false;

	/* Killed between the log and the queue, the run before has left what it wrote. */
	if (recorder->left > 0 && !playlog_is_newest(recorder->log, start, &is_held, err))
		return false;
	if (is_held)
		return true;
	/* Of two runs that were killed, the second could not open the log. */
	if (recorder->left > 0 && recorder->open_seq != 0 && !recover(recorder, err))
		return false;
	if (!playlog_begin(recorder->log, start, &recorder->open_seq, err))
		return false;
	note_begun(recorder, start);
	return true;
}

/*
 * Whether the run before, killed between the log and the queue, has written the oldest entry:
 * it has if it wrote the one behind that, too.
 */
static bool is_end_held(struct recorder *recorder, bool *out_is, struct err *err)
{
	struct play_entry behind;

	*out_is = false;
	if (recorder->left < 2 || !play_queue_peek(recorder->queue, 1, &behind) ||
	    behind.kind != PLAY_ENTRY_BEGIN)
		return true;
	return playlog_is_newest(recorder->log, &behind.start, out_is, err);
}

static bool write_end(struct recorder *recorder, struct span_ms shown, int64_t frames,
		      enum play_outcome outcome, struct err *err)
{
	bool is_held;

	if (!is_end_held(recorder, &is_held, err))
		return false;
	/* Else its beginning was refused for good, and said so then. */
	if (is_held || recorder->open_seq == 0)
		return true;
	if (!playlog_end(recorder->log, recorder->open_seq, shown, frames, outcome, err))
		return false;
	recorder->open_seq = 0;
	return true;
}

static bool write_ack(struct recorder *recorder, const struct play_ack *ack,
		      struct err *err)
{
	struct wall_ms now = clock_now().wall, at;

	if (strcmp(ack->screen_id, recorder->screen_id) != 0)
		return err_set(err, ERR_UNTRUSTED,
			       "ack.json: is for screen %s, this is %s", ack->screen_id,
			       recorder->screen_id);
	/* An answer that was overtaken by a later one, or laid there again. */
	if (ack->at.ms <= recorder->last_ack.ms &&
	    ack->durable_seq <= playlog_acknowledged(recorder->log))
		return true;
	if (ack->durable_seq > playlog_last_closed(recorder->log))
		return err_set(err, ERR_CONFLICT,
			       "the city holds plays up to %" PRId64
			       ", this box has made only %" PRId64
			       ": its play log was lost; enrol it again as a new screen",
			       ack->durable_seq, playlog_last_closed(recorder->log));
	/*
	 * The city's clock may be wrong, and so may this one. By the later of the two rows are
	 * kept for long enough; a time that has not come yet would shut out all answers until
	 * then.
	 */
	at.ms = ack->at.ms > now.ms ? ack->at.ms : now.ms;
	if (!playlog_acknowledge(recorder->log, ack->durable_seq, at, err) ||
	    !outbox_acknowledge(recorder->outbox, ack->durable_seq, err))
		return false;
	recorder->last_ack.ms = ack->at.ms < now.ms ? ack->at.ms : now.ms;
	return true;
}

static bool write_entry(struct recorder *recorder, const struct play_entry *entry,
			struct err *err)
{
	switch (entry->kind) {
	case PLAY_ENTRY_BEGIN:
		return write_begin(recorder, &entry->start, err);
	case PLAY_ENTRY_END:
		return write_end(recorder, entry->end.shown, entry->end.frames,
				 entry->end.outcome, err);
	case PLAY_ENTRY_ACK:
		return write_ack(recorder, &entry->ack, err);
	}
	return true;
}

/* Whether trying again can help: the disk may recover, a wrong value stays wrong. */
static bool is_passing(enum err_code code)
{
	return code == ERR_IO || code == ERR_RETRY || code == ERR_NO_MEMORY;
}

/* What can't be written for now is tried again; the complaint is made once. */
static void wait_for_disk(struct recorder *recorder, struct mono_ms now,
			  const struct err *err)
{
	if (!recorder->failing)
		log_error("%s; plays wait and are tried again", err->text);
	recorder->failing = true;
	recorder->retry_at.ms = now.ms + RETRY_MS;
}

/* Writes the oldest entry. False: not for now. */
static bool write_oldest(struct recorder *recorder, const struct play_entry *entry,
			 struct err *err)
{
	struct err last = {0};

	if (!write_entry(recorder, entry, err)) {
		if (is_passing(err->code))
			return false;
		log_error("%s", err->text);
	}
	/* Before it is forgotten that there is something to be recovered. */
	if (recorder->left == 1 && !recover(recorder, &last)) {
		*err = last;
		return false;
	}
	if (recorder->left > 0)
		recorder->left--;
	play_queue_drop(recorder->queue, 1);
	return true;
}

/*
 * Where the two oldest entries are the end of a play and the beginning of the next, as at
 * every change of slides, writes both in one transaction, which waits for the disk once. When
 * that fails, one after the other tells what is wrong, and writes what can be.
 */
static bool write_next_play(struct recorder *recorder, const struct play_entry *end)
{
	struct play_entry begin;
	struct err ignored = {0};

	if (recorder->left > 0 || recorder->open_seq == 0 ||
	    end->kind != PLAY_ENTRY_END || !play_queue_peek(recorder->queue, 1, &begin) ||
	    begin.kind != PLAY_ENTRY_BEGIN ||
	    !playlog_next_play(recorder->log, recorder->open_seq, end->end.shown,
			       end->end.frames, end->end.outcome, &begin.start,
			       &recorder->open_seq, &ignored))
		return false;
	note_begun(recorder, &begin.start);
	play_queue_drop(recorder->queue, 2);
	return true;
}

static void write_queue(struct recorder *recorder, struct mono_ms now)
{
	struct play_entry entry;

	while (play_queue_peek(recorder->queue, 0, &entry)) {
		struct err err = {0};

		if (!write_next_play(recorder, &entry) &&
		    !write_oldest(recorder, &entry, &err)) {
			wait_for_disk(recorder, now, &err);
			return;
		}
		if (recorder->failing)
			log_notice("the play log can be written again");
		recorder->failing = false;
	}
	recorder->retry_at.ms = 0;
}

/* By the frame loop's own signs of life: when it hangs, nothing is noted any more. */
static void heartbeat(struct recorder *recorder)
{
	struct mono_ms alive = {atomic_load(&recorder->alive_mono)};
	struct span_ms shown = {alive.ms - recorder->open_since.ms};
	struct err err = {0};

	if (recorder->open_seq == 0 || recorder->left > 0 ||
	    alive.ms < recorder->seen.ms + RECORDER_HEARTBEAT_MS)
		return;
	recorder->seen = alive;
	if (!playlog_heartbeat(recorder->log, recorder->open_seq, shown, &err))
		log_warning("%s", err.text);
}

static void seal_all(struct recorder *recorder)
{
	struct err err = {0};

	if (!outbox_seal(recorder->outbox, &err))
		log_error("outbox: %s; the plays stay in the log", err.text);
}

static void seal(struct recorder *recorder, struct mono_ms now)
{
	if (now.ms < recorder->next_seal.ms || !outbox_wants_sealing(recorder->outbox))
		return;
	recorder->next_seal.ms = now.ms + recorder->seal_after.ms;
	seal_all(recorder);
}

static void prune(struct recorder *recorder, struct now now)
{
	struct err err = {0};
	int64_t pruned = 0;

	if (now.mono.ms < recorder->next_prune.ms || !now.synchronised)
		return;
	recorder->next_prune.ms = now.mono.ms + PRUNE_EVERY_MS;
	if (!playlog_prune(recorder->log,
			   (struct wall_ms){now.wall.ms - recorder->keep.ms}, &pruned,
			   &err))
		log_warning("%s", err.text);
	else if (pruned > 0)
		log_info("%" PRId64 " plays that the city confirmed %" PRId64
			 " days ago were removed from this box",
			 pruned, recorder->keep.ms / INT64_C(86400000));
}

/* Says what was folded once it is enough, or that nothing more can be. */
static void tell_folded(struct recorder *recorder, int64_t bytes)
{
	if (bytes > recorder->max_bytes)
		log_warning("the play log has %" PRId64
			    " MB, more than it may, and nothing "
			    "in it can be folded: it goes on growing; see that the city "
			    "can be reached, or raise [plays].max_mb",
			    bytes / 1000000);
	else if (recorder->folded > 0)
		log_notice("the play log has reached [plays].max_mb: its oldest %" PRId64
			   " plays are now kept as totals by the hour",
			   recorder->folded);
	recorder->folded = 0;
}

/* Keeps the log within its size, in small steps: beginnings and ends come in between. */
static void fold(struct recorder *recorder, struct mono_ms now)
{
	struct err err = {0};
	int64_t bytes = 0, folded = 0;

	if (now.ms < recorder->next_fold.ms || recorder->max_bytes == 0)
		return;
	recorder->next_fold.ms = now.ms + FOLD_EVERY_MS;
	if (!playlog_size(recorder->log, &bytes, &err) ||
	    (bytes > recorder->max_bytes &&
	     !playlog_fold(recorder->log, recorder->signer, &folded, &err))) {
		log_warning("%s", err.text);
		return;
	}
	recorder->folded += folded;
	if (folded > 0)
		recorder->next_fold.ms = now.ms;
	else
		tell_folded(recorder, bytes);
}

static void earlier(int64_t *at, int64_t candidate)
{
	if (candidate < *at)
		*at = candidate;
}

/* Sleeps until something is queued or due. Idle, it does not wake at all. */
static void sleep_until_due(struct recorder *recorder, struct mono_ms now)
{
	struct pollfd poll_fd = {.fd = recorder->wake_fd, .events = POLLIN};
	int64_t at = now.ms + PRUNE_EVERY_MS;
	uint64_t drained;

	if (recorder->log && outbox_wants_sealing(recorder->outbox))
		earlier(&at, recorder->next_seal.ms);
	if (recorder->retry_at.ms > 0)
		earlier(&at, recorder->retry_at.ms);
	if (poll(&poll_fd, 1, at > now.ms ? (int)(at - now.ms) : 0) > 0)
		(void)!read(recorder->wake_fd, &drained, sizeof(drained));
}

static void count_waiting(struct recorder *recorder)
{
	atomic_store(&recorder->waiting, playlog_last_closed(recorder->log) -
						 playlog_acknowledged(recorder->log));
}

/* False, with nothing open, when the log or the outbox can't be opened. */
static bool open_log(struct recorder *recorder, struct err *err)
{
	const struct recorder_options *options = &recorder->options;
	char path[PATH_MAX];

	if (!path_join(path, sizeof(path), options->state, "plays.db", err))
		return false;
	recorder->db = db_open(path, playlog_migrations, playlog_migration_count, err);
	if (!recorder->db)
		return false;
	recorder->log = playlog_new(recorder->db, options->identity->id, err);
	if (!recorder->log)
		goto fail;
	recorder->open_seq = playlog_open_seq(recorder->log);
	if (recorder->left == 0 && !recover(recorder, err))
		goto fail;
	recorder->outbox = outbox_new(options->outbox, recorder->log,
				      options->identity->signer, err);
	if (recorder->outbox)
		return true;
fail:
	recorder->log = playlog_free(recorder->log);
	recorder->db = db_close(recorder->db);
	return false;
}

/* Whether there is a log to write to. */
static bool has_log(struct recorder *recorder, struct mono_ms now)
{
	struct err err = {0};

	if (recorder->log)
		return true;
	if (now.ms < recorder->retry_at.ms)
		return false;
	if (!open_log(recorder, &err)) {
		wait_for_disk(recorder, now, &err);
		return false;
	}
	return true;
}

static void work(struct recorder *recorder, struct now now, bool stopping)
{
	if (stopping || now.mono.ms >= recorder->retry_at.ms)
		write_queue(recorder, now.mono);
	count_waiting(recorder);
	heartbeat(recorder);
	/* The courier may well outlive this program: it gets everything. */
	if (stopping) {
		seal_all(recorder);
		return;
	}
	seal(recorder, now.mono);
	prune(recorder, now);
	fold(recorder, now.mono);
}

static void *run(void *argument)
{
	struct recorder *recorder = argument;
	bool stopping = false;

	/* The queue is written once more after the last look at the flag. */
	for (;;) {
		struct now now = clock_now();

		if (has_log(recorder, now.mono))
			work(recorder, now, stopping);
		if (stopping)
			return NULL;
		sleep_until_due(recorder, now.mono);
		stopping = atomic_load(&recorder->stopping);
	}
}

/* In memory where the system has a folder for that, which ends with the boot. */
static bool open_queue(struct recorder *recorder, struct err *err)
{
	const char *directory = getenv("RUNTIME_DIRECTORY");
	char path[PATH_MAX];
	bool is_kept;

	if (!directory || directory[0] != '/' || strchr(directory, ':'))
		directory = recorder->options.state;
	if (!path_join(path, sizeof(path), directory, "plays.queue", err))
		return false;
	recorder->queue = play_queue_new(path, &is_kept, err);
	if (!recorder->queue)
		return false;
	if (!is_kept)
		log_warning("%s: can't be had: plays that are not in the log yet would "
			    "not survive this program",
			    path);
	recorder->left = play_queue_count(recorder->queue);
	return true;
}

struct recorder *recorder_new(const struct recorder_options *options, struct err *err)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));
	struct err failure = {0};

	if (!recorder) {
		err_set(err, ERR_NO_MEMORY, "recorder: out of memory");
		return NULL;
	}
	recorder->options = *options;
	recorder->seal_after = options->seal_after;
	recorder->keep = options->keep;
	recorder->max_bytes = options->max_bytes;
	recorder->signer = options->identity->signer;
	snprintf(recorder->screen_id, sizeof(recorder->screen_id), "%s",
		 options->identity->id);
	recorder->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (recorder->wake_fd < 0) {
		err_set_errno(err, "recorder: eventfd");
		return recorder_free(recorder);
	}
	if (!open_queue(recorder, err))
		return recorder_free(recorder);
	/* A disk that is full must not keep the screen dark. */
	if (!open_log(recorder, &failure)) {
		if (failure.code != ERR_IO) {
			*err = failure;
			return recorder_free(recorder);
		}
		wait_for_disk(recorder, clock_mono(), &failure);
	}
	if (pthread_create(&recorder->thread, NULL, run, recorder) != 0) {
		err_set(err, ERR_NO_MEMORY, "recorder: no thread");
		return recorder_free(recorder);
	}
	recorder->started = true;
	return recorder;
}

struct recorder *recorder_free(struct recorder *recorder)
{
	if (!recorder)
		return NULL;
	if (recorder->started) {
		atomic_store(&recorder->stopping, true);
		wake(recorder);
		pthread_join(recorder->thread, NULL);
		if (play_queue_count(recorder->queue) > 0)
			log_error("%zu entries of the play log could not be written",
				  play_queue_count(recorder->queue));
	}
	outbox_free(recorder->outbox);
	playlog_free(recorder->log);
	db_close(recorder->db);
	if (recorder->wake_fd >= 0)
		close(recorder->wake_fd);
	play_queue_free(recorder->queue);
	free(recorder);
	return NULL;
}
