#include "render/picture_header.h"

#include <stdint.h>
#include <string.h>

#include "core/err.h"

/* Bytes with a place in them. Reads behind the end give zeros and set `ended`. */
struct reader {
	const char *name;
	const uint8_t *bytes;
	size_t len, at;
	bool ended;
};

static uint32_t read_big(struct reader *r, size_t size)
{
	uint32_t value = 0;

	if (size > r->len - r->at) {
		r->ended = true;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		value = value << 8 | r->bytes[r->at++];
	return value;
}

static uint32_t read_little(struct reader *r, size_t size)
{
	uint32_t value = 0;

	if (size > r->len - r->at) {
		r->ended = true;
		return 0;
	}
	for (size_t i = 0; i < size; i++)
		value |= (uint32_t)r->bytes[r->at++] << 8 * i;
	return value;
}

static void skip(struct reader *r, size_t size)
{
	if (size > r->len - r->at)
		r->ended = true;
	else
		r->at += size;
}

static bool starts_with(const struct reader *r, size_t at, const char *part, size_t size)
{
	return at <= r->len && size <= r->len - at &&
	       memcmp(r->bytes + at, part, size) == 0;
}

static bool cut_off(const struct reader *r, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s: is cut off; save or copy it again",
		       r->name);
}

static bool animated(const struct reader *r, struct err *err)
{
	return err_set(err, ERR_INVALID, "%s: is animated; save one still picture of it",
		       r->name);
}

/* --- PNG --- */

#define PNG_SIGNATURE "\x89PNG\r\n\x1a\n"
#define TAG(a, b, c, d)                                                                  \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* §11.2: IHDR first, IEND last. acTL before the first IDAT makes it an animation. */
static bool read_png(struct reader *r, struct picture_header *out, struct err *err)
{
	uint32_t width, height;

	skip(r, 8);
	if (read_big(r, 4) != 13 || read_big(r, 4) != TAG('I', 'H', 'D', 'R'))
		return err_set(err, ERR_INVALID, "%s: is a PNG without a header",
			       r->name);
	width = read_big(r, 4);
	height = read_big(r, 4);
	skip(r, 5 + 4);
	/* The sizes first: the sentence on them says more than one on what follows. */
	out->width = width > INT32_MAX ? INT32_MAX : (int)width;
	out->height = height > INT32_MAX ? INT32_MAX : (int)height;
	for (;;) {
		uint32_t length = read_big(r, 4), tag = read_big(r, 4);

		if (tag == TAG('a', 'c', 'T', 'L'))
			return animated(r, err);
		skip(r, length);
		skip(r, 4);
		if (r->ended)
			return cut_off(r, err);
		if (tag == TAG('I', 'E', 'N', 'D'))
			return true;
	}
}

/* --- JPEG --- */

#define MARKER_START       0xd8
#define MARKER_END         0xd9
#define MARKER_SCAN        0xda
#define MARKER_APP1        0xe1
#define EXIF_ORIENTATION   0x0112
#define EXIF_ENTRIES_MAX   200
#define JPEG_PARTS_OF_CMYK 4

/* The tag "Orientation" of the first directory (Exif 3.0 §4.6.5); 1 when there is none. */
static int read_orientation(const uint8_t *bytes, size_t len)
{
	struct reader r = {.bytes = bytes, .len = len};
	uint32_t (*read)(struct reader *, size_t) = NULL;
	uint32_t entries;

	if (!starts_with(&r, 0, "Exif\0\0", 6))
		return 1;
	/* Offsets count from here. */
	r.bytes += 6;
	r.len -= 6;
	if (starts_with(&r, 0, "II*\0", 4))
		read = read_little;
	else if (starts_with(&r, 0, "MM\0*", 4))
		read = read_big;
	else
		return 1;
	skip(&r, 4);
	r.at = read(&r, 4);
	if (r.ended || r.at > r.len)
		return 1;
	entries = read(&r, 2);
	for (uint32_t i = 0; i < entries && i < EXIF_ENTRIES_MAX && !r.ended; i++) {
		uint32_t tag = read(&r, 2), value;

		skip(&r, 2 + 4);
		value = read(&r, 2);
		skip(&r, 2);
		if (tag == EXIF_ORIENTATION)
			return !r.ended && value >= 1 && value <= 8 ? (int)value : 1;
	}
	return 1;
}

/* SOF0–SOF15 but DHT, JPG and DAC, which share their numbers (T.81 table B.1). */
static bool is_frame(uint32_t marker)
{
	return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 &&
	       marker != 0xcc;
}

static bool read_frame(struct reader r, struct picture_header *out, struct err *err)
{
	uint32_t precision = read_big(&r, 1), parts;

	out->height = (int)read_big(&r, 2);
	out->width = (int)read_big(&r, 2);
	parts = read_big(&r, 1);
	if (r.ended)
		return cut_off(&r, err);
	if (parts == JPEG_PARTS_OF_CMYK)
		return err_set(err, ERR_INVALID,
			       "%s: has the colours of print (CMYK); save it as RGB",
			       r.name);
	if (precision != 8 || (parts != 1 && parts != 3))
		return err_set(err, ERR_INVALID,
			       "%s: is an unusual kind of JPEG (%u bits, %u colour "
			       "parts); save it as an ordinary one",
			       r.name, precision, parts);
	return true;
}

/*
 * Decoders fill up a JPEG that was cut off, so its end is looked for here: within a scan, FF
 * is followed by 00 or a restart, so that the first FF D9 is it.
 */
static bool has_end(const struct reader *r)
{
	for (size_t i = r->at; i + 1 < r->len; i++)
		if (r->bytes[i] == 0xff && r->bytes[i + 1] == MARKER_END)
			return true;
	return false;
}

static bool read_jpeg(struct reader *r, struct picture_header *out, struct err *err)
{
	bool framed = false;

	skip(r, 2);
	for (;;) {
		uint32_t marker, length;

		if (read_big(r, 1) != 0xff)
			return r->ended ? cut_off(r, err)
					: err_set(err, ERR_INVALID,
						  "%s: is a damaged JPEG", r->name);
		do
			marker = read_big(r, 1);
		while (marker == 0xff);
		length = read_big(r, 2);
		if (r->ended || length < 2 || length - 2 > r->len - r->at)
			return cut_off(r, err);
		length -= 2;
		if (is_frame(marker)) {
			struct reader frame = *r;

			frame.len = r->at + length;
			if (!read_frame(frame, out, err))
				return false;
			framed = true;
		}
		if (marker == MARKER_APP1 && out->orientation == 1)
			out->orientation = read_orientation(r->bytes + r->at, length);
		skip(r, length);
		if (marker == MARKER_SCAN)
			break;
	}
	if (!framed)
		return err_set(err, ERR_INVALID, "%s: is a damaged JPEG", r->name);
	return has_end(r) || cut_off(r, err);
}

/* --- WebP --- */

#define WEBP_ANIMATION 0x02

static void read_webp_lossy(struct reader *r, struct picture_header *out)
{
	skip(r, 6); /* frame tag and start code */
	out->width = (int)(read_little(r, 2) & 0x3fff);
	out->height = (int)(read_little(r, 2) & 0x3fff);
}

static void read_webp_lossless(struct reader *r, struct picture_header *out)
{
	uint32_t sizes;

	skip(r, 1); /* signature */
	sizes = read_little(r, 4);
	out->width = (int)(sizes & 0x3fff) + 1;
	out->height = (int)(sizes >> 14 & 0x3fff) + 1;
}

static bool read_webp(struct reader *r, struct picture_header *out, struct err *err)
{
	uint32_t length, tag;

	skip(r, 4);
	length = read_little(r, 4);
	if (length > r->len - r->at)
		return cut_off(r, err);
	skip(r, 4);
	tag = read_big(r, 4);
	skip(r, 4);
	if (tag == TAG('V', 'P', '8', 'X')) {
		uint32_t flags = read_little(r, 1);

		skip(r, 3);
		out->width = (int)read_little(r, 3) + 1;
		out->height = (int)read_little(r, 3) + 1;
		if (flags & WEBP_ANIMATION)
			return animated(r, err);
	} else if (tag == TAG('V', 'P', '8', ' ')) {
		read_webp_lossy(r, out);
	} else if (tag == TAG('V', 'P', '8', 'L')) {
		read_webp_lossless(r, out);
	} else {
		return err_set(err, ERR_INVALID, "%s: is a damaged WebP", r->name);
	}
	return !r->ended || cut_off(r, err);
}

/* --- Any of them --- */

static bool check_size(const struct reader *r, const struct picture_header *header,
		       struct err *err)
{
	if (header->width < 1 || header->height < 1)
		return err_set(err, ERR_INVALID, "%s: says that it has no pixels",
			       r->name);
	if (header->width > PICTURE_SIDE_MAX || header->height > PICTURE_SIDE_MAX ||
	    header->width > PICTURE_PIXELS_MAX / header->height)
		return err_set(err, ERR_TOO_LARGE,
			       "%s: has %d×%d pixels; at most %d on a side and %d "
			       "million in all are read, so scale it down",
			       r->name, header->width, header->height, PICTURE_SIDE_MAX,
			       PICTURE_PIXELS_MAX / 1000000);
	return true;
}

bool picture_header_read(const char *name, const void *bytes, size_t len,
			 struct picture_header *out, struct err *err)
{
	struct reader r = {.name = name, .bytes = bytes, .len = len};
	struct picture_header header = {.orientation = 1};
	struct err size_err;
	bool fine;

	if (len > PICTURE_FILE_MAX)
		return err_set(err, ERR_TOO_LARGE, "%s: has over %d MiB", name,
			       PICTURE_FILE_MAX >> 20);
	if (len == 0)
		return err_set(err, ERR_INVALID, "%s: is empty", name);
	if (starts_with(&r, 0, PNG_SIGNATURE, 8)) {
		header.kind = PICTURE_PNG;
		fine = read_png(&r, &header, err);
	} else if (starts_with(&r, 0, "\xff\xd8\xff", 3)) {
		header.kind = PICTURE_JPEG;
		fine = read_jpeg(&r, &header, err);
	} else if (starts_with(&r, 0, "RIFF", 4) && starts_with(&r, 8, "WEBP", 4)) {
		header.kind = PICTURE_WEBP;
		fine = read_webp(&r, &header, err);
	} else if (starts_with(&r, 0, "GIF8", 4)) {
		return err_set(err, ERR_INVALID,
			       "%s: is a GIF; save it as PNG, JPEG or WebP", name);
	} else {
		return err_set(err, ERR_INVALID,
			       "%s: is not a PNG, JPEG or WebP picture, whatever its "
			       "name says",
			       name);
	}
	/* A size that is too large is said even when the rest is missing. */
	if (!fine && header.width > 0 && header.height > 0 &&
	    !check_size(&r, &header, &size_err)) {
		*err = size_err;
		return false;
	}
	if (!fine || !check_size(&r, &header, err))
		return false;
	*out = header;
	return true;
}
