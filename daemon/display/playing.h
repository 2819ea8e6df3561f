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
};

/* @show was presented at full opacity at @now. What was open must have been ended. */
void playing_begin(struct playing *playing, const struct show *show,
		   const struct now *now, enum play_output output);

/*
 * The first frame without it was presented at @mono, because of @cause; @frame as in
 * play_outcome_of(). Nothing open is fine.
 */
void playing_end(struct playing *playing, struct mono_ms mono, struct span_ms frame,
		 enum play_outcome cause);

#endif /* DISPLAY_PLAYING_H */
