#include "display/shrink.h"

#include <stdint.h>

#include "core/err.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/picture.h"

#define SIDE_MIN 16 /* such a picture is smaller than any limit */

/* @length as it is when the longer side, @longer, becomes @side. */
static int scaled(int length, int longer, int side)
{
	int result = (int)((int64_t)length * side / longer);

	return result > 0 ? result : 1;
}

static bool encode_at(const struct canvas *canvas, int side, struct blob *out,
		      struct err *err)
{
	int longer = canvas->width > canvas->height ? canvas->width : canvas->height;
	struct canvas *small = picture_scale(canvas, scaled(canvas->width, longer, side),
					     scaled(canvas->height, longer, side), err);
	bool fine = small && canvas_encode_png(small, out, err);

	canvas_free(small);
	return fine;
}

bool shrink_to_png(const struct canvas *canvas, int side_max, size_t bytes_max,
		   struct blob *out, struct err *err)
{
	for (int side = side_max; side >= SIDE_MIN; side -= side / 4) {
		if (!encode_at(canvas, side, out, err))
			return false;
		if (out->len <= bytes_max)
			return true;
		blob_free(out);
	}
	return err_set(err, ERR_TOO_LARGE, "snapshot: %zu bytes are too few for it",
		       bytes_max);
}
