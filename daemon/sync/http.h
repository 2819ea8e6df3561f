#ifndef SYNC_HTTP_H
#define SYNC_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"
#include "sync/answer.h"

struct err;

/*
 * An HTTP client (libcurl): HTTP/1.1, and HTTP/2 where TLS offers it; IPv4 and IPv6; bodies
 * packed where the server does it. One kept connection per client, used by one thread at a
 * time. Certificates are always verified; nothing turns that off. Redirects are not followed.
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
	size_t max_bytes;       /* of the answer, unpacked; over it is ERR_TOO_LARGE */
	struct span_ms timeout; /* overall; 0: 60 s, and a second for each 8 KiB of it */
	struct span_ms
		idle; /* without 100 bytes a second for this long it ends; 0: 30 s */
};

struct http_response {
	long status; /* 200, 304, 404 … : any status is a response, not an error */
	char *body;  /* owned, NUL-terminated */
	size_t body_len;
	char etag[ANSWER_ETAG_SIZE]; /* "" when there is none */
	int64_t received_bytes;      /* headers and body as they came, still packed */
};

void http_response_done(struct http_response *response); /* for CLEANUP() */

/*
 * False only when there was no response: ERR_RETRY for what may pass (no connection, time
 * out, cut), ERR_TOO_LARGE, ERR_INVALID for a bad URL, ERR_UNTRUSTED for a certificate
 * that does not verify.
 */
MUST_USE bool http_send(struct http *http, const struct http_request *request,
			struct http_response *out, struct err *err);

/*
 * GETs into the file that @fd is open for, behind the @have bytes that an earlier try left
 * there (Range, RFC 9110 section 14); a server that can't do that sends all of it again,
 * and the file is emptied first. The body of the response is that of a failure, else empty;
 * status 200 or 206 means that the file holds all. It is never packed on the way. On
 * failure the file holds what came, to go on from. @request->max_bytes is the file's.
 */
MUST_USE bool http_fetch(struct http *http, const struct http_request *request, int fd,
			 int64_t have, struct http_response *out, struct err *err);

/* What a client has cost the line, failures and all. From any thread. */
struct http_traffic {
	int64_t requests, received_bytes, sent_bytes;
};

struct http_traffic http_traffic(const struct http *http);

/* Sets @err from a response that is no success: its code and the server's sentence
 * (JSON "error"), with the URL. Returns false. */
bool http_fail(const struct http_request *request, const struct http_response *response,
	       struct err *err);

#endif /* SYNC_HTTP_H */
