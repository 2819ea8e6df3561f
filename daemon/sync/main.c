/*
 * ekimae-sync, the courier: carries signed content to the display and signed plays to the
 * city. It decides nothing and is trusted with nothing: at worst it withholds.
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "core/err.h"
#include "os/log.h"
#include "sync/courier.h"

static const char usage[] =
	"Usage: ekimae-sync --config FILE [--check-config] [--once] [--verbose]\n"
	"\n"
	"Waits for news from the city server, downloads signed content into the inbox of\n"
	"ekimae-display, and uploads the plays that it recorded.\n"
	"\n"
	"  --config FILE    settings (see sync.conf)\n"
	"  --check-config   read the settings, say what is wrong with them, and exit\n"
	"  --once           refresh and upload once, and exit\n"
	"  --verbose        log every upload\n"
	"  --help, --version\n";

struct options {
	const char *config;
	bool check_config, once, verbose;
};

static struct courier *running; /* for the signal handler */

static void on_signal(int number)
{
	(void)number;
	courier_stop(running);
}

/* Whether to go on; else @*out_status is the exit status. */
static bool parse_options(int argc, char **argv, struct options *out, int *out_status)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"check-config", no_argument, NULL, 'k'},
		{"once", no_argument, NULL, 'o'},
		{"verbose", no_argument, NULL, 'v'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int option;

	*out_status = EX_OK;
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (option == 'c') {
			out->config = optarg;
		} else if (option == 'k') {
			out->check_config = true;
		} else if (option == 'o') {
			out->once = true;
		} else if (option == 'v') {
			out->verbose = true;
		} else if (option == 'h') {
			fputs(usage, stdout);
			return false;
		} else if (option == 'V') {
			puts("ekimae-sync " EKIMAE_VERSION);
			return false;
		} else {
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

static void catch_signals(struct courier *courier)
{
	struct sigaction action = {.sa_handler = on_signal};

	running = courier;
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGINT, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct courier_settings settings;
	struct courier *courier;
	struct err err = {0};
	int status;

	if (!parse_options(argc, argv, &options, &status))
		return status;
	log_open("ekimae-sync", options.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!courier_settings_read(options.config, &settings, &err)) {
		log_error("%s", err.text);
		return err_exit_code(err.code);
	}
	if (options.check_config) {
		printf("%s: ok\n", options.config);
		return EX_OK;
	}

	courier = courier_new(&settings, &err);
	if (!courier) {
		log_error("%s", err.text);
		return err_exit_code(err.code);
	}
	catch_signals(courier);
	if (!(options.once ? courier_run_once(courier, &err)
			   : courier_run(courier, &err))) {
		log_error("%s", err.text);
		status = err_exit_code(err.code);
	}
	courier_free(courier);
	return status;
}
