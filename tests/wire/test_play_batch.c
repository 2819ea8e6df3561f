#include <jansson.h>

#include "support/plays.h"
#include "support/test.h"
#include "wire/canonical.h"
#include "wire/key.h"
#include "wire/play_batch.h"
#include "wire/play_upload.h"
#include "wire/tuf.h"
#include "wire/tuf_build.h"

#define ROWS 4
/* 2026-11-22T06:29:00Z */
#define AT INT64_C(1795328940000)

struct fixture {
	struct signer *screen, *other;
	uint8_t key[ED25519_PUBLIC_SIZE], other_key[ED25519_PUBLIC_SIZE];
	struct play_batch *batch;
	char *text; /* the batch, signed by the screen */
	size_t len;
	struct err err;
};

/* Rows differ in as much as they can. */
static struct play sample(int64_t seq)
{
	struct play play =
		plays_sample("flu-2026", seq, (struct wall_ms){AT + seq * 10000});

	play.start.item_revision = 2;
	play.start.programme_version = 7;
	play.start.began_mono.ms = 5000 + seq;
	play.start.synchronised = seq % 2 == 0;
	play.shown.ms += seq;
	memset(play.start.content_hash, (int)seq, PLAY_HASH_SIZE);
	return play;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	uint8_t previous[SHA256_SIZE];

	f->screen = signer_generate(&f->err);
	assert_ok(f->screen, f->err);
	f->other = signer_generate(&f->err);
	assert_ok(f->other, f->err);
	signer_public(f->screen, f->key);
	signer_public(f->other, f->other_key);
	f->batch = play_batch_new("tanashi-1", ROWS, &f->err);
	assert_ok(f->batch, f->err);
	memset(previous, 0x5a, sizeof(previous));
	for (size_t i = 0; i < ROWS; i++)
		f->batch->plays[i] = sample(11 + (int64_t)i);
	f->batch->play_count = ROWS;
	plays_chain(f->batch, previous);
	f->text = play_batch_to_json(f->batch, f->screen, &f->len, &f->err);
	assert_ok(f->text, f->err);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	free(f->text);
	play_batch_free(f->batch);
	signer_free(f->screen);
	signer_free(f->other);
	free(f);
	return 0;
}

/* Signs @content (released) as the screen would; owned text. */
static char *sign(struct fixture *f, TAKES json_t *content, size_t *out_len)
{
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	char hex[2 * ED25519_SIGNATURE_SIZE + 1];
	json_t *envelope;
	size_t len;
	char *text = canonical_json(content, &len, &f->err);

	assert_ok(text, f->err);
	assert_ok(signer_sign(f->screen, text, len, signature, &f->err), f->err);
	free(text);
	hex_encode(signature, sizeof(signature), hex);
	envelope = json_pack("{s:[{s:s, s:s}], s:o}", "signatures", "keyid",
			     signer_key_id(f->screen), "sig", hex, "signed", content);
	assert_non_null(envelope);
	text = canonical_json(envelope, out_len, &f->err);
	json_decref(envelope);
	return text;
}

/* The signed part of the fixture's batch, to be edited; owned. */
static json_t *content_of(const struct fixture *f)
{
	json_t *envelope = json_loadb(f->text, f->len, 0, NULL);
	json_t *content = json_incref(json_object_get(envelope, "signed"));

	json_decref(envelope);
	return content;
}

/* The fixture's batch with row @index edited: @key set to @value (released), or removed. */
static struct play_batch *edited(struct fixture *f, size_t index, const char *key,
				 TAKES json_t *value)
{
	json_t *content = content_of(f);
	json_t *row = json_array_get(json_object_get(content, "plays"), index);
	struct play_batch *batch;
	size_t len;
	char *text;

	if (value)
		json_object_set_new(row, key, value);
	else
		json_object_del(row, key);
	text = sign(f, content, &len);
	batch = play_batch_from_json(text, len, f->key, &f->err);
	assert_ok(batch, f->err);
	free(text);
	return batch;
}

static void batch_is_read_back_in_every_field(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch = play_batch_from_json(f->text, f->len, f->key, &f->err);

	assert_ok(batch, f->err);
	assert_string_equal(batch->screen_id, "tanashi-1");
	assert_int_equal(batch->first, 11);
	assert_int_equal(batch->play_count, ROWS);
	assert_int_equal(batch->bad_count, 0);
	assert_memory_equal(batch->previous, f->batch->previous, SHA256_SIZE);
	assert_memory_equal(batch->head, f->batch->head, SHA256_SIZE);
	for (size_t i = 0; i < ROWS; i++) {
		const struct play *got = &batch->plays[i], *put = &f->batch->plays[i];

		assert_int_equal(got->seq, put->seq);
		assert_string_equal(got->start.boot_id, put->start.boot_id);
		assert_string_equal(got->start.slide_id, put->start.slide_id);
		assert_string_equal(got->start.item_id, put->start.item_id);
		assert_int_equal(got->start.item_revision, put->start.item_revision);
		assert_memory_equal(got->start.content_hash, put->start.content_hash,
				    PLAY_HASH_SIZE);
		assert_int_equal(got->start.programme_version,
				 put->start.programme_version);
		assert_int_equal(got->start.began.ms, put->start.began.ms);
		assert_int_equal(got->start.began_mono.ms, put->start.began_mono.ms);
		assert_int_equal(got->start.synchronised, put->start.synchronised);
		assert_int_equal(got->start.planned.ms, put->start.planned.ms);
		assert_int_equal(got->start.output, put->start.output);
		assert_int_equal(got->shown.ms, put->shown.ms);
		assert_int_equal(got->outcome, put->outcome);
		assert_memory_equal(batch->hashes[i], f->batch->hashes[i], SHA256_SIZE);
	}
	play_batch_free(batch);
}

static void same_batch_gives_the_same_bytes(void **state)
{
	struct fixture *f = *state;
	size_t len;
	char *text = play_batch_to_json(f->batch, f->screen, &len, &f->err);

	assert_ok(text, f->err);
	assert_int_equal(len, f->len);
	assert_memory_equal(text, f->text, len);
	free(text);
}

static void row_hash_is_the_one_that_the_protocol_gives(void **state)
{
	/* Computed independently, from docs/protocol.md 5.4. */
	static const char json[] =
		"{\"began_mono_ms\":5001,\"began_ms\":1795328950000,"
		"\"boot\":\"0b8b3c9e-6a2f-4f0e-9d5a-0123456789ab\",\"content\":"
		"\"0101010101010101010101010101010101010101010101010101010101010101\","
		"\"item\":\"notice/flu-2026\",\"outcome\":\"complete\",\"output\":\"on\","
		"\"planned_ms\":10000,\"programme\":7,\"revision\":2,\"seq\":1,"
		"\"shown_ms\":10001,\"slide\":\"notice/flu-2026/1\","
		"\"synchronised\":false}";
	struct fixture *f = *state;
	uint8_t zeros[SHA256_SIZE] = {0}, hash[SHA256_SIZE], expected[SHA256_SIZE];
	uint8_t bytes[SHA256_SIZE + sizeof("tanashi-1\n") - 1 + sizeof(json) - 1];
	struct play play = sample(1);

	memset(bytes, 0, SHA256_SIZE);
	memcpy(bytes + SHA256_SIZE, "tanashi-1\n", 10);
	memcpy(bytes + SHA256_SIZE + 10, json, sizeof(json) - 1);
	sha256(bytes, sizeof(bytes), expected);
	assert_ok(play_hash(zeros, "tanashi-1", &play, hash, &f->err), f->err);
	assert_memory_equal(hash, expected, sizeof(hash));
}

static void proof_is_part_of_row_and_hash(void **state)
{
	struct fixture *f = *state;
	uint8_t zeros[SHA256_SIZE] = {0}, without[SHA256_SIZE], with[SHA256_SIZE];
	struct play play = sample(11);
	struct play_batch *batch;
	char *text, *row;
	size_t len;

	assert_ok(play_hash(zeros, "tanashi-1", &play, without, &f->err), f->err);
	play.start.proof = (struct play_proof){true, 3, UINT64_C(0xfedcba9876543210)};
	assert_ok(play_hash(zeros, "tanashi-1", &play, with, &f->err), f->err);
	assert_memory_not_equal(with, without, SHA256_SIZE);
	row = play_to_json(&play, with, &f->err);
	assert_ok(row, f->err);
	assert_non_null(strstr(row, "\"frames\":3,"));
	assert_non_null(strstr(row, "\"picture\":\"fedcba9876543210\","));
	free(row);

	f->batch->plays[0] = play;
	text = play_batch_to_json(f->batch, f->screen, &len, &f->err);
	assert_ok(text, f->err);
	batch = play_batch_from_json(text, len, f->key, &f->err);
	assert_ok(batch, f->err);
	assert_int_equal(batch->bad_count, 0);
	assert_true(batch->plays[0].start.proof.known);
	assert_int_equal(batch->plays[0].start.proof.frames, 3);
	assert_true(batch->plays[0].start.proof.picture == play.start.proof.picture);
	/* Rows of the time before go without, in the same batch. */
	assert_false(batch->plays[1].start.proof.known);
	play_batch_free(batch);
	free(text);
}

static void batch_of_the_first_format_is_read(void **state)
{
	struct fixture *f = *state;
	json_t *content = content_of(f);
	struct play_batch *batch;
	size_t len;
	char *text;

	json_object_set_new(content, "format", json_string("ekimae.plays/1"));
	text = sign(f, content, &len);
	batch = play_batch_from_json(text, len, f->key, &f->err);
	assert_ok(batch, f->err);
	assert_int_equal(batch->play_count, ROWS);
	assert_false(batch->plays[0].start.proof.known);
	play_batch_free(batch);
	free(text);
}

static void format_that_is_not_known_is_refused(void **state)
{
	struct fixture *f = *state;
	json_t *content = content_of(f);
	size_t len;
	char *text;

	json_object_set_new(content, "format", json_string("ekimae.plays/3"));
	text = sign(f, content, &len);
	assert_fails(play_batch_from_json(text, len, f->key, &f->err), f->err,
		     ERR_INVALID, "ekimae.plays/2");
	free(text);
}

static void screen_is_told_before_anything_is_verified(void **state)
{
	struct fixture *f = *state;
	struct play_upload *upload = play_upload_open(f->text, f->len, &f->err);

	assert_ok(upload, f->err);
	assert_string_equal(play_upload_screen(upload), "tanashi-1");
	assert_int_equal(play_upload_kind(upload), PLAY_UPLOAD_ROWS);
	assert_ok(play_upload_verify(upload, f->key, &f->err), f->err);
	assert_fails(play_upload_verify(upload, f->other_key, &f->err), f->err,
		     ERR_UNTRUSTED, "signatures");
	play_upload_free(upload);
	assert_fails(play_upload_open("{}", 2, &f->err), f->err, ERR_INVALID,
		     "signatures");
}

static void batch_by_another_key_is_untrusted(void **state)
{
	struct fixture *f = *state;
	size_t len;
	char *text;

	assert_fails(play_batch_from_json(f->text, f->len, f->other_key, &f->err), f->err,
		     ERR_UNTRUSTED, "signatures");
	text = play_batch_to_json(f->batch, f->other, &len, &f->err);
	assert_ok(text, f->err);
	assert_fails(play_batch_from_json(text, len, f->key, &f->err), f->err,
		     ERR_UNTRUSTED, "signatures");
	free(text);
}

static void batch_under_the_key_id_of_the_screen_but_forged_is_untrusted(void **state)
{
	struct fixture *f = *state;
	/* One digit of a figure, in a document that stays well-formed. */
	char *digit = strstr(f->text, "\"shown_ms\":10011");

	assert_non_null(digit);
	digit[strlen("\"shown_ms\":1001")] = '9';
	assert_fails(play_batch_from_json(f->text, f->len, f->key, &f->err), f->err,
		     ERR_UNTRUSTED, "signatures");
}

static void document_of_another_type_is_refused(void **state)
{
	struct fixture *f = *state;
	json_t *content = content_of(f);
	size_t len;
	char *text;

	json_object_set_new(content, "_type", json_string("ack"));
	text = sign(f, content, &len);
	assert_fails(play_batch_from_json(text, len, f->key, &f->err), f->err,
		     ERR_INVALID, "_type");
	free(text);
}

static void row_with_a_wrong_field_is_put_aside_with_its_reason(void **state)
{
	struct fixture *f = *state;
	struct play_batch *batch = edited(f, 2, "outcome", json_string("splendid"));

	assert_int_equal(batch->play_count, ROWS - 1);
	assert_int_equal(batch->bad_count, 1);
	assert_int_equal(batch->bad[0].seq, 13);
	assert_int_equal(batch->bad[0].index, 2);
	assert_true(batch->bad[0].has_hash);
	assert_memory_equal(batch->bad[0].hash, f->batch->hashes[2], SHA256_SIZE);
	assert_non_null(strstr(batch->bad[0].reason, "outcome"));
	assert_non_null(strstr(batch->bad[0].row, "splendid"));
	assert_int_equal(batch->plays[2].seq, 14);
	assert_memory_equal(batch->hashes[2], f->batch->hashes[3], SHA256_SIZE);
	play_batch_free(batch);
}

/* Rows that are edited so are put aside, with @part in the reason. */
static void expect_bad(struct fixture *f, size_t index, const char *key,
		       TAKES json_t *value, const char *part)
{
	struct play_batch *batch = edited(f, index, key, value);

	if (batch->bad_count != 1 || batch->play_count != ROWS - 1)
		fail_msg("%s: %zu bad rows", key, batch->bad_count);
	assert_int_equal(batch->bad[0].index, index);
	assert_int_equal(batch->bad[0].seq, 11 + (int64_t)index);
	if (!strstr(batch->bad[0].reason, part))
		fail_msg("%s: \"%s\" is not in \"%s\"", key, part, batch->bad[0].reason);
	play_batch_free(batch);
}

static void every_field_of_a_row_is_checked(void **state)
{
	static const char *const keys[] = {
		"seq",       "slide",      "item",         "revision", "content",
		"programme", "began_ms",   "synchronised", "boot",     "began_mono_ms",
		"shown_ms",  "planned_ms", "outcome",      "output",   "hash",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		expect_bad(f, 1, keys[i], NULL, keys[i]);
		expect_bad(f, 1, keys[i], json_array(), keys[i]);
	}
	expect_bad(f, 0, "seq", json_string("eleven"), "seq");
	expect_bad(f, 0, "seq", json_integer(12), "12 where 11 follows");
	expect_bad(f, 3, "seq", json_integer(13), "13 where 14 follows");
	expect_bad(f, 3, "surprise", json_true(), "surprise");
	expect_bad(f, 1, "planned_ms", json_integer(9999999999999), "planned_ms");
	expect_bad(f, 1, "shown_ms", json_integer(1), "too short for a complete play");
	expect_bad(f, 1, "boot", json_string("x"), "boot");
	expect_bad(f, 1, "slide", json_string("一枚目"), "slide");
	expect_bad(f, 1, "frames", json_integer(1), "picture");
	expect_bad(f, 1, "picture", json_string("0123456789abcdef"), "picture");
}

static void row_that_is_no_object_is_put_aside(void **state)
{
	struct fixture *f = *state;
	json_t *content = content_of(f);
	struct play_batch *batch;
	size_t len;
	char *text;

	json_array_set_new(json_object_get(content, "plays"), 1, json_null());
	text = sign(f, content, &len);
	batch = play_batch_from_json(text, len, f->key, &f->err);
	assert_ok(batch, f->err);
	assert_int_equal(batch->bad_count, 1);
	assert_int_equal(batch->bad[0].seq, 12);
	assert_false(batch->bad[0].has_hash);
	assert_string_equal(batch->bad[0].row, "null");
	play_batch_free(batch);
	free(text);
}

static void batch_outside_its_limits_is_refused(void **state)
{
	struct fixture *f = *state;
	json_t *content = content_of(f);
	json_t *rows = json_object_get(content, "plays");
	char *large = malloc(PLAY_BATCH_MAX + 1);
	size_t len;
	char *text;

	json_array_clear(rows);
	json_incref(content);
	text = sign(f, content, &len);
	assert_fails(play_batch_from_json(text, len, f->key, &f->err), f->err,
		     ERR_INVALID, "at least one row");
	free(text);
	for (int i = 0; i <= PLAY_BATCH_ROWS_MAX; i++)
		json_array_append_new(rows, json_null());
	text = sign(f, content, &len);
	assert_fails(play_batch_from_json(text, len, f->key, &f->err), f->err,
		     ERR_INVALID, "501 items");
	free(text);
	memset(large, ' ', PLAY_BATCH_MAX + 1);
	assert_fails(play_batch_from_json(large, PLAY_BATCH_MAX + 1, f->key, &f->err),
		     f->err, ERR_TOO_LARGE, "plays");
	free(large);
	f->batch->play_count = 0;
	assert_fails(play_batch_to_json(f->batch, f->screen, &len, &f->err), f->err,
		     ERR_INVALID, "1 to 500 rows");
}

static void truncated_batch_never_passes(void **state)
{
	struct fixture *f = *state;

	for (size_t len = 0; len < f->len; len++) {
		char *copy =
			malloc(len + 1); /* so that a sanitizer sees a read too far */

		memcpy(copy, f->text, len);
		copy[len] = '\0';
		assert_null(play_batch_from_json(copy, len, f->key, &f->err));
		free(copy);
	}
}

/* --- Acknowledgements ------------------------------------------------------------------ */

/* A root whose roles are all held by @signer. */
static struct tuf_trust *trust_in(struct fixture *f, const struct signer *signer)
{
	uint8_t key[1][32];
	struct tuf_role_keys keys = {
		.public_keys = (const uint8_t(*)[32])key, .count = 1, .threshold = 1};
	struct tuf_root_content content = {
		.version = 1,
		.expires = {AT + 1000000},
		.consistent_snapshot = true,
		.root = keys,
		.targets = keys,
		.snapshot = keys,
		.timestamp = keys,
	};
	struct tuf_trust *trust;
	size_t len;
	char *root;

	signer_public(signer, key[0]);
	root = tuf_build_root(&content, &signer, 1, &len, &f->err);
	assert_ok(root, f->err);
	trust = tuf_trust_new(root, len, &f->err);
	assert_ok(trust, f->err);
	free(root);
	return trust;
}

static void acknowledgement_is_taken_only_from_the_timestamp_role(void **state)
{
	struct fixture *f = *state;
	struct tuf_trust *trust = trust_in(f, f->other);
	struct play_ack ack = {
		.screen_id = "tanashi-1", .durable_seq = 42, .at = {AT + 5}};
	struct play_ack got = {.durable_seq = -1};
	size_t len;
	char *text = play_ack_to_json(&ack, f->screen, &len, &f->err);

	assert_ok(text, f->err);
	assert_fails(play_ack_from_json(text, len, trust, &got, &f->err), f->err,
		     ERR_UNTRUSTED, "ack");
	assert_int_equal(got.durable_seq, -1);
	free(text);
	text = play_ack_to_json(&ack, f->other, &len, &f->err);
	assert_ok(text, f->err);
	assert_ok(play_ack_from_json(text, len, trust, &got, &f->err), f->err);
	assert_string_equal(got.screen_id, "tanashi-1");
	assert_int_equal(got.durable_seq, 42);
	assert_int_equal(got.at.ms, AT + 5);

	/* 42 becomes 92: the signature is over something else. */
	*strstr(text, "42,") = '9';
	assert_fails(play_ack_from_json(text, len, trust, &got, &f->err), f->err,
		     ERR_UNTRUSTED, "ack");
	free(text);
	tuf_trust_free(trust);
}

static void batch_does_not_pass_as_an_acknowledgement(void **state)
{
	struct fixture *f = *state;
	struct tuf_trust *trust = trust_in(f, f->screen);
	struct play_ack got;
	size_t len;
	char *text;

	f->batch->play_count = 1;
	text = play_batch_to_json(f->batch, f->screen, &len, &f->err);
	assert_ok(text, f->err);
	assert_fails(play_ack_from_json(text, len, trust, &got, &f->err), f->err,
		     ERR_INVALID, "_type");
	free(text);
	tuf_trust_free(trust);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(batch_is_read_back_in_every_field),
		TEST(same_batch_gives_the_same_bytes),
		TEST(row_hash_is_the_one_that_the_protocol_gives),
		TEST(proof_is_part_of_row_and_hash),
		TEST(batch_of_the_first_format_is_read),
		TEST(format_that_is_not_known_is_refused),
		TEST(screen_is_told_before_anything_is_verified),
		TEST(batch_by_another_key_is_untrusted),
		TEST(batch_under_the_key_id_of_the_screen_but_forged_is_untrusted),
		TEST(document_of_another_type_is_refused),
		TEST(row_with_a_wrong_field_is_put_aside_with_its_reason),
		TEST(every_field_of_a_row_is_checked),
		TEST(row_that_is_no_object_is_put_aside),
		TEST(batch_outside_its_limits_is_refused),
		TEST(truncated_batch_never_passes),
		TEST(acknowledgement_is_taken_only_from_the_timestamp_role),
		TEST(batch_does_not_pass_as_an_acknowledgement),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
