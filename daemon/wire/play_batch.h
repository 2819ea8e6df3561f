#ifndef WIRE_PLAY_BATCH_H
#define WIRE_PLAY_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/play.h"
#include "wire/digest.h"

struct err;
struct json_node;
struct signer;
struct tuf_trust;

#define PLAY_BATCH_ROWS_MAX 500
#define PLAY_BATCH_MAX      (512 * 1024) /* bytes */
#define PLAY_ACK_MAX        4096

/*
 * Hash of a row: SHA-256 over the hash of the row before it (zeros before row 1), the
 * screen's id, a line feed, and the row's canonical JSON without "hash". A missing or
 * altered row breaks the chain.
 */
MUST_USE bool play_hash(const uint8_t previous[static SHA256_SIZE], const char *screen_id,
			const struct play *play, uint8_t out[static SHA256_SIZE],
			struct err *err);

/* A row as batches hold it: canonical JSON, NUL-terminated, owned (free()). */
MUST_USE char *play_to_json(const struct play *play,
			    const uint8_t hash[static SHA256_SIZE], struct err *err);

/* A row that could not be read, to be quarantined with its reason. */
struct play_batch_bad {
	int64_t seq;  /* as the row says, or its place in the batch */
	size_t index; /* in the document */
	bool has_hash;
	uint8_t hash[SHA256_SIZE]; /* as the row says */
	char *row;                 /* its JSON */
	char *reason;
};

/*
 * A batch: rows of one screen, oldest first, signed by the screen's key ("ekimae.plays/2",
 * in a TUF-like envelope of "signatures" and "signed"). Each row carries its own hash as
 * the screen has it, so one unreadable row does not hide whether the next fits the chain.
 */
struct play_batch {
	char screen_id[SCREEN_ID_MAX + 1];
	int64_t first; /* number of the first row, also when that can't be read */
	uint8_t previous[SHA256_SIZE]; /* hash of the row before the first */
	uint8_t head[SHA256_SIZE];     /* hash of the last row */
	struct play *plays; /* in the order of the document, without the bad ones */
	uint8_t (*hashes)[SHA256_SIZE]; /* of each of @plays */
	size_t play_count;
	struct play_batch_bad *bad; /* in the order of the document */
	size_t bad_count; /* play_count + bad_count is 1–PLAY_BATCH_ROWS_MAX */
};

/* An empty batch with room for @rows plays, freed with play_batch_free(). */
MUST_USE struct play_batch *play_batch_new(const char *screen_id, size_t rows,
					   struct err *err);

/*
 * Signed bytes, NUL-terminated, owned (free()); NULL on failure. The same batch and key
 * give the same bytes. @batch has no bad rows.
 */
MUST_USE char *play_batch_to_json(const struct play_batch *batch,
				  const struct signer *signer, size_t *out_len,
				  struct err *err);

/*
 * Verifies the signature by @public_key and reads the rows; ERR_UNTRUSTED when it is
 * not the screen's. A row with a wrong field goes to @bad and does not fail the batch.
 * The chain is not checked here: the ledger does, from what it holds.
 */
MUST_USE struct play_batch *play_batch_from_json(const void *bytes, size_t len,
						 const uint8_t public_key[static 32],
						 struct err *err);
/* As that, from the signed part of an envelope that was verified (wire/play_upload.h). */
MUST_USE struct play_batch *play_batch_read(struct json_node *content, struct err *err);
struct play_batch *play_batch_free(struct play_batch *batch); /* NULL is fine */

/*
 * The city's answer ("ekimae.ack/1"), signed by its timestamp key: it holds all rows of the
 * screen up to @durable_seq durably.
 */
struct play_ack {
	char screen_id[SCREEN_ID_MAX + 1];
	int64_t durable_seq;
	struct wall_ms at;
};

MUST_USE char *play_ack_to_json(const struct play_ack *ack, const struct signer *signer,
				size_t *out_len, struct err *err);
/* Verifies with the timestamp role of @trust. */
MUST_USE bool play_ack_from_json(const void *bytes, size_t len,
				 const struct tuf_trust *trust, struct play_ack *out,
				 struct err *err);

#endif /* WIRE_PLAY_BATCH_H */
