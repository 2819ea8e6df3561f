#include "support/test.h"
#include "support/tmp.h"

#include "core/notice.h"
#include "os/file.h"
#include "render/canvas.h"
#include "render/picture.h"
#include "render/picture_header.h"

#define CORPUS EKIMAE_SOURCE_DIR "/tests/corpus/pictures/"
#define RED    0xe02020
#define BLUE   0x2020e0

static struct blob corpus(const char *name)
{
	struct blob blob = {0};
	struct err err;
	char path[512];

	snprintf(path, sizeof(path), CORPUS "%s", name);
	assert_ok(file_read(path, PICTURE_FILE_MAX, &blob, &err), err);
	return blob;
}

static void assert_refused(const struct blob *blob, enum err_code code, const char *part)
{
	struct err err = {0};
	struct canvas *canvas = picture_decode("p", blob->bytes, blob->len, 1920, &err);

	assert_fails(canvas, err, code, part);
}

/* Whether two colours are as near as JPEG keeps them. */
static bool is_near(uint32_t a, uint32_t b)
{
	for (int shift = 0; shift < 24; shift += 8)
		if (abs((int)(a >> shift & 255) - (int)(b >> shift & 255)) > 12)
			return false;
	return true;
}

static uint32_t at(const struct canvas *canvas, int x, int y)
{
	return canvas->pixels[y * canvas->width + x] & 0xffffff;
}

static void assert_pixel(const struct canvas *canvas, const char *name, int x, int y,
			 uint32_t expected)
{
	if (!is_near(at(canvas, x, y), expected))
		fail_msg("%s: (%d, %d) is %06x, not %06x", name, x, y, at(canvas, x, y),
			 expected);
}

static void all_usual_kinds_look_alike(void **state)
{
	static const char *const names[] = {
		"rgb.png", "rgb16.png",       "palette.png", "interlaced.png",
		"rgb.jpg", "progressive.jpg", "still.webp",  "lossless.webp",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct blob blob = corpus(names[i]);
		struct err err;
		struct canvas *canvas =
			picture_decode(names[i], blob.bytes, blob.len, 1920, &err);

		assert_ok(canvas, err);
		assert_int_equal(canvas->width, 160);
		assert_int_equal(canvas->height, 120);
		assert_pixel(canvas, names[i], 10, 60, RED);
		assert_pixel(canvas, names[i], 150, 60, BLUE);
		canvas_free(canvas);
		blob_free(&blob);
	}
}

static void grey_stays_grey_and_transparent_becomes_white(void **state)
{
	static const char *const names[] = {"grey.jpg", "grey16.png", "transparent.png"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct blob blob = corpus(names[i]);
		struct err err;
		struct canvas *canvas =
			picture_decode(names[i], blob.bytes, blob.len, 1920, &err);
		uint32_t pixel;

		assert_ok(canvas, err);
		pixel = at(canvas, 10, 10);
		assert_int_equal(pixel & 255, pixel >> 8 & 255);
		assert_int_equal(pixel & 255, pixel >> 16);
		if (i == 2)
			assert_int_equal(pixel, 0xffffff);
		canvas_free(canvas);
		blob_free(&blob);
	}
}

static void pictures_that_lie_are_refused_with_a_sentence(void **state)
{
	static const struct {
		const char *name, *part;
	} cases[] = {
		{"animated.gif", "is a GIF"},
		{"animated.webp", "is animated"},
		{"cmyk.jpg", "CMYK"},
		{"README.md", "whatever its name says"},
	};
	struct blob text = {.bytes = malloc(10 << 20), .len = 10 << 20};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct blob blob = corpus(cases[i].name);

		assert_refused(&blob, ERR_INVALID, cases[i].part);
		blob_free(&blob);
	}
	memset(text.bytes, 'a', text.len);
	assert_refused(&text, ERR_INVALID, "is not a PNG, JPEG or WebP");
	text.len = 0;
	assert_refused(&text, ERR_INVALID, "is empty");
	text.len = PICTURE_FILE_MAX + (size_t)1;
	assert_refused(&text, ERR_TOO_LARGE, "has over 20 MiB");
	blob_free(&text);
}

/* @insert between the first @where bytes of @blob and the rest. */
static void insert(struct blob *blob, size_t where, const void *insert, size_t len)
{
	char *bytes = malloc(blob->len + len);

	memcpy(bytes, blob->bytes, where);
	memcpy(bytes + where, insert, len);
	memcpy(bytes + where + len, blob->bytes + where, blob->len - where);
	free(blob->bytes);
	*blob = (struct blob){bytes, blob->len + len};
}

static void animated_png_is_refused(void **state)
{
	static const char control[] = "\0\0\0\x08"
				      "acTL"
				      "\0\0\0\x02\0\0\0\0"
				      "\0\0\0\0";
	struct blob blob = corpus("rgb.png");

	(void)state;
	insert(&blob, 33, control, sizeof(control) - 1);
	assert_refused(&blob, ERR_INVALID, "is animated");
	blob_free(&blob);
}

static void sizes_are_checked_before_anything_is_decoded(void **state)
{
	static const char huge[] = "\0\0\xc3\x50\0\0\xc3\x50"; /* 50,000 × 50,000 */
	static const char most[] = "\xff\xff\xff\xff\xff\xff\xff\xff";
	struct blob png = corpus("rgb.png"), jpeg = corpus("rgb.jpg");
	struct blob webp = corpus("lossless.webp");

	(void)state;
	memcpy(png.bytes + 16, huge, 8);
	assert_refused(&png, ERR_TOO_LARGE, "has 50000×50000 pixels");
	/* Also when there is nothing but a header. */
	png.len = 33;
	assert_refused(&png, ERR_TOO_LARGE, "has 50000×50000 pixels");
	memcpy(png.bytes + 16, most, 8);
	assert_refused(&png, ERR_TOO_LARGE, "pixels; at most 8192");
	memset(png.bytes + 16, 0, 8);
	png.len = 33;
	assert_refused(&png, ERR_INVALID, "p: ");
	for (size_t i = 0; i + 9 < jpeg.len; i++) {
		if (memcmp(jpeg.bytes + i, "\xff\xc0\x00\x11\x08", 5) == 0) {
			memcpy(jpeg.bytes + i + 5, "\xc3\x50\xc3\x50", 4);
			break;
		}
	}
	assert_refused(&jpeg, ERR_TOO_LARGE, "has 50000×50000 pixels");
	/* VP8L: 14 bits a side. */
	memset(webp.bytes + 21, 0xff, 3);
	assert_refused(&webp, ERR_TOO_LARGE, "pixels; at most 8192");
	blob_free(&png);
	blob_free(&jpeg);
	blob_free(&webp);
}

static void what_is_cut_off_anywhere_is_refused(void **state)
{
	static const char *const names[] = {"rgb.png", "rgb.jpg", "progressive.jpg",
					    "still.webp", "lossless.webp"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct blob whole = corpus(names[i]);

		for (size_t len = 0; len < whole.len; len++) {
			/* A copy of its own, so that a byte read too many is noticed. */
			char *part = malloc(len + 1);
			struct canvas *canvas;
			struct err err = {0};

			memcpy(part, whole.bytes, len);
			canvas = picture_decode("p", part, len, 1920, &err);
			if (canvas)
				fail_msg("%s: %zu of %zu bytes are taken for whole",
					 names[i], len, whole.len);
			assert_int_equal(err.code, ERR_INVALID);
			free(part);
		}
		blob_free(&whole);
	}
}

static void damage_never_does_harm(void **state)
{
	static const char *const names[] = {"rgb16.png",  "palette.png",
					    "rgb.jpg",    "progressive.jpg",
					    "still.webp", "lossless.webp"};
	uint64_t seed = 11;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct blob whole = corpus(names[i]);

		for (int round = 0; round < 300; round++) {
			char *damaged = malloc(whole.len);
			struct err err = {0};

			memcpy(damaged, whole.bytes, whole.len);
			for (int hit = 0; hit < 3; hit++) {
				seed = seed * 6364136223846793005U + 1442695040888963407U;
				damaged[(seed >> 20) % whole.len] = (char)(seed >> 50);
			}
			canvas_free(picture_decode("p", damaged, whole.len, 200, &err));
			free(damaged);
		}
		blob_free(&whole);
	}
}

static void bombs_stay_small(void **state)
{
	struct blob inflating = corpus("inflating.png"), huge = corpus("huge_bits.png");
	struct blob text = corpus("text_bomb.png");
	struct err err = {0};
	struct canvas *canvas =
		picture_decode("inflating", inflating.bytes, inflating.len, 1920, &err);

	(void)state;
	/* Pixels behind the last row, or too much text, are nobody's. */
	assert_ok(canvas, err);
	assert_int_equal(canvas->width, 160);
	canvas_free(canvas);
	canvas = picture_decode("text", text.bytes, text.len, 1920, &err);
	if (canvas)
		assert_int_equal(canvas->width, 160);
	canvas_free(canvas);
	canvas = picture_decode("huge", huge.bytes, huge.len, 480, &err);
	assert_ok(canvas, err);
	assert_int_equal(canvas->width, 480);
	assert_int_equal(canvas->height, 300);
	assert_int_equal(at(canvas, 479, 299), 0xffffff);
	canvas_free(canvas);
	blob_free(&inflating);
	blob_free(&huge);
	blob_free(&text);
}

/* A telephone held on its side says so in EXIF; the metadata go, so the pixels turn. */
static void pictures_are_turned_upright(void **state)
{
	/* By orientation: where the stored left half, which is red, ends up. */
	static const struct {
		int orientation;
		bool upright; /* 120×160 */
		int x, y;     /* a red pixel */
	} cases[] = {
		{1, false, 10, 60}, {2, false, 150, 60}, {3, false, 150, 60},
		{4, false, 10, 60}, {5, true, 60, 10},   {6, true, 60, 10},
		{7, true, 60, 150}, {8, true, 60, 150},
	};
	char exif[] = "\xff\xe1\0\x22"
		      "Exif\0\0"
		      "II*\0\x08\0\0\0"
		      "\x01\0"
		      "\x12\x01\x03\0\x01\0\0\0\x01\0\0\0"
		      "\0\0\0\0";

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct blob blob = corpus("rgb.jpg");
		struct canvas *canvas;
		struct err err;

		exif[28] = (char)cases[i].orientation;
		insert(&blob, 2, exif, sizeof(exif) - 1);
		canvas = picture_decode("p", blob.bytes, blob.len, 1920, &err);
		assert_ok(canvas, err);
		assert_int_equal(canvas->width, cases[i].upright ? 120 : 160);
		assert_pixel(canvas, "red", cases[i].x, cases[i].y, RED);
		assert_pixel(canvas, "blue", canvas->width - 1 - cases[i].x,
			     canvas->height - 1 - cases[i].y, BLUE);
		canvas_free(canvas);
		blob_free(&blob);
	}
}

static void prepared_pictures_keep_their_kind_and_lose_all_else(void **state)
{
	struct blob png = corpus("rgb16.png"), jpeg = corpus("rgb.jpg"), out = {0};
	struct notice_picture picture = {0};
	struct err err;
	struct canvas *canvas;

	(void)state;
	insert(&jpeg, 2, "\xff\xfe\0\x08secret", 10); /* a comment */
	assert_ok(picture_prepare("p", jpeg.bytes, jpeg.len, &picture, &out, &err), err);
	assert_int_equal(picture.format, NOTICE_PICTURE_JPEG);
	assert_int_equal(picture.width, 160);
	assert_int_equal(picture.height, 120);
	assert_int_equal(picture.bytes, out.len);
	assert_null(memmem(out.bytes, out.len, "secret", 6));
	canvas = picture_read(&picture, out.bytes, out.len, &err);
	assert_ok(canvas, err);
	assert_pixel(canvas, "jpeg", 10, 60, RED);
	canvas_free(canvas);
	/* A notice that says something else of it is not believed. */
	picture.height = 121;
	assert_fails(picture_read(&picture, out.bytes, out.len, &err), err, ERR_UNTRUSTED,
		     "is not what the notice says");
	picture.height = 120;
	picture.format = NOTICE_PICTURE_PNG;
	assert_fails(picture_read(&picture, out.bytes, out.len, &err), err, ERR_UNTRUSTED,
		     "is not what the notice says");
	blob_free(&out);
	assert_ok(picture_prepare("p", png.bytes, png.len, &picture, &out, &err), err);
	assert_int_equal(picture.format, NOTICE_PICTURE_PNG);
	blob_free(&out);
	blob_free(&png);
	blob_free(&jpeg);
}

/* Noise is what compresses worst: nothing a camera takes comes near. */
static void prepared_pictures_stay_below_their_maximum(void **state)
{
	struct err err;
	struct canvas *noise = canvas_new(2100, 1500, (struct colour){0}, &err);
	struct notice_picture picture = {0};
	struct blob png = {0}, out = {0};
	uint64_t seed = 3;

	(void)state;
	assert_ok(noise, err);
	for (int i = 0; i < noise->width * noise->height; i++) {
		seed = seed * 6364136223846793005U + 1442695040888963407U;
		noise->pixels[i] = (uint32_t)(seed >> 40);
	}
	assert_ok(canvas_encode_png(noise, &png, &err), err);
	assert_ok(picture_prepare("p", png.bytes, png.len, &picture, &out, &err), err);
	assert_true(out.len <= NOTICE_PICTURE_BYTES_MAX);
	assert_true(picture.width <= NOTICE_PICTURE_SIDE_MAX);
	assert_true(picture.width >= 600);
	blob_free(&png);
	blob_free(&out);
	canvas_free(noise);
}

static void slivers_are_refused(void **state)
{
	struct err err;
	struct canvas *sliver = canvas_new(4000, 20, (struct colour){0}, &err);
	struct notice_picture picture = {0};
	struct blob png = {0}, out = {0};

	(void)state;
	assert_ok(sliver, err);
	assert_ok(canvas_encode_png(sliver, &png, &err), err);
	assert_fails(picture_prepare("p", png.bytes, png.len, &picture, &out, &err), err,
		     ERR_INVALID, "too narrow");
	assert_null(out.bytes);
	blob_free(&png);
	canvas_free(sliver);
}

static void scaling_averages_and_keeps_what_is_even(void **state)
{
	struct err err;
	struct canvas *from = canvas_new(64, 64, (struct colour){0x336699}, &err);
	static const int sizes[][2] = {{64, 64}, {31, 17}, {1, 1}, {200, 150}, {64, 1}};
	struct canvas *to;

	(void)state;
	assert_ok(from, err);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		to = picture_scale(from, sizes[i][0], sizes[i][1], &err);
		assert_ok(to, err);
		for (int p = 0; p < to->width * to->height; p++)
			assert_int_equal(to->pixels[p], 0x336699);
		canvas_free(to);
	}
	/* A board of black and white squares is grey from afar. */
	for (int y = 0; y < 64; y++)
		for (int x = 0; x < 64; x++)
			from->pixels[y * 64 + x] = (x + y) % 2 ? 0xffffff : 0;
	to = picture_scale(from, 16, 16, &err);
	assert_ok(to, err);
	for (int p = 0; p < 16 * 16; p++)
		assert_true(is_near(to->pixels[p], 0x808080));
	canvas_free(to);
	canvas_free(from);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_usual_kinds_look_alike),
		cmocka_unit_test(grey_stays_grey_and_transparent_becomes_white),
		cmocka_unit_test(pictures_that_lie_are_refused_with_a_sentence),
		cmocka_unit_test(animated_png_is_refused),
		cmocka_unit_test(sizes_are_checked_before_anything_is_decoded),
		cmocka_unit_test(what_is_cut_off_anywhere_is_refused),
		cmocka_unit_test(damage_never_does_harm),
		cmocka_unit_test(bombs_stay_small),
		cmocka_unit_test(pictures_are_turned_upright),
		cmocka_unit_test(prepared_pictures_keep_their_kind_and_lose_all_else),
		cmocka_unit_test(prepared_pictures_stay_below_their_maximum),
		cmocka_unit_test(slivers_are_refused),
		cmocka_unit_test(scaling_averages_and_keeps_what_is_even),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
