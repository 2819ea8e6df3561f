#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/time.h"

struct db;
struct err;

#define AUDIT_TEXT_MAX 2000 /* bytes of each text */

/*
 * Appends to the hash-chained audit log: who did what to what, when. @detail may be "".
 * One statement: it may be part of a transaction of the caller.
 */
MUST_USE bool audit_append(struct db *db, const char *who, const char *action,
			   const char *object, const char *detail, struct wall_ms at,
			   struct err *err);
/*
 * Walks the chain; @*out_rows rows are intact. ERR_UNTRUSTED names the first that is not:
 * altered, removed or put in between. Rows cut off at the end leave a shorter chain that is
 * intact in itself: compare the number of rows with one noted earlier.
 */
MUST_USE bool audit_verify(struct db *db, int64_t *out_rows, struct err *err);

#endif /* STORE_AUDIT_H */
