#include "display/worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "display/media.h"
#include "display/set.h"
#include "render/canvas.h"

struct worker {
	struct renderer *renderer;
	const char *organisation;
	unsigned plan_languages;
	pthread_t thread;
	bool started;
	int done_fd;

	pthread_mutex_t lock;
	pthread_cond_t posted;
	bool stopping;
	bool waiting[WORKER_KINDS], done[WORKER_KINDS];
	struct worker_job jobs[WORKER_KINDS];
	struct worker_result results[WORKER_KINDS];
};

static void job_done(struct worker_job *job)
{
	set_unref(job->set);
	canvas_free(job->canvas);
	*job = (struct worker_job){0};
}

static void draw(struct worker *worker, struct worker_job *job,
		 struct worker_result *result)
{
	struct slide_source source = {
		.plan = set_plan(job->set),
		.programme = set_programme(job->set),
		.organisation = worker->organisation,
		.now = job->wall,
		.synchronised = job->synchronised,
		.plan_languages = worker->plan_languages,
		.media = media_find,
		.media_context = set_media(job->set),
	};

	if (job->kind == WORKER_CLOCK) {
		result->canvas =
			slide_draw_clock(worker->renderer, &source, &job->view,
					 job->language, result->rect, &result->err);
		return;
	}
	result->canvas = job->canvas;
	job->canvas = NULL;
	if (!result->canvas)
		result->canvas = canvas_new(job->view.width, job->view.height,
					    (struct colour){0}, &result->err);
	if (result->canvas &&
	    !slide_draw_on(worker->renderer, &source, &job->view, job->slide_id,
			   result->canvas, &result->report, &result->err))
		result->canvas = canvas_free(result->canvas);
}

static void publish(struct worker *worker, const struct worker_result *result)
{
	uint64_t one = 1;

	pthread_mutex_lock(&worker->lock);
	if (worker->done[result->kind])
		canvas_free(worker->results[result->kind].canvas);
	worker->results[result->kind] = *result;
	worker->done[result->kind] = true;
	pthread_mutex_unlock(&worker->lock);
	while (write(worker->done_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

/* The first job by kind, once there is one; false when it is time to stop. */
static bool wait_for_job(struct worker *worker, struct worker_job *out)
{
	bool found = false;

	pthread_mutex_lock(&worker->lock);
	while (!worker->stopping && !found) {
		for (int kind = 0; kind < WORKER_KINDS && !found; kind++) {
			if (!worker->waiting[kind])
				continue;
			*out = worker->jobs[kind];
			worker->waiting[kind] = false;
			found = true;
		}
		if (!found)
			pthread_cond_wait(&worker->posted, &worker->lock);
	}
	pthread_mutex_unlock(&worker->lock);
	return found;
}

static void *run(void *argument)
{
	struct worker *worker = argument;
	struct worker_job job = {0};

	while (wait_for_job(worker, &job)) {
		struct worker_result result = {
			.kind = job.kind,
			.ticket = job.ticket,
			.view = job.view,
			.wall = job.wall,
		};

		draw(worker, &job, &result);
		job_done(&job);
		publish(worker, &result);
		/* Whoever waits has the slide; the next one is seconds away. */
		renderer_rest(worker->renderer);
	}
	return NULL;
}

struct worker *worker_new(struct renderer *renderer, const char *organisation,
			  unsigned plan_languages, struct err *err)
{
	struct worker *worker = calloc(1, sizeof(*worker));

	if (!worker) {
		err_set(err, ERR_NO_MEMORY, "worker: out of memory");
		return NULL;
	}
	worker->renderer = renderer;
	worker->organisation = organisation;
	worker->plan_languages = plan_languages;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->posted, NULL);
	worker->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->done_fd < 0) {
		err_set_errno(err, "worker: eventfd");
		return worker_free(worker);
	}
	if (pthread_create(&worker->thread, NULL, run, worker) != 0) {
		err_set(err, ERR_NO_MEMORY, "worker: no thread");
		return worker_free(worker);
	}
	worker->started = true;
	return worker;
}

struct worker *worker_free(struct worker *worker)
{
	if (!worker)
		return NULL;
	if (worker->started) {
		pthread_mutex_lock(&worker->lock);
		worker->stopping = true;
		pthread_cond_signal(&worker->posted);
		pthread_mutex_unlock(&worker->lock);
		pthread_join(worker->thread, NULL);
	}
	for (int kind = 0; kind < WORKER_KINDS; kind++) {
		if (worker->waiting[kind])
			job_done(&worker->jobs[kind]);
		if (worker->done[kind])
			canvas_free(worker->results[kind].canvas);
	}
	if (worker->done_fd >= 0)
		close(worker->done_fd);
	pthread_cond_destroy(&worker->posted);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
	return NULL;
}

int worker_fd(const struct worker *worker)
{
	return worker->done_fd;
}

void worker_post(struct worker *worker, const struct worker_job *job)
{
	pthread_mutex_lock(&worker->lock);
	if (worker->waiting[job->kind])
		job_done(&worker->jobs[job->kind]);
	worker->jobs[job->kind] = *job;
	worker->waiting[job->kind] = true;
	pthread_cond_signal(&worker->posted);
	pthread_mutex_unlock(&worker->lock);
}

bool worker_take(struct worker *worker, struct worker_result *out)
{
	bool found = false;
	uint64_t drained;

	pthread_mutex_lock(&worker->lock);
	for (int kind = 0; kind < WORKER_KINDS && !found; kind++) {
		if (!worker->done[kind])
			continue;
		*out = worker->results[kind];
		worker->results[kind] = (struct worker_result){0};
		worker->done[kind] = false;
		found = true;
	}
	if (!found)
		(void)!read(worker->done_fd, &drained, sizeof(drained));
	pthread_mutex_unlock(&worker->lock);
	return found;
}
