#ifndef STORE_PLAY_ROW_H
#define STORE_PLAY_ROW_H

#include <stdbool.h>

#include "core/attr.h"

struct err;
struct play;
struct play_proof;
struct play_start;
struct play_total;
struct sqlite3_stmt;

/*
 * A play as columns, the same on the screen and in the city: number, boot_id, slide_id,
 * item_id, item_revision, content_hash, programme_version, began_ms, began_mono_ms,
 * synchronised, planned_ms, output; then shown_ms, outcome, frames and picture (NULL, both:
 * no proof). Outcome and output are kept as the numbers of their constants, which therefore
 * never change.
 */
#define PLAY_ROW_COLUMNS 16

/*
 * Both keep what repeats (slides, boots) once, in tables of the same form. LEFT JOIN: a row
 * whose numbers lead nowhere is still found, and is then unreadable.
 */
#define PLAY_ROW_START                                                                     \
	"p.seq, b.boot_id, s.slide_id, s.item_id, s.item_revision, s.content_hash,"        \
	" p.programme_version, p.began_ms, p.began_mono_ms, p.synchronised, p.planned_ms," \
	" p.output"
#define PLAY_ROW_SELECT                                                                  \
	"SELECT " PLAY_ROW_START ", p.shown_ms, p.outcome, p.frames, p.picture"
#define PLAY_ROW_FROM                                                                    \
	"FROM play p LEFT JOIN slide s ON s.number = p.slide"                            \
	" LEFT JOIN boot b ON b.number = p.boot"

/*
 * Reads the first PLAY_ROW_COLUMNS columns of the row that the query is at. ERR_INVALID
 * when they make no valid play (play_check()): the file was tampered with or damaged.
 */
MUST_USE bool play_row_read(struct sqlite3_stmt *stmt, struct play *out, struct err *err);

/*
 * Binds boot_id … output to parameters 2…12, frames and picture to 13 and 14; @start must
 * live until the statement ran.
 */
void play_row_bind(struct sqlite3_stmt *stmt, const struct play_start *start);
/* Binds frames and picture to @frames_at and @picture_at. */
void play_row_bind_proof(struct sqlite3_stmt *stmt, int frames_at, int picture_at,
			 const struct play_proof *proof);

/*
 * Rows of a play table added up by the hour in which they began: columns of a query whose
 * groups are slide, hour, outcome and output at least.
 */
#define PLAY_ROW_TOTAL                                                                   \
	"slide, began_ms / 3600000 AS hour, outcome, output, COUNT(*) AS plays,"         \
	" SUM(shown_ms) AS shown_ms, MIN(began_ms) AS first, MAX(began_ms) AS last"

/*
 * Reads such columns, the first of the row that the query is at, but for the slide: its
 * number there is column 0, the total's is the caller's.
 */
struct play_total play_row_total(struct sqlite3_stmt *stmt);

#endif /* STORE_PLAY_ROW_H */
