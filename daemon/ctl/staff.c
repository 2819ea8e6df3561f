#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "ctl/ctl.h"
#include "os/file.h"
#include "os/terminal.h"
#include "sync/http.h"
#include "wire/json.h"

#define PASSWORD_MAX     256
#define STAFF_NAME_CHARS 64
#define STAFF_MAX        1000
#define COLUMNS          3

static const char usage[] = "usage: staff add NAME --role author|approver|administrator "
			    "[--password-file FILE]\n"
			    "       staff list\n"
			    "       staff password [NAME] [--password-file FILE]";

/* The first line of @path ("-": standard input). */
static bool read_line(const char *path, char out[static PASSWORD_MAX], struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};

	if (strcmp(path, "-") == 0) {
		if (!fgets(out, PASSWORD_MAX, stdin))
			return err_set(err, ERR_INVALID, "no password on standard input");
	} else {
		if (!file_read(path, PASSWORD_MAX - 1, &blob, err))
			return false;
		snprintf(out, PASSWORD_MAX, "%s", blob.bytes);
		explicit_bzero(blob.bytes, blob.len);
	}
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}

struct arguments {
	const char *name, *role, *password_file;
};

static bool read_arguments(int argc, char **argv, struct arguments *out, struct err *err)
{
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--role") == 0 && i + 1 < argc)
			out->role = argv[++i];
		else if (strcmp(argv[i], "--password-file") == 0 && i + 1 < argc)
			out->password_file = argv[++i];
		else if (!out->name && argv[i][0] != '-')
			out->name = argv[i];
		else
			return err_set(err, ERR_USAGE, "%s", usage);
	}
	return true;
}

/* Sends @body, and prints the password that the server made up, if it did. */
static bool send_and_tell(struct ctl *ctl, const char *path, TAKES json_t *body,
			  const char *done, const char *name, struct err *err)
{
	struct json_doc *answer = ctl_call(ctl, "POST", path, body, err);
	const char *password = NULL;
	struct json_node root;
	bool fine = answer && json_root(answer, &root, err) &&
		    (!json_has(&root, "password") ||
		     json_get_string(&root, "password", PASSWORD_MAX, &password, err));

	if (fine)
		printf("%s %s\n", done, name);
	if (fine && password)
		printf("password: %s   (it is not shown again)\n", password);
	json_doc_free(answer);
	return fine;
}

static bool add_password(json_t *body, const char *key, const char *password,
			 struct err *err)
{
	return json_object_set_new(body, key, json_string(password)) == 0 ||
	       err_set(err, ERR_INVALID, "the password is not UTF-8");
}

/*
 * Adds the password of --password-file, if there is one; else the server makes one up.
 * @body may be NULL, when it could not be made; it is released on failure.
 */
static bool add_given_password(json_t *body, const struct arguments *arguments,
			       struct err *err)
{
	char password[PASSWORD_MAX] = "";
	bool fine = body || err_set(err, ERR_INVALID, "the name is not UTF-8");

	if (fine && arguments->password_file)
		fine = read_line(arguments->password_file, password, err) &&
		       add_password(body, "password", password, err);
	explicit_bzero(password, sizeof(password));
	if (!fine)
		json_decref(body);
	return fine;
}

static bool add(struct ctl *ctl, const struct arguments *arguments, struct err *err)
{
	json_t *body;

	if (!arguments->name || !arguments->role)
		return err_set(err, ERR_USAGE, "%s", usage);
	body = json_pack("{s:s, s:s}", "name", arguments->name, "role", arguments->role);
	return add_given_password(body, arguments, err) &&
	       send_and_tell(ctl, "staff", body, "added", arguments->name, err);
}

static bool ask_new(char out[static PASSWORD_MAX], struct err *err)
{
	char again[PASSWORD_MAX];
	bool same;

	if (!terminal_read_secret("New password", out, PASSWORD_MAX, err) ||
	    !terminal_read_secret("Again", again, sizeof(again), err))
		return false;
	same = strcmp(out, again) == 0;
	explicit_bzero(again, sizeof(again));
	return same || err_set(err, ERR_USAGE, "the two passwords differ");
}

/* One's own: the old one is asked for, or is the first line of standard input. */
static bool own_password(struct ctl *ctl, const struct arguments *arguments,
			 struct err *err)
{
	char old[PASSWORD_MAX], password[PASSWORD_MAX];
	json_t *body;
	bool fine;

	fine = terminal_is_interactive()
		       ? terminal_read_secret("Present password", old, sizeof(old), err)
		       : read_line("-", old, err);
	if (!fine || !(arguments->password_file
			       ? read_line(arguments->password_file, password, err)
			       : ask_new(password, err)))
		return false;
	body = json_object();
	fine = add_password(body, "old", old, err) &&
	       add_password(body, "password", password, err);
	explicit_bzero(old, sizeof(old));
	explicit_bzero(password, sizeof(password));
	if (!fine) {
		json_decref(body);
		return false;
	}
	return send_and_tell(ctl, "staff/password", body,
			     "the password is changed; log in again", "", err);
}

static bool their_password(struct ctl *ctl, const struct arguments *arguments,
			   struct err *err)
{
	json_t *body = json_pack("{s:s}", "name", arguments->name);

	return add_given_password(body, arguments, err) &&
	       send_and_tell(ctl, "staff/password", body, "a new password for",
			     arguments->name, err);
}

static bool print_list(const struct json_node *items, size_t count, struct err *err)
{
	const char **cells = calloc((count + 1) * COLUMNS, sizeof(*cells));
	bool fine = cells || err_set(err, ERR_NO_MEMORY, "out of memory");

	if (fine) {
		cells[0] = "NAME";
		cells[1] = "ROLE";
		cells[2] = "LOCKED";
	}
	for (size_t i = 0; fine && i < count; i++) {
		const char **row = cells + (i + 1) * COLUMNS;
		struct json_node item;
		bool locked = false;

		fine = json_item_object(items, i, &item, err) &&
		       json_get_string(&item, "name", STAFF_NAME_CHARS, &row[0], err) &&
		       json_get_string(&item, "role", 32, &row[1], err) &&
		       json_get_bool(&item, "locked", &locked, err);
		row[2] = locked ? "yes" : "no";
	}
	if (fine)
		ctl_print_table(cells, count + 1, COLUMNS);
	free(cells);
	return fine;
}

static bool list(struct ctl *ctl, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	struct json_doc *doc;
	struct json_node root, items;
	size_t count = 0;
	bool fine;

	if (!ctl_send(ctl, "GET", "staff", NULL, 0, &response, err))
		return false;
	if (ctl->json) {
		puts(response.body);
		return true;
	}
	doc = json_parse("staff", response.body, response.body_len, CTL_ANSWER_MAX, err);
	fine = doc && json_root(doc, &root, err) &&
	       json_get_array(&root, "staff", STAFF_MAX, &items, &count, err) &&
	       print_list(&items, count, err);
	json_doc_free(doc);
	return fine;
}

bool verb_staff(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	struct arguments arguments = {0};

	if (argc < 2 || !read_arguments(argc, argv, &arguments, err))
		return err_set(err, ERR_USAGE, "%s", usage);
	if (strcmp(argv[1], "add") == 0)
		return add(ctl, &arguments, err);
	if (strcmp(argv[1], "list") == 0 && argc == 2)
		return list(ctl, err);
	if (strcmp(argv[1], "password") == 0 && !arguments.role)
		return arguments.name ? their_password(ctl, &arguments, err)
				      : own_password(ctl, &arguments, err);
	return err_set(err, ERR_USAGE, "%s", usage);
}
