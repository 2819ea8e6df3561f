#include "wire/envelope.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "core/err.h"
#include "wire/canonical.h"
#include "wire/digest.h"

#define SIGNATURES_MAX 16

static void json_release(json_t **value)
{
	json_decref(*value);
}

static void text_release(char **text)
{
	free(*text);
}

char *envelope_seal(TAKES json_t *signed_part, const struct signer *signer,
		    size_t *out_len, struct err *err)
{
	CLEANUP(json_release) json_t *content = signed_part;
	CLEANUP(json_release) json_t *envelope = NULL;
	CLEANUP(text_release) char *text = NULL;
	uint8_t signature[ED25519_SIGNATURE_SIZE];
	char hex[2 * ED25519_SIGNATURE_SIZE + 1];
	size_t len;

	if (!content) {
		err_set(err, ERR_NO_MEMORY, "signed document: out of memory");
		return NULL;
	}
	text = canonical_json(content, &len, err);
	if (!text || !signer_sign(signer, text, len, signature, err))
		return NULL;
	hex_encode(signature, sizeof(signature), hex);
	envelope = json_pack("{s:[{s:s, s:s}], s:O}", "signatures", "keyid",
			     signer_key_id(signer), "sig", hex, "signed", content);
	if (!envelope) {
		err_set(err, ERR_NO_MEMORY, "signed document: out of memory");
		return NULL;
	}
	return canonical_json(envelope, out_len, err);
}

bool envelope_by_key(const void *trust, const void *bytes, size_t len,
		     const struct envelope_signature *signature)
{
	const uint8_t *public_key = trust;
	char key_id[KEY_ID_SIZE];

	ed25519_key_id(public_key, key_id);
	return strcmp(key_id, signature->key_id) == 0 &&
	       ed25519_verify(public_key, bytes, len, signature->bytes);
}

/* Whether one of @signatures over the canonical form of @content is accepted. */
static bool check_signatures(const struct json_node *signatures, size_t count,
			     const struct json_node *content,
			     envelope_accepts_fn *accepts, const void *trust,
			     bool *out_accepted, struct err *err)
{
	CLEANUP(text_release) char *text = NULL;
	struct envelope_signature signature;
	struct json_node item;
	size_t len;

	text = canonical_json(content->value, &len, err);
	if (!text)
		return false;
	*out_accepted = false;
	for (size_t i = 0; i < count; i++) {
		if (!json_item_object(signatures, i, &item, err) ||
		    !json_get_string(&item, "keyid", KEY_ID_SIZE - 1, &signature.key_id,
				     err) ||
		    !json_get_hex(&item, "sig", signature.bytes, sizeof(signature.bytes),
				  err) ||
		    !json_done(&item, err))
			return false;
		*out_accepted = *out_accepted || accepts(trust, text, len, &signature);
	}
	return true;
}

bool envelope_open(struct json_node *envelope, envelope_accepts_fn *accepts,
		   const void *trust, struct json_node *out_content, struct err *err)
{
	struct json_node signatures;
	bool accepted = true;
	size_t count;

	if (!json_get_array(envelope, "signatures", SIGNATURES_MAX, &signatures, &count,
			    err) ||
	    !json_get_object(envelope, "signed", out_content, err) ||
	    !json_done(envelope, err))
		return false;
	if (accepts && !check_signatures(&signatures, count, out_content, accepts, trust,
					 &accepted, err))
		return false;
	if (accepted)
		return true;
	json_fail(envelope, "signatures", err, "none is by the expected key");
	err->code = ERR_UNTRUSTED;
	return false;
}

bool envelope_type(struct json_node *content, const char *type, const char *format,
		   struct err *err)
{
	const char *text;

	if (!json_get_string(content, "_type", 16, &text, err))
		return false;
	if (strcmp(text, type) != 0)
		return json_fail(content, "_type", err, "expected \"%s\"", type);
	return json_format(content, format, err);
}

bool envelope_screen(struct json_node *content, char out[static SCREEN_ID_MAX + 1],
		     struct err *err)
{
	const char *id;

	if (!json_get_string(content, "screen", SCREEN_ID_MAX, &id, err))
		return false;
	if (!notice_id_is_valid(id) || strlen(id) > SCREEN_ID_MAX)
		return json_fail(content, "screen", err, "not the id of a screen");
	snprintf(out, SCREEN_ID_MAX + 1, "%s", id);
	return true;
}
