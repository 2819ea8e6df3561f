#include "city/request.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "city/buffer.h"

#define ERROR_BODY_MAX (8 * ERR_TEXT_MAX) /* every byte may be escaped */

void request_done(struct request *request)
{
	/* A login's body holds a password. */
	if (request->body)
		explicit_bzero(request->body, request->body_len);
	free(request->body);
	*request = (struct request){0};
}

bool request_number(const char *key, const char *text, int64_t max, int64_t *out,
		    struct err *err)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, 10);
	/* strtoll(3) alone would take white space and signs. */
	if (errno != 0 || !isdigit((unsigned char)text[0]) || *end != '\0' || value > max)
		return err_set(err, ERR_INVALID,
			       "%s: expected a number 0–%" PRId64 ", got \"%.40s\"", key,
			       max, text);
	*out = value;
	return true;
}

void reply_init(struct reply *reply)
{
	*reply = (struct reply){.fd = -1};
}

void reply_done(struct reply *reply)
{
	free(reply->body);
	if (reply->fd >= 0)
		close(reply->fd);
	reply_init(reply);
}

int reply_status_of(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return 200;
	case ERR_INVALID:
	case ERR_USAGE:
	case ERR_EXPIRED:
		return 400;
	case ERR_DENIED:
	case ERR_UNTRUSTED:
		return 403;
	case ERR_NOT_FOUND:
		return 404;
	case ERR_CONFLICT:
		return 409;
	case ERR_TOO_LARGE:
		return 413;
	case ERR_RETRY:
	case ERR_NO_MEMORY:
		return 503;
	case ERR_CONFIG:
	case ERR_IO:
	case ERR_INTERNAL:
		return 500;
	}
	return 500;
}

void reply_error(struct reply *reply, const struct err *err)
{
	int status = reply->status ? reply->status : reply_status_of(err->code);
	const char *sentence = err->text;
	int retry_after_s = reply->retry_after_s;
	const char *allow = reply->allow;
	struct buffer buffer;
	struct err ignored;

	if (status == 500)
		sentence = "the server failed to do this; its log says why";
	reply_done(reply);
	reply->status = status;
	reply->retry_after_s = status == 503 && !retry_after_s ? 1 : retry_after_s;
	reply->allow = allow;
	buffer_init(&buffer, ERROR_BODY_MAX);
	buffer_add(&buffer, "{\"error\":");
	buffer_json(&buffer, sentence);
	buffer_add(&buffer, "}");
	/* Without memory for the sentence, the status alone must do. */
	if (!buffer_take(&buffer, &reply->body, &reply->len, &ignored))
		reply->len = 0;
	buffer_done(&buffer);
}

bool reply_take(struct reply *reply, struct buffer *buffer, struct err *err)
{
	return buffer_take(buffer, &reply->body, &reply->len, err);
}

bool reply_text(struct reply *reply, const char *text, struct err *err)
{
	reply->body = strdup(text);
	if (!reply->body)
		return err_set(err, ERR_NO_MEMORY, "out of memory for an answer");
	reply->len = strlen(text);
	return true;
}
