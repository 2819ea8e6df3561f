#include "support/http_server.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>

#include "os/file.h"
#include "support/test.h"
#include "wire/digest.h"

#define BODY_MAX (16 * 1024 * 1024)

struct http_server {
	struct MHD_Daemon *daemon;
	const char *dir;
	http_server_fn *handler;
	void *context;
	char url[64];
	atomic_uint requests;
};

struct upload {
	char *body;
	size_t len;
};

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status,
			      char *body, size_t len)
{
	struct MHD_Response *response =
		MHD_create_response_from_buffer(len, body, MHD_RESPMEM_MUST_FREE);
	enum MHD_Result result = MHD_queue_response(connection, status, response);

	MHD_destroy_response(response);
	return result;
}

/* With ETag and If-None-Match, and the one form of Range that goes on where it was cut. */
static enum MHD_Result answer_file(struct MHD_Connection *connection, struct blob blob)
{
	const char *known = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							MHD_HTTP_HEADER_IF_NONE_MATCH);
	const char *range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
							MHD_HTTP_HEADER_RANGE);
	char hex[SHA256_HEX_SIZE], etag[SHA256_HEX_SIZE + 2], part[80];
	uint8_t hash[SHA256_SIZE];
	struct MHD_Response *response;
	enum MHD_Result result;
	unsigned status = 200;
	size_t from = 0;

	sha256(blob.bytes, blob.len, hash);
	hex_encode(hash, sizeof(hash), hex);
	snprintf(etag, sizeof(etag), "\"%s\"", hex);
	if (known && strcmp(known, etag) == 0) {
		status = 304;
		from = blob.len;
	} else if (range && sscanf(range, "bytes=%zu-", &from) == 1 && from < blob.len) {
		status = 206;
	}
	memmove(blob.bytes, blob.bytes + from, blob.len - from);
	response = MHD_create_response_from_buffer(blob.len - from, blob.bytes,
						   MHD_RESPMEM_MUST_FREE);
	snprintf(part, sizeof(part), "bytes %zu-%zu/%zu", from, blob.len - 1, blob.len);
	if (status == 206)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_RANGE, part);
	MHD_add_response_header(response, MHD_HTTP_HEADER_ETAG, etag);
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result serve_file(struct http_server *server,
				  struct MHD_Connection *connection, const char *path)
{
	struct blob blob = {0};
	struct err err = {0};
	char *full = NULL;
	bool found;

	if (asprintf(&full, "%s%s", server->dir ? server->dir : "/nowhere", path) < 0)
		return MHD_NO;
	found = !strstr(path, "..") && file_read(full, BODY_MAX, &blob, &err);
	free(full);
	if (!found)
		return answer(connection, 404, strdup("{\"error\": \"no such file\"}"),
			      25);
	return answer_file(connection, blob);
}

static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
			      const char *path, const char *method, const char *version,
			      const char *data, size_t *len, void **state)
{
	struct http_server *server = context;
	struct http_server_answer handled = {0};
	struct upload *upload = *state;

	(void)version;
	if (!upload) {
		*state = calloc(1, sizeof(*upload));
		return *state ? MHD_YES : MHD_NO;
	}
	if (*len > 0) {
		char *grown = realloc(upload->body, upload->len + *len + 1);

		if (!grown || upload->len + *len > BODY_MAX)
			return MHD_NO;
		memcpy(grown + upload->len, data, *len);
		upload->body = grown;
		upload->len += *len;
		grown[upload->len] = '\0';
		*len = 0;
		return MHD_YES;
	}
	atomic_fetch_add(&server->requests, 1);
	if (server->handler)
		handled = server->handler(server->context, method, path,
					  upload->body ? upload->body : "", upload->len);
	if (handled.status)
		return answer(connection, handled.status, handled.body, handled.len);
	return serve_file(server, connection, path);
}

static void finished(void *context, struct MHD_Connection *connection, void **state,
		     enum MHD_RequestTerminationCode code)
{
	struct upload *upload = *state;

	(void)context;
	(void)connection;
	(void)code;
	if (upload)
		free(upload->body);
	free(upload);
	*state = NULL;
}

/* Paths stay as they were sent, percent-encoding and all: some tests are about just that. */
static size_t leave_escaped(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

struct http_server *http_server_start(const char *dir, http_server_fn *handler,
				      void *context)
{
	struct http_server *server = calloc(1, sizeof(*server));
	const union MHD_DaemonInfo *info;

	assert_non_null(server);
	server->dir = dir;
	server->handler = handler;
	server->context = context;
	server->daemon = MHD_start_daemon(
		MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, handle, server,
		MHD_OPTION_NOTIFY_COMPLETED, finished, NULL, MHD_OPTION_UNESCAPE_CALLBACK,
		leave_escaped, NULL, MHD_OPTION_SOCK_ADDR,
		&(struct sockaddr_in){.sin_family = AF_INET,
				      .sin_addr = {htonl(INADDR_LOOPBACK)}},
		MHD_OPTION_END);
	assert_non_null(server->daemon);
	info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
	assert_non_null(info);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%u",
		 (unsigned)info->port);
	return server;
}

void http_server_stop(struct http_server *server)
{
	MHD_stop_daemon(server->daemon);
	free(server);
}

const char *http_server_url(const struct http_server *server)
{
	return server->url;
}

unsigned http_server_requests(const struct http_server *server)
{
	return atomic_load(&server->requests);
}
