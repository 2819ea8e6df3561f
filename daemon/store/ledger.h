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
struct play_stretch;

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
	int64_t placed;      /* plays of an unset clock that now have their time */
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
 * A play made while the clock was not synchronised gets its time (at_ms) from the monotonic
 * clock: by the wall clock of the nearest earlier play of the same boot that was made with a
 * synchronised clock, else of the first later one, once all rows in between are held. What
 * has a time keeps it. Until then it is 時刻未確定.
 *
 * ERR_NOT_FOUND when there is no such screen.
 */
MUST_USE bool ledger_accept(struct ledger *ledger, const struct play_batch *batch,
			    struct wall_ms received, struct ledger_receipt *out,
			    struct err *err);

/*
 * Takes what stands in the place of rows of a screen (wire/play_stretch.h), as ledger_accept()
 * takes rows. @document is what was signed, kept for auditors.
 *
 * Rows that the screen lost are named in quarantine and hold up nothing; those that the city
 * holds all the same count as ever.
 *
 * Of totals, rows that are held are taken off, so that each play counts once, whichever came
 * first: rows that come after totals which cover them are not counted again. Totals that
 * contradict the rows held, or the chain, or that partly cover what other totals do, are not
 * counted: they go to quarantine, and hold up nothing either.
 */
MUST_USE bool ledger_accept_stretch(struct ledger *ledger,
				    const struct play_stretch *stretch,
				    const char *document, struct wall_ms received,
				    struct ledger_receipt *out, struct err *err);

/*
 * Gives up plays @first to @last, which are missing while later ones are held: @who says @why.
 * Should they come after all, they count. @*out_durable is the screen's new durable_seq. Part
 * of the caller's transaction. ERR_NOT_FOUND; ERR_CONFLICT when not all of them are missing.
 */
MUST_USE bool ledger_accept_gap(struct ledger *ledger, const char *screen_id,
				int64_t first, int64_t last, const char *who,
				const char *why, struct wall_ms at, int64_t *out_durable,
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

/* The newest @limit rows in quarantine of @screen_id, newest first. */
MUST_USE bool ledger_quarantine_newest(struct ledger *ledger, const char *screen_id,
				       int limit, ledger_quarantined_fn *each,
				       void *context, struct err *err);

/* What is known of the rows of a screen. */
#define LEDGER_GAPS_MAX 20
struct ledger_screen_state {
	int64_t durable_seq; /* all up to here are held or in quarantine */
	int64_t last_seq;    /* the highest that is held; 0: none */
	int64_t missing;     /* rows that later ones were received behind */
	int64_t quarantined;
	int64_t undated;  /* 時刻未確定 */
	int64_t lost;     /* rows that the screen can't read any more */
	int64_t given_up; /* rows that staff gave up */
	int64_t folded;   /* plays that came as totals by the hour */
	struct ledger_gap {
		int64_t first, last;
	} gaps[LEDGER_GAPS_MAX]; /* the first of them */
	size_t gap_count;
};

/* ERR_NOT_FOUND when there is no such screen. */
MUST_USE bool ledger_screen_state(struct ledger *ledger, const char *screen_id,
				  struct ledger_screen_state *out, struct err *err);

/*
 * Walks the chain of the rows held of @screen_id, as an auditor would, and compares the
 * totals with them: @*out_rows are intact. ERR_UNTRUSTED names the first row or hour that is
 * not.
 */
MUST_USE bool ledger_verify(struct ledger *ledger, const char *screen_id,
			    int64_t *out_rows, struct err *err);

/*
 * Checks that the first complete play of each notice and year, with its title and department,
 * is what the totals say: @*out_rows of them. ERR_UNTRUSTED names the first that is not.
 */
MUST_USE bool ledger_verify_firsts(struct ledger *ledger, int64_t *out_rows,
				   struct err *err);

/*
 * Forgets raw rows of plays that began before @before, some thousand of one screen at a time:
 * @*out_rows, 0 when there are no more. No report changes by it, ledger_verify() goes on from
 * what is noted in the audit log, and what has no time yet (時刻未確定) stays.
 */
MUST_USE bool ledger_prune(struct ledger *ledger, struct wall_ms before,
			   struct wall_ms now, int64_t *out_rows, struct err *err);

/*
 * Freezes title (without readings) and department of a published revision, and whether it
 * counts, by content hash. The first word stands: knowing it again changes nothing.
 */
MUST_USE bool ledger_know_notice(struct ledger *ledger, const struct notice *notice,
				 const uint8_t content_hash[static PLAY_HASH_SIZE],
				 struct wall_ms published, struct err *err);

/* When the notice that was made known last was published; 0: none was. */
MUST_USE bool ledger_newest_notice(struct ledger *ledger, struct wall_ms *out,
				   struct err *err);

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
	int64_t folded;      /* of complete and partial: known by the hour only */
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
	int64_t late; /* of complete and partial: received after the year ended */
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

/* What else a report may be told by. */
enum ledger_by { LEDGER_BY_SCREEN, LEDGER_BY_MONTH, LEDGER_BY_DEPARTMENT };

/* One line of such a report: of the notices of ledger_report(). Strings as above. */
struct ledger_group {
	const char *key;  /* id of a screen; "2026-04"; a department */
	const char *name; /* where the screen is; else "" */
	int64_t notices;  /* with a complete play here */
	int64_t fresh; /* with their first complete play of the year here: the KPI's share */
	int64_t complete, partial, shown_ms, late;
};

typedef bool ledger_group_fn(void *context, const struct ledger_group *group,
			     struct err *err);

/*
 * Screens by id, the twelve months of the year, departments by their number of notices. The
 * department of a notice is that of the revision shown first in the year.
 */
MUST_USE bool ledger_report_groups(struct ledger *ledger, int fiscal_year,
				   enum ledger_by by, ledger_group_fn *each,
				   void *context, struct err *err);

#endif /* STORE_LEDGER_H */
