#include "store/results.h"

#include <sqlite3.h>

#include "core/err.h"
#include "store/db.h"

bool results_append(struct db *db, const struct result *result, const char *who,
		    struct wall_ms at, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"INSERT INTO result"
		" (initiative, series, fiscal_year, value, source, note, who, at_ms)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
		err);

	if (!stmt)
		return false;
	sqlite3_bind_int(stmt, 1, result->initiative);
	sqlite3_bind_text(stmt, 2, result->series, -1, SQLITE_STATIC);
	sqlite3_bind_int(stmt, 3, result->fiscal_year);
	/* What is not bound is NULL: withdrawn. */
	if (!result->withdrawn)
		sqlite3_bind_int64(stmt, 4, result->value);
	sqlite3_bind_text(stmt, 5, result->source, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 6, result->note, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 7, who, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 8, at.ms);
	return db_run_one(db, stmt, "result: append", err);
}

bool results_newest(struct db *db, int64_t *out, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(db, "SELECT MAX(number) FROM result", err);
	bool row;

	if (!stmt || !db_step(db, stmt, &row, "result: newest", err))
		return false;
	*out = sqlite3_column_int64(stmt, 0); /* NULL reads as 0 */
	return true;
}

static const char *text(sqlite3_stmt *stmt, int column)
{
	const char *found = (const char *)sqlite3_column_text(stmt, column);

	return found ? found : "";
}

static void read_row(sqlite3_stmt *stmt, struct result_row *out)
{
	*out = (struct result_row){
		.number = sqlite3_column_int64(stmt, 0),
		.result = {.initiative = sqlite3_column_int(stmt, 1),
			   .series = text(stmt, 2),
			   .fiscal_year = sqlite3_column_int(stmt, 3),
			   .withdrawn = sqlite3_column_type(stmt, 4) == SQLITE_NULL,
			   .value = sqlite3_column_int64(stmt, 4),
			   .source = text(stmt, 5),
			   .note = text(stmt, 6)},
		.who = text(stmt, 7),
		.at = {sqlite3_column_int64(stmt, 8)},
	};
}

bool results_each(struct db *db, const struct results_filter *filter, result_row_fn *each,
		  void *context, struct err *err)
{
	CLEANUP(db_finalize)
	sqlite3_stmt *stmt = db_prepare(
		db,
		"SELECT number, initiative, series, fiscal_year, value, source, note, who,"
		" at_ms FROM result AS r WHERE (?1 = 0 OR initiative = ?1)"
		" AND (?2 = 0 OR fiscal_year = ?2)"
		" AND (?3 OR (value IS NOT NULL AND NOT EXISTS (SELECT 1 FROM result"
		"  WHERE initiative = r.initiative AND series = r.series"
		"  AND fiscal_year = r.fiscal_year AND number > r.number)))"
		" ORDER BY initiative, series, fiscal_year, number",
		err);
	bool more = false;

	if (!stmt)
		return false;
	sqlite3_bind_int(stmt, 1, filter->initiative);
	sqlite3_bind_int(stmt, 2, filter->fiscal_year);
	sqlite3_bind_int(stmt, 3, filter->history);
	while (db_step(db, stmt, &more, "result: list", err)) {
		struct result_row row;

		if (!more)
			return true;
		read_row(stmt, &row);
		if (!each(context, &row, err))
			return false;
	}
	return false;
}
