/*
 * bench-watch: runs a program in a session of its own and measures it from outside, the
 * same way for every program: when its first picture is really on the X server, then what
 * its whole tree of processes uses.
 */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "bench/proc_tree.h"
#include "bench/stats.h"
#include "os/clock.h"

static const char usage[] =
	"Usage: bench-watch first COMMAND…\n"
	"         milliseconds until its first picture is on the X server; ends it\n"
	"       bench-watch use SETTLE_S SECONDS SERVER_PID COMMAND…\n"
	"         after SETTLE_S seconds, over SECONDS: CPU seconds per minute of its tree,\n"
	"         PSS median and largest (kB), wake-ups per second, processes, threads,\n"
	"         CPU seconds per minute of the X server\n"
	"       bench-watch wake SETTLE_S SECONDS COMMAND…\n"
	"         wake-ups per second, without a look at the X server\n";

#define FIRST_MAX_MS 30000
#define PSS_EVERY_S  2

/* A strip with more colours than this is no background, flat or striped, but letters. */
#define PICTURE_COLOURS 24

static int64_t now_us(void)
{
	int64_t us;

	clock_mono_us(&us);
	return us;
}

/* Whether the strip at @y of the whole screen shows a picture. */
static bool strip_has_picture(Display *display, int y)
{
	int width = DisplayWidth(display, DefaultScreen(display));
	XImage *strip = XGetImage(display, DefaultRootWindow(display), 0, y,
				  (unsigned)width, 1, AllPlanes, ZPixmap);
	unsigned long seen[PICTURE_COLOURS];
	size_t count = 0;

	if (!strip)
		return false;
	for (int x = 0; x < width && count < PICTURE_COLOURS; x++) {
		unsigned long pixel = XGetPixel(strip, x, 0);
		size_t i = 0;

		while (i < count && seen[i] != pixel)
			i++;
		if (i == count)
			seen[count++] = pixel;
	}
	XDestroyImage(strip);
	return count == PICTURE_COLOURS;
}

static pid_t start(char **command)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	setsid();
	/* Its own words are of no interest; what it shows is looked at. */
	if (!getenv("BENCH_VERBOSE") &&
	    (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr)))
		_exit(EX_OSERR);
	execvp(command[0], command);
	_exit(127);
}

static void sleep_s(int seconds)
{
	int64_t until = now_us() + (int64_t)seconds * 1000000;

	for (int64_t left = until - now_us(); left > 0; left = until - now_us())
		poll(NULL, 0, (int)(left / 1000) + 1);
}

static int first(char **command)
{
	Display *display = XOpenDisplay(NULL);
	int64_t began, us = -1;
	int height;
	pid_t pid;

	if (!display) {
		fputs("bench-watch: no X server\n", stderr);
		return EX_UNAVAILABLE;
	}
	height = DisplayHeight(display, DefaultScreen(display));
	began = now_us();
	pid = start(command);
	/* Every millisecond, a few strips in turn, where headings and figures stand. */
	for (int step = 0; us < 0 && now_us() - began < FIRST_MAX_MS * 1000; step++) {
		int y = height / 8 + step % 6 * height / 8;

		if (strip_has_picture(display, y))
			us = now_us() - began;
		else
			poll(NULL, 0, 1);
	}
	proc_tree_end(pid);
	XCloseDisplay(display);
	if (us < 0) {
		fprintf(stderr, "bench-watch: %s showed nothing\n", command[0]);
		return EX_SOFTWARE;
	}
	printf("%.1f\n", (double)us / 1000);
	return EX_OK;
}

static bool is_gone(const struct proc_use *use, char **command)
{
	if (use->processes > 0 && use->threads > 0)
		return false;
	fprintf(stderr, "bench-watch: %s ended by itself\n", command[0]);
	return true;
}

static int use(int settle_s, int seconds, pid_t server, char **command)
{
	pid_t pid = start(command);
	struct samples pss = {0};
	struct proc_use before, after;
	double server_before, minutes;
	int64_t began;

	sleep_s(settle_s);
	server_before = proc_cpu_s(server);
	before = proc_tree_use(pid);
	began = now_us();
	for (int second = 0; second + PSS_EVERY_S <= seconds; second += PSS_EVERY_S) {
		sleep_s(PSS_EVERY_S);
		samples_add(&pss, proc_tree_pss(pid));
	}
	after = proc_tree_use(pid);
	minutes = (double)(now_us() - began) / 60e6;
	if (is_gone(&after, command))
		return EX_SOFTWARE;
	printf("%.3f %" PRId64 " %" PRId64 " %.2f %d %d %.3f\n",
	       (after.cpu_s - before.cpu_s) / minutes, samples_at(&pss, 0.5),
	       samples_at(&pss, 1),
	       (double)(after.switches - before.switches) / minutes / 60, after.processes,
	       after.threads, (proc_cpu_s(server) - server_before) / minutes);
	samples_free(&pss);
	proc_tree_end(pid);
	return EX_OK;
}

static int wake(int settle_s, int seconds, char **command)
{
	pid_t pid = start(command);
	struct proc_use before, after;

	sleep_s(settle_s);
	before = proc_tree_use(pid);
	printf("%.3f ", (double)now_us() / 1e6);
	sleep_s(seconds);
	after = proc_tree_use(pid);
	if (is_gone(&after, command))
		return EX_SOFTWARE;
	printf("%.3f %.2f\n", (double)now_us() / 1e6,
	       (double)(after.switches - before.switches) / seconds);
	proc_tree_end(pid);
	return EX_OK;
}

static int number_of(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);

	if (*end == '\0' && number >= 0 && number < 100000000)
		return (int)number;
	fprintf(stderr, "bench-watch: \"%s\" is no number\n%s", text, usage);
	exit(EX_USAGE);
}

int main(int argc, char **argv)
{
	if (argc > 2 && strcmp(argv[1], "first") == 0)
		return first(argv + 2);
	if (argc > 5 && strcmp(argv[1], "use") == 0)
		return use(number_of(argv[2]), number_of(argv[3]), number_of(argv[4]),
			   argv + 5);
	if (argc > 4 && strcmp(argv[1], "wake") == 0)
		return wake(number_of(argv[2]), number_of(argv[3]), argv + 4);
	fputs(usage, stderr);
	return EX_USAGE;
}
