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
	int64_t repeated;    /* rows held or quarantined already, unchanged */
	int64_t quarantined; /* rows with a wrong field, a broken chain, a changed repeat */
	bool gap; /* row durable_seq + 1 is missing while later ones are held */
};

/*
 * Takes a verified batch, in one transaction: durable when this returns true. A repeat
 * changes nothing; a gap keeps the rows but does not move durable_seq past it.
 *
 * The chain: a row's hash must follow from its content and the hash of the row before it,
 * which must be the one that the ledger holds. A row that breaks it, is unreadable or
 * differs from the row held under its number goes to quarantine with its reason, and
 * changes nothing else. The rows after it are judged by the hash that it claims, so one
 * bad row costs one row; where not even that hash can be read, or rows are missing, the
 * next row is taken as the chain's new beginning, and is checked when the missing come.
 *
 * ERR_NOT_FOUND when there is no such screen.
 */
MUST_USE bool ledger_accept(struct ledger *ledger, const struct play_batch *batch,
			    struct wall_ms received, struct ledger_receipt *out,
			    struct err *err);

/* A row in quarantine. Strings live until the next call. */
struct ledger_quarantined {
	const char *screen_id;
	int64_t seq;
	const char *reason;
	const char *row; /* its JSON as it came */
	struct wall_ms received;
};

typedef bool ledger_quarantined_fn(void *context, const struct ledger_quarantined *row,
				   struct err *err);

/* Rows in quarantine, in the order in which they came. */
MUST_USE bool ledger_quarantine_each(struct ledger *ledger, ledger_quarantined_fn *each,
				     void *context, struct err *err);

/*
 * Walks the chain of the rows held of @screen_id, as an auditor would: @*out_rows are
 * intact. ERR_UNTRUSTED names the first row that is not.
 */
MUST_USE bool ledger_verify(struct ledger *ledger, const char *screen_id,
			    int64_t *out_rows, struct err *err);

/*
 * Freezes title and department of a published revision, and whether it counts, by content
 * hash. The first word stands: knowing it again changes nothing.
 */
MUST_USE bool ledger_know_notice(struct ledger *ledger, const struct notice *notice,
				 const uint8_t content_hash[static PLAY_HASH_SIZE],
				 struct wall_ms published, struct err *err);

/*
 * The count of a fiscal year (Japan time): of plays that somebody could see, on screens
 * that count, by the time they began.
 */
struct ledger_summary {
	int fiscal_year;
	int64_t notices; /* distinct administrative notices with a complete play: the KPI */
	int64_t complete; /* plays of them */
	int64_t partial;
	int64_t shown_ms;
	/* 時刻未確定: plays of administrative notices, received in this year, that were
	 * made with an unsynchronised clock and are counted nowhere yet. */
	int64_t undated;
	int64_t unknown;     /* plays of notices whose content the city never published */
	int64_t late;        /* of complete and partial: received after the year ended */
	int64_t quarantined; /* rows that went to quarantine in this year */
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

/*
 * Fills @out and calls @each (may be NULL) for every line, ordered by first play. The same
 * year gives the same lines until further plays arrive.
 */
MUST_USE bool ledger_report(struct ledger *ledger, int fiscal_year,
			    struct ledger_summary *out, ledger_line_fn *each,
			    void *context, struct err *err);

#endif /* STORE_LEDGER_H */
