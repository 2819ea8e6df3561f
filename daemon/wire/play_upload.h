#ifndef WIRE_PLAY_UPLOAD_H
#define WIRE_PLAY_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"

struct err;
struct play_batch;
struct play_stretch;

/*
 * What a screen sends of its plays, parsed once: rows (wire/play_batch.h), or a stretch that
 * stands in their place (wire/play_stretch.h). Nothing of it may be believed before
 * play_upload_verify().
 */
struct play_upload;

enum play_upload_kind { PLAY_UPLOAD_ROWS, PLAY_UPLOAD_LOST, PLAY_UPLOAD_FOLD };

/* At most PLAY_BATCH_MAX bytes; NULL on failure. */
MUST_USE struct play_upload *play_upload_open(const void *bytes, size_t len,
					      struct err *err);
struct play_upload *play_upload_free(struct play_upload *upload); /* NULL is fine */

/* Which screen it claims to be from, and what it claims to be. */
const char *play_upload_screen(const struct play_upload *upload);
enum play_upload_kind play_upload_kind(const struct play_upload *upload);

/* Whether @public_key signed it; else ERR_UNTRUSTED. */
MUST_USE bool play_upload_verify(const struct play_upload *upload,
				 const uint8_t public_key[static 32], struct err *err);

/* Rows, freed with play_batch_free(). */
MUST_USE struct play_batch *play_upload_batch(const struct play_upload *upload,
					      struct err *err);
/* Of the other kinds; to be freed with play_stretch_done(). */
MUST_USE bool play_upload_stretch(const struct play_upload *upload,
				  struct play_stretch *out, struct err *err);

#endif /* WIRE_PLAY_UPLOAD_H */
