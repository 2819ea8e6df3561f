#include "store/play_row.h"

#include <inttypes.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/play.h"
#include "store/db.h"
#include "wire/play_stretch.h"

_Static_assert(PLAY_COMPLETE == 0 && PLAY_EMERGENCY == 1 && PLAY_CONTENT == 2 &&
		       PLAY_POWER == 3 && PLAY_SHUTDOWN == 4 && PLAY_OPERATOR == 5 &&
		       PLAY_OUTPUT == 6,
	       "databases hold these numbers");
_Static_assert(PLAY_OUTPUT_ON == 0 && PLAY_OUTPUT_OFF == 1 && PLAY_OUTPUT_UNKNOWN == 2 &&
		       PLAY_OUTPUT_BLACK == 3,
	       "databases hold these numbers");

bool play_row_read(struct sqlite3_stmt *stmt, struct play *out, struct err *err)
{
	struct play play = {
		.seq = sqlite3_column_int64(stmt, 0),
		.start =
			{
				.item_revision = sqlite3_column_int64(stmt, 4),
				.programme_version = sqlite3_column_int64(stmt, 6),
				.began = {sqlite3_column_int64(stmt, 7)},
				.began_mono = {sqlite3_column_int64(stmt, 8)},
				.synchronised = sqlite3_column_int(stmt, 9) != 0,
				.planned = {sqlite3_column_int64(stmt, 10)},
				.output = (enum play_output)sqlite3_column_int(stmt, 11),
				.proof =
					{
						.known = sqlite3_column_type(stmt, 14) !=
							 SQLITE_NULL,
						.frames = sqlite3_column_int64(stmt, 14),
						.picture = (uint64_t)sqlite3_column_int64(
							stmt, 15),
					},
			},
		.shown = {sqlite3_column_int64(stmt, 12)},
		.outcome = (enum play_outcome)sqlite3_column_int(stmt, 13),
	};

	db_text(stmt, 1, play.start.boot_id, sizeof(play.start.boot_id));
	db_text(stmt, 2, play.start.slide_id, sizeof(play.start.slide_id));
	db_text(stmt, 3, play.start.item_id, sizeof(play.start.item_id));
	if (!db_bytes(stmt, 5, play.start.content_hash, PLAY_HASH_SIZE))
		return err_set(err, ERR_INVALID,
			       "play %" PRId64 ": content_hash: damaged", play.seq);
	if (!play_check(&play, err))
		return err_prefix(err, "play %" PRId64, play.seq);
	*out = play;
	return true;
}

void play_row_bind_proof(struct sqlite3_stmt *stmt, int frames_at, int picture_at,
			 const struct play_proof *proof)
{
	if (!proof->known)
		return; /* both stay NULL */
	sqlite3_bind_int64(stmt, frames_at, proof->frames);
	sqlite3_bind_int64(stmt, picture_at, (int64_t)proof->picture);
}

void play_row_bind(struct sqlite3_stmt *stmt, const struct play_start *start)
{
	sqlite3_bind_text(stmt, 2, start->boot_id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 3, start->slide_id, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 4, start->item_id, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 5, start->item_revision);
	sqlite3_bind_blob(stmt, 6, start->content_hash, PLAY_HASH_SIZE, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 7, start->programme_version);
	sqlite3_bind_int64(stmt, 8, start->began.ms);
	sqlite3_bind_int64(stmt, 9, start->began_mono.ms);
	sqlite3_bind_int(stmt, 10, start->synchronised);
	sqlite3_bind_int64(stmt, 11, start->planned.ms);
	sqlite3_bind_int(stmt, 12, (int)start->output);
	play_row_bind_proof(stmt, 13, 14, &start->proof);
}

struct play_total play_row_total(struct sqlite3_stmt *stmt)
{
	return (struct play_total){
		.hour = sqlite3_column_int64(stmt, 1),
		.outcome = (enum play_outcome)sqlite3_column_int(stmt, 2),
		.output = (enum play_output)sqlite3_column_int(stmt, 3),
		.plays = sqlite3_column_int64(stmt, 4),
		.shown = {sqlite3_column_int64(stmt, 5)},
		.first = {sqlite3_column_int64(stmt, 6)},
		.last = {sqlite3_column_int64(stmt, 7)},
	};
}
