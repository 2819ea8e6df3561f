/*
 * Pictures that staff bring, without the process around them that limits memory and time: what
 * the header lets through is within its maxima, and what was prepared is shown by screens.
 */
#include <string.h>

#include "core/err.h"
#include "fuzz/fuzz.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/picture.h"
#include "render/picture_header.h"

#define SIDE_MAX     200
#define PREPARED_MAX (4 * 1000 * 1000) /* pixels: preparing more takes its time */

static void prepare(const uint8_t *data, size_t size)
{
	struct notice_picture picture = {0};
	struct blob blob = {0};
	struct err err = {0};
	struct canvas *canvas;

	if (!picture_prepare("picture", data, size, &picture, &blob, &err)) {
		must_hold(err.code != ERR_NONE);
		return;
	}
	must_hold(blob.len <= NOTICE_PICTURE_BYTES_MAX);
	canvas = picture_read(&picture, blob.bytes, blob.len, &err);
	must_hold(canvas != NULL);
	canvas_free(canvas);
	blob_free(&blob);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct picture_header header;
	struct canvas *canvas;
	struct err err = {0};

	if (!picture_header_read("picture", data, size, &header, &err)) {
		must_hold(err.code == ERR_INVALID || err.code == ERR_TOO_LARGE);
		return 0;
	}
	must_hold(header.width > 0 && header.width <= PICTURE_SIDE_MAX);
	must_hold(header.height > 0 && header.height <= PICTURE_SIDE_MAX);
	must_hold((int64_t)header.width * header.height <= PICTURE_PIXELS_MAX);
	must_hold(header.orientation >= 1 && header.orientation <= 8);
	canvas = picture_decode("picture", data, size, SIDE_MAX, &err);
	must_hold(canvas || err.code != ERR_NONE);
	if (canvas) {
		must_hold(canvas->width <= SIDE_MAX);
		must_hold(canvas->height <= SIDE_MAX);
		canvas_free(canvas);
		if (header.width * header.height <= PREPARED_MAX)
			prepare(data, size);
	}
	return 0;
}
