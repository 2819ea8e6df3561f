#include "support/metadata.h"

#include <jansson.h>

#include "support/test.h"
#include "wire/canonical.h"
#include "wire/digest.h"
#include "wire/key.h"

static json_t *parse(const char *text)
{
	json_error_t error;
	json_t *value = json_loads(text, JSON_DECODE_ANY, &error);

	if (!value)
		fail_msg("%s: %s", error.text, text);
	return value;
}

static char *canonical(const json_t *value, size_t *out_len)
{
	struct err err = {0};
	char *text = canonical_json(value, out_len, &err);

	assert_ok(text != NULL, err);
	return text;
}

char *metadata_sign(const char *content, const struct signer *const *signers,
		    size_t count)
{
	json_t *content_json = parse(content), *signatures = json_array(), *file;
	struct err err = {0};
	size_t len = 0;
	char *text, *bytes = canonical(content_json, &len);

	for (size_t i = 0; i < count; i++) {
		uint8_t signature[ED25519_SIGNATURE_SIZE];
		char hex[2 * ED25519_SIGNATURE_SIZE + 1];

		assert_ok(signer_sign(signers[i], bytes, len, signature, &err), err);
		hex_encode(signature, sizeof(signature), hex);
		json_array_append_new(signatures,
				      json_pack("{s:s, s:s}", "keyid",
						signer_key_id(signers[i]), "sig", hex));
	}
	file = json_pack("{s:o, s:o}", "signatures", signatures, "signed", content_json);
	text = json_dumps(file, JSON_COMPACT);
	assert_non_null(text);
	json_decref(file);
	free(bytes);
	return text;
}

char *metadata_content(const char *file)
{
	json_t *document = parse(file);
	size_t len = 0;
	char *text = canonical(json_object_get(document, "signed"), &len);

	json_decref(document);
	return text;
}

char *metadata_set(const char *object, const char *name, const char *value)
{
	json_t *parsed = parse(object);
	char *text;

	json_object_set_new(parsed, name, parse(value));
	text = json_dumps(parsed, JSON_COMPACT);
	assert_non_null(text);
	json_decref(parsed);
	return text;
}

char *metadata_delegations(const char *role, const struct signer *signer,
			   const char *paths, int terminating)
{
	uint8_t raw[ED25519_PUBLIC_SIZE];
	char hex[2 * sizeof(raw) + 1], *text;
	json_t *delegations;

	signer_public(signer, raw);
	hex_encode(raw, sizeof(raw), hex);
	delegations =
		json_pack("{s:{s:{s:s, s:s, s:{s:s}}}, s:[{s:s, s:[s], s:i, s:o, s:b}]}",
			  "keys", signer_key_id(signer), "keytype", "ed25519", "scheme",
			  "ed25519", "keyval", "public", hex, "roles", "name", role,
			  "keyids", signer_key_id(signer), "threshold", 1, "paths",
			  parse(paths), "terminating", terminating);
	assert_non_null(delegations);
	text = json_dumps(delegations, JSON_COMPACT);
	json_decref(delegations);
	return text;
}
