#ifndef SUPPORT_HTTP_SERVER_H
#define SUPPORT_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A real HTTP server on loopback, at a port that the system chooses, for tests of clients.
 * GET serves files below a folder; a handler may answer first, and answers all else. Paths
 * are as they were sent, still percent-encoded.
 */
struct http_server;

struct http_server_answer {
	unsigned status; /* 0: not handled */
	char *body;      /* owned by the server once given */
	size_t len;
};

typedef struct http_server_answer http_server_fn(void *context, const char *method,
						 const char *path, const char *body,
						 size_t len);

/* Fails the test when it can't be started. @dir and @context are borrowed. */
struct http_server *http_server_start(const char *dir, http_server_fn *handler,
				      void *context);
void http_server_stop(struct http_server *server);

/* "http://127.0.0.1:PORT", borrowed. */
const char *http_server_url(const struct http_server *server);
unsigned http_server_requests(const struct http_server *server);

#endif /* SUPPORT_HTTP_SERVER_H */
