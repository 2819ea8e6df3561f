/*
 * Uploads of plays, in rows and in stretches: the bytes as they are, and as the "signed" part
 * that a screen whose key was stolen could send.
 */
#include "fuzz/sealed.h"
#include "wire/play_batch.h"
#include "wire/play_stretch.h"
#include "wire/play_upload.h"

static void try_rows(const struct play_upload *upload)
{
	struct err err = {0};
	struct play_batch *batch = play_upload_batch(upload, &err);

	must_hold(batch || err.code != ERR_NONE);
	if (batch) {
		must_hold(batch->play_count + batch->bad_count >= 1);
		must_hold(batch->play_count + batch->bad_count <= PLAY_BATCH_ROWS_MAX);
		must_hold(strcmp(play_upload_screen(upload), batch->screen_id) == 0);
	}
	play_batch_free(batch);
}

/* What is read is whole enough to be written. */
static void try_stretch(const struct play_upload *upload)
{
	struct play_stretch stretch = {0};
	struct err err = {0};
	size_t len = 0;
	char *text;

	if (!play_upload_stretch(upload, &stretch, &err)) {
		must_hold(err.code != ERR_NONE);
		return;
	}
	must_hold(stretch.first >= 1 && stretch.first <= stretch.last);
	for (size_t i = 0; i < stretch.total_count; i++)
		must_hold(stretch.totals[i].slide < stretch.slide_count);
	text = play_stretch_to_json(&stretch, sealed_signer(), &len, &err);
	must_hold(text || err.code == ERR_TOO_LARGE);
	free(text);
	play_stretch_done(&stretch);
}

static void try_upload(const void *data, size_t size)
{
	uint8_t key[ED25519_PUBLIC_SIZE];
	struct err err = {0};
	struct play_upload *upload = play_upload_open(data, size, &err);

	must_hold(upload || err.code != ERR_NONE);
	if (!upload)
		return;
	signer_public(sealed_signer(), key);
	must_hold(play_upload_verify(upload, key, &err) || err.code == ERR_UNTRUSTED ||
		  err.code == ERR_INVALID);
	if (play_upload_kind(upload) == PLAY_UPLOAD_ROWS)
		try_rows(upload);
	else
		try_stretch(upload);
	play_upload_free(upload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = 0;
	char *text = sealed_text(data, size, &len);

	try_upload(data, size);
	if (text)
		try_upload(text, len);
	free(text);
	return 0;
}
