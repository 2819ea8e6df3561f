/*
 * Stretches of a screen's plays that do not come as rows: lost, given up, folded into totals.
 * Whatever the order in which rows and stretches come, each play counts once.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/ledger_tables.h"
#include "store/play_row.h"
#include "wire/play_batch.h"
#include "wire/play_stretch.h"

#define REASON_SIZE (PLAY_STRETCH_REASON_SIZE + 80)

static const uint8_t zeros[SHA256_SIZE];

/* --- The table ------------------------------------------------------------------------- */

static bool find(struct ledger *ledger, int64_t screen, int64_t seq, bool counted,
		 struct ledger_stretch *out, struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = ledger->find_stretch;
	bool row;

	*out = (struct ledger_stretch){0};
	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_int64(stmt, 2, seq);
	sqlite3_bind_int(stmt, 3, counted);
	sqlite3_bind_int(stmt, 4, LEDGER_FOLDED);
	sqlite3_bind_int(stmt, 5, LEDGER_PRUNED);
	if (!db_step(ledger->db, stmt, &row, "ledger: a stretch", err))
		return false;
	if (!row)
		return true;
	out->number = sqlite3_column_int64(stmt, 0);
	out->first = sqlite3_column_int64(stmt, 1);
	out->last = sqlite3_column_int64(stmt, 2);
	out->kind = (enum ledger_stretch_kind)sqlite3_column_int(stmt, 3);
	out->has_head = db_bytes(stmt, 4, out->head, sizeof(out->head));
	out->boot = sqlite3_column_int64(stmt, 5);
	out->first_offset_ms = sqlite3_column_int64(stmt, 6);
	out->last_offset_ms = sqlite3_column_int64(stmt, 7);
	return true;
}

bool ledger_find_stretch(struct ledger *ledger, int64_t screen, int64_t seq,
			 struct ledger_stretch *out, struct err *err)
{
	return find(ledger, screen, seq, false, out, err);
}

bool ledger_is_counted(struct ledger *ledger, int64_t screen, int64_t seq, bool *out,
		       struct err *err)
{
	struct ledger_stretch stretch;

	if (!find(ledger, screen, seq, true, &stretch, err))
		return false;
	*out = stretch.number != 0;
	return true;
}

bool ledger_put_stretch(struct ledger *ledger, int64_t screen,
			struct ledger_stretch *stretch, const char *document,
			const char *who, struct wall_ms received, struct err *err)
{
	sqlite3_stmt *stmt = ledger->put_stretch;

	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_int64(stmt, 2, stretch->first);
	sqlite3_bind_int64(stmt, 3, stretch->last);
	sqlite3_bind_int(stmt, 4, (int)stretch->kind);
	if (stretch->has_head)
		sqlite3_bind_blob(stmt, 5, stretch->head, SHA256_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 6, document, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 7, who, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 8, received.ms);
	if (stretch->boot) {
		sqlite3_bind_int64(stmt, 9, stretch->boot);
		sqlite3_bind_int64(stmt, 10, stretch->first_offset_ms);
		sqlite3_bind_int64(stmt, 11, stretch->last_offset_ms);
	}
	if (!db_run_one(ledger->db, stmt, "ledger: a stretch", err))
		return false;
	stretch->number = db_last_rowid(ledger->db);
	return true;
}

/* --- Taking one ------------------------------------------------------------------------ */

/* The work on one stretch. */
struct taking {
	struct ledger_intake intake;
	const struct play_stretch *stretch;
	const char *document;
	struct ledger_stretch row; /* as it will be kept */
	int64_t *slides;           /* numbers of its slides */
	struct play_total *totals; /* what of its totals is still to be counted */
	char refused[REASON_SIZE]; /* why it is not counted; "": it is */
};

static bool refuse(struct taking *taking, const char *reason)
{
	snprintf(taking->refused, sizeof(taking->refused), "%s", reason);
	return true;
}

/* The first number that @sql finds of the screen's rows @first to @last, and the second. */
static bool query(struct taking *taking, const char *sql, int64_t out[static 2],
		  struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(taking->intake.ledger->db, sql, err);
	bool row;

	if (!stmt)
		return false;
	/* Parameters that a query does not have are passed over. */
	sqlite3_bind_int64(stmt, 1, taking->intake.screen);
	sqlite3_bind_int64(stmt, 2, taking->stretch->first);
	sqlite3_bind_int64(stmt, 3, taking->stretch->last);
	sqlite3_bind_int(stmt, 4, LEDGER_FOLDED);
	sqlite3_bind_int(stmt, 5, LEDGER_PRUNED);
	sqlite3_bind_int(stmt, 6, LEDGER_LOST);
	if (!db_step(taking->intake.ledger->db, stmt, &row, "ledger: a stretch", err))
		return false;
	for (int i = 0; i < 2; i++)
		out[i] = row && i < sqlite3_column_count(stmt)
				 ? sqlite3_column_int64(stmt, i)
				 : 0;
	return true;
}

/* How many of its rows are held. */
static bool count_held(struct taking *taking, int64_t *out, struct err *err)
{
	int64_t found[2];

	if (!query(taking,
		   "SELECT COUNT(*) FROM play WHERE screen = ?1 AND seq BETWEEN ?2 AND ?3",
		   found, err))
		return false;
	*out = found[0];
	return true;
}

/* Whether just this was taken before. */
static bool is_repeated(struct taking *taking, bool *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(taking->intake.ledger->db,
					"SELECT 1 FROM stretch WHERE screen = ?1"
					" AND last = ?2 AND first = ?3 AND document = ?4",
					err);

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, taking->intake.screen);
	sqlite3_bind_int64(stmt, 2, taking->stretch->last);
	sqlite3_bind_int64(stmt, 3, taking->stretch->first);
	sqlite3_bind_text(stmt, 4, taking->document, -1, SQLITE_STATIC);
	return db_step(taking->intake.ledger->db, stmt, out, "ledger: a stretch", err);
}

/* Keeps it, and names it in quarantine with @reason (NULL: it needs no naming). */
static bool keep(struct taking *taking, enum ledger_stretch_kind kind, const char *reason,
		 struct err *err)
{
	struct ledger_intake *intake = &taking->intake;
	const struct play_stretch *stretch = taking->stretch;
	bool is_new;

	taking->row.first = stretch->first;
	taking->row.last = stretch->last;
	taking->row.kind = kind;
	taking->row.has_head = memcmp(stretch->head, zeros, SHA256_SIZE) != 0;
	memcpy(taking->row.head, stretch->head, SHA256_SIZE);
	if (!ledger_put_stretch(intake->ledger, intake->screen, &taking->row,
				taking->document, "", intake->received, err))
		return false;
	if (!reason)
		return true;
	if (!ledger_put_quarantined(intake->ledger, intake->screen, stretch->first, NULL,
				    taking->document, reason, intake->received, &is_new,
				    err))
		return false;
	intake->receipt.quarantined++;
	return true;
}

static bool take_lost(struct taking *taking, struct err *err)
{
	const struct play_stretch *stretch = taking->stretch;
	int64_t rows = stretch->last - stretch->first + 1;
	char reason[REASON_SIZE];
	int64_t held, stated[2];

	if (!count_held(taking, &held, err) ||
	    !query(taking,
		   "SELECT COUNT(*) FROM stretch WHERE screen = ?1 AND last >= ?3"
		   " AND first <= ?2 AND kind = ?6",
		   stated, err))
		return false;
	/* The screen has lost what is safe here, or said so before. */
	if (held == rows || stated[0] > 0) {
		taking->intake.receipt.repeated += rows;
		return true;
	}
	snprintf(reason, sizeof(reason), "lost: plays %" PRId64 "–%" PRId64 ": %s",
		 stretch->first, stretch->last, stretch->reason);
	return keep(taking, LEDGER_LOST, reason, err);
}

/* --- Totals ---------------------------------------------------------------------------- */

/* Whether its ends fit the rows that are held on both sides, and its last one. */
static bool check_ends(struct taking *taking, struct err *err)
{
	const struct play_stretch *stretch = taking->stretch;
	struct ledger *ledger = taking->intake.ledger;
	int64_t screen = taking->intake.screen;
	uint8_t held[SHA256_SIZE], expected[SHA256_SIZE];
	struct play next;
	bool is_held;

	if (stretch->first == 1 && memcmp(stretch->previous, zeros, SHA256_SIZE) != 0)
		return refuse(taking, "chain: row 1 follows another row");
	if (!ledger_held_hash(ledger, screen, stretch->first - 1, &is_held, held, err))
		return false;
	if (is_held && memcmp(held, stretch->previous, SHA256_SIZE) != 0)
		return refuse(taking, "chain: it follows another row than the one held");
	if (!ledger_held_hash(ledger, screen, stretch->last, &is_held, held, err))
		return false;
	if (is_held && memcmp(held, stretch->head, SHA256_SIZE) != 0)
		return refuse(taking, "changed: another row is held of its last number");
	if (!ledger_held_play(ledger, screen, stretch->last + 1, &is_held, &next, held,
			      err))
		return false;
	if (!is_held)
		return true;
	if (!play_hash(stretch->head, taking->intake.screen_id, &next, expected, err))
		return false;
	if (memcmp(held, expected, SHA256_SIZE) != 0)
		return refuse(taking, "chain: the row held after it follows another row");
	return true;
}

/* Resolves its slides and copies its totals, so that what is held can be taken off. */
static bool copy_totals(struct taking *taking, struct err *err)
{
	const struct play_stretch *stretch = taking->stretch;

	taking->slides = calloc(stretch->slide_count, sizeof(*taking->slides));
	taking->totals = calloc(stretch->total_count, sizeof(*taking->totals));
	if (!taking->slides || !taking->totals)
		return err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
	memcpy(taking->totals, stretch->totals,
	       stretch->total_count * sizeof(*taking->totals));
	for (size_t i = 0; i < stretch->slide_count; i++) {
		const struct play_slide *slide = &stretch->slides[i];
		struct play_start start = {.item_revision = slide->item_revision};

		memcpy(start.slide_id, slide->slide_id, sizeof(start.slide_id));
		memcpy(start.item_id, slide->item_id, sizeof(start.item_id));
		memcpy(start.content_hash, slide->content_hash, SHA256_SIZE);
		if (!ledger_slide_number(taking->intake.ledger, &start,
					 &taking->slides[i], err))
			return false;
	}
	return true;
}

/* Plays that are held; false when the totals do not have them. */
static bool take_off(struct taking *taking, const struct play_total *held, int64_t slide)
{
	for (size_t i = 0; i < taking->stretch->total_count; i++) {
		struct play_total *total = &taking->totals[i];

		if (taking->slides[total->slide] != slide || total->hour != held->hour ||
		    total->outcome != held->outcome || total->output != held->output ||
		    total->plays == 0)
			continue;
		total->plays -= held->plays;
		total->shown.ms -= held->shown.ms;
		return total->plays >= 0 && total->shown.ms >= 0 &&
		       (total->plays > 0 || total->shown.ms == 0) &&
		       total->first.ms <= held->first.ms &&
		       held->last.ms <= total->last.ms;
	}
	return false;
}

/* Takes off all rows that are held. */
static bool take_off_held(struct taking *taking, struct err *err)
{
	struct db *db = taking->intake.ledger->db;
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   "SELECT " PLAY_ROW_TOTAL " FROM play"
			   " WHERE screen = ?1 AND seq BETWEEN ?2 AND ?3"
			   " GROUP BY slide, hour, outcome, output, synchronised",
			   err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, taking->intake.screen);
	sqlite3_bind_int64(stmt, 2, taking->stretch->first);
	sqlite3_bind_int64(stmt, 3, taking->stretch->last);
	for (;;) {
		struct play_total held;

		if (!db_step(db, stmt, &row, "ledger: a stretch", err))
			return false;
		if (!row)
			return true;
		held = play_row_total(stmt);
		if (!take_off(taking, &held, sqlite3_column_int64(stmt, 0)))
			return refuse(taking, "totals: they do not have the rows that "
					      "are held");
		taking->intake.receipt.repeated += held.plays;
	}
}

/*
 * Whether other totals cover it: all of it, or a part of what is all known here (then nothing
 * is left to do); or a part of what is not.
 */
static bool check_covered(struct taking *taking, bool *out_done, struct err *err)
{
	int64_t found[2];

	if (!query(taking,
		   "SELECT COUNT(*), COUNT(*) FILTER (WHERE first <= ?2 AND last >= ?3)"
		   " FROM stretch WHERE screen = ?1 AND last >= ?2 AND first <= ?3"
		   " AND kind IN (?4, ?5)",
		   found, err))
		return false;
	*out_done = found[1] > 0 ||
		    (found[0] > 0 &&
		     taking->stretch->last <= taking->intake.receipt.durable_seq);
	if (found[0] > 0 && !*out_done)
		return refuse(taking, "totals: others cover a part of them");
	return true;
}

static bool book(struct taking *taking, struct err *err)
{
	struct ledger *ledger = taking->intake.ledger;
	sqlite3_stmt *stmt = ledger->put_folded;

	for (size_t i = 0; i < taking->stretch->total_count; i++) {
		const struct play_total *total = &taking->totals[i];
		const struct ledger_shown shown = {
			.slide = taking->slides[total->slide],
			.screen = taking->intake.screen,
			.at = total->first,
			.last = total->last,
			.received = taking->intake.received,
			.plays = total->plays,
			.shown_ms = total->shown.ms,
			.outcome = total->outcome,
			.output = total->output,
		};

		if (total->plays == 0)
			continue;
		sqlite3_bind_int64(stmt, 1, taking->row.number);
		sqlite3_bind_int64(stmt, 2, shown.slide);
		sqlite3_bind_int64(stmt, 3, total->hour);
		sqlite3_bind_int(stmt, 4, (int)total->outcome);
		sqlite3_bind_int(stmt, 5, (int)total->output);
		sqlite3_bind_int64(stmt, 6, total->plays);
		sqlite3_bind_int64(stmt, 7, total->shown.ms);
		sqlite3_bind_int64(stmt, 8, total->first.ms);
		sqlite3_bind_int64(stmt, 9, total->last.ms);
		if (!db_run_one(ledger->db, stmt, "ledger: totals", err) ||
		    !ledger_put_total(ledger, &shown, err))
			return false;
		taking->intake.receipt.accepted += total->plays;
	}
	return true;
}

static bool take_fold(struct taking *taking, struct err *err)
{
	const struct play_stretch *stretch = taking->stretch;
	bool done = false;

	if (!check_covered(taking, &done, err))
		return false;
	if (done) {
		taking->intake.receipt.repeated += stretch->last - stretch->first + 1;
		return true;
	}
	if (!taking->refused[0] && !check_ends(taking, err))
		return false;
	if (!taking->refused[0] &&
	    (!copy_totals(taking, err) || !take_off_held(taking, err)))
		return false;
	if (taking->refused[0])
		return keep(taking, LEDGER_REFUSED, taking->refused, err);
	taking->row.first_offset_ms = stretch->first_offset_ms;
	taking->row.last_offset_ms = stretch->last_offset_ms;
	return ledger_boot_number(taking->intake.ledger, taking->intake.screen,
				  stretch->boot_id, &taking->row.boot, err) &&
	       keep(taking, LEDGER_FOLDED, NULL, err) && book(taking, err);
}

static bool take(struct taking *taking, struct err *err)
{
	bool repeated;

	if (!ledger_intake_begin(&taking->intake, err) ||
	    !is_repeated(taking, &repeated, err))
		return false;
	if (repeated)
		taking->intake.receipt.repeated +=
			taking->stretch->last - taking->stretch->first + 1;
	else if (!(taking->stretch->kind == PLAY_STRETCH_LOST ? take_lost(taking, err)
							      : take_fold(taking, err)))
		return false;
	return ledger_intake_end(&taking->intake, taking->stretch->last, err);
}

bool ledger_accept_stretch(struct ledger *ledger, const struct play_stretch *stretch,
			   const char *document, struct wall_ms received,
			   struct ledger_receipt *out, struct err *err)
{
	struct taking taking = {
		.intake = {.ledger = ledger,
			   .screen_id = stretch->screen_id,
			   .received = received},
		.stretch = stretch,
		.document = document,
	};
	bool done;

	if (!db_begin(ledger->db, err))
		return false;
	done = db_end(ledger->db, take(&taking, err), err);
	free(taking.slides);
	free(taking.totals);
	if (done)
		*out = taking.intake.receipt;
	return done;
}

/* --- Giving up ------------------------------------------------------------------------- */

/* Whether something is known of any of the rows @first to @last. */
static bool is_any_known(struct ledger_intake *intake, int64_t first, int64_t last,
			 bool *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		intake->ledger->db,
		"SELECT EXISTS (SELECT 1 FROM play WHERE screen = ?1"
		"  AND seq BETWEEN ?2 AND ?3)"
		" OR EXISTS (SELECT 1 FROM quarantine WHERE screen = ?1"
		"  AND seq BETWEEN ?2 AND ?3)"
		" OR EXISTS (SELECT 1 FROM stretch WHERE screen = ?1 AND last >= ?2"
		"  AND first <= ?3)",
		err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, intake->screen);
	sqlite3_bind_int64(stmt, 2, first);
	sqlite3_bind_int64(stmt, 3, last);
	if (!db_step(intake->ledger->db, stmt, &row, "ledger: a gap", err))
		return false;
	*out = sqlite3_column_int(stmt, 0) != 0;
	return true;
}

bool ledger_accept_gap(struct ledger *ledger, const char *screen_id, int64_t first,
		       int64_t last, const char *who, const char *why, struct wall_ms at,
		       int64_t *out_durable, struct err *err)
{
	struct ledger_intake intake = {.ledger = ledger, .screen_id = screen_id};
	struct ledger_stretch stretch = {
		.first = first, .last = last, .kind = LEDGER_ACCEPTED};
	bool known = false;

	if (!ledger_intake_begin(&intake, err))
		return false;
	if (first < 1 || last < first || last >= intake.max_seq)
		return err_set(err, ERR_CONFLICT,
			       "screen %s: plays %" PRId64 "–%" PRId64
			       " are no gap: the last play received is %" PRId64,
			       screen_id, first, last, intake.max_seq);
	if (!is_any_known(&intake, first, last, &known, err))
		return false;
	if (known)
		return err_set(err, ERR_CONFLICT,
			       "screen %s: not all of the plays %" PRId64 "–%" PRId64
			       " are missing: see ekimaectl screen show %s",
			       screen_id, first, last, screen_id);
	if (!ledger_put_stretch(ledger, intake.screen, &stretch, why, who, at, err) ||
	    !ledger_intake_end(&intake, last, err))
		return false;
	*out_durable = intake.receipt.durable_seq;
	return true;
}
