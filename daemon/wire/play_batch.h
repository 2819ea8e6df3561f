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
struct signer;
struct tuf_trust;

#define PLAY_BATCH_ROWS_MAX 500
#define PLAY_BATCH_MAX      (512 * 1024) /* bytes */
#define PLAY_ACK_MAX        4096

/*
 * Hash of a row: SHA-256 over the hash of the row before it (zeros before row 1), the
 * screen's id and the row's canonical JSON. A missing or altered row breaks the chain.
 */
MUST_USE bool play_hash(const uint8_t previous[static SHA256_SIZE], const char *screen_id,
			const struct play *play, uint8_t out[static SHA256_SIZE],
			struct err *err);

/*
 * A batch: consecutive rows of one screen, oldest first, signed by the screen's key
 * ("ekimae.plays/1", in a TUF-like envelope of "signatures" and "signed").
 */
struct play_batch {
	char screen_id[SCREEN_ID_MAX + 1];
	uint8_t previous[SHA256_SIZE]; /* hash of the row before the first */
	uint8_t head[SHA256_SIZE];     /* hash of the last row */
	struct play *plays; /* owned by the batch that play_batch_from_json() made */
	size_t play_count;  /* 1–PLAY_BATCH_ROWS_MAX */
	/* Rows that could not be read, to be quarantined with their reason. */
	struct play_batch_bad {
		int64_t seq;  /* 0 when even that is unreadable */
		size_t index; /* in the document */
		char *row;    /* its JSON */
		char *reason;
	} * bad;
	size_t bad_count;
};

/* Signed bytes, NUL-terminated, owned (free()); NULL on failure. */
MUST_USE char *play_batch_to_json(const struct play_batch *batch,
				  const struct signer *signer, size_t *out_len,
				  struct err *err);

/* Which screen a batch claims to be from, before anything is verified. */
MUST_USE bool play_batch_screen(const void *bytes, size_t len,
				char out[static SCREEN_ID_MAX + 1], struct err *err);

/*
 * Verifies the signature by @public_key and reads the rows; ERR_UNTRUSTED when it is
 * not the screen's. A row with a wrong field goes to @bad and does not fail the batch.
 * The chain is not checked here: the ledger does, from what it holds.
 */
MUST_USE struct play_batch *play_batch_from_json(const void *bytes, size_t len,
						 const uint8_t public_key[static 32],
						 struct err *err);
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
