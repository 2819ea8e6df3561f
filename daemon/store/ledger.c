#include "store/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/ledger_tables.h"
#include "wire/play_batch.h"

static const uint8_t zeros[SHA256_SIZE];

/* The work on one batch. */
struct accept {
	struct ledger_intake intake;
	const struct play_batch *batch;
	/* The row before the next one, as the batch has it. */
	int64_t previous_seq;
	bool previous_known;
	uint8_t previous[SHA256_SIZE];
};

/* Why a row is not accepted; an empty text when it is. */
struct verdict {
	char reason[160];
};

static bool refuse(struct verdict *verdict, const char *reason)
{
	snprintf(verdict->reason, sizeof(verdict->reason), "%s", reason);
	return true;
}

static void text_release(char **text)
{
	free(*text);
}

/* Whether the hash that the batch has for row @seq - 1 is the one that is held of it. */
static bool check_link(struct accept *accept, int64_t seq, struct verdict *verdict,
		       struct err *err)
{
	struct ledger_quarantine_state state;
	struct ledger_stretch stretch;
	uint8_t held[SHA256_SIZE];
	bool is_held;

	if (seq == 1) {
		if (accept->previous_known &&
		    memcmp(accept->previous, zeros, SHA256_SIZE))
			return refuse(verdict, "chain: row 1 follows another row");
		accept->previous_known = true;
		memset(accept->previous, 0, SHA256_SIZE);
		return true;
	}
	if (!ledger_held_hash(accept->intake.ledger, accept->intake.screen, seq - 1,
			      &is_held, held, err))
		return false;
	if (is_held) {
		if (accept->previous_known && memcmp(accept->previous, held, SHA256_SIZE))
			return refuse(verdict,
				      "chain: it follows another row than the one held");
		accept->previous_known = true;
		memcpy(accept->previous, held, SHA256_SIZE);
		return true;
	}
	if (!accept->previous_known)
		return true;
	if (!ledger_find_stretch(accept->intake.ledger, accept->intake.screen, seq - 1,
				 &stretch, err))
		return false;
	if (stretch.number && stretch.last == seq - 1 && stretch.has_head) {
		if (memcmp(accept->previous, stretch.head, SHA256_SIZE) != 0)
			return refuse(verdict,
				      "chain: it follows another row than the "
				      "one that the stretch before it ends with");
		return true;
	}
	if (!ledger_in_quarantine(accept->intake.ledger, accept->intake.screen, seq - 1,
				  accept->previous, &state, err))
		return false;
	if (state.any && !state.no_hash && !state.has_hash)
		return refuse(verdict,
			      "chain: it follows another row than the one in quarantine");
	return true;
}

/* A row that fills a gap must be the one that the row after it was chained to. */
static bool check_next(struct accept *accept, int64_t seq,
		       const uint8_t hash[static SHA256_SIZE], struct verdict *verdict,
		       struct err *err)
{
	uint8_t held[SHA256_SIZE], expected[SHA256_SIZE];
	struct play next;
	bool is_held;

	if (seq >= accept->intake.max_seq)
		return true;
	if (!ledger_held_play(accept->intake.ledger, accept->intake.screen, seq + 1,
			      &is_held, &next, held, err))
		return false;
	if (!is_held)
		return true;
	if (!play_hash(hash, accept->intake.screen_id, &next, expected, err))
		return false;
	if (memcmp(held, expected, SHA256_SIZE) != 0)
		return refuse(verdict,
			      "chain: the row held after it follows another row");
	return true;
}

/* Judges a row that is not held yet, or is held with just this hash. */
static bool check_chain(struct accept *accept, const struct play *play,
			const uint8_t hash[static SHA256_SIZE], bool is_held,
			struct verdict *verdict, struct err *err)
{
	uint8_t expected[SHA256_SIZE];

	if (!check_link(accept, play->seq, verdict, err))
		return false;
	if (verdict->reason[0])
		return true;
	if (accept->previous_known) {
		if (!play_hash(accept->previous, accept->intake.screen_id, play, expected,
			       err))
			return false;
		if (memcmp(expected, hash, SHA256_SIZE) != 0)
			return refuse(verdict,
				      "chain: its hash does not fit its content");
	}
	return is_held || check_next(accept, play->seq, hash, verdict, err);
}

static bool quarantine(struct accept *accept, int64_t seq, const uint8_t *hash,
		       const char *row, const char *reason, struct err *err)
{
	bool is_new;

	if (!ledger_put_quarantined(accept->intake.ledger, accept->intake.screen, seq,
				    hash, row, reason, accept->intake.received, &is_new,
				    err))
		return false;
	if (is_new)
		accept->intake.receipt.quarantined++;
	else
		accept->intake.receipt.repeated++;
	return true;
}

static bool accept_play(struct accept *accept, const struct play *play,
			const uint8_t hash[static SHA256_SIZE], bool is_last,
			struct err *err)
{
	CLEANUP(text_release) char *row = NULL;
	struct verdict verdict = {""};
	uint8_t held[SHA256_SIZE];
	bool is_held, is_counted = false, judged;

	/* Rows are missing within the batch: its hash before this row is of another one. */
	if (accept->previous_seq != play->seq - 1)
		accept->previous_known = false;
	if (!ledger_held_hash(accept->intake.ledger, accept->intake.screen, play->seq,
			      &is_held, held, err))
		return false;
	/* A screen that went back to a copy of its disk may send what it had folded. */
	if (!is_held && play->seq <= accept->intake.counted &&
	    !ledger_is_counted(accept->intake.ledger, accept->intake.screen, play->seq,
			       &is_counted, err))
		return false;
	if (is_counted)
		judged = true;
	else if (is_held && memcmp(held, hash, SHA256_SIZE) != 0)
		judged = refuse(&verdict, "changed: another row is held of this number");
	else if (is_last && memcmp(accept->batch->head, hash, SHA256_SIZE) != 0)
		judged = refuse(&verdict, "chain: the head of the batch is another row");
	else
		judged = check_chain(accept, play, hash, is_held, &verdict, err);
	if (!judged)
		return false;

	accept->previous_seq = play->seq;
	accept->previous_known = true;
	memcpy(accept->previous, hash, SHA256_SIZE);
	if (verdict.reason[0]) {
		row = play_to_json(play, hash, err);
		return row &&
		       quarantine(accept, play->seq, hash, row, verdict.reason, err);
	}
	if (is_held || is_counted) {
		accept->intake.receipt.repeated++;
		return true;
	}
	accept->intake.receipt.accepted++;
	return ledger_put_play(accept->intake.ledger, accept->intake.screen, play, hash,
			       accept->intake.received, err);
}

static bool accept_bad(struct accept *accept, const struct play_batch_bad *bad,
		       struct err *err)
{
	accept->previous_seq = bad->seq;
	accept->previous_known = bad->has_hash;
	memcpy(accept->previous, bad->hash, SHA256_SIZE);
	return quarantine(accept, bad->seq, bad->has_hash ? bad->hash : NULL, bad->row,
			  bad->reason, err);
}

/* Good and bad rows in the order of the document. */
static bool accept_rows(struct accept *accept, struct err *err)
{
	const struct play_batch *batch = accept->batch;
	size_t count = batch->play_count + batch->bad_count;
	size_t good = 0, bad = 0;

	accept->previous_seq = batch->first - 1;
	/* Zeros: the screen does not know it any more. */
	accept->previous_known =
		batch->first == 1 || memcmp(batch->previous, zeros, SHA256_SIZE) != 0;
	memcpy(accept->previous, batch->previous, SHA256_SIZE);
	for (size_t i = 0; i < count; i++) {
		bool done;

		if (bad < batch->bad_count && batch->bad[bad].index == i) {
			done = accept_bad(accept, &batch->bad[bad], err);
			bad++;
		} else {
			done = accept_play(accept, &batch->plays[good],
					   batch->hashes[good], i + 1 == count, err);
			good++;
		}
		if (!done)
			return false;
	}
	return true;
}

bool ledger_accept(struct ledger *ledger, const struct play_batch *batch,
		   struct wall_ms received, struct ledger_receipt *out, struct err *err)
{
	struct accept accept = {
		.intake = {.ledger = ledger,
			   .screen_id = batch->screen_id,
			   .received = received},
		.batch = batch,
	};
	bool done;

	if (!db_begin(ledger->db, err))
		return false;
	done = ledger_intake_begin(&accept.intake, err) && accept_rows(&accept, err) &&
	       ledger_intake_end(&accept.intake, accept.previous_seq, err);
	if (!db_end(ledger->db, done, err))
		return false;
	*out = accept.intake.receipt;
	return true;
}
