#include "sync/courier.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "core/err.h"
#include "os/clock.h"
#include "os/config.h"
#include "os/file.h"
#include "os/log.h"
#include "os/notify.h"
#include "os/watch.h"
#include "sync/backoff.h"
#include "sync/http.h"
#include "sync/inbox.h"
#include "sync/news.h"
#include "sync/reports.h"
#include "sync/repository.h"
#include "sync/upload.h"
#include "wire/health.h"

#define RESEND_MS 60000 /* a batch that still lies there after this is sent again */
/*
 * News are a hint from who need not be trusted; whatever they say, the signed timestamp
 * itself is looked at this often.
 */
#define LOOK_MS  (10 * 60 * 1000)
#define TALLY_MS (60 * 60 * 1000) /* how often the traffic is told */
/* A wait that brings nothing any sooner than this was no wait. */
#define SHORTEST_WAIT_MS 1000

struct courier {
	const struct courier_settings *settings;
	char metadata_url[REPOSITORY_URL_MAX], targets_url[REPOSITORY_URL_MAX];
	struct http *news_http, *upload_http; /* one for each thread */
	struct inbox *inbox;
	struct repository repository;
	char differences_url[REPOSITORY_URL_MAX];
	struct news_way news_way;
	int64_t looked_at; /* when the timestamp was seen last, monotonic ms */
	int64_t tallied_at;
	struct http_traffic tallied;
	struct upload upload;
	struct reports reports;
	struct mono_ms started;
	pthread_mutex_t lock; /* for the next two, which both threads write */
	int64_t failures;
	char failure[HEALTH_ERROR_SIZE];
	struct watch *outbox_watch;
	int stop_fd; /* eventfd: readable once the courier shall stop */
};

static void strip_slash(char *url)
{
	size_t len = strlen(url);

	while (len > 0 && url[len - 1] == '/')
		url[--len] = '\0';
}

bool courier_settings_read(const char *path, struct courier_settings *out,
			   struct err *err)
{
	struct courier_settings s = {.wait_s = 25, .poll_s = 60};
	const struct config_key keys[] = {
		{"city", "url", CONFIG_STRING, s.city_url, sizeof(s.city_url), 1, 0,
		 "a URL", NULL, true},
		{"city", "repository", CONFIG_STRING, s.repository_url,
		 sizeof(s.repository_url), 0, 0, "a URL", NULL, false},
		{"city", "ca_file", CONFIG_PATH, s.ca_file, sizeof(s.ca_file), 0, 0,
		 "a PEM file", NULL, false},
		{"city", "proxy", CONFIG_STRING, s.proxy, sizeof(s.proxy), 0, 0, "a URL",
		 NULL, false},
		{"city", "wait", CONFIG_INT, &s.wait_s, 0, 0, NEWS_WAIT_MAX_S, "seconds",
		 NULL, false},
		{"city", "poll", CONFIG_INT, &s.poll_s, 0, 1, 86400, "seconds", NULL,
		 false},
		{"paths", "root", CONFIG_PATH, s.root, sizeof(s.root), 0, 0, "a file",
		 NULL, true},
		{"paths", "inbox", CONFIG_PATH, s.inbox, sizeof(s.inbox), 0, 0,
		 "a folder", NULL, true},
		{"paths", "outbox", CONFIG_PATH, s.outbox, sizeof(s.outbox), 0, 0,
		 "a folder", NULL, true},
	};

	if (!config_read(path, keys, ARRAY_LEN(keys), err))
		return false;
	strip_slash(s.city_url);
	strip_slash(s.repository_url);
	if (strncmp(s.city_url, "http://", 7) != 0 &&
	    strncmp(s.city_url, "https://", 8) != 0)
		return err_set(
			err, ERR_CONFIG,
			"%s: [city].url: expected http://… or https://…, got \"%s\"",
			path, s.city_url);
	if (s.repository_url[0] == '\0' &&
	    snprintf(s.repository_url, sizeof(s.repository_url), "%s/repository",
		     s.city_url) >= (int)sizeof(s.repository_url))
		return err_set(err, ERR_CONFIG, "%s: [city].url: is too long", path);
	*out = s;
	return true;
}

static struct http *new_http(const struct courier_settings *settings, struct err *err)
{
	const struct http_options options = {
		.ca_file = settings->ca_file,
		.proxy = settings->proxy,
	};

	return http_new(&options, err);
}

struct courier *courier_new(const struct courier_settings *settings, struct err *err)
{
	struct courier *courier = calloc(1, sizeof(*courier));

	if (!courier) {
		err_set(err, ERR_NO_MEMORY, "courier: out of memory");
		return NULL;
	}
	courier->settings = settings;
	courier->started = clock_mono();
	pthread_mutex_init(&courier->lock, NULL);
	courier->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (courier->stop_fd < 0) {
		err_set_errno(err, "courier: eventfd");
		goto fail;
	}
	courier->news_http = new_http(settings, err);
	if (!courier->news_http)
		goto fail;
	courier->upload_http = new_http(settings, err);
	if (!courier->upload_http)
		goto fail;
	courier->inbox = inbox_new(settings->inbox, settings->root, err);
	if (!courier->inbox || !dir_make(settings->outbox, 0750, err))
		goto fail;
	courier->outbox_watch = watch_new(settings->outbox, err);
	if (!courier->outbox_watch)
		goto fail;

	snprintf(courier->metadata_url, sizeof(courier->metadata_url), "%s/metadata",
		 settings->repository_url);
	snprintf(courier->targets_url, sizeof(courier->targets_url), "%s/targets",
		 settings->repository_url);
	snprintf(courier->differences_url, sizeof(courier->differences_url),
		 "%s/differences", settings->repository_url);
	courier->repository = (struct repository){
		.metadata_url = courier->metadata_url,
		.targets_url = courier->targets_url,
		.differences_url = courier->differences_url,
		.http = courier->news_http,
	};
	courier->upload = (struct upload){
		.outbox = settings->outbox,
		.city_url = settings->city_url,
		.http = courier->upload_http,
		.inbox = courier->inbox,
	};
	courier->reports = (struct reports){
		.outbox = settings->outbox,
		.city_url = settings->city_url,
		.http = courier->upload_http,
		.inbox = courier->inbox,
	};
	return courier;
fail:
	return courier_free(courier);
}

struct courier *courier_free(struct courier *courier)
{
	if (!courier)
		return NULL;
	watch_free(courier->outbox_watch);
	inbox_free(courier->inbox);
	http_free(courier->upload_http);
	http_free(courier->news_http);
	if (courier->stop_fd >= 0)
		close(courier->stop_fd);
	pthread_mutex_destroy(&courier->lock);
	free(courier);
	return NULL;
}

void courier_stop(struct courier *courier)
{
	const uint64_t one = 1;

	http_cancel(courier->news_http);
	http_cancel(courier->upload_http);
	(void)!write(courier->stop_fd, &one, sizeof(one));
}

/*
 * Sleeps for @wait, or until there is something in the outbox when @watch is given.
 * Whether the courier shall stop.
 */
static bool wait_or_stop(const struct courier *courier, struct span_ms wait,
			 struct watch *watch)
{
	struct pollfd fds[2] = {
		{.fd = courier->stop_fd, .events = POLLIN},
		{.fd = watch ? watch_fd(watch) : -1, .events = POLLIN},
	};

	if (poll(fds, 2, (int)wait.ms) > 0 && watch && (fds[1].revents & POLLIN))
		(void)watch_drain(watch, NULL);
	return (fds[0].revents & POLLIN) != 0;
}

static bool stopping(const struct courier *courier)
{
	return wait_or_stop(courier, (struct span_ms){0}, NULL);
}

static uint32_t random_number(void)
{
	uint32_t number;

	random_bytes(&number, sizeof(number));
	return number;
}

/* Counts a failure, and logs it once, until something else happens. */
static void tell_failure(struct courier *courier, const char *what, const struct err *err,
			 char last[ERR_TEXT_MAX])
{
	pthread_mutex_lock(&courier->lock);
	courier->failures++;
	health_text(courier->failure, sizeof(courier->failure), err->text);
	pthread_mutex_unlock(&courier->lock);
	if (strcmp(last, err->text) == 0)
		return;
	log_warning("%s: %s; the screen keeps what it has", what, err->text);
	snprintf(last, ERR_TEXT_MAX, "%s", err->text);
}

/* All that both threads have cost the line since the start. */
static struct http_traffic traffic(const struct courier *courier)
{
	struct http_traffic news = http_traffic(courier->news_http);
	struct http_traffic plays = http_traffic(courier->upload_http);

	return (struct http_traffic){
		.requests = news.requests + plays.requests,
		.received_bytes = news.received_bytes + plays.received_bytes,
		.sent_bytes = news.sent_bytes + plays.sent_bytes,
	};
}

/* Says what an hour has cost, for those who pay for the line by the byte. */
static void tally(struct courier *courier, int64_t now)
{
	struct http_traffic all = traffic(courier);

	if (now - courier->tallied_at < TALLY_MS)
		return;
	log_info("traffic of the last %" PRId64 " min: %" PRId64 " requests, %" PRId64
		 " bytes received, %" PRId64 " sent",
		 (now - courier->tallied_at) / 60000,
		 all.requests - courier->tallied.requests,
		 all.received_bytes - courier->tallied.received_bytes,
		 all.sent_bytes - courier->tallied.sent_bytes);
	courier->tallied = all;
	courier->tallied_at = now;
}

static bool refresh(struct courier *courier, struct err *err)
{
	int64_t received = http_traffic(courier->news_http).received_bytes;
	bool changed = false;

	if (!inbox_update(courier->inbox, &courier->repository, clock_now().wall,
			  &changed, err))
		return false;
	courier->looked_at = clock_mono().ms;
	if (changed)
		log_info("handed over version %" PRId64 " (%" PRId64 " bytes received)",
			 inbox_timestamp_version(courier->inbox),
			 http_traffic(courier->news_http).received_bytes - received);
	return true;
}

/* One long poll. Whether it is time to look at the repository. */
static bool wait_once(struct courier *courier, int64_t known)
{
	const struct courier_settings *settings = courier->settings;
	int64_t began = clock_mono().ms, version = known;
	struct backoff pause = {0};
	struct err err = {0};
	bool answered;

	answered = news_wait(courier->news_http, settings->city_url, known,
			     (int)settings->wait_s, &version, &err);
	if (answered && version > known) {
		news_waited(&courier->news_way);
		return true;
	}
	if (answered && clock_mono().ms - began >= SHORTEST_WAIT_MS) {
		news_waited(&courier->news_way);
		return false;
	}
	if (stopping(courier))
		return true;
	if (news_spoiled(&courier->news_way))
		log_notice("waiting for news does not work on this line (%s): asking "
			   "every %" PRId64 " s instead",
			   answered ? "something answers at once" : err.text,
			   settings->poll_s);
	/* Not all at once, where a server that went away has left a thousand waiting. */
	(void)wait_or_stop(courier, backoff_next(&pause, random_number()), NULL);
	return true;
}

/* Sleeps, then asks. Whether it is time to look at the repository. */
static bool poll_once(struct courier *courier, int64_t known)
{
	const struct courier_settings *settings = courier->settings;
	int64_t version = known;
	struct err ignored = {0};

	if (wait_or_stop(courier, (struct span_ms){settings->poll_s * 1000}, NULL))
		return true;
	if (news_polled(&courier->news_way))
		log_info("trying again to wait for news");
	return !news_wait(courier->news_http, settings->city_url, known, 0, &version,
			  &ignored) ||
	       version > known;
}

/*
 * Until there is a reason to refresh: news, a line on which nothing can be waited for, or
 * that it has been long.
 */
static void wait_for_reason(struct courier *courier)
{
	bool due = false;

	while (!due && !stopping(courier)) {
		int64_t known = inbox_timestamp_version(courier->inbox);
		int64_t now = clock_mono().ms;

		tally(courier, now);
		if (now - courier->looked_at >= LOOK_MS)
			return;
		if (courier->settings->wait_s == 0 || news_polls(&courier->news_way))
			due = poll_once(courier, known);
		else
			due = wait_once(courier, known);
	}
}

static void news_loop(struct courier *courier)
{
	struct backoff backoff = {0};
	char last[ERR_TEXT_MAX] = "";

	courier->tallied_at = clock_mono().ms;
	while (!stopping(courier)) {
		struct err err = {0};

		if (refresh(courier, &err)) {
			backoff.failures = 0;
			if (last[0])
				log_notice("the city answers again");
			last[0] = '\0';
			wait_for_reason(courier);
			continue;
		}
		/* The line itself is gone: that says nothing about waiting on it. */
		courier->news_way.failures = 0;
		if (stopping(courier))
			break;
		tell_failure(courier, "news", &err, last);
		(void)wait_or_stop(courier, backoff_next(&backoff, random_number()),
				   NULL);
	}
}

/* What the courier says of itself, beside the display's report. */
static struct health_courier describe(struct courier *courier)
{
	struct http_traffic all = traffic(courier);
	struct health_courier said = {
		.software = EKIMAE_VERSION,
		.running = {clock_mono().ms - courier->started.ms},
		.requests = all.requests,
		.received_bytes = all.received_bytes,
		.sent_bytes = all.sent_bytes,
	};

	pthread_mutex_lock(&courier->lock);
	said.failures = courier->failures;
	memcpy(said.failure, courier->failure, sizeof(said.failure));
	pthread_mutex_unlock(&courier->lock);
	return said;
}

static bool upload_reports(struct courier *courier, struct err *err)
{
	struct health_courier said = describe(courier);

	return reports_run(&courier->reports, &said, clock_mono(), err);
}

static bool upload_plays(struct courier *courier, bool again, struct err *err)
{
	size_t sent = 0;

	if (!upload_run(&courier->upload, again, &sent, err))
		return false;
	if (sent > 0)
		log_debug("uploaded %zu batches of plays", sent);
	return true;
}

/* The outcome of one kind of upload: told, or what was said of it last forgotten. */
static bool note(struct courier *courier, bool fine, const char *what,
		 const struct err *err, char last[ERR_TEXT_MAX])
{
	if (fine)
		last[0] = '\0';
	else if (!stopping(courier))
		tell_failure(courier, what, err, last);
	return fine;
}

static void *upload_loop(void *context)
{
	struct courier *courier = context;
	struct backoff backoff = {0};
	char last_plays[ERR_TEXT_MAX] = "", last_report[ERR_TEXT_MAX] = "";
	bool stop = false;
	int64_t resend_at = 0;

	while (!stop) {
		struct err plays_err = {0}, report_err = {0};
		int64_t now = clock_mono().ms;
		bool again = now >= resend_at, plays, report;

		if (again)
			resend_at = now + RESEND_MS;
		plays = upload_plays(courier, again, &plays_err);
		report = upload_reports(courier, &report_err);
		plays = note(courier, plays, "plays", &plays_err, last_plays);
		report = note(courier, report, "health", &report_err, last_report);
		if (plays && report) {
			backoff.failures = 0;
			stop = wait_or_stop(courier, (struct span_ms){RESEND_MS},
					    courier->outbox_watch);
			continue;
		}
		stop = wait_or_stop(courier, backoff_next(&backoff, random_number()),
				    NULL);
	}
	return NULL;
}

/* Signals are for the main thread. */
static bool start_upload_thread(struct courier *courier, pthread_t *out, struct err *err)
{
	sigset_t all, before;
	int result;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(out, NULL, upload_loop, courier);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = result;
	return result == 0 || err_set_errno(err, "courier: thread");
}

bool courier_run(struct courier *courier, struct err *err)
{
	pthread_t thread;

	if (!start_upload_thread(courier, &thread, err))
		return false;
	notify_ready("waiting for news");
	news_loop(courier);
	notify_stopping();
	pthread_join(thread, NULL);
	return true;
}

bool courier_run_once(struct courier *courier, struct err *err)
{
	return refresh(courier, err) && upload_plays(courier, true, err) &&
	       upload_reports(courier, err);
}
