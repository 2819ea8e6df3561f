#ifndef DISPLAY_PLAYING_H
#define DISPLAY_PLAYING_H

#include <stdbool.h>

#include "core/play.h"
#include "core/time.h"

struct recorder;
struct show;

/*
 * The play that is on screen now, as count.md defines it. With no recorder (a box that is
 * not enrolled) nothing is recorded.
 */
struct playing {
	struct recorder *recorder; /* borrowed; NULL: none */
	char boot_id[PLAY_BOOT_ID_SIZE];
	bool open;
	struct play_start start;
	int64_t frames_before; /* presented before the first frame with it */
};

/* What the output has to say of the frame that a play begins with. */
struct playing_frame {
	enum play_output output;
	int64_t before;    /* frames presented before it */
	int64_t presented; /* with it */
	uint64_t picture;  /* struct play_proof */
};

/* @show was presented at full opacity at @now. What was open must have been ended. */
void playing_begin(struct playing *playing, const struct show *show,
		   const struct now *now, const struct playing_frame *frame);

/*
 * The first frame without it was presented at @mono, after @frames others, because of
 * @cause; @frame as in play_outcome_of(). Nothing open is fine.
 */
void playing_end(struct playing *playing, struct mono_ms mono, int64_t frames,
		 struct span_ms frame, enum play_outcome cause);

#endif /* DISPLAY_PLAYING_H */
