/*
 * ekimae-display, the program behind a screen: verifies what lies in the inbox, decides what
 * plays next, draws it, records plays. It touches no network.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

#include "core/err.h"
#include "display/activation.h"
#include "display/director.h"
#include "display/identity.h"
#include "display/loop.h"
#include "display/observer.h"
#include "display/output.h"
#include "display/receiver.h"
#include "display/recorder.h"
#include "display/reporter.h"
#include "display/set.h"
#include "display/settings.h"
#include "display/snapshot.h"
#include "display/worker.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "render/slide.h"

static const char usage[] =
	"Usage: ekimae-display --config FILE [--windowed WxH] [--snapshot FILE.png]\n"
	"                      [--snapshot-every SECONDS] [--exit-after SECONDS] [--verbose]\n"
	"\n"
	"Shows the city's plan and its notices on this screen and records what was shown.\n"
	"\n"
	"  --config FILE             settings (see display.conf)\n"
	"  --windowed WxH            a window of this size instead of the whole panel\n"
	"  --snapshot FILE.png       write each slide as presented; %d becomes a number\n"
	"  --snapshot-every SECONDS  and again so often while it stands\n"
	"  --exit-after SECONDS      end by itself\n"
	"  --verbose                 log more\n"
	"  --check-config            read the settings, say what is wrong with them, and exit\n"
	"  --help, --version\n"
	"\n"
	"In a window: space or right for the next slide, f for the whole panel, q to end.\n";

#define SECONDS_MAX    1000000
#define MMAP_THRESHOLD (1 << 20)

struct options {
	const char *config, *windowed, *snapshot;
	int64_t snapshot_every_s, exit_after_s;
	bool check_config, verbose;
};

/* Everything that runs, in the order in which it is started. */
struct display {
	struct settings settings;
	int signal_fd;
	struct identity *identity;     /* NULL: not enrolled */
	struct recorder *recorder;     /* NULL: not enrolled */
	struct reporter *reporter;     /* NULL: not enrolled */
	struct activation *activation; /* the receiver's while it runs */
	struct renderer *renderer;     /* the worker's while it runs */
	struct output *output;
	struct worker *worker;
	struct director *director;
	struct observer *observer; /* NULL: not asked for */
	struct snapshot *snapshot; /* NULL: not asked for */
	struct receiver *receiver;
};

static bool parse_seconds(const char *name, const char *text, int64_t *out,
			  struct err *err)
{
	size_t digits = strspn(text, "0123456789");
	int64_t value = 0;

	for (size_t i = 0; i < digits && value <= SECONDS_MAX; i++)
		value = value * 10 + (text[i] - '0');
	if (digits == 0 || text[digits] != '\0' || value < 1 || value > SECONDS_MAX)
		return err_set(err, ERR_USAGE,
			       "--%s: expected seconds from 1 to %d, got \"%s\"", name,
			       SECONDS_MAX, text);
	*out = value;
	return true;
}

enum {
	OPTION_CONFIG = 1,
	OPTION_WINDOWED,
	OPTION_SNAPSHOT,
	OPTION_SNAPSHOT_EVERY,
	OPTION_EXIT_AFTER,
	OPTION_CHECK_CONFIG,
	OPTION_VERBOSE,
	OPTION_HELP,
	OPTION_VERSION
};

static bool take_option(int option, struct options *out, struct err *err)
{
	switch (option) {
	case OPTION_CONFIG:
		out->config = optarg;
		return true;
	case OPTION_WINDOWED:
		out->windowed = optarg;
		return true;
	case OPTION_SNAPSHOT:
		out->snapshot = optarg;
		return true;
	case OPTION_SNAPSHOT_EVERY:
		return parse_seconds("snapshot-every", optarg, &out->snapshot_every_s,
				     err);
	case OPTION_EXIT_AFTER:
		return parse_seconds("exit-after", optarg, &out->exit_after_s, err);
	case OPTION_CHECK_CONFIG:
		out->check_config = true;
		return true;
	case OPTION_VERBOSE:
		out->verbose = true;
		return true;
	default:
		return err_set(err, ERR_USAGE, "see --help");
	}
}

/* Whether to go on; else @*out_status is the exit status. */
static bool parse_options(int argc, char **argv, struct options *out, int *out_status)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, OPTION_CONFIG},
		{"windowed", required_argument, NULL, OPTION_WINDOWED},
		{"snapshot", required_argument, NULL, OPTION_SNAPSHOT},
		{"snapshot-every", required_argument, NULL, OPTION_SNAPSHOT_EVERY},
		{"exit-after", required_argument, NULL, OPTION_EXIT_AFTER},
		{"check-config", no_argument, NULL, OPTION_CHECK_CONFIG},
		{"verbose", no_argument, NULL, OPTION_VERBOSE},
		{"help", no_argument, NULL, OPTION_HELP},
		{"version", no_argument, NULL, OPTION_VERSION},
		{NULL, 0, NULL, 0},
	};
	struct err err = {0};
	int option;

	*out_status = EX_OK;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == OPTION_HELP) {
			fputs(usage, stdout);
			return false;
		}
		if (option == OPTION_VERSION) {
			puts("ekimae-display " EKIMAE_VERSION);
			return false;
		}
		if (!take_option(option, out, &err)) {
			fprintf(stderr, "ekimae-display: %s\n", err.text);
			*out_status = EX_USAGE;
			return false;
		}
	}
	if (out->config && optind == argc)
		return true;
	fputs(usage, stderr);
	*out_status = EX_USAGE;
	return false;
}

static bool read_settings(const struct options *options, struct settings *out,
			  struct err *err)
{
	if (!settings_read(options->config, out, err))
		return false;
	if (out->clock_vouched)
		clock_vouch();
	if (!options->windowed)
		return true;
	out->windowed = true;
	if (!settings_parse_size(options->windowed, &out->width, &out->height, err)) {
		err->code = ERR_USAGE;
		return err_prefix(err, "--windowed");
	}
	return true;
}

/* Before the first thread, which all inherit the mask: signals come through the loop. */
static bool catch_signals(struct display *display, struct err *err)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return err_set_errno(err, "signals");
	display->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return display->signal_fd >= 0 || err_set_errno(err, "signals");
}

/* Who this screen is, and the log of its plays. Without enrolment the plan is shown. */
static bool open_identity(struct display *display, struct err *err)
{
	const struct settings *settings = &display->settings;
	struct recorder_options options = {
		.state = settings->state,
		.outbox = settings->outbox,
		.seal_after.ms = settings->seal_after_s * 1000,
		.keep.ms = settings->keep_days * INT64_C(86400000),
		.max_bytes = settings->max_mb * 1000000,
	};

	display->identity = identity_new(settings->state, err);
	if (!display->identity) {
		if (err->code != ERR_NOT_FOUND)
			return false;
		log_warning("this box is not enrolled (%s): it shows the plan only and "
			    "records no plays; run ekimaectl screen enrol",
			    err->text);
		return true;
	}
	options.identity = display->identity;
	display->recorder = recorder_new(&options, err);
	return display->recorder != NULL;
}

/* Tells the city how this screen is. Nobody is told of one that is not enrolled. */
static bool open_reporter(struct display *display, struct err *err)
{
	const struct settings *settings = &display->settings;
	const struct reporter_options options = {
		.state = settings->state,
		.outbox = settings->outbox,
		.identity = display->identity,
		.recorder = display->recorder,
		.every.ms = settings->report_every_s * 1000,
	};

	if (!display->identity)
		return true;
	display->reporter = reporter_new(&options, err);
	return display->reporter != NULL;
}

/* What to show first: the last good set, and what the inbox has that is newer. */
static bool open_content(struct display *display, struct err *err)
{
	const struct settings *settings = &display->settings;
	struct err refused = {0};
	struct set *set;
	bool changed = false;

	display->activation =
		activation_new(settings->inbox, settings->state, settings->plan, err);
	if (!display->activation)
		return false;
	if (!activation_restore(display->activation, &refused))
		log_error("%s; the packaged plan is shown until a new set comes",
			  refused.text);
	set = activation_set(display->activation);
	/* What the receiver will say again, once, if it is still so then. */
	(void)!activation_check(display->activation,
				set_trusted_wall(set, clock_now().wall), &changed,
				&refused);
	set_unref(set);
	set = activation_set(display->activation);
	if (set_version(set) > 0)
		log_notice("programme %" PRId64 " is in effect", set_version(set));
	set_unref(set);
	return true;
}

/*
 * What libraries would look for and a screen has not: a table of compose keys, which takes
 * longer to read than a slide to draw, a session bus to start one, and OpenSSL's settings,
 * which are about connections and take 0.6 MB. Before the first thread, as the environment
 * has no lock; what the operator has set stays.
 */
static void spare_detours(void)
{
	if (!getenv("WAYLAND_DISPLAY")) /* there the library would complain */
		setenv("XCOMPOSEFILE", "/dev/null", 0);
	setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:", 0);
	setenv("OPENSSL_CONF", "/dev/null", 0);
}

static bool open_output(struct display *display, struct err *err)
{
	const struct settings *settings = &display->settings;
	struct output_options options = {
		.title = settings->place[0]  ? settings->place
			 : display->identity ? display->identity->place
					     : "ekimae",
		.driver = settings->driver,
		.render = (enum output_render)settings->render,
		.windowed = settings->windowed,
		.keys = settings->keys,
		.width = settings->width,
		.height = settings->height,
	};

	display->output = output_new(&options, err);
	if (!display->output)
		return false;
	log_info("%s: output %s", options.title, output_describe(display->output));
	return true;
}

static bool open_stage(struct display *display, struct err *err)
{
	const struct settings *settings = &display->settings;
	struct director_options options = {
		.screen_id = display->identity ? display->identity->id : "",
		.panel_height_mm = settings->panel_height_mm,
		.distance_m = settings->distance_m,
		.theme = (enum director_theme)settings->theme,
		.dwell.ms = (int64_t)(settings->dwell_s * 1000),
		.fade.ms = settings->fade_ms,
	};
	struct set *set;
	int width, height;
	bool used;

	display->renderer =
		renderer_new(settings->fonts[0] ? settings->fonts : NULL, err);
	if (!display->renderer)
		return false;
	display->worker =
		worker_new(display->renderer,
			   settings->organisation[0] ? settings->organisation : NULL,
			   settings->plan_languages, err);
	if (!display->worker)
		return false;
	display->director = director_new(&options, display->worker, err);
	if (!display->director)
		return false;
	output_size(display->output, &width, &height);
	director_resize(display->director, width, height);
	set = activation_set(display->activation);
	used = director_use(display->director, set, clock_now(), err);
	set_unref(set);
	return used;
}

static bool open_display(struct display *display, const struct options *options,
			 struct err *err)
{
	if (!catch_signals(display, err) || !open_identity(display, err) ||
	    !open_reporter(display, err) || !open_content(display, err) ||
	    !open_output(display, err) || !open_stage(display, err))
		return false;
	if (display->settings.observer[0]) {
		display->observer = observer_new(display->settings.observer, err);
		if (!display->observer)
			return false;
	}
	if (options->snapshot) {
		display->snapshot = snapshot_new(options->snapshot, err);
		if (!display->snapshot)
			return false;
	}
	display->receiver = receiver_new(display->activation, display->recorder,
					 display->reporter, display->settings.inbox, err);
	return display->receiver != NULL;
}

/* The reverse. Each may be missing. The recorder goes late: it has plays to write. */
static void close_display(struct display *display)
{
	receiver_free(display->receiver);
	snapshot_free(display->snapshot);
	observer_free(display->observer);
	director_free(display->director);
	worker_free(display->worker);
	renderer_free(display->renderer);
	output_free(display->output);
	activation_free(display->activation);
	reporter_free(display->reporter);
	recorder_free(display->recorder);
	identity_free(display->identity);
	if (display->signal_fd >= 0)
		close(display->signal_fd);
}

static bool run_display(struct display *display, const struct options *options,
			struct err *err)
{
	struct loop_options loop = {
		.director = display->director,
		.output = display->output,
		.worker = display->worker,
		.receiver = display->receiver,
		.recorder = display->recorder,
		.reporter = display->reporter,
		.observer = display->observer,
		.snapshot = display->snapshot,
		.snapshot_every.ms = options->snapshot_every_s * 1000,
		.exit_after.ms = options->exit_after_s * 1000,
		.signal_fd = display->signal_fd,
	};

	return loop_run(&loop, err);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct display display = {.signal_fd = -1};
	struct err err = {0};
	int status;
	bool fine;

	if (!parse_options(argc, argv, &options, &status))
		return status;
	log_open("ekimae-display", options.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!read_settings(&options, &display.settings, &err)) {
		log_error("%s", err.text);
		return err_exit_code(err.code);
	}
	if (options.check_config) {
		printf("%s: ok\n", options.config);
		return EX_OK;
	}

	spare_detours();
	/* A slide's megabytes go back to the system with the slide. */
	mallopt(M_MMAP_THRESHOLD, MMAP_THRESHOLD);
	/* Threads that hardly ever work at once need no heap each. */
	mallopt(M_ARENA_MAX, 1);
	fine = open_display(&display, &options, &err) &&
	       run_display(&display, &options, &err);
	close_display(&display);
	if (!fine) {
		log_error("%s", err.text);
		return err_exit_code(err.code);
	}
	return EX_OK;
}
