#ifndef STORE_STAFF_H
#define STORE_STAFF_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct db;
struct err;

#define STAFF_NAME_MAX 64 /* bytes */

/* Kept in the database as these numbers: append only. */
enum staff_role { STAFF_AUTHOR, STAFF_APPROVER, STAFF_ADMINISTRATOR };

struct staff {
	char name[STAFF_NAME_MAX + 1];
	enum staff_role role;
	char password_hash[256]; /* crypt(5) */
	int failures;
	struct wall_ms locked_until; /* 0: not locked */
};

/* ERR_CONFLICT when the name is taken. */
MUST_USE bool staff_add(struct db *db, const char *name, enum staff_role role,
			const char *password_hash, struct wall_ms at, struct err *err);
MUST_USE bool staff_find(struct db *db, const char *name, struct staff *out,
			 struct err *err); /* ERR_NOT_FOUND */
/*
 * Notes an attempt to log in. After a success there are no failures and no lock, whatever
 * the other parameters say. ERR_NOT_FOUND when there is nobody of this name.
 */
MUST_USE bool staff_note_login(struct db *db, const char *name, bool success,
			       int failures, struct wall_ms locked_until,
			       struct err *err);

/* Another password: ends all sessions of that name, and a lock. ERR_NOT_FOUND. */
MUST_USE bool staff_set_password(struct db *db, const char *name,
				 const char *password_hash, struct err *err);

/* @staff is borrowed for the call; false with @err set stops the walk. */
typedef bool staff_fn(void *context, const struct staff *staff, struct err *err);

/* Everybody, by name; password_hash is left empty. */
MUST_USE bool staff_each(struct db *db, staff_fn *each, void *context, struct err *err);

#endif /* STORE_STAFF_H */
