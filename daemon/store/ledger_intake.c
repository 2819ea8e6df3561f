/* What every upload begins and ends with: how far the rows of a screen are known. */
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/ledger_tables.h"
#include "wire/digest.h"

static const uint8_t zeros[SHA256_SIZE];

bool ledger_intake_begin(struct ledger_intake *intake, struct err *err)
{
	struct db *db = intake->ledger->db;
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"SELECT number, durable_seq, MAX(durable_seq,"
		" COALESCE((SELECT MAX(seq) FROM play WHERE screen = c.number), 0),"
		" COALESCE((SELECT MAX(seq) FROM quarantine WHERE screen = c.number), 0),"
		" COALESCE((SELECT MAX(last) FROM stretch WHERE screen = c.number), 0)),"
		" COALESCE((SELECT MAX(last) FROM stretch WHERE screen = c.number"
		"  AND kind IN (?2, ?3)), 0)"
		" FROM screen c WHERE id = ?1",
		err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, intake->screen_id, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, LEDGER_FOLDED);
	sqlite3_bind_int(stmt, 3, LEDGER_PRUNED);
	if (!db_step(db, stmt, &row, "ledger: find a screen", err))
		return false;
	if (!row)
		return err_set(err, ERR_NOT_FOUND, "ledger: there is no screen \"%.80s\"",
			       intake->screen_id);
	intake->screen = sqlite3_column_int64(stmt, 0);
	intake->receipt.durable_seq = sqlite3_column_int64(stmt, 1);
	intake->max_seq = sqlite3_column_int64(stmt, 2);
	intake->counted = sqlite3_column_int64(stmt, 3);
	return true;
}

/* How far @stretch reaches from @seq on until the next row that is held. */
static bool reach(struct ledger_intake *intake, const struct ledger_stretch *stretch,
		  int64_t seq, int64_t *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		intake->ledger->db,
		"SELECT MIN(seq) FROM play WHERE screen = ?1 AND seq > ?2 AND seq <= ?3",
		err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_int64(stmt, 1, intake->screen);
	sqlite3_bind_int64(stmt, 2, seq);
	sqlite3_bind_int64(stmt, 3, stretch->last);
	if (!db_step(intake->ledger->db, stmt, &row, "ledger: a stretch", err))
		return false;
	*out = sqlite3_column_type(stmt, 0) == SQLITE_NULL
		       ? stretch->last
		       : sqlite3_column_int64(stmt, 0) - 1;
	return true;
}

/* Row @seq is not held: whether something else stands there, and up to which row. */
static bool pass(struct ledger_intake *intake, struct ledger_placer *placer, int64_t seq,
		 int64_t *out_last, struct err *err)
{
	struct ledger_quarantine_state state;
	struct ledger_stretch stretch;

	*out_last = seq - 1;
	if (!ledger_find_stretch(intake->ledger, intake->screen, seq, &stretch, err))
		return false;
	if (stretch.number) {
		if (stretch.kind == LEDGER_FOLDED &&
		    !ledger_place_fold(placer, seq, stretch.boot, stretch.first_offset_ms,
				       stretch.last_offset_ms, err))
			return false;
		return reach(intake, &stretch, seq, out_last, err);
	}
	if (!ledger_in_quarantine(intake->ledger, intake->screen, seq, zeros, &state,
				  err))
		return false;
	if (state.any)
		*out_last = seq;
	return true;
}

/*
 * Only here are plays given a time, row after row: so the order in which uploads come plays
 * no part in it.
 */
static bool advance(struct ledger_intake *intake, struct err *err)
{
	struct ledger_receipt *receipt = &intake->receipt;
	struct ledger_placer placer = {.ledger = intake->ledger,
				       .screen = intake->screen};

	for (;;) {
		int64_t seq = receipt->durable_seq + 1, last = seq;
		bool is_held;

		if (!ledger_place_row(&placer, seq, &is_held, err) ||
		    (!is_held && !pass(intake, &placer, seq, &last, err)))
			return false;
		if (last < seq)
			break;
		receipt->durable_seq = last;
	}
	receipt->placed = placer.placed;
	return ledger_place_done(&placer, err);
}

bool ledger_intake_end(struct ledger_intake *intake, int64_t last, struct err *err)
{
	struct db *db = intake->ledger->db;
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"UPDATE screen SET durable_seq = ?2,"
		" last_upload_ms = COALESCE(?3, last_upload_ms) WHERE number = ?1",
		err);

	if (!stmt || !advance(intake, err))
		return false;
	/* Afterwards, so that rows which an earlier upload left behind a gap count. */
	intake->receipt.gap = intake->max_seq > intake->receipt.durable_seq ||
			      last > intake->receipt.durable_seq;
	sqlite3_bind_int64(stmt, 1, intake->screen);
	sqlite3_bind_int64(stmt, 2, intake->receipt.durable_seq);
	if (intake->received.ms) /* else it was no upload */
		sqlite3_bind_int64(stmt, 3, intake->received.ms);
	return db_run_one(db, stmt, "ledger: note an upload", err);
}
