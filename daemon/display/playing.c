#include "display/playing.h"

#include <stdio.h>
#include <string.h>

#include "core/notice.h"
#include "display/recorder.h"
#include "display/set.h"
#include "display/show.h"

void playing_begin(struct playing *playing, const struct show *show,
		   const struct now *now, const struct playing_frame *frame)
{
	const struct notice *notice = show_notice(show);
	struct play_start *start = &playing->start;

	*start = (struct play_start){
		.item_revision = notice ? notice->revision : 0,
		.programme_version = set_version(show->set),
		.began = now->wall,
		.began_mono = now->mono,
		.synchronised = now->synchronised,
		.planned = show->planned,
		.output = frame->output,
		.proof =
			{
				.known = true,
				.frames = frame->presented - frame->before,
				.picture = frame->picture,
			},
	};
	memcpy(start->boot_id, playing->boot_id, sizeof(start->boot_id));
	snprintf(start->slide_id, sizeof(start->slide_id), "%s", show->slide_id);
	/* A notice's id fits by NOTICE_ID_MAX; all slides of the plan are one item. */
	snprintf(start->item_id, sizeof(start->item_id), "%.*s", PLAY_ITEM_ID_MAX - 1,
		 notice ? show->item_id : "plan");
	memcpy(start->content_hash, set_content_hash(show->set, show->item_id),
	       PLAY_HASH_SIZE);
	playing->frames_before = frame->before;
	playing->open = true;
	if (playing->recorder)
		recorder_begin(playing->recorder, start);
}

void playing_end(struct playing *playing, struct mono_ms mono, int64_t frames,
		 struct span_ms frame, enum play_outcome cause)
{
	struct play_start *start = &playing->start;
	struct span_ms shown = {mono.ms - start->began_mono.ms};

	if (!playing->open)
		return;
	playing->open = false;
	start->proof.frames = frames - playing->frames_before;
	if (playing->recorder)
		recorder_end(playing->recorder, shown, start->proof.frames,
			     play_outcome_of(start, shown, frame, cause));
}
