#include "city/worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct job *first, **last; /* @last: where the next one is linked in */
	size_t count, max;
	bool stopping, joined;
};

static void *work(void *context)
{
	struct worker *worker = context;

	pthread_mutex_lock(&worker->lock);
	for (;;) {
		struct job *job = worker->first;

		if (job) {
			worker->first = job->next;
			if (!worker->first)
				worker->last = &worker->first;
			worker->count--;
			pthread_mutex_unlock(&worker->lock);
			job->run(job->context);
			pthread_mutex_lock(&worker->lock);
		} else if (worker->stopping) {
			break;
		} else {
			pthread_cond_wait(&worker->changed, &worker->lock);
		}
	}
	pthread_mutex_unlock(&worker->lock);
	return NULL;
}

struct worker *worker_new(size_t queue_max, struct err *err)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	int number;

	if (!worker) {
		err_set(err, ERR_NO_MEMORY, "out of memory");
		return NULL;
	}
	worker->max = queue_max;
	worker->last = &worker->first;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->changed, NULL);
	number = pthread_create(&worker->thread, NULL, work, worker);
	if (number != 0) {
		err_set(err, ERR_IO, "starting a thread: %s", strerror(number));
		worker->joined = true;
		return worker_free(worker);
	}
	return worker;
}

bool worker_add(struct worker *worker, struct job *job)
{
	bool taken;

	pthread_mutex_lock(&worker->lock);
	taken = !worker->stopping && worker->count < worker->max;
	if (taken) {
		job->next = NULL;
		*worker->last = job;
		worker->last = &job->next;
		worker->count++;
		pthread_cond_signal(&worker->changed);
	}
	pthread_mutex_unlock(&worker->lock);
	return taken;
}

void worker_stop(struct worker *worker)
{
	if (!worker || worker->joined)
		return;
	pthread_mutex_lock(&worker->lock);
	worker->stopping = true;
	pthread_cond_signal(&worker->changed);
	pthread_mutex_unlock(&worker->lock);
	pthread_join(worker->thread, NULL);
	worker->joined = true;
}

struct worker *worker_free(struct worker *worker)
{
	if (!worker)
		return NULL;
	worker_stop(worker);
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
	return NULL;
}
