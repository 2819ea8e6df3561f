#ifndef SYNC_NEWS_H
#define SYNC_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"

struct err;
struct http;

#define NEWS_WAIT_MAX_S 55

/*
 * Waits until the city has a timestamp above version @after, or @wait_s have passed
 * (docs/protocol.md section 2). Sets @out_version to the version that it has then.
 */
MUST_USE bool news_wait(struct http *http, const char *city_url, int64_t after,
			int wait_s, int64_t *out_version, struct err *err);

#endif /* SYNC_NEWS_H */
