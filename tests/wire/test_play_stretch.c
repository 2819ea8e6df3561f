/* What stands in the place of rows, as documents. */
#include <jansson.h>

#include "support/test.h"
#include "wire/key.h"
#include "wire/play_stretch.h"
#include "wire/play_upload.h"

#define HOUR INT64_C(498702)

struct fixture {
	struct signer *signer;
	struct play_slide slides[2];
	struct play_total totals[3];
	struct play_stretch fold;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->signer = signer_generate(&f->err);
	assert_ok(f->signer, f->err);
	for (int i = 0; i < 2; i++) {
		snprintf(f->slides[i].slide_id, PLAY_SLIDE_ID_MAX, "notice/n-%d/1", i);
		snprintf(f->slides[i].item_id, PLAY_ITEM_ID_MAX, "notice/n-%d", i);
		f->slides[i].item_revision = i;
		memset(f->slides[i].content_hash, i + 1, PLAY_HASH_SIZE);
	}
	for (int i = 0; i < 3; i++)
		f->totals[i] = (struct play_total){
			.slide = (size_t)(i / 2),
			.hour = HOUR + i,
			.outcome = i == 1 ? PLAY_OUTPUT : PLAY_COMPLETE,
			.output = i == 1 ? PLAY_OUTPUT_BLACK : PLAY_OUTPUT_ON,
			.plays = i + 1,
			.shown = {i * 1000},
			.first = {(HOUR + i) * 3600000 + 10},
			.last = {(HOUR + i) * 3600000 + 10 + i},
		};
	f->fold = (struct play_stretch){
		.kind = PLAY_STRETCH_FOLD,
		.screen_id = "tanashi-1",
		.first = 11,
		.last = 16,
		.previous = {1},
		.head = {2},
		.boot_id = "0b8b3c9e-6a2f-4f0e-9d5a-0123456789ab",
		.first_offset_ms = -5,
		.last_offset_ms = 5,
		.slides = f->slides,
		.slide_count = 2,
		.totals = f->totals,
		.total_count = 3,
	};
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	signer_free(f->signer);
	free(f);
	return 0;
}

/* Reads @stretch back from what is written of it; false with f->err. */
static bool read_back(struct fixture *f, const struct play_stretch *stretch,
		      struct play_stretch *out)
{
	uint8_t key[ED25519_PUBLIC_SIZE];
	size_t len;
	char *text = play_stretch_to_json(stretch, f->signer, &len, &f->err);
	struct play_upload *upload;
	bool fine;

	assert_ok(text, f->err);
	assert_int_equal(strlen(text), len);
	upload = play_upload_open(text, len, &f->err);
	assert_ok(upload, f->err);
	assert_string_equal(play_upload_screen(upload), "tanashi-1");
	signer_public(f->signer, key);
	assert_ok(play_upload_verify(upload, key, &f->err), f->err);
	key[0] ^= 1;
	assert_fails(play_upload_verify(upload, key, &f->err), f->err, ERR_UNTRUSTED,
		     "signatures");
	fine = play_upload_stretch(upload, out, &f->err);
	play_upload_free(upload);
	free(text);
	return fine;
}

static void fold_is_read_back_in_every_field(void **state)
{
	struct fixture *f = *state;
	struct play_stretch read;

	assert_ok(read_back(f, &f->fold, &read), f->err);
	assert_int_equal(read.kind, PLAY_STRETCH_FOLD);
	assert_int_equal(read.first, 11);
	assert_int_equal(read.last, 16);
	assert_memory_equal(read.previous, f->fold.previous, SHA256_SIZE);
	assert_memory_equal(read.head, f->fold.head, SHA256_SIZE);
	assert_string_equal(read.boot_id, f->fold.boot_id);
	assert_int_equal(read.first_offset_ms, -5);
	assert_int_equal(read.last_offset_ms, 5);
	assert_int_equal(read.slide_count, 2);
	assert_memory_equal(read.slides, f->slides, sizeof(f->slides));
	assert_int_equal(read.total_count, 3);
	assert_memory_equal(read.totals, f->totals, sizeof(f->totals));
	play_stretch_done(&read);
}

static void loss_is_read_back_with_its_reason(void **state)
{
	struct fixture *f = *state;
	struct play_stretch lost = {.kind = PLAY_STRETCH_LOST,
				    .screen_id = "tanashi-1",
				    .first = 3,
				    .last = 3,
				    .reason = "hash: damaged"};
	struct play_stretch read;

	assert_ok(read_back(f, &lost, &read), f->err);
	assert_int_equal(read.kind, PLAY_STRETCH_LOST);
	assert_int_equal(read.first, 3);
	assert_string_equal(read.reason, "hash: damaged");
	play_stretch_done(&read);
	lost.reason[0] = '\0';
	assert_fails(read_back(f, &lost, &read), f->err, ERR_INVALID, "reason");
}

static void totals_that_add_up_to_something_else_are_refused(void **state)
{
	struct fixture *f = *state;
	struct play_stretch read;

	f->fold.last = 17;
	assert_fails(read_back(f, &f->fold, &read), f->err, ERR_INVALID,
		     "the totals are of 6 plays, not of 7");
	f->fold.last = 10;
	assert_fails(read_back(f, &f->fold, &read), f->err, ERR_INVALID, "last");
	f->fold.last = 16;
	f->totals[2].last.ms = f->totals[2].hour * 3600000 + 3600000;
	assert_fails(read_back(f, &f->fold, &read), f->err, ERR_INVALID,
		     "slides[1].totals: number 7");
	f->totals[2].last.ms = f->totals[2].first.ms - 1;
	assert_fails(read_back(f, &f->fold, &read), f->err, ERR_INVALID, "out of order");
}

static void totals_that_no_rows_could_make_are_refused(void **state)
{
	struct fixture *f = *state;
	struct play_stretch read;

	f->totals[1].outcome = PLAY_COMPLETE;
	assert_fails(read_back(f, &f->fold, &read), f->err, ERR_INVALID,
		     "complete plays, but the output was black");
	f->totals[1].outcome = PLAY_OUTPUT;
	f->totals[0].plays = 0;
	assert_fails(read_back(f, &f->fold, &read), f->err, ERR_INVALID, "number 4");
	f->totals[0].plays = 1;
	/* So long that sums of a few would not fit an integer. */
	f->totals[0].shown.ms = PLAY_SHOWN_MAX_MS + 1;
	assert_fails(read_back(f, &f->fold, &read), f->err, ERR_INVALID, "number 5");
	f->totals[0].shown.ms = PLAY_SHOWN_MAX_MS;
	f->slides[1].item_id[0] = ' ';
	assert_fails(read_back(f, &f->fold, &read), f->err, ERR_INVALID, "item_id");
	f->slides[1].item_id[0] = 'n';
	f->fold.boot_id[0] = '\x7f';
	assert_false(read_back(f, &f->fold, &read));
}

/* As long as ids may be: too much for an upload, which must be told when it is written. */
static void fold_that_is_too_large_is_told_to_who_writes_it(void **state)
{
	struct fixture *f = *state;
	struct play_slide *slides = calloc(PLAY_STRETCH_SLIDES_MAX, sizeof(*slides));
	struct play_total *totals = calloc(PLAY_STRETCH_TOTALS_MAX, sizeof(*totals));
	size_t len;

	for (size_t i = 0; i < PLAY_STRETCH_SLIDES_MAX; i++) {
		slides[i] = f->slides[0];
		memset(slides[i].slide_id, 'x', PLAY_SLIDE_ID_MAX - 1);
		totals[i] = f->totals[0];
		totals[i].slide = i;
	}
	f->fold.slides = slides;
	f->fold.totals = totals;
	f->fold.slide_count = f->fold.total_count = PLAY_STRETCH_SLIDES_MAX;
	assert_fails(play_stretch_to_json(&f->fold, f->signer, &len, &f->err), f->err,
		     ERR_TOO_LARGE, "bytes");
	f->fold.total_count = PLAY_STRETCH_TOTALS_MAX + 1;
	assert_fails(play_stretch_to_json(&f->fold, f->signer, &len, &f->err), f->err,
		     ERR_TOO_LARGE, "too many");
	free(slides);
	free(totals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(fold_is_read_back_in_every_field),
		TEST(loss_is_read_back_with_its_reason),
		TEST(totals_that_add_up_to_something_else_are_refused),
		TEST(totals_that_no_rows_could_make_are_refused),
		TEST(fold_that_is_too_large_is_told_to_who_writes_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
