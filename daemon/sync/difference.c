#include "sync/difference.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "sync/http.h"
#include "sync/repository.h"
#include "wire/delta.h"

static bool fetch(struct repository *repository, const char *url,
		  struct http_response *out, struct err *err)
{
	const struct http_request request = {
		.method = "GET",
		.url = url,
		.max_bytes = DELTA_MAX,
		.timeout = repository->timeout,
	};
	struct http_response response = {0};

	repository->requests++;
	if (!http_send(repository->http, &request, &response, err))
		return false;
	repository->received_bytes += response.received_bytes;
	if (response.status != 200) {
		http_fail(&request, &response, err);
		http_response_done(&response);
		return false;
	}
	*out = response;
	return true;
}

char *difference_fetch(struct repository *repository, const void *base, size_t base_len,
		       const uint8_t sha256_wanted[static SHA256_SIZE], size_t len,
		       struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char from[SHA256_HEX_SIZE], to[SHA256_HEX_SIZE], url[REPOSITORY_URL_MAX];
	uint8_t hash[SHA256_SIZE];
	char *bytes;

	if (!repository->differences_url || len < DIFFERENCE_ABOVE) {
		err_set(err, ERR_NOT_FOUND, "no differences here");
		return NULL;
	}
	sha256(base, base_len, hash);
	hex_encode(hash, sizeof(hash), from);
	hex_encode(sha256_wanted, SHA256_SIZE, to);
	if (snprintf(url, sizeof(url), "%s/%s-%s.vcdiff", repository->differences_url,
		     from, to) >= (int)sizeof(url)) {
		err_set(err, ERR_INVALID, "%s: the URL is too long", to);
		return NULL;
	}
	if (!fetch(repository, url, &response, err))
		return NULL;
	bytes = delta_apply(base, base_len, response.body, response.body_len, len, err);
	if (!bytes) {
		err_prefix(err, "%s", url);
		return NULL;
	}
	sha256(bytes, len, hash);
	if (memcmp(hash, sha256_wanted, SHA256_SIZE) != 0) {
		free(bytes);
		err_set(err, ERR_UNTRUSTED, "%s: makes another file than it says", url);
		return NULL;
	}
	return bytes;
}
