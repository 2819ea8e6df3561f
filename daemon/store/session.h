#ifndef STORE_SESSION_H
#define STORE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct db;
struct err;
struct staff;

/* Sessions of staff. The database holds only the SHA-256 of their token. */
MUST_USE bool session_add(struct db *db, const uint8_t token_hash[static 32],
			  const char *staff, struct wall_ms until, struct err *err);
/* Whose session it is at @at; ERR_DENIED when it is unknown or over. */
MUST_USE bool session_find(struct db *db, const uint8_t token_hash[static 32],
			   struct wall_ms at, struct staff *out, struct err *err);
/* Removing a session that is gone already is fine. */
MUST_USE bool session_remove(struct db *db, const uint8_t token_hash[static 32],
			     struct err *err);

#endif /* STORE_SESSION_H */
