#ifndef STORE_PLAYLOG_PARTS_H
#define STORE_PLAYLOG_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/time.h"
#include "wire/digest.h"

struct db;
struct err;
struct play;
struct sqlite3_stmt;

/*
 * The play log's own view of itself, shared by playlog*.c and by nobody else.
 *
 * The newest numbers and hashes are kept here as well: they change only after the
 * database has them durably, and only through this struct.
 */
struct playlog {
	struct db *db;
	char screen_id[SCREEN_ID_MAX + 1];
	int64_t open_seq; /* 0: none */
	int64_t last_closed;
	uint8_t head[SHA256_SIZE]; /* hash of row last_closed */
	int64_t pruned_seq;
	uint8_t pruned_hash[SHA256_SIZE];
	int64_t acknowledged;
	int64_t fold_after; /* rows up to here are folded, or can't be */
	struct sqlite3_stmt *put_slide, *put_boot;
	struct sqlite3_stmt *begin, *heartbeat, *read_open, *end;
};

/* Rows whose seq is greater than ?1, oldest first; their hash is column PLAY_ROW_COLUMNS. */
extern const char playlog_rows_sql[];

/* ERR_IO: @what is damaged, and what a person can do. Returns false. */
bool playlog_damaged(const char *what, struct err *err);

/* The hash of row @seq, or of the stretch that ends with it; zeros when it is not known. */
MUST_USE bool playlog_hash_of(struct playlog *log, int64_t seq,
			      uint8_t out[static SHA256_SIZE], struct err *err);

/* Puts a signed stretch in the place of its rows, in one transaction. */
struct playlog_stretch {
	int64_t first, last;
	const uint8_t *hash; /* of row @last; zeros: not known */
	const char *document;
};

MUST_USE bool playlog_replace(struct playlog *log, const struct playlog_stretch *stretch,
			      struct err *err);

#endif /* STORE_PLAYLOG_PARTS_H */
