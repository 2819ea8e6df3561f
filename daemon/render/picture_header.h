#ifndef RENDER_PICTURE_HEADER_H
#define RENDER_PICTURE_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "core/attr.h"

struct err;

#define PICTURE_FILE_MAX   (20 * 1024 * 1024) /* bytes */
#define PICTURE_SIDE_MAX   8192               /* pixels, of what is decoded */
#define PICTURE_PIXELS_MAX (40 * 1000 * 1000)

enum picture_kind { PICTURE_PNG, PICTURE_JPEG, PICTURE_WEBP };

/* What a picture's header says of it, before anything is decoded. */
struct picture_header {
	enum picture_kind kind;
	int width, height; /* pixels as stored */
	int orientation;   /* of EXIF, 1–8: how to turn it; 1: as stored */
};

/*
 * Looks at @bytes without decoding them; what a file is called does not matter. ERR_INVALID,
 * with a sentence for staff, for whatever is not a whole, still picture in RGB or grey: not
 * a PNG (ISO/IEC 15948), JPEG (ITU-T T.81) or WebP (RFC 9649), cut off, animated, CMYK.
 * ERR_TOO_LARGE over the maxima above. @name is for errors.
 */
MUST_USE bool picture_header_read(const char *name, const void *bytes, size_t len,
				  struct picture_header *out, struct err *err);

#endif /* RENDER_PICTURE_HEADER_H */
