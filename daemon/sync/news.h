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

/*
 * Whether waiting works on this line. Proxies there are that cut an answer which takes its
 * time, or keep one and answer with it at once: then waiting brings nothing but load, and
 * the courier asks now and then instead. It tries to wait again after a while.
 */
struct news_way {
	int failures; /* waits in a row that the line spoiled */
	int polls;    /* left before waiting is tried again; 0: the courier waits */
};

#define NEWS_FAILURES_MAX 3  /* so many, and it polls */
#define NEWS_POLLS        10 /* so often, and it waits again */

bool news_polls(const struct news_way *way);
/* A wait went as it should: it lasted, or brought news. */
void news_waited(struct news_way *way);
/* A wait was cut, or answered at once with nothing. True when polling begins with it. */
bool news_spoiled(struct news_way *way);
/* One poll was made. True when waiting is tried again after it. */
bool news_polled(struct news_way *way);

#endif /* SYNC_NEWS_H */
