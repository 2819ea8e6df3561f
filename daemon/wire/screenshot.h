#ifndef WIRE_SCREENSHOT_H
#define WIRE_SCREENSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/attr.h"
#include "core/notice.h"
#include "core/play.h"
#include "core/time.h"

struct err;
struct signer;

#define SCREENSHOT_SIDE_MAX 480         /* pixels of the longer side */
#define SCREENSHOT_PNG_MAX  (64 * 1024) /* bytes */
#define SCREENSHOT_MAX      (SCREENSHOT_PNG_MAX + 4096)

/*
 * A small picture of what a screen shows, because staff asked for it: a signed description
 * ("ekimae.snapshot/1", in an envelope), a line feed, and the PNG whose hash it names. The
 * number of the request that it answers is part of it, so none can be shown for another.
 */
struct screenshot {
	char screen_id[SCREEN_ID_MAX + 1];
	int64_t request; /* 1, 2, … */
	struct wall_ms at;
	bool synchronised; /* the clock behind @at */
	enum play_output output;
	char slide_id[PLAY_SLIDE_ID_MAX];
	int width, height;
};

/* Describes and signs @png; its size is read from it. Owned (free()); NULL on failure. */
MUST_USE char *screenshot_to_bytes(const struct screenshot *screenshot, const void *png,
				   size_t png_len, const struct signer *signer,
				   size_t *out_len, struct err *err);

/* Which screen the bytes claim to be from, before anything is verified. */
MUST_USE bool screenshot_screen(const void *bytes, size_t len,
				char out[static SCREEN_ID_MAX + 1], struct err *err);

/*
 * Verifies the signature, hash and length, and that it is a PNG of this size; it is not
 * decoded. @out_png is borrowed from @bytes.
 */
MUST_USE bool screenshot_from_bytes(const void *bytes, size_t len,
				    const uint8_t public_key[static 32],
				    struct screenshot *out, const void **out_png,
				    size_t *out_png_len, struct err *err);

/*
 * Whether the bytes are a PNG as canvas_encode_png() makes them: whole, 8-bit RGB or RGBA,
 * sides within SCREENSHOT_SIDE_MAX, with pixels and nothing else.
 */
MUST_USE bool screenshot_png_check(const void *bytes, size_t len, int *out_width,
				   int *out_height, struct err *err);

#endif /* WIRE_SCREENSHOT_H */
