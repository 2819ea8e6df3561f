/* ekimaectl, the operator's command: what a person does with the city server and its keys. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "core/err.h"
#include "ctl/ctl.h"
#include "os/clock.h"
#include "sync/http.h"

static const char usage[] =
	"Usage: ekimaectl [OPTION…] VERB …\n"
	"\n"
	"  login NAME                     log in (asks for the password)\n"
	"  logout\n"
	"  notice add FILE.json           submit a notice, or a new revision of one\n"
	"  notice list | show ID | check FILE.json\n"
	"  publish ID…                    sign and publish notices\n"
	"  withdraw ID…                   take notices off every screen\n"
	"  emergency publish FILE.json…   take over the screens at once, with alarms\n"
	"  emergency withdraw ID… | --all | show | check FILE.json\n"
	"  emergency renew                sign what is on, or that nothing is, for longer\n"
	"  emergency keys DRAFT.json [--add KEY.pub] [--remove ID] [--threshold N]\n"
	"                                 other keys for alarms; then sign and send it\n"
	"  sign FILE | send FILE          where several must sign: see --prepare\n"
	"  plan check FILE | publish FILE check a plan; sign and publish it\n"
	"  plan result set N --fiscal-year YEAR --value V --source TEXT [--series NAME]\n"
	"         [--note TEXT]           enter or correct the result of a year\n"
	"  plan result withdraw N --fiscal-year YEAR --note TEXT [--series NAME]\n"
	"  plan result list [--fiscal-year YEAR] [--initiative N] [--history]\n"
	"         [--format table|csv|json]\n"
	"  plan result export [> FILE.csv] | import FILE.csv [--dry-run]\n"
	"  plan result publish            show, sign and publish what was entered, and this\n"
	"                                 year's count\n"
	"  screen add ID --place TEXT     expect a screen; prints its one-time code\n"
	"  screen list | show ID [--format table|json]\n"
	"                                 how the screens are, and what is alarming\n"
	"  screen snapshot ID [-o FILE.png] [--timeout SECONDS]\n"
	"                                 a small picture of what it shows now\n"
	"  screen revoke ID\n"
	"  screen accept-gap ID FIRST-LAST --why TEXT\n"
	"                                 give up plays that can never come any more\n"
	"  screen enrol --code CODE --state FOLDER [--root-copy FILE]\n"
	"                                 on the box: make its key and enrol it\n"
	"  staff add NAME --role author|approver|administrator | list\n"
	"  staff password [NAME]          one's own, or as an administrator somebody's\n"
	"  key show                       keys, thresholds and ends of the signed roles\n"
	"  key new FILE.pem               make a key\n"
	"  key rotate DRAFT.json [ROLE …] the next root, with other keys or just a later end\n"
	"  key sign DRAFT.json --key FILE.pem\n"
	"                                 sign it, on a machine that needs no network\n"
	"  key send DRAFT.json            put it in force\n"
	"  report --fiscal-year N [--by notice|screen|month|department]\n"
	"         [--format table|csv|json|html]\n"
	"                                 the count of a fiscal year (2026, R8 or 令和8)\n"
	"  doctor                         check server, signatures, keys and screens\n"
	"  tuf --metadata-dir DIR init ROOT.json | refresh | download\n"
	"                                 the TUF client by itself, for any repository; see\n"
	"                                 docs/trust.md\n"
	"\n"
	"Options, before or after the verb:\n"
	"  --config FILE       settings (default: ~/.config/ekimae/ctl.conf, then\n"
	"                      /etc/ekimae/ctl.conf)\n"
	"  --server URL        the city server\n"
	"  --root FILE         root.json that ekimae-city --init wrote\n"
	"  --targets-key FILE  key that signs what is published (may be repeated)\n"
	"  --emergency-key FILE\n"
	"                      key that signs alarms (may be repeated)\n"
	"  --prepare FILE      publish, withdraw, plan publish, emergency: write the\n"
	"                      publication for others to sign, instead of sending it\n"
	"  --state FOLDER      remembered metadata and token\n"
	"  --json              answer for programs\n"
	"  --yes               don't ask\n"
	"  --help, --version\n";

static const struct verb {
	const char *name;
	verb_fn *run;
} verbs[] = {
	{"login", verb_login},
	{"logout", verb_logout},
	{"notice", verb_notice},
	{"publish", verb_publish},
	{"withdraw", verb_withdraw},
	{"plan", verb_plan},
	{"screen", verb_screen},
	{"key", verb_key},
	{"report", verb_report},
	{"doctor", verb_doctor},
	{"tuf", verb_tuf},
	{"staff", verb_staff},
	{"sign", verb_sign},
	{"send", verb_send},
	{"emergency", verb_emergency},
};

struct options {
	const char *config, *server, *root, *state, *prepare;
	const char *targets_keys[CTL_SIGNERS_MAX];
	size_t targets_key_count;
	const char *emergency_keys[CTL_SIGNERS_MAX];
	size_t emergency_key_count;
	bool json, yes, help, version;
};

/*
 * Takes the global options out of @argv wherever they stand, and leaves the rest for the
 * verb. Sets the new @argc.
 */
static bool take_options(int *argc, char **argv, struct options *out, struct err *err)
{
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		struct {
			const char *name;
			const char **value;
		} valued[] = {
			{"--config", &out->config},
			{"--server", &out->server},
			{"--root", &out->root},
			{"--prepare", &out->prepare},
		};
		struct {
			const char *name;
			bool *value;
		} flags[] = {
			{"--json", &out->json},
			{"--yes", &out->yes},
			{"--help", &out->help},
			{"--version", &out->version},
		};
		const char **value = NULL;
		bool *flag = NULL;

		/* What follows "tuf" is that client's own, target names and all. */
		if (kept > 1 && strcmp(argv[1], "tuf") == 0) {
			argv[kept++] = argv[i];
			continue;
		}
		for (size_t k = 0; k < ARRAY_LEN(valued); k++)
			if (strcmp(argv[i], valued[k].name) == 0)
				value = valued[k].value;
		for (size_t k = 0; k < ARRAY_LEN(flags); k++)
			if (strcmp(argv[i], flags[k].name) == 0)
				flag = flags[k].value;
		if (strcmp(argv[i], "--targets-key") == 0) {
			if (out->targets_key_count == CTL_SIGNERS_MAX)
				return err_set(err, ERR_USAGE, "too many --targets-key");
			value = &out->targets_keys[out->targets_key_count++];
		}
		if (strcmp(argv[i], "--emergency-key") == 0) {
			if (out->emergency_key_count == CTL_SIGNERS_MAX)
				return err_set(err, ERR_USAGE,
					       "too many --emergency-key");
			value = &out->emergency_keys[out->emergency_key_count++];
		}
		/* "screen enrol --state" is the box's folder, and its own option. */
		if (strcmp(argv[i], "--state") == 0 &&
		    !(kept > 2 && strcmp(argv[1], "screen") == 0))
			value = &out->state;

		if (flag) {
			*flag = true;
		} else if (value) {
			if (++i == *argc)
				return err_set(err, ERR_USAGE, "%s needs a value",
					       argv[i - 1]);
			*value = argv[i];
		} else {
			argv[kept++] = argv[i];
		}
	}
	argv[kept] = NULL;
	*argc = kept;
	return true;
}

static bool apply_options(struct ctl *ctl, const struct options *options, struct err *err)
{
	struct {
		const char *value;
		char *out;
		size_t size;
	} texts[] = {
		{options->server, ctl->city_url, sizeof(ctl->city_url)},
		{options->root, ctl->root, sizeof(ctl->root)},
		{options->state, ctl->state, sizeof(ctl->state)},
	};
	size_t len;

	if (!ctl_settings_read(ctl, options->config, err))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (texts[i].value)
			snprintf(texts[i].out, texts[i].size, "%s", texts[i].value);
	if (options->targets_key_count > 0)
		ctl->targets_key_count = options->targets_key_count;
	for (size_t i = 0; i < options->targets_key_count; i++)
		snprintf(ctl->targets_keys[i], PATH_MAX, "%s", options->targets_keys[i]);
	if (options->emergency_key_count > 0)
		ctl->emergency_key_count = options->emergency_key_count;
	for (size_t i = 0; i < options->emergency_key_count; i++)
		snprintf(ctl->emergency_keys[i], PATH_MAX, "%s",
			 options->emergency_keys[i]);
	len = strlen(ctl->city_url);
	if (len > 0 && ctl->city_url[len - 1] == '/')
		ctl->city_url[len - 1] = '\0';
	ctl->json = options->json;
	ctl->prepare = options->prepare;
	ctl->yes = options->yes;
	ctl->now = clock_now();
	return true;
}

static bool run_verb(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			return verbs[i].run(ctl, argc - 1, argv + 1, err);
	return err_set(err, ERR_USAGE, "unknown verb \"%s\"; see ekimaectl --help",
		       argv[1]);
}

int main(int argc, char **argv)
{
	struct options options = {0};
	struct ctl ctl = {0};
	struct err err = {0};
	bool fine;

	fine = take_options(&argc, argv, &options, &err);
	if (fine && (options.help || options.version)) {
		fputs(options.help ? usage : "ekimaectl " EKIMAE_VERSION "\n", stdout);
		return EX_OK;
	}
	if (fine && argc < 2) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	fine = fine && apply_options(&ctl, &options, &err) &&
	       run_verb(&ctl, argc, argv, &err);
	http_free(ctl.http);
	if (!fine) {
		fprintf(stderr, "ekimaectl: %s\n", err.text);
		return ctl.failure ? ctl.failure : err_exit_code(err.code);
	}
	return fflush(stdout) == 0 ? EX_OK : EX_IOERR;
}
