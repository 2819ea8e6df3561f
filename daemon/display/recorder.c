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
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "store/db.h"
#include "store/playlog.h"
#include "wire/play_batch.h"

#define QUEUE_MAX      512 /* entries; at two per play half an hour of a failing disk */
#define RETRY_MS       5000
#define PRUNE_EVERY_MS INT64_C(86400000)
#define FOLD_EVERY_MS  60000

enum entry_kind { ENTRY_BEGIN, ENTRY_END, ENTRY_ACK };

struct entry {
	enum entry_kind kind;
	union {
		struct play_start start;
		struct {
			struct span_ms shown;
			int64_t frames;
			enum play_outcome outcome;
		} end;
		struct play_ack ack;
	};
};

struct recorder {
	pthread_t thread;
	bool started;
	int wake_fd;

	/* Shared with the frame loop and the receiver. */
	pthread_mutex_t lock;
	struct entry queue[QUEUE_MAX];
	size_t head, count;
	bool stopping;
	atomic_int_fast64_t alive_mono;
	atomic_uint lost;
	atomic_int_fast64_t waiting; /* closed plays that the city has not confirmed */
	bool begun; /* frame loop only: the play begun last is queued and not yet ended */

	/* The thread's own. */
	struct db *db;
	struct playlog *log;
	struct outbox *outbox;
	const struct signer *signer;
	struct span_ms seal_after, keep;
	int64_t max_bytes;
	int64_t folded;   /* plays, while the log is larger than it may be */
	int64_t open_seq; /* 0: none */
	struct mono_ms open_since, next_heartbeat, next_seal, next_prune, next_fold,
		retry_at;
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

/* One place is kept for the end of a play, so that what began can always be closed. */
static bool enqueue(struct recorder *recorder, const struct entry *entry)
{
	size_t limit = entry->kind == ENTRY_END ? QUEUE_MAX : QUEUE_MAX - 1;
	bool fits;

	pthread_mutex_lock(&recorder->lock);
	fits = recorder->count < limit;
	if (fits)
		recorder->queue[(recorder->head + recorder->count++) % QUEUE_MAX] =
			*entry;
	pthread_mutex_unlock(&recorder->lock);
	if (fits)
		wake(recorder);
	return fits;
}

void recorder_begin(struct recorder *recorder, const struct play_start *start)
{
	struct entry entry = {.kind = ENTRY_BEGIN, .start = *start};

	atomic_store(&recorder->alive_mono, start->began_mono.ms);
	recorder->begun = enqueue(recorder, &entry);
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
	struct entry entry = {.kind = ENTRY_END, .end = {shown, frames, outcome}};

	if (!recorder->begun)
		return;
	recorder->begun = false;
	if (!enqueue(recorder, &entry))
		log_error(
			"the play log's queue is full: the end of a play is not recorded");
}

void recorder_alive(struct recorder *recorder, struct mono_ms mono)
{
	atomic_store_explicit(&recorder->alive_mono, mono.ms, memory_order_relaxed);
}

void recorder_acknowledge(struct recorder *recorder, const struct play_ack *ack)
{
	struct entry entry = {.kind = ENTRY_ACK, .ack = *ack};

	/* Lost when the queue is full: the city answers the next batch as well. */
	(void)enqueue(recorder, &entry);
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

static bool write_begin(struct recorder *recorder, const struct play_start *start,
			struct err *err)
{
	if (!playlog_begin(recorder->log, start, &recorder->open_seq, err))
		return false;
	recorder->open_since = start->began_mono;
	recorder->next_heartbeat.ms = start->began_mono.ms + RECORDER_HEARTBEAT_MS;
	return true;
}

static bool write_end(struct recorder *recorder, struct span_ms shown, int64_t frames,
		      enum play_outcome outcome, struct err *err)
{
	/* Its beginning was refused for good, and said so then. */
	if (recorder->open_seq == 0)
		return true;
	if (!playlog_end(recorder->log, recorder->open_seq, shown, frames, outcome, err))
		return false;
	recorder->open_seq = 0;
	return true;
}

static bool write_ack(struct recorder *recorder, const struct play_ack *ack,
		      struct err *err)
{
	if (strcmp(ack->screen_id, recorder->screen_id) != 0)
		return err_set(err, ERR_UNTRUSTED,
			       "ack.json: is for screen %s, this is %s", ack->screen_id,
			       recorder->screen_id);
	/* An answer that was overtaken by a later one, or laid there again. */
	if (ack->at.ms <= recorder->last_ack.ms)
		return true;
	if (ack->durable_seq > playlog_last_closed(recorder->log))
		return err_set(err, ERR_CONFLICT,
			       "the city holds plays up to %" PRId64
			       ", this box has made only %" PRId64
			       ": its play log was lost; enrol it again as a new screen",
			       ack->durable_seq, playlog_last_closed(recorder->log));
	if (!playlog_acknowledge(recorder->log, ack->durable_seq, ack->at, err) ||
	    !outbox_acknowledge(recorder->outbox, ack->durable_seq, err))
		return false;
	recorder->last_ack = ack->at;
	return true;
}

static bool write_entry(struct recorder *recorder, const struct entry *entry,
			struct err *err)
{
	switch (entry->kind) {
	case ENTRY_BEGIN:
		return write_begin(recorder, &entry->start, err);
	case ENTRY_END:
		return write_end(recorder, entry->end.shown, entry->end.frames,
				 entry->end.outcome, err);
	case ENTRY_ACK:
		return write_ack(recorder, &entry->ack, err);
	}
	return true;
}

/* Whether trying again can help: the disk may recover, a wrong value stays wrong. */
static bool is_passing(enum err_code code)
{
	return code == ERR_IO || code == ERR_RETRY || code == ERR_NO_MEMORY;
}

/* The oldest entry, copied: producers only ever add behind it. */
static bool peek(struct recorder *recorder, struct entry *out)
{
	bool there;

	pthread_mutex_lock(&recorder->lock);
	there = recorder->count > 0;
	if (there)
		*out = recorder->queue[recorder->head];
	pthread_mutex_unlock(&recorder->lock);
	return there;
}

static void drop_oldest(struct recorder *recorder)
{
	pthread_mutex_lock(&recorder->lock);
	recorder->head = (recorder->head + 1) % QUEUE_MAX;
	recorder->count--;
	pthread_mutex_unlock(&recorder->lock);
}

static void write_queue(struct recorder *recorder, struct mono_ms now)
{
	struct entry entry;

	while (peek(recorder, &entry)) {
		struct err err = {0};

		if (!write_entry(recorder, &entry, &err)) {
			if (is_passing(err.code)) {
				if (!recorder->failing)
					log_error("%s; plays wait and are tried again",
						  err.text);
				recorder->failing = true;
				recorder->retry_at.ms = now.ms + RETRY_MS;
				return;
			}
			log_error("%s", err.text);
		} else if (recorder->failing) {
			log_notice("the play log can be written again");
			recorder->failing = false;
		}
		drop_oldest(recorder);
	}
	recorder->retry_at.ms = 0;
}

static void heartbeat(struct recorder *recorder, struct mono_ms now)
{
	struct span_ms shown;
	struct err err = {0};

	if (recorder->open_seq == 0 || now.ms < recorder->next_heartbeat.ms)
		return;
	recorder->next_heartbeat.ms = now.ms + RECORDER_HEARTBEAT_MS;
	/* The frame loop's own last sign of life, not this thread's. */
	shown.ms = atomic_load(&recorder->alive_mono) - recorder->open_since.ms;
	if (shown.ms >= 0 &&
	    !playlog_heartbeat(recorder->log, recorder->open_seq, shown, &err))
		log_warning("%s", err.text);
}

static void seal(struct recorder *recorder, struct mono_ms now)
{
	struct err err = {0};

	if (now.ms < recorder->next_seal.ms || !outbox_wants_sealing(recorder->outbox))
		return;
	recorder->next_seal.ms = now.ms + recorder->seal_after.ms;
	if (!outbox_seal(recorder->outbox, &err))
		log_error("outbox: %s; the plays stay in the log", err.text);
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

	if (recorder->open_seq != 0)
		earlier(&at, recorder->next_heartbeat.ms);
	if (outbox_wants_sealing(recorder->outbox))
		earlier(&at, recorder->next_seal.ms);
	if (recorder->retry_at.ms > 0)
		earlier(&at, recorder->retry_at.ms);
	if (poll(&poll_fd, 1, at > now.ms ? (int)(at - now.ms) : 0) > 0)
		(void)!read(recorder->wake_fd, &drained, sizeof(drained));
}

static bool is_stopping(struct recorder *recorder)
{
	bool stopping;

	pthread_mutex_lock(&recorder->lock);
	stopping = recorder->stopping;
	pthread_mutex_unlock(&recorder->lock);
	return stopping;
}

static void count_waiting(struct recorder *recorder)
{
	atomic_store(&recorder->waiting, playlog_last_closed(recorder->log) -
						 playlog_acknowledged(recorder->log));
}

static void *run(void *argument)
{
	struct recorder *recorder = argument;
	bool stopping = false;

	/* The queue is written once more after the last look at the flag. */
	for (;;) {
		struct now now = clock_now();

		if (stopping || now.mono.ms >= recorder->retry_at.ms)
			write_queue(recorder, now.mono);
		count_waiting(recorder);
		if (stopping) {
			/* The courier may well outlive this program. */
			recorder->next_seal.ms = 0;
			seal(recorder, now.mono);
			break;
		}
		heartbeat(recorder, now.mono);
		seal(recorder, now.mono);
		prune(recorder, now);
		fold(recorder, now.mono);
		sleep_until_due(recorder, now.mono);
		stopping = is_stopping(recorder);
	}
	return NULL;
}

static bool open_log(struct recorder *recorder, const struct recorder_options *options,
		     struct err *err)
{
	char path[PATH_MAX];
	int64_t recovered = 0;

	if (!path_join(path, sizeof(path), options->state, "plays.db", err))
		return false;
	recorder->db = db_open(path, playlog_migrations, playlog_migration_count, err);
	if (!recorder->db)
		return false;
	recorder->log = playlog_new(recorder->db, options->identity->id, err);
	if (!recorder->log || !playlog_recover(recorder->log, &recovered, err))
		return false;
	if (recovered != 0)
		log_notice("play %" PRId64 " was on screen when the power went: closed "
			   "with the last time it was seen",
			   recovered);
	recorder->outbox = outbox_new(options->outbox, recorder->log,
				      options->identity->signer, err);
	return recorder->outbox != NULL;
}

struct recorder *recorder_new(const struct recorder_options *options, struct err *err)
{
	struct recorder *recorder = calloc(1, sizeof(*recorder));

	if (!recorder) {
		err_set(err, ERR_NO_MEMORY, "recorder: out of memory");
		return NULL;
	}
	pthread_mutex_init(&recorder->lock, NULL);
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
	if (!open_log(recorder, options, err))
		return recorder_free(recorder);
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
		pthread_mutex_lock(&recorder->lock);
		recorder->stopping = true;
		pthread_mutex_unlock(&recorder->lock);
		wake(recorder);
		pthread_join(recorder->thread, NULL);
		if (recorder->count > 0)
			log_error("%zu entries of the play log could not be written",
				  recorder->count);
	}
	outbox_free(recorder->outbox);
	playlog_free(recorder->log);
	db_close(recorder->db);
	if (recorder->wake_fd >= 0)
		close(recorder->wake_fd);
	pthread_mutex_destroy(&recorder->lock);
	free(recorder);
	return NULL;
}
