#include "support/plays.h"

#include "support/test.h"
#include "wire/digest.h"

struct play plays_sample(const char *id, int64_t seq, struct wall_ms began)
{
	struct play play = {
		.seq = seq,
		.start = {.boot_id = "0b8b3c9e-6a2f-4f0e-9d5a-0123456789ab",
			  .item_revision = 1,
			  .programme_version = 2,
			  .began = began,
			  .began_mono = {seq * 10000},
			  .synchronised = true,
			  .planned = {10000},
			  .output = PLAY_OUTPUT_ON},
		.shown = {10000},
		.outcome = PLAY_COMPLETE,
	};

	snprintf(play.start.slide_id, sizeof(play.start.slide_id), "notice/%s/1", id);
	snprintf(play.start.item_id, sizeof(play.start.item_id), "notice/%s", id);
	sha256(id, strlen(id), play.start.content_hash);
	return play;
}

void plays_chain(struct play_batch *batch, const uint8_t previous[static PLAY_HASH_SIZE])
{
	const uint8_t *before = batch->previous;
	struct err err = {0};

	memcpy(batch->previous, previous, PLAY_HASH_SIZE);
	batch->first = batch->plays[0].seq;
	for (size_t i = 0; i < batch->play_count; i++) {
		assert_ok(play_hash(before, batch->screen_id, &batch->plays[i],
				    batch->hashes[i], &err),
			  err);
		before = batch->hashes[i];
	}
	memcpy(batch->head, before, PLAY_HASH_SIZE);
}
