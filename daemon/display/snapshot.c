#include "display/snapshot.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "os/log.h"
#include "render/canvas.h"
#include "render/slide.h"

struct snapshot {
	char before[PATH_MAX], after[PATH_MAX]; /* around the number */
	bool numbered;
	int number;
	pthread_t thread;
	bool started;

	pthread_mutex_t lock;
	pthread_cond_t posted;
	bool stopping;
	struct canvas *waiting;
	char slide_id[SLIDE_ID_MAX];
};

static void write_one(struct snapshot *snapshot, struct canvas *canvas,
		      const char *slide_id)
{
	char path[2 * PATH_MAX + 16];
	struct err err = {0};

	if (snapshot->numbered)
		snprintf(path, sizeof(path), "%s%d%s", snapshot->before,
			 ++snapshot->number, snapshot->after);
	else
		snprintf(path, sizeof(path), "%s", snapshot->before);
	if (canvas_save_png(canvas, path, &err))
		log_info("snapshot %s %s", path, slide_id);
	else
		log_warning("snapshot: %s", err.text);
	canvas_free(canvas);
}

static void *run(void *argument)
{
	struct snapshot *snapshot = argument;

	for (;;) {
		char slide_id[SLIDE_ID_MAX];
		struct canvas *canvas;

		pthread_mutex_lock(&snapshot->lock);
		while (!snapshot->stopping && !snapshot->waiting)
			pthread_cond_wait(&snapshot->posted, &snapshot->lock);
		canvas = snapshot->waiting;
		snapshot->waiting = NULL;
		memcpy(slide_id, snapshot->slide_id, sizeof(slide_id));
		pthread_mutex_unlock(&snapshot->lock);
		if (!canvas)
			return NULL;
		write_one(snapshot, canvas, slide_id);
	}
}

struct snapshot *snapshot_new(const char *path, struct err *err)
{
	struct snapshot *snapshot = calloc(1, sizeof(*snapshot));
	const char *number = strstr(path, "%d");

	if (!snapshot) {
		err_set(err, ERR_NO_MEMORY, "snapshot: out of memory");
		return NULL;
	}
	pthread_mutex_init(&snapshot->lock, NULL);
	pthread_cond_init(&snapshot->posted, NULL);
	if (strlen(path) >= PATH_MAX) {
		err_set(err, ERR_USAGE, "--snapshot: the path is too long");
		return snapshot_free(snapshot);
	}
	snapshot->numbered = number != NULL;
	snprintf(snapshot->before, PATH_MAX, "%.*s",
		 number ? (int)(number - path) : PATH_MAX, path);
	if (number)
		snprintf(snapshot->after, PATH_MAX, "%s", number + 2);
	if (pthread_create(&snapshot->thread, NULL, run, snapshot) != 0) {
		err_set(err, ERR_NO_MEMORY, "snapshot: no thread");
		return snapshot_free(snapshot);
	}
	snapshot->started = true;
	return snapshot;
}

struct snapshot *snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return NULL;
	if (snapshot->started) {
		pthread_mutex_lock(&snapshot->lock);
		snapshot->stopping = true;
		pthread_cond_signal(&snapshot->posted);
		pthread_mutex_unlock(&snapshot->lock);
		pthread_join(snapshot->thread, NULL);
	}
	canvas_free(snapshot->waiting);
	pthread_cond_destroy(&snapshot->posted);
	pthread_mutex_destroy(&snapshot->lock);
	free(snapshot);
	return NULL;
}

void snapshot_post(struct snapshot *snapshot, struct canvas *canvas, const char *slide_id)
{
	pthread_mutex_lock(&snapshot->lock);
	canvas_free(snapshot->waiting);
	snapshot->waiting = canvas;
	snprintf(snapshot->slide_id, sizeof(snapshot->slide_id), "%s", slide_id);
	pthread_cond_signal(&snapshot->posted);
	pthread_mutex_unlock(&snapshot->lock);
}
