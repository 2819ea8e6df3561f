#include "wire/screenshot.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"
#include "wire/digest.h"
#include "wire/envelope.h"
#include "wire/json.h"

#define SNAPSHOT_FORMAT "ekimae.snapshot/1"
#define ENVELOPE_MAX    (SCREENSHOT_MAX - SCREENSHOT_PNG_MAX - 1)
#define INTEGER_MAX     INT64_C(9007199254740991)

/* PNG (W3C), section 5.3: length, type, data, CRC. */
#define CHUNK_FRAME 12
#define IHDR_LEN    13

static void doc_release(struct json_doc **doc)
{
	json_doc_free(*doc);
}

static void text_release(char **text)
{
	free(*text);
}

static uint32_t read_u32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 |
	       at[3];
}

/* 8 bits, RGB or RGBA, and the only methods there are, without interlacing. */
static bool header_is_plain(const uint8_t *header)
{
	return header[8] == 8 && (header[9] == 2 || header[9] == 6) && header[10] == 0 &&
	       header[11] == 0 && header[12] == 0;
}

/* Walks the chunks behind the header: IDAT, …, IEND, and nothing after it. */
static bool chunks_are_plain(const uint8_t *at, size_t left)
{
	bool pixels = false;

	while (left >= CHUNK_FRAME) {
		uint32_t len = read_u32(at);

		if (len > left - CHUNK_FRAME)
			return false;
		if (memcmp(at + 4, "IEND", 4) == 0)
			return pixels && len == 0 && left == CHUNK_FRAME;
		if (memcmp(at + 4, "IDAT", 4) != 0)
			return false;
		pixels = true;
		at += CHUNK_FRAME + len;
		left -= CHUNK_FRAME + len;
	}
	return false;
}

bool screenshot_png_check(const void *bytes, size_t len, int *out_width, int *out_height,
			  struct err *err)
{
	static const uint8_t start[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n',
					0,    0,   0,   13,  'I',  'H',  'D',  'R'};
	const size_t header_end = sizeof(start) + IHDR_LEN + 4;
	const uint8_t *at = bytes;
	uint32_t width, height;

	if (len > SCREENSHOT_PNG_MAX)
		return err_set(err, ERR_TOO_LARGE,
			       "snapshot: the picture has %zu bytes, at most %d are "
			       "accepted",
			       len, SCREENSHOT_PNG_MAX);
	if (len < header_end || memcmp(at, start, sizeof(start)) != 0)
		return err_set(err, ERR_INVALID, "snapshot: the picture is no PNG");
	width = read_u32(at + sizeof(start));
	height = read_u32(at + sizeof(start) + 4);
	if (width < 1 || height < 1 || width > SCREENSHOT_SIDE_MAX ||
	    height > SCREENSHOT_SIDE_MAX)
		return err_set(
			err, ERR_INVALID,
			"snapshot: the picture has %u×%u pixels, at most %d a side "
			"are accepted",
			width, height, SCREENSHOT_SIDE_MAX);
	if (!header_is_plain(at + sizeof(start)) ||
	    !chunks_are_plain(at + header_end, len - header_end))
		return err_set(err, ERR_INVALID,
			       "snapshot: the picture is a PNG of another kind than "
			       "screens make, or is cut off");
	*out_width = (int)width;
	*out_height = (int)height;
	return true;
}

char *screenshot_to_bytes(const struct screenshot *screenshot, const void *png,
			  size_t png_len, const struct signer *signer, size_t *out_len,
			  struct err *err)
{
	CLEANUP(text_release) char *envelope = NULL;
	char hex[SHA256_HEX_SIZE], *bytes;
	uint8_t hash[SHA256_SIZE];
	int width, height;
	size_t len;

	if (!screenshot_png_check(png, png_len, &width, &height, err))
		return NULL;
	sha256(png, png_len, hash);
	hex_encode(hash, sizeof(hash), hex);
	envelope = envelope_seal(
		json_pack("{s:s, s:s, s:s, s:I, s:I, s:b, s:s, s:s, s:i, s:i, s:I, s:s}",
			  "_type", "snapshot", "format", SNAPSHOT_FORMAT, "screen",
			  screenshot->screen_id, "request",
			  (json_int_t)screenshot->request, "at_ms",
			  (json_int_t)screenshot->at.ms, "synchronised",
			  (int)screenshot->synchronised, "output",
			  play_output_name(screenshot->output), "slide",
			  screenshot->slide_id, "width", width, "height", height, "bytes",
			  (json_int_t)png_len, "sha256", hex),
		signer, &len, err);
	if (!envelope)
		return NULL;
	bytes = malloc(len + 1 + png_len);
	if (!bytes) {
		err_set(err, ERR_NO_MEMORY, "snapshot: out of memory");
		return NULL;
	}
	memcpy(bytes, envelope, len);
	bytes[len] = '\n';
	memcpy(bytes + len + 1, png, png_len);
	*out_len = len + 1 + png_len;
	return bytes;
}

/* The envelope in front of the picture; @out_len is its length. NULL on failure. */
static struct json_doc *parse_envelope(const void *bytes, size_t len, size_t *out_len,
				       struct err *err)
{
	const char *end = memchr(bytes, '\n', len > ENVELOPE_MAX ? ENVELOPE_MAX : len);

	if (!end) {
		err_set(err, ERR_INVALID,
			"snapshot: expected a signed description, a line feed and a PNG");
		return NULL;
	}
	*out_len = (size_t)(end - (const char *)bytes);
	return json_parse("snapshot", bytes, *out_len, ENVELOPE_MAX, err);
}

bool screenshot_screen(const void *bytes, size_t len, char out[static SCREEN_ID_MAX + 1],
		       struct err *err)
{
	size_t envelope_len;
	CLEANUP(doc_release)
	struct json_doc *doc = parse_envelope(bytes, len, &envelope_len, err);
	struct json_node root, content;

	return doc && json_root(doc, &root, err) &&
	       envelope_open(&root, NULL, NULL, &content, err) &&
	       envelope_screen(&content, out, err);
}

/* The description, with what it says of the picture's bytes. */
static bool read_description(struct json_node *content, struct screenshot *out,
			     int64_t *out_bytes, uint8_t hash[static SHA256_SIZE],
			     struct err *err)
{
	int64_t width, height;
	const char *output, *slide;

	if (!envelope_type(content, "snapshot", SNAPSHOT_FORMAT, err) ||
	    !envelope_screen(content, out->screen_id, err) ||
	    !json_get_int(content, "request", 1, INTEGER_MAX, &out->request, err) ||
	    !json_get_int(content, "at_ms", -INTEGER_MAX, INTEGER_MAX, &out->at.ms,
			  err) ||
	    !json_get_bool(content, "synchronised", &out->synchronised, err) ||
	    !json_get_string(content, "output", 16, &output, err) ||
	    !json_get_string(content, "slide", PLAY_SLIDE_ID_MAX - 1, &slide, err) ||
	    !json_get_int(content, "width", 1, SCREENSHOT_SIDE_MAX, &width, err) ||
	    !json_get_int(content, "height", 1, SCREENSHOT_SIDE_MAX, &height, err) ||
	    !json_get_int(content, "bytes", 1, SCREENSHOT_PNG_MAX, out_bytes, err) ||
	    !json_get_hex(content, "sha256", hash, SHA256_SIZE, err) ||
	    !json_done(content, err))
		return false;
	if (!play_output_parse(output, &out->output))
		return json_fail(content, "output", err, "not a state of an output");
	if (strlen(slide) >= sizeof(out->slide_id))
		return json_fail(content, "slide", err, "more than %d bytes",
				 PLAY_SLIDE_ID_MAX - 1);
	memcpy(out->slide_id, slide, strlen(slide) + 1);
	out->width = (int)width;
	out->height = (int)height;
	return true;
}

bool screenshot_from_bytes(const void *bytes, size_t len,
			   const uint8_t public_key[static 32], struct screenshot *out,
			   const void **out_png, size_t *out_png_len, struct err *err)
{
	size_t envelope_len, png_len;
	CLEANUP(doc_release)
	struct json_doc *doc = parse_envelope(bytes, len, &envelope_len, err);
	struct screenshot screenshot = {0};
	uint8_t named[SHA256_SIZE], hash[SHA256_SIZE];
	struct json_node root, content;
	int width, height;
	int64_t length;
	const char *png;

	if (!doc || !json_root(doc, &root, err) ||
	    !envelope_open(&root, envelope_by_key, public_key, &content, err) ||
	    !read_description(&content, &screenshot, &length, named, err))
		return false;
	png = (const char *)bytes + envelope_len + 1;
	png_len = len - envelope_len - 1;
	sha256(png, png_len, hash);
	if (png_len != (size_t)length || memcmp(hash, named, sizeof(hash)) != 0)
		return err_set(err, ERR_UNTRUSTED,
			       "snapshot: the picture is not the one that was signed");
	if (!screenshot_png_check(png, png_len, &width, &height, err))
		return false;
	if (width != screenshot.width || height != screenshot.height)
		return err_set(err, ERR_INVALID,
			       "snapshot: the picture has another size than it says");
	*out = screenshot;
	*out_png = png;
	*out_png_len = png_len;
	return true;
}
