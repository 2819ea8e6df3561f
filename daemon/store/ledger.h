#ifndef STORE_LEDGER_H
#define STORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/play.h"
#include "core/time.h"

struct db;
struct err;
struct ledger;
struct notice;
struct play_batch;

/*
 * The city's ledger of plays. Its tables are part of the city's schema (store/citydb.h).
 * @db is borrowed and must outlive the ledger.
 */
MUST_USE struct ledger *ledger_new(struct db *db, struct err *err);
struct ledger *ledger_free(struct ledger *ledger); /* NULL is fine; returns NULL */

/* What became of a batch. */
struct ledger_receipt {
	int64_t durable_seq; /* all rows up to here are held (or quarantined) durably */
	int64_t accepted;    /* new rows */
	int64_t repeated;    /* rows held already, unchanged */
	int64_t quarantined; /* rows with a wrong field, a broken chain, a changed repeat */
	bool gap;            /* the batch starts after the row that was expected */
};

/*
 * Takes a verified batch, in one transaction: durable when this returns true. A repeat
 * changes nothing; a gap keeps the rows but does not move durable_seq past it; a row whose
 * chain breaks is kept in quarantine with its reason.
 */
MUST_USE bool ledger_accept(struct ledger *ledger, const struct play_batch *batch,
			    struct wall_ms received, struct ledger_receipt *out,
			    struct err *err);

/* Freezes title and department of a published revision, by content hash. */
MUST_USE bool ledger_know_notice(struct ledger *ledger, const struct notice *notice,
				 const uint8_t content_hash[static PLAY_HASH_SIZE],
				 struct wall_ms published, struct err *err);

/* The count of a fiscal year. */
struct ledger_summary {
	int fiscal_year;
	int64_t notices; /* distinct administrative notices with a complete play: the KPI */
	int64_t complete; /* plays of them */
	int64_t partial;
	int64_t shown_ms;
	int64_t undated; /* plays of the year's notices made with an unsynchronised clock */
	int64_t late;    /* plays received after the fiscal year ended */
	int64_t quarantined;
};

/* One line of the report, in order of first play. Strings live until the next call. */
struct ledger_line {
	const char *notice_id;
	const char *title; /* as shown first in that year */
	const char *department;
	struct wall_ms first, last; /* begin of its first and last complete play */
	int64_t complete, partial;
	int64_t shown_ms;
};

typedef bool ledger_line_fn(void *context, const struct ledger_line *line,
			    struct err *err);

MUST_USE bool ledger_report(struct ledger *ledger, int fiscal_year,
			    struct ledger_summary *out, ledger_line_fn *each,
			    void *context, struct err *err);

#endif /* STORE_LEDGER_H */
