#ifndef STORE_LEDGER_TABLES_H
#define STORE_LEDGER_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"

struct db;
struct err;
struct sqlite3_stmt;

/* The ledger's own view of its tables, shared by ledger*.c and by nobody else. */
struct ledger {
	struct db *db;
	struct sqlite3_stmt *find_play; /* hash of (screen, seq) */
	struct sqlite3_stmt *read_play; /* all of (screen, seq), as play_row.h has it */
	struct sqlite3_stmt *put_play;
	struct sqlite3_stmt *find_slide, *put_slide;
	struct sqlite3_stmt *find_boot, *put_boot;
	struct sqlite3_stmt *find_quarantined; /* hash of (screen, seq), newest first */
	struct sqlite3_stmt *put_quarantined;
};

/* The hash of the row held as (@screen, @seq); @*out_held is false when there is none. */
MUST_USE bool ledger_held_hash(struct ledger *ledger, int64_t screen, int64_t seq,
			       bool *out_held, uint8_t hash[static PLAY_HASH_SIZE],
			       struct err *err);
/* The row held as (@screen, @seq); @*out_held is false when there is none. */
MUST_USE bool ledger_held_play(struct ledger *ledger, int64_t screen, int64_t seq,
			       bool *out_held, struct play *out,
			       uint8_t hash[static PLAY_HASH_SIZE], struct err *err);
/* Whether a row of this number is in quarantine, and whether one claims @hash. */
struct ledger_quarantine_state {
	bool any;      /* a row of this number is in quarantine */
	bool no_hash;  /* … and one of them without a readable hash */
	bool has_hash; /* … and one of them claims the hash asked for */
};
MUST_USE bool ledger_in_quarantine(struct ledger *ledger, int64_t screen, int64_t seq,
				   const uint8_t hash[static PLAY_HASH_SIZE],
				   struct ledger_quarantine_state *out, struct err *err);

/* Adds a play; it must not be held yet. */
MUST_USE bool ledger_put_play(struct ledger *ledger, int64_t screen,
			      const struct play *play,
			      const uint8_t hash[static PLAY_HASH_SIZE],
			      struct wall_ms received, struct err *err);
/*
 * Puts a row into quarantine; @*out_new is false when just this row is there already.
 * @hash is NULL when it could not be read.
 */
MUST_USE bool ledger_put_quarantined(struct ledger *ledger, int64_t screen, int64_t seq,
				     const uint8_t *hash, const char *row,
				     const char *reason, struct wall_ms received,
				     bool *out_new, struct err *err);

#endif /* STORE_LEDGER_TABLES_H */
