#ifndef RENDER_PICTURE_H
#define RENDER_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"
#include "core/notice.h"

struct blob;
struct canvas;
struct err;

/*
 * Pictures of notices. What staff bring is checked and re-encoded once, by picture_prepare()
 * in a process with limits (picture_limit()); screens show only what came out of that.
 */

/*
 * Takes from this process whatever decoding a picture does not need: memory, time, files
 * that grow. A hostile picture then ends the process rather than the machine. Memory is not
 * limited under AddressSanitizer, which reserves terabytes.
 */
MUST_USE bool picture_limit(struct err *err);
#define PICTURE_MEMORY_MAX ((size_t)768 << 20)
#define PICTURE_SECONDS    30 /* of CPU */

/*
 * Decodes @bytes (picture_header.h says what is read), turns it upright as its EXIF data
 * say, puts it on white where it is transparent, and scales it down to at most
 * @side_max pixels on a side. 8 bits a colour; of an ICC profile nothing is kept. NULL on
 * failure.
 */
MUST_USE struct canvas *picture_decode(const char *name, const void *bytes, size_t len,
				       int side_max, struct err *err);

/*
 * What screens show of the picture @bytes: a PNG or JPEG of at most
 * NOTICE_PICTURE_BYTES_MAX bytes and NOTICE_PICTURE_SIDE_MAX pixels on a side, without
 * metadata. What came as JPEG stays one; else it is a PNG where that is small enough. Sets
 * @picture's format, width, height and bytes; @out is owned by the caller.
 */
MUST_USE bool picture_prepare(const char *name, const void *bytes, size_t len,
			      struct notice_picture *picture, struct blob *out,
			      struct err *err);

/*
 * Decodes a prepared picture, which must be what @picture says: else ERR_UNTRUSTED. NULL on
 * failure.
 */
MUST_USE struct canvas *picture_read(const struct notice_picture *picture,
				     const void *bytes, size_t len, struct err *err);

/* @canvas in another size; areas are averaged on the way down. NULL on failure. */
MUST_USE struct canvas *picture_scale(const struct canvas *canvas, int width, int height,
				      struct err *err);

#endif /* RENDER_PICTURE_H */
