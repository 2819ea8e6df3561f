#ifndef CITY_CITY_H
#define CITY_CITY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "city/password.h"
#include "core/attr.h"
#include "core/time.h"

struct city_settings;
struct db;
struct err;
struct ledger;
struct plan;
struct publisher;
struct waiting;

/* Everything that the city server knows, whatever carries the requests. */
struct city {
	const struct city_settings *settings; /* borrowed */
	pthread_mutex_t lock;                 /* for all below but `waiting` */
	struct db *db;
	struct ledger *ledger;
	struct publisher *publisher;
	struct plan *plan; /* as published */
	/* A hash that nobody's password has: see login.c. */
	char nobody[PASSWORD_HASH_SIZE];
	struct waiting *waiting; /* thread-safe by itself */
};

#define CITY_DATABASE "city.db"

/*
 * Opens the state: verifies the repository, renews what is due, and brings the database in
 * line with what is published, as a kill may have come between the two. NULL on failure.
 */
MUST_USE struct city *city_open(const struct city_settings *settings, struct wall_ms now,
				struct err *err);
struct city *city_close(struct city *city); /* NULL is fine; returns NULL */

/* Signs snapshot and timestamp anew when half of their life is over, and tells it. */
MUST_USE bool city_renew(struct city *city, struct wall_ms now, struct err *err);

/* Removes what no screen can need any more: see city/prune.h. Counts the files removed. */
MUST_USE bool city_prune(struct city *city, struct wall_ms now, size_t *out_removed,
			 struct err *err);
/* Removes raw rows of plays that are older than [plays].keep_raw_years. Counts them. */
MUST_USE bool city_prune_plays(struct city *city, struct wall_ms now,
			       int64_t *out_removed, struct err *err);

#endif /* CITY_CITY_H */
