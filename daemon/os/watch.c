#include "os/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "core/err.h"

struct watch {
	int fd;
};

struct watch *watch_new(const char *directory, struct err *err)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch) {
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", directory);
		return NULL;
	}
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (watch->fd < 0) {
		err_set_errno(err, "%s: inotify", directory);
		goto fail;
	}
	if (inotify_add_watch(watch->fd, directory,
			      IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0) {
		if (errno == ENOENT || errno == ENOTDIR)
			err_set(err, ERR_NOT_FOUND, "%s: %s", directory, strerror(errno));
		else
			err_set_errno(err, "%s: watch", directory);
		goto fail;
	}
	return watch;
fail:
	return watch_free(watch);
}

struct watch *watch_free(struct watch *watch)
{
	if (!watch)
		return NULL;
	if (watch->fd >= 0)
		close(watch->fd);
	free(watch);
	return NULL;
}

int watch_fd(const struct watch *watch)
{
	return watch->fd;
}

static bool is_news(const struct inotify_event *event, const char *name)
{
	/* Events were lost, or the directory itself is gone: better look. */
	if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED))
		return true;
	return !name || (event->len > 0 && strcmp(event->name, name) == 0);
}

bool watch_drain(struct watch *watch, const char *name)
{
	alignas(struct inotify_event) char
		events[16 * (sizeof(struct inotify_event) + NAME_MAX + 1)];
	bool news = false;

	for (;;) {
		ssize_t len = read(watch->fd, events, sizeof(events));
		ssize_t at = 0;

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return news;
		while (at < len) {
			/* The kernel pads each event so that the next one is aligned. */
			const struct inotify_event *event =
				(const struct inotify_event *)(const void *)(events + at);

			news = is_news(event, name) || news;
			at += (ssize_t)(sizeof(*event) + event->len);
		}
	}
}
