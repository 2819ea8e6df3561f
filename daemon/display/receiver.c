#include "display/receiver.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/err.h"
#include "display/activation.h"
#include "display/recorder.h"
#include "display/reporter.h"
#include "display/set.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "os/watch.h"
#include "wire/health.h"
#include "wire/play_batch.h"

/*
 * Everything is looked at this often even without news: a refused set may have become
 * whole, and an event may have been missed while the folder was not there yet.
 */
#define RECHECK_MS 60000
/* The inbox itself is missing: the courier makes it when it starts. */
#define NO_INBOX_MS 2000

struct receiver {
	struct activation *activation;
	struct recorder *recorder;
	struct reporter *reporter;
	char inbox[PATH_MAX], request_path[PATH_MAX];
	pthread_t thread;
	bool started;
	int stop_fd, news_fd;

	pthread_mutex_t lock;
	struct set *news; /* under the lock */

	/* The thread's own. */
	struct watch *watch;
	char refused[ERR_TEXT_MAX]; /* last sentences said, so that each is said once */
	char ack_refused[ERR_TEXT_MAX];
	char request_refused[ERR_TEXT_MAX];
	char unsaved[ERR_TEXT_MAX];
	char left_out[ERR_TEXT_MAX];
	int64_t ack_at, ack_seq;
	bool expiry_said;
};

static void signal_fd(int fd)
{
	uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* Says a sentence unless it is the one said last. */
static void warn_once(char said[static ERR_TEXT_MAX], const struct err *err)
{
	if (strcmp(said, err->text) == 0)
		return;
	snprintf(said, ERR_TEXT_MAX, "%s", err->text);
	log_warning("%s", err->text);
}

static void hand_over(struct receiver *receiver)
{
	struct set *set = activation_set(receiver->activation);

	log_notice("programme %" PRId64 " is in effect", set_version(set));
	pthread_mutex_lock(&receiver->lock);
	set_unref(receiver->news);
	receiver->news = set;
	pthread_mutex_unlock(&receiver->lock);
	signal_fd(receiver->news_fd);
}

static struct wall_ms trusted_now(const struct receiver *receiver)
{
	struct set *set = activation_set(receiver->activation);
	struct wall_ms wall = set_trusted_wall(set, clock_now().wall);

	set_unref(set);
	return wall;
}

static void check_set(struct receiver *receiver)
{
	struct wall_ms now = trusted_now(receiver);
	struct wall_ms expires;
	struct err err = {0};
	bool changed = false;

	if (!activation_check(receiver->activation, now, &changed, &err)) {
		err_prefix(&err, "the inbox's set is refused, the last good one stays");
		warn_once(receiver->refused, &err);
	} else {
		receiver->refused[0] = '\0';
	}
	if (changed)
		hand_over(receiver);
	if (!activation_has_all_alarms(receiver->activation, &err)) {
		err_prefix(&err, "there are alarms that are not shown");
		warn_once(receiver->left_out, &err);
	}
	if (!activation_is_saved(receiver->activation, &err))
		warn_once(receiver->unsaved, &err);

	expires = activation_expires(receiver->activation);
	if (expires.ms > 0 && expires.ms < now.ms && !receiver->expiry_said)
		log_warning(
			"no fresh signature has come from city hall for too long: the "
			"last good programme stays; look at the courier and the "
			"network");
	receiver->expiry_said = expires.ms > 0 && expires.ms < now.ms;
}

static void report_set(struct receiver *receiver)
{
	const struct activation *activation = receiver->activation;
	struct wall_ms now = trusted_now(receiver);
	struct wall_ms taken = activation_taken(activation);
	struct reporter_set set = {
		.timestamp_version = activation_timestamp_version(activation),
		.age = {taken.ms > 0 && now.ms > taken.ms ? now.ms - taken.ms : 0},
		.expires = activation_expires(activation),
	};

	if (!receiver->reporter)
		return;
	set.expired = set.expires.ms > 0 && set.expires.ms < now.ms;
	reporter_set(receiver->reporter, &set);
}

/* What staff ask of this screen, as the courier says. */
static void check_request(struct receiver *receiver)
{
	CLEANUP(blob_free) struct blob blob = {0};
	struct err err = {0};
	int64_t snapshot;

	if (!receiver->reporter ||
	    (!file_read(receiver->request_path, HEALTH_REQUEST_MAX, &blob, &err) &&
	     err.code == ERR_NOT_FOUND))
		return;
	if (err.code == ERR_NONE &&
	    health_request_from_json(blob.bytes, blob.len, &snapshot, &err))
		reporter_request(receiver->reporter, snapshot);
	else
		warn_once(receiver->request_refused, &err);
}

static void check_ack(struct receiver *receiver)
{
	struct play_ack ack = {0};
	struct err err = {0};
	bool there = false;

	if (!receiver->recorder)
		return;
	if (!activation_ack(receiver->activation, &ack, &there, &err)) {
		warn_once(receiver->ack_refused, &err);
		return;
	}
	if (!there ||
	    (ack.at.ms == receiver->ack_at && ack.durable_seq == receiver->ack_seq))
		return;
	receiver->ack_at = ack.at.ms;
	receiver->ack_seq = ack.durable_seq;
	recorder_acknowledge(receiver->recorder, &ack);
}

/* The watch on the inbox; tried again until the folder is there. */
static bool have_watch(struct receiver *receiver)
{
	struct err ignored = {0};

	if (!receiver->watch)
		receiver->watch = watch_new(receiver->inbox, &ignored);
	return receiver->watch != NULL;
}

static void *run(void *argument)
{
	struct receiver *receiver = argument;

	for (;;) {
		bool watching = have_watch(receiver);
		struct pollfd fds[2] = {
			{.fd = receiver->stop_fd, .events = POLLIN},
			{.fd = watching ? watch_fd(receiver->watch) : -1,
			 .events = POLLIN},
		};

		/* Looked at after the watch stands: nothing falls between the two. */
		check_set(receiver);
		report_set(receiver);
		check_ack(receiver);
		check_request(receiver);
		/* Quiet for long: the folder may have been replaced under the watch. */
		if (poll(fds, 2, watching ? RECHECK_MS : NO_INBOX_MS) == 0)
			receiver->watch = watch_free(receiver->watch);
		if (fds[0].revents)
			return NULL;
		if (fds[1].revents)
			(void)watch_drain(receiver->watch, NULL);
	}
}

struct receiver *receiver_new(struct activation *activation, struct recorder *recorder,
			      struct reporter *reporter, const char *inbox,
			      struct err *err)
{
	struct receiver *receiver = calloc(1, sizeof(*receiver));

	if (!receiver) {
		err_set(err, ERR_NO_MEMORY, "receiver: out of memory");
		return NULL;
	}
	receiver->activation = activation;
	receiver->recorder = recorder;
	receiver->reporter = reporter;
	snprintf(receiver->inbox, sizeof(receiver->inbox), "%s", inbox);
	pthread_mutex_init(&receiver->lock, NULL);
	receiver->stop_fd = receiver->news_fd = -1;
	if (!path_join(receiver->request_path, PATH_MAX, inbox, "request.json", err))
		return receiver_free(receiver);
	receiver->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	receiver->news_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (receiver->stop_fd < 0 || receiver->news_fd < 0) {
		err_set_errno(err, "receiver: eventfd");
		return receiver_free(receiver);
	}
	if (pthread_create(&receiver->thread, NULL, run, receiver) != 0) {
		err_set(err, ERR_NO_MEMORY, "receiver: no thread");
		return receiver_free(receiver);
	}
	receiver->started = true;
	return receiver;
}

struct receiver *receiver_free(struct receiver *receiver)
{
	if (!receiver)
		return NULL;
	if (receiver->started) {
		signal_fd(receiver->stop_fd);
		pthread_join(receiver->thread, NULL);
	}
	watch_free(receiver->watch);
	set_unref(receiver->news);
	if (receiver->stop_fd >= 0)
		close(receiver->stop_fd);
	if (receiver->news_fd >= 0)
		close(receiver->news_fd);
	pthread_mutex_destroy(&receiver->lock);
	free(receiver);
	return NULL;
}

int receiver_fd(const struct receiver *receiver)
{
	return receiver->news_fd;
}

struct set *receiver_take(struct receiver *receiver)
{
	struct set *news;
	uint64_t drained;

	(void)!read(receiver->news_fd, &drained, sizeof(drained));
	pthread_mutex_lock(&receiver->lock);
	news = receiver->news;
	receiver->news = NULL;
	pthread_mutex_unlock(&receiver->lock);
	return news;
}
