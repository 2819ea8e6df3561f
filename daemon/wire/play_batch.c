#include "wire/play_batch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"
#include "wire/canonical.h"
#include "wire/envelope.h"
#include "wire/json.h"
#include "wire/key.h"
#include "wire/tuf.h"

/* In the second, rows have their proof; those recorded before it still go without. */
#define PLAYS_FORMAT_1 "ekimae.plays/1"
#define PLAYS_FORMAT   "ekimae.plays/2"
#define ACK_FORMAT     "ekimae.ack/1"
/* Integers that every reader of JSON keeps exactly (RFC 8259 §6). */
#define INTEGER_MAX INT64_C(9007199254740991)

static void json_release(json_t **value)
{
	json_decref(*value);
}

static void text_release(char **text)
{
	free(*text);
}

static void doc_release(struct json_doc **doc)
{
	json_doc_free(*doc);
}

/* --- Writing --------------------------------------------------------------------------- */

/* @row (may be NULL) with the proof, if there is one: without, it has the first format. */
static json_t *add_proof(TAKES json_t *row, const struct play_proof *proof)
{
	uint8_t bytes[sizeof(proof->picture)];
	char picture[2 * sizeof(bytes) + 1];

	if (!row || !proof->known)
		return row;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(proof->picture >> (56 - 8 * i));
	hex_encode(bytes, sizeof(bytes), picture);
	if (json_object_set_new(row, "frames", json_integer(proof->frames)) == 0 &&
	    json_object_set_new(row, "picture", json_string(picture)) == 0)
		return row;
	json_decref(row);
	return NULL;
}

/* A row without its hash; NULL when memory is short. */
static json_t *row_to_json(const struct play *play)
{
	const struct play_start *start = &play->start;
	char content[SHA256_HEX_SIZE];
	json_t *row;

	hex_encode(start->content_hash, SHA256_SIZE, content);
	row = json_pack(
		"{s:I, s:s, s:s, s:I, s:s, s:I, s:I, s:b, s:s, s:I, s:I, s:I, s:s,"
		" s:s}",
		"seq", (json_int_t)play->seq, "slide", start->slide_id, "item",
		start->item_id, "revision", (json_int_t)start->item_revision, "content",
		content, "programme", (json_int_t)start->programme_version, "began_ms",
		(json_int_t)start->began.ms, "synchronised", (int)start->synchronised,
		"boot", start->boot_id, "began_mono_ms", (json_int_t)start->began_mono.ms,
		"shown_ms", (json_int_t)play->shown.ms, "planned_ms",
		(json_int_t)start->planned.ms, "outcome",
		play_outcome_name(play->outcome), "output",
		play_output_name(start->output));
	return add_proof(row, &start->proof);
}

static json_t *hashed_row_to_json(const struct play *play,
				  const uint8_t hash[static SHA256_SIZE])
{
	char hex[SHA256_HEX_SIZE];
	json_t *row = row_to_json(play);

	hex_encode(hash, SHA256_SIZE, hex);
	if (row && json_object_set_new(row, "hash", json_string(hex)) == 0)
		return row;
	json_decref(row);
	return NULL;
}

bool play_hash(const uint8_t previous[static SHA256_SIZE], const char *screen_id,
	       const struct play *play, uint8_t out[static SHA256_SIZE], struct err *err)
{
	CLEANUP(json_release) json_t *row = row_to_json(play);
	CLEANUP(text_release) char *text = NULL;
	CLEANUP(text_release) char *bytes = NULL;
	size_t id_len = strlen(screen_id);
	size_t len;

	if (!row)
		return err_set(err, ERR_INVALID, "play %" PRId64 ": a text is not UTF-8",
			       play->seq);
	text = canonical_json(row, &len, err);
	if (!text)
		return false;
	bytes = malloc(SHA256_SIZE + id_len + 1 + len);
	if (!bytes)
		return err_set(err, ERR_NO_MEMORY, "play: out of memory");
	memcpy(bytes, previous, SHA256_SIZE);
	memcpy(bytes + SHA256_SIZE, screen_id, id_len);
	bytes[SHA256_SIZE + id_len] = '\n';
	memcpy(bytes + SHA256_SIZE + id_len + 1, text, len);
	sha256(bytes, SHA256_SIZE + id_len + 1 + len, out);
	return true;
}

char *play_to_json(const struct play *play, const uint8_t hash[static SHA256_SIZE],
		   struct err *err)
{
	CLEANUP(json_release) json_t *row = hashed_row_to_json(play, hash);
	size_t len;

	if (!row) {
		err_set(err, ERR_NO_MEMORY, "play: out of memory");
		return NULL;
	}
	return canonical_json(row, &len, err);
}

static json_t *rows_to_json(const struct play_batch *batch)
{
	json_t *rows = json_array();

	for (size_t i = 0; rows && i < batch->play_count; i++) {
		if (json_array_append_new(rows, hashed_row_to_json(&batch->plays[i],
								   batch->hashes[i])) !=
		    0) {
			json_decref(rows);
			return NULL;
		}
	}
	return rows;
}

char *play_batch_to_json(const struct play_batch *batch, const struct signer *signer,
			 size_t *out_len, struct err *err)
{
	char previous[SHA256_HEX_SIZE], head[SHA256_HEX_SIZE];
	size_t len;
	char *text;

	if (batch->play_count < 1 || batch->play_count > PLAY_BATCH_ROWS_MAX ||
	    batch->bad_count != 0) {
		err_set(err, ERR_INVALID, "plays: a batch has 1 to %d rows, not %zu",
			PLAY_BATCH_ROWS_MAX, batch->play_count + batch->bad_count);
		return NULL;
	}
	hex_encode(batch->previous, SHA256_SIZE, previous);
	hex_encode(batch->head, SHA256_SIZE, head);
	text = envelope_seal(json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:o}", "_type",
				       "plays", "format", PLAYS_FORMAT, "screen",
				       batch->screen_id, "first",
				       (json_int_t)batch->first, "previous", previous,
				       "head", head, "plays", rows_to_json(batch)),
			     signer, &len, err);
	if (text && len > PLAY_BATCH_MAX) {
		err_set(err, ERR_TOO_LARGE,
			"plays: the batch has %zu bytes, at most %d are accepted: take "
			"fewer rows",
			len, PLAY_BATCH_MAX);
		free(text);
		return NULL;
	}
	if (text)
		*out_len = len;
	return text;
}

char *play_ack_to_json(const struct play_ack *ack, const struct signer *signer,
		       size_t *out_len, struct err *err)
{
	char at[WALL_TEXT_SIZE];

	wall_format_utc_ms(ack->at, at);
	return envelope_seal(json_pack("{s:s, s:s, s:s, s:I, s:s}", "_type", "ack",
				       "format", ACK_FORMAT, "screen", ack->screen_id,
				       "durable", (json_int_t)ack->durable_seq, "at", at),
			     signer, out_len, err);
}

/* --- Reading --------------------------------------------------------------------------- */

static bool read_outcome(struct json_node *row, struct play *out, struct err *err)
{
	const char *text;

	if (!json_get_string(row, "outcome", 32, &text, err))
		return false;
	if (!play_outcome_parse(text, &out->outcome))
		return json_fail(row, "outcome", err, "not an outcome of a play");
	if (!json_get_string(row, "output", 32, &text, err))
		return false;
	if (!play_output_parse(text, &out->start.output))
		return json_fail(row, "output", err, "not a state of an output");
	return true;
}

static bool read_proof(struct json_node *row, struct play_proof *out, struct err *err)
{
	uint8_t picture[sizeof(out->picture)];

	if (!json_has(row, "frames"))
		return true;
	if (!json_get_int(row, "frames", 0, INTEGER_MAX, &out->frames, err) ||
	    !json_get_hex(row, "picture", picture, sizeof(picture), err))
		return false;
	out->known = true;
	for (size_t i = 0; i < sizeof(picture); i++)
		out->picture = out->picture << 8 | picture[i];
	return true;
}

/* The rest of a row whose number and hash have been read. */
static bool read_play(struct json_node *row, struct play *out, struct err *err)
{
	struct play_start *start = &out->start;

	return json_get_chars(row, "slide", start->slide_id, sizeof(start->slide_id),
			      err) &&
	       json_get_chars(row, "item", start->item_id, sizeof(start->item_id), err) &&
	       json_get_chars(row, "boot", start->boot_id, sizeof(start->boot_id), err) &&
	       json_get_int(row, "revision", 0, INTEGER_MAX, &start->item_revision,
			    err) &&
	       json_get_hex(row, "content", start->content_hash, PLAY_HASH_SIZE, err) &&
	       json_get_int(row, "programme", 0, INTEGER_MAX, &start->programme_version,
			    err) &&
	       json_get_int(row, "began_ms", -INTEGER_MAX, INTEGER_MAX, &start->began.ms,
			    err) &&
	       json_get_bool(row, "synchronised", &start->synchronised, err) &&
	       json_get_int(row, "began_mono_ms", 0, INTEGER_MAX, &start->began_mono.ms,
			    err) &&
	       json_get_int(row, "shown_ms", 0, INTEGER_MAX, &out->shown.ms, err) &&
	       json_get_int(row, "planned_ms", 0, INTEGER_MAX, &start->planned.ms, err) &&
	       read_outcome(row, out, err) && read_proof(row, &start->proof, err) &&
	       json_done(row, err) &&
	       (play_check(out, err) || err_prefix(err, "%s", row->path));
}

/* Puts row @index of the document aside with the sentence of @reason. */
static bool put_aside(struct play_batch *batch, const struct json_node *rows,
		      const struct play_batch_bad *row, const struct err *reason,
		      struct err *err)
{
	struct play_batch_bad *bad = &batch->bad[batch->bad_count];
	size_t len;

	*bad = *row;
	bad->row = canonical_json(json_array_get(rows->value, row->index), &len, err);
	if (!bad->row)
		return false;
	bad->reason = strdup(reason->text);
	if (!bad->reason) {
		free(bad->row);
		return err_set(err, ERR_NO_MEMORY, "plays: out of memory");
	}
	batch->bad_count++;
	return true;
}

/* Reads row @index; @*last is the number of the row before it, then its own. */
static bool read_row(struct play_batch *batch, const struct json_node *rows, size_t index,
		     int64_t *last, struct err *err)
{
	struct play *play = &batch->plays[batch->play_count];
	struct play_batch_bad meta = {.seq = *last + 1, .index = index};
	struct err seq_err = {0}, hash_err = {0}, row_err = {0};
	struct json_node row;
	bool has_seq = false;

	*play = (struct play){0};
	if (!json_item_object(rows, index, &row, &row_err)) {
		(*last)++;
		return put_aside(batch, rows, &meta, &row_err, err);
	}
	has_seq = json_get_int(&row, "seq", 1, INTEGER_MAX, &play->seq, &seq_err);
	if (has_seq && (play->seq <= *last || (index == 0 && play->seq != *last + 1)))
		has_seq = json_fail(&row, "seq", &seq_err,
				    "%" PRId64 " where %" PRId64 " follows", play->seq,
				    *last + 1);
	meta.has_hash = json_get_hex(&row, "hash", meta.hash, SHA256_SIZE, &hash_err);
	if (has_seq)
		meta.seq = play->seq;
	*last = meta.seq;

	if (!has_seq)
		return put_aside(batch, rows, &meta, &seq_err, err);
	if (!meta.has_hash)
		return put_aside(batch, rows, &meta, &hash_err, err);
	if (!read_play(&row, play, &row_err))
		return put_aside(batch, rows, &meta, &row_err, err);
	memcpy(batch->hashes[batch->play_count], meta.hash, SHA256_SIZE);
	batch->play_count++;
	return true;
}

static const char *format_of(const struct json_node *content)
{
	const char *format = json_string_value(json_object_get(content->value, "format"));

	return format && strcmp(format, PLAYS_FORMAT_1) == 0 ? PLAYS_FORMAT_1
							     : PLAYS_FORMAT;
}

struct play_batch *play_batch_read(struct json_node *content, struct err *err)
{
	struct play_batch *batch = NULL;
	struct json_node rows;
	char screen_id[SCREEN_ID_MAX + 1];
	int64_t last;
	size_t count;

	if (!envelope_type(content, "plays", format_of(content), err) ||
	    !envelope_screen(content, screen_id, err) ||
	    !json_get_array(content, "plays", PLAY_BATCH_ROWS_MAX, &rows, &count, err))
		return NULL;
	if (count == 0) {
		json_fail(content, "plays", err, "a batch has at least one row");
		return NULL;
	}
	batch = play_batch_new(screen_id, count, err);
	if (!batch)
		return NULL;
	batch->bad = calloc(count, sizeof(*batch->bad));
	if (!batch->bad) {
		err_set(err, ERR_NO_MEMORY, "plays: out of memory");
		goto fail;
	}
	if (!json_get_int(content, "first", 1, INTEGER_MAX - PLAY_BATCH_ROWS_MAX,
			  &batch->first, err) ||
	    !json_get_hex(content, "previous", batch->previous, SHA256_SIZE, err) ||
	    !json_get_hex(content, "head", batch->head, SHA256_SIZE, err) ||
	    !json_done(content, err))
		goto fail;
	last = batch->first - 1;
	for (size_t i = 0; i < count; i++) {
		if (!read_row(batch, &rows, i, &last, err))
			goto fail;
	}
	return batch;
fail:
	return play_batch_free(batch);
}

struct play_batch *play_batch_from_json(const void *bytes, size_t len,
					const uint8_t public_key[static 32],
					struct err *err)
{
	CLEANUP(doc_release)
	struct json_doc *doc = json_parse("plays", bytes, len, PLAY_BATCH_MAX, err);
	struct json_node root, content;

	if (!doc || !json_root(doc, &root, err) ||
	    !envelope_open(&root, envelope_by_key, public_key, &content, err))
		return NULL;
	return play_batch_read(&content, err);
}

struct play_batch *play_batch_new(const char *screen_id, size_t rows, struct err *err)
{
	struct play_batch *batch = calloc(1, sizeof(*batch));

	if (!batch)
		goto fail;
	snprintf(batch->screen_id, sizeof(batch->screen_id), "%s", screen_id);
	batch->plays = calloc(rows, sizeof(*batch->plays));
	batch->hashes = calloc(rows, sizeof(*batch->hashes));
	if (!batch->plays || !batch->hashes)
		goto fail;
	return batch;
fail:
	err_set(err, ERR_NO_MEMORY, "plays: out of memory");
	return play_batch_free(batch);
}

struct play_batch *play_batch_free(struct play_batch *batch)
{
	if (!batch)
		return NULL;
	for (size_t i = 0; i < batch->bad_count; i++) {
		free(batch->bad[i].row);
		free(batch->bad[i].reason);
	}
	free(batch->bad);
	free(batch->hashes);
	free(batch->plays);
	free(batch);
	return NULL;
}

static bool by_timestamp_role(const void *trust, const void *bytes, size_t len,
			      const struct envelope_signature *signature)
{
	return tuf_role_signed(trust, "timestamp", bytes, len, signature->key_id,
			       signature->bytes, sizeof(signature->bytes));
}

bool play_ack_from_json(const void *bytes, size_t len, const struct tuf_trust *trust,
			struct play_ack *out, struct err *err)
{
	CLEANUP(doc_release)
	struct json_doc *doc = json_parse("ack", bytes, len, PLAY_ACK_MAX, err);
	struct json_node root, content;
	struct play_ack ack = {0};

	if (!doc || !json_root(doc, &root, err) ||
	    !envelope_open(&root, by_timestamp_role, trust, &content, err) ||
	    !envelope_type(&content, "ack", ACK_FORMAT, err) ||
	    !envelope_screen(&content, ack.screen_id, err) ||
	    !json_get_int(&content, "durable", 0, INTEGER_MAX, &ack.durable_seq, err) ||
	    !json_get_time(&content, "at", &ack.at, err) || !json_done(&content, err))
		return false;
	*out = ack;
	return true;
}
