#include "store/audit.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"
#include "wire/digest.h"

struct audit_row {
	int64_t seq;
	struct wall_ms at;
	const char *text[4]; /* who, action, object, detail */
};

static size_t put_number(uint8_t *out, uint64_t value)
{
	for (int i = 0; i < 8; i++)
		out[i] = (uint8_t)(value >> (56 - 8 * i));
	return 8;
}

/*
 * SHA-256 over the hash before, number and time as 64-bit big-endian, and each text with
 * its length before it, so that no two rows have the same bytes. Texts of @row are at most
 * AUDIT_TEXT_MAX long; longer ones (in a file that was tampered with) have no hash.
 */
static bool hash_row(const uint8_t previous[static SHA256_SIZE],
		     const struct audit_row *row, uint8_t out[static SHA256_SIZE])
{
	uint8_t bytes[SHA256_SIZE + 16 + 4 * (8 + AUDIT_TEXT_MAX)];
	size_t len = SHA256_SIZE;

	memcpy(bytes, previous, SHA256_SIZE);
	len += put_number(bytes + len, (uint64_t)row->seq);
	len += put_number(bytes + len, (uint64_t)row->at.ms);
	for (size_t i = 0; i < ARRAY_LEN(row->text); i++) {
		size_t text_len = row->text[i] ? strlen(row->text[i]) : SIZE_MAX;

		if (text_len > AUDIT_TEXT_MAX)
			return false;
		len += put_number(bytes + len, text_len);
		memcpy(bytes + len, row->text[i], text_len);
		len += text_len;
	}
	sha256(bytes, len, out);
	return true;
}

/* Number and hash of the newest row; 0 and zeros when there is none. */
static bool newest(struct db *db, int64_t *out_seq, uint8_t hash[static SHA256_SIZE],
		   struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", err);
	bool row;

	if (!stmt || !db_step(db, stmt, &row, "audit: newest", err))
		return false;
	*out_seq = 0;
	memset(hash, 0, SHA256_SIZE);
	if (!row)
		return true;
	*out_seq = sqlite3_column_int64(stmt, 0);
	if (!db_bytes(stmt, 1, hash, SHA256_SIZE))
		return err_set(err, ERR_UNTRUSTED, "audit: row %" PRId64 ": no hash",
			       *out_seq);
	return true;
}

bool audit_append(struct db *db, const char *who, const char *action, const char *object,
		  const char *detail, struct wall_ms at, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"INSERT INTO audit (seq, at_ms, who, action, object, detail, hash)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		err);
	struct audit_row row = {.at = at, .text = {who, action, object, detail}};
	uint8_t hash[SHA256_SIZE];

	if (!stmt || !newest(db, &row.seq, hash, err))
		return false;
	row.seq++;
	if (!hash_row(hash, &row, hash))
		return err_set(err, ERR_TOO_LARGE, "audit: a text has more than %d bytes",
			       AUDIT_TEXT_MAX);
	sqlite3_bind_int64(stmt, 1, row.seq);
	sqlite3_bind_int64(stmt, 2, at.ms);
	for (int i = 0; i < (int)ARRAY_LEN(row.text); i++)
		sqlite3_bind_text(stmt, 3 + i, row.text[i], -1, SQLITE_STATIC);
	sqlite3_bind_blob(stmt, 7, hash, sizeof(hash), SQLITE_STATIC);
	return db_run_one(db, stmt, "audit: append", err);
}

bool audit_verify(struct db *db, int64_t *out_rows, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt =
		db_prepare(db,
			   "SELECT seq, at_ms, who, action, object, detail, hash"
			   " FROM audit ORDER BY seq",
			   err);
	uint8_t hash[SHA256_SIZE] = {0};
	uint8_t held[SHA256_SIZE];
	int64_t count = 0;
	bool more;

	if (!stmt)
		return false;
	for (;;) {
		struct audit_row row;

		if (!db_step(db, stmt, &more, "audit: verify", err))
			return false;
		if (!more)
			break;
		row.seq = sqlite3_column_int64(stmt, 0);
		row.at.ms = sqlite3_column_int64(stmt, 1);
		for (int i = 0; i < (int)ARRAY_LEN(row.text); i++)
			row.text[i] = (const char *)sqlite3_column_text(stmt, 2 + i);
		if (row.seq != count + 1)
			return err_set(err, ERR_UNTRUSTED,
				       "audit: row %" PRId64 " is missing: the log was "
				       "tampered with or damaged",
				       count + 1);
		if (!hash_row(hash, &row, hash) ||
		    !db_bytes(stmt, 6, held, sizeof(held)) ||
		    memcmp(hash, held, sizeof(hash)) != 0)
			return err_set(err, ERR_UNTRUSTED,
				       "audit: row %" PRId64
				       " does not fit the chain: it or "
				       "the row before it was altered",
				       row.seq);
		count = row.seq;
	}
	*out_rows = count;
	return true;
}
