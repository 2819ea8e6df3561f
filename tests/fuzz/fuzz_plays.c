/*
 * Play batches: the bytes as they are, and as the "signed" part that a screen whose key was
 * stolen could send.
 */
#include <jansson.h>
#include <string.h>

#include "core/err.h"
#include "fuzz/fuzz.h"
#include "wire/canonical.h"
#include "wire/digest.h"
#include "wire/key.h"
#include "wire/play_batch.h"

/* The example key of RFC 8410 §10.3: the same in every run. */
static const char screen_pem[] =
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
	"-----END PRIVATE KEY-----\n";

static void try_batch(const void *data, size_t size, const struct signer *signer)
{
	uint8_t public_key[ED25519_PUBLIC_SIZE];
	char screen[SCREEN_ID_MAX + 1];
	struct err err = {0};
	struct play_batch *batch;

	signer_public(signer, public_key);
	batch = play_batch_from_json(data, size, public_key, &err);
	must_hold(batch || err.code != ERR_NONE);
	if (batch) {
		must_hold(batch->play_count + batch->bad_count >= 1);
		must_hold(batch->play_count + batch->bad_count <= PLAY_BATCH_ROWS_MAX);
		must_hold(play_batch_screen(data, size, screen, &err));
		must_hold(strcmp(screen, batch->screen_id) == 0);
	} else if (!play_batch_screen(data, size, screen, &err)) {
		must_hold(err.code != ERR_NONE);
	}
	play_batch_free(batch);
}

/* @content in an envelope with the screen's own signature. */
static void try_signed(json_t *content, const struct signer *signer)
{
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	char hex[2 * ED25519_SIGNATURE_SIZE + 1];
	struct err err = {0};
	size_t len = 0;
	char *canonical = canonical_json(content, &len, &err);
	json_t *envelope;
	char *text;

	if (!canonical)
		return;
	must_hold(signer_sign(signer, canonical, len, signature, &err));
	hex_encode(signature, sizeof(signature), hex);
	envelope = json_pack("{s:[{s:s, s:s}], s:O}", "signatures", "keyid",
			     signer_key_id(signer), "sig", hex, "signed", content);
	text = json_dumps(envelope, JSON_COMPACT);
	must_hold(text != NULL);
	try_batch(text, strlen(text), signer);
	free(text);
	json_decref(envelope);
	free(canonical);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err err = {0};
	struct signer *signer = signer_from_pem(screen_pem, strlen(screen_pem), &err);
	json_t *content =
		json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);

	must_hold(signer != NULL);
	try_batch(data, size, signer);
	if (content)
		try_signed(content, signer);
	json_decref(content);
	signer_free(signer);
	return 0;
}
