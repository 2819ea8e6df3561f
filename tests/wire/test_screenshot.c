#include "wire/screenshot.h"

#include "support/test.h"
#include "wire/key.h"

/* A whole PNG of 2×1 pixels; what its pixels say is nothing that is looked at here. */
#define PNG_START "\x89PNG\r\n\x1a\n"
#define PNG_HEADER                                                                       \
	"\0\0\0\x0dIHDR"                                                                 \
	"\0\0\0\x02\0\0\0\x01\x08\x02\0\0\0\x11\x22\x33\x44"
#define PNG_PIXELS "\0\0\0\x03IDATabc\x11\x22\x33\x44"
#define PNG_END    "\0\0\0\0IEND\xae\x42\x60\x82"

static const char png[] = PNG_START PNG_HEADER PNG_PIXELS PNG_END;
#define PNG_LEN (sizeof(png) - 1)

struct fixture {
	struct signer *screen;
	uint8_t key[ED25519_PUBLIC_SIZE];
	struct screenshot screenshot;
	char *bytes;
	size_t len;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->screen = signer_generate(&f->err);
	assert_ok(f->screen != NULL, f->err);
	signer_public(f->screen, f->key);
	f->screenshot = (struct screenshot){
		.screen_id = "tanashi-1",
		.request = 3,
		.at = {INT64_C(1795328940000)},
		.synchronised = true,
		.output = PLAY_OUTPUT_ON,
		.slide_id = "plan/1",
		.width = 2,
		.height = 1,
	};
	f->bytes = screenshot_to_bytes(&f->screenshot, png, PNG_LEN, f->screen, &f->len,
				       &f->err);
	assert_ok(f->bytes != NULL, f->err);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	free(f->bytes);
	signer_free(f->screen);
	free(f);
	return 0;
}

static bool read_back(struct fixture *f, size_t len)
{
	struct screenshot got;
	const void *picture;
	size_t picture_len;

	return screenshot_from_bytes(f->bytes, len, f->key, &got, &picture, &picture_len,
				     &f->err);
}

static void picture_arrives_with_its_description(void **state)
{
	struct fixture *f = *state;
	char id[SCREEN_ID_MAX + 1];
	struct screenshot got;
	const void *picture;
	size_t picture_len;

	assert_ok(screenshot_screen(f->bytes, f->len, id, &f->err), f->err);
	assert_string_equal(id, "tanashi-1");
	assert_ok(screenshot_from_bytes(f->bytes, f->len, f->key, &got, &picture,
					&picture_len, &f->err),
		  f->err);
	assert_string_equal(got.screen_id, "tanashi-1");
	assert_int_equal(got.request, 3);
	assert_int_equal(got.at.ms, f->screenshot.at.ms);
	assert_true(got.synchronised);
	assert_int_equal(got.output, PLAY_OUTPUT_ON);
	assert_string_equal(got.slide_id, "plan/1");
	assert_int_equal(got.width, 2);
	assert_int_equal(got.height, 1);
	assert_int_equal(picture_len, PNG_LEN);
	assert_memory_equal(picture, png, PNG_LEN);
}

static void other_pixels_than_the_signed_ones_are_refused(void **state)
{
	struct fixture *f = *state;

	f->bytes[f->len - 14] ^= 1;
	assert_false(read_back(f, f->len));
	assert_int_equal(f->err.code, ERR_UNTRUSTED);
	f->bytes[f->len - 14] ^= 1;
	assert_fails(read_back(f, f->len - 1), f->err, ERR_UNTRUSTED, "not the one");
	assert_ok(read_back(f, f->len), f->err);
}

static void another_key_is_refused(void **state)
{
	struct fixture *f = *state;

	f->key[0] ^= 1;
	assert_fails(read_back(f, f->len), f->err, ERR_UNTRUSTED, "expected key");
}

static void bytes_without_an_envelope_are_refused(void **state)
{
	struct fixture *f = *state;
	char id[SCREEN_ID_MAX + 1];

	assert_fails(screenshot_screen("", 0, id, &f->err), f->err, ERR_INVALID,
		     "line feed");
	assert_fails(screenshot_screen("\n", 1, id, &f->err), f->err, ERR_INVALID,
		     "snapshot");
	assert_fails(screenshot_screen(png, PNG_LEN, id, &f->err), f->err, ERR_INVALID,
		     "snapshot");
}

#define assert_no_png(bytes, part)                                                       \
	do {                                                                             \
		int width = -1, height = -1;                                             \
                                                                                         \
		assert_fails(screenshot_png_check(bytes, sizeof(bytes) - 1, &width,      \
						  &height, &f->err),                     \
			     f->err, ERR_INVALID, part);                                 \
		assert_int_equal(width, -1);                                             \
	} while (0)

static void only_plain_pngs_pass(void **state)
{
	struct fixture *f = *state;
	static const char gif[] = "GIF89a";
	static const char cut[] = PNG_START PNG_HEADER PNG_PIXELS;
	static const char empty[] = PNG_START PNG_HEADER PNG_END;
	static const char more[] = PNG_START PNG_HEADER PNG_PIXELS PNG_END "<script>";
	static const char text[] = PNG_START PNG_HEADER
		"\0\0\0\x03tEXtabc\x11\x22\x33\x44" PNG_PIXELS PNG_END;
	static const char long_chunk[] =
		PNG_START PNG_HEADER "\xff\xff\xff\xffIDATabc\x11\x22\x33\x44" PNG_END;
	static const char wide[] = PNG_START
		"\0\0\0\x0dIHDR"
		"\0\0\xff\x02\0\0\0\x01\x08\x02\0\0\0\x11\x22\x33\x44" PNG_PIXELS PNG_END;
	static const char flat[] = PNG_START
		"\0\0\0\x0dIHDR"
		"\0\0\0\x02\0\0\0\0\x08\x02\0\0\0\x11\x22\x33\x44" PNG_PIXELS PNG_END;
	static const char palette[] = PNG_START
		"\0\0\0\x0dIHDR"
		"\0\0\0\x02\0\0\0\x01\x08\x03\0\0\0\x11\x22\x33\x44" PNG_PIXELS PNG_END;

	assert_no_png(gif, "no PNG");
	assert_no_png(cut, "cut off");
	assert_no_png(empty, "cut off");
	assert_no_png(more, "another kind");
	assert_no_png(text, "another kind");
	assert_no_png(long_chunk, "another kind");
	assert_no_png(wide, "65282×1 pixels");
	assert_no_png(flat, "2×0 pixels");
	assert_no_png(palette, "another kind");
}

static void too_large_a_picture_is_not_signed(void **state)
{
	struct fixture *f = *state;
	char *large = calloc(1, SCREENSHOT_PNG_MAX + 1);
	size_t len;

	assert_fails(screenshot_to_bytes(&f->screenshot, large, SCREENSHOT_PNG_MAX + 1,
					 f->screen, &len, &f->err) != NULL,
		     f->err, ERR_TOO_LARGE, "65537 bytes");
	free(large);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(picture_arrives_with_its_description),
		TEST(other_pixels_than_the_signed_ones_are_refused),
		TEST(another_key_is_refused),
		TEST(bytes_without_an_envelope_are_refused),
		TEST(only_plain_pngs_pass),
		TEST(too_large_a_picture_is_not_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
