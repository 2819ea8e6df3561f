#ifndef STORE_CITYDB_H
#define STORE_CITYDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/time.h"
#include "store/db.h"

struct db;

struct err;

/* The city server's tables but the ledger's: staff, sessions, screens, notices, audit. */
extern const struct db_migration citydb_migrations[];
extern const size_t citydb_migration_count;

enum staff_role { STAFF_AUTHOR, STAFF_APPROVER, STAFF_ADMINISTRATOR };

struct staff {
	char name[65];
	enum staff_role role;
	char password_hash[256]; /* crypt(5) */
	int failures;
	struct wall_ms locked_until; /* 0: not locked */
};

MUST_USE bool staff_add(struct db *db, const char *name, enum staff_role role,
			const char *password_hash, struct wall_ms at, struct err *err);
MUST_USE bool staff_find(struct db *db, const char *name, struct staff *out,
			 struct err *err); /* ERR_NOT_FOUND */
MUST_USE bool staff_note_login(struct db *db, const char *name, bool success,
			       int failures, struct wall_ms locked_until,
			       struct err *err);

/* Sessions hold only the SHA-256 of their token. */
MUST_USE bool session_add(struct db *db, const uint8_t token_hash[static 32],
			  const char *staff, struct wall_ms until, struct err *err);
MUST_USE bool session_find(struct db *db, const uint8_t token_hash[static 32],
			   struct wall_ms at, struct staff *out, struct err *err);
MUST_USE bool session_remove(struct db *db, const uint8_t token_hash[static 32],
			     struct err *err);

enum screen_state { SCREEN_EXPECTED, SCREEN_ENROLLED, SCREEN_REVOKED };

struct screen {
	char id[SCREEN_ID_MAX + 1];
	char place[201]; /* "田無駅北口" */
	enum screen_state state;
	bool counts; /* its plays count for the KPI */
	uint8_t public_key[32];
	struct wall_ms created, enrolled, last_upload; /* 0: never */
	int64_t durable_seq;
};

/* Expects a screen; @code_hash is the SHA-256 of its one-time code, good until @code_until. */
MUST_USE bool screen_add(struct db *db, const char *id, const char *place, bool counts,
			 const uint8_t code_hash[static 32], struct wall_ms code_until,
			 struct wall_ms at, struct err *err);
/* Uses up the code; ERR_DENIED when it is unknown, used or too old. */
MUST_USE bool screen_enrol(struct db *db, const uint8_t code_hash[static 32],
			   const uint8_t public_key[static 32], struct wall_ms at,
			   struct screen *out, struct err *err);
MUST_USE bool screen_find(struct db *db, const char *id, struct screen *out,
			  struct err *err);
MUST_USE bool screen_revoke(struct db *db, const char *id, struct err *err);
typedef bool screen_fn(void *context, const struct screen *screen, struct err *err);
MUST_USE bool screen_each(struct db *db, screen_fn *each, void *context, struct err *err);

enum notice_state { NOTICE_DRAFT, NOTICE_PUBLISHED, NOTICE_WITHDRAWN };

struct notice_row {
	char id[NOTICE_ID_MAX + 1];
	int64_t revision;
	enum notice_state state;
	const char *json; /* "ekimae.notice/1"; until the next call */
	size_t json_len;
	char author[65];
	struct wall_ms changed;
};

/*
 * Adds a notice, or the next revision of one: @revision must be the newest + 1, else
 * ERR_CONFLICT.
 */
MUST_USE bool notice_put(struct db *db, const char *id, int64_t revision,
			 const char *json, size_t json_len, const char *author,
			 struct wall_ms at, struct err *err);
/* Its newest revision. */
typedef bool notice_row_fn(void *context, const struct notice_row *row, struct err *err);
MUST_USE bool notice_get(struct db *db, const char *id, notice_row_fn *each,
			 void *context, struct err *err); /* ERR_NOT_FOUND */
MUST_USE bool notice_each(struct db *db, notice_row_fn *each, void *context,
			  struct err *err);
MUST_USE bool notice_set_state(struct db *db, const char *id, int64_t revision,
			       enum notice_state state, struct wall_ms at,
			       struct err *err);

/* Appends to the hash-chained audit log: who did what to what, when. */
MUST_USE bool audit_append(struct db *db, const char *who, const char *action,
			   const char *object, const char *detail, struct wall_ms at,
			   struct err *err);
/* Walks the chain; @*out_rows rows are intact. ERR_UNTRUSTED names the first that is not. */
MUST_USE bool audit_verify(struct db *db, int64_t *out_rows, struct err *err);

#endif /* STORE_CITYDB_H */
