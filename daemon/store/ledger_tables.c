#include "store/ledger_tables.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/play_row.h"
#include "wire/digest.h"

#define READ_PLAY                                                                        \
	PLAY_ROW_SELECT ", p.hash " PLAY_ROW_FROM " WHERE p.screen = ?1 AND p.seq = ?2"

#define PUT_TOTAL(TABLE, TIME)                                                            \
	"INSERT INTO " TABLE " (slide, " TIME ", screen, complete, partial, shown_ms,"    \
	" late, first_ms, last_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"           \
	" ON CONFLICT (slide, " TIME ", screen) DO UPDATE SET"                            \
	" complete = complete + excluded.complete, partial = partial + excluded.partial," \
	" shown_ms = shown_ms + excluded.shown_ms, late = late + excluded.late,"          \
	" first_ms = MIN(COALESCE(first_ms, excluded.first_ms),"                          \
	"  COALESCE(excluded.first_ms, first_ms)),"                                       \
	" last_ms = MAX(COALESCE(last_ms, excluded.last_ms),"                             \
	"  COALESCE(excluded.last_ms, last_ms)) RETURNING first_ms"

/* The first complete play of the year of a notice that counts, on a screen that counts. */
#define PUT_FIRST                                                                        \
	"INSERT INTO first_play (notice_id, fiscal_year, at_ms, revision,"               \
	" content_hash, screen, title, department, noted_ms)"                            \
	" SELECT n.notice_id, ?3, ?4, n.revision, n.content_hash, c.number, n.title,"    \
	" n.department, ?5 FROM slide s"                                                 \
	" CROSS JOIN published_notice n ON n.content_hash = s.content_hash"              \
	"  AND s.item_id = 'notice/' || n.notice_id"                                     \
	" CROSS JOIN screen c ON c.number = ?2"                                          \
	" WHERE s.number = ?1 AND c.counts = 1 AND n.counts = 1 AND n.sample = 0"        \
	"  AND NOT EXISTS (SELECT 1 FROM first_play f WHERE f.fiscal_year = ?3"          \
	"   AND f.notice_id = n.notice_id AND (f.at_ms, f.revision, f.content_hash,"     \
	"    f.screen) <= (?4, n.revision, n.content_hash, c.number))"

static bool prepare_all(struct ledger *ledger, struct err *err)
{
	const struct {
		sqlite3_stmt **stmt;
		const char *sql;
	} statements[] = {
		{&ledger->find_play,
		 "SELECT hash FROM play WHERE screen = ?1 AND seq = ?2"},
		{&ledger->read_play, READ_PLAY},
		{&ledger->put_play,
		 "INSERT INTO play (screen, seq, slide, boot, programme_version, began_ms,"
		 " began_mono_ms, synchronised, planned_ms, output, shown_ms, outcome,"
		 " hash, at_ms, received_ms, frames, picture) VALUES"
		 " (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15,"
		 " ?16, ?17)"},
		{&ledger->find_slide,
		 "SELECT number FROM slide WHERE content_hash = ?1 AND slide_id = ?2"
		 " AND item_id = ?3 AND item_revision = ?4"},
		{&ledger->put_slide,
		 "INSERT INTO slide (content_hash, slide_id, item_id, item_revision)"
		 " VALUES (?1, ?2, ?3, ?4)"},
		{&ledger->find_boot,
		 "SELECT number FROM boot WHERE screen = ?1 AND boot_id = ?2"},
		{&ledger->put_boot, "INSERT INTO boot (screen, boot_id) VALUES (?1, ?2)"},
		{&ledger->find_quarantined,
		 "SELECT hash FROM quarantine WHERE screen = ?1 AND seq = ?2"},
		{&ledger->put_quarantined,
		 "INSERT INTO quarantine"
		 " (screen, seq, hash, row_sha256, row, reason, received_ms)"
		 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING"},
		{&ledger->put_hour, PUT_TOTAL("hourly", "hour")},
		{&ledger->put_month, PUT_TOTAL("monthly", "month")},
		{&ledger->put_first, PUT_FIRST},
		{&ledger->find_stretch,
		 "SELECT number, first, last, kind, head, boot, first_offset_ms,"
		 " last_offset_ms FROM stretch WHERE screen = ?1 AND last >= ?2"
		 " AND first <= ?2 AND (?3 = 0 OR kind IN (?4, ?5))"
		 " ORDER BY last, kind <> ?4, number LIMIT 1"},
		{&ledger->put_stretch,
		 "INSERT INTO stretch (screen, first, last, kind, head, document, who,"
		 " received_ms, boot, first_offset_ms, last_offset_ms)"
		 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"},
		{&ledger->put_folded,
		 "INSERT INTO folded (stretch, slide, hour, outcome, output, plays,"
		 " shown_ms, first_ms, last_ms)"
		 " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"},
		{&ledger->read_time,
		 "SELECT boot, slide, began_ms, began_mono_ms, synchronised, shown_ms,"
		 " outcome, output, received_ms, at_ms IS NULL FROM play"
		 " WHERE screen = ?1 AND seq = ?2"},
		{&ledger->next_undated,
		 "SELECT seq FROM play INDEXED BY play_undated"
		 " WHERE boot = ?1 AND seq > ?2 AND seq < ?3 AND at_ms IS NULL"
		 " ORDER BY seq LIMIT 1"},
		{&ledger->place,
		 "UPDATE play SET at_ms = ?3 WHERE screen = ?1 AND seq = ?2"},
		{&ledger->find_offset, "SELECT offset_ms FROM boot WHERE number = ?1"},
		{&ledger->put_offset, "UPDATE boot SET offset_ms = ?2 WHERE number = ?1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(statements); i++) {
		*statements[i].stmt = db_prepare(ledger->db, statements[i].sql, err);
		if (!*statements[i].stmt)
			return false;
	}
	return true;
}

struct ledger *ledger_new(struct db *db, struct err *err)
{
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger) {
		err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
		return NULL;
	}
	ledger->db = db;
	return prepare_all(ledger, err) ? ledger : ledger_free(ledger);
}

struct ledger *ledger_free(struct ledger *ledger)
{
	if (!ledger)
		return NULL;
	db_finalize(&ledger->find_play);
	db_finalize(&ledger->read_play);
	db_finalize(&ledger->put_play);
	db_finalize(&ledger->find_slide);
	db_finalize(&ledger->put_slide);
	db_finalize(&ledger->find_boot);
	db_finalize(&ledger->put_boot);
	db_finalize(&ledger->find_quarantined);
	db_finalize(&ledger->put_quarantined);
	db_finalize(&ledger->put_hour);
	db_finalize(&ledger->put_month);
	db_finalize(&ledger->put_first);
	db_finalize(&ledger->find_stretch);
	db_finalize(&ledger->put_stretch);
	db_finalize(&ledger->put_folded);
	db_finalize(&ledger->read_time);
	db_finalize(&ledger->next_undated);
	db_finalize(&ledger->place);
	db_finalize(&ledger->find_offset);
	db_finalize(&ledger->put_offset);
	free(ledger);
	return NULL;
}

static bool damaged(int64_t seq, struct err *err)
{
	return err_set(err, ERR_IO,
		       "ledger: play %" PRId64 " is damaged: restore the database from a "
		       "backup",
		       seq);
}

bool ledger_held_hash(struct ledger *ledger, int64_t screen, int64_t seq, bool *out_held,
		      uint8_t hash[static PLAY_HASH_SIZE], struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = ledger->find_play;

	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_int64(stmt, 2, seq);
	if (!db_step(ledger->db, stmt, out_held, "ledger: find a play", err))
		return false;
	return !*out_held || db_bytes(stmt, 0, hash, PLAY_HASH_SIZE) || damaged(seq, err);
}

bool ledger_held_play(struct ledger *ledger, int64_t screen, int64_t seq, bool *out_held,
		      struct play *out, uint8_t hash[static PLAY_HASH_SIZE],
		      struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = ledger->read_play;

	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_int64(stmt, 2, seq);
	if (!db_step(ledger->db, stmt, out_held, "ledger: read a play", err))
		return false;
	if (!*out_held)
		return true;
	if (!play_row_read(stmt, out, err))
		return err_prefix(err, "ledger");
	return db_bytes(stmt, PLAY_ROW_COLUMNS, hash, PLAY_HASH_SIZE) ||
	       damaged(seq, err);
}

bool ledger_in_quarantine(struct ledger *ledger, int64_t screen, int64_t seq,
			  const uint8_t hash[static PLAY_HASH_SIZE],
			  struct ledger_quarantine_state *out, struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = ledger->find_quarantined;
	uint8_t claimed[PLAY_HASH_SIZE];
	bool row;

	*out = (struct ledger_quarantine_state){0};
	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_int64(stmt, 2, seq);
	for (;;) {
		if (!db_step(ledger->db, stmt, &row, "ledger: quarantine", err))
			return false;
		if (!row)
			return true;
		out->any = true;
		if (!db_bytes(stmt, 0, claimed, sizeof(claimed)))
			out->no_hash = true;
		else if (memcmp(claimed, hash, sizeof(claimed)) == 0)
			out->has_hash = true;
	}
}

/* The number of a row that @find finds with its parameters; 0 when there is none. */
static bool find_number(struct ledger *ledger, sqlite3_stmt *find, int64_t *out,
			struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = find;
	bool row;

	if (!db_step(ledger->db, stmt, &row, "ledger: find", err))
		return false;
	*out = row ? sqlite3_column_int64(stmt, 0) : 0;
	return true;
}

static void bind_slide(sqlite3_stmt *stmt, const struct play_start *start)
{
	sqlite3_bind_blob(stmt, 1, start->content_hash, PLAY_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, start->slide_id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, start->item_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 4, start->item_revision);
}

bool ledger_slide_number(struct ledger *ledger, const struct play_start *start,
			 int64_t *out, struct err *err)
{
	bind_slide(ledger->find_slide, start);
	if (!find_number(ledger, ledger->find_slide, out, err))
		return false;
	if (*out)
		return true;
	bind_slide(ledger->put_slide, start);
	if (!db_run_one(ledger->db, ledger->put_slide, "ledger: new slide", err))
		return false;
	*out = db_last_rowid(ledger->db);
	return true;
}

static void bind_boot(sqlite3_stmt *stmt, int64_t screen, const char *boot_id)
{
	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_text(stmt, 2, boot_id, -1, SQLITE_STATIC);
}

bool ledger_boot_number(struct ledger *ledger, int64_t screen, const char *boot_id,
			int64_t *out, struct err *err)
{
	bind_boot(ledger->find_boot, screen, boot_id);
	if (!find_number(ledger, ledger->find_boot, out, err))
		return false;
	if (*out)
		return true;
	bind_boot(ledger->put_boot, screen, boot_id);
	if (!db_run_one(ledger->db, ledger->put_boot, "ledger: new boot", err))
		return false;
	*out = db_last_rowid(ledger->db);
	return true;
}

/* Adds to one table; @out_first is the begin of the first complete play there, 0: none. */
static bool put_total(struct ledger *ledger, sqlite3_stmt *put, int64_t time,
		      const struct ledger_shown *shown, int64_t *out_first,
		      struct err *err)
{
	CLEANUP(db_reset) sqlite3_stmt *stmt = put;
	bool complete = shown->outcome == PLAY_COMPLETE;
	struct wall_ms year_end = fiscal_year_start(fiscal_year_of(shown->at) + 1);
	bool row;

	sqlite3_bind_int64(stmt, 1, shown->slide);
	sqlite3_bind_int64(stmt, 2, time);
	sqlite3_bind_int64(stmt, 3, shown->screen);
	sqlite3_bind_int64(stmt, 4, complete ? shown->plays : 0);
	sqlite3_bind_int64(stmt, 5, complete ? 0 : shown->plays);
	sqlite3_bind_int64(stmt, 6, shown->shown_ms);
	sqlite3_bind_int64(stmt, 7, shown->received.ms >= year_end.ms ? shown->plays : 0);
	if (complete) { /* else NULL */
		sqlite3_bind_int64(stmt, 8, shown->at.ms);
		sqlite3_bind_int64(stmt, 9, shown->last.ms);
	}
	if (!db_step(ledger->db, stmt, &row, "ledger: totals", err))
		return false;
	*out_first = sqlite3_column_int64(stmt, 0);
	return true;
}

bool ledger_note_first(struct ledger *ledger, int64_t slide, int64_t screen,
		       struct wall_ms at, struct wall_ms noted, struct err *err)
{
	sqlite3_stmt *stmt = ledger->put_first;

	sqlite3_bind_int64(stmt, 1, slide);
	sqlite3_bind_int64(stmt, 2, screen);
	sqlite3_bind_int(stmt, 3, fiscal_year_of(at));
	sqlite3_bind_int64(stmt, 4, at.ms);
	sqlite3_bind_int64(stmt, 5, noted.ms);
	return db_run(ledger->db, stmt, "ledger: first play", err);
}

bool ledger_put_total(struct ledger *ledger, const struct ledger_shown *shown,
		      struct err *err)
{
	struct civil civil = civil_from_wall_jst(shown->at);
	int64_t first;

	if (!play_output_is_visible(shown->output) || shown->outcome == PLAY_OUTPUT)
		return true;
	if (!put_total(ledger, ledger->put_hour, shown->at.ms / 3600000, shown, &first,
		       err) ||
	    !put_total(ledger, ledger->put_month, civil.year * 12 + civil.month - 1,
		       shown, &first, err))
		return false;
	/* An earlier one of this slide in this month was looked at when it came. */
	return shown->outcome != PLAY_COMPLETE || first < shown->at.ms ||
	       ledger_note_first(ledger, shown->slide, shown->screen, shown->at,
				 shown->received, err);
}

bool ledger_put_play(struct ledger *ledger, int64_t screen, const struct play *play,
		     const uint8_t hash[static PLAY_HASH_SIZE], struct wall_ms received,
		     struct err *err)
{
	const struct play_start *start = &play->start;
	struct ledger_shown shown = {
		.screen = screen,
		.at = start->began,
		.last = start->began,
		.received = received,
		.plays = 1,
		.shown_ms = play->shown.ms,
		.outcome = play->outcome,
		.output = start->output,
	};
	/* Otherwise ledger_place.c may find out later. */
	bool dated = start->synchronised && ledger_time_is_sane(start->began.ms);
	sqlite3_stmt *stmt = ledger->put_play;
	int64_t boot;

	if (!ledger_slide_number(ledger, start, &shown.slide, err) ||
	    !ledger_boot_number(ledger, screen, start->boot_id, &boot, err))
		return false;
	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_int64(stmt, 2, play->seq);
	sqlite3_bind_int64(stmt, 3, shown.slide);
	sqlite3_bind_int64(stmt, 4, boot);
	sqlite3_bind_int64(stmt, 5, start->programme_version);
	sqlite3_bind_int64(stmt, 6, start->began.ms);
	sqlite3_bind_int64(stmt, 7, start->began_mono.ms);
	sqlite3_bind_int(stmt, 8, start->synchronised);
	sqlite3_bind_int64(stmt, 9, start->planned.ms);
	sqlite3_bind_int(stmt, 10, (int)start->output);
	sqlite3_bind_int64(stmt, 11, play->shown.ms);
	sqlite3_bind_int(stmt, 12, (int)play->outcome);
	sqlite3_bind_blob(stmt, 13, hash, PLAY_HASH_SIZE, SQLITE_STATIC);
	if (dated) /* else NULL: 時刻未確定 */
		sqlite3_bind_int64(stmt, 14, start->began.ms);
	sqlite3_bind_int64(stmt, 15, received.ms);
	play_row_bind_proof(stmt, 16, 17, &start->proof);
	return db_run_one(ledger->db, stmt, "ledger: new play", err) &&
	       (!dated || ledger_put_total(ledger, &shown, err));
}

bool ledger_put_quarantined(struct ledger *ledger, int64_t screen, int64_t seq,
			    const uint8_t *hash, const char *row, const char *reason,
			    struct wall_ms received, bool *out_new, struct err *err)
{
	sqlite3_stmt *stmt = ledger->put_quarantined;
	uint8_t digest[SHA256_SIZE];

	sha256(row, strlen(row), digest);
	sqlite3_bind_int64(stmt, 1, screen);
	sqlite3_bind_int64(stmt, 2, seq);
	if (hash)
		sqlite3_bind_blob(stmt, 3, hash, PLAY_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 4, digest, sizeof(digest), SQLITE_STATIC);
	sqlite3_bind_text(stmt, 5, row, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 6, reason, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 7, received.ms);
	if (!db_run(ledger->db, stmt, "ledger: quarantine", err))
		return false;
	*out_new = db_changes(ledger->db) == 1;
	return true;
}
