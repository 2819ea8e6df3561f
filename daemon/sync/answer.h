#ifndef SYNC_ANSWER_H
#define SYNC_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;

/*
 * What servers answer, and whoever stands between, read as hostile bytes. Apart from http.h,
 * which asks: nothing here knows a network.
 */

/*
 * The value of the header @name, which ends in ':', when @line is that one: without the white
 * space around it, and not terminated. NULL for another header.
 */
const char *answer_header(const char *line, size_t len, const char *name,
			  size_t *out_len);

#define ANSWER_ETAG_SIZE 128

/*
 * An ETag (RFC 9110 section 8.8.3), quotes included, as it must be sent back. @out stays
 * what it was when the value is too long, or holds what no ETag does.
 */
void answer_etag(const char *value, size_t len, char out[static ANSWER_ETAG_SIZE]);

/*
 * "bytes 100-199/200" (RFC 9110 section 14.4): where the part begins, -1 when it can't be
 * told.
 */
int64_t answer_range_start(const char *value, size_t len);

#define ANSWER_SENTENCE_SIZE 1201

/* The sentence of {"error": "…"}, "" when the body is something else. */
void answer_sentence(const char *body, size_t len, char out[static ANSWER_SENTENCE_SIZE]);

#define ANSWER_NEWS_MAX 1024 /* bytes */

/* {"timestamp": N}. */
MUST_USE bool answer_news(const char *body, size_t len, int64_t *out_version,
			  struct err *err);

#endif /* SYNC_ANSWER_H */
