#ifndef STORE_NOTICES_H
#define STORE_NOTICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/time.h"

struct db;
struct err;

/* Kept in the database as these numbers: append only. */
enum notice_state { NOTICE_DRAFT, NOTICE_PUBLISHED, NOTICE_WITHDRAWN };

/* A revision of a notice as staff wrote it. */
struct notice_row {
	char id[NOTICE_ID_MAX + 1];
	int64_t revision;
	enum notice_state state;
	const char *json; /* "ekimae.notice/1", NUL-terminated; until the next call */
	size_t json_len;
	char author[65];
	struct wall_ms changed;
};

/*
 * Adds a notice, or the next revision of one, as a draft: @revision must be the newest + 1
 * (1 for a new notice), else ERR_CONFLICT.
 */
MUST_USE bool notice_put(struct db *db, const char *id, int64_t revision,
			 const char *json, size_t json_len, const char *author,
			 struct wall_ms at, struct err *err);

/* @row is borrowed for the call; false with @err set stops the walk. */
typedef bool notice_row_fn(void *context, const struct notice_row *row, struct err *err);

/* Its newest revision. */
MUST_USE bool notice_get(struct db *db, const char *id, notice_row_fn *each,
			 void *context, struct err *err); /* ERR_NOT_FOUND */
/* One revision. */
MUST_USE bool notice_get_revision(struct db *db, const char *id, int64_t revision,
				  notice_row_fn *each, void *context,
				  struct err *err); /* ERR_NOT_FOUND */
/* The newest revision of each notice, by id. */
MUST_USE bool notice_each(struct db *db, notice_row_fn *each, void *context,
			  struct err *err);
/* ERR_NOT_FOUND when there is no such revision. */
MUST_USE bool notice_set_state(struct db *db, const char *id, int64_t revision,
			       enum notice_state state, struct wall_ms at,
			       struct err *err);

#endif /* STORE_NOTICES_H */
