/*
 * When plays of an unset clock were. A box without a clock battery begins in 1970 and learns
 * the time only when it reaches a network; its monotonic clock runs all along, and is not
 * moved when the wall clock is set. So one play with a right wall clock tells the times of
 * all others of that boot.
 *
 * Which play tells is the same in whatever order batches come, as rows are looked at only
 * once all before them are confirmed: the nearest earlier one, else the first later one.
 */
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/ledger_tables.h"

/* A row as far as its time is concerned. */
struct timed {
	int64_t seq, boot, began_ms, began_mono_ms;
	bool synchronised, undated;
	struct ledger_shown shown; /* without its time */
};

static bool read_row(struct ledger_placer *placer, int64_t seq, bool *out_held,
		     struct timed *out, struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = placer->ledger->read_time;

	sqlite3_bind_int64(stmt, 1, placer->screen);
	sqlite3_bind_int64(stmt, 2, seq);
	if (!db_step(placer->ledger->db, stmt, out_held, "ledger: place", err))
		return false;
	if (!*out_held)
		return true;
	*out = (struct timed){
		.seq = seq,
		.boot = sqlite3_column_int64(stmt, 0),
		.began_ms = sqlite3_column_int64(stmt, 2),
		.began_mono_ms = sqlite3_column_int64(stmt, 3),
		.synchronised = sqlite3_column_int(stmt, 4) != 0,
		.undated = sqlite3_column_int(stmt, 9) != 0,
		.shown =
			{
				.screen = placer->screen,
				.slide = sqlite3_column_int64(stmt, 1),
				.plays = 1,
				.shown_ms = sqlite3_column_int64(stmt, 5),
				.outcome = (enum play_outcome)sqlite3_column_int(stmt, 6),
				.output = (enum play_output)sqlite3_column_int(stmt, 7),
				.received = {sqlite3_column_int64(stmt, 8)},
			},
	};
	return true;
}

/* The offset of the boot, as rows that were confirmed before have it. */
static bool load_offset(struct ledger_placer *placer, int64_t boot, struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = placer->ledger->find_offset;
	bool row;

	sqlite3_bind_int64(stmt, 1, boot);
	if (!db_step(placer->ledger->db, stmt, &row, "ledger: place", err))
		return false;
	placer->boot = boot;
	placer->changed = false;
	placer->known = row && sqlite3_column_type(stmt, 0) != SQLITE_NULL;
	placer->offset_ms = placer->known ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}

static bool place(struct ledger_placer *placer, const struct timed *row, struct err *err)
{
	sqlite3_stmt *stmt = placer->ledger->place;
	struct ledger_shown shown = row->shown;

	/* A wrong clock may be wrong by any number: then the play stays without a time. */
	if (__builtin_add_overflow(row->began_mono_ms, placer->offset_ms, &shown.at.ms) ||
	    !ledger_time_is_sane(shown.at.ms))
		return true;
	shown.last = shown.at;
	sqlite3_bind_int64(stmt, 1, placer->screen);
	sqlite3_bind_int64(stmt, 2, row->seq);
	sqlite3_bind_int64(stmt, 3, shown.at.ms);
	placer->placed++;
	return db_run_one(placer->ledger->db, stmt, "ledger: place", err) &&
	       ledger_put_total(placer->ledger, &shown, err);
}

/* The first row after @after and before @before that waits for its time; 0: none. */
static bool next_undated(struct ledger_placer *placer, int64_t after, int64_t before,
			 int64_t *out, struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = placer->ledger->next_undated;
	bool row;

	sqlite3_bind_int64(stmt, 1, placer->boot);
	sqlite3_bind_int64(stmt, 2, after);
	sqlite3_bind_int64(stmt, 3, before);
	if (!db_step(placer->ledger->db, stmt, &row, "ledger: place", err))
		return false;
	*out = row ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}

/* The boot's first right time: all before it in this boot have waited for it. */
static bool place_waiting(struct ledger_placer *placer, int64_t before, struct err *err)
{
	int64_t seq = 0;

	for (;;) {
		struct timed row;
		bool is_held;

		if (!next_undated(placer, seq, before, &seq, err))
			return false;
		if (!seq)
			return true;
		if (!read_row(placer, seq, &is_held, &row, err) ||
		    (is_held && !place(placer, &row, err)))
			return false;
	}
}

/* Turns to the boot of what comes next. */
static bool enter_boot(struct ledger_placer *placer, int64_t boot, struct err *err)
{
	return boot == placer->boot ||
	       (ledger_place_done(placer, err) && load_offset(placer, boot, err));
}

/* Row @seq of the boot that the placer is in tells the time by @offset_ms. */
static bool learn(struct ledger_placer *placer, int64_t seq, int64_t offset_ms,
		  struct err *err)
{
	bool was_known = placer->known;

	placer->known = true;
	placer->changed = true;
	placer->offset_ms = offset_ms;
	return was_known || place_waiting(placer, seq, err);
}

bool ledger_place_row(struct ledger_placer *placer, int64_t seq, bool *out_held,
		      struct err *err)
{
	struct timed row;

	if (!read_row(placer, seq, out_held, &row, err))
		return false;
	if (!*out_held)
		return true;
	if (!enter_boot(placer, row.boot, err))
		return false;
	if (!row.synchronised || !ledger_time_is_sane(row.began_ms))
		return !placer->known || !row.undated || place(placer, &row, err);
	return learn(placer, seq, row.began_ms - row.began_mono_ms, err);
}

bool ledger_place_fold(struct ledger_placer *placer, int64_t seq, int64_t boot,
		       int64_t first_offset_ms, int64_t last_offset_ms, struct err *err)
{
	if (!enter_boot(placer, boot, err) || !learn(placer, seq, first_offset_ms, err))
		return false;
	placer->offset_ms = last_offset_ms;
	return true;
}

bool ledger_place_done(struct ledger_placer *placer, struct err *err)
{
	sqlite3_stmt *stmt = placer->ledger->put_offset;

	if (!placer->changed)
		return true;
	placer->changed = false;
	sqlite3_bind_int64(stmt, 1, placer->boot);
	sqlite3_bind_int64(stmt, 2, placer->offset_ms);
	return db_run_one(placer->ledger->db, stmt, "ledger: place", err);
}
