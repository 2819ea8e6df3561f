#include "sync/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/err.h"
#include "sync/answer.h"

#define CONNECT_TIMEOUT_MS 10000L
#define DEFAULT_TIMEOUT_MS 60000
#define SLOWEST_BYTES      8192  /* a second, on the whole: the longer, the more time */
#define LOW_SPEED_BYTES    100L  /* a line slower than this … */
#define DEFAULT_IDLE_MS    30000 /* … for this long is given up */
#define POLL_MS            1000
#define HEADER_BYTES_MAX   (64 * 1024)

struct http {
	CURL *easy;
	CURLM *multi;
	char *ca_file, *proxy;
	atomic_bool cancelled;
	_Atomic int64_t requests, received_bytes, sent_bytes;
};

/* What the callbacks of one transfer fill. */
struct transfer {
	struct http_response *response;
	size_t max_bytes, capacity;
	int64_t header_bytes;
	bool too_large, no_memory;
	CURL *easy;
	/* Into a file: -1 is into memory. */
	int fd, write_error;
	int64_t have, range_from; /* -1: the answer names no range */
	bool begun, wrong_range;
};

static bool copy_option(const char *value, char **out)
{
	if (!value || value[0] == '\0')
		return true;
	*out = strdup(value);
	return *out != NULL;
}

struct http *http_new(const struct http_options *options, struct err *err)
{
	struct http *http = calloc(1, sizeof(*http));

	if (!http || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		goto fail;
	http->easy = curl_easy_init();
	http->multi = curl_multi_init();
	if (!http->easy || !http->multi ||
	    !copy_option(options->ca_file, &http->ca_file) ||
	    !copy_option(options->proxy, &http->proxy))
		goto fail;
	return http;
fail:
	err_set(err, ERR_NO_MEMORY, "http: libcurl could not be set up");
	return http_free(http);
}

struct http *http_free(struct http *http)
{
	if (!http)
		return NULL;
	if (http->easy)
		curl_easy_cleanup(http->easy);
	if (http->multi)
		curl_multi_cleanup(http->multi);
	free(http->ca_file);
	free(http->proxy);
	free(http);
	return NULL;
}

void http_cancel(struct http *http)
{
	atomic_store(&http->cancelled, true);
}

void http_response_done(struct http_response *response)
{
	free(response->body);
	*response = (struct http_response){0};
}

/* Where in the file the body goes: behind what is there, or else in its place. */
static bool begin_file(struct transfer *transfer, long status)
{
	transfer->begun = true;
	if (status == 206) {
		transfer->wrong_range = transfer->range_from != transfer->have;
		return !transfer->wrong_range;
	}
	transfer->have = 0;
	if (ftruncate(transfer->fd, 0) < 0)
		transfer->write_error = errno;
	return transfer->write_error == 0;
}

static size_t write_file(struct transfer *transfer, const char *bytes, size_t len,
			 long status)
{
	size_t done = 0;

	if (!transfer->begun && !begin_file(transfer, status))
		return 0;
	if ((int64_t)len > (int64_t)transfer->max_bytes - transfer->have) {
		transfer->too_large = true;
		return 0;
	}
	while (done < len) {
		ssize_t part =
			pwrite(transfer->fd, bytes + done, len - done, transfer->have);

		if (part < 0 && errno == EINTR)
			continue;
		if (part < 0) {
			transfer->write_error = errno;
			return 0;
		}
		done += (size_t)part;
		transfer->have += part;
	}
	return len;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct http_response *response = transfer->response;
	size_t len = size * count;
	size_t want = response->body_len + len + 1;
	long status = 0;

	if (transfer->fd >= 0) {
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
		if (status == 200 || status == 206)
			return write_file(transfer, bytes, len, status);
	}

	if (len > transfer->max_bytes - response->body_len) {
		transfer->too_large = true;
		return 0;
	}
	if (want > transfer->capacity) {
		size_t capacity = want < 8192 ? 8192 : want + want / 2;
		char *grown;

		if (capacity > transfer->max_bytes + 1)
			capacity = transfer->max_bytes + 1;
		grown = realloc(response->body, capacity);
		if (!grown) {
			transfer->no_memory = true;
			return 0;
		}
		response->body = grown;
		transfer->capacity = capacity;
	}
	memcpy(response->body + response->body_len, bytes, len);
	response->body_len += len;
	response->body[response->body_len] = '\0';
	return len;
}

/*
 * Keeps the ETag (RFC 9110 section 8.8.3), quotes included, as it must be sent back, and
 * the beginning of the range (section 14.4).
 */
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t len = size * count, value_len = 0;
	const char *value;

	transfer->header_bytes += (int64_t)len;
	if (transfer->header_bytes > HEADER_BYTES_MAX) {
		transfer->too_large = true;
		return 0;
	}
	value = answer_header(bytes, len, "etag:", &value_len);
	if (value)
		answer_etag(value, value_len, transfer->response->etag);
	value = answer_header(bytes, len, "content-range:", &value_len);
	if (value)
		transfer->range_from = answer_range_start(value, value_len);
	return len;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
	struct curl_slist *longer;
	char *line = NULL;

	if (asprintf(&line, "%s: %s", name, value) < 0)
		return false;
	longer = curl_slist_append(*list, line);
	free(line);
	if (!longer)
		return false;
	*list = longer;
	return true;
}

static bool collect_headers(const struct http_request *request, struct curl_slist **list,
			    struct err *err)
{
	bool fine = true;

	if (request->content_type)
		fine = fine && add_header(list, "Content-Type", request->content_type);
	if (request->etag && request->etag[0])
		fine = fine && add_header(list, "If-None-Match", request->etag);
	if (request->bearer) {
		char *value = NULL;

		fine = fine && asprintf(&value, "Bearer %s", request->bearer) >= 0 &&
		       add_header(list, "Authorization", value);
		free(value);
	}
	/* A body is sent at once: waiting for "100 Continue" costs a round trip. */
	if (request->body)
		fine = fine && add_header(list, "Expect", "");
	return fine || err_set(err, ERR_NO_MEMORY, "http: out of memory");
}

/* How long a request may take: the more it may bring, the longer. */
static void set_limits(CURL *easy, const struct http_request *request)
{
	int64_t timeout = request->timeout.ms, idle = request->idle.ms;

	if (timeout <= 0)
		timeout = DEFAULT_TIMEOUT_MS +
			  (int64_t)(request->max_bytes / SLOWEST_BYTES) * 1000;
	if (idle <= 0)
		idle = DEFAULT_IDLE_MS;
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)timeout);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((idle + 999) / 1000));
}

/* Not CURLOPT_RESUME_FROM: with that a server that sends all of it is an error. */
static void set_range(CURL *easy, int64_t from)
{
	char range[32];

	snprintf(range, sizeof(range), "%" PRId64 "-", from);
	curl_easy_setopt(easy, CURLOPT_RANGE, range);
}

static bool set_options(struct http *http, const struct http_request *request,
			struct curl_slist *headers, struct transfer *transfer,
			struct err *err)
{
	CURL *easy = http->easy;

	curl_easy_reset(easy);
	if (curl_easy_setopt(easy, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") != CURLE_OK)
		return err_set(err, ERR_INVALID, "%s: not a usable URL", request->url);
	curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
	if (request->body) {
		curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
				 (curl_off_t)request->body_len);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	}
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
	/* A range is one of the bytes as they are: packed, they would be others. */
	if (transfer->fd < 0)
		curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	else if (transfer->have > 0)
		set_range(easy, transfer->have);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "ekimae/" EKIMAE_VERSION);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	set_limits(easy, request);
	if (http->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
	if (http->proxy)
		curl_easy_setopt(easy, CURLOPT_PROXY, http->proxy);
	return true;
}

/* Runs the transfer to its end; false when it was cancelled. */
static bool run_transfer(struct http *http, CURLcode *out_result)
{
	int running = 1;
	int left = 0;
	CURLMsg *message;

	*out_result = CURLE_FAILED_INIT;
	if (curl_multi_add_handle(http->multi, http->easy) != CURLM_OK)
		return true;
	while (running && !atomic_load(&http->cancelled)) {
		if (curl_multi_perform(http->multi, &running) != CURLM_OK)
			break;
		if (running)
			curl_multi_poll(http->multi, NULL, 0, POLL_MS, NULL);
	}
	while ((message = curl_multi_info_read(http->multi, &left)) != NULL)
		if (message->msg == CURLMSG_DONE)
			*out_result = message->data.result;
	curl_multi_remove_handle(http->multi, http->easy);
	return !running || !atomic_load(&http->cancelled);
}

static bool explain(const struct http_request *request, const struct transfer *transfer,
		    CURLcode result, struct err *err)
{
	if (transfer->no_memory)
		return err_set(err, ERR_NO_MEMORY, "%s: out of memory", request->url);
	if (transfer->wrong_range)
		return err_set(err, ERR_INVALID,
			       "%s: the server sent another part than was asked for",
			       request->url);
	if (transfer->write_error != 0) {
		errno = transfer->write_error;
		return err_set_errno(err, "%s: write", request->url);
	}
	if (transfer->too_large)
		return err_set(err, ERR_TOO_LARGE, "%s: the answer is over %zu bytes",
			       request->url, request->max_bytes);
	if (result == CURLE_PEER_FAILED_VERIFICATION ||
	    result == CURLE_SSL_CACERT_BADFILE || result == CURLE_SSL_ISSUER_ERROR)
		return err_set(err, ERR_UNTRUSTED, "%s: %s", request->url,
			       curl_easy_strerror(result));
	if (result == CURLE_URL_MALFORMAT || result == CURLE_UNSUPPORTED_PROTOCOL)
		return err_set(err, ERR_INVALID, "%s: not a usable URL", request->url);
	return err_set(err, ERR_RETRY, "%s: %s", request->url,
		       curl_easy_strerror(result));
}

/* Adds to the client's count what this transfer was, and returns what came. */
static int64_t count_traffic(struct http *http, const struct transfer *transfer)
{
	curl_off_t body = 0, uploaded = 0;
	long request_size = 0;
	int64_t received;

	curl_easy_getinfo(http->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	curl_easy_getinfo(http->easy, CURLINFO_SIZE_UPLOAD_T, &uploaded);
	curl_easy_getinfo(http->easy, CURLINFO_REQUEST_SIZE, &request_size);
	received = transfer->header_bytes + body;
	atomic_fetch_add(&http->requests, 1);
	atomic_fetch_add(&http->received_bytes, received);
	atomic_fetch_add(&http->sent_bytes, request_size + uploaded);
	return received;
}

static bool transfer_all(struct http *http, const struct http_request *request,
			 struct transfer *transfer, struct err *err)
{
	struct http_response *response = transfer->response;
	struct curl_slist *headers = NULL;
	CURLcode result = CURLE_OK;
	bool fine;

	fine = collect_headers(request, &headers, err) &&
	       set_options(http, request, headers, transfer, err);
	if (fine) {
		if (!run_transfer(http, &result))
			fine = err_set(err, ERR_RETRY, "%s: cancelled", request->url);
		else if (result != CURLE_OK)
			fine = explain(request, transfer, result, err);
		response->received_bytes = count_traffic(http, transfer);
	}
	curl_slist_free_all(headers);
	if (fine && !response->body && !(response->body = calloc(1, 1)))
		fine = err_set(err, ERR_NO_MEMORY, "%s: out of memory", request->url);
	if (!fine) {
		http_response_done(response);
		return false;
	}
	curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &response->status);
	return true;
}

bool http_send(struct http *http, const struct http_request *request,
	       struct http_response *out, struct err *err)
{
	struct http_response response = {0};
	struct transfer transfer = {
		.response = &response,
		.max_bytes = request->max_bytes,
		.easy = http->easy,
		.fd = -1,
	};

	if (!transfer_all(http, request, &transfer, err))
		return false;
	*out = response;
	return true;
}

bool http_fetch(struct http *http, const struct http_request *request, int fd,
		int64_t have, struct http_response *out, struct err *err)
{
	struct http_response response = {0};
	struct transfer transfer = {
		.response = &response,
		.max_bytes = request->max_bytes,
		.easy = http->easy,
		.fd = fd,
		.have = have,
		.range_from = -1,
	};

	if (!transfer_all(http, request, &transfer, err))
		return false;
	*out = response;
	return true;
}

struct http_traffic http_traffic(const struct http *http)
{
	return (struct http_traffic){
		.requests = atomic_load(&http->requests),
		.received_bytes = atomic_load(&http->received_bytes),
		.sent_bytes = atomic_load(&http->sent_bytes),
	};
}

static enum err_code code_of_status(long status)
{
	switch (status) {
	case 401:
	case 403:
		return ERR_DENIED;
	case 404:
	case 410:
		return ERR_NOT_FOUND;
	case 409:
		return ERR_CONFLICT;
	case 413:
		return ERR_TOO_LARGE;
	case 408:
	case 425:
	case 429:
		return ERR_RETRY;
	default:
		return status >= 400 && status < 500 ? ERR_INVALID : ERR_RETRY;
	}
}

bool http_fail(const struct http_request *request, const struct http_response *response,
	       struct err *err)
{
	char sentence[ANSWER_SENTENCE_SIZE];

	answer_sentence(response->body, response->body_len, sentence);
	return err_set(err, code_of_status(response->status), "%s: HTTP status %ld%s%s",
		       request->url, response->status, sentence[0] ? ": " : "", sentence);
}
