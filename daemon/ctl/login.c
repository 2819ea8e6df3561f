#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "ctl/ctl.h"
#include "os/file.h"
#include "os/terminal.h"
#include "wire/json.h"

#define PASSWORD_MAX 256
#define TOKEN_MAX    256

/* From --password-file FILE ("-": standard input), or asked for. */
static bool read_password(int argc, char **argv, char out[static PASSWORD_MAX],
			  struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};

	if (argc == 2)
		return terminal_read_secret("Password", out, PASSWORD_MAX, err);
	if (argc != 4 || strcmp(argv[2], "--password-file") != 0)
		return err_set(err, ERR_USAGE,
			       "usage: login NAME [--password-file FILE]");
	if (strcmp(argv[3], "-") == 0) {
		if (!fgets(out, PASSWORD_MAX, stdin))
			return err_set(err, ERR_INVALID, "no password on standard input");
	} else {
		if (!file_read(argv[3], PASSWORD_MAX - 1, &blob, err))
			return false;
		snprintf(out, PASSWORD_MAX, "%s", blob.bytes);
	}
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}

bool verb_login(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	char password[PASSWORD_MAX], path[PATH_MAX];
	struct json_doc *answer;
	struct json_node root;
	const char *token = NULL, *role = NULL;
	bool fine;

	if (argc < 2)
		return err_set(err, ERR_USAGE,
			       "usage: login NAME [--password-file FILE]");
	if (!read_password(argc, argv, password, err))
		return false;
	answer = ctl_call(ctl, "POST", "login",
			  json_pack("{s:s, s:s}", "name", argv[1], "password", password),
			  err);
	explicit_bzero(password, sizeof(password));
	fine = answer && json_root(answer, &root, err) &&
	       json_get_string(&root, "token", TOKEN_MAX - 1, &token, err) &&
	       json_get_string(&root, "role", 32, &role, err) &&
	       ctl_state_path(ctl, "token", path, err) &&
	       file_write_atomic(path, token, strlen(token), 0600, err);
	if (fine)
		printf("logged in as %s (%s)\n", argv[1], role);
	json_doc_free(answer);
	return fine;
}

bool verb_logout(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	char path[PATH_MAX];
	struct json_doc *answer;

	(void)argv;
	if (argc != 1)
		return err_set(err, ERR_USAGE, "usage: logout");
	answer = ctl_call(ctl, "POST", "logout", json_object(), err);
	json_doc_free(answer);
	/* The token goes in any case: a server that is gone must not keep it alive here. */
	if (ctl_state_path(ctl, "token", path, err))
		unlink(path);
	return answer != NULL;
}
