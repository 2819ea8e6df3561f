#ifndef WIRE_ENVELOPE_H
#define WIRE_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "wire/json.h"
#include "wire/key.h"

struct err;

/*
 * The envelope of what screens and city sign besides the content: TUF's form of "signatures"
 * and "signed", over canonical JSON. "_type" is part of what is signed, so that one kind of
 * document can't pass as another.
 */

/* @content (NULL: ERR_NO_MEMORY) signed by @signer; NUL-terminated, owned (free()). */
MUST_USE char *envelope_seal(TAKES struct json_t *content, const struct signer *signer,
			     size_t *out_len, struct err *err);

/* What a signature says; the bytes that it must be over are the caller's. */
struct envelope_signature {
	const char *key_id;
	uint8_t bytes[ED25519_SIGNATURE_SIZE];
};

/* Whether @signature over the bytes is one that counts; @trust is the caller's. */
typedef bool envelope_accepts_fn(const void *trust, const void *bytes, size_t len,
				 const struct envelope_signature *signature);

/* @trust: the raw ed25519 public key that must have signed. */
bool envelope_by_key(const void *trust, const void *bytes, size_t len,
		     const struct envelope_signature *signature);

/*
 * Opens @envelope; with @accepts, one of its signatures must satisfy it (ERR_UNTRUSTED).
 * Without, nothing is verified.
 */
MUST_USE bool envelope_open(struct json_node *envelope, envelope_accepts_fn *accepts,
			    const void *trust, struct json_node *out_content,
			    struct err *err);

/* Consumes "_type" and "format", which must be these. */
MUST_USE bool envelope_type(struct json_node *content, const char *type,
			    const char *format, struct err *err);
/* Consumes "screen". */
MUST_USE bool envelope_screen(struct json_node *content,
			      char out[static SCREEN_ID_MAX + 1], struct err *err);

#endif /* WIRE_ENVELOPE_H */
