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
	struct sqlite3_stmt *put_hour, *put_month; /* totals */
	/* For ledger_place.c */
	struct sqlite3_stmt *read_time, *next_undated, *place;
	struct sqlite3_stmt *find_offset, *put_offset;
};

/* A play as the totals take it. */
struct ledger_shown {
	int64_t slide, screen; /* numbers */
	struct wall_ms at, received;
	int64_t shown_ms;
	enum play_outcome outcome;
	enum play_output output;
};

/* Adds it to its hour and month, if somebody could see it. */
MUST_USE bool ledger_put_total(struct ledger *ledger, const struct ledger_shown *shown,
			       struct err *err);

/* Whether a time can be one at which a screen showed something. */
static inline bool ledger_time_is_sane(int64_t ms)
{
	return ms >= WALL_MS_MIN && ms <= WALL_MS_MAX;
}

/*
 * Gives plays that were made before the clock was set their time, while walking over the
 * rows of a screen that are confirmed, in their order. Zero but for the first two.
 */
struct ledger_placer {
	struct ledger *ledger;
	int64_t screen; /* its number */
	int64_t boot;   /* of the row before; 0: none yet */
	bool known, changed;
	int64_t offset_ms; /* of that boot, when @known */
	int64_t placed;    /* plays that got a time */
};

/* The next row; @*out_held is false when it is not held. */
MUST_USE bool ledger_place_row(struct ledger_placer *placer, int64_t seq, bool *out_held,
			       struct err *err);
/* After the last row. */
MUST_USE bool ledger_place_done(struct ledger_placer *placer, struct err *err);

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
