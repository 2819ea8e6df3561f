#ifndef STORE_SCREEN_H
#define STORE_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/time.h"

struct db;
struct err;

#define SCREEN_PLACE_MAX 200 /* bytes */

/* Kept in the database as these numbers: append only. */
enum screen_state { SCREEN_EXPECTED, SCREEN_ENROLLED, SCREEN_REVOKED };

struct screen {
	char id[SCREEN_ID_MAX + 1];
	char place[SCREEN_PLACE_MAX + 1]; /* "田無駅北口" */
	enum screen_state state;
	bool counts;                                   /* its plays count for the KPI */
	uint8_t public_key[32];                        /* zeros until it is enrolled */
	struct wall_ms created, enrolled, last_upload; /* 0: never */
	int64_t durable_seq;
};

/*
 * Expects a screen; @code_hash is the SHA-256 of its one-time code, good until
 * @code_until. A screen that is expected already gets the new code, place and flag in
 * place of the old; one that was ever enrolled is ERR_CONFLICT.
 */
MUST_USE bool screen_add(struct db *db, const char *id, const char *place, bool counts,
			 const uint8_t code_hash[static 32], struct wall_ms code_until,
			 struct wall_ms at, struct err *err);
/* Uses up the code; ERR_DENIED when it is unknown, used or too old. */
MUST_USE bool screen_enrol(struct db *db, const uint8_t code_hash[static 32],
			   const uint8_t public_key[static 32], struct wall_ms at,
			   struct screen *out, struct err *err);
MUST_USE bool screen_find(struct db *db, const char *id, struct screen *out,
			  struct err *err); /* ERR_NOT_FOUND */
/* For good: a revoked screen's key and code are worth nothing. ERR_NOT_FOUND. */
MUST_USE bool screen_revoke(struct db *db, const char *id, struct err *err);

/* @screen is borrowed for the call; false with @err set stops the walk. */
typedef bool screen_fn(void *context, const struct screen *screen, struct err *err);
/* All screens, by id. */
MUST_USE bool screen_each(struct db *db, screen_fn *each, void *context, struct err *err);

#endif /* STORE_SCREEN_H */
