#ifndef FUZZ_SEALED_H
#define FUZZ_SEALED_H

#include <jansson.h>
#include <string.h>

#include "core/err.h"
#include "fuzz/fuzz.h"
#include "wire/envelope.h"
#include "wire/key.h"

/*
 * What somebody could send whose key was stolen: an input, signed. The key is the example of
 * RFC 8410 §10.3, the same in every run.
 */
static inline const struct signer *sealed_signer(void)
{
	static const char pem[] =
		"-----BEGIN PRIVATE KEY-----\n"
		"MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
		"-----END PRIVATE KEY-----\n";
	static struct signer *signer;
	struct err err = {0};

	if (!signer)
		signer = signer_from_pem(pem, strlen(pem), &err);
	must_hold(signer != NULL);
	return signer;
}

/* @data as JSON in an envelope with that signature; owned. NULL when it is no JSON. */
static inline char *sealed_text(const uint8_t *data, size_t size, size_t *out_len)
{
	json_t *content =
		json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL);
	struct err err = {0};

	return content ? envelope_seal(content, sealed_signer(), out_len, &err) : NULL;
}

#endif /* FUZZ_SEALED_H */
