/* For auditors: what is not rows. Stretches, and the first complete plays. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "store/ledger.h"
#include "store/ledger_tables.h"
#include "wire/key.h"
#include "wire/play_stretch.h"
#include "wire/play_upload.h"

/* A stretch with all that it must agree with. */
struct checked {
	const char *screen_id;
	int64_t number, first, last;
	enum ledger_stretch_kind kind;
	uint8_t head[SHA256_SIZE];
	bool has_head, has_key, was_pruned, is_audited;
	const char *document;
	uint8_t key[ED25519_PUBLIC_SIZE]; /* of the screen */
	int64_t folded, held; /* plays in its totals; its rows that are held */
};

/* ?1: the screen's id; ?2: LEDGER_PRUNED. */
static const char stretches_sql[] =
	"SELECT s.number, s.first, s.last, s.kind, s.head, s.document, c.public_key,"
	" (SELECT COALESCE(SUM(plays), 0) FROM folded WHERE stretch = s.number),"
	" (SELECT COUNT(*) FROM play WHERE screen = s.screen"
	"  AND seq BETWEEN s.first AND s.last),"
	" EXISTS (SELECT 1 FROM stretch p WHERE p.screen = s.screen AND p.kind = ?2"
	"  AND p.last >= s.first AND p.first <= s.last),"
	" s.kind = ?2 AND EXISTS (SELECT 1 FROM audit WHERE action = 'prune'"
	"  AND object = c.id AND detail = s.document)"
	" FROM screen c JOIN stretch s ON s.screen = c.number WHERE c.id = ?1"
	" ORDER BY s.number";

static bool altered(const struct checked *stretch, const char *why, struct err *err)
{
	return err_set(err, ERR_UNTRUSTED,
		       "ledger: screen %s: what stands for plays %" PRId64 "–%" PRId64
		       " was altered: %s",
		       stretch->screen_id, stretch->first, stretch->last, why);
}

/* What the screen signed must say what is kept. */
static bool check_signed(const struct checked *stretch, struct err *err)
{
	struct play_stretch said = {0};
	struct play_upload *upload;
	struct err why = {0};
	bool fine;

	if (!stretch->has_key)
		return altered(stretch, "the screen has no key", err);
	upload = play_upload_open(stretch->document, strlen(stretch->document), &why);
	fine = upload && play_upload_kind(upload) != PLAY_UPLOAD_ROWS &&
	       play_upload_verify(upload, stretch->key, &why) &&
	       play_upload_stretch(upload, &said, &why);
	play_upload_free(upload);
	if (!fine)
		return altered(stretch, why.text, err);
	fine = strcmp(said.screen_id, stretch->screen_id) == 0 &&
	       said.first == stretch->first && said.last == stretch->last &&
	       (said.kind == PLAY_STRETCH_LOST) == (stretch->kind == LEDGER_LOST) &&
	       (!stretch->has_head || memcmp(said.head, stretch->head, SHA256_SIZE) == 0);
	play_stretch_done(&said);
	return fine || altered(stretch, "the screen signed something else", err);
}

static bool check_pruned(struct ledger *ledger, const struct checked *stretch,
			 struct err *err)
{
	char expected[LEDGER_PRUNED_TEXT_SIZE], digest[SHA256_HEX_SIZE];
	char head[SHA256_HEX_SIZE];

	if (!ledger_pruned_digest(ledger, stretch->number, digest, err))
		return false;
	hex_encode(stretch->head, SHA256_SIZE, head);
	ledger_pruned_text(stretch->first, stretch->last, head, digest, expected);
	if (strcmp(stretch->document, expected) != 0 || !stretch->is_audited)
		return altered(stretch, "the audit log says something else", err);
	return true;
}

static bool check_stretch(struct ledger *ledger, const struct checked *stretch,
			  struct err *err)
{
	int64_t plays = stretch->folded + stretch->held;
	int64_t rows = stretch->last - stretch->first + 1;

	switch (stretch->kind) {
	case LEDGER_ACCEPTED:
		return true;
	case LEDGER_PRUNED:
		return check_pruned(ledger, stretch, err);
	case LEDGER_LOST:
	case LEDGER_REFUSED:
		break;
	case LEDGER_FOLDED:
		if (plays > rows || (plays < rows && !stretch->was_pruned))
			return altered(stretch, "its totals are of other plays", err);
		break;
	}
	return check_signed(stretch, err);
}

bool ledger_verify_stretches(struct ledger *ledger, const char *screen_id,
			     struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(ledger->db, stretches_sql, err);
	bool row;

	if (!stmt)
		return false;
	sqlite3_bind_text(stmt, 1, screen_id, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 2, LEDGER_PRUNED);
	for (;;) {
		struct checked stretch = {.screen_id = screen_id};

		if (!db_step(ledger->db, stmt, &row, "ledger: verify", err))
			return false;
		if (!row)
			return true;
		stretch.number = sqlite3_column_int64(stmt, 0);
		stretch.first = sqlite3_column_int64(stmt, 1);
		stretch.last = sqlite3_column_int64(stmt, 2);
		stretch.kind = (enum ledger_stretch_kind)sqlite3_column_int(stmt, 3);
		stretch.has_head = db_bytes(stmt, 4, stretch.head, sizeof(stretch.head));
		stretch.document = (const char *)sqlite3_column_text(stmt, 5);
		stretch.has_key = db_bytes(stmt, 6, stretch.key, sizeof(stretch.key));
		stretch.folded = sqlite3_column_int64(stmt, 7);
		stretch.held = sqlite3_column_int64(stmt, 8);
		stretch.was_pruned = sqlite3_column_int(stmt, 9) != 0;
		stretch.is_audited = sqlite3_column_int(stmt, 10) != 0;
		if (!stretch.document)
			return err_set(err, ERR_NO_MEMORY, "ledger: out of memory");
		if (!check_stretch(ledger, &stretch, err))
			return false;
	}
}

/* --- First complete plays -------------------------------------------------------------- */

/* The newest row of each notice and year, and what the totals by the month make of it. */
#define NOTED                                                                            \
	"noted AS MATERIALIZED (SELECT notice_id, fiscal_year, at_ms, revision,"         \
	" content_hash, screen, title, department FROM (SELECT *, MAX(number)"           \
	"  FROM first_play GROUP BY notice_id, fiscal_year)), "
#define DERIVED                                                                          \
	"derived AS MATERIALIZED (SELECT notice_id, year, first_ms, revision,"           \
	" content_hash, screen, title, department FROM (SELECT n.*, h.screen,"           \
	"  h.first_ms, (h.month - 3) / 12 AS year, ROW_NUMBER() OVER (PARTITION BY"      \
	"   n.notice_id, (h.month - 3) / 12 ORDER BY h.first_ms, n.revision,"            \
	"   n.content_hash, h.screen) AS place FROM published_notice n"                  \
	"  CROSS JOIN slide s ON s.content_hash = n.content_hash"                        \
	"   AND s.item_id = 'notice/' || n.notice_id"                                    \
	"  CROSS JOIN monthly h ON h.slide = s.number AND h.first_ms IS NOT NULL"        \
	"  JOIN screen c ON c.number = h.screen"                                         \
	"  WHERE c.counts = 1 AND n.counts = 1 AND n.sample = 0) WHERE place = 1) "

static const char firsts_sql[] =
	"WITH " NOTED DERIVED
	"SELECT (SELECT COUNT(*) FROM noted), notice_id, year FROM ("
	" SELECT notice_id, year FROM (SELECT * FROM derived EXCEPT SELECT * FROM noted)"
	" UNION ALL SELECT notice_id, fiscal_year FROM"
	"  (SELECT * FROM noted EXCEPT SELECT * FROM derived)"
	" UNION ALL SELECT NULL, NULL) ORDER BY notice_id IS NULL, year, notice_id LIMIT 1";

bool ledger_verify_firsts(struct ledger *ledger, int64_t *out_rows, struct err *err)
{
	CLEANUP(db_finalize) sqlite3_stmt *stmt = db_prepare(ledger->db, firsts_sql, err);
	bool row;

	if (!stmt || !db_step(ledger->db, stmt, &row, "ledger: verify", err))
		return false;
	if (sqlite3_column_type(stmt, 1) != SQLITE_NULL)
		return err_set(err, ERR_UNTRUSTED,
			       "ledger: the first complete play of notice %s in fiscal "
			       "year %d is not what the totals say",
			       (const char *)sqlite3_column_text(stmt, 1),
			       sqlite3_column_int(stmt, 2));
	*out_rows = sqlite3_column_int64(stmt, 0);
	return true;
}
