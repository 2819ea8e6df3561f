#include "ctl/ctl.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "os/config.h"
#include "os/file.h"
#include "os/terminal.h"
#include "sync/http.h"
#include "wire/digest.h"
#include "wire/json.h"

#define TOKEN_MAX 256

/* $@variable/ekimae/@name, or $HOME/@otherwise/ekimae/@name. "" when neither is set. */
static void personal_path(const char *variable, const char *otherwise, const char *name,
			  char out[static PATH_MAX])
{
	const char *base = getenv(variable);
	const char *home = getenv("HOME");
	int len = 0;

	if (base && base[0] == '/')
		len = snprintf(out, PATH_MAX, "%s/ekimae/%s", base, name);
	else if (home && home[0] == '/')
		len = snprintf(out, PATH_MAX, "%s/%s/ekimae/%s", home, otherwise, name);
	if (len <= 0 || len >= PATH_MAX)
		out[0] = '\0';
}

bool ctl_settings_read(struct ctl *ctl, const char *path, struct err *err)
{
	char found[PATH_MAX];
	const struct config_key keys[] = {
		{"city", "url", CONFIG_STRING, ctl->city_url, sizeof(ctl->city_url), 1, 0,
		 "a URL", NULL, false},
		{"city", "ca_file", CONFIG_PATH, ctl->ca_file, sizeof(ctl->ca_file), 0, 0,
		 "a PEM file", NULL, false},
		{"city", "root", CONFIG_PATH, ctl->root, sizeof(ctl->root), 0, 0,
		 "a file", NULL, false},
		{"keys", "targets", CONFIG_PATH, ctl->targets_keys[0], PATH_MAX, 0, 0,
		 "a PEM file", NULL, false},
		{"keys", "targets_second", CONFIG_PATH, ctl->targets_keys[1], PATH_MAX, 0,
		 0, "a PEM file", NULL, false},
		{"keys", "emergency", CONFIG_PATH, ctl->emergency_keys[0], PATH_MAX, 0, 0,
		 "a PEM file", NULL, false},
		{"keys", "emergency_second", CONFIG_PATH, ctl->emergency_keys[1],
		 PATH_MAX, 0, 0, "a PEM file", NULL, false},
		{"state", "folder", CONFIG_PATH, ctl->state, sizeof(ctl->state), 0, 0,
		 "a folder", NULL, false},
	};

	if (!path) {
		personal_path("XDG_CONFIG_HOME", ".config", "ctl.conf", found);
		path = file_exists(found)                    ? found
		       : file_exists("/etc/ekimae/ctl.conf") ? "/etc/ekimae/ctl.conf"
							     : NULL;
	}
	if (path && !config_read(path, keys, ARRAY_LEN(keys), err))
		return false;
	while (ctl->targets_key_count < 2 &&
	       ctl->targets_keys[ctl->targets_key_count][0] != '\0')
		ctl->targets_key_count++;
	while (ctl->emergency_key_count < 2 &&
	       ctl->emergency_keys[ctl->emergency_key_count][0] != '\0')
		ctl->emergency_key_count++;
	if (ctl->state[0] == '\0')
		personal_path("XDG_STATE_HOME", ".local/state", "ctl", ctl->state);
	return true;
}

bool ctl_state_path(const struct ctl *ctl, const char *name, char out[static PATH_MAX],
		    struct err *err)
{
	if (ctl->state[0] == '\0')
		return err_set(
			err, ERR_CONFIG,
			"no state folder: set [state].folder in ctl.conf, or HOME");
	return dir_make(ctl->state, 0700, err) &&
	       path_join(out, PATH_MAX, ctl->state, name, err);
}

/* The saved token; "" when nobody is logged in. EKIMAE_TOKEN stands above the file. */
static bool read_token(const struct ctl *ctl, char out[static TOKEN_MAX], struct err *err)
{
	CLEANUP(blob_free) struct blob blob = {0};
	const char *environment = getenv("EKIMAE_TOKEN");
	char path[PATH_MAX];

	out[0] = '\0';
	if (environment) {
		snprintf(out, TOKEN_MAX, "%s", environment);
		return true;
	}
	if (!ctl_state_path(ctl, "token", path, err))
		return false;
	if (!file_exists(path))
		return true;
	if (!file_read(path, TOKEN_MAX - 1, &blob, err))
		return false;
	snprintf(out, TOKEN_MAX, "%.*s", (int)strcspn(blob.bytes, "\n"), blob.bytes);
	return true;
}

static bool connect_once(struct ctl *ctl, struct err *err)
{
	const struct http_options options = {.ca_file = ctl->ca_file};

	if (ctl->city_url[0] == '\0')
		return err_set(
			err, ERR_CONFIG,
			"no city server: set [city].url in ctl.conf, or use --server");
	if (!ctl->http)
		ctl->http = http_new(&options, err);
	return ctl->http != NULL;
}

bool ctl_send(struct ctl *ctl, const char *method, const char *path, const void *body,
	      size_t body_len, struct http_response *out, struct err *err)
{
	char url[CTL_URL_MAX + 400], token[TOKEN_MAX];
	struct http_request request = {
		.method = method,
		.url = url,
		.body = body,
		.body_len = body_len,
		.content_type = body ? "application/json" : NULL,
		.max_bytes = CTL_ANSWER_MAX,
	};

	if (!connect_once(ctl, err) || !read_token(ctl, token, err))
		return false;
	if (snprintf(url, sizeof(url), "%s/api/v1/%s", ctl->city_url, path) >=
	    (int)sizeof(url))
		return err_set(err, ERR_INVALID, "%s: the URL is too long", path);
	if (token[0])
		request.bearer = token;
	if (!http_send(ctl->http, &request, out, err))
		return false;
	if (out->status >= 200 && out->status < 300)
		return true;
	http_fail(&request, out, err);
	if (out->status == 401)
		err_prefix(err, "log in with \"ekimaectl login NAME\"");
	http_response_done(out);
	return false;
}

bool ctl_put_object(struct ctl *ctl, const void *bytes, size_t len, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char hex[SHA256_HEX_SIZE], url[SHA256_HEX_SIZE + 16];
	uint8_t hash[SHA256_SIZE];

	sha256(bytes, len, hash);
	hex_encode(hash, SHA256_SIZE, hex);
	snprintf(url, sizeof(url), "objects/%s", hex);
	return ctl_send(ctl, "PUT", url, bytes, len, &response, err);
}

struct json_doc *ctl_call(struct ctl *ctl, const char *method, const char *path,
			  TAKES json_t *body, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
	bool encoded = !body || text;
	bool sent;

	json_decref(body);
	if (!encoded) {
		err_set(err, ERR_NO_MEMORY, "%s: out of memory", path);
		return NULL;
	}
	sent = ctl_send(ctl, method, path, text, text ? strlen(text) : 0, &response, err);
	free(text);
	if (!sent)
		return NULL;
	return json_parse(path, response.body, response.body_len, CTL_ANSWER_MAX, err);
}

bool ctl_confirm(const struct ctl *ctl, const char *question, struct err *err)
{
	if (ctl->yes)
		return true;
	if (!terminal_is_interactive())
		return err_set(err, ERR_USAGE,
			       "%s: there is no terminal to ask on; use --yes", question);
	return terminal_confirm(question) ||
	       err_set(err, ERR_DENIED, "nothing was changed");
}

bool ctl_fiscal_year(const char *text, int *out, struct err *err)
{
	if (fiscal_year_parse(text, out, err))
		return true;
	err->code = ERR_USAGE;
	return err_prefix(err, "--fiscal-year");
}

static void print_cell(const char *text, size_t width, bool last)
{
	size_t columns = terminal_columns(text);

	fputs(text, stdout);
	for (; !last && columns < width + 2; columns++)
		putchar(' ');
}

void ctl_print_table(const char *const *cells, size_t rows, size_t columns)
{
	for (size_t row = 0; row < rows; row++) {
		for (size_t column = 0; column < columns; column++) {
			size_t width = 0;

			for (size_t i = 0; i < rows; i++) {
				size_t own =
					terminal_columns(cells[i * columns + column]);

				width = own > width ? own : width;
			}
			print_cell(cells[row * columns + column], width,
				   column + 1 == columns);
		}
		putchar('\n');
	}
}
