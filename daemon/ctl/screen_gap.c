#include "ctl/screen_gap.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "ctl/ctl.h"
#include "ctl/screen.h"
#include "wire/json.h"

/* Reads the number at *@text and moves behind it. */
static bool read_number(const char **text, int64_t *out)
{
	char *end;

	errno = 0;
	if (**text < '1' || **text > '9')
		return false;
	*out = strtoll(*text, &end, 10);
	*text = end;
	return errno == 0;
}

/* "FIRST-LAST", or one number. */
static bool read_range(const char *text, int64_t *out_first, int64_t *out_last,
		       struct err *err)
{
	const char *at = text;
	bool fine = read_number(&at, out_first);

	*out_last = fine ? *out_first : 0;
	if (fine && *at == '-') {
		at++;
		fine = read_number(&at, out_last);
	}
	return (fine && *at == '\0' && *out_first <= *out_last) ||
	       err_set(err, ERR_USAGE,
		       "expected the numbers of plays as FIRST-LAST (see screen show), "
		       "got \"%.80s\"",
		       text);
}

bool screen_accept_gap(struct ctl *ctl, int argc, char **argv, struct err *err)
{
	char url[SCREEN_URL_MAX], question[200];
	int64_t first, last, durable = 0;
	struct json_doc *answer;
	struct json_node root;
	bool fine;

	if (argc != 6 || strcmp(argv[4], "--why") != 0)
		return err_set(err, ERR_USAGE, "usage: screen " SCREEN_GAP_USAGE);
	if (!screen_url(argv[2], "/accept-gap", url, err) ||
	    !read_range(argv[3], &first, &last, err))
		return false;
	snprintf(question, sizeof(question),
		 "Give up plays %" PRId64 "–%" PRId64 " of %s? They count nowhere, "
		 "unless the box sends them after all.",
		 first, last, argv[2]);
	if (!ctl_confirm(ctl, question, err))
		return false;
	answer = ctl_call(ctl, "POST", url,
			  json_pack("{s:I, s:I, s:s}", "first", (json_int_t)first, "last",
				    (json_int_t)last, "why", argv[5]),
			  err);
	fine = answer && json_root(answer, &root, err) &&
	       json_get_int(&root, "durable_seq", 0, INT64_MAX, &durable, err);
	json_doc_free(answer);
	if (fine && ctl->json)
		printf("{\"durable_seq\": %" PRId64 "}\n", durable);
	else if (fine)
		printf("gave up %" PRId64 "–%" PRId64
		       "; plays are confirmed up to %" PRId64 "\n",
		       first, last, durable);
	return fine;
}
