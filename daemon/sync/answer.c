#include "sync/answer.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "wire/json.h"

#define ERROR_BODY_MAX (16 * 1024)
#define SENTENCE_MAX   300 /* characters, of at most 4 bytes */

const char *answer_header(const char *line, size_t len, const char *name, size_t *out_len)
{
	size_t from = strlen(name), to = len;

	if (len <= from || strncasecmp(line, name, from) != 0)
		return NULL;
	while (from < to && (line[from] == ' ' || line[from] == '\t'))
		from++;
	while (to > from && strchr(" \t\r\n", line[to - 1]))
		to--;
	*out_len = to - from;
	return line + from;
}

void answer_etag(const char *value, size_t len, char out[static ANSWER_ETAG_SIZE])
{
	if (len >= ANSWER_ETAG_SIZE)
		return;
	/* It goes into a request: nothing may end its line there. */
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] <= 0x20 || value[i] == 0x7f)
			return;
	memcpy(out, value, len);
	out[len] = '\0';
}

int64_t answer_range_start(const char *value, size_t len)
{
	static const char unit[] = "bytes ";
	char text[64];
	char *end;
	long long from;

	if (len < sizeof(unit) || len >= sizeof(text) ||
	    strncasecmp(value, unit, sizeof(unit) - 1) != 0 ||
	    !isdigit((unsigned char)value[sizeof(unit) - 1]))
		return -1;
	memcpy(text, value, len);
	text[len] = '\0';
	errno = 0;
	from = strtoll(text + sizeof(unit) - 1, &end, 10);
	return errno == 0 && *end == '-' ? from : -1;
}

void answer_sentence(const char *body, size_t len, char out[static ANSWER_SENTENCE_SIZE])
{
	struct err ignored = {0};
	struct json_doc *doc = json_parse("error", body, len, ERROR_BODY_MAX, &ignored);
	struct json_node root;
	const char *sentence = "";

	if (doc && json_root(doc, &root, &ignored) && json_has(&root, "error") &&
	    !json_get_string(&root, "error", SENTENCE_MAX, &sentence, &ignored))
		sentence = "";
	snprintf(out, ANSWER_SENTENCE_SIZE, "%s", sentence);
	json_doc_free(doc);
}

bool answer_news(const char *body, size_t len, int64_t *out_version, struct err *err)
{
	struct json_doc *doc = json_parse("news", body, len, ANSWER_NEWS_MAX, err);
	struct json_node root;
	bool fine = doc && json_root(doc, &root, err) &&
		    json_get_int(&root, "timestamp", 0, INT64_MAX, out_version, err);

	json_doc_free(doc);
	return fine;
}
