/* ekimae-city: the city server. See docs/protocol.md. */
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "city/city.h"
#include "city/init.h"
#include "city/listener.h"
#include "city/maintain.h"
#include "city/password.h"
#include "city/publisher.h"
#include "city/server.h"
#include "city/settings.h"
#include "core/err.h"
#include "os/clock.h"
#include "os/file.h"
#include "os/log.h"
#include "os/notify.h"
#include "os/terminal.h"

static const char usage[] =
	"Usage: ekimae-city --config FILE [--check-config] [--port-file FILE]\n"
	"       ekimae-city --init (--config FILE | --state DIR) --plan FILE\n"
	"                   --root-keys DIR --targets-key FILE\n"
	"                   [--targets-keys N] [--targets-threshold N]\n"
	"                   [--emergency-keys N] [--emergency-threshold N]\n"
	"                   [--administrator NAME] [--password-file FILE]\n"
	"       ekimae-city (--backup FILE | --verify) (--config FILE | --state DIR)\n"
	"\n"
	"  --config FILE         configuration (see config/city.conf)\n"
	"  --state DIR           the state folder, instead of [server].state\n"
	"  --check-config        check the configuration and end\n"
	"  --port-file FILE      write the port listened at, for listen = …:0\n"
	"  --init                make a new state: keys, database, first publication\n"
	"  --plan FILE           the plan to publish first\n"
	"  --root-keys DIR       where the keys of root and of alarms go, to be carried\n"
	"                        away\n"
	"  --targets-key FILE    where the key goes that signs what is published\n"
	"  --targets-keys N      make N such keys, FILE-1 … FILE-N (default 1)\n"
	"  --targets-threshold N how many of them must sign each publication (default 1)\n"
	"  --emergency-keys N    make N keys that sign alarms (default 1)\n"
	"  --emergency-threshold N\n"
	"                        how many of them must sign each alarm (default 1)\n"
	"  --administrator NAME  the first member of staff (administrator)\n"
	"  --password-file FILE  the password; - asks on the terminal, or reads a line;\n"
	"                        without it one is made up and printed once\n"
	"  --backup FILE         copy the database, also while the server runs\n"
	"  --verify              check every play, total, first play and audit row; 65\n"
	"                        when one was altered\n"
	"  --version, --help\n";

struct options {
	bool init, check_config, verify;
	const char *config, *state, *port_file, *password_file, *backup;
	/* Numbers as given. */
	const char *targets_keys, *targets_threshold;
	const char *emergency_keys, *emergency_threshold;
	struct init_options make;
};

enum {
	OPTION_INIT = 256,
	OPTION_CONFIG,
	OPTION_STATE,
	OPTION_CHECK,
	OPTION_PORT_FILE,
	OPTION_PLAN,
	OPTION_ROOT_KEYS,
	OPTION_TARGETS_KEY,
	OPTION_TARGETS_KEYS,
	OPTION_TARGETS_THRESHOLD,
	OPTION_EMERGENCY_KEYS,
	OPTION_EMERGENCY_THRESHOLD,
	OPTION_ADMINISTRATOR,
	OPTION_PASSWORD_FILE,
	OPTION_BACKUP,
	OPTION_VERIFY,
	OPTION_VERSION,
	OPTION_HELP,
};

static const struct option long_options[] = {
	{"init", no_argument, NULL, OPTION_INIT},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"state", required_argument, NULL, OPTION_STATE},
	{"check-config", no_argument, NULL, OPTION_CHECK},
	{"port-file", required_argument, NULL, OPTION_PORT_FILE},
	{"plan", required_argument, NULL, OPTION_PLAN},
	{"root-keys", required_argument, NULL, OPTION_ROOT_KEYS},
	{"targets-key", required_argument, NULL, OPTION_TARGETS_KEY},
	{"targets-keys", required_argument, NULL, OPTION_TARGETS_KEYS},
	{"targets-threshold", required_argument, NULL, OPTION_TARGETS_THRESHOLD},
	{"emergency-keys", required_argument, NULL, OPTION_EMERGENCY_KEYS},
	{"emergency-threshold", required_argument, NULL, OPTION_EMERGENCY_THRESHOLD},
	{"administrator", required_argument, NULL, OPTION_ADMINISTRATOR},
	{"password-file", required_argument, NULL, OPTION_PASSWORD_FILE},
	{"backup", required_argument, NULL, OPTION_BACKUP},
	{"verify", no_argument, NULL, OPTION_VERIFY},
	{"version", no_argument, NULL, OPTION_VERSION},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

/* The place of an option's argument; NULL for those without one. */
static const char **argument_of(struct options *options, int option)
{
	switch (option) {
	case OPTION_CONFIG:
		return &options->config;
	case OPTION_STATE:
		return &options->state;
	case OPTION_PORT_FILE:
		return &options->port_file;
	case OPTION_PLAN:
		return &options->make.plan;
	case OPTION_ROOT_KEYS:
		return &options->make.root_keys;
	case OPTION_TARGETS_KEY:
		return &options->make.targets_key;
	case OPTION_TARGETS_KEYS:
		return &options->targets_keys;
	case OPTION_TARGETS_THRESHOLD:
		return &options->targets_threshold;
	case OPTION_EMERGENCY_KEYS:
		return &options->emergency_keys;
	case OPTION_EMERGENCY_THRESHOLD:
		return &options->emergency_threshold;
	case OPTION_ADMINISTRATOR:
		return &options->make.administrator;
	case OPTION_PASSWORD_FILE:
		return &options->password_file;
	case OPTION_BACKUP:
		return &options->backup;
	default:
		return NULL;
	}
}

/* The exit status when there is nothing more to do, or -1. */
static int read_options(int argc, char **argv, struct options *options)
{
	int option;

	*options = (struct options){.make.administrator = "administrator"};
	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		const char **argument = argument_of(options, option);

		if (argument) {
			*argument = optarg;
		} else if (option == OPTION_INIT) {
			options->init = true;
		} else if (option == OPTION_CHECK) {
			options->check_config = true;
		} else if (option == OPTION_VERIFY) {
			options->verify = true;
		} else if (option == OPTION_VERSION) {
			puts("ekimae-city " EKIMAE_VERSION);
			return EXIT_SUCCESS;
		} else if (option == OPTION_HELP) {
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		} else {
			fputs(usage, stderr);
			return EX_USAGE;
		}
	}
	if (optind < argc ||
	    (!options->config && (options->check_config || !options->state))) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	return -1;
}

static int complain(const struct err *err)
{
	log_error("%s", err->text);
	return err_exit_code(err->code);
}

/* ---- --init ---- */

static bool read_password(const char *path, char *out, size_t size, struct err *err)
{
	char again[PASSWORD_MAX + 1];
	struct blob blob = {0};
	bool same;

	if (strcmp(path, "-") == 0 && terminal_is_interactive()) {
		if (!terminal_read_secret("Password of the administrator: ", out, size,
					  err) ||
		    !terminal_read_secret("Again: ", again, sizeof(again), err))
			return false;
		same = strcmp(out, again) == 0;
		explicit_bzero(again, sizeof(again));
		return same || err_set(err, ERR_USAGE, "the two passwords differ");
	}
	if (strcmp(path, "-") == 0) {
		if (!fgets(out, (int)size, stdin))
			return err_set(err, ERR_USAGE, "no password on standard input");
		out[strcspn(out, "\r\n")] = '\0';
		return true;
	}
	if (!file_read(path, size - 1, &blob, err))
		return false;
	memcpy(out, blob.bytes, blob.len + 1);
	out[strcspn(out, "\r\n")] = '\0';
	explicit_bzero(blob.bytes, blob.len);
	blob_free(&blob);
	return true;
}

/* How many keys sign what is published, and alarms; and how many of them are needed. */
static bool read_key_numbers(struct options *options, struct err *err)
{
	const struct {
		const char *text;
		int *out;
	} numbers[] = {
		{options->targets_keys, &options->make.targets_keys},
		{options->targets_threshold, &options->make.targets_threshold},
		{options->emergency_keys, &options->make.emergency_keys},
		{options->emergency_threshold, &options->make.emergency_threshold},
	};

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		const char *text = numbers[i].text ? numbers[i].text : "1";

		if (text[0] < '1' || text[0] > '9' || text[1] != '\0')
			return err_set(
				err, ERR_USAGE,
				"the numbers of keys and their thresholds are from "
				"1 to %d, not \"%s\"",
				INIT_TARGETS_KEYS_MAX, text);
		*numbers[i].out = text[0] - '0';
	}
	return true;
}

static void tell_made(const struct options *options, const char *state,
		      const char *password)
{
	const struct init_options *make = &options->make;

	printf("The state is in %s.\n"
	       "Administrator: %s\n",
	       state, make->administrator);
	if (!options->password_file)
		printf("Password:      %s   (it is not shown again)\n", password);
	printf("\n"
	       "Carry the root keys away from this machine, each to another safe place:\n"
	       "  %s/root-1.pem … root-%d.pem (%d of them can replace any key)\n"
	       "Move the key that signs what is published to the machine of the person\n"
	       "who publishes; this server does not need it and must not have it:\n"
	       "  %s",
	       make->root_keys, INIT_ROOT_KEYS, INIT_ROOT_THRESHOLD, make->targets_key);
	if (make->targets_keys > 1)
		printf(" (%d keys, -1 to -%d in their names: each to another person;\n"
		       "  %d of them sign each publication)",
		       make->targets_keys, make->targets_keys, make->targets_threshold);
	printf("\n"
	       "Alarms have %s of their own, for the machine that is at hand at all hours:\n"
	       "  %s/%s\n",
	       make->emergency_keys > 1 ? "keys" : "a key", make->root_keys,
	       make->emergency_keys > 1 ? "emergency-1.pem …" : "emergency.pem");
	if (make->emergency_keys > 1)
		printf("  (%d of these %d sign each alarm)\n", make->emergency_threshold,
		       make->emergency_keys);
	printf("Screens and ekimaectl start from this root of trust:\n"
	       "  %s/root.json\n",
	       make->root_keys);
}

static int run_init(struct options *options, const char *state)
{
	/* A byte more than a password may have, so that longer ones are told. */
	char password[PASSWORD_MAX + 8];
	struct err err;
	bool ok;

	if (!options->make.plan || !options->make.root_keys ||
	    !options->make.targets_key) {
		err_set(&err, ERR_USAGE,
			"--init needs --plan, --root-keys and --targets-key");
		return complain(&err);
	}
	if (!read_key_numbers(options, &err))
		return complain(&err);
	options->make.state = state;
	options->make.password = password;
	if (!options->password_file)
		password_make(password);
	else if (!read_password(options->password_file, password, sizeof(password), &err))
		return complain(&err);
	ok = init_state(&options->make, clock_now().wall, &err);
	if (ok)
		tell_made(options, state, password);
	explicit_bzero(password, sizeof(password));
	return ok ? EXIT_SUCCESS : complain(&err);
}

/* ---- --backup, --verify ---- */

static int run_backup(const struct city_settings *settings, const char *path)
{
	struct err err;

	if (!maintain_backup(settings, path, &err))
		return complain(&err);
	printf("%s: a copy of the database. Now copy keys, objects and repository.\n",
	       path);
	return EXIT_SUCCESS;
}

static void print_finding(void *context, const struct maintain_finding *finding)
{
	(void)context;
	if (finding->problem)
		printf("BAD  %s: %s\n", finding->what, finding->problem);
	else
		printf("ok   %s: %" PRId64 " rows\n", finding->what, finding->rows);
}

static int run_verify(const struct city_settings *settings)
{
	struct err err;

	if (maintain_verify(settings, print_finding, NULL, &err))
		return EXIT_SUCCESS;
	complain(&err);
	return err.code == ERR_UNTRUSTED ? EX_DATAERR : err_exit_code(err.code);
}

/* ---- Serving ---- */

/*
 * Sleeps until a signal asks us to end. The watchdog is fed only while the server's pulse
 * goes on: a server that hangs is to be started anew.
 */
static void wait_for_end(const struct server *server, const sigset_t *ends)
{
	struct span_ms interval = notify_watchdog_interval();
	const struct timespec pause = {.tv_sec = (time_t)(interval.ms / 1000),
				       .tv_nsec = interval.ms % 1000 * 1000000};
	uint64_t pulse = 0;

	if (interval.ms == 0) {
		while (sigwaitinfo(ends, NULL) < 0)
			continue;
		return;
	}
	while (sigtimedwait(ends, NULL, &pause) < 0) {
		if (server_pulse(server) == pulse)
			continue;
		pulse = server_pulse(server);
		notify_watchdog();
	}
}

static bool write_port(const char *path, uint16_t port, struct err *err)
{
	char text[16];

	if (!path)
		return true;
	snprintf(text, sizeof(text), "%u\n", (unsigned)port);
	return file_write_atomic(path, text, strlen(text), 0644, err);
}

/* Each connection is a descriptor; files, the database and the rest need some more. */
static void allow_connections(int64_t connections)
{
	rlim_t wanted = (rlim_t)connections + 100;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < wanted)
		log_warning("[server].connections is %" PRId64
			    ", but only so many files may be open: %" PRIu64,
			    connections, (uint64_t)limit.rlim_cur);
}

static int serve(const struct options *options, const struct city_settings *settings)
{
	struct city *city = NULL;
	struct server *server = NULL;
	int status = EXIT_SUCCESS;
	sigset_t ends;
	struct err err;

	/* Blocked before there are threads, so that only wait_for_end() gets them. */
	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);
	signal(SIGPIPE, SIG_IGN);
	allow_connections(settings->connections);

	city = city_open(settings, clock_now().wall, &err);
	if (city)
		server = server_start(city, &err);
	if (!server || !write_port(options->port_file, server_port(server), &err)) {
		status = complain(&err);
	} else {
		log_notice("serving %s at port %u, targets %" PRId64
			   ", timestamp %" PRId64,
			   settings->state, (unsigned)server_port(server),
			   publisher_targets_version(city->publisher),
			   publisher_timestamp_version(city->publisher));
		notify_ready("serving");
		wait_for_end(server, &ends);
		notify_stopping();
	}
	server_stop(server);
	city_close(city);
	return status;
}

int main(int argc, char **argv)
{
	struct city_settings settings = city_settings_default;
	struct options options;
	struct err err;
	int status = read_options(argc, argv, &options);

	if (status >= 0)
		return status;
	log_open("ekimae-city", LOG_LEVEL_INFO);
	if (options.config && !city_settings_read(options.config, &settings, &err))
		return complain(&err);
	if (options.state)
		snprintf(settings.state, sizeof(settings.state), "%s", options.state);
	if (!listener_check(settings.listen, &err))
		return complain(&err);
	log_open("ekimae-city", (enum log_level)settings.log_level);
	if (options.check_config) {
		printf("%s: ok\n", options.config);
		return EXIT_SUCCESS;
	}
	if (options.init)
		return run_init(&options, settings.state);
	if (options.backup)
		return run_backup(&settings, options.backup);
	if (options.verify)
		return run_verify(&settings);
	return serve(&options, &settings);
}
