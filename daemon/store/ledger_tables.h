#ifndef STORE_LEDGER_TABLES_H
#define STORE_LEDGER_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"
#include "store/ledger.h"
#include "wire/digest.h"

struct db;
struct err;
struct sqlite3_stmt;

/* Kept in the database as these numbers (stretch.kind): append only. */
enum ledger_stretch_kind {
	LEDGER_LOST,     /* the screen can't read the rows any more, and said so */
	LEDGER_ACCEPTED, /* a member of staff gave the rows up */
	LEDGER_FOLDED,   /* the screen sent totals by the hour */
	LEDGER_REFUSED,  /* … which contradict what is held: not counted */
	LEDGER_PRUNED,   /* the rows were here, and only their totals were kept */
};

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
	struct sqlite3_stmt *put_first;
	struct sqlite3_stmt *find_stretch, *put_stretch, *put_folded;
	/* For ledger_place.c */
	struct sqlite3_stmt *read_time, *next_undated, *place;
	struct sqlite3_stmt *find_offset, *put_offset;
};

/* Plays of one slide that began in one hour and ended alike, as the totals take them. */
struct ledger_shown {
	int64_t slide, screen;   /* numbers */
	struct wall_ms at, last; /* of the first and the last of them */
	struct wall_ms received;
	int64_t plays;
	int64_t shown_ms;
	enum play_outcome outcome;
	enum play_output output;
};

/*
 * Adds them to their hour and month, if somebody could see them, and notes a first complete
 * play of the fiscal year.
 */
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
/* A stretch that was folded: @first and @last are the offsets of its rows. */
MUST_USE bool ledger_place_fold(struct ledger_placer *placer, int64_t seq, int64_t boot,
				int64_t first_offset_ms, int64_t last_offset_ms,
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

/* The numbers of a slide and of a boot; both are added when they are new. */
MUST_USE bool ledger_slide_number(struct ledger *ledger, const struct play_start *start,
				  int64_t *out, struct err *err);
MUST_USE bool ledger_boot_number(struct ledger *ledger, int64_t screen,
				 const char *boot_id, int64_t *out, struct err *err);

/* Notes that a notice's slide @slide was completely shown at @at, if it is the year's first. */
MUST_USE bool ledger_note_first(struct ledger *ledger, int64_t slide, int64_t screen,
				struct wall_ms at, struct wall_ms noted, struct err *err);

/* The work on one upload of a screen, within a transaction. */
struct ledger_intake {
	struct ledger *ledger;
	const char *screen_id;
	struct wall_ms received;
	int64_t screen;  /* its number */
	int64_t max_seq; /* the highest number known before the upload */
	int64_t counted; /* rows up to here may have been counted by a stretch */
	struct ledger_receipt receipt;
};

/* Fills in what is known of the screen; ERR_NOT_FOUND. */
MUST_USE bool ledger_intake_begin(struct ledger_intake *intake, struct err *err);
/*
 * Moves durable_seq on over every row that is held, in quarantine or in a stretch; @last is
 * the last number of the upload.
 */
MUST_USE bool ledger_intake_end(struct ledger_intake *intake, int64_t last,
				struct err *err);

/* The stretch that a row is in; the one that ends first where there are several. */
struct ledger_stretch {
	int64_t number; /* 0: none */
	int64_t first, last;
	enum ledger_stretch_kind kind;
	bool has_head;
	uint8_t head[PLAY_HASH_SIZE];
	int64_t boot, first_offset_ms, last_offset_ms; /* of a fold */
};

MUST_USE bool ledger_find_stretch(struct ledger *ledger, int64_t screen, int64_t seq,
				  struct ledger_stretch *out, struct err *err);
/* Whether row @seq was counted by totals that stand in its place. */
MUST_USE bool ledger_is_counted(struct ledger *ledger, int64_t screen, int64_t seq,
				bool *out, struct err *err);
/* Adds @stretch, and sets its number. */
MUST_USE bool ledger_put_stretch(struct ledger *ledger, int64_t screen,
				 struct ledger_stretch *stretch, const char *document,
				 const char *who, struct wall_ms received,
				 struct err *err);

/* What the audit log says of rows that were pruned; @head and @totals are hashes. */
#define LEDGER_PRUNED_TEXT_SIZE 300
void ledger_pruned_text(int64_t first, int64_t last, const char *head, const char *totals,
			char out[static LEDGER_PRUNED_TEXT_SIZE]);

/* The digest of the totals that were kept of pruned rows. */
MUST_USE bool ledger_pruned_digest(struct ledger *ledger, int64_t stretch,
				   char out[static SHA256_HEX_SIZE], struct err *err);

/* The part of ledger_verify() that is about stretches. */
MUST_USE bool ledger_verify_stretches(struct ledger *ledger, const char *screen_id,
				      struct err *err);

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
