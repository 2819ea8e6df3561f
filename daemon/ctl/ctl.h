#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/time.h"

struct err;
struct http_response;
struct json_doc;
struct json_node;
struct json_t;

#define CTL_URL_MAX     512
#define CTL_ANSWER_MAX  ((size_t)32 * 1024 * 1024) /* bytes of an answer of the city */
#define CTL_SIGNERS_MAX 4

/*
 * What every verb of ekimaectl has at hand: settings, the connection to the city server
 * and the staff token. Settings come from ctl.conf, and options stand above them.
 */
struct ctl {
	char city_url[CTL_URL_MAX];
	char ca_file[PATH_MAX];
	char root[PATH_MAX]; /* root.json that "ekimae-city --init" wrote */
	char targets_keys[CTL_SIGNERS_MAX][PATH_MAX];
	size_t targets_key_count;
	char emergency_keys[CTL_SIGNERS_MAX][PATH_MAX];
	size_t emergency_key_count;
	char state[PATH_MAX]; /* remembered metadata, token */
	const char *prepare;  /* file to write a publication to, instead of sending it */
	bool json;            /* answer for programs */
	bool yes;             /* don't ask */
	struct http *http;
	struct now now; /* taken once, at start */
	int failure;    /* exit status of a failure; 0: that of the error */
};

/* Reads @path, or the default file when NULL and it is there. */
MUST_USE bool ctl_settings_read(struct ctl *ctl, const char *path, struct err *err);

/* The path of a file in the state folder, which is made when missing. */
MUST_USE bool ctl_state_path(const struct ctl *ctl, const char *name,
			     char out[static PATH_MAX], struct err *err);

/*
 * Calls the API ("notices/x" below /api/v1/) with the saved token, if there is one. An
 * answer other than 2xx is an error with the server's sentence.
 */
MUST_USE bool ctl_send(struct ctl *ctl, const char *method, const char *path,
		       const void *body, size_t body_len, struct http_response *out,
		       struct err *err);

/* Uploads an object, under its own hash. */
MUST_USE bool ctl_put_object(struct ctl *ctl, const void *bytes, size_t len,
			     struct err *err);

/* As ctl_send(), with a JSON body (TAKES it; NULL: none) and a JSON answer, owned. */
MUST_USE struct json_doc *ctl_call(struct ctl *ctl, const char *method, const char *path,
				   TAKES struct json_t *body, struct err *err);

/* Whether to go on: asks the person at the terminal; without one, --yes is needed. */
MUST_USE bool ctl_confirm(const struct ctl *ctl, const char *question, struct err *err);

/* The value of --fiscal-year, as fiscal_year_parse(). */
MUST_USE bool ctl_fiscal_year(const char *text, int *out, struct err *err);

/*
 * A table on standard output, columns aligned for East Asian widths; the first row is the
 * head. @cells holds rows of @columns strings.
 */
void ctl_print_table(const char *const *cells, size_t rows, size_t columns);

/* A verb: `ekimaectl NAME ARGUMENTS…`. @argv[0] is the verb's name. */
typedef bool verb_fn(struct ctl *ctl, int argc, char **argv, struct err *err);

verb_fn verb_login, verb_logout, verb_notice, verb_publish, verb_withdraw, verb_plan,
	verb_screen, verb_key, verb_report, verb_doctor, verb_tuf, verb_staff, verb_sign,
	verb_send, verb_emergency;

#endif /* CTL_CTL_H */
