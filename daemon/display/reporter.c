#include "display/reporter.h"

#include <errno.h>
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
#include "core/health.h"
#include "display/identity.h"
#include "display/recorder.h"
#include "display/run_number.h"
#include "display/shrink.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "os/machine.h"
#include "render/canvas.h"
#include "wire/health.h"
#include "wire/screenshot.h"

/* The courier, which reads here, may be of another user: group read. */
#define FILE_MODE 0640
/* Something that changes to and fro is not told each time. */
#define GAP_MS 5000
/* The first report waits for this until there is something to tell. */
#define FIRST_MS 10000

/* What the others have told, under the lock. */
struct told {
	char slide_id[PLAY_SLIDE_ID_MAX];
	int64_t programme_version;
	enum play_output output;
	char panel[HEALTH_PANEL_SIZE];
	struct reporter_set set;
	struct mono_ms set_at;
	int64_t asked; /* number of the newest snapshot that is wanted; 0: none */
	struct canvas *picture;
	bool picture_given; /* also when there is none */
	bool stopping;
};

struct reporter {
	char state[PATH_MAX], health_path[PATH_MAX], snapshot_path[PATH_MAX];
	const struct identity *identity;
	const struct recorder *recorder;
	struct span_ms every;
	int64_t run;
	struct mono_ms started;
	pthread_t thread;
	bool running;
	int wake_fd, wanted_fd;

	pthread_mutex_t lock;
	struct told told;
	atomic_bool wants_picture;
	atomic_int_fast64_t presented; /* monotonic ms; 0: never */

	/* The thread's own. */
	int64_t number; /* of the report written last */
	struct health written;
	struct mono_ms due, not_before;
	int64_t answered; /* number of the snapshot made last */
	struct mono_ms next_snapshot;
};

/* --- the other side ------------------------------------------------------------------ */

static void signal_fd(int fd)
{
	uint64_t one = 1;

	while (write(fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void wake(struct reporter *reporter)
{
	signal_fd(reporter->wake_fd);
}

void reporter_presented(struct reporter *reporter, struct mono_ms now)
{
	atomic_store_explicit(&reporter->presented, now.ms, memory_order_relaxed);
}

void reporter_scene(struct reporter *reporter, const char *slide_id,
		    int64_t programme_version, enum play_output output, const char *panel)
{
	struct told *told = &reporter->told;
	bool changed;

	pthread_mutex_lock(&reporter->lock);
	/* One slide after another is no change of state: it would be told every 8 s. */
	changed = told->programme_version != programme_version ||
		  told->output != output ||
		  (told->slide_id[0] == '\0') != (slide_id[0] == '\0');
	snprintf(told->slide_id, sizeof(told->slide_id), "%s", slide_id);
	snprintf(told->panel, sizeof(told->panel), "%s", panel);
	told->programme_version = programme_version;
	told->output = output;
	pthread_mutex_unlock(&reporter->lock);
	if (changed)
		wake(reporter);
}

int reporter_fd(const struct reporter *reporter)
{
	return reporter->wanted_fd;
}

bool reporter_wants_picture(const struct reporter *reporter)
{
	return atomic_load_explicit(&reporter->wants_picture, memory_order_relaxed);
}

void reporter_picture(struct reporter *reporter, struct canvas *picture)
{
	uint64_t drained;

	(void)!read(reporter->wanted_fd, &drained, sizeof(drained));
	atomic_store(&reporter->wants_picture, false);
	pthread_mutex_lock(&reporter->lock);
	canvas_free(reporter->told.picture);
	reporter->told.picture = picture;
	reporter->told.picture_given = true;
	pthread_mutex_unlock(&reporter->lock);
	wake(reporter);
}

void reporter_set(struct reporter *reporter, const struct reporter_set *set)
{
	struct mono_ms now = clock_mono();
	struct told *told = &reporter->told;
	bool changed;

	pthread_mutex_lock(&reporter->lock);
	changed = told->set.timestamp_version != set->timestamp_version ||
		  told->set.expired != set->expired;
	told->set = *set;
	told->set_at = now;
	pthread_mutex_unlock(&reporter->lock);
	if (changed)
		wake(reporter);
}

void reporter_request(struct reporter *reporter, int64_t number)
{
	bool changed;

	pthread_mutex_lock(&reporter->lock);
	changed = reporter->told.asked != number;
	reporter->told.asked = number;
	pthread_mutex_unlock(&reporter->lock);
	if (changed)
		wake(reporter);
}

/* --- the thread: reports ------------------------------------------------------------- */

static void add_machine(const struct reporter *reporter, struct mono_ms now,
			struct health *health)
{
	char problem[LOG_PROBLEM_SIZE];
	struct mono_ms problem_at;
	struct err ignored = {0};

	/* Unknown stays 0: a disk that does not answer shows in the log. */
	(void)!machine_disk(reporter->state, &health->disk_free, &health->disk_total,
			    &ignored);
	health->has_temperature =
		machine_temperature(MACHINE_SYSFS, &health->millidegrees);
	if (log_last_problem(problem, &problem_at)) {
		health_text(health->error, sizeof(health->error), problem);
		health->error_age.ms = now.ms - problem_at.ms;
	}
}

static void collect(struct reporter *reporter, struct now now, struct health *out)
{
	int64_t presented = atomic_load(&reporter->presented);
	struct health health = {
		.run = reporter->run,
		.number = reporter->number + 1,
		.every = reporter->every,
		.at = now.wall,
		.synchronised = now.synchronised,
		.uptime = {now.mono.ms},
		.running = {now.mono.ms - reporter->started.ms},
		.has_frame = presented > 0,
		.frame_age = {presented > 0 ? now.mono.ms - presented : 0},
		.plays_waiting = recorder_waiting(reporter->recorder),
		.plays_lost = recorder_lost(reporter->recorder),
	};
	const struct told *told = &reporter->told;

	snprintf(health.screen_id, sizeof(health.screen_id), "%s",
		 reporter->identity->id);
	snprintf(health.software, sizeof(health.software), "%s", EKIMAE_VERSION);
	pthread_mutex_lock(&reporter->lock);
	health.programme_version = told->programme_version;
	health.timestamp_version = told->set.timestamp_version;
	if (told->set_at.ms > 0)
		health.set_age.ms = told->set.age.ms + now.mono.ms - told->set_at.ms;
	health.expires = told->set.expires;
	health.expired = told->set.expired;
	health.output = told->output;
	health_text(health.panel, sizeof(health.panel), told->panel);
	health_text(health.slide_id, sizeof(health.slide_id), told->slide_id);
	pthread_mutex_unlock(&reporter->lock);
	/* The loop may have presented since @now was read. */
	if (health.frame_age.ms < 0)
		health.frame_age.ms = 0;
	add_machine(reporter, now.mono, &health);
	*out = health;
}

/* Whether staff would want to know at once: another state, not just another slide. */
static bool is_news(const struct reporter *reporter, const struct health *now)
{
	const struct health *before = &reporter->written;

	/* At the start there is nothing to tell until something is on screen. */
	if (reporter->number == 0)
		return now->slide_id[0] != '\0';
	return now->programme_version != before->programme_version ||
	       now->timestamp_version != before->timestamp_version ||
	       now->output != before->output || strcmp(now->error, before->error) != 0 ||
	       health_alarms(now, now->at) != health_alarms(before, before->at);
}

static bool write_health(struct reporter *reporter, const struct health *health,
			 struct err *err)
{
	size_t len = 0;
	char *text = health_to_json(health, reporter->identity->signer, &len, err);
	bool written = text && file_write_atomic(reporter->health_path, text, len,
						 FILE_MODE, err);

	free(text);
	return written;
}

static void report(struct reporter *reporter, struct now now)
{
	struct health health;
	struct err err = {0};

	if (now.mono.ms < reporter->not_before.ms)
		return;
	collect(reporter, now, &health);
	if (now.mono.ms < reporter->due.ms && !is_news(reporter, &health))
		return;
	reporter->not_before.ms = now.mono.ms + GAP_MS;
	reporter->due.ms = now.mono.ms + reporter->every.ms;
	/* A number is used once, also when the disk took only a part of it. */
	reporter->number = health.number;
	reporter->written = health;
	if (!write_health(reporter, &health, &err))
		log_warning("the report of this screen's health: %s", err.text);
}

/* --- the thread: snapshots ----------------------------------------------------------- */

static bool write_snapshot(struct reporter *reporter, const struct canvas *picture,
			   const struct screenshot *screenshot, struct err *err)
{
	CLEANUP(blob_free) struct blob png = {0};
	size_t len = 0;
	char *bytes;
	bool written;

	if (!shrink_to_png(picture, SCREENSHOT_SIDE_MAX, SCREENSHOT_PNG_MAX, &png, err))
		return false;
	bytes = screenshot_to_bytes(screenshot, png.bytes, png.len,
				    reporter->identity->signer, &len, err);
	written = bytes &&
		  file_write_atomic(reporter->snapshot_path, bytes, len, FILE_MODE, err);
	free(bytes);
	return written;
}

/* Takes what the frame loop has given, or asks it when it is time to. */
static void snapshot(struct reporter *reporter, struct now now)
{
	struct screenshot screenshot = {
		.at = now.wall,
		.synchronised = now.synchronised,
	};
	struct told *told = &reporter->told;
	struct canvas *picture = NULL;
	bool given, wanted;
	struct err err = {0};

	pthread_mutex_lock(&reporter->lock);
	given = told->picture_given;
	picture = told->picture;
	told->picture = NULL;
	told->picture_given = false;
	screenshot.request = told->asked;
	screenshot.output = told->output;
	health_text(screenshot.slide_id, sizeof(screenshot.slide_id),
		    told->slide_id[0] ? told->slide_id : "-");
	wanted = told->asked > 0 && told->asked != reporter->answered;
	pthread_mutex_unlock(&reporter->lock);

	if (given && wanted) {
		snprintf(screenshot.screen_id, sizeof(screenshot.screen_id), "%s",
			 reporter->identity->id);
		reporter->answered = screenshot.request;
		if (picture && write_snapshot(reporter, picture, &screenshot, &err))
			log_info("a snapshot was made, as staff had asked");
		else if (picture)
			log_warning("snapshot: %s", err.text);
	} else if (wanted && now.mono.ms >= reporter->next_snapshot.ms) {
		reporter->next_snapshot.ms = now.mono.ms + REPORTER_SNAPSHOT_MS;
		/* In this order: what is given has always been signalled before. */
		signal_fd(reporter->wanted_fd);
		atomic_store(&reporter->wants_picture, true);
	}
	canvas_free(picture);
}

/* Sleeps until something is told or due. */
static void sleep_until_due(struct reporter *reporter, struct mono_ms now)
{
	struct pollfd poll_fd = {.fd = reporter->wake_fd, .events = POLLIN};
	int64_t at = reporter->due.ms;
	uint64_t drained;
	bool wanted;

	pthread_mutex_lock(&reporter->lock);
	wanted = reporter->told.asked > 0 && reporter->told.asked != reporter->answered;
	pthread_mutex_unlock(&reporter->lock);
	/* What changed within the gap is looked at when it is over. */
	if (now.ms < reporter->not_before.ms)
		at = reporter->not_before.ms;
	if (wanted && reporter->next_snapshot.ms > now.ms &&
	    reporter->next_snapshot.ms < at)
		at = reporter->next_snapshot.ms;
	if (poll(&poll_fd, 1, at > now.ms ? (int)(at - now.ms) : 0) > 0)
		(void)!read(reporter->wake_fd, &drained, sizeof(drained));
}

static bool is_stopping(struct reporter *reporter)
{
	bool stopping;

	pthread_mutex_lock(&reporter->lock);
	stopping = reporter->told.stopping;
	pthread_mutex_unlock(&reporter->lock);
	return stopping;
}

static void *run(void *argument)
{
	struct reporter *reporter = argument;

	while (!is_stopping(reporter)) {
		struct now now = clock_now();

		report(reporter, now);
		snapshot(reporter, now);
		sleep_until_due(reporter, now.mono);
	}
	return NULL;
}

/* --- opening and closing ------------------------------------------------------------- */

struct reporter *reporter_new(const struct reporter_options *options, struct err *err)
{
	struct reporter *reporter = calloc(1, sizeof(*reporter));
	struct err unkept = {0};

	if (!reporter) {
		err_set(err, ERR_NO_MEMORY, "reporter: out of memory");
		return NULL;
	}
	pthread_mutex_init(&reporter->lock, NULL);
	reporter->identity = options->identity;
	reporter->recorder = options->recorder;
	reporter->every = options->every;
	reporter->told.output = PLAY_OUTPUT_UNKNOWN;
	reporter->started = clock_mono();
	reporter->due.ms = reporter->started.ms + FIRST_MS;
	snprintf(reporter->state, PATH_MAX, "%s", options->state);
	reporter->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	reporter->wanted_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (reporter->wake_fd < 0 || reporter->wanted_fd < 0) {
		err_set_errno(err, "reporter: eventfd");
		return reporter_free(reporter);
	}
	if (!path_join(reporter->health_path, PATH_MAX, options->outbox,
		       REPORTER_HEALTH_FILE, err) ||
	    !path_join(reporter->snapshot_path, PATH_MAX, options->outbox,
		       REPORTER_SNAPSHOT_FILE, err))
		return reporter_free(reporter);
	/* A disk that is full must not keep the screen dark. */
	if (!run_number_next(options->state, clock_now().wall, &reporter->run, &unkept))
		log_warning("%s", unkept.text);
	/* What an earlier run left is made again if it is still wanted. */
	unlink(reporter->snapshot_path);
	if (pthread_create(&reporter->thread, NULL, run, reporter) != 0) {
		err_set(err, ERR_NO_MEMORY, "reporter: no thread");
		return reporter_free(reporter);
	}
	reporter->running = true;
	return reporter;
}

struct reporter *reporter_free(struct reporter *reporter)
{
	if (!reporter)
		return NULL;
	if (reporter->running) {
		pthread_mutex_lock(&reporter->lock);
		reporter->told.stopping = true;
		pthread_mutex_unlock(&reporter->lock);
		wake(reporter);
		pthread_join(reporter->thread, NULL);
	}
	canvas_free(reporter->told.picture);
	if (reporter->wake_fd >= 0)
		close(reporter->wake_fd);
	if (reporter->wanted_fd >= 0)
		close(reporter->wanted_fd);
	pthread_mutex_destroy(&reporter->lock);
	free(reporter);
	return NULL;
}
