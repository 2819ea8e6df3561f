#ifndef SYNC_HTTP_H
#define SYNC_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct err;

/*
 * An HTTP client (libcurl): one kept connection per client, used by one thread at a time.
 * Certificates are always verified; nothing turns that off. Redirects are not followed.
 */
struct http;

struct http_options {
	const char *ca_file; /* NULL: the system's */
	const char *proxy;   /* NULL: from the environment */
};

MUST_USE struct http *http_new(const struct http_options *options, struct err *err);
struct http *http_free(struct http *http); /* NULL is fine; returns NULL */

/* Makes a request that is under way end soon, with ERR_RETRY; from any thread or signal. */
void http_cancel(struct http *http);

struct http_request {
	const char *method; /* "GET", "POST", "PUT", "DELETE" */
	const char *url;
	const void *body; /* NULL: none */
	size_t body_len;
	const char *content_type;
	const char *bearer;     /* token, or NULL */
	const char *etag;       /* If-None-Match, or NULL */
	size_t max_bytes;       /* of the answer; over it is ERR_TOO_LARGE */
	struct span_ms timeout; /* overall; 0: 60 s */
};

struct http_response {
	long status; /* 200, 304, 404 … : any status is a response, not an error */
	char *body;  /* owned, NUL-terminated */
	size_t body_len;
	char etag[128];         /* "" when there is none */
	int64_t received_bytes; /* headers and body, for the byte count */
};

void http_response_done(struct http_response *response); /* for CLEANUP() */

/*
 * False only when there was no response: ERR_RETRY for what may pass (no connection, time
 * out, cut), ERR_TOO_LARGE, ERR_INVALID for a bad URL, ERR_UNTRUSTED for a certificate
 * that does not verify.
 */
MUST_USE bool http_send(struct http *http, const struct http_request *request,
			struct http_response *out, struct err *err);

/* Sets @err from a response that is no success: its code and the server's sentence
 * (JSON "error"), with the URL. Returns false. */
bool http_fail(const struct http_request *request, const struct http_response *response,
	       struct err *err);

#endif /* SYNC_HTTP_H */
