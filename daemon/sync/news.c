#include "sync/news.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/err.h"
#include "sync/answer.h"
#include "sync/http.h"
#include "sync/repository.h"

#define GRACE_S 10 /* for the answer, after the server's wait is over */

bool news_wait(struct http *http, const char *city_url, int64_t after, int wait_s,
	       int64_t *out_version, struct err *err)
{
	CLEANUP(http_response_done) struct http_response response = {0};
	char url[REPOSITORY_URL_MAX];
	struct http_request request = {
		.method = "GET",
		.url = url,
		.max_bytes = ANSWER_NEWS_MAX,
		.timeout = {(wait_s + GRACE_S) * INT64_C(1000)},
		.idle = {(wait_s + GRACE_S) * INT64_C(1000)},
	};

	if (snprintf(url, sizeof(url), "%s/news?after=%" PRId64 "&wait=%d", city_url,
		     after, wait_s) >= (int)sizeof(url))
		return err_set(err, ERR_CONFIG, "the city's URL is too long");
	if (!http_send(http, &request, &response, err))
		return false;
	if (response.status != 200)
		return http_fail(&request, &response, err);
	return answer_news(response.body, response.body_len, out_version, err);
}

bool news_polls(const struct news_way *way)
{
	return way->polls > 0;
}

void news_waited(struct news_way *way)
{
	way->failures = 0;
}

bool news_spoiled(struct news_way *way)
{
	if (++way->failures < NEWS_FAILURES_MAX)
		return false;
	way->failures = 0;
	way->polls = NEWS_POLLS;
	return true;
}

bool news_polled(struct news_way *way)
{
	return way->polls > 0 && --way->polls == 0;
}
