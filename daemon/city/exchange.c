#include "city/exchange.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "city/city.h"
#include "city/files.h"
#include "city/request.h"
#include "city/route.h"
#include "city/waiting.h"
#include "city/worker.h"
#include "core/err.h"
#include "os/clock.h"
#include "os/log.h"

/* Bodies in memory at a time, of all requests together. */
#define BODIES_MAX (128 * 1024 * 1024)
/*
 * A body that is not wanted is read to its end and dropped, so that its sender sees the
 * answer rather than a broken connection; but no more of it than this.
 */
#define DROPPED_MAX (16 * 1024 * 1024)
/* A body that trickles in for longer holds its connection for nothing. */
#define RECEIVE_MAX_MS (5 * 60 * 1000)
#define WAIT_DEFAULT_S 25
#define WAIT_MAX_S     55

enum stage {
	STAGE_RECEIVING, /* the body, if there is one */
	STAGE_WORKING,   /* suspended: a worker runs the route */
	STAGE_WAITING,   /* suspended: for news */
	STAGE_ANSWERED,
};

struct exchange {
	struct exchange_host *host;
	struct MHD_Connection *connection;
	struct request request;
	struct reply reply;
	const struct route *route; /* NULL: a file, or news */
	enum stage stage;
	bool refused; /* @reply holds the error already */
	size_t capacity, dropped;
	struct mono_ms begun;
	struct job job;
	struct waiter waiter;
};

/* ---- Beginning ---- */

static void copy_value(struct MHD_Connection *connection, enum MHD_ValueKind kind,
		       const char *key, char *out, size_t size)
{
	const char *value = MHD_lookup_connection_value(connection, kind, key);

	out[0] = '\0';
	/* A value that does not fit is none of ours. */
	if (value && strlen(value) < size)
		memcpy(out, value, strlen(value) + 1);
}

static void read_query(struct exchange *exchange)
{
	struct request *request = &exchange->request;
	const struct {
		const char *key;
		char *out;
		size_t size;
	} keys[] = {
		{"fiscal_year", request->fiscal_year, sizeof(request->fiscal_year)},
		{"by", request->by, sizeof(request->by)},
		{"initiative", request->initiative, sizeof(request->initiative)},
		{"history", request->history, sizeof(request->history)},
		{"dry_run", request->dry_run, sizeof(request->dry_run)},
		{"after", request->after, sizeof(request->after)},
	};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *value = MHD_lookup_connection_value(
			exchange->connection, MHD_GET_ARGUMENT_KIND, keys[i].key);

		/* What does not fit must not pass for missing. */
		if (value)
			snprintf(keys[i].out, keys[i].size, "%s",
				 strlen(value) < keys[i].size ? value : "?");
	}
}

static void read_bearer(struct exchange *exchange)
{
	static const char scheme[] = "Bearer ";
	const char *value = MHD_lookup_connection_value(
		exchange->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_AUTHORIZATION);
	struct request *request = &exchange->request;

	if (!value || strncasecmp(value, scheme, strlen(scheme)) != 0)
		return;
	value += strlen(scheme);
	if (strlen(value) < sizeof(request->bearer))
		memcpy(request->bearer, value, strlen(value) + 1);
}

static bool read_method(const char *name, enum request_method *out)
{
	if (strcmp(name, MHD_HTTP_METHOD_GET) == 0 ||
	    strcmp(name, MHD_HTTP_METHOD_HEAD) == 0)
		*out = REQUEST_GET;
	else if (strcmp(name, MHD_HTTP_METHOD_PUT) == 0)
		*out = REQUEST_PUT;
	else if (strcmp(name, MHD_HTTP_METHOD_POST) == 0)
		*out = REQUEST_POST;
	else
		return false;
	return true;
}

static void refuse(struct exchange *exchange, const struct err *err)
{
	reply_error(&exchange->reply, err);
	exchange->refused = true;
}

static bool is_news(const struct exchange *exchange)
{
	return strcmp(exchange->request.path, "/news") == 0;
}

static bool is_file(const struct exchange *exchange)
{
	return strncmp(exchange->request.path, FILES_PREFIX, strlen(FILES_PREFIX)) == 0;
}

/* Finds out who answers, from the request's head alone. */
static bool read_head(struct exchange *exchange, const char *url, const char *method,
		      struct err *err)
{
	struct request *request = &exchange->request;

	if (!read_method(method, &request->method)) {
		exchange->reply.status = 405;
		exchange->reply.allow = "GET, HEAD, PUT, POST";
		return err_set(err, ERR_INVALID, "%.20s: no such method here", method);
	}
	if (strlen(url) >= sizeof(request->path))
		return err_set(err, ERR_NOT_FOUND, "the address is too long");
	memcpy(request->path, url, strlen(url) + 1);
	read_query(exchange);
	copy_value(exchange->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_IF_NONE_MATCH,
		   request->if_none_match, sizeof(request->if_none_match));
	copy_value(exchange->connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_RANGE,
		   request->range, sizeof(request->range));
	read_bearer(exchange);
	if (is_file(exchange) || is_news(exchange)) {
		if (request->method == REQUEST_GET)
			return true;
		exchange->reply.status = 405;
		exchange->reply.allow = "GET, HEAD";
		return err_set(err, ERR_INVALID, "%.200s: wants GET", url);
	}
	exchange->route = route_find(request, &exchange->reply, err);
	return exchange->route && route_admit(exchange->host->city, exchange->route,
					      request, &exchange->reply, err);
}

static enum MHD_Result begin(struct exchange_host *host,
			     struct MHD_Connection *connection, const char *url,
			     const char *method, void **out)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));
	struct err err;

	if (!exchange)
		return MHD_NO;
	exchange->host = host;
	exchange->connection = connection;
	exchange->begun = clock_mono();
	reply_init(&exchange->reply);
	if (!read_head(exchange, url, method, &err))
		refuse(exchange, &err);
	*out = exchange;
	return MHD_YES;
}

/* ---- The body ---- */

static bool grow(struct exchange *exchange, size_t more, struct err *err)
{
	struct exchange_host *host = exchange->host;
	struct request *request = &exchange->request;
	size_t max = exchange->route ? exchange->route->max_body : 0;
	size_t capacity = exchange->capacity ? exchange->capacity : 4096;
	char *body;

	if (more > max - request->body_len)
		return err_set(err, ERR_TOO_LARGE,
			       "the body is over %zu bytes, the most that is taken here",
			       max);
	while (capacity < request->body_len + more + 1)
		capacity *= 2;
	if (capacity == exchange->capacity)
		return true;
	if (capacity - exchange->capacity > BODIES_MAX - host->body_bytes)
		return err_set(err, ERR_RETRY, "too many uploads at a time: try again");
	body = realloc(request->body, capacity);
	if (!body)
		return err_set(err, ERR_NO_MEMORY, "out of memory for the body");
	host->body_bytes += capacity - exchange->capacity;
	request->body = body;
	exchange->capacity = capacity;
	return true;
}

static enum MHD_Result receive(struct exchange *exchange, const char *bytes, size_t len)
{
	struct request *request = &exchange->request;
	struct err err;

	if (clock_mono().ms - exchange->begun.ms > RECEIVE_MAX_MS)
		return MHD_NO;
	if (!exchange->refused && !grow(exchange, len, &err))
		refuse(exchange, &err);
	if (exchange->refused) {
		exchange->dropped += len;
		return exchange->dropped <= DROPPED_MAX ? MHD_YES : MHD_NO;
	}
	memcpy(request->body + request->body_len, bytes, len);
	request->body_len += len;
	request->body[request->body_len] = '\0';
	return MHD_YES;
}

/* ---- The answer ---- */

static void add_headers(const struct exchange *exchange, struct MHD_Response *response)
{
	const struct reply *reply = &exchange->reply;
	char number[16];
	const struct {
		const char *name, *value;
	} headers[] = {
		{"Content-Type", reply->type ? reply->type : REPLY_JSON},
		{"Cache-Control", reply->cache ? reply->cache : "no-store"},
		{"ETag", reply->etag[0] ? reply->etag : NULL},
		{"Content-Range", reply->content_range[0] ? reply->content_range : NULL},
		{"Content-Disposition",
		 reply->disposition[0] ? reply->disposition : NULL},
		{"Allow", reply->allow},
		{"WWW-Authenticate", reply->status == 401 ? "Bearer" : NULL},
		{"X-Content-Type-Options", "nosniff"},
		{"X-Frame-Options", "DENY"},
		{"Referrer-Policy", "no-referrer"},
		{"Content-Security-Policy",
		 reply->styled ? "default-src 'none'; style-src 'unsafe-inline'; "
				 "frame-ancestors 'none'"
			       : "default-src 'none'; frame-ancestors 'none'"},
		{"Strict-Transport-Security",
		 exchange->host->tls ? "max-age=31536000" : NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(headers); i++)
		if (headers[i].value)
			MHD_add_response_header(response, headers[i].name,
						headers[i].value);
	if (reply->retry_after_s > 0) {
		snprintf(number, sizeof(number), "%d", reply->retry_after_s);
		MHD_add_response_header(response, "Retry-After", number);
	}
}

static enum MHD_Result answer(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;
	struct MHD_Response *response;
	enum MHD_Result result;

	exchange->stage = STAGE_ANSWERED;
	if (reply->fd >= 0)
		response = MHD_create_response_from_fd_at_offset64(reply->len, reply->fd,
								   reply->from);
	else
		response = MHD_create_response_from_buffer(reply->len, reply->body,
							   MHD_RESPMEM_MUST_FREE);
	if (!response)
		return MHD_NO;
	/* They are the response's now. */
	reply->body = NULL;
	reply->fd = -1;
	add_headers(exchange, response);
	result = MHD_queue_response(exchange->connection, (unsigned)reply->status,
				    response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_error(struct exchange *exchange, const struct err *err)
{
	reply_error(&exchange->reply, err);
	return answer(exchange);
}

/* ---- What takes time ---- */

static void resume(void *context)
{
	struct exchange *exchange = context;

	MHD_resume_connection(exchange->connection);
}

static void run_route(void *context)
{
	struct exchange *exchange = context;
	struct err err = {0};

	route_run(exchange->host->city, exchange->route, &exchange->request,
		  &exchange->reply, &err);
	if (exchange->reply.status == 500)
		log_error("%s: %s", exchange->request.path, err.text);
	resume(exchange);
}

static enum MHD_Result start_route(struct exchange *exchange)
{
	const struct route *route = exchange->route;
	struct worker *worker = route->slow ? exchange->host->login : exchange->host->api;
	struct err err;

	exchange->job = (struct job){.run = run_route, .context = exchange};
	exchange->stage = STAGE_WORKING;
	/* Suspended first: the worker may be done before worker_add() returns. */
	MHD_suspend_connection(exchange->connection);
	if (worker_add(worker, &exchange->job))
		return MHD_YES;
	err_set(&err, ERR_RETRY, "the server has too much to do: try again");
	reply_error(&exchange->reply, &err);
	resume(exchange);
	return MHD_YES;
}

/* An optional number of the query, 0–@max. */
static bool query_number(struct exchange *exchange, const char *key, int64_t max,
			 int64_t *number, struct err *err)
{
	const char *text = MHD_lookup_connection_value(exchange->connection,
						       MHD_GET_ARGUMENT_KIND, key);

	return !text || request_number(key, text, max, number, err);
}

static enum MHD_Result start_waiting(struct exchange *exchange)
{
	int64_t after = 0, wait_s = WAIT_DEFAULT_S;
	struct err err;

	if (!query_number(exchange, "after", INT64_MAX, &after, &err) ||
	    !query_number(exchange, "wait", WAIT_MAX_S, &wait_s, &err))
		return answer_error(exchange, &err);
	exchange->waiter = (struct waiter){
		.after = after,
		.until = {clock_mono().ms + wait_s * 1000},
		.wake = resume,
		.context = exchange,
	};
	exchange->stage = STAGE_WAITING;
	MHD_suspend_connection(exchange->connection);
	if (wait_s == 0 || !waiting_add(exchange->host->city->waiting, &exchange->waiter))
		resume(exchange);
	return MHD_YES;
}

static enum MHD_Result answer_news(struct exchange *exchange)
{
	char text[64];
	struct err err;

	snprintf(text, sizeof(text), "{\"timestamp\":%" PRId64 "}",
		 waiting_version(exchange->host->city->waiting));
	exchange->reply.status = 200;
	if (!reply_text(&exchange->reply, text, &err)) {
		exchange->reply.status = 0;
		return answer_error(exchange, &err);
	}
	return answer(exchange);
}

static enum MHD_Result serve_file(struct exchange *exchange)
{
	struct err err;

	if (!files_serve(exchange->host->city->publisher, &exchange->request,
			 &exchange->reply, &err)) {
		if (reply_status_of(err.code) == 500)
			log_error("%s: %s", exchange->request.path, err.text);
		return answer_error(exchange, &err);
	}
	if (exchange->reply.status == 0)
		exchange->reply.status = 200;
	return answer(exchange);
}

static enum MHD_Result respond(struct exchange *exchange)
{
	if (exchange->refused)
		return answer(exchange);
	if (exchange->route)
		return start_route(exchange);
	if (is_news(exchange))
		return start_waiting(exchange);
	return serve_file(exchange);
}

enum MHD_Result exchange_handle(void *context, struct MHD_Connection *connection,
				const char *url, const char *method, const char *version,
				const char *upload, size_t *upload_len, void **slot)
{
	struct exchange *exchange = *slot;
	size_t len = *upload_len;

	(void)version;
	if (!exchange)
		return begin(context, connection, url, method, slot);
	switch (exchange->stage) {
	case STAGE_RECEIVING:
		*upload_len = 0;
		return len > 0 ? receive(exchange, upload, len) : respond(exchange);
	case STAGE_WORKING:
		return answer(exchange);
	case STAGE_WAITING:
		return answer_news(exchange);
	case STAGE_ANSWERED:
		break;
	}
	return MHD_NO;
}

void exchange_completed(void *context, struct MHD_Connection *connection, void **slot,
			enum MHD_RequestTerminationCode code)
{
	struct exchange_host *host = context;
	struct exchange *exchange = *slot;

	(void)connection;
	(void)code;
	if (!exchange)
		return;
	host->body_bytes -= exchange->capacity;
	request_done(&exchange->request);
	reply_done(&exchange->reply);
	free(exchange);
	*slot = NULL;
}
