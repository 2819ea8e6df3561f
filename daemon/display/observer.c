#include "display/observer.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/err.h"
#include "core/notice.h"
#include "display/show.h"
#include "os/clock.h"
#include "os/log.h"

struct observer {
	int fd;
	bool telling;           /* handing, not handed yet */
	const struct show *now; /* compared, never looked into */
};

static PRINTF_LIKE(2, 3) bool tell(const struct observer *observer, const char *format,
				   ...)
{
	char line[512];
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	return len > 0 && len < (int)sizeof(line) &&
	       write(observer->fd, line, (size_t)len) == len;
}

struct observer *observer_new(const char *path, struct err *err)
{
	struct observer *observer = calloc(1, sizeof(*observer));
	char boot_id[PLAY_BOOT_ID_SIZE];

	if (!observer) {
		err_set(err, ERR_NO_MEMORY, "observer: out of memory");
		return NULL;
	}
	observer->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (observer->fd < 0) {
		err_set_errno(err, "%s", path);
		return observer_free(observer);
	}
	if (!clock_boot_id(boot_id, err))
		return observer_free(observer);
	if (!tell(observer, "start %s %" PRId64 "\n", boot_id, clock_mono().ms)) {
		err_set_errno(err, "%s", path);
		return observer_free(observer);
	}
	return observer;
}

struct observer *observer_free(struct observer *observer)
{
	if (!observer)
		return NULL;
	if (observer->fd >= 0)
		close(observer->fd);
	free(observer);
	return NULL;
}

void observer_handing(struct observer *observer, const struct show *show)
{
	const struct notice *notice;
	bool told;

	if (!observer || show == observer->now)
		return;
	observer->now = show;
	observer->telling = true;
	if (!show) {
		told = tell(observer, "handing %" PRId64 " -\n", clock_mono().ms);
	} else {
		notice = show_notice(show);
		told = tell(
			observer, "handing %" PRId64 " %s %" PRId64 " %" PRId64 " %d\n",
			clock_mono().ms, show->slide_id, notice ? notice->revision : 0,
			show->planned.ms, show->urgent);
	}
	if (!told)
		log_error("observer: what is presented can't be written down");
}

void observer_handed(struct observer *observer)
{
	if (!observer || !observer->telling)
		return;
	observer->telling = false;
	if (!tell(observer, "handed %" PRId64 "\n", clock_mono().ms))
		log_error("observer: what was presented can't be written down");
}
