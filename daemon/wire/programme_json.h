#ifndef WIRE_PROGRAMME_JSON_H
#define WIRE_PROGRAMME_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "wire/digest.h"

struct arena;
struct err;
struct notice;
struct programme;

#define PROGRAMME_JSON_MAX (8 * 1024 * 1024) /* bytes */
#define NOTICE_JSON_MAX    (64 * 1024)

/* Reads "ekimae.programme/1" strictly and runs programme_check(). NULL on failure. */
MUST_USE struct programme *programme_from_json(const char *name, const void *bytes,
					       size_t len, struct err *err);
/* The document, NUL-terminated, owned (free()). NULL on failure. */
MUST_USE char *programme_to_json(const struct programme *programme, size_t *out_len,
				 struct err *err);

/*
 * Reads a file that staff write, "ekimae.notice/1": one notice, in @arena. "revision" is
 * optional there and 1 by default. Runs notice_check(). NULL on failure.
 */
MUST_USE struct notice *notice_from_json(const char *name, const void *bytes, size_t len,
					 struct arena *arena, struct err *err);
MUST_USE char *notice_to_json(const struct notice *notice, size_t *out_len,
			      struct err *err);

/* SHA-256 of the notice's canonical JSON: the content hash of its plays. */
MUST_USE bool notice_content_hash(const struct notice *notice,
				  uint8_t out[static SHA256_SIZE], struct err *err);

#endif /* WIRE_PROGRAMME_JSON_H */
