#include "render/qr.h"

#include <errno.h>
#include <qrencode.h>
#include <string.h>

#include "core/err.h"
#include "render/canvas.h"
#include "render/shape.h"

#define VERSION_MAX         10
#define MODULE_PIXELS_LEAST 2

static void free_code(QRcode **code)
{
	QRcode_free(*code);
}

bool qr_encode(const char *text, struct qr *out, struct err *err)
{
	size_t len = strnlen(text, QR_BYTES_MAX + 1);

	if (len == 0)
		return err_set(err, ERR_INVALID, "QR code: there is no text to encode");
	if (len > QR_BYTES_MAX)
		return err_set(err, ERR_TOO_LARGE,
			       "QR code: the text is longer than %d bytes; use a shorter "
			       "address",
			       QR_BYTES_MAX);

	/* Bytes as they are: URLs are case-sensitive, and kanji mode would be Shift_JIS. */
	CLEANUP(free_code)
	QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	if (code == NULL)
		return err_set(err, errno == ENOMEM ? ERR_NO_MEMORY : ERR_INTERNAL,
			       "QR code: libqrencode can't encode %zu bytes", len);
	if (code->version > VERSION_MAX || code->width > QR_MODULES_MAX)
		return err_set(
			err, ERR_TOO_LARGE,
			"QR code: %zu bytes need version %d; use a shorter address", len,
			code->version);

	out->modules = code->width;
	for (int i = 0; i < code->width * code->width; i++)
		out->dark[i] = code->data[i] & 1;
	return true;
}

int qr_module_pixels(const struct qr *qr, int size)
{
	return size > 0 ? size / (qr->modules + 2 * QR_QUIET) : 0;
}

bool qr_draw(struct canvas *canvas, const struct qr *qr, int x, int y, int size,
	     struct err *err)
{
	const struct colour white = {0xFFFFFF};
	const struct colour black = {0x000000};
	int pixels = qr_module_pixels(qr, size);

	if (pixels < MODULE_PIXELS_LEAST)
		return err_set(
			err, ERR_INVALID,
			"QR code: %d modules don't fit %d pixels; give it more room",
			qr->modules + 2 * QR_QUIET, size);

	int margin = (size - pixels * qr->modules) / 2;
	shape_rect(canvas, x, y, size, size, white);
	for (int row = 0; row < qr->modules; row++)
		for (int column = 0; column < qr->modules; column++)
			if (qr->dark[row * qr->modules + column] != 0)
				shape_rect(canvas, x + margin + column * pixels,
					   y + margin + row * pixels, pixels, pixels,
					   black);
	return true;
}
