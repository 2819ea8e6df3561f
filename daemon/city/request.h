#ifndef CITY_REQUEST_H
#define CITY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/err.h"
#include "core/time.h"
#include "store/citydb.h"
#include "wire/digest.h"

/* A request and its answer, as plain values: what HTTP library carries them is server.c's. */

enum request_method { REQUEST_GET, REQUEST_PUT, REQUEST_POST };

#define REQUEST_PATH_MAX 512

struct request {
	enum request_method method;
	char path[REQUEST_PATH_MAX];        /* "/api/v1/notices/flu-2026" */
	char argument[SHA256_HEX_SIZE + 1]; /* what stands for '*' in the route */
	char fiscal_year[16];               /* of the query; "" when absent */
	char by[16];                        /* the same, as the next four */
	char initiative[8];
	char history[8];
	char dry_run[8];
	char after[24];
	char bearer[SHA256_HEX_SIZE]; /* the session's token; "" when absent */
	char if_none_match[256];
	char range[64]; /* "" when absent */
	char *body;     /* NUL-terminated, owned; NULL when there is none */
	size_t body_len;
	struct now now;
	struct staff staff; /* who asks, where the route is for staff */
};

void request_done(struct request *request);

/* A number of the query, 0–@max, in digits only. @key is for the error. */
MUST_USE bool request_number(const char *key, const char *text, int64_t max, int64_t *out,
			     struct err *err);

#define REPLY_JSON "application/json"
#define REPLY_CSV  "text/csv; charset=utf-8"
#define REPLY_HTML "text/html; charset=utf-8"

struct reply {
	int status;       /* HTTP; 0: 200, or the one that fits the error */
	const char *type; /* Content-Type; NULL: REPLY_JSON */
	char *body;       /* owned; NULL: none */
	size_t len;
	int fd;                 /* >= 0: @len bytes of this file are the body, owned */
	uint64_t from;          /* … from here on */
	char content_range[80]; /* Content-Range, of a 206; "" for none */
	char etag[SHA256_HEX_SIZE + 2]; /* with its quotes; "" for none */
	const char *cache;              /* Cache-Control; NULL: no-store */
	char disposition[80];           /* Content-Disposition; "" for none */
	const char *allow;              /* Allow, of a 405 */
	bool styled;                    /* a page whose own <style> may be applied */
	int retry_after_s;              /* 0: none */
};

void reply_init(struct reply *reply);
void reply_done(struct reply *reply);

/* The HTTP status that tells a client what it can do about @code. */
int reply_status_of(enum err_code code);

/*
 * Makes @reply {"error": sentence}. A failure of this machine is told in general terms
 * only, as its sentence holds paths: it belongs into the log.
 */
void reply_error(struct reply *reply, const struct err *err);

struct buffer;
/* The finished text of @buffer becomes the body. */
MUST_USE bool reply_take(struct reply *reply, struct buffer *buffer, struct err *err);

/* A copy of @text becomes the body. */
MUST_USE bool reply_text(struct reply *reply, const char *text, struct err *err);

#endif /* CITY_REQUEST_H */
