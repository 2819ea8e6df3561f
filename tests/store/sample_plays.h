#ifndef STORE_SAMPLE_PLAYS_H
#define STORE_SAMPLE_PLAYS_H

/* Plays to record, and what test modules of this folder do with them. */

#include "core/play.h"
#include "core/time.h"
#include "store/playlog.h"
#include "support/plays.h"
#include "support/test.h"
#include "wire/digest.h"
#include "wire/play_batch.h"

/* 2026-11-22T06:29:00Z, in the fiscal year 2026. */
#define SAMPLE_AT INT64_C(1795328940000)

/* The content hash of revision @revision of notice @id in these tests. */
static inline void sample_content(const char *id, int64_t revision,
				  uint8_t out[static PLAY_HASH_SIZE])
{
	char text[128];

	snprintf(text, sizeof(text), "%s/%d", id, (int)revision);
	sha256(text, strlen(text), out);
}

/* A play of notice @id that begins at @at, with a dwell of 10 s. */
static inline struct play_start sample_start(const char *id, int64_t revision, int64_t at)
{
	struct play_start start = plays_sample(id, 0, (struct wall_ms){at}).start;

	start.item_revision = revision;
	start.programme_version = 7;
	start.began_mono.ms = at % 1000000;
	start.proof = (struct play_proof){
		.known = true, .frames = 1, .picture = 0xfedcba9876543210};
	sample_content(id, revision, start.content_hash);
	return start;
}

/* Records a whole play and returns its number. */
static inline int64_t sample_record(struct playlog *log, const struct play_start *start,
				    int64_t shown_ms, enum play_outcome outcome)
{
	struct err err = {0};
	int64_t seq = 0;

	assert_ok(playlog_begin(log, start, &seq, &err), err);
	assert_ok(playlog_end(log, seq, (struct span_ms){shown_ms}, 1, outcome, &err),
		  err);
	return seq;
}

/* Records @count complete plays of notice "sample", ten seconds apart. */
static inline void sample_fill(struct playlog *log, int count)
{
	for (int i = 0; i < count; i++) {
		struct play_start start =
			sample_start("sample", 1, SAMPLE_AT + i * INT64_C(10000));

		sample_record(log, &start, 10000, PLAY_COMPLETE);
	}
}

/* A batch of up to @rows rows after @after, which must exist. */
static inline struct play_batch *sample_batch(struct playlog *log, int64_t after,
					      size_t rows)
{
	struct play_batch *batch = NULL;
	struct err err = {0};

	assert_ok(playlog_batch(log, after, rows, &batch, &err), err);
	assert_non_null(batch);
	return batch;
}

#endif /* STORE_SAMPLE_PLAYS_H */
