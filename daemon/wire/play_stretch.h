#ifndef WIRE_PLAY_STRETCH_H
#define WIRE_PLAY_STRETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/play.h"
#include "wire/digest.h"
#include "wire/play_batch.h"

struct err;
struct json_node;
struct signer;

#define PLAY_STRETCH_REASON_SIZE 400
#define PLAY_STRETCH_ROWS_MAX    20000 /* of a fold */
#define PLAY_STRETCH_SLIDES_MAX  5000
#define PLAY_STRETCH_TOTALS_MAX  10000

enum play_stretch_kind {
	PLAY_STRETCH_LOST, /* the rows can't be read any more: "ekimae.lost/1" */
	PLAY_STRETCH_FOLD, /* their totals by the hour: "ekimae.fold/1" */
};

/* What slide a total is of. */
struct play_slide {
	char slide_id[PLAY_SLIDE_ID_MAX];
	char item_id[PLAY_ITEM_ID_MAX];
	int64_t item_revision;
	uint8_t content_hash[PLAY_HASH_SIZE];
};

/* The plays of one slide that began in one hour and ended alike. */
struct play_total {
	size_t slide; /* index into the stretch's slides */
	int64_t hour; /* since 1970, UTC */
	enum play_outcome outcome;
	enum play_output output;
	int64_t plays;
	struct span_ms shown;       /* together */
	struct wall_ms first, last; /* begin of the first and last of them */
};

/*
 * What stands in the place of rows @first to @last of a screen, signed by its key, in the
 * same envelope as batches of rows.
 *
 * A fold is of rows of one boot that were made with a synchronised clock, so that each has
 * its own time, and that fitted the chain when they were folded. @first_offset_ms and
 * @last_offset_ms are wall clock less monotonic clock of its first and last row: by these the
 * city places plays of the same boot that were made before the clock was set.
 */
struct play_stretch {
	enum play_stretch_kind kind;
	char screen_id[SCREEN_ID_MAX + 1];
	int64_t first, last;
	uint8_t previous
		[SHA256_SIZE];     /* hash of the row before the first; zeros: unknown */
	uint8_t head[SHA256_SIZE]; /* hash of the last row; zeros: unknown */
	/* Of what is lost: why. */
	char reason[PLAY_STRETCH_REASON_SIZE];
	/* Of a fold. */
	char boot_id[PLAY_BOOT_ID_SIZE];
	int64_t first_offset_ms, last_offset_ms;
	struct play_slide *slides;
	size_t slide_count;
	struct play_total *totals; /* by slide */
	size_t total_count;
};

/* Frees what @stretch owns; zeros are fine. */
void play_stretch_done(struct play_stretch *stretch);

/*
 * Signed bytes, NUL-terminated, owned (free()); NULL on failure. ERR_TOO_LARGE when they are
 * more than PLAY_BATCH_MAX, or slides or totals more than their maximum.
 */
MUST_USE char *play_stretch_to_json(const struct play_stretch *stretch,
				    const struct signer *signer, size_t *out_len,
				    struct err *err);

/*
 * Reads @content, the part of an envelope that is signed: complete, with totals that add up
 * to the rows and lie in their hours. @out is to be freed with play_stretch_done().
 */
MUST_USE bool play_stretch_read(struct json_node *content, enum play_stretch_kind kind,
				struct play_stretch *out, struct err *err);

#endif /* WIRE_PLAY_STRETCH_H */
